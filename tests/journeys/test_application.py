"""An application's whole way in a browser, each person signing in: to the money; to a refusal; past an exception."""

from __future__ import annotations

import re
from datetime import date

import pytest
from tests.casework.origination_made import Desk, household, id_number
from tests.casework.test_documents import PDF
from tests.journeys.conftest import no_serious_fault

pytestmark = pytest.mark.browser
PAPERS = ("signed_form", "id_card", "household_register", "marriage_paper", "bank_card")
# Who does which step of LD2021-2.2, in its order.
STEPS = (
    ("village", "village_review"), ("township", "township_review"), ("station", "station_opinion"),
    ("branch_officer", "branch_examination"), ("branch_manager", "bank_decision"),
)  # fmt: skip


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


def press(page, words: str, *, within: str = "main") -> None:
    with page.expect_navigation():
        page.locator(f"{within} button", has_text=words).first.click()


def opened(people, desk: Desk, born: date = date(1985, 3, 7)) -> str:
    """The branch finds the household by an ID number, writes the application, takes the papers; its number."""
    household(desk.village(), born=born)
    page = people("branch_officer")
    page.goto("/applications/new/")
    page.fill("main input[name=q]", id_number(born, 101))
    press(page, "查找")
    press(page, "为此户开办")
    number = re.search(r"/applications/([^/]+)/edit/", page.url)[1]
    page.select_option("[name=borrower_marital_status]", "married")
    page.fill("[name=family_size]", "2")
    page.fill("[name=borrower_phone]", "13800000001")
    page.fill("[name=address]", "龙井村三组")
    page.fill("[name=spouse_name]", "王小花")
    page.fill("[name=amount_fen]", "50000")
    page.select_option("[name=purpose]", "livestock")
    page.fill("[name=purpose_text]", "买六头牛犊，自家圈养")
    page.fill("[name=term_months]", "24")
    press(page, "保存草稿")
    for kind in PAPERS:
        page.goto(f"/applications/{number}/")
        page.select_option("#papers select[name=kind]", kind)
        page.set_input_files(
            "#papers input[type=file]", {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        press(page, "存入", within="#papers")
    no_serious_fault(page)
    return number


def submitted(people, number: str) -> None:
    page = people("branch_officer")
    page.goto(f"/applications/{number}/")
    press(page, "提交村")


def rated(people, number: str) -> None:
    page = people("branch_officer")
    page.goto(f"/applications/{number}/")
    if not page.locator("#rating select").is_visible():
        page.locator("#rating summary").click()
    page.select_option("#rating [name=grade]", index=1)
    page.fill("#rating [name=limit_fen]", "50000")
    page.fill("#rating [name=reasons]", "经营正常，无不良记录")
    press(page, "记录", within="#rating")


def says(people, number: str, role: str, outcome: str = "approve", *, reason: str = "") -> None:
    """One step: look at everything, attest, write the opinion, conclude."""
    page = people(role)
    page.goto(f"/applications/{number}/")
    no_serious_fault(page)
    for box in page.locator("#review input[type=checkbox]").all():
        box.check()
    if role == "branch_officer" and outcome == "approve":
        page.fill("#review [name=rate_e8]", "3")
        page.select_option("#review [name=interest_method]", "daily_360")
        page.select_option("#review [name=funding]", "own")
    page.fill("#review [name=opinion]", "情况属实，同意" if outcome == "approve" else "用途不实，不同意")
    page.check(f"#review [name=outcome][value={outcome}]")
    if reason:
        page.select_option("#review [name=reason_code]", reason)
    press(page, "办理", within="#review")


def state(desk: Desk, number: str) -> str:
    return desk.view(number, "branch_officer").state


def test_from_the_branch_to_the_money_on_the_card(people, desk):
    number = opened(people, desk)
    submitted(people, number)
    rated(people, number)
    for role, step in STEPS:
        assert state(desk, number) == step
        home = people(role)
        home.goto("/")
        assert home.locator("main").inner_text()
        says(people, number, role)
    assert state(desk, number) == "approved"
    manager = people("branch_manager", 3)  # another than who decided: nobody signs off their own step
    manager.goto(f"/loans/sign/{number}/")
    no_serious_fault(manager)
    press(manager, "签")
    assert "/loans/of/" in manager.url, manager.locator("main").inner_text()
    loan = manager.url.rstrip("/").rpartition("/")[2]
    manager.goto(f"/loans/of/{loan}/pay/")
    no_serious_fault(manager)
    if manager.locator("[name=reason]").count():
        manager.fill("[name=reason]", "当地未定熔断标准，经核对逾期为零，同意放款")
    press(manager, "发放")
    assert manager.url.endswith(f"/loans/of/{loan}/"), manager.locator("main").inner_text()
    village = people("village")
    village.goto(f"/loans/of/{loan}/")
    assert "50,000.00" in village.locator("main").inner_text()
    no_serious_fault(village)


def test_a_refusal_has_its_reason_and_its_notice(people, desk):
    number = desk.submitted()
    says(people, number, "village", "refuse", reason="other")
    assert state(desk, number) == "refused", people("village").locator("main").inner_text()
    page = people("branch_officer")
    page.goto(f"/applications/{number}/")
    assert "用途不实" in page.locator("main").inner_text()
    assert page.locator("main a", has_text="通知书").count() == 1


def test_a_number_is_shown_for_a_reason_which_is_written_down(people, desk):
    number = desk.submitted()
    page = people("township")
    page.goto(f"/applications/{number}/")
    whole = id_number(date(1985, 3, 7), 101)
    assert whole not in page.content()
    page.locator(".masked a").first.click()
    page.wait_for_selector(".masked [name=reason]")
    page.fill(".masked [name=reason]", "与身份证原件核对")
    page.locator(".masked form button").first.click()

    page.locator(".masked .value", has_text=whole).wait_for()
    page.goto("/trail/")
    assert "与身份证原件核对" in page.locator("main").inner_text()
    assert whole not in page.content()


def test_every_page_a_role_reaches_from_home_is_free_of_serious_faults(people, desk):
    desk.submitted()
    seen: set[str] = set()
    for role in ("village", "township", "branch_officer", "county_bank", "bureau", "auditor", "admin"):
        page = people(role)
        page.goto("/")
        links = page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")
        for link in sorted({one.partition("#")[0] for one in links}):
            shape = re.sub(r"[A-Z0-9]{6,}|\d+|[0-9a-f-]{36}", "…", link)
            if shape in seen or re.search(r"export|pdf|xlsx|language|files/|verify", link):
                continue
            seen.add(shape)
            answer = page.goto(link)
            assert answer.status == 200, f"{link} as {role}: {answer.status}"
            no_serious_fault(page)
    assert len(seen) > 15
