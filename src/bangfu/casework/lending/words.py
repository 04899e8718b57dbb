"""The words of lending: regimes as LD2021-3.2 keeps them apart, and where a loan stands."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words

__all__ = ["PRODUCT_WORDS", "STATE_WORDS"]

PRODUCT_WORDS: Mapping[str, Words] = {
    "assistance": Words("帮扶小额信贷（2026年起）", "Assistance microcredit (from 2026)"),
    "transition": Words("脱贫人口小额信贷（新政策）", "Microcredit out of poverty (new regime)"),
    "poverty": Words("扶贫小额信贷（老政策）", "Poverty microcredit (old regime)"),
    "ordinary": Words("其他贷款", "Other loans"),
}
STATE_WORDS: Mapping[str, Words] = {
    "to_disburse": Words("待放款", "to be paid out"),
    "running": Words("正常", "running"),
    "overdue": Words("逾期", "overdue"),
    "settled": Words("结清", "settled"),
}
