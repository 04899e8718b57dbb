"""From facts and policy to what the kernel reads: dense integers, day numbers, spans of normal time, segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw
import polars as pl

from bangfu.engine import batch
from bangfu.engine.ledger import movements
from bangfu.engine.spans import spans_of
from bangfu.engine.stacks import SAID, StackedLoans, assign_stacks, warned_in_gap
from bangfu.facts import Facts
from bangfu.money.days import EPOCH, add_months_clamped, day_number
from bangfu.policy import PolicyBook, Stack
from bangfu.rules.methods import DAILY_360, METHODS
from bangfu.rules.subsidy.rule import PAYERS

NOT_SET = 2  # a segment in which no document of the stack says who pays
NO_MAXIMUM = 1_000_000_000  # 1000 %, above every rate the reader accepts
CAP_TERMS = ("subsidy.principal_cap", "subsidy.principal_cap_large_need")


@dataclass(frozen=True)
class Prepared:
    """The kernel's book for a period, with what is needed to print its lines again.

    every: The kernel's loans with those whose subsidy cannot be computed: their interest still can.
    loans: one row a loan that was disbursed: loan_no, household_no and all canonical columns, stack_no, ceiling_fen.
    refusals: loan_id, code, clauses, facts (JSON) of loans that cannot be computed.
    """

    book: batch.Book
    every: batch.Frame
    loans: pl.DataFrame
    stacked: StackedLoans
    refusals: pl.DataFrame


def settle(frame: batch.Frame) -> batch.Frame:
    """Compute a Polars frame once, streaming."""
    computed: pl.DataFrame = frame.to_native().collect(engine="streaming")
    return nw.from_native(computed.lazy())


def lazy(frame: pl.DataFrame) -> batch.Frame:
    """A Polars frame as the kernel takes it."""
    return nw.from_native(frame.lazy())


def day_of(column: str) -> pl.Expr:
    """A Date column as Int64 day numbers."""
    return (pl.col(column) - pl.lit(EPOCH)).dt.total_days().alias(column)


def segments_table(
    stacks: Sequence[Stack], *, start: date, end: date
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Each stack's runs of days with the same payers, and the payers that occur."""
    found: list[dict[str, int]] = []
    present: set[str] = set()
    for number, stack in enumerate(stacks):
        for opens, closes, values in stack.segments(["subsidy.payers"], start, end):
            said = values["subsidy.payers"]
            row = {"stack_no": number, "segment_from": day_number(opens), "segment_to": day_number(closes)}
            state = NOT_SET if said is None else batch.UNDETERMINED if said.undetermined else batch.DETERMINED
            row["segment_state"] = state
            for payer in PAYERS:
                row |= {f"{payer}_share_percent": 0, f"{payer}_points_e8": 0, f"{payer}_max_e8": NO_MAXIMUM}
            for part in said.payers if said and state == batch.DETERMINED else ():
                present.add(part.payer)
                row[f"{part.payer}_share_percent"] = part.share_percent or 0
                row[f"{part.payer}_points_e8"] = part.points_e8 or 0
                if part.max_points_e8 is not None:
                    row[f"{part.payer}_max_e8"] = part.max_points_e8
            found.append(row)
    names = ["stack_no", "segment_from", "segment_to", "segment_state"]
    payers = tuple(payer for payer in PAYERS if payer in present) or ("fiscal",)
    names += [f"{payer}_{part}" for payer in payers for part in ("share_percent", "points_e8", "max_e8")]
    return pl.DataFrame(found, schema=dict.fromkeys([*names], pl.Int64)) if found else _empty(names), payers


def _empty(names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.Int64))


def numbered(facts: Facts, stacked: StackedLoans) -> pl.DataFrame:
    """Disbursed loans in the order of their ids: dense loan_no and household_no, disbursed_on and disbursed_fen."""
    first = (
        facts.events.filter(pl.col("kind") == "disbursed")
        .group_by("loan_id")
        .agg(pl.col("on").min().alias("disbursed_on"), pl.col("amount_fen").sum().alias("disbursed_fen"))
    )
    loans = (
        stacked.loans.filter(pl.col("contract_on").is_not_null()).join(first, on="loan_id").sort("loan_id")
    )
    return loans.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("loan_no"),
        (pl.col("household_id").rank("dense") - 1).cast(pl.Int64).alias("household_no"),
    )


