"""Cycles and lists as the components show them: how far they have come, sums by payer, the steps of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bangfu.casework.lending.api import PRODUCT_WORDS
from bangfu.casework.people.api import may
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import PAYERS, STATES, CycleView, ListView, Stood, Totals
from bangfu.casework.words import Words
from bangfu.web.parts import Chip, Column, Figure, Link, Pager, Table, Tone
from bangfu.web.sources import book

YUAN = Words("元", "yuan")
ORDER = tuple(STATES)
_STEPS = tuple(code for code, state in STATES.items() if state.open)
_SEGMENT, _HEIGHT, _GAP = 240, 90, 20
_QUARTER_MONTHS, _YEAR_MONTHS = 3, 12
REGIMES: Mapping[str, Words] = {
    "poverty": Words("扶贫（老政策）", "Poverty (old)"),
    "transition": Words("脱贫（新政策）", "Out of poverty"),
    "assistance": Words("帮扶（2026年起）", "Assistance"),
}
RHYTHMS: Mapping[str, Words] = {
    "quarter": Words("按季", "quarterly"),
    "year": Words("按年", "yearly"),
    "at_repayment": Words("还款时", "at repayment"),
}
STATUS_TONES: Mapping[str, Tone] = {"open": "ok", "held": "wait", "excluded": "bad", "carried": "info"}


def address(name: str, *given: object) -> str:
    """The address of a view; empty where it is not there."""
    try:
        return reverse(name, args=given)
    except NoReverseMatch:
        return ""


class Period(Protocol):
    """Whatever has a cycle's rhythm and days."""

    @property
    def start(self) -> date:
        """Its first day."""

    @property
    def rhythm(self) -> str:
        """quarter, year or at_repayment."""

    @property
    def end(self) -> date:
        """Its exclusive end."""


def period_words(cycle: Period) -> Words:
    """A cycle by its name: 2026年第三季度."""
    return subsidies.period_words(cycle.start, cycle.end, cycle.rhythm)


def days_words(cycle: CycleView) -> str:
    """The days of a cycle, first and last."""
    return f"{cycle.start.isoformat()} – {(cycle.end - timedelta(days=1)).isoformat()}"


def month_words(month: date) -> Words:
    """A month: 2026年10月."""
    return Words(f"{month.year}年{month.month}月", f"{month.year}-{month.month:02d}")


# How far a cycle has come.
def bar(stoods: Sequence[Stood]) -> SafeString:
    """A segment a step, filled as far as lists have left it; where lists are late it says so by colour and word."""
    lists = sum(one.lists for one in stoods)
    if not lists:
        return SafeString("")
    at = {one.state: one for one in stoods}
    parts, gone = [], lists
    for place, code in enumerate(_STEPS):
        here = at.get(code)
        gone -= here.lists if here else 0
        left, filled = place * (_SEGMENT + _GAP), _SEGMENT * gone // lists
        standing = _SEGMENT * (gone + here.lists) // lists - filled if here else 0
        parts += [("ground", left, _SEGMENT), ("done", left, filled)]
        parts.append(("late" if here and here.late else "now", left + filled, standing))
    drawn = format_html_join(
        "", '<rect class="{}" x="{}" width="{}" height="{}"/>',
        ((name, x, width, _HEIGHT) for name, x, width in parts if width),
    )  # fmt: skip
    wide = len(_STEPS) * (_SEGMENT + _GAP) - _GAP
    return format_html('<svg class="bar" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}</svg>', wide,
                       _HEIGHT, drawn)  # fmt: skip


def where_words(stoods: Sequence[Stood]) -> Words:
    """Where the lists stand, in words."""
    ordered = sorted(stoods, key=lambda one: ORDER.index(one.state))
    if ordered and all(one.state == ORDER[-1] for one in ordered):
        return Words("全部已归档", "all filed")
    zh = "、".join(f"{STATES[one.state].words.zh} {one.lists}" for one in ordered)
    en = ", ".join(f"{STATES[one.state].words.en} {one.lists}" for one in ordered)
    return Words(zh, en)


def late_words(stoods: Sequence[Stood], on: date) -> Words | None:
    """What is late: how many lists, by how many days at most; None where nothing is."""
    late = [one for one in stoods if one.late]
    if not late:
        return None
    lists, days = (
        sum(one.late for one in late),
        max((on - one.since).days if one.since else 0 for one in late),
    )
    return Words(f"{lists} 份，最长 {days} 天", f"{lists}, by up to {days} days")


