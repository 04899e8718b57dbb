"""Which product a day's policy admits in a place."""

from __future__ import annotations

from datetime import date

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.refusals import Refused
from bangfu.policy import Stack
from bangfu.refusals import Refused as NoPolicy

# The newest first: a day admits new loans of one product only.
PRODUCTS = ("assistance", "transition", "poverty")


def stack_on(place: str, *, on: date) -> Stack:
    """The policy under which an application of a day is made.

    Raises:
        Refused: ``outside_contract_window``, with the clauses of the newest programme.
    """
    first: NoPolicy | None = None
    for product in PRODUCTS:
        try:
            return site_book().stack(place, product, on, purpose="application")
        except NoPolicy as why:
            first = first or why
    clauses = first.refusal.clauses if first else ()
    raise Refused("outside_contract_window", clauses=tuple(clauses), day=on.isoformat())
