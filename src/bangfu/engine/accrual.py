"""Normal interest from disbursement to a day, whatever the policy says of subsidies."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import polars as pl

from bangfu.engine import batch
from bangfu.engine.prepare import Prepared, lazy


def accrued(ready: Prepared, days: pl.DataFrame, *, method: int | None, end: int) -> pl.DataFrame:
    """Normal interest from disbursement to each loan's own day: loan_no, accrued_fen.

    Args:
        ready: The prepared book.
        days: loan_no, until (day number): only these loans, each up to its day.
        method: A method for all, or None for the one the policy holds to.
        end: No loan goes beyond this day number.
    """
    mine: pl.LazyFrame = ready.every.to_native()
    mine = mine.join(days.lazy().rename({"loan_no": "loan_id"}), on="loan_id")
    mine = mine.with_columns(pl.min_horizontal("matures_on", "until").alias("matures_on"))
    if method is not None:
        mine = mine.with_columns(pl.lit(method, pl.Int64).alias("method"))
    spans = None
    if ready.book.spans is not None:
        cut: pl.LazyFrame = ready.book.spans.to_native()
        cut = cut.join(days.lazy().rename({"loan_no": "loan_id"}), on="loan_id")
        cut = cut.with_columns(
            pl.min_horizontal("span_to", "until").alias("span_to"), pl.lit(0, pl.Int64).alias("span_state")
        )
        spans = nw.from_native(cut.drop("until"))
    always = pl.DataFrame(
        [(number, 0, batch.NEVER, batch.DETERMINED) for number in range(len(ready.stacked.stacks))],
        schema=dict.fromkeys(("stack_no", "segment_from", "segment_to", "segment_state"), pl.Int64),
        orient="row",
    )
    book = replace(
        ready.book,
        loans=nw.from_native(mine.drop("until")),
        spans=spans,
        segments=lazy(always),
        payers=(),
        limited=False,
    )
    whole: pl.LazyFrame = batch.lines(book, start=0, end=end).to_native()
    return whole.select(
        pl.col("loan_id").alias("loan_no"), pl.col("interest_fen").alias("accrued_fen")
    ).collect()
