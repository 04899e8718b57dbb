"""The compensation fund of a county: its floor over the balance, and its share of the increase of revenue.

Shares have at most four decimals of a percent. Whole parts and rests are taken apart, so that amounts up to the
reader's limit (ten trillion yuan) stay inside int64. A fund that was overdrawn shows as 0 %.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import (
    E6,
    at_least_zero,
    exact_quotient,
    later_of,
    round_half_up,
    share_of,
    small_quotient,
)
from bangfu.rules.steps import Raise, Rule, Step

E8_PER_E6 = 100
HUNDREDTHS = 10_000
E8_PER_HUNDREDTH = 10_000
FLOOR = ("fund.min_share_of_balance",)
INJECTION = ("fund.budget_increment_share",)

_held = at_least_zero(nw.col("fund_fen"))
_balance = nw.when(nw.col("balance_fen") > 0).then(nw.col("balance_fen")).otherwise(nw.lit(1, nw.Int64))
_floor_e6 = small_quotient(nw.col("floor_e8"), E8_PER_E6)
_share_e6 = small_quotient(nw.col("increment_share_e8"), E8_PER_E6)


def _rounded_share(whole: nw.Expr, share_e6: nw.Expr) -> nw.Expr:
    """A share of an amount, half up, whole millions and the rest apart."""
    return exact_quotient(whole, E6) * share_e6 + round_half_up(whole % E6 * share_e6, E6)


RULE = Rule(
    name="fund",
    zh="风险补偿金充足性",
    en="Whether a county's compensation fund reaches its floor, and what is to be injected",
    reads={
        "fund_fen": "fen",
        "balance_fen": "fen",
        "floor_e8": "e8",
        "revenue_fen": "fen",
        "revenue_before_fen": "fen",
        "increment_share_e8": "e8",
        "injected_fen": "fen",
    },
    steps=(
        Step(
            "fund_percent_e8",
            "e8",
            "补偿金与贷款余额之比",
            "The fund over the balance, two decimals of a percent, half up",
            FLOOR,
            (
                exact_quotient(_held, _balance) * HUNDREDTHS
                + round_half_up(_held % _balance * HUNDREDTHS, _balance)
            )
            * E8_PER_HUNDREDTH,
        ),
        Step(
            "fund_wanted_fen",
            "fen",
            "应有补偿金：余额×最低比例",
            "What the fund must hold: balance × least share",
            FLOOR,
            _rounded_share(nw.col("balance_fen"), _floor_e6),
        ),
        Step(
            "below_floor",
            "bool",
            "低于最低比例（正好达到不算）",
            "Below the floor; exactly at it is enough",
            FLOOR,
            nw.col("fund_fen") < share_of(nw.col("balance_fen"), _floor_e6, up=True),
        ),
        Step(
            "short_fen",
            "fen",
            "缺口",
            "What is missing to the floor",
            FLOOR,
            at_least_zero(nw.col("fund_wanted_fen") - nw.col("fund_fen")),
        ),
        Step(
            "increase_fen",
            "fen",
            "本级一般公共预算收入增量（负数按零）",
            "The increase of the county's own general public budget revenue, never below zero",
            INJECTION,
            at_least_zero(nw.col("revenue_fen") - nw.col("revenue_before_fen")),
        ),
        Step(
            "injection_wanted_fen",
            "fen",
            "当年应注入：增量×规定比例",
            "What the year's budget must inject",
            INJECTION,
            _rounded_share(nw.col("increase_fen"), _share_e6),
        ),
        Step(
            "injection_short_fen",
            "fen",
            "当年少注入",
            "What the year's injections fall short",
            INJECTION,
            at_least_zero(nw.col("injection_wanted_fen") - nw.col("injected_fen")),
        ),
        Step(
            "to_inject_fen",
            "fen",
            "应补足：两项缺口取大，由县级财政安排",
            "What the county has to make good: the greater of the two",
            (*FLOOR, *INJECTION),
            later_of(nw.col("short_fen"), nw.col("injection_short_fen")),
        ),
    ),
    raises=(
        Raise(
            "fund_below_floor",
            "below_floor",
            ("fund_fen", "balance_fen", "fund_percent_e8", "floor_e8"),
            FLOOR,
        ),
    ),
)
