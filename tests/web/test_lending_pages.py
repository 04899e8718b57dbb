"""Lending's pages: lists with regimes apart, a loan opened, and the way from approval to repayment by forms."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest
from tests.casework.lending_made import YUAN, approval, approve, one, paid


def text(answer) -> str:
    return answer.content.decode()


def loan_of(actor, **wanted) -> str:
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    with entered(actor.scope):
        return lending.loans_after(actor=actor, asked=lending.LoanFilter(**wanted))[0].loan_id


@pytest.mark.parametrize(
    "role", ["village", "township", "branch_officer", "county_bank", "bureau", "finance", "auditor"]
)
def test_the_list_opens_in_both_languages_and_shows_one_regime(client_of, role):
    client = client_of(role)
    for language in ("zh-hans", "en"):
        client.cookies["language"] = language
        for query in ("", "?product=poverty", "?product=transition&state=overdue&sort=-balance&page=2",
                      "?as_of=2022-12-31&known_on=2023-01-31", "?sort=nonsense&page=x&product=gold",
                      "?maturing_within=60&words=%E5%BC%A0", "?as_of=yesterday&area=1"):  # fmt: skip
            answer = client.get(f"/loans/{query}")
            assert answer.status_code == 200, (query, text(answer)[:800])
    page = text(client_of(role).get("/loans/?product=poverty"))
    assert "扶贫小额信贷（老政策）" in page
    assert len(page.encode()) < 150_000


def test_a_loan_opens_with_its_picture_steps_and_findings(client_of, as_role):
    loan_id = loan_of(as_role("township"), product="transition", state="settled")
    client = client_of("township")
    page = text(client.get(f"/loans/of/{loan_id}/"))
    assert "<svg" in page
    assert "锁定的政策" in page
    assert not re.search(r"\d{17}[\dX]", page)
    assert len(page.encode()) < 150_000
    for more in ("interest/", "interest/?start=2023-03-21&end=2023-06-21", "findings/"):
        for language in ("zh-hans", "en"):
            client.cookies["language"] = language
            answer = client.get(f"/loans/of/{loan_id}/{more}")
            assert answer.status_code == 200, text(answer)[:800]
            assert "LD2021-" in text(answer) or "CN20" in text(answer)
    client.cookies["language"] = "zh-hans"
    checked = text(client.get(f"/loans/of/{loan_id}/findings/"))
    assert re.search("<h2>(符合规定|不符合规定|须有例外审批)</h2>", checked)
    assert "可以办理" not in checked
    assert client_of("township", 2).get(f"/loans/of/{loan_id}/").status_code == 404
    assert client_of().get(f"/loans/of/{loan_id}/").status_code == 302


def test_from_contract_to_repayment_by_forms(client_of, as_role, monkeypatch):
    manager = as_role("branch_manager")
    found = approval(manager)
    approve(monkeypatch, found)
    boss, officer = client_of("branch_manager"), client_of("branch_officer")
    page = text(boss.get(f"/loans/sign/{found.application_id}/"))
    assert found.content_hash in page
    told = {
        "contract_on": "2026-11-20", "amount": "60000", "rate": "3", "matures_on": "2028-11-20",
        "seen_hash": found.content_hash,
    }  # fmt: skip
    answer = boss.post(f"/loans/sign/{found.application_id}/", told)
    assert answer.status_code == 422
    assert "50,000.00" in text(answer)
    answer = boss.post(f"/loans/sign/{found.application_id}/", told | {"amount": "50,000"})
    assert answer.status_code == 302, text(answer)
    loan_url = answer["Location"]
    loan_id = loan_url.rstrip("/").rpartition("/")[2]
    pay = f"{loan_url}pay/"
    page = text(officer.get(pay))
    assert "标准当地未定" in page
    (seen,) = re.findall(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    payment = {"on": "2026-11-20", "amount": "50000", "seen_hash": seen, "reason": ""}
    assert officer.post(pay, payment).status_code == 422
    assert (
        boss.post(pay, payment | {"reason": "集体研究决定"}).status_code == 422
    )  # who decided does not pay out
    answer = officer.post(pay, payment | {"reason": "集体研究决定"})
    assert answer.status_code == 302, text(answer)
    event = {"kind": "repaid", "on": "2026-11-20", "amount": "60000"}
    answer = officer.post(f"{loan_url}event/", event)
    assert answer.status_code == 422
    assert "50,000.00" in text(answer)
    assert officer.post(f"{loan_url}event/", event | {"amount": "20000"}).status_code == 302
    (event_id,) = one("select id from casework_loan_event where loan_id = %s and kind = 'repaid'", loan_id)
    fix = f"{loan_url}event/{event_id}/correct/"
    assert officer.get(fix).status_code == 200
    assert officer.post(fix, {"amount": "2000", "reason": "多录了一个零"}).status_code == 302
    assert one("select balance_fen from casework_loan_standing where loan_id = %s", loan_id) == (
        48_000 * YUAN,
    )
    assert "被更正的流水" in text(officer.get(loan_url))


def test_the_banks_file_by_form(client_of, as_role, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    loan = paid(as_role("branch_manager"), as_role("branch_officer"), monkeypatch)
    client = client_of("county_bank")

    def send(rows: str, do: str):
        content = f"贷款编号,日期,业务类型,金额（元）\n{rows}\n".encode()
        return client.post("/loans/bank-file/", {"file": SimpleUploadedFile("day.csv", content), "do": do})

    good = f"{loan.loan_id},2026-11-20,还款,1000.00"
    assert client.get("/loans/bank-file/").status_code == 200
    assert "新增 1 笔" in text(send(good, "try"))
    bad = send(f"{good}\n{loan.loan_id},2026-11-20,还款,99999.00", "take")
    assert bad.status_code == 422
    assert "没有入账" in text(bad)
    assert one("select balance_fen from casework_loan_standing where loan_id = %s", loan.loan_id) == (
        50_000 * YUAN,
    )
    assert send(good, "take").status_code == 302
    assert "新增 0 笔" in text(send(good, "try"))
    assert client_of("branch_officer").get("/loans/bank-file/").status_code == 403


def test_the_subsidy_of_a_quarter_and_what_is_taken_away(client_of):
    client = client_of("bureau")
    page = text(client.get("/loans/subsidy/?start=2024-03-21&end=2024-06-21"))
    assert "脱贫人口小额信贷（新政策）" in page
    assert client.get("/loans/subsidy/?start=2024-06-21&end=2024-03-21").status_code == 422
    assert client.post("/loans/export?product=transition", {"purpose": ""}).status_code == 422
    taken = client.post("/loans/export?product=transition", {"purpose": "=1+1 季度检查"})
    sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert "=1+1 季度检查" in lines[0][0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert taken["Content-Disposition"].startswith("attachment")
    assert len(lines) > 50
    assert {line[1] for line in lines[2:]} == {"脱贫人口小额信贷（新政策）"}
    number, rate, signed = (lines[1].index(name) for name in ("合同金额（元）", "利率（%）", "签订日期"))
    assert all(
        isinstance(line[number], int | float)
        and isinstance(line[rate], int | float)
        and isinstance(line[signed], date)
        for line in lines[2:]
    )
    assert (sheet.cell(3, number + 1).number_format, sheet.cell(3, signed + 1).number_format) == (
        "#,##0.00", "yyyy-mm-dd",
    )  # fmt: skip
    assert one("select content->>'why' from casework_trail_row where act = 'loans.exported'") == (
        "=1+1 季度检查",
    )


@pytest.mark.parametrize("url", ["/loans/?product=transition", "/loans/of/{loan}/"])
def test_the_number_of_questions_is_fixed(client_of, as_role, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of("bureau")
    loan_id = loan_of(as_role("bureau"), product="transition", state="settled")
    counts = []
    for query in ("", "&state=settled") if "?" in url else ("", ""):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url.format(loan=loan_id) + query).status_code == 200
        counts.append(len(asked))
    assert max(counts) == min(counts)
    assert max(counts) <= 24, counts
