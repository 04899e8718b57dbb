"""Requests: one asks, the effect is shown, another decides; what was decided is done in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.requests import of_people as _of_people  # noqa: F401 - registers the kinds about people
from bangfu.casework.requests.kinds import Details, Field, Kind, Place, kinds, line, register, said
from bangfu.casework.requests.models import ChangeDecision, ChangeRequest
from bangfu.casework.requests.views import OPEN, RequestView, hashed, view_of

__all__ = [
    "OPEN", "Details", "Field", "Kind", "Listed", "Place", "RequestView", "ask", "count_open_for", "decide",
    "effect_of", "get", "kinds", "line", "listed", "of_household", "open_for", "register", "said", "withdraw",
]  # fmt: skip

_LONGEST_WHY = 500
_SHORTEST_WHY = 2
_OUTCOMES = ("approved", "refused")


@dataclass(frozen=True)
class Listed:
    """A page of requests."""

    rows: tuple[RequestView, ...]
    total: int


def effect_of(*, actor: Actor, kind: str, details: Details) -> dict[str, Any]:
    """What a request would do; nothing is changed.

    Raises:
        Refused: ``not_your_role``, ``bad_field``, and what the kind itself refuses.
    """
    found = _kind(kind)
    if not people.may(actor.role, found.decide_act):
        people.require(actor, found.ask_act)
    return found.effect(actor, details)


def ask(
    *,
    actor: Actor,
    kind: str,
    subject: tuple[str, object],
    details: Details,
    why: str,
) -> RequestView:
    """Ask for a change: its effect is computed and kept as it was shown.

    Args:
        actor: Who asks.
        kind: Code of a registered kind.
        subject: Concept and id, e.g. ``("household", "H1")``; the trail shows it there.
        details: What is asked, plain JSON; personal numbers by their id in the vault.
        why: The reason.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``duplicate`` (it is asked for already), and the kind's own.
    """
    found = _kind(kind)
    people.require(actor, found.ask_act)
    reason = _reason(why, field="why", needed=True)
    named = f"{subject[0]}:{subject[1]}"
    place = found.place(actor, details)
    _none_like_it(found, named, details)
    request_id = uuid.uuid4()
    complete = found.prepare(actor, details, request_id)
    effect = found.effect(actor, complete)
    row = ChangeRequest(
        id=request_id,
        kind=kind,
        desk=found.desk,
        subject=named,
        details=complete,
        effect=effect,
        why=reason,
        asked_by=actor.account_id,
        asked_name=actor.name,
        asked_role=actor.role,
        asked_at=actor.now,
        decided_by_act=found.decide_act,
        scope_area=place.scope_area,
        institution_id=place.institution_id,
        household_id=place.household_id,
    )
    row.content_hash = hashed(row=row, effect=effect)
    row.save(force_insert=True)
    _told(actor, row, act="request.asked", after={"kind": kind}, why=reason)
    return view_of(row, decision=None, effect_now=effect)


def get(*, actor: Actor, request_id: object) -> RequestView:
    """One request in scope, with what it would do now and the hash a decision binds to."""
    row, decision = _found(request_id)
    if decision is not None:
        return view_of(row, decision=decision)
    try:
        return view_of(row, decision=None, effect_now=_kind(row.kind).effect(actor, row.details))
    except Refused as overtaken:  # it cannot be done any more, yet it can be refused or withdrawn
        return replace(view_of(row, decision=None), overtaken=overtaken)


def decide(
    *, actor: Actor, request_id: object, outcome: str, reason: str = "", seen_hash: str
) -> RequestView:
    """Approve (and do it) or refuse; of two at once one wins.

    Args:
        actor: Who decides; not who asked.
        request_id: Which.
        outcome: ``approved`` or ``refused``.
        reason: Needed for a refusal.
        seen_hash: ``RequestView.seen_hash`` of what was read.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``own_step``, ``already_decided``, ``content_changed`` (the
            effect is no longer the one that was seen), ``reason_missing``, and what the kind refuses.
    """
    if outcome not in _OUTCOMES:
        raise Refused("bad_field", field="outcome")
    row, decision = _held(request_id)
    found = _kind(row.kind)
    people.require(actor, found.decide_act)
    people.require_other(actor, row.asked_by)
    if decision is not None:
        raise Refused("already_decided")
    said_why = _reason(reason, field="reason", needed=outcome == "refused")
    # A request the world has overtaken cannot be done any more, yet it can be refused.
    effect = found.effect(actor, row.details) if outcome == "approved" else dict(row.effect)
    if outcome == "approved" and hashed(row=row, effect=effect).hex() != seen_hash:
        raise Refused("content_changed")
    made = _decided(actor, row, outcome=outcome, reason=said_why, effect=effect)
    if outcome == "approved":
        found.apply(actor, view_of(row, decision=None, effect_now=effect), row.details)
    _told(actor, row, act=f"request.{outcome}", after={"kind": row.kind}, why=said_why)
    return view_of(row, decision=made)


def withdraw(*, actor: Actor, request_id: object, reason: str = "") -> RequestView:
    """Who asked takes it back, while it is open.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role`` (somebody else asked), ``already_decided``.
    """
    row, decision = _held(request_id)
    if row.asked_by != actor.account_id:
        raise Refused("not_your_role", act="request.withdraw")
    if decision is not None:
        raise Refused("already_decided")
    said_why = _reason(reason, field="reason", needed=False)
    made = _decided(actor, row, outcome="withdrawn", reason=said_why, effect=dict(row.effect))
    _told(actor, row, act="request.withdrawn", after={"kind": row.kind}, why=said_why)
    return view_of(row, decision=made)


def open_for(*, actor: Actor, at_most: int = 50) -> list[RequestView]:
    """The open requests in scope the actor may decide, the oldest first; none of their own."""
    return [view_of(row, decision=None) for row in _decidable(actor).order_by("asked_at", "id")[:at_most]]


def count_open_for(*, actor: Actor) -> int:
    """How many wait for the actor's decision."""
    return _decidable(actor).count()


