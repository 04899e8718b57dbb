"""Households, places, institutions, lead banks: lists, the file of a household, what may be taken away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.requests import api as requests
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words, said
from bangfu.web.code_words import choices
from bangfu.web.fields import DayField
from bangfu.web.parts import Column, Table
from bangfu.web.views import subsidy_lines_shown
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.registry_shown import (
    ALL,
    HOUSEHOLD_COLUMNS,
    LOAN_COLUMNS,
    REQUEST_COLUMNS,
    AsOf,
    Purpose,
    address,
    area_choices,
    as_of,
    categories,
    happenings,
    household_facts,
    page_of,
    pager,
    request_rows,
    stage_words,
)


class Filter(AsOf):
    """The bar above the list of households."""

    name = forms.CharField(
        label=said("户主姓名或拼音", "Head, in characters or pinyin"), required=False, max_length=64
    )
    area = forms.ChoiceField(label=said("乡镇、村", "Place"), required=False)
    category = forms.ChoiceField(label=said("名单", "List"), required=False)
    field_order = ("name", "area", "category", "on", "known")

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        none = ("none", Words("不在册", "On no list"))
        self.fields["area"].choices = [ALL, *area_choices(registry.tree(actor=actor))]  # type: ignore[attr-defined]
        self.fields["category"].choices = [ALL, *choices("category"), none]  # type: ignore[attr-defined]


_NO_HOUSEHOLD = Words(
    "没有符合条件的农户；放宽条件，或清除筛选再看", "No household fits; ask for less, or clear the filter"
)


def _wanted(form: forms.Form, sort: str) -> registry.Wanted:
    on, known = as_of(form)
    told = form.cleaned_data
    return registry.Wanted(
        area=told.get("area", ""), category=told.get("category", ""), name=told.get("name", ""), sort=sort, on=on,
        known_at=known,
    )  # fmt: skip


@require_safe
def households(request: HttpRequest) -> HttpResponse:
    """The households in scope, fifty a page, by pinyin."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "household.read")
    form = Filter(request.GET, actor=actor)
    wanted = _wanted(form, request.GET.get("sort", "pinyin"))
    page = registry.households(actor=actor, wanted=wanted, page=page_of(request))
    rows = [
        {
            "head_name": row.head_name, "household_id": row.household_id, "place": row.place,
            "lists": categories(row.categories), "members": row.members, "loans": row.loans,
            "balance_fen": row.balance_fen, "url": reverse("household", args=(row.household_id,)),
        }
        for row in page.rows
    ]  # fmt: skip
    table = Table(
        Words("农户", "Households"), HOUSEHOLD_COLUMNS, rows, sorted_by=wanted.sort,
        pager=pager(page.page, page.pages, page.total), empty=_NO_HOUSEHOLD,
    )  # fmt: skip
    context = {"form": form, "table": table, "purpose": Purpose(), "query": request.GET.urlencode()}
    return render(request, "registry/households.html", context)


@require_POST
def households_export(request: HttpRequest) -> HttpResponse:
    """The list with its filter, as XLSX."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted = _wanted(Filter(request.GET, actor=actor), request.GET.get("sort", "pinyin"))
    return _file(registry.households_file(actor=actor, wanted=wanted, purpose=_purpose(request)))


@require_safe
def household(request: HttpRequest, household_id: str) -> HttpResponse:
    """One household, one file (一户一档)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = AsOf(request.GET)
    on, known = as_of(form)
    home = registry.household(actor=actor, household_id=household_id, on=on, known_at=known)
    may_ask = people.may(actor.role, "household.request") or people.may(actor.role, "roster.request")
    kinds = requests.kinds()
    context = {
        "home": home,
        "subject": f"household:{household_id}",
        "form": form,
        "facts": household_facts(home),
        "loans": _loans(home, ordinary=False),
        "other_loans": _loans(home, ordinary=True),
        "applications": _applications(home),
        "subsidies": subsidy_lines_shown.about_table(
            subsidies.lines_of_household(actor=actor, household_id=household_id), of_loan=False
        ),
        "ratings": Table(Words("信用评级", "Credit ratings"), _RATINGS, home.ratings, empty=_NO_RATING),
        "listed": Table(Words("名单记录", "Lists"), _LISTED, home.listed, empty=_NEVER_LISTED),
        "asked": Table(
            Words("变更申请", "Requests"),
            REQUEST_COLUMNS,
            request_rows(home.requests, {household_id: home.head_name}),
            empty=Words("没有变更申请", "Nobody asked for a change"),
        ),
        "happenings": happenings(home.timeline, on=actor.on),
        "may_reveal": people.may(actor.role, "personal.reveal"),
        "asks": [
            (reverse("household-ask", args=(household_id, code)), kinds[code].words)
            for code in registry.HOUSEHOLD_KINDS
            if may_ask and people.may(actor.role, kinds[code].ask_act)
        ],
    }
    return render(request, "registry/household.html", context)


