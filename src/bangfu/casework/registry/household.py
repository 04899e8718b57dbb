"""One household, one file (一户一档): as of a day, as known at a moment, by a fixed number of questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.areas import places_of
from bangfu.casework.registry.institutions import institution_names, lead_bank_of
from bangfu.casework.registry.reading import BALANCE, CONVERTED, MONEY, booked, stands
from bangfu.casework.registry.timeline import Happened, timeline_of
from bangfu.casework.requests import api as requests
from bangfu.casework.requests.api import RequestView


@dataclass(frozen=True)
class MemberView:
    """A member; numbers masked."""

    member_id: str
    name: str
    relation: str
    id_masked: str
    phone_masked: str
    has_number: bool
    labour: bool | None
    born_on: date | None
    marital_status: str
    deceased_on: date | None
    since: date | None
    until: date | None


@dataclass(frozen=True)
class ListedView:
    """A stay on a list."""

    category: str
    listed_on: date | None
    left_on: date | None
    left_reason: str


@dataclass(frozen=True)
class LoanView:
    """A loan with its balance at the end of the day, fen; ``product`` is its regime."""

    loan_id: str
    product: str
    kind: str
    lender: str
    branch: str
    borrower: str
    contract_on: date | None
    matures_on: date | None
    principal_fen: int
    rate_e8: int | None
    ordinary: bool
    balance_fen: int


@dataclass(frozen=True)
class ApplicationView:
    """An application and where it stands."""

    application_id: str
    state: str
    since: datetime
    product: str
    amount_fen: int
    branch: str


@dataclass(frozen=True)
class RatingView:
    """A credit rating of a bank."""

    grade: str
    limit_fen: int
    rated_on: date
    bank: str


@dataclass(frozen=True)
class HouseholdView:
    """A household as of a day, as known at a moment; ``ended`` where it is no more on that day."""

    household_id: str
    head_name: str
    area_code: str
    place: str
    address: str
    labour_count: int | None
    poverty_cause: str
    since: date | None
    until: date | None
    ended: bool
    lead_bank: str
    on: date
    known_at: datetime | None
    members: tuple[MemberView, ...]
    former_members: tuple[MemberView, ...]
    listed: tuple[ListedView, ...]
    loans: tuple[LoanView, ...]
    applications: tuple[ApplicationView, ...]
    ratings: tuple[RatingView, ...]
    requests: tuple[RequestView, ...]
    files: tuple[documents.FileView, ...]
    timeline: tuple[Happened, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The lists it is on on the day."""
        return tuple(
            one.category
            for one in self.listed
            if (one.listed_on or date.min) <= self.on < (one.left_on or date.max)
        )

    @property
    def balance_fen(self) -> int:
        """What it owes on programme loans in scope."""
        return sum(one.balance_fen for one in self.loans if not one.ordinary)


