"""The processes of a running site: gunicorn with its workers, the keeper of the jobs, the daily anchor.

Before the fork nothing may print a PDF or reckon with Polars: both keep threads that a fork leaves behind.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from bangfu.casework.database.actor import day_of
from bangfu.postgres import Cluster, NoServer
from bangfu.web.site import Site

__all__ = [
    "Keeper",
    "collect_static",
    "count_among_processes",
    "keep_working",
    "pending_migrations",
    "run",
    "work_jobs",
]

SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
_JOBS = "bangfu.casework.imports.jobs"
_COMMAND = (sys.executable, "-c", "from bangfu.cli import main; main()")
_LONGEST_REQUEST_S = 120
_TO_STOP_S = 20
_PAUSE_S = 0.5
_REST_S = 5.0  # between two starts of a worker that fails at once


def count_among_processes(site: Site) -> None:
    """Have the workers count into one folder, emptied: before anything that measures is imported."""
    folder = site.home / "run" / "measures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[SEVERAL] = str(folder)


def pending_migrations() -> list[str]:
    """Names of the changes the database still waits for."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def collect_static() -> None:
    """Styles and scripts into the site's folder, compressed, named by their content."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)


@dataclass
class Keeper:
    """The child that runs the jobs; started again where it went away."""

    child: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)

    def look(self) -> None:
        """Start it where it does not run."""
        if self.child is not None and self.child.poll() is None:
            return
        if time.monotonic() - self.started < _REST_S and self.started:
            return
        self.started = time.monotonic()
        self.child = subprocess.Popen([*_COMMAND, "work"])  # noqa: S603 - ourselves

    def stop(self) -> None:
        """End it and wait."""
        _ended(self.child)


class _Arbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master, which also looks after the keeper of the jobs."""

    keeper: Keeper | None = None
    embedded: Cluster | None = None
    looked = 0.0

    def manage_workers(self) -> None:
        super().manage_workers()
        if self.keeper is not None:
            self.keeper.look()
        if self.embedded is not None and time.monotonic() - self.looked > _REST_S:
            self.looked = time.monotonic()
            if not self.embedded.running:  # killed, or the machine ran out of memory
                with suppress(NoServer):
                    self.embedded.start()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any], keeper: Keeper | None, embedded: Cluster | None) -> None:
        self.options, self.keeper, self.embedded = options, keeper, embedded
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        from bangfu.web.wsgi import application

        return application

    def run(self) -> None:
        master = _Arbiter(self)
        master.keeper, master.embedded = self.keeper, self.embedded
        began_as = os.getpid()
        try:
            master.run()
        except SystemExit as left:
            if os.getpid() != began_as:
                # A worker: what the master still has to tidy up is none of its business.
                sys.stderr.flush()
                os._exit(left.code if isinstance(left.code, int) else 1)
            raise
        finally:
            if self.keeper is not None:
                self.keeper.stop()


def run(
    door: socket.socket, *, workers: int, threads: int, jobs: bool, embedded: Cluster | None = None
) -> None:
    """Serve at an open door until SIGTERM or SIGINT.

    Args:
        door: Listens already.
        workers: Processes.
        threads: Threads of each.
        jobs: Whether to run the jobs as well.
        embedded: The server of the database, to be brought back where it is killed.
    """
    from django.db import connections

    connections.close_all()  # a connection shared over a fork would mix the answers
    options = {
        "bind": [f"fd://{door.detach()}"],  # gunicorn closes it
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "timeout": _LONGEST_REQUEST_S,
        "graceful_timeout": _TO_STOP_S,
        "keepalive": 75,  # longer than the proxy keeps its own, so that no request meets a closing door
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "limit_request_line": 4094,
        "loglevel": "warning",
        "control_socket_disable": True,
        "post_worker_init": _warm,
        "child_exit": _gone,
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - memory, not a file
    }
    _Server(options, Keeper() if jobs else None, embedded).run()


def _warm(_worker: object) -> None:
    """After the fork and before the first request: nobody waits for what each worker reads once."""
    from bangfu.web.warming import warmed

    warmed(on=_today())


def _gone(_server: object, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def keep_working(*, watched: int) -> None:
    """Keep one worker of the jobs and the day's anchor, until told to stop or until the watched process is gone.

    Args:
        watched: The process that started this one; 1 where the system did.
    """
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopping.append(got))
    worker: subprocess.Popen[bytes] | None = None
    began = anchored = None
    while not stopping and os.getppid() == watched:
        today = _today()
        if anchored != today:
            anchored = today if _ran("anchor") else None
        if (worker is None or worker.poll() is not None) and (
            began is None or time.monotonic() - began > _REST_S
        ):
            began = time.monotonic()
            worker = subprocess.Popen([*_COMMAND, "work", "--only-jobs"])  # noqa: S603 - ourselves
        time.sleep(_PAUSE_S)
    _ended(worker)


def _ran(*words: str) -> bool:
    """Whether a command of ours ended well."""
    done = subprocess.run([*_COMMAND, *words], stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - ourselves
    return done.returncode == 0


def _ended(child: subprocess.Popen[bytes] | None) -> None:
    if child is None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(_TO_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _today() -> date:
    return day_of(datetime.now(UTC))


def work_jobs() -> None:
    """One worker of the jobs, until told to stop."""
    if importlib.util.find_spec(_JOBS) is None:
        signal.pause()
        return
    importlib.import_module(_JOBS).work_forever()
