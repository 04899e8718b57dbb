"""Who else may do it: a refusal of one's own step names the colleagues who hold the act in the same place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.people.roles import ROLES, may
from bangfu.casework.words import Words

__all__ = ["own_step", "who_else"]

_MOST = 5
_HOLDERS = (
    "select distinct a.name, g.role from casework_grant g join casework_account a on a.id = g.account_id"
    " where upper_inf(g.recorded) and g.valid @> %s::date and a.closed_at is null and g.role = any(%s)"
    " and g.place = any(%s) and g.account_id <> all(%s) order by a.name limit %s"
)
NOBODY = Words(
    "该处没有其他人可以办理，请管理员另授一人该岗位（可由临时代理人担任）",
    "nobody else holds it there: an administrator can give the role to a second person, for a time",
)


def who_else(
    *, actor: Actor, act: str, places: Sequence[str], without: Sequence[int] = ()
) -> tuple[Words, ...]:
    """Others who may do an act in one of some places, by name and role; at most five.

    Args:
        actor: Who asks; not among them.
        act: The act.
        places: The areas' codes and institutions' ids in which the role may be held.
        without: Accounts that may not either.
    """
    roles = [code for code in ROLES if may(code, act)]
    with widened(), connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [actor.on, roles, list(places), [actor.account_id, *without], _MOST])
        found = cursor.fetchall()
    return tuple(
        Words(f"{name}（{ROLES[role].words.zh}）", f"{name} ({ROLES[role].words.en})") for name, role in found
    )


def own_step(
    *, actor: Actor, act: str, places: Sequence[str], without: Sequence[int] = (), **facts: Any
) -> Refused:
    """The refusal of one's own step, with ``others`` who may do it, or that nobody else may."""
    found = who_else(actor=actor, act=act, places=places, without=without) or (NOBODY,)
    told = Words("、".join(one.zh for one in found), ", ".join(one.en for one in found))
    return Refused("own_step", others=told, **facts)
