"""The breaker: stops new loans at its threshold, blocks disbursement only, never repayment.

The edges differ: GZ2018-2.2 trips at 3 % itself, LD2021-5.5 only above it. Ratios are compared in whole fen,
never as rounded percents. What a document leaves open stays open: a threshold without a figure (CN2026-4.3), or
a resumption standard that is set locally (GZ2018-2.2), makes the state ``undetermined``, for a person to decide.

Bound: a balance up to 4 × 10^14 fen (four trillion yuan), for the percents shown; the engine checks it.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import later_of, round_half_up, share_of, small_quotient
from bangfu.rules.steps import Rule, Step

E8_PER_E6 = 100
HUNDREDTHS = 10_000  # of a percent, in one
E8_PER_HUNDREDTH = 10_000
MOST_BALANCE_FEN = 400_000_000_000_000

OPEN, SUSPENDED, UNDETERMINED = "open", "suspended", "undetermined"
RATIO = ("CN2021-5.1", "LD2021-5.5")
OVERDUE_RATIO = ("HLJ2019-2.6b", "CN2026-4.3")
THRESHOLD = ("breaker.threshold", "breaker.trips")
RESUMES = ("breaker.resumes",)


def _percent(part: str) -> nw.Expr:
    """A part of the balance in percent of two decimals, half up; nothing of nothing is 0."""
    safe = nw.when(nw.col("balance_fen") > 0).then(nw.col("balance_fen")).otherwise(nw.lit(1, nw.Int64))
    return round_half_up(nw.col(part) * HUNDREDTHS, safe) * E8_PER_HUNDREDTH


_threshold_e6 = small_quotient(nw.col("threshold_e8"), E8_PER_E6)
_resumes_e6 = small_quotient(nw.col("resumes_e8"), E8_PER_E6)
_watched = nw.col("threshold_set") & nw.col("threshold_known")

RULE = Rule(
    name="breaker",
    zh="贷款熔断",
    en="Whether new loans stop, go on, or may start again, at the end of a day",
    reads={
        "balance_fen": "fen",
        "npl_fen": "fen",
        "overdue_fen": "fen",
        "measure": "code",
        "threshold_set": "bool",
        "threshold_known": "bool",
        "threshold_e8": "e8",
        "trips": "code",
        "resumes_known": "bool",
        "resumes_e8": "e8",
        "state_before": "code",
    },
    steps=(
        Step(
            "npl_percent_e8",
            "e8",
            "不良率：不良余额÷余额，保留两位",
            "Balance of classes 3 to 5 over the balance, two decimals of a percent, half up",
            RATIO,
            _percent("npl_fen"),
        ),
        Step(
            "overdue_percent_e8",
            "e8",
            "逾期率：逾期金额÷余额，按金额，保留两位",
            "Overdue amount over the balance, by amount, two decimals of a percent, half up",
            OVERDUE_RATIO,
            _percent("overdue_fen"),
        ),
        Step(
            "measured_fen",
            "fen",
            "熔断指标的分子：不良、逾期或两者取大",
            "What the breaker watches: non-performing, overdue, or the greater of the two",
            ("breaker.measure",),
            nw.when(nw.col("measure") == "overdue")
            .then(nw.col("overdue_fen"))
            .otherwise(
                nw.when(nw.col("measure") == "either")
                .then(later_of(nw.col("npl_fen"), nw.col("overdue_fen")))
                .otherwise(nw.col("npl_fen"))
            ),
        ),
        Step(
            "tripped",
            "bool",
            "达到熔断线（含或不含本数按文件）",
            "The threshold is reached; whether the figure itself counts is the document's",
            THRESHOLD,
            _watched
            & (nw.col("balance_fen") > 0)
            & (
                (nw.col("measured_fen") > share_of(nw.col("balance_fen"), _threshold_e6))
                | (
                    (nw.col("trips") == "at_or_above")
                    & (nw.col("measured_fen") >= share_of(nw.col("balance_fen"), _threshold_e6, up=True))
                )
            ),
        ),
        Step(
            "back",
            "bool",
            "回落到恢复标准（含本数）",
            "Down to the standard of resumption, the figure itself included; unknown where none is set",
            RESUMES,
            nw.col("resumes_known")
            & (nw.col("measured_fen") <= share_of(nw.col("balance_fen"), _resumes_e6)),
        ),
        Step(
            "state",
            "code",
            "状态：open 正常，suspended 暂停发放，undetermined 待人工认定",
            "open: lend; suspended: no disbursement; undetermined: no document decides, a person does",
            (*THRESHOLD, *RESUMES),
            nw.when(nw.col("tripped"))
            .then(nw.lit(SUSPENDED))
            .otherwise(
                nw.when(nw.col("threshold_set") & ~nw.col("threshold_known"))
                .then(nw.lit(UNDETERMINED))
                .otherwise(
                    nw.when(~nw.col("threshold_set") | (nw.col("state_before") == OPEN) | nw.col("back"))
                    .then(nw.lit(OPEN))
                    .otherwise(
                        nw.when(nw.col("resumes_known"))
                        .then(nw.col("state_before"))
                        .otherwise(nw.lit(UNDETERMINED))
                    )
                )
            ),
        ),
    ),
)
