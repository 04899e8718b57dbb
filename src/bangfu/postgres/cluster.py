"""A cluster in a folder: start it, hold it, stop it, and find it again after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from bangfu.postgres import postmaster
from bangfu.postgres.answering import Answer, ask
from bangfu.postgres.binaries import Binaries, find_binaries
from bangfu.postgres.folders import Folders
from bangfu.postgres.making import major_of, make_data
from bangfu.postgres.problems import NoServer
from bangfu.postgres.runner import Runner, choose_runner

PORT = 5432
SUPERUSER = "postgres"
# Not by pg_ctl, which puts paths into a shell's command line: a quote or a dollar in a folder's name breaks it.
IN_BACKGROUND = ("/bin/sh", "-c", 'exec 3>&1; "$1" -D "$2" </dev/null >>"$3" 2>&1 3>&- & echo $! >&3', "sh")
SECONDS_TO_LAUNCH = 60
PAUSE_SECONDS = 0.1
# Replaying a long log after a power cut may take minutes on an old disk.
SECONDS_TO_RECOVER = 600
SECONDS_WITHOUT_SOCKET = 10
SECONDS_FOR_RETRIES = 60
SECONDS_FOR_ORPHANS = 1
SECONDS_TO_STOP = 120
# What PostgreSQL says while the last processes of a killed server are still going.
PASSING = ("shared memory block", "lock file")


class Cluster:
    """One PostgreSQL cluster and the server on it; several processes may share it.

    In ``folder``: ``data``, ``run`` (the socket's directory, or a link to a short one), ``log``.
    """

    def __init__(
        self, folder: Path, *, port: int = PORT, throwaway: bool = False, binaries: Binaries | None = None
    ) -> None:
        """Name a cluster; nothing is touched yet.

        Args:
            folder: where it lies or will lie.
            port: the number in the socket's name; there is no listener on the network.
            throwaway: for tests only: no care for crashes of the machine, refused on a folder made with care.
            binaries: a PostgreSQL to use instead of the first that is found.
        """
        self._folders = Folders(folder.resolve(), port)
        self._throwaway = throwaway
        self._binaries = binaries

    @property
    def folder(self) -> Path:
        """The cluster's folder, absolute."""
        return self._folders.folder

    @property
    def port(self) -> int:
        """The number in the socket's name."""
        return self._folders.port

    @property
    def socket(self) -> Path:
        """The directory to connect to (``host=`` of a connection)."""
        return self._folders.sockets()

    @property
    def superuser(self) -> str:
        """The role made with the cluster; trusted on the socket, whose directory is closed to other users."""
        return SUPERUSER

    @property
    def binaries(self) -> Binaries:
        """The PostgreSQL of this cluster: of its data's major version where there are data.

        Raises:
            NoServer: where none serves.
        """
        if self._binaries is None:
            self._binaries = self._suiting()
        return self._binaries

    @property
    def running(self) -> bool:
        """Whether a server of this folder takes connections."""
        return postmaster.find(self._folders.data) is not None and self._ask() is Answer.READY

    def start(self) -> None:
        """Have a server that takes connections and stays; makes the cluster where there is none.

        Where the server is held, it is only brought back after a crash, and goes with its last holder as before:
        whoever holds it may call this as often as it likes.

        Raises:
            NoServer: with the reason.
        """
        with self._folders.locked():
            self._bring_up()
            holding = self._folders.open_own(self._folders.holders)
            try:
                fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._folders.until_last.unlink(missing_ok=True)
            except BlockingIOError:
                pass
            finally:
                os.close(holding)

    def stop(self) -> None:
        """Stop the server cleanly: connections are ended, what was committed is kept. Nothing where none runs.

        Raises:
            NoServer: where it does not stop or belongs to another user.
        """
        if not self.folder.exists():
            return
        with self._folders.locked():
            self._halt()
            self._folders.until_last.unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Have a server for a while; the last process to leave stops it, unless ``start`` was to keep it.

        Raises:
            NoServer: with the reason.
        """
        process = os.getpid()
        with self._folders.locked():
            if self._bring_up():
                self._folders.until_last.touch()
            holding = self._folders.open_own(self._folders.holders)
            fcntl.flock(holding, fcntl.LOCK_SH)
        try:
            yield
        finally:
            if os.getpid() == process:  # a fork shares the hold and leaves it to its parent
                self._leave(holding)

    def _leave(self, holding: int) -> None:
        try:
            with self._folders.locked():
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if self._folders.until_last.exists():
                        self._halt()
                        self._folders.until_last.unlink(missing_ok=True)
                fcntl.flock(holding, fcntl.LOCK_UN)
        finally:
            os.close(holding)

    def _ask(self) -> Answer:
        return ask(self._folders.socket_file(), user=SUPERUSER)

    def _suiting(self) -> Binaries:
        """The first PostgreSQL in order, of the data's major version where there are data."""
        made_with = major_of(self._folders.data)
        if made_with is None:
            return find_binaries()
        try:
            return find_binaries(major=made_with)
        except NoServer as none:
            try:
                others = find_binaries()
            except NoServer:
                raise none from None
            raise _another_major(self._folders.data, made_with, others) from None

    def _bring_up(self) -> bool:
        """Have a server; whether this call started it. Under the lock."""
        if self.running:
            return False
        folders, binaries = self._folders, self.binaries
        made_with = major_of(folders.data)
        if made_with is not None and made_with != binaries.major:
            raise _another_major(folders.data, made_with, binaries)
        data = None if made_with is None else folders.data
        runner = choose_runner(folder=self.folder, data=data, program=binaries.tool("postgres"))
        if made_with is None:
            make_data(folders, runner, binaries, superuser=SUPERUSER, careful=not self._throwaway)
        patience = time.monotonic() + SECONDS_FOR_RETRIES
        orphans_after = time.monotonic() + SECONDS_FOR_ORPHANS
        while True:
            if postmaster.find(folders.data) is not None:
                if self._wait_for_answer():
                    return True
                continue
            complaint = self._launch(runner, binaries)
            if not complaint:
                return True
            if not any(word in complaint for word in PASSING) or time.monotonic() > patience:
                raise NoServer(
                    f"PostgreSQL 未能启动（{self.folder}）：{complaint}",
                    f"PostgreSQL did not start in {self.folder}: {complaint}",
                )
            if time.monotonic() > orphans_after:
                self._end_orphans()
            time.sleep(PAUSE_SECONDS)

    def _launch(self, runner: Runner, binaries: Binaries) -> str:
        """Start the server once; its complaint, or nothing where it takes connections."""
        folders = self._folders
        folders.prepare(runner, throwaway=self._throwaway)
        program = binaries.tool("postgres")
        code, said = runner.run(
            *IN_BACKGROUND, program, folders.data, folders.start_log, seconds=SECONDS_TO_LAUNCH
        )
        if code != 0 or not said.isdigit():
            return said or f"sh: {code}"
        # Until the server has written its process id, it is known by the number the shell gave.
        while postmaster.find(folders.data) is None and postmaster.lives(int(said)):
            time.sleep(PAUSE_SECONDS / 5)
        return "" if self._wait_for_answer() else folders.last_words() or "?"

    def _wait_for_answer(self) -> bool:
        """Wait till a live server takes connections; false where it went away meanwhile."""
        enough = time.monotonic() + SECONDS_TO_RECOVER
        heard = time.monotonic()
        while postmaster.find(self._folders.data) is not None:
            answer = self._ask()
            now = time.monotonic()
            if answer is Answer.READY:
                return True
            if answer is Answer.STARTING:
                heard = now
            if now - heard > SECONDS_WITHOUT_SOCKET and not self._folders.socket_file().exists():
                self._halt()  # its socket was swept away: nobody can reach it any more
                return False
            if now > enough:
                raise NoServer(
                    f"PostgreSQL 已运行但长时间不应答，见 {self._folders.log}",
                    f"PostgreSQL runs and gives no answer for long; see {self._folders.log}",
                )
            time.sleep(PAUSE_SECONDS)
        return False

    def _halt(self) -> None:
        """Stop the live server, if any. Under the lock."""
        number = postmaster.find(self._folders.data)
        if number is None:
            return
        try:
            os.kill(number, signal.SIGINT)
        except ProcessLookupError:
            return
        except PermissionError:
            raise NoServer(
                f"服务进程 {number} 属于其他用户", f"The server process {number} belongs to another user"
            ) from None
        enough = time.monotonic() + SECONDS_TO_STOP
        while postmaster.find(self._folders.data) is not None:
            if time.monotonic() > enough:
                raise NoServer(
                    f"服务进程 {number} 未能停止", f"The server process {number} does not come to a stop"
                )
            time.sleep(PAUSE_SECONDS / 2)

    def _end_orphans(self) -> None:
        for number in postmaster.orphans(self._folders.data):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGTERM)


def _another_major(data: Path, made_with: int, binaries: Binaries) -> NoServer:
    zh = (
        f"{data} 由 PostgreSQL {made_with} 建立，而现有的是 PostgreSQL {binaries.version}（{binaries.folder}）。"
        f"请装回 PostgreSQL {made_with}（或用 BANGFU_PG_BIN 指定），用 bangfu backup 备份，"
        f"再用 PostgreSQL {binaries.major} 以 bangfu restore 恢复到空目录"
    )
    en = (
        f"{data} was made by PostgreSQL {made_with}; here is PostgreSQL {binaries.version} ({binaries.folder}). "
        f"Put PostgreSQL {made_with} back (or name it in BANGFU_PG_BIN), run bangfu backup, then with "
        f"PostgreSQL {binaries.major} run bangfu restore into an empty folder"
    )
    return NoServer(zh, en)
