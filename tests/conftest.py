"""What several tests share: a Spark session, and where the platform's tests keep their site."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

# A folder of its own for each worker, named before Django looks.
os.environ["BANGFU_HOME"] = tempfile.mkdtemp(prefix="bangfu-site-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")

pytest_plugins = ["tests.site", "tests.county", "tests.web.people_world"]


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One local Spark session for the whole run."""
    from bangfu.spark import session

    opened = session(cores=2, memory="2g", shuffle_partitions=4)
    yield opened
    opened.stop()
