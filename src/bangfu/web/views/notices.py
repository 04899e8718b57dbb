"""Public notices for everybody: found by place, read and printed, objected to; the answer read by a code."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.actor import day_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.notices import api as notices
from bangfu.casework.registry import api as registry
from bangfu.casework.words import Words, said
from bangfu.web.parts import Fact, Pager
from bangfu.web.pictures import qr_of
from bangfu.web.public_pages import public_door, public_page
from bangfu.web.sessions import address_of
from bangfu.web.views import notice_forms as given
from bangfu.web.views import notices_shown as shown
from bangfu.web.views.documents import attached
from bangfu.web.views.doing import put
from bangfu.web.views.registry_shown import page_of

_METHODS = ["GET", "HEAD", "POST"]
_GONE, _TOO_MANY, _WRONG = 410, 429, 422
_KEPT_SHEETS = 24


@require_safe
@public_page
@public_door
def listed(request: HttpRequest) -> HttpResponse:
    """The notices by place: current ones, or past ones too."""
    form = given.Find(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    number, on = page_of(request), timezone.localdate()
    page = notices.notices(
        on=on, name=asked.get("name", ""), kind=asked.get("kind", ""), past=bool(asked.get("past")), page=number,
        size=shown.PAGE,
    )  # fmt: skip
    names = registry.names_of(shown.codes_of(page.rows), on=on)
    sought = bool(asked.get("name") or asked.get("kind"))
    table = shown.listed(page, names, number, past=bool(asked.get("past")), sought=sought)
    return render(request, "notices/list.html", {"form": form, "table": table})


@require_safe
@public_page
@public_door
def opened(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """A notice as posted, a hundred rows a page."""
    number = page_of(request)
    context = _notice(request, notice_id, number=number, size=shown.ROWS)
    page = context["page"]
    form = given.Village(request.GET or None, villages=page.villages)
    return render(
        request, "notices/notice.html",
        {**context, "form": form if len(page.villages) > 1 else None,
         "pager": Pager(number, max(1, -(-page.total // shown.ROWS)), page.total),
         "prints": shown.sheet_links(page.notice, page.villages, "notice-print"),
         "sheets": shown.sheet_links(page.notice, page.villages, "notice-sheet")},
    )  # fmt: skip


@require_safe
@public_page
@public_door
def printed(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The whole notice on one page, to be printed and hung on the wall."""
    context = _notice(request, notice_id, number=1, size=notices.LONGEST_SHEET)
    if context["page"].total > notices.LONGEST_SHEET:
        raise Refused("too_large", rows=context["page"].total, most=notices.LONGEST_SHEET)
    return render(request, "notices/print.html", context | {"qr": qr_of(context["url"])})


def _notice(request: HttpRequest, notice_id: UUID, *, number: int, size: int) -> dict[str, Any]:
    village = request.GET.get("village", "")
    on = timezone.localdate()
    page = notices.notice(notice_id=notice_id, on=on, village=village, page=number, size=size)
    if village and village not in page.villages:
        raise Http404
    one = page.notice
    words = shown.told(one, registry.names_of(shown.codes_of([one]), on=one.posted_on))
    parts = [part for part in page.parts if village in ("", part.village)]
    return {
        "page": page, "can_object": notices.takes_objections(one), "one": one, "told": words,
        "village": village,
        "facts": shown.facts(one, words),
        "clock": shown.clock_words(one.clock, ended=bool(one.ended)), "bar": shown.clock_bar(one.clock),
        "rows": shown.rows_of(page), "products": shown.by_product(parts), "hotline": shown.HOTLINE,
        "documents": "、".join(shown.documents_of(one)),
        "total_fen": sum(part.total_fen for part in parts), "kind": notices.KINDS[one.kind],
        "after": one.kind == notices.AFTER, "url": request.build_absolute_uri(reverse("notice", args=(one.id,))),
    }  # fmt: skip


