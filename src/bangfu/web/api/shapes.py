"""The shapes of questions and answers. Amounts are whole fen (``_fen``), rates whole 1e-8 (``_e8``), days ISO dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from bangfu.casework.database.actor import SHANGHAI

__all__ = [
    "MOST",
    "MOST_FEN",
    "ApplicationOut",
    "ApplicationRowOut",
    "ApplicationsIn",
    "ApplicationsOut",
    "Area",
    "AreaOut",
    "AreasOut",
    "AsOf",
    "Closed",
    "Code",
    "Day",
    "DecideIn",
    "DecideOut",
    "DraftIn",
    "FoundOut",
    "HouseholdRowOut",
    "HouseholdsIn",
    "HouseholdsOut",
    "Id",
    "InstitutionOut",
    "InstitutionsOut",
    "Limit",
    "MaybeCode",
    "MaybeId",
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
]

MOST = 200
MOST_FEN = 10_000_000_000
Id = Annotated[str, Field(min_length=1, max_length=64)]
MaybeId = Annotated[str, Field(max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z_]+$")]
MaybeCode = Annotated[str, Field(max_length=32, pattern=r"^[a-z_]*$")]
Area = Annotated[
    str,
    Field(max_length=12, pattern=r"^([0-9]{2}){0,3}([0-9]{3}){0,2}$", description="区划代码 · division code"),
]
Place = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
Fen = Annotated[int, Field(ge=0, le=MOST_FEN)]
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
    amount_fen: Annotated[int, Field(ge=1, le=MOST_FEN)]
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