def household(
    *, actor: Actor, household_id: str, on: date | None = None, known_at: datetime | None = None
) -> HouseholdView:
    """The file of a household in scope.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "household.read")
    day = on or actor.on
    base = _base(household_id, day, known_at)
    members = _members(household_id, day, known_at)
    listed, loans = _listed(household_id, known_at), _loans(household_id, day, known_at)
    applications, ratings = _applications(household_id, known_at), _ratings(household_id, day)
    asked = requests.of_household(household_id)
    area, until = base[0], base[6]
    bank = lead_bank_of(area, on=day)
    return HouseholdView(
        household_id=household_id, head_name=base[1], area_code=area, place=places_of([area], on=day).get(area, area),
        address=base[2], labour_count=base[3], poverty_cause=base[4], since=base[5], until=until,
        ended=until is not None and until <= day, lead_bank=bank.name if bank else "", on=day, known_at=known_at,
        members=tuple(one for one in members if (one.until or date.max) > day),
        former_members=tuple(one for one in members if (one.until or date.max) <= day),
        listed=listed, loans=loans, applications=applications, ratings=ratings, requests=asked,
        files=tuple(documents.files_of(subject=("household", household_id))),
        timeline=timeline_of(household_id, day=day, known_at=known_at, asked=asked),
    )  # fmt: skip


def reveal_member(*, actor: Actor, member_id: str, field: str, reason: str) -> str:
    """A member's ID number or phone in the clear, after the reason was written down.

    Raises:
        Refused: ``not_in_scope``, ``bad_field``, ``not_your_role``, ``reason_missing``.
    """
    columns = {"id_number": "id_number_id", "phone": "phone_id"}
    if field not in columns:
        raise Refused("bad_field", field="field")
    found = rows(
        f"select {columns[field]}, scope_area from casework_member where upper_inf(recorded) and member_id = %s"
        " order by lower(valid) desc nulls last limit 1",
        [member_id],
    )
    if not found or found[0][0] is None:
        raise Refused("not_in_scope")
    return people.reveal(
        actor=actor, table_name="casework_member", row_id=member_id, field=field, datum_id=found[0][0], reason=reason,
        scope_area=found[0][1],
    )  # fmt: skip


def member_head(*, member_id: str) -> tuple[str, str]:
    """Household and name of a member in scope: what the page that asks for a reason shows. ``not_in_scope``."""
    found = rows(
        "select household_id, name from casework_member where upper_inf(recorded) and member_id = %s"
        " order by lower(valid) desc nulls last limit 1",
        [member_id],
    )
    if not found:
        raise Refused("not_in_scope")
    return found[0][0], found[0][1]


def _base(household_id: str, day: date, known_at: datetime | None) -> tuple[Any, ...]:
    known, given = stands(known_at)
    found = rows(
        "select scope_area, head_name, address, labour_count, poverty_cause, lower(valid), upper(valid)"
        f" from casework_household where {known} and household_id = %s and (lower(valid) is null or lower(valid) <= %s)"
        " order by lower(valid) desc nulls last limit 1",
        [*given, household_id, day],
    )
    if not found:
        raise Refused("not_in_scope")
    return found[0]


def _members(household_id: str, day: date, known_at: datetime | None) -> tuple[MemberView, ...]:
    """Members on the day, and those who were before: of each the latest row that began."""
    known, given = stands(known_at)
    found = rows(
        "select distinct on (member_id) member_id, name, relation, id_number_id, phone_id, labour, born_on,"
        " marital_status, deceased_on, lower(valid), upper(valid) from casework_member"
        f" where {known} and household_id = %s and (lower(valid) is null or lower(valid) <= %s)"
        " order by member_id, lower(valid) desc nulls last",
        [*given, household_id, day],
    )
    masked = personal_data.masked_of(one for row in found for one in (row[3], row[4]))
    views = [
        MemberView(
            member_id=row[0], name=row[1], relation=row[2], id_masked=_mask(masked, row[3]),
            phone_masked=_mask(masked, row[4]), has_number=row[3] is not None, labour=row[5], born_on=row[6],
            marital_status=row[7], deceased_on=row[8], since=row[9], until=row[10],
        )
        for row in found
    ]  # fmt: skip
    first = ("head", "spouse", "child", "parent", "other", "")
    return tuple(
        sorted(
            views, key=lambda one: (first.index(one.relation) if one.relation in first else 9, one.member_id)
        )
    )


def _mask(masked: dict[UUID, str], key: UUID | None) -> str:
    return masked.get(key, "") if key else ""


def _listed(household_id: str, known_at: datetime | None) -> tuple[ListedView, ...]:
    known, given = stands(known_at)
    found = rows(
        "select category, lower(valid), upper(valid), left_reason from casework_roster_entry"
        f" where {known} and household_id = %s order by lower(valid), category",
        [*given, household_id],
    )
    return tuple(ListedView(*row) for row in found)


def _loans(household_id: str, day: date, known_at: datetime | None) -> tuple[LoanView, ...]:
    known, given = stands(known_at, of="l.")
    book, book_given = booked(known_at, of="e.")
    found = rows(
        "select l.loan_id, l.product, l.kind, l.lender, l.branch, l.borrower_name, l.contract_on, l.matures_on,"
        f" l.principal_fen, l.rate_e8, l.ordinary, coalesce({BALANCE}, 0), coalesce({CONVERTED}, false)"
        f' from casework_loan l left join casework_loan_event e on e.loan_id = l.loan_id and {book} and e."on" <= %s'
        f" and {MONEY} where {known} and l.household_id = %s and (l.contract_on is null or l.contract_on <= %s)"
        " group by l.id order by l.contract_on desc nulls first, l.loan_id",
        [*book_given, day, *given, household_id, day],
    )
    return tuple(
        LoanView(
            loan_id=row[0],
            product=row[1],
            kind=row[2],
            lender=row[3],
            branch=row[4],
            borrower=row[5],
            contract_on=row[6],
            matures_on=row[7],
            principal_fen=row[8],
            rate_e8=row[9],
            ordinary=row[10],
            balance_fen=0 if row[12] else row[11],
        )
        for row in found
    )


def _applications(household_id: str, known_at: datetime | None) -> tuple[ApplicationView, ...]:
    known, given = stands(known_at, of="s.")
    found = rows(
        "select distinct on (a.id) a.id, s.state, lower(s.recorded), v.product, v.amount_fen, a.institution_id"
        f" from casework_application a join casework_stage s on s.application_id = a.id and {known}"
        " join casework_application_version v on v.application_id = a.id where a.household_id = %s"
        " order by a.id, v.number desc",
        [*given, household_id],
    )
    names = institution_names([row[5] for row in found], on=date.max)
    views = [
        ApplicationView(
            application_id=row[0],
            state=row[1],
            since=row[2],
            product=row[3],
            amount_fen=row[4],
            branch=names.get(row[5], row[5] or ""),
        )
        for row in found
    ]
    return tuple(sorted(views, key=lambda one: one.since, reverse=True))


def _ratings(household_id: str, day: date) -> tuple[RatingView, ...]:
    found = rows(
        "select grade, limit_fen, rated_on, institution_id from casework_credit_rating where household_id = %s"
        " and rated_on <= %s order by rated_on desc, at desc",
        [household_id, day],
    )
    names = institution_names([row[3] for row in found], on=date.max)
    return tuple(RatingView(row[0], row[1], row[2], names.get(row[3], row[3] or "")) for row in found)
