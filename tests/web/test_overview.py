"""The homes of those who watch over lending, the breaker's page, and households declared as one's own."""

from __future__ import annotations

import html
import re

import pytest
from tests.casework.lending_made import everything

WATCHERS = ("finance", "regulator", "pboc", "auditor")
SEE_THE_BREAKER = {*WATCHERS, "bureau", "county_bank"}
ROLES = (
    "village",
    "township",
    "station",
    "branch_officer",
    "branch_manager",
    "county_bank",
    "bureau",
    *WATCHERS,
)


def text(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def questions(client, where: str) -> int:
    """How many questions a page asks."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert client.get(where).status_code == 200
    return len(asked)


def sql(statement: str, *given):
    from django.db import connection

    with everything(), connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("role", WATCHERS)
def test_who_watches_finds_how_things_stand_and_each_figure_opens(client_of, role):
    client = client_of(role)
    page = client.get("/")
    shown = text(page)
    for words in (
        "概况",
        "熔断，暂停发放",
        "在办贷款申请",
        "报备与清单",
        "待审批的变更申请",
        "分政策、分资金来源",
    ):
        assert words in shown, words
    assert ("没有主责任银行的乡镇" in shown) == (role == "regulator")
    assert ("最近锚点" in shown) == (role == "auditor")
    assert "没有待办事项" not in shown
    links = set(re.findall(r'<dd><a href="([^"]+)"', page.content.decode()))
    assert {"/loans/breaker/", "/applications/?state=live", "/filings/", "/requests/?state=open"} <= links
    for where in links:
        assert client.get(html.unescape(where)).status_code == 200, where
    client.cookies["language"] = "en"
    assert "Lending suspended" in text(client.get("/"))


def test_the_figures_are_those_of_the_scope(client_of):
    (live,) = sql("select count(*) from casework_stage where upper_inf(recorded) and state not in"
                  " ('refused', 'withdrawn', 'approved')")[0]  # fmt: skip
    page = client_of("regulator").get("/").content.decode()
    assert f'state=live">{live}</a>' in page


def more_requests(number: int) -> None:
    """So many open requests in the county's first village."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("select set_config('bangfu.everything', 'on', false)")
        cursor.execute(
            "insert into casework_change_request (id, kind, desk, subject, details, effect, content_hash, why,"
            " asked_by, asked_name, asked_role, asked_at, decided_by_act, scope_area)"
            " select gen_random_uuid(), 'move', 'registry', 'household:H' || n, '{}', '{}', '', 'why', 1, 'name',"
            " 'village', now(), 'household.approve', (select min(scope_area) from casework_household)"
            " from generate_series(1, %s) n",
            [number],
        )


def test_home_asks_no_more_where_there_is_more(client_of):
    client = client_of("finance")
    client.get("/")  # what a process keeps
    more_requests(1)
    before = questions(client, "/")
    more_requests(60)
    assert questions(client, "/") == before
    assert ">61</a>" in client.get("/").content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_the_breaker_opens_for_those_who_watch_it(client_of, role):
    answer = client_of(role).get("/loans/breaker/")
    assert answer.status_code == (200 if role in SEE_THE_BREAKER else 403)
    if answer.status_code == 200:
        assert "LD2021-5.5" in answer.content.decode()
        assert ("熔断状态" in text(client_of(role).get("/"))) is True


def test_a_suspended_breaker_comes_first_and_says_since_when(client_of, monkeypatch):
    from datetime import date

    from bangfu.casework.lending import api as lending

    made = [
        lending.BreakerView(state, "示范联社", "", "transition", "522728", date(2026, 11, 20), date(2026, 10, 31),
                            date(2026, 9, 30), 5_120_000, 6_000_000, 3_000_000, ("LD2021-5.5",))
        for state in ("suspended", "undetermined")
    ]  # fmt: skip
    monkeypatch.setattr(lending, "breakers", lambda **_: tuple(made))
    page = text(client_of("regulator").get("/loans/breaker/"))
    assert page.index("暂停发放") < page.index("5.12%")
    assert "2026-09-30" in page
    home = client_of("regulator").get("/").content.decode()
    assert 'class="bad"' in home


def test_the_next_bank_sees_no_breaker_of_the_first(client_of):
    assert "示范县农村信用合作联社" in text(client_of("county_bank").get("/loans/breaker/"))
    page = text(client_of("county_bank", 2).get("/loans/breaker/"))
    assert " 示范县农村信用合作联社" not in page.replace("邻县示范", "")


@pytest.fixture
def someone() -> tuple[int, str]:
    """The village's account, and a household of the village."""
    ((account_id,),) = sql("select id from casework_account where username = 'demo-village'")
    ((household_id,),) = sql("select min(household_id) from casework_household where upper_inf(recorded)")
    return account_id, household_id


def test_a_household_is_declared_and_the_declaration_ended_with_a_reason(client_of, someone):
    account_id, household_id = someone
    where = f"/accounts/{account_id}/own/"
    admin = client_of("admin")
    assert "没有申报过本人家庭" in text(admin.get(where))
    for told, why in (
        ({"household_id": household_id, "why": ""}, "必填"),
        ({"household_id": "H-nobody", "why": "本人申报"}, "填写有误"),
    ):
        answer = admin.post(where, told)
        assert answer.status_code == 422, why
    assert admin.post(where, {"household_id": household_id, "why": "本人书面申报"})["Location"] == where
    assert admin.post(where, {"household_id": household_id, "why": "再登记一次"}).status_code == 422
    assert household_id in text(admin.get(where))
    assert household_id in text(client_of("village").get("/my-account/"))
    end = f"{where}{household_id}/end/"
    assert admin.get(end).status_code == 200
    assert admin.post(end, {"why": ""}).status_code == 422
    assert admin.post(end, {"why": "已离婚，户口迁出"})["Location"] == where
    assert household_id not in text(client_of("village").get("/my-account/"))
    assert admin.get(end).status_code == 404
    told = text(admin.get(f"/trail/account:{account_id}/"))
    assert "撤销本人家庭声明" in told
    assert "已离婚，户口迁出" in told


def test_nobody_ends_their_own_and_nobody_but_administrators_sees_others(client_of, someone):
    account_id, household_id = someone
    ((admin_id,),) = sql("select id from casework_account where username = 'demo-admin'")
    admin = client_of("admin")
    where = f"/accounts/{admin_id}/own/"
    assert admin.post(where, {"household_id": household_id, "why": "本人家庭"})["Location"] == where
    assert "解除" not in re.sub(r"由管理员解除", "", text(admin.get(where)))
    assert admin.post(f"{where}{household_id}/end/", {"why": "不再是"}).status_code == 403
    for role in ("village", "bureau", "auditor"):
        client = client_of(role)
        assert client.get(f"/accounts/{account_id}/own/").status_code == 403
        assert (
            client.post(f"/accounts/{account_id}/own/{household_id}/end/", {"why": "不"}).status_code == 403
        )


@pytest.mark.parametrize(
    ("role", "query", "words"),
    [
        ("village", "", "打开一户的页面"), ("bureau", "", "“行政区划”"), ("admin", "", "账户页提出"),
        ("pboc", "", "辖区内还没有变更申请"), ("pboc", "?state=refused", "点“清除”看全部"),
    ],
)  # fmt: skip
def test_an_empty_list_of_requests_says_what_to_do_next(client_of, role, query, words):
    assert words in text(client_of(role).get(f"/requests/{query}"))
