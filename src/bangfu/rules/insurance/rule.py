"""Insurance: all who should be covered are, and all that is due is paid (HLJ2019-2.5)."""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero
from bangfu.rules.steps import Raise, Rule, Step

COVER = ("insurance.required_kinds",)
PAID = ("HLJ2019-2.5",)

RULE = Rule(
    name="insurance",
    zh="保险",
    en="Whether a person lacks cover, and whether an insured event is unclaimed or unpaid",
    reads={
        "should_be_covered": "bool",
        "covered": "bool",
        "happened": "bool",
        "covered_then": "bool",
        "claimed": "bool",
        "amount_due_known": "bool",
        "amount_due_fen": "fen",
        "amount_paid_fen": "fen",
        "paid": "bool",
    },
    steps=(
        Step(
            "gap",
            "bool",
            "应保未保",
            "Should be covered on the day and is not",
            COVER,
            nw.col("should_be_covered") & ~nw.col("covered"),
        ),
        Step(
            "unclaimed",
            "bool",
            "出险未报案：保险期内出险而无理赔申请",
            "An event under cover that nobody has claimed for",
            PAID,
            nw.col("happened") & nw.col("covered_then") & ~nw.col("claimed"),
        ),
        Step(
            "unpaid_fen",
            "fen",
            "应赔未赔金额",
            "What is due and not paid",
            PAID,
            nw.when(nw.col("happened") & nw.col("covered_then") & nw.col("amount_due_known"))
            .then(at_least_zero(nw.col("amount_due_fen") - nw.col("amount_paid_fen")))
            .otherwise(nw.lit(0, nw.Int64)),
        ),
        Step(
            "claim_unpaid",
            "bool",
            "应赔未赔：未报案、未赔付或少赔",
            "Unclaimed, or claimed and not paid, or paid short",
            PAID,
            (nw.col("unclaimed") & ~nw.col("paid"))
            | (nw.col("unpaid_fen") > 0)
            | (nw.col("happened") & nw.col("covered_then") & ~nw.col("amount_due_known") & ~nw.col("paid")),
        ),
    ),
    raises=(
        Raise("insurance_gap", "gap", (), COVER),
        Raise("insurance_claim_unpaid", "claim_unpaid", ("amount_due_fen", "amount_paid_fen"), PAID),
    ),
)
