"""Workbooks: xlsx and xls, as Excel and WPS write them (an .et file is one of the two inside)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from bangfu.facts import old_workbook
from bangfu.facts.problems import BadFacts, Problem, problem
from bangfu.facts.sheets import RawSheet, from_cells

WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".et", ".xlt", ".ett"})

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_BYTES = 2_000_000_000
_MOST_CELLS = 60_000_000
_CHUNK = 4_000_000
_OVERLAP = 20_000
_COLUMN_REF = re.compile(rb' r="([A-Z]{1,3})\d')
_ROW_REF = re.compile(rb' r="[A-Z]{0,3}(\d{1,12})"')
_ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*?\bt="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]*)'
)
_UNCOUNTED_CELL = re.compile(  # a formula that nobody has computed: no value beside it
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?(</)(?:\w+:)?c>'
)
Cells = tuple[str, list[list[object]]]  # a sheet and its rows

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_workbook(path: Path) -> list[RawSheet]:
    """All sheets of a workbook that have a cell.

    Raises:
        BadFacts: empty_file, locked, too_large, unreadable.
    """
    name = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFacts((problem("locked", file=name),)) from error
    if not data:
        raise BadFacts((problem("empty_file", file=name),))
    if data.startswith(_ZIP):
        found = _new(data, name, _inspect(data, name))
    elif data.startswith(_OLE) and _ENCRYPTED not in data:
        found = _old(data, name)
    else:
        raise BadFacts((problem("locked" if data.startswith(_OLE) else "unreadable", file=name),))
    sheets = [from_cells(name, sheet, rows) for sheet, rows in found if rows]
    return [sheet for sheet in sheets if sheet.frame.height]


def _old(data: bytes, name: str) -> list[Cells]:
    try:
        return old_workbook.cells_of(data)
    except old_workbook.Unreadable as error:
        raise BadFacts((problem("locked" if error.locked else "unreadable", file=name),)) from error


def _new(data: bytes, name: str, errors: dict[str, list[tuple[int, int, str]]]) -> list[Cells]:
    found: list[Cells] = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for sheet in book.sheet_names:
                rows = [
                    list[object](row)
                    for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                ]
                for row, column, shown in errors.get(sheet, []):
                    if row < len(rows) and column < len(rows[row]):
                        rows[row][column] = shown
                found.append((sheet, rows))
    except PasswordError as error:
        raise BadFacts((problem("locked", file=name),)) from error
    except (CalamineError, ZipError, OSError, ValueError, OverflowError, MemoryError) as error:
        raise BadFacts((_unreadable(name),)) from error
    except BaseException as error:
        # A panic of the reader's Rust is no Exception; a keyboard interrupt must go through.
        if type(error).__name__ != "PanicException":
            raise
        raise BadFacts((_unreadable(name),)) from error
    return found


def _unreadable(name: str) -> Problem:
    return problem("unreadable", file=name)


def _inspect(data: bytes, name: str) -> dict[str, list[tuple[int, int, str]]]:
    """Refuse what would unpack to too much, and find formula errors, which the reader gives as empty cells.

    Returns:
        For each sheet name: row and column (0-based) and text of each error cell.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > _MOST_BYTES:
                raise BadFacts((problem("too_large", file=name, detail=f"{size:,} bytes"),))
            return {sheet: _scan(archive, part, name) for sheet, part in _parts(archive)}
    except (zipfile.BadZipFile, KeyError, ET.ParseError, zlib.error) as error:
        raise BadFacts((_unreadable(name),)) from error
    except (EOFError, ValueError, OSError, RuntimeError, NotImplementedError, LookupError) as error:
        raise BadFacts((_unreadable(name),)) from error


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - expat bounds entities
    }
    for element in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314
        if element.tag.endswith("}sheet"):
            target = relations.get(element.get(_RELATION)) or ""
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in archive.namelist() and "worksheets/" in part:
                yield element.get("name", ""), part


def _scan(archive: zipfile.ZipFile, part: str, name: str) -> list[tuple[int, int, str]]:
    letters: set[bytes] = set()
    last_row = 0
    errors: dict[tuple[int, int], str] = {}
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            piece = tail + chunk
            letters.update(_COLUMN_REF.findall(piece))
            last_row = max(last_row, max(map(int, _ROW_REF.findall(piece)), default=0))
            if b't="e"' in piece:
                for column, row, shown in _ERROR_CELL.findall(piece):
                    errors[int(row) - 1, _column_number(column)] = (
                        shown.decode("utf-8", "replace") or "#ERROR"
                    )
            if b"<f" in piece:
                for column, row, _ in _UNCOUNTED_CELL.findall(piece):
                    errors[int(row) - 1, _column_number(column)] = "#ERROR"
            tail = piece[-_OVERLAP:]
    width = max(map(_column_number, letters), default=0) + 1
    if last_row * width > _MOST_CELLS:
        raise BadFacts((problem("too_large", file=name, detail=f"{last_row:,} × {width:,}"),))
    return [(row, column, shown) for (row, column), shown in errors.items()]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
