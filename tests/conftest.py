"""What several tests share: a Spark session, and where the platform's tests keep their site."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# A folder of its own for each worker, named before Django looks. In memory where there is room: nearly every test of
# the platform copies a database, 600 files, and loses nothing if the machine stops.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108 - mkdtemp makes a folder of our own in it
_ROOMY = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
if _ROOMY and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
    os.environ.setdefault(
        "PYTEST_DEBUG_TEMPROOT", str(_MEMORY)
    )  # tmp_path too: sites are made there, and servers run
os.environ["BANGFU_HOME"] = tempfile.mkdtemp(prefix="bangfu-site-", dir=_MEMORY if _ROOMY else None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
# Spark's sessions here live for seconds: what Java's second compiler and its collector's threads cost never comes back.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

pytest_plugins = ["tests.site", "tests.county", "tests.web.people_world"]


def pytest_unconfigure() -> None:
    """Leave nothing behind, where no test made a site either."""
    shutil.rmtree(os.environ["BANGFU_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One local Spark session for the whole run."""
    from bangfu.spark import session

    opened = session(cores=2, memory="2g", shuffle_partitions=4)
    yield opened
    opened.stop()
