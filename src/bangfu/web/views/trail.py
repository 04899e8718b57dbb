"""The audit trail in words: one's own acts, the acts in scope, the history of any record, the chain verified."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words, said
from bangfu.money.fen import format_yuan
from bangfu.web.fields import DayField
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Fact, Table
from bangfu.web.sources import site

SIZE = 50
_MOST_EXPORTED = 20_000
_LONG = 160
_DIGITS = 19  # of a row's number
_HEADINGS = (
    Words("时间", "Time"),
    Words("姓名", "Name"),
    Words("岗位", "Role"),
    Words("事项", "Act"),
    Words("对象", "Subject"),
    Words("理由", "Reason"),
    Words("依据", "Basis"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_VIA = {
    "web": Words("网页", "the site"),
    "api": Words("接口", "the API"),
    "job": Words("后台任务", "a job"),
    "command": Words("命令行", "a command"),
}
# Where a subject has its own page: the view's name; its argument is the subject's id.
_PAGES = {
    "application": ("application", "application.read"),
    "loan": ("loan", "loan.read"),
    "household": ("household", "household.read"),
    "account": ("account", "account.write"),
    "delivery": ("delivery", "roster.read"),
}


class Find(forms.Form):
    """The filter of the acts."""

    kind = forms.ChoiceField(label=said("类别", "Kind"), required=False)
    who = forms.CharField(label=said("姓名", "Name"), required=False, max_length=64)
    first_on = DayField(label=said("自", "From"), required=False)
    last_on = DayField(label=said("至", "To"), required=False)
    mine = forms.BooleanField(label=said("只看本人", "Only mine"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(code, str(words)) for code, words in trail.KINDS.items()]
        self.fields["kind"].choices = [("", str(Words("全部", "All"))), *kinds]  # type: ignore[attr-defined]


@require_safe
def acts(request: HttpRequest) -> HttpResponse:
    """The latest acts: all in scope for who may read the trail, else one's own."""
    form = Find(request.GET)
    wanted = _wanted(request, form)
    rows = trail.latest(at_most=SIZE + 1, before_row=before_of(request), **wanted)
    query = request.GET.copy()
    query.pop("before", None)
    older = ""
    if len(rows) > SIZE:
        query["before"] = str(rows[SIZE - 1].row_id)
        older = query.urlencode()
    context = {"form": form, "table": _table(rows[:SIZE]), "older": older, "whole": _sees_all(request)}
    return render(request, "trail/acts.html", context)


def before_of(request: HttpRequest) -> int | None:
    """``?before=``, the number of the row whose elders are asked for."""
    asked = request.GET.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) < _DIGITS else None


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The acts of the filter as CSV; who took it, when and for what stands on top and in the trail."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "trail.read")
    form = Find(request.POST)
    rows = trail.latest(at_most=_MOST_EXPORTED, **_wanted(request, form))
    purpose = request.POST.get("purpose", "").strip()[:200]
    out = io.StringIO()
    write = csv.writer(out)
    marked = timezone.localtime(actor.now).strftime("%Y-%m-%d %H:%M")
    write.writerow(
        [Words("导出人", "Taken by"), _safe(actor.name), marked, Words("用途", "Purpose"), _safe(purpose)]
    )
    write.writerow([str(one) for one in _HEADINGS])
    for one in rows:
        told = (
            _at(one),
            one.who,
            _role(one.role),
            str(trail.act_words(one.act)),
            one.subject,
            one.why,
            " ".join(one.basis),
        )
        write.writerow([_safe(cell) for cell in told])
    after = {"rows": len(rows), "purpose": purpose}
    trail.record(actor=actor, act="trail.exported", subject=("trail", ""), after=after, why=purpose)
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="acts.csv"'
    return response


