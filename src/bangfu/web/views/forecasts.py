"""What the coming quarters will cost, by payer and regime, with what rests on it and what cannot be determined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bangfu.casework.budgets import api as budgets
from bangfu.casework.budgets.api import SOURCES, Forecast, ForecastQuarter
from bangfu.casework.lending.api import PRODUCT_WORDS, PRODUCTS
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words, said
from bangfu.refusals import CODES
from bangfu.web.fields import DayField
from bangfu.web.parts import Column, Figure, Table
from bangfu.web.views import budgets_shown as shown
from bangfu.web.views.counties import OfCounty, counties, county_of
from bangfu.web.views.doing import actor_of
from bangfu.web.views.subsidies_shown import YUAN

_QUARTERS = 4
_SHOWN_LOANS = 3


class OnDay(OfCounty):
    """As of which day."""

    on = DayField(label=said("台账截至", "Ledger as of"), required=False)


@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """Four quarters from the live portfolio, through the core, under the terms each contract is pinned to."""
    actor = actor_of(request)
    people.require(actor, "budget.read")
    among = counties(actor)
    county, name = county_of(request, among)
    form = OnDay(request, among)
    on: Any = form.told().get("on")
    told = budgets.forecast(actor=actor, county=county, quarters=_QUARTERS, on=on)
    years = sorted({one.payment_month.year for one in told.quarters})
    left = {year: budgets.balances(actor=actor, county=county, year=year) for year in years}
    context = {
        "form": form, "county_name": name, "tabs": shown.tabs(request, "budget-forecast"), "told": told,
        "figures": _figures(told), "tables": [_regime(told, product) for product in _products(told)],
        "needs": _needs(told, left), "matured": _matured(told), "unknown": _unknown(told),
    }  # fmt: skip
    return render(request, "budgets/forecast.html", context)


def _name(one: ForecastQuarter) -> Words:
    return subsidies.period_words(one.start, one.end)


def _products(told: Forecast) -> list[str]:
    present = {one.product for quarter in told.quarters for one in quarter.expected}
    return [product for product in PRODUCTS if product in present]


def _figures(told: Forecast) -> list[Figure]:
    asked = sum(one.subsidy_fen for one in told.quarters)
    open_ = {loan for quarter in told.quarters for one in quarter.unknown for loan in one.loan_ids}
    most = max((sum(one.loans for one in quarter.unknown) for quarter in told.quarters), default=0)
    return [
        Figure(Words("四个季度合计", "Four quarters"), asked, "yuan", YUAN),
        Figure(Words("有余额的贷款", "Live loans"), told.live_loans, unit=Words("笔", "loans")),
        Figure(Words("余额", "They owe"), told.balance_fen, "yuan", YUAN),
        Figure(Words("无法确定的", "Cannot be determined"), most, unit=Words("笔", "loans"),
               tone="warn" if open_ else "ok", note=Words("一个季度最多", "in one quarter, at most") if most else ""),
    ]  # fmt: skip


def _regime(told: Forecast, product: str) -> Table:
    """One regime: a row a payer and policy, a column a quarter."""
    keys = sorted(
        {(one.payer, one.policy) for quarter in told.quarters for one in quarter.expected if one.product == product},
        key=lambda one: (list(SOURCES).index(one[0]), one[1]),
    )  # fmt: skip
    columns = [
        Column("payer", Words("资金来源", "Payer")), Column("policy", Words("适用政策", "Policy")),
        *(Column(f"q{number}", _name(one), "yuan") for number, one in enumerate(told.quarters)),
        Column("whole", Words("合计", "In all"), "yuan"),
    ]  # fmt: skip
    rows = []
    for payer, policy in keys:
        fen = [
            sum(
                one.fen
                for one in quarter.expected
                if (one.payer, one.policy, one.product) == (payer, policy, product)
            )
            for quarter in told.quarters
        ]
        row = {f"q{number}": one for number, one in enumerate(fen)}
        rows.append({"payer": SOURCES[payer], "policy": policy, **row, "whole": sum(fen)})
    summed = [one.name for one in columns if one.numeric]
    totals: dict[str, Any] = {name: sum(row[name] for row in rows) for name in summed}
    words = PRODUCT_WORDS[product]
    caption = Words(f"{words.zh}（元）", f"{words.en} (yuan)")
    return Table(
        caption, columns, rows, totals={"payer": Words("合计", "In all"), **totals} if len(rows) > 1 else None
    )


def _needs(told: Forecast, left: Mapping[int, Sequence[budgets.Balance]]) -> Table:
    """What is expected of each payer in each budget year against what is still available there."""
    columns = (
        Column("year", Words("预算年度", "Budget year"), narrow=True),
        Column("payer", Words("资金来源", "Payer")),
        Column("needed", Words("预计需要", "Expected"), "yuan", unit=YUAN),
        Column("available", Words("现在可用", "Available now"), "yuan", unit=YUAN),
        Column("words", Words("缺口", "Gap")),
    )
    rows = []
    for year, balances in left.items():
        for one in balances:
            needed = sum(
                quarter.of_payer(one.source)
                for quarter in told.quarters
                if quarter.payment_month.year == year
            )
            if needed:
                rows.append(
                    {"year": year, "payer": SOURCES[one.source], "needed": needed, "available": one.available_fen,
                     "words": _short(needed - one.available_fen)}
                )  # fmt: skip
    return Table(Words("与预算对照", "Against the budget"), columns, rows, empty=Words("没有", "Nothing"))


def _short(fen: int) -> Words:
    if fen <= 0:
        return Words("够用", "it reaches")
    return Words(f"还差 {shown.yuan(fen)} 元", f"short by {shown.yuan(fen)} yuan")


_UNKNOWN = (
    Column("quarter", Words("季度", "Quarter"), narrow=True),
    Column("regime", Words("政策", "Regime")),
    Column("why", Words("为什么无法确定", "Why it cannot be determined")),
    Column("loans", Words("笔数", "Loans"), "number"),
    Column("balance_fen", Words("余额", "They owe"), "yuan", unit=YUAN),
    Column("some", Words("如", "Such as"), "html"),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)


def _loans(ids: Sequence[str]) -> SafeString:
    shown_ones = ((reverse("loan", args=(one,)), one) for one in ids[:_SHOWN_LOANS])
    return format_html_join(str(Words("、", ", ")), '<a href="{}">{}</a>', shown_ones)


_MATURED = (
    Column("regime", Words("政策", "Regime")),
    Column("loans", Words("笔数", "Loans"), "number"),
    Column("balance_fen", Words("余额", "They owe"), "yuan", unit=YUAN),
    Column("subsidy_fen", Words("到期后的贴息", "Subsidy after maturity"), "yuan", unit=YUAN),
    Column("why", Words("说明", "Why")),
    Column("some", Words("如", "Such as"), "html"),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)
_PENALTY = Words(
    "到期后只计加息、罚息，不贴息", "after maturity only extra and penalty interest arises: no subsidy"
)
_STOPS = Words(
    "正常利息到期即止；当地政策没有给逾期利息贴息的规定",
    "normal interest stops at maturity; nothing in the policy subsidises what arises later",
)


def _matured(told: Forecast) -> Table:
    """Loans past their maturity: in the balance, and nothing in the coming cost, by which clause."""
    rows = [
        {
            "regime": PRODUCT_WORDS.get(one.product, one.product), "loans": one.loans, "balance_fen": one.balance_fen,
            "subsidy_fen": 0, "why": _PENALTY if one.clauses else _STOPS, "some": _loans(one.loan_ids),
            "clauses": one.clauses,
        }
        for one in told.matured
    ]  # fmt: skip
    return Table(Words("已到期未还的", "Past their maturity"), _MATURED, rows,
                 empty=Words("没有已到期未还的贷款", "No loan is past its maturity"))  # fmt: skip


def _unknown(told: Forecast) -> Table:
    """What is not in the sums, named with its loans: never counted as nothing."""
    rows = []
    for quarter in told.quarters:
        for one in quarter.unknown:
            known = CODES.get(one.code)
            rows.append(
                {
                    "quarter": _name(quarter), "regime": PRODUCT_WORDS.get(one.product, one.product),
                    "why": Words(known.zh, known.en) if known else one.code, "loans": one.loans,
                    "balance_fen": one.balance_fen, "some": _loans(one.loan_ids),
                    "clauses": one.clauses,
                }
            )  # fmt: skip
    return Table(Words("无法确定、没有计入的", "Not determined, not in the sums"), _UNKNOWN, rows,
                 empty=Words("每一笔都能确定", "Every loan is determined"))  # fmt: skip
