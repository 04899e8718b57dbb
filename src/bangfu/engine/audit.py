"""The audit: every check in the order of the register, what was found, and what could not be looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from bangfu.engine.admission import admission_context, admission_findings
from bangfu.engine.audit_context import AuditContext, audit_context
from bangfu.engine.audit_money import OF_INTEREST, OF_POLICY, OF_SUBSIDIES, money_findings
from bangfu.engine.detectors.compensation import compensated_before_grace, recovered_not_returned_in_time
from bangfu.engine.detectors.fund import fund_below_floor
from bangfu.engine.detectors.identity import bad_id_number, duplicate_identity
from bangfu.engine.detectors.insurance import insurance_claim_unpaid, insurance_gap
from bangfu.engine.detectors.lending import lends_to_everyone, lent_while_suspended
from bangfu.engine.detectors.ordinary import should_have_had_programme_loan
from bangfu.engine.detectors.outliers import household_count_anomaly, overdue_outlier
from bangfu.engine.detectors.payees import shared_payee_cluster, used_by_enterprise
from bangfu.engine.detectors.reminders import reminder_missed
from bangfu.engine.detectors.subsidies import subsidised_twice, subsidy_not_returned
from bangfu.engine.findings import gathered
from bangfu.facts import Facts, Problem
from bangfu.facts.at_once import at_once
from bangfu.policy import PolicyBook


@dataclass(frozen=True, slots=True)
class Detector:
    """One check: the codes it may raise, the tables without which it cannot look, and what it runs."""

    codes: tuple[str, ...]
    needs: tuple[str, ...]
    run: Callable[[AuditContext], pl.DataFrame]


# Every check, in the order it runs. ``households``, ``loans`` and ``events`` are always there.
REGISTER: tuple[Detector, ...] = (
    Detector(("used_by_enterprise",), ("transfers",), used_by_enterprise),
    Detector(("lent_while_suspended",), (), lent_while_suspended),
    Detector(("subsidy_not_returned",), ("subsidies",), subsidy_not_returned),
    Detector(("subsidised_twice",), ("subsidies", "other_subsidies"), subsidised_twice),
    Detector(
        ("should_have_had_programme_loan",),
        ("ordinary_loans", "roster", "members"),
        should_have_had_programme_loan,
    ),
    Detector(("insurance_gap",), ("insurance", "members"), insurance_gap),
    Detector(("insurance_claim_unpaid",), ("insurance_events", "members"), insurance_claim_unpaid),
    Detector(("reminder_missed",), (), reminder_missed),
    Detector(("compensated_before_grace",), (), compensated_before_grace),
    Detector(
        ("calendar_not_published", "recovered_not_returned_in_time"), (), recovered_not_returned_in_time
    ),
    Detector(("fund_below_floor",), ("fund",), fund_below_floor),
    Detector(("overdue_outlier",), (), overdue_outlier),
    Detector(("household_count_anomaly",), (), household_count_anomaly),
    Detector(("lends_to_everyone",), ("roster",), lends_to_everyone),
    Detector(("shared_payee_cluster",), ("transfers",), shared_payee_cluster),
    Detector(("duplicate_identity",), ("members",), duplicate_identity),
    Detector(("bad_id_number",), ("members",), bad_id_number),
)


@dataclass(frozen=True, slots=True)
class NotRun:
    """A check that could not look, with the codes it would have raised and the tables that are missing."""

    codes: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    Attributes:
        as_of: The day; states are those at its end.
        findings: ``bangfu.engine.findings.SCHEMA``, in the register's order of precedence, then by subject.
        summary: code, count, amount_fen: one row a code that was found, in the same order.
        not_run: Checks that could not look; they are never passed.
        warnings: What was odd in the files and read nevertheless.
    """

    as_of: date
    findings: pl.DataFrame
    summary: pl.DataFrame
    not_run: tuple[NotRun, ...]
    warnings: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON shape of design §12."""
        return {
            "as_of": self.as_of.isoformat(),
            "findings": [
                {
                    "code": row["code"],
                    "clauses": row["clauses"],
                    "subject": {"table": row["table"], "id": row["id"]},
                    "amount_fen": row["amount_fen"],
                    "facts": json.loads(row["facts"]),
                }
                for row in self.findings.iter_rows(named=True)
            ],
            "summary": {
                row["code"]: {"count": row["count"], "amount_fen": row["amount_fen"]}
                for row in self.summary.iter_rows(named=True)
            },
            "not_run": [{"codes": list(one.codes), "missing": list(one.missing)} for one in self.not_run],
        }


def audit(
    facts: Facts,
    book: PolicyBook,
    *,
    as_of: date,
    register: tuple[Detector, ...] = REGISTER,
    progress: Callable[[str], None] | None = None,
) -> AuditResult:
    """Run every check of the register.

    Args:
        facts: What is known; what happened after ``as_of`` is not looked at.
        book: The packs.
        as_of: The day of the audit.
        register: The checks.
        progress: Told the codes of each check before it starts; several run side by side.
    """
    context = audit_context(facts, book, as_of=as_of)
    not_run: list[NotRun] = []
    looking: list[tuple[str, Callable[[], pl.DataFrame]]] = [("admission", partial(_admission, context))]
    for detector in register:
        missing = tuple(table for table in detector.needs if table in facts.missing)
        if missing:
            not_run.append(NotRun(detector.codes, missing))
        else:
            looking.append((" ".join(detector.codes), partial(detector.run, context)))

    def look(check: tuple[str, Callable[[], pl.DataFrame]]) -> pl.DataFrame:
        if progress is not None:
            progress(check[0])
        return check[1]()

    parts = at_once(look, looking)
    if progress is not None:
        progress(" ".join((*OF_INTEREST, *OF_SUBSIDIES, *OF_POLICY)))
    parts += money_findings(context, gathered(parts))
    if "subsidies" in facts.missing:
        not_run.append(NotRun(OF_SUBSIDIES, ("subsidies",)))
    found = gathered(parts).unique(["code", "table", "id", "facts"], maintain_order=True)
    return AuditResult(as_of, found, summary_of(found), tuple(not_run), facts.warnings)


def _admission(context: AuditContext) -> pl.DataFrame:
    return admission_findings(
        admission_context(context.facts, context.book, on=context.as_of, stacked=context.stacked)
    )


def summary_of(found: pl.DataFrame) -> pl.DataFrame:
    """Count and amount of each code, in the order of the findings."""
    return found.group_by("code", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("count"), pl.col("amount_fen").sum()
    )
