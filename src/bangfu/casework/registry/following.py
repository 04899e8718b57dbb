"""Rows that follow a household to another place, or a village to another code: nothing is left behind, nothing changed.

Facts with two times (loans, facts that came by file) are closed and appended with the new place; rows of a household
that are no fact of a place, as reviews, events or papers, get the new ``scope_area`` alone (``Protection.follows``).
``Loan.area_code``, the place at signing, never changes. What was made for the village itself (monthly lists, the trail)
stays under the code it was made for; whoever holds the place that took it over sees it (decision 0059).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.protection import Protection, models_protected
from bangfu.casework.registry.models import Household, Member

_DAYS_OF_THEIR_OWN = frozenset({Household, Member})
MOVED = "household_id = any(%s)"
RECODED = "scope_area = %s"


@dataclass(frozen=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    rerecorded: bool


def followed(*, actor: Actor, household_ids: Sequence[str], area: str) -> dict[str, int]:
    """Everything of some households to a place but their own rows and their members'; how many rows by table."""
    done = _followed(actor, MOVED, [list(household_ids)], {"scope_area": area})
    kept_in_sight(MOVED, [list(household_ids)])
    return done


def recoded(*, actor: Actor, old: str, new: str) -> dict[str, int]:
    """What is of a village's households to its new code but their own rows and members'; how many rows by table."""
    done = _followed(actor, RECODED, [old], {"scope_area": new})
    kept_in_sight(RECODED, [new])
    return done


def kept_in_sight(where: str, given: Sequence[Any]) -> int:
    """A bank that lent or is asked to lend goes on seeing the household where it leads no more; how many were added.

    Args:
        where: A condition on household_id and scope_area.
        given: Its values.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_dealings (household_id, institution_id, scope_area)"
            " select distinct household_id, institution_id, scope_area from ("
            f" select household_id, institution_id, scope_area from casework_loan where upper_inf(recorded) and {where}"
            f" union all select household_id, institution_id, scope_area from casework_application where {where}"
            ") as theirs where household_id is not null and institution_id is not null"
            " on conflict (institution_id, household_id) do nothing",
            [*given, *given],
        )
        return int(cursor.rowcount)


def recoded_from(*, actor: Actor, table: str, old: str, new: str, on: date) -> int:
    """Rows with days of their own (households, members) of a village stand under its new code from a day."""
    columns = next(_carried(model) for model in (Household, Member) if model._meta.db_table == table)
    same = ", ".join(_quoted(column) for column in columns if column not in {"scope_area", "valid"})
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {table} set recorded = tstzrange(lower(recorded),"
            " greatest(%s, lower(recorded) + interval '1 microsecond')) where scope_area = %s and upper_inf(recorded)"
            " and coalesce(upper(valid), 'infinity') > %s returning id",
            [actor.now, old, on],
        )
        ids = [row[0] for row in cursor.fetchall()]
        into = f"insert into {table} (recorded, recorded_by, scope_area, valid, {same})"
        known = "select tstzrange(upper(recorded), null), %s"
        cursor.execute(
            f"{into} {known}, scope_area, daterange(lower(valid), %s), {same} from {table}"
            " where id = any(%s) and (lower(valid) is null or lower(valid) < %s) order by id",
            [actor.account_id, on, ids, on],
        )
        cursor.execute(
            f"{into} {known}, %s, daterange(greatest(lower(valid), %s), upper(valid)), {same} from {table}"
            " where id = any(%s) order by id",
            [actor.account_id, new, on, ids],
        )
    return len(ids)


def taken_over(*, actor: Actor, old: str, new: str) -> int:
    """The loans of a household go over to the one it was merged into: a cap a household counts them together."""
    total = 0
    for table in _tables():
        if table.name == "casework_loan":
            total += _again(actor, table, MOVED, [[old]], {"household_id": new})
    kept_in_sight(MOVED, [[new]])
    return total


def _followed(actor: Actor, where: str, given: list[Any], changes: dict[str, str]) -> dict[str, int]:
    done: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("select set_config('bangfu.following', 'on', true)")
        for table in _tables():
            if table.rerecorded:
                done[table.name] = _again(actor, table, where, given, changes)
            else:
                cursor.execute(
                    f"update {table.name} set scope_area = %s where {where} and scope_area <> %s"
                    " and household_id is not null",
                    [changes["scope_area"], *given, changes["scope_area"]],
                )
                done[table.name] = cursor.rowcount
        cursor.execute("select set_config('bangfu.following', '', true)")
    return {name: count for name, count in done.items() if count}


def _again(actor: Actor, table: _Table, where: str, given: list[Any], changes: dict[str, str]) -> int:
    """Close the standing rows and append them with the changes. A row of this very moment holds for a moment still."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {table.name} set recorded = tstzrange(lower(recorded),"
            " greatest(%s, lower(recorded) + interval '1 microsecond'))"
            f" where {where} and upper_inf(recorded) returning id",
            [actor.now, *given],
        )
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return 0
        same = [column for column in table.columns if column not in changes]
        cursor.execute(
            f"insert into {table.name} (recorded, recorded_by, {', '.join(changes)},"
            f" {', '.join(_quoted(c) for c in same)}) select tstzrange(upper(recorded), null), %s,"
            f" {', '.join('%s' for _ in changes)}, {', '.join(_quoted(c) for c in same)}"
            f" from {table.name} where id = any(%s) order by id",
            [actor.account_id, *changes.values(), ids],
        )
    return len(ids)


def _tables() -> Iterator[_Table]:
    for model, protection in models_protected():
        columns = {str(field.column) for field in model._meta.concrete_fields}
        if model in _DAYS_OF_THEIR_OWN or protection.stays or not {"scope_area", "household_id"} <= columns:
            continue
        if protection.closes == "recorded" and not protection.follows:
            yield _Table(model._meta.db_table, _carried(model), rerecorded=True)
        elif _writable(protection):
            yield _Table(model._meta.db_table, (), rerecorded=False)


def _writable(protection: Protection) -> bool:
    return protection.follows or "scope_area" in protection.writes


def _carried(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that are carried over as they are."""
    own = {"id", "recorded", "recorded_by"}
    return tuple(str(field.column) for field in model._meta.concrete_fields if field.column not in own)


def _quoted(column: str) -> str:
    return connection.ops.quote_name(column)
