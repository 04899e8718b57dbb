"""An application through its pages, each person signed in at their own desk; without a line of JavaScript."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.casework.lending_made import everything
from tests.casework.origination_made import household
from tests.casework.test_documents import PDF, REFUSED


def six_of(username: str) -> str:
    """The code on the phone of a demonstration account, where it has one."""
    from bangfu.casework.people.models import Account
    from bangfu.casework.people.second_factor import code_at
    from bangfu.casework.personal_data import api as vault

    with everything():
        secrets = vault.opened_of([Account.objects.get(username=username).second_factor_id])
    return code_at(next(iter(secrets.values())), datetime.now(UTC)) if secrets else ""


class Site:
    """Clients by user name, each signed in once."""

    def __init__(self) -> None:
        self.clients = {}

    def __call__(self, username: str):
        if username not in self.clients:
            from django.test import Client

            from bangfu.casework.people.api import DEMO_PASSWORD

            client = Client(SERVER_NAME="127.0.0.1")
            told = {
                "username": f"demo-{username}",
                "password": DEMO_PASSWORD,
                "code": six_of(f"demo-{username}"),
            }
            answer = client.post("/sign-in/", told)
            assert answer.status_code == 302, answer.content.decode()
            self.clients[username] = client
        return self.clients[username]


@pytest.fixture
def desks(in_county, site, settings) -> Site:
    settings.SITE = replace(site, demo=True)
    return Site()


@pytest.fixture
def home(desks, as_role) -> str:
    return household(as_role("village").place)[0]


def text(answer) -> str:
    return answer.content.decode()


def hidden(page: str, name: str) -> str:
    """The value of a hidden field as it stands in the page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', page)
    assert found, name
    return found.group(1) or found.group(2) or ""


FIELDS = {
    "borrower_marital_status": "married", "family_size": "4", "borrower_phone": "13800000001", "address": "龙井村三组",
    "spouse_name": "王小花", "kind": "new", "amount_fen": "50,000", "purpose": "livestock",
    "purpose_text": "买六头牛犊", "term_months": "24", "applied_on": "",
}  # fmt: skip


def opened(desks, home: str) -> str:
    officer = desks("branch_officer")
    answer = officer.post("/applications/new/", {"household_id": home})
    assert answer.status_code == 302, text(answer)
    return answer["Location"].split("/")[2]


def written(desks, home: str, **changed) -> str:
    number, officer = opened(desks, home), desks("branch_officer")
    where = f"/applications/{number}/edit/"
    page = text(officer.get(where))
    told = FIELDS | {"seen_number": hidden(page, "seen_number"), "borrower_member_id": f"{home}-0"} | changed
    answer = officer.post(where, told)
    assert answer.status_code == 302, text(answer)
    return number


def papered(
    desks, number: str, kinds=("signed_form", "id_card", "household_register", "marriage_paper", "bank_card")
):
    for kind in kinds:
        answer = desks("branch_officer").post(
            f"/applications/{number}/papers/", {"kind": kind, "file": SimpleUploadedFile(f"{kind}.pdf", PDF)}
        )
        assert answer.status_code == 302, text(answer)


def submitted(desks, home: str, **changed) -> str:
    number = written(desks, home, **changed)
    papered(desks, number)
    assert desks("branch_officer").post(f"/applications/{number}/submit/").status_code == 302
    return number


def review(desks, number: str, username: str, outcome: str = "approve", **more):
    page = text(desks(username).get(f"/applications/{number}/"))
    ticks = dict.fromkeys(re.findall(r'name="(attest_\w+|not_own)"', page), "on")
    told = {
        "outcome": outcome,
        "opinion": "情况属实",
        "step": hidden(page, "step"),
        "seen": hidden(page, "seen"),
    }
    return desks(username).post(f"/applications/{number}/review/", told | ticks | more)


TERMS = {
    "amount_fen": "50000",
    "term_months": "24",
    "rate_e8": "3",
    "interest_method": "daily_360",
    "funding": "own",
}


