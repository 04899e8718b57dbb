"""Identities: one person who stands in several places, and numbers that fail their check (GB 11643)."""

from __future__ import annotations

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings, gathered
from bangfu.engine.identities import masked, person_key
from bangfu.facts.identity import EARLIEST_BIRTH, LATEST_BIRTH, SHAPE, birth_date_expr, check_digit_ok_expr

# GB 11643: the weights of the first seventeen digits, and the check characters by the remainder.
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
EIGHTEEN = r"^\d{17}[\dX]$"
ORDERED = (
    "HLJ2019-1",
    "LD2021-3.4",
)  # check the rosters and the lending; false-name, impostor and borrowed-name loans


def duplicate_identity(context: AuditContext) -> pl.DataFrame:
    """Findings: one person in two households, or twice in one, or borrowing in another's household.

    The subject is each household the person stands in; the loan where a borrower is a member elsewhere and not at
    home, or borrows for several households and is a member of none.
    """
    members = context.people
    rows = members.filter(pl.col("person").is_duplicated())
    twice = rows.group_by("person").agg(
        pl.col("member_id").n_unique().cast(pl.Int64).alias("members"),
        pl.col("household_id").unique().sort().str.join(" ").alias("households"),
    )
    rows = rows.join(twice.filter(pl.col("members") > 1), on="person")
    at_home = findings(
        rows.unique(["person", "household_id"], keep="first", maintain_order=True).with_columns(
            masked(pl.col("id_number")).alias("id_number")
        ),
        code="duplicate_identity",
        table="households",
        subject="household_id",
        clauses=ORDERED,
        facts=("id_number", "members", "households"),
    )
    return gathered([at_home, _borrowing_elsewhere(context)])


def _borrowing_elsewhere(context: AuditContext) -> pl.DataFrame:
    number = pl.col("borrower_id_number").alias("id_number")
    loans = context.facts.loans.select("loan_id", "household_id", number).with_columns(
        person_key(pl.col("id_number")).alias("person")
    )
    loans = loans.drop_nulls("person")
    homes = context.people.select("person", pl.col("household_id").alias("home"))
    homes = homes.join(loans.select("person").unique(), on="person", how="semi")
    beside = loans.join(homes, on="person", how="left")
    at_home = beside.filter(pl.col("home") == pl.col("household_id")).select("loan_id").unique()
    strange = beside.join(at_home, on="loan_id", how="anti")
    several = (
        loans.join(strange.select("person").unique(), on="person", how="semi")
        .group_by("person")
        .agg(pl.col("household_id").n_unique().cast(pl.Int64).alias("households_borrowing"))
    )
    told = (
        strange.group_by("loan_id", "household_id", "id_number", "person")
        .agg(pl.col("home").drop_nulls().unique().sort().str.join(" ").alias("member_of"))
        .join(several, on="person")
    )
    wrong = told.filter((pl.col("member_of") != "") | (pl.col("households_borrowing") > 1))
    return findings(
        wrong.with_columns(masked(pl.col("id_number")).alias("id_number")),
        code="duplicate_identity",
        table="loans",
        subject="loan_id",
        clauses=ORDERED,
        facts=("id_number", "household_id", "member_of", "households_borrowing"),
    )


def bad_id_number(context: AuditContext) -> pl.DataFrame:
    """Findings: a number whose form, birth date or check character is wrong; some real old numbers are so too.

    A member's number is the household's finding, a borrower's the loan's unless it is a member's too.
    """
    members = context.facts.members.select("member_id", "household_id", "id_number")
    at_home = findings(
        _failing(members),
        code="bad_id_number",
        table="households",
        subject="household_id",
        clauses=ORDERED,
        facts=("member_id", "id_number", "fails"),
    )
    wrong = _failing(
        context.facts.loans.select("loan_id", pl.col("borrower_id_number").alias("id_number")), hide=False
    )
    theirs = members.select("id_number").join(wrong.select("id_number").unique(), on="id_number", how="semi")
    borrowers = findings(
        wrong.join(theirs.unique(), on="id_number", how="anti").with_columns(
            masked(pl.col("id_number")).alias("id_number")
        ),
        code="bad_id_number",
        table="loans",
        subject="loan_id",
        clauses=ORDERED,
        facts=("id_number", "fails"),
    )
    return gathered([at_home, borrowers])


def _failing(frame: pl.DataFrame, *, hide: bool = True) -> pl.DataFrame:
    """The rows whose number fails, with ``fails``: form, birth_date or check_digit."""
    number = pl.col("id_number")
    frame = frame.drop_nulls("id_number")
    odd = _not_plainly_sound(frame).filter(
        ~number.str.contains(SHAPE) | birth_date_expr(number).is_null() | ~check_digit_ok_expr(number)
    )
    fails = (
        pl.when(~number.str.contains(SHAPE))
        .then(pl.lit("form"))
        .when(birth_date_expr(number).is_null())
        .then(pl.lit("birth_date"))
        .otherwise(pl.lit("check_digit"))
    )
    told = odd.with_columns(fails.alias("fails"))
    return told.with_columns(masked(number).alias("id_number")) if hide else told


def _not_plainly_sound(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows but those whose number is of 18 characters and in order, found in integers: few are left."""
    number = pl.col("id_number")
    staged = frame.with_columns(number.str.slice(0, 17).cast(pl.Int64, strict=False).alias("_digits"))
    digits = pl.col("_digits")
    weighed = [digits // 10 ** (16 - place) % 10 * weight for place, weight in enumerate(CHECK_WEIGHTS)]
    wanted = (pl.sum_horizontal(weighed) % len(CHECK_CHARACTERS)).replace_strict(
        dict(enumerate(CHECK_CHARACTERS)), return_dtype=pl.String
    )
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    sound = (
        number.str.contains(EIGHTEEN)
        & (wanted == number.str.slice(17))
        & born.is_between(EARLIEST_BIRTH, LATEST_BIRTH)
    )
    return staged.filter(~sound.fill_null(value=False)).drop("_digits")
