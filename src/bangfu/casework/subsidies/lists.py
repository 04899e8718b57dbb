"""Cycles, lists and lines read from the tables; a fixed number of questions whatever the number of rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from bangfu.casework.database.locks import LISTS, held
from bangfu.casework.database.models import standing
from bangfu.casework.database.questions import as_uuid, from_json
from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry.api import places_of
from bangfu.casework.subsidies.models import (
    ListAct,
    SubsidyCycle,
    SubsidyLine,
)
from bangfu.casework.subsidies.views import PAYERS, ActView, CycleView, LineView, ListView, Totals

__all__ = [
    "acts_of",
    "content_hash",
    "cycle_of",
    "cycles",
    "line_of",
    "lines_about",
    "lines_by_id",
    "lines_of",
    "list_of",
    "lists_of",
    "sums_by",
    "view_of_cycle",
]

# The last act that says where a line stands; a line without one is open.
_STATUS = {
    "held": "held",
    "released": "open",
    "excluded": "excluded",
    "restored": "open",
    "carried": "carried",
}
_LAST_ACTS = (
    "select distinct on (line_id) line_id, kind, reason, clause from casework_line_act"
    " where subsidy_list_id = any(%s) and kind = any(%s) order by line_id, id desc"
)
_SUMS = (
    "with last as (select distinct on (line_id) line_id, kind from casework_line_act"
    "  where subsidy_list_id = any(%s) and kind = any(%s) order by line_id, id desc)"
    " select l.{key}, coalesce(last.kind, 'released'), l.payable_fen < 0, count(*),"
    "  sum(l.payable_fen)::bigint, sum(l.pay_central_fen)::bigint, sum(l.pay_province_fen)::bigint,"
    "  sum(l.pay_city_fen)::bigint, sum(l.pay_county_fen)::bigint, sum(l.pay_fiscal_fen)::bigint"
    " from casework_subsidy_line l left join last on last.line_id = l.id"
    " where l.subsidy_list_id = any(%s) and upper_inf(l.recorded) group by 1, 2, 3"
)
_NAMED = (
    "(select name from casework_area where code = {code} and upper_inf(recorded) and valid @> %(on)s::date)"
)
_LISTS = f"""
select s.id, s.township, coalesce({_NAMED.format(code="s.township")}, s.township), s.institution_id,
  coalesce((select name from casework_institution i where i.institution_id = s.institution_id
    and upper_inf(i.recorded) and i.valid @> %(on)s::date), s.institution_id), g.state, g.number, lower(g.recorded),
  g.due_on, r.id, r.number, r."on", r.known_at, r.lines_hash,
  (select count(*) from casework_run_refusal f where f.run_id = r.id), c.id, c.county,
  coalesce({_NAMED.format(code="c.county")}, c.county), c.rhythm, lower(c.period), upper(c.period), c.payment_month,
  c.list_due_on, c.submit_due_on, c.notice_days, c.deadlines, c.opened_at
from casework_subsidy_list s
join casework_subsidy_cycle c on c.id = s.cycle_id
join casework_list_stage g on g.subsidy_list_id = s.id and upper_inf(g.recorded)
left join lateral (select * from casework_subsidy_run r where r.subsidy_list_id = s.id order by number desc limit 1) r
  on true
