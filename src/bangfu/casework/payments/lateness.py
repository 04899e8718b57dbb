"""How long households waited for their money, cycle by cycle, and what they still wait for (CN2026-3.3, GZ2018-2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import places_of

__all__ = ["Lateness", "lateness"]

# Of each line that is to be paid: the day it stands paid, if it does.
_LINES = """
with line as (
  select s.cycle_id, s.township, l.payable_fen as fen, paid."on"
  from casework_subsidy_list s join casework_subsidy_cycle c on c.id = s.cycle_id
  join casework_subsidy_line l on l.subsidy_list_id = s.id and upper_inf(l.recorded) and l.kind <> 'recovery'
    and l.payable_fen > 0
  left join lateral (select a.kind from casework_line_act a where a.subsidy_list_id = s.id and a.line_id = l.id
    and a.kind <> 'explained' order by a.id desc limit 1) act on true
  left join lateral (select i.id from casework_payment_item i where i.line_id = l.id order by i.attempt desc limit 1) i
    on true
  left join lateral (select r.outcome, r."on" from casework_payment_result r where r.item_id = i.id
    and r."on" <= %(on)s order by r.number desc limit 1) last on true
  left join lateral (select last."on" where last.outcome = 'paid') paid("on") on true
  where c.county = %(county)s and coalesce(act.kind, 'released') in ('released', 'restored', 'held')
    and upper(c.period) <= %(on)s
)
select c.id, c.rhythm, lower(c.period), upper(c.period), c.payment_month, c.submit_due_on, {where} as township,
  count(*), coalesce(sum(fen), 0)::bigint, count("on"), coalesce(sum(fen) filter (where "on" is not null), 0)::bigint,
  coalesce(sum("on" - upper(c.period)), 0)::bigint, max("on" - upper(c.period)),
  percentile_disc(0.5) within group (order by "on" - upper(c.period)),
  percentile_disc(0.5) within group (order by "on" - c.submit_due_on),
  count(*) filter (where coalesce("on", %(on)s) > (c.payment_month + interval '1 month' - interval '1 day')::date)
from line join casework_subsidy_cycle c on c.id = line.cycle_id
group by 1, 2, 3, 4, 5, 6, 7 order by 3 desc, 2, 7
"""


@dataclass(frozen=True)
class Lateness:
    """One cycle of a county, or one township of it; never in the order of its figures.

    Attributes:
        cycle_id: The cycle.
        rhythm: quarter, year or at_repayment.
        start: First day of the period.
        end: Its exclusive end, from which the days are counted.
        payment_month: The month in which the money should come.
        submit_due_on: By when townships submit.
        township: 9-digit code; empty of the whole county.
        township_name: In words.
        lines: Lines to be paid.
        fen: Their sum.
        paid: How many are paid.
        paid_fen: Their sum.
        days_summed: Days from the period's end to the payment, over all that are paid.
        days_most: The longest of them; None where nothing is paid.
        days_middle: The middle one (the lower of two).
        after_submit_middle: The same from the day of submission.
        late: How many were paid after the payment month, or are not and it is over.
        waiting_days: How long the unpaid have waited since the period's end.
    """

    cycle_id: UUID
    rhythm: str
    start: date
    end: date
    payment_month: date
    submit_due_on: date | None
    township: str
    township_name: str
    lines: int
    fen: int
    paid: int
    paid_fen: int
    days_summed: int
    days_most: int | None
    days_middle: int | None
    after_submit_middle: int | None
    late: int
    waiting_days: int

    @property
    def arrears_fen(self) -> int:
        """What is not paid."""
        return self.fen - self.paid_fen


def lateness(
    *, actor: Actor, county: str, on: date | None = None, by_township: bool = False, cycle_id: object = None
) -> tuple[Lateness, ...]:
    """How late each cycle of a county was paid, and what is in arrears; the latest cycle first, townships by code.

    Args:
        actor: Who reads, in their scope.
        county: 6-digit code.
        on: As of this day; today where it is left out. Held lines count as unpaid: their household waits too.
        by_township: One row a township.
        cycle_id: Only of this cycle.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    day = on or actor.on
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES.replace("{where}", "line.township" if by_township else "''"), {"on": day, "county": county}
        )
        rows = [row for row in cursor.fetchall() if cycle_id is None or str(row[0]) == str(cycle_id)]
    names = places_of({row[6] for row in rows if row[6]}, on=day)
    return tuple(_row(row, names, day) for row in rows)


def _row(row: Sequence[Any], names: dict[str, str], day: date) -> Lateness:
    told: tuple[Any, ...] = (*row[:7], names.get(str(row[6]), ""), *row[7:])
    end, lines, paid = row[3], row[7], row[9]
    waits = (day - end).days if lines != paid else 0
    every = (*told, waits)
    return Lateness(*every)
