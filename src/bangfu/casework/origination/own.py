"""Nobody handles what their own household asks for.

An account is not tied to a person of the registry, so there are two guards: a household declared as one's own, by the
person or by an administrator, bars its holder from every step; and where the reviewer bears the name of one of the
household's people, they have to state that it is not their own before they may go on, and the statement is kept.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination.models import OwnHousehold
from bangfu.casework.people import api as people

NOT_OWN = "not_own_household"


@transaction.atomic
def declare_own_household(*, actor: Actor, household_id: str, account_id: int | None = None) -> None:
    """Declare a household as one's own, or, as an administrator, as another's.

    Raises:
        Refused: ``not_your_role``, ``duplicate``.
    """
    whose = account_id or actor.account_id
    if whose != actor.account_id:
        people.require(actor, "account.write")
    if OwnHousehold.objects.filter(standing(), account_id=whose, household_id=household_id).exists():
        raise Refused("duplicate")
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
    )


@transaction.atomic
def withdraw_declaration(*, actor: Actor, household_id: str, account_id: int) -> None:
    """An administrator ends a declaration, such as after a divorce; nobody ends their own.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``not_in_scope``.
    """
    people.require(actor, "account.write")
    people.require_other(actor, account_id)
    row = OwnHousehold.objects.filter(standing(), account_id=account_id, household_id=household_id).first()
    if row is None:
        raise Refused("not_in_scope")
    row.recorded = DateTimeTZRange(row.recorded.lower, actor.now, "[)")
    row.save(update_fields=["recorded"])
    trail.record(
        actor=actor,
        act="household.no_longer_own",
        subject=("account", account_id),
        before={"household": household_id},
    )


def not_own(actor: Actor, household_id: str) -> None:
    """Refuse where the household was declared as the actor's own (``own_step``)."""
    if OwnHousehold.objects.filter(
        standing(), account_id=actor.account_id, household_id=household_id
    ).exists():
        raise Refused("own_step")


def bears_a_name_of(actor: Actor, household_id: str) -> bool:
    """Whether somebody of the household has the actor's name: then the actor must state that it is not their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from casework_member where upper_inf(recorded) and household_id = %s and name = %s)",
            [household_id, actor.name],
        )
        (found,) = cursor.fetchone() or (False,)
    return bool(found)
