"""What was due in many periods at once: for each loan its own list of periods.

The kernel knows one period. Here each (loan, period) is a loan of its own whose normal time is cut to the period, so
that one pass of the kernel answers all of them; a period that very many loans share goes to the kernel as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import narwhals as nw
import polars as pl

from bangfu.engine import batch
from bangfu.engine.prepare import Prepared, day_of, lazy
from bangfu.money.days import day_number

MANY_LOANS = 60_000  # from here on a period's own pass costs less than its loans' copies
TASKS_AT_ONCE = 300_000


def due_in_periods(
    ready: Prepared, fixed: batch.Frame, *, shared: Sequence[tuple[date, date]], own: pl.DataFrame
) -> pl.DataFrame:
    """The kernel's answer for every loan in the shared periods, and for some loans in periods of their own.

    Args:
        ready: Prepared for a time that holds all periods.
        fixed: The answer of ``batch.rooms``.
        shared: Half-open periods, each for every loan with normal time in it.
        own: loan_no, start, end (Date).

    Returns:
        loan_no, start, end, interest_fen, due_fen, stack_no, undetermined, exceeding, days; a loan without normal
        time in a period has no row.
    """
    parts = [_of_tasks(ready, fixed, tasks) for tasks in _chunks(ready, shared, own)]
    parts += [
        _of_period(ready, fixed, start=start, end=end) for start, end in shared if _crowded(ready, start, end)
    ]
    return pl.concat(parts) if parts else _nothing()


def _touching(ready: Prepared, start: date, end: date) -> pl.DataFrame:
    return ready.loans.filter(pl.col("disbursed_on") < end, pl.col("maturity_on") > start)


def _crowded(ready: Prepared, start: date, end: date) -> bool:
    return _touching(ready, start, end).height >= MANY_LOANS


def _chunks(
    ready: Prepared, shared: Sequence[tuple[date, date]], own: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Tasks (loan_no, start, end) in portions that fit in memory."""
    waiting = [own.select("loan_no", "start", "end").unique(maintain_order=True)]
    for start, end in shared:
        mine = _touching(ready, start, end)
        if mine.height < MANY_LOANS:
            waiting.append(mine.select("loan_no", pl.lit(start).alias("start"), pl.lit(end).alias("end")))
        if sum(frame.height for frame in waiting) >= TASKS_AT_ONCE:
            yield pl.concat(waiting).unique(maintain_order=True)
            waiting = []
    if any(frame.height for frame in waiting):
        yield pl.concat(waiting).unique(maintain_order=True)


def _of_tasks(ready: Prepared, fixed: batch.Frame, tasks: pl.DataFrame) -> pl.DataFrame:
    """One pass of the kernel over copies of the loans, one a task."""
    numbered = tasks.with_row_index("task_no").with_columns(
        pl.col("task_no").cast(pl.Int64), day_of("start").alias("start_day"), day_of("end").alias("end_day")
    )
    loans: pl.LazyFrame = ready.book.loans.to_native()
    copies = numbered.lazy().join(loans.rename({"loan_id": "loan_no"}), on="loan_no")
    plain = copies.filter(~pl.col("has_spans")).select(
        "task_no", pl.col("disbursed_on").alias("span_from"), pl.col("matures_on").alias("span_to"), "rate_e8",
        "stack_no", pl.lit(batch.DETERMINED, pl.Int64).alias("span_state"), "start_day", "end_day",
    )  # fmt: skip
    spans = [plain]
    if ready.book.spans is not None:
        special: pl.LazyFrame = ready.book.spans.to_native()
        changed = copies.filter("has_spans").select("task_no", "loan_no", "start_day", "end_day")
        changed = changed.join(special.rename({"loan_id": "loan_no"}), on="loan_no")
        spans.append(changed.select(plain.collect_schema().names()))
    cut = pl.concat(spans).with_columns(
        pl.max_horizontal("span_from", "start_day").alias("span_from"),
        pl.min_horizontal("span_to", "end_day").alias("span_to"),
    )
    cut = cut.filter(pl.col("span_to") > pl.col("span_from")).drop("start_day", "end_day")
    moves: pl.LazyFrame = ready.book.moves.to_native()
    moved = (
        numbered.lazy()
        .select("task_no", "loan_no", "end_day")
        .join(moves.rename({"loan_id": "loan_no"}), on="loan_no")
    )
    moved = moved.filter(pl.col("on") < pl.col("end_day")).select(
        pl.col("task_no").alias("loan_id"), "on", "delta_fen"
    )
    rooms: pl.LazyFrame = fixed.to_native()
    held = numbered.lazy().join(rooms.rename({"loan_id": "loan_no"}), on="loan_no")
    book = replace(
        ready.book,
        loans=nw.from_native(
            copies.with_columns(
                pl.col("task_no").alias("loan_id"), pl.lit(value=True).alias("has_spans")
            ).select(batch.LOAN_COLUMNS)
        ),
        moves=lazy(moved.collect()),
        spans=lazy(cut.rename({"task_no": "loan_id"}).collect()),
    )
    told = nw.from_native(held.select(pl.col("task_no").alias("loan_id"), "fixed_fen"))
    answer = batch.lines(book, start=0, end=batch.NEVER, fixed=told)
    return (
        _shown(answer)
        .join(numbered.select("task_no", "loan_no", "start", "end"), left_on="loan_id", right_on="task_no")
        .select(_nothing().columns)
    )


def _of_period(ready: Prepared, fixed: batch.Frame, *, start: date, end: date) -> pl.DataFrame:
    answer = batch.lines(ready.book, start=day_number(start), end=day_number(end), fixed=fixed)
    told = _shown(answer).with_columns(
        pl.col("loan_id").alias("loan_no"), pl.lit(start).alias("start"), pl.lit(end).alias("end")
    )
    return told.select(_nothing().columns)


def _shown(answer: batch.Frame) -> pl.DataFrame:
    lines: pl.LazyFrame = answer.to_native()
    return lines.select(
        "loan_id", "interest_fen", pl.col("subsidy_fen").alias("due_fen"), "stack_no",
        (pl.col("undetermined_numerator") > 0).alias("undetermined"),
        ((pl.col("exceeding") > 0) & (pl.col("interest_numerator") > 0)).alias("exceeding"),
        (pl.col("line_to") - pl.col("line_from")).alias("days"),
    ).collect(engine="streaming")  # fmt: skip


def _nothing() -> pl.DataFrame:
    numbers = ("interest_fen", "due_fen", "stack_no")
    return pl.DataFrame(
        schema={
            "loan_no": pl.Int64, "start": pl.Date, "end": pl.Date, **dict.fromkeys(numbers, pl.Int64),
            "undetermined": pl.Boolean, "exceeding": pl.Boolean, "days": pl.Int64,
        }
    )  # fmt: skip
