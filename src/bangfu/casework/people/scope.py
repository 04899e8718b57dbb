"""The one scope function: what a grant lets its holder see. Lists, counts, look-ups, exports, jobs, API use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from bangfu.casework.database.session import Scope
from bangfu.casework.people.roles import ROLES

__all__ = ["Held", "column", "scope_of"]


@dataclass(frozen=True)
class Held:
    """A role held in a place: the area's code or the institution's id."""

    grant_id: int
    role: str
    place: str
    place_name: str = ""


def scope_of(account_id: int, held: Held | None, *, on: date) -> Scope:
    """What the holder of a role may see on a day; without a role, their own account alone."""
    if held is None or held.role not in ROLES:
        return Scope(account_id=account_id)
    where = ROLES[held.role].held
    if where == "site":
        return Scope(account_id=account_id, accounts=True)
    if where in {"branch", "bank"}:
        institutions = _below(held.place, on=on)
        served = _led_by(institutions, on=on)
        before = _before(served, on=on)
        return Scope(account_id=account_id, served=served, served_before=before, institutions=institutions)
    return Scope(account_id=account_id, areas=(held.place,), areas_before=_before((held.place,), on=on))


def _below(institution_id: str, *, on: date) -> tuple[str, ...]:
    """An institution and its branches."""
    return column(
        "select institution_id from casework_institution where upper_inf(recorded) and valid @> %s::date"
        " and (institution_id = %s or parent_id = %s) order by institution_id",
        [on, institution_id, institution_id],
    )


def _led_by(institutions: Sequence[str], *, on: date) -> tuple[str, ...]:
    """The townships these institutions lead: their rosters were given to them (CN2021-4.3, 5.4)."""
    return column(
        "select township from casework_lead_bank where upper_inf(recorded) and valid @> %s::date"
        " and institution_id = any(%s) order by township",
        [on, list(institutions)],
    )


def _before(places: Sequence[str], *, on: date) -> tuple[str, ...]:
    """The codes from elsewhere that villages of these places took over up to a day, at first or second hand."""
    patterns = [f"{code}%" for code in places]
    return column(
        "with recursive taken(code) as (select old_code from casework_area_succession where upper_inf(recorded)"
        ' and "on" <= %s and new_code like any(%s)'
        ' union select s.old_code from taken join casework_area_succession s on s.new_code = taken.code and "on" <= %s'
        " and upper_inf(s.recorded)) select code from taken where not code like any(%s) order by code",
        [on, patterns, on, patterns],
    )


def column(text: str, given: Sequence[Any]) -> tuple[str, ...]:
    """One column of texts."""
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        return tuple(row[0] for row in cursor.fetchall())
