"""A loan and its ledger as they are handed out: frozen, with names of places and institutions beside the codes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from bangfu.casework.database.locks import LOANS, held
from bangfu.casework.database.models import standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending.models import Loan, LoanEvent

__all__ = [
    "EventView",
    "LoanView",
    "balances_after",
    "content_hash",
    "events_of",
    "loan_of",
    "locked",
    "row_of",
    "state_on",
]

DOWN = frozenset({"repaid", "written_off", "compensated", "converted"})
_HASHED = (
    "loan_id", "application_id", "household_id", "lender", "branch", "product", "kind", "parent_loan_id", "area_code",
    "contract_on", "matures_on", "principal_fen", "rate_e8", "interest_method", "purpose", "guarantee", "funding",
    "subsidy_ceiling_fen", "policy", "pinned",
)  # fmt: skip


def state_on(
    on: date, disbursed_on: date | None, balance_fen: int, ends: tuple[date | None, date | None]
) -> str:
    """to_disburse, running, overdue (past the earlier of maturity and recall) or settled, on a day."""
    if disbursed_on is None:
        return "to_disburse"
    if balance_fen <= 0:
        return "settled"
    return "overdue" if any(day is not None and day < on for day in ends) else "running"


@dataclass(frozen=True)
class LoanView:
    """A contract with what its ledger comes to.

    Attributes:
        loan_id: Its number.
        application_id: The application it came from; empty for imported loans.
        household_id: The household.
        borrower_name: Of the borrower.
        borrower_id_number_id: The ID number's place in the vault.
        scope_area: The village it belongs to now.
        area_code: The place at signing, whose policy it follows.
        institution_id: The branch, where it is known.
        lender: The lender's name.
        branch: The branch's name.
        product: poverty, transition, assistance.
        kind: new, top_up, renewal.
        parent_loan_id: Of a renewal.
        applied_on: Day of the application.
        contract_on: Day of signing.
        matures_on: As signed.
        due_on: As extended.
        principal_fen: As signed.
        rate_e8: As signed.
        interest_method: daily_360, whole_periods, daily_365.
        purpose: Code.
        guarantee: Code.
        funding: own, farm_relending, poverty_relending; empty where unknown.
        subsidy_ceiling_fen: A raised ceiling that was approved.
        ordinary: Outside the programme.
        policy: Key of the stack it is pinned to.
        pinned: Packs with their hashes.
        decided_by: The account that decided the application.
        disbursed_on: First disbursement.
        disbursed_fen: Paid out.
        balance_fen: Owed now.
        risk_class: 1 to 5.
        extended_times: How often it was extended.
        recalled_on: Where it was recalled.
        settled_on: Where nothing is owed any more.
        recorded_at: When it was recorded.
        content_hash: Of the terms; an act binds to it.
    """

    loan_id: str
    application_id: str
    household_id: str
    borrower_name: str
    borrower_id_number_id: Any
    scope_area: str
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
    subsidy_ceiling_fen: int | None
    ordinary: bool
    policy: str
    pinned: tuple[tuple[str, str], ...]
    decided_by: int | None
    disbursed_on: date | None
    disbursed_fen: int
    balance_fen: int
    risk_class: int
    extended_times: int
    recalled_on: date | None
    settled_on: date | None
    recorded_at: datetime
    content_hash: str

    def state(self, on: date) -> str:
        """to_disburse, running, overdue or settled, on a day."""
        return state_on(on, self.disbursed_on, self.balance_fen, (self.due_on, self.recalled_on))


@dataclass(frozen=True)
class EventView:
    """One line of the ledger.

    Attributes:
        event_id: Its row.
        loan_id: The loan.
        on: The day it happened.
        kind: What (``facts.EVENT_KINDS``).
        amount_fen: Fen; None where it has none.
        value: New maturity, class, new rate, spoken or written.
        note: A word of the recorder.
        booked_on: The day it was booked.
        source: hand, disbursement, bank_file, api, import.
        recorded_at: When it was recorded here.
        recorded_by: By which account.
        closed_at: Where it was corrected: until when it stood.
        balance_fen: The balance after it, where it stands.
    """

    event_id: int
    loan_id: str
    on: date
    kind: str
    amount_fen: int | None
    value: str
    note: str
    booked_on: date
    source: str
    recorded_at: datetime
    recorded_by: int
    closed_at: datetime | None
    balance_fen: int | None = None


_LOAN = (
    "select s.disbursed_on, s.disbursed_fen, s.balance_fen, s.due_on, s.risk_class, s.extended_times, s.recalled_on,"
    " s.settled_on from casework_loan_standing s where s.loan_id = %s"
)


def row_of(loan_id: str) -> Loan:
    """The standing row of a loan in scope; ``not_in_scope`` otherwise."""
    row = Loan.objects.filter(standing(), loan_id=loan_id).first()
    if row is None:
        raise Refused("not_in_scope")
    return row


def loan_of(loan_id: str) -> LoanView:
    """A loan in scope with what its ledger comes to; ``not_in_scope`` otherwise."""
    row = row_of(loan_id)
    with connection.cursor() as cursor:
        cursor.execute(_LOAN, [loan_id])
        found = cursor.fetchone() or (None, 0, 0, row.matures_on, 1, 0, None, None)
    return _view(row, found)


def _view(row: Loan, found: tuple[Any, ...]) -> LoanView:
    disbursed_on, disbursed_fen, balance_fen, due_on, risk_class, extended_times, recalled_on, settled_on = (
        found
    )
    return LoanView(
        loan_id=row.loan_id, application_id=row.application_id, household_id=row.household_id or "",
        borrower_name=row.borrower_name, borrower_id_number_id=row.borrower_id_number_id, scope_area=row.scope_area,
        area_code=row.area_code or row.scope_area, institution_id=row.institution_id, lender=row.lender,
        branch=row.branch, product=row.product, kind=row.kind, parent_loan_id=row.parent_loan_id,
        applied_on=row.applied_on, contract_on=row.contract_on, matures_on=row.matures_on, due_on=due_on,
        principal_fen=row.principal_fen, rate_e8=row.rate_e8, interest_method=row.interest_method,
        purpose=row.purpose, guarantee=row.guarantee, funding=row.funding,
        subsidy_ceiling_fen=row.subsidy_ceiling_fen, ordinary=row.ordinary, policy=row.policy,
        pinned=tuple((str(pack), str(digest)) for pack, digest in _pairs(row.pinned)), decided_by=row.decided_by,
        disbursed_on=disbursed_on, disbursed_fen=disbursed_fen, balance_fen=balance_fen, risk_class=risk_class,
        extended_times=extended_times, recalled_on=recalled_on, settled_on=settled_on,
        recorded_at=row.recorded.lower, content_hash=content_hash(row),
    )  # fmt: skip


def _pairs(pinned: Any) -> list[tuple[str, str]]:
    """Pins as pairs, however they were written: a list of pairs, or of objects with id and hash."""
    if isinstance(pinned, str):
        pinned = json.loads(pinned)
    return [(one["id"], one["hash"]) if isinstance(one, dict) else (one[0], one[1]) for one in pinned or ()]


def content_hash(row: Loan) -> str:
    """SHA-256 over the terms of a contract, hexadecimal."""
    told = {name: getattr(row, name) for name in _HASHED}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def locked(loan_id: str) -> None:
    """One writer of a loan's ledger at a time, until the transaction ends."""
    held(LOANS, loan_id)


