"""A bound sheet to a canonical frame, and every cell that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from bangfu.facts import cells, codes
from bangfu.facts.bind import Bound
from bangfu.facts.cells import Cells
from bangfu.facts.headers import suggest
from bangfu.facts.problems import Problem, problem
from bangfu.facts.schema import DERIVED, Column, Table
from bangfu.facts.sheets import PART_STEP, ROW
from bangfu.facts.write import rate_text

_DECIMALS = {"yuan": 2, "wan": 6, "fen": 0, "unclear": 2, "unknown": 2}
_VILLAGE, _PLACES, _COUNTY = (12,), (12, 9, 6), (6,)
_AREA_LENGTHS: Mapping[str, tuple[int, ...]] = {
    "households": _VILLAGE,
    "loans": _PLACES,
    "ordinary_loans": _PLACES,
    "fund": _COUNTY,
    "budgets": _COUNTY,
}
Wrong = tuple[int, Problem]

_MOST_PERCENT = 36
_FORMULA_ERROR = r"^#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|GETTING_DATA|ERROR)$"


@dataclass(frozen=True)
class Parsed:
    """A table read cell by cell.

    Attributes:
        table: Its schema.
        parts: Where it came from, with the text of its cells: one sheet, or several parts of a wide one.
        frame: Canonical columns and ``_row``; wrong cells are null.
        wrong: What is wrong with cells, each with its ``_row``.
        lacking: Columns that its rows need and that are not there.
    """

    table: Table
    parts: tuple[Bound, ...]
    frame: pl.DataFrame
    wrong: tuple[tuple[int, Problem], ...] = ()
    lacking: tuple[Problem, ...] = ()

    @property
    def bad(self) -> frozenset[int]:
        """The rows with a wrong cell."""
        return frozenset(row for row, _ in self.wrong)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with cells."""
        return [found for _, found in self.wrong]

    def part_of(self, row: int) -> Bound:
        """The part that a row came from."""
        return self.parts[row // PART_STEP]

    def without(self, rows: Collection[int]) -> Parsed:
        """The table without some of its rows and what was wrong with them."""
        if not rows:
            return self
        gone = pl.DataFrame({ROW: pl.Series(list(rows), dtype=pl.Int64)})
        kept = self.frame.join(gone, on=ROW, how="anti", maintain_order="left")
        return replace(self, frame=kept, wrong=tuple(one for one in self.wrong if one[0] not in rows))


def parse(*parts: Bound) -> Parsed:
    """Read every cell of the parts of a table."""
    read = [_part(part) for part in parts]
    if len(read) == 1:
        return read[0]
    frame = pl.concat([one.frame for one in read])
    wrong = tuple(wrong for one in read for wrong in one.wrong)
    return Parsed(read[0].table, parts, frame, wrong, read[0].lacking)


def _part(bound: Bound) -> Parsed:
    table = bound.table
    columns: list[pl.Series] = [bound.frame[ROW]]
    wrong: list[Wrong] = list(bound.wrong)
    everywhere = pl.Series([True], dtype=pl.Boolean).new_from_index(0, bound.frame.height)
    for column in table.columns:
        if column.name not in bound.frame.columns:
            columns.append(
                pl.Series(column.frame, [None], column.dtype).new_from_index(0, bound.frame.height)
            )
            continue
        read = _read(column, bound)
        columns.append(read.values.cast(column.dtype).alias(column.frame))
        if read.codes is not None:
            wrong.extend(_cell_problems(column, bound, read.codes))
        if column.required and read.values.null_count():
            wrong.extend(_empty(column, bound, everywhere))
    frame = pl.DataFrame(columns)
    lacking: list[Problem] = []
    for column, needed, code in _conditions(table, frame):
        if column.name in bound.frame.columns:
            wrong.extend(_empty(column, bound, needed, code))
        elif needed.any():
            lacking.append(problem("missing_column", **bound.place, detail=(column.zh_header, column.name)))
    if table.name == "events":
        frame, about = _events(frame, bound)
        wrong.extend(about)
    return Parsed(table, (bound,), frame, tuple(wrong), tuple(lacking))


def _read(column: Column, bound: Bound) -> Cells:
    stored = bound.frame[column.name]
    if bound.units.get(column.name) in ("unclear", "unknown"):
        return Cells(pl.Series([None], dtype=column.dtype).new_from_index(0, stored.len()))
    if stored.dtype == pl.Null:
        stored = stored.cast(pl.String)
    typed = _read_typed(column, stored, bound)
    if typed is not None:
        return typed
    numeric = bound.numeric.get(column.name)
    text = stored if stored.dtype == pl.String else stored.cast(pl.String)
    if column.kind in ("text", "value"):
        return _with_errors(Cells(cells.trimmed(text)), text)
    return _with_errors(_read_text(column, cells.folded(text), numeric, bound), text)


def _read_typed(column: Column, stored: pl.Series, bound: Bound) -> Cells | None:
    """A column stored in its canonical type; None where its text must be read."""
    unit = bound.units.get(column.name, "")
    read: Cells | None = None
    if column.kind == "date" and stored.dtype == pl.Date:
        read = cells.check_date(stored)
    elif column.kind == "bool" and stored.dtype == pl.Boolean:
        read = Cells(stored)
    elif stored.dtype == pl.Int64 and column.kind == "money" and unit == "fen":
        read = cells.check_fen(stored, limit_fen=column.limit_fen)
    elif stored.dtype == pl.Int64 and column.kind == "rate" and unit == "e8":
        read = cells.check_rate(stored, loan_rate=_is_loan_rate(column), most_percent=column.most_percent)
    elif stored.dtype == pl.Int64 and column.kind == "count":
        read = cells.check_count(stored)
    return read


def _with_errors(read: Cells, text: pl.Series) -> Cells:
    """Formula errors named as such."""
    if not text.str.starts_with("#").any():
        return read
    broken = text.str.contains(_FORMULA_ERROR).fill_null(value=False)
    codes_so_far = _null_text(text.len()) if read.codes is None else read.codes
    frame = pl.DataFrame({"broken": broken, "code": codes_so_far, "value": read.values})
    named = frame.select(
        value=pl.when(~pl.col("broken")).then(pl.col("value")),
        code=pl.when(pl.col("broken")).then(pl.lit("cell_error")).otherwise(pl.col("code")),
    )
    return Cells(named["value"], named["code"])


def _is_loan_rate(column: Column) -> bool:
    return column.most_decimals == 4  # noqa: PLR2004 - of a percent, as contract rates have


def _read_text(column: Column, text: pl.Series, numeric: pl.Series | None, bound: Bound) -> Cells:
    unit = bound.units.get(column.name, "")
    readers: Mapping[str, Callable[[], Cells]] = {
        "money": lambda: cells.read_money(text, decimals=_DECIMALS[unit], limit_fen=column.limit_fen),
        "rate": lambda: cells.read_rate(
            text,
            numeric=numeric,
            loan_rate=_is_loan_rate(column),
            most_percent=column.most_percent,
            in_e8=unit == "e8",
        ),
        "date": lambda: cells.read_date(text),
        "count": lambda: cells.read_count(text),
        "bool": lambda: cells.read_bool(text, codes.reverse(codes.TRUTH)),
        "area": lambda: cells.read_area(text, _AREA_LENGTHS[bound.table.name]),
        "idnumber": lambda: cells.read_id_number(text, numeric),
        "code": lambda: cells.read_word(text, codes.reverse(column.words or {}), wrong="unknown_code"),
        "id": lambda: cells.read_id(text, numeric),
    }
    return readers[column.kind]()


def _texts(bound: Bound, column: str, mask: pl.Series) -> list[tuple[int, str | None]]:
    """Row numbers and cells as text, where the mask is true."""
    frame = bound.frame.select(ROW, pl.col(column).cast(pl.String)).filter(mask)
    return frame.rows()


def _cell_problems(column: Column, bound: Bound, found: pl.Series) -> list[Wrong]:
    broken = found.is_not_null()
    if not broken.any():
        return []
    details: dict[str | None, tuple[str, str]] = {}
    wrong = []
    for (row, value), code in zip(_texts(bound, column.name, broken), found.filter(broken), strict=True):
        if value not in details:
            details[value] = _detail(column, bound.table, code, value)
        wrong.append((row, bound.about(code, row, column, value, details[value])))
    return wrong


def _detail(column: Column, table: Table, code: str, value: str | None) -> tuple[str, str]:
    if code == "bad_area_code":
        lengths = "/".join(map(str, _AREA_LENGTHS[table.name]))
        return lengths, lengths
    if code == "unknown_code" and column.words is not None:
        return suggest(value or "", codes.spellings(column.words))
    return "", ""


def _blank(bound: Bound, column: str) -> pl.Series:
    stored = bound.frame[column]
    if stored.dtype != pl.String:
        return stored.is_null()
    return stored.str.strip_chars().fill_null("") == ""


def _empty(column: Column, bound: Bound, needed: pl.Series, code: str = "empty_required") -> list[Wrong]:
    """A problem for each row that needs a cell and has none."""
    lacking = needed & _blank(bound, column.name)
    if not lacking.any():
        return []
    return [(row, bound.about(code, row, column, None)) for row in bound.frame[ROW].filter(lacking)]


def _conditions(table: Table, frame: pl.DataFrame) -> Iterator[tuple[Column, pl.Series, str]]:
    """Columns that some rows need: which rows, and the code of an empty cell there."""
    for column in table.columns:
        if column.needed_once_signed:
            yield column, frame["contract_on"].is_not_null(), "empty_required"
    if table.name == "events":
        moneyed = frame["kind"].is_in(list(codes.EVENTS_OF_MONEY)).fill_null(value=False)
        yield table.column("amount"), moneyed, "amount_missing"


_VALUES: Mapping[str, tuple[str, str]] = {
    "extended": ("新到期日", "a new maturity date"),
    "classified": ("1至5或正常至损失", "a class from 1 to 5"),
    "rate_changed": ("新利率（%）", "a new rate in percent"),
    "reminded": ("口头或书面", "spoken or written"),
}


def _events(frame: pl.DataFrame, bound: Bound) -> tuple[pl.DataFrame, list[Wrong]]:
    """Events with their values typed; the value itself normalised (ISO day, class, percent, code).

    Few events bear a value that is typed, so only those rows are read, and their values laid back in their places.
    """
    column = bound.table.column("value")
    mask = frame["kind"].is_in(list(_VALUES)).fill_null(value=False)
    numeric = bound.numeric.get("value")
    few = frame.select(
        ROW, "kind", "value", numeric=pl.lit(value=False) if numeric is None else numeric
    ).filter(mask)
    text = {kind: _where(few["value"], few["kind"] == kind) for kind in _VALUES}
    read = {
        "extended": cells.read_date(text["extended"]),
        "classified": cells.read_word(text["classified"], codes.reverse(codes.RISK_CLASS), wrong="bad_value"),
        "rate_changed": cells.read_rate(
            text["rate_changed"], numeric=few["numeric"], loan_rate=True, most_percent=_MOST_PERCENT
        ),
        "reminded": cells.read_word(text["reminded"], codes.reverse(codes.REMINDER), wrong="bad_value"),
    }
    about: list[Wrong] = []
    for kind, typed in read.items():
        wrong = (few["kind"] == kind) & typed.values.is_null()
        if kind == "reminded":
            wrong &= text[kind].is_not_null()
        if wrong.any():
            told = _null_text(few.height) if typed.codes is None else typed.codes
            shown = dict(_texts_or_none(bound, mask))
            for row, code in zip(few[ROW].filter(wrong), told.filter(wrong), strict=True):
                kept = code if code == "rate_looks_like_a_fraction" else "bad_value"
                about.append((row, bound.about(kept, row, column, shown[row], _VALUES[kind])))
    laid = few.select(
        read["extended"].values.cast(DERIVED["value_on"]).alias("value_on"),
        read["classified"].values.cast(DERIVED["value_class"]).alias("value_class"),
        read["rate_changed"].values.cast(DERIVED["value_rate_e8"]).alias("value_rate_e8"),
        read["reminded"].values.alias("_reminded"),
    )
    place = pl.DataFrame({"mask": mask}).select(
        pl.when(pl.col("mask")).then(pl.col("mask").cum_sum() - 1).cast(pl.Int64)
    )
    spread = frame.with_columns(laid[name].gather(place.to_series()).alias(name) for name in laid.columns)
    value = pl.coalesce(
        pl.col("value_on").dt.to_string("%Y-%m-%d"),
        pl.col("value_class").cast(pl.String),
        rate_text(pl.col("value_rate_e8")),
        pl.col("_reminded"),
        pl.col("value"),
    )
    if few.height:
        spread = spread.with_columns(value.alias("value"))
    return spread.drop("_reminded"), about


def _null_text(length: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, length)


def _texts_or_none(bound: Bound, mask: pl.Series) -> list[tuple[int, str | None]]:
    if "value" in bound.frame.columns:
        return _texts(bound, "value", mask)
    return [(row, None) for row in bound.frame[ROW].filter(mask)]


def _where(values: pl.Series, mask: pl.Series) -> pl.Series:
    chosen = pl.DataFrame({"value": values, "mask": mask})
    return cells.folded(chosen.select(pl.when(pl.col("mask")).then(pl.col("value"))).to_series())
