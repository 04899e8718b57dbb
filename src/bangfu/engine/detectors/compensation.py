"""Compensation: paid before the grace ended, and recovered money that went back late (GZ2018-2.6.2, GZ2018-2.6.3)."""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings, gathered
from bangfu.engine.ledger import movements
from bangfu.engine.ruled import ruled
from bangfu.engine.stacks import column_of
from bangfu.money.working_days import add_working_days
from bangfu.refusals import Refused
from bangfu.rules.compensation.rule import RULE

GRACE, LONGEST_GRACE = "fund.grace_months", "fund.grace_max_months"
RETURN_DAYS = "fund.return_working_days"
_GRACE_STEPS = ("grace_from", "first_claim_on", "days_too_early", "before_grace")
_RETURN_STEPS = ("funds_part_e6", "goes_back_fen", "late_fen", "returned_late")


def compensated_before_grace(context: AuditContext) -> pl.DataFrame:
    """Findings: the fund paid before the grace after default was over; before maturity there is no default at all."""
    paid = context.facts.events.filter(pl.col("kind") == "compensated").select(
        "loan_id", pl.col("on").alias("compensated_on"), pl.col("amount_fen").alias("compensated_fen")
    )
    mature = context.maturities().join(paid, on="loan_id")
    in_force = (
        mature.filter(pl.col("known_on") <= pl.col("compensated_on"))
        .group_by("loan_id", "compensated_on", "compensated_fen")
        .agg(pl.col("matures_on").max())
        .join(context.states.select("loan_id", "recalled_on", "stack_no"), on="loan_id")
        .with_columns(
            pl.when(pl.col("recalled_on") <= pl.col("compensated_on"))
            .then(pl.min_horizontal("matures_on", "recalled_on"))
            .otherwise("matures_on")
            .alias("due_on")
        )
    )
    name = column_of(GRACE)
    told = context.with_terms(in_force, GRACE, LONGEST_GRACE, on="compensated_on").drop_nulls(name)
    judged = ruled(told.rename({name: "grace_months"}), RULE, only=_GRACE_STEPS)
    return findings(
        judged.filter("before_grace").sort("loan_id", "compensated_on"),
        code="compensated_before_grace",
        table="loans",
        subject="loan_id",
        clauses=pl.col(f"{name}__clause"),
        facts=("due_on", "compensated_on", "grace_months", "first_claim_on", "days_too_early"),
        amount="compensated_fen",
    )


def recoveries(context: AuditContext) -> pl.DataFrame:
    """Each recovery on a compensated loan: what the fund paid, its share of the loss, and what was back when.

    Amounts run up over a loan's recoveries: the second deadline asks for both. What went back is told by the loan's
    own events or by the fund's account, whichever knows more.

    Returns:
        loan_id, stack_no, recovered_on, recovered_fen (up to then), compensated_fen, balance_fen (before the fund
        paid), and the term's columns.
    """
    events = context.facts.events
    back = events.filter(pl.col("kind") == "recovered").select(
        "loan_id", pl.col("on").alias("recovered_on"), "amount_fen"
    )
    paid = (
        events.filter(pl.col("kind") == "compensated")
        .group_by("loan_id")
        .agg(pl.col("on").min().alias("compensated_on"), pl.col("amount_fen").sum().alias("compensated_fen"))
    )
    theirs = back.join(paid, on="loan_id").filter(pl.col("recovered_on") >= pl.col("compensated_on"))
    days = (
        theirs.group_by("loan_id", "recovered_on", "compensated_on", "compensated_fen")
        .agg(pl.col("amount_fen").sum())
        .sort("loan_id", "recovered_on")
        .with_columns(pl.col("amount_fen").cum_sum().over("loan_id").alias("recovered_fen"))
    )
    loans = days.select("loan_id", "compensated_on").unique("loan_id")
    before = (
        movements(events.join(loans, on="loan_id", how="semi"))
        .join(loans, on="loan_id")
        .filter(pl.col("on") < pl.col("compensated_on"))
        .group_by("loan_id")
        .agg(pl.col("delta_fen").sum().alias("balance_fen"))
    )
    return context.with_terms(days.join(before, on="loan_id"), RETURN_DAYS, on="recovered_on").drop_nulls(
        column_of(RETURN_DAYS)
    )


