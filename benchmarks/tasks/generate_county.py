"""Make up a county and write its files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bangfu.synthetic import generate


def run(out: Path, loans: int, seed: int, format: Literal["csv", "parquet", "xlsx"]) -> dict[str, object]:  # noqa: A002
    """Rows of each table."""
    summary = generate(out=out, loans=loans, seed=seed, format=format)
    return {"rows": dict(summary.rows), "planted": sum(summary.planted.values())}