def test_the_whole_way_through_the_pages(desks, home):
    number = submitted(desks, home)
    officer = desks("branch_officer")
    told = {"grade": "AA", "limit_fen": "50000", "reasons": "经营正常"}
    assert officer.post(f"/applications/{number}/rating/", told).status_code == 302
    for username in ("village", "township", "station"):
        queue = text(desks(username).get("/"))
        assert number in queue
        answer = review(desks, number, username)
        assert answer.status_code == 302, text(answer)
    answer = review(desks, number, "branch_officer", **TERMS)
    assert answer.status_code == 302, text(answer)
    page = text(desks("branch_manager").get(f"/applications/{number}/"))
    assert "3.00%" in page
    assert "一户多贷核查" in page
    assert review(desks, number, "branch_manager").status_code == 302
    page = text(desks("branch_manager").get(f"/applications/{number}/"))
    assert "已批准" in page
    assert page.count("情况属实") >= 5
    pdf = officer.get(f"/applications/{number}/form.pdf")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert pdf.content.startswith(b"%PDF-")
    listed = text(officer.get("/applications/?state=approved"))
    assert number in listed
    assert number not in text(officer.get("/applications/?state=draft"))


def test_a_draft_that_is_wrong_loses_nothing(desks, home):
    number, officer = opened(desks, home), desks("branch_officer")
    where = f"/applications/{number}/edit/"
    told = FIELDS | {
        "seen_number": hidden(text(officer.get(where)), "seen_number"), "borrower_member_id": f"{home}-0",
        "amount_fen": "五万", "purpose_text": "买牛，还有很多要说的话",
    }  # fmt: skip
    answer = officer.post(where, told)
    assert answer.status_code == 422
    page = text(answer)
    assert "买牛，还有很多要说的话" in page
    assert "五万" in page
    assert "最多两位小数" in page
    told = told | {"amount_fen": "50000", "borrower_phone": "打给我"}
    answer = officer.post(where, told)
    assert answer.status_code == 422
    assert "电话只能有数字" in text(answer)
    assert "打给我" in text(answer)


def test_what_is_missing_is_said_before_and_after_submitting(desks, home):
    number = written(desks, home, purpose_text="")
    officer = desks("branch_officer")
    page = text(officer.get(f"/applications/{number}/"))
    assert "用途概况" in page
    assert "签字的贷款申请审批表" in page
    answer = officer.post(f"/applications/{number}/submit/")
    assert answer.status_code == 422
    assert "必填项未填" in text(answer)
    assert "draft" not in text(officer.get(f"/applications/{number}/"))


@pytest.mark.parametrize(
    "which", ["a_web_page", "a_bomb_of_pixels", "a_workbook_with_macros", "eleven_megabytes"]
)
def test_a_bad_upload_is_refused_at_its_field(desks, home, which):
    number = written(desks, home)
    content, _, word = REFUSED[which]
    answer = desks("branch_officer").post(
        f"/applications/{number}/papers/",
        {"kind": "id_card", "file": SimpleUploadedFile("身份证.pdf", content)},
    )
    assert answer.status_code == 422
    assert (word or "超过允许的大小") in text(answer)


def test_a_paper_comes_back_as_an_attachment_and_to_nobody_else(desks, home):
    number = written(desks, home)
    papered(desks, number, ("id_card",))
    page = text(desks("branch_officer").get(f"/applications/{number}/"))
    where = re.search(r"/files/[0-9a-f-]{36}/", page).group()
    answer = desks("branch_officer").get(where)
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in answer["Content-Security-Policy"]
    for username in ("village2", "township2", "branch_officer2", "county_bank2"):
        assert desks(username).get(where).status_code == 404
        assert desks(username).get(f"/applications/{number}/").status_code == 404
    assert desks("finance").get(where).status_code == 403
    assert desks("admin").get(f"/applications/{number}/").status_code in (403, 404)


def test_a_changed_application_is_shown_again(desks, home):
    number = submitted(desks, home)
    page = text(desks("village").get(f"/applications/{number}/"))
    ticks = dict.fromkeys(re.findall(r'name="(attest_\w+)"', page), "on")
    told = {
        "outcome": "approve",
        "opinion": "情况属实，写了很多",
        "step": "village_review",
        "seen": hidden(page, "seen"),
    }
    papered(desks, number, ("other_paper",))
    answer = desks("village").post(f"/applications/{number}/review/", told | ticks)
    assert answer.status_code == 422
    after = text(answer)
    assert "内容在您查看之后已变动" in after
    assert "情况属实，写了很多" in after
    assert hidden(after, "seen") != told["seen"]
    assert desks("village").post(
        f"/applications/{number}/review/", told | ticks | {"seen": hidden(after, "seen")}
    ).status_code == 302  # fmt: skip
    assert desks("village").post(f"/applications/{number}/review/", told | ticks).status_code in (409, 422)


