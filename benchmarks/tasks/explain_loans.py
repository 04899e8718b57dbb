"""Explain two hundred loans of one county, warm: facts read, policy loaded, the first explanations done."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from bangfu.engine.explain import explain
from bangfu.facts import read_facts
from bangfu.policy import load_book
from bangfu.refusals import Refused

WARM, CALLS = 20, 200


def run(folder: Path) -> dict[str, object]:
    """Milliseconds: median on the wall and of the processor, and the slowest of a hundred."""
    book, facts = load_book([folder / "packs"]), read_facts(folder)
    every = facts.loans["loan_id"].to_list()
    chosen = every[:: max(len(every) // (WARM + CALLS), 1)][: WARM + CALLS]
    lasted, worked, refused = [], [], 0
    for loan in chosen:
        clock, processor = time.perf_counter(), time.process_time()
        try:
            explain(facts, book, loan)
        except Refused:
            refused += 1
        lasted.append((time.perf_counter() - clock) * 1000)
        worked.append((time.process_time() - processor) * 1000)
    warm = sorted(lasted[WARM:])
    return {
        "median_ms": median(warm),
        "median_processor_ms": median(worked[WARM:]),
        "slowest_of_100_ms": warm[-max(len(warm) // 100, 1)],
        "calls": len(warm),
        "refused": refused,
    }
