"""Loans that no clause covers: no policy, a needed term nobody sets, an index without a fixing."""

from __future__ import annotations

import json

import polars as pl

from bangfu.engine.admission.context import AdmissionContext
from bangfu.engine.admission.terms import CASE_TERMS, CITED_TERMS
from bangfu.engine.findings import SCHEMA
from bangfu.policy import VOCABULARY, Stack

# What admission needs; the subsidy says for itself what it lacks.
NEEDED = tuple(name for name in (*CITED_TERMS, *CASE_TERMS) if VOCABULARY[name].needed)
_SAID = pl.Schema({"stack_no": pl.Int64(), "clauses": pl.List(pl.String()), "facts": pl.String()})


def uncovered(context: AdmissionContext, cases: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Findings for what nothing covers: no_policy_for_place_and_day, term_not_set, rate_series_too_old."""
    parts = [
        context.stacked.refusals.rename({"loan_id": "id"}),
        _terms_not_set(context, cases),
        _fixings_refused(context, cases),
        _extensions_uncovered(acts),
    ]
    shaped = [
        part.with_columns(pl.lit("loans").alias("table"), pl.lit(None, pl.Int64).alias("amount_fen"))
        .select(SCHEMA.keys())
        .cast(SCHEMA)
        for part in parts
    ]
    return pl.concat(shaped)


def _terms_not_set(context: AdmissionContext, cases: pl.DataFrame) -> pl.DataFrame:
    rows: list[tuple[int, list[str], str]] = [
        (stack_no, [], _facts(stack, name))
        for stack_no, stack in enumerate(context.stacked.stacks)
        for name in NEEDED
        if stack.look(name, stack.signed_on) is None
    ]
    absent = pl.DataFrame(rows, schema=_SAID, orient="row")
    told = cases.select(pl.col("loan_id").alias("id"), "stack_no").join(absent, on="stack_no")
    return told.with_columns(pl.lit("term_not_set").alias("code"))


def _facts(stack: Stack, term: str) -> str:
    said = {"term": term, "product": stack.product, "policy": stack.id}
    return json.dumps(said, ensure_ascii=False)


def _fixings_refused(context: AdmissionContext, cases: pl.DataFrame) -> pl.DataFrame:
    refused = cases.filter(pl.col("fixing_code").is_not_null())
    stacks = context.stacked.stacks
    rows = []
    for stack_no in refused["stack_no"].unique().to_list():
        found = stacks[stack_no].look("rate.ceiling", stacks[stack_no].signed_on)
        rows.append((stack_no, [] if found is None else list(found.clauses)))
    clauses = pl.DataFrame(rows, schema={"stack_no": pl.Int64, "clauses": pl.List(pl.String)}, orient="row")
    return refused.join(clauses, on="stack_no", how="left").select(
        pl.col("fixing_code").alias("code"),
        "clauses",
        pl.col("loan_id").alias("id"),
        pl.col("fixing_facts").alias("facts"),
    )


def _extensions_uncovered(acts: pl.DataFrame) -> pl.DataFrame:
    """Extensions of loans that the policy of their day speaks of nowhere (decision 17; CN2026-2.3)."""
    found = acts.filter((pl.col("act") == "extension") & pl.col("uncovered_clauses").is_not_null())
    facts = pl.struct(
        pl.col("act_on").dt.to_string("%Y-%m-%d").alias("extended_on"),
        pl.col("product").alias("loan_product"),
        pl.col("act_product").alias("policy_product"),
    )
    return found.select(
        pl.lit("no_policy_for_place_and_day").alias("code"),
        pl.col("uncovered_clauses").alias("clauses"),
        pl.col("loan_id").alias("id"),
        facts.struct.json_encode().alias("facts"),
    )
