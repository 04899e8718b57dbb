"""Rosters as of a day, what changed between two days, the quarterly delivery to the lead banks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.words import Words, said
from bangfu.web.code_words import choices, words_of
from bangfu.web.fields import DayField
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Fact, Table
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.registry_shown import (
    ALL,
    ROSTER_COLUMNS,
    AsOf,
    Purpose,
    address,
    area_choices,
    as_of,
    page_of,
    pager,
)


class Filter(AsOf):
    """The bar above the rosters."""

    area = forms.ChoiceField(label=said("乡镇、村", "Place"), required=False)
    category = forms.ChoiceField(label=said("名单", "List"), required=False)
    field_order = ("area", "category", "on", "known")

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["area"].choices = [ALL, *area_choices(registry.tree(actor=actor))]  # type: ignore[attr-defined]
        self.fields["category"].choices = [ALL, *choices("category")]  # type: ignore[attr-defined]


@require_safe
def rosters(request: HttpRequest) -> HttpResponse:
    """Who is on which list, and how many by township, in code order."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "roster.read")
    form = Filter(request.GET, actor=actor)
    on, known = as_of(form)
    told = form.cleaned_data
    area, category = told.get("area", ""), told.get("category", "")
    page = registry.roster(
        actor=actor, on=on, known_at=known, area=area, category=category, page=page_of(request)
    )
    table = Table(
        Words("名单", "Rosters"),
        ROSTER_COLUMNS,
        _lines(page.rows),
        pager=pager(page.page, page.pages, page.total),
        empty=_NO_ROSTER,
    )
    context = {
        "form": form, "table": table, "counts": _counts(registry.counts(actor=actor, on=on, known_at=known, area=area)),
        "purpose": Purpose(), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "registry/rosters.html", context)


_NO_ROSTER = Words(
    "没有符合条件的名单。名单由县局导入；个别农户在其“一户一档”申请列入。",
    "No household fits. The bureau imports the rosters; a single household is asked for on its own page.",
)


def _lines(found: tuple[registry.RosterLine, ...]) -> list[dict[str, Any]]:
    names = ("head_name", "household_id", "place", "category", "listed_on", "left_on", "left_reason")
    return [
        {name: getattr(row, name) for name in names} | {"url": reverse("household", args=(row.household_id,))}
        for row in found
    ]


def _counts(found: Sequence[registry.RosterCount]) -> Table:
    counted: dict[str, dict[str, int]] = {}
    for one in found:
        counted.setdefault(one.township, {})[one.category] = one.households
    names = {one.township: one.name for one in found}
    return _by_township(Words("各乡镇户数", "Households by township"), counted, names)


