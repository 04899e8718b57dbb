"""The monitor: ratios and breaker by lender and area, tolerance, reminders, fund, exposure, alarms, as of a day.

Areas stand in the order of their codes; nothing is ranked by lending, balance or coverage (CN2026-4.1).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from bangfu.engine.audit_context import AuditContext, audit_context
from bangfu.engine.breaker import breaker_states
from bangfu.engine.detectors.fund import fund_adequacy, injections
from bangfu.engine.detectors.outliers import household_count_anomaly, overdue_outlier
from bangfu.engine.detectors.reminders import reminders_not_given
from bangfu.engine.findings import findings, gathered, people_column
from bangfu.engine.monitor_parts import (
    FELL,
    classes_lowered_at_renewal,
    exposure,
    now_with_falls,
    overdue_growth,
    tolerances,
)
from bangfu.facts import Facts
from bangfu.policy import PolicyBook

REMIND_AHEAD_DAYS = 7  # ours: reminders are listed a week before their last day
ALARM_MONTHS = 12  # ours: older swings of household counts are the audit's
GROWTH_ORDERED = ("CN2026-4.3", "CN2021-3.2")


@dataclass(frozen=True)
class MonitorResult:
    """What the monitor shows as of a day; frames in fen and 1e-8, sorted by area, lender, branch, product.

    Attributes:
        as_of: The day; states are those at its end.
        ratios: One row a breaker group, see ``breaker_states``, with how the ratio fell.
        history: Every evaluation of every group.
        tolerance: Each lender's ratio against what is not held against it.
        reminders: loan_id, household_id, lender, matures_on, how, remind_by, missed, balance_fen, clauses.
        anomalies: kind, clauses, table, id, amount_fen, facts.
        fund: Each county's fund against its floor; None where the table was not given.
        injections: Each county's yearly injection; None where fund or budgets were not given.
        exposure: Live loans by regime and source of money.
        not_run: What could not be looked at, with the table that is missing.
    """

    as_of: date
    ratios: pl.DataFrame
    history: pl.DataFrame
    tolerance: pl.DataFrame
    reminders: pl.DataFrame
    anomalies: pl.DataFrame
    fund: pl.DataFrame | None
    injections: pl.DataFrame | None
    exposure: pl.DataFrame
    not_run: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON shape of design §12, with more keys."""
        return {
            "as_of": self.as_of.isoformat(),
            "ratios": [_ratio_row(row) for row in _people(self.ratios).iter_rows(named=True)],
            "tolerance": _rows(self.tolerance),
            "reminders": _rows(self.reminders),
            "anomalies": [
                {**row, "facts": json.loads(row["facts"])} for row in self.anomalies.iter_rows(named=True)
            ],
            "fund": None if self.fund is None else _rows(self.fund),
            "injections": None if self.injections is None else _rows(self.injections),
            "exposure": _rows(self.exposure),
            "not_run": [{"part": part, "missing": table} for part, table in self.not_run],
        }


def monitor(facts: Facts, book: PolicyBook, *, as_of: date) -> MonitorResult:
    """Look at everything as of a day.

    Args:
        facts: What is known; what happened after ``as_of`` is not looked at.
        book: The packs.
        as_of: The day; the breaker is evaluated on each month end and on it.

    Raises:
        ValueError: A lender's balance is beyond the rule's bound.
    """
    context = audit_context(facts, book, as_of=as_of)
    history = breaker_states(context.facts, book, as_of=as_of, moves=context.moves)
    ratios = now_with_falls(history).sort("area_code", "lender", "branch", "product", nulls_last=False)
    not_run = [(part, table) for part, table in _NEEDS if table in facts.missing]
    missing = {part for part, _ in not_run}
    return MonitorResult(
        as_of=as_of,
        ratios=ratios,
        history=history,
        tolerance=tolerances(context, ratios),
        reminders=reminders_due(context),
        anomalies=anomalies(context),
        fund=None if "fund" in missing else fund_adequacy(context),
        injections=None if "injections" in missing else injections(context),
        exposure=exposure(context),
        not_run=tuple(not_run),
    )


