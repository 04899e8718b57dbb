"""The floor: the same columns of the same files, read and grouped, nothing calculated."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from benchmarks.job import TOWNSHIP, lines_file, loans_of, moves_of


def run(folder: Path, out: Path) -> None:
    """Movements by loan, loans by township, every column added up."""
    by_loan = pl.scan_parquet(moves_of(folder)).group_by("loan_id").agg(pl.all().sum())
    by_loan.select(pl.all().max()).sink_parquet(out / "moved.parquet", engine="streaming")
    loans = pl.scan_parquet(loans_of(folder)).group_by(township=pl.col("area_code") // TOWNSHIP)
    loans.agg(pl.all().sum()).sink_parquet(lines_file(out), engine="streaming")
