"""A loan, its ledger and its sums as the components show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from bangfu.casework.lending import api as lending
from bangfu.casework.words import Words, english
from bangfu.engine.explain import Explanation, Shown
from bangfu.money.rates import format_percent
from bangfu.web.code_words import word, words_of
from bangfu.web.parts import Chart, Chip, Column, Fact, Pager, Tab, Table, Tone
from bangfu.web.views.lending_forms import KINDS

__all__ = [
    "chart", "event_value", "events_table", "kinds_of_events", "list_table", "loan_facts", "product_tabs",
    "steps_tables", "totals_table",
]  # fmt: skip

_TONES: Mapping[str, Tone] = {"to_disburse": "wait", "running": "ok", "overdue": "bad", "settled": "off"}
_YUAN = Words("元", "yuan")
_LIST = (
    Column("loan_id", Words("贷款编号", "Loan"), link="url", sort="loan", narrow=True),
    Column("borrower_name", Words("借款人", "Borrower"), sort="name"),
    Column("village", Words("村", "Village"), sort="village"),
    Column("branch_name", Words("网点", "Branch")),
    Column("principal_fen", Words("合同金额", "Principal"), "yuan", sort="principal", unit=_YUAN),
    Column("balance_fen", Words("余额", "Balance"), "yuan", sort="balance", unit=_YUAN),
    Column("rate_e8", Words("利率", "Rate"), "percent"),
    Column("contract_on", Words("签订", "Signed"), "day", sort="contract", narrow=True),
    Column("due_on", Words("到期", "Due"), "day", sort="due", narrow=True),
    Column("chip", Words("状态", "State"), "chip"),
    Column("risk_class", Words("分类", "Class"), "word", "risk_class"),
    Column("funding", Words("资金来源", "Funds"), "word", "funding"),
)
_TOTALS = (
    Column("regime", Words("政策", "Regime")),
    Column("funding", Words("资金来源", "Source of funds"), "word", "funding"),
    Column("loans", Words("笔数", "Loans"), "number"),
    Column("running", Words("有余额笔数", "With a balance"), "number"),
    Column("disbursed_fen", Words("累计发放", "Paid out"), "yuan", unit=_YUAN),
    Column("balance_fen", Words("余额", "Balance"), "yuan", unit=_YUAN),
    Column("overdue_fen", Words("逾期", "Overdue"), "yuan", unit=_YUAN),
    Column("npl_fen", Words("不良", "Non-performing"), "yuan", unit=_YUAN),
)


def list_table(found: lending.Listed, *, product: str) -> Table:
    """The list of one regime."""
    rows = [
        {**{name: getattr(one, name) for name in one.__dataclass_fields__},
         "url": reverse("loan", args=(one.loan_id,)), "chip": Chip(_TONES[one.state], lending.STATE_WORDS[one.state]),
         "branch_name": one.branch or one.lender, "risk_class": str(one.risk_class)}
        for one in found.rows
    ]  # fmt: skip
    return Table(
        lending.PRODUCT_WORDS[product], _LIST, rows, found.sort, pager=Pager(found.page, found.pages, found.total),
        empty=Words("没有符合条件的贷款", "No loan fits"),
    )  # fmt: skip


def totals_table(sums: Sequence[lending.Total], on: date) -> Table:
    """Sums by regime and source of funds; none over regimes."""
    rows = [{**one.__dict__, "regime": lending.PRODUCT_WORDS.get(one.product, one.product)} for one in sums]
    caption = Words(f"截至{on}，分政策、分资金来源", f"As of {on}, by regime and source of funds")
    return Table(caption, _TOTALS, rows)


def product_tabs(sums: Sequence[lending.Total], current: str, query: Mapping[str, str]) -> list[Tab]:
    """A tab a regime."""
    counts: dict[str, int] = {}
    for one in sums:
        counts[one.product] = counts.get(one.product, 0) + one.loans
    kept = {name: value for name, value in query.items() if name not in {"product", "page"}}
    return [
        Tab(words, f"?{urlencode({**kept, 'product': code})}", code == current, counts.get(code, 0))
        for code, words in lending.PRODUCT_WORDS.items()
        if counts.get(code) or code == current
    ]


def loan_facts(found: lending.Opened, on: date) -> tuple[list[Fact], list[Fact]]:
    """The contract, and where it stands."""
    loan = found.loan
    state = loan.state(on)
    terms = [
        Fact(Words("政策", "Regime"), lending.PRODUCT_WORDS["ordinary" if loan.ordinary else loan.product]),
        Fact(
            Words("借款人", "Borrower"),
            loan.borrower_name,
            link=reverse("household", args=(loan.household_id,)),
        ),
        Fact(Words("身份证号码", "ID number"), found.borrower_id_masked),
        Fact(Words("村", "Village"), found.village),
        Fact(Words("贷款人", "Lender"), " ".join(part for part in (loan.lender, loan.branch) if part)),
        Fact(Words("种类", "Kind"), loan.kind, "word", "loan_kind"),
        Fact(Words("签订日期", "Signed on"), loan.contract_on, "day"),
        Fact(Words("合同到期日", "Matures on"), loan.matures_on, "day"),
        Fact(Words("合同金额", "Principal"), loan.principal_fen, "yuan"),
        Fact(Words("年利率", "Rate a year"), loan.rate_e8, "percent"),
        Fact(Words("计息方式", "Interest"), loan.interest_method, "word", "interest_method"),
        Fact(Words("用途", "Purpose"), loan.purpose, "word", "purpose"),
        Fact(Words("担保", "Guarantee"), loan.guarantee, "word", "guarantee"),
        Fact(Words("资金来源", "Source of funds"), loan.funding, "word", "funding"),
    ]
    if loan.parent_loan_id:
        parent = reverse("loan", args=(loan.parent_loan_id,))
        terms.append(Fact(Words("原贷款", "Earlier loan"), loan.parent_loan_id, link=parent))
    if loan.application_id:
        where = reverse("application", args=(loan.application_id,))
        terms.append(Fact(Words("申请", "Application"), loan.application_id, link=where))
    if loan.decided_by is None and not loan.ordinary:
        terms.append(_decider_unknown(paid=loan.disbursed_on is not None))
    stands = [
        Fact(Words("状态", "State"), Chip(_TONES[state], lending.STATE_WORDS[state]), "chip"),
        Fact(Words("余额", "Balance"), loan.balance_fen, "yuan"),
        Fact(Words("已放款", "Paid out"), loan.disbursed_fen, "yuan"),
        Fact(Words("到期日", "Due on"), loan.due_on, "day"),
        Fact(Words("五级分类", "Risk class"), str(loan.risk_class), "word", "risk_class"),
    ]
    return terms, stands


def _decider_unknown(*, paid: bool) -> Fact:
    """That a loan came by file, and what follows from it."""
    note = (
        Words("由文件导入，未在本系统审批：放款人与审批人是否为同一人，无从核对",
              "came by file, not decided here: whether somebody else paid it out cannot be checked")
        if paid else
        Words("由文件导入，未在本系统审批：放款时无法核对是否由他人经办，须写明由谁审批",
              "came by file, not decided here: who pays it out has to say who decided it")
    )  # fmt: skip
    return Fact(Words("审批人", "Decided by"), Words("没有记录", "not recorded"), note=note)


_EVENTS = (
    Column("on", Words("日期", "Day"), "day", narrow=True),
    Column("kind", Words("业务", "What"), "word", "event_kind"),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=_YUAN),
    Column("value_words", Words("内容", "Value")),
    Column("balance_fen", Words("余额", "Balance"), "yuan", unit=_YUAN),
    Column("booked_on", Words("登记", "Booked"), "day", narrow=True),
    Column("source_words", Words("来源", "Source")),
    Column("act", Words("办理", "Do"), link="url"),
)
_SOURCES = {
    "hand": Words("手工", "by hand"), "disbursement": Words("放款", "payment"),
    "bank_file": Words("银行文件", "bank file"),
    "api": Words("接口", "API"), "import": Words("导入", "import"),
}  # fmt: skip


def events_table(events: Sequence[lending.EventView], *, correct: bool, corrected: bool = False) -> Table:
    """The ledger; with a way to correct each line for those who may."""
    rows = [
        {**one.__dict__, "value_words": event_value(one.kind, one.value),
         "source_words": _SOURCES.get(one.source, one.source),
         "act": Words("更正", "Correct") if correct and not corrected else "",
         "url": reverse("loan-event-correct", args=(one.loan_id, one.event_id)) if correct and not corrected else ""}
        for one in events
    ]  # fmt: skip
    columns = _EVENTS if correct and not corrected else _EVENTS[:-1]
    caption = Words("被更正的流水", "Corrected lines") if corrected else Words("流水", "Ledger")
    return Table(caption, columns, rows, empty=Words("还没有流水", "Nothing is recorded yet"))


def kinds_of_events(chosen: str) -> list[tuple[Words, list[Tab]]]:
    """The kinds of events in their groups, each a link to the form of that kind."""
    return [
        (group, [Tab(words_of(kind, "event_kind"), f"?kind={kind}", kind == chosen) for kind in kinds])
        for group, kinds in KINDS
    ]


def event_value(kind: str, value: str) -> str:
    """What an event says beside its amount, in words: a risk class, a reminder, a rate, a day."""
    which = {"classified": "risk_class", "reminded": "reminder"}.get(kind)
    text = word(value, which) if which else value
    return f"{text}%" if kind == "rate_changed" and text else text


def chart(found: lending.Opened, on: date) -> Chart | None:
    """The line of the balance; none on the first day, where there is no line yet."""
    if not found.line or found.line[0][0] >= on:
        return None
    title = Words("余额变化（万元）", "Balance (ten thousand yuan)")
    columns = (
        Column("on", Words("日期", "Day"), "day"),
        Column("fen", Words("余额", "Balance"), "yuan", unit=_YUAN),
    )
    rows = [{"on": day, "fen": fen} for day, fen in found.line]
    svg = lending.balance_picture(found.line, until=on, label=str(title))
    return Chart(title, svg, Table(title, columns, rows, hide_caption=True))


_STEP = (
    Column("name", Words("步骤", "Step")),
    Column("value", Words("值", "Value")),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)
_PARTS = {
    "room": Words("贴息额度", "Room under the ceiling"),
    "piece": Words("分段", "Piece of time"),
    "line": Words("合计", "Sum"),
}


def steps_tables(told: Explanation) -> list[Table]:
    """The steps of an explanation, part by part."""
    tables = []
    for part in told.parts:
        words = _PARTS.get(part.title, Words(part.title, part.title))
        days = " – ".join(day.isoformat() for day in (part.start, part.end) if day is not None)
        caption = Words(f"{words.zh} {days} {part.policy}", f"{words.en} {days} {part.policy}")
        rows = [
            {"name": step.en if english() else step.zh, "value": _step_value(step), "clauses": step.clauses}
            for step in part.steps
        ]
        tables.append(Table(caption, _STEP, rows))
    return tables


def _step_value(step: Shown) -> str:
    value: Any = step.value
    if value is None:
        return "–"
    if step.unit == "fen" and isinstance(value, int):
        whole, part = divmod(abs(value), 100)
        return f"{'-' if value < 0 else ''}{whole:,}.{part:02d}"
    if step.unit.startswith("e8") and isinstance(value, int):
        return f"{format_percent(value)}%"
    if isinstance(value, bool):
        return str(Words("是", "yes") if value else Words("否", "no"))
    return f"{value:,}" if isinstance(value, int) else str(value)
