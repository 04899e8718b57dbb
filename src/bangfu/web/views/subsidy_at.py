"""A list opened for one step, by one who may do that step."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import STATES, ListOpened
from bangfu.web.views.doing import actor_of

__all__ = ["list_at"]


def list_at(request: HttpRequest, list_id: UUID, step: str) -> ListOpened:
    """The list, for one who may do the step at which it stands.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``wrong_stage``.
    """
    actor = actor_of(request)
    people.require(actor, STATES[step].act)
    told = subsidies.opened_list(actor=actor, list_id=list_id)
    if told.view.state != step:
        done_before = any(one.step == step for one in told.acts)
        code = "already_decided" if done_before else "wrong_stage"
        raise Refused(code, stands_at=told.view.stands_at.words)
    return told
