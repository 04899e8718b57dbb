"""May this person do this at all, and are they another than those before: asked by every act of the house."""

from __future__ import annotations

from datetime import date

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.roles import may

__all__ = ["admins", "lone_admin", "require", "require_county", "require_other", "require_reason"]

_SHORTEST_REASON = 2


def require(actor: Actor, act: str) -> None:
    """Refuse an act the role may not do at all (``not_your_role``). The site itself may do all."""
    if actor.role != "site" and not may(actor.role, act):
        raise Refused("not_your_role", act=act)


def require_county(actor: Actor, county: str) -> None:
    """Refuse what is another county's than the one the role is held in (``not_in_scope``); the site acts for all."""
    if actor.role != "site" and actor.place != county:
        raise Refused("not_in_scope", field="county")


def require_other(actor: Actor, *others: int) -> None:
    """Four eyes: refuse where the actor is one of those who did an earlier step, in whatever role (``own_step``)."""
    if actor.account_id in others:
        raise Refused("own_step")


def require_reason(text: str, *, field: str = "why", shortest: int = _SHORTEST_REASON) -> str:
    """A reason without spaces around it; one that is missing or shorter is refused (``reason_missing``)."""
    reason = text.strip()
    if len(reason) < shortest:
        raise Refused("reason_missing", field=field)
    return reason


def admins(*, on: date) -> frozenset[int]:
    """The accounts that hold the role of an administrator on a day. Accounts must be in scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct g.account_id from casework_grant g join casework_account a on a.id = g.account_id"
            " where a.closed_at is null and g.role = 'admin' and upper_inf(g.recorded) and g.valid @> %s::date",
            [on],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def lone_admin(account_id: int, *, on: date) -> bool:
    """Whether the account is the one administrator there is."""
    return admins(on=on) == {account_id}
