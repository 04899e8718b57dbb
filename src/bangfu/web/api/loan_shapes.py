"""The shapes of loans, payments, events and sums."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from bangfu.web.api.shapes import MOST, MOST_FEN, Area, AsOf, Closed, Code, Day, Id, Limit, MaybeCode, MaybeId

__all__ = [
    "DisburseIn",
    "EventIn",
    "EventOut",
    "EventsIn",
    "EventsOut",
    "LedgerIn",
    "LedgerOut",
    "LedgerTotal",
    "LoanOut",
    "LoanRowOut",
    "LoansIn",
    "LoansOut",
]


class LoansIn(AsOf):
    """Which loans."""

    product: MaybeCode = ""
    state: MaybeCode = ""
    area: Area = ""
    institution_id: MaybeId = ""
    household_id: MaybeId = ""
    maturing_within: Annotated[int, Field(ge=0, le=3650)] | None = None
    after: MaybeId = ""
    limit: Limit = 50


class LoanRowOut(Schema):
    """A loan of a list."""

    loan_id: str
    household_id: str
    borrower_name: str
    area_code: str
    institution_id: str | None
    lender: str
    branch: str
    product: str
    kind: str
    funding: str
    contract_on: date | None
    due_on: date | None
    principal_fen: int
    rate_e8: int | None
    disbursed_on: date | None
    disbursed_fen: int
    balance_fen: int
    overdue_fen: int
    risk_class: int
    state: str


class LoansOut(Schema):
    """A page of loans, by number; ``next`` is the last number, empty on the last page."""

    items: list[LoanRowOut]
    next: str


class EventOut(Schema):
    """One line of a ledger; ``closed_at`` is set where it was corrected."""

    event_id: int
    loan_id: str
    on: date
    kind: str
    amount_fen: int | None
    value: str
    booked_on: date
    source: str
    recorded_at: datetime
    closed_at: datetime | None
    balance_fen: int | None


class LoanOut(Schema):
    """A loan with its terms, the policy it is pinned to, and its ledger."""

    loan_id: str
    application_id: str
    household_id: str
    borrower_name: str
    borrower_id_masked: str
    area_code: str
    institution_id: str | None
    lender: str
    branch: str
    product: str
    kind: str
    parent_loan_id: str
    applied_on: date | None
    contract_on: date | None
    matures_on: date | None
    due_on: date | None
    principal_fen: int
    rate_e8: int | None
    interest_method: str
    purpose: str
    guarantee: str
    funding: str
    policy: str
    pinned: list[list[str]]
    disbursed_on: date | None
    disbursed_fen: int
    balance_fen: int
    risk_class: int
    state: str
    content_hash: str
    events: list[EventOut]
    corrected: list[EventOut]


class EventIn(Closed):
    """An event to record."""

    loan_id: Id
    kind: Code
    on: Day
    amount_fen: Annotated[int, Field(ge=0, le=MOST_FEN)] | None = None
    value: Annotated[str, Field(max_length=64)] = ""
    note: Annotated[str, Field(max_length=200)] = ""
    booked_on: Day | None = None


class EventsIn(Closed):
    """One event or many: all are recorded or none."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=MOST)]


class EventsOut(Schema):
    """The events as recorded, in the order they were sent."""

    events: list[EventOut]


class DisburseIn(Closed):
    """A payment. ``content_hash`` is the loan's, as read; ``reason`` where the breaker is undetermined."""

    on: Day
    amount_fen: Annotated[int, Field(ge=1, le=MOST_FEN)]
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[str, Field(max_length=500)] = ""


class LedgerIn(AsOf):
    """Which sums."""

    area: Area = ""
    institution_id: MaybeId = ""


class LedgerTotal(Schema):
    """Sums of one regime and one source of funds; regimes are never summed."""

    product: str
    funding: str
    loans: int
    running: int
    principal_fen: int
    disbursed_fen: int
    balance_fen: int
    overdue_fen: int
    npl_fen: int


class LedgerOut(Schema):
    """The sums, as of a day, as known at a moment."""

    as_of: date
    known_at: datetime
    totals: list[LedgerTotal]
