"""Identities: one person who stands in several places, and numbers that fail their check (GB 11643)."""

from __future__ import annotations

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings, gathered
from bangfu.facts.identity import SHAPE, birth_date_expr, check_digit_ok_expr

ORDERED = ("HLJ2019-1", "LD2021-3.4")  # check the rosters and the lending; false-name, impostor and borrowed-name loans
_OLD_LENGTH = 15
_KEPT_AT_START, _KEPT_AT_END = 4, 2


def person_key(id_number: pl.Expr) -> pl.Expr:
    """What the 15- and the 18-character form of one person's number share: area, birth date, sequence."""
    old = id_number.str.len_bytes() == _OLD_LENGTH
    key = (
        pl.when(old)
        .then(id_number.str.slice(0, 6) + pl.lit("19") + id_number.str.slice(6, 9))
        .otherwise(id_number.str.slice(0, 17))
    )
    return pl.when(id_number.str.contains(SHAPE)).then(key)


def masked(id_number: pl.Expr) -> pl.Expr:
    """For people to tell apart, not to read; as ``bangfu.facts.identity.mask``."""
    size = id_number.str.len_chars().cast(pl.Int64)
    hidden = pl.lit("*").repeat_by((size - _KEPT_AT_START - _KEPT_AT_END).clip(0)).list.join("")
    return id_number.str.slice(0, _KEPT_AT_START) + hidden + id_number.str.tail(_KEPT_AT_END)


def duplicate_identity(context: AuditContext) -> pl.DataFrame:
    """Findings: one person in two households, or twice in one, or borrowing in another's household.

    The subject is each household the person stands in; the loan where a borrower is a member elsewhere and not at
    home, or borrows for several households and is a member of none.
    """
    members = _keyed(context.facts.members, "id_number", "member_id")
    twice = members.group_by("person").agg(
        pl.col("member_id").n_unique().cast(pl.Int64).alias("members"),
        pl.col("household_id").unique().sort().str.join(" ").alias("households"),
    )
    twice = twice.filter(pl.col("members") > 1)
    rows = members.join(twice, on="person").unique(["person", "household_id"], keep="first", maintain_order=True)
    at_home = findings(
        rows.with_columns(masked(pl.col("id_number")).alias("id_number")),
        code="duplicate_identity",
        table="households",
        subject="household_id",
        clauses=ORDERED,
        facts=("id_number", "members", "households"),
    )
    return gathered([at_home, _borrowing_elsewhere(context, members)])


def _keyed(frame: pl.DataFrame, number: str, subject: str) -> pl.DataFrame:
    """subject, household_id, id_number and the person's key, without rows that have no number."""
    told = frame.select(subject, "household_id", pl.col(number).alias("id_number"))
    return told.with_columns(person_key(pl.col("id_number")).alias("person")).drop_nulls("person")


def _borrowing_elsewhere(context: AuditContext, members: pl.DataFrame) -> pl.DataFrame:
    loans = _keyed(context.facts.loans, "borrower_id_number", "loan_id")
    strange = loans.join(members.select("person", "household_id"), on=["person", "household_id"], how="anti")
    homes = members.group_by("person").agg(pl.col("household_id").unique().sort().str.join(" ").alias("member_of"))
    several = (
        loans.group_by("person")
        .agg(pl.col("household_id").n_unique().cast(pl.Int64).alias("households_borrowing"))
    )
    told = strange.join(homes, on="person", how="left").join(several, on="person")
    wrong = told.filter(pl.col("member_of").is_not_null() | (pl.col("households_borrowing") > 1))
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
    members = context.facts.members.select("member_id", "household_id", "id_number").drop_nulls("id_number")
    wrong = _failing(members)
    at_home = findings(
        wrong,
        code="bad_id_number",
        table="households",
        subject="household_id",
        clauses=ORDERED,
        facts=("member_id", "id_number", "fails"),
    )
    loans = context.facts.loans.select("loan_id", pl.col("borrower_id_number").alias("id_number")).drop_nulls()
    borrowers = findings(
        _failing(loans.join(members.select("id_number").unique(), on="id_number", how="anti")),
        code="bad_id_number",
        table="loans",
        subject="loan_id",
        clauses=ORDERED,
        facts=("id_number", "fails"),
    )
    return gathered([at_home, borrowers])


def _failing(frame: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("id_number")
    fails = (
        pl.when(~number.str.contains(SHAPE))
        .then(pl.lit("form"))
        .when(birth_date_expr(number).is_null())
        .then(pl.lit("birth_date"))
        .when(~check_digit_ok_expr(number))
        .then(pl.lit("check_digit"))
    )
    told = frame.with_columns(fails.alias("fails")).drop_nulls("fails")
    return told.with_columns(masked(number).alias("id_number"))
