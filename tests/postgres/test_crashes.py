"""After a kill -9 the server starts again with all that was committed, whatever was left lying about."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from tests.postgres.conftest import connect, server_process

from bangfu.postgres import NoServer, postmaster

BUSY = "SELECT count(*) FROM generate_series(1, 1000000000) a"


def kill(cluster) -> None:
    number = server_process(cluster)
    os.kill(number, signal.SIGKILL)
    while postmaster.find(cluster.folder / "data") is not None:
        time.sleep(0.01)


def test_what_was_committed_survives_a_kill(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg", throwaway=False)
    cluster.start()
    with connect(cluster) as db:
        db.execute("CREATE TABLE ledger (fen bigint)")
    for fen in (1, 2, 4):
        with connect(cluster) as db:
            db.execute("INSERT INTO ledger VALUES (%s)", [fen])
        unfinished = connect(cluster)
        unfinished.execute("BEGIN")
        unfinished.execute("INSERT INTO ledger VALUES (100)")
        kill(cluster)
        assert not cluster.running
        cluster.start()
        with connect(cluster) as db:
            assert db.execute("SELECT sum(fen) FROM ledger").fetchone() == (2 * fen - 1,)
        unfinished.close()


def test_a_busy_process_of_a_killed_server_is_no_obstacle(cluster) -> None:
    busy = connect(cluster)

    def work() -> None:
        with contextlib.suppress(psycopg.Error):
            busy.execute(BUSY)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.2)
    kill(cluster)
    cluster.start()
    assert cluster.running
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.mark.parametrize("left", ["another program", "a zombie", "nothing"])
def test_a_stale_lock_is_no_obstacle(cluster, left) -> None:
    lock = cluster.folder / "data" / "postmaster.pid"
    socket_lock = cluster.socket / ".s.PGSQL.5432.lock"
    words, socket_words = lock.read_text(encoding="ascii"), socket_lock.read_text(encoding="ascii")
    kill(cluster)
    dead = subprocess.Popen(["true"])
    if left == "a zombie":
        time.sleep(0.1)  # ended, and not waited for
    number = {"another program": str(os.getpid()), "a zombie": str(dead.pid), "nothing": ""}[left]
    for path, was in ((lock, words), (socket_lock, socket_words)):
        path.write_text(number + "\n" + was.split("\n", 1)[1] if number else "", encoding="ascii")
    assert not cluster.running
    cluster.start()
    assert cluster.running
    dead.wait()


def test_a_cluster_half_made_is_made_again(make, tmp_path) -> None:
    code = (
        "import sys, pathlib; from bangfu.postgres import Cluster; Cluster(pathlib.Path(sys.argv[1])).start()"
    )
    cluster = make(tmp_path / "pg", throwaway=False)
    maker = subprocess.Popen([sys.executable, "-c", code, str(cluster.folder)])
    while not list(cluster.folder.glob("data.making-*/base")):
        time.sleep(0.01)
    maker.kill()
    maker.wait()
    assert not (cluster.folder / "data").exists()
    cluster.start()
    assert cluster.running
    with connect(cluster) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_a_swept_socket_brings_the_server_back(cluster, monkeypatch) -> None:
    monkeypatch.setattr("bangfu.postgres.cluster.SECONDS_WITHOUT_SOCKET", 0.3)
    (cluster.socket / ".s.PGSQL.5432").unlink()
    assert not cluster.running
    cluster.start()
    assert cluster.running


def test_a_server_that_cannot_start_says_why(cluster) -> None:
    cluster.stop()
    with (cluster.folder / "data" / "postgresql.conf").open("a", encoding="ascii") as written:
        written.write("shared_buffers = 'a lot'\n")
    with pytest.raises(NoServer, match="shared_buffers"):
        cluster.start()


def test_the_log_holds_nothing_of_people(cluster) -> None:
    """Failed statements, their details, and a process killed at work: none of it may carry a name or a number."""
    person = "410123199001011234"
    db = connect(cluster)
    db.execute("CREATE TABLE people (id text PRIMARY KEY, born date)")
    db.execute("INSERT INTO people VALUES (%s, NULL)", [person])
    for statement in (
        f"INSERT INTO people VALUES ('{person}', NULL)",
        f"SELECT '{person}x'::bigint",
        f"SELEKT '{person}'",
        f"DO $$ BEGIN RAISE WARNING 'about {person}'; RAISE EXCEPTION 'no {person}'; END $$",
    ):
        with pytest.raises(psycopg.Error):
            db.execute(statement)
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("INSERT INTO people VALUES (%s, NULL)", [person])
    (number,) = db.execute("SELECT pg_backend_pid()").fetchone()
    thread = threading.Timer(0.3, os.kill, (number, signal.SIGKILL))
    thread.start()
    with pytest.raises(psycopg.OperationalError):
        db.execute(f"SELECT pg_sleep(10), '{person}'")
    cluster.start()
    cluster.stop()
    logs = list((cluster.folder / "log").iterdir())
    written = "".join(path.read_text(encoding="utf-8") for path in logs)
    assert "terminated by signal 9" in written
    assert person not in written
