"""Nobody acts on a line of their own household (the guards of ``origination.own``, for many lines at once)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.views import LineView

__all__ = ["STATED", "namesakes", "not_mine", "numbers", "own_lines"]

_SHOWN = 10
STATED = "not_own_household"  # under this name the statement is kept
_OWN = (
    "select household_id from casework_own_household where upper_inf(recorded) and account_id = %s"
    " and household_id = any(%s)"
)
_NAMESAKES = (
    "select distinct household_id from casework_member where upper_inf(recorded) and name = %s"
    " and household_id = any(%s)"
)


def own_lines(actor: Actor, lines: Iterable[LineView]) -> list[LineView]:
    """The lines of households that were declared as the actor's own."""
    return _among(_OWN, actor.account_id, lines)


def namesakes(actor: Actor, lines: Iterable[LineView]) -> list[LineView]:
    """The lines of households in which somebody, or whose borrower, bears the actor's name."""
    every = list(lines)
    found = {one.id for one in _among(_NAMESAKES, actor.name, every)}
    return [one for one in every if one.id in found or one.borrower_name == actor.name]


def not_mine(
    actor: Actor, lines: Sequence[LineView], *, act: str, places: Sequence[str], stated: bool
) -> Mapping[str, Any]:
    """Refuse where a line is of the actor's own household, and ask for the statement where a name is the actor's.

    Args:
        actor: Who acts; the site itself has no household.
        lines: What the act decides about.
        act: The act, to name those who may do it instead.
        places: Where they may hold it.
        stated: That the lines of the actor's name are not of the actor's household.

    Returns:
        What is kept of the statement; empty where none was needed.

    Raises:
        Refused: ``own_step`` with ``others`` who may do it, ``attestation_missing``; both with the lines' numbers.
    """
    if not actor.account_id:
        return {}
    mine = own_lines(actor, lines)
    if mine:
        raise people.own_step(actor=actor, act=act, places=places, number=numbers(mine))
    named = namesakes(actor, lines)
    if not named:
        return {}
    if not stated:
        raise Refused("attestation_missing", field="not_own", number=numbers(named))
    return {STATED: [str(one.id) for one in named]}


def numbers(lines: Iterable[LineView]) -> str:
    """The numbers of lines, for people; at most ten."""
    every = sorted(one.number for one in lines)
    return "、".join(str(one) for one in every[:_SHOWN]) + ("…" if len(every) > _SHOWN else "")


def _among(question: str, given: Any, lines: Iterable[LineView]) -> list[LineView]:
    every = list(lines)
    wanted = sorted({one.household_id for one in every if one.household_id})
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(question, [given, wanted])
        found = {household_id for (household_id,) in cursor.fetchall()}
    return [one for one in every if one.household_id in found]