where {{where}} order by c.period desc, s.township, s.institution_id
"""


def view_of_cycle(row: SubsidyCycle, names: Mapping[str, str]) -> CycleView:
    """A row as it is handed out."""
    return CycleView(
        row.pk, row.county, names.get(row.county, row.county), row.rhythm, row.period.lower, row.period.upper,
        row.payment_month, row.list_due_on, row.submit_due_on, row.notice_days, row.deadlines, row.opened_at,
    )  # fmt: skip


def cycle_of(cycle_id: object, *, on: date) -> CycleView:
    """A cycle; ``not_in_scope`` where there is none."""
    row = SubsidyCycle.objects.filter(pk=as_uuid(cycle_id)).first()
    if row is None:
        raise Refused("not_in_scope")
    return view_of_cycle(row, places_of({row.county}, on=on))


def cycles(*, county: str = "", on: date, page: int = 1, size: int = 50) -> tuple[tuple[CycleView, ...], int]:
    """Cycles, the latest period first, and how many there are."""
    rows = SubsidyCycle.objects.filter(county=county) if county else SubsidyCycle.objects.all()
    found = list(rows.order_by("-period", "county", "rhythm")[(page - 1) * size : page * size])
    names = places_of({one.county for one in found}, on=on)
    return tuple(view_of_cycle(one, names) for one in found), rows.count()


def lists_of(
    *,
    cycle_id: object = None,
    list_ids: Sequence[UUID] = (),
    states: Sequence[str] = (),
    township: str = "",
    on: date,
) -> tuple[ListView, ...]:
    """The lists in scope, by cycle, township and branch.

    Args:
        cycle_id: Only of this cycle.
        list_ids: Only these.
        states: Only those that stand at one of these steps.
        township: Only of this place.
        on: The day whose names are shown.
    """
    where = ["true"]
    given: dict[str, Any] = {
        "on": on, "list_ids": list(list_ids), "township": township, "states": list(states)
    }  # fmt: skip
    if cycle_id is not None:
        where.append("s.cycle_id = %(cycle_id)s")
        given["cycle_id"] = as_uuid(cycle_id)
    if list_ids:
        where.append("s.id = any(%(list_ids)s)")
    if township:
        where.append("s.township = %(township)s")
    if states:
        where.append("g.state = any(%(states)s)")
    with connection.cursor() as cursor:
        cursor.execute(_LISTS.format(where=" and ".join(where)), given)
        return _list_views(cursor.fetchall())


def list_of(list_id: object, *, on: date, lock: bool = False) -> ListView:
    """One list in scope; with ``lock`` nobody else moves or changes it until the transaction ends.

    Raises:
        Refused: ``not_in_scope``.
    """
    wanted = as_uuid(list_id)
    if lock:
        held(LISTS, wanted)
    found = lists_of(list_ids=[wanted], on=on)
    if not found:
        raise Refused("not_in_scope")
    return found[0]


def _list_views(rows: Sequence[Sequence[Any]]) -> tuple[ListView, ...]:
    if not rows:
        return ()
    sums = sums_by("subsidy_list_id", [row[0] for row in rows])
    none, out = Totals.none(), []
    for (
        list_id, township, township_name, bank, bank_name, state, stage, since, due_on, run_id, run, on, known_at,
        lines_hash, refusals, *of_cycle,
    ) in rows:  # fmt: skip
        mine = sums.get(list_id, {})
        out.append(
            ListView(
                id=list_id, cycle=_cycle(of_cycle), township=township, township_name=township_name,
                institution_id=bank, bank_name=bank_name, state=state, stage_number=stage, since=since, due_on=due_on,
                run_id=run_id, run_number=run or 0, on=on, known_at=known_at,
                lines_hash=bytes(lines_hash).hex() if run_id else "", open=mine.get("open", none),
                held=mine.get("held", none), excluded=mine.get("excluded", none), carried=mine.get("carried", none),
                refusals=refusals,
            )
        )  # fmt: skip
    return tuple(out)


def _cycle(told: Sequence[Any]) -> CycleView:
    """A cycle from the columns of ``_LISTS``."""
    return CycleView(
        told[0], told[1], told[2], told[3], told[4], told[5], told[6], told[7], told[8], told[9],
        from_json(told[10]), told[11],
    )  # fmt: skip


def sums_by(
    key: Literal["subsidy_list_id", "product"], list_ids: Sequence[UUID]
) -> dict[Any, dict[str, Totals]]:
    """Sums over the standing lines of lists in scope, by list or by regime, then by status."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(key=key), [list(list_ids), list(_STATUS), list(list_ids)])
        rows = cursor.fetchall()
    out: dict[Any, dict[str, Totals]] = {}
    for value, kind, recovery, count, payable, *by in rows:
        mine, status = out.setdefault(value, {}), _STATUS[kind]
        before = mine.get(status, Totals.none())
        if recovery:
            mine[status] = Totals(
                before.lines, before.payable_fen, before.payable_by, before.recovery_fen - payable,
                before.recoveries + count,
            )  # fmt: skip
        else:
            shares = {payer: before.payable_by[payer] + fen for payer, fen in zip(PAYERS, by, strict=True)}
            mine[status] = Totals(
                before.lines + count,
                before.payable_fen + payable,
                shares,
                before.recovery_fen,
                before.recoveries,
            )
    return out


