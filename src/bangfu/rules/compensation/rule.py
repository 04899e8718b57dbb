"""Compensation: not before the grace ends, only the covered part, and what is recovered goes back in time.

The grace runs from the day after default (design §10.21): a loan due on a day and unpaid that evening is in
default; its grace begins the next day. ``return_by`` is the last working day for a deposit, which the engine finds,
since it needs the official calendar.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import (
    at_least_zero,
    earlier_of,
    later_of,
    months_added,
    proportional,
    round_half_up,
)
from bangfu.rules.steps import Raise, Rule, Step

GRACE = ("fund.grace_months",)
COVERS = ("fund.covers_up_to",)
SHARE = ("fund.pays_share",)
BACK = ("fund.return_working_days",)
ONE = 1
E6 = 1_000_000

RULE = Rule(
    name="compensation",
    zh="代偿",
    en="Whether a claim came too early, what the fund bears of it, and what of a recovery goes back by when",
    reads={
        "due_on": "day",
        "grace_months": "months",
        "compensated_on": "day",
        "balance_fen": "fen",
        "compensated_fen": "fen",
        "covers_up_to_fen": "fen",
        "recovered_fen": "fen",
        "return_by": "day",
        "returned_in_time_fen": "fen",
        "on": "day",
    },
    steps=(
        Step(
            "grace_from",
            "day",
            "缓冲期起：违约次日",
            "The grace begins on the day after default",
            GRACE,
            nw.col("due_on") + ONE,
        ),
        Step(
            "first_claim_on",
            "day",
            "可申请代偿首日：缓冲期按历月计，月末取小",
            "The first day on which a claim is accepted: the months of grace later, month end clamped",
            GRACE,
            months_added(nw.col("grace_from"), nw.col("grace_months")),
        ),
        Step(
            "days_too_early",
            "days",
            "早于缓冲期届满的天数",
            "Days between the payment and the first day on which a claim is accepted",
            GRACE,
            at_least_zero(nw.col("first_claim_on") - nw.col("compensated_on")),
        ),
        Step(
            "before_grace",
            "bool",
            "缓冲期未满即代偿",
            "Compensated before the grace ended",
            GRACE,
            nw.col("days_too_early") > 0,
        ),
        Step(
            "covered_fen",
            "fen",
            "在补偿范围内的本金",
            "The principal within compensation: the part over the household's limit is outside it",
            COVERS,
            earlier_of(nw.col("balance_fen"), nw.col("covers_up_to_fen")),
        ),
        Step(
            "funds_part_e6",
            "e6",
            "补偿金承担的损失比例：代偿额÷代偿前余额，不超过一",
            "The share of the loss the fund bore: what it paid over the balance before, one at most",
            SHARE,
            earlier_of(
                round_half_up(
                    nw.col("compensated_fen") * E6,
                    later_of(nw.col("balance_fen"), nw.lit(1, nw.Int64)),
                ),
                nw.lit(E6, nw.Int64),
            ),
        ),
        Step(
            "goes_back_fen",
            "fen",
            "追回款中应存回专户的部分：按损失比例，不超过代偿额",
            "What of the recovery is the fund's: by the same share, never more than it paid",
            BACK,
            earlier_of(
                proportional(
                    nw.col("recovered_fen"),
                    earlier_of(nw.col("compensated_fen"), nw.col("balance_fen")),
                    later_of(nw.col("balance_fen"), nw.lit(1, nw.Int64)),
                ),
                nw.col("compensated_fen"),
            ),
        ),
        Step(
            "late_fen",
            "fen",
            "到期仍未存回",
            "What was not back in the account at the end of the last working day",
            BACK,
            at_least_zero(nw.col("goes_back_fen") - nw.col("returned_in_time_fen")),
        ),
        Step(
            "returned_late",
            "bool",
            "未按时存回",
            "The last working day is over and money is missing",
            BACK,
            (nw.col("on") > nw.col("return_by")) & (nw.col("late_fen") > 0),
        ),
    ),
    raises=(
        Raise(
            "compensated_before_grace", "before_grace", ("due_on", "compensated_on", "first_claim_on"), GRACE
        ),
        Raise(
            "recovered_not_returned_in_time",
            "returned_late",
            ("return_by", "goes_back_fen", "late_fen"),
            BACK,
        ),
    ),
)
