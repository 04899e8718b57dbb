"""Which lines could be paid now: confirmed, open, their money neither on its way nor with the household.

Of a list that has moved on all lines were paid; where money comes back later, its line is due again all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.payments.accounts import same_name
from bangfu.casework.payments.views import LeftOut, Payable
from bangfu.casework.payments.words import NEEDS_ACCOUNT
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import PAYERS

__all__ = ["Due", "DueAgain", "due_again", "due_lines", "payable"]

_LINES = f"""
select l.id, l.subsidy_list_id, s.township, l.loan_id, l.household_id, l.scope_area, l.institution_id,
  l.borrower_name, l.payable_fen, {", ".join(f"l.pay_{payer}_fen" for payer in PAYERS)},
  lower(l.period), upper(l.period), coalesce(before.attempt, 0), coalesce(became.outcome, ''),
  coalesce(became.reason_code, ''), became."on", became.at, before.account_id, o.borrower_id_number_id
from casework_subsidy_list s
join casework_list_stage g on g.subsidy_list_id = s.id and upper_inf(g.recorded)
  and g.state in ('payment', 'announcement', 'filing', 'filed')
join casework_subsidy_line l on l.subsidy_list_id = s.id and upper_inf(l.recorded) and l.kind <> 'recovery'
  and l.payable_fen > 0
left join casework_loan o on o.loan_id = l.loan_id and upper_inf(o.recorded)
left join lateral (select a.kind from casework_line_act a where a.subsidy_list_id = s.id and a.line_id = l.id
  and a.kind <> 'explained' order by a.id desc limit 1) act on true
left join lateral (select i.id, i.attempt, i.account_id from casework_payment_item i where i.line_id = l.id
  order by i.attempt desc limit 1) before on true
left join lateral (select r.outcome, r.reason_code, r."on", r.at from casework_payment_result r
  where r.item_id = before.id order by r.number desc limit 1) became on true
where s.cycle_id = %s and (cardinality(%s::uuid[]) = 0 or s.id = any(%s::uuid[]))
  and (cardinality(%s::uuid[]) = 0 or l.id = any(%s::uuid[]))
  and coalesce(act.kind, 'released') in ('released', 'restored')
  and (before.id is null or became.outcome in ('failed', 'returned'))
order by l.scope_area, l.subsidy_list_id, l.number
"""
# Each account with the people of the household who bear its holder's name.
_ACCOUNTS = """
select a.household_id, a.holder_name, a.account_id, a.bank_name, lower(a.recorded), m.id_number_id, m.deceased_on
from casework_payee_account a
left join casework_member m on m.household_id = a.household_id and m.name = a.holder_name
  and upper_inf(m.recorded) and upper_inf(m.valid)
