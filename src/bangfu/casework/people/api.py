"""Accounts, roles and scope for the rest of the house."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.held import held_by
from bangfu.casework.people.roles import ROLES, Role, may
from bangfu.casework.people.scope import Held, scope_of
from bangfu.casework.personal_data import api as personal_data

__all__ = [
    "ROLES",
    "Held",
    "Role",
    "actor_for",
    "held_by",
    "may",
    "require",
    "require_other",
    "reveal",
    "scope_of",
]


def actor_for(
    *,
    account_id: int,
    name: str,
    held: Held | None,
    now: datetime,
    on: date,
    via: str = "web",
    address: str = "",
) -> Actor:
    """The person in a role at a moment, with their scope."""
    scope = scope_of(account_id, held, on=on)
    role, place = (held.role, held.place) if held else ("", "")
    return Actor(account_id, name, role, place, scope, now, via, address)


def require(actor: Actor, act: str) -> None:
    """Refuse an act the role may not do at all (``not_your_role``). The site itself may do all."""
    if actor.role != "site" and not may(actor.role, act):
        raise Refused("not_your_role", act=act)


def require_other(actor: Actor, *others: int) -> None:
    """Four eyes: refuse where the actor is one of those who did an earlier step, in whatever role (``own_step``)."""
    if actor.account_id in others:
        raise Refused("own_step")


def reveal(
    *,
    actor: Actor,
    table_name: str,
    row_id: str,
    field: str,
    datum_id: object,
    reason: str,
    scope_area: str = "",
) -> str:
    """One personal value in the clear, with the reason written into the trail first (design §8).

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``not_in_scope``.
    """
    require(actor, "personal.reveal")
    if len(reason.strip()) < 4:  # noqa: PLR2004 - a word at least
        raise Refused("reason_missing", field="reason")
    wanted = UUID(str(datum_id))
    found = personal_data.opened_of([wanted])
    if wanted not in found:
        raise Refused("not_in_scope")
    trail.record(
        actor=actor, act="personal.revealed", subject=(table_name, row_id), after={"field": field}, why=reason,
        scope_area=scope_area,
    )  # fmt: skip
    return found[wanted]
