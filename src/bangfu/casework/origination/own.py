"""Nobody handles what their own household asks for.

An account is not tied to a person of the registry, so there are two guards: a household declared as one's own, by the
person or by an administrator, bars its holder from every step; and where the reviewer bears the name of one of the
household's people, they have to state that it is not their own before they may go on, and the statement is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.questions import rows, value_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.origination.models import OwnHousehold
from bangfu.casework.people import api as people

NOT_OWN = "not_own_household"


@dataclass(frozen=True)
class Declared:
    """A household that stands declared as somebody's own: which, since when, by whom."""

    household_id: str
    since: datetime
    by: str


def own_households(*, actor: Actor, account_id: int) -> tuple[Declared, ...]:
    """The households declared as an account holder's own, the latest first.

    Raises:
        Refused: ``not_your_role``: of others an administrator alone sees them.
    """
    if account_id != actor.account_id:
        people.require(actor, "account.write")
    found = list(OwnHousehold.objects.filter(standing(), account_id=account_id).order_by("-id"))
    names = people.names_of(row.recorded_by for row in found)
    return tuple(
        Declared(row.household_id, row.recorded.lower, names.get(row.recorded_by, "")) for row in found
    )


@transaction.atomic
def declare_own_household(
    *, actor: Actor, household_id: str, account_id: int | None = None, why: str = ""
) -> None:
    """Declare a household as one's own, or, as an administrator who says why, as another's.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``bad_field`` (no such household), ``duplicate``.
    """
    whose = account_id or actor.account_id
    if whose != actor.account_id:
        people.require(actor, "account.write")
        why = people.require_reason(why)
    if not _there(household_id):
        raise Refused("bad_field", field="household_id")
    if OwnHousehold.objects.filter(standing(), account_id=whose, household_id=household_id).exists():
        raise Refused("duplicate", field="household_id")
    OwnHousehold.objects.create(
        account_id=whose,
        household_id=household_id,
        recorded=from_now(actor.now),
        recorded_by=actor.account_id,
    )
    trail.record(
        actor=actor,
        act="household.declared_own",
        subject=("account", whose),
        after={"household": household_id},
        why=why,
    )


@transaction.atomic
def withdraw_declaration(*, actor: Actor, household_id: str, account_id: int, why: str) -> None:
    """An administrator ends a declaration, such as after a divorce; nobody ends their own.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``reason_missing``, ``not_in_scope``.
    """
    people.require(actor, "account.write")
    people.require_other(actor, account_id)
    why = people.require_reason(why)
    row = (
        OwnHousehold.objects.select_for_update()
        .filter(standing(), account_id=account_id, household_id=household_id)
        .first()
    )
    if row is None:
        raise Refused("not_in_scope")
    closed(row, now=actor.now)
    trail.record(
        actor=actor,
        act="household.no_longer_own",
        subject=("account", account_id),
        before={"household": household_id},
        why=why,
    )


def not_own(actor: Actor, household_id: str) -> None:
    """Refuse where the household was declared as the actor's own (``own_step``)."""
    if own_among(actor, [household_id]):
        raise Refused("own_step")


def bears_a_name_of(actor: Actor, household_id: str) -> bool:
    """Whether somebody of the household has the actor's name: then the actor must state that it is not their own."""
    return bool(namesakes_among(actor, [household_id]))


def own_among(actor: Actor, household_ids: Iterable[str]) -> frozenset[str]:
    """Of some households those declared as the actor's own, in one question."""
    return _among(
        "select household_id from casework_own_household where upper_inf(recorded) and account_id = %s"
        " and household_id = any(%s)",
        actor.account_id,
        household_ids,
    )


def namesakes_among(actor: Actor, household_ids: Iterable[str]) -> frozenset[str]:
    """Of some households those in which somebody bears the actor's name, in one question."""
    return _among(
        "select distinct household_id from casework_member where upper_inf(recorded) and name = %s"
        " and household_id = any(%s)",
        actor.name,
        household_ids,
    )


def _among(question: str, whose: object, household_ids: Iterable[str]) -> frozenset[str]:
    wanted = sorted({one for one in household_ids if one})
    return frozenset(row[0] for row in rows(question, [whose, wanted])) if wanted else frozenset()


def _there(household_id: str) -> bool:
    """Whether there is such a household anywhere: an administrator sees none, and is told yes or no."""
    with widened():
        return bool(
            value_of(
                "select exists (select from casework_household where upper_inf(recorded) and household_id = %s)",
                [household_id],
            )
        )
