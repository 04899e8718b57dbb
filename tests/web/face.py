"""What the tests of the pages share: the addresses, a reader in a language, a look at a page's text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import django
from django.conf import settings
from django.test import Client

django.setup()  # tests.conftest has named the site's folder
Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)

PUBLIC = (
    "/",
    "/policy/",
    "/policy/?day=2026-01-15",
    "/policy/?place=410800&day=2022-05-01",
    "/policy/?product=poverty",
    "/policy/?place=000000&day=2019-01-01",
    "/policy/clauses/",
    "/may-i-borrow/",
    "/calculator/",
    "/calculator/?amount=80000&rate=4.2&start=2026-03-01&end=2027-03-01&method=daily_360&product=",
    "/calculator/?amount=&rate=x&start=2026-03-01&end=2025-03-01&method=daily_360&product=",
    "/fraud/",
    "/help/",
)
LANGUAGES = ("zh-hans", "en")
CHINESE = re.compile(r"[\u3400-\u9fff]")
_NUMBER = re.compile(r"[\u4e00-\u9fff]+〔\d{4}〕\d+号")  # of a document, which has no English
_VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "rect", "polyline"}


def reader(language: str = "zh-hans", **options) -> Client:
    """A signed-out reader."""
    client = Client(SERVER_NAME="127.0.0.1", **options)
    client.cookies["language"] = language
    return client


class _Spoken(HTMLParser):
    """The texts of a page with the language each is marked with."""

    def __init__(self) -> None:
        super().__init__()
        self.languages = ["en"]
        self.chinese: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])

    def handle_endtag(self, tag):
        if tag not in _VOID:
            self.languages.pop()

    def handle_data(self, data):
        if self.languages[-1] == "en" and CHINESE.search(_NUMBER.sub("", data)):
            self.chinese.append(data.strip())


def bare_chinese(page: str) -> list[str]:
    """Chinese texts of an English page that are not marked as Chinese (titles and issuers of documents are)."""
    spoken = _Spoken()
    spoken.feed(page)
    return spoken.chinese
