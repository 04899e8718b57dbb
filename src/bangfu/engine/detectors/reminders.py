"""Reminders before maturity: 60 days before, and 30 days before in writing (HLJ2019-2.6a, or the loan's own stack)."""

from __future__ import annotations

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.ledger import movements
from bangfu.engine.ruled import ruled
from bangfu.engine.stacks import column_of
from bangfu.rules.reminder.rule import RULE

TERMS = {"spoken": "reminder.days_before", "written": "reminder.written_days_before"}
_STEPS = ("remind_by", "wanted", "in_time", "missed")


def reminders_not_given(context: AuditContext, *, days_ahead: int = 0) -> pl.DataFrame:
    """Reminders whose last day has come, or comes within so many days, and that nobody has given.

    A written reminder serves for a spoken one. One given before the maturity was agreed does not count; a maturity
    that was extended, or a loan that was recalled or repaid before the reminder's last day, needs none.

    Returns:
        loan_id, matures_on, known_on, how (spoken or written), remind_by, missed (its last day is over),
        balance_fen (at the end of its last day, or today where that is to come), clauses, standard.
    """
    mature = context.maturities()
    recalled = context.states.select("loan_id", "recalled_on", "stack_no")
    mature = mature.join(recalled, on="loan_id")
    given = context.facts.events.filter(pl.col("kind") == "reminded").select(
        "loan_id", pl.col("on").alias("reminded_on"), pl.col("value").alias("given_how")
    )
    parts = [_wanted(context, mature, given, how, days_ahead=days_ahead) for how in TERMS]
    return pl.concat(parts)


def _wanted(
    context: AuditContext, mature: pl.DataFrame, given: pl.DataFrame, how: str, *, days_ahead: int
) -> pl.DataFrame:
    name = column_of(TERMS[how])
    told = context.with_standard(mature, TERMS[how], on="matures_on").filter(pl.col(name).is_not_null())
    asked = told.explode(name).rename({name: "days_before"})
    asked = asked.with_columns(
        pl.col("matures_on").dt.offset_by(pl.format("-{}d", "days_before")).alias("last_day")
    )
    after = pl.lit(context.as_of).dt.offset_by(f"{days_ahead}d")
    asked = asked.filter(
        pl.col("last_day") <= after,
        pl.col("known_on") < pl.col("last_day"),
        pl.col("until").is_null() | (pl.col("until") > pl.col("last_day")),
        pl.col("recalled_on").is_null() | (pl.col("recalled_on") > pl.col("last_day")),
    )
    counts = given if how == "spoken" else given.filter(pl.col("given_how") == "written")
    served = (
        asked.select("loan_id", "last_day", "known_on")
        .join(counts, on="loan_id")
        .filter(pl.col("reminded_on") >= pl.col("known_on"), pl.col("reminded_on") <= pl.col("last_day"))
        .select("loan_id", "last_day")
    )
    rest = asked.join(served, on=["loan_id", "last_day"], how="anti")
    judged = ruled(
        _with_balance(context, rest).with_columns(
            reminded=pl.lit(False), reminded_on=pl.col("last_day"), on=context.today
        ),
        RULE,
        only=_STEPS,
    )
    return judged.filter("wanted").select(
        "loan_id",
        "matures_on",
        "known_on",
        pl.lit(how).alias("how"),
        "remind_by",
        "missed",
        "balance_fen",
        pl.col(f"{name}__clause").alias("clauses"),
        pl.col(f"{name}__standard").alias("standard"),
    )


def _with_balance(context: AuditContext, asked: pl.DataFrame) -> pl.DataFrame:
    """Add the balance at the end of the reminder's last day, today's where that is to come."""
    keyed = asked.with_row_index("_row")
    theirs = movements(context.facts.events.join(keyed.select("loan_id").unique(), on="loan_id", how="semi"))
    sums = (
        keyed.select("_row", "loan_id", "last_day")
        .join(theirs, on="loan_id")
        .filter(pl.col("on") <= pl.col("last_day"))
        .group_by("_row")
        .agg(pl.col("delta_fen").sum().alias("balance_fen"))
    )
    return (
        keyed.join(sums, on="_row", how="left").with_columns(pl.col("balance_fen").fill_null(0)).drop("_row")
    )


def reminder_missed(context: AuditContext) -> pl.DataFrame:
    """Findings: the last day of a reminder is over and nobody has given it; one finding a loan."""
    missed = reminders_not_given(context).filter("missed")
    by_loan = (
        missed.sort("loan_id", "remind_by")
        .group_by("loan_id", maintain_order=True)
        .agg(
            pl.col("matures_on").last(),
            pl.col("remind_by").filter(pl.col("how") == "spoken").last().alias("tell_by"),
            pl.col("remind_by").filter(pl.col("how") == "written").last().alias("tell_in_writing_by"),
            pl.len().cast(pl.Int64).alias("missed"),
            pl.col("balance_fen").last(),
            pl.col("clauses").explode().unique(maintain_order=True),
        )
    )
    return findings(
        by_loan,
        code="reminder_missed",
        table="loans",
        subject="loan_id",
        clauses=pl.col("clauses"),
        facts=("matures_on", "tell_by", "tell_in_writing_by", "missed", "balance_fen"),
    )
