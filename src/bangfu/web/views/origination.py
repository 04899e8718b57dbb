"""Applications: the list, the page of one, opening, writing and reviewing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending import api as lending
from bangfu.casework.origination import api as origination
from bangfu.casework.people.api import may
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Pager, Tab, Table
from bangfu.web.views import origination_forms as forms
from bangfu.web.views import origination_shown as shown
from bangfu.web.views.documents import XLSX, attached

_COLUMNS = (
    Column("id", Words("编号", "Number"), link="url", narrow=True),
    Column("borrower", Words("申请人", "Applicant"), sort="name"),
    Column("place", Words("乡镇、村", "Place"), sort="place", narrow=True),
    Column("amount_fen", Words("申请金额", "Amount"), "yuan", sort="amount", unit=Words("元", "yuan")),
    Column("purpose", Words("用途", "Purpose"), "word", "purpose"),
    Column("chip", Words("状态", "State"), "chip", sort="state"),
    Column("due_on", Words("限期", "Due"), "day", sort="due", narrow=True),
    Column("opened_on", Words("开办", "Opened"), "day", sort="day", narrow=True),
    Column("branch", Words("网点", "Branch"), narrow=True),
)


@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """The list, filtered and paged by the server."""
    actor = request.actor  # type: ignore[attr-defined]
    form, wanted = _filter(request)
    page = request.GET.get("page", "1")
    sort = request.GET.get("sort", "-day")
    found = origination.applications(
        actor=actor,
        wanted=wanted,
        sort=sort,
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,  # noqa: PLR2004
    )
    rows = [
        {**vars(one), "url": reverse("application", args=(one.id,)), "chip": shown.state_chip(one.state)}
        for one in found.rows
    ]
    table = Table(
        Words("贷款申请", "Applications"), _COLUMNS, rows, sort, pager=Pager(found.page, found.pages, found.total),
        empty=Words("没有符合条件的申请", "No application fits"),
    )  # fmt: skip
    context = {
        "table": table,
        "filters": form,
        "tabs": _tabs(request, wanted, found),
        "may_open": actor.role == "branch_officer",
        "query": request.GET.urlencode(),
    }
    return render(request, "origination/applications.html", context)


def _filter(request: HttpRequest) -> tuple[forms.Listed, origination.Filter]:
    villages, branches = origination.places_and_branches(actor=request.actor)  # type: ignore[attr-defined]
    form = forms.Listed(request.GET or None, villages=villages, branches=branches)
    told = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return form, origination.Filter(**{name: value for name, value in told.items() if value})


def _tabs(request: HttpRequest, wanted: origination.Filter, found: origination.Listed) -> list[Tab]:
    def url(state: str) -> str:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = state
        return f"?{query.urlencode()}"

    live = sum(found.counts[code] for code in origination.LIVE)
    states = [code for code in origination.STATES if found.counts[code]]
    return [
        Tab(Words("在办", "Under way"), url("live"), wanted.state == "live", live),
        *(
            Tab(origination.STATES[code].words, url(code), wanted.state == code, found.counts[code])
            for code in states
        ),
    ]


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The list with its filter, as XLSX."""
    actor = request.actor  # type: ignore[attr-defined]
    _, wanted = _filter(request)
    taken = origination.exported(actor=actor, wanted=wanted, purpose=request.POST.get("purpose", ""))
    return attached(taken.content, name=taken.name, media_type=XLSX)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Find the household, then open the application; an ID number that is looked for stands in no address."""
    actor = request.actor  # type: ignore[attr-defined]
    looking = "q" in request.POST
    opening = request.method == "POST" and not looking
    form = forms.Opened(
        request.POST if opening else None, initial={"household_id": request.GET.get("household", "")}
    )
    if opening and form.is_valid():
        try:
            number = origination.open_application(actor=actor, **form.cleaned_data)
        except Refused as refused:
            forms.put(form, refused)
        else:
            tell(request, "ok", Words("已开办，请填写申请。", "Opened: now write the application."))
            return HttpResponseRedirect(reverse("application-edit", args=(number,)))
    looked = forms.Looked(request.POST if looking else None)
    text = looked.cleaned_data["q"] if looking and looked.is_valid() else ""
    context = {
        "form": form,
        "looked": looked,
        "found": origination.households_found(actor=actor, text=text),
        "asked": bool(text),
    }
    return render(request, "origination/new.html", context, status=422 if form.errors else 200)


@require_safe
def application(request: HttpRequest, number: str) -> HttpResponse:
    """The page of an application."""
    view = origination.application(actor=request.actor, application_id=number)  # type: ignore[attr-defined]
    return page(request, view)


def page(
    request: HttpRequest, view: origination.CaseView, *, status: int = 200, **bound: Any
) -> HttpResponse:
    """The page, with a form that was sent and not accepted where there is one (by its name)."""
    reviewing = bool({"approve", "refuse", "return"} & set(view.outcomes))
    may_write = "submit" in view.outcomes
    context = {
        "view": view,
        "state": shown.state_chip(view.state),
        "steps": shown.steps(view),
        "where": shown.household_facts(view),
        "borrower": shown.borrower_facts(view),
        "numbers": shown.numbers(view),
        "loan": shown.loan_facts(view),
        "papers": shown.papers(view),
        "basis": shown.basis(view),
        "reviews": shown.said(view),
        "exceptions": shown.exceptions(view),
        "happenings": shown.history(view),
        "unfilled": [origination.LABELS[name] for name in view.unfilled],
        "lacking": [origination.PAPERS[kind] for kind in view.lacking],
        "may_write": may_write,
        "may_sign": may(request.actor.role, "loan.sign"),  # type: ignore[attr-defined]
        "loan_id": _loan_of(request, view),
        "barred": view.barred and may(request.actor.role, origination.STATES[view.state].act),  # type: ignore[attr-defined]
        "may_withdraw": "withdraw" in view.outcomes,
        "may_add": "withdraw" in view.outcomes,
        "role": request.actor.role,  # type: ignore[attr-defined]
        "account_id": request.actor.account_id,  # type: ignore[attr-defined]
        "review_form": forms.Spoken(view=view, initial={"step": view.state, "seen": view.seen})
        if reviewing
        else None,
        "paper_form": forms.Paper(initial={"kind": next(iter(view.lacking), "other_paper")}),
        "withdraw_form": forms.Why(prefix="withdraw"),
        "rating_form": forms.Rated(),
        "ground_form": forms.Ground(),
        "granted_form": forms.Granted(initial={"seen": view.seen}),
        **bound,
    }
    return render(request, "origination/application.html", context, status=status)


def _loan_of(request: HttpRequest, view: origination.CaseView) -> str:
    """The loan it became; empty where there is none, or the role reads no loans."""
    actor = request.actor  # type: ignore[attr-defined]
    if view.state != "approved" or not may(actor.role, "loan.read"):
        return ""
    return lending.signed_of(actor=actor, application_id=view.id)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Write the fields; what was written stays on the page whatever is wrong with it."""
    actor = request.actor  # type: ignore[attr-defined]
    view = origination.application(actor=actor, application_id=number)
    if "submit" not in view.outcomes:
        raise Refused("wrong_stage", stands_at=origination.STATES[view.state].words)
    home = origination.household_of(actor=actor, household_id=view.household_id)
    if home is None:
        raise Refused("not_in_scope")
    loans = origination.loans_to_renew(actor=actor, household_id=view.household_id)
    around: dict[str, Any] = {"view": view, "home": home, "loans": loans}
    form = forms.Fields(request.POST, **around) if request.method == "POST" else forms.Fields(
        initial=forms.initial(view), **around
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        try:
            origination.save_version(
                actor=actor,
                application_id=number,
                entered=form.entered(),
                seen_number=form.cleaned_data["seen_number"],
            )
        except Refused as refused:
            forms.put(form, refused)
        else:
            tell(request, "ok", Words("草稿已保存。", "The draft is saved."))
            return HttpResponseRedirect(reverse("application", args=(number,)))
    status = 422 if form.errors else 200
    return render(request, "origination/edit.html", {"form": form, "view": view}, status=status)


@require_POST
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Say what the step asks."""
    actor = request.actor  # type: ignore[attr-defined]
    view = origination.application(actor=actor, application_id=number)
    form = forms.Spoken(request.POST, view=view)
    if form.is_valid():
        try:
            origination.review(
                actor=actor, application_id=number, step=form.cleaned_data["step"], said=form.spoken(),
                seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except Refused as refused:
            if refused.code in (
                "already_decided",
                "wrong_stage",
                "not_your_role",
                "not_in_scope",
                "own_step",
            ):
                raise
            forms.put(form, refused)
            if refused.code == "content_changed":
                form.data = {**request.POST.dict(), "seen": view.seen}
        else:
            tell(request, "ok", Words("已办理。", "Done."))
            return HttpResponseRedirect(reverse("application", args=(number,)))
    return page(request, view, status=422, review_form=form)


@require_safe
def form_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The A4 form as it stands, numbers masked."""
    content = origination.filled_form(actor=request.actor, application_id=number)  # type: ignore[attr-defined]
    return attached(content, name=f"贷款申请审批表 {number}.pdf", media_type="application/pdf")


@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """The form to be filled in by hand."""
    content = origination.blank_form(actor=request.actor)  # type: ignore[attr-defined]
    return attached(content, name="贷款申请审批表（空白）.pdf", media_type="application/pdf")
