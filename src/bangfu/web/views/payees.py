"""Accounts of households: looked for, entered by the bank's file, corrected by request alone; masked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.words import Words, said
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Figure, Table
from bangfu.web.templatetags.bangfu import chip
from bangfu.web.views import payment_files_shown as files_shown
from bangfu.web.views import payment_forms as given
from bangfu.web.views.doing import actor_of, posted
from bangfu.web.views.lending_forms import put
from bangfu.web.views.registry import Reason
from bangfu.web.views.registry_shown import ALL, area_choices, page_of, pager
from bangfu.web.views.subsidies_shown import without

Home = tuple[str, str, str, int]  # household, head, place, loans
_SOURCES = {
    "file": Words("银行文件", "the bank's file"), "request": Words("变更申请", "a request"),
    "finance": Words("财政登记", "finance"), "demo": Words("演示", "demonstration"),
}  # fmt: skip


class Find(forms.Form):
    """Whose account."""

    name = forms.CharField(
        label=said("户主姓名或拼音", "Head, in characters or pinyin"), required=False, max_length=64
    )
    household = forms.CharField(label=said("户编号", "Household"), required=False, max_length=64)
    area = forms.ChoiceField(label=said("乡镇、村", "Place"), required=False)

    def __init__(self, *given_: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*given_, **more)
        self.fields["area"].choices = [ALL, *area_choices(registry.tree(actor=actor))]  # type: ignore[attr-defined]


_COLUMNS = (
    Column("head", Words("户主", "Head"), link="url"),
    Column("household_id", Words("户编号", "Household"), narrow=True),
    Column("place", Words("乡镇、村", "Place")),
    Column("holder", Words("持卡人", "Holder")),
    Column("account", Words("账号", "Account"), "html", narrow=True),
    Column("bank", Words("开户行", "Bank")),
    Column("source", Words("来源", "Entered by")),
    Column("since", Words("自", "Since"), "day"),
    Column("do", Words("办理", "Act"), link="ask"),
)
_NONE = Chip("warn", Words("没有登记", "none"))
_ASK = Words("申请更正", "ask for another")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The households in scope with the account their subsidy goes to."""
    actor = actor_of(request)
    people.require(actor, "household.read")
    form = Find(request.GET, actor=actor)
    told = form.cleaned_data if form.is_valid() else {}
    homes, pages = _homes(actor, told, page_of(request))
    stand = {
        one.household_id: one
        for one in payments.accounts(actor=actor, household_ids=[key for key, *_ in homes])
    }
    ask, show = people.may(actor.role, "payee.request"), people.may(actor.role, "personal.reveal")
    rows = [_row(home, stand.get(home[0]), ask=ask, show=show) for home in homes]
    absent = [] if ask else ["do"]
    absent += [name for name in ("bank", "since") if not any(row[name] for row in rows)]
    empty = Words("没有符合条件的农户", "No household fits")
    table = Table(Words("收款账户", "Accounts"), without(_COLUMNS, *absent), rows, pager=pages, empty=empty)
    context = {"form": form, "table": table, "may_write": people.may(actor.role, "payee.write")}
    return render(request, "payees/list.html", context)


def _homes(actor: Actor, told: dict[str, Any], page: int) -> tuple[list[Home], Any]:
    """The one that is named, or a page of those that fit."""
    if wanted := str(told.get("household") or "").strip():
        names = registry.household_names([wanted], on=actor.on)
        home = registry.household(actor=actor, household_id=wanted) if wanted in names else None
        return ([(wanted, home.head_name, home.place, len(home.loans))] if home else []), None
    asked = registry.Wanted(area=told.get("area", ""), name=told.get("name", ""), sort="area")
    found = registry.households(actor=actor, wanted=asked, page=page)
    homes = [(one.household_id, one.head_name, one.place, one.loans) for one in found.rows]
    return homes, pager(found.page, found.pages, found.total)


def _row(home: Home, one: payments.AccountView | None, *, ask: bool, show: bool) -> dict[str, Any]:
    household, head, place, loans = home
    return {
        "head": head, "url": reverse("household", args=(household,)), "household_id": household, "place": place,
        "holder": one.holder_name if one else "", "account": _account(household, one, show=show, borrows=bool(loans)),
        "bank": one.bank_name if one else "", "source": _SOURCES.get(one.source, one.source) if one else "",
        "since": one.valid_from if one else None, "do": _ASK,
        "ask": reverse("household-ask", args=(household, payments.CHANGE.code)) if ask else "",
    }  # fmt: skip


def _account(
    household: str, one: payments.AccountView | None, *, show: bool, borrows: bool
) -> SafeString | None:
    if one is None:
        return chip(_NONE.tone, _NONE.label) if borrows else None
    if not show:
        return format_html('<span class="value">{}</span>', one.masked)
    url = reverse("payee-show", args=(household,))
    return format_html(
        '<span class="masked"><span class="value">{}</span> <a href="{}">{}</a></span>', one.masked, url,
        Words("查看", "show"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, household_id: str) -> HttpResponse:
    """A number in the clear: asked for with a reason, shown once on the answer."""
    actor = actor_of(request)
    one = payments.account_of(actor=actor, household_id=household_id)
    if one is None:
        raise Refused("not_in_scope")
    form, value = Reason(posted(request)), ""
    if request.method == "POST" and form.is_valid():
        try:
            value = people.reveal(
                actor=actor, table_name="casework_payee_account", row_id=household_id, field="account_number",
                datum_id=one.account_id, reason=form.cleaned_data["reason"], scope_area=one.village,
            )  # fmt: skip
        except Refused as refused:
            if refused.field not in form.fields:
                raise
            put(form, refused)
    context = {
        "form": form,
        "value": value,
        "name": one.holder_name,
        "household_id": household_id,
        "url": request.path,
    }
    return render(request, "registry/reveal.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def bank_file(request: HttpRequest) -> HttpResponse:
    """A bank's file of its households' accounts: tried with every bad row named, then taken; it only adds."""
    actor = actor_of(request)
    people.require(actor, "payee.write")
    doing = request.POST.get("do", "")
    form = given.Upload(posted(request), request.FILES or None)
    found = None
    if form.is_bound and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            if doing in ("take", "leave_out"):
                found = payments.take_account_file(
                    actor=actor, content=content, leave_out=doing == "leave_out"
                )
            else:
                found = payments.try_account_file(actor=actor, content=content)
        except Refused as refused:
            if refused.code == "not_your_role":
                raise
            put(form, refused)
        else:
            if doing == "leave_out" or (doing == "take" and not found.bad):
                tell(request, "ok", _entered(found))
                return HttpResponseRedirect(reverse("payees"))
    context = {
        "form": form, "found": found, "taking": doing == "take",
        "problems": files_shown.problems_table(found.problems) if found and found.problems else None,
        "figures": _figures(found) if found else (),
    }  # fmt: skip
    bad = form.errors or (found is not None and found.bad)
    return render(request, "payees/file.html", context, status=422 if bad else 200)


def _entered(found: payments.AccountFile) -> Words:
    return Words(
        f"已登记 {found.added} 户，原有 {found.known} 户不变。",
        f"{found.added} accounts are entered; {found.known} stood already.",
    )


def _figures(found: payments.AccountFile) -> list[Figure]:
    return [
        Figure(Words("行数", "Rows"), found.rows), Figure(Words("新登记", "New"), found.added),
        Figure(Words("已有、相同", "Known already"), found.known),
        Figure(Words("有误", "Bad rows"), len(found.bad), tone="bad" if found.bad else ""),
    ]  # fmt: skip
