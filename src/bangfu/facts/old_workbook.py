"""Old .xls workbooks, read in a process of their own.

The old format has no checksums: a damaged cell may claim to stand at the far end of a sheet, and the parser then
asks for more memory than there is, which ends the process. So it ends one that was made for it, with bounded memory.
This file is run as a script by ``cells_of``; what it prints is JSON.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

_MOST_BYTES = 3_000_000_000
_MOST_SECONDS = 120


class Unreadable(Exception):  # noqa: N818 - named for what it says
    """The workbook could not be read; ``locked`` where it has a password."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__("locked" if locked else "unreadable")
        self.locked = locked


def cells_of(data: bytes) -> list[tuple[str, list[list[object]]]]:
    """The sheets of an .xls workbook with their cells: text, numbers, booleans, days as ISO text.

    Raises:
        Unreadable: Damaged, locked, or too much for its bounds.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", str(Path(__file__))],
            input=data,
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Unreadable(locked=False) from error
    if done.returncode != 0:
        raise Unreadable(locked=False)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "sheets" not in answer:
        raise Unreadable(locked=bool(answer.get("locked")))
    return [(name, rows) for name, rows in answer["sheets"]]


def plain(cell: object) -> object:
    """A cell as JSON holds it: days and times become text."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, (str, int, float, bool)) else str(cell)


def _main() -> None:
    from python_calamine import CalamineWorkbook, PasswordError  # noqa: PLC0415 - only the script needs it

    _bound_memory()
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            sheets = [
                (
                    name,
                    [
                        list(map(plain, row))
                        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    ],
                )
                for name in book.sheet_names
            ]
    except PasswordError:
        json.dump({"locked": True}, sys.stdout)
    else:
        json.dump({"sheets": sheets}, sys.stdout)


def _bound_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _main()
