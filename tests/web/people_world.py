"""A small site to sign in to: a county of two townships, a bank, one account a role, each with a known factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.site import copied, superuser

PASSWORD = "quiet-harbour-27"  # noqa: S105
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
PLACES = {
    "village": "522728101200", "township": "522728101", "station": "522728101", "branch_officer": "B1",
    "branch_manager": "B1", "county_bank": "B", "bureau": "522728", "finance": "522728", "regulator": "522728",
    "pboc": "522728", "auditor": "522728", "admin": "",
}  # fmt: skip
AREAS = {"522728": "罗甸县", "522728101": "龙坪镇", "522728101200": "大坪村", "522728102": "边阳镇"}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """The accounts by role."""

    database: str
    ids: dict[str, int]

    def actor(self, role: str, now: datetime | None = None):
        from bangfu.casework.database.session import Scope, entered
        from bangfu.casework.people import api as people

        now = now or datetime.now(UTC)
        on = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
        with entered(Scope(account_id=self.ids[role])):
            held = people.held_by(self.ids[role], on=on)
            return people.actor_for(
                account_id=self.ids[role], name=role, held=held[0] if held else None, now=now, on=on
            )

    def client(self, role: str | None = None, **options):
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1", **options)
        if role:
            answer = sign_in(client, role.replace("_", "."))
            assert answer.status_code == 302, answer.content.decode()
        return client


def today() -> date:
    """The day in Shanghai."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def code(at: datetime | None = None) -> str:
    from bangfu.casework.people.second_factor import code_at

    return code_at(SECRET, at or datetime.now(UTC))


def sign_in(client, username: str, password: str = PASSWORD, six: str | None = None, **more):
    told = {"username": username, "password": password, "code": code() if six is None else six}
    return client.post("/sign-in/", told | more)


def forget_codes(world: World) -> None:
    """As if half a minute had passed: the last code used is forgotten."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("select set_config('bangfu.everything', 'on', false)")
        cursor.execute("update casework_account set last_counter = -1")


def _filled() -> dict[str, int]:
    from django.db import connection

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people
    from bangfu.casework.people.models import Account
    from bangfu.casework.personal_data import api as vault

    site = Actor.site(now=EPOCH)
    ids = {}
    with entered(site.scope):
        with connection.cursor() as cursor:
            for area, name in AREAS.items():
                cursor.execute(
                    "insert into casework_area (code, name, pinyin, valid, recorded, recorded_by)"
                    " values (%s, %s, '', '[2020-01-01,)', tstzrange(%s, null), 0)",
                    [area, name, EPOCH],
                )
            for bank, parent in (("B", None), ("B1", "B"), ("B2", "B")):
                cursor.execute(
                    "insert into casework_institution (institution_id, kind, name, parent_id, area_code, valid,"
                    " recorded, recorded_by)"
                    " values (%s, 'bank', %s, %s, '522728', '[2020-01-01,)', tstzrange(%s, null), 0)",
                    [bank, f"农信社{bank}", parent, EPOCH],
                )
        for role, place in PLACES.items():
            account_id, _ = people.open_account(
                actor=site,
                username=role.replace("_", "."),
                name=f"王{role}",
                password=PASSWORD,
                must_change=False,
            )
            people.given(actor=site, account_id=account_id, role=role, place=place)
            (datum,) = vault.kept([vault.Plain("casework_account", str(account_id), "totp_secret", SECRET)])
            Account.objects.filter(pk=account_id).update(second_factor_id=datum)
            ids[role] = account_id
    return ids


@pytest.fixture(scope="session")
def people_template(site) -> dict[str, int]:
    """The database ``people`` with the small site in it; nobody writes to it."""
    from django.db import connections

    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    connections.close_all()
    with superuser(site) as door:
        door.execute('create database "people" template "bangfu" owner owner')
    try:
        for alias in before:
            connections[alias].settings_dict["NAME"] = "people"
        return _filled()
    finally:
        connections.close_all()
        for alias, was in before.items():
            connections[alias].settings_dict["NAME"] = was


@pytest.fixture
def world(site, people_template) -> Iterator[World]:
    """A copy of the small site."""
    for name in copied(site, "people"):
        yield World(name, dict(people_template))
