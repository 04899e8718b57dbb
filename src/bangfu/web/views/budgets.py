"""The subsidy's money: balances by year and source as of any day, the ledger, allotments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.views import budget_forms as given
from bangfu.web.views import budgets_shown as shown
from bangfu.web.views.counties import counties, county_of
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.doing import actor_of, done, posted, status_of
from bangfu.web.views.registry_shown import Purpose, page_of


def _years(request: HttpRequest, county: str) -> list[int]:
    """The years that have entries and the present one, the latest first."""
    actor = actor_of(request)
    return sorted({*budgets.years(actor=actor, county=county), actor.on.year}, reverse=True)


@require_safe
def balances(request: HttpRequest) -> HttpResponse:
    """What was allotted, committed, is on its way, was paid, is left; the gap in words; as of any day."""
    actor = actor_of(request)
    people.require(actor, "budget.read")
    among = counties(actor)
    county, name = county_of(request, among)
    years = _years(request, county)
    form = given.OfYear(request, among, years=years)
    told = form.told()
    year, on = int(str(told.get("year") or years[0])), told.get("on")
    rows = budgets.balances(actor=actor, county=county, year=year, on=on)  # type: ignore[arg-type]
    context = {
        "form": form, "county_name": name, "year": year, "tabs": shown.tabs(request, "budgets"),
        "table": shown.balances_table(rows, county=county, year=year, on=on),  # type: ignore[arg-type]
        "short": [one for one in rows if one.gap_fen],
        "faults": [shown.fault_words(one) for one in budgets.check_balanced(actor=actor, county=county, on=on)],  # type: ignore[arg-type]
        "may_allot": people.may(actor.role, "budget.write"), "county": county,
    }  # fmt: skip
    return render(request, "budgets/balances.html", context)


def _wanted(request: HttpRequest) -> tuple[given.OfLedger, str, str, dict[str, Any]]:
    """The filter of the ledger: the form, the county with its name, what was asked."""
    actor = actor_of(request)
    among = counties(actor)
    county, name = county_of(request, among)
    form = given.OfLedger(request, among, years=_years(request, county))
    told = {key: value for key, value in form.told().items() if value and key != "county"}
    if "year" in told:
        told["year"] = int(str(told["year"]))
    return form, county, name, told


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The entries, each opening what it is of."""
    people.require(actor_of(request), "budget.read")
    form, county, name, told = _wanted(request)
    page = page_of(request)
    found = budgets.ledger(actor=actor_of(request), county=county, page=page, **told)
    named = shown.subjects_named(found, actor_of(request), county)
    context = {
        "form": form, "county_name": name, "table": shown.ledger_table(found, page, named),
        "sum_fen": found.amount_fen, "holds": shown.holds_words(str(told.get("account", "")), found),
        "tabs": shown.tabs(request, "budget-ledger"), "purpose": Purpose(),
        "take_url": f"{reverse('budget-export')}?{request.GET.urlencode()}", "one_kind": "kind" in told,
    }  # fmt: skip
    return render(request, "budgets/ledger.html", context)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The entries of the filter as XLSX."""
    _, county, _, told = _wanted(request)
    taken = budgets.exported(
        actor=actor_of(request), county=county, purpose=request.POST.get("purpose", ""), **told
    )
    return attached(taken.content, name=taken.name, media_type=XLSX)


@require_http_methods(["GET", "HEAD", "POST"])
def allot(request: HttpRequest) -> HttpResponse:
    """Enter an allotment, or take one back."""
    actor = actor_of(request)
    people.require(actor, "budget.write")
    county, name = county_of(request, counties(actor))
    if not county.startswith(actor.place) or not actor.place:
        raise Refused("not_in_scope")
    form = given.Allotment(posted(request), initial={"year": actor.on.year, "source": "central"})
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            told = form.cleaned_data
            new = budgets.allot(
                actor=actor, county=county, year=told["year"], source=told["source"], amount_fen=form.amount_fen,
                document=told["document"], why=told["why"],
            )  # fmt: skip
            if new:
                tell(request, "ok", Words("已入账。", "Entered."))
            else:
                tell(
                    request,
                    "info",
                    Words("这笔指标已经记过，没有重复入账。", "It was entered before; nothing was added."),
                )
            return f"{reverse('budgets')}?year={told['year']}"

        if answer := done(form, act):
            return answer
    context = {"form": form, "county_name": name, "back": reverse("budgets")}
    return render(request, "budgets/allot.html", context, status=status_of(form))
