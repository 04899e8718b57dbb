"""Who am I, which policy holds, what would the core decide."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.lending import api as lending
from bangfu.policy import Stack, TermValue
from bangfu.web.api.door import bearer_of, needs, tagged
from bangfu.web.api.errors import ANSWERS
from bangfu.web.api.shapes import DecideIn, DecideOut, PolicyIn, PolicyOut, WhoOut

router = Router(tags=["policy"])


@router.get("/whoami", response={200: WhoOut, **ANSWERS}, summary="令牌代表谁 · Who the token stands for")
@needs("")
def whoami(request: HttpRequest) -> WhoOut:
    """The account, role, place and acts of the token."""
    bearer = bearer_of(request)
    actor = bearer.actor
    return WhoOut(
        name=actor.name, role=actor.role, place=actor.place, may=sorted(bearer.may), areas=list(actor.scope.areas),
        institutions=list(actor.scope.institutions), today=actor.on,
    )  # fmt: skip


@router.get(
    "/policy", response={200: PolicyOut, **ANSWERS}, summary="某地某日的政策 · The policy of a place and day"
)
@needs("")
def policy(request: HttpRequest, asked: Query[PolicyIn]) -> HttpResponse:
    """Every term in force with its clause and what it overrides, as ``bangfu policy show --json``."""
    stack = site_book().stack(asked.place, asked.product, asked.day)
    return tagged(request, PolicyOut(**_told(stack, asked)))


def _told(stack: Stack, asked: PolicyIn) -> dict[str, Any]:
    return {
        "place": stack.place, "day": asked.day, "product": stack.product, "policy": stack.id,
        "packs": [
            {"id": pack.id, "number": pack.number, "hash": pack.hash, "title": pack.title} for pack in stack.packs
        ],
        "terms": {name: _term(term) for name, term in stack.terms(asked.day).items()},
        "not_regulated": list(stack.not_regulated(asked.day)),
        "warnings": [
            {"code": one.name, "clauses": list(one.clauses), "facts": dict(one.facts)} for one in stack.warnings
        ],
    }  # fmt: skip


def _term(term: TermValue) -> dict[str, Any]:
    below = [{"value": one.shown, "document": one.document, "clause": one.clause} for one in term.overrides]
    return {"value": term.shown, "clauses": list(term.clauses), "document": term.document, "overrides": below}


@router.post(
    "/decide", response={200: DecideOut, **ANSWERS}, summary="试算能否办理 · What the core would decide"
)
@needs("household.read")
def decide(request: HttpRequest, asked: DecideIn) -> DecideOut:
    """A what-if for one household in scope: outcome, refusals, warnings, what is to be attested; nothing is kept."""
    given = asked.model_dump(exclude={"on"})
    return DecideOut(
        **lending.what_if(actor=bearer_of(request).actor, asked_for=lending.WhatIf(**given), on=asked.on)
    )
