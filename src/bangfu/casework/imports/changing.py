"""Corrections by file: the row that stood is closed, the row as it is now is appended beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

from bangfu.casework.database.copying import inserted, laid_down
from bangfu.casework.imports import rows
from bangfu.casework.imports.differing import Difference
from bangfu.casework.imports.known import frame_of
from bangfu.casework.imports.rows import Around
from bangfu.facts import TABLES

__all__ = ["change"]

# Columns of a row that no file knows and a correction keeps.
_KEEPS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "households": ("casework_household", "household_id", ("address", "valid")),
    "members": ("casework_member", "member_id", ("phone_id", "marital_status", "valid")),
    "loans": ("casework_loan", "loan_id", ("application_id", "decided_by", "policy", "pinned")),
    "ordinary_loans": ("casework_loan", "loan_id", ("application_id", "decided_by")),
}


def change(
    found: Difference, *, around: Around, same: Mapping[str, Any], now: datetime, on: date
) -> dict[str, int]:
    """Close what is changed and append what is said now; how many rows by table.

    Args:
        found: The difference.
        around: What rows refer to.
        same: recorded, recorded_by, batch_id of the appended rows.
        now: The moment at which the old rows end.
        on: The day on which entries end that a whole list no longer names.
    """
    done: dict[str, int] = {}
    for name, changed in found.changed.items():
        if changed.is_empty():
            continue
        if name in _KEEPS:
            table, key, keeps = _KEEPS[name]
            kept = _kept(table, key, keeps, changed)
            _closed(table, {key: key}, changed.select(key), now=now)
            fresh = _fresh(name, changed, around).drop(keeps, strict=False)
            inserted(table, fresh.join(kept, on=key, how="left", maintain_order="left"), same)
        elif name == "roster":
            _end(changed, now=now)
            inserted("casework_roster_entry", rows.roster_rows(changed, around.homes), same)
        else:
            _carried(name, changed, around, same=same, now=now)
        done[name] = changed.height
    if not found.ended.is_empty():
        _end(found.ended, now=now)
        left = found.ended.with_columns(pl.lit(on).alias("left_on"))
        inserted("casework_roster_entry", rows.roster_rows(left, around.homes), same)
    return done


def _fresh(name: str, changed: pl.DataFrame, around: Around) -> pl.DataFrame:
    if name == "households":
        return rows.household_rows(changed)
    if name == "members":
        return rows.member_rows(changed, around.homes)
    none = pl.DataFrame(schema={"loan_id": pl.String, "policy": pl.String, "pinned": pl.String})
    return rows.loan_rows(changed, around, ordinary=name == "ordinary_loans", pin=none)


def _kept(table: str, key: str, keeps: tuple[str, ...], changed: pl.DataFrame) -> pl.DataFrame:
    """What the rows hold that the file does not know, as text."""
    columns = ", ".join(f"{column}::text" for column in keeps)
    return frame_of(
        f"select {key}, {columns} from {table} where upper_inf(recorded) and {key} = any(%s)"
        + (" and upper_inf(valid)" if "valid" in keeps else ""),
        {key: pl.String, **dict.fromkeys(keeps, pl.String)},
        [changed[key].to_list()],
    )


def _end(entries: pl.DataFrame, *, now: datetime) -> None:
    """Close roster entries, known by household, category and first day."""
    keys = entries.select(
        "household_id", "category", pl.format("[{},{}]", "listed_on", "listed_on").alias("valid")
    )
    laid_down(keys, like="casework_roster_entry", name="closing")
    _close("casework_roster_entry", "t.household_id = c.household_id and t.category = c.category"
           " and lower(t.valid) = lower(c.valid)", now=now)  # fmt: skip


def _closed(table: str, on: Mapping[str, str], keys: pl.DataFrame, *, now: datetime) -> None:
    laid_down(keys, like=table, name="closing")
    match = " and ".join(f"t.{left} = c.{right}" for left, right in on.items())
    has_valid = table in {"casework_household", "casework_member"}
    _close(table, match + (" and upper_inf(t.valid)" if has_valid else ""), now=now)


def _close(table: str, match: str, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "update {} as t set recorded = tstzrange(lower(t.recorded), %s) from pg_temp.closing as c"
                " where upper_inf(t.recorded) and " + match
            ).format(sql.Identifier(table)),
            [now],
        )


def _carried(
    name: str, changed: pl.DataFrame, around: Around, *, same: Mapping[str, Any], now: datetime
) -> None:
    """Rows kept as they came: found by the key inside."""
    key = [TABLES[name].column(part).frame for part in TABLES[name].key]
    held = frame_of(
        "select id, row from casework_fact_row where upper_inf(recorded) and table_name = %s",
        {"id": pl.Int64, "row": pl.Object},
        [name],
    )
    wanted = {tuple(map(str, row)) for row in changed.select(key).rows()}
    ids = [
        (row_id,) for row_id, row in held.rows() if tuple(str(_told(row).get(part)) for part in key) in wanted
    ]
    laid_down(
        pl.DataFrame(ids, schema={"id": pl.Int64}, orient="row"), like="casework_fact_row", name="closing"
    )
    _close("casework_fact_row", "t.id = c.id", now=now)
    inserted("casework_fact_row", rows.carried_rows(name, changed, around), same)


def _told(row: Any) -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads(row) if isinstance(row, str) else row
    return told
