"""Files of banks and one-card systems as rows of texts: delimited in any of the usual ways, or a workbook."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bangfu.casework.payments.words import PROBLEMS
from bangfu.casework.words import Words
from bangfu.facts import BadFacts
from bangfu.facts.workbook import read_workbook

__all__ = ["FileProblem", "Table", "table_of"]

LARGEST = 20 * 1024 * 1024
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_HEAD, _SIGNS = 20, 4096
_TOTALS = ("合计", "总计", "小计", "制表", "trailer", "total")


@dataclass(frozen=True)
class FileProblem:
    """What is wrong with a row; no clear number in it.

    Attributes:
        row: Of the file, from 1; 0 of the file as a whole.
        code: One of ``words.PROBLEMS``.
        detail: More of it: a heading, a payment's number, a status.
        warns: Whether it only warns.
    """

    row: int
    code: str
    detail: str = ""
    warns: bool = False

    @property
    def words(self) -> Words:
        """In words."""
        said = PROBLEMS[self.code]
        return Words(f"{said.zh}：{self.detail}", f"{said.en}: {self.detail}") if self.detail else said


@dataclass(frozen=True)
class Table:
    """The rows of a file under the names asked for.

    Attributes:
        rows: Number in the file, name → cell; a column that is not there has no name.
        problems: Why there are none.
    """

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    problems: tuple[FileProblem, ...] = ()


def table_of(content: bytes, columns: Mapping[str, Sequence[str]], *, needed: Sequence[str]) -> Table:
    """The rows of a file by the names of its columns.

    Args:
        content: The file.
        columns: Name → headings it may stand under; ``#3`` is the third column of a file without headings.
        needed: Names without which nothing can be read.
    """
    try:
        rows = _rows(content)
    except (BadFacts, UnicodeDecodeError, csv.Error):
        return Table((), (FileProblem(0, "unreadable"),))
    start, places = _placed(rows, columns, needed)
    missing = [name for name in needed if name not in places]
    if missing:
        headings = [columns[name][0] if columns.get(name) else name for name in missing]
        return Table((), (FileProblem(0, "no_columns", "、".join(headings)),))
    width = max(places[name] for name in needed)
    out = []
    for number, cells in rows[start:]:
        if len(cells) <= width or not any(cells) or _is_total(cells):
            continue
        out.append((number, {name: cells[at].strip() for name, at in places.items() if at < len(cells)}))
    return Table(tuple(out), () if out else (FileProblem(0, "empty"),))


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    if content.startswith(_WORKBOOK):
        with tempfile.TemporaryDirectory(prefix="bangfu-payments-") as folder:
            path = Path(folder) / "file.xlsx"
            path.write_bytes(content)
            sheets = read_workbook(path)
        if not sheets:
            return []
        frame = sheets[0].frame
        names = [name for name in frame.columns if name != "_row"]
        return [
            (int(row), [cell or "" for cell in cells])
            for row, cells in zip(frame["_row"].to_list(), frame.select(names).rows(), strict=True)
        ]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    head = text[:_SIGNS]
    separator = max((",", "\t", "|"), key=head.count)
    return list(enumerate((list(row) for row in csv.reader(io.StringIO(text), delimiter=separator)), start=1))


def _placed(
    rows: Sequence[tuple[int, list[str]]], columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> tuple[int, dict[str, int]]:
    """From which row on, and where each column stands."""
    by_place = {
        name: int(one[1:]) - 1
        for name, told in columns.items()
        for one in told
        if one[:1] == "#" and one[1:].isdigit()
    }
    if by_place:
        return 0, by_place
    best: tuple[int, dict[str, int]] = (0, {})
    for at, (_, cells) in enumerate(rows[:_HEAD]):
        told = [_folded(cell) for cell in cells]
        found = {}
        for name, headings in columns.items():
            place = next((told.index(_folded(one)) for one in headings if _folded(one) in told), None)
            if place is not None:
                found[name] = place
        if all(name in found for name in needed):
            return at + 1, found
        if len(found) > len(best[1]):
            best = (at + 1, found)
    return best


def _folded(heading: str) -> str:
    return "".join(heading.split()).replace("(", "（").replace(")", "）").lower()


def _is_total(cells: Sequence[str]) -> bool:
    first = next((cell.strip().lower() for cell in cells if cell.strip()), "")
    return first.startswith(_TOTALS)
