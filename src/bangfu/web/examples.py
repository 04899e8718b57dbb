"""Made-up values for the style guide: every component with something in it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

from django import forms

from bangfu.casework.words import Words, said
from bangfu.web.code_words import choices
from bangfu.web.fields import DayField, YuanField
from bangfu.web.parts import (
    Basis,
    Checked,
    Chip,
    Column,
    Duty,
    Fact,
    Figure,
    Flow,
    FlowLine,
    Group,
    Happening,
    Link,
    Pager,
    Step,
    Tab,
    Table,
)

DAY = date(2026, 3, 20)
_ZONE = timezone(timedelta(hours=8))
_PURPOSES = ("livestock", "crops", "trade", "processing", "forestry", "house")
_NAMES = ("王示范", "李示范", "张示范", "陈示范", "杨示范", "赵示范")
_STATES = (
    Chip("wait", Words("待村初审", "village to review")),
    Chip("info", Words("待乡镇审核", "township to review")),
    Chip("ok", Words("已批准", "approved")),
    Chip("bad", Words("未通过", "refused")),
    Chip("warn", Words("须例外审批", "needs an exception")),
    Chip("off", Words("已撤回", "withdrawn")),
)


def table(*, sorted_by: str = "", page: int = 1) -> Table:
    """Applications."""
    rows = [
        {
            "name": name,
            "url": "#",
            "village": Words("示范村", "Example village"),
            "fen": (3 + number) * 1_000_000 + number,
            "rate": 3_450_000,
            "purpose": _PURPOSES[number],
            "due": DAY + timedelta(days=number - 1),
            "state": _STATES[number],
        }
        for number, name in enumerate(_NAMES)
    ]
    return Table(
        caption=Words("申请", "Applications"),
        columns=(
            Column("name", Words("借款人", "Borrower"), link="url", sort="name"),
            Column("village", Words("村", "Village")),
            Column("fen", Words("金额", "Amount"), "yuan", sort="amount", unit=Words("元", "yuan")),
            Column("rate", Words("年利率", "Rate"), "percent"),
            Column("purpose", Words("用途", "Purpose"), "word", words="purpose"),
            Column("due", Words("限办日", "Due"), "day", sort="due", narrow=True),
            Column("state", Words("状态", "State"), "chip", narrow=True),
        ),
        rows=rows,
        sorted_by=sorted_by or "due",
        totals={"name": Words("合计", "Total"), "fen": sum(int(str(row["fen"])) for row in rows)},
        pager=Pager(page, 7, 163),
    )


def empty_table() -> Table:
    """Nothing to list."""
    return Table(
        caption=Words("逾期贷款", "Overdue loans"),
        columns=(
            Column("name", Words("借款人", "Borrower")),
            Column("fen", Words("逾期金额", "Overdue"), "yuan", unit=Words("元", "yuan")),
        ),
        rows=(),
        empty=Words("没有逾期贷款", "No loan is overdue"),
    )


def facts() -> list[Fact]:
    """A household's particulars."""
    return [
        Fact(Words("户主", "Head"), "王示范"),
        Fact(Words("名单类别", "Category"), "monitored", "word", words="category", clauses=("CN2026-1.1",)),
        Fact(Words("纳入日期", "Listed on"), date(2024, 5, 1), "day"),
        Fact(Words("在贷本金", "Principal owing"), 4_500_000, "yuan", note=Words("两笔", "two loans")),
        Fact(Words("利率", "Rate"), 3_450_000, "percent"),
        Fact(Words("劳动力", "Able to work"), 2, "number"),
    ]


def figures() -> list[Figure]:
    """What stands at the head of a page."""
    return [
        Figure(Words("待我办理", "Waiting for me"), 12, url="#"),
        Figure(Words("今天到期", "Due today"), 3, tone="warn", url="#"),
        Figure(Words("已超期", "Late"), 1, tone="bad", url="#"),
        Figure(
            Words("本辖区在贷", "Lent in my area"), 12_345_678_00, "wan", unit=Words("万元", "×10,000 yuan")
        ),
    ]


def flow() -> Flow:
    """A quarter's interest by payer."""
    lines = (
        FlowLine(
            Words("中央财政", "central finance"),
            31_250,
            Words("利率的70%，最多2.5个百分点", "70% of the rate, at most 2.5 points"),
            ("CN2026-1.6a",),
        ),
        FlowLine(Words("借款人承担", "the borrower"), 11_875, clauses=("CN2026-1.6b",)),
    )
    return Flow(lines, Words("利息合计", "interest"), 43_125, ("HLJ2019-2.2",))


