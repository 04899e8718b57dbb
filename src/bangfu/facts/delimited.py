"""CSV: UTF-8 with or without a byte order mark, or GB18030; commas or tabs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import polars as pl

from bangfu.facts.problems import BadFacts, problem
from bangfu.facts.sheets import RawSheet, from_cells, numbered, without_empty_rows

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 4096
_LONGEST_FIELD = 100_000
_THREE_BYTES = re.compile("[\u0800-\U0010ffff]")
_BARE_RETURN = re.compile(r"\r(?!\n)")


def read_delimited(path: Path) -> RawSheet:
    """The cells of a CSV file.

    Raises:
        BadFacts: empty_file, not_text, wrong_encoding, damaged_text, broken_quotes, unreadable.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFacts((problem("locked", file=path.name),)) from error
    text = _decode(data, path.name)
    if not text.strip():
        raise BadFacts((problem("empty_file", file=path.name),))
    separator = "\t" if text[:_HEAD_BYTES].count("\t") > text[:_HEAD_BYTES].count(",") else ","
    width = text.partition("\n")[0].count(separator) + 1
    if _is_plain(text, separator, width):
        return _fast(text, separator, width, path.name)
    return _careful(text, separator, path.name)


def _decode(data: bytes, file: str) -> str:
    if data.startswith(_UTF16):
        raise BadFacts((problem("wrong_encoding", file=file),))
    if b"\x00" in data:
        raise BadFacts((problem("not_text", file=file),))
    marked = data.startswith(_BOM)
    try:
        text = (data[len(_BOM) :] if marked else data).decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start + (len(_BOM) if marked else 0)) + 1
        if marked or _is_mostly_utf8(data):
            raise BadFacts((problem("damaged_text", file=file, row=row),)) from error
    else:
        return text if marked or text.isascii() else _as_chinese(text, data)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise BadFacts((problem("wrong_encoding", file=file, row=row),)) from error


def _as_chinese(text: str, data: bytes) -> str:
    """Text that is valid UTF-8, read as GB18030 where only that makes it Chinese.

    A few Chinese words in GB18030 can be valid UTF-8 by chance; they then show letters of two bytes only (Greek,
    Hebrew …), while Chinese in UTF-8 has three.
    """
    if _THREE_BYTES.search(text):
        return text
    try:
        other = data.decode("gb18030")
    except UnicodeDecodeError:
        return text
    return other if _THREE_BYTES.search(other) else text


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether a text that is not UTF-8 was UTF-8 before some bytes of it were damaged.

    GB18030 text read as UTF-8 is nearly all bad bytes; damaged UTF-8 has more good characters than bad.
    """
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = len(text) - bad - sum(map(text.count, map(chr, range(128))))
    return good > bad


def _is_plain(text: str, separator: str, width: int) -> bool:
    """Whether no cell is quoted and every line has the same number of cells."""
    if '"' in text or _BARE_RETURN.search(text) or width == 1:
        return False
    lines = text.count("\n") + (not text.endswith("\n"))
    return text.count(separator) == lines * (width - 1)


def _fast(text: str, separator: str, width: int, file: str) -> RawSheet:
    try:
        frame = pl.read_csv(
            text.encode("utf-8"),
            has_header=False,
            infer_schema=False,
            quote_char=None,
            separator=separator,
            new_columns=[str(place) for place in range(width)],
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        return _careful(text, separator, file)
    return without_empty_rows(RawSheet(file, "", numbered(frame)))


def _careful(text: str, separator: str, file: str) -> RawSheet:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        row = len(rows) + 1
        raise BadFacts((problem("broken_quotes", file=file, row=row, detail=str(error)),)) from error
    return from_cells(file, "", rows)
