"""The steps of a list done by people: given by the branch, reviewed, signed and submitted, confirmed (LD2021-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bangfu.casework.budgets import api as budgets
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import FORWARD, ListOpened, ListView
from bangfu.casework.words import Words
from bangfu.web.code_words import words_of
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Table
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views import subsidy_forms as given
from bangfu.web.views import subsidy_lists_shown as list_shown
from bangfu.web.views import subsidy_reviewed as reviewed
from bangfu.web.views.doing import actor_of, done, status_of
from bangfu.web.views.subsidy_at import list_at

_METHODS = ["GET", "HEAD", "POST"]


def _back(view: ListView) -> str:
    return reverse("subsidy-list", args=(view.id,))


def _page(
    request: HttpRequest, told: ListOpened, form: forms.Form, title: Words, **more: Any
) -> HttpResponse:
    """The page of a step: what is decided about, what must hold, the form."""
    view = told.view
    context = {
        "view": view, "name": shown.period_words(view.cycle), "back": _back(view), "form": form, "title": title,
        "figures": list_shown.list_figures(view), "regimes": shown.regimes_table(
            subsidies.regimes(actor=actor_of(request), list_ids=[view.id])
        ),
        "holds": [subsidies.HOLDS[one] for one in view.stands_at.holds], "facts": list_shown.list_facts(view),
        "acts": list_shown.acts_table(told.acts),
        "seen": told.seen_hash, "steps": list_shown.steps(view, told.acts), **more,
    }  # fmt: skip
    return render(request, more.get("template", "subsidies/step.html"), context, status=status_of(form))


def _moved(request: HttpRequest, view: ListView, outcome: str = FORWARD) -> str:
    if outcome == FORWARD:
        tell(request, "ok", Words("已办理，清册转入下一环节。", "Done: the list has gone on."))
    else:
        tell(request, "ok", Words("已退回网点。", "Returned to the branch."))
    return _back(view)


@require_http_methods(_METHODS)
def submit_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The branch gives its list to the township."""
    told = list_at(request, list_id, "branch_list")
    form = given.Seen(request.POST or None, initial={"seen_hash": told.seen_hash})

    def act() -> str:
        subsidies.submit_list(actor=actor_of(request), list_id=list_id, **form.cleaned_data)
        return _moved(request, told.view)

    return _answer(request, told, form, act) or _page(
        request, told, form, Words("报送乡镇", "Give the list to the township")
    )


@require_http_methods(_METHODS)
def sign(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The township submits the list to the county, signed by both leaders and sealed."""
    told = list_at(request, list_id, "township_submission")
    actor = actor_of(request)
    form = given.Signed(request.POST or None, request.FILES or None, initial={"seen_hash": told.seen_hash})

    def act() -> str:
        said = form.cleaned_data
        signed, paper = None, None
        if said["outcome"] == FORWARD:
            signed = subsidies.Signed(said["principal"], said["responsible"], said["on"])
            if sent := said["file"]:
                kept = subsidies.keep_signed_list(
                    actor=actor, list_id=list_id, content=sent.read(), name=str(sent.name)
                )
                paper = kept.id
        subsidies.submit(
            actor=actor, list_id=list_id, seen_hash=said["seen_hash"], signed=signed, paper_id=paper,
            outcome=said["outcome"], opinion=said["opinion"], not_own=said["not_own"],
        )  # fmt: skip
        return _moved(request, told.view, said["outcome"])

    return _answer(request, told, form, act) or _page(
        request, told, form, Words("签章上报", "Sign, seal and submit"), multipart=True
    )


@require_http_methods(_METHODS)
def confirm(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The county confirms the list; what it does to the budget is shown first."""
    told = list_at(request, list_id, "county_confirmation")
    actor = actor_of(request)
    form = given.Decided(request.POST or None, initial={"seen_hash": told.seen_hash})

    def act() -> str:
        subsidies.confirm(actor=actor, list_id=list_id, **form.cleaned_data)
        return _moved(request, told.view, form.cleaned_data["outcome"])

    if answer := _answer(request, told, form, act):
        return answer
    budget, short = _budget(request, told.view)
    return _page(request, told, form, Words("县局审核确认", "Confirm the list"), budget=budget, short=short)


_BUDGET = (
    Column("source", Words("资金来源", "Source")),
    Column("allotted", Words("已下达", "Allotted"), "yuan", unit=shown.YUAN),
    Column("available", Words("可用", "Available"), "yuan", unit=shown.YUAN),
    Column("mine", Words("本清册", "This list"), "yuan", unit=shown.YUAN),
    Column("after", Words("确认后可用", "Available afterwards"), "yuan", unit=shown.YUAN),
)


def _budget(request: HttpRequest, view: ListView) -> tuple[Table, bool]:
    """What a confirmation does to the budget of the year of payment, and whether a gap opens."""
    year = view.cycle.payment_month.year
    now = {
        one.source: one
        for one in budgets.balances(actor=actor_of(request), county=view.cycle.county, year=year)
    }
    mine = {payer: fen for payer, fen in view.open.payable_by.items() if fen}
    after = {payer: now[payer].available_fen - fen for payer, fen in mine.items()}
    rows = [
        {
            "source": words_of(payer, "payer"), "allotted": now[payer].allotted_fen,
            "available": now[payer].available_fen, "mine": fen, "after": after[payer],
        }
        for payer, fen in mine.items()
    ]  # fmt: skip
    caption = Words(f"对 {year} 年预算的影响", f"What it does to the budget of {year}")
    return Table(caption, _BUDGET, rows), any(fen < 0 for fen in after.values())


@require_http_methods(_METHODS)
def review(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The township ticks identity, amount and right of every line, fifty a page, and sends the list on or back."""
    told = list_at(request, list_id, "township_review")
    actor = actor_of(request)
    lines = subsidies.lines(
        actor=actor, list_id=list_id, size=told.view.open.lines + told.view.held.lines + 1_000
    )
    own = subsidies.own_at_review(actor=actor, list_id=list_id)
    ticks = reviewed.ticks(lines.rows, request.POST, own.mine)
    form = given.Decided(request.POST if ticks.sent else None, initial={"seen_hash": told.seen_hash})
    if ticks.sent and form.is_valid():
        said = form.cleaned_data
        if said["outcome"] == FORWARD and ticks.unseen:
            pages = "、".join(str(one) for one in ticks.unseen)
            form.add_error(None, reviewed.not_seen(pages))

        def act() -> str:
            subsidies.review(actor=actor, list_id=list_id, failed=dict(ticks.failed), **said)
            return _moved(request, told.view, said["outcome"])

        if answer := _answer(request, told, form, act):
            return answer
    if not form.is_bound and request.POST:  # a page was turned: what was written goes along
        written = {name: request.POST.get(name, "") for name in ("seen_hash", "outcome", "opinion")}
        form = given.Decided(initial=written)
    names = {part: subsidies.SHORT[part] for part in subsidies.CHECKS}
    return _page(
        request, told, form, Words("逐笔审核", "Review line by line"), ticks=ticks, checks=names,
        own=own, template="subsidies/review.html",
    )  # fmt: skip


def _answer(
    request: HttpRequest, told: ListOpened, form: forms.Form, act: Callable[[], str]
) -> HttpResponse | None:
    """Do the step where the form was sent and is in order; the page again with a fresh hash where it changed."""
    if request.method != "POST" or not form.is_valid():
        return None
    answer = done(form, act)
    if answer is None and told.seen_hash != form.data.get("seen_hash"):
        form.data = {**request.POST.dict(), "seen_hash": told.seen_hash}
    return answer
