"""Read a county's folder and audit it by every detector, with the county's own packs."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from bangfu.engine.audit import audit
from bangfu.facts import read_facts
from bangfu.policy import load_book

AS_OF = date(2026, 6, 30)


def run(folder: Path) -> dict[str, object]:
    """Seconds of the reading, of the audit and of each check; how much was found."""
    book = load_book([folder / "packs"])
    clock = time.perf_counter()
    facts = read_facts(folder)
    read = time.perf_counter() - clock
    marks: list[tuple[str, float]] = []
    clock = time.perf_counter()
    found = audit(facts, book, as_of=AS_OF, progress=lambda code: marks.append((code, time.perf_counter())))
    ended = time.perf_counter()
    starts = [at for _, at in marks]
    lasted = [stop - at for at, stop in zip(starts, [*starts[1:], ended], strict=True)]
    return {
        "read_seconds": read,
        "audit_seconds": ended - clock,
        "context_seconds": starts[0] - clock,
        "checks": {code: seconds for (code, _), seconds in zip(marks, lasted, strict=True)},
        "findings": found.findings.height,
    }