def listed(
    *, actor: Actor, state: str = "", kind: str = "", mine: bool = False, page: int = 1, size: int = 50
) -> Listed:
    """Requests in scope, the newest first.

    Args:
        actor: Who reads.
        state: open, approved, refused or withdrawn; all where empty.
        kind: Code of a kind; all where empty.
        mine: Only those the actor asked for.
        page: From 1.
        size: Rows a page.
    """
    rows = ChangeRequest.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if mine:
        rows = rows.filter(asked_by=actor.account_id)
    if state == OPEN:
        rows = rows.filter(changedecision__isnull=True)
    elif state:
        rows = rows.filter(changedecision__outcome=state)
    return Listed(_views(rows.order_by("-asked_at", "id")[(page - 1) * size : page * size]), rows.count())


def of_household(household_id: str, *, at_most: int = 50) -> tuple[RequestView, ...]:
    """The requests about a household in scope, the newest first."""
    return _views(
        ChangeRequest.objects.filter(household_id=household_id).order_by("-asked_at", "id")[:at_most]
    )


def _views(rows: QuerySet[ChangeRequest]) -> tuple[RequestView, ...]:
    return tuple(
        view_of(row, decision=getattr(row, "changedecision", None))
        for row in rows.select_related("changedecision")
    )


def _decidable(actor: Actor) -> QuerySet[ChangeRequest]:
    mine = [
        one.code for one in kinds().values() if people.may(actor.role, one.decide_act) or actor.role == "site"
    ]
    rows = ChangeRequest.objects.filter(Q(kind__in=mine), changedecision__isnull=True)
    return rows.exclude(asked_by=actor.account_id)


def _kind(code: str) -> Kind:
    found = kinds().get(code)
    if found is None:
        raise Refused("bad_field", field="kind", kind=code)
    return found


def _held(request_id: object) -> tuple[ChangeRequest, ChangeDecision | None]:
    """The request, held until the transaction ends: of two who decide at once the second finds it decided."""
    row, _ = _found(request_id)
    ChangeRequest.objects.select_for_update().get(pk=row.pk)
    return row, ChangeDecision.objects.filter(request_id=row.pk).first()


def _found(request_id: object) -> tuple[ChangeRequest, ChangeDecision | None]:
    wanted = as_uuid(request_id)
    row = ChangeRequest.objects.select_related("changedecision").filter(id=wanted).first()
    if row is None:
        raise Refused("not_in_scope")
    decision: ChangeDecision | None = getattr(row, "changedecision", None)
    return row, decision


def _none_like_it(kind: Kind, subject: str, details: Details) -> None:
    """Refuse what is asked for already and still open."""
    same = ChangeRequest.objects.filter(kind=kind.code, subject=subject, changedecision__isnull=True)
    plain = {key: value for key, value in details.items() if key not in kind.made}
    for told in same.values_list("details", flat=True):
        if {key: value for key, value in told.items() if key in plain} == plain:
            raise Refused("duplicate", subject=subject)


def _decided(
    actor: Actor, row: ChangeRequest, *, outcome: str, reason: str, effect: Mapping[str, Any]
) -> ChangeDecision:
    made = ChangeDecision(
        request_id=row.pk,
        desk=row.desk,
        asked_by=row.asked_by,
        outcome=outcome,
        reason=reason,
        effect=dict(effect),
        seen_hash=hashed(row=row, effect=effect),
        decided_by=actor.account_id,
        decided_name=actor.name,
        decided_role=actor.role,
        at=actor.now,
        scope_area=row.scope_area,
        institution_id=row.institution_id,
        household_id=row.household_id,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # the other of two at once
        raise Refused("already_decided") from None
    return made


def _reason(text: str, *, field: str, needed: bool) -> str:
    said_why = " ".join(text.split())
    if needed and len(said_why) < _SHORTEST_WHY:
        raise Refused("reason_missing", field=field)
    if len(said_why) > _LONGEST_WHY:
        raise Refused("bad_field", field=field, most=_LONGEST_WHY)
    return said_why


def _told(actor: Actor, row: ChangeRequest, *, act: str, after: Mapping[str, Any], why: str) -> None:
    concept, _, subject_id = row.subject.partition(":")
    trail.record(
        actor=actor, act=act, subject=(concept, subject_id), after={"request": str(row.pk), **after}, why=why,
        basis=_kind(row.kind).clauses, scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