def with_ceiling(loans: pl.DataFrame, stacked: StackedLoans) -> pl.DataFrame:
    """Add ceiling_fen: the household's subsidised ceiling on the signing day (§6), null where no clause sets it.

    A raised ceiling counts only where the stack knows a large need, and up to that clause's figure.
    """
    loans = stacked.attach(loans, CAP_TERMS, on="contract_on")
    standard, large = pl.col("subsidy_principal_cap_fen"), pl.col("subsidy_principal_cap_large_need_fen")
    raised = pl.min_horizontal(pl.col("subsidy_ceiling_fen"), large)
    granted = pl.col("subsidy_ceiling_fen").is_not_null() & large.is_not_null()
    return loans.with_columns(
        pl.when(granted).then(pl.max_horizontal(standard, raised)).otherwise(standard).alias("ceiling_fen")
    )


def with_method(loans: pl.DataFrame, stacked: StackedLoans, *, on: date) -> pl.DataFrame:
    """Add method: the standard the policy holds to on a day, else the loan's own; null where neither is known."""
    dated = loans.with_columns(pl.lit(on).alias("_read_on"))
    dated = stacked.attach(dated, ["interest.standard_method"], on="_read_on").drop("_read_on")
    held = pl.coalesce("interest_standard_method", "interest_method")
    return dated.with_columns(
        held.replace_strict(METHODS, default=None, return_dtype=pl.Int64).alias("method")
    )


def with_limit(
    loans: pl.DataFrame, facts: Facts, stacked: StackedLoans, *, start: date, end: date
) -> pl.DataFrame:
    """Add subsidised_until: the day after which a term ends the subsidy, else NEVER.

    subsidy.max_months counts from disbursement; subsidy.in_default = false takes a loan that is in arrears at the
    end of the period out of the whole period.
    """
    last = end - timedelta(days=1)
    dated = loans.with_columns(pl.lit(last).alias("_read_on"))
    dated = stacked.attach(dated, ["subsidy.max_months", "subsidy.in_default"], on="_read_on").drop(
        "_read_on"
    )
    never = pl.lit(batch.NEVER, pl.Int64)
    dated = dated.with_columns(never.alias("subsidised_until"))
    if dated["subsidy_max_months"].is_not_null().any():
        until = pl.struct("disbursed_on", "subsidy_max_months").map_elements(
            _months_after, return_dtype=pl.Int64
        )
        dated = dated.with_columns(until.fill_null(never).alias("subsidised_until"))
    if not dated["subsidy_in_default"].fill_null(value=True).all():
        moved = (
            movements(facts.events.filter(pl.col("on") < end))
            .group_by("loan_id")
            .agg(pl.col("delta_fen").sum())
        )
        owed = dated.select("loan_id").join(moved, on="loan_id", how="left", maintain_order="left")[
            "delta_fen"
        ]
        arrears = (owed.fill_null(0) > 0) & (dated["maturity_on"] < end)
        lost = (~pl.col("subsidy_in_default").fill_null(value=True)) & pl.lit(arrears)
        dated = dated.with_columns(
            pl.when(lost)
            .then(day_number(start))
            .otherwise("subsidised_until")
            .cast(pl.Int64)
            .alias("subsidised_until")
        )
    return dated


def _months_after(given: dict[str, object]) -> int | None:
    start, months = given["disbursed_on"], given["subsidy_max_months"]
    if not isinstance(start, date) or not isinstance(months, int):
        return None
    return day_number(add_months_clamped(start, months))


def prepare(facts: Facts, policy: PolicyBook, *, start: date, end: date) -> Prepared:
    """Everything the kernel needs for the half-open period [start, end)."""
    events = facts.events.filter(pl.col("on") < end)
    longer = events.filter(pl.col("kind") == "extended")["loan_id"].unique().to_list()
    stacked = assign_stacks(facts.loans, policy, extended=longer)
    loans = with_ceiling(numbered(facts, stacked), stacked)
    loans = with_method(loans, stacked, on=start)
    refused = [stacked.refusals, _cap_refusals(loans), _method_refusals(loans)]
    timed = spans_of(loans, events, stacked)
    stacked = _with_warnings(stacked, loans, events)
    loans = with_limit(timed.loans, facts, stacked, start=start, end=end)
    loans = loans.join(timed.until.group_by("loan_id").min(), on="loan_id", how="left", maintain_order="left")
    loans = loans.with_columns(pl.min_horizontal("subsidised_until", "ends_on").alias("subsidised_until"))
    spans = timed.spans
    every = loans.filter(pl.col("stack_no").is_not_null(), pl.col("method").is_not_null())
    able = loans.filter(pl.col("stack_no").is_not_null(), pl.col("ceiling_fen").is_not_null())
    table, payers = segments_table(stacked.stacks, start=start, end=end)
    kernel = batch.Book(
        loans=lazy(_kernel_loans(able, loans, spans)),
        moves=lazy(_kernel_moves(facts, loans)),
        segments=lazy(table),
        spans=lazy(spans) if spans.height else None,
        limited=bool((able["subsidised_until"] != batch.NEVER).any()),
        payers=payers,
        settle=settle,
    )
    inside = (pl.col("refused_from") < day_number(end)) & (pl.col("refused_to") > day_number(start))
    touching = timed.refusals.filter(inside).select(list(SAID))
    rest = lazy(_kernel_loans(every.with_columns(pl.col("ceiling_fen").fill_null(0)), loans, spans))
    return Prepared(
        book=kernel, every=rest, loans=loans, stacked=stacked, refusals=pl.concat([*refused, touching])
    )


