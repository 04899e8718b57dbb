"""Results as plain tables: CSV in people's units, Parquet as in memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bangfu.engine.findings import people_column
from bangfu.reports.words import METHOD_WORDS, PAYERS
from bangfu.rules.methods import METHODS

_HEADERS = {
    "loan_id": "借款合同号", "household_id": "户编号", "area_code": "行政区划代码", "product": "产品",
    "from": "计息起日", "to": "计息止日（不计）", "rate": "年利率（%）", "interest_method": "计息方式",
    "opening": "期初余额（元）", "subsidised_part": "可贴息本金（元）", "interest": "应计利息（元）",
    "subsidy": "贴息合计（元）", "borrower": "借款人承担（元）", "held_back": "暂扣（元）", "policy": "适用政策",
    "clauses": "依据条款", "code": "代码", "facts": "事实", "id": "编号", "table": "对象", "amount": "金额（元）",
    **{payer: f"{words}贴息（元）" for payer, words in PAYERS.items()},
}  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def write_subsidy_table(frame: pl.DataFrame, path: Path, *, language: str) -> None:
    """Write lines or refusals as CSV (yuan, percent, ISO days, clauses joined) or as Parquet (fen, 1e-8, lists).

    Args:
        frame: ``lines`` or ``refusals`` of a subsidy result.
        path: Ends in .csv or .parquet.
        language: Of the headers of CSV; in Chinese with a byte order mark, as spreadsheets want it.
    """
    if "stack_no" in frame.columns:
        frame = frame.drop("stack_no")
    if path.suffix.lower() == ".parquet":
        frame.write_parquet(path)
        return
    write_people_csv(frame, path, language=language)


def write_people_csv(frame: pl.DataFrame, path: Path, *, language: str) -> None:
    """Any frame of canonical columns as CSV for people, cells that a spreadsheet would run disarmed."""
    if "method" in frame.columns:
        names = {number: name for name, number in METHODS.items()} if language == "en" else METHOD_WORDS
        words = pl.col("method").replace_strict(dict(names), return_dtype=pl.String).alias("interest_method")
        place = frame.columns.index("method")
        frame = frame.with_columns(words).select(
            *frame.columns[:place], "interest_method", *frame.columns[place + 1 :]
        )
    columns = [
        pl.col(name).list.join("; ") if isinstance(dtype, pl.List) else people_column(name, dtype)
        for name, dtype in frame.schema.items()
    ]
    shown = frame.select(columns)
    shown = shown.with_columns(
        disarmed(pl.col(name)).alias(name)
        for name, dtype in frame.schema.items()
        if dtype == pl.String and name in shown.columns
    )
    if language == "zh":
        shown = shown.rename({name: _HEADERS.get(name, name) for name in shown.columns})
    shown.write_csv(path, include_bom=language == "zh")


def disarmed(text: pl.Expr) -> pl.Expr:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it."""
    risky = pl.any_horizontal(text.str.starts_with(sign) for sign in _DANGEROUS)
    return pl.when(risky).then(pl.lit("'") + text).otherwise(text)
