"""May I borrow? The core's own check on a household made from the answers; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bangfu.casework.words import Words, said
from bangfu.engine.decide import decide
from bangfu.facts import TABLES, Facts, empty
from bangfu.facts.codes import CATEGORY, PURPOSE_FORBIDDEN, PURPOSE_LAWFUL
from bangfu.money.days import add_months_clamped
from bangfu.policy import PolicyBook, Stack
from bangfu.refusals import Refusal, Refused
from bangfu.web.basis import PERSONAL, basis_of
from bangfu.web.code_words import choices
from bangfu.web.fields import YuanField
from bangfu.web.parts import Basis
from bangfu.web.plain_policy import PRODUCTS
from bangfu.web.public_pages import public_page
from bangfu.web.sources import book
from bangfu.web.views.policy import site_place

_ASKED, _EARLIER, _HOUSEHOLD, _VILLAGE = "asked", "earlier", "household", "000000"
_YEAR_DAYS = 365
NOT_LISTED, NOT_KNOWN = "none", "unknown"
MOST_AGE, MOST_MONTHS = 120, 120
# What the household cannot know beforehand is left to those who will ask it.
_NOT_ASKED = frozenset(
    {
        "borrower_not_in_household",
        "rate_above_ceiling",
        "rate_changed_in_contract",
        "borrower_charged",
        "guarantee_taken",
    }
)


# Of a made-up borrower: a name, a number and a birthday that nobody has.
_HIDDEN = PERSONAL | {"live_loan_balances", "born_on", "aged_on"}


class Answers(forms.Form):
    """The short form."""

    category = forms.ChoiceField(
        label=said("你家在哪个名单上", "The list your household is on"),
        choices=[
            ("", Words("请选择", "Please choose")),
            *choices("category", ("monitored", "assisted", "out_of_poverty", "margin", "poor")),
            (NOT_LISTED, Words("都不在", "on none of them")),
            (NOT_KNOWN, Words("不清楚", "I do not know")),
        ],
        help_text=said("不清楚的，问村委会或驻村干部。", "If you do not know, ask the village committee."),
    )
    age = forms.IntegerField(
        label=said("借款人周岁", "The borrower's age"),
        min_value=1,
        max_value=MOST_AGE,
        widget=forms.NumberInput(
            attrs={"inputmode": "numeric", "unit": Words("周岁", "years"), "width": "short"}
        ),
    )
    labour = forms.ChoiceField(
        label=said("家里有人能劳动吗", "Is anybody at home able to work"),
        choices=[("yes", Words("有", "yes")), ("no", Words("没有", "no"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    purpose = forms.ChoiceField(
        label=said("借来做什么", "What the money is for"),
        choices=[
            ("", Words("请选择", "Please choose")),
            (Words("生产经营", "Production"), choices("purpose", tuple(PURPOSE_LAWFUL))),
            (Words("其他", "Other"), choices("purpose", tuple(PURPOSE_FORBIDDEN))),
        ],
    )
    amount = YuanField(
        label=said("想借多少", "How much"),
        help_text=said("例如 50000。", "For example 50000."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}),
    )
    months = forms.IntegerField(
        label=said("借多久", "For how long"),
        min_value=1,
        max_value=MOST_MONTHS,
        initial=36,
        widget=forms.NumberInput(
            attrs={"inputmode": "numeric", "unit": Words("个月", "months"), "width": "short"}
        ),
    )
    owing = YuanField(
        label=said("没还清的小额信贷", "Programme loans not yet repaid"),
        required=False,
        allow_zero=True,
        help_text=said(
            "全家的扶贫、脱贫人口、帮扶小额信贷合计还欠的本金；没有就不填。",
            "The principal your household still owes on such loans together; empty where there is none.",
        ),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the core says: the basis, or why no policy can be asked at all."""

    basis: Basis | None
    product: str
    top_up: bool = False
    refusal: Refusal | None = None
    stack: Stack | None = None


# It changes nothing, keeps nothing and knows nobody, so there is nothing that a forged request could do; without a
# token the page needs no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def may_i_borrow(request: HttpRequest) -> HttpResponse:
    """The form, and under it the answer."""
    form = Answers(request.POST) if request.method == "POST" else Answers()
    answer = None
    on = timezone.localdate()
    if form.is_bound and form.is_valid():
        answer = answered(book(), form.cleaned_data, place=site_place(), on=on)
    context = {"form": form, "answer": answer, "on": on, "place": site_place()}
    return render(request, "public/may_i_borrow.html", context)


