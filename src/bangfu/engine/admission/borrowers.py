"""What the facts say of the household and the borrower on the application day: roster, members, labour, birth."""

from __future__ import annotations

import polars as pl

from bangfu.engine.admission.terms import listed_codes
from bangfu.facts import Facts
from bangfu.facts.identity import birth_date_expr

POOR, OUT_OF_POVERTY = "poor", "out_of_poverty"
GRADUATED, WRONGLY_LISTED = "graduated", "wrongly_listed"
_OLD_LENGTH = 15
_ALIVE = (pl.col("listed_on") <= pl.col("aged_on")) & (
    pl.col("left_on").is_null() | (pl.col("aged_on") < pl.col("left_on"))
)


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
    """Add listed, listed_in_admitted_category and struck_off_wrongly.

    Most households stand on the roster as they should: only the others' rows are looked at one by one.
    """
    names = ("listed", "listed_in_admitted_category", "struck_off_wrongly")
    if "roster" in facts.missing:
        return cases.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in names)
    admitted = listed_codes(terms, "borrower.categories", code="category", flag="_admitted")
    asked = cases.lazy().select("loan_id", "household_id", "stack_no", "aged_on")
    plain = facts.roster.lazy().select("household_id", "category", "listed_on", "left_on")
    clean = (
        asked.join(plain, on="household_id")
        .filter(_ALIVE)
        .join(admitted.lazy(), on=["stack_no", "category"], how="semi")
        .select("loan_id", pl.lit(value=True).alias("_clean"))
        .unique()
        .collect()
    )
    marked = cases.join(clean, on="loan_id", how="left", maintain_order="left")
    found = _standing(marked.filter(pl.col("_clean").is_null()), facts.roster, admitted)
    joined = marked.join(found, on="loan_id", how="left", maintain_order="left")
    fine = pl.col("_clean").fill_null(value=False)
    # Where no document names the categories, nothing is said of the roster: that is ``term_not_set``.
    named = pl.col("stack_no").is_in(admitted["stack_no"].unique().implode())
    return joined.with_columns(
        pl.when(named).then(pl.col("listed").fill_null(value=False) | fine),
        pl.when(named).then(pl.col("listed_in_admitted_category").fill_null(value=False) | fine),
        pl.col("struck_off_wrongly").fill_null(value=False),
    ).drop("_clean")


def _standing(doubtful: pl.DataFrame, roster: pl.DataFrame, admitted: pl.DataFrame) -> pl.DataFrame:
    """How the household of each loan stands on its day: loan_id and the three answers."""
    theirs = roster.join(doubtful.select("household_id").unique(), on="household_id", how="semi")
    struck = (pl.col("left_reason") == WRONGLY_LISTED) & (pl.col("left_on") <= pl.col("aged_on"))
    return (
        doubtful.select("loan_id", "household_id", "stack_no", "aged_on")
        .join(standings(theirs), on="household_id")
        .with_columns(_ALIVE.alias("_alive"), struck.fill_null(value=False).alias("_struck"))
        .filter(pl.col("_alive") | pl.col("_struck"))
        .join(admitted, on=["stack_no", "category"], how="left")
        .group_by("loan_id")
        .agg(
            pl.col("_alive").any().alias("listed"),
            (pl.col("_alive") & pl.col("_admitted").fill_null(value=False))
            .any()
            .alias("listed_in_admitted_category"),
            pl.col("_struck").any().alias("struck_off_wrongly"),
        )
    )


def _with_labour(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Add labour_count and some_member_able (null where a living member's ability is not recorded)."""
    counted = cases.join(
        facts.households.select("household_id", "labour_count"),
        on="household_id",
        how="left",
        maintain_order="left",
    )
    surely = facts.members.lazy().filter("labour", pl.col("deceased_on").is_null()).select("household_id")
    theirs = (
        cases.lazy().select("household_id").join(surely, on="household_id", how="semi").unique().collect()
    )
    marked = counted.join(
        theirs.with_columns(pl.lit(value=True).alias("_able")),
        on="household_id",
        how="left",
        maintain_order="left",
    )
    found = _ability(marked.filter(pl.col("_able").is_null()), facts.members)
    joined = marked.join(found, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_able", "some_member_able").alias("some_member_able")).drop(
        "_able"
    )


def _ability(doubtful: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Whether a member was able to work and alive on the day, where no member is able and alive to this day."""
    alive = pl.col("deceased_on").is_null() | (pl.col("deceased_on") > pl.col("aged_on"))
    told = (
        pl.when((alive & pl.col("labour")).any())
        .then(True)
        .when(~(alive & pl.col("labour").is_null()).any())
        .then(False)
    )
    theirs = doubtful.select("loan_id", "household_id", "aged_on").join(members, on="household_id")
    return theirs.group_by("loan_id").agg(told.alias("some_member_able"))


def _with_membership(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Add borrower_is_member: the ID number is that of a member of the household, in the old form or the new."""
    if "members" in facts.missing:
        return cases.with_columns(pl.lit(None, pl.Boolean).alias("borrower_is_member"))
    known = facts.members.lazy().select("household_id", pl.col("id_number").alias("borrower_id_number"))
    asked = cases.lazy().select("loan_id", "household_id", "borrower_id_number")
    keys = ["household_id", "borrower_id_number"]
    met = asked.join(known, on=keys, how="semi").select("loan_id").collect()["loan_id"]
    rest = cases.filter(pl.col("borrower_id_number").is_not_null()).join(
        met.to_frame(), on="loan_id", how="anti"
    )
    by_old_form = _met_in_old_form(rest, facts.members)
    strangers = rest.filter(~pl.col("loan_id").is_in(by_old_form.implode()))["loan_id"]
    told = pl.when(pl.col("borrower_id_number").is_not_null()).then(
        ~pl.col("loan_id").is_in(strangers.implode())
    )
    return cases.with_columns(told.alias("borrower_is_member"))


def _met_in_old_form(rest: pl.DataFrame, members: pl.DataFrame) -> pl.Series:
    """The loans whose borrower is a member once both numbers are written in the old form, and one of them was so."""
    asked = rest.select(
        "loan_id",
        "household_id",
        _old_form("borrower_id_number"),
        _is_old("borrower_id_number").alias("_asks_old"),
    )
    known = members.join(rest.select("household_id").unique(), on="household_id", how="semi").select(
        "household_id",
        _old_form("id_number").alias("borrower_id_number"),
        _is_old("id_number").alias("_old"),
    )
    either = asked.join(known, on=["household_id", "borrower_id_number"])
    return either.filter(pl.col("_old") | pl.col("_asks_old"))["loan_id"].unique()


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
