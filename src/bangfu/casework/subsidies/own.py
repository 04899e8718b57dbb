"""Nobody acts on a line of their own household (the guards of applications, for many lines at once)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination.api import NOT_OWN, namesakes_among, own_among
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.views import LineView

__all__ = ["namesakes", "not_mine", "numbers", "own_lines"]

_SHOWN = 10


def own_lines(actor: Actor, lines: Iterable[LineView]) -> list[LineView]:
    """The lines of households that were declared as the actor's own."""
    every = list(lines)
    mine = own_among(actor, (one.household_id for one in every))
    return [one for one in every if one.household_id in mine]


def namesakes(actor: Actor, lines: Iterable[LineView]) -> list[LineView]:
    """The lines of households in which somebody, or whose borrower, bears the actor's name."""
    every = list(lines)
    named = namesakes_among(actor, (one.household_id for one in every))
    return [one for one in every if one.household_id in named or one.borrower_name == actor.name]


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
    return {NOT_OWN: [str(one.id) for one in named]}


def numbers(lines: Iterable[LineView]) -> str:
    """The numbers of lines, for people; at most ten."""
    every = sorted(one.number for one in lines)
    return "、".join(str(one) for one in every[:_SHOWN]) + ("…" if len(every) > _SHOWN else "")
