"""How far the lists of cycles have come, what they come to by regime, and the lines of one loan or household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import standing
from bangfu.casework.lending.api import PRODUCTS
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.lists import lines_about, sums_by
from bangfu.casework.subsidies.models import ListStage
from bangfu.casework.subsidies.views import LineView, Totals

__all__ = ["Regime", "Stood", "lines_of_household", "lines_of_loan", "progress", "regimes", "state_of"]

_STOOD = (
    "select l.cycle_id, s.state, count(*), count(*) filter (where s.due_on < %s),"
    " min(s.due_on) filter (where s.due_on < %s)"
    " from casework_list_stage s join casework_subsidy_list l on l.id = s.subsidy_list_id"
    " where upper_inf(s.recorded) and l.cycle_id = any(%s) group by 1, 2"
)


@dataclass(frozen=True)
class Stood:
    """Lists of a cycle that stand at one step.

    Attributes:
        state: The step (``workflow.STATES``).
        lists: How many stand there.
        late: How many of them are past its last day.
        since: The earliest day that was missed; None where none was.
    """

    state: str
    lists: int
    late: int
    since: date | None


@dataclass(frozen=True)
class Regime:
    """What lists come to under one regime, by the status of their lines; never added up over regimes."""

    product: str
    open: Totals
    held: Totals
    excluded: Totals
    carried: Totals


def progress(*, actor: Actor, cycle_ids: Sequence[UUID]) -> Mapping[UUID, tuple[Stood, ...]]:
    """Where the lists in scope stand, by cycle; one question whatever the number of cycles.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    with connection.cursor() as cursor:
        cursor.execute(_STOOD, [actor.on, actor.on, list(cycle_ids)])
        rows = cursor.fetchall()
    out: dict[UUID, tuple[Stood, ...]] = {}
    for cycle_id, *told in rows:
        out[cycle_id] = (*out.get(cycle_id, ()), Stood(*told))
    return out


def regimes(*, actor: Actor, list_ids: Sequence[UUID]) -> tuple[Regime, ...]:
    """The sums of lists in scope, old and new regime apart (LD2021-3.2).

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    found, none = sums_by("product", list_ids), Totals.none()
    return tuple(
        Regime(
            product, *(found[product].get(status, none) for status in ("open", "held", "excluded", "carried"))
        )
        for product in PRODUCTS
        if product in found
    )


def state_of(list_id: UUID) -> str:
    """Where a list in scope stands (``workflow.STATES``), without its sums; empty where it is not in scope."""
    found = (
        ListStage.objects.filter(standing(), subsidy_list_id=list_id).values_list("state", flat=True).first()
    )
    return found or ""


def lines_of_loan(*, actor: Actor, loan_id: str) -> tuple[LineView, ...]:
    """The lines of a loan in scope, the latest period first.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    return lines_about(loan_id=loan_id, on=actor.on)


def lines_of_household(*, actor: Actor, household_id: str) -> tuple[LineView, ...]:
    """The lines of a household's loans in scope, the latest period first.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    return lines_about(household_id=household_id, on=actor.on)
