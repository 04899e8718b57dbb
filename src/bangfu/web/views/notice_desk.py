"""Notices at the township's desk: looked at before they are posted, photographed, closed when their days are over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.notices import api as notices
from bangfu.casework.notices.api import AFTER, BEFORE, KIND_AT, NoticeView
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import ListView
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.views import notice_forms as given
from bangfu.web.views import notices_shown as shown
from bangfu.web.views.doing import actor_of, done, status_of
from bangfu.web.views.registry_shown import page_of
from bangfu.web.views.subsidies_shown import period_words
from bangfu.web.views.subsidy_lists_shown import list_chip

_METHODS = ["GET", "HEAD", "POST"]
_HEADINGS = (
    (BEFORE, Words("贴息前公示", "Before payment")),
    (AFTER, Words("贴息后公告", "After payment")),
)
_POST = {BEFORE: Words("张贴公示", "Post the notice"), AFTER: Words("张贴公告", "Post the announcement")}
_CLOSE = {
    BEFORE: Words("公示期满，转签章上报", "The notice is over: on to be signed"),
    AFTER: Words("已公告，转归档", "Announced: on to be filed"),
}


def _standing(found: Sequence[NoticeView], kind: str) -> list[NoticeView]:
    return [one for one in found if one.notice.kind == kind and not one.notice.ended]


def _about(view: ListView) -> dict[str, object]:
    """What every page about a list's notices says of the list."""
    return {"view": view, "name": period_words(view.cycle), "kind": KIND_AT.get(view.state, "")}


@require_safe
def of_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The notices of a list: the clock, the sheets with photographs and objections, what is to be done."""
    actor = actor_of(request)
    view = subsidies.opened_list(actor=actor, list_id=list_id).view
    found = notices.of_list(actor=actor, list_id=list_id)
    kind = KIND_AT.get(view.state, "")
    stand = _standing(found, kind) if kind else []
    may_post = bool(kind) and people.may(actor.role, "notice.post")
    photographs = people.may(actor.role, "notice.photo")
    groups = [(one, words) for one, words in _HEADINGS if any(each.notice.kind == one for each in found)]
    first = stand[0].notice if stand else None
    context = {
        **_about(view), "chip": list_chip(view, actor.on), "first": first,
        "clock": shown.clock_words(first.clock) if first else "", "bar": shown.clock_bar(first.clock) if first else "",
        "tables": [
            shown.posted([each for each in found if each.notice.kind == one], words, may_photograph=photographs)
            for one, words in groups
        ],
        "too_late": any(one.too_late for one in stand), "open": sum(one.open_objections for one in stand),
        "missing": sum(1 for one in stand if one.photos_missing), "post": _POST.get(kind, ""),
        "close": _CLOSE.get(kind, ""), "may_post": may_post,
        "may_close": may_post and bool(stand) and (kind == AFTER or (first is not None and first.clock.over)),
        "may_object": people.may(actor.role, "objection.read"),
    }  # fmt: skip
    return render(request, "notices/desk.html", context)


@require_http_methods(_METHODS)
def post(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Look at the sheets, then post them."""
    actor = actor_of(request)
    sheets = notices.planned(actor=actor, list_id=list_id)
    view = subsidies.opened_list(actor=actor, list_id=list_id).view
    kind = KIND_AT.get(view.state, "")
    if not kind:
        raise Refused("wrong_stage", stands_at=view.stands_at.words)
    found = notices.of_list(actor=actor, list_id=list_id)
    stand = _standing(found, kind)
    again = bool(stand)
    term = view.cycle.notice_days
    contact = found[0].notice.contact if found else ""
    form = given.Posting(
        request.POST or None, kind=kind, term=term, again=again,
        initial={"contact": contact, "instead_of": stand[0].notice.id if stand else None,
                 "days": term or (notices.HOUSE_DAYS if kind == AFTER else None)},
    )  # fmt: skip
    back = reverse("subsidy-notices", args=(list_id,))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            made = notices.post(actor=actor, list_id=list_id, kind=kind, **form.asked())
            tell(request, "ok", Words(f"已张贴 {len(made)} 张。", f"{len(made)} sheets are posted."))
            return back

        if answer := done(form, act):
            return answer
    chosen = next(
        (one for one in sheets if one.area == request.GET.get("sheet")), sheets[0] if sheets else None
    )
    context = {
        **_about(view), "form": form, "back": back, "post": _POST[kind], "sheets": shown.planned(sheets),
        "preview": shown.preview(chosen, page_of(request)) if chosen else None, "again": again, "term": term,
        "deadline": (view.cycle.deadlines or {}).get("notice.days") or {}, "after": kind == AFTER,
        "held": view.held.lines,
    }  # fmt: skip
    return render(request, "notices/post.html", context, status=status_of(form))


