"""One list: its steps, its lines fifty a page, what may be done with it now, and the list to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.lending.api import PRODUCT_WORDS
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import ListOpened
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views import subsidy_forms as given
from bangfu.web.views import subsidy_lines_shown as lines_shown
from bangfu.web.views import subsidy_lists_shown as list_shown
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.doing import actor_of
from bangfu.web.views.registry_shown import page_of
from bangfu.web.views.subsidy_colleagues import result_words

# The page on which a step is done, and what its button says.
DOORS = {
    "branch_list": ("subsidy-list-submit", Words("报送乡镇", "Give it to the township")),
    "township_review": ("subsidy-list-review", Words("逐笔审核", "Review line by line")),
    "township_submission": ("subsidy-list-sign", Words("签章上报", "Sign and submit")),
    "county_confirmation": ("subsidy-list-confirm", Words("审核确认", "Confirm")),
    "public_notice": ("subsidy-notices", Words("公示", "The notice")),
    "announcement": ("subsidy-notices", Words("公告", "The announcement")),
    "filing": ("subsidy-list-file", Words("归档", "File it")),
}
_CSV = "text/csv; charset=utf-8"


@require_safe
def opened(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """A list with its lines."""
    actor = actor_of(request)
    told = subsidies.opened_list(actor=actor, list_id=list_id)
    view = told.view
    regimes = subsidies.regimes(actor=actor, list_ids=[view.id])
    form, wanted = _wanted(request, told, [one.product for one in regimes])
    page = subsidies.lines(actor=actor, list_id=list_id, page=page_of(request), **wanted)
    name = shown.period_words(view.cycle)
    role = actor.role
    at_branch = view.state == "branch_list"
    gives = at_branch and subsidies.gives(actor, view.institution_id)
    context = {
        "subject": f"subsidy_list:{view.id}", "view": view, "name": name, "steps": list_shown.steps(view, told.acts),
        "chip": list_shown.list_chip(view, actor.on), "figures": list_shown.list_figures(view),
        "regimes": shown.regimes_table(regimes),
        "form": form, "table": lines_shown.table(page, view, page_of(request)),
        "acts": list_shown.acts_table(told.acts),
        "refusals": lines_shown.refusals_table(told.refusals), "facts": list_shown.list_facts(view),
        "door": _door(view, actor), "may_compute": gives and people.may(role, "subsidy.compute"),
        "may_claim": at_branch and people.may(role, "subsidy.claim"), "links": list_shown.ways(view, role),
        **_own(request, view),
        "next": _next(view), "query": request.GET.urlencode(), "late": view.late(actor.on),
        "days_late": (actor.on - view.due_on).days if view.due_on else 0,
    }  # fmt: skip
    return render(request, "subsidies/list.html", context)


def _wanted(
    request: HttpRequest, told: ListOpened, products: Sequence[str]
) -> tuple[given.Lines, dict[str, Any]]:
    villages = {
        one.code: one.name
        for one in registry.villages(actor=actor_of(request))
        if one.code.startswith(told.view.township)
    }
    words = {code: PRODUCT_WORDS[code] for code in products}
    form = given.Lines(request.GET or None, villages=villages, products=words)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return form, {name: value for name, value in wanted.items() if value}


def _door(view: subsidies.ListView, actor: Actor) -> dict[str, Any] | None:
    """Where the step is done, for those who may do it."""
    state = view.stands_at
    if view.state not in DOORS or not people.may(actor.role, state.act):
        return None
    if view.state == "branch_list" and not subsidies.gives(actor, view.institution_id):
        return None
    name, words = DOORS[view.state]
    where = shown.address(name, view.id)
    return {"url": where, "words": words} if where else None


def _own(request: HttpRequest, view: subsidies.ListView) -> dict[str, Any]:
    """At the review: the reader's own lines, and what was found of colleagues' own."""
    if view.state != "township_review":
        return {}
    own = subsidies.own_at_review(actor=actor_of(request), list_id=view.id)
    return {"own": own, "of_others": [(one, result_words(one)) for one in own.of_others]}


def _next(view: subsidies.ListView) -> dict[str, Any] | None:
    """Who has to do what by when, and what must hold."""
    state = view.stands_at
    if not state.open:
        return None
    return {
        "who": list_shown.who_does(view.state), "what": state.words, "due": view.due_on, "clauses": state.clauses,
        "holds": [subsidies.HOLDS[one] for one in state.holds],
    }  # fmt: skip


@require_POST
def compute(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Compute the list, or compute it again: its lines are frozen anew."""
    view = subsidies.compute(actor=actor_of(request), list_id=list_id)
    words = Words(f"已计算：{view.open.lines} 笔。", f"Computed: {view.open.lines} lines.")
    tell(request, "ok", words)
    return HttpResponseRedirect(reverse("subsidy-list", args=(list_id,)))


@require_POST
def export(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The whole list as XLSX or CSV, marked with who took it."""
    taken = subsidies.exported(
        actor=actor_of(request), list_id=list_id, purpose=request.POST.get("purpose", ""),
        form="csv" if request.POST.get("form") == "csv" else "xlsx",
    )  # fmt: skip
    return attached(taken.content, name=taken.name, media_type=XLSX if taken.name.endswith("xlsx") else _CSV)
