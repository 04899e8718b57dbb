"""One portfolio through the kernel on each engine, and its lines as plain rows to compare with the judge's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
from tests.properties.judge import NEVER, Line, Portfolio
from tests.properties.portfolio import frames

from bangfu.engine import batch
from bangfu.engine.prepare import settle

TABLES = ("loans", "moves", "spans", "segments")
COMPARED = (
    "loan_id", "household_id", "area_code", "method", "opening_fen", "fixed_fen", "line_from", "line_to",
    "interest_fen", "subsidy_fen", "borrower_fen", "undetermined_from", "undetermined_to", "undetermined_state",
    "exceeding",
)  # fmt: skip


def polars_book(portfolio: Portfolio) -> batch.Book:
    """The portfolio as the kernel's book on Polars."""
    tables = {name: nw.from_native(frame.lazy()) for name, frame in frames(portfolio).items()}
    return book_of(tables, portfolio, settle=settle)


def duckdb_book(portfolio: Portfolio, folder: Path) -> batch.Book:
    """The portfolio's Parquet files as the kernel's book on DuckDB, which settles into tables of its own."""
    database = duckdb.connect()
    database.execute("set threads = 2")
    numbers = count()

    def into_table(frame: batch.Frame) -> batch.Frame:
        name = f"settled_{next(numbers)}"
        frame.to_native().create(name)
        return nw.from_native(database.table(name))

    tables = {name: nw.from_native(database.read_parquet(str(folder / f"{name}.parquet"))) for name in TABLES}
    return book_of(tables, portfolio, settle=into_table)


def book_of(tables: dict[str, Any], portfolio: Portfolio, *, settle: batch.Settle) -> batch.Book:
    """The book of an engine's four tables."""
    return batch.Book(
        loans=tables["loans"],
        moves=tables["moves"],
        segments=tables["segments"],
        spans=tables["spans"] if portfolio.spans else None,
        limited=any(loan.subsidised_until != NEVER for loan in portfolio.loans),
        payers=portfolio.payers,
        settle=settle,
    )


def columns(payers: Sequence[str]) -> list[str]:
    """The columns that must be equal, row by row."""
    return [*COMPARED, *(f"{payer}_fen" for payer in payers)]


def as_rows(frame: pl.DataFrame, payers: Sequence[str]) -> pl.DataFrame:
    """The kernel's lines in the order of the loans, the compared columns only."""
    return frame.select(columns(payers)).sort("loan_id")


def judged(found: Sequence[Line], payers: Sequence[str]) -> pl.DataFrame:
    """The judge's lines in the same shape."""
    rows = [(*(getattr(line, name) for name in COMPARED), *line.payers_fen) for line in found]
    schema = {name: pl.String if name == "area_code" else pl.Int64 for name in columns(payers)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("loan_id")


def run(book: batch.Book, *, start: int, end: int) -> pl.DataFrame:
    """The book's lines on its engine."""
    found = batch.lines(book, start=start, end=end).collect(backend="polars").to_native()
    assert isinstance(found, pl.DataFrame)
    return as_rows(found, book.payers)


def write(portfolio: Portfolio, folder: Path) -> None:
    """The four tables as Parquet files."""
    for name, frame in frames(portfolio).items():
        frame.write_parquet(folder / f"{name}.parquet")
