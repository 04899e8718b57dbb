"""The core's own check of a contract: as an application on a day, with all the household owes at every bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from bangfu.casework.as_facts.api import facts_of_household
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.refusals import Refused
from bangfu.engine.check import check
from bangfu.facts import TABLES, Facts
from bangfu.refusals import CODES

__all__ = ["CAPS", "Against", "against", "asked", "refuse_hard"]

# What is looked at once more when money goes out: another loan may have come since the approval.
CAPS = frozenset({"over_household_cap", "several_loans_in_household"})
_BREAKER = "lent_while_suspended"


@dataclass(frozen=True)
class Against:
    """One thing the policy has against a contract."""

    code: str
    clauses: tuple[str, ...]
    facts: Mapping[str, Any]
    in_principle: bool
    arose: str

    def words(self) -> tuple[str, str]:
        """In Chinese and English."""
        return CODES[self.code].zh, CODES[self.code].en


def asked(household_id: str, row: Mapping[str, Any], *, without: str = "") -> Facts:
    """The household's facts with one loan more, as an application.

    Args:
        household_id: The household.
        row: The columns of the core's loans, but ``contract_on``.
        without: A loan of the database that the row stands for.
    """
    facts = facts_of_household(household_id)
    schema = TABLES["loans"].schema
    told = {name: row.get(name) for name in schema} | {"contract_on": None}
    fresh = pl.DataFrame([tuple(told[name] for name in schema)], schema=schema, orient="row")
    others = facts.loans.filter(pl.col("loan_id") != without) if without else facts.loans
    return Facts({**facts.tables, "loans": pl.concat([others, fresh])}, facts.missing)


def against(facts: Facts, loan_id: str, *, on: date) -> tuple[Against, ...]:
    """What the policy has against a loan of the facts; the breaker is asked of the lender's whole ledger elsewhere."""
    found = check(facts, site_book(), on=on).refusals
    rows = found.filter(pl.col("id") == loan_id, pl.col("code") != _BREAKER)
    return tuple(
        Against(
            row["code"],
            tuple(row["clauses"]),
            json.loads(row["facts"]),
            bool(row["in_principle"]),
            row["arose"],
        )
        for row in rows.iter_rows(named=True)
    )


def refuse_hard(found: tuple[Against, ...], *, code: str = "core_refuses", field: str = "") -> None:
    """Refuse what no exception can admit; what holds “in principle” was approved with the application."""
    hard = [one for one in found if not one.in_principle]
    if hard:
        first = hard[0]
        facts = {"why": first.code, "why_zh": first.words()[0], "why_en": first.words()[1]}
        more = {
            name: value for name, value in first.facts.items() if name not in {"borrower", "household_id"}
        }
        raise Refused(code, clauses=first.clauses, field=field, **facts, **more)
