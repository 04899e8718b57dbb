"""What several tests share: one Spark session for all that are marked spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One local Spark session for the whole run."""
    from bangfu.spark import session  # noqa: PLC0415 - only the tests marked spark need it

    opened = session(cores=2, memory="2g", shuffle_partitions=4)
    yield opened
    opened.stop()
