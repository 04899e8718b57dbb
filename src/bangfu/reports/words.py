"""Chinese words for codes, as they stand in a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.facts import codes
from bangfu.rules.methods import METHODS

PRODUCTS: Mapping[str, str] = {code: words[0] for code, words in codes.PRODUCT.items()}
METHOD_WORDS: Mapping[int, str] = {METHODS[code]: words[0] for code, words in codes.INTEREST_METHOD.items()}
METHOD_SHORT: Mapping[int, str] = {
    METHODS["daily_360"]: "按日/360",
    METHODS["daily_365"]: "按日/365",
    METHODS["whole_periods"]: "按期",
}
PAYERS: Mapping[str, str] = {
    "central": "中央财政",
    "province": "省级财政",
    "city": "市级财政",
    "county": "县级财政",
    "fiscal": "财政（未指明级次）",
}
TABLES: Mapping[str, str] = {
    "loans": "贷款", "ordinary_loans": "普通贷款", "households": "农户", "members": "人员", "areas": "地区",
    "lenders": "贷款银行", "subsidies": "贴息", "insurance": "保险", "insurance_events": "出险", "fund": "风险补偿金",
    "transfers": "资金流向", "events": "贷款流水",
}  # fmt: skip
CLAUSE_KINDS: Mapping[str, str] = {
    "P": "参数", "R": "规则", "W": "流程", "C": "计算", "M": "监测", "A": "档案", "G": "指导",
}  # fmt: skip
REGIMES: Mapping[str, str] = {"poverty": "老政策", "transition": "新政策", "assistance": "帮扶政策"}


def day_words(day: object) -> str:
    """2024-03-21 as 2024年3月21日."""
    year, month, number = str(day).split("-")
    return f"{year}年{int(month)}月{int(number)}日"
