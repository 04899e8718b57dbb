"""Applications at a lender whose new loans stand suspended: the breaker's state on the day they are judged."""

from __future__ import annotations

import polars as pl

from bangfu.engine.admission.context import AdmissionContext
from bangfu.engine.breaker import breaker_states, state_before
from bangfu.engine.findings import SCHEMA, findings
from bangfu.rules.breaker.rule import SUSPENDED


def suspended(context: AdmissionContext) -> pl.DataFrame:
    """Findings ``lent_while_suspended`` on applications; signed loans are the audit's, by their disbursement."""
    asked = context.cases.filter("application", pl.col("stack_no").is_not_null()).select(
        "loan_id",
        "lender",
        "branch",
        "product",
        "area_code",
        "kind",
        pl.col("contract_on").alias("judged_on"),
    )
    if asked.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    signed = {
        **context.facts.tables,
        "loans": context.facts.loans.filter(pl.col("contract_on").is_not_null()),
    }
    states = breaker_states(type(context.facts)(signed), context.book, as_of=context.on)
    if states.filter(pl.col("state") == SUSPENDED).is_empty():
        return pl.DataFrame(schema=SCHEMA)
    told = state_before(asked, states, on="judged_on").filter(pl.col("state") == SUSPENDED)
    shown = ("lender", "branch", "product", "judged_on", "since", "evaluated_on", "npl_percent_e8")
    return findings(
        told.with_columns(pl.col("branch").replace("", None)),
        code="lent_while_suspended",
        table="loans",
        subject="loan_id",
        clauses=pl.col("clauses"),
        facts=(*shown, "overdue_percent_e8", "threshold_e8"),
    )
