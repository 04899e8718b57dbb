"""Days as numbers, remembered: months, whole periods, quarters that settle on the 20th."""

from __future__ import annotations

from datetime import date
from functools import cache

from bangfu.money import days

SETTLEMENT_DAY = 20
MONTHS_PER_QUARTER = 3
_WEEK = 7
_THURSDAY = 3  # 1970-01-01
_SATURDAY = 5


def at(year: int, month: int, day: int) -> int:
    """The day number of a date."""
    return days.day_number(date(year, month, day))


@cache
def add_months(start: int, months: int) -> int:
    """The same day so many months later, month end clamped."""
    return days.day_number(days.add_months_clamped(days.from_day_number(start), months))


@cache
def whole_periods(start: int, end: int) -> int:
    """30 for each whole month, and the odd days."""
    return days.days_of_whole_periods(days.from_day_number(start), days.from_day_number(end))


def weekday(day: int) -> int:
    """The day itself, or the Monday after a weekend."""
    place = (day + _THURSDAY) % _WEEK
    return day + (_WEEK - place if place >= _SATURDAY else 0)


@cache
def quarters(first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The half-open quarters [21st, 21st) that hold the days from first to last."""
    start = days.from_day_number(first)
    opened = at(start.year - 1, 12, SETTLEMENT_DAY + 1)
    found: list[tuple[int, int]] = []
    while opened <= last:
        closed = add_months(opened, MONTHS_PER_QUARTER)
        if closed > first:
            found.append((opened, closed))
        opened = closed
    return tuple(found)


def last_quarter(day: int) -> tuple[int, int]:
    """The last quarter that is over at the end of a day."""
    return [quarter for quarter in quarters(day - 200, day) if quarter[1] <= day][-1]


@cache
def month_ends(first: int, last: int) -> tuple[int, ...]:
    """The last days of the months from that of first on, up to last."""
    start = days.from_day_number(first)
    ends: list[int] = []
    opened = at(start.year, start.month, 1)
    while (end := add_months(opened, 1) - 1) <= last:
        ends.append(end)
        opened = end + 1
    return tuple(ends)