def strip(stoods: Sequence[Stood], on: date, *, chosen: str, url: str) -> list[dict[str, Any]]:
    """The steps as a line of counts, each a link to the lists that stand there."""
    at = {one.state: one for one in stoods}
    out = []
    for code, state in STATES.items():
        here = at.get(code)
        days = (on - here.since).days if here and here.since else 0
        out.append(
            {
                "words": state.words, "lists": here.lists if here else 0, "late": here.late if here else 0,
                "days": days, "url": f"{url}?state={code}" if here else "", "current": code == chosen,
                "tone": "late" if here and here.late else ("now" if state.open else "end") if here else "",
            }
        )  # fmt: skip
    return out


_CYCLES = (
    Column("period", Words("期间", "Period"), link="url", narrow=True),
    Column("days", Words("起止", "Days"), narrow=True),
    Column("county", Words("县（市）", "County")),
    Column("rhythm", Words("节奏", "Rhythm")),
    Column("month", Words("发放月份", "Paid in"), narrow=True),
    Column("lists", Words("清册", "Lists"), "number"),
    Column("progress", Words("进度", "Progress"), "html"),
    Column("late", Words("超期", "Late"), "html"),
)


def cycles_table(
    rows: Sequence[CycleView], stood: Mapping[Any, Sequence[Stood]], on: date, pager: Pager, *, none: Words
) -> Table:
    """The cycles with where their lists stand; ``none`` is said where the reader sees no list of one."""
    listed = []
    for one in rows:
        mine = stood.get(one.id, ())
        late = late_words(mine, on)
        words = where_words(mine) if mine else none
        listed.append(
            {
                "period": period_words(one), "url": reverse("cycle", args=(one.id,)), "days": days_words(one),
                "county": one.county_name, "rhythm": RHYTHMS.get(one.rhythm, one.rhythm),
                "month": month_words(one.payment_month), "lists": sum(each.lists for each in mine),
                "progress": format_html('<div class="progress">{}<small>{}</small></div>', bar(mine), words),
                "late": _late_link(one, late) if late else None,
            }
        )  # fmt: skip
    columns = _CYCLES if len({one.county for one in rows}) > 1 else without(_CYCLES, "county")
    if len({one.rhythm for one in rows}) < 2:  # noqa: PLR2004 - the same for all says nothing
        columns = without(columns, "rhythm")
    return Table(
        Words("贴息期次", "Subsidy cycles"), columns, listed, pager=pager, hide_caption=pager.pages < 2,  # noqa: PLR2004
        empty=Words("还没有开启的期次", "No cycle is open yet"),
    )  # fmt: skip


def _late_link(cycle: CycleView, late: Words) -> SafeString:
    return format_html(
        '<a class="late-words" href="{}?late=on">{}</a>', reverse("cycle", args=(cycle.id,)), late
    )


def without(columns: Iterable[Column], *names: str) -> tuple[Column, ...]:
    """Columns less those of these names."""
    return tuple(one for one in columns if one.name not in names)


# A cycle opened.
TERMS: Mapping[str, Words] = {
    "subsidy.rhythm": Words("贴息节奏", "Rhythm"),
    "subsidy.list_due": Words("网点报清册", "Branches give lists"),
    "subsidy.payment_months": Words("发放月份", "Month of payment"),
    "subsidy.submit_day": Words("乡镇上报", "Townships submit"),
    "notice.days": Words("公示天数", "Days of notice"),
    "subsidy.collect_first": Words("先收后贴", "Collect first"),
}


def deadline_rows(deadlines: Mapping[str, Any], *, days: Mapping[str, date | None]) -> list[dict[str, Any]]:
    """Each deadline with its value, the day it comes to, its clause and document, or that nothing regulates it.

    Args:
        deadlines: As the cycle keeps them.
        days: Of terms that come to a day in this cycle.
    """
    out = []
    for term in (
        *(one for one in TERMS if one in deadlines),
        *(one for one in deadlines if one not in TERMS),
    ):
        told = deadlines[term]
        value = _term_value(term, told.get("value"))
        chosen = month_words(date.fromisoformat(told["chosen"])) if told.get("chosen") else value
        out.append(
            {
                "term": TERMS.get(term, term), "value": value, "day": days.get(term), "chosen": chosen,
                "state": "silent" if told.get("not_regulated") else "open" if told.get("undetermined") else "set",
                "local": told.get("by") == "local", "clauses": told.get("clauses", ()),
                "document": _document(told.get("document", "")),
                "others": [
                    {**one, "value": _term_value(term, one.get("value")), "document": _document(one["document"])}
                    for one in told.get("others", ())
                ],
            }
        )  # fmt: skip
    return out


