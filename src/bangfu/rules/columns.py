"""Column arithmetic that gives the same integers on Polars, DuckDB and Spark.

Days are Int64 day numbers since 1970-01-01. Narwhals' ``//`` passes through a double on Spark and DuckDB, so
quotients of money are taken as (n − n mod d) ÷ d and rounded back (docs/decisions/0032).
"""

from __future__ import annotations

from typing import Any, TypeVar

import narwhals as nw

Frame = TypeVar("Frame", nw.LazyFrame[Any], nw.DataFrame[Any])

MONTHS_PER_YEAR = 12
_CIVIL_SHIFT = 719_468  # days from 0000-03-01 to 1970-01-01
_DAYS_OF_ERA = 146_097  # 400 years


def small_quotient(numerator: nw.Expr, denominator: int) -> nw.Expr:
    """Floor of a quotient of small non-negative integers (below 2**31), exact through a double too."""
    return (numerator // denominator).cast(nw.Int64)


def exact_quotient(numerator: nw.Expr, denominator: nw.Expr | int) -> nw.Expr:
    """Floor of a quotient of non-negative int64, exact on every engine while the quotient is below 2**51."""
    return ((numerator - numerator % denominator) / denominator).round(0).cast(nw.Int64)


def round_half_up(numerator: nw.Expr, denominator: nw.Expr | int) -> nw.Expr:
    """The one rounding over columns: half a fen away from zero; ``bangfu.money.fen.round_half_up`` is its judge.

    The numerator's size stays below 2**62 less the denominator: the kernel checks that before it starts.
    """
    size = exact_quotient(numerator.abs() * 2 + denominator, denominator * 2)
    return nw.when(numerator < 0).then(-size).otherwise(size)


def later_of(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    """The greater of two columns, of which neither is null."""
    return nw.when(one >= other).then(one).otherwise(other)


def earlier_of(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    """The lesser of two columns, of which neither is null."""
    return nw.when(one <= other).then(one).otherwise(other)


def at_least_zero(value: nw.Expr) -> nw.Expr:
    """The value, or zero where it is negative."""
    return nw.when(value > 0).then(value).otherwise(nw.lit(0, nw.Int64))


def with_civil(frame: Frame, day: str, *, month: str, day_of_month: str) -> Frame:
    """Add the month's index (year × 12 + month − 1) and the day of the month (1 to 31) of a day number.

    The civil calendar counted from 1 March, so that the leap day comes last in its year.
    """
    old, era, yoe, doy, mp = (f"_{part}_{month}" for part in ("z", "era", "yoe", "doy", "mp"))
    frame = frame.with_columns((nw.col(day) + _CIVIL_SHIFT).alias(old))
    frame = frame.with_columns(small_quotient(nw.col(old), _DAYS_OF_ERA).alias(era))
    frame = frame.with_columns((nw.col(old) - nw.col(era) * _DAYS_OF_ERA).alias(old))
    doe = nw.col(old)
    leaps = small_quotient(doe, 1460) - small_quotient(doe, 36_524) + small_quotient(doe, 146_096)
    frame = frame.with_columns(small_quotient(doe - leaps, 365).alias(yoe))
    years = nw.col(yoe)
    past = years * 365 + small_quotient(years, 4) - small_quotient(years, 100)
    frame = frame.with_columns((doe - past).alias(doy))
    frame = frame.with_columns(small_quotient(nw.col(doy) * 5 + 2, 153).alias(mp))
    first_of_month = small_quotient(nw.col(mp) * 153 + 2, 5)
    frame = frame.with_columns(
        (nw.col(doy) - first_of_month + 1).alias(day_of_month),
        ((nw.col(era) * 400 + years) * MONTHS_PER_YEAR + nw.col(mp) + 2).alias(month),
    )
    return frame.drop(old, era, yoe, doy, mp)


def first_day_of_month(month: nw.Expr) -> nw.Expr:
    """The day number of the first of a month given by its index."""
    from_march = month - 2
    year = small_quotient(from_march, MONTHS_PER_YEAR)
    mp = from_march - year * MONTHS_PER_YEAR
    era = small_quotient(year, 400)
    yoe = year - era * 400
    doe = yoe * 365 + small_quotient(yoe, 4) - small_quotient(yoe, 100) + small_quotient(mp * 153 + 2, 5)
    return era * _DAYS_OF_ERA + doe - _CIVIL_SHIFT


def with_months_added(frame: Frame, start: str, months: str, *, into: str) -> Frame:
    """Add so many calendar months to a day, month end clamped (design §10.2)."""
    month, dom, first, length = (f"_{part}_{into}" for part in ("month", "dom", "first", "length"))
    frame = with_civil(frame, start, month=month, day_of_month=dom)
    frame = frame.with_columns((nw.col(month) + nw.col(months)).alias(month))
    frame = frame.with_columns(
        first_day_of_month(nw.col(month)).alias(first), first_day_of_month(nw.col(month) + 1).alias(length)
    )
    frame = frame.with_columns((nw.col(length) - nw.col(first)).alias(length))
    clamped = nw.col(first) + earlier_of(nw.col(dom), nw.col(length)) - 1
    return frame.with_columns(clamped.alias(into)).drop(month, dom, first, length)


def with_whole_period_days(frame: Frame, start: str, end: str, *, into: str) -> Frame:
    """30 for each whole month from start to end, and the odd days (F of design §6); zero where end is before start.

    ``bangfu.money.days.days_of_whole_periods`` is its judge.
    """
    month, dom, end_month, end_dom = (f"_{part}_{into}" for part in ("sm", "sd", "em", "ed"))
    months, whole = f"_months_{into}", f"_whole_{into}"
    frame = with_civil(frame, start, month=month, day_of_month=dom)
    frame = with_civil(frame, end, month=end_month, day_of_month=end_dom)
    frame = frame.with_columns((nw.col(end_month) - nw.col(month)).alias(months))
    frame = with_months_added(frame, start, months, into=whole)
    past = nw.col(whole) > nw.col(end)
    frame = frame.with_columns(nw.when(past).then(nw.col(months) - 1).otherwise(nw.col(months)).alias(months))
    frame = with_months_added(frame, start, months, into=whole)
    days = nw.col(months) * 30 + nw.col(end) - nw.col(whole)
    counted = nw.when(nw.col(end) > nw.col(start)).then(days).otherwise(nw.lit(0, nw.Int64))
    return frame.with_columns(counted.alias(into)).drop(month, dom, end_month, end_dom, months, whole)
