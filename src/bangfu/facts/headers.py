"""Headers: which column a header means, in which unit, and where the header row is."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import polars as pl

from bangfu.facts.schema import DERIVED, Column, Kind, Table
from bangfu.facts.sheets import ROW, RawSheet
from bangfu.facts.tables import TABLES

Unit = Literal["", "yuan", "wan", "fen", "percent", "e8", "unclear", "unknown"]

_ROWS_SEARCHED = 20
_BRACKETED = re.compile(r"^(.+?)[(\[【<{]([^()\[\]【】<>{}]*)[)\]】>}]$")
_WAN = re.compile(r"万")
_SHEET_UNIT = re.compile(r"(?:金额)?单位:?(?:人民币)?(万元|元)")
_UNITS: Mapping[str, Unit] = {
    "元": "yuan",
    "yuan": "yuan",
    "万元": "wan",
    "wan": "wan",
    "%": "percent",
    "百分数": "percent",
}
_ENGLISH_UNITS: Mapping[Kind, Mapping[str, Unit]] = {
    "money": {"": "yuan", "_yuan": "yuan", "_wan": "wan", "_fen": "fen"},
    "rate": {"": "percent", "_percent": "percent", "_e8": "e8"},
}
_NOT_A_UNIT = re.compile(r"[‰千百亿]|毛|角|分$|美元|usd|permille", re.IGNORECASE)
_NOTES = (
    "说明",
    "填表说明",
    "填报说明",
    "示例",
    "代码",
    "备注",
    "notes",
    "codes",
    "readme",
    "wpsreserved",
    "_",
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a header means: the column and the unit it declares ("" where it declares none)."""

    column: Column
    unit: Unit


def fold(text: str) -> str:
    """A header or name for comparison: full width folded, no blanks, no star, small letters."""
    return re.sub(r"[\s*＊\u200b\ufeff]", "", unicodedata.normalize("NFKC", text)).rstrip(":").lower()


@cache
def names(table_name: str) -> Mapping[str, Match]:
    """Every folded header that a table reads."""
    found: dict[str, Match] = {}
    for column in TABLES[table_name].columns:
        for alias in (column.zh, *column.aliases):
            found.setdefault(fold(alias), Match(column, ""))
    for column in TABLES[table_name].columns:
        found[column.frame] = Match(column, "")
        for suffix, unit in _ENGLISH_UNITS.get(column.kind, {"": ""}).items():
            found[column.name + suffix] = Match(column, unit)
    return found


def match(table_name: str, header: str) -> Match | None:
    """The column a header means, or None; brackets at its end are read as a unit where the column has one."""
    known = names(table_name)
    folded = fold(header)
    if folded in known:
        return known[folded]
    for bare, hint in split_unit(folded):
        if bare in known:
            return replace(known[bare], unit=declared(known[bare].column.kind, hint) or known[bare].unit)
    return None


def split_unit(folded: str) -> Iterator[tuple[str, str]]:
    """What a folded header may be without a unit at its end, and that unit."""
    bracketed = _BRACKETED.match(folded)
    if bracketed:
        yield bracketed.group(1), bracketed.group(2)
    for suffix in ("万元", "元", "%"):
        if folded.endswith(suffix):
            yield folded.removesuffix(suffix).rstrip("/-_,"), suffix


def declared(kind: Kind, hint: str) -> Unit:
    """The unit that a hint in a header declares: "" where it is no unit, "unknown" where it is one we do not read."""
    if kind not in ("money", "rate"):
        return ""
    bare = hint.removeprefix("单位").lstrip(":").removeprefix("人民币")
    unit = _UNITS.get(bare, "")
    if unit in (("yuan", "wan") if kind == "money" else ("percent",)):
        return unit
    return "unknown" if unit or _NOT_A_UNIT.search(bare) else ""


def is_derived(table: Table, header: str) -> bool:
    """Whether a header is one of the typed values of events, which reading makes anew."""
    return table.name == "events" and header in DERIVED


def sheet_unit(sheet: RawSheet) -> Unit:
    """The unit of money that the title above the header row declares, if it does."""
    found = _SHEET_UNIT.search(fold(sheet.title))
    return _UNITS[found.group(1)] if found else ""


def speaks_of_wan(headers: Iterable[str]) -> bool:
    """Whether any header is in 万元."""
    return any(_WAN.search(fold(header)) or fold(header).endswith("_wan") for header in headers)


def table_of(name: str) -> Table | None:
    """The table that a sheet or file name means: English, Chinese, or an accepted other name."""
    return _table_names().get(fold(name))


@cache
def _table_names() -> Mapping[str, Table]:
    return {fold(name): table for table in TABLES.values() for name in (table.name, table.zh, *table.aliases)}


def is_notes(name: str) -> bool:
    """Whether a sheet of this name holds notes for people."""
    return fold(name).startswith(_NOTES)


def suggest(word: str, known: Iterable[str]) -> tuple[str, str]:
    """The nearest known words, as a clause for a problem's wording in both languages; empty where none is near."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    if not near:
        return "", ""
    return f"，是否为：{'、'.join(near)}", f"; did you mean {', '.join(near)}?"


def header_words(table: Table) -> list[str]:
    """The headers to suggest for a table."""
    return [word for column in table.columns for word in (column.name, column.zh, *column.aliases)]


def find_header(sheet: RawSheet, known: Callable[[str], bool]) -> RawSheet | None:
    """The sheet below its header row, with its headers and its title; None where no row looks like a header.

    The header row is the first, among the first 20, in which the most cells are known headers.
    """
    if sheet.headers is not None:
        return sheet
    columns = [name for name in sheet.frame.columns if name != ROW]
    top = sheet.frame.head(_ROWS_SEARCHED)
    rows = [[cell or "" for cell in row] for row in top.select(columns).rows()]
    scores = [sum(1 for cell in row if cell and known(cell)) for row in rows]
    if not scores or max(scores) == 0:
        return None
    place = scores.index(max(scores))
    below = pl.Series([False] * (place + 1) + [True] * (sheet.frame.height - place - 1), dtype=pl.Boolean)
    title = " ".join(cell for row in rows[:place] for cell in row if cell)
    width = None if sheet.widths is None else int(sheet.widths[place])
    headers = tuple(
        header or _above(rows[:place], column, known) for column, header in enumerate(rows[place])
    )
    return replace(sheet.keep(below), headers=headers, title=title, width=width)


def _above(rows: list[list[str]], column: int, known: Callable[[str], bool]) -> str:
    """The header of a column whose header cell reaches down from a row above, as under headers of two levels."""
    return next((row[column] for row in reversed(rows) if row[column] and known(row[column])), "")