_NO_RATING = Words(
    "还没有评级授信；发放贷款前由贷款机构评定", "Not rated yet; the lender rates before it lends"
)
_NEVER_LISTED = Words(
    "从未列入名单；由乡镇申请列入，县局审批", "Never listed; the township asks, the bureau decides"
)
_LISTED = (
    Column("category", Words("名单", "List"), kind="word", words="category"),
    Column("listed_on", Words("列入", "Listed on"), kind="day"),
    Column("left_on", Words("退出", "Left on"), kind="day"),
    Column("left_reason", Words("退出原因", "Reason"), kind="word", words="left_reason"),
)
_RATINGS = (
    Column("rated_on", Words("评定日期", "Rated on"), kind="day"),
    Column("bank", Words("评定机构", "By")),
    Column("grade", Words("等级", "Grade")),
    Column("limit_fen", Words("授信额度", "Limit"), kind="yuan", unit=Words("元", "yuan")),
)
_APPLICATIONS = (
    Column("id", Words("申请编号", "Application"), link="url"),
    Column("state", Words("环节", "Stage")),
    Column("since", Words("自", "Since"), kind="moment"),
    Column("product", Words("产品", "Product"), kind="word", words="product"),
    Column("branch", Words("经办机构", "Branch")),
    Column("amount_fen", Words("申请金额", "Amount"), kind="yuan", unit=Words("元", "yuan")),
)


def _loans(home: registry.HouseholdView, *, ordinary: bool) -> Table:
    rows = [
        {name: getattr(one, name) for name in ("loan_id", "product", "borrower", "contract_on", "matures_on", "rate_e8",
                                               "principal_fen", "balance_fen")}
        | {"lender": one.branch or one.lender, "url": address("loan", one.loan_id)}
        for one in home.loans
        if one.ordinary is ordinary
    ]  # fmt: skip
    words = Words("其他贷款", "Other loans") if ordinary else Words("小额信贷", "Programme loans")
    return Table(words, LOAN_COLUMNS, rows, empty=Words("没有贷款", "No loan"))


def _applications(home: registry.HouseholdView) -> Table:
    rows = [
        {
            "id": one.application_id, "state": stage_words(one.state), "since": one.since,
            "product": one.product, "branch": one.branch, "amount_fen": one.amount_fen,
            "url": address("application", one.application_id),
        }
        for one in home.applications
    ]  # fmt: skip
    empty = Words("没有贷款申请；由经办网点受理", "None; a branch takes applications in")
    return Table(Words("贷款申请", "Applications"), _APPLICATIONS, rows, empty=empty)


class OnDay(forms.Form):
    """A day: codes of places are dated, and known to everybody."""

    on = DayField(label=said("截至日期", "As of"), required=False)