def answered(policy: PolicyBook, told: Mapping[str, Any], *, place: str, on: date) -> Answer:
    """Run the core's check on a household made from the answers.

    Args:
        policy: The packs.
        told: category, age, labour, purpose, amount (fen), months, owing (fen or None).
        place: The site's place.
        on: The day of the application.
    """
    try:
        stack = _open(policy, place, on)
    except Refused as why:
        return Answer(None, PRODUCTS[0], refusal=why.refusal)
    facts = household(told, product=stack.product, place=place, on=on)
    result = decide(facts, policy, on=on, place=place)
    decision = next(one for one in result.as_json()["decisions"] if one["loan_id"] == _ASKED)
    unknown = told["category"] == NOT_KNOWN
    leave_out = _NOT_ASKED | (
        frozenset({"not_on_roster", "wrongly_listed", "category_not_admitted"}) if unknown else frozenset()
    )
    if unknown:
        decision = {**decision, "to_attest": [_ask_roster(stack), *decision["to_attest"]]}
    decision = {
        **decision,
        "not_judged": [one for one in decision["not_judged"] if one["code"] not in _NOT_ASKED],
    }
    basis = basis_of(decision, stack=stack, hide=_HIDDEN, leave_out=leave_out, grouped=True)
    return Answer(basis, stack.product, top_up=bool(told.get("owing")), stack=stack)


def _open(policy: PolicyBook, place: str, on: date) -> Stack:
    """The newest product whose new loans a document admits on the day.

    Raises:
        Refused: None does; of the newest product.
    """
    refused: Refused | None = None
    for product in PRODUCTS:
        try:
            return policy.stack(place, product, on, purpose="application")
        except Refused as why:
            refused = refused or why
    raise refused or AssertionError


def _ask_roster(stack: Stack) -> dict[str, Any]:
    said = stack.look("borrower.categories", stack.signed_on)
    return {
        "condition": "on_roster",
        "by": "village",
        "zh": "你家在不在名单上、是哪一类",
        "en": "Whether your household is on the roster, and in which category",
        "clauses": [] if said is None else list(said.clauses),
    }


def household(told: Mapping[str, Any], *, product: str, place: str, on: date) -> Facts:
    """Facts of one made-up household that applies on a day; it has no name, and a number that nobody bears."""
    number = f"{place.ljust(6, '0')[:6]}{on.year - told['age']:04d}{_month_and_day(on)}0000"
    village = f"{place[:6].ljust(6, '0')}{_VILLAGE}"
    listed = told["category"] not in (NOT_LISTED, NOT_KNOWN) and told["category"] in CATEGORY
    able = told["labour"] == "yes"
    owing = told.get("owing") or 0
    asked = {
        "loan_id": _ASKED, "household_id": _HOUSEHOLD, "borrower_id_number": number, "product": product,
        "kind": "top_up" if owing else "new", "area_code": village, "applied_on": on, "purpose": told["purpose"],
        "matures_on": add_months_clamped(on, told["months"]), "principal_fen": told["amount"], "guarantee": "none",
    }  # fmt: skip
    signed = on - timedelta(days=_YEAR_DAYS)
    earlier = {
        "loan_id": _EARLIER, "household_id": _HOUSEHOLD, "product": product, "kind": "new", "area_code": village,
        "contract_on": signed, "matures_on": add_months_clamped(on, 1), "principal_fen": owing,
    }  # fmt: skip
    lent = {
        "loan_id": _EARLIER,
        "on": signed,
        "kind": "disbursed",
        "amount_fen": owing,
        "recorded_on": signed,
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "households": [{"household_id": _HOUSEHOLD, "area_code": village, "labour_count": int(able)}],
        "members": [{"member_id": "m", "household_id": _HOUSEHOLD, "id_number": number, "labour": able}],
        "roster": [{"household_id": _HOUSEHOLD, "category": told["category"], "listed_on": signed}]
        if listed
        else [],
        "loans": [asked, earlier] if owing else [asked],
        "events": [lent] if owing else [],
    }
    given = rows.keys() - ({"roster"} if told["category"] == NOT_KNOWN else set())
    return Facts(
        {name: _frame(name, rows.get(name, [])) for name in TABLES}, missing=frozenset(TABLES.keys() - given)
    )


def _month_and_day(on: date) -> str:
    return on.strftime("%m%d") if (on.month, on.day) != (2, 29) else "0228"


def _frame(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    shape = empty(name).schema
    return pl.DataFrame([[row.get(column) for column in shape] for row in rows], schema=shape, orient="row")
