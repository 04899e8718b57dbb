"""One generated set of more than 200,000 loans on Polars, DuckDB and Spark, and before the judge: equal to the fen."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.properties import judge
from tests.properties.engines import duckdb_book, judged, polars_book, run, write
from tests.properties.judge import NEVER, Portfolio
from tests.properties.portfolio import day, make

START, END, CUT = day(2023, 12, 21), day(2024, 3, 21), day(2024, 1, 1)
LOANS = 290_000
LEAST_LINES = 200_000
LEAST_HALVES = 10_000


class Set(NamedTuple):
    """The portfolio, its files and the judge's lines."""

    portfolio: Portfolio
    folder: Path
    expected: pl.DataFrame
    halves: int


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Set:
    """A set made once from a fixed seed, with the judge's verdict."""
    portfolio = make(Random(20_260_224), loans=LOANS, start=START, end=END, cut=CUT)  # noqa: S311 - drawn alike from a seed
    folder = tmp_path_factory.mktemp("portfolio")
    write(portfolio, folder)
    lines = judge.lines(portfolio, start=START, end=END)
    halves = sum(line.halves > 0 for line in lines)
    return Set(portfolio, folder, judged(lines, portfolio.payers), halves)


@pytest.mark.large
def test_the_set_is_hard_enough(generated: Set) -> None:
    expected = generated.expected
    assert expected.height >= LEAST_LINES
    assert generated.halves >= LEAST_HALVES
    in_part = (expected["fixed_fen"] < expected["opening_fen"]).sum()
    assert in_part > 10_000
    assert (expected["undetermined_to"] > 0).sum() > 10_000
    assert (expected["exceeding"] > 0).sum() > 1_000
    for method in (0, 1, 2):
        assert (expected["method"] == method).sum() > 10_000
    assert len(generated.portfolio.spans) > 20_000
    assert sum(loan.replaces_id is not None for loan in generated.portfolio.loans) > 10_000
    assert sum(loan.subsidised_until != NEVER for loan in generated.portfolio.loans) > 10_000


@pytest.mark.large
def test_polars_equals_the_judge(generated: Set) -> None:
    found = run(polars_book(generated.portfolio), start=START, end=END)
    assert_frame_equal(found, generated.expected)


@pytest.mark.large
def test_duckdb_equals_the_judge(generated: Set) -> None:
    found = run(duckdb_book(generated.portfolio, generated.folder), start=START, end=END)
    assert_frame_equal(found, generated.expected)


@pytest.mark.large
@pytest.mark.spark
def test_spark_equals_the_judge(generated: Set, spark) -> None:
    from bangfu.spark import book

    read = book(spark, generated.folder, payers=generated.portfolio.payers, limited=True)
    found = run(read, start=START, end=END)
    assert_frame_equal(found, generated.expected)