def events_of(loan_id: str, *, corrected: bool = False) -> list[EventView]:
    """The ledger of a loan in the order of days, with the balance after each; with what was corrected where asked."""
    rows = LoanEvent.objects.filter(loan_id=loan_id)
    if not corrected:
        rows = rows.filter(standing())
    views = [_event(row) for row in rows]
    return balances_after(views)


def _event(row: LoanEvent) -> EventView:
    return EventView(
        event_id=row.pk, loan_id=row.loan_id, on=row.on, kind=row.kind, amount_fen=row.amount_fen, value=row.value,
        note=row.note, booked_on=row.booked_on, source=row.source, recorded_at=row.recorded.lower,
        recorded_by=row.recorded_by, closed_at=row.recorded.upper,
    )  # fmt: skip


def balances_after(events: list[EventView]) -> list[EventView]:
    """Events by day, disbursements first on a day, then as recorded; each that stands with the balance after it."""
    ordered = sorted(events, key=lambda one: (one.on, one.kind != "disbursed", one.event_id))
    out, balance = [], 0
    for one in ordered:
        if one.closed_at is not None:
            out.append(one)
            continue
        if one.kind == "disbursed":
            balance += one.amount_fen or 0
        elif one.kind in DOWN:
            whole = one.kind == "converted" and one.amount_fen is None
            balance -= balance if whole else (one.amount_fen or 0)
        out.append(replace(one, balance_fen=balance))
    return out
