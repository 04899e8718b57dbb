"""Lines as the components show them: amounts, the bank's figure beside ours, what was checked, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bangfu.casework.lending.api import PRODUCT_WORDS
from bangfu.casework.payments import api as payments
from bangfu.casework.people.api import ROLES
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LINE_KINDS, PAYER_WORDS, PAYERS, STATUSES, LineView, ListView
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.refusals import CODES
from bangfu.web.basis import facts_told
from bangfu.web.code_words import words_of
from bangfu.web.parts import Chip, Column, Fact, Flow, FlowLine, Happening, Pager, Table, Tone
from bangfu.web.views import subsidy_checks_shown as checks_shown
from bangfu.web.views.subsidies_shown import REGIMES, STATUS_TONES, YUAN, without

_PAGE = 50
_LATEST = 24
_OUTCOME_TONES: Mapping[str, Tone] = {"pending": "wait", "paid": "ok", "failed": "bad", "returned": "warn"}


def status_chip(line: LineView, outcome: str = "") -> Chip:
    """Where a line stands; of one that goes on what became of its payment (``payments.outcomes_of``)."""
    if line.status == "open":
        if outcome:
            return Chip(_OUTCOME_TONES[outcome], payments.OUTCOMES[outcome])
        if line.payable_fen < 0:
            return Chip("warn", Words("须追回", "to be recovered"))
        if not line.payable_fen:
            return Chip("off", Words("无应发", "nothing due"))
    return Chip(STATUS_TONES[line.status], STATUSES[line.status])


_EXPLAINED = Words("已人工说明", "explained by hand")


def difference(line: LineView, *, explained: bool = False) -> SafeString | None:
    """The bank's figure, and below it by how much it differs from ours and why; None where it gave none."""
    reason = (
        _EXPLAINED
        if explained
        else subsidies.DIFFERENCES.get(line.difference, Words(line.difference, line.difference))
    )
    if line.claimed_fen is None:
        return format_html("<small>{}</small>", reason) if line.difference else None
    told = format_yuan(line.claimed_fen, grouped=True)
    if not line.difference:
        return format_html("{}<small>{}</small>", told, Words("相同", "same"))
    by = format_yuan(abs(line.differs_by or 0), grouped=True)
    sign = "+" if (line.differs_by or 0) > 0 else "−"
    return format_html('{}<small class="differs">{}{} {}</small>', told, sign, by, reason)


def _who(line: LineView) -> SafeString:
    return format_html(
        '<a href="{}">{}</a><br><small>{}</small>', reverse("subsidy-line", args=(line.id,)),
        line.borrower_name or line.loan_id, line.loan_id,
    )  # fmt: skip


def row(line: LineView, *, explained: bool = False, outcome: str = "") -> dict[str, Any]:
    """A line in a list; ``explained`` where a person has said why the bank's figure differs."""
    kind = (
        ""
        if line.kind == "regular"
        else format_html("<br><small>{}</small>", LINE_KINDS.get(line.kind, line.kind))
    )
    return {
        "number": line.number, "who": _who(line), "village": line.village_name.rpartition(" ")[2],
        "regime": format_html("{}{}", REGIMES.get(line.product, line.product), kind), "days": line.days,
        "rate": line.rate_e8, "part": line.subsidised_part_fen, "interest": line.interest_fen,
        **{payer: line.by_payer[payer] or None for payer in PAYERS}, "subsidy": line.subsidy_fen,
        "held_back": line.held_back_fen or None, "payable": line.payable_fen,
        "claimed": difference(line, explained=explained),
        "checks": checks_shown.marks(line), "chip": status_chip(line, outcome),
    }  # fmt: skip


_COLUMNS = (
    Column("number", Words("序号", "No."), "number", narrow=True),
    Column("who", Words("借款人、贷款", "Borrower, loan"), "html"),
    Column("village", Words("村", "Village"), narrow=True),
    Column("regime", Words("政策", "Regime"), "html"),
    Column("days", Words("天数", "Days"), "number"),
    Column("part", Words("贴息本金", "Subsidised part"), "yuan"),
    Column("interest", Words("利息", "Interest"), "yuan"),
)
_LAST = (
    Column("held_back", Words("暂扣", "Held back"), "yuan"),
    Column("payable", Words("应发", "Payable"), "yuan"),
    Column("claimed", Words("银行数", "Bank's"), "figure"),
    Column("checks", Words("核对", "Checks"), "html"),
    Column("chip", Words("状态", "Status"), "chip"),
)


