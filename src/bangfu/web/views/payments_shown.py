"""Payments as the components show them: what could be paid, batches, payments and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import day_of
from bangfu.casework.documents import api as documents
from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import (
    BATCH_STATES,
    LEFT_OUT,
    OUTCOMES,
    PAID_TO,
    REASONS,
    BatchView,
)
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import PAYERS, ListView
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.web.code_words import words_of
from bangfu.web.hashes import hash_code
from bangfu.web.parts import Chip, Column, Fact, Figure, Happening, Pager, Table, Tone
from bangfu.web.templatetags.bangfu import chip
from bangfu.web.views.subsidies_shown import YUAN, without

PAGE = 50
BATCH_TONES: Mapping[str, Tone] = {"prepared": "wait", "rejected": "bad", "released": "info", "done": "ok"}
OUTCOME_TONES: Mapping[str, Tone] = {"pending": "wait", "paid": "ok", "failed": "bad", "returned": "warn"}
_PAID_FROM = ("payment", "announcement", "filing", "filed")  # steps at which payment is counted


def batch_chip(one: BatchView) -> Chip:
    """Where a batch stands."""
    return Chip(BATCH_TONES[one.state], BATCH_STATES[one.state])


def outcome_chip(code: str) -> Chip:
    """What became of a payment."""
    return Chip(OUTCOME_TONES[code], OUTCOMES[code])


def batch_name(one: BatchView) -> Words:
    """第 2 批."""
    return Words(f"第 {one.number} 批", f"batch {one.number}")


def figures(found: payments.Payable, batches: Sequence[BatchView], again: int) -> list[Figure]:
    """What could be paid now, and what stands in the way."""
    released = [one for one in batches if one.state == "released"]
    on_the_way = [share for one in released for share in one.outcomes if share.code == "pending"]
    waits = [one for one in batches if one.state == "prepared"]
    missing = sum(1 for one in found.left_out if one.why == "no_account")
    return [
        Figure(Words("现在可发", "Payable now"), found.total_fen, "yuan", YUAN,
               Words(f"{found.items} 笔，其中重发 {found.again} 笔",
                     f"{found.items} lines, {found.again} of them again"),
               tone="ok" if found.items else ""),
        Figure(Words("缺收款账户", "Without an account"), missing, unit=Words("笔", "lines"),
               tone="warn" if missing else "", url="#left-out" if missing else ""),
        Figure(Words("退回待重发", "Came back, due again"), again, unit=Words("笔", "lines"),
               tone="warn" if again else "", url="#again" if again else ""),
        Figure(Words("等待复核的批次", "Batches waiting for release"), len(waits), tone="warn" if waits else "",
               url="#batches" if waits else ""),
        Figure(Words("已导出、未出结果", "Released, no result yet"), sum(one.fen for one in on_the_way), "yuan", YUAN,
               Words(f"{sum(one.items for one in on_the_way)} 笔", f"{sum(one.items for one in on_the_way)} payments"),
               url="#batches" if on_the_way else ""),
    ]  # fmt: skip


def by_payer(found: Mapping[str, int]) -> list[Fact]:
    """What comes from whom, as a line."""
    return [Fact(words_of(payer, "payer"), found[payer], "yuan") for payer in PAYERS if found.get(payer)]


_LISTS = (
    Column("township", Words("乡镇", "Township"), link="url"),
    Column("bank", Words("网点", "Branch")),
    Column("lines", Words("应发", "To pay"), "number", unit=Words("笔", "lines")),
    Column("fen", Words("应发", "To pay"), "yuan", unit=YUAN),
    Column("paid", Words("已发", "Paid"), "number", unit=Words("笔", "lines")),
    Column("paid_fen", Words("已发", "Paid"), "yuan", unit=YUAN),
    Column("on_the_way", Words("处理中", "On the way"), "number", unit=Words("笔", "lines")),
    Column("came_back", Words("退回、失败", "Came back"), "number", unit=Words("笔", "lines")),
    Column("held", Words("暂缓", "Held"), "number", unit=Words("笔", "lines")),
    Column("waits", Words("在等什么", "What it waits for")),
)


def lists_table(
    rows: Sequence[ListView], paid: Mapping[UUID, payments.PaidOf], ready: Sequence[UUID]
) -> Table:
    """The lists of a cycle with how far their payment has come; one that is not confirmed yet holds nobody."""
    listed: list[dict[str, Any]] = []
    for one in rows:
        told = paid.get(one.id)
        counted = told is not None and one.state in _PAID_FROM
        listed.append(
            {
                "township": one.township_name, "url": reverse("subsidy-list", args=(one.id,)), "bank": one.bank_name,
                **{name: getattr(told, name) if counted else None
                   for name in ("lines", "fen", "paid", "paid_fen", "on_the_way", "came_back", "held")},
                "waits": _waits(one, told, ready=one.id in ready),
            }
        )  # fmt: skip
    summed = [one.name for one in _LISTS if one.numeric]
    absent = [name for name in ("on_the_way", "came_back", "held") if not any(row[name] for row in listed)]
    totals = {name: sum(row[name] or 0 for row in listed) for name in summed}
    return Table(
        Words("清册", "Lists"), without(_LISTS, *absent), listed,
        totals={"township": Words("合计", "In all"), **totals} if len(listed) > 1 else None,
        empty=Words("本期没有清册", "The cycle has no list in your scope"),
    )  # fmt: skip


def _waits(one: ListView, told: payments.PaidOf | None, *, ready: bool) -> Words:
    if one.state != "payment" or told is None:
        return one.stands_at.words
    if not told.lines and not told.held:
        return Words("没有应发的，可转入下一步", "nothing to pay: it can go on")
    if told.done:
        return Words("已发完，可转入公告", "all paid: ready for the announcement")
    zh, en = [], []
    if ready:
        zh.append("编制批次")
        en.append("a batch")
    if told.unreleased:
        zh.append("复核导出")
        en.append("the release of its batch")
    if told.on_the_way > told.unreleased:
        zh.append("发放结果")
        en.append("results")
    if told.came_back:
        zh.append("更正账户后重发")
        en.append("accounts, then paid again")
    if told.held:
        zh.append("暂缓的处理")
        en.append("what is held")
    return Words("、".join(zh) or "收款账户", ", ".join(en) or "accounts")


_LEFT = (
    Column("who", Words("借款人、贷款", "Borrower, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("why", Words("为什么不能发", "Why it cannot be paid")),
    Column("do", Words("怎么办", "What to do"), link="url"),
)
_BY_BRANCH = Words("由网点申请更正账户", "the branch asks for another account")
_DO: Mapping[str, Words] = {
    "no_account": Words("登记收款账户", "enter the account"),
    "account_not_corrected": Words("申请更正账户", "ask for another account"),
    "payee_deceased": Words("申请更正账户", "ask for another account"),
}


def left_out_table(
    rows: Sequence[payments.LeftOut], places: Mapping[str, str], page: int, *, asks: bool
) -> Table:
    """The lines that cannot be paid yet, fifty a page, by what is missing; ``asks``: the reader may ask for another."""
    ordered = sorted(rows, key=lambda one: (one.why, one.village, one.loan_id))
    pager = Pager(page, max(1, -(-len(ordered) // PAGE)), len(ordered))
    listed = [
        {
            "who": who(one.borrower_name, one.loan_id, one.line_id), "village": places.get(one.village, one.village),
            "amount_fen": one.amount_fen, "why": LEFT_OUT[one.why],
            **_what_to_do(one, asks=asks),
        }
        for one in ordered[(page - 1) * PAGE : page * PAGE]
    ]  # fmt: skip
    return Table(Words("暂时发不了的", "Cannot be paid yet"), _LEFT, listed, pager=pager)


def _what_to_do(one: payments.LeftOut, *, asks: bool) -> dict[str, Any]:
    """The page on which it is mended, for those who may; else the account, with who asks for another."""
    if asks and one.why != "no_account":
        return {
            "do": _DO[one.why],
            "url": reverse("household-ask", args=(one.household_id, payments.CHANGE.code)),
        }
    return {"do": _DO[one.why] if one.why == "no_account" else _BY_BRANCH,
            "url": f"{reverse('payees')}?household={one.household_id}"}  # fmt: skip


def who(name: str, loan_id: str, line_id: UUID) -> SafeString:
    """A borrower and loan that open the line."""
    return format_html(
        '<a href="{}">{}</a><br><small>{}</small>', reverse("subsidy-line", args=(line_id,)), name or loan_id, loan_id
    )  # fmt: skip


_AGAIN = (
    Column("who", Words("借款人、贷款", "Borrower, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("chip", Words("结果", "Outcome"), "chip"),
    Column("reason", Words("原因", "Reason")),
    Column("on", Words("退回日期", "Came back"), "day"),
    Column("days", Words("已等", "Waiting"), "number", unit=Words("天", "days")),
    Column("attempts", Words("发过", "Tried"), "number", unit=Words("次", "times")),
    Column("ready", Words("重发", "Again"), "chip"),
)


def again_table(rows: Sequence[payments.DueAgain], places: Mapping[str, str]) -> Table:
    """What came back and was not paid since."""
    ready = Chip("ok", Words("可进下一批", "ready"))
    waits = Chip("wait", Words("须先更正账户", "account first"))
    listed = [
        {
            "who": who(one.borrower_name, one.loan_id, one.line_id), "village": places.get(one.village, one.village),
            "amount_fen": one.amount_fen, "chip": outcome_chip(one.outcome),
            "reason": REASONS.get(one.reason_code, one.reason_code), "on": one.on, "days": one.days,
            "attempts": one.attempts, "ready": ready if one.ready else waits,
        }
        for one in rows
    ]  # fmt: skip
    return Table(Words("退回、失败，待重发", "Came back, due again"), _AGAIN, listed)


_BATCHES = (
    Column("name", Words("批次", "Batch"), link="url", narrow=True),
    Column("chip", Words("状态", "State"), "chip"),
    Column("items", Words("笔数", "Payments"), "number"),
    Column("total_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("paid", Words("已发放", "Paid"), "number"),
    Column("back", Words("失败、退回", "Failed, returned"), "number"),
    Column("prepared", Words("编制", "Prepared")),
    Column("released", Words("复核", "Released or rejected")),
)


def batches_table(rows: Sequence[BatchView], periods: Mapping[UUID, Words] | None = None) -> Table:
    """Batches, the latest first; of several cycles each with its period."""
    listed = []
    for one in rows:
        told = {share.code: share.items for share in one.outcomes}
        listed.append(
            {
                "name": _batch_of(one, (periods or {}).get(one.cycle_id)),
                "url": reverse("payment", args=(one.id,)), "chip": batch_chip(one),
                "items": one.items, "total_fen": one.total_fen,
                "paid": told.get("paid") or None,
                "back": told.get("failed", 0) + told.get("returned", 0) or None,
                "prepared": by_whom(one.prepared_name, one.at),
                "released": by_whom(one.released_name, one.released_at),
            }
        )  # fmt: skip
    return Table(Words("发放批次", "Batches"), _BATCHES, listed, empty=Words("还没有批次", "No batch yet"))


def _batch_of(one: BatchView, period: Words | None) -> Words:
    name = batch_name(one)
    return Words(f"{period.zh} {name.zh}", f"{period.en} {name.en}") if period else name


def by_whom(name: str, at: datetime | None) -> str:
    """Who did it, on which day."""
    if not name:
        return ""
    return f"{name} · {day_of(at).isoformat()}" if at else name


_SHARES = (
    Column("name", Words("名称", "Name"), link="url"),
    Column("items", Words("笔数", "Payments"), "number"),
    Column("fen", Words("金额", "Amount"), "yuan", unit=YUAN),
)


def shares_table(
    caption: Words, rows: Sequence[payments.Share], *, counted: bool = True, by: str = "", page: str = ""
) -> Table:
    """Parts of a batch with their sum; ``by`` is the filter of the batch's page that shows a part's payments."""
    totals: dict[str, Any] = {"name": Words("合计", "In all"), "fen": sum(one.fen for one in rows)}
    if counted:
        totals["items"] = sum(one.items for one in rows)
    columns = _SHARES if counted else without(_SHARES, "items")
    listed = [
        {"name": one.name, "items": one.items, "fen": one.fen,
         "url": f"{page}?{urlencode({by: one.code})}#items" if by else ""}
        for one in rows
    ]  # fmt: skip
    return Table(caption, columns, listed, totals=totals if len(rows) > 1 else None)


def payer_shares(one: BatchView) -> tuple[payments.Share, ...]:
    """What a batch takes from each payer."""
    return tuple(
        payments.Share(payer, str(words_of(payer, "payer")), 0, one.by_source[payer])
        for payer in PAYERS
        if one.by_source.get(payer)
    )


_ITEMS = (
    Column("number", Words("序号", "No."), "number", narrow=True),
    Column("who", Words("收款人、贷款", "Payee, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("account", Words("账号", "Account"), narrow=True),
    Column("bank", Words("开户行", "Bank")),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("chip", Words("结果", "Outcome"), "html"),
    Column("on", Words("日期", "Day"), "day"),
    Column("then", Words("后来", "Since then"), "html"),
    Column("do", Words("办理", "Act"), "html"),
)


def items_table(
    page: payments.ItemPage, places: Mapping[str, str], number: int, *, role: str, sent: bool
) -> Table:
    """Payments of a batch, accounts masked; of one that came back where it was paid again, or what can be done.

    Nothing is said of outcomes before the batch is ``sent``.
    """
    again = payments.tried_again(page.rows)
    rows = [
        {
            "number": one.number, "who": who(one.payee_name, one.loan_id, one.line_id),
            "village": places.get(one.village, one.village), "account": one.account, "bank": one.bank_name,
            "amount_fen": one.amount_fen, "chip": _became(one), "on": one.on, "then": _again(again.get(one.id)),
            "do": None if one.id in again else _act_on(one, role),
        }
        for one in page.rows
    ]  # fmt: skip
    absent = ["on"] if not any(row["on"] for row in rows) else []
    absent += [] if sent else ["chip"]
    absent += [name for name in ("then", "do") if not any(row[name] for row in rows)]
    absent += [] if any(row["bank"] for row in rows) else ["bank"]
    pager = Pager(number, max(1, -(-page.total // PAGE)), page.total)
    return Table(Words("逐笔", "Payments"), without(_ITEMS, *absent), rows, pager=pager,
                 empty=Words("没有符合条件的", "None fits"))  # fmt: skip


def _became(one: payments.ItemView) -> SafeString:
    out = chip(OUTCOME_TONES[one.outcome], OUTCOMES[one.outcome])
    if one.reason_code:
        more = REASONS.get(one.reason_code, one.reason_code)
        out += format_html("<br><small>{}{}</small>", more, f" · {one.reason}" if one.reason else "")
    return out


def _again(one: payments.ItemView | None) -> SafeString | None:
    """The later batch with what became of it there; who does not see that batch is told of the outcome alone."""
    if one is None:
        return None
    became = chip(OUTCOME_TONES[one.outcome], OUTCOMES[one.outcome])
    if not one.batch_number:
        return became
    words = Words(f"第 {one.batch_number} 批重发", f"again in batch {one.batch_number}")
    return format_html('<a href="{}">{}</a> {}', reverse("payment", args=(one.batch_id,)), words, became)


def _act_on(one: payments.ItemView, role: str) -> SafeString | None:
    links = []
    if one.outcome == "paid" and people.may(role, "payment.result"):
        url = reverse("payment-return", args=(one.batch_id, one.number))
        links.append((url, Words("登记退回", "came back")))
    if one.outcome in ("failed", "returned") and one.reason_code != "batch_rejected" and one.household_id:
        if people.may(role, "payee.request"):
            url = reverse("household-ask", args=(one.household_id, payments.CHANGE.code))
            links.append((url, Words("申请更正账户", "ask for another account")))
        else:
            links.append((f"{reverse('payees')}?household={one.household_id}", Words("收款账户", "account")))
    out = SafeString("")
    for url, words in links:
        out += format_html('<a href="{}">{}</a> ', url, words)
    return out or None


def batch_facts(one: BatchView, cycle: Words) -> list[Fact]:
    """What a batch is, who made it, and by which hash it is known."""
    facts = [
        Fact(Words("期间", "Period"), cycle, link=reverse("cycle-payments", args=(one.cycle_id,))),
        Fact(Words("文件格式", "Format"), one.format_name),
        Fact(Words("编制", "Prepared"), by_whom(one.prepared_name, one.at)),
    ]
    if one.state == "rejected":
        facts += [
            Fact(Words("未通过", "Rejected"), by_whom(one.released_name, one.released_at)),
            Fact(Words("理由", "Reason"), one.reason),
        ]
    elif one.released_name:
        facts.append(Fact(Words("复核导出", "Released"), by_whom(one.released_name, one.released_at)))
    return facts


_FILES = (
    Column("name", Words("文件", "File"), link="url"),
    Column("kind", Words("种类", "Kind"), narrow=True),
    Column("size", Words("大小", "Size"), "number", unit=Words("字节", "bytes")),
    Column("at", Words("时间", "When"), "moment", narrow=True),
    Column("sha256", Words("校验值（SHA-256）", "Hash (SHA-256)"), "html"),
)
_FILE_KINDS = {
    "payment_file": Words("发放文件", "payment file"),
    "payment_control": Words("控制单", "control sheet"),
    "payment_result": Words("结果文件", "result file"),
}


def files_table(rows: Sequence[documents.FileView], *, role: str) -> Table:
    """The files of a batch; who may not open one sees that it is there, and its hash."""
    listed = [
        {
            "name": one.name, "kind": _FILE_KINDS.get(one.kind, one.kind), "size": one.size, "at": one.at,
            "sha256": hash_code(one.sha256),
            "url": reverse("file", args=(one.id,))
            if one.kind == "payment_control" or people.may(role, "payment.open") else "",
        }
        for one in rows
    ]  # fmt: skip
    return Table(
        Words("文件", "Files"),
        _FILES,
        listed,
        empty=Words("导出后在这里", "They are here once it is released"),
    )


def happenings(rows: Sequence[trail.Entry]) -> list[Happening]:
    """Who did what with a batch, and who took its file, newest first."""
    out = []
    for one in rows:
        words = trail.act_words(one.act)
        kind = str(one.after.get("kind", ""))
        if one.act == "file.opened":
            what = _FILE_KINDS.get(kind, Words(kind, kind))
            words = Words(f"下载了{what.zh}", f"took the {what.en}")
        elif one.act == "file.kept":
            what = _FILE_KINDS.get(kind, Words(kind, kind))
            words = Words(f"存入{what.zh}", f"kept the {what.en}")
        role = people.ROLES[one.role].words if one.role in people.ROLES else one.role
        who_did = Words(f"{one.who} · {role}", f"{one.who} · {role.en if isinstance(role, Words) else role}")
        out.append(Happening(one.at, words, one.why, who_did, "info", one.basis))
    return out[::-1]


def item_facts(one: payments.ItemView, places: Mapping[str, str]) -> list[Fact]:
    """One payment."""
    return [
        Fact(Words("收款人", "Payee"), one.payee_name, link=reverse("subsidy-line", args=(one.line_id,))),
        Fact(Words("村", "Village"), places.get(one.village, one.village)),
        Fact(Words("账号", "Account"), one.account),
        Fact(Words("金额", "Amount"), one.amount_fen, "yuan"),
        Fact(Words("发到", "Paid to"), PAID_TO[one.paid_to]),
        Fact(Words("到账", "Paid on"), one.on, "day"),
    ]


def yuan(fen: int) -> str:
    """Fen as people read it."""
    return format_yuan(fen, grouped=True)


def paid_to_words(code: str) -> Words:
    """Whom it went to."""
    return PAID_TO.get(code, Words(code, code))
