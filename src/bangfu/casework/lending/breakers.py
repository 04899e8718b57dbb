"""The breaker of every lender in scope as it governs today: for those who watch over lending, not for one payment."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from bangfu.casework.as_facts.breakers import states_before
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.snapshots import kept_rows
from bangfu.casework.lending.breaker import OPEN, SUSPENDED, UNDETERMINED, BreakerView
from bangfu.casework.people import api as people
from bangfu.engine.breaker import GROUP

__all__ = ["breakers"]

_LENDERS = (
    "select distinct lender from casework_loan where upper_inf(recorded) and not ordinary order by lender"
)
_ORDER = {SUSPENDED: 0, UNDETERMINED: 1, OPEN: 2}


def breakers(*, actor: Actor) -> tuple[BreakerView, ...]:
    """The state of each lender, branch, product and place at the last evaluation before today, suspended ones first.

    One question for the lenders, one a lender for its ledger. Where nothing is owed and nothing is suspended there is
    no line.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "breaker.read")
    lenders = [str(name) for (name,) in kept_rows(actor.scope, _LENDERS, ()) if name]
    found = [view for lender in lenders for view in _of_lender(lender, actor)]
    return tuple(
        sorted(found, key=lambda one: (_ORDER[one.state], one.product, one.lender, one.area_code, one.branch))
    )


def _of_lender(lender: str, actor: Actor) -> list[BreakerView]:
    states = states_before(lender, on=actor.on)
    if states.is_empty():
        return []
    last = states.sort("on").group_by(*GROUP, maintain_order=True).last()
    told = last.filter((pl.col("balance_fen") > 0) | (pl.col("state") == SUSPENDED))
    return [_view(row, actor.on) for row in told.iter_rows(named=True) if _in_scope(row["area_code"], actor)]


def _in_scope(area_code: str, actor: Actor) -> bool:
    """A bank sees all places of its own ledger, others the places that lie in theirs."""
    areas = actor.scope.areas
    return not areas or any(area_code.startswith(place) for place in areas)


def _view(row: dict[str, Any], on: date) -> BreakerView:
    return BreakerView(
        row["state"], row["lender"], row["branch"] or "", row["product"], row["area_code"], on, row["on"], row["since"],
        row["npl_percent_e8"], row["overdue_percent_e8"], row["threshold_e8"], tuple(row["clauses"]),
    )  # fmt: skip
