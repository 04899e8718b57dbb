"""A review by keyboard alone, with and without scripts; the pages on a desk, a telephone, in English."""

from __future__ import annotations

import pytest
from tests.casework.origination_made import Desk
from tests.journeys.conftest import DESKTOP, PHONE, no_serious_fault

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


def tabbed_to(page, wanted: str, *, most: int = 200) -> None:
    """Go on with the tabulator until an element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"the keyboard does not reach {wanted}")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_village_review_by_keyboard_alone(people, desk, scripts):
    made = desk.submitted()
    page = people("village", scripts=scripts)
    page.goto(f"/applications/{made}/")
    for point in desk.view(made, "village").points:
        tabbed_to(page, f"[name=attest_{point['condition']}]")
        page.keyboard.press("Space")
    tabbed_to(page, "[name=opinion]")
    page.keyboard.type("情况属实，同意上报")
    tabbed_to(page, "[name=outcome]")
    page.keyboard.press("Space")
    tabbed_to(page, "#review button[type=submit]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert desk.view(made, "village").state == "township_review"
    assert "情况属实，同意上报" in page.locator("main").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("english", [False, True])
def test_the_pages_hold(people, desk, size, english):
    made, draft = desk.submitted(), desk.opened(nth=1, papers=False)
    looks = {
        "village": ["/applications/", f"/applications/{made}/"],
        "branch_officer": [
            "/applications/new/",
            f"/applications/{draft}/",
            f"/applications/{draft}/edit/",
            f"/applications/{made}/print/",
        ],
        "branch_manager": ["/filings/"],
    }
    for role, addresses in looks.items():
        page = people(role, size=size, english=english)
        for address in addresses:
            assert page.goto(address).status == 200
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{address} scrolls sideways by {wide}"
            no_serious_fault(page)
