"""A generated county of 300 loans in a database, with places, banks and one account a role: to copy and commit in.

``county`` makes it once a worker; ``in_county`` is a copy for one test; ``as_role("village")`` is the actor of a role:
number 1 holds it in the first township or branch, 2 in the next one, 3 is a colleague of the first.
``client_of("village")`` is a browser they are signed in with; everybody's second factor is ``SECRET``, the password
``people.api.DEMO_PASSWORD``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.site import NOW, copied, copy_of, superuser

TEMPLATE, WITH_CYCLE, PAYING = "county", "county_with_cycle", "county_paying"
# Tests that ask for one of these begin with a copy of that database.
STANDS = {"office": "county_with_cycle", "paying": "county_paying"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - everybody may know it


@pytest.fixture(scope="session")
def county_folder(tmp_path_factory) -> Path:
    """The county's files, as ``bangfu generate`` writes them."""
    from bangfu.synthetic import generate

    folder = tmp_path_factory.mktemp("county")
    generate(out=folder, loans=300, seed=1)
    return folder


@pytest.fixture(scope="session")
def county(site, county_folder) -> str:
    """The name of the database with the county in it; nobody writes to it."""
    from django.db import connections

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.imports import api as imports

    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    connections.close_all()
    with superuser(site) as door:
        door.execute(f'create database "{TEMPLATE}" template "bangfu" owner owner')
    try:
        for alias in before:
            connections[alias].settings_dict["NAME"] = TEMPLATE
        site_itself = Actor.site(now=NOW)
        for one in imports.demo_county(actor=site_itself, folder=county_folder):
            with_factor(one.account_id)
    finally:
        connections.close_all()
        for alias, was in before.items():
            connections[alias].settings_dict["NAME"] = was
    return TEMPLATE


def with_factor(account_id: int) -> None:
    """A second factor whose secret everybody here knows."""
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.personal_data import api as vault

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        (datum,) = vault.kept([vault.Plain("casework_account", str(account_id), "totp_secret", SECRET)])
        cursor.execute("update casework_account set second_factor_id = %s where id = %s", [datum, account_id])


@pytest.fixture(scope="session")
def county_with_cycle(site, county) -> str:
    """The name of the database in which the cycle of ``office`` is open and computed; nobody writes to it."""
    from tests.casework.subsidies_made import BEGAN, moment, opened

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.notices import api as _notices  # noqa: F401 - its guards are asked

    with copy_of(site, county, WITH_CYCLE, keep=True):
        opened(Actor.site(now=moment(BEGAN)))
    return WITH_CYCLE


@pytest.fixture(scope="session")
def county_paying(site, county) -> str:
    """The name of the database in which the lists of ``paying`` stand at payment; nobody writes to it."""
    from tests.casework.payments_made import allotted, at_payment, opened, with_accounts

    with copy_of(site, county, PAYING, keep=True):
        at_payment(opened().id)
        allotted()
        with_accounts()
    return PAYING


@pytest.fixture
def in_county(site, request) -> Iterator[str]:
    """A copy of the county to commit in, standing where the test begins."""
    template = next((STANDS[name] for name in STANDS if name in request.fixturenames), "county")
    yield from copied(site, request.getfixturevalue(template))


@pytest.fixture
def as_role(in_county) -> Callable[..., Any]:
    """``as_role("township", 2)``: that person in their role, at ``NOW`` or another moment."""

    def actor(code: str, number: int = 1, *, now=NOW, via: str = "web"):
        from django.db import connection

        from bangfu.casework.database.actor import SHANGHAI
        from bangfu.casework.database.session import Scope, entered
        from bangfu.casework.people import api as people

        username = f"demo-{code}" if number == 1 else f"demo-{code}{number}"
        on = now.astimezone(SHANGHAI).date()
        with entered(Scope(everything=True)):
            with connection.cursor() as cursor:
                cursor.execute("select id, name from casework_account where username = %s", [username])
                account_id, name = cursor.fetchone()
            (held,) = people.held_by(account_id, on=on)
            return people.actor_for(account_id=account_id, name=name, held=held, now=now, on=on, via=via)

    return actor


@pytest.fixture
def client_of(as_role) -> Callable[..., Any]:
    """``client_of("township", 2)``: a browser in which that person is signed in, now; without a role, signed out."""

    def client(code: str = "", number: int = 1, **options):
        from django.contrib.sessions.backends.db import SessionStore
        from django.test import Client
        from django.utils import timezone

        from bangfu.casework.database.session import Scope, entered
        from bangfu.casework.people import api as people
        from bangfu.web import sessions

        browser = Client(SERVER_NAME="127.0.0.1", **options)
        if not code:
            return browser
        now = timezone.now()
        actor = as_role(code, number, now=now)
        with entered(Scope(account_id=actor.account_id)):
            person = people.known(account_id=actor.account_id, now=now)
        at = int(now.timestamp())
        session = SessionStore()
        session.update(
            {
                sessions.ACCOUNT: person.account_id,
                sessions.GRANT: person.grants[0].grant_id,
                sessions.STAMP: person.stamp,
                sessions.BEGAN: at,
                sessions.SEEN: at,
            }
        )
        session.save()
        browser.cookies["sessionid"] = session.session_key
        return browser

    return client
