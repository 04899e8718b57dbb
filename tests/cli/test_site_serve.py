"""``bangfu serve`` as a process: its door, its children, its end; killed, and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.site_made import COMMAND, bangfu, environment, free_port, superuser

TIMES = int(os.environ.get("BANGFU_ENDURE", "2"))
LONGEST_S = 90


def asked(address: str, child: subprocess.Popen[bytes]) -> tuple[int, str]:
    enough = time.monotonic() + LONGEST_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - our own site
                return page.status, page.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except OSError:
            assert child.poll() is None, "the server went away"
            assert time.monotonic() < enough, "no answer"
            time.sleep(0.2)


def served(home: Path, port: int) -> subprocess.Popen[bytes]:
    words = [*COMMAND, "serve", "--port", str(port)]
    return subprocess.Popen(
        words, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def family(number: int) -> list[int]:
    """The processes that came from one."""
    found = [number]
    for one in found:
        told = Path(f"/proc/{one}/task/{one}/children")
        found += [int(child) for child in told.read_text().split()] if told.exists() else []
    return found


def alive(numbers: list[int]) -> list[int]:
    def lives(number: int) -> bool:
        try:
            return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return [number for number in numbers if lives(number)]


def gone(numbers: list[int]) -> bool:
    enough = time.monotonic() + 30
    while alive(numbers) and time.monotonic() < enough:
        time.sleep(0.1)
    return not alive(numbers)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("served") / "site"
    made = bangfu(folder, "init", "--county", "522728")
    assert made.code == 0, made.err
    yield folder
    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    cluster_of(Site.at(folder)).stop()


def running(home: Path) -> bool:
    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    return cluster_of(Site.at(home)).running


def test_it_serves_says_how_it_is_and_stops_with_all_it_started(home):
    port = free_port()
    child = served(home, port)
    try:
        status, told = asked(f"http://127.0.0.1:{port}/healthz", child)
        health: dict[str, Any] = json.loads(told)
        assert (status, health["status"] in {"ok", "warn"}) == (200, True)
        assert {"database", "changes", "worker", "disk", "anchor"} <= set(health)
        status, page = asked(f"http://127.0.0.1:{port}/sign-in/", child)
        assert status == 200
        (style,) = {part for part in page.split('"') if part.startswith("/static/css/ground.")}
        assert len(style.partition("?")[0].split(".")) == 3  # a name with the hash of its content
        assert asked(f"http://127.0.0.1:{port}{style}", child)[0] == 200
        assert (
            'bangfu_requests_total{method="GET",status="2xx",view="sign-in"}'
            in asked(f"http://127.0.0.1:{port}/metrics", child)[1]
        )
        other = bangfu(home, "serve", "--port", port)
        assert (other.code, f"port {port} is in use" in other.err) == (2, True)
        everybody = family(child.pid)
        assert len(everybody) >= 4  # the master, two workers, the keeper of the jobs
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
    assert gone(everybody)
    assert not running(home)


def test_a_database_that_is_not_up_to_date_is_not_served(home):
    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    with cluster_of(Site.at(home)).held():
        superuser(
            home,
            "update django_migrations set name = '0000_before' where app = 'sessions' and name like '0001%'",
        )
        try:
            told = bangfu(home, "serve", "--port", free_port())
            assert (told.code, "bangfu init" in told.err) == (2, True), told.err
        finally:
            superuser(home, "update django_migrations set name = '0001_initial' where name = '0000_before'")


@pytest.mark.parametrize("victim", ["server", "database"])
def test_killed_it_starts_again_and_the_trail_is_whole(home, victim):
    from bangfu.postgres import postmaster

    for _ in range(TIMES):
        port = free_port()
        child = served(home, port)
        assert asked(f"http://127.0.0.1:{port}/healthz", child)[0] == 200
        everybody = family(child.pid)
        if victim == "server":
            child.kill()
            child.wait()
            assert gone(everybody)  # nobody goes on without their master
        else:
            number = postmaster.find(home / "postgres" / "data")
            assert number
            os.kill(number, signal.SIGKILL)
            address = f"http://127.0.0.1:{port}/healthz"
            assert asked(address, child)[0] in {200, 503}
            enough = time.monotonic() + LONGEST_S
            while asked(address, child)[0] != 200 or postmaster.find(home / "postgres" / "data") == number:
                assert time.monotonic() < enough, "nobody brought the database back"
                time.sleep(0.5)
            child.send_signal(signal.SIGTERM)
            child.wait(60)
            assert gone(everybody)
    whole = bangfu(home, "verify-trail", "--json")
    assert (whole.code, whole.json["faults"]) == (0, [])
