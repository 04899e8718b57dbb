"""Days and months. A day is a date or its number since 1970-01-01; a period is half open: the last day is out."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
DAYS_PER_MONTH = 30  # of the 360-day year of 银发〔2005〕129号: monthly = annual ÷ 12, daily = annual ÷ 360
DAYS_PER_YEAR = 360


def day_number(on: date) -> int:
    """Days since 1970-01-01."""
    return (on - EPOCH).days


def from_day_number(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=number)


def add_months_clamped(start: date, months: int) -> date:
    """The same day of a later month; where that month is shorter, its last day (design §10.2)."""
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def whole_months_clamped(start: date, end: date) -> int:
    """The greatest number of whole months from start that is not past end; end is not before start."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if add_months_clamped(start, months) > end else months


def days_of_whole_periods(start: date, end: date) -> int:
    """30 for each whole month from start to end, and the odd days: the F of design §6."""
    months = whole_months_clamped(start, end)
    return DAYS_PER_MONTH * months + (end - add_months_clamped(start, months)).days


def fits_in_months(start: date, end: date, months: int) -> bool:
    """Whether end is at most so many calendar months after start, month end clamped (design §10.2)."""
    return end <= add_months_clamped(start, months)


def full_years(born: date, on: date) -> int:
    """Full years of age on a day; one born on 29 February is a year older on 1 March of common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def settlement_period(
    *, year: int, quarter: int, settlement_day: int, day_counted: bool
) -> tuple[date, date]:
    """The half-open quarter that a settlement day closes.

    With the day counted (the default habit, W01 and W03 of the published cases) the first quarter of 2024 at the
    20th is [2023-12-21, 2024-03-21); not counted (W04) it is [2023-12-20, 2024-03-20).
    """
    last_month = quarter * 3
    close = date(year, last_month, settlement_day)
    opened = add_months_clamped(close, -3)
    shift = timedelta(days=1 if day_counted else 0)
    return opened + shift, close + shift
