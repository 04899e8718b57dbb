"""Column arithmetic that gives the same integers on Polars, DuckDB and Spark.

Narwhals' ``//`` passes through a double on Spark, so quotients of money are taken as (n − n mod d) ÷ d and rounded
back (docs/decisions/0032). Small quotients name their numerator once: ``//`` repeats it seven times in the SQL of
DuckDB, ``/`` four times in the plans of Spark, and nested these would grow without end.

Days are Int64 day numbers since 1970-01-01. The calendar holds from 1900-03-01 to 2100-02-28, where every fourth
year is a leap year; it counts years from 1 March, so that the leap day comes last. ``bangfu.money.days`` judges it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import narwhals as nw

Frame = TypeVar("Frame", nw.LazyFrame[Any], nw.DataFrame[Any])

MONTHS_PER_YEAR = 12
E6 = 1_000_000
_HALF = 100_000
_FIRST_YEAR = 1900
_DAYS_SINCE_FIRST = 25_508  # from 1900-03-01 to 1970-01-01
_LEAP_YEARS = 4
_DAYS_OF_4_YEARS = 1_461
_DAYS_OF_5_MONTHS = 153  # March to July, and August to December
_MONTHS_OF_153_DAYS = 5
_MONTHS_TO_MARCH = 2
_FIRST_MONTH = _FIRST_YEAR * MONTHS_PER_YEAR + _MONTHS_TO_MARCH
_DAYS_OF_WHOLE_MONTH = 30


def small_quotient(numerator: nw.Expr, denominator: int) -> nw.Expr:
    """Floor of a quotient of non-negative integers, the numerator below 2**48.

    (2n + 1) ÷ 2d has the same floor as n ÷ d and is never nearer to a whole number than 1 ÷ 2d: more than what a
    double loses on the product with the reciprocal, n ÷ d × 2**-51.
    """
    return ((numerator * 2 + 1) * (1 / (2 * denominator))).floor().cast(nw.Int64)


def exact_quotient(numerator: nw.Expr, denominator: nw.Expr | int) -> nw.Expr:
    """Floor of a quotient of non-negative int64, exact on every engine while the quotient is below 2**51."""
    return ((numerator - numerator % denominator) / denominator).round(0).cast(nw.Int64)


def round_half_up(numerator: nw.Expr, denominator: nw.Expr | int) -> nw.Expr:
    """The one rounding over columns: half a fen away from zero; ``bangfu.money.fen.round_half_up`` is its judge.

    The numerator's size stays below 2**62 less the denominator: the kernel checks that before it starts.
    """
    size = exact_quotient(numerator.abs() * 2 + denominator, denominator * 2)
    return nw.when(numerator < 0).then(-size).otherwise(size)


def proportional(amount: nw.Expr, part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Of an amount its part ÷ whole, rounded half up once: exact for non-negative fen up to 10**10 with part ≤ whole.

    The product of two such amounts leaves int64, so the part goes in two halves: amount × part is
    (amount × high) × 10**5 + amount × low, of which the first is divided with its remainder kept.
    """
    high = exact_quotient(part, _HALF)
    low = part % _HALF
    first = exact_quotient(amount * high, whole)
    rest = amount * high - first * whole
    return first * _HALF + round_half_up(rest * _HALF + amount * low, whole)


def share_of(whole: nw.Expr, share_e6: nw.Expr, *, up: bool = False) -> nw.Expr:
    """A share (1e-6, one at most) of a non-negative int64, rounded down or up; no product leaves int64.

    An integer is above the exact share where it is above the one rounded down, and reaches it where it reaches the
    one rounded up: so ratios are compared without dividing.
    """
    rest = whole % E6 * share_e6
    part = exact_quotient(rest + (E6 - 1), E6) if up else exact_quotient(rest, E6)
    return exact_quotient(whole, E6) * share_e6 + part


