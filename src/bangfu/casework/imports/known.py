"""What the database knows already, as frames: what new rows refer to and are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import successor_of
from bangfu.facts import empty

__all__ = [
    "ended_areas",
    "frame_of",
    "known_areas",
    "known_contracts",
    "known_homes",
    "known_institutions",
    "known_loans",
    "known_people",
]

_TEXT = pl.String


def frame_of(query: str, schema: Mapping[str, Any], given: Sequence[Any] = ()) -> pl.DataFrame:
    """The rows of a query as a frame."""
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return pl.DataFrame(cursor.fetchall(), schema=dict(schema), orient="row")


def known_homes() -> pl.DataFrame:
    """household_id, scope_area, head_name of all households in scope, as they stand."""
    return frame_of(
        "select household_id, scope_area, head_name from casework_household"
        " where upper_inf(recorded) and upper_inf(valid) order by household_id",
        {"household_id": _TEXT, "scope_area": _TEXT, "head_name": _TEXT},
    )


def known_people(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """member_id, household_id, name, id_number, id_number_id of the members that new rows are about.

    All members of the households that new loans, policies or claims name; ID numbers are opened only where a loan is
    new.
    """
    loans = pl.concat(
        [frames[name].select("household_id", "borrower_id_number") for name in ("loans", "ordinary_loans")]
    )
    about = pl.concat([frames[name].select("member_id") for name in ("insurance", "insurance_events")])
    schema = {"member_id": _TEXT, "household_id": _TEXT, "name": _TEXT, "id_number_id": _TEXT}
    query = (
        "select member_id, household_id, name, id_number_id::text from casework_member"
        " where upper_inf(recorded) and upper_inf(valid)"
    )
    if loans.is_empty() and about.is_empty():
        return pl.DataFrame(schema={**schema, "id_number": _TEXT})
    people = frame_of(f"{query} order by member_id", schema)
    wanted = people.join(
        loans.filter(pl.col("borrower_id_number").is_not_null()), on="household_id", how="semi"
    )
    fresh = frames["members"].select("member_id", "id_number")
    old = wanted.join(fresh, on="member_id", how="anti")["id_number_id"].drop_nulls()
    opened = personal_data.opened_of(UUID(one) for one in old)
    numbers = pl.concat(
        [
            fresh.join(people, on="member_id").select("id_number_id", "id_number"),
            pl.DataFrame(
                [(str(key), value) for key, value in opened.items()],
                schema={"id_number_id": _TEXT, "id_number": _TEXT},
                orient="row",
            ),
        ]
    )
    return people.join(numbers, on="id_number_id", how="left", maintain_order="left")


def known_loans() -> pl.DataFrame:
    """loan_id, household_id, scope_area, institution_id of all loans in scope, as they stand."""
    return frame_of(
        "select loan_id, household_id, scope_area, institution_id from casework_loan where upper_inf(recorded)"
        " order by loan_id",
        {"loan_id": _TEXT, "household_id": _TEXT, "scope_area": _TEXT, "institution_id": _TEXT},
    )


def known_institutions(on: date) -> pl.DataFrame:
    """Lender, branch (null for the bank itself), institution_id, by their names on a day."""
    return frame_of(
        "select coalesce(bank.name, own.name), case when bank.name is null then null else own.name end,"
        " own.institution_id from casework_institution as own left join casework_institution as bank"
        " on bank.institution_id = own.parent_id and upper_inf(bank.recorded) and bank.valid @> %s::date"
        " where upper_inf(own.recorded) and own.valid @> %s::date order by 1, 2",
        {"lender": _TEXT, "branch": _TEXT, "institution_id": _TEXT},
        [on, on],
    ).unique(["lender", "branch"], keep="first", maintain_order=True)


def known_areas(on: date) -> pl.DataFrame:
    """Code and name of all places on a day."""
    return frame_of(
        "select code, name from casework_area where upper_inf(recorded) and valid @> %s::date order by code",
        {"code": _TEXT, "name": _TEXT},
        [on],
    )


def ended_areas(on: date) -> dict[str, str]:
    """Codes that no place has any more on a day, each with the one that took it over."""
    ended = frame_of(
        "select distinct code from casework_area where upper_inf(recorded) and upper(valid) <= %s and code not in"
        " (select code from casework_area where upper_inf(recorded) and valid @> %s::date) order by code",
        {"code": _TEXT},
        [on, on],
    )
    return {code: successor_of(code, on=on) for code in ended["code"]}


def known_contracts() -> pl.DataFrame:
    """The loans of the programme in scope as far as their policy asks: who renews what, where and when."""
    wanted = {
        "loan_id": _TEXT,
        "product": _TEXT,
        "kind": _TEXT,
        "parent_loan_id": _TEXT,
        "area_code": _TEXT,
        "contract_on": pl.Date,
    }
    found = frame_of(
        "select loan_id, product, kind, nullif(parent_loan_id, ''), nullif(area_code, ''), contract_on"
        " from casework_loan where upper_inf(recorded) and not ordinary order by loan_id",
        wanted,
    )
    return pl.concat([empty("loans"), found], how="diagonal")
