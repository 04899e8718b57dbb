"""One loan opened: its ledger, the line of its balance, interest and subsidy step by step, what the core finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bangfu.casework.as_facts.api import facts_in_scope, facts_of_household
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending.loans import EventView, LoanView, balances_after, events_of, loan_of
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import places_of
from bangfu.engine.check import CheckResult, check
from bangfu.engine.explain import Explanation, explain
from bangfu.engine.subsidy import SubsidyResult, subsidy
from bangfu.refusals import Refused as CoreRefused

__all__ = ["Opened", "explained", "found_against", "line_of", "opened", "subsidy_of"]


@dataclass(frozen=True)
class Opened:
    """A loan with its ledger.

    Attributes:
        loan: The contract and what it comes to now.
        borrower_id_masked: The ID number, masked.
        village: Name of the village, with its township.
        events: What stands, by day, with balances.
        corrected: What was corrected, closed rows only.
        line: Balance at the end of each day it changed.
    """

    loan: LoanView
    borrower_id_masked: str
    village: str
    events: tuple[EventView, ...]
    corrected: tuple[EventView, ...]
    line: tuple[tuple[date, int], ...]


def opened(*, actor: Actor, loan_id: str, known_at: datetime | None = None) -> Opened:
    """A loan in scope, as it is known now or was known at a moment.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "loan.read")
    loan = loan_of(loan_id)
    masked = personal_data.masked_of([loan.borrower_id_number_id])
    rows = events_of(loan_id, corrected=True)
    if known_at is None:
        standing = [one for one in rows if one.closed_at is None]
    else:
        standing = balances_after([_open(one) for one in rows if _known(one, known_at)])
    village = places_of([loan.scope_area], on=actor.on).get(loan.scope_area, "")
    number = masked.get(loan.borrower_id_number_id, "") if loan.borrower_id_number_id else ""
    closed = tuple(one for one in rows if one.closed_at is not None)
    return Opened(loan, number, village, tuple(standing), closed, line_of(standing))


def _open(event: EventView) -> EventView:
    return replace(event, closed_at=None)


def _known(event: EventView, known_at: datetime) -> bool:
    """As the core knows events: from the day the bank booked them, until they were corrected here."""
    return event.booked_on <= known_at.date() and (event.closed_at is None or event.closed_at > known_at)


def line_of(events: list[EventView] | tuple[EventView, ...]) -> tuple[tuple[date, int], ...]:
    """The balance at the end of each day on which it changed."""
    line: dict[date, int] = {}
    before = 0
    for one in events:
        if one.balance_fen is not None and one.balance_fen != before:
            line[one.on] = before = one.balance_fen
    return tuple(line.items())


def explained(
    *,
    actor: Actor,
    loan_id: str,
    start: date | None = None,
    end: date | None = None,
    known_at: datetime | None = None,
) -> Explanation:
    """Interest and subsidy over [start, end), step by step with clauses; by default a loan's whole life.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field`` (an empty period),
            ``core_refuses`` with its clauses.
    """
    people.require(actor, "loan.read")
    loan = loan_of(loan_id)
    if start is not None and end is not None and end <= start:
        raise Refused("bad_field", field="end")
    facts = facts_of_household(loan.household_id, known_at=known_at)
    try:
        return explain(facts, site_book(), loan_id, start=start, end=end)
    except CoreRefused as refused:
        why = refused.refusal
        facts_told: dict[str, Any] = {name: value for name, value in why.facts.items() if name != "loan_id"}
        raise Refused("core_refuses", clauses=tuple(why.clauses), why=why.code, **facts_told) from None
    except KeyError:
        raise Refused("not_in_scope") from None


def found_against(*, actor: Actor, loan_id: str) -> tuple[dict[str, Any], CheckResult]:
    """The core's decision on a loan, in the JSON shape of ``check``, with the result whose stacks it names.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "loan.read")
    loan = loan_of(loan_id)
    facts = facts_of_household(loan.household_id)
    result = check(facts, site_book(), on=actor.on)
    told = [one for one in result.as_json()["decisions"] if one["loan_id"] == loan_id]
    if not told:
        raise Refused("not_in_scope")
    return told[0], result


# What interest and subsidies are reckoned from.
_RECKONED = ("loans", "events")


def subsidy_of(
    *, actor: Actor, start: date, end: date, known_at: datetime | None = None, area: str = ""
) -> SubsidyResult:
    """What is due for [start, end) over all loans in scope: the core's own run, on the facts of the database.

    Args:
        actor: Who looks.
        start: First day.
        end: The day after the last one.
        known_at: As it was known at the moment.
        area: A place and all below it.

    Raises:
        Refused: ``not_your_role``, ``bad_field``.
    """
    people.require(actor, "loan.read")
    if end <= start:
        raise Refused("bad_field", field="end")
    facts = facts_in_scope(known_at=known_at, area=area, only=_RECKONED, numbers=False)
    return subsidy(facts, site_book(), start=start, end=end)