def silent_loans(deadlines: Mapping[str, Any]) -> int:
    """How many loans fall under documents that set none of a cycle's days."""
    return min((told.get("silent_loans", 0) for told in deadlines.values()), default=0)


def _document(code: str) -> str:
    """A document by its number, or its title."""
    pack = book().packs.get(code)
    return code if pack is None else pack.number or pack.title


def days_of(cycle: CycleView | subsidies.CyclePlan) -> dict[str, date | None]:
    """The days that terms come to."""
    return {"subsidy.list_due": cycle.list_due_on, "subsidy.submit_day": cycle.submit_due_on}


def _term_value(term: str, value: Any) -> Words | str:
    """A term's value as people say it."""
    if value is None:
        return ""
    if term == "subsidy.payment_months":
        months = value if isinstance(value, list | tuple) else [value]
        return Words(
            "、".join(f"{one}月" for one in months), "months " + ", ".join(str(one) for one in months)
        )
    said: Mapping[str, Words] = {
        "subsidy.rhythm": RHYTHMS.get(str(value), Words(str(value), str(value))),
        "notice.days": Words(f"{value} 天", f"{value} days"),
        "subsidy.submit_day": Words(f"发放月份 {value} 日前", f"by day {value} of the month of payment"),
        "subsidy.list_due": Words("发放月份的上月月底前", "by the end of the month before the payment"),
        "subsidy.collect_first": Words("是", "yes") if value else Words("否", "no"),
    }
    return said.get(term, str(value))


def plan_table(plan: subsidies.CyclePlan) -> Table:
    """The lists a cycle would have."""
    columns = (
        Column("township_name", Words("乡镇", "Township")),
        Column("bank_name", Words("网点", "Branch")),
        Column("loans", Words("笔数", "Lines"), "number"),
        Column(
            "subsidy_fen",
            Words("应贴息（按现在的台账）", "Subsidy (by the ledger as it is)"),
            "yuan",
            unit=YUAN,
        ),
    )
    totals = {
        "township_name": Words("合计", "In all"), "loans": sum(one.loans for one in plan.lists),
        "subsidy_fen": sum(one.subsidy_fen for one in plan.lists),
    }  # fmt: skip
    caption = Words(f"将建清册 {len(plan.lists)} 份", f"{len(plan.lists)} lists will be made")
    return Table(caption, columns, plan.lists, totals=totals if plan.lists else None,
                 empty=Words("本期没有应贴息的贷款", "No loan of this period has a subsidy"))  # fmt: skip


def payer_columns(totals: Iterable[Totals]) -> list[Column]:
    """A column for each payer that pays anything here."""
    told = list(totals)
    return [
        Column(payer, subsidies.PAYER_WORDS[payer], "yuan")
        for payer in PAYERS
        if any(one.payable_by[payer] for one in told)
    ]


def lists_table(rows: Sequence[ListView], on: date) -> Table:
    """The lists of a cycle with what they hold."""
    listed = [_list_row(one, on) for one in rows]
    columns = [
        Column("township", Words("乡镇", "Township"), link="url"),
        Column("bank", Words("网点", "Branch")),
        Column("chip", Words("环节", "Step"), "chip"),
        Column("due", Words("限期", "Due"), "html", narrow=True),
        Column("lines", Words("笔数", "Lines"), "number"),
        *payer_columns(one.open for one in rows),
        Column("payable", Words("应发", "Payable"), "yuan"),
        Column("held", Words("暂缓", "Held"), "number"),
        Column("excluded", Words("剔除", "Excluded"), "number"),
        Column("carried", Words("结转", "Carried"), "number"),
        Column("recovery", Words("追回", "Recovery"), "yuan"),
        Column("refusals", Words("未能计算", "Not computed"), "number"),
    ]
    absent = [
        name
        for name in ("held", "excluded", "carried", "recovery", "refusals")
        if not any(row[name] for row in listed)
    ]
    summed = [one.name for one in columns if one.numeric]
    totals: dict[str, Any] = {name: sum(row[name] or 0 for row in listed) for name in summed}
    return Table(
        Words("清册（金额：元）", "Lists (amounts in yuan)"), without(columns, *absent), listed,
        totals={"township": Words("合计", "In all"), **totals} if len(listed) > 1 else None,
        empty=Words("没有符合条件的清册", "No list fits"),
    )  # fmt: skip


