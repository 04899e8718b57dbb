"""Rate: not above the ceiling in force on the contract day, and unchanged through the contract.

The ceiling of a loan is that of its band: the index (LPR, PBOC benchmark) as fixed on the contract day, or a
percent. Where a renewal of an earlier product keeps its loan's rate (LD2021-4.2), that rate is a ceiling
beside it.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero
from bangfu.rules.steps import Raise, Rule, Step

CEILING = ("rate.ceiling",)
KEPT = ("renewal.old_loan_keeps_rate",)
FIXED = ("rate.fixed_in_contract",)

_over_ceiling = at_least_zero((nw.col("rate_e8") - nw.col("ceiling_e8")).fill_null(0))
_over_kept = at_least_zero((nw.col("rate_e8") - nw.col("kept_rate_e8")).fill_null(0))
_differs = (nw.col("changed_rate_e8") != nw.col("rate_e8")).fill_null(value=False)

RULE = Rule(
    name="rate",
    zh="贷款利率",
    en="Whether the rate is above its ceiling, and whether it changed inside the contract",
    reads={
        "rate_e8": "e8",
        "ceiling_e8": "e8",
        "kept_rate_e8": "e8",
        "rate_fixed_in_contract": "bool",
        "changed_rate_e8": "e8",
        "changed_on": "day",
    },
    steps=(
        Step("over_ceiling_e8", "e8", "高于上限", "Above the ceiling by so much", CEILING, _over_ceiling),
        Step(
            "over_kept_e8",
            "e8",
            "高于原贷款利率（原扶贫小额信贷续贷利率不变）",
            "Above the rate of the loan that was renewed, by so much",
            KEPT,
            _over_kept,
        ),
        Step(
            "rate_above_ceiling",
            "bool",
            "利率高于上限",
            "The rate is above the ceiling",
            CEILING,
            nw.col("over_ceiling_e8") > 0,
        ),
        Step(
            "rate_above_kept",
            "bool",
            "续贷利率高于原贷款利率",
            "The renewal's rate is above the one to be kept",
            KEPT,
            (nw.col("over_kept_e8") > 0) & ~nw.col("rate_above_ceiling"),
        ),
        Step(
            "rate_changed_in_contract",
            "bool",
            "合同期内变更利率（上浮下调均不许）",
            "Changed inside the contract, up or down",
            FIXED,
            nw.col("rate_fixed_in_contract").fill_null(value=False) & _differs,
        ),
    ),
    raises=(
        Raise(
            "rate_above_ceiling",
            "rate_above_ceiling",
            ("rate_e8", "ceiling_e8", "over_ceiling_e8", "series", "fixed_on", "fixing_confirmed"),
            CEILING,
        ),
        Raise("rate_above_ceiling", "rate_above_kept", ("rate_e8", "kept_rate_e8", "over_kept_e8"), KEPT),
        Raise(
            "rate_changed_in_contract",
            "rate_changed_in_contract",
            ("rate_e8", "changed_rate_e8", "changed_on"),
            FIXED,
        ),
    ),
)
