"""Applications: list, read, write a draft, submit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import api as origination
from bangfu.casework.words import Words
from bangfu.web.api.cursors import at, behind
from bangfu.web.api.door import bearer_of, needs
from bangfu.web.api.errors import ANSWERS
from bangfu.web.api.shapes import (
    ApplicationOut,
    ApplicationRowOut,
    ApplicationsIn,
    ApplicationsOut,
    DraftIn,
    SavedOut,
    SubmittedOut,
)

router = Router(tags=["applications"])
_FIELDS = tuple(
    name
    for name in DraftIn.model_fields
    if name not in {"household_id", "member_id", "application_id", "seen_version"}
)


@router.get("/applications", response={200: ApplicationsOut, **ANSWERS}, summary="贷款申请 · Applications")
@needs("application.read")
def applications(request: HttpRequest, asked: Query[ApplicationsIn]) -> ApplicationsOut:
    """Applications in scope, the newest first, 50 a page; all pages as known when the first one was asked for."""
    actor = bearer_of(request).actor
    if asked.state and asked.state not in {*origination.STATES, "live"}:
        raise Refused("bad_field", field="state")
    place = at(asked.after, known_at=None, now=actor.now)
    wanted = origination.Filter(state=asked.state, area=asked.area, known_at=place.known_at)
    page = origination.applications(actor=actor, wanted=wanted, page=place.page)
    rows = [
        ApplicationRowOut(
            application_id=row.id, state=row.state, due_on=row.due_on, opened_on=row.opened_on,
            household_id=row.household_id, borrower_name=row.borrower, area_code=row.village,
            institution_id=row.institution_id, product=row.product, kind=row.kind, amount_fen=row.amount_fen,
            term_months=row.term_months, purpose=row.purpose,
        )
        for row in page.rows
    ] if place.page <= page.pages else []  # fmt: skip
    return ApplicationsOut(items=rows, total=page.total, next=behind(place, pages=page.pages))


@router.get(
    "/applications/{application_id}",
    response={200: ApplicationOut, **ANSWERS},
    summary="一份申请 · One application",
)
@needs("application.read")
def application(request: HttpRequest, application_id: str) -> ApplicationOut:
    """Where it stands, its fields with masked numbers, what is missing, the core's decision today."""
    found = origination.application(actor=bearer_of(request).actor, application_id=application_id)
    return ApplicationOut(
        application_id=found.id, household_id=found.household_id, area_code=found.village,
        institution_id=found.institution_id, state=found.state, due_on=found.due_on, version=found.version,
        seen_hash=found.seen, fields=_plain(found.fields), unfilled=list(found.unfilled), lacking=list(found.lacking),
        decision=_plain(found.decision),
    )  # fmt: skip


@router.post("/applications", response={201: SavedOut, **ANSWERS}, summary="保存申请草稿 · Write a draft")
@needs("application.write", once=True, status=201)
def draft(request: HttpRequest, asked: DraftIn) -> SavedOut:
    """Open an application of a household at the token's branch, or write its next version (LD2021-2.2a)."""
    actor = bearer_of(request).actor
    number, seen = asked.application_id, asked.seen_version
    if not number:
        number = origination.open_application(
            actor=actor, household_id=asked.household_id, member_id=asked.member_id
        )
        seen = 1
    member = asked.member_id or str(
        origination.application(actor=actor, application_id=number).fields["borrower_member_id"]
    )
    given = {name: getattr(asked, name) for name in _FIELDS}
    saved = origination.save_version(
        actor=actor, application_id=number, entered=origination.Entered(borrower_member_id=member, **given),
        seen_number=seen,
    )  # fmt: skip
    return SavedOut(application_id=number, version=saved.number, changed=saved.changed)


@router.post(
    "/applications/{application_id}/submit",
    response={200: SubmittedOut, **ANSWERS},
    summary="提交申请 · Submit",
)
@needs("application.write", once=True)
def submit(request: HttpRequest, application_id: str) -> SubmittedOut:
    """Hand a complete draft to the village (LD2021-2.1, 2.2a)."""
    state = origination.submit(actor=bearer_of(request).actor, application_id=application_id)
    return SubmittedOut(application_id=application_id, state=state)


def _plain(value: Any) -> Any:
    """Plain values of JSON."""
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | bool | None) else str(value)
