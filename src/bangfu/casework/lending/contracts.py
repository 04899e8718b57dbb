"""Signing: from an approval to a contract, pinned to the policy of its day, with its sheet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.locks import CONTRACTS, held
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.lending.breaker import window_of
from bangfu.casework.lending.judging import against, asked, refuse_hard
from bangfu.casework.lending.loans import LoanView, content_hash, loan_of
from bangfu.casework.lending.models import Loan
from bangfu.casework.lending.sheet import sheet_of
from bangfu.casework.origination.api import Approved, approved
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import branch_of
from bangfu.money.days import add_months_clamped
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import Stack

__all__ = ["Draft", "draft_of", "sign", "signed_of"]


@dataclass(frozen=True)
class Draft:
    """What a contract would hold: the approved terms with the days of signing and maturity.

    Attributes:
        application_id: The application.
        household_id: The household.
        borrower_name: Of the borrower.
        lender: The bank.
        branch: Its branch.
        product: poverty, transition, assistance.
        kind: new, top_up, renewal.
        amount_fen: Approved.
        rate_e8: Approved.
        term_months: Approved.
        contract_on: Day of signing.
        matures_on: The last day of the approved term.
        policy: Key of the stack it would be pinned to.
        seen_hash: Of the approval.
    """

    application_id: str
    household_id: str
    borrower_name: str
    lender: str
    branch: str
    product: str
    kind: str
    amount_fen: int
    rate_e8: int
    term_months: int
    contract_on: date
    matures_on: date
    policy: str
    seen_hash: str


def draft_of(*, actor: Actor, application_id: str, contract_on: date | None = None) -> Draft:
    """What signing on a day would give; today where no day is named.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``outside_contract_window``.
    """
    people.require(actor, "loan.sign")
    found = approved(actor=actor, application_id=application_id)
    on = contract_on or actor.on
    stack = window_of(place=found.scope_area, product=found.product, on=on)
    lender, branch = _institution(found.institution_id, on=on)
    return Draft(
        found.application_id, found.household_id, found.borrower_name, lender, branch, found.product, found.kind,
        found.amount_fen, found.rate_e8, found.term_months, on, add_months_clamped(on, found.term_months), stack.key,
        found.content_hash,
    )  # fmt: skip


def signed_of(*, actor: Actor, application_id: str) -> str:
    """The number of the loan an application became, within the actor's scope; empty where it is not signed yet.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "loan.read")
    found = Loan.objects.filter(standing(), application_id=application_id).values_list("loan_id", flat=True)
    return str(found.first() or "")


def sign(
    *,
    actor: Actor,
    application_id: str,
    contract_on: date,
    amount_fen: int,
    rate_e8: int,
    matures_on: date,
    seen_hash: str,
) -> LoanView:
    """Sign the contract of an approved application; it is pinned to the policy of the day (HA2021-2.2a, CN2026-5.2).

    Args:
        actor: A branch manager.
        application_id: The approved application.
        contract_on: Day of signing: not before the application, not after today.
        amount_fen: At most what was approved.
        rate_e8: As approved.
        matures_on: The end of the approved term.
        seen_hash: Of the approval as it was shown.

    Returns:
        The loan.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``content_changed``, ``in_the_future``,
            ``bad_field``, ``outside_contract_window``, ``over_cap``, ``terms_differ``, ``core_refuses``, ``duplicate``.
    """
    people.require(actor, "loan.sign")
    found = approved(actor=actor, application_id=application_id)
    if seen_hash != found.content_hash:
        raise Refused("content_changed")
    _one_at_a_time(found.institution_id, contract_on.year)
    if Loan.objects.filter(standing(), application_id=application_id).exists():
        raise Refused("duplicate", application=application_id)
    _days(found, actor, contract_on)
    stack = window_of(place=found.scope_area, product=found.product, on=contract_on)
    _as_approved(
        found, amount_fen=amount_fen, rate_e8=rate_e8, contract_on=contract_on, matures_on=matures_on
    )
    lender, branch = _institution(found.institution_id, on=contract_on)
    loan_id = _next_number(found.institution_id, contract_on.year)
    row = Loan(
        loan_id=loan_id, application_id=application_id, borrower_id_number_id=found.borrower_id_number_id,
        borrower_name=found.borrower_name, lender=lender, branch=branch, product=found.product, kind=found.kind,
        parent_loan_id=found.parent_loan_id or "", area_code=found.scope_area, applied_on=found.applied_on,
        contract_on=contract_on, matures_on=matures_on, term=DateRange(contract_on, matures_on),
        principal_fen=amount_fen, rate_e8=rate_e8, interest_method=found.interest_method or "",
        purpose=found.purpose or "", guarantee=found.guarantee or "none", funding=found.funding or "",
        subsidy_ceiling_fen=found.subsidy_ceiling_fen, policy=stack.key,
        pinned=[[pack, digest] for pack, digest in stack.pinned], decided_by=found.decided_by,
        recorded=from_now(actor.now), recorded_by=actor.account_id, scope_area=found.scope_area,
        institution_id=found.institution_id, household_id=found.household_id,
    )  # fmt: skip
    _admitted(row, found.exceptions, contract_on)
    row.save(force_insert=True)
    _kept(actor, row, stack)
    trail.record(
        actor=actor, act="loan.signed", subject=("loan", loan_id), scope_area=row.scope_area,
        institution_id=row.institution_id, basis=tuple(pack for pack, _ in stack.pinned),
        after={
            "application": application_id, "contract_on": contract_on.isoformat(), "matures_on": matures_on.isoformat(),
            "principal_fen": amount_fen, "rate_percent": format_percent(rate_e8), "policy": stack.key,
            "approved_hash": found.content_hash, "content_hash": content_hash(row),
        },
    )  # fmt: skip
    return loan_of(loan_id)


