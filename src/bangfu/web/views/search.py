"""Global search. What is typed comes by POST; an ID number is answered on the spot and stands in no address."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bangfu.casework.database.actor import Actor
from bangfu.casework.registry import api as registry
from bangfu.casework.words import Words
from bangfu.web.code_words import words_of
from bangfu.web.parts import Column, Table
from bangfu.web.views.registry_shown import address, stage_words

_KINDS = {
    "household": Words("农户", "Household"),
    "member": Words("成员", "Member"),
    "loan": Words("贷款", "Loan"),
    "application": Words("申请", "Application"),
    "village": Words("村、乡镇", "Place"),
}
_COLUMNS = (
    Column("title", Words("名称", "Name"), link="url"),
    Column("kind", Words("类别", "What"), narrow=True),
    Column("place", Words("所在地", "Place")),
    Column("more", Words("说明", "More")),
)
_NOTHING = Words(
    "没有找到。姓名从姓开始输入；拼音和首字母只查户主；编号、证件号码要输入完整；只在您的管辖范围内查找。",
    "Nothing was found. Type names from the start; a reading or initials find heads alone; numbers must be complete;"
    " only what is in your scope is looked through.",
)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Look for a name, an ID number, a loan, an application or a village in scope."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()[:64]
    personal = registry.is_personal(typed)
    if request.method == "POST" and typed and not personal:
        return HttpResponseRedirect(f"{reverse('search')}?{urlencode({'q': typed})}")
    if personal and request.method != "POST":
        typed = ""  # a number in an address is not looked up: it would be found again in histories and logs
    found = registry.search(actor=actor, typed=typed) if typed else ()
    rows = [
        {
            "title": one.title,
            "kind": _KINDS[one.kind],
            "place": one.place,
            "more": _more(one),
            "url": _url(one),
        }
        for one in found
    ]
    table = Table(Words("查找结果", "Found"), _COLUMNS, rows, empty=_NOTHING)
    context = {"typed": "" if personal else typed, "asked": bool(typed), "table": table}
    return render(request, "search/results.html", context)


def _url(one: registry.Found) -> str:
    if one.kind in {"household", "member"}:
        return reverse("household", args=(one.id,))
    if one.kind == "village":
        return f"{reverse('households')}?{urlencode({'area': one.id})}"
    return address(one.kind, one.id)


def _more(one: registry.Found) -> Words | str:
    if one.kind == "member":
        relation = registry.RELATIONS.get(one.more, Words(one.more, one.more))
        return Words(f"{relation.zh} · {one.id}", f"{relation.en} · {one.id}")
    if one.kind == "household":
        return one.id
    if one.kind == "village" and one.more == "ended":
        return Words("原名称，已更名或合并", "an earlier name or code")
    if one.kind == "loan":
        return words_of(one.more, "product")
    return stage_words(one.more) if one.kind == "application" and one.more else ""
