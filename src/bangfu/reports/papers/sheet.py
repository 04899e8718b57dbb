"""A plain sheet: facts in pairs, tables with totals, paragraphs, boxes to sign. Several papers are made so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bangfu.reports.papers.parts import Pair, Signer, boxes, rows
from bangfu.reports.papers.typesetting import typeset

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Col:
    """A column of a table: its head, its width in mm (0 takes a share of what is left), how its cells stand."""

    head: str
    width: int = 0
    align: Align = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: its columns, its rows as texts, a total row (empty where there is none), the places of rows of sums."""

    columns: tuple[Col, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    bold: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that has not a text for each column."""
        wrong = [
            one
            for one in (*self.rows, *((self.total,) if self.total else ()))
            if len(one) != len(self.columns)
        ]
        if wrong:
            raise ValueError(f"{len(self.columns)} texts are needed: {wrong[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a sheet: a heading, paragraphs, a table; what is empty is not shown."""

    heading: str = ""
    texts: tuple[str, ...] = ()
    grid: Grid | None = None
    empty: str = "无。"


def sheet(
    paper: Any,
    *,
    title: str,
    subtitle: str = "",
    pairs: Sequence[Pair | tuple[Pair, Pair]] = (),
    parts: Iterable[Part],
    signers: Iterable[Signer] = (),
    notes: Iterable[str] = (),
    flipped: bool = False,
    small: bool = False,
) -> bytes:
    """The PDF of a sheet, A4.

    Args:
        paper: The dataclass, for its imprint and its hash.
        title: At the top.
        subtitle: Below it.
        pairs: Labels and values, one or two a row.
        parts: In their order.
        signers: The boxes at the end.
        notes: Small print below.
        flipped: Across.
        small: Tables in small type, for many columns.
    """
    data: dict[str, Any] = {
        "title": title,
        "subtitle": subtitle,
        "rows": rows(*pairs),
        "parts": [_part(one) for one in parts],
        "signers": boxes(signers),
        "notes": list(notes),
        "flipped": flipped,
        "small": small,
    }
    return typeset("sheet", paper=paper, data=data)


def _part(part: Part) -> dict[str, Any]:
    grid = part.grid
    table: dict[str, Any] = {}
    if grid is not None:
        table = {
            "widths": [one.width for one in grid.columns],
            "aligns": [one.align for one in grid.columns],
            "heads": [one.head for one in grid.columns],
            "rows": grid.rows,
            "total": grid.total,
            "bold": list(grid.bold),
        }
    return {"heading": part.heading, "texts": part.texts, "table": table, "empty": part.empty}
