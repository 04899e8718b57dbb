"""One line: every step of its amounts, what was done with it, and holding, excluding, carrying or explaining it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LINE_ACTS, LineView, ListView
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Basis
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views import subsidy_checks_shown as checks_shown
from bangfu.web.views import subsidy_forms as given
from bangfu.web.views import subsidy_lines_shown as lines_shown
from bangfu.web.views.doing import actor_of, done, status_of
from bangfu.web.views.lending_shown import steps_tables
from bangfu.web.views.line_way import way

# What the page of an act says of it: its name, and what follows.
_ACTS = {
    "held": (Words("暂缓", "Hold the line"), Words(
        "本笔暂不发放，其余照办；县局确认时仍暂缓的，结转下期。",
        "This line waits, the others go on; what is still held at confirmation is carried to the next cycle.")),
    "released": (Words("解除暂缓", "Release the line"), Words(
        "本笔恢复随清册办理。", "The line goes on with its list.")),
    "excluded": (Words("剔除", "Exclude the line"), Words(
        "本笔不发放，也不结转；写明依据哪一条、什么事实。",
        "The line is neither paid nor carried over: say by which clause, and what the facts are.")),
    "restored": (Words("恢复", "Restore the line"), Words(
        "撤销剔除，本笔随清册办理。", "The exclusion ends; the line goes on with its list.")),
    "carried": (Words("结转下期", "Carry the line over"), Words(
        "本笔转到下一期清册发放。", "The line is paid with the next cycle's list.")),
    "explained": (Words("差异说明", "Explain the difference"), Words(
        "说明银行数与核算数为什么不同；以核算数为准。",
        "Say why the bank's figure differs from ours; ours is paid.")),
}  # fmt: skip


@require_safe
def opened(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """A line with its basis."""
    actor = actor_of(request)
    told = subsidies.line(actor=actor, line_id=line_id)
    line, tracked = told.line, payments.track(actor=actor, line_id=line_id)
    view = _list_of(actor, line)
    context = {
        "line": line, "view": view, "name": shown.period_words(view.cycle) if view else "",
        "chip": lines_shown.status_chip(line, tracked.outcome),
        "facts": lines_shown.facts(line), "flows": lines_shown.money(line),
        "compared": lines_shown.compared(line),
        "basis": Basis("admitted", (), checks_shown.checked(line)) if line.checks else None,
        "warnings": checks_shown.warnings(line), "happenings": lines_shown.happenings(tracked.steps),
        "way": way(tracked), "arrived": tracked.arrived, "outcome": tracked.outcome,
        "corrections": lines_shown.about_table(told.about, of_loan=True) if told.about else None,
        "tables": steps_tables(told.steps) if told.steps else [], "acts": _acts(actor, line, view),
        "subject": f"subsidy_line:{line.id}",
        "adjusted": line.kind != "regular",
    }  # fmt: skip
    return render(request, "subsidies/line.html", context)


def _list_of(actor: Actor, line: LineView) -> ListView | None:
    """The line's list; None for a village, which sees its own lines and not the township's list."""
    try:
        return subsidies.list_of(line.list_id, on=actor.on)
    except Refused as refused:
        if refused.code != "not_in_scope":
            raise
        return None


def _acts(actor: Actor, line: LineView, view: ListView | None) -> list[dict[str, Any]]:
    """What this person may do with the line as it stands."""
    return [
        {"url": reverse("subsidy-line-act", args=(line.id, kind)), "words": words, "kind": kind}
        for kind, (words, _) in _ACTS.items()
        if _may(actor, line, view, kind)
    ]


def _may(actor: Actor, line: LineView, view: ListView | None, kind: str) -> bool:
    return (
        view is not None
        and people.may(actor.role, LINE_ACTS[kind][1])
        and subsidies.open_to(kind, line, view)
        and (kind != "explained" or (bool(line.difference) and subsidies.gives(actor, line.institution_id)))
    )


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, line_id: UUID, doing: str) -> HttpResponse:
    """Hold, release, exclude, restore, carry or explain a line."""
    actor, kind = actor_of(request), doing
    if kind not in _ACTS:
        raise Refused("not_in_scope")
    _, needed, needs_clause = LINE_ACTS[kind]
    people.require(actor, needed)
    line = subsidies.line(actor=actor, line_id=line_id).line
    view = _list_of(actor, line)
    if view is None:
        raise Refused("not_in_scope")
    if not _may(actor, line, view, kind):
        raise Refused("wrong_stage", stands_at=view.stands_at.words)
    form = given.LineAct(request.POST or None, line=line, needs_clause=needs_clause)
    words, help_text = _ACTS[kind]
    if request.method == "POST" and form.is_valid():

        def do() -> str:
            subsidies.act_on_line(actor=actor, line_id=line_id, kind=kind, **form.cleaned_data)
            tell(request, "ok", Words(f"{words.zh}：已办理。", f"{words.en}: done."))
            return reverse("subsidy-line", args=(line_id,))

        if answer := done(form, do):
            return answer
    context = {
        "form": form, "line": line, "view": view, "words": words, "help": help_text, "kind": kind,
        "chip": lines_shown.status_chip(line), "facts": lines_shown.facts(line)[:7], "flows": lines_shown.money(line),
        "compared": lines_shown.compared(line), "back": reverse("subsidy-line", args=(line_id,)),
        "name": shown.period_words(view.cycle),
    }  # fmt: skip
    return render(request, "subsidies/line_act.html", context, status=status_of(form))
