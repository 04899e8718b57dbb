"""Pictures of the site's main pages for the README: the demonstration, served on a port, in Debian's Chromium."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE, PHONE, COLOURS = {"width": 1366, "height": 768}, {"width": 390, "height": 844}, 128
QUARTER = "2026年第二季度"  # the one under way
PASSWORD = "bangfu-demo-county"  # noqa: S105 - said on the demonstration's sign-in page


def kept(page: Page, name: str) -> None:
    """The page as it stands on a screen, in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(
        PICTURES / f"{name}.png", optimize=True
    )


def opened(page: Page, address: str, words: str) -> None:
    """Go to an address and follow the first link in its main part with these words."""
    page.goto(address)
    with page.expect_navigation():
        page.locator("main a", has_text=words).first.click()


def cycle(browser: Any, address: str) -> None:
    """A quarter with its lists, one list, a batch of payments, and the notice as anybody reads it on a telephone."""
    page = signed_in(browser, address, "demo-bureau")
    opened(page, "/subsidies/", QUARTER)
    kept(page, "cycle")
    with page.expect_navigation():
        page.locator("main table tbody a[href^='/subsidies/lists/']").first.click()
    kept(page, "subsidy-list")
    opened(page, "/payments/", "第")
    kept(page, "payment")
    phone = browser.new_context(
        base_url=address, viewport=PHONE, device_scale_factor=2, locale="zh-CN"
    ).new_page()
    phone.goto("/notices/?kind=before")
    notice = phone.locator("main table a[href^='/notices/']").first
    if not notice.count():  # the demonstration was made days ago
        phone.goto("/notices/?kind=before&past=on")
    with phone.expect_navigation():
        notice.click()
    kept(phone, "notice")


def signed_in(browser: Any, address: str, username: str) -> Page:
    """A page of one of the demonstration's people."""
    page: Page = browser.new_context(base_url=address, viewport=SIZE, locale="zh-CN").new_page()
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    return page


def main(address: str) -> None:
    """The work queue, a review with the core's decision, and the quarter's subsidy."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--headless=new", "--no-sandbox"]
        )
        page = signed_in(browser, address, "demo-township")
        page.goto("/")
        kept(page, "queue")
        page.goto("/applications/")
        first = page.locator("main table a[href^='/applications/']").first
        if first.count():
            with page.expect_navigation():
                first.click()
        kept(page, "review")
        cycle(browser, address)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
