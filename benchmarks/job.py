"""The quarterly run that every peer does: its files, its period, its terms, and what it writes.

Read loans and movements, interest by both methods, the subsidy of two payers under the household's ceiling, write
the lines, write the townships' totals. Terms: one stack changes its payers inside the quarter, two have a maximum,
one gives points.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from bangfu.money.days import day_number

START, END = day_number(date(2024, 3, 21)), day_number(date(2024, 6, 21))
CHANGE = day_number(date(2024, 5, 1))
FOREVER = day_number(date(2099, 12, 31))
NO_MAXIMUM = 1_000_000_000
TOWNSHIP = 1_000  # a village's twelve digits without the last three are its township
WHOLE_PERIODS = 2

PAYERS = ("central", "county")
NOBODY = (0, 0, NO_MAXIMUM)
MOST = (70, 0, 2_500_000)
ALL = (100, 0, NO_MAXIMUM)
# stack, from, to, then of each payer: share in percent, points, maximum
_TERMS = (
    (0, 0, CHANGE, NOBODY, ALL),
    (0, CHANGE, FOREVER, MOST, NOBODY),
    (1, 0, FOREVER, MOST, NOBODY),
    (2, 0, FOREVER, NOBODY, ALL),
    (3, 0, FOREVER, MOST, (30, 0, NO_MAXIMUM)),
    (4, 0, FOREVER, NOBODY, (0, 3_000_000, NO_MAXIMUM)),
    (5, 0, FOREVER, NOBODY, (50, 0, NO_MAXIMUM)),
)
PARTS = ("share_percent", "points_e8", "max_e8")
AMOUNTS = ("interest_fen", *(f"{payer}_fen" for payer in PAYERS), "subsidy_fen", "borrower_fen")
LINE = ("loan_id", "household_id", "area_code", "opening_fen", "fixed_fen", *AMOUNTS)


def segments() -> pl.DataFrame:
    """The terms as the kernel and its peers read them, one row a run of days."""
    names = [
        "stack_no",
        "segment_from",
        "segment_to",
        *(f"{payer}_{part}" for payer in PAYERS for part in PARTS),
    ]
    rows = [(*row[:3], *row[3], *row[4]) for row in _TERMS]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")


def loans_of(folder: Path) -> str:
    """The loan files of a portfolio, as a pattern."""
    return str(folder / "loans-*.parquet")


def moves_of(folder: Path) -> str:
    """The files of movements of a portfolio, as a pattern."""
    return str(folder / "moves-*.parquet")


def lines_file(out: Path) -> Path:
    """Where a peer writes its lines: one row a loan, the columns of LINE."""
    return out / "lines.parquet"


def townships_file(out: Path) -> Path:
    """Where a peer writes its totals: township, loans, AMOUNTS."""
    return out / "townships.parquet"


def _read(file: Path) -> pl.DataFrame:
    """A file, or the folder of parts that Spark writes."""
    return pl.read_parquet(file / "*.parquet" if file.is_dir() else file)


def townships(out: Path) -> pl.DataFrame:
    """A peer's totals in one order, whatever integers it wrote."""
    columns = ("township", "loans", *AMOUNTS)
    return _read(townships_file(out)).select(pl.col(c).cast(pl.Int64) for c in columns).sort("township")


def lines(out: Path) -> pl.DataFrame:
    """A peer's lines in one order, whatever integers it wrote."""
    return _read(lines_file(out)).select(pl.col(c).cast(pl.Int64) for c in LINE).sort("loan_id")
