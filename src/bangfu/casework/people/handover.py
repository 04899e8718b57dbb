"""An officer hands all work over to another: the roles end here and begin there, on the same day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import narrowed_to
from bangfu.casework.people import queue
from bangfu.casework.people.accounts import names_of
from bangfu.casework.people.grants import check_grant, end_role, given, grants_of
from bangfu.casework.people.known import known
from bangfu.casework.people.rights import require, require_other
from bangfu.casework.people.scope import Held, scope_of
from bangfu.casework.words import Words

__all__ = ["HandedRole", "hand_over", "handover_effect"]


@dataclass(frozen=True)
class HandedRole:
    """One role that would move, and what waits in it.

    Attributes:
        held: The role and its place.
        waiting: How many of each kind of task are open there today.
        late: How many of them are late.
    """

    held: Held
    waiting: tuple[tuple[Words, int], ...]
    late: int


def handover_effect(*, actor: Actor, from_id: int, to_id: int) -> tuple[HandedRole, ...]:
    """The roles that would move from one account to another and the open tasks in each: numbers alone, no cases.

    Raises:
        Refused: ``bad_field`` where it is one person, ``not_in_scope``, ``wrong_stage`` where nothing is held or the
            administrator's role would move.
    """
    if from_id == to_id:
        raise Refused("bad_field", field="to_id")
    giver, taker = known(account_id=from_id, now=actor.now), known(account_id=to_id, now=actor.now)
    if giver is None or taker is None:
        raise Refused("not_in_scope")
    roles = [one for one in giver.grants if one.role != "admin"]
    if not roles:
        raise Refused("wrong_stage")
    return tuple(_counted(actor, giver.account_id, giver.name, one) for one in roles)


def _counted(actor: Actor, account_id: int, name: str, held: Held) -> HandedRole:
    """What waits in a role, counted as its holder sees it; the administrator's own scope stands again afterwards."""
    scope = scope_of(account_id, held, on=actor.on)
    try:
        narrowed_to(scope)
        found = queue.waiting(Actor(account_id, name, held.role, held.place, scope, actor.now, actor.via))
    finally:
        narrowed_to(actor.scope)
    return HandedRole(held, found.kinds, found.late)


def hand_over(*, actor: Actor, from_id: int, to_id: int, why: str) -> Sequence[int]:
    """Move all roles but the administrator's: the new grants. Called by the approved request.

    Raises:
        Refused: ``not_your_role``, ``own_step`` where the actor gives or takes, and those of ``given``.
    """
    require(actor, "account.approve")
    require_other(actor, from_id, to_id)
    moved: list[int] = []
    for row in grants_of(from_id):
        if row.role == "admin" or row.state(actor.on) == "past":
            continue
        start: date = max(row.valid_from or actor.on, actor.on)
        if not _holds(actor, to_id, row.role, row.place, start, row.valid_until):
            moved.append(
                given(
                    actor=actor, account_id=to_id, role=row.role, place=row.place, valid_from=start,
                    valid_until=row.valid_until, why=why,
                )
            )  # fmt: skip
        end_role(actor=actor, grant_id=row.grant_id, why=why)
    names = names_of((from_id, to_id))
    trail.record(
        actor=actor,
        act="account.handed_over",
        subject=("account", from_id),
        before={"by": names.get(from_id, "")},
        after={"by": names.get(to_id, ""), "grants": moved},
        why=why,
    )
    return moved


def _holds(actor: Actor, account_id: int, role: str, place: str, start: date, until: date | None) -> bool:
    """Whether the taker holds the same role already."""
    try:
        check_grant(
            actor=actor, account_id=account_id, role=role, place=place, valid_from=start, valid_until=until
        )
    except Refused as refused:
        if refused.code == "duplicate":
            return True
        raise
    return False
