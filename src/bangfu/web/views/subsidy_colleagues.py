"""Lines of a colleague's own household, checked by another of the township before the review (LD2021-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CHECKS, OwnLine
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views import subsidy_forms as given
from bangfu.web.views import subsidy_lines_shown as lines_shown
from bangfu.web.views.doing import actor_of, done, posted, status_of
from bangfu.web.views.subsidy_at import list_at

__all__ = ["check", "result_words"]


def result_words(one: OwnLine) -> Words:
    """What a colleague found of a line, or that nobody has checked it."""
    if one.found is None:
        return Words("还没有人核对", "nobody has checked it yet")
    failed = [words for part, words in CHECKS.items() if part in one.found.failed]
    if not failed:
        return Words(f"{one.checked_by} 已核对：三项相符", f"{one.checked_by} checked it: all three hold")
    zh, en = "、".join(word.zh for word in failed), ", ".join(word.en for word in failed)
    return Words(f"{one.checked_by} 已核对，不符：{zh}", f"{one.checked_by} checked it; does not hold: {en}")


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Tick identity, amount and right of the lines of colleagues' own households."""
    actor = actor_of(request)
    view = list_at(request, list_id, "township_review").view
    own = subsidies.own_at_review(actor=actor, list_id=list_id).of_others
    form = given.Checked(posted(request))
    ticked = set(request.POST.getlist("ok")) if request.method == "POST" else None
    if request.method == "POST" and own and form.is_valid():

        def act() -> str:
            subsidies.check_lines(
                actor=actor, list_id=list_id, failed=_failed(own, ticked or set()), **form.cleaned_data
            )
            tell(
                request,
                "ok",
                Words("已核对，审核人可以提交审核了。", "Checked: the reviewer can send the review."),
            )
            return reverse("subsidy-list", args=(list_id,))

        if answer := done(form, act):
            return answer
    context = {
        "view": view, "name": shown.period_words(view.cycle), "back": reverse("subsidy-list", args=(list_id,)),
        "form": form, "rows": [_row(one, ticked) for one in own],
        "checks": {part: subsidies.SHORT[part] for part in CHECKS},
    }  # fmt: skip
    return render(request, "subsidies/check.html", context, status=status_of(form))


def _failed(own: Iterable[OwnLine], ticked: set[str]) -> Mapping[object, frozenset[str]]:
    return {
        one.line.id: frozenset(part for part in CHECKS if f"{one.line.number}:{part}" not in ticked)
        for one in own
    }


def _row(one: OwnLine, ticked: set[str] | None) -> dict[str, Any]:
    """A line with its ticks: as sent, as somebody ticked before, else where the computer's checks passed."""
    passed = {told["code"] for told in one.line.checks if told["outcome"] == "passed"}
    before = passed if one.found is None else set(CHECKS) - one.found.failed
    ticks = []
    for part, words in CHECKS.items():
        value = f"{one.line.number}:{part}"
        ticks.append((part, words, value, part in before if ticked is None else value in ticked))
    return lines_shown.row(one.line) | {"own": one, "ticks": ticks, "result": result_words(one)}
