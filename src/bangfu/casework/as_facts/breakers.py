"""A lender's breaker at the ends of the months before a day, reckoned again only after its ledger changed."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from bangfu.casework.as_facts.api import facts_of_lender
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.session import Scope, widened
from bangfu.casework.database.snapshots import Rows, kept_rows
from bangfu.engine.breaker import breaker_states
from bangfu.policy import PolicyBook

__all__ = ["states_before"]

_MOST = 32
_KEPT: dict[tuple[str, date, PolicyBook], tuple[Rows, pl.DataFrame]] = {}
# What the breaker is reckoned from, by its content: everything of a loan and of an event that the core reads of them.
# The events are those of all lenders: to sort them out costs more than to reckon once too often.
_CONTENT = """
select count(*), bit_xor(hashtextextended(
  concat_ws('|', loan_id, kind, "on" - date '1970-01-01', amount_fen, value), id))
from casework_loan_event where upper_inf(recorded) and "on" <= %s
union all
select count(*), bit_xor(hashtextextended(
  concat_ws('|', loan_id, branch, product, area_code, matures_on - date '1970-01-01'), id))
from casework_loan l where upper_inf(recorded) and not ordinary and lender = %s
  and (contract_on is null or contract_on <= %s or exists (select from casework_loan_event e
    where e.loan_id = l.loan_id and upper_inf(e.recorded) and e."on" <= %s))
"""


def states_before(lender: str, *, on: date) -> pl.DataFrame:
    """The breaker of all branches of a lender at each month's end before a day (``engine.breaker.breaker_states``).

    The last of them governs the day (``engine.breaker.state_before``): what is booked for the running month cannot
    change it. It is read from the lender's whole ledger, beyond the reader's scope; what is told is the ratio.
    """
    month_end = on.replace(day=1) - timedelta(days=1)
    book = site_book()
    key = (lender, month_end, book)
    content = _content(lender, month_end)
    kept = _KEPT.get(key)
    if kept is not None and kept[0] == content:
        return kept[1]
    states = breaker_states(facts_of_lender(lender), book, as_of=month_end)
    if _content(lender, month_end) == content:  # else somebody wrote between the two questions
        _KEPT.pop(key, None)
        while len(_KEPT) >= _MOST:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = (content, states)
    return states


def _content(lender: str, upto: date) -> Rows:
    with widened():
        return kept_rows(Scope(), _CONTENT, (upto, lender, upto, upto))
