"""Another fiscal subsidy for the same days of the same loan: how many days, and how much of the other one.

CN2026-1.6d asks that the two be coordinated; it does not forbid them. Periods are half open.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero, earlier_of, later_of, round_half_up
from bangfu.rules.steps import Raise, Rule, Step

BASIS = ("subsidy.overlap",)

RULE = Rule(
    name="overlap",
    zh="重复贴息",
    en="The days two subsidies share, and the part of the other one that falls on them",
    reads={
        "period_start": "day",
        "period_end": "day",
        "other_start": "day",
        "other_end": "day",
        "other_fen": "fen",
    },
    steps=(
        Step(
            "overlap_from",
            "day",
            "重叠起日",
            "The later of the two first days",
            BASIS,
            later_of(nw.col("period_start"), nw.col("other_start")),
        ),
        Step(
            "overlap_to",
            "day",
            "重叠止日（不含）",
            "The earlier of the two ends, exclusive",
            BASIS,
            earlier_of(nw.col("period_end"), nw.col("other_end")),
        ),
        Step(
            "overlap_days",
            "days",
            "重叠天数",
            "Days both cover",
            BASIS,
            at_least_zero(nw.col("overlap_to") - nw.col("overlap_from")),
        ),
        Step(
            "overlap_fen",
            "fen",
            "另一项贴息在重叠日内的金额（按天分摊）",
            "The other subsidy's part on those days, by days, half up once",
            BASIS,
            round_half_up(
                nw.col("other_fen") * nw.col("overlap_days"),
                later_of(nw.col("other_end") - nw.col("other_start"), nw.lit(1, nw.Int64)),
            ),
        ),
        Step(
            "subsidised_twice",
            "bool",
            "同期重复贴息",
            "The same days are subsidised twice",
            BASIS,
            nw.col("overlap_days") > 0,
        ),
    ),
    raises=(
        Raise("subsidised_twice", "subsidised_twice", ("overlap_from", "overlap_to", "overlap_days"), BASIS),
    ),
)
