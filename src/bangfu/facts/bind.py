"""A sheet bound to its table: each column under its English name, with the unit its header declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from bangfu.facts.headers import (
    Unit,
    header_words,
    is_derived,
    match,
    sheet_unit,
    speaks_of_wan,
    suggest,
)
from bangfu.facts.problems import Place, Problem, problem
from bangfu.facts.schema import Column, Kind, Table
from bangfu.facts.sheets import PART_STEP, ROW, RawSheet

Detail = tuple[str, str] | str

_TOTALS = r"^\s*(?:合\s*计|总\s*计|小\s*计|累\s*计)\s*[:：]?\s*$"
_EXAMPLE = r"^\s*[（(【]?\s*示例"
_PERHAPS_A_LABEL = "计|示例"
_LABEL_COLUMNS = 3


@dataclass(frozen=True)
class Bound:
    """A sheet's cells under the column names of its table.

    Attributes:
        table: What the sheet is.
        file: The file's name.
        sheet: The sheet's name.
        frame: Columns by English name (text, or as stored) and ``_row``.
        units: The unit of each money and rate column.
        headers: The header of each column as the file has it.
        numeric: Which cells were numeric.
        part: Which part of its table this is; ``_row`` is the file's row and a step for each part before.
        wrong: Rows that have more or fewer cells than the header row.
    """

    table: Table
    file: str
    sheet: str
    frame: pl.DataFrame
    units: Mapping[str, Unit] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    numeric: Mapping[str, pl.Series] = field(default_factory=dict)
    part: int = 0
    wrong: tuple[tuple[int, Problem], ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return {"file": self.file, "sheet": self.sheet}

    def about(
        self, code: str, row: int, column: Column | None, value: str | None, detail: Detail = ""
    ) -> Problem:
        """A problem of one row (as ``_row`` has it), under the header of the file."""
        return problem(
            code,
            **self.place,
            row=row % PART_STEP,
            column=self.headers.get(column.name, column.name) if column else "",
            value=value,
            detail=detail,
            personal=column.personal if column else False,
        )

    def missing(self) -> list[Problem]:
        """Required columns that are not there."""
        return [
            problem("missing_column", **self.place, detail=(column.zh_header, column.name))
            for column in self.table.columns
            if column.required and column.name not in self.frame.columns
        ]


def bind(sheet: RawSheet, table: Table) -> tuple[Bound, list[Problem], list[Problem]]:
    """Bind a sheet whose header row is known.

    Returns:
        The bound sheet, what is wrong with its headers, and warnings.
    """
    problems: list[Problem] = []
    sheet, warnings = skip_labels(sheet)
    chosen: dict[str, str] = {}
    units: dict[str, Unit] = {}
    headers: dict[str, str] = {}
    for place, header in enumerate((sheet.headers or ())[: sheet.width]):
        if is_derived(table, header) or (not header.strip() and _is_blank(sheet, str(place))):
            continue
        found = match(table.name, header)
        if found is None:
            shown = header.strip() or f"#{place + 1}"
            known = suggest(header.strip(), header_words(table))
            problems.append(problem("unknown_column", **sheet.place, column=shown, detail=known))
            continue
        name = found.column.name
        if name in chosen:
            both = f"{headers[name]}, {header}"
            problems.append(problem("column_twice", **sheet.place, column=header, detail=both))
            continue
        chosen[name], headers[name] = str(place), header
        units[name], about = unit_of(sheet, found.column.kind, found.unit, header)
        for one in about:
            (warnings if one.code == "unit_taken_as_yuan" else problems).append(one)
    frame = sheet.frame.select(ROW, *(pl.col(place).alias(name) for name, place in chosen.items()))
    numeric = {name: sheet.numeric[place] for name, place in chosen.items() if place in sheet.numeric}
    bound = Bound(table, sheet.file, sheet.sheet, frame, units, headers, numeric, wrong=_ragged(sheet))
    return bound, problems + bound.missing(), warnings


def _ragged(sheet: RawSheet) -> tuple[tuple[int, Problem], ...]:
    """Rows with fewer cells than the header row, or with something in a cell beyond it."""
    if sheet.widths is None or sheet.width is None:
        return ()
    beyond = [name for name in sheet.frame.columns if name != ROW and int(name) >= sheet.width]
    more = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).str.strip_chars() != "" for name in beyond))
    rows = sheet.frame.select(ROW, more.fill_null(value=False).alias("more"), sheet.widths.alias("width"))
    told = []
    for row, width in (
        rows.filter(pl.col("more") | (pl.col("width") < sheet.width)).select(ROW, "width").rows()
    ):
        detail = (f"{width}，应为{sheet.width}", f"{width} instead of {sheet.width}")
        told.append((row, problem("wrong_number_of_cells", **sheet.place, row=row, detail=detail)))
    return tuple(told)


def unit_of(sheet: RawSheet, kind: Kind, unit: Unit, header: str) -> tuple[Unit, list[Problem]]:
    """The unit of a column whose header declares ``unit`` ("" = none), and what is wrong or odd about it."""
    if unit == "unknown":
        return unit, [problem("unknown_unit", **sheet.place, column=header, detail=header)]
    if kind == "rate":
        return unit or "percent", []
    if kind != "money" or unit:
        return unit, []
    declared = sheet_unit(sheet)
    if declared:
        return declared, []
    if speaks_of_wan(sheet.headers or ()):
        return "unclear", [problem("unit_unclear", **sheet.place, column=header)]
    return "yuan", [problem("unit_taken_as_yuan", **sheet.place, column=header)]


def _is_blank(sheet: RawSheet, place: str) -> bool:
    cells = sheet.frame[place]
    if cells.dtype != pl.String:
        return cells.null_count() == cells.len()
    return bool((cells.fill_null("").str.strip_chars() == "").all())


def skip_labels(sheet: RawSheet) -> tuple[RawSheet, list[Problem]]:
    """The sheet without rows of totals and examples, and a warning for each of them."""
    labels = [name for name in sheet.frame.columns if name != ROW][:_LABEL_COLUMNS]
    labels = [name for name in labels if sheet.frame[name].dtype == pl.String]
    if not any(sheet.frame[name].str.contains(_PERHAPS_A_LABEL).any() for name in labels):
        return sheet, []
    rows = sheet.frame.select(
        pl.col(ROW),
        pl.any_horizontal(pl.col(name).str.contains(_TOTALS).fill_null(value=False) for name in labels).alias(
            "total"
        ),
        pl.col(labels[0]).str.contains(_EXAMPLE).fill_null(value=False).alias("example"),
    )
    skipped = rows["total"] | rows["example"]
    if not skipped.any():
        return sheet, []
    warnings = [
        problem("example_row_skipped" if example else "total_row_skipped", **sheet.place, row=row)
        for row, _, example in rows.filter(skipped).rows()
    ]
    return sheet.keep(~skipped), warnings
