"""The subsidy list as a county files it: a list for each programme, summaries, what was refused, the basis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from bangfu.engine.ledger import balances
from bangfu.engine.subsidy import SubsidyResult
from bangfu.facts import Facts
from bangfu.policy import PolicyBook
from bangfu.refusals import CODES, NOTICES
from bangfu.reports.basis import cited, write_basis
from bangfu.reports.fact_words import facts_words
from bangfu.reports.paper import Cell, Column, Workbook
from bangfu.reports.words import METHOD_SHORT, PAYERS, PRODUCTS, REGIMES, day_words

TOWNSHIP_DIGITS = 9


def write_subsidy_book(
    result: SubsidyResult, *, facts: Facts, policy: PolicyBook, path: Path, office: str = ""
) -> None:
    """Write the workbook.

    Args:
        result: What ``engine.subsidy`` computed.
        facts: The facts it was computed from: names of household heads, the ledger.
        policy: The packs, for the words of the clauses.
        path: The workbook to write.
        office: Who files it; empty leaves room to write it in.

    Raises:
        TooManyRows: A list is longer than a sheet.
    """
    every = _with_names(result.lines, facts)
    lines = every.filter(pl.col("interest_fen") > 0)  # paid off before the period: nothing arose
    title = "小额信贷贴息清册"
    period = f"时期：自{day_words(result.start)}起至{day_words(result.end)}止（止日不计息）"
    notes = (f"{period}        填报单位：{office or '______________'}        单位：元",)
    with Workbook(path, title=title, made_on=result.end) as book:
        for product in PRODUCTS:
            own = lines.filter(pl.col("product") == product)
            if own.height:
                _list(book, own, _paying(own, result.payers), product=product, notes=notes)
        if lines.is_empty():
            book.sheet("贴息清册", (Column("序号", 8), Column("说明", 60)), title=title, notes=notes).add(
                ("", "本期无应贴息贷款")
            )
        _by_township(
            book, lines, _paying(lines, result.payers), notes=notes, settled=every.height - lines.height
        )
        _refusals(book, result.refusals, notes=notes)
        _warnings(book, result.warnings)
        _line_basis(book, lines)
        told = (*result.lines["clauses"], *result.refusals["clauses"], *result.warnings["clauses"])
        write_basis(book, policy, cited(told))


def _with_names(lines: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The lines in the order of places, with names, the balance on their first day and what may be paid now."""
    heads = facts.households.select("household_id", "head_name")
    started = lines.group_by("loan_id").agg(pl.col("from").min())
    owed = balances(started, facts.events, at=pl.col("from"))
    joined = lines.join(heads, on="household_id", how="left").join(owed, on="loan_id", how="left")
    return joined.with_columns(
        pl.col("area_code").str.slice(0, TOWNSHIP_DIGITS).alias("township"),
        (pl.col("subsidy_fen") - pl.col("held_back_fen")).alias("payable_fen"),
        (pl.col("to") - pl.col("from")).dt.total_days().alias("days"),
    ).sort("area_code", "household_id", "loan_id", "from")


def _paying(lines: pl.DataFrame, payers: Sequence[str]) -> list[str]:
    """The payers that pay anything in these lines; the last one where none does."""
    paying = [payer for payer in payers if lines[f"{payer}_fen"].sum()]
    return paying or list(payers[-1:])


def _amount_names(payers: Sequence[str], *, held: bool) -> tuple[str, ...]:
    """The columns of money; what may be paid now stands apart only where something is held back."""
    paid = (f"{payer}_fen" for payer in payers)
    return (
        "interest_fen", *paid, "subsidy_fen", "borrower_fen", "held_back_fen", *(("payable_fen",) if held else ()),
    )  # fmt: skip


def _amount_columns(payers: Sequence[str], *, held: bool) -> tuple[Column, ...]:
    last = (Column("本期可拨付", 12, "money", summed=True),) if held else ()
    return (
        Column("应计利息", 11, "money", summed=True),
        *(Column(f"{PAYERS[payer]}贴息", 11, "money", summed=True) for payer in payers),
        Column("贴息合计", 11, "money", summed=True),
        Column("借款人承担", 10, "money", summed=True),
        Column("暂扣", 9, "money", summed=True),
        *last,
    )


def _summed(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sum(row[name] for row in rows) for name in names)


