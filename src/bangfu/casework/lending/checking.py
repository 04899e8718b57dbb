"""Whether one event fits a ledger: kind, amount, value, order of days, balance; pure, over the events that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending.loans import DOWN, EventView, LoanView
from bangfu.facts import EVENT_KINDS, EVENTS_OF_MONEY, REMINDERS, RISK_CLASSES
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent, parse_contract_rate

__all__ = ["MOST_FEN", "Asked", "checked", "fitting"]

MOST_FEN = 10_000_000_000  # the kernel's bound on one loan (design §6)
_MAY_HAVE_AMOUNT = EVENTS_OF_MONEY | {"converted", "recalled"}
_LONGEST_NOTE = 200
_MOST_RATE_E8 = 36_000_000


@dataclass(frozen=True)
class Asked:
    """An event to be recorded.

    Attributes:
        loan_id: The loan.
        kind: What happened.
        on: When.
        amount_fen: Fen, where the kind has an amount.
        value: New maturity (ISO), class (1–5), new rate (percent), spoken or written.
        note: A word about it.
        booked_on: When the bank booked it; the day it is recorded where left out.
        key: The caller's own key, so that the same event comes only once.
    """

    loan_id: str
    kind: str
    on: date
    amount_fen: int | None = None
    value: str = ""
    note: str = ""
    booked_on: date | None = None
    key: str = ""


def checked(asked: Asked, *, today: date, disbursing: bool = False) -> Asked:
    """The event by itself: kind, amount, value and day; with its value in one form.

    Raises:
        Refused: ``bad_field``, ``missing_field``, ``in_the_future``, ``by_disbursement_only``.
    """
    if asked.kind not in EVENT_KINDS:
        raise Refused("bad_field", field="kind", kind=asked.kind[:32])
    if asked.kind == "disbursed" and not disbursing:
        raise Refused("by_disbursement_only", field="kind")
    if asked.on > today:
        raise Refused("in_the_future", field="on", day=asked.on.isoformat())
    if asked.booked_on is not None and not asked.on <= asked.booked_on <= today:
        raise Refused("bad_field", field="booked_on", day=asked.booked_on.isoformat())
    if asked.amount_fen is None and asked.kind in EVENTS_OF_MONEY:
        raise Refused("missing_field", field="amount")
    if asked.amount_fen is not None:
        if asked.kind not in _MAY_HAVE_AMOUNT:
            raise Refused("bad_field", field="amount", kind=asked.kind)
        if not 0 < asked.amount_fen <= MOST_FEN:
            raise Refused("bad_field", field="amount")
    if len(asked.note) > _LONGEST_NOTE:
        raise Refused("bad_field", field="note")
    return replace(asked, value=_value(asked), note=asked.note.strip())


def _value(asked: Asked) -> str:
    """The value in the form the core reads; empty where the kind has none."""
    text = asked.value.strip()
    readers = {"extended": _day, "classified": _class, "rate_changed": _rate, "reminded": _reminder}
    if asked.kind not in readers:
        if text:
            raise Refused("bad_field", field="value", kind=asked.kind)
        return ""
    if not text:
        raise Refused("missing_field", field="value", kind=asked.kind)
    return readers[asked.kind](text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused("bad_field", field="value", value=text[:32]) from None


def _class(text: str) -> str:
    if text not in RISK_CLASSES:
        raise Refused("bad_field", field="value", value=text[:32])
    return text


def _rate(text: str) -> str:
    try:
        rate_e8 = parse_contract_rate(text)
    except ValueError:
        raise Refused("bad_field", field="value", value=text[:32]) from None
    if not 0 <= rate_e8 <= _MOST_RATE_E8:
        raise Refused("bad_field", field="value", value=text[:32])
    return format_percent(rate_e8)


def _reminder(text: str) -> str:
    if text not in REMINDERS:
        raise Refused("bad_field", field="value", value=text[:32])
    return text


def fitting(loan: LoanView, events: Sequence[EventView], added: Sequence[Asked]) -> None:
    """Whether the ledger still holds with events added: nothing before disbursement, never below nothing, forward.

    Args:
        loan: The contract.
        events: What stands.
        added: What would come, in the order it came.

    Raises:
        Refused: ``before_disbursement``, ``above_balance`` (with the balance of the day), ``extension_not_later``.
    """
    first = min((one.on for one in events if one.kind == "disbursed"), default=None)
    for one in added:
        if one.kind == "disbursed":
            first = one.on if first is None else min(first, one.on)
    for one in added:
        if first is None or one.on < first:
            if first is None:
                raise Refused("before_disbursement", field="on")
            raise Refused("before_disbursement", field="on", disbursed_on=first.isoformat())
    _balances(events, added)
    _extensions(loan, events, added)


def _balances(events: Sequence[EventView], added: Sequence[Asked]) -> None:
    """No day's balance below nothing: events of a day with disbursements first, then as they came."""
    line: list[tuple[date, bool, int, str, int | None]] = [
        (one.on, one.kind != "disbursed", place, one.kind, one.amount_fen) for place, one in enumerate(events)
    ]
    after = len(line)
    line += [
        (one.on, one.kind != "disbursed", after + place, one.kind, one.amount_fen)
        for place, one in enumerate(added)
    ]
    balance = 0
    for on, _, _, kind, amount in sorted(line):
        if kind == "disbursed":
            balance += amount or 0
        elif kind in DOWN:
            taken = balance if amount is None else amount
            if taken > balance:
                raise Refused(
                    "above_balance", field="amount", day=on.isoformat(), balance=format_yuan(balance)
                )
            balance -= taken


def _extensions(loan: LoanView, events: Sequence[EventView], added: Sequence[Asked]) -> None:
    new = [one for one in added if one.kind == "extended"]
    if not new or loan.matures_on is None:
        return
    known = [(one.on, one.value) for one in events if one.kind == "extended"]
    known += [(one.on, one.value) for one in new]
    so_far = loan.matures_on
    for _, value in sorted(known):
        until = date.fromisoformat(value)
        if until <= so_far:
            raise Refused("extension_not_later", field="value", maturity=so_far.isoformat())
        so_far = until
