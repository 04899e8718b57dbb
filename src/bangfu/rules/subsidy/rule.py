"""The interest subsidy: what each payer bears of a line, exact to the fen.

Each payer's rate is the share of the loan's rate or the points the pack gives, at most the pack's maximum, exact in
1e-8; the payers together never exceed the loan's rate. Each payer's amount is rounded once a line; the borrower
bears the rest, so the parts always make the whole (design §6).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import narwhals as nw

from bangfu.rules.columns import at_least_zero, earlier_of, round_half_up
from bangfu.rules.methods import BANK_YEAR_DAYS, CALENDAR_YEAR_DAYS, DAILY_365, METHODS
from bangfu.rules.steps import Raise, Rule, Step

PAYERS = ("central", "province", "city", "county", "fiscal")
E8 = 100_000_000
PERCENT = 100
CODES = {"method": METHODS}  # how cases.yaml names them
PAYERS_TERM = ("subsidy.payers",)
CAP_TERM = ("subsidy.principal_cap", "subsidy.principal_cap_large_need")

ROOM = Rule(
    name="subsidy_room",
    zh="可贴息本金",
    en="The subsidised part of a loan, fixed at signing: the ceiling less what the earlier live loans hold of it",
    reads={"ceiling_fen": "fen", "held_by_earlier_fen": "fen"},
    steps=(
        Step(
            "fixed_fen",
            "fen",
            "本笔可贴息本金：户贴息上限减去在先未结清贷款占用的部分",
            "The household's ceiling less the parts its earlier live loans hold, never below zero",
            CAP_TERM,
            at_least_zero(nw.col("ceiling_fen") - nw.col("held_by_earlier_fen")),
        ),
    ),
)

HELD = Rule(
    name="subsidy_held_by_earlier",
    zh="在先贷款占用额度",
    en="What one earlier live loan holds of the household's ceiling on the later loan's signing day",
    reads={"earlier_fixed_fen": "fen", "earlier_balance_fen": "fen"},
    steps=(
        Step(
            "held_fen",
            "fen",
            "在先贷款签约日日终占用：其可贴息本金与余额取小",
            "The lesser of its own fixed part and its balance at the end of the signing day",
            CAP_TERM,
            at_least_zero(earlier_of(nw.col("earlier_fixed_fen"), nw.col("earlier_balance_fen"))),
        ),
    ),
)

SUBSIDISED_MOVE = Rule(
    name="subsidised_move",
    zh="贴息本金变动",
    en="How a movement changes the subsidised balance: repayments take the unsubsidised part first",
    reads={"fixed_fen": "fen", "balance_fen": "fen", "delta_fen": "fen"},
    steps=(
        Step(
            "subsidised_delta_fen",
            "fen",
            "贴息余额＝min(可贴息本金, 余额)，还款先减不贴息部分",
            "The subsidised balance is the lesser of the fixed part and the balance; this is its change",
            CAP_TERM,
            earlier_of(nw.col("fixed_fen"), nw.col("balance_fen"))
            - earlier_of(nw.col("fixed_fen"), nw.col("balance_fen") - nw.col("delta_fen")),
        ),
    ),
)


def _rate_of(payer: str) -> Step:
    """The step of one payer's rate."""
    share = (nw.col("rate_e8") * nw.col(f"{payer}_share_percent") / PERCENT).round(0).cast(nw.Int64)
    return Step(
        f"{payer}_rate_e8",
        "e8",
        "贴息率：贷款利率×比例或固定百分点，不超过上限",
        "The share of the loan's rate, or the points, at most the maximum",
        PAYERS_TERM,
        earlier_of(share + nw.col(f"{payer}_points_e8"), nw.col(f"{payer}_max_e8")),
    )


def piece_rule(payers: Sequence[str]) -> Rule:
    """The steps of a piece for the payers that the segments know: each payer's rate and numerator.

    Reads rate_e8, opening_subsidised_fen, subsidised_days, inside_subsidised_fen_days, and of each payer
    ``<payer>_share_percent``, ``<payer>_points_e8`` and ``<payer>_max_e8``.
    """
    steps = [
        Step(
            "subsidised_fen_days",
            "fen_days",
            "贴息积数：贴息本金×天数",
            "The subsidised balance for its days",
            CAP_TERM,
            nw.col("opening_subsidised_fen") * nw.col("subsidised_days")
            + nw.col("inside_subsidised_fen_days"),
        )
    ]
    together: nw.Expr = nw.lit(0, nw.Int64)
    for payer in payers:
        steps.append(_rate_of(payer))
        together = together + nw.col(f"{payer}_rate_e8")
    steps.append(
        Step("payers_rate_e8", "e8", "各级贴息率合计", "The payers' rates together", PAYERS_TERM, together)
    )
    steps.append(
        Step(
            "payers_exceed_rate",
            "bool",
            "合计超过贷款利率",
            "The payers together exceed the loan's rate",
            PAYERS_TERM,
            nw.col("payers_rate_e8") > nw.col("rate_e8"),
        )
    )
    steps.extend(
        Step(
            f"{payer}_numerator",
            "fen_days",
            "贴息分子：贴息积数×贴息率（以亿分之一计）",
            "Multiplied first, divided once; the rate in 1e-8",
            PAYERS_TERM,
            nw.col("subsidised_fen_days") * nw.col(f"{payer}_rate_e8"),
        )
        for payer in payers
    )
    reads = {
        f"{p}_{c}": u
        for p in payers
        for c, u in (("share_percent", "count"), ("points_e8", "e8"), ("max_e8", "e8"))
    }
    return Rule(
        name="piece_subsidy",
        zh="分段贴息",
        en="Each payer's rate and numerator over a piece of time",
        reads={
            "rate_e8": "e8",
            "opening_subsidised_fen": "fen",
            "subsidised_days": "days",
            "inside_subsidised_fen_days": "fen_days",
            **reads,  # type: ignore[dict-item]
        },
        steps=tuple(steps),
        raises=(
            Raise("subsidy_exceeds_rate", "payers_exceed_rate", ("payers_rate_e8", "rate_e8"), PAYERS_TERM),
        ),
    )


