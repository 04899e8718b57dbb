"""The Chinese official calendar with its make-up working days."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from bangfu.refusals import Refusal, Refused


def is_working_day(on: date) -> bool:
    """Whether offices work on a day, make-up days included.

    Raises:
        Refused: calendar_not_published, beyond the last year the State Council has announced.
    """
    try:
        return bool(chinese_calendar.is_workday(on))
    except NotImplementedError as error:
        raise Refused(Refusal("calendar_not_published", (), {"day": on.isoformat()})) from error


def add_working_days(start: date, count: int) -> date:
    """The day on which the count-th working day after start falls; start itself is not counted.

    Raises:
        Refused: calendar_not_published.
    """
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
