"""Payments by forms: a batch prepared by one and released by another, results, what came back, accounts, proofs."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
from tests.casework.payments_made import COUNTY, cycle, file_of, made_card, money, paying, results, sent, sql  # noqa: F401
from tests.county import with_factor


def text(answer) -> str:
    return answer.content.decode()


def hidden(page: str, name: str) -> str:
    (found,) = set(re.findall(rf'name="{name}" value="([0-9a-f]{{64}})"', page))
    return found


def errors_of(answer) -> set[str]:
    """The fields at which something is refused; the form itself where it is said above all fields."""
    page = text(answer)
    assert answer.status_code == 422, page[:600]
    return set(re.findall(r'id="id_(\w+)_error"', page)) or {"form" if 'role="alert"' in page else "nothing"}


def queries(call) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        answer = call()
    assert answer.status_code == 200, text(answer)[:800]
    return len(caught)


@pytest.fixture
def colleague(in_county):
    """A second person of the finance bureau, who may be signed in as number 2."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    site = Actor.site(now=datetime.now(UTC))
    with entered(site.scope):
        account, _ = people.open_account(
            actor=site,
            username="demo-finance2",
            name="赵同审",
            password=people.DEMO_PASSWORD,
            must_change=False,
        )
        people.given(actor=site, account_id=account, role="finance", place=COUNTY)
    with_factor(account)


def today() -> str:
    """The day in Shanghai."""
    from bangfu.casework.database.actor import day_of

    return day_of(datetime.now(UTC)).isoformat()


