"""What happened to a household, on one line of time: lists, people, places, loans, money, applications, requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bangfu.casework.database.actor import SHANGHAI
from bangfu.casework.database.questions import rows
from bangfu.casework.registry.reading import booked, stands
from bangfu.casework.requests.api import OPEN, RequestView

MOST = 400


@dataclass(frozen=True)
class Happened:
    """Something that happened.

    Attributes:
        on: The day.
        kind: listed, left, born, died, came, went, signed, event, stage, rated, placed, asked, decided.
        code: What it was, of a set that belongs to the kind (category, event kind, state, kind of request).
        about: Who or which: a name, a loan, an application.
        amount_fen: Money, where there is some.
        more: A further code, e.g. the reason for leaving.
    """

    on: date
    kind: str
    code: str
    about: str = ""
    amount_fen: int | None = None
    more: str = field(default="")


def timeline_of(
    household_id: str, *, day: date, known_at: datetime | None, asked: Sequence[RequestView]
) -> tuple[Happened, ...]:
    """The latest ``MOST`` happenings up to a day, newest first."""
    found = [
        *_lists(household_id, known_at),
        *_people(household_id, known_at),
        *_loans(household_id, known_at),
        *_applications(household_id, known_at),
        *_asked(asked, known_at),
    ]
    kept = [one for one in found if one.on <= day]
    return tuple(sorted(kept, key=lambda one: (one.on, one.kind, one.code, one.about), reverse=True)[:MOST])


def _lists(household_id: str, known_at: datetime | None) -> Iterator[Happened]:
    known, given = stands(known_at)
    text = (
        "select category, lower(valid), upper(valid), left_reason from casework_roster_entry"
        f" where {known} and household_id = %s"
    )
    for category, listed, left, reason in rows(text, [*given, household_id]):
        if listed is not None:
            yield Happened(listed, "listed", category)
        if left is not None:
            yield Happened(left, "left", category, more=reason)


def _people(household_id: str, known_at: datetime | None) -> Iterator[Happened]:
    known, given = stands(known_at)
    told = (
        "select max(name), case when bool_or(lower_inf(valid)) then null else min(lower(valid)) end,"
        " case when bool_or(upper_inf(valid)) then null else max(upper(valid)) end, max(born_on), max(deceased_on)"
        f" from casework_member where {known} and household_id = %s group by member_id"
    )
    for name, came, went, born, died in rows(told, [*given, household_id]):
        if came is not None:
            yield Happened(came, "born" if came == born else "came", "", name)
        if went is not None:
            yield Happened(went, "went", "", name)
        if died is not None:
            yield Happened(died, "died", "", name)
    text = f"select scope_area, lower(valid) from casework_household where {known} and household_id = %s"
    for area, since in rows(text, [*given, household_id]):
        if since is not None:
            yield Happened(since, "placed", area)


def _loans(household_id: str, known_at: datetime | None) -> Iterator[Happened]:
    known, given = stands(known_at, of="l.")
    book, book_given = booked(known_at, of="e.")
    signed = (
        f"select l.contract_on, l.product, l.loan_id, l.principal_fen from casework_loan l where {known}"
        " and l.household_id = %s and l.contract_on is not null"
    )
    for on, product, loan, fen in rows(signed, [*given, household_id]):
        yield Happened(on, "signed", product, loan, fen)
    events = (
        'select e."on", e.kind, e.loan_id, e.amount_fen, e.value from casework_loan_event e join casework_loan l'
        f" on l.loan_id = e.loan_id and {known} where {book} and l.household_id = %s"
        ' order by e."on" desc, e.id desc limit %s'
    )
    for on, kind, loan, fen, value in rows(events, [*given, *book_given, household_id, MOST]):
        yield Happened(on, "event", kind, loan, fen, value)


def _applications(household_id: str, known_at: datetime | None) -> Iterator[Happened]:
    found = rows(
        "select lower(s.recorded), s.state, s.application_id from casework_stage s where s.household_id = %s",
        [household_id],
    )
    for at, state, application in found:
        if known_at is None or at <= known_at:
            yield Happened(_day(at), "stage", state, application)
    rated = "select rated_on, grade, limit_fen, at from casework_credit_rating where household_id = %s"
    for on, grade, fen, at in rows(rated, [household_id]):
        if known_at is None or at <= known_at:
            yield Happened(on, "rated", grade, "", fen)


def _asked(asked: Sequence[RequestView], known_at: datetime | None) -> Iterator[Happened]:
    for one in asked:
        if known_at is not None and one.asked_at > known_at:
            continue
        yield Happened(_day(one.asked_at), "asked", one.kind, one.asked_name)
        if (
            one.state != OPEN
            and one.decided_at is not None
            and (known_at is None or one.decided_at <= known_at)
        ):
            yield Happened(_day(one.decided_at), "decided", one.kind, one.decided_name, more=one.state)


def _day(at: Any) -> date:
    moment: datetime = at
    return moment.astimezone(SHANGHAI).date()
