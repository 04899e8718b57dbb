"""The site run: its server, its jobs, its daily anchor; stopped cleanly by Ctrl-C or the system."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from pathlib import Path

from bangfu.cli.language import say
from bangfu.cli.output import BadInput, say_out
from bangfu.cli.site_open import made, ready, serving
from bangfu.web import serving as web
from bangfu.web.making import cluster_of, make_site


def serve(
    home: Path | None, *, host: str, port: int, workers: int, threads: int, jobs: bool, upgrade: bool
) -> None:
    """Serve until told to stop.

    Raises:
        BadInput: No site, a port in use, a database that is not up to date.
    """
    site = made(home)
    # Also while it still starts: the database is then stopped cleanly.
    signal.signal(signal.SIGTERM, _stopped)
    door = _listening(host, port)
    with serving(site):
        web.count_among_processes(site)
        if upgrade:
            make_site(site)
        ready()
        _up_to_date()
        web.collect_static()
        shown = f"[{host}]" if ":" in host else host
        say_out(
            say(f"{site.name_zh}：http://{shown}:{port}/  （Ctrl-C 停止）",
                f"{site.name_en}: http://{shown}:{port}/  (Ctrl-C stops it)")
        )  # fmt: skip
        sys.stdout.flush()
        embedded = cluster_of(site) if site.embedded else None
        web.run(door, workers=workers, threads=threads, jobs=jobs, embedded=embedded)


def _stopped(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _listening(host: str, port: int) -> socket.socket:
    """The door, before anything else is begun: who cannot have it is told at once."""
    try:
        return socket.create_server((host, port), backlog=128, family=_family(host))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BadInput(
                say(f"端口 {port} 已被占用；请停止占用它的程序，或用 --port 换一个",
                    f"port {port} is in use; stop the program that has it, or choose another with --port")
            ) from None  # fmt: skip
        told = error.strerror or type(error).__name__
        raise BadInput(
            say(f"不能在 {host}:{port} 监听：{told}", f"cannot listen on {host}:{port}: {told}")
        ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _up_to_date() -> None:
    waiting = web.pending_migrations()
    if waiting:
        count = len(waiting)
        raise BadInput(
            say(f"数据库有 {count} 项升级未执行：请先备份，再运行 bangfu init（或 bangfu serve --upgrade）",
                f"{count} change(s) of the database wait: back up, then run bangfu init (or bangfu serve --upgrade)")
        )  # fmt: skip


def work(home: Path | None) -> None:
    """Run jobs and write the daily anchor until told to stop, or until who started it is gone."""
    site = made(home)
    with serving(site):
        web.keep_working(watched=os.getppid())


def work_jobs(home: Path | None) -> None:
    """One worker of the jobs."""
    made(home)
    ready()
    web.work_jobs()
