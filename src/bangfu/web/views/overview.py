"""What those find at home who watch over lending and decide little: how things stand in their scope, with the ways in.

Only sums of the whole scope, regimes apart: places are never ranked by what they lend (CN2026-4.1, LD2021-3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.lending import api as lending
from bangfu.casework.origination import api as origination
from bangfu.casework.registry import api as registry
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words
from bangfu.rules.breaker.rule import SUSPENDED, UNDETERMINED
from bangfu.web.parts import Figure, Link, Table
from bangfu.web.sources import site
from bangfu.web.views.lending_shown import totals_table

__all__ = ["Overview", "overview"]


@dataclass(frozen=True)
class Overview:
    """How things stand: figures that open what lies behind them, sums by regime, further ways to go."""

    figures: list[Figure]
    totals: Table
    actions: list[Link]


def overview(actor: Actor) -> Overview:
    """The overview of one who watches (``navigation.WATCHERS``): a fixed number of questions, and one more a lender."""
    sums = lending.totals(actor=actor, asked=lending.LoanFilter())
    figures = [_breaker(actor), _applications(actor), _filings(actor), _requests(actor)]
    if actor.role == "regulator":
        figures.insert(1, _lead_banks(actor))
    if actor.role == "auditor":
        figures += [_acts(actor), _anchor(actor)]
    actions = {
        "finance": [Link(Words("试算贴息", "Subsidy of a period"), reverse("loans-subsidy"), "count")],
        "auditor": [Link(Words("核验记录链", "Verify the chain"), reverse("trail-verify"), "shield")],
    }
    return Overview(figures, totals_table(sums, actor.on), actions.get(actor.role, []))


def _breaker(actor: Actor) -> Figure:
    found = [one.state for one in lending.breakers(actor=actor)]
    suspended, unset = found.count(SUSPENDED), found.count(UNDETERMINED)
    note = Words(f"共 {len(found)} 处；标准未定 {unset} 处", f"of {len(found)}; no standard set: {unset}")
    return Figure(
        Words("熔断，暂停发放", "Lending suspended"), suspended, note=note, url=reverse("breaker"),
        tone="bad" if suspended else "ok",
    )  # fmt: skip


def _applications(actor: Actor) -> Figure:
    whole, late = origination.under_way(actor=actor)
    note = Words(f"其中超期 {late} 件", f"of these late: {late}")
    return Figure(
        Words("在办贷款申请", "Applications under way"), whole, note=note,
        url=f"{reverse('applications')}?state=live", tone="warn" if late else "",
    )  # fmt: skip


def _filings(actor: Actor) -> Figure:
    last = actor.on.replace(day=1) - timedelta(days=1)
    found = origination.filed(actor=actor, month=last)
    told = [(origination.FILING_KINDS[kind], count) for kind, count in found.items()]
    note = Words(
        "，".join(f"{kind.zh} {count}" for kind, count in told) or "尚未报送",
        "; ".join(f"{kind.en}: {count}" for kind, count in told) or "none yet",
    )
    label = Words(f"{last.year}年{last.month}月报备与清单", f"Filings and lists of {last:%Y-%m}")
    return Figure(label, sum(found.values()), note=note, url=reverse("filings"))


def _requests(actor: Actor) -> Figure:
    found = requests.listed(actor=actor, state=requests.OPEN, size=1)
    return Figure(
        Words("待审批的变更申请", "Requests to be decided"), found.total, url=f"{reverse('requests')}?state=open"
    )  # fmt: skip


def _lead_banks(actor: Actor) -> Figure:
    without = [one for one in registry.lead_banks(actor=actor) if not one.institution_id]
    return Figure(
        Words("没有主责任银行的乡镇", "Townships without a lead bank"), len(without),
        note="、".join(one.township_name for one in without[:3]), url=reverse("institutions"),
        tone="warn" if without else "ok",
    )  # fmt: skip


def _acts(actor: Actor) -> Figure:
    return Figure(Words("今天的操作", "Acts today"), trail.counted_on(actor.on), url=reverse("trail"))


def _anchor(actor: Actor) -> Figure:
    last = next(iter(trail.anchors(site().anchors)), None)
    late = last is None or last.day < actor.on - timedelta(days=1)
    return Figure(
        Words("最近锚点", "Last anchor"), last.day if last else None, "day", url=reverse("trail-verify"),
        tone="warn" if late else "ok",
    )  # fmt: skip