def _safe(cell: str) -> str:
    """A cell that no program takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@require_safe
def history(request: HttpRequest, subject: str) -> HttpResponse:
    """What happened to a record, as far as it is in scope; for htmx only the list."""
    concept, _, row_id = subject.partition(":")
    rows = trail.history((concept, row_id))
    places = _places(rows, request.actor.on)  # type: ignore[attr-defined]
    context = {
        "subject": _named([subject])[subject],
        "entries": [told(one, places) for one in rows],
        "cut": len(rows) if len(rows) == trail.LONGEST_HISTORY else 0,
        "url": _page(request, concept, row_id),
    }
    page = "trail/entries.html" if getattr(request, "htmx", False) else "trail/history.html"
    return render(request, page, context)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The chain's anchors; asked to, the whole chain is read again and every fault named."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "trail.verify")
    folder = site().anchors
    found = people.verify_trail(actor=actor, folder=folder) if request.method == "POST" else None
    columns = (
        Column("day", Words("日期", "Day"), kind="day", link="url"),
        Column("number", Words("末条序号", "Last number"), kind="number"),
        Column("hash", Words("链首哈希", "Head's hash")),
    )
    rows = [
        {"day": one.day, "number": one.number, "hash": one.hash.hex(),
         "url": reverse("trail-anchor-sheet", args=(one.day.isoformat(),))}
        for one in trail.anchors(folder)[:SIZE]
    ]  # fmt: skip
    context = {
        "anchors": Table(Words("每日锚点", "Daily anchors"), columns, rows),
        "may_anchor": people.may(actor.role, "trail.anchor"),
        "found": found,
        "facts": _verified(found, rows),
        "faults": _faults(found),
    }
    return render(request, "trail/verify.html", context)


def _verified(found: trail.Verified | None, anchors: Sequence[Mapping[str, Any]]) -> list[Fact]:
    if found is None:
        return []
    last = anchors[0]["day"] if anchors else None
    return [
        Fact(Words("记录条数", "Acts in the chain"), found.number, "number"),
        Fact(Words("链首哈希", "Head's hash"), found.hash or "—"),
        Fact(Words("最近锚点", "Last anchor"), last, "day"),
        Fact(Words("问题", "Faults"), len(found.faults), "number"),
    ]


def _faults(found: trail.Verified | None) -> Table | None:
    if found is None or not found.faults:
        return None
    columns = (
        Column("number", Words("链上序号", "Number"), kind="number"),
        Column("fault", Words("问题", "Fault")),
        Column("act", Words("事项", "Act")),
        Column("subject", Words("对象", "Subject")),
    )
    rows = [
        {
            "number": one.number or None,
            "fault": one.words,
            "act": trail.act_words(one.act) if one.act else "",
            "subject": trail.subject_words(one.subject) if one.subject else "",
        }
        for one in found.faults[:200]
    ]
    return Table(Words("问题（最多列200条）", "Faults (200 at most)"), columns, rows)


@require_POST
def anchor(request: HttpRequest) -> HttpResponse:
    """Keep today's anchor."""
    people.keep_anchor(actor=request.actor, folder=site().anchors)  # type: ignore[attr-defined]
    tell(request, "ok", Words("今天的锚点已保存。", "Today's anchor is kept."))
    return HttpResponseRedirect(reverse("trail-verify"))


