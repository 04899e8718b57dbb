"""The lines of a subsidy cycle: one county, one rhythm, one period; what is paid now, split exactly over the payers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from bangfu.engine.ledger import movements
from bangfu.engine.stacks import PLACE_DIGITS, SAID
from bangfu.engine.subsidy import SubsidyResult, subsidy
from bangfu.facts import Facts
from bangfu.policy import PolicyBook, Stack
from bangfu.rules.methods import METHODS
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["AMOUNTS", "LINE", "RHYTHMS", "CycleDue", "due_of_cycle", "of_households", "split"]

RHYTHMS = ("quarter", "year", "at_repayment")
RHYTHM = "subsidy.rhythm"
AMOUNTS = (
    "interest_fen", *(f"{payer}_fen" for payer in PAYERS), "subsidy_fen", "borrower_fen", "held_back_fen",
    "payable_fen", *(f"pay_{payer}_fen" for payer in PAYERS),
)  # fmt: skip
LINE = pl.Schema(
    {
        "loan_id": pl.String(), "household_id": pl.String(), "area_code": pl.String(), "product": pl.String(),
        "start": pl.Date(), "end": pl.Date(), "rate_e8": pl.Int64(), "method": pl.String(),
        "opening_fen": pl.Int64(), "subsidised_part_fen": pl.Int64(), "days": pl.Int64(),
        **dict.fromkeys(AMOUNTS, pl.Int64()),
        "policy": pl.String(), "clauses": pl.List(pl.String()),
    }
)  # fmt: skip


@dataclass(frozen=True)
class CycleDue:
    """What is due in a cycle.

    Attributes:
        lines: ``LINE``, one row a loan, by loan_id.
        left_out: Loans, or days of theirs, that stand on no line: loan_id, code, clauses, facts (JSON).
        warnings: What people must know of lines: loan_id, code, clauses, facts (JSON).
        packs: Policy of the lines → its packs with their hashes.
        result: The core's own run.
    """

    lines: pl.DataFrame
    left_out: pl.DataFrame
    warnings: pl.DataFrame
    packs: Mapping[str, Mapping[str, str]]
    result: SubsidyResult


def due_of_cycle(
    facts: Facts,
    book: PolicyBook,
    *,
    county: str,
    rhythm: str,
    start: date,
    end: date,
    collected_by: date | None = None,
) -> CycleDue:
    """The lines of a county's cycle over the half-open period [start, end).

    A loan belongs to the county it was signed in, which pays. Where the loan's policy sets
    another rhythm than the cycle's it is left out by name; where none sets one the cycle's holds. A cycle of
    ``at_repayment`` takes the loans that were settled in the period, over their whole life.

    Args:
        facts: All loans of the households, at all banks: their order under the ceiling needs them.
        book: The packs.
        county: 6-digit code.
        rhythm: quarter, year or at_repayment.
        start: First day.
        end: The day after the last one.
        collected_by: Interest taken up to and on this day counts for collect-first; the period's end where left out.
    """
    opens, only = start, None
    if rhythm == "at_repayment":
        only = _settled(facts, start=start, end=end)
        mine = facts.loans.join(only, on="loan_id", how="semi")
        facts = of_households(facts, mine["household_id"].unique())
        first = facts.events.filter(pl.col("kind") == "disbursed", pl.col("on") < start)["on"].min()
        opens = first if isinstance(first, date) else start
    result = subsidy(facts, book, start=opens, end=end, collected_by=collected_by)
    loans = result.prepared.loans.filter(pl.col("area_code").str.slice(0, PLACE_DIGITS) == county)
    if only is not None:
        loans = loans.join(only, on="loan_id", how="semi")
    others = _other_rhythm(loans, result.prepared.stacked.stacks, rhythm=rhythm, on=end - timedelta(days=1))
    stay = loans.select("loan_id").join(others, on="loan_id", how="anti")
    lines = _shaped(result.lines.join(stay, on="loan_id", how="semi"), result.payers)
    out = others.join(result.lines.select("loan_id"), on="loan_id", how="semi")
    refused = result.refusals.join(stay, on="loan_id", how="semi")
    used = set(lines["policy"].unique().to_list())
    return CycleDue(
        lines=lines,
        left_out=pl.concat([refused, out]).sort("loan_id", "code", maintain_order=True),
        warnings=result.warnings.join(lines.select("loan_id"), on="loan_id", how="semi"),
        packs=_packs(result.prepared.stacked.stacks, used),
        result=result,
    )


def of_households(facts: Facts, household_ids: pl.Series) -> Facts:
    """The facts of some households: their loans with the loans these renew, and what the other tables say of them."""
    loans = facts.loans.filter(pl.col("household_id").is_in(household_ids.implode()))
    missing = loans["parent_loan_id"].drop_nulls()
    while True:
        more = facts.loans.filter(
            pl.col("loan_id").is_in(missing.implode()), ~pl.col("loan_id").is_in(loans["loan_id"].implode())
        )
        if more.is_empty():
            break
        loans = pl.concat([loans, more])
        missing = more["parent_loan_id"].drop_nulls()
    tables = {name: _of(frame, household_ids, loans) for name, frame in facts.tables.items()}
    return replace(facts, tables={**tables, "loans": loans.sort("loan_id")})


def _of(frame: pl.DataFrame, household_ids: pl.Series, loans: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table that are about some households or loans; a table of neither stays whole."""
    if "household_id" in frame.columns:
        return frame.filter(pl.col("household_id").is_in(household_ids.implode()))
    if "loan_id" in frame.columns:
        return frame.join(loans.select("loan_id"), on="loan_id", how="semi", maintain_order="left")
    return frame


