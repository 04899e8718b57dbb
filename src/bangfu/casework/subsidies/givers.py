"""Whose list it is: a branch gives its own (LD2021-6), a bank without branches the list of what it lent itself.

A bank never acts for a branch of its own (docs/decisions/0072): where a branch has nobody, a person is given the role.
"""

from __future__ import annotations

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused

__all__ = ["gives", "of_giver"]


def gives(actor: Actor, institution_id: str | None) -> bool:
    """Whether the actor sits in the institution that computes and gives a list; the site stands for all."""
    return actor.scope.everything or institution_id == actor.place


def of_giver(actor: Actor, institution_id: str | None) -> None:
    """Refuse who sits elsewhere: ``branch_gives_it``."""
    if not gives(actor, institution_id):
        raise Refused("branch_gives_it", clauses=("LD2021-6",))
