"""The monitoring workbook: ratios and breaker, tolerance, fund, reminders, alarms, and the clauses behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bangfu.engine.monitor import MonitorResult
from bangfu.policy import PolicyBook
from bangfu.reports.basis import cited, write_basis
from bangfu.reports.fact_words import facts_words
from bangfu.reports.paper import Column, Workbook
from bangfu.reports.words import PRODUCTS, day_words

STATES = {"open": "正常", "suspended": "熔断", "undetermined": "未定标准"}
ALARMS = {
    "overdue_growth": "逾期快速上升",
    "class_lowered_at_renewal": "续贷时上调分类",
    "overdue_outlier": "逾期率明显偏高",
    "household_count_anomaly": "贷款户数异常波动",
}
HOW = {"spoken": "口头", "written": "书面"}


def write_monitor_book(result: MonitorResult, *, policy: PolicyBook, path: Path, office: str = "") -> None:
    """Write the workbook; areas stand in the order of their codes, nothing is ranked (CN2026-4.1)."""
    notes = (
        f"截至：{day_words(result.as_of)}        填报单位：{office or '______________'}        单位：元",
    )
    with Workbook(path, title="小额信贷监测", made_on=result.as_of) as book:
        _ratios(book, result.ratios, notes)
        _tolerance(book, result.tolerance, notes)
        if result.fund is not None:
            _fund(book, result.fund, notes)
        _reminders(book, result.reminders, notes)
        _alarms(book, result, notes)
        frames = (result.ratios, result.tolerance, result.reminders, result.anomalies)
        told = [clauses for frame in frames for clauses in frame["clauses"] if clauses is not None]
        write_basis(book, policy, cited(told))


def _ratios(book: Workbook, ratios: pl.DataFrame, notes: Sequence[str]) -> None:
    columns = (
        Column("地区", 10), Column("贷款银行", 26, "wrap"), Column("网点", 24, "wrap"), Column("产品", 18),
        Column("贷款余额", 16, "money", summed=True), Column("不良余额", 15, "money", summed=True),
        Column("不良率%", 9, "percent"), Column("逾期余额", 15, "money", summed=True), Column("逾期率%", 9, "percent"),
        Column("熔断线%", 9, "percent"), Column("状态", 10, "centre"), Column("自", 11, "date"),
        Column("依据条款", 18, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("不良与逾期", columns, title="不良、逾期与熔断情况表", notes=notes)
    sums = [0, 0, 0]
    for row in ratios.iter_rows(named=True):
        amounts = [row["balance_fen"], row["npl_fen"], row["overdue_fen"]]
        sums = [one + two for one, two in zip(sums, amounts, strict=True)]
        known = row["threshold_e8"] if row["clauses"] and row["state"] != "undetermined" else None
        sheet.add(
            (row["area_code"], row["lender"], row["branch"], PRODUCTS.get(row["product"], row["product"]), amounts[0],
             amounts[1], row["npl_percent_e8"], amounts[2], row["overdue_percent_e8"], known, STATES[row["state"]],
             row["since"], "；".join(row["clauses"]))
        )  # fmt: skip
    sheet.total(
        "合计", (None, None, None, None, sums[0], sums[1], None, sums[2], None, None, None, None, None)
    )
    sheet.note("按产品分列；同一贷款只计一次，续贷归新贷款。")
    sheet.sign()


def _tolerance(book: Workbook, rows: pl.DataFrame, notes: Sequence[str]) -> None:
    columns = (
        Column("贷款银行", 28), Column("产品", 20), Column("不良率%", 10, "percent"), Column("容忍线%", 10, "percent"),
        Column("是否在容忍度内", 14, "centre"), Column("超过（百分点）", 14, "percent"), Column("依据条款", 24, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("容忍度", columns, title="不良容忍度", notes=notes)
    words = {True: "是", False: "否", None: "无法判断"}
    for row in rows.iter_rows(named=True):
        sheet.add(
            (row["lender"], PRODUCTS.get(row["product"], row["product"]), row["npl_percent_e8"], row["tolerated_e8"],
             words[row["within"]], row["over_e8"], "；".join(row["clauses"] or ()))
        )  # fmt: skip


def _fund(book: Workbook, fund: pl.DataFrame, notes: Sequence[str]) -> None:
    columns = (
        Column("地区", 12), Column("贷款余额", 18, "money"), Column("补偿金余额", 18, "money"),
        Column("占比%", 10, "percent"), Column("下限%", 10, "percent"),
        Column("应有补偿金", 18, "money"), Column("缺口", 18, "money"),
        Column("依据条款", 24, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("风险补偿金", columns, title="风险补偿金充足情况", notes=notes)
    for row in fund.iter_rows(named=True):
        sheet.add(
            (row["area_code"], row["balance_fen"], row["fund_fen"], row["fund_percent_e8"], row["floor_e8"],
             row["fund_wanted_fen"], row["short_fen"], "；".join(row["clauses"] or ()))
        )  # fmt: skip


def _reminders(book: Workbook, rows: pl.DataFrame, notes: Sequence[str]) -> None:
    columns = (
        Column("序号", 6, "count"), Column("借款合同号", 16), Column("户编号", 16), Column("网点", 28, "wrap"),
        Column("到期日", 12, "date"), Column("方式", 8, "centre"), Column("提醒期限", 12, "date"),
        Column("是否已过期", 10, "centre"),
        Column("贷款余额", 16, "money"), Column("依据条款", 20, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("到期提醒", columns, title="到期提醒清单", notes=notes)
    for number, row in enumerate(rows.iter_rows(named=True), 1):
        sheet.add(
            (number, row["loan_id"], row["household_id"], row["branch"], row["matures_on"],
             HOW.get(row["how"], row["how"]), row["remind_by"],
             "是" if row["missed"] else "否", row["balance_fen"], "；".join(row["clauses"] or ()))
        )  # fmt: skip
    if rows.is_empty():
        sheet.note("无")


def _alarms(book: Workbook, result: MonitorResult, notes: Sequence[str]) -> None:
    columns = (
        Column("警报", 20), Column("对象", 16), Column("金额", 16, "money"), Column("事实", 80, "wrap"),
        Column("依据条款", 22, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("警报", columns, title="监测警报", notes=notes)
    for row in result.anomalies.iter_rows(named=True):
        words, clauses = ALARMS.get(row["kind"], row["kind"]), "；".join(row["clauses"])
        sheet.add((words, row["id"], row["amount_fen"], facts_words(row["facts"]), clauses))
    for part, missing in result.not_run:
        sheet.note(f"未执行：{part}（缺少 {missing}）")
    if result.anomalies.is_empty():
        sheet.note("无")