_NEEDS = (("fund", "fund"), ("injections", "fund"), ("injections", "budgets"), ("tolerance", "lenders"))


def reminders_due(context: AuditContext) -> pl.DataFrame:
    """Reminders that nobody has given, of live loans not yet due, whose last day is over or comes within a week."""
    asked = reminders_not_given(context, days_ahead=REMIND_AHEAD_DAYS)
    live = context.states.filter(pl.col("balance_fen") > 0).select(
        "loan_id", "household_id", "lender", "branch", "maturity_on"
    )
    return (
        asked.join(live, on="loan_id")
        .filter(pl.col("matures_on") == pl.col("maturity_on"), pl.col("matures_on") >= context.as_of)
        .select(
            "loan_id", "household_id", "lender", "branch", "matures_on", "how", "remind_by", "missed",
            "balance_fen", "clauses",
        )
        .sort("remind_by", "loan_id", "how")
    )  # fmt: skip


def anomalies(context: AuditContext) -> pl.DataFrame:
    """Alarms: kind, clauses, table, id, amount_fen, facts."""
    grown = overdue_growth(context).with_columns(kind=pl.lit("overdue_growth"))
    lowered = classes_lowered_at_renewal(context)
    since = pl.select(pl.lit(context.as_of).dt.offset_by(f"-{ALARM_MONTHS}mo")).item().isoformat()
    counts = household_count_anomaly(context)
    recent = counts.filter(pl.col("facts").str.json_path_match("$.on") >= since)
    found = gathered([overdue_outlier(context), recent]).rename({"code": "kind"})
    alarms = [
        _alarms(grown, "overdue_growth", "areas", "area_code", GROWTH_ORDERED,
                ("overdue_loans", "overdue_fen", "balance_fen", "overdue_percent_e8", "before_on", "before_percent_e8",
                 "growth_e8", "least_overdue_loans", "least_growth_e8", "least_times_percent")),
        _alarms(lowered, "class_lowered_at_renewal", "loans", "loan_id", pl.col("clauses"),
                ("parent_loan_id", "contract_on", "risk_class", "parent_class")),
    ]  # fmt: skip
    return pl.concat([found, *alarms]).sort("kind", "table", "id", "facts")


def _alarms(
    frame: pl.DataFrame,
    kind: str,
    table: str,
    subject: str,
    clauses: pl.Expr | Sequence[str],
    facts: Sequence[str],
) -> pl.DataFrame:
    """Alarms that are no findings, in the shape of findings; the code stands for the shape only."""
    shaped = findings(
        frame, code="overdue_outlier", table=table, subject=subject, clauses=clauses, facts=facts,
        amount="overdue_fen" if "overdue_fen" in frame.columns else None,
    )  # fmt: skip
    return shaped.with_columns(pl.lit(kind).alias("code")).rename({"code": "kind"})


def _people(frame: pl.DataFrame) -> pl.DataFrame:
    """Rates as percent text and days in ISO; amounts stay fen under their own names."""
    return frame.select(
        pl.col(name) if name.endswith("_fen") else people_column(name, dtype)
        for name, dtype in frame.schema.items()
    )


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return _people(frame).to_dicts()


def _ratio_row(row: dict[str, Any]) -> dict[str, Any]:
    fell = {name.removeprefix("npl_"): row[name] for name in FELL}
    return {
        "lender": row["lender"],
        "branch": row["branch"],
        "product": row["product"],
        "area_code": row["area_code"],
        "balance_fen": row["balance_fen"],
        "npl_fen": row["npl_fen"],
        "npl_percent": row["npl_percent"],
        "overdue_fen": row["overdue_fen"],
        "overdue_percent": row["overdue_percent"],
        "breaker": {"state": row["state"], "since": row["since"], "clauses": row["clauses"]},
        "fell": {"since": row["fell_from"], **fell, "back_without_repayment": row["back_without_repayment"]},
    }
