"""The kernel on Polars, its default engine."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import polars as pl
from benchmarks import job

from bangfu.engine.batch import DETERMINED, NEVER, Book, lines
from bangfu.engine.prepare import settle


def book(folder: Path) -> Book:
    """The portfolio as the kernel reads it: no renewals, no extensions, no limit of time."""
    loans = pl.scan_parquet(job.loans_of(folder)).with_columns(
        disbursed_on=pl.col("contract_on"),
        subsidised_until=pl.lit(NEVER, pl.Int64),
        replaces_id=pl.lit(None, pl.Int64),
        has_spans=pl.lit(value=False),
    )
    moves = pl.scan_parquet(job.moves_of(folder))
    terms = job.segments().lazy().with_columns(segment_state=pl.lit(DETERMINED, pl.Int64))
    frames = (nw.from_native(frame) for frame in (loans, moves, terms))
    return Book(*frames, payers=job.PAYERS, settle=settle)


def run(folder: Path, out: Path) -> None:
    """The quarter, streamed into the file; the totals are added up from it."""
    found: pl.LazyFrame = lines(book(folder), start=job.START, end=job.END).to_native()
    found.select(job.LINE).sink_parquet(job.lines_file(out), engine="streaming")
    grouped = pl.scan_parquet(job.lines_file(out)).group_by(township=pl.col("area_code") // job.TOWNSHIP)
    totals = grouped.agg(pl.len().alias("loans"), pl.col(job.AMOUNTS).sum())
    totals.sink_parquet(job.townships_file(out), engine="streaming")
