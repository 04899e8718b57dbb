"""What a household owes besides the loan that is judged, at the end of the signing day."""

from __future__ import annotations

import polars as pl

from bangfu.engine.findings import yuan_text
from bangfu.engine.ledger import movements

RENEWAL = "renewal"


def live_pairs(loans: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Each other programme loan that is live beside a loan: loan_id, other_loan_id, other_balance_fen.

    Others are those signed before it, on the same day in the order of their ids; a loan that a renewal signed by
    then has taken over is not counted beside it (decision 34). A loan signed and not yet paid out counts whole
    where its money came later, or, for an application, may still come.
    """
    shared = loans.filter(pl.len().over("household_id") > 1)
    moved = movements(events)
    moved = moved.join(shared.select("loan_id"), on="loan_id", how="semi")
    pairs = _candidates(shared, moved)
    owed = (
        pairs.lazy()
        .join(
            moved.lazy().rename({"loan_id": "other_loan_id", "on": "moved_on"}),
            on="other_loan_id",
            how="left",
        )
        .filter(pl.col("moved_on").is_null() | (pl.col("moved_on") <= pl.col("contract_on")))
        .group_by("loan_id", "other_loan_id")
        .agg(pl.col("delta_fen").sum().alias("balance_fen"))
        .collect()
    )
    told = pairs.join(owed, on=["loan_id", "other_loan_id"], how="left", maintain_order="left")
    promised = pl.when("promised").then(pl.col("other_principal_fen")).otherwise(0)
    return (
        told.with_columns((pl.col("balance_fen").fill_null(0) + promised).alias("other_balance_fen"))
        .filter(pl.col("other_balance_fen") > 0)
        .select("loan_id", "other_loan_id", "other_balance_fen")
        .sort("loan_id", "other_loan_id")
    )


def _candidates(shared: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a household's loans of which the other was signed by then, not settled and not taken over."""
    lived = (
        moved.sort("loan_id", "on")
        .group_by("loan_id")
        .agg(
            pl.col("on").filter(pl.col("kind") == "disbursed").min().alias("paid_out_on"),
            pl.col("on").max().alias("last_moved_on"),
            pl.col("delta_fen").sum().alias("left_fen"),
        )
        .with_columns(pl.when(pl.col("left_fen") <= 0).then("last_moved_on").alias("settled_on"))
    )
    taken = (
        shared.filter(pl.col("kind") == RENEWAL)
        .group_by(pl.col("parent_loan_id").alias("loan_id"))
        .agg(pl.col("contract_on").min().alias("taken_over_on"))
    )
    others = (
        shared.filter(~pl.col("application"))
        .join(lived.select("loan_id", "paid_out_on", "settled_on"), on="loan_id", how="left")
        .join(taken, on="loan_id", how="left")
        .select(
            "household_id",
            pl.col("loan_id").alias("other_loan_id"),
            pl.col("contract_on").alias("other_contract_on"),
            pl.col("matures_on").alias("other_matures_on"),
            pl.col("principal_fen").alias("other_principal_fen"),
            "paid_out_on",
            "settled_on",
            "taken_over_on",
        )
    )
    mine = shared.select("loan_id", "household_id", "contract_on", "application")
    earlier = (pl.col("other_contract_on") < pl.col("contract_on")) | (
        (pl.col("other_contract_on") == pl.col("contract_on"))
        & (pl.col("application") | (pl.col("other_loan_id") < pl.col("loan_id")))
    )
    alive = pl.col("settled_on").is_null() | (pl.col("settled_on") > pl.col("contract_on"))
    own = pl.col("taken_over_on").is_null() | (pl.col("taken_over_on") > pl.col("contract_on"))
    awaited = pl.col("application") & (pl.col("other_matures_on") >= pl.col("contract_on"))
    promised = (pl.col("paid_out_on") > pl.col("contract_on")) | (pl.col("paid_out_on").is_null() & awaited)
    return (
        mine.lazy()
        .join(others.lazy(), on="household_id")
        .filter(pl.col("loan_id") != pl.col("other_loan_id"), earlier, alive, own)
        .with_columns(promised.fill_null(value=False).alias("promised"))
        .select("loan_id", "other_loan_id", "contract_on", "other_principal_fen", "promised")
        .collect()
    )


def with_households(cases: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add outstanding_fen and live_loans."""
    sums = pairs.group_by("loan_id").agg(
        pl.col("other_balance_fen").sum().alias("outstanding_fen"),
        pl.len().cast(pl.Int64).alias("live_loans"),
    )
    joined = cases.join(sums, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("outstanding_fen", "live_loans").fill_null(0))


def balances_told(pairs: pl.DataFrame) -> pl.DataFrame:
    """The live loans of each loan's household in words: loan_id, live_loan_balances (``L1 20000.00; L2 …``)."""
    each = pl.col("other_loan_id") + " " + yuan_text(pl.col("other_balance_fen"))
    return pairs.group_by("loan_id", maintain_order=True).agg(each.str.join("; ").alias("live_loan_balances"))
