"""A sheet as it comes out of a file: text cells with their row numbers, before any header is understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal

import polars as pl

from bangfu.facts.problems import Place

ROW = "_row"  # the row as the file numbers it, 1-based, carried through reading
PART_STEP = 1_000_000_000  # more rows than any file has: added for each part of a table before this one


@dataclass(frozen=True)
class RawSheet:
    """Cells of one sheet, CSV or Parquet file.

    Attributes:
        file: The file's name.
        sheet: The sheet's name; empty for CSV and Parquet.
        frame: Columns ``"0"``, ``"1"``, … (text; as stored for Parquet) and ``_row``.
        numeric: For columns with numeric cells, which cells those are.
        headers: The column names where the format has them (Parquet); None where a header row must be found.
        title: What stands above the header row, once it is found.
        widths: How many cells each row has, where rows of a text file differ in that.
        width: How many cells the header row has, once it is found.
    """

    file: str
    sheet: str
    frame: pl.DataFrame
    numeric: Mapping[str, pl.Series] = field(default_factory=dict)
    headers: tuple[str, ...] | None = None
    title: str = ""
    widths: pl.Series | None = None
    width: int | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return {"file": self.file, "sheet": self.sheet}

    def keep(self, mask: pl.Series) -> RawSheet:
        """The rows where the mask is true."""
        return replace(
            self,
            frame=self.frame.filter(mask),
            numeric={name: cells.filter(mask) for name, cells in self.numeric.items()},
            widths=None if self.widths is None else self.widths.filter(mask),
        )


def from_cells(file: str, sheet: str, rows: Sequence[Sequence[object]]) -> RawSheet:
    """A sheet from rows of Python cells, the first being row 1; rows may differ in length; empty rows are left out."""
    width = max((len(row) for row in rows), default=0)
    widths = None
    if any(len(row) != width for row in rows):
        widths = pl.Series([len(row) for row in rows], dtype=pl.Int64)
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
    columns: dict[str, pl.Series] = {}
    numeric: dict[str, pl.Series] = {}
    for place, cells in enumerate(zip(*rows, strict=True)):
        name = str(place)
        kinds = set(map(type, cells))
        texts = (
            cells if kinds == {str} else [cell if type(cell) is str else cell_text(cell) for cell in cells]
        )
        columns[name] = pl.Series(name, texts, pl.String, strict=False)
        if float in kinds or int in kinds:
            numeric[name] = pl.Series(name, [type(cell) in (float, int) for cell in cells])
    frame = pl.DataFrame(columns) if columns else pl.DataFrame()
    return without_empty_rows(RawSheet(file, sheet, numbered(frame), numeric, widths=widths))


def numbered(frame: pl.DataFrame, *, first: int = 1) -> pl.DataFrame:
    """The frame with its row numbers, the first row being ``first``."""
    return frame.with_columns(
        pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True).alias(ROW)
    )


def without_empty_rows(sheet: RawSheet) -> RawSheet:
    """The sheet without the rows in which every cell is blank."""
    columns = [name for name in sheet.frame.columns if name != ROW]
    if not columns:
        return sheet
    blank = [pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "") for name in columns]
    filled = sheet.frame.select(~pl.all_horizontal(blank)).to_series()
    return sheet if filled.all() else sheet.keep(filled)


def cell_text(cell: object) -> str:
    """A cell as text, exactly: a number as its shortest decimal, never in exponents; a day as ISO."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return number_text(repr(cell))
    return "" if cell is None else str(cell)


def number_text(text: str) -> str:
    """The shortest decimal of a number: ``20000.0`` is ``20000``, ``1e-05`` is ``0.00001``."""
    if text in ("nan", "inf", "-inf"):
        return text
    if "e" in text or "E" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
