"""Exceptions from limits “in principle” (原则上): one asks with a ground, another approves, both are on record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination.cases import CONCEPT, Case, exception_hash, judged, load, seen_hash
from bangfu.casework.origination.models import ExceptionApproval, ExceptionRequest
from bangfu.casework.origination.notices import exception_paper
from bangfu.casework.origination.own import not_own
from bangfu.casework.origination.workflow import APPROVE, REFUSE, STATES
from bangfu.casework.people import api as people

_SHORTEST, _LONGEST = 4, 500


@transaction.atomic
def ask_exception(*, actor: Actor, application_id: object, code: str, ground: str) -> uuid.UUID:
    """Ask for an exception from one of the limits the core found to be departed from; the request's id.

    Raises:
        Refused: ``not_your_role`` (the branch asks), ``not_in_scope``, ``wrong_stage``, ``bad_field`` (no such limit is
            departed from), ``reason_missing``, ``duplicate``, ``own_step``.
    """
    people.require(actor, "application.examine")
    case = load(application_id, on=actor.on, lock=True)
    not_own(actor, str(case.application.household_id))
    rule = _departed(case, code, actor)
    if len(ground.strip()) < _SHORTEST:
        raise Refused("reason_missing", field="ground")
    about = exception_hash(case, rule)
    if any(bytes(one.seen_hash) == about for one in open_requests(case)):
        raise Refused("duplicate")
    row = ExceptionRequest.objects.create(
        id=uuid.uuid4(), application_id=case.id, seen_hash=about, code=code, clauses=list(rule["clauses"]),
        ground=ground.strip()[:_LONGEST], asked_by=actor.account_id, asked_name=actor.name, at=actor.now, **case.scoped,
    )  # fmt: skip
    _told(actor, case, "application.exception_asked", code, rule, why=row.ground)
    return row.pk


@transaction.atomic
def decide_exception(
    *, actor: Actor, application_id: object, request_id: object, outcome: str, ground: str, seen: str
) -> None:
    """Approve or refuse an exception; an approval's record is made and kept.

    Args:
        actor: Who holds ``exception.approve``: neither who asked nor anybody who acted on the application.
        application_id: The application.
        request_id: The request.
        outcome: approve or refuse.
        ground: The approver's own words: conditions, or why not.
        seen: The hash of what was seen.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``own_step``, ``already_decided``, ``content_changed``,
            ``reason_missing``, ``wrong_stage``, ``bad_field``.
    """
    people.require(actor, "exception.approve")
    case = load(application_id, on=actor.on, lock=True)
    asked = next((one for one in case.requested if str(one.pk) == str(request_id)), None)
    if asked is None or outcome not in (APPROVE, REFUSE):
        raise Refused("not_in_scope")
    not_own(actor, str(case.application.household_id))
    people.require_other(actor, asked.asked_by, *case.writers, *(one.reviewed_by for one in case.reviews))
    if asked not in open_requests(case):
        raise Refused("already_decided")
    if len(ground.strip()) < _SHORTEST:
        raise Refused("reason_missing", field="ground")
    rule = _departed(case, asked.code, actor)
    decision = judged(case, on=actor.on)
    if seen_hash(case, decision) != seen or exception_hash(case, rule) != bytes(asked.seen_hash):
        raise Refused("content_changed")
    approval = ExceptionApproval.objects.create(
        id=uuid.uuid4(), application_id=case.id, seen_hash=asked.seen_hash, code=asked.code, clauses=asked.clauses,
        ground=ground.strip()[:_LONGEST], outcome=outcome, asked_by=asked.asked_by, asked_name=asked.asked_name,
        approved_by=actor.account_id, approved_name=actor.name, approved_role=actor.role, at=actor.now, **case.scoped,
    )  # fmt: skip
    if outcome == APPROVE:
        exception_paper(actor, case, asked=asked, approval=approval, rule=rule)
    _told(actor, case, f"application.exception_{'approved' if outcome == APPROVE else 'refused'}", asked.code, rule,
          why=ground.strip())  # fmt: skip


def open_requests(case: Case) -> list[ExceptionRequest]:
    """The requests nobody has decided: later than the last word on the same matter."""
    return [
        one
        for one in case.requested
        if not any(
            done.code == one.code and bytes(done.seen_hash) == bytes(one.seen_hash) and done.at >= one.at
            for done in case.exceptions
        )
    ]


def _departed(case: Case, code: str, actor: Actor) -> Mapping[str, Any]:
    if not STATES[case.stage.state].open:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    rule = next((one for one in judged(case, on=actor.on).soft if one["code"] == code), None)
    if rule is None:
        raise Refused("bad_field", field="code")
    return rule


def _told(actor: Actor, case: Case, act: str, code: str, rule: Mapping[str, Any], *, why: str) -> None:
    trail.record(
        actor=actor, act=act, subject=(CONCEPT, case.id), after={"code": code}, why=why, basis=tuple(rule["clauses"]),
        scope_area=case.application.scope_area, institution_id=case.application.institution_id,
    )  # fmt: skip
