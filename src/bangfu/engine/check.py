"""check: decide applications and loans, each with the clauses it rests on.

A loan is judged as on its contract day, an application as on the day asked. What happened to a loan afterwards, up to
the day asked (a second extension, a fee, a change of rate), is among its refusals too and is marked ``later``:
``outcome_at_signing`` leaves it aside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from bangfu.engine.admission.attest import to_attest
from bangfu.engine.admission.context import AdmissionContext, admission_context
from bangfu.engine.admission.explain import steps_of
from bangfu.engine.admission.judge import JUDGED_SCHEMA, SIGNING, Prepared, judged, prepared
from bangfu.engine.admission.notes import not_judged, notes
from bangfu.facts import Facts
from bangfu.policy import VOCABULARY, PolicyBook, Stack
from bangfu.refusals import CODES, NOTICES, PRECEDENCE

ADMITTED, REFUSED, NEEDS_EXCEPTION = "admitted", "refused", "needs_exception"
# The rules that admission runs, as the vocabulary names them.
RULES = frozenset({"eligibility", "limits", "term", "rate", "guarantee", "use", "age", "renewal"})
# The checks that cannot be made without a table, and so are never passed.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "roster": ("not_on_roster", "wrongly_listed", "category_not_admitted"),
    "members": ("borrower_not_in_household",),
    "transfers": ("used_by_enterprise",),
}


@dataclass(frozen=True)
class CheckResult:
    """The decisions.

    Attributes:
        on: The day applications are judged.
        decisions: loan_id, application, judged_on, stack_no, outcome, outcome_at_signing; in the file's order.
        refusals: Findings with in_principle and arose (``signing`` or ``later``), in the order of precedence.
        notes: Warnings: loan_id, name, clauses, facts.
        not_judged: What could not be judged: loan_id, code, missing.
        not_run: Tables that are missing, with the codes that could not be looked for.
        stacks: The policies by stack_no.
    """

    on: date
    decisions: pl.DataFrame
    refusals: pl.DataFrame
    notes: pl.DataFrame
    not_judged: pl.DataFrame
    not_run: Mapping[str, tuple[str, ...]]
    stacks: tuple[Stack, ...]
    _context: AdmissionContext = field(repr=False, compare=False)
    _ready: Prepared = field(repr=False, compare=False)

    @property
    def refused(self) -> int:
        """How many are refused or need an exception."""
        return self.decisions.filter(pl.col("outcome") != ADMITTED).height

    def steps(self, loan_id: str) -> list[dict[str, Any]]:
        """Every step of every rule for one loan: rule, name, value, unit, zh, en, clauses."""
        return steps_of(self._context, self._ready, loan_id)

    def policy(self, stack_no: int) -> dict[str, Any]:
        """A stack for JSON: packs with hashes, what it does not regulate, what is to be attested."""
        stack = self.stacks[stack_no]
        return {
            "id": stack.id,
            "packs": [{"id": pack, "hash": digest} for pack, digest in stack.pinned],
            "not_regulated": not_regulated(stack),
            "to_attest": to_attest(stack),
        }

    def as_json(self) -> dict[str, Any]:
        """The JSON shape of design §12; applications carry what is to be attested, all else is under ``policies``."""
        refusals = _by_loan(self.refusals.rename({"id": "loan_id"}), _refusal)
        warnings = _by_loan(self.notes, _note)
        open_points = _by_loan(self.not_judged, lambda row: {"code": row["code"], "missing": row["missing"]})
        used = self.decisions["stack_no"].drop_nulls().unique().sort().to_list()
        policies = {self.stacks[number].key: self.policy(number) for number in used}
        decisions = []
        for row in self.decisions.iter_rows(named=True):
            loan_id, key = row["loan_id"], None
            if row["stack_no"] is not None:
                key = self.stacks[row["stack_no"]].key
            told = {
                "loan_id": loan_id,
                "outcome": row["outcome"],
                "refusals": refusals.get(loan_id, []),
                "outcome_at_signing": row["outcome_at_signing"],
                "application": row["application"],
                "judged_on": row["judged_on"].isoformat(),
                "policy": key,
                "warnings": warnings.get(loan_id, []),
                "not_judged": open_points.get(loan_id, []),
            }
            if row["application"] and key is not None:
                told |= {name: policies[key][name] for name in ("not_regulated", "to_attest")}
            decisions.append(told)
        not_run = [{"table": table, "codes": list(codes)} for table, codes in self.not_run.items()]
        return {"on": self.on.isoformat(), "decisions": decisions, "policies": policies, "not_run": not_run}


def check(
    facts: Facts,
    book: PolicyBook,
    *,
    on: date,
    place: str | None = None,
    also: pl.DataFrame | None = None,
) -> CheckResult:
    """Decide every loan and application of the facts.

    Args:
        facts: All tables.
        book: The packs.
        on: The day applications are judged, and up to which the ledger is read.
        place: Judge all under the policy of this place instead of each loan's own.
        also: Findings on loans that others made, to count in (those of the breaker: ``bangfu.engine.decide``).
    """
    context = admission_context(facts, book, on=on, place=place)
    ready = prepared(context)
    found = judged(context, ready)
    if also is not None:
        marks = (pl.lit(value=False).alias("in_principle"), pl.lit(SIGNING).alias("arose"))
        mine = also.filter(pl.col("table") == "loans").with_columns(*marks)
        found = pl.concat([found, mine.select(JUDGED_SCHEMA.keys())])
    ranked = found.with_columns(
        pl.col("code").replace_strict(dict(PRECEDENCE), return_dtype=pl.Int64).alias("_order")
    ).sort("id", "_order", "facts", maintain_order=True)
    return CheckResult(
        on=on,
        decisions=_decided(context, found),
        refusals=ranked.drop("_order"),
        notes=notes(context, ready),
        not_judged=not_judged(ready),
        not_run={table: codes for table, codes in NEEDS.items() if table in facts.missing},
        stacks=tuple(context.stacked.stacks),
        _context=context,
        _ready=ready,
    )


def not_regulated(stack: Stack) -> list[str]:
    """The terms admission would read that no document of the stack sets: no such restriction."""
    return [
        name
        for name, term in VOCABULARY.items()
        if term.read_by in RULES and not term.needed and stack.look(name, stack.signed_on) is None
    ]


def _decided(context: AdmissionContext, found: pl.DataFrame) -> pl.DataFrame:
    hard = ~pl.col("in_principle")
    signing = pl.col("arose") == SIGNING
    sums = found.group_by(pl.col("id").alias("loan_id")).agg(
        hard.any().alias("_hard"),
        (~hard).any().alias("_soft"),
        (hard & signing).any().alias("_hard_then"),
        (~hard & signing).any().alias("_soft_then"),
    )
    joined = context.cases.select(
        "loan_id", "application", pl.col("contract_on").alias("judged_on"), "stack_no"
    ).join(sums, on="loan_id", how="left", maintain_order="left")
    return joined.select(
        "loan_id",
        "application",
        "judged_on",
        "stack_no",
        _outcome("_hard", "_soft").alias("outcome"),
        _outcome("_hard_then", "_soft_then").alias("outcome_at_signing"),
    )


def _outcome(hard: str, soft: str) -> pl.Expr:
    refused = pl.when(pl.col(hard).fill_null(value=False)).then(pl.lit(REFUSED))
    excepted = refused.when(pl.col(soft).fill_null(value=False)).then(pl.lit(NEEDS_EXCEPTION))
    return excepted.otherwise(pl.lit(ADMITTED))


def _refusal(row: Mapping[str, Any]) -> dict[str, Any]:
    code = CODES[row["code"]]
    return {
        "code": row["code"],
        "clauses": row["clauses"],
        "facts": json.loads(row["facts"]),
        "in_principle": row["in_principle"],
        "arose": row["arose"],
        "amount_fen": row["amount_fen"],
        "zh": code.zh,
        "en": code.en,
    }


def _note(row: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = NOTICES[row["name"]]
    return {
        "name": row["name"],
        "clauses": row["clauses"],
        "facts": json.loads(row["facts"]),
        "zh": zh,
        "en": en,
    }


def _by_loan(rows: pl.DataFrame, shaped: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["loan_id"], []).append(shaped(row))
    return found
