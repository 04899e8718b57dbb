"""The period's subsidy list: lines, what is held back, refusals and totals, each with its clauses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw
import polars as pl

from bangfu.engine import batch
from bangfu.engine.accrual import accrued
from bangfu.engine.bounds import check_bounds
from bangfu.engine.findings import people_column
from bangfu.engine.prepare import NOT_SET, Prepared, prepare
from bangfu.engine.stacks import SAID
from bangfu.facts import Facts
from bangfu.money.days import EPOCH, day_number, from_day_number
from bangfu.policy import PolicyBook, Stack
from bangfu.rules.steps import apply_rule
from bangfu.rules.subsidy.rule import HELD_BACK

SETTLEMENT_DAYS = 91  # a quarter: within each the bank's own rounding may differ by a fen


@dataclass(frozen=True)
class SubsidyResult:
    """A period's subsidy.

    lines: loan_id, household_id, area_code, product, from, to, rate_e8, method, opening_fen, subsidised_part_fen,
        interest_fen, ``<payer>_fen``, subsidy_fen, borrower_fen, held_back_fen, policy, clauses.
    refusals: loan_id, code, clauses, facts (JSON).
    """

    start: date
    end: date
    payers: Sequence[str]
    lines: pl.DataFrame
    refusals: pl.DataFrame
    warnings: pl.DataFrame
    prepared: Prepared

    def totals(self) -> dict[str, int]:
        """Sums over the lines, in fen, and their number."""
        names = [
            "interest_fen",
            *(f"{payer}_fen" for payer in self.payers),
            "subsidy_fen",
            "borrower_fen",
            "held_back_fen",
        ]
        return {"lines": self.lines.height, **{name: int(self.lines[name].sum()) for name in names}}


def subsidy(
    facts: Facts, policy: PolicyBook, *, start: date, end: date, collected_by: date | None = None
) -> SubsidyResult:
    """Compute what is due for the half-open period [start, end). It does not judge admission.

    Args:
        facts: Loans and events.
        policy: The packs.
        start: First day.
        end: The day after the last one.
        collected_by: Interest taken up to and on this day counts for what is held back: to see an earlier period as it
            stands later. The period's end where it is left out (docs/decisions/0033).

    Raises:
        ValueError: The period is empty.
        Refused: out of the kernel's bounds.
    """
    if end <= start:
        raise ValueError("the period is empty: its end is exclusive")
    ready = prepare(facts, policy, start=start, end=end)
    check_bounds(ready.book, start=day_number(start), end=day_number(end))
    raw = (
        batch.lines(ready.book, start=day_number(start), end=day_number(end))
        .to_native()
        .collect(engine="streaming")
    )
    known = ready.loans.select(
        pl.col("loan_no").alias("loan_id"),
        pl.col("loan_id").alias("loan"), pl.col("household_id").alias("household"), "product", "rate_e8",
    )  # fmt: skip
    raw = raw.join(known, on="loan_id").sort("loan_id")
    # A loan paid off before the period still has normal time, but nothing on it bears interest: no line, no refusal.
    raw = raw.filter((pl.col("interest_numerator") > 0) | (pl.col("undetermined_numerator") > 0))
    lines = _lines(
        raw.filter(pl.col("interest_numerator") > 0, pl.col("exceeding") == 0), ready, start=start, end=end
    )
    lines = _with_held_back(lines, facts, ready, start=start, end=end, collected_by=collected_by or end)
    refusals = pl.concat(
        [_relevant(ready, start=start, end=end), _undetermined(raw, ready), _exceeding(raw, ready)]
    )
    return SubsidyResult(
        start=start, end=end, payers=ready.book.payers, lines=lines.drop("loan_no"),
        refusals=refusals.unique(maintain_order=True).sort("loan_id", "code", maintain_order=True),
        warnings=_warnings(lines, ready, end=end), prepared=ready,
    )  # fmt: skip


def _lines(raw: pl.DataFrame, ready: Prepared, *, start: date, end: date) -> pl.DataFrame:
    """The kernel's lines with their names, days and clauses."""
    clauses = _clauses(ready.stacked.stacks, start=start, end=end)
    lines = raw.join(clauses, on="stack_no", how="left", maintain_order="left")
    if ready.book.spans is not None:
        lines = _citing_all(lines, ready.book.spans.to_native().collect(), clauses, start=start, end=end)
    return lines.select(
        pl.col("loan_id").alias("loan_no"),
        pl.col("loan").alias("loan_id"),
        pl.col("household").alias("household_id"),
        "area_code", "product", "stack_no",
        _date("line_from").alias("from"), _date("line_to").alias("to"),
        "rate_e8", "method", "opening_fen",
        pl.col("fixed_fen").alias("subsidised_part_fen"),
        "interest_fen", *(f"{payer}_fen" for payer in ready.book.payers), "subsidy_fen", "borrower_fen",
        "policy", "clauses",
    )  # fmt: skip


