"""Read a county's folder and audit it by every detector, with the county's own packs."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from bangfu.engine.audit import REGISTER, Detector, audit
from bangfu.engine.audit_context import AuditContext
from bangfu.facts import read_facts
from bangfu.policy import load_book

AS_OF = date(2026, 6, 30)


def _timed(detector: Detector, lasted: dict[str, float], context: AuditContext) -> pl.DataFrame:
    clock = time.perf_counter()
    found = detector.run(context)
    lasted[detector.codes[-1]] = time.perf_counter() - clock
    return found


def run(folder: Path) -> dict[str, object]:
    """Seconds of the reading, of the audit, of each detector and of the money checks; how much was found."""
    book = load_book([folder / "packs"])
    clock = time.perf_counter()
    facts = read_facts(folder)
    read = time.perf_counter() - clock
    lasted: dict[str, float] = {}
    register = tuple(replace(one, run=partial(_timed, one, lasted)) for one in REGISTER)
    told: list[float] = []  # when each check began; the money checks are the last
    clock = time.perf_counter()
    found = audit(
        facts, book, as_of=AS_OF, register=register, progress=lambda _: told.append(time.perf_counter())
    )
    ended = time.perf_counter()
    return {
        "read_seconds": read,
        "audit_seconds": ended - clock,
        "checks": {**lasted, "interest and subsidies": ended - told[-1]},
        "findings": found.findings.height,
    }