def test_a_review_without_its_points_says_which(desks, home):
    number = submitted(desks, home)
    page = text(desks("village").get(f"/applications/{number}/"))
    told = {"outcome": "approve", "opinion": "同意", "step": "village_review", "seen": hidden(page, "seen")}
    answer = desks("village").post(f"/applications/{number}/review/", told)
    assert answer.status_code == 422
    assert "需逐项确认" in text(answer)
    answer = desks("village").post(f"/applications/{number}/review/", told | {"outcome": "refuse"})
    assert answer.status_code == 422
    assert "必须填写理由" in text(answer)


def test_a_masked_number_is_shown_for_a_reason(desks, home):
    number = submitted(desks, home)
    where = f"/applications/{number}/show/borrower_id_number/"
    page = text(desks("township").get(f"/applications/{number}/"))
    full = re.compile(r"5227281985\d{7}[\dX]")
    assert not full.search(page)
    assert desks("township").post(where, {"reason": ""}).status_code == 422
    answer = desks("township").post(where, {"reason": "与身份证原件核对"})
    assert full.search(text(answer))
    assert desks("village").post(where, {"reason": "与身份证原件核对"}).status_code == 403
    part = desks("township").get(where, headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    pdf = desks("township").post(f"/applications/{number}/print/", {"reason": "打印签字盖章"})
    assert pdf.content.startswith(b"%PDF-")


def test_the_list_goes_out_with_the_name_of_who_took_it(desks, home):
    number = submitted(desks, home, spouse_name="=cmd|'/c calc'!A0")
    rows = _taken(desks("township").post("/applications/export?state=live", {"purpose": "=例会使用"}))
    assert "陈明辉" in rows[0][0]
    assert "=例会使用" in rows[0][0]
    (mine,) = [row for row in rows if row[0] == number]
    told = dict(zip(rows[1], mine, strict=True))
    assert isinstance(told["申请金额（元）"], int | float)
    assert isinstance(told["开办日期"], date)
    assert desks("township").post("/applications/export", {"purpose": ""}).status_code == 422
    assert number not in str(_taken(desks("township2").post("/applications/export", {"purpose": "例会使用"})))


def _taken(answer):
    """The rows of a workbook, none of whose cells is a formula."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return list(sheet.iter_rows(values_only=True))


def test_the_pages_speak_english_too(desks, home):
    number = submitted(desks, home)
    client = desks("township")
    client.cookies["language"] = "en"
    for where in (
        "/applications/",
        f"/applications/{number}/",
        f"/applications/{number}/print/",
        "/filings/",
    ):
        page = text(client.get(where))
        assert "Application" in page or "form" in page
        assert "申请人" not in re.sub(r"<[^>]+>", "", page), where
    assert "申请人" in text(desks("village").get(f"/applications/{number}/"))


def test_filings_are_made_seen_and_downloaded(desks, home):
    bank = desks("county_bank")
    page = text(bank.get("/filings/"))
    assert "还要报送" in page
    month = re.search(r'name="month" value="([\d-]+)"', page).group(1)
    answer = bank.post("/filings/month/", {"month": month})
    assert answer.status_code == 302, text(answer)
    assert bank.post("/filings/month/", {"month": month}).status_code == 422
    assert "贷款月度备案表" in text(desks("bureau").get("/filings/"))
    manager = desks("branch_manager")
    page = text(manager.get("/filings/"))
    township = re.search(r'name="township" value="(\d{9})"', page).group(1)
    last = re.search(r'name="month" value="([\d-]+)"', page).group(1)
    answer = manager.post("/filings/lists/", {"month": last, "township": township})
    assert answer.status_code == 302, text(answer)
    seen = text(desks("township").get("/filings/"))
    assert "乡镇贷款和未获批清单" in seen
    where = re.search(r"/files/[0-9a-f-]{36}/", seen).group()
    assert desks("township").get(where).status_code == 200
    assert desks("township2").get(where).status_code == 404
    assert manager.post("/filings/lists/", {"month": "2031-01-01", "township": township}).status_code == 422
    assert manager.post("/filings/lists/", {"month": "x", "township": township}).status_code == 422