def _date(number: str) -> pl.Expr:
    return pl.lit(EPOCH) + pl.duration(days=pl.col(number))


def _clauses(stacks: Sequence[Stack], *, start: date, end: date) -> pl.DataFrame:
    """For each stack the clauses its lines of the period rest on: stack_no, policy, clauses."""
    rows = []
    for number, stack in enumerate(stacks):
        cited: list[str] = []
        names = ["subsidy.payers", "subsidy.collect_first", "interest.standard_method"]
        for _, _, values in stack.segments(names, start, end):
            for found in values.values():
                cited += found.clauses if found and not found.undetermined else ()
        cap = stack.look("subsidy.principal_cap", stack.signed_on)
        cited += cap.clauses if cap else ()
        rows.append((number, stack.id, list(dict.fromkeys(cited))))
    schema = pl.Schema({"stack_no": pl.Int64(), "policy": pl.String(), "clauses": pl.List(pl.String())})
    return pl.DataFrame(rows, schema=schema, orient="row")


def _touching(spans: pl.DataFrame, *, start: date, end: date) -> pl.DataFrame:
    """The determined spans inside the period."""
    return spans.filter(
        pl.col("span_to") > day_number(start),
        pl.col("span_from") < day_number(end),
        pl.col("span_state") == batch.DETERMINED,
    )


def _citing_all(
    lines: pl.DataFrame, spans: pl.DataFrame, clauses: pl.DataFrame, *, start: date, end: date
) -> pl.DataFrame:
    """A line whose days run under several stacks (an extension with terms of its own) cites them all, in order."""
    touching = _touching(spans, start=start, end=end)
    runs = touching.sort("loan_id", "span_from").select("loan_id", "stack_no").unique(maintain_order=True)
    told = runs.join(clauses, on="stack_no", maintain_order="left")
    several = told.group_by("loan_id").agg(
        pl.col("policy").str.join("; ").alias("policies"), pl.len().alias("stacks")
    )
    cited = told.explode("clauses").group_by("loan_id").agg(
        pl.col("clauses").unique(maintain_order=True).alias("all_clauses")
    )  # fmt: skip
    several = several.join(cited, on="loan_id")
    several = several.filter(pl.col("stacks") > 1).drop("stacks")
    joined = lines.join(several, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.coalesce("policies", "policy").alias("policy"),
        pl.coalesce("all_clauses", "clauses").alias("clauses"),
    ).drop("policies", "all_clauses")


def _collecting(stacks: Sequence[Stack], *, on: date) -> dict[int, list[str]]:
    """Stacks that collect first and subsidise after on a day, with the clause."""
    found = {number: stack.look("subsidy.collect_first", on) for number, stack in enumerate(stacks)}
    return {
        n: list(term.clauses) for n, term in found.items() if term and not term.undetermined and term.boolean
    }


def _with_held_back(
    lines: pl.DataFrame, facts: Facts, ready: Prepared, *, start: date, end: date, collected_by: date
) -> pl.DataFrame:
    """Add held_back_fen: where interest is collected first, the share of the line whose interest is not in yet.

    What was collected up to and on a day is matched to the oldest interest (docs/decisions/0033).
    """
    collecting = _collecting(ready.stacked.stacks, on=end - timedelta(days=1))
    under = pl.col("stack_no").is_in(list(collecting))
    if ready.book.spans is not None:  # a line of several stacks waits where one of them collects first
        mixed = _touching(ready.book.spans.to_native().collect(), start=start, end=end).filter(under)
        under = under | pl.col("loan_no").is_in(mixed["loan_id"].unique().implode())
    first = lines.filter(under)
    if first.is_empty():
        return lines.with_columns(pl.lit(0, pl.Int64).alias("held_back_fen"))
    mine = ready.loans.select("loan_no", "loan_id", "disbursed_on").join(
        first.select("loan_no"), on="loan_no", how="semi"
    )
    whole = mine.select("loan_no", pl.lit(day_number(end)).alias("until"))
    accrued_by_then = accrued(ready, whole, method=None, end=day_number(end))
    taken = collected_until(facts.events, on=collected_by)
    slack = (
        day_number(end) - (pl.col("disbursed_on") - pl.lit(EPOCH)).dt.total_days()
    ) // SETTLEMENT_DAYS + 1
    given = (
        first.join(accrued_by_then, on="loan_no", how="left", maintain_order="left")
        .join(mine.drop("loan_id"), on="loan_no", how="left", maintain_order="left")
        .join(taken, on="loan_id", how="left", maintain_order="left")
        .with_columns(pl.col("accrued_fen", "collected_fen").fill_null(0), slack.alias("rounding_slack_fen"))
    )
    held: pl.DataFrame = apply_rule(HELD_BACK, nw.from_native(given)).to_native()
    held = held.select("loan_no", "held_back_fen")
    joined = lines.join(held, on="loan_no", how="left", maintain_order="left")
    return joined.with_columns(pl.col("held_back_fen").fill_null(0))


