"""The folders and files of a cluster, its locks, and the short directory its socket needs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bangfu.postgres import postmaster, settings
from bangfu.postgres.problems import NoServer
from bangfu.postgres.runner import Runner

LONGEST_SOCKET_PATH = 107  # bytes, without the closing zero: the limit of Linux
LAST_LINES = 5


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything of a cluster lies."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    @property
    def run(self) -> Path:
        """The socket's directory or a link to it."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """The log's directory."""
        return self.folder / "log"

    @property
    def start_log(self) -> Path:
        """What the server says before its log is open."""
        return self.log / "start.log"

    @property
    def holders(self) -> Path:
        """Locked, shared, by every process that holds the server."""
        return self.folder / "holders"

    @property
    def until_last(self) -> Path:
        """There while the server is to stop with its last holder."""
        return self.folder / "until_last"

    def sockets(self) -> Path:
        """The directory that holds the socket."""
        return self.run.readlink() if self.run.is_symlink() else self.run

    def socket_file(self) -> Path:
        """The socket itself."""
        return self.sockets() / f".s.PGSQL.{self.port}"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time starts or stops the server; freed by the system when a process dies."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = self.open_own(self.folder / "lock")
        except PermissionError:
            raise NoServer(
                f"无权写入 {self.folder}", f"{self.folder} may not be written by this user"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def open_own(self, path: Path) -> int:
        """Open a lock file, which belongs to whoever owns the cluster's folder."""
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            owner = self.folder.stat()
            os.fchown(opened, owner.st_uid, owner.st_gid)
        return opened

    def prepare(self, runner: Runner, *, throwaway: bool) -> None:
        """Clear what a crash left, and write the settings of this start. No server runs."""
        for lock in (self.data / "postmaster.pid", Path(f"{self.socket_file()}.lock")):
            postmaster.clear_stale(lock)
        self._closed_directory(self.log, runner)
        self.start_log.unlink(missing_ok=True)
        sockets = self._make_sockets(runner)
        written = self.data / settings.FILE
        if throwaway and written.exists() and "fsync = 'on'" in written.read_text(encoding="utf-8"):
            raise NoServer(
                f"{self.folder} 不是试验用目录",
                f"{self.folder} was made with care and is not to be thrown away",
            )
        text = settings.text(sockets=sockets, log=self.log, port=self.port, throwaway=throwaway)
        self._write(written, text, runner)

    def last_words(self) -> str:
        """Why the server did not start, in its own words."""
        said = [line for line in _lines(self.start_log) if "redirecting log output" not in line]
        if not said:
            logs = sorted(self.log.glob("postgresql-*.log"), key=lambda path: path.stat().st_mtime)
            lines = _lines(logs[-1]) if logs else []
            starts = [place for place, line in enumerate(lines) if "starting PostgreSQL" in line]
            since = lines[starts[-1] :] if starts else lines
            said = [line for line in since if "FATAL" in line or "PANIC" in line]
        return " | ".join(said[-LAST_LINES:])

    def _write(self, path: Path, text: str, runner: Runner) -> None:
        """Put a file into a folder of the server's user, following no link that user may have laid there."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
        ) as file:
            file.write(text.encode("utf-8"))
        runner.own(fresh)
        fresh.replace(path)

    def _make_sockets(self, runner: Runner) -> Path:
        """The socket's directory: ``run``, or a short one elsewhere that ``run`` links to."""
        if self.run.is_symlink():
            short = self.run.readlink()
            if self._is_our_short(short, runner):
                return short
            self.run.unlink()
        # PostgreSQL's clients take a comma in a host for a list of hosts.
        wanted = os.fsencode(self.run / f".s.PGSQL.{self.port}")
        if len(wanted) <= LONGEST_SOCKET_PATH and b"," not in wanted:
            self._closed_directory(self.run, runner)
            return self.run
        if self.run.exists():
            shutil.rmtree(self.run)
        # Always here: a session's own temporary folder goes with the session, the server stays.
        short = Path(tempfile.mkdtemp(prefix=self._short_prefix(), dir="/tmp"))
        runner.own(short)
        self.run.symlink_to(short)
        return short

    def _short_prefix(self) -> str:
        """Names the cluster, so that a copied folder does not share the socket of its original."""
        return f"bangfu-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:8]}-"

    def _is_our_short(self, short: Path, runner: Runner) -> bool:
        try:
            seen = short.lstat()
        except OSError:
            return False
        closed = stat.S_ISDIR(seen.st_mode) and seen.st_mode & 0o077 == 0
        return closed and seen.st_uid == runner.uid and short.name.startswith(self._short_prefix())

    def _closed_directory(self, path: Path, runner: Runner) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)
        runner.own(path)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
