"""What an official waits for: the audit, a workbook, an explanation, the command's start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import ROOT, Run, Runs, child, emptied
from benchmarks.quarter import MILLION, Say
from benchmarks.table import Row, measured, seconds

AUDIT_SECONDS, AUDIT_MB = 60, 6_144
WORKBOOK_SECONDS, EXPLAIN_MS, HELP_SECONDS = 12, 20, 0.5
WORKBOOK_LOANS, SMALL, LARGE = 11_000, 3_000, 100_000
SLOWEST = 4
STARTS = 10


def _generated(folder: Path, loans: int, seed: int, form: str) -> Run:
    return child("benchmarks.tasks.generate_county", emptied(folder), loans, seed, form)


def _generation(loans: int, run: Run, form: str) -> Row:
    rows = sum(run.told["rows"].values())
    return Row(
        f"generate, {loans:,} loans", form, **measured(Runs([run])), note=f"{rows:,} rows in all tables"
    )


def audit(folder: Path, *, seed: int, loans: int, say: Say) -> list[Row]:
    """Audit a county of a million loans by every detector."""
    say(f"audit: making a county of {loans:,} loans")
    county = folder / "county-audit"
    made = _generated(county, loans, seed, "parquet")
    say("audit: reading and auditing")
    run = child("benchmarks.tasks.audit_county", county)
    told = run.told
    slowest = sorted(told["checks"].items(), key=lambda item: -item[1])[:SLOWEST]
    spoken = ", ".join(f"{code.split()[0]} {seconds(lasted)} s" for code, lasted in slowest)
    reached = told["audit_seconds"] + told["read_seconds"] <= AUDIT_SECONDS and run.peak_mb <= AUDIT_MB
    emptied(county)
    row = Row(
        f"audit, {loans:,} loans, all detectors",
        "bangfu audit",
        **measured(Runs([run])),
        beside=f"read {seconds(told['read_seconds'])} s, audit {seconds(told['audit_seconds'])} s",
        target="≤ 60 s, ≤ 6 GB" if loans == MILLION else "",
        reached=reached if loans == MILLION else None,
        note=f"{told['findings']:,} findings; slowest: {spoken}",
    )
    return [_generation(loans, made, "parquet"), row]


def workbook(folder: Path, *, seed: int, rounds: int, say: Say) -> list[Row]:
    """Read a workbook whose sheet of events has more than 100,000 rows."""
    say("workbook: making one of 100,000 events")
    county = folder / "county-workbook"
    _generated(county, WORKBOOK_LOANS, seed, "xlsx")
    book = next(county.glob("*.xlsx"))
    runs = Runs([child("benchmarks.tasks.read_workbook", book) for _ in range(rounds or 1)])
    rows = runs.runs[0].told["rows"]
    size = book.stat().st_size / 1e6
    emptied(county)
    note = f"{rows['events']:,} events, {rows['loans']:,} loans, {sum(rows.values()):,} rows, {size:.1f} MB"
    return [
        Row("workbook read and checked", "bangfu.facts", **measured(runs), target="≤ 12 s",
            reached=runs.wall <= WORKBOOK_SECONDS, note=note)
    ]  # fmt: skip


def explain(folder: Path, *, seed: int, rounds: int, say: Say) -> list[Row]:
    """Explain loans of a county of 3,000, warm."""
    say("explain: 200 loans of a county of 3,000")
    county = folder / "county-explain"
    made = _generated(county, SMALL, seed, "parquet")
    runs = Runs([child("benchmarks.tasks.explain_loans", county) for _ in range(rounds or 1)])
    told = sorted((run.told for run in runs.runs), key=lambda one: one["median_ms"])[len(runs.runs) // 2]
    emptied(county)
    row = Row(
        "explain, one loan, warm", "bangfu explain",
        seconds=f"{told['median_ms'] / 1000:.4f}", spread=f"1 in 100 above {told['slowest_of_100_ms']:.0f} ms",
        cpu=f"{told['median_processor_ms'] / 1000:.4f}",
        peak_mb=f"{runs.peak_mb:,}", target="≤ 20 ms", reached=told["median_ms"] <= EXPLAIN_MS,
        note=f"median of {told['calls']} calls, {told['refused']} of them refusals",
    )  # fmt: skip
    return [_generation(SMALL, made, "parquet"), row]


def start(*, say: Say) -> list[Row]:
    """The whole process of ``bangfu --help``."""
    say("help: ten starts")
    command = Path(sys.executable).with_name("bangfu")
    runs = []
    for _ in range(STARTS + 1):
        clock, before = time.perf_counter(), os.times()
        subprocess.run([str(command), "--help"], cwd=ROOT, capture_output=True, check=True)
        wall, after = time.perf_counter() - clock, os.times()
        worked = sum(after[2:4]) - sum(before[2:4])  # of the children
        runs.append(Run(wall, worked, 0, None))
    warm = Runs(runs[1:])
    cells = measured(warm) | {"peak_mb": ""}
    return [Row("bangfu --help", "the command", **cells, target="≤ 0.5 s", reached=warm.wall <= HELP_SECONDS,
                note=f"median of {STARTS}, whole process")]  # fmt: skip


def subsidy(folder: Path, *, seed: int, rounds: int, say: Say) -> list[Row]:
    """A quarter's subsidy from the facts of 100,000 loans."""
    say(f"subsidy: making a county of {LARGE:,} loans")
    county = folder / "county-subsidy"
    made = _generated(county, LARGE, seed, "parquet")
    runs = Runs([child("benchmarks.tasks.subsidise_county", county) for _ in range(rounds or 1)])
    told = runs.runs[0].told
    emptied(county)
    row = Row(
        f"subsidy of a quarter, {LARGE:,} loans", "bangfu subsidy", **measured(runs),
        beside=f"read {seconds(told['read_seconds'])} s, subsidy {seconds(told['subsidy_seconds'])} s",
        note=f"{told['lines']:,} lines from facts and packs",
    )  # fmt: skip
    return [_generation(LARGE, made, "parquet"), row]
