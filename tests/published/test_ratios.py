"""Published ratios, reproduced to the last printed digit: rows P03, P14a–g, P14-01–13, P15a–b of the published figures.

The figures are of Heilongjiang's inspection (P03), of Luoping county's bulletin of October 2023 (P14) and of
Chongqing in June 2019 (P15). Ratios go through the steps of the breaker and the fund rule, in integers.
"""

from __future__ import annotations

import polars as pl
import pytest

from bangfu.engine.ruled import ruled
from bangfu.money.fen import round_half_up
from bangfu.money.rates import format_percent
from bangfu.rules.breaker.rule import RULE as BREAKER
from bangfu.rules.fund.rule import RULE as FUND

YUAN = 100
# Row: township, balance in yuan, households in stock, households lent to in 2023, lent in 2023 in yuan.
LUOPING = {
    "P14-01": ("阿岗镇", 9_859_200, 230, 226, 8_564_300),
    "P14-02": ("九龙街道", 9_235_300, 164, 165, 8_050_100),
    "P14-03": ("老厂乡", 6_429_900, 110, 112, 4_895_600),
    "P14-04": ("马街镇", 5_039_400, 99, 103, 4_886_600),
    "P14-05": ("板桥镇", 4_746_000, 75, 94, 4_251_000),
    "P14-06": ("富乐镇", 3_746_900, 75, 59, 2_785_500),
    "P14-07": ("腊山街道", 3_311_200, 66, 65, 2_983_500),
    "P14-08": ("罗雄街道", 3_108_900, 59, 43, 2_264_000),
    "P14-09": ("大水井乡", 2_530_700, 52, 66, 2_258_500),
    "P14-10": ("钟山乡", 2_232_000, 43, 31, 1_776_000),
    "P14-11": ("鲁布革乡", 1_876_900, 41, 44, 1_234_700),
    "P14-12": ("旧屋基乡", 987_000, 17, 16, 905_000),
    "P14-13": ("长底乡", 797_000, 17, 23, 665_000),
}
AGANG_OVERDUE, JIULONG_OVERDUE = 1_182_500, 344_100


def overdue_percent(overdue_yuan: int, balance_yuan: int) -> str:
    frame = pl.DataFrame({"balance_fen": [balance_yuan * YUAN], "overdue_fen": [overdue_yuan * YUAN]})
    told = ruled(frame, BREAKER, only=("overdue_percent_e8",))
    return format_percent(told["overdue_percent_e8"].item())


def test_p03_households_without_labour() -> None:
    assert round_half_up(28 * 1000, 109) == 257  # 25.7 %, one decimal as printed


@pytest.mark.parametrize(
    ("row", "column", "published"),
    [("P14a", 2, 1048), ("P14b", 1, 53_900_400), ("P14c", 3, 1047), ("P14d", 4, 45_519_800)],
)
def test_sums_of_the_thirteen_townships(row: str, column: int, published: int) -> None:
    assert sum(line[column] for line in LUOPING.values()) == published, row  # type: ignore[misc]


def test_p14e_the_countys_overdue_rate_is_by_amount() -> None:
    # The county's overdue amount is not among the rows, so it cannot be recomputed: 4.36 % holds for the amounts
    # below, and for no number of the 1048 households (45 are 4.29 %, 46 are 4.39 %); its 75 would be 7.16 %.
    balance = 53_900_400
    fitting = [yuan for yuan in range(2_340_000, 2_360_000, 10) if overdue_percent(yuan, balance) == "4.36"]
    assert (fitting[0], fitting[-1]) == (2_347_370, 2_352_750)
    assert fitting[0] > AGANG_OVERDUE + JIULONG_OVERDUE
    assert round_half_up(75 * 10_000, 1048) == 716
    assert 436 not in {round_half_up(households * 10_000, 1048) for households in range(1049)}


def test_p14f_agang() -> None:
    assert overdue_percent(AGANG_OVERDUE, LUOPING["P14-01"][1]) == "11.99"


def test_p14g_jiulong_whose_stored_text_breaks_off() -> None:
    # 344,100 ÷ 9,235,300 is 3.7259…: 3.73 by the one rounding. The stored text ends after "3.7": its digits are the
    # beginning of 3.72 or 3.73, not a rate rounded to one decimal, which would be 3.7 as well.
    rate = overdue_percent(JIULONG_OVERDUE, LUOPING["P14-02"][1])
    assert rate == "3.73"
    assert rate.startswith("3.7")


def test_p15a_chongqing() -> None:
    assert overdue_percent(12_000_000, 4_600_000_000) == "0.26"


def test_p15b_chongqings_fund() -> None:
    fund, balance = 865_000_000, 4_600_000_000
    assert round_half_up(balance * 10, fund) == 53  # 1 : 5.3
    frame = pl.DataFrame(
        {"fund_fen": [fund * YUAN], "balance_fen": [balance * YUAN], "floor_e8": [10_000_000]}
    )
    told = ruled(frame, FUND, only=("fund_percent_e8", "fund_wanted_fen", "below_floor", "short_fen"))
    assert format_percent(told["fund_percent_e8"].item()) == "18.80"
    assert told["below_floor"].item() is False
