"""Whether the county's ledger says of each source what the payments themselves say: two books of one money."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people

__all__ = ["Disagreement", "disagreements"]

# By budget year and payer: what is on its way and what stands paid, counted from the payments one by one.
_PAID = """
select extract(year from c.payment_month)::integer, part.key,
  coalesce(sum(part.value::bigint) filter (where r.outcome is null), 0)::bigint,
  coalesce(sum(part.value::bigint) filter (where r.outcome = 'paid'), 0)::bigint
from casework_payment_item i
join casework_payment_batch b on b.id = i.batch_id
join casework_payment_export e on e.batch_id = b.id and e.outcome = 'released'
join casework_subsidy_cycle c on c.id = b.cycle_id and c.county = %s
left join lateral (select outcome from casework_payment_result r where r.item_id = i.id order by number desc limit 1) r
  on true
cross join lateral jsonb_each_text(i.by_source) part
group by 1, 2
"""


@dataclass(frozen=True)
class Disagreement:
    """A source whose two books differ.

    Attributes:
        year: The budget year.
        source: The payer.
        account: in_payment or paid.
        ledger_fen: What the ledger says; of what is paid, with what was recovered since.
        payments_fen: What the payments come to.
    """

    year: int
    source: str
    account: str
    ledger_fen: int
    payments_fen: int


def disagreements(*, actor: Actor, county: str) -> tuple[Disagreement, ...]:
    """Compare the ledger with the payments; nothing where they agree.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "budget.read")
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [county])
        counted = {(year, source): (sent, paid) for year, source, sent, paid in cursor.fetchall()}
    years = {*budgets.years(actor=actor, county=county), *(year for year, _ in counted)}
    out = []
    for year in sorted(years):
        for one in budgets.balances(actor=actor, county=county, year=year):
            sent, paid = counted.get((year, one.source), (0, 0))
            for account, ledger, payments in (
                ("in_payment", one.in_payment_fen, sent), ("paid", one.paid_fen + one.recovered_fen, paid),
            ):  # fmt: skip
                if ledger != payments:
                    out.append(Disagreement(year, one.source, account, ledger, payments))
    return tuple(out)