@require_http_methods(_METHODS)
def close(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The days are over, or the announcement is posted: the list goes on."""
    actor = actor_of(request)
    people.require(actor, "notice.post")
    told = subsidies.opened_list(actor=actor, list_id=list_id)
    view = told.view
    kind = KIND_AT.get(view.state, "")
    if not kind:
        raise Refused("wrong_stage", stands_at=view.stands_at.words)
    stand = _standing(notices.of_list(actor=actor, list_id=list_id), kind)
    form = given.Closing(request.POST or None, initial={"seen_hash": told.seen_hash})
    back = reverse("subsidy-notices", args=(list_id,))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            notices.close(actor=actor, list_id=list_id, **form.cleaned_data)
            tell(request, "ok", Words("已办理，清册转入下一环节。", "Done: the list has gone on."))
            return reverse("subsidy-list", args=(list_id,))

        if answer := done(form, act):
            return answer
        if told.seen_hash != form.data.get("seen_hash"):
            form.data = {**request.POST.dict(), "seen_hash": told.seen_hash}
    caption = Words("张贴情况", "What is posted")
    context = {
        **_about(view), "form": form, "back": back, "title": _CLOSE[kind], "seen": told.seen_hash,
        "table": shown.posted(stand, caption, may_photograph=True), "held": view.held.lines,
        "missing": sum(1 for one in stand if one.photos_missing),
    }  # fmt: skip
    return render(request, "notices/close.html", context, status=status_of(form))


@require_http_methods(_METHODS)
def photos(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The photographs of a posted notice, near and far; another is added (LD2021-7)."""
    actor = actor_of(request)
    each = notices.posted(actor=actor, notice_id=notice_id)
    may_add = people.may(actor.role, "notice.photo")
    missing = each.photos_missing
    form = given.Photo(
        request.POST or None, request.FILES or None, initial={"part": missing[0] if missing else ""}
    )
    if request.method == "POST":
        people.require(actor, "notice.photo")
        if form.is_valid():

            def act() -> str:
                file = form.cleaned_data["file"]
                notices.photo(
                    actor=actor, notice_id=notice_id, part=form.cleaned_data["part"], content=file.read(),
                    name=str(file.name),
                )  # fmt: skip
                tell(request, "ok", Words("照片已存入。", "The photograph is kept."))
                return reverse("notice-photos", args=(notice_id,))

            if answer := done(form, act):
                return answer
    one = each.notice
    context = {
        "each": each, "one": one, "form": form if may_add else None, "chip": shown.clock_chip(one),
        "level": notices.LEVELS[one.level], "kind": notices.KINDS[one.kind],
        "period": subsidies.period_words(one.start, one.end),
        "groups": [(words, each.photos.get(part, ())) for part, words in notices.PARTS.items()],
        "back": reverse("subsidy-notices", args=(each.list_id,)) if actor.role != "village" else "",
    }  # fmt: skip
    return render(request, "notices/photos.html", context, status=status_of(form))
