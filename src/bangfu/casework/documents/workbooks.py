"""Lists as XLSX or CSV: a header line that says who took it, when and why; texts, numbers and days, never formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent

Cell = str | int | date | None
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDEST, _DAY_WIDTH = 40, 12
_A4 = 9  # as the format numbers papers
_FIRST_YEAR = 1900  # of the days a workbook knows
_SHORTEST_PURPOSE, _LONGEST_PURPOSE = 2, 200


@dataclass(frozen=True)
class Heading:
    """A column: its label, and whether its whole numbers are fen (written in yuan) or 1e-8 (written in percent)."""

    words: Words
    fen: bool = False
    rate: bool = False


@dataclass(frozen=True)
class Taken:
    """A file that was taken away."""

    name: str
    content: bytes


def purpose_told(text: str) -> str:
    """What a list is taken for, in one line.

    Raises:
        Refused: ``reason_missing``.
    """
    told = " ".join(text.split())[:_LONGEST_PURPOSE]
    return people.require_reason(told, field="purpose", shortest=_SHORTEST_PURPOSE)


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
        lines: Cells in the order of the columns; fen and rates as whole numbers where the heading says so.
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
        formats = _Formats(
            day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            yuan=book.add_format({"num_format": "#,##0.00"}),
            percent=book.add_format({"num_format": "0.00##"}),
        )
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet.write_string(0, 0, neutral(mark_line))
        for column, heading in enumerate(headings):
            sheet.write_string(1, column, str(heading.words), bold)
        widths = [len(str(heading.words)) * 2 for heading in headings]
        for number, line in enumerate(lines, start=2):
            for column, (cell, heading) in enumerate(zip(line, headings, strict=True)):
                width = _written(sheet, (number, column), cell, heading, formats)
                widths[column] = max(widths[column], width)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST))
        sheet.freeze_panes(2, 0)
        _printed_well(sheet)
    return out.getvalue()


def taken_as_workbook(
    *,
    actor: Actor,
    why: str,
    title: Words,
    headings: Sequence[Heading],
    lines: Iterable[Sequence[Cell]],
    about: str = "",
    name: str = "",
) -> Taken:
    """A list as somebody takes it away: one sheet, marked.

    Args:
        actor: Who takes it.
        why: What for (``purpose_told``).
        title: Of the list.
        headings: Columns.
        lines: As in ``workbook``.
        about: What of: a county, a township; it stands beside the title.
        name: Of the file, without its ending; title, ``about`` and day where left out.
    """
    head = f"{title} {about}".strip()
    content = workbook(
        title=str(title), mark_line=mark(actor, why, head), headings=headings, lines=lines, made_at=actor.now
    )  # fmt: skip
    return Taken(f"{name or f'{head} {actor.on.isoformat()}'}.xlsx", content)


def csv_of(*, mark_line: str, headings: Sequence[Heading], lines: Iterable[Sequence[Cell]]) -> bytes:
    """The same as CSV in UTF-8, with the mark that spreadsheets look for; fen in yuan, rates in percent."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([neutral(mark_line)])
    writer.writerow([str(heading.words) for heading in headings])
    for line in lines:
        writer.writerow([_text(cell, heading) for cell, heading in zip(line, headings, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Cell, heading: Heading) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return format_yuan(cell) if heading.fen else format_percent(cell) if heading.rate else str(cell)
    return cell.isoformat() if isinstance(cell, date) else neutral(cell)


def _printed_well(sheet: Worksheet) -> None:
    """A4 across, all columns on one page, the headings on each page, pages numbered."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&C&P / &N")


@dataclass(frozen=True)
class _Formats:
    day: Format
    yuan: Format
    percent: Format


def _written(
    sheet: Worksheet, place: tuple[int, int], cell: Cell, heading: Heading, formats: _Formats
) -> int:
    """Write a cell; how wide it is."""
    if cell is None:
        return 0
    if isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        sheet.write_datetime(*place, cell, formats.day)
        return _DAY_WIDTH
    if isinstance(cell, int):
        if heading.fen:
            sheet.write_number(*place, Decimal(format_yuan(cell)), formats.yuan)
        elif heading.rate:
            sheet.write_number(*place, Decimal(format_percent(cell)), formats.percent)
        else:
            sheet.write_number(*place, cell)
        return len(str(cell)) + 2
    text = neutral(str(cell))
    sheet.write_string(*place, text)
    return sum(2 if ord(sign) > 0xFF else 1 for sign in text)  # noqa: PLR2004 - wide signs
