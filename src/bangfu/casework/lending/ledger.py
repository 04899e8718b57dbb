"""The ledger, event by event: by hand, by API, by bank file; corrected by closing and appending (LD2021-3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.casework.as_facts.api import facts_of_household
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending.checking import Asked, checked, fitting
from bangfu.casework.lending.judging import against
from bangfu.casework.lending.loans import EventView, LoanView, events_of, loan_of, locked
from bangfu.casework.lending.models import LoanEvent
from bangfu.casework.people import api as people
from bangfu.facts import TABLES, Facts

__all__ = ["correct_event", "record_event", "record_many", "written"]

# What an extension or a new rate may run into; the same codes were there before, then it is not this event's doing.
_JUDGED = frozenset({"extended", "rate_changed"})
_SHORTEST_REASON = 4


def record_event(
    *,
    actor: Actor,
    loan_id: str,
    kind: str,
    on: date,
    amount_fen: int | None = None,
    value: str = "",
    note: str = "",
    booked_on: date | None = None,
) -> EventView:
    """Record what happened to a loan, by hand. Repayment is taken whatever the breaker says (LD2021-5.5).

    Args:
        actor: Who, of the bank.
        loan_id: The loan.
        kind: Any of ``facts.EVENT_KINDS`` but disbursed.
        on: The day; not after today.
        amount_fen: Where the kind has one.
        value: New maturity, class, new rate in percent, spoken or written.
        note: A word about it.
        booked_on: When the bank booked it; today where left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, and what ``checking`` and the core refuse (``core_refuses``).
    """
    asked = Asked(loan_id, kind, on, amount_fen, value, note, booked_on)
    return record_many(actor=actor, events=[asked], source="hand")[0]


def record_many(*, actor: Actor, events: Sequence[Asked], source: str) -> list[EventView]:
    """Record several events of one or many loans, all or none; those whose key is known already change nothing.

    Returns:
        The events in the order given.

    Raises:
        Refused: As ``record_event``, with ``place``, the event's number from 0.
    """
    people.require(actor, "event.write")
    by_loan: dict[str, list[tuple[int, Asked]]] = {}
    for place, asked in enumerate(events):
        with _at(place, of=len(events)):
            by_loan.setdefault(asked.loan_id, []).append((place, checked(asked, today=actor.on)))
    done: dict[int, EventView] = {}
    for loan_id in sorted(by_loan):  # one order for all, so that two writers never wait for one another
        locked(loan_id)
        with _at(by_loan[loan_id][0][0], of=len(events)):
            loan = loan_of(loan_id)
        stand = events_of(loan_id)
        for place, asked in by_loan[loan_id]:
            known = _known(loan, asked)
            if known is not None:
                done[place] = known
                continue
            with _at(place, of=len(events)):
                fitting(loan, stand, [asked])
                _judged(loan, asked)
            done[place] = written(actor, loan, asked, source=source)
            stand = events_of(loan_id)
    return [done[place] for place in range(len(events))]


class _at:  # noqa: N801 - read as a word: with _at(place)
    """Says of which of several events a refusal speaks."""

    def __init__(self, place: int, *, of: int) -> None:
        self.place, self.several = place, of > 1

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused) and self.several:
            error.facts = {**error.facts, "place": self.place}


def _known(loan: LoanView, asked: Asked) -> EventView | None:
    if not asked.key:
        return None
    found = LoanEvent.objects.filter(institution_id=loan.institution_id, source_key=asked.key).first()
    if found is None:
        return None
    if (found.loan_id, found.kind, found.on, found.amount_fen) != (
        asked.loan_id,
        asked.kind,
        asked.on,
        asked.amount_fen,
    ):
        raise Refused("key_reused", field="key")
    return _shown(found)


def _shown(row: LoanEvent) -> EventView:
    known = {one.event_id: one for one in events_of(row.loan_id, corrected=True)}
    return known[row.pk]


def written(
    actor: Actor,
    loan: LoanView,
    asked: Asked,
    *,
    source: str,
    batch_id: UUID | None = None,
    told: bool = True,
) -> EventView:
    """Append an event that was checked, with its line in the trail (a file has one line for all of its events)."""
    row = LoanEvent.objects.create(
        loan_id=loan.loan_id, on=asked.on, kind=asked.kind, amount_fen=asked.amount_fen, value=asked.value,
        note=asked.note, booked_on=asked.booked_on or actor.on, source=source, source_key=asked.key or None,
        recorded=from_now(actor.now), recorded_by=actor.account_id, batch_id=batch_id, scope_area=loan.scope_area,
        institution_id=loan.institution_id, household_id=loan.household_id,
    )  # fmt: skip
    if told:
        trail.record(
            actor=actor, act="event.recorded", subject=("loan", loan.loan_id), scope_area=loan.scope_area,
            institution_id=loan.institution_id, after={**_told(row), "source": source},
        )  # fmt: skip
    return _shown(row)


def correct_event(
    *,
    actor: Actor,
    event_id: int,
    reason: str,
    on: date | None = None,
    amount_fen: int | None = None,
    value: str | None = None,
    void: bool = False,
) -> EventView | None:
    """Correct an event: the row that stands is closed, the right one appended; both stay readable.

    Args:
        actor: Who, of the bank; of a disbursement the county bank alone.
        event_id: The row.
        reason: Why, at least a word.
        on: The right day, where that was wrong.
        amount_fen: The right amount.
        value: The right value.
        void: It never happened: close it and append nothing.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``reason_missing``, ``already_decided``, ``bad_field``, and what
            the ledger would refuse of the right event.
    """
    people.require(actor, "event.correct")
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Refused("reason_missing", field="reason")
    found = LoanEvent.objects.filter(pk=event_id).first()
    if found is None:
        raise Refused("not_in_scope")
    locked(found.loan_id)
    row = LoanEvent.objects.filter(standing(), pk=event_id).first()
    if row is None:
        raise Refused("already_decided")
    paid = row.kind == "disbursed"
    if paid and (void or actor.role not in {"county_bank", "site"}):
        raise Refused("by_disbursement_only", field="kind")
    loan = loan_of(row.loan_id)
    others = [one for one in events_of(row.loan_id) if one.event_id != row.pk]
    right = None if void else _right(row, actor, on=on, amount_fen=amount_fen, value=value)
    if right is not None and paid and (right.amount_fen or 0) > loan.principal_fen:
        raise Refused("over_cap", field="amount")
    _still_holds(loan, others, right)
    closed(row, now=actor.now)
    if right is not None:
        _judged(loan, right)
    made = None if right is None else written(actor, loan, right, source="hand", told=False)
    trail.record(
        actor=actor, act="event.voided" if void else "event.corrected", subject=("loan", loan.loan_id),
        why=reason.strip(),
        scope_area=loan.scope_area, institution_id=loan.institution_id, before=_told(row),
        after={} if made is None else _told(LoanEvent.objects.get(pk=made.event_id)),
    )  # fmt: skip
    return made


def _right(
    row: LoanEvent, actor: Actor, *, on: date | None, amount_fen: int | None, value: str | None
) -> Asked:
    right = Asked(
        row.loan_id,
        row.kind,
        on or row.on,
        row.amount_fen if amount_fen is None else amount_fen,
        row.value if value is None else value,
        row.note,
    )
    if (right.on, right.amount_fen, right.value) == (row.on, row.amount_fen, row.value):
        raise Refused("bad_field", field="amount", why="nothing_changed")
    return checked(right, today=actor.on, disbursing=row.kind == "disbursed")


def _still_holds(loan: LoanView, others: Sequence[EventView], right: Asked | None) -> None:
    """The rest of the ledger with the right event in it, or without the void one."""
    rest = [Asked(one.loan_id, one.kind, one.on, one.amount_fen, one.value) for one in others]
    fitting(loan, [], [*rest, *([right] if right is not None else [])])


def _judged(loan: LoanView, asked: Asked) -> None:
    """An extension or a new rate as the core judges it, with the ledger as it would be (LD2021-4.1, CN2026-2.3)."""
    if asked.kind not in _JUDGED or loan.ordinary:
        return
    facts = facts_of_household(loan.household_id)
    before = {(one.code, one.clauses) for one in against(facts, loan.loan_id, on=asked.on)}
    found = against(_with(facts, asked), loan.loan_id, on=asked.on)
    fresh = [one for one in found if (one.code, one.clauses) not in before and one.arose != "signing"]
    if fresh:
        first = next((one for one in fresh if not one.in_principle), fresh[0])
        code = "exception_needed" if first.in_principle else "core_refuses"
        why, zh, en = first.code, first.words.zh, first.words.en
        raise Refused(code, clauses=first.clauses, field="value", why=why, why_zh=zh, why_en=en)


def _with(facts: Facts, asked: Asked) -> Facts:
    schema = TABLES["events"].schema
    told: dict[str, Any] = dict.fromkeys(schema)
    told |= {"loan_id": asked.loan_id, "on": asked.on, "kind": asked.kind, "value": asked.value}
    if asked.kind == "extended":
        told["value_on"] = date.fromisoformat(asked.value)
    fresh = pl.DataFrame([tuple(told[name] for name in schema)], schema=schema, orient="row")
    return Facts({**facts.tables, "events": pl.concat([facts.events, fresh])}, facts.missing)


def _told(row: LoanEvent) -> Mapping[str, Any]:
    told = {
        "event": row.pk,
        "kind": row.kind,
        "on": row.on.isoformat(),
        "booked_on": row.booked_on.isoformat(),
    }
    if row.amount_fen is not None:
        told["amount_fen"] = row.amount_fen
    if row.value:
        told["value"] = row.value
    return told
