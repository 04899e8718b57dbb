"""How long households waited for their money, quarter by quarter, and what they still wait for; nothing is ranked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField
from bangfu.web.parts import Chart, Column, Figure, Table
from bangfu.web.pictures import Bar, bars_of
from bangfu.web.views import budgets_shown as shown
from bangfu.web.views.counties import OfCounty, counties, county_of
from bangfu.web.views.doing import actor_of
from bangfu.web.views.subsidies_shown import YUAN, period_words, without

_MOST_LABELS = 12
DAYS = Words("天", "days")


class AsOfDay(OfCounty):
    """As of which day."""

    on = DayField(label=said("截至", "As of"), required=False)
    cycle = forms.CharField(required=False, widget=forms.HiddenInput)


_COLUMNS = (
    Column("period", Words("期间", "Period"), link="url", narrow=True),
    Column("township", Words("乡镇", "Township")),
    Column("month", Words("发放月份", "Paid in"), narrow=True),
    Column("lines", Words("应发笔数", "Lines"), "number"),
    Column("fen", Words("应发", "Payable"), "yuan", unit=YUAN),
    Column("paid", Words("已发笔数", "Paid lines"), "number"),
    Column("paid_fen", Words("已发", "Paid"), "yuan", unit=YUAN),
    Column("arrears_fen", Words("拖欠", "In arrears"), "yuan", unit=YUAN),
    Column("late", Words("超期笔数", "Late lines"), "number"),
    Column("days_middle", Words("到账（中位）", "To payment (middle)"), "number", unit=DAYS),
    Column("days_most", Words("最长", "Longest"), "number", unit=DAYS),
    Column("waiting_days", Words("未发已等", "Waiting"), "number", unit=DAYS),
)


@require_safe
def lateness(request: HttpRequest) -> HttpResponse:
    """Each quarter: how many days after its end the money came, what is in arrears; a quarter's townships on asking."""
    actor = actor_of(request)
    people.require(actor, "payment.read")
    among = counties(actor)
    county, name = county_of(request, among)
    form = AsOfDay(request, among)
    told = form.told()
    on: Any = told.get("on") or actor.on
    cycle = str(told.get("cycle") or "")
    rows = payments.lateness(actor=actor, county=county, on=on)
    of_one = [one for one in rows if str(one.cycle_id) == cycle]
    towns = (
        payments.lateness(actor=actor, county=county, on=on, by_township=True, cycle_id=cycle)
        if of_one
        else ()
    )
    context = {
        "form": form, "county_name": name, "tabs": shown.tabs(request, "lateness"),
        "may_money": people.may(actor.role, "budget.read"), "on": on,
        "table": _table(rows, Words("各期", "Cycles"), url=_url(request)), "figures": _figures(rows),
        "chart": _chart(rows) if rows else None,
        "towns": _towns(towns, of_one[0]) if of_one else None,
    }  # fmt: skip
    return render(request, "budgets/lateness.html", context)


def _url(request: HttpRequest) -> str:
    kept = {name: request.GET[name] for name in ("county", "on") if request.GET.get(name)}
    return f"{reverse('lateness')}?{urlencode(kept)}&" if kept else f"{reverse('lateness')}?"


def name_of(one: payments.Lateness) -> Words:
    """A row's period by its name."""
    return period_words(one)


def _row(one: payments.Lateness) -> dict[str, Any]:
    month = one.payment_month
    return {
        "period": name_of(one), "township": one.township_name, "month": f"{month.year}-{month.month:02d}",
        "lines": one.lines, "fen": one.fen, "paid": one.paid, "paid_fen": one.paid_fen,
        "arrears_fen": one.arrears_fen or None, "late": one.late or None, "days_middle": one.days_middle,
        "days_most": one.days_most, "waiting_days": one.waiting_days or None,
    }  # fmt: skip


def _table(rows: Sequence[payments.Lateness], caption: Words, *, url: str) -> Table:
    listed = [_row(one) | {"url": f"{url}cycle={one.cycle_id}#towns"} for one in rows]
    return Table(
        caption, without(_COLUMNS, "township"), listed, empty=Words("还没有发放过", "Nothing was paid yet")
    )


def _towns(rows: Sequence[payments.Lateness], whole: payments.Lateness) -> Table:
    words = name_of(whole)
    caption = Words(
        f"{words.zh}分乡镇（按区划代码顺序，不排名）",
        f"{words.en} by township (in the order of codes, not ranked)",
    )
    return Table(caption, without(_COLUMNS, "period", "month"), [_row(one) for one in rows])


def _figures(rows: Sequence[payments.Lateness]) -> list[Figure]:
    owed = sum(one.arrears_fen for one in rows)
    waiting = max((one.waiting_days for one in rows if one.arrears_fen), default=0)
    late = sum(one.late for one in rows)
    return [
        Figure(Words("拖欠未发", "In arrears"), owed, "yuan", YUAN, tone="bad" if owed else "ok"),
        Figure(Words("最久已等", "Waiting longest"), waiting, "number", DAYS, tone="warn" if waiting else ""),
        Figure(Words("超期笔数（各期合计）", "Late lines, all cycles"), late, "number",
               note=Words("发放月份之后才到账，或到期还没有到账", "paid after the month of payment, or not yet")),
    ]  # fmt: skip


def _chart(rows: Sequence[payments.Lateness]) -> Chart:
    """The quarters from left to right: the middle wait as a bar, the longest as a line; what waits still, hollow."""
    ordered = sorted(rows, key=lambda one: (one.end, one.rhythm))
    every = max(1, -(-len(ordered) // _MOST_LABELS))
    bars = [
        Bar(
            _short(one.end) if place % every == 0 else "",
            one.days_middle if one.days_middle is not None else one.waiting_days,
            one.days_most, one.days_middle is None,
        )
        for place, one in enumerate(ordered)
    ]  # fmt: skip
    title = Words("期末到到账的天数", "Days from the end of the period to the payment")
    text = Words("柱：中位数；细线：最长；空心：还没有到账，已等的天数",
                 "bar: the middle; thin line: the longest; hollow: nothing paid yet, days waited")  # fmt: skip
    columns = tuple(
        one for one in _COLUMNS if one.name in ("period", "days_middle", "days_most", "waiting_days")
    )
    data = Table(title, tuple(Column(one.name, one.label, one.kind, unit=one.unit) for one in columns),
                 [_row(one) for one in ordered], hide_caption=True)  # fmt: skip
    return Chart(title, bars_of(bars), data, text)


def _short(end: date) -> str:
    last = end - timedelta(days=1)
    return f"{last.year}Q{-(-last.month // 3)}"