def recovered_not_returned_in_time(context: AuditContext) -> pl.DataFrame:
    """Findings: the fund's part of a recovery was not back in its account after the working days allowed.

    Where the official calendar of the deadline's year is not published, the finding is ``calendar_not_published``,
    unless the money is back already.
    """
    name = column_of(RETURN_DAYS)
    told = recoveries(context).rename({name: "working_days"})
    deadlines = {
        pair: _deadline(*pair) for pair in told.select("recovered_on", "working_days").unique().rows()
    }
    ends = [deadlines[pair] for pair in told.select("recovered_on", "working_days").rows()]
    told = told.with_columns(pl.Series("return_by", ends, dtype=pl.Date), on=context.today)
    known = told.drop_nulls("return_by").with_row_index("_row")
    known = known.join(_returned(context, known), on="_row", how="left").with_columns(
        pl.col("returned_in_time_fen").fill_null(0)
    )
    late = ruled(known, RULE, only=_RETURN_STEPS).filter("returned_late")
    found = findings(
        late,
        code="recovered_not_returned_in_time",
        table="loans",
        subject="loan_id",
        clauses=pl.col(f"{name}__clause"),
        facts=(
            "recovered_on",
            "recovered_fen",
            "compensated_fen",
            "goes_back_fen",
            "return_by",
            "returned_in_time_fen",
            "working_days",
        ),
        amount="late_fen",
    )
    return gathered([_unknown_calendar(context, told), found])


def _deadline(recovered_on: date, working_days: int) -> date | None:
    try:
        return add_working_days(recovered_on, working_days)
    except Refused:
        return None


def _returned(context: AuditContext, rows: pl.DataFrame) -> pl.DataFrame:
    """What was back by each row's deadline: _row, returned_in_time_fen."""
    told = [
        context.facts.events.filter(pl.col("kind") == "returned_to_fund").select(
            "loan_id", "on", "amount_fen"
        ),
        context.facts.fund.filter(pl.col("kind") == "returned")
        .select("loan_id", "on", "amount_fen")
        .drop_nulls("loan_id"),
    ]
    sums = [
        rows.select("_row", "loan_id", "compensated_on", "return_by")
        .join(source.rename({"on": "back_on"}), on="loan_id")
        .filter(pl.col("back_on") >= pl.col("compensated_on"), pl.col("back_on") <= pl.col("return_by"))
        .group_by("_row")
        .agg(pl.col("amount_fen").sum())
        for source in told
    ]
    return pl.concat(sums).group_by("_row").agg(pl.col("amount_fen").max().alias("returned_in_time_fen"))


def _unknown_calendar(context: AuditContext, told: pl.DataFrame) -> pl.DataFrame:
    """Recoveries whose last working day no published calendar gives, and whose money is not back yet."""
    unknown = (
        told.filter(pl.col("return_by").is_null())
        .with_columns(return_by=context.today)
        .with_row_index("_row")
    )
    judged = unknown.join(_returned(context, unknown), on="_row", how="left").with_columns(
        pl.col("returned_in_time_fen").fill_null(0)
    )
    open_still = ruled(judged, RULE, only=_RETURN_STEPS).filter(pl.col("late_fen") > 0)
    return findings(
        open_still,
        code="calendar_not_published",
        table="loans",
        subject="loan_id",
        clauses=pl.col(f"{column_of(RETURN_DAYS)}__clause"),
        facts=("recovered_on", "working_days", "goes_back_fen"),
        amount="late_fen",
    )
