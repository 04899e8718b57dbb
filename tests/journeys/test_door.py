"""The door in a real browser: in with the second factor, out again, in English, on a telephone."""

from __future__ import annotations

import pytest
from tests.journeys.conftest import DESKTOP, PHONE, fill_in, no_serious_fault

pytestmark = pytest.mark.browser


def test_a_person_signs_in_with_their_telephone_and_out_again(people):
    page = people("township")
    assert page.locator("main").is_visible()
    no_serious_fault(page)
    page.goto("/my-account/")
    no_serious_fault(page)
    page.locator("form[action='/sign-out/'] button").first.click()
    page.wait_for_load_state()
    page.goto("/my-account/")
    assert "/sign-in/" in page.url


def test_a_used_code_and_a_wrong_one_open_nothing(people):
    page = people.nobody()
    page.goto("/sign-in/")
    page.fill("input[name=username]", "demo-township")
    page.fill("input[name=password]", "not-the-password")
    page.fill("input[name=code]", "000000")
    page.click("main form button[type=submit]")
    assert "/sign-in/" in page.url
    assert "不正确" in page.locator("main").inner_text()
    no_serious_fault(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("english", [False, True])
def test_public_pages_are_read_by_everybody(people, size, english):
    page = people.nobody(size=size, english=english)
    for address in (
        "/",
        "/policy/",
        "/policy/clauses/",
        "/may-i-borrow/",
        "/calculator/",
        "/fraud/",
        "/help/",
        "/sign-in/",
    ):
        answer = page.goto(address)
        assert answer.status == 200
        assert page.locator("html").get_attribute("lang") == ("en" if english else "zh-CN")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} scrolls sideways by {wide}"
        no_serious_fault(page)


def test_reading_needs_no_scripts(people):
    page = people.nobody(scripts=False)
    for address in ("/", "/policy/", "/calculator/?amount=50000&rate=3.45&start=2026-03-01&end=2027-03-01"):
        assert page.goto(address).status == 200
        assert page.locator("main h1").inner_text()
    page.goto("/sign-in/")
    fill_in(page, "demo-auditor")
    assert "/sign-in/" not in page.url
