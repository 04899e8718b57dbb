"""Approvals and contracts for the tests of lending, made on the generated county."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.site import NOW

TODAY = date(2026, 11, 20)
YUAN = 100


@dataclass(frozen=True)
class Approval:
    """What origination hands over."""

    application_id: str
    household_id: str
    borrower_name: str
    borrower_id_number_id: Any
    institution_id: str
    scope_area: str
    decided_by: int
    applied_on: date = date(2026, 11, 2)
    amount_fen: int = 50_000 * YUAN
    rate_e8: int = 3_000_000
    term_months: int = 24
    product: str = "assistance"
    kind: str = "new"
    parent_loan_id: str = ""
    interest_method: str = "daily_360"
    purpose: str = "livestock"
    guarantee: str = "none"
    funding: str = "own"
    subsidy_ceiling_fen: int | None = None
    content_hash: str = "a" * 64
    exceptions: tuple[str, ...] = ()


def everything():
    from bangfu.casework.database.session import Scope, entered

    return entered(Scope(everything=True))


def one(text: str, *given: Any) -> tuple[Any, ...]:
    from django.db import connection

    with everything(), connection.cursor() as cursor:
        cursor.execute(text, given)
        return cursor.fetchone()


# A listed household with a grown member who never borrowed, in a village the branch's township holds.
_BORROWER = """
select h.household_id, h.scope_area, m.name, m.id_number_id from casework_household h
join casework_member m on m.household_id = h.household_id and upper_inf(m.recorded)
join casework_roster_entry r on r.household_id = h.household_id and upper_inf(r.recorded) and upper_inf(r.valid)
where upper_inf(h.recorded) and r.category in ('monitored', 'assisted') and m.labour and m.deceased_on is null
  and m.id_number_id is not null and m.born_on between '1970-01-01' and '2000-01-01'
  and not exists (select from casework_loan l where l.household_id = h.household_id)
order by h.household_id, m.member_id limit 1 offset %s
"""


def approval(manager, *, nth: int = 0, **changes: Any) -> Approval:
    """An approval at the manager's branch."""
    household, area, name, number = one(_BORROWER, nth)
    made = Approval(f"A-{nth}", household, name, number, manager.place, area, manager.account_id)
    return replace(made, **changes)


def approve(monkeypatch, found: Approval) -> None:
    from bangfu.casework.lending import contracts

    monkeypatch.setattr(contracts, "approved", lambda **_: found)


def signed(manager, monkeypatch, *, nth: int = 0, on: date = TODAY, **changes: Any):
    """A loan signed today."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.money.days import add_months_clamped

    found = approval(manager, nth=nth, **changes)
    approve(monkeypatch, found)
    with entered(manager.scope):
        return lending.sign(
            actor=manager, application_id=found.application_id, contract_on=on, amount_fen=found.amount_fen,
            rate_e8=found.rate_e8, matures_on=add_months_clamped(on, found.term_months), seen_hash=found.content_hash,
        )  # fmt: skip


def paid(manager, officer, monkeypatch, **changes: Any):
    """A loan signed and paid out today."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    loan = signed(manager, monkeypatch, **changes)
    with entered(officer.scope):
        return lending.disburse(
            actor=officer, loan_id=loan.loan_id, on=TODAY, amount_fen=loan.principal_fen, seen_hash=loan.content_hash,
            reason="本地尚未规定标准，经主任办公会研究同意",
        )  # fmt: skip


def refused(call, *given: Any, scope=None, **named: Any):
    """The refusal of a call, in a transaction that is undone."""
    import pytest

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered

    actor = named.get("actor")
    with pytest.raises(Refused) as caught, entered(scope or actor.scope):
        call(*given, **named)
    return caught.value


__all__ = [
    "NOW",
    "TODAY",
    "YUAN",
    "Approval",
    "approval",
    "approve",
    "everything",
    "one",
    "paid",
    "refused",
    "signed",
]
