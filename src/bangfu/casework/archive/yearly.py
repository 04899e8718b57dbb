"""The year's summary of a county in figures, made of what was paid; what only people can say is left to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from bangfu.casework.archive.completeness import last_of_year
from bangfu.casework.archive.reporting import cycles_of, lines_for
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import CycleView
from bangfu.reports.papers import SourceRow, YearlySummary, YearRow, yearly_summary
from bangfu.reports.subsidy_cycle import ReportedLine
from bangfu.reports.words import PRODUCTS, REGIMES

__all__ = ["yearly_paper"]

_LAST_DAY = (12, 31)
_HEARD = (
    "select (select count(*) from casework_notice n where n.cycle_id = any(%s)),"
    " count(*), count(*) filter (where a.outcome = 'upheld') from casework_objection o"
    " join casework_notice n on n.id = o.notice_id and n.cycle_id = any(%s)"
    " left join casework_objection_act a on a.objection_id = o.id and a.kind = 'decided'"
)
_CAME_BACK = (
    "select i.line_id from casework_payment_item i join casework_payment_batch b on b.id = i.batch_id"
    " join casework_payment_result r on r.item_id = i.id and r.outcome in ('failed', 'returned')"
    " where b.cycle_id = any(%s)"
)


def yearly_paper(actor: Actor, cycle: CycleView, *, county: str) -> bytes:
    """The summary of the year a cycle is paid in; nothing before the year's last cycle, or where nothing was paid.

    The same figures give the same bytes.
    """
    if not last_of_year(cycle):
        return b""
    year = cycle.payment_month.year
    cycles = cycles_of(actor, year, cycle.county)
    lines = lines_for(actor, cycles)
    paid = [one for one in lines if one.paid_fen]
    if not paid:
        return b""
    ids = [one.id for one in cycles]
    back = [one for one in lines if one.kind == "recovery" and one.status == "open"]
    recovered = sum(one.recovered_fen for one in back)
    sheets, came, upheld = _heard(ids)
    returned = _came_back(ids)
    standing = {UUID(one.id) for one in paid}
    order = list(PRODUCTS)
    return yearly_summary(
        YearlySummary(
            county=county, year=year, office=f"{county}乡村振兴主管部门",
            made_on=min(actor.on, date(year, *_LAST_DAY)), households=len({one.household_id for one in paid}),
            quarters=_rows(paid, lambda one: (one.cycle_start.isoformat(), one.cycle)),
            regimes=_rows(paid, lambda one: (str(order.index(one.product)), REGIMES[one.product])),
            townships=_rows(paid, lambda one: (one.township, one.township_name)),
            sources=_sources(actor, cycle, year), notices=sheets, objections=came, upheld=upheld,
            returned=len(returned), returned_open=len(set(returned) - standing), recovered_fen=recovered,
            to_recover_fen=-sum(one.payable_fen for one in back) - recovered, late=_late(actor, cycle.county, ids),
        )
    )  # fmt: skip


def _rows(
    lines: Sequence[ReportedLine], key: Callable[[ReportedLine], tuple[str, str]]
) -> tuple[YearRow, ...]:
    groups: dict[tuple[str, str], list[ReportedLine]] = {}
    for one in lines:
        groups.setdefault(key(one), []).append(one)
    return tuple(
        YearRow(
            name=name, households=len({one.household_id for one in some}), lines=len(some),
            paid_fen=sum(one.paid_fen for one in some),
        )
        for (_, name), some in sorted(groups.items())
    )  # fmt: skip


def _sources(actor: Actor, cycle: CycleView, year: int) -> tuple[SourceRow, ...]:
    if not (actor.scope.everything or people.may(actor.role, "budget.read")):
        return ()
    return tuple(
        SourceRow(
            payer=one.source, allotted_fen=one.allotted_fen, paid_fen=one.paid_fen,
            left_fen=one.allotted_fen - one.paid_fen,
        )
        for one in budgets.balances(actor=actor, county=cycle.county, year=year)
        if one.allotted_fen or one.paid_fen
    )  # fmt: skip


def _heard(cycle_ids: Sequence[UUID]) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [list(cycle_ids), list(cycle_ids)])
        sheets, came, upheld = cursor.fetchone() or (0, 0, 0)
    return int(sheets), int(came), int(upheld)


def _came_back(cycle_ids: Sequence[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_CAME_BACK, [list(cycle_ids)])
        return [row[0] for row in cursor.fetchall()]


def _late(actor: Actor, county: str, cycle_ids: Sequence[UUID]) -> tuple[str, ...]:
    """The year's cycles with lines that were paid after their month, by the middle wait."""
    return tuple(
        f"{one.start.isoformat()} 起一期：{one.lines} 笔中 {one.late} 笔超过付款月份，中位等待 {one.days_middle} 天。"
        for one in reversed(payments.lateness(actor=actor, county=county))
        if one.cycle_id in cycle_ids and one.late and not one.township
    )
