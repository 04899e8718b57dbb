"""The shapes of questions and answers. Amounts are whole fen (``_fen``), rates whole 1e-8 (``_e8``), days ISO dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from bangfu.casework.database.actor import SHANGHAI

__all__ = [
    "MOST",
    "ApplicationOut",
    "ApplicationRowOut",
    "ApplicationsIn",
    "ApplicationsOut",
    "AreaOut",
    "AreasOut",
    "AsOf",
    "DecideIn",
    "DecideOut",
    "DisburseIn",
    "DraftIn",
    "EventIn",
    "EventOut",
    "EventsIn",
    "EventsOut",
    "FoundOut",
    "HouseholdRowOut",
    "HouseholdsIn",
    "HouseholdsOut",
    "InstitutionOut",
    "InstitutionsOut",
    "LedgerIn",
    "LedgerOut",
    "LedgerTotal",
    "LoanOut",
    "LoanRowOut",
    "LoansIn",
    "LoansOut",
    "PolicyIn",
    "PolicyOut",
    "ProblemOut",
    "RosterIn",
    "RosterOut",
    "RosterRowOut",
    "SavedOut",
    "SearchIn",
    "SearchOut",
    "SubmittedOut",
    "WhoOut",
]  # fmt: skip

MOST = 200
_FEN = 10_000_000_000
Id = Annotated[str, Field(min_length=1, max_length=64)]
MaybeId = Annotated[str, Field(max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z_]+$")]
MaybeCode = Annotated[str, Field(max_length=32, pattern=r"^[a-z_]*$")]
Area = Annotated[
    str,
    Field(max_length=12, pattern=r"^([0-9]{2}){0,3}([0-9]{3}){0,2}$", description="区划代码 · division code"),
]
Place = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
Fen = Annotated[int, Field(ge=0, le=_FEN)]
Cursor = Annotated[str, Field(max_length=400, description="上一页给出的 next · “next” of the page before")]
_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)
Day = Annotated[date, Field(ge=_FIRST, le=_LAST)]


def _moment(told: datetime) -> datetime:
    """A moment in UTC; without a zone it is taken in Shanghai (design §10, 25)."""
    aware = told if told.tzinfo is not None else told.replace(tzinfo=SHANGHAI)
    if not _FIRST <= aware.date() <= _LAST:
        raise ValueError("the moment lies between 1990 and 2100")
    return aware.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_moment)]
Limit = Annotated[int, Field(ge=1, le=MOST)]


class Closed(Schema):
    """Takes no field it does not know."""

    model_config = ConfigDict(extra="forbid")


class ProblemOut(Schema):
    """A refusal: fixed code, words, field, facts, clauses."""

    code: str
    zh: str
    en: str
    field: str
    facts: dict[str, Any]
    clauses: list[str]


class PolicyOut(Schema):
    """The terms in force, as ``bangfu policy show --json`` gives them."""

    place: str
    day: date
    product: str
    policy: str
    packs: list[dict[str, Any]]
    terms: dict[str, Any]
    not_regulated: list[str]
    warnings: list[dict[str, Any]]


class DecideOut(Schema):
    """The core's decision with its policy, as ``bangfu check --json`` gives them."""

    on: date
    decision: dict[str, Any]
    policy: dict[str, Any] | None


class AsOf(Closed):
    """As of a day, as known at a moment; both today where left out."""

    as_of: Day | None = None
    known_at: Moment | None = None


class WhoOut(Schema):
    """Who the token stands for."""

    name: str
    role: str
    place: str
    may: list[str]
    areas: list[str]
    institutions: list[str]
    today: date


class PolicyIn(Closed):
    """Which policy: of a place, on a day, for a product."""

    place: Place
    day: Day
    product: Code


class DecideIn(Closed):
    """A loan to think of, for one household in scope."""

    household_id: Id
    product: Code
    amount_fen: Annotated[int, Field(ge=1, le=_FEN)]
    term_months: Annotated[int, Field(ge=1, le=120)]
    purpose: Code
    rate_e8: Annotated[int, Field(ge=0, le=36_000_000)] | None = None
    kind: Code = "new"
    parent_loan_id: MaybeId = ""
    member_id: MaybeId = ""
    on: Day | None = None


