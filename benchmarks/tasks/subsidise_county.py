"""A quarter's subsidy of a county, from its facts: what the command does between reading and writing."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from bangfu.engine.subsidy import subsidy
from bangfu.facts import read_facts
from bangfu.policy import load_book

START, END = date(2026, 3, 21), date(2026, 6, 21)


def run(folder: Path) -> dict[str, object]:
    """Seconds of the reading and of the subsidy, and the totals."""
    book = load_book([folder / "packs"])
    clock = time.perf_counter()
    facts = read_facts(folder)
    read = time.perf_counter()
    found = subsidy(facts, book, start=START, end=END)
    return {"read_seconds": read - clock, "subsidy_seconds": time.perf_counter() - read, **found.totals()}
