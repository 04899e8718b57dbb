"""The steps of one loan through the admission rules: an explanation is nothing but the step columns."""

from __future__ import annotations

from typing import Any

import polars as pl

from bangfu.engine.admission.context import AdmissionContext
from bangfu.engine.admission.judge import CASE_RULES, Prepared
from bangfu.engine.ruled import ruled
from bangfu.policy import VOCABULARY
from bangfu.rules.renewal.rule import RULE as RENEWAL
from bangfu.rules.steps import Rule


def steps_of(context: AdmissionContext, ready: Prepared, loan_id: str) -> list[dict[str, Any]]:
    """Every step: rule, name, value (fen, 1e-8, days, ISO dates, …), unit, zh, en, clauses.

    A loan no policy covers has none. A renewal and each extension of a loan has its own run of the renewal rule.
    """
    told: list[dict[str, Any]] = []
    for rule in CASE_RULES:
        told += _told(context, rule, _steps(ready, rule, ready.cases, loan_id, by="stack_no"), by="stack_no")
    acts = _steps(ready, RENEWAL, ready.acts, loan_id, by="act_stack_no")
    return told + _told(context, RENEWAL, acts, by="act_stack_no")


def _steps(ready: Prepared, rule: Rule, frame: pl.DataFrame, loan_id: str, *, by: str) -> pl.DataFrame:
    """The loan's rows with the steps of a rule: as they ran, where that was kept."""
    its = pl.col("loan_id") == loan_id
    if rule.name in ready.ran:
        return ready.ran[rule.name].filter(its)
    rows = frame.filter(its)
    return (
        rows
        if rows.is_empty()
        else ruled(rows.select(by, *(name for name in rule.reads if name != by)), rule)
    )


def _told(context: AdmissionContext, rule: Rule, rows: pl.DataFrame, *, by: str) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule.name,
            "name": step.name,
            "value": row[step.name].isoformat() if step.unit == "day" and row[step.name] else row[step.name],
            "unit": step.unit,
            "zh": step.zh,
            "en": step.en,
            "clauses": _clauses(context, step.basis, row[by]),
        }
        for row in rows.iter_rows(named=True)
        for step in rule.steps
    ]


def _clauses(context: AdmissionContext, basis: tuple[str, ...], stack_no: int | None) -> list[str]:
    """The clauses behind a step: those that set its terms in the stack, and its fixed citations."""
    found: list[str] = []
    for name in basis:
        if name not in VOCABULARY:
            found.append(name)
        elif stack_no is not None:
            stack = context.stacked.stacks[stack_no]
            said = stack.look(name, stack.signed_on)
            found += () if said is None else said.clauses
    return list(dict.fromkeys(found))
