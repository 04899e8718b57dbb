"""Renewals and extensions as acts: their place in the loan's family, and the policy that governs each."""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.engine.ledger import extensions
from bangfu.engine.stacks import PLACE_DIGITS, StackedLoans, family_roots, in_gap
from bangfu.policy import Stack

RENEWAL, EXTENSION = "renewal", "extension"
_GOVERNED = pl.Schema(
    {
        "_place": pl.String(),
        "_band": pl.Int64(),
        "stack_no": pl.Int64(),
        "act_stack_no": pl.Int64(),
        "act_product": pl.String(),
        "uncovered_clauses": pl.List(pl.String()),
    }
)


def acts_of(loans: pl.DataFrame, events: pl.DataFrame, *, stacked: StackedLoans) -> pl.DataFrame:
    """One row an act, with all columns of its loan.

    Adds act, act_on, from_on (the maturity before it), until_on (the one after it); root_id and root_product of its
    family, nth, acts_under_earlier, first_act, first_act_on; act_stack_no and act_product (of the governing policy;
    null where none), uncovered_clauses; parent_rate_e8.
    """
    listed = pl.concat([_renewals(loans), _extensions(loans, events)])
    roots = family_roots(loans).select("loan_id", "root_id")
    mine = (
        listed.join(roots, on="loan_id", how="left")
        .with_columns(pl.coalesce("root_id", "loan_id").alias("root_id"))
        .join(
            loans.select(pl.col("loan_id").alias("root_id"), pl.col("product").alias("root_product")),
            on="root_id",
            how="left",
        )
        .join(loans, on="loan_id")
        .join(
            loans.select(
                pl.col("loan_id").alias("parent_loan_id"), pl.col("rate_e8").alias("parent_rate_e8")
            ),
            on="parent_loan_id",
            how="left",
        )
    )
    ordered = (
        _governed(mine, stacked=stacked)
        .sort("root_id", "act_on", "act", "loan_id", maintain_order=True)
        .with_columns(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("root_id").alias("nth"),
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("root_id", "act_product").alias("_of_product"),
            pl.col("act").first().over("root_id").alias("first_act"),
            pl.col("act_on").first().over("root_id").alias("first_act_on"),
        )
    )
    return ordered.with_columns((pl.col("nth") - pl.col("_of_product")).alias("acts_under_earlier")).drop(
        "_of_product"
    )


def _renewals(loans: pl.DataFrame) -> pl.DataFrame:
    """Each renewal whose parent is known; an application for one counts on the day it is judged."""
    parents = loans.select(pl.col("loan_id").alias("parent_loan_id"), pl.col("matures_on").alias("from_on"))
    renewed = loans.filter(pl.col("kind") == RENEWAL).join(parents, on="parent_loan_id")
    return renewed.select(
        "loan_id",
        pl.lit(RENEWAL).alias("act"),
        pl.col("contract_on").alias("act_on"),
        "from_on",
        pl.col("matures_on").alias("until_on"),
    )


def _extensions(loans: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Each extension, with the maturity it moved."""
    matured = loans.select("loan_id", "matures_on")
    longer = extensions(events).join(matured, on="loan_id", maintain_order="left")
    before = pl.col("new_maturity_on").shift(1).over("loan_id")
    return longer.select(
        "loan_id",
        pl.lit(EXTENSION).alias("act"),
        pl.col("on").alias("act_on"),
        pl.coalesce(before, "matures_on").alias("from_on"),
        pl.col("new_maturity_on").alias("until_on"),
    )


def _governed(acts: pl.DataFrame, *, stacked: StackedLoans) -> pl.DataFrame:
    """The governing stack of each act: the newest programme's on its day, or the loan's own where that is the same.

    A loan keeps the very stack it was pinned to where the programme has not changed: what was issued between its
    signing and the act does not reach it.
    """
    assigner = stacked.assigner
    days = stacked.book.breakpoints()
    bands = pl.Series("_band", days).search_sorted(acts["act_on"].fill_null(date.min), side="right")
    keyed = acts.with_columns(
        pl.col("area_code").str.slice(0, PLACE_DIGITS).alias("_place"), bands.cast(pl.Int64).alias("_band")
    )
    keys = ["_place", "_band", "stack_no"]
    firsts = keyed.group_by(keys).agg(pl.col("act_on").min()).sort(keys, nulls_last=True)
    rows: list[tuple[object, ...]] = []
    for place, band, stack_no, on in firsts.rows():
        own = None if stack_no is None else stacked.stacks[stack_no]
        policy = None if place is None or on is None else assigner.governing(place, on)
        if policy is not None and own is not None and policy.product == own.product:
            policy = own
        number = None if policy is None else assigner.number(policy)
        rows.append((place, band, stack_no, number, *_coverage(policy, own)))
    table = pl.DataFrame(rows, schema=_GOVERNED, orient="row")
    return keyed.join(table, on=keys, how="left", nulls_equal=True).drop("_place", "_band")


def _coverage(policy: Stack | None, own: Stack | None) -> tuple[str | None, list[str] | None]:
    """The governing product, and the clauses that leave out a loan of ``own``: made in the gap, or too early."""
    if policy is None:
        return None, None
    follows = policy.look("renewal.follows", policy.signed_on)
    if own is None or follows is None or follows.value != "own" or policy.product == own.product:
        return policy.product, None
    admitted = policy.look("renewal.from_products", policy.signed_on)
    covered = not in_gap(own) and admitted is not None and own.product in admitted.codes
    return policy.product, None if covered else list(follows.clauses)