def _days(found: Approved, actor: Actor, contract_on: date) -> None:
    if contract_on > actor.on:
        raise Refused("in_the_future", field="contract_on", day=contract_on.isoformat())
    if contract_on < found.applied_on:
        raise Refused("bad_field", field="contract_on", applied_on=found.applied_on.isoformat())


def _as_approved(
    found: Approved, *, amount_fen: int, rate_e8: int, contract_on: date, matures_on: date
) -> None:
    if amount_fen <= 0:
        raise Refused("bad_field", field="amount")
    if amount_fen > found.amount_fen:
        raise Refused(
            "over_cap", field="amount", approved=format_yuan(found.amount_fen), asked=format_yuan(amount_fen)
        )
    if rate_e8 != found.rate_e8:
        raise Refused(
            "terms_differ",
            field="rate",
            approved=format_percent(found.rate_e8),
            asked=format_percent(rate_e8),
        )
    ends = add_months_clamped(contract_on, found.term_months)
    if matures_on != ends:
        raise Refused(
            "terms_differ", field="matures_on", approved=ends.isoformat(), asked=matures_on.isoformat()
        )


def _admitted(row: Loan, excepted: tuple[str, ...], on: date) -> None:
    """The core once more, on the day of signing: what no exception admits stops the contract."""
    told = application_row(row)
    facts = asked(row.household_id or "", told)
    refuse_hard(against(facts, row.loan_id, on=on), excepted=excepted)


def application_row(row: Loan) -> dict[str, object]:
    """A contract as a row of the core's loans, with the borrower's number opened for the core alone."""
    ids = personal_data.opened_of([row.borrower_id_number_id])
    number = ids.get(row.borrower_id_number_id) if row.borrower_id_number_id else None
    names = (
        "loan_id", "household_id", "lender", "branch", "product", "kind", "parent_loan_id", "area_code", "applied_on",
        "matures_on", "principal_fen", "rate_e8", "interest_method", "purpose", "guarantee", "funding",
        "subsidy_ceiling_fen",
    )  # fmt: skip
    told = {name: getattr(row, name) or None for name in names}
    return told | {"borrower_id_number": number}


def _kept(actor: Actor, row: Loan, stack: Stack) -> None:
    """The contract's sheet, kept with the loan."""
    masked = personal_data.masked_of([row.borrower_id_number_id])
    number = masked.get(row.borrower_id_number_id, "") if row.borrower_id_number_id else ""
    content = sheet_of(row, stack=stack, borrower_id=number, actor=actor)
    documents.keep(
        actor=actor, subject=("loan", row.loan_id), kind="contract", name=f"{row.loan_id}.pdf", content=content,
        made_by_us=True, scope_area=row.scope_area, institution_id=row.institution_id, household_id=row.household_id,
    )  # fmt: skip


def _institution(institution_id: str, *, on: date) -> tuple[str, str]:
    """The names of bank and branch; of a bank without branches the second is empty."""
    found = branch_of(institution_id, on=on)
    if found is None:
        raise Refused("bad_field", field="institution", institution=institution_id)
    return found.bank, "" if found.bank_id == found.institution_id else found.name


def _one_at_a_time(institution_id: str, year: int) -> None:
    held(CONTRACTS, f"{institution_id}:{year}")


def _next_number(institution_id: str, year: int) -> str:
    """``institution-year-number``; numbers are never given twice."""
    start = f"{institution_id}-{year}-"
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(substr(loan_id, %s)::bigint), 0) from casework_loan"
            " where starts_with(loan_id, %s) and substr(loan_id, %s) ~ '^[0-9]{1,9}$'",
            [len(start) + 1, start, len(start) + 1],
        )
        (last,) = cursor.fetchone()
    made = f"{start}{last + 1:05d}"
    longest = Loan._meta.get_field("loan_id").max_length or 64
    return made if len(made) <= longest else hashlib.sha256(made.encode()).hexdigest()[:longest]
