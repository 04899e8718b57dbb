"""The cycles nobody has opened: after the latest of a rhythm, and the first ones, as the terms of loans have them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.questions import rows
from bangfu.engine.cycle import RHYTHM
from bangfu.money.days import add_months_clamped
from bangfu.policy import Stack
from bangfu.refusals import Refused

__all__ = ["Unopened", "period_over", "unopened"]

_SETTLES_ON = 21  # the first day of an interest period: settlement is on the 20th
_QUARTERS = (3, 6, 9, 12)
_PAYERS = "subsidy.payers"
# Where no document sets a rhythm the cycle's holds (docs/decisions/0069); whoever opens it is offered this one.
_USUAL = "quarter"
_LATEST = (
    "select distinct on (rhythm) rhythm, lower(period), upper(period),"
    " coalesce(deadlines->'subsidy.rhythm'->'clauses'->>0, ''),"
    " exists (select from casework_subsidy_list l where l.cycle_id = c.id)"
    " from casework_subsidy_cycle c where county = %s order by rhythm, period desc"
)
# Rhythms for which loans were left out of the latest cycles by name.
_LEFT_OUT = (
    "select distinct f.facts->>'rhythm', f.clauses->>0 from casework_run_refusal f"
    " join casework_subsidy_run r on r.id = f.run_id join casework_subsidy_list l on l.id = r.subsidy_list_id"
    " join (select distinct on (rhythm) id from casework_subsidy_cycle where county = %s order by rhythm, period desc)"
    " c on c.id = l.cycle_id where f.code = 'other_rhythm' order by 1"
)
# Loans that had a balance on days of the quarter or the year that ended last, or were settled in the quarter.
_LENT = (
    "select l.product, l.contract_on,"
    " bool_or(s.disbursed_on < %(quarter_end)s and coalesce(s.settled_on, 'infinity') > %(quarter)s),"
    " bool_or(s.disbursed_on < %(year_end)s and coalesce(s.settled_on, 'infinity') > %(year)s),"
    " bool_or(s.settled_on >= %(quarter)s and s.settled_on < %(quarter_end)s)"
    " from casework_loan l join casework_loan_standing s on s.loan_id = l.loan_id"
    " where upper_inf(l.recorded) and not l.ordinary and s.disbursed_on is not null"
    " and case when l.area_code = '' then l.scope_area else l.area_code end like %(county)s"
    " and coalesce(s.settled_on, 'infinity') > %(year)s group by 1, 2"
)


@dataclass(frozen=True)
class Unopened:
    """A period that is over and has no cycle.

    Attributes:
        rhythm: quarter, year or at_repayment.
        start: First day.
        end: Exclusive end.
        clause: What sets the rhythm; empty where none does.
    """

    rhythm: str
    start: date
    end: date
    clause: str

    @property
    def due(self) -> date:
        """By when the branches' lists are due: before the payment month, which is the one after the period."""
        return self.end.replace(day=monthrange(self.end.year, self.end.month)[1])


def period_over(rhythm: str, on: date) -> tuple[date, date]:
    """First day and exclusive end of the quarter, or of the year, that ended last, as interest is settled."""
    months = _QUARTERS[-1:] if rhythm == "year" else _QUARTERS
    ends = [date(year, month, _SETTLES_ON) for year in (on.year - 1, on.year) for month in months]
    end = max(one for one in ends if one <= on)
    return add_months_clamped(end, -12 if rhythm == "year" else -3), end


def unopened(county: str, *, on: date) -> tuple[Unopened, ...]:
    """What a county has to open: the period after the latest cycle of each rhythm, and first cycles.

    The first cycle of a rhythm is asked for where loans were left out of the latest cycles for their rhythm, or, where
    there is no cycle with a list yet, where loans had a balance in the period that ended last and their terms give
    subsidy for it. Earlier periods are not asked for: they may have been paid before the county came here. Two
    questions, whatever there is.

    Args:
        county: 6-digit code.
        on: The day.
    """
    latest = rows(_LATEST, [county])
    known = {rhythm for rhythm, *_ in latest}
    if any(has_lists for *_, has_lists in latest):
        left_out = rows(_LEFT_OUT, [county])
        first = [Unopened(rhythm, *period_over(rhythm, on), clause or "") for rhythm, clause in left_out]
    else:
        first = [*_first(county, on)]
    return (*_next(latest, on), *(one for one in first if one.rhythm not in known))


def _next(latest: Iterable[tuple[Any, ...]], on: date) -> Iterator[Unopened]:
    for rhythm, start, end, clause, _ in latest:
        months = (end.year - start.year) * 12 + end.month - start.month
        following = add_months_clamped(end, months)
        if rhythm != "at_repayment" and following <= on:
            yield Unopened(rhythm, end, following, clause)


def _first(county: str, on: date) -> Iterator[Unopened]:
    """By the terms of the loans there are: each policy that occurs is looked at once."""
    book = site_book()
    periods = {rhythm: period_over(rhythm, on) for rhythm in ("quarter", "year", "at_repayment")}
    given: dict[str, Any] = {
        "county": f"{county}%",
        "quarter": periods["quarter"][0], "quarter_end": periods["quarter"][1],
        "year": periods["year"][0], "year_end": periods["year"][1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LENT, given)
        lent = cursor.fetchall()
    had: dict[tuple[str, int], tuple[date, dict[str, bool]]] = {}
    for product, signed, quarter, year, settled in lent:
        now = {"quarter": quarter, "year": year, "at_repayment": settled}
        _, before = had.get((product, book.band(signed)), (signed, dict.fromkeys(now, False)))
        had[product, book.band(signed)] = (signed, {one: now[one] or before[one] for one in now})
    asked: dict[str, str] = {}
    for (product, _), (signed, in_period) in sorted(had.items()):
        try:
            stack = book.stack(county, product, signed)
        except Refused:
            continue
        rhythm, clause = _rhythm(stack, on)
        if in_period[rhythm] and _subsidised(stack, periods[rhythm]):
            asked[rhythm] = asked.get(rhythm) or clause
    for rhythm, clause in asked.items():
        yield Unopened(rhythm, *periods[rhythm], clause)


def _rhythm(stack: Stack, on: date) -> tuple[str, str]:
    term = stack.look(RHYTHM, on)
    if term is None or term.undetermined:
        return _USUAL, ""
    return term.code, next(iter(term.clauses), "")


def _subsidised(stack: Stack, period: tuple[date, date]) -> bool:
    """Whether a policy names payers on the first or the last day of a period."""
    found = (stack.look(_PAYERS, day) for day in (period[0], period[1] - timedelta(days=1)))
    return any(term is not None and not term.undetermined for term in found)
