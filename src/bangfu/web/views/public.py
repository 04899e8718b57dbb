"""Pages for everybody: the front, the calculator, the warning against fraud, whom to ask, the language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.words import Words, said
from bangfu.engine.interest import BadInterest
from bangfu.money.days import add_months_clamped
from bangfu.web import plain_policy
from bangfu.web.calculation import calculate, parts_of, refusals_of, results_of
from bangfu.web.code_words import choices
from bangfu.web.fields import DayField, PercentField, YuanField
from bangfu.web.marks import on_its_own
from bangfu.web.middleware import CHINESE, ENGLISH, LANGUAGE_COOKIE
from bangfu.web.places import nearest_name
from bangfu.web.public_pages import public_page
from bangfu.web.sources import book, site
from bangfu.web.views.policy import site_place

_A_YEAR = 365 * 24 * 3600
_MONTHS = 12
_MOST_YEARS = 30
AUTOMATIC = ""


@require_safe
@public_page
def front(request: HttpRequest) -> HttpResponse:
    """What this is, and four doors."""
    today = timezone.localdate()
    found = plain_policy.regimes(book(), place=site_place(), on=today)
    newest = next((one for one in found if one.standing == plain_policy.OPEN and one.stack), None)
    topics = plain_policy.at_a_glance(newest.stack, on=today) if newest and newest.stack else []
    context = {"place_name": nearest_name(site_place()), "today": today, "newest": newest, "topics": topics}
    return render(request, "public/front.html", context)


class Loan(forms.Form):
    """What the calculator asks."""

    amount = YuanField(
        label=said("借款本金", "Principal"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}),
    )
    rate = PercentField(
        label=said("年利率", "Annual rate"),
        help_text=said("合同上的年利率，例如 3.45。", "The rate in the contract, for example 3.45."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": "%", "width": "short"}),
    )
    start = DayField(
        label=said("起息日", "First day"),
        help_text=said("放款那天，计息。", "The day of disbursement, counted."),
    )
    end = DayField(label=said("止息日", "Last day"), help_text=said("这一天不计息。", "Not counted."))
    method = forms.ChoiceField(
        label=said("银行计息方式", "The bank counts"),
        choices=choices("interest_method", ("daily_360", "whole_periods")),
        help_text=said("两种结果都会列出。", "Both results are shown."),
    )
    product = forms.ChoiceField(
        label=said("适用政策", "Policy"),
        required=False,
        choices=[
            (AUTOMATIC, Words("按起息日自动选", "by the first day")),
            *choices("product", ("assistance", "transition", "poverty")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """The last day lies after the first, within thirty years."""
        told: dict[str, Any] = super().clean() or {}
        start, end = told.get("start"), told.get("end")
        if start and end and end <= start:
            self.add_error(
                "end",
                forms.ValidationError(said("止息日要晚于起息日。", "It must lie after the first day.")),
            )
        elif start and end and end > add_months_clamped(start, _MONTHS * _MOST_YEARS):
            self.add_error("end", forms.ValidationError(said("最长算30年。", "Thirty years at most.")))
        return told


@require_safe
@public_page
def calculator(request: HttpRequest) -> HttpResponse:
    """Interest and subsidy of one loan, with the steps and clauses behind every figure."""
    today = timezone.localdate()
    if "amount" in request.GET:
        form = Loan(request.GET)
    else:
        a_year = add_months_clamped(today, _MONTHS)
        form = Loan(initial={"amount": 5_000_000, "rate": 3_000_000, "start": today, "end": a_year})
    found, wrong, product = None, "", ""
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        product = told["product"] or _newest(told["start"])
        try:
            found = calculate(
                book(), place=site_place(), product=product, principal_fen=told["amount"], rate_e8=told["rate"],
                start=told["start"], end=told["end"], method=told["method"],
            )  # fmt: skip
        except BadInterest as why:
            wrong = why.name
    context: dict[str, Any] = {"form": form, "found": found, "wrong": wrong, "product": product}
    if found is not None:
        context |= {"results": results_of(found), "parts": parts_of(found), "refusals": refusals_of(found)}
    return render(request, "public/calculator.html", context)


def _newest(on: Any) -> str:
    """The newest product under which a contract of the day stands; the newest of all where none does."""
    found = plain_policy.regimes(book(), place=site_place(), on=on)
    standing = (plain_policy.OPEN, plain_policy.GAP)
    return next((one.product for one in found if one.standing in standing), plain_policy.PRODUCTS[0])


@require_safe
@public_page
def fraud(request: HttpRequest) -> HttpResponse:
    """The warning against fraud and illegal fund-raising."""
    return render(request, "public/fraud.html")


@require_safe
@public_page
def contacts(request: HttpRequest) -> HttpResponse:
    """Whom to ask."""
    return render(request, "public/help.html", {"contacts": getattr(site(), "contacts", ())})


# A choice of language changes nothing but the reader's own cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@on_its_own
def language(request: HttpRequest) -> HttpResponse:
    """Set the cookie of the language and go back to where the reader was."""
    asked = request.POST if request.method == "POST" else request.GET
    after = asked.get("next", "/")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = "/"
    response = HttpResponseRedirect(after)
    chosen = ENGLISH if asked.get("to") == ENGLISH else CHINESE
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=_A_YEAR, samesite="Lax", secure=site().https, httponly=True
    )
    return response
