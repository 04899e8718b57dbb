"""Decisions with the breaker in them: what ``check`` finds, and whether lending stood suspended."""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.engine.breaker import breaker_states, lent_while_suspended, state_before
from bangfu.engine.check import CheckResult, check
from bangfu.engine.findings import findings, gathered
from bangfu.facts import Facts
from bangfu.policy import PolicyBook
from bangfu.rules.breaker.rule import SUSPENDED

SHOWN = ("lender", "branch", "product", "asked_on", "evaluated_on", "since", "npl_percent_e8", "threshold_e8")


def decide(facts: Facts, book: PolicyBook, *, on: date, place: str | None = None) -> CheckResult:
    """``check``, with the loans that were paid out and the applications that are asked for while lending is suspended.

    Args:
        facts: All tables.
        book: The packs.
        on: The day applications are judged, and up to which the ledger is read.
        place: Judge all under the policy of this place instead of each loan's own.
    """
    states = breaker_states(facts, book, as_of=on)
    lent = lent_while_suspended(facts, states, as_of=on)
    return check(
        facts, book, on=on, place=place, also=gathered([lent, asked_while_suspended(facts, states, on=on)])
    )


def asked_while_suspended(facts: Facts, states: pl.DataFrame, *, on: date) -> pl.DataFrame:
    """Findings: an application to a lender whose breaker stands suspended on the day."""
    asked = facts.loans.filter(pl.col("contract_on").is_null()).select(
        "loan_id", "lender", "branch", "product", "area_code", pl.lit(on).alias("asked_on")
    )
    told = state_before(asked, states, on="asked_on").filter(pl.col("state") == SUSPENDED)
    return findings(
        told,
        code="lent_while_suspended",
        table="loans",
        subject="loan_id",
        clauses=pl.col("clauses"),
        facts=SHOWN,
    )
