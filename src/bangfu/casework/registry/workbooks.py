"""Lists as XLSX: a header line that says who took it, when and why; cells are text or numbers, never formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan

Cell = str | int | date | None
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDEST = 40


@dataclass(frozen=True)
class Heading:
    """A column: its label, and whether its whole numbers are fen to be written in yuan."""

    words: Words
    fen: bool = False


def neutral(text: str) -> str:
    """A text that no program takes for a formula, saved as CSV or not: an apostrophe before its first sign."""
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def mark(actor: Actor, purpose: str, title: str) -> str:
    """Who took a list, when and what for: its first line."""
    at = actor.now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"{title} · {actor.name} · {at} · {purpose}"


def workbook(
    *,
    title: str,
    mark_line: str,
    headings: Sequence[Heading],
    lines: Iterable[Sequence[Cell]],
    made_at: datetime,
) -> bytes:
    """One sheet.

    Args:
        title: Of the sheet.
        mark_line: The first line (``mark``).
        headings: Columns.
        lines: Cells in the order of the columns; fen as whole numbers where the heading says so.
        made_at: Stands in the file's properties, so that the same content is the same file.
    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        sheet = book.add_worksheet(title[:31])
        bold, yuan = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00"})
        sheet.write_string(0, 0, neutral(mark_line))
        for column, heading in enumerate(headings):
            sheet.write_string(1, column, str(heading.words), bold)
        widths = [len(str(heading.words)) * 2 for heading in headings]
        for number, line in enumerate(lines, start=2):
            for column, (cell, heading) in enumerate(zip(line, headings, strict=True)):
                width = _written(sheet, number, column, cell, yuan if heading.fen else None)
                widths[column] = max(widths[column], width)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST))
        sheet.freeze_panes(2, 0)
    return out.getvalue()


def _written(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, yuan: object | None
) -> int:
    """Write a cell; how wide it is."""
    if cell is None:
        return 0
    if isinstance(cell, int):
        sheet.write_number(row, column, Decimal(format_yuan(cell)) if yuan else cell, yuan)
        return len(str(cell)) + 2
    text = neutral(cell.isoformat() if isinstance(cell, date) else cell)
    sheet.write_string(row, column, text)
    return sum(2 if ord(sign) > 0xFF else 1 for sign in text)  # noqa: PLR2004 - wide signs