def table(page: subsidies.LinesPage, view: ListView, number: int) -> Table:
    """A page of a list's lines."""
    waiting = {one.id for one in subsidies.to_explain(page.rows)}
    became = payments.outcomes_of([one.id for one in page.rows])
    rows = [
        row(
            one,
            explained=one.difference == subsidies.UNEXPLAINED and one.id not in waiting,
            outcome=became.get(one.id, ""),
        )
        for one in page.rows
    ]
    payers = [
        Column(payer, PAYER_WORDS[payer], "yuan")
        for payer in PAYERS
        if any(one.by_payer[payer] for one in page.rows)
    ]
    absent = [name for name in ("held_back", "claimed") if not any(one[name] for one in rows)]
    pager = Pager(number, max(1, -(-page.total // _PAGE)), page.total)
    empty = (
        Words("没有符合条件的明细", "No line fits")
        if view.run_id
        else Words("还没有计算", "Not computed yet")
    )
    caption = Words("明细（金额：元）", "Lines (amounts in yuan)")
    return Table(caption, without((*_COLUMNS, *payers, *_LAST), *absent), rows, pager=pager, empty=empty)


_REFUSALS = (
    Column("loan_id", Words("贷款", "Loan"), link="url", narrow=True),
    Column("why", Words("未能计算的原因", "Why it is not computed")),
    Column("facts", Words("情况", "Facts")),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)


def refusals_table(told: Iterable[subsidies.RefusalView]) -> Table | None:
    """Loans that stand on no line, and why; None where there are none."""
    rows = []
    for one in told:
        known = CODES.get(one.code)
        why = Words(known.zh, known.en) if known else subsidies.LEFT_OUT.get(one.code, one.code)
        facts = "；".join(f"{label} {value}" for label, value in facts_told(_in_yuan(one.facts)))
        rows.append(
            {
                "loan_id": one.loan_id, "url": reverse("loan", args=(one.loan_id,)),
                "why": why, "facts": facts, "clauses": one.clauses,
            }
        )  # fmt: skip
    return Table(Words("未能计算的贷款", "Loans that are not computed"), _REFUSALS, rows) if rows else None


def _in_yuan(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with amounts in yuan under their plain names, and without what only a machine asks for."""
    told = {name: value for name, value in facts.items() if name != "cycle"}
    return {
        name.removesuffix("_fen"): format_yuan(value)
        if name.endswith("_fen") and isinstance(value, int)
        else value
        for name, value in told.items()
    }


# One line.
def facts(line: LineView) -> list[Fact]:
    """Whose it is and what it was reckoned from."""
    last = line.end - timedelta(days=1)
    return [
        Fact(Words("借款人", "Borrower"), line.borrower_name, link=reverse("household", args=(line.household_id,))
             if line.household_id else ""),
        Fact(Words("贷款", "Loan"), line.loan_id, link=reverse("loan", args=(line.loan_id,))),
        Fact(Words("村", "Village"), line.village_name),
        Fact(Words("政策", "Regime"), PRODUCT_WORDS.get(line.product, line.product)),
        Fact(Words("种类", "Kind"), LINE_KINDS.get(line.kind, line.kind), note=_ground(line)),
        Fact(Words("第一天", "First day"), line.start, "day"),
        Fact(Words("最后一天", "Last day"), last, "day", note=Words(f"共 {line.days} 天", f"{line.days} days")),
        Fact(Words("年利率", "Rate a year"), line.rate_e8, "percent"),
        Fact(Words("计息方式", "Interest method"), line.method, "word", "interest_method"),
        Fact(Words("期初余额", "Balance on the first day"), line.opening_fen, "yuan"),
        Fact(Words("贴息本金", "Subsidised part"), line.subsidised_part_fen, "yuan"),
        Fact(Words("适用政策", "Policy"), line.policy.replace("+", " + "), clauses=line.clauses),
        Fact(Words("冻结值", "Frozen as"), line.line_hash[:12]),
    ]  # fmt: skip


def _ground(line: LineView) -> Words | str:
    return subsidies.GROUNDS.get(line.ground, line.ground) if line.ground else ""


def money(line: LineView) -> list[Flow]:
    """How the interest is borne, and what of the subsidy is paid now: each adds up."""
    borne = [
        FlowLine(words_of(payer, "payer"), line.by_payer[payer]) for payer in PAYERS if line.by_payer[payer]
    ]
    borne.append(FlowLine(Words("借款人承担", "The borrower"), line.borrower_fen))
    now = [FlowLine(Words("应贴息", "Subsidy due"), line.subsidy_fen)]
    if line.held_back_fen:
        note = Words("利息收回后补发", "paid once the interest is in")
        now.append(FlowLine(Words("暂扣", "Held back"), -line.held_back_fen, note))
    return [
        Flow(borne, Words("本期利息", "Interest of the period"), line.interest_fen),
        Flow(now, Words("本期应发", "Payable now"), line.payable_fen),
    ]


def happenings(steps: Sequence[payments.Tracked]) -> list[Happening]:
    """The way of a line and its money, newest first."""
    return [
        Happening(one.at, one.words, _told(one), _by(one), _TRACKED.get(one.code, "info"), one.clauses)
        for one in reversed(steps)
    ]


_TRACKED: Mapping[str, Tone] = {
    "computed": "info", "step": "ok", "line_act": "warn", "notice": "info", "prepared": "wait", "released": "wait",
    "rejected": "bad", "result": "info", "proof": "ok", "recovered": "info", "corrected": "warn",
}  # fmt: skip
_FACTS: Mapping[str, Words] = {
    "reason": Words("理由", "why"), "opinion": Words("意见", "opinion"), "area": Words("地点", "place"),
    "last_day": Words("期满日", "last day"), "batch": Words("批次", "batch"), "account": Words("账号", "account"),
    "payee": Words("收款人", "payee"), "reference": Words("流水号", "reference"), "voucher": Words("凭证", "voucher"),
    "run": Words("第几次计算", "run"),
}  # fmt: skip
_HASHES: Mapping[str, Words] = {
    "line_hash": Words("冻结值", "frozen as"), "hash": Words("内容校验值", "hash"),
    "file_hash": Words("文件校验值", "file"),
}  # fmt: skip


def _told(step: payments.Tracked) -> Words:
    """What is told of a step: reasons, numbers, amounts, the beginning of hashes."""
    parts = [(words, str(step.facts[name])) for name, words in _FACTS.items() if step.facts.get(name)]
    if fen := step.facts.get("amount_fen"):
        parts.append((Words("金额（元）", "amount (yuan)"), format_yuan(fen, grouped=True)))
    parts += [(words, str(step.facts[name])[:12]) for name, words in _HASHES.items() if step.facts.get(name)]
    if step.on:
        parts.append((Words("日期", "day"), step.on.isoformat()))
    return Words(
        "；".join(f"{name.zh} {told}" for name, told in parts),
        "; ".join(f"{name.en} {told}" for name, told in parts),
    )


def _by(step: payments.Tracked) -> Words | str:
    role = ROLES.get(step.role)
    return (
        Words(f"{step.who} · {role.words.zh}", f"{step.who} · {role.words.en}")
        if role and step.who
        else step.who
    )


_ABOUT = (
    Column("period", Words("期间", "Period"), link="url", narrow=True),
    Column("loan_id", Words("贷款", "Loan"), narrow=True),
    Column("kind", Words("种类", "Kind")),
    Column("interest_fen", Words("利息", "Interest"), "yuan", unit=YUAN),
    Column("subsidy_fen", Words("应贴息", "Subsidy due"), "yuan", unit=YUAN),
    Column("held_back_fen", Words("暂扣", "Held back"), "yuan", unit=YUAN),
    Column("payable_fen", Words("应发", "Payable"), "yuan", unit=YUAN),
    Column("chip", Words("状态", "Status"), "chip"),
)


def about_table(lines: Sequence[LineView], *, of_loan: bool) -> Table:
    """The lines of a loan or a household, on its page."""
    latest = lines[:_LATEST]
    became = payments.outcomes_of([one.id for one in latest])
    rows = [
        {
            "period": f"{one.start.isoformat()} – {(one.end - timedelta(days=1)).isoformat()}", "loan_id": one.loan_id,
            "url": reverse("subsidy-line", args=(one.id,)), "kind": LINE_KINDS.get(one.kind, one.kind),
            "interest_fen": one.interest_fen, "subsidy_fen": one.subsidy_fen,
            "held_back_fen": one.held_back_fen or None, "payable_fen": one.payable_fen,
            "chip": status_chip(one, became.get(one.id, "")),
        }
        for one in latest
    ]  # fmt: skip
    absent = ["loan_id"] if of_loan else []
    absent += [] if any(one["held_back_fen"] for one in rows) else ["held_back_fen"]
    caption = Words("贴息", "Subsidy")
    if len(lines) > _LATEST:
        caption = Words(
            f"贴息（最近 {_LATEST} 笔，共 {len(lines)} 笔）",
            f"Subsidy (the latest {_LATEST} of {len(lines)} lines)",
        )
    empty = Words("还没有贴息记录", "No subsidy is recorded")
    return Table(caption, without(_ABOUT, *absent), rows, empty=empty)


def compared(line: LineView) -> list[Fact]:
    """Our figure beside the bank's, and what explains the difference."""
    if line.claimed_fen is None and not line.difference:
        return []
    told = line.told.get("difference", {})
    codes = told.get("reasons") or ([line.difference] if line.difference else [])
    reasons = [subsidies.DIFFERENCES.get(code, Words(code, code)) for code in codes]
    why = Words("、".join(one.zh for one in reasons), ", ".join(one.en for one in reasons))
    return [
        Fact(Words("核算数", "Ours"), line.subsidy_fen, "yuan"),
        Fact(Words("银行自报数", "The bank's"), line.claimed_fen, "yuan"),
        Fact(Words("差额", "Difference"), line.differs_by, "yuan"),
        Fact(Words("所用利率", "At the rate"), line.claimed_rate_e8, "percent"),
        *(
            [Fact(Words("差异原因", "Why it differs"), why, clauses=told.get("clauses", ()))]
            if reasons
            else []
        ),
    ]