def _list_row(one: ListView, on: date) -> dict[str, Any]:
    late = one.late(on)
    tone: Tone = "warn" if late else "wait" if one.stands_at.open else "ok"
    due = format_html("{}", one.due_on.isoformat()) if one.due_on else None
    if late and one.due_on:
        words = Words(f"超期 {(on - one.due_on).days} 天", f"{(on - one.due_on).days} days late")
        due = format_html('{}<br><span class="late-words">{}</span>', one.due_on.isoformat(), words)
    return {
        "township": one.township_name, "url": reverse("subsidy-list", args=(one.id,)), "bank": one.bank_name,
        "chip": Chip(tone, one.stands_at.words), "due": due,
        "lines": one.open.lines + one.open.recoveries if one.run_id else None,
        "payable": one.open.payable_fen if one.run_id else None,
        **{payer: one.open.payable_by[payer] if one.run_id else None for payer in PAYERS},
        "held": one.held.lines, "excluded": one.excluded.lines, "carried": one.carried.lines,
        "recovery": one.open.recovery_fen, "refusals": one.refusals,
    }  # fmt: skip


def figures(rows: Sequence[ListView], *, opens: bool = False) -> list[Figure]:
    """What the lists come to, in large figures; on a list's own page they open what lies behind them."""
    lines = sum(one.open.lines for one in rows)
    out = [
        Figure(Words("清册", "Lists"), len(rows), note=Words(f"{sum(1 for one in rows if one.run_id)} 份已计算",
               f"{sum(1 for one in rows if one.run_id)} computed")),
        Figure(Words("应发笔数", "Lines to pay"), lines),
        Figure(Words("应发贴息", "Payable"), sum(one.open.payable_fen for one in rows), "yuan", YUAN),
    ]  # fmt: skip
    apart = {
        "held": Words("暂缓", "Held"),
        "excluded": Words("剔除", "Excluded"),
        "carried": Words("结转下期", "Carried over"),
    }
    for name, label in apart.items():
        told = [getattr(one, name) for one in rows]
        if count := sum(one.lines for one in told):
            note = Words(f"{count} 笔", f"{count} lines")
            url = f"?status={name}" if opens else ""
            out.append(Figure(label, sum(one.payable_fen for one in told), "yuan", YUAN, note, url))
    if recovery := sum(one.open.recovery_fen for one in rows):
        out.append(Figure(Words("追回", "To recover"), recovery, "yuan", YUAN))
    if refused := sum(one.refusals for one in rows):
        url = "#not-computed" if opens else ""
        out.append(Figure(Words("未能计算", "Not computed"), refused, url=url, tone="warn"))
    return out


def regimes_table(told: Sequence[subsidies.Regime]) -> Table:
    """The sums by regime; no sum over regimes."""
    columns = [
        Column("regime", Words("政策", "Regime")),
        Column("lines", Words("应发笔数", "Lines"), "number"),
        *payer_columns(one.open for one in told),
        Column("payable", Words("应发", "Payable"), "yuan"),
        Column("held", Words("暂缓", "Held"), "yuan"),
        Column("excluded", Words("剔除", "Excluded"), "yuan"),
        Column("carried", Words("结转", "Carried"), "yuan"),
        Column("recovery", Words("追回", "Recovery"), "yuan"),
    ]
    rows = [
        {
            "regime": PRODUCT_WORDS.get(one.product, one.product), "lines": one.open.lines,
            "payable": one.open.payable_fen, **{payer: one.open.payable_by[payer] or None for payer in PAYERS},
            "held": one.held.payable_fen, "excluded": one.excluded.payable_fen, "carried": one.carried.payable_fen,
            "recovery": one.open.recovery_fen,
        }
        for one in told
    ]  # fmt: skip
    absent = [
        name for name in ("held", "excluded", "carried", "recovery") if not any(row[name] for row in rows)
    ]
    return Table(Words("分政策（金额：元）", "By regime (amounts in yuan)"), without(columns, *absent), rows)


def links(cycle: CycleView, role: str) -> list[Link]:
    """Where else a cycle is looked at, by who may."""
    known = (
        ("cycle-payments", Words("发放", "Payments"), "loan", "payment.read"),
        ("cycle-reports", Words("报表", "Reports"), "count", "subsidy.read"),
        ("cycle-archive", Words("档案", "Archive"), "paper", "subsidy.read"),
    )
    return [
        Link(words, url, icon)
        for name, words, icon, act in known
        if may(role, act) and (url := address(name, cycle.id))
    ]


def claims_words(taken: subsidies.ClaimFile) -> Words:
    """How many of the bank's figures were taken; the lists are compared with them at once."""
    if not taken.changed:
        return Words("没有新的银行自报数。", "Nothing new among the bank's figures.")
    return Words(
        f"已取用 {taken.changed} 笔银行自报数，并已逐笔核对。",
        f"{taken.changed} of the bank's figures are taken and compared line by line.",
    )
