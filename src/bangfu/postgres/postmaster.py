"""Who is behind ``postmaster.pid``: a live server of this folder, or what a crash left lying there."""

from __future__ import annotations

import itertools
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
    number = _first_number(data / "postmaster.pid")
    return number if number is not None and _serves(number, data) else None


def clear_stale(lock: Path) -> None:
    """Remove a lock file of a dead server where PostgreSQL would take it for a live one's. No server runs.

    PostgreSQL itself clears a lock whose process is gone. It gives up before a zombie, before a process of
    another program that got the same number, and before a file left empty by a full disk.
    """
    number = _first_number(lock)
    if number is None or _exists(number):
        lock.unlink(missing_ok=True)


def _first_number(lock: Path) -> int | None:
    try:
        number = int(lock.read_bytes().split(b"\n", 1)[0])
    except (OSError, ValueError):
        return None
    return number if number > 1 else None


def _exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def lives(number: int) -> bool:
    """Whether a process is there and no zombie; its command line is of no use while it becomes another program."""
    if PROCESSES.joinpath("self").exists():
        try:
            state = (PROCESSES / str(number) / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            return False
        return state not in (b"Z", b"X")
    return _exists(number)


def _serves(number: int, data: Path) -> bool:
    arguments = _arguments(number)
    if not arguments or Path(arguments[0]).name not in NAMES:
        return False
    named = [value for option, value in itertools.pairwise(arguments) if option == "-D"]
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
