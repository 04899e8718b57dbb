"""The subsidy's money as the components show it: balances with gaps in words, entries that open what they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from bangfu.casework.budgets import api as budgets
from bangfu.casework.budgets.api import ACCOUNTS, KINDS, SOURCES, Balance, LedgerRow
from bangfu.casework.database.actor import Actor
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.web.parts import Column, Pager, Tab, Table
from bangfu.web.views.subsidies_shown import YUAN, address, period_words, without

PAGE = 50


def yuan(fen: int) -> str:
    """Fen as people read it: 12,345.00."""
    return format_yuan(fen, grouped=True)


def gap_words(one: Balance) -> Words:
    """What stands in the way of paying, in words; that all is well where nothing does."""
    short = one.committed_fen - one.room_fen
    if one.gap_fen:
        more = yuan(one.gap_fen)
        return Words(f"缺口 {more} 元：已确认的多于下达的，须追加指标",
                     f"short by {more} yuan: more was confirmed than allotted")  # fmt: skip
    if short > 0:
        return Words(f"待发的还差 {yuan(short)} 元", f"{yuan(short)} yuan are missing for what waits")
    if not (one.allotted_fen or one.paid_fen or one.committed_fen or one.in_payment_fen):
        return Words("无收支", "no entries")
    return Words("无缺口", "no gap")


_BALANCES = (
    Column("source", Words("资金来源", "Source"), link="url"),
    Column("allotted_fen", Words("已下达", "Allotted"), "yuan", unit=YUAN),
    Column("committed_fen", Words("已确认待发", "Committed"), "yuan", unit=YUAN),
    Column("in_payment_fen", Words("发放中", "In payment"), "yuan", unit=YUAN),
    Column("paid_fen", Words("已发放", "Paid"), "yuan", unit=YUAN),
    Column("available_fen", Words("可用", "Available"), "yuan", unit=YUAN),
    Column("returned_fen", Words("其中退回过", "Came back"), "yuan", unit=YUAN),
    Column("recovered_fen", Words("已追回", "Recovered"), "yuan", unit=YUAN),
    Column("gap", Words("缺口", "Gap")),
)


# The entries behind a figure of the balances, as the ledger is asked for them.
_ENTRIES: Mapping[str, Mapping[str, str]] = {
    "allotted_fen": {"account": "source"}, "committed_fen": {"account": "committed"},
    "in_payment_fen": {"account": "in_payment"}, "paid_fen": {"account": "paid"},
    "available_fen": {"account": "available"}, "returned_fen": {"kind": "returned"},
    "recovered_fen": {"kind": "recovered"},
}  # fmt: skip


def _linked(column: Column) -> Column:
    return replace(column, link=f"{column.name}_url") if column.name in _ENTRIES else column


def balances_table(rows: Sequence[Balance], *, county: str, year: int, on: date | None) -> Table:
    """The money of a year by source; sources without entries are left out where others have some."""
    told = [one for one in rows if gap_words(one).zh != "无收支"] or list(rows)
    asked: dict[str, Any] = {"county": county, "year": year} | ({"last_on": on.isoformat()} if on else {})
    listed = [
        {
            **{column.name: getattr(one, column.name) for column in _BALANCES[1:-1]}, "source": SOURCES[one.source],
            "url": f"{reverse('budget-ledger')}?{urlencode(asked | {'source': one.source})}",
            "gap": gap_words(one),
            **{
                f"{name}_url": f"{reverse('budget-ledger')}?{urlencode(asked | {'source': one.source, **more})}"
                for name, more in _ENTRIES.items()
                if getattr(one, name)
            },
        }
        for one in told
    ]  # fmt: skip
    summed = [one.name for one in _BALANCES if one.numeric]
    absent = [name for name in ("returned_fen", "recovered_fen") if not any(row[name] for row in listed)]
    day = on.isoformat() if on else ""
    caption = Words(
        f"{year} 年度" + (f"（截至 {day}）" if on else ""),
        f"Budget of {year}" + (f", as of {day}" if on else ""),
    )
    return Table(
        caption, [_linked(one) for one in without(_BALANCES, *absent)], listed,
        totals={"source": Words("合计", "In all"), **{name: sum(row[name] for row in listed) for name in summed}},
    )  # fmt: skip


_LEDGER = (
    Column("on", Words("日期", "Day"), "day"),
    Column("year", Words("年度", "Year"), narrow=True),
    Column("source", Words("来源", "Source"), narrow=True),
    Column("kind", Words("类型", "Kind"), narrow=True),
    Column("way", Words("科目（自 → 至）", "From → to")),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("about", Words("凭据", "What it is of"), link="url"),
    Column("who", Words("经手", "By"), narrow=True),
)
_ABOUT = {
    "subsidy_list": (Words("清册", "list"), "subsidy-list"),
    "subsidy_line": (Words("明细", "line"), "subsidy-line"),
    "payment_batch": (Words("发放批次", "payment batch"), "payment"),
}


def subjects_named(found: budgets.LedgerPage, actor: Actor, county: str) -> dict[str, Words]:
    """What the entries of a page are of, by name: lists by township, batches by number, lines by borrower."""
    ids: dict[str, list[UUID]] = {}
    for one in found.rows:
        concept, _, subject = one.subject.partition(":")
        if concept in _ABOUT:
            ids.setdefault(concept, []).append(UUID(subject))
    out: dict[str, Words] = {}
    if lists := ids.get("subsidy_list"):
        for view in subsidies.lists_of(list_ids=sorted(set(lists)), on=actor.on):
            out[f"subsidy_list:{view.id}"] = _of(period_words(view.cycle), view.township_name)
    if lines := ids.get("subsidy_line"):
        for line in subsidies.lines_by_id(set(lines), on=actor.on).values():
            name = line.borrower_name or line.loan_id
            period = subsidies.period_words(line.start, line.end)
            out[f"subsidy_line:{line.id}"] = Words(f"明细 {name} {period.zh}", f"line of {name} {period.en}")
    if ids.get("payment_batch"):
        cycles = {one.id: period_words(one) for one in subsidies.cycles(actor=actor, county=county).rows}
        for batch in payments.batches(actor=actor, county=county):
            period = cycles.get(batch.cycle_id, Words("", ""))
            words = Words(
                f"发放 {period.zh} 第 {batch.number} 批", f"payment {period.en} batch {batch.number}"
            )
            out[f"payment_batch:{batch.id}"] = words
    return out


def _of(period: Words, township: str) -> Words:
    return Words(f"清册 {township} {period.zh}", f"list {township} {period.en}")


def ledger_table(found: budgets.LedgerPage, page: int, named: Mapping[str, Words]) -> Table:
    """Entries, each with what it is of."""
    pager = Pager(page, max(1, -(-found.total // PAGE)), found.total)
    caption = Words("明细账", "Ledger")
    return Table(caption, _LEDGER, [_entry(one, named) for one in found.rows], pager=pager,
                 empty=Words("没有符合条件的分录", "No entry fits"))  # fmt: skip


def holds_words(account: str, found: budgets.LedgerPage) -> Words | None:
    """What the entries asked for put into an account and took out of it; None where no account was asked for."""
    if account not in ACCOUNTS or not found.total:
        return None
    put, taken = yuan(found.in_fen), yuan(found.out_fen)
    if account == "source":
        net = yuan(found.out_fen - found.in_fen)
        return Words(f"下达 {taken} 元，收回 {put} 元，净下达 {net} 元",
                     f"{taken} yuan allotted, {put} taken back: {net}")  # fmt: skip
    left, name = yuan(found.in_fen - found.out_fen), ACCOUNTS[account]
    return Words(f"“{name.zh}”转入 {put} 元，转出 {taken} 元，余 {left} 元",
                 f"“{name.en}”: {put} yuan in, {taken} out, {left} left")  # fmt: skip


def _entry(one: LedgerRow, named: Mapping[str, Words]) -> dict[str, object]:
    about, url = _subject(one, named)
    kind = KINDS[one.kind]
    return {
        "on": one.on, "year": one.year, "source": SOURCES[one.source], "kind": kind.words,
        "way": Words(
            f"{ACCOUNTS[one.credit].zh} → {ACCOUNTS[one.debit].zh}",
            f"{ACCOUNTS[one.credit].en} → {ACCOUNTS[one.debit].en}",
        ),
        "amount_fen": one.amount_fen, "about": about, "url": url, "who": one.who,
    }  # fmt: skip


def _subject(one: LedgerRow, named: Mapping[str, Words]) -> tuple[Words, str]:
    """What an entry is of in words, and the page that shows it."""
    concept, _, subject = one.subject.partition(":")
    words, view = _ABOUT.get(concept, (Words("指标", "allotment"), ""))
    words = named.get(one.subject, words)
    more = one.document or payments.REASONS.get(one.why, one.why)
    if isinstance(more, str):
        more = Words(more, more)
    told = Words(f"{words.zh}：{more.zh}", f"{words.en}: {more.en}") if more.zh else words
    return told, address(view, subject) if view else reverse("trail-subject", args=(one.subject,))


def tabs(request: HttpRequest, current: str) -> list[Tab]:
    """The pages of the subsidy's money that one may see; they keep the county."""
    role = request.actor.role  # type: ignore[attr-defined]
    known = (
        ("budgets", Words("收支余额", "Balances"), "budget.read"),
        ("budget-ledger", Words("明细账", "Ledger"), "budget.read"),
        ("budget-forecast", Words("资金预测", "Forecast"), "budget.read"),
        ("lateness", Words("发放时效", "Lateness and arrears"), "payment.read"),
    )
    county = request.GET.get("county", "")
    query = f"?{urlencode({'county': county})}" if county else ""
    return [
        Tab(words, f"{url}{query}", name == current)
        for name, words, act in known
        if people.may(role, act) and (url := address(name))
    ]


def fault_words(one: budgets.Fault) -> Words:
    """A day on which the ledger does not hold."""
    day, fen = one.on.isoformat(), yuan(one.fen)
    source = SOURCES.get(one.source, Words(one.source, one.source))
    if not one.account:
        return Words(f"{day} {one.year}年度{source.zh}：借贷相差 {fen} 元",
                     f"{day}, {source.en} of {one.year}: the two sides differ by {fen} yuan")  # fmt: skip
    account = ACCOUNTS.get(one.account, Words(one.account, one.account))
    return Words(f"{day} {one.year}年度{source.zh}：{account.zh}为 {fen} 元",
                 f"{day}, {source.en} of {one.year}: {account.en} is {fen} yuan")  # fmt: skip
