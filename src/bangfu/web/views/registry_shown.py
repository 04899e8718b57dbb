"""What the registry's pages show, put into the shapes of the components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from bangfu.casework.origination import api as origination
from bangfu.casework.registry import api as registry
from bangfu.casework.registry.api import Happened
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words, said
from bangfu.money.fen import format_yuan
from bangfu.web.code_words import words_of
from bangfu.web.fields import DayField
from bangfu.web.parts import Chip, Column, Fact, Happening, Pager, Tone
from bangfu.web.views.lending_shown import event_value

ALL = ("", Words("全部", "All"))
REQUEST_STATES: Mapping[str, Chip] = {
    "open": Chip("wait", Words("待审批", "open")),
    "approved": Chip("ok", Words("已批准", "approved")),
    "refused": Chip("bad", Words("未批准", "refused")),
    "withdrawn": Chip("off", Words("已撤回", "withdrawn")),
}


class Purpose(forms.Form):
    """What a list is taken for: stands in its first line and in the trail."""

    purpose = forms.CharField(label=said("用途", "Purpose"), max_length=200)


class AsOf(forms.Form):
    """A day, and a moment of knowledge."""

    on = DayField(label=said("截至日期", "As of"), required=False)
    known = forms.DateTimeField(
        label=said("按当时所知", "As known at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "width": "short"}, format="%Y-%m-%dT%H:%M"
        ),
    )


def as_of(form: forms.Form) -> tuple[date | None, datetime | None]:
    """The day and the moment of a form that was read; wrong ones are left out."""
    form.is_valid()
    return form.cleaned_data.get("on"), form.cleaned_data.get("known")


def page_of(request: HttpRequest) -> int:
    """``?page=``, from 1."""
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1  # noqa: PLR2004 - a million pages


def pager(page: int, pages: int, total: int) -> Pager:
    """Where a list stands."""
    return Pager(page, pages, total)


def address(name: str, *args: object) -> str:
    """The address of a view; empty where it is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def area_choices(nodes: Iterable[registry.AreaNode], depth: int = 0) -> list[tuple[str, str]]:
    """Places as choices, those below set in."""
    out: list[tuple[str, str]] = []
    for node in nodes:
        out.append((node.code, "　" * depth + node.name))
        out += area_choices(node.below, depth + 1)
    return out


def stage_words(code: str) -> Words:
    """Where an application stands; the code itself where it is none of ours."""
    known = origination.STATES.get(code)
    return known.words if known else Words(code, code)


def categories(codes: Iterable[str]) -> str:
    """The lists a household is on, in words."""
    return "、".join(str(words_of(code, "category")) for code in codes)


HOUSEHOLD_COLUMNS = (
    Column("head_name", Words("户主", "Head"), sort="pinyin", link="url"),
    Column("household_id", Words("户编号", "Household"), sort="id", narrow=True),
    Column("place", Words("乡镇、村", "Place"), sort="area"),
    Column("lists", Words("名单", "Lists")),
    Column("members", Words("人口", "Members"), kind="number"),
    Column("loans", Words("贷款", "Loans"), kind="number"),
    Column("balance_fen", Words("余额", "Balance"), kind="yuan", unit=Words("元", "yuan")),
)
ROSTER_COLUMNS = (
    Column("head_name", Words("户主", "Head"), link="url"),
    Column("household_id", Words("户编号", "Household"), narrow=True),
    Column("place", Words("乡镇、村", "Place")),
    Column("category", Words("名单", "List"), kind="word", words="category"),
    Column("listed_on", Words("列入", "Listed on"), kind="day", narrow=True),
    Column("left_on", Words("退出", "Left on"), kind="day", narrow=True),
    Column("left_reason", Words("退出原因", "Reason"), kind="word", words="left_reason"),
)
LOAN_COLUMNS = (
    Column("loan_id", Words("贷款编号", "Loan"), link="url"),
    Column("product", Words("产品（新旧政策分列）", "Product (regimes apart)"), kind="word", words="product"),
    Column("lender", Words("贷款机构", "Lender")),
    Column("borrower", Words("借款人", "Borrower")),
    Column("contract_on", Words("签约", "Signed"), kind="day", narrow=True),
    Column("matures_on", Words("到期", "Due"), kind="day", narrow=True),
    Column("rate_e8", Words("年利率", "Rate"), kind="percent"),
    Column("principal_fen", Words("本金", "Principal"), kind="yuan", unit=Words("元", "yuan")),
    Column("balance_fen", Words("余额", "Balance"), kind="yuan", unit=Words("元", "yuan")),
)
REQUEST_COLUMNS = (
    Column("kind", Words("事项", "Request"), link="url"),
    Column("about", Words("对象", "About")),
    Column("asked_name", Words("申请人", "Asked by")),
    Column("asked_at", Words("申请时间", "Asked"), kind="moment", narrow=True),
    Column("state", Words("状态", "State"), kind="chip", narrow=True),
    Column("decided_name", Words("审批人", "Decided by")),
)


