"""Fixtures of the platform: a real PostgreSQL, as the role ``app``; rolled back, or a copy of one's own."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def site() -> Iterator[object]:
    """A site without anybody and anything in it, its server running until the tests end."""
    from bangfu.web.making import cluster_of, make_site
    from bangfu.web.site import Site

    made = Site.here()
    make_site(made, throwaway=True)
    yield made
    from django.db import connections

    connections.close_all()
    cluster_of(made, throwaway=True).stop()
    shutil.rmtree(os.environ["BANGFU_HOME"], ignore_errors=True)


@pytest.fixture
def db(site) -> Iterator[None]:
    """A transaction on the empty site, rolled back afterwards; scopes are entered inside it."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def superuser(site, database: str = "postgres") -> psycopg.Connection:
    """A door past all protections: for tests of what a superuser could do."""
    from bangfu.web.making import cluster_of

    cluster = cluster_of(site, throwaway=True)
    return psycopg.connect(f"host={cluster.socket} user=postgres dbname={database}", autocommit=True)


@contextmanager
def copy_of(site, template: str, name: str = "", *, keep: bool = False) -> Iterator[str]:
    """A database copied from another; both doors of Django lead to it meanwhile. ``keep`` it as a template."""
    from django.db import connections

    name = name or f"copy_{uuid.uuid4().hex[:12]}"
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    connections.close_all()
    with superuser(site) as door:
        # As files: quicker, and with the checkpoint without which a sequence would be behind after a crash.
        door.execute(f'create database "{name}" template "{template}" owner owner strategy file_copy')
    for alias in before:
        connections[alias].settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        for alias, was in before.items():
            connections[alias].settings_dict["NAME"] = was
        if not keep:
            with superuser(site) as door:
                door.execute(f'drop database "{name}" with (force)')


def copied(site, template: str) -> Iterator[str]:
    """A database of its own for one test, to commit in."""
    with copy_of(site, template) as name:
        yield name


@pytest.fixture
def committed(site) -> Iterator[str]:
    """An empty site to commit in."""
    yield from copied(site, "bangfu")


@pytest.fixture
def home(site) -> Path:
    return site.home


@pytest.fixture
def client(site):
    """A browser without a screen, signed out."""
    from django.test import Client

    return Client()


@pytest.fixture
def rf():
    """Requests without a site."""
    import django
    from django.test import RequestFactory

    django.setup()
    return RequestFactory()


class Settings:
    """Settings that are as they were when the test ends: ``settings.NAME = value``."""

    def __init__(self) -> None:
        object.__setattr__(self, "changed", [])

    def __setattr__(self, name: str, value: object) -> None:
        from django.test import override_settings

        change = override_settings(**{name: value})
        change.enable()
        self.changed.append(change)

    def __getattr__(self, name: str) -> object:
        from django.conf import settings

        return getattr(settings, name)


@pytest.fixture
def settings():
    """Django's settings, to be changed for one test."""
    changing = Settings()
    yield changing
    for change in reversed(changing.changed):
        change.disable()
