"""A county with its people at a live server, and a browser in which they sign in by the real form."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from tests.site import NOW, copied, superuser

# Playwright's loop runs in the thread of the tests, which ask the database too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
STAFFED = "staffed"
TODAY = NOW + timedelta(days=1)
DESKTOP, PHONE = (1366, 768), (390, 844)
NOT_SERIOUS = frozenset({"minor", "moderate"})


def secret_of(username: str) -> str:
    """The second factor of a test person."""
    return base64.b32encode(hashlib.sha256(username.encode()).digest()[:20]).decode("ascii")


def code_of(username: str, *, step: int = 0) -> str:
    """The six digits their telephone shows now, or so many half minutes later."""
    from django.utils import timezone

    from bangfu.casework.people.second_factor import code_at

    return code_at(secret_of(username), timezone.now() + timedelta(seconds=30 * step))


@pytest.fixture(autouse=True)
def clock(site, monkeypatch) -> None:
    """The site's clock runs from the day after the county was made: policies and rates stay in force for the tests."""
    from django.utils import timezone

    began = time.monotonic()
    monkeypatch.setattr(timezone, "now", lambda: TODAY + timedelta(seconds=time.monotonic() - began))


@pytest.fixture(scope="session")
def staffed(site, county) -> str:
    """The county with a second factor for everybody: the name of the database, to be copied."""
    from django.db import connections

    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    connections.close_all()
    with superuser(site) as door:
        door.execute(f'create database "{STAFFED}" template "{county}" owner owner')
    try:
        for alias in before:
            connections[alias].settings_dict["NAME"] = STAFFED
        _give_factors()
    finally:
        connections.close_all()
        for alias, was in before.items():
            connections[alias].settings_dict["NAME"] = was
    return STAFFED


def _give_factors() -> None:
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people.api import DEMO_PASSWORD
    from bangfu.casework.personal_data import api as vault

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute("select id, username from casework_account order by id")
        people = cursor.fetchall()
        plain = [
            vault.Plain("casework_account", str(one), "totp_secret", secret_of(name)) for one, name in people
        ]
        kept = zip(people, vault.kept(plain), strict=True)
        password = make_password(DEMO_PASSWORD)
        for (one, _), datum in kept:
            cursor.execute(
                "update casework_account set second_factor_id = %s, password = %s where id = %s",
                [datum, password, one],
            )


@pytest.fixture
def in_staffed(site, staffed) -> Iterator[str]:
    """A copy of it for one test."""
    yield from copied(site, staffed)


@pytest.fixture
def as_role(in_staffed) -> Callable[..., Any]:
    """As that of ``tests.county``, in this copy."""

    def actor(code: str, number: int = 1, *, now=NOW, via: str = "web"):
        from django.db import connection

        from bangfu.casework.database.actor import SHANGHAI
        from bangfu.casework.database.session import Scope, entered
        from bangfu.casework.people import api as people

        username = username_of(code, number)
        on = now.astimezone(SHANGHAI).date()
        with entered(Scope(everything=True)):
            with connection.cursor() as cursor:
                cursor.execute("select id, name from casework_account where username = %s", [username])
                account_id, name = cursor.fetchone()
            (held,) = people.held_by(account_id, on=on)
            return people.actor_for(account_id=account_id, name=name, held=held, now=now, on=on, via=via)

    return actor


def username_of(role: str, number: int = 1) -> str:
    return f"demo-{role}" if number == 1 else f"demo-{role}{number}"


# ---- without a browser ----


@pytest.fixture
def signed_in(in_staffed) -> Callable[..., Any]:
    """``signed_in("township", 2)``: a client of Django's with that person's session, begun as the door begins it."""
    clients: dict[str, Any] = {}

    def client(role: str, number: int = 1):
        from importlib import import_module

        from django.conf import settings
        from django.http import HttpRequest
        from django.test import Client
        from django.utils import timezone

        from bangfu.casework.database.session import Scope, entered
        from bangfu.casework.people.api import known
        from bangfu.casework.people.models import Account
        from bangfu.web import sessions

        username = username_of(role, number)
        if username not in clients:
            now = timezone.now()
            request = HttpRequest()
            request.session = import_module(settings.SESSION_ENGINE).SessionStore()
            with entered(Scope(everything=True)):
                person = known(account_id=Account.objects.get(username=username).pk, now=now)
                sessions.begin(request, person, now=now)
                request.session.save()
            made = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
            made.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
            clients[username] = made
        return clients[username]

    return client


# ---- with a browser ----


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def live(in_staffed) -> Iterator[str]:
    """The site at a free port over a copy of the county: its address."""
    from django.db import connections

    from bangfu.web.wsgi import application

    ages = {alias: connections[alias].settings_dict["CONN_MAX_AGE"] for alias in ("default", "owner")}
    for alias in ages:
        connections[alias].settings_dict["CONN_MAX_AGE"] = 0  # a thread ends with its request
    server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    for alias, age in ages.items():
        connections[alias].settings_dict["CONN_MAX_AGE"] = age


@pytest.fixture(scope="session")
def chromium(staffed):
    """One Chromium for the whole run; the templates are made before, since its loop hides open connections."""
    from playwright.sync_api import sync_playwright

    if not (Path(CHROMIUM).exists() or shutil.which("chromium")):
        pytest.fail("Chromium is missing: run tools/chromium.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or CHROMIUM, args=list(ARGUMENTS)
        )
        yield browser
        browser.close()


class People:
    """``people("township")``: a page on which that person is signed in; each in a browser of their own."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: dict[tuple[Any, ...], Any] = {}

    def nobody(self, *, size: tuple[int, int] = DESKTOP, scripts: bool = True, english: bool = False):
        """A page of somebody who is not signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(10_000)
        if english:
            context.add_cookies([{"name": "language", "value": "en", "url": self.address}])
        self.contexts[(len(self.contexts),)] = context
        return context.new_page()

    def __call__(self, role: str, number: int = 1, **how: Any):
        """A page of a person, at their work."""
        key = (role, number, *sorted(how.items()))
        if key in self.contexts:
            return self.contexts[key].pages[0]
        page = self.nobody(**how)
        self.contexts[key] = page.context
        username = username_of(role, number)
        page.goto("/sign-in/")
        fill_in(page, username)
        if "/sign-in/" in page.url:  # the same digits twice within half a minute: the next ones
            fill_in(page, username, step=1)
        assert "/sign-in/" not in page.url, page.locator("main").inner_text()
        return page

    def close(self) -> None:
        for context in {id(one): one for one in self.contexts.values()}.values():
            context.close()


def fill_in(page: Any, username: str, *, step: int = 0) -> None:
    """The real form at the door."""
    from bangfu.casework.people.api import DEMO_PASSWORD

    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.fill("input[name=code]", code_of(username, step=step))
    page.click("main form button[type=submit]")
    page.wait_for_load_state()


@pytest.fixture
def people(chromium, live) -> Iterator[People]:
    """Browsers at the live site."""
    made = People(chromium, live)
    yield made
    made.close()


def no_serious_fault(page: Any) -> None:
    """axe-core finds nothing serious or critical on the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    serious = [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] not in NOT_SERIOUS
    ]
    assert serious == [], f"{page.url}: {serious}"
