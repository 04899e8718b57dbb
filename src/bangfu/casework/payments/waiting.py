"""What waits in payments: batches for a second person, results to be read back, accounts to be corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.payments.words import NEEDS_ACCOUNT, REASONS
from bangfu.casework.people.queue import MOST, QueueItem, offers, yuan
from bangfu.casework.subsidies.api import period_words
from bangfu.casework.words import Words

__all__ = ["accounts_to_correct", "offered", "results_to_read", "to_release"]

_CLAUSE = "LD2021-6"
TO_RELEASE = Words("复核发放批次", "Release the batch")
TO_READ = Words("读入发放结果", "Read the results back")
TO_CORRECT = Words("更正收款账户", "Correct the payee's account")
_BATCHES = """
select b.id, b.number, b.items, b.total_fen, coalesce(a.name, b.scope_area), lower(c.period), upper(c.period),
  (c.payment_month + interval '1 month' - interval '1 day')::date
from casework_payment_batch b join casework_subsidy_cycle c on c.id = b.cycle_id
left join casework_payment_export e on e.batch_id = b.id
left join casework_area a on a.code = b.scope_area and upper_inf(a.recorded) and a.valid @> %s::date
"""
_CAME_BACK = """
select i.household_id, l.borrower_name, i.amount_fen, r.reason_code, coalesce(v.name, i.scope_area)
from casework_payment_item i
join casework_subsidy_line l on l.id = i.line_id and upper_inf(l.recorded)
join lateral (select outcome, reason_code, at from casework_payment_result r where r.item_id = i.id
  order by number desc limit 1) r on r.outcome in ('failed', 'returned') and r.reason_code = any(%s)
left join casework_area v on v.code = i.scope_area and upper_inf(v.recorded) and v.valid @> %s::date
where i.paid_to = 'borrower' and i.household_id is not null
  and not exists (select from casework_payment_item n where n.line_id = i.line_id and n.attempt > i.attempt)
  and not exists (select from casework_payee_account p where p.household_id = i.household_id
    and upper_inf(p.recorded) and lower(p.recorded) > r.at)
order by r.at, i.id limit %s
"""


def to_release(actor: Actor) -> Iterable[QueueItem]:
    """Batches that wait for a second person, without those the actor prepared."""
    where = "where e.batch_id is null and b.prepared_by <> %s order by b.at, b.id limit %s"
    for batch, *told, due in rows(f"{_BATCHES} {where}", [actor.on, actor.account_id, MOST]):
        yield QueueItem(TO_RELEASE, _about(told), told[3], due, "payment", (batch,), _CLAUSE)


def results_to_read(actor: Actor) -> Iterable[QueueItem]:
    """Released batches with payments nothing is known of."""
    where = (
        "where e.outcome = 'released' and exists (select from casework_payment_item i where i.batch_id = b.id"
        " and not exists (select from casework_payment_result r where r.item_id = i.id)) order by e.at, b.id limit %s"
    )
    for batch, *told, due in rows(f"{_BATCHES} {where}", [actor.on, MOST]):
        yield QueueItem(TO_READ, _about(told), told[3], due, "payment-results", (batch,), _CLAUSE)


def accounts_to_correct(actor: Actor) -> Iterable[QueueItem]:
    """Households whose money came back for a reason of their account, which stands as it was."""
    found = rows(_CAME_BACK, [sorted(NEEDS_ACCOUNT), actor.on, MOST])
    for household, name, fen, reason, village in found:
        subject = f"{name} · {yuan(fen)} · {REASONS[reason]}"
        yield QueueItem(TO_CORRECT, subject, village, None, "household", (household,), "CN2026-3.3")


def _about(told: Sequence[Any]) -> str:
    """Number, period, count and total of a batch in one line."""
    number, items, fen, _, start, end = told
    batch = Words(f"第 {number} 批", f"batch {number}")
    count = Words(f"{items} 笔", f"{items} payments")
    return f"{period_words(start, end)} · {batch} · {count} · {yuan(fen)}"


def offered() -> None:
    """Offer them to the roles that do them."""
    offers("finance", to_release)
    offers(("county_bank", "finance"), results_to_read)
    offers("branch_officer", accounts_to_correct)
