"""A workbook that prints like what a county files: title, period and office, headed columns, totals, signatures.

Text is always written as text, so a cell that begins with ``=`` is no formula; amounts are exact decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

Kind = Literal["text", "wrap", "money", "percent", "date", "count", "centre"]
Cell = str | int | date | None

LAST_ROW = 1_048_575  # of a sheet, counted from zero
SIGNATURES = ("经办人：", "审核人：", "分管领导签字：", "主要领导签字：", "（盖章）", "年    月    日")
_FONT = "SimSun"
_A4 = 9
_ROW_HEIGHT, _LINE_HEIGHT = 18, 13
_LAST_NARROW = 0x2E7F
_ROWS_OF_A_PAGE = 48
_NUMBER = {"money": "#,##0.00", "percent": "0.00####", "date": "yyyy-mm-dd", "count": "#,##0"}
_ALIGN = {"money": "right", "percent": "right", "date": "center", "count": "center", "centre": "center"}
_CENT, _PERCENT = -2, -6


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its width in characters, how its cells are written, whether it is summed."""

    header: str
    width: int
    kind: Kind = "text"
    summed: bool = False


class Workbook:
    """An XlsxWriter workbook with our formats; nothing in it depends on the clock."""

    def __init__(self, path: Path, *, title: str, made_on: date) -> None:
        self.book = xlsxwriter.Workbook(
            str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
        )
        created = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - the file format has no zone
        self.book.set_properties({"title": title, "author": "", "created": created})
        self._formats: dict[str, Any] = {}
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.book.close()

    def format(self, name: str, **properties: Any) -> Any:
        """A format by name, made once."""
        if name not in self._formats:
            self._formats[name] = self.book.add_format({"font_name": _FONT, "font_size": 10, **properties})
        return self._formats[name]

    def sheet(self, name: str, columns: Sequence[Column], *, title: str, notes: Sequence[str] = ()) -> Sheet:
        """A new sheet with its head written; a name that is taken or too long is made to fit."""
        fitting = "".join("·" if letter in "[]:*?/\\" else letter for letter in name)[:28]
        number = 1
        unique = fitting
        while unique.lower() in self._names:
            number += 1
            unique = f"{fitting}{number}"
        self._names.add(unique.lower())
        return Sheet(self, self.book.add_worksheet(unique), columns, title=title, notes=notes)


