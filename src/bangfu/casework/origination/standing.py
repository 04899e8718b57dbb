"""How many applications stand where, and what of a month was filed: numbers for those who watch, no case among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import connection
from django.db.models import Count

from bangfu.casework.database.actor import Actor
from bangfu.casework.origination.models import Filing
from bangfu.casework.origination.workflow import LIVE
from bangfu.casework.people import api as people

__all__ = ["filed", "under_way"]


def under_way(*, actor: Actor) -> tuple[int, int]:
    """How many applications in scope are under way, and how many of them are past the day of their step.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "application.read")
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(*) filter (where due_on < %s) from casework_stage"
            " where upper_inf(recorded) and state = any(%s)",
            [actor.on, list(LIVE)],
        )
        whole, late = cursor.fetchone() or (0, 0)
    return whole, late


def filed(*, actor: Actor, month: date) -> Mapping[str, int]:
    """How many papers of each kind in scope tell of a month.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "filing.read")
    rows = Filing.objects.filter(month=month.replace(day=1)).values_list("kind").annotate(Count("id"))
    return dict(rows.order_by("kind"))