@require_safe
def anchor_sheet(request: HttpRequest, day: date) -> HttpResponse:
    """An anchor as a page to be signed and locked away."""
    printed = people.anchor_sheet(actor=request.actor, folder=site().anchors, day=day)  # type: ignore[attr-defined]
    response = HttpResponse(printed, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="anchor-{day.isoformat()}.pdf"'
    return response


def _sees_all(request: HttpRequest) -> bool:
    actor = request.actor  # type: ignore[attr-defined]
    return people.may(actor.role, "trail.read") or actor.scope.accounts


def _wanted(request: HttpRequest, form: Find) -> dict[str, Any]:
    """The filter as arguments of ``latest``; who may not read the trail sees their own acts."""
    form.is_valid()
    told = form.cleaned_data
    mine = told.get("mine") or not _sees_all(request)
    return {
        "account_id": request.actor.account_id if mine else None,  # type: ignore[attr-defined]
        "act": f"{told['kind']}." if told.get("kind") else "",
        "who": told.get("who", ""),
        "first_on": told.get("first_on"),
        "last_on": told.get("last_on"),
    }


def _named(subjects: Iterable[str]) -> dict[str, Words]:
    """Subjects in words; accounts by their people's names, as far as they are in scope."""
    found = {subject: trail.subject_words(subject) for subject in subjects}
    ids = {
        subject: int(row_id)
        for subject in found
        for concept, _, row_id in [subject.partition(":")]
        if concept == "account" and row_id.isdecimal() and len(row_id) < _DIGITS
    }
    names = people.names_of(ids.values())
    for subject, account_id in ids.items():
        if account_id in names:
            found[subject] = Words(f"账户 {names[account_id]}", f"account {names[account_id]}")
    return found


def _table(rows: Sequence[trail.Entry]) -> Table:
    named = _named(one.subject for one in rows)
    columns = (
        Column("at", Words("时间", "Time"), kind="moment", narrow=True),
        Column("who", Words("姓名", "Name"), narrow=True),
        Column("role", Words("岗位", "Role")),
        Column("act", Words("事项", "Act"), narrow=True),
        Column("subject", Words("对象", "Subject"), link="url"),
        Column("why", Words("理由", "Reason")),
        Column("basis", Words("依据", "Basis"), kind="clauses"),
    )
    told_rows = [
        {
            "at": one.at,
            "who": one.who,
            "role": _role(one.role),
            "act": trail.act_words(one.act),
            "subject": named[one.subject],
            "url": reverse("trail-subject", args=(one.subject,)),
            "why": one.why,
            "basis": one.basis,
        }
        for one in rows
    ]
    empty = Words("没有符合条件的操作。点“清除”看全部。", "No act fits. Choose “Clear” to see all.")
    return Table(Words("操作记录", "Acts"), columns, told_rows, empty=empty)


def _places(rows: Iterable[trail.Entry], on: date) -> dict[str, str]:
    """The names of the places and institutions in which acts were done, or which they name."""
    codes = {
        str(code)
        for one in rows
        for code in (one.place, one.before.get("place"), one.after.get("place"))
        if code
    }
    return {**registry.places_of(codes, on=on), **registry.institution_names(codes, on=on)}


def _page(request: HttpRequest, concept: str, row_id: str) -> str:
    """The page of a subject, for who may open such pages; empty else."""
    view, act = _PAGES.get(concept, ("", ""))
    if not row_id or not people.may(request.actor.role, act):  # type: ignore[attr-defined]
        return ""
    try:
        return reverse(view, args=(row_id,))
    except NoReverseMatch:
        return ""


def told(one: trail.Entry, places: Mapping[str, str]) -> dict[str, Any]:
    """One act for the history: who in which role and place did what, the values before and after."""
    names = list(dict.fromkeys((*one.before, *one.after)))
    changes = [
        (
            trail.value_words(name),
            shown(name, one.before.get(name), places),
            shown(name, one.after.get(name), places),
        )
        for name in names
    ]
    return {
        "entry": one,
        "act": trail.act_words(one.act),
        "role": _role(one.role),
        "place": places.get(one.place, one.place),
        "via": _VIA.get(one.via, one.via),
        "changes": changes,
        "changed": bool(one.before),
    }


def shown(name: str, value: Any, places: Mapping[str, str]) -> str:
    """A value of before or after, in one short line: money in yuan, roles, places and kinds in words."""
    if value is None or value == "":
        return "—"
    if name.endswith("_fen") and isinstance(value, int):
        return f"{format_yuan(value, grouped=True)} {Words('元', 'yuan')}"
    if name in {"role", "asked_role"}:
        return _role(str(value))
    if isinstance(value, bool):
        return str(Words("是", "yes") if value else Words("否", "no"))
    kind = requests.kinds().get(str(value)) if name == "kind" else None
    if kind is not None:
        return str(kind.words)
    if name == "place":
        value = places.get(str(value), value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _role(code: str) -> str:
    if code == "site":
        return str(Words("系统", "the site"))
    found = people.ROLES.get(code)
    return str(found.words) if found else code


def _at(one: trail.Entry) -> str:
    return timezone.localtime(one.at).strftime("%Y-%m-%d %H:%M:%S")