def _with_warnings(stacked: StackedLoans, loans: pl.DataFrame, events: pl.DataFrame) -> StackedLoans:
    """The stacks with the warnings of extensions granted between two policies."""
    granted = events.filter(pl.col("kind") == "extended").select("loan_id", "on")
    placed = loans.filter(pl.col("stack_no").is_not_null()).select("loan_id", "area_code")
    warned = warned_in_gap(granted.join(placed, on="loan_id"), stacked.assigner)
    return replace(stacked, warnings=pl.concat([stacked.warnings, warned]).unique(maintain_order=True))


def _kernel_loans(able: pl.DataFrame, loans: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    parents = loans.select(pl.col("loan_id").alias("parent_loan_id"), pl.col("loan_no").alias("replaces_id"))
    joined = able.join(parents, on="parent_loan_id", how="left")
    replaces = pl.when(pl.col("kind") == "renewal").then("replaces_id")
    # A loan without a method bears no line, yet it holds its part of the household's ceiling.
    silent = pl.col("method").is_null()
    # More lent than was signed is no reason to subsidise more: the reader warns, the contract's principal holds.
    over = pl.col("disbursed_fen") > pl.col("principal_fen")
    signed = pl.min_horizontal("ceiling_fen", "principal_fen")
    joined = joined.with_columns(
        pl.when(silent).then("disbursed_on").otherwise("matures_on").alias("matures_on"),
        pl.when(over).then(signed).otherwise("ceiling_fen").alias("ceiling_fen"),
        pl.max_horizontal("principal_fen", "disbursed_fen").alias("principal_fen"),
    )
    return joined.select(
        pl.col("loan_no").alias("loan_id"),
        pl.col("household_no").alias("household_id"),
        pl.col("area_code"),
        day_of("contract_on"),
        day_of("disbursed_on"),
        day_of("matures_on"),
        "principal_fen",
        "rate_e8",
        pl.col("method").fill_null(DAILY_360),
        "stack_no",
        "ceiling_fen",
        "subsidised_until",
        replaces.alias("replaces_id"),
        (pl.col("loan_no").is_in(spans["loan_id"].unique().implode()) & ~silent).alias("has_spans"),
    )


def _kernel_moves(facts: Facts, loans: pl.DataFrame) -> pl.DataFrame:
    moves = movements(facts.events).join(loans.select("loan_id", "loan_no"), on="loan_id")
    return moves.select(pl.col("loan_no").alias("loan_id"), day_of("on"), "delta_fen")


def _cap_refusals(loans: pl.DataFrame) -> pl.DataFrame:
    """Loans whose stack does not set the subsidised ceiling, or leaves it undetermined."""
    lacking = loans.filter(pl.col("stack_no").is_not_null(), pl.col("ceiling_fen").is_null())
    open_ = pl.col("subsidy_principal_cap_fen__undetermined")
    code = pl.when(open_).then(pl.lit("subsidy_undetermined")).otherwise(pl.lit("term_not_set"))
    clauses = pl.coalesce("subsidy_principal_cap_fen__clause", pl.lit([], dtype=pl.List(pl.String)))
    return lacking.select("loan_id", code.alias("code"), clauses.alias("clauses"),
                          pl.lit('{"term": "subsidy.principal_cap"}').alias("facts"))  # fmt: skip


def _method_refusals(loans: pl.DataFrame) -> pl.DataFrame:
    """Loans whose interest method is neither on file nor set by the policy."""
    return loans.filter(pl.col("stack_no").is_not_null(), pl.col("method").is_null()).select(
        "loan_id", pl.lit("term_not_set").alias("code"), pl.lit([], dtype=pl.List(pl.String)).alias("clauses"),
        pl.lit('{"term": "interest.standard_method", "column": "interest_method"}').alias("facts"),
    )  # fmt: skip
