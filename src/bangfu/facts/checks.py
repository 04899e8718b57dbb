"""What holds across rows and tables: keys, references, the order of dates, and the ledger of each loan.

Each check gives flags: rows of a table with a code and a detail. In the strict reading, rows that are bad already
count for what others refer to, and loans with a bad event are left out of the ledger, so that one mistake is told
once; where bad rows are left out, the checks run again until nothing more falls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from bangfu.facts.sheets import PART_STEP, ROW
from bangfu.facts.tables import TABLES

_NOT_BEFORE, _AFTER = ("不得早于", "may not be before"), ("应晚于", "must be later than")
_ORDERS: tuple[tuple[str, str, str, bool], ...] = (
    # table, the later column, the earlier one, whether the same day is in order
    ("loans", "matures_on", "contract_on", False),
    ("ordinary_loans", "matures_on", "contract_on", False),
    ("roster", "left_on", "listed_on", True),
    ("subsidies", "period_end", "period_start", False),
    ("other_subsidies", "period_end", "period_start", False),
    ("insurance", "to_on", "from_on", False),
    ("insurance_events", "claimed_on", "on", True),
    ("insurance_events", "paid_on", "on", True),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A row of a table with what is wrong: the column in memory ("" for the row), a code, a detail."""

    table: str
    row: int
    column: str
    code: str
    detail: tuple[str, str] = ("", "")


Frames = Mapping[str, pl.DataFrame]


def keys(frames: Frames) -> Iterator[Flag]:
    """Keys that appear twice: each row but the first where the rows are alike, each row where they differ."""
    for name, frame in frames.items():
        key = [TABLES[name].column(part).frame for part in TABLES[name].key]
        if key and frame.height:
            yield from _repeated(name, frame, key)
    both = [frames[name].select("loan_id", ROW) for name in ("loans", "ordinary_loans")]
    for row, other, _ in (
        both[1].join(both[0], on="loan_id", suffix="_other").select(ROW, f"{ROW}_other", "loan_id").rows()
    ):
        there = other % PART_STEP
        place = (f"{there}（{TABLES['loans'].zh}）", f"{there} of loans")
        yield Flag("ordinary_loans", row, "loan_id", "duplicate_key", place)


def _repeated(name: str, frame: pl.DataFrame, key: list[str]) -> Iterator[Flag]:
    known = frame.filter(pl.all_horizontal(pl.col(part).is_not_null() for part in key))
    if (
        known.select(pl.struct(key).n_unique() if len(key) > 1 else pl.col(key[0]).n_unique()).item()
        == known.height
    ):
        return
    twice = known.filter(pl.len().over(key) > 1)
    content = [column for column in frame.columns if column != ROW]
    alike = pl.struct(content).n_unique().over(key) == 1
    first, second = pl.col(ROW).min().over(key), pl.col(ROW).bottom_k(2).max().over(key)
    judged = twice.select(
        pl.col(ROW),
        first=first,
        other=pl.when(pl.col(ROW) == first).then(second).otherwise(first),
        alike=alike,
    )
    for row, first_row, other, same in judged.sort(ROW).rows():
        if not (same and row == first_row):
            yield Flag(name, row, key[0], "duplicate_key", (str(other % PART_STEP),) * 2)


def orphans(frames: Frames, given: Collection[str]) -> Iterator[Flag]:
    """Rows that refer to what is nowhere; what refers to a table that was not given is told by the reader as such."""
    for name, frame in frames.items():
        for column, targets in TABLES[name].refers:
            if targets[0] not in given:
                continue
            there = pl.concat([frames[target][_referred(column)] for target in targets])
            named = frame.select(ROW, column).drop_nulls(column)
            lost = named.join(there.alias(column).to_frame(), on=column, how="anti")
            shown = "、".join(TABLES[target].zh for target in targets), " or ".join(targets)
            for row in lost[ROW].sort():
                yield Flag(name, row, column, "orphan", shown)


def _referred(column: str) -> str:
    return "loan_id" if column == "parent_loan_id" else column


def orders(frames: Frames) -> Iterator[Flag]:
    """Dates that cannot follow each other."""
    for name, later, earlier, same_day in _ORDERS:
        frame = frames[name]
        ordered = pl.col(later) >= pl.col(earlier) if same_day else pl.col(later) > pl.col(earlier)
        table = TABLES[name]
        words = _NOT_BEFORE if same_day else _AFTER
        column = table.column(earlier)
        detail = f"{words[0]}“{column.zh}”", f"{words[1]} {column.name}"
        for row in frame.filter(~ordered)[ROW]:
            yield Flag(name, row, later, "dates_out_of_order", detail)