class Reason(forms.Form):
    """Why a number is looked at."""

    reason = forms.CharField(
        label=said("查看理由", "Reason"),
        max_length=200,
        help_text=said("理由将与您的姓名、时间一同留存。", "The reason is kept with your name and the time."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, member_id: str, field: str) -> HttpResponse:
    """A number in the clear: asked for with a reason, shown once on the answer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    household_id, name = registry.member_head(member_id=member_id)
    form = Reason(request.POST or None)
    value = ""
    if request.method == "POST" and form.is_valid():
        try:
            value = registry.reveal_member(
                actor=actor, member_id=member_id, field=field, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            if refused.field not in form.fields:
                raise
            form.add_error(refused.field, forms.ValidationError(said(refused.words.zh, refused.words.en)))
    context = {
        "form": form, "value": value, "name": name, "household_id": household_id, "url": request.path,
        "partial": getattr(request, "htmx", False),
    }  # fmt: skip
    template = "registry/reveal_part.html" if context["partial"] else "registry/reveal.html"
    return render(request, template, context)


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The places in scope, as a tree in code order, and which villages were renamed or merged."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "household.read")
    form = OnDay(request.GET)
    on, _ = as_of(form)
    columns = (
        Column("on", Words("自", "From"), kind="day"),
        Column("old", Words("原", "Before")),
        Column("new", Words("现", "Now")),
        Column("kind", Words("方式", "How")),
    )
    how = {"renamed": Words("更名或改代码", "renamed"), "merged": Words("合并", "merged")}
    rows = [
        {"on": one.on, "old": f"{one.old_name} {one.old_code}", "new": f"{one.new_name} {one.new_code}",
         "kind": how.get(one.kind, one.kind)}
        for one in registry.successions(on=on or actor.on)
    ]  # fmt: skip
    kinds = requests.kinds()
    context = {
        "form": form,
        "tree": registry.tree(actor=actor, on=on),
        "table": Table(Words("更名与合并", "Renamed and merged"), columns, rows, empty=_NEVER_MERGED),
        "asks": [
            (reverse("area-ask", args=(code,)), kinds[code].words)
            for code in registry.AREA_KINDS
            if people.may(actor.role, kinds[code].ask_act)
        ],
    }
    return render(request, "registry/areas.html", context)


_NEVER_MERGED = Words(
    "没有更名或合并的村。村名、代码变动由县局申请，审批后原代码仍可查到。",
    "No village was renamed or merged. The bureau asks for it; the old code is still found afterwards.",
)


@require_safe
def institutions(request: HttpRequest) -> HttpResponse:
    """Banks, branches, and the one lead bank of each township with its filing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "household.read")
    columns = (
        Column("name", Words("名称", "Name")),
        Column("institution_id", Words("编号", "Id"), narrow=True),
        Column("parent_name", Words("上级", "Parent")),
        Column("area_name", Words("网点所在地", "Outlet in")),
        Column("leads", Words("牵头乡镇", "Leads in")),
    )
    rows = [
        {"name": one.name, "institution_id": one.institution_id, "parent_name": one.parent_name,
         "area_name": one.area_name, "leads": "、".join(one.leads)}
        for one in registry.institutions(actor=actor)
    ]  # fmt: skip
    kinds = requests.kinds()
    context = {
        "table": Table(Words("机构", "Institutions"), columns, rows, empty=_NO_PLACES),
        "lead_banks": _lead_banks(actor),
        "purpose": Purpose(),
        "may_ask": people.may(actor.role, kinds["lead_bank.assign"].ask_act),
    }
    return render(request, "registry/institutions.html", context)


_NO_PLACES = Words(
    "没有乡镇和网点。先在“导入”上传行政区划和网点文件。",
    "No townships and branches. Import the file of places and branches first.",
)


def _lead_banks(actor: Actor) -> Table:
    columns = (
        Column("township_name", Words("乡镇", "Township")),
        Column("name", Words("主责任银行", "Lead bank")),
        Column("since", Words("自", "Since"), kind="day"),
        Column("named_by", Words("指定机关", "Named by")),
        Column("filing_number", Words("备案文号", "Filing number")),
        Column("filed_with", Words("备案机关", "Filed with")),
        Column("filed_on", Words("备案日期", "Filed on"), kind="day"),
    )
    return Table(
        Words("主责任银行（一乡镇一家）", "Lead banks, one a township"),
        columns,
        registry.lead_banks(actor=actor),
        empty=_NO_PLACES,
    )


@require_POST
def institutions_export(request: HttpRequest, what: str) -> HttpResponse:
    """Institutions or lead banks as XLSX."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    make = registry.lead_banks_file if what == "lead-banks" else registry.institutions_file
    return _file(make(actor=actor, purpose=_purpose(request)))


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """What was done by township, in code order: no ranking, no target (CN2026-4.1)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "roster.read")
    columns = (
        Column("name", Words("乡镇", "Township")),
        Column("listed", Words("在册户", "Listed"), kind="number"),
        Column("contacted", Words("已对接户", "Contacted"), kind="number"),
        Column("rated", Words("已评级户", "Rated"), kind="number"),
        Column("refused", Words("未批准户", "Refused"), kind="number"),
        Column("lent", Words("已放款户", "Lent to"), kind="number"),
    )
    table = Table(
        Words("名单对接情况", "Contacts with listed households"), columns, registry.coverage(actor=actor)
    )
    return render(request, "registry/coverage.html", {"table": table, "purpose": Purpose()})


@require_POST
def coverage_export(request: HttpRequest) -> HttpResponse:
    """The same as XLSX."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _file(registry.coverage_file(actor=actor, purpose=_purpose(request)))


def _purpose(request: HttpRequest) -> str:
    form = Purpose(request.POST)
    if not form.is_valid():
        raise Refused("reason_missing", field="purpose")
    return str(form.cleaned_data["purpose"])


def _file(taken: registry.Taken) -> HttpResponse:
    return attached(taken.content, name=taken.name, media_type=XLSX)
