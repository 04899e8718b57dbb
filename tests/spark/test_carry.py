"""The kernel over Parquet on Spark: small books equal the judge's, written lines equal the collected ones."""

from __future__ import annotations

from pathlib import Path
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.properties import judge
from tests.properties.engines import as_rows, judged, run, write
from tests.properties.portfolio import day, make

pytestmark = pytest.mark.spark
START, END, CUT = day(2025, 12, 21), day(2026, 3, 21), day(2026, 2, 24)


def test_a_small_book_equals_the_judge_and_what_is_written(spark, tmp_path: Path) -> None:
    from bangfu.spark import book, write_lines

    portfolio = make(Random(3), households=300, start=START, end=END, cut=CUT)  # noqa: S311 - drawn alike from a seed
    write(portfolio, tmp_path)
    read = book(spark, tmp_path, payers=portfolio.payers, limited=True)
    expected = judged(judge.lines(portfolio, start=START, end=END), portfolio.payers)
    assert_frame_equal(run(read, start=START, end=END), expected)
    write_lines(read, tmp_path / "lines", start=START, end=END)
    written = pl.read_parquet(tmp_path / "lines" / "*.parquet")
    assert_frame_equal(as_rows(written, portfolio.payers), expected)
    with pytest.raises(FileExistsError):
        write_lines(read, tmp_path / "lines", start=START, end=END)


def test_a_book_without_spans_and_one_beyond_the_bounds(spark, tmp_path: Path) -> None:
    from bangfu.engine.bounds import OutOfBounds
    from bangfu.spark import book, write_lines

    portfolio = make(Random(5), households=20, start=START, end=END, cut=CUT)  # noqa: S311
    plain = [loan._replace(has_spans=False) for loan in portfolio.loans]
    plain[0] = plain[0]._replace(principal_fen=10**10 + 1)
    portfolio = portfolio._replace(loans=plain, spans=[])
    write(portfolio, tmp_path)
    (tmp_path / "spans.parquet").unlink()
    read = book(spark, tmp_path, payers=portfolio.payers, limited=True)
    assert read.spans is None
    with pytest.raises(OutOfBounds):
        write_lines(read, tmp_path / "lines", start=START, end=END)
