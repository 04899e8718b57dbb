"""The door: who comes in, who does not, and when a session ends."""

from __future__ import annotations

import re

import pytest
from tests.web.people_world import EPOCH, PASSWORD, code, forget_codes, sign_in


def test_a_person_signs_in_and_finds_their_work(world):
    client = world.client("village")
    page = client.get("/")
    assert page.status_code == 200
    assert "我的待办" in page.content.decode()
    assert "大坪村" in page.content.decode()


def test_signed_out_people_are_led_to_the_door_and_back(world):
    client = world.client()
    answer = client.get("/my-account/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Fmy-account%2F"
    assert sign_in(client, "village", next="/my-account/")["Location"] == "/my-account/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "after", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_the_door_leads_nowhere_else(world, after):
    assert sign_in(world.client(), "village", next=after)["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password", "six"),
    [("village", "wrong-password-1", None), ("nobody.here", PASSWORD, None), ("village", PASSWORD, "000000"),
     ("village", PASSWORD, "")],
)  # fmt: skip
def test_whatever_was_wrong_the_answer_is_the_same(world, username, password, six):
    answer = sign_in(world.client(), username, password, six)
    assert answer.status_code == 422
    assert "用户名、密码或验证码不正确" in answer.content.decode()


def log(world, username: str = "") -> list[str]:
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people.models import SignIn

    with entered(Scope(everything=True)):
        rows = SignIn.objects.order_by("id")
        return list((rows.filter(username=username) if username else rows).values_list("outcome", flat=True))


def test_every_attempt_is_written_down_and_an_unknown_name_is_not_kept(world):
    client = world.client()
    sign_in(client, "village", "wrong-password-1")
    sign_in(client, "my-secret-password", "x")
    sign_in(client, "village")
    client.post("/sign-out/")
    assert log(world) == ["wrong_password", "unknown", "ok", "signed_out"]
    assert log(world, "village") == ["wrong_password", "ok", "signed_out"]


@pytest.mark.parametrize("username", ["village", "nobody.here"])
def test_five_failures_lock_the_name_for_a_while_whoever_it_is(world, username):
    client = world.client()
    answers = [sign_in(client, username, "wrong-password-1").status_code for _ in range(5)]
    locked = sign_in(client, username)
    assert answers[:4] == [422] * 4
    assert locked.status_code == 429
    assert "失败次数过多" in locked.content.decode()
    assert sign_in(world.client(), "township").status_code == 302  # others at the same address come in


def test_another_spelling_of_the_name_is_no_way_around_the_lock(world):
    client = world.client()
    spellings = ("village", "Village", " village", "VILLAGE ", "vILLAGE")
    for spelling in spellings:
        sign_in(client, spelling, "wrong-password-1")
    for spelling in (*spellings, "ViLLaGe"):
        assert sign_in(client, spelling).status_code == 429


def test_the_lock_opens_after_half_an_hour(world):
    from datetime import timedelta

    from axes.models import AccessAttempt
    from django.db.models import F

    client = world.client()
    for _ in range(6):
        sign_in(client, "village", "wrong-password-1")
    assert sign_in(client, "village").status_code == 429
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=31))
    assert sign_in(client, "village").status_code == 302


def test_a_code_opens_once(world):
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    six = code(now)
    assert sign_in(world.client(), "village", six=six).status_code == 302
    assert sign_in(world.client(), "village", six=six).status_code == 422
    forget_codes(world)
    assert sign_in(world.client(), "village", six=code()).status_code == 302


def test_a_code_used_at_the_same_instant_opens_once(world):
    from concurrent.futures import ThreadPoolExecutor
    from datetime import UTC, datetime

    from django.db import connections

    from bangfu.casework.people.backend import AccountBackend

    now, six = datetime.now(UTC), code()

    def once(_: int) -> bool:
        try:
            found = AccountBackend().authenticate(
                None, username="village", password=PASSWORD, code=six, now=now
            )
            return found is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(once, range(8))) == 1


def test_the_key_of_the_session_is_new_after_the_door(world):
    from django.contrib.sessions.backends.db import SessionStore

    planted = SessionStore()
    planted["grant_id"] = 1
    planted.create()
    client = world.client()
    client.cookies["sessionid"] = planted.session_key
    sign_in(client, "village")
    assert client.cookies["sessionid"].value != planted.session_key
    assert not SessionStore().exists(planted.session_key)


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"seen": 31 * 60}, "idle"), ({"began": 8 * 3600, "seen": 0}, "longest"), ({"seen": 29 * 60}, None)],
)
def test_a_session_ends_when_idle_and_after_eight_hours(world, changed, why):
    client = world.client("village")
    session = client.session
    for name, seconds in changed.items():
        session[name] -= seconds
    session.save()
    answer = client.get("/my-account/")
    if why is None:
        assert answer.status_code == 200
        assert client.session["seen"] > session["seen"]
        return
    assert answer.status_code == 302
    assert f"why={why}" in answer["Location"]
    assert client.get("/my-account/")["Location"].startswith("/sign-in/?next")


