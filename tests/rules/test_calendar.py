"""The calendar of the rules against ``bangfu.money.days``, on Polars and DuckDB."""

from __future__ import annotations

import random
from datetime import date

import duckdb
import narwhals as nw
import polars as pl
import pytest

from bangfu.money import days
from bangfu.rules.columns import day_of_month, full_years, months_added, months_between, small_quotient

FIRST, LAST = date(1900, 3, 1).toordinal(), date(2015, 12, 31).toordinal()  # and up to 82 years later
MONTH_ENDS = [date(year, month, day) for year in (1904, 1996, 2000, 2017)
              for month, day in ((1, 31), (2, 28), (3, 1), (8, 31), (12, 31))]  # fmt: skip
LEAP_DAYS = [date(1996, 2, 29), date(2000, 2, 29), date(2016, 2, 29)]


@pytest.fixture(scope="module")
def pairs() -> list[tuple[date, int, date]]:
    draw = random.Random(20211)  # noqa: S311 - made-up days
    starts = [date.fromordinal(draw.randint(FIRST, LAST)) for _ in range(20_000)] + MONTH_ENDS + LEAP_DAYS
    return [
        (one, draw.randint(0, 60), date.fromordinal(one.toordinal() + draw.randint(0, 30_000)))
        for one in starts
    ]


def as_duckdb(frame: pl.DataFrame, tmp_path):
    path = tmp_path / "days.parquet"
    frame.write_parquet(path)
    return duckdb.sql(f"select * from read_parquet('{path}')")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_calendar_is_that_of_money(pairs, tmp_path, engine):
    frame = pl.DataFrame(
        [
            (place, days.day_number(a), months, days.day_number(b))
            for place, (a, months, b) in enumerate(pairs)
        ],
        schema=["place", "start", "months", "end"],
        orient="row",
    )
    native = frame.lazy() if engine == "polars" else as_duckdb(frame, tmp_path)
    start, end = nw.col("start"), nw.col("end")
    told = nw.from_native(native).select(
        "place",
        added=months_added(start, nw.col("months")),
        day=day_of_month(start),
        years=full_years(start, end),
        between=months_between(start, end),
    )
    rows = told.collect(backend="polars").to_native().sort("place")
    assert rows["added"].to_list() == [
        days.day_number(days.add_months_clamped(a, months)) for a, months, _ in pairs
    ]
    assert rows["day"].to_list() == [a.day for a, _, _ in pairs]
    assert rows["years"].to_list() == [days.full_years(a, b) for a, _, b in pairs]
    assert rows["between"].to_list() == [
        (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day) for a, _, b in pairs
    ]


@pytest.mark.parametrize("denominator", [1, 3, 12, 153, 146_097, 100_000_000])
def test_a_quotient_is_floored_exactly_at_its_edges(denominator):
    edges = [n for k in range(2_000) for n in (k * denominator, k * denominator + denominator - 1)]
    frame = nw.from_native(pl.DataFrame({"n": edges})).with_columns(
        q=small_quotient(nw.col("n"), denominator)
    )
    assert frame["q"].to_list() == [n // denominator for n in edges]