def steps() -> list[Step]:
    """The reviews of LD2021-2.2a to LD2021-2.2c."""
    return [
        Step(Words("网点受理", "Branch opens"), "done", "周示范", date(2026, 3, 2), clauses=("LD2021-2.2a",)),
        Step(Words("村初审", "Village"), "done", "吴示范", date(2026, 3, 5), clauses=("LD2021-2.2a",)),
        Step(
            Words("乡镇审核", "Township"),
            "now",
            Words("示范镇", "Example township"),
            due=date(2026, 3, 12),
            clauses=("LD2021-2.2b",),
        ),
        Step(Words("网点审查", "Branch"), "next", clauses=("LD2021-2.2c",)),
        Step(Words("银行决定", "Bank decides"), "next", clauses=("LD2021-2.2c",)),
        Step(Words("放款", "Disbursement"), "next"),
    ]


def happenings() -> list[Happening]:
    """A loan's life."""
    at = datetime(2026, 3, 5, 10, 24, tzinfo=_ZONE)
    return [
        Happening(
            at,
            Words("村初审通过", "The village agreed"),
            Words("用途属实：养牛两头。", "The purpose is true: two head of cattle."),
            "吴示范",
            "ok",
            ("LD2021-2.2a",),
            "#",
        ),
        Happening(date(2026, 3, 2), Words("网点受理申请", "The branch opened the application"), who="周示范"),
        Happening(
            date(2026, 2, 28),
            Words("到期书面提醒已送达", "Written reminder delivered"),
            tone="warn",
            clauses=("HLJ2019-2.6a",),
        ),
        Happening(date(2023, 4, 2), Words("利息多收，已退", "Interest overcharged, refunded"), tone="bad"),
    ]


def basis() -> Basis:
    """A decision with one of everything."""
    amounts = ((Words("全户合计", "household total"), "130,000.00"), (Words("额度", "cap"), "100,000.00"))
    return Basis(
        "refused",
        ("CN2026",),
        (
            Checked(
                "failed", Words("超过单户贷款额度", "Over the household's cap"), amounts, ("CN2026-1.2",)
            ),
            Checked(
                "in_principle",
                Words("借款人年龄超出范围", "The borrower's age is out of range"),
                ((Words("周岁", "age"), "66"),),
                ("CN2026-1.9",),
            ),
            Checked(
                "attest", Words("遵纪守法", "Law-abiding"), (), ("CN2026-1.9",), Words("村两委", "village")
            ),
            Checked(
                "open",
                Words("利率没有超过上限", "The rate is not above the ceiling"),
                ((Words("缺少", "missing"), str(Words("利率", "rate"))),),
                ("CN2026-1.4",),
            ),
            Checked("warned", Words("借款人不承担利息", "The borrower bears nothing"), (), ("CN2026-1.6b",)),
            Checked("passed", Words("在名单内", "On the roster"), (), ("CN2026-1.1",)),
            Checked("passed", Words("期限没有超过最长期限", "The term is not too long"), (), ("CN2026-1.3",)),
            Checked("silent", Words("没有向借款人收费", "No fee is charged on the borrower")),
        ),
    )


def duties() -> list[Duty]:
    """What a township officer must and may do."""
    return [
        Duty(
            True,
            Words(
                "审核申请：身份、年龄、用途、一户多贷",
                "Review applications: status, age, purpose, second loans",
            ),
            Words("3件待办", "3 waiting"),
            ("LD2021-2.2b",),
            "#",
        ),
        Duty(
            True,
            Words("上报本季贴息清册", "Send the quarter's subsidy list"),
            Words("限 2026-06-15", "by 2026-06-15"),
            ("LD2021-6",),
            late=True,
        ),
        Duty(False, Words("查看本镇在贷户", "See who borrows in the township"), clauses=("LD2021-3.1",)),
    ]


def tabs() -> list[Tab]:
    """Tabs of a queue."""
    return [
        Tab(Words("待我办理", "For me"), "?", current=True, count=12),
        Tab(Words("我办过的", "Done by me"), "?tab=done"),
        Tab(Words("全部", "All"), "?tab=all", count=163),
    ]