def later_of(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    """The greater of two columns, of which neither is null."""
    return nw.when(one >= other).then(one).otherwise(other)


def earlier_of(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    """The lesser of two columns, of which neither is null."""
    return nw.when(one <= other).then(one).otherwise(other)


def at_least_zero(value: nw.Expr) -> nw.Expr:
    """The value, or zero where it is negative."""
    return nw.when(value > 0).then(value).otherwise(nw.lit(0, nw.Int64))


def _quarter_days(day: nw.Expr) -> nw.Expr:
    """Quarters of a day since 1900-03-01, the day's last one: four years are 1,461 days."""
    return (day + _DAYS_SINCE_FIRST) * _LEAP_YEARS + (_LEAP_YEARS - 1)


def _fifths(day: nw.Expr) -> nw.Expr:
    """The day's place in its year from March, in fifths: five months are 153 days."""
    of_year = small_quotient(_quarter_days(day) % _DAYS_OF_4_YEARS, _LEAP_YEARS)
    return of_year * _MONTHS_OF_153_DAYS + _MONTHS_TO_MARCH


def day_of_month(day: nw.Expr) -> nw.Expr:
    """The day of the month, from 1."""
    return small_quotient(_fifths(day) % _DAYS_OF_5_MONTHS, _MONTHS_OF_153_DAYS) + 1


def month_index(day: nw.Expr) -> nw.Expr:
    """Months since January of the year 0: year × 12 + month − 1."""
    years = small_quotient(_quarter_days(day), _DAYS_OF_4_YEARS)
    return years * MONTHS_PER_YEAR + small_quotient(_fifths(day), _DAYS_OF_5_MONTHS) + _FIRST_MONTH


def first_day(month: nw.Expr) -> nw.Expr:
    """The day number of the first of a month given by its index."""
    since = month - _FIRST_MONTH
    before_year = small_quotient(small_quotient(since, MONTHS_PER_YEAR) * _DAYS_OF_4_YEARS, _LEAP_YEARS)
    of_year = since % MONTHS_PER_YEAR * _DAYS_OF_5_MONTHS + _MONTHS_TO_MARCH
    return before_year + small_quotient(of_year, _MONTHS_OF_153_DAYS) - _DAYS_SINCE_FIRST


def months_added(day: nw.Expr, months: nw.Expr) -> nw.Expr:
    """So many calendar months later; where that month is shorter, its last day (design §10.2)."""
    month = month_index(day) + months
    return earlier_of(first_day(month) + day_of_month(day), first_day(month + 1)) - 1


def months_between(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    """Whole calendar months from start to end, where end is not before start; month ends are not clamped.

    From 31 January to 28 February is no whole month. Birthdays fall so: one born on 29 February is a year
    older on 1 March of common years (design §10.4).
    """
    short = nw.when(day_of_month(end) < day_of_month(start)).then(nw.lit(1)).otherwise(nw.lit(0))
    return month_index(end) - month_index(start) - short


def full_years(born: nw.Expr, on: nw.Expr) -> nw.Expr:
    """Full years of age on a day that is not before the birth."""
    return small_quotient(months_between(born, on), MONTHS_PER_YEAR)


def with_whole_period_days(frame: Frame, start: str, end: str, *, into: str) -> Frame:
    """Add 30 for each whole month from start to end, month end clamped, and the odd days (F of design §6).

    Zero where end is not after start. ``bangfu.money.days.days_of_whole_periods`` is its judge.
    """
    opened, closed, months, following, before = (
        f"_{part}_{into}" for part in ("sd", "ed", "m", "next", "len")
    )
    frame = frame.with_columns(
        day_of_month(nw.col(start)).alias(opened),
        day_of_month(nw.col(end)).alias(closed),
        (month_index(nw.col(end)) - month_index(nw.col(start))).alias(months),
        day_of_month(nw.col(end) + 1).alias(following),
    )
    frame = frame.with_columns(day_of_month(nw.col(end) - nw.col(closed)).alias(before))
    whole = nw.col(months) * _DAYS_OF_WHOLE_MONTH
    odd = nw.col(closed) + at_least_zero(nw.col(before) - nw.col(opened)) - _DAYS_OF_WHOLE_MONTH
    days = (
        nw.when(nw.col(end) <= nw.col(start))
        .then(nw.lit(0, nw.Int64))
        .when(nw.col(opened) <= nw.col(closed))
        .then(whole + nw.col(closed) - nw.col(opened))
        .when(nw.col(following) == 1)
        .then(whole)
        .otherwise(whole + odd)
    )
    return frame.with_columns(days.alias(into)).drop(opened, closed, months, following, before)
