"""Whether lending stands suspended: the core's breaker for one lender, branch, product and place, as of a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.as_facts.breakers import states_before
from bangfu.casework.database.refusals import Refused
from bangfu.engine.breaker import state_before
from bangfu.money.rates import format_percent
from bangfu.policy import Stack
from bangfu.refusals import Refused as CoreRefused
from bangfu.rules.breaker.rule import OPEN, SUSPENDED, UNDETERMINED

__all__ = ["OPEN", "SUSPENDED", "UNDETERMINED", "BreakerView", "breaker_of", "window_of"]

_TERMS = ("breaker.threshold", "breaker.measure", "breaker.resumes")


@dataclass(frozen=True)
class BreakerView:
    """The breaker that governs a payment on a day.

    Attributes:
        state: open, suspended, undetermined.
        lender: Whose.
        branch: Its branch.
        product: For which product.
        area_code: At which place.
        on: The day asked about; the last evaluation before it decides.
        evaluated_on: That evaluation; None where the lender has no ledger here yet.
        since: Since when it is so.
        npl_e8: Non-performing ratio of that evaluation, 1e-8.
        overdue_e8: Overdue ratio, 1e-8.
        threshold_e8: The threshold, 1e-8; 0 or None where none is set.
        clauses: What it rests on.
    """

    state: str
    lender: str
    branch: str
    product: str
    area_code: str
    on: date
    evaluated_on: date | None = None
    since: date | None = None
    npl_e8: int | None = None
    overdue_e8: int | None = None
    threshold_e8: int | None = None
    clauses: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """For people and for the trail: days as text, ratios in percent."""
        told: dict[str, Any] = {
            "state": self.state,
            "lender": self.lender,
            "branch": self.branch,
            "product": self.product,
        }
        for name, day in (("evaluated_on", self.evaluated_on), ("since", self.since)):
            if day is not None:
                told[name] = day.isoformat()
        for name, e8 in (
            ("npl_percent", self.npl_e8),
            ("overdue_percent", self.overdue_e8),
            ("threshold_percent", self.threshold_e8),
        ):
            if e8:
                told[name] = format_percent(e8)
        return told


def window_of(*, place: str, product: str, on: date) -> Stack:
    """The policy under which a contract may be signed and paid out on a day.

    Raises:
        Refused: ``outside_contract_window`` with its clauses; in the days between two policies with both.
    """
    try:
        return site_book().stack(place, product, on, purpose="application")
    except CoreRefused as refused:
        why = refused.refusal
        raise Refused(
            "outside_contract_window", clauses=tuple(why.clauses), field="on", **dict(why.facts)
        ) from None


def breaker_of(*, lender: str, branch: str, product: str, area_code: str, on: date) -> BreakerView:
    """The breaker's state that governs a payment on ``on`` (LD2021-5.5, GZ2018-2.2, CN2026-4.3).

    What is told of the lender's ledger over all its branches is the ratio.

    Raises:
        Refused: ``outside_contract_window``, where the lender has no ledger and no policy admits contracts on the day.
    """
    found = _evaluated(lender=lender, branch=branch, product=product, area_code=area_code, on=on)
    whose = BreakerView(OPEN, lender, branch, product, area_code, on)
    if found is not None:
        return replace(
            whose, state=found["state"], evaluated_on=found["evaluated_on"], since=found["since"],
            npl_e8=found["npl_percent_e8"], overdue_e8=found["overdue_percent_e8"],
            threshold_e8=found["threshold_e8"], clauses=tuple(found["clauses"]) )  # fmt: skip
    # No ledger yet: the ratio is nothing, and only a threshold that nobody has set leaves the question open.
    stack = window_of(place=area_code, product=product, on=on)
    said = [term for name in _TERMS if (term := stack.look(name, on)) is not None]
    clauses = tuple(dict.fromkeys(clause for term in said for clause in term.clauses))
    threshold = stack.look("breaker.threshold", on)
    unset = threshold is not None and threshold.undetermined
    known = threshold.integer if threshold is not None and not unset else None
    return replace(whose, state=UNDETERMINED if unset else OPEN, threshold_e8=known, clauses=clauses)


def _evaluated(*, lender: str, branch: str, product: str, area_code: str, on: date) -> dict[str, Any] | None:
    asked = pl.DataFrame(
        {
            "loan_id": "",
            "lender": lender,
            "branch": branch,
            "product": product,
            "area_code": area_code,
            "on": on,
        }
    )
    told = state_before(asked, states_before(lender, on=on), on="on")
    return None if told.is_empty() else told.row(0, named=True)