def request_rows(found: Iterable[requests.RequestView], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Requests as rows of a table."""
    known = requests.kinds()
    return [
        {
            "kind": known[one.kind].words if one.kind in known else one.kind,
            "about": names.get(one.subject[1], one.subject[1]),
            "asked_name": one.asked_name,
            "asked_at": one.asked_at,
            "state": REQUEST_STATES[one.state],
            "decided_name": one.decided_name,
            "url": address("request", one.id),
        }
        for one in found
    ]


def household_facts(home: registry.HouseholdView) -> list[Fact]:
    """What stands at the top of a household's file."""
    return [
        Fact(Words("户编号", "Household"), home.household_id),
        Fact(Words("户主", "Head"), home.head_name),
        Fact(Words("所在村", "Village"), home.place, note=home.area_code),
        Fact(Words("住址", "Address"), home.address),
        Fact(Words("名单", "Lists"), categories(home.categories) or Words("不在册", "on no list")),
        Fact(Words("人口", "Members"), sum(one.deceased_on is None for one in home.members), "number"),
        Fact(Words("劳动力", "Of working age"), home.labour_count, "number"),
        Fact(Words("致贫原因", "Cause of poverty"), home.poverty_cause, "word", "poverty_cause"),
        Fact(Words("主责任银行", "Lead bank"), home.lead_bank, clauses=("CN2021-4.3",)),
        Fact(Words("小额信贷余额", "Balance owed"), _yuan(home.balance_fen)),
    ]


_TOLD: Mapping[str, tuple[Tone, Words]] = {
    "listed": ("ok", Words("列入{code}", "Listed as {code}")),
    "left": ("warn", Words("退出{code}（{more}）", "No longer listed as {code} ({more})")),
    "born": ("info", Words("出生：{about}", "Born: {about}")),
    "came": ("info", Words("迁入成员：{about}", "{about} enters")),
    "went": ("info", Words("迁出成员：{about}", "{about} leaves")),
    "died": ("warn", Words("死亡：{about}", "{about} dies")),
    "placed": ("info", Words("登记于{code}", "Registered in {code}")),
    "signed": ("ok", Words("签约 {about}（{code}）", "{about} signed ({code})")),
    "event": ("info", Words("{code} {about}{more}", "{code} {about}{more}")),
    "stage": ("info", Words("申请 {about}：{code}", "Application {about}: {code}")),
    "rated": ("info", Words("信用评级 {code}", "Credit rating {code}")),
    "asked": ("wait", Words("提出申请：{code}", "Asked: {code}")),
    "decided": ("info", Words("{more}：{code}", "{more}: {code}")),
}
_SETS = {"listed": "category", "left": "category", "signed": "product", "event": "event_kind"}


def happenings(found: Sequence[Happened], *, on: date) -> list[Happening]:
    """A household's timeline in words."""
    places = registry.places_of({one.code for one in found if one.kind == "placed"}, on=on)
    return [_happening(one, places) for one in found]


def _happening(one: Happened, places: Mapping[str, str]) -> Happening:
    tone, form = _TOLD[one.kind]
    code = _code(one, places)
    more = _more(one)
    title = Words(
        form.zh.format(code=code.zh, about=one.about, more=more.zh),
        form.en.format(code=code.en, about=one.about, more=more.en),
    )
    text = "" if one.amount_fen is None else _yuan(one.amount_fen)
    who = one.about if one.kind in {"asked", "decided"} else ""
    return Happening(one.on, title, text, who=who, tone=tone, url=_link(one))


def _code(one: Happened, places: Mapping[str, str]) -> Words:
    if one.kind in _SETS:
        return words_of(one.code, _SETS[one.kind])
    if one.kind == "stage":
        return stage_words(one.code)
    if one.kind in {"asked", "decided"}:
        known = requests.kinds().get(one.code)
        return known.words if known else Words(one.code, one.code)
    place = places.get(one.code, one.code)
    return Words(place, place)


def _more(one: Happened) -> Words:
    if one.kind == "left":
        return words_of(one.more, "left_reason")
    if one.kind == "decided" and one.more in REQUEST_STATES:
        return REQUEST_STATES[one.more].label  # type: ignore[return-value]
    told = event_value(one.code, one.more) if one.kind == "event" else one.more
    told = f" · {told}" if one.kind == "event" and told else told
    return Words(told, told)


def _link(one: Happened) -> str:
    if one.kind in {"signed", "event"}:
        return address("loan", one.about)
    return address("application", one.about) if one.kind == "stage" else ""


def _yuan(fen: int) -> Words:
    told = format_yuan(fen, grouped=True)
    return Words(f"{told} 元", f"{told} yuan")
