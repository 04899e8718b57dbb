"""The money checks of an audit, after admission: they need to know which loans had no right to a subsidy."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.audit_interest import interest_findings
from bangfu.engine.audit_subsidy import right_findings, subsidy_findings
from bangfu.engine.findings import SCHEMA
from bangfu.engine.prepare import prepare

FIRST_DAY = date(1990, 1, 1)  # before any loan of the programme
OF_INTEREST = ("interest_overcharged", "interest_undercharged")
OF_POLICY = ("subsidy_undetermined", "subsidy_exceeds_rate")  # seen without a row having been paid
OF_SUBSIDIES = ("subsidy_overclaimed", "subsidy_underpaid", "subsidised_without_right")


def money_findings(context: AuditContext, found: pl.DataFrame) -> list[pl.DataFrame]:
    """Interest and subsidies held against what was due up to the day of the audit.

    ``found`` is what admission and the detectors found: some of it takes the right to a subsidy away.

    Without the table of subsidies only the interest is held; the codes of subsidies are then not run.
    """
    ready = prepare(context.facts, context.book, start=FIRST_DAY, end=context.as_of + timedelta(days=1))
    without, barred = right_findings(context, found)
    held, claimed = subsidy_findings(context, ready, barred)
    parts = [without, *held, *interest_findings(context, ready, claimed)]
    if "subsidies" in context.facts.missing:
        parts = [part.filter(~pl.col("code").is_in(OF_SUBSIDIES)) for part in parts]
    return [part.cast(SCHEMA) for part in parts]
