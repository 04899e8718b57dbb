"""The tables of the programme: names, types, units, Chinese headers, codes, notes (design §11).

A ``Column`` is described as people write it in a file; ``Column.frame`` and ``Column.dtype`` tell how it stands in
memory: money as Int64 fen (``principal`` → ``principal_fen``), rates as Int64 in 1e-8 (``rate`` → ``rate_e8``),
dates as Date, booleans as Boolean, counts as Int64, all else as String. ``from`` and ``to`` become ``from_on`` and
``to_on``; ends of periods are exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from bangfu.facts.codes import Words

Kind = Literal["id", "text", "date", "money", "rate", "count", "bool", "code", "idnumber", "area", "value"]

FEN_100_MILLION_YUAN = 10_000_000_000  # the kernel's bound on one loan (design §6)
FEN_PUBLIC_FUNDS = 1_000_000_000_000_000  # ten trillion yuan: budgets and funds, far inside Int64

_DTYPES: Mapping[str, type[pl.DataType]] = {
    "date": pl.Date,
    "money": pl.Int64,
    "rate": pl.Int64,
    "count": pl.Int64,
    "bool": pl.Boolean,
}
_SUFFIXES = {"money": "_fen", "rate": "_e8"}
_RENAMED = {"from": "from_on", "to": "to_on"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as people write it.

    Attributes:
        name: English header; money in yuan, rates in percent.
        zh: The Chinese header we write; the unit of money and rates is added in brackets.
        kind: How a cell is read.
        aliases: Further headers that are read as this column.
        required: The column must be there and no cell may be empty.
        needed_once_signed: As required, on rows whose contract_on is filled.
        words: The code set of a code column.
        limit_fen: The greatest amount admitted.
        most_decimals: Of a percent, for rates.
        personal: Values are masked in reports of problems.
        zh_note: What to fill in, for people.
        en_note: The same in English.
    """

    name: str
    zh: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    required: bool = False
    needed_once_signed: bool = False
    words: Words | None = None
    limit_fen: int = FEN_100_MILLION_YUAN
    most_decimals: int = 4
    most_percent: int = 36
    personal: bool = False
    zh_note: str = ""
    en_note: str = ""

    @property
    def frame(self) -> str:
        """The column's name in memory."""
        return _RENAMED.get(self.name, self.name) + _SUFFIXES.get(self.kind, "")

    @property
    def dtype(self) -> type[pl.DataType]:
        """The column's type in memory."""
        return _DTYPES.get(self.kind, pl.String)

    @property
    def zh_header(self) -> str:
        """The Chinese header with its unit."""
        return self.zh + {"money": "（元）", "rate": "（%）"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, its key (composite where several, empty where rows may repeat), and what it refers to."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    aliases: tuple[str, ...] = ()
    refers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    zh_note: str = ""
    en_note: str = ""

    def column(self, name: str) -> Column:
        """The column of a file name or of a name in memory.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if name in (column.name, column.frame):
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Names and types in memory; events carry their typed values besides."""
        typed = {column.frame: column.dtype for column in self.columns}
        return {**typed, **DERIVED} if self.name == "events" else typed


# events.value, typed: the new maturity of an extension, the class of a classification, the new rate of a change.
DERIVED: dict[str, type[pl.DataType]] = {
    "value_on": pl.Date,
    "value_class": pl.Int64,
    "value_rate_e8": pl.Int64,
}
