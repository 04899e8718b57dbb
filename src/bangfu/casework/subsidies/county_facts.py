"""A county's facts as one cycle needs them: read once for all its lists, each loan with its branch and its village."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import connection

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.database.session import widened
from bangfu.facts import Facts

__all__ = ["TOWNSHIP", "CountyFacts", "county_facts"]

TOWNSHIP = 9
_BRANCHES = (
    "select loan_id, institution_id, borrower_name from casework_loan where recorded @> %s::timestamptz"
    " and not ordinary and case when area_code = '' then scope_area else area_code end like %s"
)
_INSTITUTIONS = (
    "select institution_id from casework_institution where recorded @> %s::timestamptz and valid @> %s::date"
)


@dataclass(frozen=True)
class CountyFacts:
    """What was known of a county.

    Attributes:
        county: 6-digit code.
        on: As of which day; what banks booked later is not known.
        known_at: The moment in the database.
        facts: The core's tables: households on the day, all their loans and events.
        loans: The county's loans: loan_id, household_id, village, township, institution_id (null where the registry
            does not know it on the day), borrower_name.
    """

    county: str
    on: date
    known_at: datetime
    facts: Facts
    loans: pl.DataFrame


def county_facts(county: str, *, on: date, known_at: datetime) -> CountyFacts:
    """Read a county once.

    A loan stands where its household lives on the day, if that is in the county; else where it was signed: the county
    of signing pays (its area code never changes), the township that knows the household reviews.
    """
    facts = facts_of_county(county, on=on, known_at=known_at)
    with widened(), connection.cursor() as cursor:
        cursor.execute(_BRANCHES, [known_at, f"{county}%"])
        signed = cursor.fetchall()
        cursor.execute(_INSTITUTIONS, [known_at, on])
        registered = [row[0] for row in cursor.fetchall()]
    text = pl.String()
    schema = pl.Schema({"loan_id": text, "institution_id": text, "borrower_name": text})
    branches = pl.DataFrame(signed, schema=schema, orient="row")
    known = pl.col("institution_id").is_in(registered)
    homes = facts.households.select("household_id", pl.col("area_code").alias("home"))
    loans = (
        facts.loans.select("loan_id", "household_id", "area_code")
        .join(branches, on="loan_id")
        .join(homes, on="household_id", how="left")
        .with_columns(
            pl.when(pl.col("home").str.starts_with(county))
            .then("home")
            .otherwise("area_code")
            .alias("village"),
            pl.when(known).then("institution_id").alias("institution_id"),
        )
        .with_columns(pl.col("village").str.slice(0, TOWNSHIP).alias("township"))
        .drop("home", "area_code")
        .sort("loan_id")
    )
    return CountyFacts(county, on, known_at, facts, loans)
