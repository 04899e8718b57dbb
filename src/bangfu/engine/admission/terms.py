"""The signing terms of each stack as one row: they hold whatever day is asked, so a stack number is all they need."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bangfu.engine.stacks import StackedLoans, column_of

# Read by other means (a ceiling is a list of bands); here for their clauses.
CITED_TERMS = ("rate.ceiling",)
CASE_TERMS = (
    "borrower.categories",
    "borrower.barred_after",
    "borrower.labour_required",
    "borrower.one_loan_per_household",
    "borrower.may_be_charged_fees",
    "amount.household_cap",
    "amount.household_cap_with_top_up",
    "term.max_months",
    "rate.fixed_in_contract",
    "guarantee.allowed",
    "guarantee.exempt_kinds",
    "age.min",
    "age.max",
    "age.exception_allowed",
    "use.forbidden_purposes",
    "use.by_enterprise",
)
ACT_TERMS = (
    "renewal.times",
    "renewal.max_months",
    "renewal.exception_allowed",
    "renewal.only_if_never_before",
    "renewal.old_loan_keeps_rate",
    "extension.short_limit_months",
    "extension.short_share",
    "extension.medium_share",
)


def clause_column(term: str) -> str:
    """The column with the clauses that set a term."""
    return f"{column_of(term)}__clause"


def terms_of(stacked: StackedLoans, terms: Sequence[str]) -> pl.DataFrame:
    """One row a stack: stack_no, and for each term its value column and its clause column."""
    stacks = stacked.stacks
    frame = pl.DataFrame(
        {"stack_no": list(range(len(stacks))), "signed_on": [stack.signed_on for stack in stacks]},
        schema={"stack_no": pl.Int64, "signed_on": pl.Date},
    )
    return stacked.attach(frame, terms, on="signed_on").drop("signed_on")


def values_only(table: pl.DataFrame, terms: Sequence[str]) -> pl.DataFrame:
    """The table without clauses and without lists: what a million rows can carry."""
    names = [column_of(term) for term in terms]
    return table.select("stack_no", *(name for name in names if not isinstance(table.schema[name], pl.List)))


def listed_codes(table: pl.DataFrame, term: str, *, code: str, flag: str) -> pl.DataFrame:
    """A term that is a list of codes, one row each: stack_no, ``code``, and ``flag`` true."""
    name = column_of(term)
    told = table.select("stack_no", pl.col(name).alias(code)).drop_nulls().explode(code)
    return told.with_columns(pl.lit(value=True).alias(flag))
