"""Read and check one workbook whose sheet of events has 100,000 rows and more."""

from __future__ import annotations

from pathlib import Path

from bangfu.facts import read_facts


def run(workbook: Path) -> dict[str, object]:
    """Rows of each table."""
    facts = read_facts(workbook)
    return {"rows": {name: table.height for name, table in facts.tables.items() if table.height}}
