"""Paying out: refused while the breaker is open, outside the window, over the principal or the cap, and twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending.breaker import OPEN, SUSPENDED, UNDETERMINED, BreakerView, breaker_of, window_of
from bangfu.casework.lending.contracts import application_row
from bangfu.casework.lending.judging import CAPS, Against, against, asked
from bangfu.casework.lending.loans import LoanView, content_hash, loan_of, locked, row_of
from bangfu.casework.lending.models import Disbursement, Loan, LoanEvent
from bangfu.casework.people import api as people
from bangfu.money.fen import format_yuan

__all__ = ["Payable", "disburse", "payable"]

_SHORTEST_REASON = 4


@dataclass(frozen=True)
class Payable:
    """What the person who pays out is shown.

    Attributes:
        loan: The contract.
        breaker: As it stands for the day.
        against: What the policy has against it now.
        decider_unknown: The loan came by file: whether somebody else decided it cannot be checked; a reason is needed.
        needs_reason: For that, or because the breaker is undetermined: a person decides, with a reason (CN2026-4.3).
        refused: The code that stops it, empty where nothing does.
        seen_hash: Of the contract, to be sent back.
    """

    loan: LoanView
    breaker: BreakerView
    against: tuple[Against, ...]
    decider_unknown: bool
    needs_reason: bool
    refused: str
    seen_hash: str


def payable(*, actor: Actor, loan_id: str, on: date | None = None) -> Payable:
    """Whether a loan may be paid out on a day (today), and what stands against it.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``outside_contract_window``.
    """
    people.require(actor, "loan.disburse")
    day = on or actor.on
    row = row_of(loan_id)
    _not_twice(row)
    breaker = _breaker(row, day)
    found = _caps(row, day)
    stopped = "breaker_open" if breaker.state == SUSPENDED else ("over_cap" if found else "")
    if not stopped and actor.account_id == row.decided_by:
        stopped = "own_step"
    unknown = row.decided_by is None
    return Payable(
        loan_of(loan_id), breaker, found, unknown, unknown or breaker.state == UNDETERMINED, stopped,
        content_hash(row),
    )  # fmt: skip


def disburse(
    *,
    actor: Actor,
    loan_id: str,
    on: date,
    amount_fen: int,
    seen_hash: str,
    reason: str = "",
    source: str = "disbursement",
) -> LoanView:
    """Pay a signed loan out, once, as one event of the ledger (LD2021-3.3).

    Args:
        actor: Somebody else than who decided the application.
        loan_id: The loan.
        on: The day of payment.
        amount_fen: At most the principal.
        seen_hash: ``Payable.seen_hash``, of the contract as it was shown.
        reason: Where the breaker is undetermined: why it is paid nevertheless; of a loan that came by file, who
            decided it.
        source: Where it came from: disbursement, api.

    Returns:
        The loan as it stands then.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``own_step``, ``content_changed``, ``already_decided``,
            ``not_signed``, ``in_the_future``, ``outside_contract_window``, ``over_cap``, ``breaker_open``,
            ``breaker_undetermined``, ``decider_unknown``.
    """
    people.require(actor, "loan.disburse")
    locked(loan_id)
    row = row_of(loan_id)
    if row.decided_by is not None:
        people.require_other(actor, row.decided_by)
    if seen_hash != content_hash(row):
        raise Refused("content_changed")
    _not_twice(row)
    _on_a_day(row, actor, on)
    _within(row, amount_fen)
    _decider_named(row, reason)
    found = _caps(row, on)
    if found:
        raise Refused("over_cap", clauses=found[0].clauses, field="amount", **found[0].told())
    breaker = _breaker(row, on)
    _not_suspended(breaker, reason)
    return _paid(actor, row, breaker, on=on, amount_fen=amount_fen, reason=reason.strip(), source=source)


def _paid(
    actor: Actor, row: Loan, breaker: BreakerView, *, on: date, amount_fen: int, reason: str, source: str
) -> LoanView:
    """The event, the record of the payment and the trail: all or nothing."""
    scope = {
        "scope_area": row.scope_area,
        "institution_id": row.institution_id,
        "household_id": row.household_id,
    }
    event = LoanEvent.objects.create(
        loan_id=row.loan_id, on=on, kind="disbursed", amount_fen=amount_fen, booked_on=actor.on, source=source,
        source_key=f"disbursement:{row.loan_id}", recorded=from_now(actor.now), recorded_by=actor.account_id, **scope,
    )  # fmt: skip
    Disbursement.objects.create(
        loan_id=row.loan_id, event_id=event.pk, on=on, amount_fen=amount_fen, breaker=breaker.facts(), reason=reason,
        paid_by=actor.account_id, paid_name=actor.name, at=actor.now, **scope,
    )  # fmt: skip
    trail.record(
        actor=actor, act="loan.disbursed", subject=("loan", row.loan_id), scope_area=row.scope_area,
        institution_id=row.institution_id, why=reason, basis=breaker.clauses,
        after={"event": event.pk, "on": on.isoformat(), "amount_fen": amount_fen, "breaker": breaker.facts()},
    )  # fmt: skip
    return loan_of(row.loan_id)


def _not_twice(row: Loan) -> None:
    if row.contract_on is None:
        raise Refused("not_signed")
    paid = LoanEvent.objects.filter(standing(), loan_id=row.loan_id, kind="disbursed").exists()
    if paid or Disbursement.objects.filter(loan_id=row.loan_id).exists():
        raise Refused("already_decided", loan=row.loan_id)


def _on_a_day(row: Loan, actor: Actor, on: date) -> None:
    if on > actor.on:
        raise Refused("in_the_future", field="on", day=on.isoformat())
    if row.contract_on is None or on < row.contract_on:
        raise Refused("not_signed", field="on", contract_on=str(row.contract_on or ""))
    if row.matures_on is not None and on >= row.matures_on:
        raise Refused("bad_field", field="on", matures_on=row.matures_on.isoformat())
    window_of(place=row.area_code or row.scope_area, product=row.product, on=on)


def _within(row: Loan, amount_fen: int) -> None:
    if amount_fen <= 0:
        raise Refused("bad_field", field="amount")
    if amount_fen > row.principal_fen:
        raise Refused(
            "over_cap",
            field="amount",
            principal=format_yuan(row.principal_fen),
            asked=format_yuan(amount_fen),
        )


def _caps(row: Loan, on: date) -> tuple[Against, ...]:
    """The household's cap and its other loans, on the day of payment."""
    facts = asked(row.household_id or "", application_row(row), without=row.loan_id)
    found = against(facts, row.loan_id, on=on)
    return tuple(one for one in found if one.code in CAPS and not one.in_principle)


def _breaker(row: Loan, on: date) -> BreakerView:
    return breaker_of(
        lender=row.lender,
        branch=row.branch,
        product=row.product,
        area_code=row.area_code or row.scope_area,
        on=on,
    )


def _decider_named(row: Loan, reason: str) -> None:
    """Of a loan that came by file nobody knows who decided it: no silent pass of four eyes, the reason says it."""
    if row.decided_by is None and len(reason.strip()) < _SHORTEST_REASON:
        raise Refused("decider_unknown", field="reason", loan=row.loan_id)


def _not_suspended(breaker: BreakerView, reason: str) -> None:
    if breaker.state == SUSPENDED:
        raise Refused("breaker_open", clauses=breaker.clauses, **breaker.facts())
    if breaker.state != OPEN and len(reason.strip()) < _SHORTEST_REASON:
        raise Refused("breaker_undetermined", clauses=breaker.clauses, field="reason", **breaker.facts())
