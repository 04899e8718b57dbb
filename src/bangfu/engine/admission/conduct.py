"""What happened to a loan after it was signed, as the ledger and the transfers tell it up to the day asked."""

from __future__ import annotations

import polars as pl

from bangfu.engine.ledger import extensions

ENTERPRISE, VEHICLE = "enterprise", "government_vehicle"


def with_conduct(cases: pl.DataFrame, events: pl.DataFrame, transfers: pl.DataFrame) -> pl.DataFrame:
    """Add fees_fen, first_fee_on, to_enterprises_fen, to_vehicles_fen, changed_rate_e8 and changed_on."""
    fees = (
        events.filter(pl.col("kind") == "fee_collected")
        .group_by("loan_id")
        .agg(pl.col("amount_fen").sum().alias("fees_fen"), pl.col("on").min().alias("first_fee_on"))
    )
    handed = transfers.group_by("loan_id").agg(
        pl.col("amount_fen").filter(pl.col("to_kind") == ENTERPRISE).sum().alias("to_enterprises_fen"),
        pl.col("amount_fen").filter(pl.col("to_kind") == VEHICLE).sum().alias("to_vehicles_fen"),
    )
    joined = cases
    for part in (fees, handed, _changes(cases, events)):
        joined = joined.join(part, on="loan_id", how="left", maintain_order="left")
    return joined


def _changes(cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The first event inside the contract, as extended, that gives the loan another rate than it was signed with."""
    longer = extensions(events).group_by("loan_id").agg(pl.col("new_maturity_on").max())
    changed = (
        events.filter(pl.col("kind") == "rate_changed")
        .select("loan_id", pl.col("on").alias("changed_on"), pl.col("value_rate_e8").alias("changed_rate_e8"))
        .join(cases.select("loan_id", "contract_on", "matures_on", "rate_e8"), on="loan_id")
        .join(longer, on="loan_id", how="left")
    )
    ends = pl.max_horizontal("matures_on", "new_maturity_on")
    inside = pl.col("changed_on").is_between(pl.col("contract_on"), ends) & (
        pl.col("changed_rate_e8") != pl.col("rate_e8")
    )
    firsts = (
        changed.filter(inside)
        .sort("loan_id", "changed_on")
        .unique("loan_id", keep="first", maintain_order=True)
    )
    return firsts.select("loan_id", "changed_rate_e8", "changed_on")