def _list(
    book: Workbook, lines: pl.DataFrame, payers: Sequence[str], *, product: str, notes: Sequence[str]
) -> None:
    held = bool(lines["held_back_fen"].sum())
    amounts = _amount_names(payers, held=held)
    columns = (
        Column("序号", 5, "count"), Column("村（区划代码）", 13, "centre"),
        Column("户编号", 11, "centre"), Column("户主姓名", 9, "centre"),
        Column("借款合同号", 12, "centre"), Column("贷款余额", 11, "money"), Column("可贴息本金", 11, "money"),
        Column("年利率%", 7, "percent"), Column("计息起日", 10, "date"), Column("计息止日\n（不计）", 10, "date"),
        Column("天数", 5, "count"), Column("计息方式", 8, "centre"),
        *_amount_columns(payers, held=held), Column("依据条款", 25, "wrap"),
    )  # fmt: skip
    sheet = book.sheet(PRODUCTS[product], columns, title=f"{PRODUCTS[product]}贴息清册", notes=notes)
    blank: list[int | None] = [None] * 12
    number = 0
    rows = lines.to_dicts()
    for township, several in groupby(rows, key=lambda row: row["township"]):
        block = list(several)
        for row in block:
            number += 1
            sheet.add(_list_cells(number, row, amounts))
        sheet.subtotal(
            f"{township or '（无区划）'} 小计 {len(block)} 笔", [*blank, *_summed(block, amounts), None]
        )
    sheet.total(f"合计 {number} 笔", [*blank, *_summed(rows, amounts), None])
    sheet.sign()


def _list_cells(number: int, row: dict[str, Any], amounts: Sequence[str]) -> tuple[Cell, ...]:
    names = ("area_code", "household_id", "head_name", "loan_id", "balance_fen", "subsidised_part_fen")
    days = ("rate_e8", "from", "to", "days")
    return (
        number,
        *(row[name] for name in names),
        *(row[name] for name in days),
        METHOD_SHORT[row["method"]],
        *(row[name] for name in amounts),
        "；".join(row["clauses"]),
    )


def _by_township(
    book: Workbook, lines: pl.DataFrame, payers: Sequence[str], *, notes: Sequence[str], settled: int
) -> None:
    """Sums by programme and township, in the order of codes: old and new apart (LD2021-3.2), and no ranking."""
    held = bool(lines["held_back_fen"].sum())
    amounts = _amount_names(payers, held=held)
    columns = (
        Column("政策", 10), Column("产品", 20), Column("乡镇（区划代码）", 16),
        Column("户数", 8, "count", summed=True), Column("笔数", 8, "count", summed=True),
        *_amount_columns(payers, held=held),
    )  # fmt: skip
    sheet = book.sheet("分乡镇汇总", columns, title="小额信贷贴息分乡镇汇总表", notes=notes)
    rows = lines.to_dicts()
    whole = [0] * (2 + len(amounts))
    for product in PRODUCTS:
        own = sorted(
            (row for row in rows if row["product"] == product), key=lambda row: row["township"] or ""
        )
        sums = [0] * len(whole)
        for township, several in groupby(own, key=lambda row: row["township"]):
            block = list(several)
            households = len({row["household_id"] for row in block})
            cells = [households, len(block), *_summed(block, amounts)]
            sums = [one + two for one, two in zip(sums, cells, strict=True)]
            sheet.add((REGIMES[product], PRODUCTS[product], township or "（无区划）", *cells))
        if own:
            sheet.subtotal(f"{REGIMES[product]}小计", [None, None, None, *sums])
        whole = [one + two for one, two in zip(whole, sums, strict=True)]
    sheet.total("合计", [None, None, None, *whole])
    sheet.note("户数按产品和乡镇分别计；一户在两处有贷款的，各计一次。")
    if settled:
        sheet.note(f"另有 {settled} 笔在期初已无余额，本期不产生利息，未列入清册。")
    sheet.sign()


def _refusals(book: Workbook, refusals: pl.DataFrame, *, notes: Sequence[str]) -> None:
    columns = (
        Column("序号", 6, "count"), Column("借款合同号", 16), Column("原因", 36, "wrap"), Column("代码", 26),
        Column("依据条款", 24, "wrap"), Column("事实", 60, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("不能计算", columns, title="不能计算的贷款及原因", notes=notes)
    for number, row in enumerate(refusals.iter_rows(named=True), 1):
        words, clauses = CODES[row["code"]].zh, "；".join(row["clauses"])
        sheet.add((number, row["loan_id"], words, row["code"], clauses, facts_words(row["facts"])))
    if refusals.is_empty():
        sheet.note("无")


def _warnings(book: Workbook, warnings: pl.DataFrame) -> None:
    if warnings.is_empty():
        return
    columns = (
        Column("借款合同号", 16),
        Column("提示", 30),
        Column("依据条款", 24, "wrap"),
        Column("事实", 60, "wrap"),
    )
    sheet = book.sheet("提示", columns, title="需要注意的合同")
    for row in warnings.iter_rows(named=True):
        sheet.add(
            (row["loan_id"], NOTICES[row["code"]][0], "；".join(row["clauses"]), facts_words(row["facts"]))
        )


def _line_basis(book: Workbook, lines: pl.DataFrame) -> None:
    columns = (
        Column("借款合同号", 16), Column("产品", 20), Column("适用政策组合", 28), Column("计息起日", 12, "date"),
        Column("计息止日（不计）", 12, "date"), Column("依据条款", 40, "wrap"),
    )  # fmt: skip
    sheet = book.sheet("逐笔依据", columns, title="逐笔依据")
    for row in lines.iter_rows(named=True):
        sheet.add(
            (
                row["loan_id"],
                PRODUCTS[row["product"]],
                row["policy"],
                row["from"],
                row["to"],
                "；".join(row["clauses"]),
            )
        )