def lines_of(
    list_ids: Sequence[UUID],
    *,
    on: date,
    status: str = "",
    village: str = "",
    known_at: datetime | None = None,
) -> tuple[LineView, ...]:
    """The lines of lists in scope as they stand, or stood, in their order.

    Args:
        list_ids: Of which lists.
        on: The day whose names are shown.
        status: open, held, excluded or carried; all where empty.
        village: Only of this place and below.
        known_at: The lines that stood at a moment; their status is today's.
    """
    rows = SubsidyLine.objects.filter(standing(known_at), subsidy_list_id__in=list_ids)
    if village:
        rows = rows.filter(scope_area__startswith=village)
    views = _line_views(list(rows.order_by("subsidy_list_id", "number")), on=on)
    return tuple(one for one in views if not status or one.status == status)


def lines_about(*, loan_id: str = "", household_id: str = "", on: date) -> tuple[LineView, ...]:
    """The standing lines of a loan, or of a household's loans, in scope; the latest period first."""
    about = {"loan_id": loan_id} if loan_id else {"household_id": household_id}
    rows = SubsidyLine.objects.filter(standing(), **about)
    return tuple(_line_views(list(rows.order_by("-period", "loan_id", "kind", "pk")), on=on))


def lines_by_id(line_ids: Iterable[UUID], *, on: date) -> dict[UUID, LineView]:
    """Lines in scope by id, standing or closed."""
    rows = list(SubsidyLine.objects.filter(pk__in=list(line_ids)))
    return {one.id: one for one in _line_views(rows, on=on)}


def line_of(line_id: object, *, on: date) -> LineView:
    """One line in scope, standing or closed.

    Raises:
        Refused: ``not_in_scope``.
    """
    wanted = as_uuid(line_id)
    found = lines_by_id([wanted], on=on).get(wanted)
    if found is None:
        raise Refused("not_in_scope")
    return found


def _line_views(rows: Sequence[SubsidyLine], *, on: date) -> list[LineView]:
    villages = places_of({one.scope_area for one in rows}, on=on)
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ACTS, [list({one.subsidy_list_id for one in rows}), list(_STATUS)])
        last = {line_id: told for line_id, *told in cursor.fetchall()}
    return [_line(one, villages, last.get(one.pk)) for one in rows]


def _line(row: SubsidyLine, villages: Mapping[str, str], last: Sequence[str] | None) -> LineView:
    kind, reason, clause = last or ("released", "", "")
    return LineView(
        id=row.pk, list_id=row.subsidy_list_id, number=row.number, kind=row.kind, corrects=row.corrects,
        ground=row.ground, loan_id=row.loan_id, household_id=row.household_id or "", village=row.scope_area,
        village_name=villages.get(row.scope_area, row.scope_area), institution_id=row.institution_id or "",
        borrower_name=row.borrower_name, product=row.product, start=row.period.lower, end=row.period.upper,
        rate_e8=row.rate_e8, method=row.method, opening_fen=row.opening_fen,
        subsidised_part_fen=row.subsidised_part_fen, days=row.days, interest_fen=row.interest_fen,
        by_payer={payer: getattr(row, f"{payer}_fen") for payer in PAYERS}, subsidy_fen=row.subsidy_fen,
        borrower_fen=row.borrower_fen, held_back_fen=row.held_back_fen, payable_fen=row.payable_fen,
        payable_by={payer: getattr(row, f"pay_{payer}_fen") for payer in PAYERS},
        claimed_fen=row.claimed_fen, claimed_rate_e8=row.claimed_rate_e8,
        difference=row.difference, checks=row.checks, told=row.told, policy=row.policy, clauses=tuple(row.clauses),
        line_hash=bytes(row.line_hash).hex(), status=_STATUS[kind], status_reason=reason, status_clause=clause,
    )  # fmt: skip


def content_hash(view: ListView) -> str:
    """What a person saw of a list: its stage, its computation, which lines go on. Any change makes it another."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ACTS, [[view.id], list(_STATUS)])
        acts = sorted((str(line_id), kind) for line_id, kind, *_ in cursor.fetchall())
    told = [str(view.id), view.stage_number, view.lines_hash, acts]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def acts_of(list_id: UUID) -> tuple[ActView, ...]:
    """What was done with a list, in order."""
    rows = ListAct.objects.filter(subsidy_list_id=list_id).order_by("stage_number")
    return tuple(
        ActView(
            one.stage_number, one.step, one.outcome, one.opinion, tuple(one.clauses), bytes(one.content_hash).hex(),
            one.lines, one.payable_fen, one.payable_by, one.signed, one.done_by, one.done_name, one.done_role, one.at,
        )
        for one in rows
    )  # fmt: skip
