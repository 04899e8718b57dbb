"""What the facts say of the household and the borrower on the application day: roster, members, labour, birth."""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.engine.admission.terms import listed_codes
from bangfu.facts import Facts
from bangfu.facts.identity import birth_date_expr

POOR, OUT_OF_POVERTY = "poor", "out_of_poverty"
GRADUATED, WRONGLY_LISTED = "graduated", "wrongly_listed"
_NEVER = date(9999, 12, 31)
_OLD_LENGTH = 15


def with_borrowers(cases: pl.DataFrame, facts: Facts, terms: pl.DataFrame) -> pl.DataFrame:
    """Add what eligibility and age read; null where a table is missing or the facts do not say."""
    cases = _with_roster(cases, facts, terms)
    cases = _with_labour(cases, facts)
    cases = _with_membership(cases, facts)
    return cases.with_columns(birth_date_expr(pl.col("borrower_id_number")).alias("born_on"))


def standings(roster: pl.DataFrame) -> pl.DataFrame:
    """The roster, with a row for what a graduated household then is.

    A registered poor household that graduated is one out of poverty from that day on, also where the roster keeps no
    second row for it; where it does keep rows of that category, they speak for themselves.
    """
    spoken = roster.filter(pl.col("category") == OUT_OF_POVERTY).select("household_id").unique()
    graduated = (
        roster.filter(
            pl.col("category") == POOR, pl.col("left_reason") == GRADUATED, pl.col("left_on").is_not_null()
        )
        .join(spoken, on="household_id", how="anti")
        .group_by("household_id")
        .agg(pl.col("left_on").max().alias("listed_on"))
    )
    ended = (
        roster.filter(pl.col("left_on").is_not_null(), pl.col("left_reason").ne_missing(GRADUATED))
        .join(graduated, on="household_id", suffix="_derived")
        .filter(pl.col("left_on") > pl.col("listed_on_derived"))
        .group_by("household_id")
        .agg(pl.col("left_on").min())
    )
    derived = graduated.join(ended, on="household_id", how="left").select(
        "household_id",
        pl.lit(OUT_OF_POVERTY).alias("category"),
        "listed_on",
        "left_on",
        pl.lit(None, pl.String).alias("left_reason"),
    )
    return pl.concat([roster.select(derived.columns), derived])


def _with_roster(cases: pl.DataFrame, facts: Facts, terms: pl.DataFrame) -> pl.DataFrame:
    names = ("listed", "listed_in_admitted_category", "struck_off_wrongly")
    if "roster" in facts.missing:
        return cases.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in names)
    admitted = listed_codes(terms, "borrower.categories", code="category", flag="_admitted")
    alive = (pl.col("listed_on") <= pl.col("aged_on")) & (
        pl.col("left_on").is_null() | (pl.col("aged_on") < pl.col("left_on"))
    )
    struck = (pl.col("left_reason") == WRONGLY_LISTED) & (pl.col("left_on") <= pl.col("aged_on"))
    found = (
        cases.lazy()
        .select("loan_id", "household_id", "stack_no", "aged_on")
        .join(standings(facts.roster).lazy(), on="household_id")
        .with_columns(alive.alias("_alive"), struck.fill_null(value=False).alias("_struck"))
        .filter(pl.col("_alive") | pl.col("_struck"))
        .join(admitted.lazy(), on=["stack_no", "category"], how="left")
        .group_by("loan_id")
        .agg(
            pl.col("_alive").any().alias("listed"),
            (pl.col("_alive") & pl.col("_admitted").fill_null(value=False))
            .any()
            .alias("listed_in_admitted_category"),
            pl.col("_struck").any().alias("struck_off_wrongly"),
        )
    )
    joined = cases.lazy().join(found, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(name).fill_null(value=False) for name in names).collect()


def _with_labour(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Add labour_count and some_member_able (null where a living member's ability is not recorded)."""
    until = pl.col("deceased_on").fill_null(_NEVER)
    members = facts.members.group_by("household_id").agg(
        until.filter(pl.col("labour")).max().alias("_able_until"),
        until.filter(pl.col("labour").is_null()).max().alias("_unknown_until"),
        pl.lit(value=True).first().alias("_has_members"),
    )
    joined = cases.join(
        facts.households.select("household_id", "labour_count"),
        on="household_id",
        how="left",
        maintain_order="left",
    ).join(members, on="household_id", how="left", maintain_order="left")
    able = (pl.col("_able_until") > pl.col("aged_on")).fill_null(value=False)
    unknown = (pl.col("_unknown_until") > pl.col("aged_on")).fill_null(value=False)
    told = pl.when(able).then(True).when(~unknown & pl.col("_has_members")).then(False)
    return joined.with_columns(told.alias("some_member_able")).drop(
        "_able_until", "_unknown_until", "_has_members"
    )


def _with_membership(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Add borrower_is_member: the ID number is that of a member of the household, in the old form or the new."""
    if "members" in facts.missing:
        return cases.with_columns(pl.lit(None, pl.Boolean).alias("borrower_is_member"))
    known = (
        facts.members.select("household_id", pl.col("id_number").alias("borrower_id_number"))
        .drop_nulls()
        .unique()
    )
    met = cases.join(
        known.with_columns(pl.lit(value=True).alias("_met")),
        on=["household_id", "borrower_id_number"],
        how="left",
        maintain_order="left",
    )
    rest = met.filter(pl.col("_met").is_null(), pl.col("borrower_id_number").is_not_null())
    old = rest.select("loan_id", "household_id", _old_form("borrower_id_number")).join(
        known.select(
            "household_id", _old_form("borrower_id_number"), _is_old("borrower_id_number").alias("_old")
        ),
        on=["household_id", "borrower_id_number"],
    )
    either = old.join(rest.select("loan_id", _is_old("borrower_id_number").alias("_asks_old")), on="loan_id")
    by_old_form = either.filter(pl.col("_old") | pl.col("_asks_old"))["loan_id"].unique()
    told = (
        pl.when(pl.col("borrower_id_number").is_null())
        .then(None)
        .otherwise(pl.col("_met").fill_null(value=False) | pl.col("loan_id").is_in(by_old_form.implode()))
    )
    return met.with_columns(told.alias("borrower_is_member")).drop("_met")


def _is_old(name: str) -> pl.Expr:
    return pl.col(name).str.len_bytes() == _OLD_LENGTH


def _old_form(name: str) -> pl.Expr:
    """The fifteen digits of the old form: without the century and the check character."""
    number = pl.col(name)
    return (
        pl.when(_is_old(name))
        .then(number)
        .otherwise(number.str.slice(0, 6) + number.str.slice(8, 9))
        .alias(name)
    )
