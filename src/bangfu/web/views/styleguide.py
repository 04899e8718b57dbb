"""The living page of the components, on demonstration sites only."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bangfu.casework.words import Words
from bangfu.web import examples
from bangfu.web.marks import on_its_own
from bangfu.web.parts import Chart, Link
from bangfu.web.sources import site

PAGES = ("components", "queue", "sign-in", "confirm", "errors")


@require_safe
@on_its_own
def styleguide(request: HttpRequest, page: str = "components") -> HttpResponse:
    """Every component with made-up values.

    Raises:
        Http404: Not a demonstration site, or no such page.
    """
    if not site().demo or page not in PAGES:
        raise Http404
    if page == "sign-in":
        context = {
            "form": examples.SignIn(),
            "demo_accounts": examples.demo_accounts(),
            "demo_password": "demonstration",
        }
        return render(request, "people/sign_in.html", context)
    if page == "errors":
        return render(request, "errors/500.html", status=200)
    inside = {"account": SimpleNamespace(**examples.account()), "navigation": examples.navigation()}
    if page == "queue":
        return render(request, "desk/queue.html", {**inside, "queue": _queue(request)})
    return render(request, "styleguide.html", {**inside, **_components(request)})


def _queue(request: HttpRequest) -> dict[str, Any]:
    return {
        "figures": examples.figures(),
        "tabs": examples.tabs(),
        "table": examples.table(sorted_by=request.GET.get("sort", "")),
        "duties": examples.duties(),
        "happenings": examples.happenings(),
        "actions": [Link(Words("新申请", "New application"), "#", "plus")],
    }


def _components(request: HttpRequest) -> dict[str, Any]:
    wrong = examples.Example({"name": "", "amount": "五万", "purpose": "crops"})
    page = request.GET.get("page", "1")
    return {
        "table": examples.table(
            sorted_by=request.GET.get("sort", ""), page=int(page) if page.isdecimal() else 1
        ),
        "empty_table": examples.empty_table(),
        "facts": examples.facts(),
        "figures": examples.figures(),
        "flow": examples.flow(),
        "steps": examples.steps(),
        "happenings": examples.happenings(),
        "basis": examples.basis(),
        "duties": examples.duties(),
        "tabs": examples.tabs(),
        "filters": examples.Filter(),
        "form": wrong,
        "chart": Chart(
            Words("不良率与熔断线", "Bad-loan ratio and the breaker"),
            examples.SVG,
            examples.chart_table(),
            Words("红线是3%", "the red line is 3%"),
        ),
        "question": Words(
            "确认提交乡镇审核？提交后内容不能修改。", "Send to the township? It cannot be changed afterwards."
        ),
    }
