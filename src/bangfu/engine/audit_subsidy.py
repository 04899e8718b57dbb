"""Subsidies paid against subsidies due: each row over its own period, each closed period without a row.

HLJ2019-2.2, 2.4; LD2021-1.6; GZ2018-2.4. A difference of one fen is a bank's rounding and no finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from bangfu.engine import batch
from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.periods import due_in_periods
from bangfu.engine.prepare import Prepared, settle
from bangfu.money.days import settlement_period

ROUNDING_FEN = 1  # some bank systems cut where others round
SETTLEMENT_DAY = 20
QUARTERS = (1, 2, 3, 4)
ORDERED_BY = ["HLJ2019-2.2"]
RIGHTS = ("not_on_roster", "wrongly_listed", "category_not_admitted", "no_policy_for_place_and_day")


@dataclass(frozen=True)
class Due:
    """What was due, by loan and period.

    quarters: loan_no, start, end, due_fen, held_back_fen (where interest is still uncollected on the day of the
        audit), undetermined, exceeding, days: every loan with normal time in each closed settlement quarter.
    rows: the subsidies with loan_no, disbursed_on, rate_e8, start and end as compared, and the same figures.
    """

    quarters: pl.DataFrame
    rows: pl.DataFrame


def closed_quarters(first: date, as_of: date) -> Iterator[tuple[date, date]]:
    """The settlement quarters from a day on that are over by the end of another."""
    for year in range(first.year, as_of.year + 1):
        for quarter in QUARTERS:
            start, end = settlement_period(
                year=year, quarter=quarter, settlement_day=SETTLEMENT_DAY, day_counted=True
            )
            if end > first and end <= as_of:
                yield start, end


def all_due(context: AuditContext, ready: Prepared) -> Due:
    """Everything due up to the day of the audit."""
    fixed = settle(batch.rooms(ready.book, ready.book.loans))
    rows = _rows(context, ready)
    first = ready.loans["disbursed_on"].min()
    grid = list(closed_quarters(first, context.as_of)) if isinstance(first, date) else []
    closed = pl.DataFrame(grid, schema={"start": pl.Date, "end": pl.Date}, orient="row")
    odd = rows.join(closed, on=["start", "end"], how="anti")
    whole = due_in_periods(ready, fixed, shared=grid, own=odd)
    others = whole.join(closed, on=["start", "end"], how="anti")
    whole = whole.join(closed, on=["start", "end"], how="semi")
    quarters = _with_held_back(context, ready, whole).drop("interest_fen", "stack_no")
    del whole  # millions of rows: let go before the next are made
    others = others.with_columns(pl.lit(0, pl.Int64).alias("held_back_fen")).select(quarters.columns)
    known = pl.concat([quarters, others]).drop("days")
    return Due(quarters, rows.join(known, on=["loan_no", "start", "end"], how="left", maintain_order="left"))


def _rows(context: AuditContext, ready: Prepared) -> pl.DataFrame:
    """The subsidies of computable loans, their period laid on the settlement quarter where that is the same thing.

    Before disbursement there is no balance: a period that begins between the quarter's start and the disbursement
    gives what the whole quarter gives.
    """
    known = ready.loans.filter(pl.col("ceiling_fen").is_not_null(), pl.col("method").is_not_null())
    known = known.select("loan_no", "loan_id", "disbursed_on", "rate_e8")
    paid = ("loan_id", "period_start", "period_end", "amount_fen", "rate_claimed_e8")
    rows = context.facts.subsidies.select(paid).join(known, on="loan_id")
    opens = pl.col("period_end").dt.offset_by("-3mo")
    early = (pl.col("period_start") <= pl.col("disbursed_on")) & (opens <= pl.col("disbursed_on"))
    return rows.with_columns(
        pl.when(early).then(opens).otherwise("period_start").alias("start"), pl.col("period_end").alias("end")
    )


def _with_held_back(context: AuditContext, ready: Prepared, quarters: pl.DataFrame) -> pl.DataFrame:
    """Add held_back_fen: under collect-first, what stays due only once its interest is in (on the day of the audit)."""
    events = context.facts.events
    sign = pl.when(pl.col("kind") == "interest_collected").then(1).otherwise(-1)
    taken = (
        events.filter(pl.col("kind").is_in(["interest_collected", "interest_refunded"]))
        .group_by("loan_id")
        .agg((sign * pl.col("amount_fen")).sum().alias("collected_fen"))
    )
    names = ready.loans.select("loan_no", "loan_id")
    paying = names.join(taken, on="loan_id", how="left").select(
        "loan_no", pl.col("collected_fen").fill_null(0)
    )
    # Only a loan that owes more than a bank's rounding at the end can have owed it in a quarter.
    owing = quarters.group_by("loan_no").agg(pl.col("interest_fen").sum()).join(paying, on="loan_no")
    owing = owing.filter(pl.col("interest_fen") - pl.col("collected_fen") > 1).drop("interest_fen")
    late = quarters.join(owing, on="loan_no").sort("loan_no", "start")
    late = late.with_columns((pl.col("end").dt.offset_by("-1d")).alias("_last"))
    late = ready.stacked.attach(late, ["subsidy.collect_first"], on="_last")
    billed = pl.col("interest_fen").cum_sum().over("loan_no")
    count = pl.int_range(1, pl.len() + 1).over("loan_no")
    arrears = billed - pl.col("collected_fen")
    open_ = pl.when(arrears > count).then(pl.min_horizontal(arrears, "interest_fen")).otherwise(0)
    late = late.with_columns(open_.alias("open_fen"))
    share = (2 * pl.col("due_fen") * pl.col("open_fen") + pl.col("interest_fen")) // (
        2 * pl.col("interest_fen")
    )
    held = pl.when(pl.col("subsidy_collect_first") & (pl.col("interest_fen") > 0)).then(share).otherwise(0)
    late = late.select("loan_no", "start", "end", held.fill_null(0).alias("held_back_fen"))
    late = late.filter(pl.col("held_back_fen") != 0)
    joined = quarters.join(late, on=["loan_no", "start", "end"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("held_back_fen").fill_null(0))


def one_a_period(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a loan and period: several payers' rows are one claim.

    Where one of several rows is already the whole of what is due, the others are the same days paid again, which
    ``subsidised_twice`` reports: the greatest row stands for the claim.
    """
    several = rows.group_by("loan_no", "start", "end", maintain_order=True).agg(
        pl.all().exclude("loan_no", "start", "end", "amount_fen").first(),
        pl.col("amount_fen").sum(),
        pl.col("amount_fen").max().alias("greatest_fen"),
        pl.len().alias("rows_of_period"),
    )
    again = (pl.col("rows_of_period") > 1) & (
        pl.col("greatest_fen") >= pl.col("due_fen").fill_null(0) - ROUNDING_FEN
    )
    return several.with_columns(
        pl.when(again).then("greatest_fen").otherwise("amount_fen").alias("amount_fen")
    )


