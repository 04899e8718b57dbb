"""Every clause that a document of ours cites exists in its pack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bangfu.policy import load_book

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CITED = re.compile(r"\b((?:GZ|HLJ|CN|HA|JZ|LD)\d{4}-[0-9](?:[0-9.]*[0-9])?[a-z]?)\b")


def unknown(text: str) -> list[str]:
    book = load_book()
    return sorted({cited for cited in CITED.findall(text) if book.clause(cited) is None})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_cited_clause_exists(page: Path) -> None:
    assert unknown(page.read_text(encoding="utf-8")) == []


def test_a_clause_that_is_not_there_is_noticed() -> None:
    assert unknown("as CN2021-1.4, GZ2018-2.6.1 and HA2021-2.2c say, but not CN2021-9.9.") == ["CN2021-9.9"]