def test_another_password_ends_the_other_sessions_and_keeps_this_one(world):
    here = world.client("village")
    forget_codes(world)
    there = world.client("village")
    told = {"old": PASSWORD, "new": "another-harbour-28", "again": "another-harbour-28"}
    key = here.cookies["sessionid"].value
    assert here.post("/my-account/password/", told).status_code == 302
    assert here.cookies["sessionid"].value != key
    assert here.get("/my-account/").status_code == 200
    assert "why=changed" in there.get("/my-account/")["Location"]


@pytest.mark.parametrize(
    ("new", "again"),
    [("short-1", "short-1"), ("12345678901", "12345678901"), ("password123", "password123"),
     ("village-vil", "village-vil"), (PASSWORD, PASSWORD), ("another-harbour-28", "other-harbour-28")],
)  # fmt: skip
def test_weak_passwords_are_refused_at_their_field(world, new, again):
    answer = world.client("village").post(
        "/my-account/password/", {"old": PASSWORD, "new": new, "again": again}
    )
    assert answer.status_code == 422
    assert not re.search(r"<p class=\"error\"[^>]*>(?:<svg.*?</svg>)?[A-Z]", answer.content.decode())


def test_an_end_of_the_role_ends_the_session(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    client = world.client("village")
    admin = world.actor("admin")
    with entered(admin.scope):
        (row,) = people.grants_of(world.ids["village"])
        people.end_role(actor=admin, grant_id=row.grant_id, why="调离岗位")
    assert "why=changed" in client.get("/my-account/")["Location"]
    forget_codes(world)
    again = world.client("village")
    assert again.get("/")["Location"] == "/role/"
    assert "没有岗位" in again.get("/role/").content.decode()


def test_a_first_sign_in_asks_for_a_password_and_a_second_factor(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people
    from bangfu.casework.people.second_factor import code_at

    admin = world.actor("admin")
    with entered(admin.scope):
        account_id, first = people.open_account(actor=admin, username="newcomer", name="李四")
        people.grant_role(actor=admin, account_id=account_id, role="finance", place="522728", why="任命")
    client = world.client()
    assert sign_in(client, "newcomer", first, "").status_code == 302
    for page in ("/", "/my-account/", "/duties/", "/trail/"):
        assert client.get(page)["Location"] == "/my-account/first-password/"
    told = {"old": first, "new": "another-harbour-28", "again": "another-harbour-28"}
    client.post("/my-account/first-password/", told)
    assert client.get("/")["Location"] == "/my-account/second-factor/"
    page = client.get("/my-account/second-factor/").content.decode()
    secret = client.session["new_factor"]
    assert secret[:4] in page
    assert client.post("/my-account/second-factor/", {"code": "000000"}).status_code == 422
    from datetime import UTC, datetime

    answer = client.post("/my-account/second-factor/", {"code": code_at(secret, datetime.now(UTC))})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    assert sign_in(world.client(), "newcomer", "another-harbour-28", "").status_code == 422


def test_somebody_with_two_roles_acts_in_one_at_a_time(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    admin = world.actor("admin")
    with entered(admin.scope):
        people.grant_role(
            actor=admin, account_id=world.ids["village"], role="finance", place="522728", why="兼任"
        )
    client = world.client("village")
    assert client.get("/")["Location"] == "/role/"
    assert "县财政局" in client.get("/role/").content.decode()
    with entered(admin.scope):
        (finance,) = [one for one in people.grants_of(world.ids["village"]) if one.role == "finance"]
    assert client.post("/role/", {"grant": finance.grant_id}).status_code == 302
    assert "县财政局" in client.get("/").content.decode()
    assert client.post("/role/", {"grant": 999_999}).status_code == 404


def test_forms_of_other_sites_are_refused(world):
    client = world.client(enforce_csrf_checks=True)
    assert sign_in(client, "village").status_code == 403


def test_the_number_of_questions_of_home_stays(world):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.casework.people import queue
    from bangfu.casework.words import Words

    client = world.client("village")
    client.get("/")

    def counted(rows: int) -> int:
        def fn(actor):
            return [queue.QueueItem(Words("试", "try"), "x", "y", actor.on, "front", ()) for _ in range(rows)]

        queue.offers("village", fn)
        try:
            with CaptureQueriesContext(connection) as captured:
                page = client.get("/")
        finally:
            queue._PROVIDERS["village"].remove(fn)
        assert page.content.decode().count("今天到期") == rows
        return len(captured)

    assert counted(1) == counted(200)


def test_a_demonstration_lists_one_account_a_role_and_asks_no_second_factor(world, monkeypatch):
    from dataclasses import replace

    from django.conf import settings

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    site = Actor.site(now=EPOCH)
    with entered(site.scope):
        for username in ("demo-finance", "demo-finance2"):
            account_id, _ = people.open_account(
                actor=site, username=username, name="演示", password=people.DEMO_PASSWORD, must_change=False
            )
            people.given(actor=site, account_id=account_id, role="finance", place="522728")
    assert people.DEMO_PASSWORD not in world.client().get("/sign-in/").content.decode()
    client = world.client()
    sign_in(client, "demo-finance", people.DEMO_PASSWORD, "")
    assert client.get("/")["Location"] == "/my-account/second-factor/"  # on a real site nobody is let off
    monkeypatch.setattr(settings, "SITE", replace(settings.SITE, demo=True))
    page = world.client().get("/sign-in/").content.decode()
    assert page.count("data-fill") == 1
    assert "demo-finance" in page
    assert client.get("/").status_code == 200
