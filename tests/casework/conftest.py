"""Fixtures of the casework's own tests."""

from __future__ import annotations

import pytest
from tests.site import NOW


@pytest.fixture
def site_actor(in_county):
    """The site itself, in a county of its own to commit in."""
    from bangfu.casework.database.actor import Actor

    return Actor.site(now=NOW)