class Sheet:
    """One printed list: head, rows, subtotals, total, signatures, written from top to bottom."""

    def __init__(
        self, book: Workbook, sheet: Any, columns: Sequence[Column], *, title: str, notes: Sequence[str]
    ) -> None:
        self.book, self.sheet, self.columns = book, sheet, tuple(columns)
        self.row = 0
        last = max(len(columns) - 1, 0)
        self._merged(
            title, book.format("title", bold=True, font_size=16, align="center", valign="vcenter"), last, 30
        )
        for note in notes:
            self._merged(note, book.format("note", valign="vcenter"), last, 18)
        head = book.format(
            "head", bold=True, align="center", valign="vcenter", text_wrap=True, border=1, bg_color="#E7EEF7"
        )
        for place, column in enumerate(self.columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(self.row, place, column.header, head)
        sheet.set_row(self.row, 32)
        self.row += 1
        self.first_row = self.row
        self._block_start = self.row
        self._set_up_print()

    def _merged(self, text: str, style: Any, last: int, height: int) -> None:
        if last:
            self.sheet.merge_range(self.row, 0, self.row, last, "", style)
        self.sheet.write_string(self.row, 0, text, style)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _set_up_print(self) -> None:
        sheet = self.sheet
        sheet.freeze_panes(self.first_row, 0)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, self.first_row - 1)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.hide_gridlines(2)
        sheet.set_default_row(_ROW_HEIGHT)

    def add(self, cells: Sequence[Cell]) -> None:
        """One row; money in fen, percents in 1e-8."""
        if self.row > LAST_ROW:
            raise TooManyRows
        lines = 1
        for place, (column, value) in enumerate(zip(self.columns, cells, strict=True)):
            self._write(place, column.kind, value)
            if column.kind == "wrap" and isinstance(value, str):
                lines = max(lines, lines_of(value, column.width - 1))
        if lines > 1:
            self.sheet.set_row(self.row, _ROW_HEIGHT + (lines - 1) * _LINE_HEIGHT)
        self.row += 1

    def _style(self, kind: Kind, *, bold: bool = False) -> Any:
        wrap: dict[str, Any] = {"text_wrap": True} if kind == "wrap" else {}
        filled: dict[str, Any] = {"bold": True, "bg_color": "#F3F3F3"} if bold else {}
        return self.book.format(
            f"{kind}{'!' if bold else ''}", border=1, valign="vcenter", align=_ALIGN.get(kind, "left"),
            num_format=_NUMBER.get(kind, "@"), **wrap, **filled,
        )  # fmt: skip

    def _write(self, place: int, kind: Kind, value: Cell, *, bold: bool = False) -> None:
        style = self._style(kind, bold=bold)
        if value is None or value == "":
            self.sheet.write_blank(self.row, place, None, style)
        elif isinstance(value, date):
            self.sheet.write_datetime(self.row, place, value, style)
        elif isinstance(value, str):
            self.sheet.write_string(self.row, place, value, style)
        else:
            self.sheet.write_number(self.row, place, _decimal(kind, value), style)

    def subtotal(self, label: str, sums: Sequence[int | None]) -> None:
        """A row that sums the rows since the last subtotal, by formula; ``sums`` are the values now."""
        self._totals(label, sums, self._block_start)
        self._block_start = self.row

    def total(self, label: str, sums: Sequence[int | None]) -> None:
        """A row that sums the whole sheet, subtotals left out, by formula; ``sums`` are the values now."""
        self._totals(label, sums, self.first_row)

    def _totals(self, label: str, sums: Sequence[int | None], since: int) -> None:
        first = next((place for place, column in enumerate(self.columns) if column.summed), 1)
        words = self._style("text", bold=True)
        if first > 1:
            self.sheet.merge_range(self.row, 0, self.row, first - 1, "", words)
        self.sheet.write_string(self.row, 0, label, words)
        for place in range(first, len(self.columns)):
            column, value = self.columns[place], sums[place]
            style = self._style(column.kind if column.summed else "text", bold=True)
            if column.summed and value is not None:
                name = xl_col_to_name(place)
                # SUBTOTAL is a SUM that passes over other subtotals, so that the total does not count them again.
                formula = f"=SUBTOTAL(9,{name}{since + 1}:{name}{self.row})"
                self.sheet.write_formula(self.row, place, formula, style, _decimal(column.kind, value))
            else:
                self.sheet.write_blank(self.row, place, None, style)
        self.row += 1

    def sums(self, cells: Sequence[Cell], *, since: int) -> None:
        """A row of sums over the rows from a place on, counted from the first below the head; other sums left out.

        Columns that add up carry a formula with its value now, the others what is given; the first cell says of what.
        """
        filled = next((place for place, cell in enumerate(cells) if place and cell is not None), len(cells))
        if filled > 1:
            self.sheet.merge_range(self.row, 0, self.row, filled - 1, "", self._style("text", bold=True))
        self._write(0, "text", cells[0], bold=True)
        for place in range(filled, len(cells)):
            column, value = self.columns[place], cells[place]
            if column.summed and isinstance(value, int):
                name = xl_col_to_name(place)
                formula = f"=SUBTOTAL(9,{name}{self.first_row + since + 1}:{name}{self.row})"
                style = self._style(column.kind, bold=True)
                self.sheet.write_formula(self.row, place, formula, style, _decimal(column.kind, value))
            else:
                self._write(place, column.kind, value, bold=True)
        self.row += 1

    def note(self, text: str) -> None:
        """A line of words over the whole width."""
        style = self.book.format("note", valign="vcenter")
        self.sheet.write_string(self.row, 0, text, style)
        self.row += 1

    def sign(self) -> None:
        """The signature line; a list that nearly fits one page is made to fit, so that it is signed where it stands."""
        self.row += 1
        if self.row <= _ROWS_OF_A_PAGE:
            self.sheet.fit_to_pages(1, 1)
        self.sheet.set_row(self.row, 28)
        self.note((" " * 16).join(SIGNATURES))


class TooManyRows(ValueError):  # noqa: N818 - it names what is wrong
    """Raised where a list is longer than a sheet; CSV and Parquet have no such end."""


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a column of so many characters; a Chinese character takes two."""
    return sum(
        -(-sum(1 + (ord(letter) > _LAST_NARROW) for letter in line) // width) or 1
        for line in text.split("\n")
    )


def _decimal(kind: str, value: int) -> Decimal:
    if kind == "money":
        return Decimal(value).scaleb(_CENT)
    if kind == "percent":
        return Decimal(value).scaleb(_PERCENT)
    return Decimal(value)
