"""The workbook people fill in."""

from __future__ import annotations

from pathlib import Path


def write_template(path: Path | str) -> None:
    """Placeholder until the template is written."""
    raise NotImplementedError(path)
