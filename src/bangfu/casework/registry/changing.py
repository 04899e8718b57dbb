"""How a fact changes: the row that no longer stands is closed, those that stand are appended (decision 0043)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database import models
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry.models import Area, Household, Institution, LeadBank, Member, RosterEntry

Row = TypeVar("Row", Area, Household, Institution, LeadBank, Member, RosterEntry)


def closed(row: Row, *, actor: Actor) -> None:
    """The row stands no more. Somebody else who closed it meanwhile wins: ``content_changed``."""
    held = type(row)._default_manager.select_for_update().filter(standing(), pk=row.pk).first()
    if held is None:
        raise Refused("content_changed")
    models.closed(held, now=actor.now)
    row.recorded = held.recorded


def appended(row: Row, *, actor: Actor, **changes: Any) -> Row:
    """A copy of a row with changes, known from now on."""
    made = copy.copy(row)
    made._state = copy.copy(row._state)
    made.pk = None
    made._state.adding = True
    for name, value in changes.items():
        setattr(made, name, value)
    known = row.recorded.upper if row.recorded is not None and row.recorded.upper else actor.now
    made.recorded, made.recorded_by, made.batch_id = from_now(max(actor.now, known)), actor.account_id, None
    made.save(force_insert=True)
    return made


def corrected(row: Row, *, actor: Actor, **changes: Any) -> Row:
    """It never was so: the row is closed, the corrected one stands for all its days."""
    closed(row, actor=actor)
    return appended(row, actor=actor, **changes)


def changed_from(row: Row, *, actor: Actor, on: date, **changes: Any) -> Row:
    """It is otherwise from a day: what was before stands on, with its days up to that one."""
    lower, upper = row.valid.lower, row.valid.upper
    closed(row, actor=actor)
    if lower is None or lower < on:
        appended(row, actor=actor, valid=DateRange(lower, on))
    return appended(row, actor=actor, valid=DateRange(max(on, lower) if lower else on, upper), **changes)


def ended(row: Row, *, actor: Actor, on: date, **changes: Any) -> None:
    """It holds no more from a day on; of a row that would hold on no day nothing is left standing."""
    lower = row.valid.lower
    closed(row, actor=actor)
    if lower is None or lower < on:
        appended(row, actor=actor, valid=DateRange(lower, on), **changes)


def household_row(household_id: str, *, on: date) -> Household:
    """The household in scope as it stands on a day; ``not_in_scope``."""
    row = Household.objects.filter(standing(), household_id=household_id, valid__contains=on).first()
    if row is None:
        raise Refused("not_in_scope", field="household_id")
    return row


def member_row(member_id: str, *, on: date, household_id: str = "") -> Member:
    """The member in scope as they stand on a day; of a household where one is named; ``not_in_scope``."""
    row = Member.objects.filter(standing(), member_id=member_id, valid__contains=on).first()
    if row is None or (household_id and row.household_id != household_id):
        raise Refused("not_in_scope", field="member_id")
    return row


def members_of(household_id: str, *, on: date) -> list[Member]:
    """The members of a household on a day, in the order of their ids."""
    rows = Member.objects.filter(standing(), household_id=household_id, valid__contains=on)
    return list(rows.order_by("member_id"))


def entries_of(household_id: str, *, on: date) -> list[RosterEntry]:
    """What a household is listed as on a day, by category."""
    rows = RosterEntry.objects.filter(standing(), household_id=household_id, valid__contains=on)
    return list(rows.order_by("category"))


def day_of(details: Mapping[str, Any], name: str, *, actor: Actor) -> date:
    """A day of the details; refused where it is none, or lies ahead."""
    try:
        day = date.fromisoformat(str(details.get(name, "")))
    except ValueError:
        raise Refused("bad_field", field=name) from None
    if day > actor.on or day.year < _EARLIEST:
        raise Refused("bad_field", field=name, day=day.isoformat())
    return day


def text_of(details: Mapping[str, Any], name: str, *, most: int, needed: bool = True) -> str:
    """A text of the details; refused where it is needed and empty, or too long."""
    text = " ".join(str(details.get(name) or "").split())
    if needed and not text:
        raise Refused("missing_field", field=name)
    if len(text) > most:
        raise Refused("bad_field", field=name, most=most)
    return text


def code_of(details: Mapping[str, Any], name: str, codes: Mapping[str, Any]) -> str:
    """One of a closed set of codes."""
    code = str(details.get(name, ""))
    if code not in codes:
        raise Refused("bad_field", field=name, given=code[:32])
    return code


_EARLIEST = 1900
