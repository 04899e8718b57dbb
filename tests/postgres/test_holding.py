"""Several processes share one server; the last to leave stops it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.postgres.conftest import server_process

HOLD = (
    "import sys, pathlib; from bangfu.postgres import Cluster\n"
    "with Cluster(pathlib.Path(sys.argv[1]), throwaway=True).held():\n"
    "    print('held', flush=True); sys.stdin.readline()\n"
)


def holder(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_the_server_goes_with_its_only_holder(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    with cluster.held():
        assert cluster.running
        with make(tmp_path / "pg").held():
            pass
        assert cluster.running
    assert not cluster.running
    with pytest.raises(RuntimeError, match="mine"), cluster.held():
        raise RuntimeError("mine")
    assert not cluster.running


def test_the_last_process_stops_it_whoever_started_it(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    first = holder(cluster.folder)
    with cluster.held():
        first.communicate("leave\n", timeout=20)
        assert cluster.running
    assert not cluster.running


def test_a_killed_holder_holds_nothing(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    first = holder(cluster.folder)
    first.kill()
    first.wait()
    assert cluster.running
    with cluster.held():
        pass
    assert not cluster.running


def test_a_server_started_to_stay_stays(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    cluster.start()
    with cluster.held():
        pass
    assert cluster.running


def test_a_holder_may_bring_it_back_after_a_crash(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    with cluster.held():
        os.kill(server_process(cluster), 9)
        cluster.start()
        cluster.start()
        assert cluster.running
    assert not cluster.running


def test_a_fork_does_not_stop_the_server_of_its_parent(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    with cluster.held():
        child = os.fork()
        if child == 0:
            try:
                holding = cluster.held.__wrapped__(cluster)
                del holding
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert cluster.running
    assert not cluster.running
