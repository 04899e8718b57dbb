"""Loans, payments, events, sums."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Query, Router

from bangfu.casework.database.actor import Actor
from bangfu.casework.lending import api as lending
from bangfu.web.api.door import bearer_of, needs
from bangfu.web.api.errors import ANSWERS
from bangfu.web.api.loan_shapes import (
    DisburseIn,
    EventOut,
    EventsIn,
    EventsOut,
    LedgerIn,
    LedgerOut,
    LedgerTotal,
    LoanOut,
    LoanRowOut,
    LoansIn,
    LoansOut,
)

router = Router(tags=["loans"])


@router.get("/loans", response={200: LoansOut, **ANSWERS}, summary="贷款 · Loans")
@needs("loan.read")
def loans(request: HttpRequest, asked: Query[LoansIn]) -> LoansOut:
    """Loans in scope by number, as of a day, as known at a moment."""
    given = asked.model_dump(exclude={"after", "limit"})
    rows = lending.loans_after(
        actor=bearer_of(request).actor,
        asked=lending.LoanFilter(**given),
        after=asked.after,
        size=asked.limit + 1,
    )
    shown = rows[: asked.limit]
    items = [
        LoanRowOut(**{name: value for name, value in asdict(row).items() if name in LoanRowOut.model_fields},
                   area_code=row.scope_area)
        for row in shown
    ]  # fmt: skip
    return LoansOut(items=items, next=shown[-1].loan_id if len(rows) > asked.limit else "")


@router.get(
    "/loans/{loan_id}",
    response={200: LoanOut, **ANSWERS},
    summary="一笔贷款及流水 · One loan with its events",
)
@needs("loan.read")
def loan(request: HttpRequest, loan_id: str) -> LoanOut:
    """Terms, the policy it is pinned to, and its ledger with balances; what was corrected beside it."""
    return _loan(bearer_of(request).actor, loan_id)


@router.post(
    "/loans/{loan_id}/disbursement", response={201: LoanOut, **ANSWERS}, summary="发放贷款 · Pay out"
)
@needs("loan.disburse", once=True, status=201)
def disbursement(request: HttpRequest, loan_id: str, asked: DisburseIn) -> LoanOut:
    """Refused while the breaker is open, outside the window, over the cap, twice, or by who decided (LD2021-5.5)."""
    actor = bearer_of(request).actor
    lending.disburse(
        actor=actor, loan_id=loan_id, on=asked.on, amount_fen=asked.amount_fen, seen_hash=asked.content_hash,
        reason=asked.reason, source="api",
    )  # fmt: skip
    return _loan(actor, loan_id)


@router.post("/events", response={201: EventsOut, **ANSWERS}, summary="登记流水 · Record events")
@needs("event.write", once=True, status=201)
def events(request: HttpRequest, asked: EventsIn) -> EventsOut:
    """One event or up to 200, all or none (LD2021-3.3). Repayment is never blocked (LD2021-5.5)."""
    told = [lending.Asked(**one.model_dump()) for one in asked.events]
    made = lending.record_many(actor=bearer_of(request).actor, events=told, source="api")
    return EventsOut(events=[_event(one) for one in made])


@router.get("/ledger", response={200: LedgerOut, **ANSWERS}, summary="台账合计 · Sums of the ledger")
@needs("loan.read")
def ledger(request: HttpRequest, asked: Query[LedgerIn]) -> LedgerOut:
    """Sums by regime and source of funds (LD2021-3.2, CN2021-5.2), as of a day, as known at a moment."""
    actor = bearer_of(request).actor
    sums = lending.totals(actor=actor, asked=lending.LoanFilter(**asked.model_dump()))
    return LedgerOut(
        as_of=asked.as_of or actor.on,
        known_at=asked.known_at or actor.now,
        totals=[LedgerTotal(**asdict(one)) for one in sums],
    )


def _loan(actor: Actor, loan_id: str) -> LoanOut:
    found = lending.opened(actor=actor, loan_id=loan_id)
    known = asdict(found.loan)
    names = LoanOut.model_fields.keys() & known.keys() - {"pinned"}
    return LoanOut(
        **{name: known[name] for name in names},
        borrower_id_masked=found.borrower_id_masked,
        pinned=[list(pin) for pin in found.loan.pinned],
        state=found.loan.state(actor.on),
        events=[_event(one) for one in found.events],
        corrected=[_event(one) for one in found.corrected],
    )


def _event(event: lending.EventView) -> EventOut:
    told = asdict(event)
    return EventOut(**{name: told[name] for name in EventOut.model_fields})