def _by_township(caption: Words, counted: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> Table:
    """Townships in code order with their sum; no row is marked as first or last."""
    used = [code for code, _ in choices("category") if any(code in row for row in counted.values())]
    columns = [
        Column("name", Words("乡镇", "Township")),
        *(
            Column(code, words_of(code, "category"), kind="number", unit=Words("户", "households"))
            for code in used
        ),
    ]
    rows = [
        {"name": names.get(code, code)} | {category: row.get(category, 0) for category in used}
        for code, row in sorted(counted.items())
    ]
    sums = {category: sum(row.get(category, 0) for row in counted.values()) for category in used}
    totals = {"name": Words("合计", "Total"), **sums}
    return Table(caption, columns, rows, totals=totals if used else None, empty=_NO_ROSTER)


@require_POST
def rosters_export(request: HttpRequest) -> HttpResponse:
    """The rosters with their filter, as XLSX."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = Filter(request.GET, actor=actor)
    on, known = as_of(form)
    told, purpose = form.cleaned_data, Purpose(request.POST)
    if not purpose.is_valid():
        raise Refused("reason_missing", field="purpose")
    taken = registry.roster_file(
        actor=actor, purpose=purpose.cleaned_data["purpose"], on=on, known_at=known, area=told.get("area", ""),
        category=told.get("category", ""),
    )  # fmt: skip
    return attached(taken.content, name=taken.name, media_type=XLSX)


class TwoDays(forms.Form):
    """Two days of a roster."""

    earlier = DayField(label=said("起始日期", "Earlier day"))
    later = DayField(label=said("截止日期", "Later day"))


@require_safe
def difference(request: HttpRequest) -> HttpResponse:
    """Who came on a list and who left it between two days."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "roster.read")
    form = TwoDays(request.GET or None)
    found = None
    if form.is_valid():
        found = registry.difference(
            actor=actor, earlier=form.cleaned_data["earlier"], later=form.cleaned_data["later"]
        )
    context = {
        "form": form,
        "came": found
        and Table(Words("新列入", "Came on a list"), ROSTER_COLUMNS, _lines(found.came), empty=_NOBODY),
        "left": found
        and Table(Words("已退出", "Left a list"), ROSTER_COLUMNS, _lines(found.left), empty=_NOBODY),
    }
    return render(request, "registry/difference.html", context)


_NOBODY = Words("两日之间没有变化", "Nobody between the two days")


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """The quarter's deliveries: to which bank made, acknowledged or late; and those before."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "roster.read")
    quarter = registry.due(actor=actor)
    columns = (
        Column("bank", Words("接收银行", "Bank"), link="url"),
        Column("as_of", Words("名单日期", "As of"), kind="day"),
        Column("households", Words("户次", "Entries"), kind="number"),
        Column("delivered", Words("提供人", "Delivered by")),
        Column("at", Words("提供时间", "Delivered"), kind="moment"),
        Column("state", Words("状态", "State"), kind="chip"),
    )
    rows = [
        {"bank": one.bank, "as_of": one.as_of, "households": one.households, "delivered": one.delivered_name,
         "at": one.at, "state": _state(one), "url": reverse("delivery", args=(one.id,))}
        for one in registry.deliveries(actor=actor)
    ]  # fmt: skip
    context = {
        "due": [(one, _state(one.delivery) if one.delivery else _MISSING[one.late]) for one in quarter],
        "as_of": registry.quarter_day(actor.on),
        "may_deliver": people.may(actor.role, "roster.deliver"),
        "table": Table(Words("历次提供", "All deliveries"), columns, rows, empty=_NONE_YET),
    }
    return render(request, "registry/deliveries.html", context)


_NONE_YET = Words(
    "还没有提供过名单。县局在上表逐家提供后，每一期的名单、签收单都留在这里。",
    "None yet. Once the bureau delivers to a bank above, every version stays here with its receipt.",
)
_MISSING = {
    False: Chip("wait", Words("未提供", "not delivered")),
    True: Chip("bad", Words("季初 10 日后仍未提供", "not delivered 10 days into the quarter")),
}


def _state(one: registry.Delivery) -> Chip:
    if one.acknowledged_at is None:
        return Chip("warn", Words("待签收", "not acknowledged"))
    return Chip("ok", Words("已签收", "acknowledged"))


@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery with its files and its acknowledgement."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "roster.read")
    found = registry.deliveries(actor=actor, delivery_id=delivery_id)
    if not found:
        raise Refused("not_in_scope")
    (one,) = found
    facts = [
        Fact(Words("接收银行", "Bank"), one.bank),
        Fact(Words("名单日期", "As of"), one.as_of, "day"),
        Fact(Words("提供人", "Delivered by"), one.delivered_name),
        Fact(Words("提供时间", "Delivered"), one.at, "moment"),
        Fact(Words("签收人", "Acknowledged by"), one.acknowledged_name or Words("尚未签收", "nobody yet")),
        Fact(Words("签收时间", "Acknowledged"), one.acknowledged_at, "moment"),
    ]
    mine = one.institution_id in actor.scope.institutions and people.may(actor.role, "delivery.acknowledge")
    context = {
        "one": one, "facts": facts, "state": _state(one), "may_acknowledge": mine and one.acknowledged_at is None,
        "counts": _by_township(
            Words("名单户次（按乡镇）", "Entries by township"), one.counts,
            registry.names_of(one.counts, on=one.as_of),
        ),
        "list_url": address("file", one.file_id), "paper_url": address("file", one.paper_id),
        "subject": f"delivery:{one.id}",
    }  # fmt: skip
    return render(request, "registry/delivery.html", context)


@require_POST
def deliver(request: HttpRequest) -> HttpResponse:
    """Make the quarter's delivery to a bank."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    made = registry.deliver(actor=actor, institution_id=request.POST.get("institution_id", "")[:64])
    tell(request, "ok", Words("名单已提供，等待银行签收。", "Delivered; the bank has to acknowledge it."))
    return HttpResponseRedirect(reverse("delivery", args=(made.id,)))


@require_POST
def acknowledge(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The bank has it."""
    registry.acknowledge(actor=request.actor, delivery_id=delivery_id)  # type: ignore[attr-defined]
    tell(request, "ok", Words("已签收。", "Acknowledged."))
    return HttpResponseRedirect(reverse("delivery", args=(delivery_id,)))