def subsidy_findings(
    context: AuditContext, ready: Prepared, barred: pl.Series
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """subsidy_overclaimed, subsidy_underpaid, subsidy_undetermined, subsidy_exceeds_rate.

    ``barred`` are ids of loans without a right to the subsidy: nothing is due to them. Gives the findings, and
    loan_id, overclaimed_fen for the refund list.
    """
    due = all_due(context, ready)
    once = one_a_period(due.rows).with_columns(
        pl.col("due_fen", "held_back_fen").fill_null(0),
        pl.col("undetermined", "exceeding").fill_null(value=False),
    )
    lawful = pl.col("due_fen") - pl.col("held_back_fen")
    once = once.with_columns(lawful.alias("payable_fen"), (pl.col("amount_fen") - lawful).alias("over_fen"))
    off = once.filter(~pl.col("undetermined"), ~pl.col("exceeding"), pl.col("over_fen").abs() > ROUNDING_FEN)
    cited = _with_clauses(context, off)
    over = cited.filter(pl.col("over_fen") > 0)
    under = cited.filter(pl.col("over_fen") < 0, ~pl.col("loan_id").is_in(barred.implode()))
    under = under.with_columns((-pl.col("over_fen")).alias("short_fen"))
    shown = (
        "period_start",
        "period_end",
        "amount_fen",
        "due_fen",
        "held_back_fen",
        "rate_e8",
        "rate_claimed_e8",
    )
    parts = [
        _found(over, "subsidy_overclaimed", shown, "over_fen"),
        _found(under, "subsidy_underpaid", shown, "short_fen"),
        _unfixed(context, ready, due, "undetermined", "subsidy_undetermined"),
        _unfixed(context, ready, due, "exceeding", "subsidy_exceeds_rate"),
        _missing(context, ready, due, barred),
    ]
    claimed = over.group_by("loan_id").agg(pl.col("over_fen").sum().alias("overclaimed_fen"))
    return parts, claimed


def _with_clauses(context: AuditContext, rows: pl.DataFrame) -> pl.DataFrame:
    told = context.with_terms(rows.drop("stack_no", strict=False), "subsidy.payers", on="period_start")
    cited = pl.col("subsidy_payers__clause").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return told.with_columns(
        pl.concat_list(cited, pl.lit(ORDERED_BY)).list.unique(maintain_order=True).alias("cited")
    )


def _found(rows: pl.DataFrame, code: str, facts: tuple[str, ...], amount: str) -> pl.DataFrame:
    return findings(
        rows, code=code, table="loans", subject="loan_id", clauses=pl.col("cited"), facts=facts, amount=amount
    )


def _unfixed(context: AuditContext, ready: Prepared, due: Due, flag: str, code: str) -> pl.DataFrame:
    """Loans with closed quarters whose subsidy no document fixes, or whose payers together exceed the rate."""
    paid = (
        due.rows.filter(pl.col(flag).fill_null(value=False))
        .group_by("loan_no")
        .agg(pl.col("amount_fen").sum().alias("paid_fen"))
    )
    loans = (
        due.quarters.filter(pl.col(flag))
        .group_by("loan_no")
        .agg(pl.col("start").min().alias("period_start"), pl.col("end").max().alias("period_end"))
        .join(ready.loans.select("loan_no", "loan_id", "principal_fen", "rate_e8"), on="loan_no")
        .join(paid, on="loan_no", how="left")
        .with_columns(
            pl.col("paid_fen").fill_null(0), (pl.col("period_end").dt.offset_by("-1d")).alias("last_on")
        )
    )
    told = context.with_terms(loans, "subsidy.payers", on="last_on")
    cited = pl.col("subsidy_payers__clause").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    shown = ("period_start", "period_end", "principal_fen", "rate_e8", "paid_fen")
    return _found(told.with_columns(cited.alias("cited")), code, shown, "paid_fen")


def _missing(context: AuditContext, ready: Prepared, due: Due, barred: pl.Series) -> pl.DataFrame:
    """Closed periods in which something was due and no row was paid, by the quarter or the year of the rhythm."""
    names = ready.loans.select("loan_no", "loan_id", "principal_fen", "rate_e8")
    owed = due.quarters.filter(
        pl.col("due_fen") - pl.col("held_back_fen") > ROUNDING_FEN, ~pl.col("exceeding")
    )
    # A row over the very period covers it: only the rest is laid beside all rows of the loan.
    owed = owed.join(due.rows, on=["loan_no", "start", "end"], how="anti").sort("loan_no", "start")
    owed = owed.join(names, on="loan_no", maintain_order="left")
    owed = owed.filter(~pl.col("loan_id").is_in(barred.implode()))
    paid = due.rows.join(owed, on="loan_no", how="semi").select(
        "loan_no", pl.col("period_start").alias("from_on"), pl.col("period_end").alias("to_on")
    )
    overlap = (
        owed.select("loan_no", "start", "end")
        .join(paid, on="loan_no")
        .filter(pl.col("from_on") < pl.col("end"), pl.col("to_on") > pl.col("start"))
        .with_columns(
            (pl.min_horizontal("to_on", "end") - pl.max_horizontal("from_on", "start"))
            .dt.total_days()
            .alias("covered")
        )
        .group_by("loan_no", "start", "end")
        .agg(pl.col("covered").sum())
    )
    owed = owed.join(overlap, on=["loan_no", "start", "end"], how="left", maintain_order="left")
    bare = owed.filter(2 * pl.col("covered").fill_null(0) < pl.col("days"))
    bare = bare.with_columns(
        (pl.col("due_fen") - pl.col("held_back_fen")).alias("payable_fen"),
        pl.col("start").alias("period_start"), pl.col("end").alias("period_end"),
    )  # fmt: skip
    bare = _with_clauses(context, bare)
    rhythm = context.with_terms(bare.drop("stack_no", strict=False), "subsidy.rhythm", on="period_start")
    year_over = pl.col("period_end").dt.year() < context.as_of.year
    by_quarter = pl.col("subsidy_rhythm") == "quarter"
    late = rhythm.filter(
        by_quarter.fill_null(value=False)
        | (year_over & (pl.col("subsidy_rhythm") != "at_repayment").fill_null(value=True))
    )
    shown = ("period_start", "period_end", "payable_fen", "held_back_fen", "principal_fen", "rate_e8")
    return _found(late, "subsidy_underpaid", shown, "payable_fen")


def right_findings(context: AuditContext, found: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """subsidised_without_right: subsidies on loans that had no right to them; and the ids of those loans.

    GZ2018-2.8.2 (wrongly listed), 2.9.1 (use by enterprises), HLJ2019-2.1e (not on the roster).
    """
    users = found.filter(pl.col("code") == "used_by_enterprise").select(
        pl.col("id").alias("loan_id"), "clauses", "code"
    )
    users = users.join(context.facts.loans.select("loan_id", "contract_on"), on="loan_id")
    users = context.with_terms(users, "use.by_enterprise_loses_subsidy", on="contract_on")
    users = users.filter(pl.col("use_by_enterprise_loses_subsidy").fill_null(value=False))
    users = users.with_columns(pl.col("use_by_enterprise_loses_subsidy__clause").alias("clauses"))
    others = found.filter(pl.col("table") == "loans", pl.col("code").is_in(RIGHTS))
    lost = pl.concat(
        [
            others.select(pl.col("id").alias("loan_id"), "clauses", "code"),
            users.select("loan_id", "clauses", "code"),
        ]
    ).unique("loan_id", keep="first", maintain_order=True)
    paid = context.facts.subsidies.group_by("loan_id").agg(
        pl.col("amount_fen").sum().alias("paid_fen"), pl.len().cast(pl.Int64).alias("rows")
    )
    without = lost.join(paid, on="loan_id").filter(pl.col("paid_fen") > 0).rename({"code": "ground"})
    told = findings(
        without, code="subsidised_without_right", table="loans", subject="loan_id", clauses=pl.col("clauses"),
        facts=["ground", "paid_fen", "rows"], amount="paid_fen",
    )  # fmt: skip
    return told, lost["loan_id"]
