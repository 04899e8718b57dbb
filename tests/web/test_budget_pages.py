"""The subsidy's money on screen: balances and gaps, the ledger and what it opens, allotments, forecast, lateness."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
from tests.casework.lending_made import one
from tests.casework.payments_made import cycle, file_of, money, paying, results, sent  # noqa: F401
from tests.web.test_payments_pages import errors_of, queries, text

THIS_YEAR = datetime.now(UTC).year
PAGES = ("/budgets/", "/budgets/ledger/", "/budgets/forecast/", "/budgets/lateness/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_sees_the_money(client_of, in_county, language):
    for role in ("finance", "bureau", "regulator", "pboc", "auditor"):
        client = client_of(role)
        client.cookies["language"] = language
        for page in (*PAGES, "/budgets/?year=2023&on=2023-05-01", "/budgets/?year=x&on=y",
                     "/budgets/ledger/?source=central&kind=paid&page=9",
                     "/budgets/lateness/?on=2023-11-01"):  # fmt: skip
            answer = client.get(page)
            assert answer.status_code == 200, (role, page, text(answer)[:600])
    assert client_of("county_bank").get("/budgets/lateness/").status_code == 200
    for role in ("village", "township", "branch_manager", "county_bank"):
        for page in PAGES[:3]:
            assert client_of(role).get(page).status_code == 403, (role, page)
    assert client_of("finance").get("/budgets/?county=520000").status_code == 404
    assert client_of("auditor").get("/budgets/allot/").status_code == 403


def test_an_allotment_is_entered_once_and_taken_back_with_a_reason(client_of, in_county):
    client = client_of("finance")
    told = {
        "way": "given",
        "document": "黔财农〔2026〕12号",
        "source": "central",
        "year": THIS_YEAR,
        "amount": "120,000",
    }
    assert errors_of(client.post("/budgets/allot/", {**told, "document": ""})) == {"document"}
    assert errors_of(client.post("/budgets/allot/", {**told, "amount": "0"})) == {"amount"}
    assert errors_of(client.post("/budgets/allot/", {**told, "year": "2090"})) == {"year"}
    assert client.post("/budgets/allot/", told).status_code == 302
    client.post("/budgets/allot/", told)
    assert "没有重复入账" in text(client.get(f"/budgets/?year={THIS_YEAR}"))
    assert "120,000.00" in text(client.get(f"/budgets/?year={THIS_YEAR}"))
    back = {**told, "way": "back", "amount": "20000"}
    assert errors_of(client.post("/budgets/allot/", back)) == {"why"}
    assert client.post("/budgets/allot/", {**back, "why": "上级收回"}).status_code == 302
    page = text(client.get(f"/budgets/?year={THIS_YEAR}"))
    assert "100,000.00" in page
    assert "120,000.00" not in page
    assert "黔财农〔2026〕12号" in text(client.get("/budgets/ledger/"))


def test_the_gap_stands_in_words(client_of, cycle):  # noqa: F811
    from tests.casework.payments_made import at_payment

    at_payment(cycle.id)
    page = text(client_of("finance").get("/budgets/?year=2023"))
    assert re.search(r"缺口 [\d,.]+ 元：已确认的多于下达的", page)
    assert "借贷相等" in page


def test_the_ledger_opens_what_it_is_of_and_is_taken_away(client_of, paying, money):  # noqa: F811
    batch = sent(money, paying.id)
    client = client_of("finance")
    page = text(client.get("/budgets/ledger/?kind=released"))
    assert f"/payments/{batch.id}/" in page
    assert "发放 2023年第三季度 第 1 批" in page
    (first,) = re.findall(r"本类合计 <strong>([\d,.]+) 元", page)
    assert first == f"{batch.total_fen // 100:,}.{batch.total_fen % 100:02d}"
    assert re.search("清册 .+ 2023年第三季度", text(client.get("/budgets/ledger/?kind=committed")))
    (year,) = one("select year from casework_budget_entry where kind = 'released' limit 1")
    balances = text(client.get(f"/budgets/?year={year}"))
    links = re.findall(r'href="([^"]+account=in_payment)">([\d,.]+)</a>', balances)
    assert links, "each figure opens the entries it is made of"
    for url, fen in links:
        assert f"余 {fen} 元" in text(client.get(url.replace("&amp;", "&")))
    assert client.post("/budgets/ledger/export/", {"purpose": ""}).status_code == 422
    taken = client.post("/budgets/ledger/export/?kind=committed", {"purpose": "对账"})
    sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).active
    assert "对账" in sheet.cell(1, 1).value
    assert {sheet.cell(row, 4).value for row in range(3, sheet.max_row + 1)} == {"确认"}


def test_the_number_of_questions_does_not_grow_with_the_ledger(client_of, paying, money):  # noqa: F811
    client = client_of("finance")
    client.get("/budgets/")
    few = queries(lambda: client.get("/budgets/ledger/?kind=committed"))
    sent(money, paying.id)
    assert queries(lambda: client.get("/budgets/ledger/?kind=committed")) == few
    assert queries(lambda: client.get("/budgets/?year=2023")) < 30
    assert queries(lambda: client.get("/budgets/lateness/")) < 30


def test_the_forecast_says_what_it_rests_on_and_what_is_open(client_of, in_county):
    page = text(client_of("finance").get("/budgets/forecast/"))
    assert page.count("季度") > 4
    assert "没有计入" in page
    assert "与预算对照" in page
    assert "（新政策）" in page


def test_how_late_each_quarter_was(client_of, paying, money):  # noqa: F811
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    content = results(file_of(money, batch), changed={1: {"状态": "失败", "原因": "户名不符"}})
    money.at(2023, 10, 20).did(payments.take_results, batch_id=batch.id, content=content, name="r.csv")
    client = client_of("finance")
    page = text(client.get("/budgets/lateness/?on=2023-12-01"))
    assert "2023年第三季度" in page
    assert "<svg" in page
    assert re.search(r'data-label="到账（中位）" data-unit="天">25<', page)  # to 16 October
    towns = text(client.get(f"/budgets/lateness/?on=2023-12-01&cycle={paying.id}"))
    assert "不排名" in towns
