"""Calendar arithmetic as expressions: months added, month end clamped; whole months; full years of age.

Days are Int64 day numbers since 1970-01-01. The civil calendar is counted from 1 March of the year 0, so that
the leap day comes last in its year. ``bangfu.money.days`` is the judge.

Each quotient names its numerator once: narwhals' ``//`` repeats it seven times in the SQL of DuckDB, its ``/`` four
times in the plans of Spark, and nested these would grow without end.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import MONTHS_PER_YEAR

_CIVIL_SHIFT = 719_468  # days from 0000-03-01 to 1970-01-01
_DAYS_OF_YEAR = 365
_DAYS_OF_400_YEARS = 146_097
_DAYS_OF_4_YEARS = 1_461
_DAYS_OF_5_MONTHS = 153  # March to July, and August to December
_MONTHS_OF_153_DAYS = 5
_LEAP_YEARS = 4  # every fourth year is a leap year, but
_CENTURY = 100  # no hundredth, except
_ERA = 400  # every four hundredth
_MONTHS_TO_MARCH = 2


def whole(numerator: nw.Expr, denominator: int) -> nw.Expr:
    """Floor of a quotient of non-negative integers, the numerator below 2**48.

    (2n + 1) ÷ 2d has the same floor as n ÷ d and is never nearer to a whole number than 1 ÷ 2d: more than what a
    double loses on the product with the reciprocal, n ÷ d × 2**-51.
    """
    return ((numerator * 2 + 1) * (1 / (2 * denominator))).floor().cast(nw.Int64)


def _last_quarter(quarters: nw.Expr) -> nw.Expr:
    """The last quarter of its day: years are counted in quarters of a day, four years being 1,461 days."""
    return quarters - quarters % _LEAP_YEARS + (_LEAP_YEARS - 1)


def _quarters(day: nw.Expr) -> nw.Expr:
    return (day + _CIVIL_SHIFT) * _LEAP_YEARS + (_LEAP_YEARS - 1)


def _day_of_year(day: nw.Expr) -> nw.Expr:
    """The day's place in the year that began on 1 March, from 0."""
    of_century = _quarters(day) % _DAYS_OF_400_YEARS
    return whole(_last_quarter(of_century) % _DAYS_OF_4_YEARS, _LEAP_YEARS)


def _month_from_march(day_of_year: nw.Expr) -> nw.Expr:
    return whole(day_of_year * _MONTHS_OF_153_DAYS + _MONTHS_TO_MARCH, _DAYS_OF_5_MONTHS)


def month_index(day: nw.Expr) -> nw.Expr:
    """Months since January of the year 0: year × 12 + month − 1."""
    century = whole(_quarters(day), _DAYS_OF_400_YEARS)
    year = whole(_last_quarter(_quarters(day) % _DAYS_OF_400_YEARS), _DAYS_OF_4_YEARS)
    months = (century * _CENTURY + year) * MONTHS_PER_YEAR
    return months + _month_from_march(_day_of_year(day)) + _MONTHS_TO_MARCH


def day_of_month(day: nw.Expr) -> nw.Expr:
    """The day of the month, from 1."""
    of_year = _day_of_year(day)
    before = _month_from_march(of_year) * _DAYS_OF_5_MONTHS + _MONTHS_TO_MARCH
    return of_year - whole(before, _MONTHS_OF_153_DAYS) + 1


def first_day(month: nw.Expr) -> nw.Expr:
    """The day number of the first of a month given by its index."""
    from_march = month - _MONTHS_TO_MARCH
    year = whole(from_march, MONTHS_PER_YEAR)
    leaps = whole(year, _LEAP_YEARS) - whole(year, _CENTURY) + whole(year, _ERA)
    before = whole(from_march % MONTHS_PER_YEAR * _DAYS_OF_5_MONTHS + _MONTHS_TO_MARCH, _MONTHS_OF_153_DAYS)
    return year * _DAYS_OF_YEAR + leaps + before - _CIVIL_SHIFT


def months_added(day: nw.Expr, months: nw.Expr) -> nw.Expr:
    """So many calendar months later; where that month is shorter, its last day (design §10.2)."""
    month = month_index(day) + months
    return nw.min_horizontal(first_day(month) + day_of_month(day), first_day(month + 1)) - 1


def months_between(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    """Whole calendar months from start to end, where end is not before start; month ends are not clamped.

    From 31 January to 28 February is no whole month. Birthdays fall so: one born on 29 February is a year
    older on 1 March of common years (design §10.4).
    """
    short = nw.when(day_of_month(end) < day_of_month(start)).then(nw.lit(1)).otherwise(nw.lit(0))
    return month_index(end) - month_index(start) - short


def full_years(born: nw.Expr, on: nw.Expr) -> nw.Expr:
    """Full years of age on a day that is not before the birth."""
    return whole(months_between(born, on), MONTHS_PER_YEAR)
