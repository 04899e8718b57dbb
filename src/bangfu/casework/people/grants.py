"""Roles given and ended. Giving power takes two administrators once there are two; taking it away takes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.dateparse import parse_date

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.held import NAMED
from bangfu.casework.people.models import Account, Grant
from bangfu.casework.people.rights import admins, lone_admin, require, require_other, require_reason
from bangfu.casework.people.roles import ROLES

__all__ = [
    "GrantRow",
    "HolderRow",
    "PlaceChoice",
    "check_grant",
    "end_role",
    "given",
    "grant_role",
    "grants_of",
    "holders",
    "places",
    "second_needed",
]

SITE_PLACE = ""
_DIGITS = {"village": 12, "township": 9, "county": 6}
_LAST = "'infinity'"  # the name a place was given last
_OF_AREAS = [code for code, one in ROLES.items() if one.held in {*_DIGITS, "area"}]


@dataclass(frozen=True)
class GrantRow:
    """A role of an account, past, present or to come."""

    grant_id: int
    account_id: int
    role: str
    place: str
    place_name: str
    valid_from: date | None
    valid_until: date | None
    why: str
    recorded_at: datetime
    recorded_by: str

    def state(self, on: date) -> str:
        """``now``, ``past`` or ``future``."""
        if self.valid_until is not None and self.valid_until <= on:
            return "past"
        return "future" if self.valid_from is not None and self.valid_from > on else "now"


@dataclass(frozen=True)
class HolderRow:
    """Somebody who holds a role in a place."""

    account_id: int
    name: str
    username: str
    role: str
    place: str
    place_name: str
    valid_from: date | None
    valid_until: date | None


def second_needed(actor: Actor) -> bool:
    """Whether another administrator has to approve what gives power: there is one to ask."""
    return actor.role != "site" and bool(admins(on=actor.on) - {actor.account_id})


def grant_role(
    *,
    actor: Actor,
    account_id: int,
    role: str,
    place: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    why: str = "",
) -> int:
    """Give a role at once: the site itself, or an administrator as long as they are alone.

    Raises:
        Refused: ``second_person_needed`` where there is another administrator (ask by a request), and those of
            ``given``.
    """
    if second_needed(actor):
        raise Refused("second_person_needed")
    return given(
        actor=actor, account_id=account_id, role=role, place=place, valid_from=valid_from,
        valid_until=valid_until, why=why,
    )  # fmt: skip


def check_grant(
    *,
    actor: Actor,
    account_id: int,
    role: str,
    place: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Account:
    """Whether a role could be given so; the account it would go to.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``not_in_scope``, ``bad_field`` at role, place or valid_until,
            ``duplicate``.
    """
    require(actor, "account.write")
    require_other(actor, account_id)
    if role not in ROLES:
        raise Refused("bad_field", field="role")
    account = Account.objects.filter(pk=account_id, closed_at=None).first()
    if account is None:
        raise Refused("not_in_scope")
    start = valid_from or actor.on
    if valid_until is not None and valid_until <= start:
        raise Refused("bad_field", field="valid_until")
    if not _place_fits(role, place, on=start):
        raise Refused("bad_field", field="place")
    taken = Grant.objects.filter(
        standing(),
        account_id=account_id,
        role=role,
        place=place,
        valid__overlap=DateRange(start, valid_until),
    )
    if taken.exists():
        raise Refused("duplicate", field="role")
    return account


def given(
    *,
    actor: Actor,
    account_id: int,
    role: str,
    place: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    why: str = "",
) -> int:
    """Give a role now: the id of the grant. Called by ``grant_role``, by an approved request and by the site.

    Args:
        actor: Who gives it.
        account_id: To whom.
        role: A code of ``ROLES``.
        place: The area's code or the institution's id; empty for the administrator.
        valid_from: The first day; the actor's day where it is left out.
        valid_until: The day on which it holds no more; open where it is left out.
        why: The ground, e.g. the letter of appointment.

    Raises:
        Refused: Those of ``check_grant``.
    """
    check_grant(
        actor=actor, account_id=account_id, role=role, place=place, valid_from=valid_from, valid_until=valid_until
    )  # fmt: skip
    start = valid_from or actor.on
    try:
        with transaction.atomic():
            row = Grant.objects.create(
                account_id=account_id, role=role, place=place, valid=DateRange(start, valid_until), why=why[:200],
                recorded=from_now(actor.now), recorded_by=actor.account_id,
            )  # fmt: skip
    except IntegrityError:  # the other of two at once
        raise Refused("duplicate", field="role") from None
    trail.record(
        actor=actor,
        act="role.given",
        subject=("account", account_id),
        after={"role": role, "place": place, "from": start.isoformat(), "until": _iso(valid_until)},
        why=why,
    )
    return row.pk


def end_role(*, actor: Actor, grant_id: int, why: str, approved: bool = False) -> None:
    """End a role: from today on it is without effect. The last administrator stays.

    Args:
        actor: An administrator.
        grant_id: The role.
        why: The ground.
        approved: Whether a second administrator agreed: needed to end another administrator's role; one's own may
            be laid down without.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``not_in_scope``, ``last_admin``, ``second_person_needed``,
            ``already_decided``.
    """
    require(actor, "account.write")
    why = require_reason(why)
    row = Grant.objects.select_for_update().filter(standing(), pk=grant_id).first()
    if row is None:
        raise Refused("not_in_scope")
    if row.valid.upper is not None and row.valid.upper <= actor.on:
        raise Refused("already_decided")
    if row.role == "admin":
        if lone_admin(row.account_id, on=actor.on):
            raise Refused("last_admin")
        if not approved and row.account_id != actor.account_id and second_needed(actor):
            raise Refused("second_person_needed")
    lower = row.valid.lower
    at = closed(row, now=actor.now)
    if lower is None or lower < actor.on:
        Grant.objects.create(
            account_id=row.account_id, role=row.role, place=row.place, valid=DateRange(lower, actor.on),
            why=row.why, recorded=from_now(at), recorded_by=actor.account_id,
        )  # fmt: skip
    trail.record(
        actor=actor,
        act="role.ended",
        subject=("account", row.account_id),
        before={"role": row.role, "place": row.place, "from": _iso(lower), "until": _iso(row.valid.upper)},
        after={"role": row.role, "place": row.place, "until": actor.on.isoformat()},
        why=why,
    )


def holders(
    *, actor: Actor, on: date, role: str = "", place: str = "", at_most: int = 500
) -> list[HolderRow]:
    """Who holds which role where on a day: by role and place.

    Args:
        actor: An administrator.
        on: The day.
        role: Only this role.
        place: Only this area and all below it, or this institution.
        at_most: How many.
    """
    require(actor, "account.write")
    with connection.cursor() as cursor:
        cursor.execute(
            f"select g.account_id, a.name, a.username, g.role, g.place, {NAMED.format(day='%(on)s')}, lower(g.valid),"
            " upper(g.valid)"
            " from casework_grant g join casework_account a on a.id = g.account_id"
            " where upper_inf(g.recorded) and g.valid @> %(on)s::date and a.closed_at is null"
            " and (%(role)s = '' or g.role = %(role)s) and (%(place)s = '' or g.place = %(place)s"
            "  or (g.role = any(%(of_areas)s) and starts_with(g.place, %(place)s)))"
            " order by g.role, g.place, a.name limit %(most)s",
            {"on": on, "role": role, "place": place.strip(), "of_areas": _OF_AREAS, "most": at_most},
        )
        return [HolderRow(*row) for row in cursor.fetchall()]


def grants_of(account_id: int) -> list[GrantRow]:
    """All roles of an account as they stand, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select g.id, g.account_id, g.role, g.place, {NAMED.format(day=_LAST)},"
            " lower(g.valid), upper(g.valid), g.why, lower(g.recorded),"
            " coalesce((select a.name from casework_account a where a.id = g.recorded_by), '')"
            " from casework_grant g where g.account_id = %s and upper_inf(g.recorded) order by g.id desc",
            [account_id],
        )
        return [GrantRow(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class PlaceChoice:
    """A place a role may be held in: its code or id, its name, its sort (county, township, village, bank, branch)."""

    place: str
    name: str
    kind: str


def places(*, on: date) -> list[PlaceChoice]:
    """All places of a day: the county, townships, villages by code, then institutions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.code, coalesce(t.name || ' ', '') || c.name, case length(c.code) when 12 then 'village'"
            " when 9 then 'township' else 'county' end from casework_area c left join casework_area t"
            " on length(c.code) = 12 and t.code = left(c.code, 9) and upper_inf(t.recorded) and t.valid @> %s::date"
            " where upper_inf(c.recorded) and c.valid @> %s::date"
            " order by least(length(c.code), 10), c.code",
            [on, on],
        )
        areas = [PlaceChoice(*row) for row in cursor.fetchall()]
        cursor.execute(
            "select institution_id, name, case when parent_id is null then 'bank' else 'branch' end"
            " from casework_institution where upper_inf(recorded) and valid @> %s::date"
            " order by parent_id nulls first, institution_id",
            [on],
        )
        return areas + [PlaceChoice(*row) for row in cursor.fetchall()]


def details_of_grant(told: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``given`` from the details of a request, which are JSON."""
    start, until = told.get("valid_from"), told.get("valid_until")
    return {
        "account_id": int(told["account_id"]),
        "role": str(told["role"]),
        "place": str(told["place"]),
        "valid_from": parse_date(start) if start else None,
        "valid_until": parse_date(until) if until else None,
    }


def _place_fits(role: str, place: str, *, on: date) -> bool:
    """Whether the place is of the role's sort and there; before the first import of areas the county's code decides."""
    where = ROLES[role].held
    if where == "site":
        return place == SITE_PLACE
    if where in {"branch", "bank"}:
        return _there(
            "select from casework_institution where institution_id = %s and upper_inf(recorded) and valid @> %s::date",
            [place, on],
        )
    if not place.isascii() or not place.isdecimal() or len(place) not in {2, 4, 6, 9, 12}:
        return False
    if len(place) != _DIGITS.get(where, len(place)):
        return False
    if place == settings.SITE.county:
        return True
    known = (
        "select from casework_area where code like %s and upper_inf(recorded) and valid @> %s::date limit 1"
    )
    pattern = f"{place}%" if where in {"area", "county"} else place
    return _there(known, [pattern, on]) or not _there("select from casework_area limit 1", [])


def _there(question: str, values: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone() is not None


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""