def line_rule(payers: Sequence[str]) -> Rule:
    """The steps of a line: each payer's amount rounded once, their sum, and what the borrower bears."""
    year = (
        nw.when(nw.col("method") == DAILY_365)
        .then(nw.lit(CALENDAR_YEAR_DAYS * E8, nw.Int64))
        .otherwise(nw.lit(BANK_YEAR_DAYS * E8, nw.Int64))
    )
    steps = [
        Step(
            "subsidy_denominator",
            "count",
            "分母：年天数×1亿（贴息率以亿分之一计）",
            "The year of the loan's method, in 1e-8",
            PAYERS_TERM,
            year,
        )
    ]
    total: nw.Expr = nw.lit(0, nw.Int64)
    for payer in payers:
        steps.append(
            Step(
                f"{payer}_fen",
                "fen",
                "贴息：合计后一次四舍五入到分",
                "Rounded half up, once a loan and period",
                PAYERS_TERM,
                round_half_up(nw.col(f"{payer}_numerator"), nw.col("subsidy_denominator")),
            )
        )
        total = total + nw.col(f"{payer}_fen")
    steps.append(Step("subsidy_fen", "fen", "贴息合计", "The payers together", PAYERS_TERM, total))
    steps.append(
        Step(
            "borrower_fen",
            "fen",
            "借款人承担：利息减各级贴息",
            "Interest less the payers' parts, so that the parts make the whole",
            PAYERS_TERM,
            nw.col("interest_fen") - nw.col("subsidy_fen"),
        )
    )
    reads = {f"{payer}_numerator": "fen_days" for payer in payers}
    return Rule(
        name="line_subsidy",
        zh="贴息",
        en="Each payer's amount of a line and what the borrower bears",
        reads={"interest_fen": "fen", "method": "code", **reads},  # type: ignore[dict-item]
        steps=tuple(steps),
    )


HELD_BACK = Rule(
    name="held_back",
    zh="先收后贴暂扣",
    en="Collect first, subsidise after: the share of the subsidy whose interest is not collected yet",
    reads={
        "interest_fen": "fen",
        "subsidy_fen": "fen",
        "accrued_fen": "fen",
        "collected_fen": "fen",
        "rounding_slack_fen": "fen",
    },
    steps=(
        Step(
            "arrears_fen",
            "fen",
            "累计应收利息减累计已收正常利息",
            "Normal interest accrued since disbursement less normal interest collected, the oldest matched first",
            ("subsidy.collect_first",),
            nw.col("accrued_fen") - nw.col("collected_fen"),
        ),
        Step(
            "uncollected_fen",
            "fen",
            "本期未收利息（按期分舍入差额以内不计）",
            "This line's part of the arrears; a bank's rounding, a fen a settlement, is no arrears",
            ("subsidy.collect_first",),
            nw.when(nw.col("arrears_fen") <= nw.col("rounding_slack_fen"))
            .then(nw.lit(0, nw.Int64))
            .otherwise(earlier_of(nw.col("arrears_fen"), nw.col("interest_fen"))),
        ),
        Step(
            "held_back_fen",
            "fen",
            "暂扣贴息＝应贴×未收÷应收",
            "What is due × uncollected ÷ accrued, rounded half up once",
            ("subsidy.collect_first",),
            nw.when(nw.col("interest_fen") > 0)
            .then(
                round_half_up(
                    nw.col("subsidy_fen") * nw.col("uncollected_fen"),
                    nw.when(nw.col("interest_fen") > 0)
                    .then(nw.col("interest_fen"))
                    .otherwise(nw.lit(1, nw.Int64)),
                )
            )
            .otherwise(nw.lit(0, nw.Int64)),
        ),
    ),
)


def rules_for(columns: Collection[str]) -> tuple[Rule, ...]:
    """All rules of this file, in the order of the calculation, for the payers that the columns name."""
    payers = [payer for payer in PAYERS if {f"{payer}_share_percent", f"{payer}_numerator"} & set(columns)]
    return (HELD, ROOM, SUBSIDISED_MOVE, piece_rule(payers), line_rule(payers), HELD_BACK)