def collected_until(events: pl.DataFrame, *, on: date) -> pl.DataFrame:
    """Normal interest taken from the borrower, less what was given back, up to and on a day: loan_id, collected_fen."""
    sign = pl.when(pl.col("kind") == "interest_collected").then(1).otherwise(-1)
    taken = events.filter(
        pl.col("kind").is_in(["interest_collected", "interest_refunded"]), pl.col("on") <= on
    )
    return taken.group_by("loan_id").agg((sign * pl.col("amount_fen")).sum().alias("collected_fen"))


def _relevant(ready: Prepared, *, start: date, end: date) -> pl.DataFrame:
    """Of what cannot be computed, the loans that have normal time in the period."""
    touching = ready.loans.filter(pl.col("disbursed_on") < end, pl.col("maturity_on") > start)
    return ready.refusals.join(touching.select("loan_id"), on="loan_id", how="semi").select(list(SAID))


def _undetermined(raw: pl.DataFrame, ready: Prepared) -> pl.DataFrame:
    """The days of lines that no document gives a payer: the line covers the rest."""
    rows = []
    open_ = raw.filter(pl.col("undetermined_numerator") > 0)
    names = ("loan", "stack_no", "undetermined_from", "undetermined_to", "undetermined_state")
    for loan, stack_no, since, until, state in open_.select(names).rows():
        stack = ready.stacked.stacks[stack_no]
        found = stack.look("subsidy.payers", from_day_number(since))
        code = "term_not_set" if state == NOT_SET else "subsidy_undetermined"
        clauses = list(found.clauses) if found and state == batch.UNDETERMINED else []
        facts = {
            "term": "subsidy.payers", "policy": stack.id,
            "from": from_day_number(since).isoformat(), "to": from_day_number(until).isoformat(),
        }  # fmt: skip
        rows.append((loan, code, clauses, json.dumps(facts)))
    return pl.DataFrame(rows, schema=SAID, orient="row")


def _exceeding(raw: pl.DataFrame, ready: Prepared) -> pl.DataFrame:
    """Lines whose payers together would pay more than the loan's rate."""
    rows = []
    for loan, stack_no, since in (
        raw.filter(pl.col("exceeding") > 0).select("loan", "stack_no", "line_from").rows()
    ):
        stack = ready.stacked.stacks[stack_no]
        found = stack.look("subsidy.payers", from_day_number(since))
        facts = {"policy": stack.id, "from": from_day_number(since).isoformat()}
        rows.append((loan, "subsidy_exceeds_rate", list(found.clauses) if found else [], json.dumps(facts)))
    return pl.DataFrame(rows, schema=SAID, orient="row")


def _warnings(lines: pl.DataFrame, ready: Prepared, *, end: date) -> pl.DataFrame:
    """What people must know of these lines, though each is computed: loan_id, code, clauses, facts.

    signed_in_gap, which a contract carries along; borrower_bears_nothing, where the policy wants the borrower to bear
    a part (CN2026-1.6b); raised_ceiling_not_known, where a raised ceiling is on file that no clause admits.
    """
    carried = ready.stacked.warnings.join(lines.select("loan_id"), on="loan_id", how="semi")
    known = lines.join(ready.loans.select("loan_id", "stack_no", *_CEILING), on="loan_id", how="left")
    known = known.with_columns(pl.lit(end - timedelta(days=1)).alias("_last"))
    known = ready.stacked.attach(known, ["subsidy.borrower_should_bear"], on="_last")
    free = known.filter(
        "subsidy_borrower_should_bear", pl.col("interest_fen") > 0, pl.col("borrower_fen") <= 0
    ).with_columns(pl.col("subsidy_borrower_should_bear__clause").alias("cited"))
    raised = known.filter(
        pl.col("subsidy_ceiling_fen") > pl.col("ceiling_fen"),
        pl.col("subsidised_part_fen") < pl.col("subsidy_ceiling_fen"),
    ).with_columns(pl.col("subsidy_principal_cap_fen__clause").alias("cited"))
    return pl.concat(
        [
            carried.select(list(SAID)),
            _warned(free, "borrower_bears_nothing", ["interest_fen", "subsidy_fen"]),
            _warned(raised, "raised_ceiling_not_known", ["subsidy_ceiling_fen", "ceiling_fen"]),
        ]
    )


_CEILING = ("subsidy_ceiling_fen", "ceiling_fen", "subsidy_principal_cap_fen__clause")


def _warned(rows: pl.DataFrame, name: str, facts: Sequence[str]) -> pl.DataFrame:
    told = pl.struct(people_column(fact, rows.schema[fact]) for fact in facts).struct.json_encode()
    return rows.select(
        "loan_id", pl.lit(name).alias("code"), pl.col("cited").alias("clauses"), told.alias("facts")
    )
