"""Facts in words for the few rows that raise something: the roster as it was, the clause that keeps a rate."""

from __future__ import annotations

import polars as pl

from bangfu.engine.admission.borrowers import standings
from bangfu.engine.admission.terms import clause_column
from bangfu.facts import Facts

_KEPT = "renewal.old_loan_keeps_rate"
_SHOWN_AT_START, _SHOWN_AT_END = 4, 2


def as_it_is(rows: pl.DataFrame) -> pl.DataFrame:
    """Nothing to add."""
    return rows


def with_roster(rows: pl.DataFrame, facts: Facts, terms: pl.DataFrame) -> pl.DataFrame:
    """Add roster (``poor 2016-01-01 to 2019-12-31 graduated; …``), admitted, and borrower (the number masked)."""
    left = (
        pl.when(pl.col("left_on").is_null())
        .then(pl.lit(""))
        .otherwise(
            " to " + pl.col("left_on").dt.to_string("%Y-%m-%d") + " " + pl.col("left_reason").fill_null("")
        )
    )
    each = (
        pl.col("category") + " " + pl.col("listed_on").dt.to_string("%Y-%m-%d") + left.str.strip_chars_end()
    )
    lines = (
        standings(facts.roster.join(rows.select("household_id").unique(), on="household_id", how="semi"))
        .sort("household_id", "listed_on", "category")
        .group_by("household_id", maintain_order=True)
        .agg(each.str.join("; ").alias("roster"))
    )
    admitted = terms.select("stack_no", pl.col("borrower_categories").list.join(", ").alias("admitted"))
    number = pl.col("borrower_id_number")
    hidden = number.str.slice(0, _SHOWN_AT_START) + "************" + number.str.slice(-_SHOWN_AT_END)
    joined = rows.join(lines, on="household_id", how="left", maintain_order="left")
    return joined.join(admitted, on="stack_no", how="left", maintain_order="left").with_columns(
        hidden.alias("borrower")
    )


def with_kept_clauses(rows: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Add the clause that has a renewal keep its loan's rate, from the policy that governs the renewal."""
    clauses = terms.select(pl.col("stack_no").alias("kept_by_stack_no"), clause_column(_KEPT))
    return rows.join(clauses, on="kept_by_stack_no", how="left", maintain_order="left")