class SearchIn(Closed):
    """An ID number to look up blindly; in a body, so that it stands in no address or log."""

    id_number: Annotated[str, Field(min_length=15, max_length=18)]


class FoundOut(Schema):
    """A household that was found."""

    household_id: str
    name: str
    place: str
    relation: str


class SearchOut(Schema):
    """What was found in scope."""

    found: list[FoundOut]


class HouseholdsIn(AsOf):
    """Which households."""

    area: Area = ""
    category: MaybeCode = ""
    after: Cursor = ""
    limit: Limit = 50


class HouseholdRowOut(Schema):
    """A household of a list."""

    household_id: str
    head_name: str
    area_code: str
    place: str
    categories: list[str]
    members: int
    loans: int
    balance_fen: int


class HouseholdsOut(Schema):
    """A page of households."""

    items: list[HouseholdRowOut]
    total: int
    next: str


class RosterIn(AsOf):
    """Which lists."""

    area: Area = ""
    category: MaybeCode = ""
    after: Cursor = ""
    limit: Limit = 50


class RosterRowOut(Schema):
    """A household on a list; ``left_on`` is exclusive."""

    household_id: str
    head_name: str
    area_code: str
    category: str
    listed_on: date | None
    left_on: date | None
    left_reason: str


class RosterOut(Schema):
    """A page of the rosters."""

    as_of: date
    items: list[RosterRowOut]
    total: int
    next: str


class AreaOut(Schema):
    """A township or village."""

    code: str
    name: str


class AreasOut(Schema):
    """The places in scope."""

    townships: list[AreaOut]
    villages: list[AreaOut]


class InstitutionOut(Schema):
    """A bank or branch, with the townships it leads."""

    institution_id: str
    kind: str
    name: str
    parent_id: str | None
    area_code: str
    leads: list[str]


class InstitutionsOut(Schema):
    """The institutions."""

    items: list[InstitutionOut]


class ApplicationsIn(Closed):
    """Which applications."""

    state: MaybeCode = ""
    area: Area = ""
    after: Cursor = ""


class ApplicationRowOut(Schema):
    """An application of a list."""

    application_id: str
    state: str
    due_on: date | None
    opened_on: date
    household_id: str
    borrower_name: str
    area_code: str
    institution_id: str
    product: str
    kind: str
    amount_fen: int
    term_months: int
    purpose: str


class ApplicationsOut(Schema):
    """A page of applications."""

    items: list[ApplicationRowOut]
    total: int
    next: str


class ApplicationOut(Schema):
    """An application: fields (numbers masked), where it stands, what is missing, the core's decision today."""

    application_id: str
    household_id: str
    area_code: str
    institution_id: str
    state: str
    due_on: date | None
    version: int
    seen_hash: str
    fields: dict[str, Any]
    unfilled: list[str]
    lacking: list[str]
    decision: dict[str, Any]


class DraftIn(Closed):
    """A draft application. Without ``application_id`` a new one is opened, else its next version is written."""

    household_id: Id
    member_id: MaybeId = ""
    application_id: MaybeId = ""
    seen_version: Annotated[int, Field(ge=0, le=100_000)] = 0
    kind: Code = "new"
    parent_loan_id: MaybeId = ""
    borrower_marital_status: MaybeCode = ""
    family_size: Annotated[int, Field(ge=1, le=99)] | None = None
    borrower_phone: Annotated[str, Field(max_length=20)] | None = None
    address: Annotated[str, Field(max_length=200)] = ""
    spouse_name: Annotated[str, Field(max_length=64)] = ""
    spouse_born_on: Day | None = None
    spouse_phone: Annotated[str, Field(max_length=20)] | None = None
    spouse_id_number: Annotated[str, Field(max_length=18)] | None = None
    amount_fen: Fen = 0
    purpose: MaybeCode = ""
    purpose_text: Annotated[str, Field(max_length=500)] = ""
    term_months: Annotated[int, Field(ge=0, le=120)] = 0
    applied_on: Day | None = None


class SavedOut(Schema):
    """The draft that was saved."""

    application_id: str
    version: int
    changed: bool


class SubmittedOut(Schema):
    """Where the application stands now."""

    application_id: str
    state: str


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
    amount_fen: Annotated[int, Field(ge=0, le=_FEN)] | None = None
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
    amount_fen: Annotated[int, Field(ge=1, le=_FEN)]
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
