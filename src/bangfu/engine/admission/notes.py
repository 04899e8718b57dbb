"""What a decision carries besides refusals: warnings with or without a clause, and what could not be judged."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bangfu.engine.admission.context import AdmissionContext
from bangfu.engine.admission.judge import Prepared
from bangfu.engine.admission.terms import clause_column
from bangfu.engine.findings import people_column
from bangfu.engine.ledger import balances
from bangfu.engine.ruled import ruled
from bangfu.rules.guarantee.rule import RULE as GUARANTEE
from bangfu.rules.use.rule import RULE as USE

NOTES = pl.Schema(
    {"loan_id": pl.String(), "name": pl.String(), "clauses": pl.List(pl.String()), "facts": pl.String()}
)
NOT_JUDGED = pl.Schema({"loan_id": pl.String(), "code": pl.String(), "missing": pl.String()})
_RECALL = "borrower.recall_after"
_NO_CLAUSE = pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first()


def notes(context: AdmissionContext, ready: Prepared) -> pl.DataFrame:
    """Warnings: loan_id, name, clauses (empty where no clause speaks), facts (JSON)."""
    cases = ready.cases
    gaps = context.stacked.warnings.rename({"code": "name"})
    charged = ruled(_shown(cases, GUARANTEE.reads, "first_fee_on"), GUARANTEE).filter("charge_observed")
    used = ruled(_shown(cases, USE.reads, "contract_on"), USE).filter("enterprise_ledger")
    clauses = context.terms.select("stack_no", pl.col(clause_column("use.by_enterprise")).alias("clauses"))
    undated = context.facts.loans.filter(pl.col("applied_on").is_null(), pl.col("contract_on").is_not_null())
    parts = [
        gaps,
        _noted(charged.with_columns(clauses=_NO_CLAUSE), "charge_observed", "fees_fen", "first_fee_on"),
        _noted(
            used.join(clauses, on="stack_no", how="left"),
            "enterprise_ledger",
            "purpose",
            "to_enterprises_fen",
            "to_vehicles_fen",
            "contract_on",
        ),
        *_left_since(context, cases),
        _noted(undated.with_columns(clauses=_NO_CLAUSE), "aged_on_contract_day", "contract_on"),
    ]
    return pl.concat([part.select(NOTES.keys()).cast(NOTES) for part in parts])


def _shown(cases: pl.DataFrame, reads: Mapping[str, object], *extra: str) -> pl.DataFrame:
    return cases.select("loan_id", "stack_no", *dict.fromkeys([*reads, *extra]))


def _noted(rows: pl.DataFrame, name: str, *facts: str) -> pl.DataFrame:
    told = pl.struct(people_column(fact, rows.schema[fact]) for fact in facts).struct.json_encode()
    return rows.select("loan_id", pl.lit(name).alias("name"), "clauses", told.alias("facts"))


def _left_since(context: AdmissionContext, cases: pl.DataFrame) -> list[pl.DataFrame]:
    """Households that left the roster while the loan runs: the reason decides (decision 23)."""
    left = context.facts.roster.filter(pl.col("left_on") <= context.on).select(
        "household_id", "category", "left_on", "left_reason"
    )
    signed = cases.filter(~pl.col("application")).select("loan_id", "household_id", "stack_no", "contract_on")
    since = signed.join(left, on="household_id").filter(pl.col("left_on") > pl.col("contract_on"))
    owing = balances(since.select("loan_id").unique(), context.facts.events, at=pl.lit(context.on, pl.Date))
    running = since.join(owing.filter(pl.col("balance_fen") > 0), on="loan_id").sort("loan_id", "left_on")
    told = context.stacked.attach(running, [_RECALL], on="left_on")
    reasons = pl.col("borrower_recall_after")
    recalled = told.filter(reasons.list.contains(pl.col("left_reason")).fill_null(value=False)).with_columns(
        pl.col(clause_column(_RECALL)).alias("clauses")
    )
    unexplained = told.filter(pl.col("left_reason").is_null()).with_columns(clauses=_NO_CLAUSE)
    return [
        _noted(recalled, "recall_or_convert", "category", "left_on", "left_reason"),
        _noted(unexplained, "left_without_reason", "category", "left_on"),
    ]


def not_judged(ready: Prepared) -> pl.DataFrame:
    """What the facts or the policy do not say, so that a check could not be made: loan_id, code, missing."""
    cases = ready.cases
    asked: list[tuple[str, str, pl.Expr]] = [
        (
            "age_out_of_range",
            "borrower_id_number",
            pl.col("born_on").is_null() & pl.col("age_min").is_not_null(),
        ),
        ("borrower_not_in_household", "borrower_id_number", pl.col("borrower_id_number").is_null()),
        (
            "no_labour_force",
            "labour_count",
            pl.col("borrower_labour_required").fill_null(value=False)
            & pl.col("labour_count").is_null()
            & pl.col("some_member_able").is_null(),
        ),
        ("over_household_cap", "amount.household_cap", pl.col("amount_household_cap_fen").is_null()),
        ("term_too_long", "matures_on", pl.col("matures_on").is_null()),
        ("rate_above_ceiling", "rate", pl.col("rate_e8").is_null() & pl.col("ceiling_set")),
        (
            "rate_above_ceiling",
            "rate.local",
            pl.col("by_local").fill_null(value=False) & pl.col("ceiling_e8").is_null(),
        ),
        (
            "rate_above_ceiling",
            "rate.ceiling for this term",
            pl.col("ceiling_set") & pl.col("by_local").is_null() & pl.col("rate_e8").is_not_null(),
        ),
        (
            "guarantee_taken",
            "guarantee",
            pl.col("guarantee").is_null() & pl.col("guarantee_allowed").is_not_null(),
        ),
        ("purpose_forbidden", "purpose", pl.col("purpose").is_null()),
    ]
    parts = [
        cases.filter(when).select("loan_id", pl.lit(code).alias("code"), pl.lit(missing).alias("missing"))
        for code, missing, when in asked
    ]
    return pl.concat([part.cast(NOT_JUDGED) for part in parts])
