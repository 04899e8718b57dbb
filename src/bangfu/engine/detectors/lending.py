"""Lending: while the breaker stood suspended, and to everyone without distinction."""

from __future__ import annotations

import polars as pl

from bangfu.engine import breaker
from bangfu.engine.audit_context import VILLAGE_DIGITS, AuditContext
from bangfu.engine.findings import findings

# Ours, not a document's: shown with every finding.
LEAST_LISTED = 10  # households on the roster, for a village to be judged
LEAST_SHARE_PERCENT = 95  # of them with a loan
LEAST_SHARE_WITH_UNABLE_PERCENT = 90  # where households unable to work are among them
ORDERED = ("HLJ2019-2.1a",)
_PERCENT = 100


def lent_while_suspended(context: AuditContext) -> pl.DataFrame:
    """Findings: money went out while the breaker of its lender, product and place stood suspended."""
    states = breaker.breaker_states(context.facts, context.book, as_of=context.as_of, moves=context.moves)
    return breaker.lent_while_suspended(context.facts, states, as_of=context.as_of)


def unable_to_work(context: AuditContext) -> pl.DataFrame:
    """Households in which nobody is able to work, where that is known: household_id."""
    homes = context.facts.households
    counted = homes.filter(pl.col("labour_count") == 0).select("household_id")
    uncounted = homes.filter(pl.col("labour_count").is_null()).select("household_id")
    theirs = context.facts.members.join(uncounted, on="household_id", how="semi").drop_nulls("labour")
    by_members = theirs.group_by("household_id").agg(pl.col("labour").any()).filter(~pl.col("labour"))
    return pl.concat([counted, by_members.select("household_id")])


def lends_to_everyone(context: AuditContext) -> pl.DataFrame:
    """Findings: in a village nearly every listed household got a loan; those unable to work among them are shown.

    Counted over all households that were ever on the roster by the day of the audit, and all loans ever paid out.
    """
    listed = context.facts.roster.select("household_id")
    lent = (
        context.states.filter(pl.col("disbursed_fen") > 0)
        .group_by("household_id")
        .agg(pl.col("disbursed_fen").sum().alias("lent_fen"))
    )
    unable = unable_to_work(context).with_columns(unable=pl.lit(True))
    homes = (
        context.facts.households.select(
            "household_id", pl.col("area_code").str.slice(0, VILLAGE_DIGITS).alias("village")
        )
        .join(listed, on="household_id", how="semi")
        .join(lent, on="household_id", how="left")
        .join(unable, on="household_id", how="left")
        .with_columns(pl.col("unable").fill_null(False))
    )
    got = pl.col("lent_fen").is_not_null()
    villages = homes.group_by("village").agg(
        pl.len().cast(pl.Int64).alias("listed"),
        got.sum().cast(pl.Int64).alias("borrowing"),
        pl.col("unable").sum().cast(pl.Int64).alias("listed_unable_to_work"),
        (got & pl.col("unable")).sum().cast(pl.Int64).alias("borrowing_unable_to_work"),
        pl.col("lent_fen").filter("unable").sum().alias("lent_to_unable_fen"),
    )
    unable_too = pl.col("borrowing_unable_to_work") > 0
    wanted = pl.when(unable_too).then(LEAST_SHARE_WITH_UNABLE_PERCENT).otherwise(LEAST_SHARE_PERCENT)
    told = villages.with_columns(
        wanted.cast(pl.Int64).alias("least_share_percent"),
        (pl.col("borrowing") * _PERCENT // pl.col("listed")).alias("share_percent"),
    ).filter(
        pl.col("listed") >= LEAST_LISTED,
        pl.col("share_percent") >= pl.col("least_share_percent"),
    )
    return findings(
        told.sort("village").with_columns(
            pl.lit(LEAST_LISTED).cast(pl.Int64).alias("least_listed"),
        ),
        code="lends_to_everyone",
        table="areas",
        subject="village",
        clauses=ORDERED,
        facts=(
            "listed",
            "borrowing",
            "share_percent",
            "listed_unable_to_work",
            "borrowing_unable_to_work",
            "least_share_percent",
            "least_listed",
        ),
        amount="lent_to_unable_fen",
    )