def _settled(facts: Facts, *, start: date, end: date) -> pl.DataFrame:
    """The loans whose balance came to nothing in the period: loan_id."""
    moved = movements(facts.events.filter(pl.col("on") < end)).group_by("loan_id").agg(
        pl.col("delta_fen").sum().alias("left"), pl.col("on").max().alias("last")
    )  # fmt: skip
    return moved.filter(pl.col("left") == 0, pl.col("last") >= start).select("loan_id")


def _other_rhythm(loans: pl.DataFrame, stacks: Sequence[Stack], *, rhythm: str, on: date) -> pl.DataFrame:
    """Loans whose policy has the subsidy paid in another rhythm: ``SAID``."""
    rows = []
    for number, stack in enumerate(stacks):
        term = stack.look(RHYTHM, on)
        if term is not None and not term.undetermined and term.code != rhythm:
            told = json.dumps({"rhythm": term.code, "cycle": rhythm, "policy": stack.id})
            rows.append((number, "other_rhythm", list(term.clauses), told))
    schema = pl.Schema({"stack_no": pl.Int64(), **{k: v for k, v in SAID.items() if k != "loan_id"}})
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return loans.select("loan_id", "stack_no").join(table, on="stack_no").select(list(SAID))


def _shaped(lines: pl.DataFrame, payers: Sequence[str]) -> pl.DataFrame:
    """The core's lines with all five payers, days, and what is paid now."""
    zero = pl.lit(0, pl.Int64)
    names = {number: name for name, number in METHODS.items()}
    told = lines.with_columns(
        *(zero.alias(f"{payer}_fen") for payer in PAYERS if payer not in payers),
        pl.col("from").alias("start"),
        pl.col("to").alias("end"),
        (pl.col("to") - pl.col("from")).dt.total_days().alias("days"),
        pl.col("method").replace_strict(names, return_dtype=pl.String),
        (pl.col("subsidy_fen") - pl.col("held_back_fen")).alias("payable_fen"),
    )
    told = told.with_columns(split([f"{payer}_fen" for payer in PAYERS], "payable_fen"))
    return told.select(*LINE).cast(LINE).sort("loan_id")


def split(weights: Sequence[str], total: str, *, into: str = "pay_") -> list[pl.Expr]:
    """An amount split over columns in their proportion, by cumulative rounding: the parts sum to it exactly.

    No part is negative or above its weight while the total lies between nothing and the weights' sum; at the sum each
    part is its weight. Products stay below 2**62: weights are fen of one line.

    Args:
        weights: Columns, none negative.
        total: The column to split.
        into: Prefix of the new columns.
    """
    whole = pl.sum_horizontal(weights)
    safe = pl.when(whole > 0).then(whole).otherwise(1)
    upto = [
        (2 * pl.sum_horizontal(weights[: place + 1]) * pl.col(total) + safe) // (2 * safe)
        for place in range(len(weights))
    ]
    parts = [upto[0], *(later - before for before, later in itertools.pairwise(upto))]
    return [part.alias(f"{into}{name}") for name, part in zip(weights, parts, strict=True)]


def _packs(stacks: Sequence[Stack], used: set[str]) -> dict[str, dict[str, str]]:
    """The packs of the policies that lines name; a line of several stacks names them one after another."""
    by_id = {stack.id: dict(stack.pinned) for stack in stacks}
    return {
        name: {pack: hashed for part in name.split("; ") for pack, hashed in by_id[part].items()}
        for name in sorted(used)
    }