where upper_inf(a.recorded) and a.valid @> %s::date and a.household_id = any(%s::text[])
"""
_BANK_ACCOUNTS = """
select institution_id, holder_name, account_id, bank_name, lower(recorded), null, null from casework_payee_account
where upper_inf(recorded) and valid @> %s::date and household_id is null and institution_id = any(%s::text[])
"""


@dataclass(frozen=True)
class Account:
    """Where the money would go.

    Attributes:
        holder_name: Whose it is.
        account_id: Its number in the vault.
        bank_name: Where it is kept.
        since: When it was entered.
        id_number_id: The holder's ID number in the vault; of namesakes in the household the living one's.
        gone: Whether the holder had died by the day.
    """

    holder_name: str
    account_id: UUID
    bank_name: str
    since: datetime
    id_number_id: UUID | None
    gone: bool


@dataclass(frozen=True)
class Due:
    """A line that could be paid.

    Attributes:
        line_id: The line.
        list_id: Its list.
        township: 9-digit code.
        loan_id: The loan.
        household_id: The household.
        village: 12-digit code.
        institution_id: The branch.
        borrower_name: Of the borrower.
        amount_fen: What is paid.
        by_source: Payer → fen, without nothings.
        start: First day of its period.
        end: Its exclusive end.
        attempt: Which one this will be.
        came_back: failed or returned; empty the first time.
        reason_code: Why it came back.
        came_back_on: When.
        account: Where the money would go; None where there is none.
        id_number_id: The holder's ID number in the vault.
        why_not: Why it cannot be paid now (``words.LEFT_OUT``); empty where it can.
    """

    line_id: UUID
    list_id: UUID
    township: str
    loan_id: str
    household_id: str
    village: str
    institution_id: str
    borrower_name: str
    amount_fen: int
    by_source: dict[str, int]
    start: date
    end: date
    attempt: int
    came_back: str
    reason_code: str
    came_back_on: date | None
    account: Account | None
    id_number_id: UUID | None
    why_not: str


@dataclass(frozen=True)
class DueAgain:
    """A payment that came back and waits.

    Attributes:
        line_id: The line.
        list_id: Its list.
        loan_id: The loan.
        household_id: The household.
        village: 12-digit code.
        borrower_name: Of the borrower.
        amount_fen: How much.
        attempts: How often it was tried.
        outcome: failed or returned.
        reason_code: Why.
        on: When it came back.
        days: Since then.
        ready: Whether it can go into the next batch: its account was corrected, or needs no correction.
    """

    line_id: UUID
    list_id: UUID
    loan_id: str
    household_id: str
    village: str
    borrower_name: str
    amount_fen: int
    attempts: int
    outcome: str
    reason_code: str
    on: date
    days: int
    ready: bool


def due_lines(
    cycle_id: object, *, on: date, list_ids: Sequence[object] = (), line_ids: Sequence[object] = (),
    paid_to: str = "borrower",
) -> tuple[Due, ...]:  # fmt: skip
    """The lines of a cycle in scope that could be paid on a day, by village and list; a fixed number of questions.

    Args:
        cycle_id: The cycle.
        on: The day of the accounts.
        list_ids: Only of these lists.
        line_ids: Only these lines; they are paid again even to an account that was not corrected.
        paid_to: borrower or lender: whose accounts are asked for.
    """
    lists, lines = [str(one) for one in list_ids], [str(one) for one in line_ids]
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [str(cycle_id), lists, lists, lines, lines])
        rows = cursor.fetchall()
    owner = 6 if paid_to == "lender" else 4  # the branch or the household
    accounts = _accounts({row[owner] for row in rows}, on=on, lender=paid_to == "lender")
    return tuple(_due(row, accounts.get(row[owner]), chosen=bool(lines)) for row in rows)


def _accounts(owners: set[str], *, on: date, lender: bool) -> dict[str, Account]:
    out: dict[str, Account] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BANK_ACCOUNTS if lender else _ACCOUNTS, [on, sorted(filter(None, owners))])
        for owner, holder, account_id, bank, since, number, deceased_on in cursor.fetchall():
            gone = deceased_on is not None and deceased_on <= on
            if owner not in out or (out[owner].gone and not gone):
                out[owner] = Account(holder, account_id, bank, since, number, gone)
    return out


def _due(row: Sequence[Any], account: Account | None, *, chosen: bool) -> Due:
    fen = dict(zip(PAYERS, row[9 : 9 + len(PAYERS)], strict=True))
    start, end, attempt, came_back, reason, back_on, back_at, before, borrowers = row[9 + len(PAYERS) :]
    household, borrower = row[4] or "", row[7]
    if reason == "batch_rejected":  # the money never left
        came_back = ""
    why = ""
    number: UUID | None = None
    if account is None:
        why = "no_account"
    else:
        if account.gone:
            why = "payee_deceased"
        elif (
            reason in NEEDS_ACCOUNT
            and not chosen
            and before == account.account_id
            and account.since <= back_at
        ):
            why = "account_not_corrected"
        number = account.id_number_id
        if number is None and same_name(borrower, account.holder_name):
            number = borrowers
    return Due(
        row[0], row[1], row[2], row[3], household, row[5], row[6] or "", borrower, row[8],
        {payer: one for payer, one in fen.items() if one}, start, end, attempt + 1, came_back, reason, back_on,
        account, number, why,
    )  # fmt: skip


def left_out(lines: Sequence[Due]) -> tuple[LeftOut, ...]:
    """Those that cannot be paid now, with the reason."""
    return tuple(
        LeftOut(
            one.line_id, one.list_id, one.loan_id, one.household_id, one.village, one.borrower_name, one.amount_fen,
            one.why_not,
        )
        for one in lines
        if one.why_not
    )  # fmt: skip


def payable(
    *, actor: Actor, cycle_id: object, list_ids: Sequence[object] = (), paid_to: str = "borrower"
) -> Payable:
    """What of a cycle could be paid now, and what not, with the reason. A late list holds nobody.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    lines = due_lines(cycle_id, on=actor.on, list_ids=list_ids, paid_to=paid_to)
    good = [one for one in lines if not one.why_not]
    by_source = {payer: sum(one.by_source.get(payer, 0) for one in good) for payer in PAYERS}
    return Payable(
        len(good), sum(one.amount_fen for one in good), by_source,
        tuple(dict.fromkeys(one.list_id for one in good)), left_out(lines), sum(1 for one in good if one.came_back),
    )  # fmt: skip


def due_again(*, actor: Actor, cycle_id: object) -> tuple[DueAgain, ...]:
    """The payments of a cycle that came back and were not paid since, by village.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    return tuple(
        DueAgain(
            one.line_id, one.list_id, one.loan_id, one.household_id, one.village, one.borrower_name, one.amount_fen,
            one.attempt - 1, one.came_back, one.reason_code, one.came_back_on or actor.on,
            (actor.on - (one.came_back_on or actor.on)).days, not one.why_not,
        )
        for one in due_lines(cycle_id, on=actor.on)
        if one.came_back
    )  # fmt: skip
