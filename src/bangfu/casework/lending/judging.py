"""The core's own check of a contract: as an application on a day, with all the household owes at every bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from bangfu.casework.as_facts.api import facts_of_household
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.engine.check import check
from bangfu.engine.decide import decide
from bangfu.facts import TABLES, Facts
from bangfu.money.days import add_months_clamped
from bangfu.refusals import CODES

__all__ = ["CAPS", "Against", "WhatIf", "against", "asked", "refuse_hard", "what_if"]

# What is looked at once more when money goes out: another loan may have come since the approval.
CAPS = frozenset({"over_household_cap", "several_loans_in_household"})
_BREAKER = "lent_while_suspended"
_PERSONAL = frozenset({"borrower", "household_id"})


@dataclass(frozen=True)
class Against:
    """One thing the policy has against a contract."""

    code: str
    clauses: tuple[str, ...]
    facts: Mapping[str, Any]
    in_principle: bool
    arose: str

    @property
    def words(self) -> Words:
        """What it is called."""
        return Words(CODES[self.code].zh, CODES[self.code].en)

    def told(self) -> dict[str, Any]:
        """What a refusal says of it: why, in both languages, and its facts without the person's."""
        shown = {name: value for name, value in self.facts.items() if name not in _PERSONAL}
        return {"why": self.code, "why_zh": self.words.zh, "why_en": self.words.en, **shown}


def asked(household_id: str, row: Mapping[str, Any], *, without: str = "") -> Facts:
    """The household's facts with one loan more, as an application.

    Args:
        household_id: The household.
        row: The columns of the core's loans, but ``contract_on``.
        without: A loan of the database that the row stands for.
    """
    return _with_loan(facts_of_household(household_id), row, without=without)


def _with_loan(facts: Facts, row: Mapping[str, Any], *, without: str = "") -> Facts:
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


def refuse_hard(found: tuple[Against, ...], *, excepted: tuple[str, ...] = ()) -> None:
    """Refuse what no exception can admit, and what holds “in principle” without an approved exception.

    Raises:
        Refused: ``core_refuses`` or ``exception_needed``, with the first rule's clauses and facts.
    """
    stopping = [one for one in found if not (one.in_principle and one.code in excepted)]
    if stopping:
        first = next((one for one in stopping if not one.in_principle), stopping[0])
        code = "exception_needed" if first.in_principle else "core_refuses"
        raise Refused(code, clauses=first.clauses, **first.told())


@dataclass(frozen=True)
class WhatIf:
    """A loan that somebody thinks of; amounts in fen, the rate in 1e-8."""

    household_id: str
    product: str
    amount_fen: int
    term_months: int
    purpose: str
    rate_e8: int | None = None
    kind: str = "new"
    parent_loan_id: str = ""
    member_id: str = ""
    lender: str = ""
    branch: str = ""


def what_if(*, actor: Actor, asked_for: WhatIf, on: date | None = None) -> dict[str, Any]:
    """What the core would decide of a loan to a household in scope, with every clause; nothing is kept.

    Returns:
        The decision and its policy in the JSON shape of ``check``.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``.
    """
    people.require(actor, "household.read")
    day = on or actor.on
    village = _village(asked_for.household_id, day)
    facts = facts_of_household(asked_for.household_id)
    row = {
        **asked_for.__dict__, "loan_id": "what-if", "area_code": village, "applied_on": day,
        "principal_fen": asked_for.amount_fen, "matures_on": add_months_clamped(day, asked_for.term_months),
        "guarantee": "none", "borrower_id_number": _number(facts, asked_for.member_id),
    }  # fmt: skip
    plain = {name: value if value != "" else None for name, value in row.items()}
    told = decide(_with_loan(facts, plain), site_book(), on=day).as_json()
    (mine,) = [one for one in told["decisions"] if one["loan_id"] == "what-if"]
    return {"on": told["on"], "decision": mine, "policy": told["policies"].get(mine["policy"])}


def _village(household_id: str, on: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select scope_area from casework_household where household_id = %s and upper_inf(recorded)"
            " and valid @> %s::date",
            [household_id, on],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused("not_in_scope", field="household_id")
    return str(found[0])


def _number(facts: Facts, member_id: str) -> str | None:
    """The ID number of the member who would borrow; the only one's where none is named."""
    members = facts.members.filter(pl.col("member_id") == member_id) if member_id else facts.members
    if member_id and members.is_empty():
        raise Refused("bad_field", field="member_id")
    return members["id_number"][0] if members.height == 1 else None
