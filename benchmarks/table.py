"""The one table: its rows, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import Runs

HEADS = ("what", "by", "seconds", "range", "processor s", "peak MB", "beside", "target", "reached", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what is not known is left empty."""

    what: str
    by: str
    seconds: str = ""
    spread: str = ""
    cpu: str = ""
    peak_mb: str = ""
    beside: str = ""
    target: str = ""
    reached: bool | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of HEADS."""
        told = "" if self.reached is None else "yes" if self.reached else "no"
        return (self.what, self.by, self.seconds, self.spread, self.cpu, self.peak_mb, self.beside,
                self.target, told, self.note)  # fmt: skip


def measured(runs: Runs) -> dict[str, str]:
    """The cells that come from the runs."""
    several = len(runs.runs) > 1
    return {
        "seconds": seconds(runs.wall),
        "spread": f"{seconds(runs.fastest)} – {seconds(runs.slowest)}" if several else "one run",
        "cpu": seconds(runs.cpu),
        "peak_mb": f"{runs.peak_mb:,}",
    }


def seconds(value: float) -> str:
    """Two digits below ten, one below a hundred."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def kept(text: str, rows: Sequence[Row]) -> list[Row]:
    """The rows of a table printed before, without what ``rows`` measured anew."""
    anew = {row.what for row in rows}
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == len(HEADS) and cells[0] not in anew | {HEADS[0]} and set(cells[0]) != {"-"}:
            reached = {"yes": True, "no": False}.get(cells[8])
            found.append(Row(*cells[:8], reached=reached, note=cells[9]))
    return found


def rendered(rows: Sequence[Row]) -> str:
    """The table in Markdown, its columns aligned so that it reads on a terminal too."""
    cells = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(HEADS))]
    lines = [_line(row, widths) for row in cells]
    lines.insert(1, _line(["-" * width for width in widths], widths))
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
