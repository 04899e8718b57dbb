"""Column arithmetic on three engines against plain integers and ``bangfu.money``: halves, edges of the bounds, days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bangfu.money import days as calendar
from bangfu.money.fen import round_half_up as half_up
from bangfu.rules import columns

ToNative = Callable[[pl.DataFrame], Any]
FIRST, LAST = calendar.day_number(date(1900, 3, 1)), calendar.day_number(date(2100, 2, 27))
DENOMINATORS = (360 * 10**8, 365 * 10**8, 360 * 10**6, 365 * 10**6, 3, 1)
MOST = 2**61
SAMPLE = 3_000


def on_duckdb(frame: pl.DataFrame) -> Any:
    return duckdb.connect().from_arrow(frame.to_arrow())


ENGINES: list[Any] = [pytest.param(pl.DataFrame.lazy, id="polars"), pytest.param(on_duckdb, id="duckdb")]


def computed(frame: pl.DataFrame, to_native: ToNative, **made: nw.Expr) -> pl.DataFrame:
    """The frame with columns made on an engine, in its own order."""
    numbered = frame.with_row_index("row").cast(dict.fromkeys(["row", *frame.columns], pl.Int64))
    lazy = nw.from_native(to_native(numbered)).lazy()
    found = lazy.with_columns(**made).select("row", *made).collect(backend="polars").to_native()
    return found.sort("row").drop("row")


def numerators() -> pl.DataFrame:
    """Numerators on and beside halves and wholes, to the edge of the bound, with their denominators."""
    random = Random(32)  # noqa: S311 - drawn alike from a seed
    rows = []
    for denominator in DENOMINATORS:
        most = min(MOST, denominator * 2**50)
        for _ in range(SAMPLE // 6):
            whole = random.randint(0, most // denominator - 2) >> random.randint(0, 40)
            for near in (-1, 0, 1):
                rows.append((whole * denominator + denominator // 2 + near, denominator))
                rows.append((whole * denominator + near, denominator))
        rows += [(most - 1, denominator), (0, denominator), (1, denominator)]
    # The number of decision 32: a double makes one fen too much of it.
    rows.append((7_200_000_000_000_000_000 // 4 - 1, 72_000_000_000))
    rows += [(-numerator, denominator) for numerator, denominator in rows[:500]]
    return pl.DataFrame(rows, schema={"n": pl.Int64, "d": pl.Int64}, orient="row")


def check_quotients(to_native: ToNative) -> None:
    frame = numerators()
    found = computed(frame, to_native, half=columns.round_half_up(nw.col("n"), nw.col("d")))
    assert found["half"].to_list() == [half_up(n, d) for n, d in frame.rows()]
    positive = frame.filter(pl.col("n") >= 0)
    found = computed(positive, to_native, floor=columns.exact_quotient(nw.col("n"), nw.col("d")))
    assert found["floor"].to_list() == [n // d for n, d in positive.rows()]


def check_small_quotients(to_native: ToNative) -> None:
    random = Random(33)  # noqa: S311
    for denominator in (2, 3, 5, 12, 100, 153, 1461, 10**8):
        edges = [
            n * denominator + near for n in (1, 7, 2**20, 2**48 // denominator - 1) for near in (-1, 0, 1)
        ]
        frame = pl.DataFrame({"n": [0, *edges, *(random.randint(0, 2**48 - 1) for _ in range(500))]})
        found = computed(frame, to_native, floor=columns.small_quotient(nw.col("n"), denominator))
        assert found["floor"].to_list() == [n // denominator for n in frame["n"]]


def check_proportional(to_native: ToNative) -> None:
    random = Random(34)  # noqa: S311
    rows = [(10**10, 10**10, 10**10), (3_000_000, 1_000_000, 3_000_000), (1, 1, 2), (0, 0, 1)]
    for _ in range(SAMPLE):
        whole = random.randint(1, 10 ** random.randint(1, 10))
        rows.append((random.randint(0, 10 ** random.randint(1, 10)), random.randint(0, whole), whole))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("a", "p", "w"), pl.Int64), orient="row")
    found = computed(frame, to_native, part=columns.proportional(nw.col("a"), nw.col("p"), nw.col("w")))
    assert found["part"].to_list() == [half_up(amount * part, whole) for amount, part, whole in rows]


def check_days(to_native: ToNative) -> None:
    random = Random(35)  # noqa: S311
    rows = []
    for start in [*range(FIRST, LAST, 97), *(calendar.day_number(date(2024, 1, n)) for n in range(1, 32))]:
        end = min(
            LAST, start + random.choice((1, 28, 29, 30, 31, 59, 90, 92, 365, 366, random.randint(1, 1_500)))
        )
        rows.append((start, end, random.randint(0, min(40, (LAST - start) // 31))))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("s", "e", "m"), pl.Int64), orient="row")
    start, end = nw.col("s"), nw.col("e")
    found = computed(
        frame, to_native, of_month=columns.day_of_month(start), index=columns.month_index(start),
        added=columns.months_added(start, nw.col("m")), between=columns.months_between(start, end),
        age=columns.full_years(start, end),
    )  # fmt: skip
    dates = [(calendar.from_day_number(s), calendar.from_day_number(e), m) for s, e, m in rows]
    expected = pl.DataFrame(
        {
            "of_month": [s.day for s, _, _ in dates],
            "index": [s.year * 12 + s.month - 1 for s, _, _ in dates],
            "added": [calendar.day_number(calendar.add_months_clamped(s, m)) for s, _, m in dates],
            "between": [(e.year - s.year) * 12 + e.month - s.month - (e.day < s.day) for s, e, _ in dates],
            "age": [calendar.full_years(s, e) for s, e, _ in dates],
        }
    )
    assert_frame_equal(found, expected)


def check_whole_periods(to_native: ToNative) -> None:
    starts = [
        calendar.day_number(date(2023, month, day)) for month in (1, 2, 3, 8, 12) for day in (1, 15, 28)
    ]
    starts += [calendar.day_number(date(2024, 1, day)) for day in (29, 30, 31)] + [
        calendar.day_number(date(2024, 2, 29))
    ]
    rows = [(start, start + length) for start in starts for length in range(-2, 800)]
    frame = pl.DataFrame(rows, schema={"s": pl.Int64, "e": pl.Int64}, orient="row")
    numbered = frame.with_row_index("row").cast({"row": pl.Int64})
    lazy = columns.with_whole_period_days(nw.from_native(to_native(numbered)).lazy(), "s", "e", into="f")
    found = lazy.collect(backend="polars").to_native().sort("row")["f"].to_list()
    assert found == [
        calendar.days_of_whole_periods(calendar.from_day_number(s), calendar.from_day_number(e))
        if e > s
        else 0
        for s, e in rows
    ]


CHECKS = [check_quotients, check_small_quotients, check_proportional, check_days, check_whole_periods]


@pytest.mark.parametrize("to_native", ENGINES)
@pytest.mark.parametrize("check", CHECKS)
def test_columns(check: Callable[[ToNative], None], to_native: ToNative) -> None:
    check(to_native)


@pytest.mark.spark
@pytest.mark.parametrize("check", CHECKS)
def test_columns_on_spark(check: Callable[[ToNative], None], spark) -> None:
    check(lambda frame: spark.createDataFrame(frame.to_arrow()))