@require_safe
@public_page
@public_door
def sheet(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The notice as PDF, with a QR code that leads to its page."""
    on, village = timezone.localdate(), request.GET.get("village", "")
    page = notices.notice(notice_id=notice_id, on=on, village=village, size=1)
    if page.notice.ended:
        raise Refused("expired")
    if not page.total:
        raise Http404
    url = request.build_absolute_uri(reverse("notice", args=(notice_id,)))
    words = shown.told(
        page.notice, registry.names_of(shown.codes_of([page.notice]), on=page.notice.posted_on)
    )
    name = f"{words.title.zh}{'-' if village else ''}{village}.pdf"
    return attached(_sheet(notice_id, village, url), name=name, media_type="application/pdf")


@lru_cache(maxsize=_KEPT_SHEETS)
def _sheet(notice_id: UUID, village: str, url: str) -> bytes:
    """A sheet, kept for a while: what was posted never changes, and printing takes the machine's time."""
    return notices.sheet(notice_id=notice_id, on=timezone.localdate(), url=url, village=village)


@require_http_methods(_METHODS)
@never_cache
@public_door
def object_to(request: HttpRequest, notice_id: UUID, token: UUID) -> HttpResponse:
    """Object to one row; the answer shows the number and the code, once."""
    now = timezone.now()
    one, row = notices.row_of(token=token, on=day_of(now))
    if one.id != notice_id:
        raise Http404
    words = shown.told(one, registry.names_of(shown.codes_of([one]), on=one.posted_on))
    context = {"one": one, "row": row, "told": words, "back": reverse("notice", args=(one.id,)), "days": notices.DAYS,
               "product": shown.REGIME_WORDS.get(row.product, row.product), "hotline": shown.HOTLINE}  # fmt: skip
    if not notices.takes_objections(one):
        return render(request, "notices/closed.html", context, status=_GONE)
    form = given.Objecting(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("ground", "text", "name", "phone")}
        try:
            receipt = notices.object_to(token=token, now=now, address=address_of(request), **asked)
        except Refused as refused:
            if refused.code == "expired":
                return render(request, "notices/closed.html", context, status=_GONE)
            status = _refused(form, refused)
        else:
            due = day_of(now) + timedelta(days=notices.DAYS)
            return render(request, "notices/receipt.html", context | {"receipt": receipt, "due": due})
    elif form.is_bound:
        status = _WRONG
    return render(request, "notices/object.html", context | {"form": form}, status=status)


def _refused(form: forms.Form, refused: Refused) -> int:
    """A refusal in words; that of the limit says what to do instead."""
    if refused.code != "rate_limited":
        put(form, refused)
        return _WRONG
    hour, day = refused.facts.get("most_an_hour"), refused.facts.get("most_a_day")
    form.add_error(None, said(
        f"从这个网络提交的太多了（每小时最多 {hour} 件，每天 {day} 件），这一件没有提交。"
        "请过一小时再试，或者打监督电话、到村委会或乡镇当面提出。",
        f"Too many came from this network ({hour} an hour, {day} a day at most); this one was not taken. Try again in "
        "an hour, or telephone, or say it at the village or township office."))  # fmt: skip
    return _TOO_MANY


@require_http_methods(_METHODS)
@never_cache
@public_door
def answer(request: HttpRequest) -> HttpResponse:
    """What became of an objection, for who holds its code; the code stands in no address."""
    form = given.Code(request.POST or None)
    found, facts = None, []
    if request.method == "POST" and form.is_valid():
        try:
            found = notices.answer_of(code=form.cleaned_data["code"])
        except Refused:
            form.add_error("code", said(
                "没有这个查询码，请逐位核对。", "No objection has this code: check each letter."))  # fmt: skip
        else:
            if request.POST.get("do") == "letter" and found.decided_on:
                content = notices.answer_letter_of(code=form.cleaned_data["code"])
                return attached(content, name=f"{found.number}.pdf", media_type="application/pdf")
            facts = _answer_facts(found)
    status = _WRONG if form.is_bound and form.errors else 200
    return render(
        request, "notices/answer.html", {"form": form, "found": found, "facts": facts, "steps": _steps(found)},
        status=status,
    )  # fmt: skip


_REACHED = {
    "received": Words("已收到", "received"),
    "investigated": Words("已调查", "investigated"),
    "decided": Words("已处理", "decided"),
}


def _steps(found: notices.Answer | None) -> list[tuple[str, Words, bool]]:
    """The three states, with those reached."""
    if found is None:
        return []
    reached = list(_REACHED).index(found.state)
    return [(code, words, place <= reached) for place, (code, words) in enumerate(_REACHED.items())]


def _answer_facts(found: notices.Answer) -> list[Fact]:
    row = Words(f"第 {found.row} 号 {found.masked_name}", f"row {found.row}, {found.masked_name}")
    out = [
        Fact(Words("公示", "Notice"), found.area_name),
        Fact(Words("所指", "About"), row),
        Fact(Words("事由", "Ground"), notices.GROUNDS[found.ground]),
        Fact(Words("收到", "Received"), found.at, "moment"),
    ]
    if found.decided_on:
        out += [
            Fact(Words("结论", "Conclusion"), notices.OUTCOMES[found.outcome]),
            Fact(Words("结果", "What follows"), notices.REMEDIES.get(found.remedy, "")),
            Fact(Words("答复日期", "Answered on"), found.decided_on, "day"),
        ]
        return out
    due = day_of(found.at) + timedelta(days=notices.DAYS)
    return [
        *out,
        Fact(Words("答复期限", "Answer due"), due, "day", note=Words("内部时限", "the house's own term")),
    ]
