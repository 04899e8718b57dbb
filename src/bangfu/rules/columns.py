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
_DAYS_OF_4_YEARS = 1_461


def small_quotient(numerator: nw.Expr, denominator: int) -> nw.Expr:
    """Floor of a quotient of non-negative integers, the numerator below 2**48; it names its numerator once.

    ``//`` repeats it seven times in the SQL of DuckDB, and nested that grows without end. (2n + 1) ÷ 2d has the same
    floor as n ÷ d and is never nearer to a whole number than 1 ÷ 2d: more than a double loses on the product.
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

    Counted from 1 March, so that the leap day comes last in its year; four years are 1,461 days, and a line through
    the months of a year (2,141 for 65,536 of a day) gives month and day at once (Neri and Schneider, 2022).
    """
    quarters, of_year = f"_quarters_{month}", f"_of_year_{month}"
    shifted = (nw.col(day) + _CIVIL_SHIFT) * 4 + 3
    of_century = small_quotient(shifted % _DAYS_OF_ERA, 4) * 4 + 3
    frame = frame.with_columns(of_century.alias(quarters))
    frame = frame.with_columns(
        (small_quotient(nw.col(quarters) % _DAYS_OF_4_YEARS, 4) * 2_141 + 197_913).alias(of_year)
    )
    years = small_quotient(shifted, _DAYS_OF_ERA) * 100 + small_quotient(nw.col(quarters), _DAYS_OF_4_YEARS)
    return frame.with_columns(
        (small_quotient(nw.col(of_year) % 65_536, 2_141) + 1).alias(day_of_month),
        (years * MONTHS_PER_YEAR + small_quotient(nw.col(of_year), 65_536) - 1).alias(month),
    ).drop(quarters, of_year)


def month_length(month: nw.Expr) -> nw.Expr:
    """The days of a month given by its index."""
    turn = month % MONTHS_PER_YEAR
    common = nw.when(turn == 1).then(nw.lit(28, nw.Int64)).otherwise(31 - turn % 7 % 2)
    leap = (month % 48 == 1) & ((month % 1_200 != 1) | (month % 4_800 == 1))
    return nw.when(leap).then(nw.lit(29, nw.Int64)).otherwise(common)


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
    frame = with_civil(frame, start, month=month, day_of_month=dom)
    frame = with_civil(frame, end, month=end_month, day_of_month=end_dom)
    day, last = nw.col(dom), nw.col(end_dom)
    length, before = month_length(nw.col(end_month)), month_length(nw.col(end_month) - 1)
    months = nw.col(end_month) - nw.col(month)
    # The month is not full where the day is not reached, be it the month's last: the odd days begin a month earlier.
    full = (last >= day) | (last == length)
    odd = nw.when(full).then(later_of(last - day, nw.lit(0, nw.Int64)))
    odd = odd.otherwise(last + later_of(before - day, nw.lit(0, nw.Int64)))
    counted = (months - nw.when(full).then(nw.lit(0, nw.Int64)).otherwise(nw.lit(1, nw.Int64))) * 30 + odd
    counted = nw.when(nw.col(end) > nw.col(start)).then(counted).otherwise(nw.lit(0, nw.Int64))
    return frame.with_columns(counted.alias(into)).drop(month, dom, end_month, end_dom)
