"""What waits in lending: contracts to sign, money to pay out, reminders 60 and 30 days before maturity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.people.queue import MOST, QueueItem, offers, yuan
from bangfu.casework.words import Words

__all__ = ["due_reminders", "offered", "to_disburse", "to_sign"]

_SPOKEN_DAYS, _WRITTEN_DAYS = 60, 30
_CLAUSE = "HLJ2019-2.6a"
TO_SIGN = Words("签订合同", "Sign the contract")
TO_DISBURSE = Words("发放贷款", "Pay out")
REMIND = {
    "spoken": Words("到期前60天提醒", "Remind, 60 days before maturity"),
    "written": Words("到期前30天书面提醒", "Remind in writing, 30 days before maturity"),
}


def to_sign(actor: Actor) -> Iterable[QueueItem]:
    """Approved applications without a contract."""
    found = rows(
        "select a.id, w.borrower_name, w.amount_fen, coalesce(v.name, a.scope_area) from casework_stage s"
        " join casework_application a on a.id = s.application_id join lateral (select borrower_name, amount_fen"
        "  from casework_application_version w where w.application_id = a.id order by w.number desc limit 1) w on true"
        " left join casework_area v on v.code = a.scope_area and upper_inf(v.recorded) and v.valid @> %s::date"
        " where s.state = 'approved' and upper_inf(s.recorded) and not exists (select from casework_loan l"
        "  where l.application_id = a.id and upper_inf(l.recorded)) order by lower(s.recorded), a.id limit %s",
        [actor.on, MOST],
    )
    for application_id, name, amount, village in found:
        told = f"{name} · {yuan(amount)}"
        yield QueueItem(TO_SIGN, told, village, None, "loan-sign", (application_id,))


def to_disburse(actor: Actor) -> Iterable[QueueItem]:
    """Signed loans that wait for their money, without those the actor decided."""
    found = rows(
        "select l.loan_id, l.borrower_name, l.principal_fen, coalesce(v.name, l.scope_area), l.contract_on"
        " from casework_loan_standing s join casework_loan l on l.loan_id = s.loan_id and upper_inf(l.recorded)"
        " left join casework_area v on v.code = l.scope_area and upper_inf(v.recorded) and v.valid @> %s::date"
        " where s.disbursed_on is null and not l.ordinary and l.contract_on is not null and l.matures_on > %s"
        " and l.decided_by is distinct from %s order by l.contract_on, l.loan_id limit %s",
        [actor.on, actor.on, actor.account_id, MOST],
    )
    for loan_id, name, principal, village, _ in found:
        told = f"{name} · {yuan(principal)}"
        yield QueueItem(TO_DISBURSE, told, village, None, "loan-disburse", (loan_id,))


def due_reminders(actor: Actor) -> Iterable[QueueItem]:
    """Running loans 60 and 30 days before maturity whose borrower was not reminded yet (HLJ2019-2.6a)."""
    found = rows(
        "select l.loan_id, l.borrower_name, s.balance_fen, coalesce(v.name, l.scope_area), s.due_on,"
        " exists (select from casework_loan_event e where e.loan_id = l.loan_id and upper_inf(e.recorded)"
        "  and e.kind = 'reminded' and e.value = 'spoken' and e.\"on\" >= s.due_on - 90),"
        " exists (select from casework_loan_event e where e.loan_id = l.loan_id and upper_inf(e.recorded)"
        "  and e.kind = 'reminded' and e.value = 'written' and e.\"on\" >= s.due_on - 90)"
        " from casework_loan_standing s join casework_loan l on l.loan_id = s.loan_id and upper_inf(l.recorded)"
        " left join casework_area v on v.code = l.scope_area and upper_inf(v.recorded) and v.valid @> %s::date"
        " where s.balance_fen > 0 and not l.ordinary and s.due_on > %s and s.due_on <= %s"
        " order by s.due_on, l.loan_id limit %s",
        [actor.on, actor.on, actor.on + timedelta(days=_SPOKEN_DAYS), MOST],
    )
    for loan_id, name, balance, village, due_on, spoken, written in found:
        kind = _wanted(actor.on, due_on, spoken=spoken, written=written)
        if kind:
            days = _WRITTEN_DAYS if kind == "written" else _SPOKEN_DAYS
            yield QueueItem(
                REMIND[kind], f"{name} · {yuan(balance)}", village,
                due_on - timedelta(days=days), "loan-event", (loan_id,), _CLAUSE,
            )  # fmt: skip


def _wanted(today: date, due_on: date, *, spoken: bool, written: bool) -> str:
    """Which reminder is asked for today; one in writing serves for the spoken one too."""
    if today >= due_on - timedelta(days=_WRITTEN_DAYS):
        return "" if written else "written"
    return "" if spoken or written else "spoken"


def offered() -> None:
    """Offer them to the roles that do them."""
    offers("branch_manager", to_sign)
    offers(("branch_officer", "branch_manager"), to_disburse)
    offers("branch_officer", due_reminders)
