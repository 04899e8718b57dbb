"""One measured run in a process of its own: what it took, printed as one line of JSON.

The clock runs from the first byte read to the last byte written; starting Python, Java and the imports is not
counted. Peak memory is that of the whole process and of those it started.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from importlib import import_module
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _family() -> list[int]:
    """This process and all that came from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    mine = [os.getpid()]
    for member in mine:
        mine += [pid for pid, parent in parents.items() if parent == member]
    return mine


def cpu_seconds() -> float:
    """User and system seconds of the family so far."""
    total = 0
    for pid in _family():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def peak_mb() -> int:
    """The family's peaks of resident memory, added up."""
    total = 0
    for pid in _family():
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return total // 1024


def _typed(argument: str) -> Path | int | str:
    """A number, a place where it has a slash, else a word."""
    if argument.isdigit():
        return int(argument)
    return Path(argument) if os.sep in argument else argument


def measure(module: str, arguments: list[str]) -> dict[str, object]:
    """Import the module, call its ``ready`` where it has one, then time its ``run``."""
    peer = import_module(module)
    given = [_typed(argument) for argument in arguments]
    if hasattr(peer, "ready"):
        peer.ready(*given)
    cpu, clock = cpu_seconds(), time.perf_counter()
    told = peer.run(*given)
    wall = time.perf_counter() - clock
    return {"wall": wall, "cpu": cpu_seconds() - cpu, "peak_mb": peak_mb(), "told": told}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    print("\n" + json.dumps(measure(given.module, given.arguments)), flush=True)
