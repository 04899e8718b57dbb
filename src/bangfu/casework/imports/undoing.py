"""The way back: an import that closes what another brought, as long as nothing later rests on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.imports.models import ImportBatch
from bangfu.casework.imports.steps import Batch, batch_of, locked, stepped
from bangfu.casework.people import api as people

__all__ = ["undo"]

_REASON = 4
# Tables an import writes, with the key by which a correction finds the row before it.
_TABLES: Mapping[str, tuple[str, ...]] = {
    "casework_loan_event": (),
    "casework_fact_row": (),
    "casework_loan": ("loan_id",),
    "casework_roster_entry": ("household_id", "category"),
    "casework_member": ("member_id",),
    "casework_household": ("household_id",),
    "casework_institution": ("institution_id",),
    "casework_area": ("code",),
}
# Loans and households that came with it: of those it only corrected, the row before will stand again.
_NEW = (
    "select {key} from {table} as mine where batch_id = %(batch)s and upper_inf(recorded) and not exists"
    " (select from {table} as old where old.{key} = mine.{key} and upper(old.recorded) = lower(mine.recorded))"
)
_LOANS = f"loan_id in ({_NEW.format(key='loan_id', table='casework_loan')})"
_HOMES = f"household_id in ({_NEW.format(key='household_id', table='casework_household')})"
_OTHER = "batch_id is distinct from %(batch)s and upper_inf(recorded)"
# What later facts there are, by name; each query counts them and names the first few.
_RESTS: Mapping[str, str] = {
    "corrections": " union all ".join(
        f"select {keys[0]} as what from {table} where batch_id = %(batch)s and not upper_inf(recorded)"
        for table, keys in (
            ("casework_household", ("household_id",)),
            ("casework_member", ("member_id",)),
            ("casework_roster_entry", ("household_id",)),
            ("casework_loan", ("loan_id",)),
            ("casework_loan_event", ("loan_id",)),
        )
    ),
    "events": f"select loan_id as what from casework_loan_event where {_LOANS} and {_OTHER}",
    "loans": f"select loan_id as what from casework_loan where {_HOMES} and {_OTHER}",
    "members": f"select member_id as what from casework_member where {_HOMES} and {_OTHER}",
    "rosters": f"select household_id as what from casework_roster_entry where {_HOMES} and {_OTHER}",
    "renewals": (
        "select loan_id as what from casework_loan where parent_loan_id in"
        f" ({_NEW.format(key='loan_id', table='casework_loan')}) and {_OTHER}"
    ),
    "applications": f"select id as what from casework_application where {_HOMES}",
    "disbursements": f"select loan_id as what from casework_disbursement where {_LOANS}",
    "ratings": f"select household_id as what from casework_credit_rating where {_HOMES}",
    "households": (
        "select household_id as what from casework_household where scope_area in"
        f" ({_NEW.format(key='code', table='casework_area')}) and {_OTHER}"
    ),
    "branch_loans": (
        "select loan_id as what from casework_loan where institution_id in"
        f" ({_NEW.format(key='institution_id', table='casework_institution')}) and {_OTHER}"
    ),
}


def undo(*, actor: Actor, batch_id: object, reason: str) -> Batch:
    """Close what an import brought, and let stand again what it had corrected.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``reason_missing``, ``wrong_stage``; ``rests_on`` with what rests
            on it, by name: how many, and the first of them.
    """
    batch = batch_of(batch_id)
    people.require(actor, "import.undo")
    if len(reason.strip()) < _REASON:
        raise Refused("reason_missing", field="reason")
    if batch.state != "done":
        raise Refused("wrong_stage", state=batch.state)
    with locked(batch.id):
        if batch_of(batch_id).state != "done":
            raise Refused("already_decided")
        if later := resting_on(batch.id):
            raise Refused("rests_on", **later)
        own = _own(batch, actor)
        again = {table: _stands_again(table, keys, batch, own, actor) for table, keys in _TABLES.items()}
        told = {"closed": {table: one[0] for table, one in again.items() if one[0]},
                "reopened": {table: one[1] for table, one in again.items() if one[1]}}  # fmt: skip
        stepped(batch, "undone", {**told, "reason": reason, "by": str(own)}, at=actor.now)
        trail.record(
            actor=actor, act="import.undone", subject=("import", batch.id), scope_area=batch.scope_area,
            institution_id=batch.institution_id, after=told, why=reason,
        )  # fmt: skip
    return batch_of(batch_id)


def resting_on(batch_id: UUID) -> dict[str, Any]:
    """Later facts that rest on an import: name → how many, and the first five. Looked for beyond the actor's scope."""
    found: dict[str, Any] = {}
    with widened(), connection.cursor() as cursor:
        for name, query in _RESTS.items():
            cursor.execute(
                f"select count(*), (array_agg(what order by what))[1:5] from ({query}) as later",
                {"batch": batch_id},
            )
            count, first = cursor.fetchone() or (0, [])
            if count:
                found[name] = {"count": count, "first": list(first or [])}
    return found


def _own(batch: Batch, actor: Actor) -> UUID:
    """The import that undoes; of two at once one wins."""
    own = uuid.uuid4()
    try:
        with transaction.atomic():
            ImportBatch.objects.create(
                id=own,
                kind="undo",
                name=batch.name,
                sha256=bytes.fromhex(batch.sha256),
                undoes_id=batch.id,
                started_by=actor.account_id,
                started_name=actor.name,
                at=actor.now,
                scope_area=batch.scope_area,
                institution_id=batch.institution_id,
            )
    except IntegrityError:
        raise Refused("already_decided") from None
    return own


def _stands_again(
    table: str, keys: tuple[str, ...], batch: Batch, own: UUID, actor: Actor
) -> tuple[int, int]:
    """Close the rows an import brought to a table; append again what it had closed in the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select distinct lower(recorded) from {table} where batch_id = %s and upper_inf(recorded)",
            [batch.id],
        )
        moments = [row[0] for row in cursor.fetchall()]
        if not moments:
            return 0, 0
        match = " and ".join(f"old.{key} = mine.{key}" for key in keys)
        if table == "casework_fact_row":
            match = "old.table_name = mine.table_name and old.scope_area = mine.scope_area"
        cursor.execute(
            f"select old.id from {table} as old where upper(old.recorded) = any(%s) and exists (select from {table} as"
            f" mine where mine.batch_id = %s and lower(mine.recorded) = upper(old.recorded) and {match or 'false'})",
            [moments, batch.id],
        )
        before = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"update {table} set recorded = tstzrange(lower(recorded), %s) where batch_id = %s and upper_inf(recorded)",
            [actor.now, batch.id],
        )
        closed = int(cursor.rowcount)
        if before:
            columns = _columns(table)
            named = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"insert into {table} ({named}, recorded, recorded_by, batch_id)"
                f" select {named}, tstzrange(%s, null), %s, %s from {table} where id = any(%s) order by id",
                [actor.now, actor.account_id, own, before],
            )
        return closed, len(before)


def _columns(table: str) -> list[str]:
    """The columns of a table that say what it is about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = %s and column_name <> all(%s)"
            " order by ordinal_position",
            [table, ["id", "recorded", "recorded_by", "batch_id"]],
        )
        return [row[0] for row in cursor.fetchall()]
