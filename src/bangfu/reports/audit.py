"""The audit workbook: summary, a sheet for each group of findings, refunds to the fen, what could not be looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from bangfu.engine.audit import AuditResult
from bangfu.facts import Facts
from bangfu.money.fen import parse_yuan
from bangfu.policy import PolicyBook
from bangfu.refusals import CODES
from bangfu.reports.basis import cited, write_basis
from bangfu.reports.fact_words import facts_words
from bangfu.reports.paper import Column, Workbook
from bangfu.reports.words import PRODUCTS, TABLES, day_words

GROUPS: Mapping[str, tuple[str, ...]] = {
    "政策适用": ("no_policy_for_place_and_day", "rate_series_too_old", "term_not_set", "calendar_not_published"),
    "借款对象": (
        "not_on_roster", "wrongly_listed", "category_not_admitted", "age_out_of_range", "no_labour_force",
        "borrower_not_in_household", "duplicate_identity", "bad_id_number",
    ),
    "额度期限利率": (
        "over_household_cap", "several_loans_in_household", "term_too_long", "rate_above_ceiling",
        "rate_changed_in_contract",
    ),
    "担保与收费": ("guarantee_taken", "borrower_charged"),
    "资金用途": ("purpose_forbidden", "used_by_enterprise", "shared_payee_cluster"),
    "续贷与展期": ("renewed_or_extended_twice", "extension_too_long", "renewal_too_long"),
    "熔断与风险补偿": (
        "lent_while_suspended", "compensated_before_grace", "recovered_not_returned_in_time", "fund_below_floor",
    ),
    "计息": ("interest_overcharged", "interest_undercharged", "should_have_had_programme_loan"),
    "贴息": (
        "subsidy_overclaimed", "subsidy_underpaid", "subsidy_not_returned", "subsidised_twice",
        "subsidised_without_right", "subsidy_undetermined", "subsidy_exceeds_rate",
    ),
    "保险与提醒": ("insurance_gap", "insurance_claim_unpaid", "reminder_missed"),
    "统计异常": ("overdue_outlier", "household_count_anomaly", "lends_to_everyone"),
}  # fmt: skip
STATISTICS: Mapping[str, str] = {
    "overdue_outlier": "统计方法：本地区逾期笔数与全县其余地区逾期率相比，按二项分布计算偶然出现的概率，"
    "并按比较地区数修正；只表示值得核查，不等于违规。",
    "household_count_anomaly": "统计方法：一个季度内贷款户数变动与本地区历次变动相比，"
    "超过通常离散度的若干倍才列出；只表示值得核查，不等于违规。",
    "lends_to_everyone": "统计方法：在册户几乎全部有贷款的村；无劳动能力户也在其中时界限放低；"
    "只表示值得核查，不等于违规。",
    "shared_payee_cluster": "统计方法：多户贷款资金大部分汇入同一账户或互有往来的账户；以资金流向图归并。",
}
_TO_BORROWER = ("subsidy_not_returned", "borrower_charged", "should_have_had_programme_loan")
_TO_TREASURY = ("subsidy_overclaimed", "subsidised_without_right", "subsidised_twice")


@dataclass(frozen=True, slots=True)
class Refund:
    """An amount to give back: from which finding, to whom."""

    code: str
    table: str
    id: str
    amount_fen: int
    to: str
    clauses: Sequence[str]
    facts: str


def refunds(findings: pl.DataFrame) -> list[Refund]:
    """What is to be given back, in the order of the findings: who bore it gets it, to the fen."""
    return [one for row in findings.iter_rows(named=True) for one in _refunds_of(row) if one.amount_fen > 0]


def _refunds_of(row: Mapping[str, Any]) -> Iterator[Refund]:
    code, known = row["code"], (row["table"], row["id"])
    rest = (row["clauses"], row["facts"])
    if code == "interest_overcharged":
        told = json.loads(row["facts"])
        yield Refund(code, *known, parse_yuan(told["refund_to_borrower"]), "借款人", *rest)
        yield Refund(code, *known, parse_yuan(told["refund_to_payer"]), "财政", *rest)
    elif code in _TO_BORROWER:
        yield Refund(code, *known, row["amount_fen"] or 0, "借款人", *rest)
    elif code in _TO_TREASURY:
        yield Refund(code, *known, row["amount_fen"] or 0, "财政", *rest)


def write_audit_book(
    result: AuditResult, *, facts: Facts, policy: PolicyBook, path: Path, office: str = ""
) -> None:
    """Write the workbook.

    Args:
        result: What ``engine.audit`` found.
        facts: The facts it looked at: names, places, lenders.
        policy: The packs, for the words of the clauses.
        path: The workbook to write.
        office: Who audits; empty leaves room to write it in.

    Raises:
        TooManyRows: A list is longer than a sheet.
    """
    people = People(facts)
    notes = (
        f"截至：{day_words(result.as_of)}        审计单位：{office or '______________'}        单位：元",
    )
    with Workbook(path, title="小额信贷审计结果", made_on=result.as_of) as book:
        _summary(book, result, notes)
        for group, codes in GROUPS.items():
            own = result.findings.filter(pl.col("code").is_in(codes))
            if own.height:
                _group(book, group, own, people, notes)
        _refund_list(book, refunds(result.findings), people, notes)
        _not_run(book, result, notes)
        write_basis(book, policy, cited(result.findings["clauses"]))


class People:
    """Who and where a finding's subject is: name of the household's head, village, lender."""

    def __init__(self, facts: Facts) -> None:
        homes = facts.households.select("household_id", "head_name", "area_code").rows()
        self._homes = {household: (name or "", area or "") for household, name, area in homes}
        self._loans: dict[str, tuple[str, str, str, str]] = {}
        for name in ("ordinary_loans", "loans"):
            columns = ("loan_id", "household_id", "area_code", "lender", "branch", "product")
            for loan, household, area, lender, branch, product in facts.tables[name].select(columns).rows():
                place = area or self._homes.get(household, ("", ""))[1]
                by = "　".join(part for part in (lender, branch) if part)
                self._loans[loan] = (household or "", place, by, PRODUCTS.get(product, "普通贷款"))

    def of(self, table: str, subject: str) -> tuple[str, str, str, str]:
        """Name, village or area, lender and branch, product; empty where not known."""
        if table in ("loans", "ordinary_loans", "subsidies", "transfers"):
            household, place, by, product = self._loans.get(subject, ("", "", "", ""))
            return self._homes.get(household, ("", ""))[0], place, by, product
        if table == "households":
            name, place = self._homes.get(subject, ("", ""))
            return name, place, "", ""
        return "", subject if table == "areas" else "", "", ""


def _summary(book: Workbook, result: AuditResult, notes: Sequence[str]) -> None:
    columns = (
        Column("类别", 18), Column("问题", 44), Column("代码", 32), Column("数量", 10, "count", summed=True),
        Column("涉及金额", 18, "money"),
    )  # fmt: skip
    sheet = book.sheet("汇总", columns, title="小额信贷审计结果汇总表", notes=notes)
    counted = {row["code"]: row for row in result.summary.iter_rows(named=True)}
    total = 0
    for group, codes in GROUPS.items():
        for code in codes:
            if code in counted:
                row = counted[code]
                total += row["count"]
                sheet.add((group, CODES[code].zh, code, row["count"], row["amount_fen"] or None))
    sheet.total("合计", (None, None, None, total, None))
    sheet.note("各类涉及金额含义不同（本金、利息、贴息、补偿金），不相加。同一笔贷款可有多个问题。")
    if result.not_run:
        sheet.note("有检查因缺少资料未执行，见“未执行”表；未执行不等于合格。")
    sheet.sign()


def _group(book: Workbook, group: str, own: pl.DataFrame, people: People, notes: Sequence[str]) -> None:
    columns = (
        Column("序号", 5, "count"), Column("问题", 17, "wrap"), Column("对象", 8, "centre"),
        Column("编号", 13, "centre"),
        Column("户主姓名", 9, "centre"), Column("村（区划代码）", 13, "centre"), Column("贷款银行、网点", 20, "wrap"),
        Column("产品", 11, "wrap"), Column("金额", 12, "money"), Column("事实", 52, "wrap"),
        Column("依据条款", 15, "wrap"),
    )  # fmt: skip
    explained = [STATISTICS[code] for code in own["code"].unique(maintain_order=True) if code in STATISTICS]
    sheet = book.sheet(group, columns, title=f"审计发现问题清单：{group}", notes=(*notes, *explained))
    for number, row in enumerate(own.iter_rows(named=True), 1):
        name, place, by, product = people.of(row["table"], row["id"])
        sheet.add(
            (number, CODES[row["code"]].zh, TABLES.get(row["table"], row["table"]), row["id"], name, place, by, product,
             row["amount_fen"], facts_words(row["facts"]), "；".join(row["clauses"]))
        )  # fmt: skip


def _refund_list(book: Workbook, due: Sequence[Refund], people: People, notes: Sequence[str]) -> None:
    columns = (
        Column("序号", 5, "count"), Column("退给", 8, "centre"), Column("借款合同号", 11, "centre"),
        Column("户主姓名", 9, "centre"),
        Column("村（区划代码）", 13, "centre"), Column("贷款银行、网点", 20, "wrap"), Column("事由", 18, "wrap"),
        Column("应退金额", 13, "money", summed=True), Column("计算", 52, "wrap"), Column("依据条款", 15, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("清退清单", columns, title="多收利息、贴息等应清退清单", notes=notes)
    number = whole = 0
    for to in ("借款人", "财政"):
        own = [one for one in due if one.to == to]
        for one in own:
            number += 1
            name, place, by, _ = people.of(one.table, one.id)
            words, clauses = CODES[one.code].zh, "；".join(one.clauses)
            sheet.add(
                (number, to, one.id, name, place, by, words, one.amount_fen, facts_words(one.facts), clauses)
            )
        if own:
            part = sum(one.amount_fen for one in own)
            whole += part
            sheet.subtotal(f"退给{to}小计", (*[None] * 7, part, None, None))
    sheet.total("合计", (*[None] * 7, whole, None, None))
    sheet.note("同一笔贷款的同一金额可能因不同事由重复出现（如无权享受又多报），清退时只退一次。")
    sheet.sign()


def _not_run(book: Workbook, result: AuditResult, notes: Sequence[str]) -> None:
    columns = (Column("未执行的检查", 60, "wrap"), Column("代码", 48, "wrap"), Column("缺少的表", 30, "wrap"))
    sheet = book.sheet("未执行", columns, title="因缺少资料未执行的检查", notes=notes)
    for one in result.not_run:
        words = "；".join(CODES[code].zh for code in one.codes)
        sheet.add((words, "、".join(one.codes), "、".join(TABLES.get(table, table) for table in one.missing)))
    if not result.not_run:
        sheet.note("全部检查均已执行。")
    for warning in result.warnings:
        sheet.note(f"提示：{warning.sentence('zh')}")
