"""Prints every figure that is claimed, in one table, and writes it to RESULTS.md.

    .venv/bin/python benchmarks/run.py                        everything; an hour on two cores
    .venv/bin/python benchmarks/run.py --sizes 1 --only quarter help

Every figure comes from processes of their own on made-up data of one seed; what is compared runs in turns.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import county, cycle, load, quarter
from benchmarks.measure import ROOT
from benchmarks.table import Row, kept, rendered

PARTS = ("quarter", "plain", "audit", "workbook", "explain", "help", "subsidy", "site", "cycle")
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
_EXPLAINED = """
Seconds are wall time from the first byte read to the last written, the median of the rounds, without starting Python
or Java; the range shows how noisy the machine was. Processor is user and system time over all threads. Peak is
resident memory of the process and all it started. What is compared ran in turns, on the same files, and every exact
peer gave the kernel's total in every township to the fen, or the benchmark would have stopped. The floor reads and
groups the same columns of the same files and calculates nothing.
"""


def machine() -> str:
    """Processor, cores and memory."""
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in told if line.startswith("model name")), "unknown"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def rows_of(part: str, folder: Path, given: argparse.Namespace) -> list[Row]:
    """The rows of one part."""
    common = {"seed": given.seed, "say": say}
    if part == "quarter":
        return quarter.measure(folder, sizes=given.sizes, rounds=given.rounds, **common)
    if part == "plain":
        return quarter.plain(folder, rounds=given.rounds, **common)
    if part == "audit":
        return county.audit(folder, loans=given.audit_loans, **common)
    if part == "help":
        return county.start(say=say)
    of_site = {"site": load.site, "cycle": cycle.cycle}
    if part in of_site:
        return of_site[part](folder, **common)
    measured = {"workbook": county.workbook, "explain": county.explain, "subsidy": county.subsidy}
    return measured[part](folder, rounds=given.rounds, **common)


def say(text: str) -> None:
    """Progress goes to standard error: standard output is the table."""
    print(text, file=sys.stderr, flush=True)


def report(rows: list[Row], given: argparse.Namespace) -> str:
    """RESULTS.md: where, when, the table, how to read it."""
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    where = f"Measured on {given.date} on {machine()}; load average at the end {load}. Seed {given.seed}."
    command = (
        "Made by `make bench` (`.venv/bin/python benchmarks/run.py`); `--help` says how to measure a part."
    )
    return f"# Benchmarks\n\n{where}\n\n{rendered(rows)}\n{_EXPLAINED}\n{command}\n"


def arguments() -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1, 10, 45], help="million loans of the quarterly run"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--rounds", type=int, default=3, help="rounds after the warm-up")
    parser.add_argument("--audit-loans", type=int, default=quarter.MILLION)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the data is made; a temporary folder by default")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--date", default=date.today().isoformat(), help="the date printed")  # noqa: DTZ011
    return parser.parse_args()


def main() -> None:
    """Measure, write after each part, print; rows of parts not measured now stay in the file."""
    given = arguments()
    rows: list[Row] = []
    before = given.out.read_text(encoding="utf-8") if given.out.exists() else ""
    with tempfile.TemporaryDirectory(prefix="bangfu-bench-", dir=given.folder) as folder:
        for part in given.only:
            rows += rows_of(part, Path(folder), given)
            given.out.write_text(report([*rows, *kept(before, rows)], given), encoding="utf-8")
    print(rendered(rows))


if __name__ == "__main__":
    main()
