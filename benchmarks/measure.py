"""Runs children one after the other and keeps what they measured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds on the wall, seconds of processor, peak memory, what the task told."""

    wall: float
    cpu: float
    peak_mb: int
    told: Any


class NoRun(RuntimeError):  # noqa: N818 - it says what did not happen
    """The child failed; the message is the end of what it said."""


def child(module: str, *arguments: object) -> Run:
    """Run a module of the benchmarks in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.child", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS
    )
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not last.startswith("{"):
        raise NoRun(f"{module} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return Run(**json.loads(last))


def emptied(folder: Path) -> Path:
    """A folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@dataclass(frozen=True, slots=True)
class Runs:
    """Several runs of the same."""

    runs: Sequence[Run]

    @property
    def wall(self) -> float:
        """The median on the wall."""
        return median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median of processor."""
        return median(run.cpu for run in self.runs)

    @property
    def fastest(self) -> float:
        """The shortest on the wall."""
        return min(run.wall for run in self.runs)

    @property
    def slowest(self) -> float:
        """The longest on the wall."""
        return max(run.wall for run in self.runs)

    @property
    def peak_mb(self) -> int:
        """The highest peak."""
        return max(run.peak_mb for run in self.runs)