def file(content: bytes, name: str = "r.csv"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="lists" value="([0-9a-f-]{36})"', page)


@pytest.mark.usefixtures("colleague")
def test_a_batch_from_the_form_to_the_results(client_of, paying):  # noqa: F811
    one, other = client_of("finance"), client_of("finance", 2)
    here = f"/subsidies/cycles/{paying.id}/payments/"
    lists = ticked(text(one.get(here)))
    assert len(lists) > 2
    assert errors_of(one.post(here, {"paid_to": "borrower"})) == {"lists"}
    answer = one.post(here, {"paid_to": "borrower", "lists": lists})
    assert answer.status_code == 302, text(answer)[:800]
    batch = answer["Location"]
    assert "须由另一人复核导出" in text(one.get(batch))
    assert one.get(f"{batch}decide/").status_code == 403
    waits = text(one.get(here))
    assert re.search(r'data-label="在等什么">复核导出<', waits), "not for results: nothing went out yet"
    assert re.search(r"已导出、未出结果</dt><dd><b>0.00</b>", waits)
    page = text(other.get(f"{batch}decide/"))
    seen = hidden(page, "seen_hash")
    assert errors_of(other.post(f"{batch}decide/", {"outcome": "reject", "seen_hash": seen})) == {"reason"}
    assert errors_of(other.post(f"{batch}decide/", {"outcome": "release", "seen_hash": "0" * 64})) == {"form"}
    assert other.post(f"{batch}decide/", {"outcome": "release", "seen_hash": seen}).status_code == 302
    assert re.search(r'data-label="在等什么">发放结果<', text(one.get(here)))
    page = text(other.get(batch))
    assert '<a href="/payments/" aria-current="true">' in page, "the navigation says where one is"
    assert not re.search(r"\d{13,19}", page.replace(seen, "")), "no clear number on the page"
    (url,) = re.findall(r'<a href="(/files/[0-9a-f-]{36}/)">[^<]+\.csv</a>', page)
    told = other.get(url)
    assert told.status_code == 200
    given = results(told.content.decode("gbk"), on=today(), changed={
        1: {"状态": "失败", "原因": "户名不符"}, 2: {"状态": "退回", "原因": "已销户"}})  # fmt: skip
    bad = results(told.content.decode("gbk"), on=today(), changed={3: {"金额": "0.02"}})
    answer = other.post(f"{batch}results/", {"file": file(bad), "do": "take"})
    assert answer.status_code == 422
    assert "金额与批次不一致" in text(answer)
    assert "每一行都对得上" in text(other.post(f"{batch}results/", {"file": file(given), "do": "try"}))
    assert other.post(f"{batch}results/", {"file": file(given), "do": "take"}).status_code == 302
    page = text(other.get(f"{batch}?outcome=failed"))
    assert "户名与账号不符" in page
    assert "下载了发放文件" in page
    assert "须先更正账户" in text(one.get(here))
    assert other.get(f"{batch}control.pdf").content.startswith(b"%PDF-")
    back = f"{batch}3/returned/"
    assert errors_of(other.post(back, {"on": "2020-01-01", "reason_code": "account_closed"})) == {"on"}
    assert other.post(back, {"on": today(), "reason_code": "account_closed"}).status_code == 302
    assert other.get(back).status_code == 200
    assert other.post(back, {"on": today(), "reason_code": "frozen"}).status_code == 422
    assert "已销户" in text(other.get(f"{batch}?outcome=returned"))


@pytest.mark.usefixtures("colleague")
def test_money_that_does_not_reach_is_said_in_words(client_of, cycle):  # noqa: F811
    from tests.casework.payments_made import allotted, at_payment, with_accounts

    at_payment(cycle.id)
    with_accounts()
    allotted(1)
    one, other = client_of("finance"), client_of("finance", 2)
    here = f"/subsidies/cycles/{cycle.id}/payments/"
    batch = one.post(here, {"paid_to": "borrower", "lists": ticked(text(one.get(here)))})["Location"]
    seen = hidden(text(other.get(f"{batch}decide/")), "seen_hash")
    answer = other.post(f"{batch}decide/", {"outcome": "release", "seen_hash": seen})
    assert errors_of(answer) == {"form"}
    assert re.search(r"2023 年度.*资金不够：本批需要 [\d,.]+ 元，可送发放 0\.01 元", text(answer))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_sees_what(client_of, paying, money, language):  # noqa: F811
    batch = sent(money, paying.id)
    here = f"/subsidies/cycles/{paying.id}/payments/"
    pages = [here, "/payments/", f"/payments/{batch.id}/", "/proofs/", "/recoveries/", "/recoveries/?all=1",
             "/formats/", f"/proofs/?cycle={paying.id}&paid_to=lender", "/payees/",
             f"/payments/{batch.id}/?outcome=paid&village=x&page=7"]  # fmt: skip
    for role in ("finance", "bureau", "county_bank", "auditor", "pboc"):
        client = client_of(role)
        client.cookies["language"] = language
        for page in pages:
            answer = client.get(page)
            if role == "county_bank" and (page.startswith("/formats") or answer.status_code == 404):
                continue  # another bank's batch, or a county it does not serve
            assert answer.status_code == 200, (role, page, text(answer)[:600])
            if page == "/formats/":  # made-up people stand there
                continue
            assert not re.search(r"\d{17}[\dX]", re.sub(r"[0-9a-f]{32,}|[0-9a-f-]{36}", "", text(answer)))
    for role in ("village", "township", "branch_officer", "branch_manager"):
        client = client_of(role)
        for page in pages[:-2]:
            assert client.get(page).status_code == 403, (role, page)
    for page in pages:
        assert client_of().get(page).status_code == 302


def test_what_came_back_shows_the_batch_that_paid_it(client_of, paying, money):  # noqa: F811
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    later = money.at(2023, 10, 18)
    changed = {1: {"状态": "失败", "原因": "系统超时"}, 2: {"状态": "退回", "原因": "已销户"}}
    later.did(payments.take_results, batch_id=batch.id, content=results(file_of(money, batch), changed=changed),
              name="r.csv")  # fmt: skip
    reader, page = client_of("finance"), f"/payments/{batch.id}/?outcome="
    assert "后来" not in text(reader.get(f"{page}failed"))
    two = sent(later, paying.id)
    assert two.items == 1
    told = text(reader.get(f"{page}failed"))
    assert f'<a href="/payments/{two.id}/">第 2 批重发</a>' in told
    assert "处理中" in told
    assert f"/payments/{two.id}/" not in text(reader.get(f"{page}returned"))
    assert f"/payments/{two.id}/" not in text(reader.get(f"{page}paid"))


def test_the_number_of_questions_is_fixed(client_of, paying, money):  # noqa: F811
    from bangfu.casework.payments import api as payments

    first = money.did(payments.payable, cycle_id=paying.id).lists[0]
    small = sent(money, paying.id, list_ids=[first])
    client = client_of("finance")
    client.get("/payments/")
    few = queries(lambda: client.get(f"/payments/{small.id}/"))
    large = sent(money, paying.id)
    assert large.items > small.items
    assert queries(lambda: client.get(f"/payments/{large.id}/")) == few
    before = queries(lambda: client.get(f"/payments/{large.id}/?page=2"))
    assert before <= few
    assert queries(lambda: client.get(f"/subsidies/cycles/{paying.id}/payments/")) < 40
    assert queries(lambda: client.get("/payees/")) < 30


def test_accounts_are_looked_for_entered_by_file_and_corrected_by_request(client_of, cycle):  # noqa: F811
    rows = sql(
        "select distinct on (household_id) household_id, borrower_name from casework_loan where upper_inf(recorded)"
        " and household_id is not null and not ordinary order by household_id limit 3"
    )
    lines = [
        "户编号,姓名,卡号,开户行",
        *(f"{home},{name},{made_card(n)},信用社" for n, (home, name) in enumerate(rows)),
    ]
    good, bad = "\n".join(lines), "\n".join([*lines, "H-nobody,某某,12345678,信用社"])
    client = client_of("finance")
    answer = client.post("/payees/file/", {"file": file(bad.encode()), "do": "take"})
    assert answer.status_code == 422
    assert "持卡人不是该户成员" in text(answer)
    assert client.post("/payees/file/", {"do": "try"}).status_code == 422
    assert "可以登记" in text(client.post("/payees/file/", {"file": file(good.encode()), "do": "try"}))
    assert client.post("/payees/file/", {"file": file(good.encode()), "do": "take"}).status_code == 302
    home = rows[0][0]
    page = text(client.get(f"/payees/?household={home}"))
    assert made_card(0) not in page
    assert made_card(0)[-4:] in page
    auditor = client_of("auditor")
    show = f"/payees/{home}/show/"
    assert made_card(0) not in text(auditor.get(show))
    assert errors_of(auditor.post(show, {"reason": "x"})) == {"reason"}
    assert made_card(0) in text(auditor.post(show, {"reason": "核对发放账户"}))
    assert client.post(show, {"reason": "核对发放账户"}).status_code == 403
    assert client.get(f"/households/{home}/ask/payee_account/").status_code == 403


def test_a_format_is_looked_at_before_it_is_set(client_of, in_county):
    client = client_of("finance")
    page = text(client.get("/formats/"))
    assert "没有设定过" in page
    assert "张三" in page
    fields = {
        "name": "省一卡通", "kind": "delimited", "encoding": "gb18030", "separator": "pipe", "line_end": "lf",
        "headings": "on", "header": "H|{county}|{count}", "trailer": "", "summary": "{cycle}贴息", "why": "系统升级",
        "c1-field": "name", "c1-header": "户名", "c2-field": "account", "c2-header": "账号", "c3-field": "amount",
        "c3-header": "金额", "c3-form": "fen", "c3-width": "12", "c3-fill": "zeros",
    }  # fmt: skip
    look = text(client.post("/formats/set/", {**fields, "do": "look"}))
    assert "张三|9999990000000000009|000000009452" in look
    assert "没有设定过" in text(client.get("/formats/"))
    without = {name: value for name, value in fields.items() if not name.startswith("c3")}
    assert "三列必须各有一列" in text(client.post("/formats/set/", {**without, "do": "set"}))
    narrow = {**fields, "c1-width": "2"}
    assert "超过列宽" in text(client.post("/formats/set/", {**narrow, "do": "set"}))
    formula = {**fields, "header": "=1+1"}
    assert errors_of(client.post("/formats/set/", {**formula, "do": "set"})) == {"header"}
    moved = client.post("/formats/set/", {**fields, "do": "up:3"})
    assert moved.status_code == 200
    order = re.findall(r'name="c[1-4]-header" value="([^"]*)"', text(moved))
    assert order == ["户名", "金额", "账号"], "the third column is the second now, its width with it"
    assert re.search(r'name="c2-width" value="12"', text(moved))
    assert not re.search(r'name="c3-width" value', text(moved))
    assert re.search(r'value="up:2"[^>]* data-focus', text(moved)), "the same column can be moved on at once"
    assert client.post("/formats/set/", {**fields, "do": "up:1"}).status_code == 200
    assert "没有设定过" in text(client.get("/formats/")), "moving sets nothing"
    assert client.post("/formats/set/", {**fields, "do": "set"}).status_code == 302
    assert "省一卡通" in text(client_of("bureau").get("/formats/"))
    assert client_of("bureau").get("/formats/set/").status_code == 403
    assert client.get("/formats/set/?example=xlsx").status_code == 200


def test_how_results_are_read_is_set_beside_the_columns(client_of, in_county):
    from bangfu.casework.payments import api as payments
    from bangfu.casework.payments.formats import standing_format

    def standing():
        from bangfu.casework.database.session import Scope, entered

        with entered(Scope(everything=True)):
            return standing_format(COUNTY).results

    client = client_of("finance")
    page = text(client.get("/formats/"))
    assert "怎样读回单" in page
    assert "成功、发放成功、已入账" in page
    form = text(client.get("/formats/set/"))
    given = dict(re.findall(r'name="(result-[a-z_-]+)"[^>]*? value="([^"]*)"', form))
    assert given["result-column-status"] == "处理状态、处理结果、状态"
    assert given["result-status-paid"] == "成功、发放成功、已入账"
    fields = {
        "name": "省一卡通", "kind": "delimited", "encoding": "gbk", "separator": "comma", "line_end": "lf",
        "headings": "on", "header": "", "trailer": "", "summary": "", "why": "",
        "c1-field": "name", "c1-header": "户名", "c2-field": "account", "c2-header": "账号",
        "c3-field": "amount", "c3-header": "金额", "do": "set",
    }  # fmt: skip
    assert client.post("/formats/set/", fields).status_code == 302
    assert standing() == payments.DEFAULT.results, "what was not sent stays"
    told = {
        **fields,
        **given,
        "result-amount_unit": "fen",
        "result-status-paid": "00；交易成功",
        "result-reason-frozen": "睡眠户",
    }
    assert client.post("/formats/set/", {**told, "do": "look"}).status_code == 200
    assert standing() == payments.DEFAULT.results, "looking sets nothing"
    for wrong, words in (
        ({"result-column-status": ""}, "回单须有处理状态"),
        ({"result-status-paid": ""}, "“已发放”的写法必填"),
        ({"result-status-failed": "00"}, "同一个写法只能有一种含义"),
    ):
        answer = client.post("/formats/set/", {**told, **wrong})
        assert (answer.status_code, words in text(answer)) == (422, True), wrong
    assert client.post("/formats/set/", told).status_code == 302
    now = standing()
    assert (now.amount_unit, now.statuses["paid"], now.reasons["frozen"]) == (
        "fen",
        ("00", "交易成功"),
        ("睡眠户",),
    )
    assert now.columns == payments.DEFAULT.results.columns
    assert "睡眠户" in text(client.get("/formats/"))


def test_a_proof_on_paper_and_where_the_line_is(client_of, cycle, money):  # noqa: F811
    from tests.casework.archive_made import picture
    from tests.casework.payments_made import allotted, at_payment, file_of, site

    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    at_payment(cycle.id)
    allotted()
    homes = sql(
        "select distinct household_id from casework_subsidy_line where household_id is not null limit 3"
    )
    with entered(site().scope):
        rows = [payments.NewAccount(home, "外人", made_card(n)) for n, (home,) in enumerate(homes)]
        payments.register(actor=site(), rows=rows)
    batch = sent(money, cycle.id)
    money.at(2023, 10, 20).did(
        payments.take_results, batch_id=batch.id, content=results(file_of(money, batch)), name="r.csv"
    )
    line = sql("select line_id from casework_payment_item where payee_name = '外人' limit 1")
    client = client_of("finance")
    assert "持卡人不是本户成员" in text(client.get("/proofs/"))
    url = f"/proofs/{line[0][0]}/"
    assert errors_of(client.post(url, {"on": "2023-10-01", "file": file(picture(), "收条.png")})) == {"on"}
    assert errors_of(client.post(url, {"on": "2023-10-21"})) == {"file"}
    assert client.post(url, {"on": "2023-10-21", "file": file(picture(), "收条.png")}).status_code == 302
    page = text(client.get(f"/subsidies/lines/{line[0][0]}/"))
    assert page.count('<li class="done"') >= 4
    assert "到户有凭证" in page
    assert client_of("bureau").get(url).status_code == 403


def test_the_workbook_of_the_control_sheet_opens(client_of, paying, money):  # noqa: F811
    batch = sent(money, paying.id)
    client = client_of("auditor")
    page = text(client.get(f"/payments/{batch.id}/"))
    (url,) = re.findall(r'<a href="(/files/[0-9a-f-]{36}/)">[^<]+\.xlsx</a>', page)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url).content)).active
    assert sheet.max_row > 5
