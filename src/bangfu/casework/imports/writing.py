"""New facts into the tables, table by table; what is changed by it is closed by the caller before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted, laid_down
from bangfu.casework.database.session import widened
from bangfu.casework.imports import rows
from bangfu.casework.imports.known import (
    known_contracts,
    known_homes,
    known_institutions,
    known_loans,
    known_people,
)
from bangfu.casework.imports.rows import CARRIED, Around

__all__ = ["Progress", "Written", "write"]

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Written:
    """What was added.

    Attributes:
        rows: Rows by table of the core.
        without_policy: Loans that no policy covers on the day they were signed.
        dealings: Households outside the townships their bank leads.
    """

    rows: Mapping[str, int]
    without_policy: int
    dealings: int


def write(
    frames: Mapping[str, pl.DataFrame],
    *,
    actor: Actor,
    batch_id: UUID,
    county: str,
    source: str,
    progress: Progress,
) -> Written:
    """Add the rows of the core's frames.

    Args:
        frames: By table of the core; only what is to be added.
        actor: Who.
        batch_id: The import they came with.
        county: The code that rows of no place lie under.
        source: Where events came from: import, bank_file.
        progress: Told each table and its number of rows, when it is done.
    """
    same = {
        "recorded": DateTimeTZRange(actor.now, None, "[)"),
        "recorded_by": actor.account_id,
        "batch_id": batch_id,
    }
    counts: dict[str, int] = {}

    def add(name: str, table: str, frame: pl.DataFrame) -> None:
        counts[name] = inserted(table, frame, same)
        progress(name, counts[name])

    with (
        widened()
    ):  # a bank's new borrower may live where it sees nobody yet; the village decides who sees the loan
        homes = _homes(known_homes(), frames["households"])
    with ThreadPoolExecutor(1) as beside:  # numbers are sealed while PostgreSQL is busy with what has none
        values = beside.submit(rows.member_values, frames["members"], homes)
        if not frames["households"].is_empty():
            add("households", "casework_household", rows.household_rows(frames["households"]))
        add("roster", "casework_roster_entry", rows.roster_rows(frames["roster"], homes))
        if not frames["members"].is_empty():
            add("members", "casework_member", rows.member_rows(frames["members"], homes, values.result()))
    with widened():
        people = known_people(frames)
    around = Around(homes, people, known_loans(), known_institutions(actor.on), county)
    dealings = _dealings(frames, around, actor)
    without = _loans(frames, around, add)
    around = Around(around.homes, around.people, known_loans(), around.institutions, county)
    if not frames["events"].is_empty():
        add("events", "casework_loan_event", rows.event_rows(frames["events"], around.loans, source=source))
    for name in CARRIED:
        if not frames[name].is_empty():
            counts[name] = inserted("casework_fact_row", rows.carried_rows(name, frames[name], around), same)
            progress(name, counts[name])
    return Written(counts, without, dealings)


def _homes(known: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """The households that are there, with those that come."""
    return pl.concat(
        [known, fresh.select("household_id", pl.col("area_code").alias("scope_area"), "head_name")]
    ).unique("household_id", keep="first", maintain_order=True)


def _loans(
    frames: Mapping[str, pl.DataFrame], around: Around, add: Callable[[str, str, pl.DataFrame], None]
) -> int:
    """The loans of the programme, pinned, and the others; how many have no policy."""
    without = 0
    for name, ordinary in (("loans", False), ("ordinary_loans", True)):
        loans = frames[name]
        if loans.is_empty():
            continue
        pin = _NO_PIN
        if not ordinary:
            pin, without = _pinned(loans, frames["events"])
        add(name, "casework_loan", rows.loan_rows(loans, around, ordinary=ordinary, pin=pin))
    return without


_NO_PIN = pl.DataFrame(schema={"loan_id": pl.String, "policy": pl.String, "pinned": pl.String})


def _pinned(loans: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The policy of each new loan; a renewal's family may stand in the database already."""
    older = known_contracts() if (loans["kind"] == "renewal").any() else loans.clear()
    older = older.join(loans, on="loan_id", how="anti")
    pin, _ = rows.pinned(pl.concat([older, loans]), events)
    pin = pin.join(loans.select("loan_id"), on="loan_id", how="semi")
    return pin, loans.height - pin.height


def _dealings(frames: Mapping[str, pl.DataFrame], around: Around, actor: Actor) -> int:
    """Households with a loan of a bank that does not lead their township are dealings of that bank."""
    named = [
        rows.with_institution(frames[name], around.institutions).select("household_id", "institution_id")
        for name in ("loans", "ordinary_loans")
    ]
    found = pl.concat(named).drop_nulls().unique(maintain_order=True)
    found = found.join(
        around.homes.select("household_id", "scope_area"), on="household_id", maintain_order="left"
    )
    if found.is_empty():
        return 0
    laid_down(found, like="casework_dealings", name="came_dealings")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_dealings (household_id, institution_id, scope_area)"
            " select household_id, institution_id, scope_area from pg_temp.came_dealings as came"
            " where not exists (select from casework_lead_bank as lead where upper_inf(lead.recorded)"
            "  and lead.valid @> %s::date and lead.institution_id = came.institution_id"
            "  and lead.township = left(came.scope_area, 9))"
            " order by institution_id, household_id on conflict do nothing",
            [actor.on],
        )
        return int(cursor.rowcount)
