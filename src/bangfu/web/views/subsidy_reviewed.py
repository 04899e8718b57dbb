"""The ticks of a township's review: fifty lines a page, what stands on other pages carried along in the form.

Of every line three things are ticked (``CHECKS``). They stand ticked from the start only where the computer's own
checks passed; whoever reviews takes a tick away, or puts one. Nothing is kept before the review is sent. A line of the
reviewer's own household has no ticks here: what a colleague found of it stands in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView, OwnLine
from bangfu.casework.words import said
from bangfu.web.parts import Pager
from bangfu.web.views.subsidy_colleagues import result_words
from bangfu.web.views.subsidy_lines_shown import row

_PAGE = 50
SENDS, GOES = "send", "page:"


@dataclass(frozen=True)
class Ticks:
    """Where a review stands.

    Attributes:
        rows: The lines of this page, each with its ticks.
        pager: Which page it is.
        wrong: ``number:part`` of lines on other pages that are not ticked.
        seen: Pages that were looked at, this one with them.
        unseen: Those that were not.
        failed: Line → what does not hold, over all pages.
        sent: Whether the review was sent, and not a page turned.
    """

    rows: Sequence[Mapping[str, Any]]
    pager: Pager
    wrong: Sequence[str]
    seen: Sequence[int]
    unseen: Sequence[int]
    failed: Mapping[object, frozenset[str]]
    sent: bool

    @property
    def count(self) -> int:
        """How many lines do not hold."""
        return len(self.failed)


def ticks(lines: Sequence[LineView], sent: QueryDict, own: Sequence[OwnLine] = ()) -> Ticks:
    """What was ticked so far, and the page that is shown next; ``own`` are the reviewer's own lines."""
    mine = {one.line.id: one for one in own}
    reviewable = [one for one in lines if one.status in ("open", "held")]
    pages = max(1, -(-len(reviewable) // _PAGE))
    doing = sent.get("do", "")
    was = _page(sent.get("page", "1"), pages)
    seen = {_page(one, pages) for one in sent.getlist("seen")}
    wrong = {
        f"{line.number}:{part}"
        for place, line in enumerate(reviewable)
        for part in subsidies.CHECKS
        if line.id not in mine and _is_wrong(line, part, place // _PAGE + 1, sent, was, seen)
    }
    page = _page(doing.removeprefix(GOES), pages) if doing.startswith(GOES) else was
    seen |= {page}
    here = reviewable[(page - 1) * _PAGE : page * _PAGE]
    shown = {str(one.number) for one in here}
    failed: dict[object, frozenset[str]] = {}
    for line in reviewable:
        parts = frozenset(part for part in subsidies.CHECKS if f"{line.number}:{part}" in wrong)
        if parts:
            failed[line.id] = parts
    rows = [
        row(one)
        | {"ticks": [(part, words, f"{one.number}:{part}", f"{one.number}:{part}" not in wrong)
                     for part, words in subsidies.CHECKS.items()], "line": one,
           "by_colleague": result_words(mine[one.id]) if one.id in mine else None}
        for one in here
    ]  # fmt: skip
    return Ticks(
        rows, Pager(page, pages, len(reviewable)), sorted(one for one in wrong if one.partition(":")[0] not in shown),
        sorted(seen), [one for one in range(1, pages + 1) if one not in seen], failed, doing == SENDS,
    )  # fmt: skip


def not_seen(pages: str) -> Any:
    """What is said where pages were not looked at."""
    return said(
        f"还没有看第 {pages} 页：逐笔审核后再提交。",
        f"Page {pages} was not looked at: review every line first.",
    )


def _is_wrong(line: LineView, part: str, page: int, sent: QueryDict, was: int, seen: set[int]) -> bool:
    """Whether a thing is not ticked: as it was sent, as it was carried along, or as the computer found."""
    if sent and page == was:
        return f"{line.number}:{part}" not in sent.getlist("ok")
    if page in seen:
        return f"{line.number}:{part}" in sent.getlist("wrong")
    return not any(one["code"] == part and one["outcome"] == "passed" for one in line.checks)


def _page(told: str, pages: int) -> int:
    page = int(told) if told.isdecimal() and len(told) < 5 else 1  # noqa: PLR2004
    return min(max(page, 1), pages)
