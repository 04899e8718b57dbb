"""A county's facts as one cycle needs them: read once for all its lists, each loan with its branch and its village."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.session import widened
from bangfu.engine.cycle import CycleDue, due_of_cycle
from bangfu.facts import Facts

__all__ = ["TOWNSHIP", "CountyFacts", "county_facts", "cycle_due", "read_once"]

TOWNSHIP = 9
_BRANCHES = (
    "select loan_id, institution_id, borrower_name from casework_loan where recorded @> %s::timestamptz"
    " and not ordinary and case when area_code = '' then scope_area else area_code end like %s"
)
# Who can submit a list: branches, and a bank that has none. A file's loan whose branch is unknown lies with its bank.
_INSTITUTIONS = (
    "with known as (select institution_id, kind, parent_id from casework_institution"
    " where recorded @> %s::timestamptz and valid @> %s::date) select institution_id from known i"
    " where kind = 'branch' or not exists (select from known b where b.parent_id = i.institution_id)"
)
# What was read last inside of ``read_once``; nothing is kept outside of it.
_LAST: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("bangfu_county_facts", default=None)


@dataclass(frozen=True)
class CountyFacts:
    """What was known of a county.

    Attributes:
        county: 6-digit code.
        on: As of which day; what banks booked later is not known.
        known_at: The moment in the database.
        facts: The core's tables: households on the day, all their loans and events.
        loans: The county's loans: loan_id, household_id, village, township, institution_id (null where the registry
            knows no branch on the day), borrower_name.
    """

    county: str
    on: date
    known_at: datetime
    facts: Facts
    loans: pl.DataFrame


@contextmanager
def read_once() -> Iterator[None]:
    """Within it the same question of a county is read, and its cycle reckoned, once.

    For whoever does several steps of a past quarter in a row, with what was known at a moment long past.
    """
    token = _LAST.set({})
    try:
        yield
    finally:
        _LAST.reset(token)


def cycle_due(known: CountyFacts, *, rhythm: str, start: date, end: date) -> CycleDue:
    """The core's run on a county's facts for a period."""
    last = _LAST.get()
    key = (known.county, known.on, known.known_at, rhythm, start, end)
    if last is not None and key in last:
        due: CycleDue = last[key]
        return due
    due = due_of_cycle(known.facts, site_book(), county=known.county, rhythm=rhythm, start=start, end=end)
    if last is not None:
        last[key] = due
    return due


def county_facts(county: str, *, on: date, known_at: datetime) -> CountyFacts:
    """A county's facts; inside of ``read_once`` those that were read last, where they are the same."""
    last = _LAST.get()
    if last is None:
        return _read(county, on=on, known_at=known_at)
    if (county, on, known_at) not in last:
        last.clear()
        last[county, on, known_at] = _read(county, on=on, known_at=known_at)
    found: CountyFacts = last[county, on, known_at]
    return found


def _read(county: str, *, on: date, known_at: datetime) -> CountyFacts:
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
