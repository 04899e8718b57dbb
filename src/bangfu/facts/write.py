"""Canonical frames back to people's units, headers and words; Parquet keeps the canonical columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl

from bangfu.facts import codes
from bangfu.facts.cells import FRACTION_BELOW_E8
from bangfu.facts.schema import DERIVED, Column, Table
from bangfu.facts.tables import TABLES
from bangfu.money.fen import FEN_PER_YUAN
from bangfu.money.rates import E8_PER_PERCENT

Format = Literal["csv", "parquet", "xlsx"]
Language = Literal["en", "zh"]

MOST_ROWS_OF_A_SHEET = 1_048_576
_PERCENT_DIGITS = 6
_LEAST_DECIMALS = 2
_NARROW, _WIDE = 12, 22


def write_facts(
    tables: Mapping[str, pl.DataFrame],
    path: Path | str,
    format: Format = "csv",  # noqa: A002 - the public name
    language: Language = "en",
) -> None:
    """Write tables as they stand in memory for people to read, so that ``read_facts`` reads them back the same.

    Args:
        tables: Canonical frames by table name; those not given are not written.
        path: A folder (csv, parquet; made where missing) or a workbook (xlsx).
        format: csv (yuan, percent, ISO days; with a byte order mark in Chinese, for spreadsheets), xlsx, or parquet
            (canonical columns: fen, 1e-8, Date).
        language: Of headers, sheet names and codes in csv and xlsx.

    Raises:
        KeyError: An unknown table.
        ValueError: More rows than a sheet holds.
    """
    target = Path(path)
    chosen = {name: (TABLES[name], canonical(TABLES[name], frame)) for name, frame in tables.items()}
    if format == "xlsx":
        _write_workbook(chosen, target, language)
        return
    target.mkdir(parents=True, exist_ok=True)
    for name, (table, frame) in chosen.items():
        if format == "parquet":
            frame.write_parquet(target / f"{name}.parquet")
        else:
            file = target / f"{name if language == 'en' else table.zh}.csv"
            as_text(table, frame, language=language).write_csv(file, include_bom=language == "zh")


def canonical(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The table's own columns in their order and types; missing ones null, typed values of events dropped."""
    wanted = {name: dtype for name, dtype in table.schema.items() if name not in DERIVED}
    have = frame.columns
    return frame.select(
        (pl.col(name).cast(dtype) if name in have else pl.lit(None, dtype).alias(name))
        for name, dtype in wanted.items()
    )


def as_text(table: Table, frame: pl.DataFrame, *, language: Language) -> pl.DataFrame:
    """All cells as text: yuan with two decimals, percent, ISO days, true/false or 是/否, codes or words."""
    return frame.select(
        _text(column, language).alias(column.name if language == "en" else column.zh_header)
        for column in table.columns
    )


def yuan_text(fen: pl.Expr) -> pl.Expr:
    """Fen as yuan with two decimals: 123450 is ``1234.50``."""
    size = fen.abs()
    sign = pl.when(fen < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    part = (size % FEN_PER_YUAN).cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, (size // FEN_PER_YUAN).cast(pl.String), pl.lit("."), part)


def percent_text(rate_e8: pl.Expr) -> pl.Expr:
    """A rate in 1e-8 as percent, two decimals or as many as it has: 3_750_000 is ``3.75``."""
    size = rate_e8.abs()
    sign = pl.when(rate_e8 < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    part = (size % E8_PER_PERCENT).cast(pl.String).str.zfill(_PERCENT_DIGITS)
    part = part.str.strip_chars_end("0").str.pad_end(_LEAST_DECIMALS, "0")
    return pl.concat_str(sign, (size // E8_PER_PERCENT).cast(pl.String), pl.lit("."), part)


def rate_text(rate_e8: pl.Expr) -> pl.Expr:
    """Percent; with its sign where a reader would take the bare number for a fraction."""
    small = rate_e8.is_between(1, FRACTION_BELOW_E8)
    return pl.when(small).then(percent_text(rate_e8) + "%").otherwise(percent_text(rate_e8))


def _text(column: Column, language: Language) -> pl.Expr:
    value = pl.col(column.frame)
    truth = ("true", "false") if language == "en" else ("是", "否")
    written: Mapping[str, pl.Expr] = {
        "money": yuan_text(value),
        "rate": rate_text(value),
        "date": value.dt.to_string("%Y-%m-%d"),
        "bool": pl.when(value).then(pl.lit(truth[0])).when(~value).then(pl.lit(truth[1])),
        "count": value.cast(pl.String),
    }
    if column.kind in written:
        return written[column.kind]
    words = codes.REMINDER if column.kind == "value" else column.words
    if language == "zh" and words is not None:
        return value.replace({code: spelled[0] for code, spelled in words.items()})
    return value


def _write_workbook(chosen: Mapping[str, tuple[Table, pl.DataFrame]], path: Path, language: Language) -> None:
    import xlsxwriter  # noqa: PLC0415 - slow to load, and most commands write no workbook

    path.parent.mkdir(parents=True, exist_ok=True)
    for name, (_, frame) in chosen.items():
        if frame.height >= MOST_ROWS_OF_A_SHEET:
            raise ValueError(f"{name}: {frame.height} rows are more than a sheet holds; write csv or parquet")
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        styles = sheet_styles(book)
        for table, frame in chosen.values():
            sheet = book.add_worksheet(table.name if language == "en" else table.zh)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                header = column.name if language == "en" else column.zh_header
                sheet.write_string(0, place, header, styles["header"])
                sheet.set_column(
                    place, place, _WIDE if column.kind in ("id", "idnumber", "area") else _NARROW
                )
                _write_column(sheet, place, column, frame, language=language, styles=styles)


def sheet_styles(book: Any) -> dict[str, Any]:
    """The formats of a sheet's cells: header, money, date, text."""
    return {
        "header": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
        "plain": book.add_format(),
    }


def _write_column(
    sheet: Any,
    place: int,
    column: Column,
    frame: pl.DataFrame,
    *,
    language: Language,
    styles: Mapping[str, Any],
) -> None:
    if column.kind == "date":
        for row, day in enumerate(frame[column.frame], 1):
            if day is not None:
                sheet.write_datetime(row, place, day, styles["date"])
        return
    texts = frame.select(_text(column, language)).to_series()
    number = column.kind in ("money", "rate", "count")
    style = styles["money"] if column.kind == "money" else styles["plain"] if number else styles["text"]
    for row, text in enumerate(texts, 1):
        if text is not None:
            if number and not text.endswith("%"):
                sheet.write_number(row, place, Decimal(text), style)
            else:
                sheet.write_string(row, place, text, style)
