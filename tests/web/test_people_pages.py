"""Pages of people and of the trail: for whom they open, what they do, what they leave undone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from tests.web.people_world import PASSWORD, PLACES, forget_codes

EVERYBODY = ("/", "/duties/", "/my-account/", "/role/", "/trail/", "/my-account/password/")
ADMIN = (
    "/accounts/",
    "/accounts/roles/",
    "/accounts/roles/?role=village&place=5227",
    "/accounts/new/",
    "/sign-ins/",
)
TOKENS = ("/tokens/", "/tokens/new/")
OF_OTHERS = ("", "role/", "close/", "password/", "second-factor/", "hand-over/")
WATCH = ("/trail/verify/",)


@pytest.mark.parametrize("role", PLACES)
def test_each_page_opens_for_those_it_is_for(world, role):
    client = world.client(role)
    other = world.ids["village"]
    of_others = [f"/accounts/{other}/{page}" for page in OF_OTHERS]
    for language in ("zh-hans", "en"):
        client.cookies["language"] = language
        for page in EVERYBODY:
            assert client.get(page).status_code == 200, page
        for page in (*ADMIN, *of_others):
            assert client.get(page).status_code == (200 if role == "admin" else 403), page
        for page in TOKENS:
            assert client.get(page).status_code == (
                200 if role in {"admin", "bureau", "county_bank"} else 403
            ), page
        for page in WATCH:
            assert client.get(page).status_code == (200 if role in {"admin", "auditor"} else 403), page


@pytest.mark.parametrize("role", PLACES)
def test_every_way_to_go_leads_somewhere(world, role):
    from bangfu.web.navigation import GROUPS, navigation_of

    names = {one.label for _, entries in GROUPS for one in entries if one.for_role(role)}
    links = [link for group in navigation_of(role) for link in group.links]
    assert {link.label for link in links} == names  # an entry without a page is left out
    client = world.client(role)
    assert {link.url: client.get(link.url).status_code for link in links} == {link.url: 200 for link in links}


def test_signed_out_nobody_sees_any_of_it(world):
    client = world.client()
    for page in (*EVERYBODY[1:], *ADMIN, *TOKENS, *WATCH, "/accounts/1/", "/trail/account:1/"):
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/sign-in/")
    assert client.get("/").status_code == 200


def test_htmx_is_told_to_go_to_the_door(world):
    answer = world.client().get("/my-account/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith("/sign-in/")


def test_an_account_is_opened_given_a_role_and_closed(world):
    client = world.client("admin")
    page = client.post("/accounts/new/", {"username": "new.comer", "name": "李四"})
    assert page.status_code == 200
    assert "只显示这一次" in page.content.decode()
    assert client.post("/accounts/new/", {"username": "new.comer", "name": "李四"}).status_code == 422
    assert client.post("/accounts/new/", {"username": "New Comer!", "name": "李四"}).status_code == 422
    assert "李四" in client.get("/accounts/", {"find": "李四"}).content.decode()
    account_id = max(world.ids.values()) + 1
    where = f"/accounts/{account_id}/"
    told = {"role": "village", "place": "522728101200", "why": "罗府任〔2026〕3号"}
    assert client.post(f"{where}role/", told | {"place": "522728101"}).status_code == 422
    assert client.post(f"{where}role/", told)["Location"] == where
    page = client.get(where).content.decode()
    assert "大坪村" in page
    assert "已办理" in page
    assert "已办理" not in client.get(where).content.decode()
    assert client.post(f"{where}close/", {"why": ""}).status_code == 422
    assert client.post(f"{where}close/", {"why": "退休"})["Location"] == where
    assert "已停用" in client.get(where).content.decode()


def test_with_two_administrators_a_role_becomes_a_request(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people
    from bangfu.casework.requests import api as requests

    admin = world.actor("admin")
    with entered(admin.scope):
        second, _ = people.open_account(actor=admin, username="admin2", name="赵二", password=PASSWORD)
        people.grant_role(actor=admin, account_id=second, role="admin", place="", why="任命")
    client = world.client("admin")
    village = world.ids["village"]
    told = {"role": "finance", "place": "522728", "why": "兼任财政"}
    assert client.post(f"/accounts/{village}/role/", told).status_code == 302
    assert "等待另一名管理员批准" in client.get(f"/accounts/{village}/").content.decode()
    client.post(f"/accounts/{village}/second-factor/", {"why": "手机遗失"})
    client.post(f"/accounts/{village}/hand-over/", {"why": "调离", "to_id": world.ids["pboc"]})
    (admin_grant,) = _grants(world, second)
    client.post(f"/accounts/{second}/role/{admin_grant}/end/", {"why": "调离"})
    with entered(admin.scope):
        kinds = [one.kind for one in requests.listed(actor=admin).rows]
    assert sorted(kinds) == [
        "account.end_role", "account.grant", "account.hand_over", "account.second_factor_lost"
    ]  # fmt: skip
    assert len(_grants(world, village)) == 1
    listed = client.get("/requests/").content.decode()
    assert f">{village}</td>" not in listed  # the person of an account, not its number
    history = client.get(f"/trail/account:{village}/").content.decode()
    for words in ("授予岗位", "工作交接", "网页", f'href="/accounts/{village}/"'):
        assert words in history, words
    assert "account.grant" not in history
    second_client = _second(world, second)
    page = second_client.get("/").content.decode()
    (where,) = {one for one in re.findall(r"/requests/[0-9a-f-]{36}/", page) if "担任" in _shown(second_client, one)
                and "不再担任" not in _shown(second_client, one)}  # fmt: skip
    seen = re.search(r'name="seen_hash" value="([0-9a-f]+)"', _shown(second_client, where))[1]
    told = {"outcome": "approved", "seen_hash": seen}
    assert client.post(f"{where}decide/", told).status_code == 403  # who asked does not decide
    assert second_client.post(f"{where}decide/", told).status_code == 302
    assert len(_grants(world, village)) == 2
    assert "/requests/" not in _main(client)


def _main(client) -> str:
    return client.get("/").content.decode().split("<main")[1]


def _shown(client, where: str) -> str:
    return client.get(where).content.decode()


def _second(world, account_id: int):
    """A browser of the second administrator, whose password and factor are set."""
    from tests.web.people_world import SECRET, sign_in

    from bangfu.casework.database.session import Scope, entered, widened
    from bangfu.casework.people.models import Account
    from bangfu.casework.personal_data import api as vault

    with entered(Scope()), widened():
        (datum,) = vault.kept([vault.Plain("casework_account", str(account_id), "totp_secret", SECRET)])
        Account.objects.filter(pk=account_id).update(must_change_password=False, second_factor_id=datum)
    client = world.client()
    assert sign_in(client, "admin2").status_code == 302
    return client


def _grants(world, account_id: int) -> list[int]:
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    with entered(world.actor("admin").scope):
        return [one.grant_id for one in people.grants_of(account_id)]


def test_a_reset_password_is_shown_once_and_must_be_changed(world):
    from tests.web.people_world import sign_in

    client = world.client("admin")
    village = world.ids["village"]
    page = client.post(f"/accounts/{village}/password/", {"why": "忘记密码"}).content.decode()
    first = page.split("<code>")[1].split("</code>")[0]
    assert sign_in(world.client(), "village").status_code == 422
    other = world.client()
    forget_codes(world)
    assert sign_in(other, "village", first).status_code == 302
    assert other.get("/")["Location"] == "/my-account/first-password/"
    assert first not in client.get(f"/accounts/{village}/").content.decode()
    assert client.post(f"/accounts/{world.ids['admin']}/password/", {"why": "忘记密码"}).status_code == 403


def test_a_token_is_shown_once_and_revoked(world):
    client = world.client("county_bank")
    page = client.post(
        "/tokens/new/", {"label": "核心系统", "may": ["loan.read"], "days": "90"}
    ).content.decode()
    raw = page.split("<code>")[1].split("</code>")[0]
    assert raw.startswith("bf_")
    assert (
        client.post("/tokens/new/", {"label": "x", "may": ["account.write"], "days": "9"}).status_code == 422
    )
    listed = client.get("/tokens/").content.decode()
    assert "核心系统" in listed
    assert raw not in listed
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    bank = world.actor("county_bank")
    with entered(bank.scope):
        (row,) = people.tokens(actor=bank)
    assert client.get(f"/tokens/{row.token_id}/revoke/").status_code == 200
    assert client.post(f"/tokens/{row.token_id}/revoke/").status_code == 302
    assert people.actor_of_token(raw, datetime.now(UTC)) is None
    assert world.client("admin").get("/tokens/999/revoke/").status_code == 404


def test_the_trail_tells_each_what_lies_in_their_scope(world):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    village = world.actor("village")
    with entered(village.scope):
        trail.record(
            actor=village, act="application.approved", subject=("application", "A1"), before={"stage": "一"},
            after={"stage": "二", "amount_fen": 5_000_000}, why="<script>alert(1)</script>",
            basis=("LD2021-2.2a",), scope_area="522728101200",
        )  # fmt: skip
    page = world.client("village").get("/trail/").content.decode()
    assert "贷款申请 A1" in page
    assert "<script>alert" not in page
    assert "贷款申请 A1" in world.client("township").get("/trail/").content.decode()
    assert "贷款申请 A1" not in world.client("branch_officer").get("/trail/").content.decode()
    assert "贷款申请 A1" not in world.client("admin").get("/trail/").content.decode()
    history = world.client("auditor").get("/trail/application:A1/").content.decode()
    assert "50,000.00" in history
    assert "LD2021-2.2a" in history
    assert "没有记录" in world.client("county_bank").get("/trail/application:A1/").content.decode()
    auditor = world.client("bureau")
    fragment = auditor.get("/trail/application:A1/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.startswith("<ol")
    for query, there in {
        "kind=loan": False, "kind=application": True, "who=village": True, "who=nobody": False,
        "first_on=2090-01-01": False, "last_on=2000-01-01": False, "mine=on": False,
    }.items():  # fmt: skip
        assert ("贷款申请 A1" in auditor.get(f"/trail/?{query}").content.decode()) is there, query


def test_an_export_of_the_trail_says_who_took_it_and_is_no_formula(world):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    village = world.actor("village")
    with entered(village.scope):
        trail.record(actor=village, act="application.approved", subject=("application", "A1"), why="=1+1",
                     scope_area="522728101200")  # fmt: skip
    client = world.client("bureau")
    told = client.post("/trail/export/", {"purpose": "检查"}).content.decode()
    assert "王bureau" in told.splitlines()[0]
    assert "检查" in told.splitlines()[0]
    assert ",'=1+1," in told
    assert "导出操作记录" in client.get("/trail/?mine=on").content.decode()
    assert client.get("/trail/export/").status_code == 405


def test_the_chain_is_verified_anchored_and_printed(world, site):
    client = world.client("admin")
    page = client.post("/trail/verify/").content.decode()
    assert "记录链完整" in page
    assert client.post("/trail/anchor/")["Location"] == "/trail/verify/"
    from zoneinfo import ZoneInfo

    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert today in client.get("/trail/verify/").content.decode()
    sheet = client.get(f"/trail/anchor/{today}/")
    assert sheet.status_code == 200
    assert sheet.content.startswith(b"%PDF")
    assert client.get("/trail/anchor/2001-01-01/").status_code == 404
    assert client.get("/trail/anchor/2001-13-01/").status_code == 404
    for path in site.anchors.glob("*.json"):
        path.unlink()
    auditor = world.client("auditor")
    assert auditor.post("/trail/verify/").status_code == 200
    assert auditor.post("/trail/anchor/").status_code == 403
    assert world.client("bureau").post("/trail/verify/").status_code == 403


def test_an_edited_row_is_named_on_the_page(world, site):
    from tests.site import superuser

    with superuser(site, world.database) as door:
        door.execute("set session_replication_role = replica")
        door.execute(
            "update casework_trail_row set content = jsonb_set(content, '{who}', '\"x\"')"
            " where id = (select min(id) from casework_trail_row)"
        )
    page = world.client("auditor").post("/trail/verify/").content.decode()
    assert "记录内容被改动" in page
    assert "开立账户" in page


@pytest.mark.parametrize("how", ["status", "refused", "broken"])
def test_what_a_refused_view_wrote_is_undone(world, how):
    from django.http import HttpResponse
    from django.test import RequestFactory

    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.audit_trail.models import TrailRow
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import Scope, entered
    from bangfu.web import sessions

    def view(request):
        trail.record(actor=request.actor, act="test.done", subject=("case", 1))
        if how == "refused":
            raise Refused("own_step")
        if how == "broken":
            raise RuntimeError
        return HttpResponse(status=422)

    client = world.client("village")
    request = RequestFactory().post("/")
    request.session = client.session
    request.htmx = False
    now = datetime.now(UTC)
    if how == "broken":
        with pytest.raises(RuntimeError):
            sessions.answered(request, view, (), {}, now=now)
    else:
        answer = sessions.answered(request, view, (), {}, now=now)
        assert answer.status_code == (403 if how == "refused" else 422)
    with entered(Scope(everything=True)):
        assert not TrailRow.objects.filter(act="test.done").exists()


def test_what_waits_is_sorted_by_the_day_it_is_due(world):
    from datetime import timedelta

    from bangfu.casework.people import queue
    from bangfu.casework.words import Words

    def waits(actor):
        made = SimpleNamespace(title=Words("复核", "check"))
        for days, name in ((None, "戊"), (5, "丁"), (-2, "甲"), (0, "乙"), (2, "丙")):
            due = None if days is None else actor.on + timedelta(days=days)
            yield queue.QueueItem(made.title, name, "村", due, "trail-subject", ("account:1",), "LD2021-2.2a")

    queue.offers("pboc", waits)
    try:
        found = queue.waiting(world.actor("pboc"))
        page = world.client("pboc").get("/").content.decode()
    finally:
        queue._PROVIDERS["pboc"].remove(waits)
    assert [item.subject for item in found.items] == list("甲乙丙丁戊")
    assert (found.total, found.late) == (5, 1)
    assert "超期2天" in page
    assert "今天到期" in page
    assert "/trail/account:1/" in page


def test_duties_show_their_clauses_for_every_role(world):
    client = world.client("village")
    for role in PLACES:
        page = client.get("/duties/", {"role": role})
        assert page.status_code == 200
        assert "LD2021" in page.content.decode() or "2021" in page.content.decode()
    assert client.get("/duties/", {"role": "<script>"}).status_code == 200


def test_nothing_secret_stands_in_the_log(world, caplog):
    world.client("village")
    text = json.dumps([record.getMessage() for record in caplog.records])
    assert PASSWORD not in text
