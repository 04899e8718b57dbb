"""Who is behind ``postmaster.pid``: a live server of this folder, or what a crash left lying there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROCESSES = Path("/proc")
NAMES = ("postgres", "postmaster")


def find(data: Path) -> int | None:
    """The process id of the live server of a data folder, or none.

    A process id may have been given to another program since (a restart of the machine), and a killed server may
    stay behind as a zombie: neither is a server.
    """
    try:
        number = int((data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return number if number > 1 and _serves(number, data) else None


def _serves(number: int, data: Path) -> bool:
    arguments = _arguments(number)
    if not arguments or Path(arguments[0]).name not in NAMES:
        return False
    named = [value for option, value in zip(arguments, arguments[1:], strict=False) if option == "-D"]
    if named and Path(named[-1]).is_absolute():
        return _same(Path(named[-1]), data)
    try:
        return _same((PROCESSES / str(number) / "cwd").readlink(), data)
    except OSError:
        return True  # started by other means, and not to be looked into: leave it alone


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other


def _arguments(number: int) -> list[str]:
    """The command line of a process; empty where it is gone or a zombie."""
    if PROCESSES.joinpath("self").exists():
        try:
            raw = (PROCESSES / str(number) / "cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(part) for part in raw.split(b"\0") if part]
    told = subprocess.run(  # noqa: S603 - systems without /proc
        ["/bin/ps", "-o", "command=", "-p", str(number)], capture_output=True, text=True, check=False
    )
    return told.stdout.split()


def orphans(data: Path) -> list[int]:
    """Processes of a killed server that still work in a data folder and keep a new one from starting."""
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes()
            if title.startswith(b"postgres: ") and _same((folder / "cwd").readlink(), data):
                found.append(int(folder.name))
        except OSError:  # gone meanwhile, or another user's
            continue
    return found
