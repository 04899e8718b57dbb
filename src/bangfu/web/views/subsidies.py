"""Cycles: the list of them, opening one, one with its lists, the bank's own figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.api import LARGEST
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Pager
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views import subsidy_forms as given
from bangfu.web.views import subsidy_lists_shown as list_shown
from bangfu.web.views.doing import actor_of, done, put, status_of
from bangfu.web.views.registry_shown import page_of

_PAGE = 50
_NONE = Words("本辖区没有清册", "no list in your scope")
_OF_TOWNSHIP = Words(
    "清册由乡镇办理；本村看公示、异议", "the lists are the township's; see notices and objections"
)


@require_safe
def cycles(request: HttpRequest) -> HttpResponse:
    """The cycles in scope, and how far each has come."""
    actor = actor_of(request)
    page = page_of(request)
    found = subsidies.cycles(actor=actor, page=page)
    stood = subsidies.progress(actor=actor, cycle_ids=[one.id for one in found.rows])
    pager = Pager(page, max(1, -(-found.total // _PAGE)), found.total)
    context = {
        "table": shown.cycles_table(
            found.rows, stood, actor.on, pager, none=_OF_TOWNSHIP if actor.role == "village" else _NONE
        ),
        "may_open": people.may(actor.role, "cycle.open"),
    }
    return render(request, "subsidies/cycles.html", context)


@require_safe
def late(request: HttpRequest) -> HttpResponse:
    """The lists in scope that are late: at which step, by how much, whose step it is; by day, not by place."""
    actor = actor_of(request)
    return render(
        request, "subsidies/late.html", {"table": list_shown.late_table(subsidies.late_lists(actor=actor))}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_cycle(request: HttpRequest) -> HttpResponse:
    """Look at the plan of a period, then open it: the plan is always shown first."""
    actor = actor_of(request)
    people.require(actor, "cycle.open")
    start, end = subsidies.period_over("quarter", actor.on)
    asked = request.POST or request.GET or None
    form = given.Opening(asked, initial={"rhythm": "quarter", "start": start, "end": end - timedelta(days=1)})
    plan = None
    if form.is_bound and form.is_valid():
        period = {"county": actor.place[:6], **form.period()}
        try:
            plan = subsidies.plan_cycle(actor=actor, **period)
        except Refused as refused:
            put(form, refused)
    if request.method == "POST" and plan is not None:

        def act() -> str:
            made = subsidies.open_cycle(actor=actor, **period, why=form.cleaned_data["why"])
            tell(request, "ok", Words("已开启，清册已建好。", "Open; its lists are there."))
            return reverse("cycle", args=(made.id,))

        if answer := done(form, act):
            return answer
    context = {
        "form": form, "plan": plan, "table": shown.plan_table(plan) if plan else None,
        "deadlines": shown.deadline_rows(plan.deadlines, days=shown.days_of(plan)) if plan else [],
        "silent": shown.silent_loans(plan.deadlines) if plan else 0,
    }  # fmt: skip
    return render(request, "subsidies/open.html", context, status=status_of(form))


@require_safe
def cycle(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """A cycle with its lists: where they stand, what they come to."""
    actor = actor_of(request)
    found = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    every = subsidies.lists(actor=actor, cycle_id=cycle_id)
    stood = subsidies.progress(actor=actor, cycle_ids=[found.id]).get(found.id, ())
    form = given.Lists(
        request.GET or None,
        townships={one.township: one.township_name for one in every},
        branches={one.institution_id: one.bank_name for one in every},
    )
    told = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = [one for one in every if _fits(one, told, actor)]
    role = actor.role
    context = {
        "found": found, "name": shown.period_words(found), "days": shown.days_words(found),
        "rhythm": shown.RHYTHMS.get(found.rhythm, found.rhythm), "month": shown.month_words(found.payment_month),
        "deadlines": shown.deadline_rows(found.deadlines, days=shown.days_of(found)),
        "form": form, "figures": shown.figures(rows),
        "silent": shown.silent_loans(found.deadlines),
        "strip": shown.strip(stood, actor.on, chosen=told.get("state", ""), url=request.path),
        "table": shown.lists_table(rows, actor.on),
        "regimes": shown.regimes_table(subsidies.regimes(actor=actor, list_ids=[one.id for one in rows])),
        "links": shown.links(found, role), "lists": every,
        # Lists that are missing are made by the computation: a branch without any may ask for it too.
        "to_compute": people.may(role, "subsidy.compute")
        and (not every or any(
            one.state == "branch_list" and subsidies.gives(actor, one.institution_id) for one in every
        )),
        "may_claim": people.may(role, "subsidy.claim") and any(one.state == "branch_list" for one in every),
        "subject": f"subsidy_cycle:{found.id}",
    }  # fmt: skip
    return render(request, "subsidies/cycle.html", context)


def _fits(one: subsidies.ListView, told: dict[str, Any], actor: Any) -> bool:
    return (
        told.get("state", "") in ("", one.state)
        and told.get("township", "") in ("", one.township)
        and told.get("branch", "") in ("", one.institution_id)
        and (not told.get("late") or one.late(actor.on))
    )


@require_POST
def compute(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Compute one's own lists that are still with the branch, all at once."""
    made = subsidies.compute_cycle(actor=actor_of(request), cycle_id=cycle_id)
    tell(request, "ok", Words(f"已计算 {len(made)} 份清册。", f"{len(made)} lists are computed."))
    return HttpResponseRedirect(reverse("cycle", args=(cycle_id,)))


@require_http_methods(["GET", "HEAD", "POST"])
def claims(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """The bank's own figures: from its imported ledger, or from a file that is tried first."""
    actor = actor_of(request)
    people.require(actor, "subsidy.claim")
    found = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    doing = request.POST.get("do", "")
    form = given.Claims(request.POST if doing in ("try", "take") else None, request.FILES or None)
    tried, back = None, reverse("cycle", args=(cycle_id,))
    if doing == "imported":
        taken = subsidies.take_imported_claims(actor=actor, cycle_id=cycle_id)
        tell(request, "ok", shown.claims_words(taken))
        return HttpResponseRedirect(back)
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data["file"]
        call = subsidies.take_claim_file if doing == "take" else subsidies.try_claim_file
        try:
            tried = call(actor=actor, cycle_id=cycle_id, content=sent.read(LARGEST + 1), name=str(sent.name))
        except Refused as refused:
            put(form, refused)
        else:
            if doing == "take" and not tried.problems:
                tell(request, "ok", shown.claims_words(tried))
                return HttpResponseRedirect(back)
    context = {
        "found": found, "name": shown.period_words(found), "form": form, "tried": tried, "back": back,
        "taking": doing == "take",
    }  # fmt: skip
    bad = form.errors or (tried is not None and tried.problems)
    return render(request, "subsidies/claims.html", context, status=422 if bad else 200)
