"""Objections at the desks: the list, one with its line beside it, the investigation, the decision with its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.notices import api as notices
from bangfu.casework.notices.api import ObjectionActView, ObjectionView
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.people.api import ROLES
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Fact, Happening, Pager, Table, Tone
from bangfu.web.views import notice_forms as given
from bangfu.web.views import subsidy_checks_shown as checks_shown
from bangfu.web.views import subsidy_lines_shown as lines_shown
from bangfu.web.views.documents import attached
from bangfu.web.views.doing import actor_of, done, put, status_of
from bangfu.web.views.lending_shown import steps_tables
from bangfu.web.views.registry_shown import page_of

_PAGE, _MINE = 50, 500
_METHODS = ["GET", "HEAD", "POST"]
_TONES: dict[str, Tone] = {"received": "wait", "investigated": "info", "decided": "ok"}
_COLUMNS = (
    Column("number", Words("编号", "Number"), link="url", narrow=True),
    Column("place", Words("公示", "Notice")),
    Column("row", Words("所指", "About")),
    Column("ground", Words("事由", "Ground")),
    Column("signed", Words("署名", "Signed")),
    Column("at", Words("收到", "Received"), "moment", narrow=True),
    Column("due", Words("限期", "Due"), "day"),
    Column("chip", Words("状态", "State"), "chip"),
    Column("turn", Words("轮到", "Next")),
)


_NEXT = {
    "received": Words("调查并写明情况", "look into it and write down what it shows"),
    "investigated": Words("处理并答复", "decide and answer"),
}


def _may_investigate(actor: Actor, one: ObjectionView) -> bool:
    return one.state != "decided" and people.may(actor.role, "objection.investigate")


def _may_decide(actor: Actor, one: ObjectionView) -> bool:
    """Where it was investigated, and by others."""
    return (
        one.state == "investigated"
        and people.may(actor.role, "objection.decide")
        and actor.account_id not in {act.done_by for act in one.acts}
    )


def _turn(actor: Actor, one: ObjectionView) -> Words:
    if one.state == "decided":
        return Words("", "")
    if _may_decide(actor, one) or (one.state == "received" and _may_investigate(actor, one)):
        return Words("我", "me")
    if one.state == "received":
        return Words("村、乡镇或工作站", "village, township or station")
    return Words("另一人", "another person")


def _chip(one: ObjectionView, actor: Actor) -> Chip:
    if one.state != "decided" and one.due_on < actor.on:
        return Chip("bad", Words("超期", "late"))
    words = notices.OBJECTION_STATES[one.state]
    if one.state == "decided":
        outcome = notices.OUTCOMES[one.acts[-1].outcome]
        words = Words(f"{words.zh}：{outcome.zh}", f"{words.en}: {outcome.en}")
    return Chip(_TONES[one.state], words)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The objections in scope; those that wait first come first."""
    actor = actor_of(request)
    form = given.Asked(request.GET or None)
    show = form.cleaned_data.get("show", "") if form.is_bound and form.is_valid() else ""
    list_id, number = request.GET.get("list") or None, page_of(request)
    mine = show == "mine"
    page = notices.objections(
        actor=actor,
        list_id=list_id,
        waiting=show != "all",
        page=1 if mine else number,
        size=_MINE if mine else _PAGE,
    )
    found = [one for one in page.rows if not mine or _turn(actor, one).zh == "我"]
    rows = [
        {
            "number": one.number, "url": reverse("objection", args=(one.id,)), "place": one.notice.area_name,
            "row": f"{one.row.number} · {one.row.village} {one.row.masked_name}", "ground": notices.GROUNDS[one.ground],
            "signed": Words("实名", "signed") if one.signed else Words("匿名", "anonymous"), "at": one.at,
            "due": one.due_on if one.state != "decided" else None, "chip": _chip(one, actor), "turn": _turn(actor, one),
        }
        for one in found
    ]  # fmt: skip
    pager = None if mine else Pager(number, max(1, -(-page.total // _PAGE)), page.total)
    empty = (
        Words("没有异议", "No objection")
        if show == "all"
        else Words("没有待处理的异议", "No objection waits")
    )
    table = Table(Words("异议", "Objections"), _COLUMNS, rows, pager=pager, empty=empty)
    return render(request, "notices/objections.html", {"form": form, "table": table, "days": notices.DAYS})


@require_safe
def opened(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """One objection."""
    return _page(request, notices.objection(actor=actor_of(request), objection_id=objection_id))


def _page(request: HttpRequest, one: ObjectionView, status: int = 200, **given_forms: Any) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "one": one, "chip": _chip(one, actor), "facts": _facts(one), "happenings": _happenings(one),
        "ground": notices.GROUNDS[one.ground], "days": notices.DAYS, "subject": f"objection:{one.id}",
        "may_reveal": people.may(actor.role, "personal.reveal") and one.name_id is not None,
        "turn": _turn(actor, one), "next": _NEXT.get(one.state), "finding": None, "paper": None, "deciding": None,
        "own": one.state == "investigated" and people.may(
            actor.role, "objection.decide") and not _may_decide(actor, one), **_line(actor, one),
    }  # fmt: skip
    if _may_investigate(actor, one):
        context |= {"finding": given.Finding(), "paper": given.Paper()}
    if _may_decide(actor, one):
        context["deciding"] = given.Deciding(line=one.line, initial={"seen_hash": one.seen_hash})
    return render(request, "notices/objection.html", context | given_forms, status=status)


def _line(actor: Actor, one: ObjectionView) -> dict[str, Any]:
    """The line as it stands now, with its checks and steps, where this desk may see it."""
    if one.line is None or not people.may(actor.role, "subsidy.read"):
        return {"line": None}
    try:
        told = subsidies.line(actor=actor, line_id=one.line.id)
    except Refused:  # it lies with another township by now
        return {"line": None}
    return {
        "line": told.line, "line_chip": lines_shown.status_chip(
            told.line, payments.outcomes_of([told.line.id]).get(told.line.id, "")
        ),
        "line_facts": lines_shown.facts(told.line)[:8],
        "flows": lines_shown.money(told.line), "checks": checks_shown.checked(told.line),
        "tables": steps_tables(told.steps) if told.steps else [],
    }  # fmt: skip


def _facts(one: ObjectionView) -> list[Fact]:
    notice = one.notice
    out = [
        Fact(Words("公示", "Notice"), notice.area_name, link=reverse("notice", args=(notice.id,)),
             note=Words(f"{notice.posted_on} 张贴", f"posted {notice.posted_on}")),
        Fact(Words("所指", "About"), Words(f"第 {one.row.number} 号 {one.row.masked_name}",
                                           f"row {one.row.number}, {one.row.masked_name}"), note=one.row.village),
        Fact(Words("金额", "Amount"), one.row.amount_fen, "yuan"),
        Fact(Words("收到", "Received"), one.at, "moment"),
        Fact(Words("限期", "Due"), one.due_on, "day", note=Words("内部时限", "the house's own")),
    ]  # fmt: skip
    if not one.signed:
        out.append(Fact(Words("署名", "Signed"), Words("匿名", "anonymous")))
    return out


def _happenings(one: ObjectionView) -> list[Happening]:
    out = [Happening(one.at, Words("收到异议，该笔暂缓", "Received; the line is held"), tone="wait")]
    out += [_happening(act) for act in one.acts]
    return out[::-1]


def _happening(act: ObjectionActView) -> Happening:
    role = ROLES.get(act.done_role)
    who = f"{act.done_name} · {role.words}" if role else act.done_name
    if act.kind != "decided":
        return Happening(act.at, Words("调查", "Investigated"), act.finding, who, "info")
    words, remedy = notices.OUTCOMES[act.outcome], notices.REMEDIES.get(act.remedy, Words("", ""))
    title = Words(f"异议{words.zh}：{remedy.zh}", f"{words.en.capitalize()}: {remedy.en}")
    tone: Tone = "warn" if act.outcome == "upheld" else "ok"
    return Happening(act.at, title, act.answer, who, tone, (act.clause,) if act.clause else ())


def _done(
    request: HttpRequest,
    one: ObjectionView,
    name: str,
    form: forms.Form,
    act: Callable[[], object],
    words: Words,
) -> HttpResponse:
    """Do it and come back; the page again with what is wrong, where it is refused."""

    def do() -> str:
        act()
        tell(request, "ok", words)
        return reverse("objection", args=(one.id,))

    if form.is_valid() and (answer := done(form, do)):
        return answer
    return _page(request, one, status_of(form), **{name: form})


@require_POST
def investigate(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Write down what was found."""
    actor, form = actor_of(request), given.Finding(request.POST)
    people.require(actor, "objection.investigate")
    one = notices.objection(actor=actor, objection_id=objection_id)
    return _done(
        request, one, "finding", form,
        lambda: notices.investigate(actor=actor, objection_id=objection_id, **form.cleaned_data),
        Words("已记录调查情况。", "The finding is on record."),
    )  # fmt: skip


@require_POST
def papers(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Keep a paper of the investigation."""
    actor, form = actor_of(request), given.Paper(request.POST, request.FILES)
    people.require(actor, "objection.investigate")
    one = notices.objection(actor=actor, objection_id=objection_id)

    def keep() -> None:
        file = form.cleaned_data["file"]
        notices.objection_paper(
            actor=actor, objection_id=objection_id, content=file.read(), name=str(file.name)
        )

    return _done(request, one, "paper", form, keep, Words("已存入。", "Kept."))


@require_POST
def decide(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Decide it, as another than who investigated."""
    actor = actor_of(request)
    people.require(actor, "objection.decide")
    one = notices.objection(actor=actor, objection_id=objection_id)
    form = given.Deciding(request.POST, line=one.line)
    return _done(
        request, one, "deciding", form,
        lambda: notices.decide(actor=actor, objection_id=objection_id, **form.cleaned_data),
        Words("已处理，答复可凭查询码查看。", "Decided; the answer can be read with the code."),
    )  # fmt: skip


@require_safe
def letter(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """The answer as a letter, to be printed, sealed and handed over."""
    actor = actor_of(request)
    one = notices.objection(actor=actor, objection_id=objection_id)
    content = notices.answer_letter(actor=actor, objection_id=objection_id)
    return attached(content, name=f"{one.number}.pdf", media_type="application/pdf")


@require_http_methods(_METHODS)
def reveal(request: HttpRequest, objection_id: UUID, field: str) -> HttpResponse:
    """Name or number of who objected, with a reason, shown once."""
    actor = actor_of(request)
    one = notices.objection(actor=actor, objection_id=objection_id)
    people.require(actor, "personal.reveal")
    if field not in ("name", "phone") or one.name_id is None:
        raise Refused("not_in_scope")
    form, value = given.Reason(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            value = notices.revealed(
                actor=actor, objection_id=objection_id, field=field, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            if refused.field not in form.fields:
                raise
            put(form, refused)
    words = Words("姓名", "name") if field == "name" else Words("电话", "number")
    context = {
        "one": one,
        "form": form,
        "value": value,
        "words": words,
        "back": reverse("objection", args=(one.id,)),
    }
    return render(request, "notices/reveal.html", context, status=status_of(form))
