"""A path to its sheets: a folder of CSV, Parquet or workbooks, or one workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bangfu.facts.columnar import read_columnar
from bangfu.facts.delimited import read_delimited
from bangfu.facts.problems import BadFacts, Problem, problem
from bangfu.facts.sheets import RawSheet
from bangfu.facts.workbook import WORKBOOK_SUFFIXES, read_workbook

_READERS: dict[str, Callable[[Path], RawSheet]] = {".csv": read_delimited, ".parquet": read_columnar}
_HIDDEN = (".", "_", "~$")


def open_sheets(path: Path, *, single: bool = False) -> tuple[list[tuple[str, RawSheet]], list[Problem]]:
    """All sheets, each with the name that tells its table, and what could not be opened.

    Args:
        path: A folder or a workbook.
        single: A single CSV or Parquet file is taken as well (a wide ledger with a mapping).

    Raises:
        BadFacts: not_found, not_facts, empty_folder.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError) as error:
        raise BadFacts((problem("not_found", file=path.name),)) from error
    if is_folder:
        return _open_folder(path)
    if not is_file:
        raise BadFacts((problem("not_found", file=path.name),))
    suffix = path.suffix.lower()
    if suffix in WORKBOOK_SUFFIXES or (single and suffix in _READERS):
        return _open_all([path])
    raise BadFacts((problem("not_facts", file=path.name),))


def _open_folder(path: Path) -> tuple[list[tuple[str, RawSheet]], list[Problem]]:
    try:
        inside = sorted(file for file in path.iterdir() if not file.name.startswith(_HIDDEN))
    except OSError as error:
        raise BadFacts((problem("locked", file=path.name),)) from error
    readable = [
        file for file in inside if file.suffix.lower() in {*_READERS, *WORKBOOK_SUFFIXES} and file.is_file()
    ]
    if not readable:
        raise BadFacts((problem("empty_folder", file=path.name),))
    return _open_all(readable)


def _open_all(files: list[Path]) -> tuple[list[tuple[str, RawSheet]], list[Problem]]:
    found: list[tuple[str, RawSheet]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            if file.suffix.lower() in WORKBOOK_SUFFIXES:
                found.extend((sheet.sheet, sheet) for sheet in read_workbook(file))
            else:
                found.append((file.stem, _READERS[file.suffix.lower()](file)))
        except BadFacts as bad:
            problems.extend(bad.problems)
    return found, problems
