"""The breaker as it governs today, lender by lender, for those who watch over lending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bangfu.casework.lending import api as lending
from bangfu.casework.registry import api as registry
from bangfu.casework.words import Words
from bangfu.rules.breaker.rule import OPEN, SUSPENDED, UNDETERMINED
from bangfu.web.parts import Chip, Column, Figure, Table

__all__ = ["STATES", "breaker", "counted"]

STATES: Mapping[str, Chip] = {
    SUSPENDED: Chip("bad", Words("暂停发放", "suspended")),
    UNDETERMINED: Chip("warn", Words("标准未定", "no standard set")),
    OPEN: Chip("ok", Words("未熔断", "lending goes on")),
}
_COLUMNS = (
    Column("state", Words("状态", "State"), "chip", narrow=True),
    Column("product", Words("政策", "Regime")),
    Column("lender", Words("贷款人", "Lender")),
    Column("branch", Words("网点", "Branch")),
    Column("place", Words("地点", "Place")),
    Column("npl_e8", Words("不良率", "Bad loans"), "percent"),
    Column("overdue_e8", Words("逾期率", "Overdue"), "percent"),
    Column("threshold_e8", Words("熔断线", "Threshold"), "percent"),
    Column("since", Words("状态自", "Since"), "day"),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)


@require_safe
def breaker(request: HttpRequest) -> HttpResponse:
    """Every lender's breaker at the last evaluation, suspended ones first."""
    actor = request.actor  # type: ignore[attr-defined]
    found = lending.breakers(actor=actor)
    places = registry.places_of([one.area_code for one in found], on=actor.on)
    rows = [
        {
            **vars(one),
            "state": STATES[one.state],
            "product": lending.PRODUCT_WORDS.get(one.product, one.product),
            "branch": one.branch or Words("各网点合计", "all branches"),
            "place": places.get(one.area_code, one.area_code),
            "threshold_e8": one.threshold_e8 or None,
        }
        for one in found
    ]
    days = [one.evaluated_on for one in found if one.evaluated_on is not None]
    table = Table(
        Words("熔断状态", "The breaker"),
        _COLUMNS,
        rows,
        empty=Words("还没有贷款余额", "Nothing has been lent yet"),
    )
    context = {"figures": counted(found), "table": table, "evaluated_on": max(days, default=None)}
    return render(request, "lending/breaker.html", context)


def counted(found: Sequence[lending.BreakerView]) -> list[Figure]:
    """How many stand in each state; a state in which nobody stands alarms nobody."""
    counts = {code: sum(one.state == code for one in found) for code in STATES}
    return [
        Figure(STATES[code].label, count, tone=STATES[code].tone if count else "")
        for code, count in counts.items()
    ]
