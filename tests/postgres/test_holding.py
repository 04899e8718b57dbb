"""Several processes share one server; the last to leave stops it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.postgres.conftest import server_process

from bangfu.postgres import Cluster

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


def test_the_server_goes_with_its_only_holder(copied) -> None:
    with copied.held():
        assert copied.running
        with Cluster(copied.folder, throwaway=True).held():
            pass
        assert copied.running
    assert not copied.running
    with pytest.raises(RuntimeError, match="mine"), copied.held():
        raise RuntimeError("mine")
    assert not copied.running


def test_the_last_process_stops_it_whoever_started_it(copied) -> None:
    first = holder(copied.folder)
    with copied.held():
        first.communicate("leave\n", timeout=20)
        assert copied.running
    assert not copied.running


def test_a_killed_holder_holds_nothing(copied) -> None:
    first = holder(copied.folder)
    first.kill()
    first.wait()
    assert copied.running
    with copied.held():
        pass
    assert not copied.running


def test_a_server_started_to_stay_stays(cluster) -> None:
    with cluster.held():
        pass
    assert cluster.running


def test_a_holder_may_bring_it_back_after_a_crash(copied) -> None:
    with copied.held():
        os.kill(server_process(copied), 9)
        copied.start()
        copied.start()
        assert copied.running
    assert not copied.running


def test_a_fork_does_not_stop_the_server_of_its_parent(copied) -> None:
    child = -1
    try:
        with copied.held():
            child = os.fork()
            if child == 0:
                raise SystemExit  # a worker that ends runs the same way out
            os.waitpid(child, 0)
            assert copied.running
    finally:
        if child == 0:
            os._exit(0)
    assert not copied.running