def navigation() -> tuple[Group, ...]:
    """The side navigation of a township officer."""
    return (
        Group(
            Words("办理", "Work"),
            (
                Link(Words("我的待办", "My work"), "/styleguide/queue/", "home", 12),
                Link(Words("申请", "Applications"), "#1", "paper", 3),
                Link(Words("名单变更", "Roster changes"), "#2", "people"),
            ),
        ),
        Group(
            Words("台账", "Ledgers"),
            (
                Link(Words("农户", "Households"), "#3", "people"),
                Link(Words("贷款", "Loans"), "#4", "loan"),
            ),
        ),
        Group(
            Words("政策", "Policy"),
            (
                Link(Words("政策说明", "In plain words"), "/policy/", "law"),
                Link(Words("计算器", "Calculator"), "/calculator/", "count"),
            ),
        ),
    )


def account() -> dict[str, Any]:
    """Who is signed in."""
    return {
        "name": "赵示范",
        "role_words": Words("乡镇经办人", "township officer"),
        "scope_words": Words("示范镇", "Example township"),
    }


def demo_accounts() -> list[dict[str, Any]]:
    """The accounts at the door of a demonstration."""
    roles = (
        ("village", Words("村委会", "village committee")),
        ("township", Words("乡镇经办人", "township officer")),
        ("branch", Words("网点信贷员", "branch officer")),
        ("bank", Words("县级行审批人", "county bank")),
        ("bureau", Words("县农业农村局", "county bureau")),
        ("finance", Words("县财政局", "county finance")),
        ("regulator", Words("监管部门", "regulator")),
        ("auditor", Words("审计", "auditor")),
    )
    return [
        {
            "user": user,
            "role": words,
            "scope": Words("示范县", "Example county"),
            "fill": json.dumps({"username": user, "password": "demonstration", "code": "000000"}),
        }
        for user, words in roles
    ]


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=said("姓名", "Name"), help_text=said("与身份证一致。", "As on the identity card.")
    )
    amount = YuanField(
        label=said("申请金额", "Amount"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}),
    )
    purpose = forms.ChoiceField(label=said("用途", "Purpose"), choices=choices("purpose"))
    from_on = DayField(label=said("申请日期", "Applied on"), required=False)
    method = forms.ChoiceField(
        label=said("计息方式", "Counted"), choices=choices("interest_method"), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=said("理由", "Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "width": "long"}),
    )
    paper = forms.FileField(label=said("身份证（正反面）", "Identity card (both sides)"), required=False)
    sure = forms.BooleanField(label=said("我已核对原件", "I have seen the originals"))


class Filter(forms.Form):
    """A bar of filters."""

    q = forms.CharField(label=said("姓名或编号", "Name or number"), required=False)
    state = forms.ChoiceField(
        label=said("状态", "State"),
        required=False,
        choices=[
            ("", Words("全部", "all")),
            ("wait", Words("待办", "waiting")),
            ("done", Words("已办", "done")),
        ],
    )
    since = DayField(label=said("自", "From"), required=False)


class SignIn(forms.Form):
    """What the door asks."""

    username = forms.CharField(
        label=said("用户名", "User name"), widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=said("密码", "Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=said("六位动态码", "Six-digit code"),
        help_text=said(
            "手机验证器上的数字，每30秒变一次。",
            "From the authenticator on your telephone; it changes every 30 seconds.",
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "width": "short"}
        ),
    )


SVG = (
    '<svg viewBox="0 0 520 150" width="520" height="150" font-size="12" font-family="inherit">'
    '<g stroke="#d3dae2"><path d="M40 20H510M40 60H510M40 100H510"/></g><path d="M40 60H510" stroke="#a81d16"'
    ' stroke-dasharray="5 4"/>'
    '<polyline points="40,110 134,96 228,88 322,52 416,70 510,84" fill="none" stroke="#17406d" stroke-width="2"/>'
    '<g fill="#51606f"><text x="34" y="64" text-anchor="end">3%</text><text x="34" y="104" text-anchor="end">2%</text>'
    '<text x="34" y="24" text-anchor="end">4%</text><text x="40" y="140">2025-10</text>'
    '<text x="322" y="140">2026-01</text></g></svg>'
)


def chart_table() -> Table:
    """The data of the figure."""
    months = (
        (date(2025, 10, 31), 1_750_000),
        (date(2025, 11, 30), 2_100_000),
        (date(2025, 12, 31), 2_300_000),
    )
    return Table(
        caption=Words("月末不良率", "Bad-loan ratio at month end"),
        columns=(
            Column("on", Words("月末", "Month end"), "day"),
            Column("ratio", Words("不良率", "Ratio"), "percent"),
        ),
        rows=[{"on": on, "ratio": ratio} for on, ratio in months],
        hide_caption=True,
    )
