"""What of a loan is non-performing and what is overdue.

The ratio is the balance of classes 3 to 5 over the balance (design §10.5), the overdue ratio the overdue
amount over the balance, by amount and not by households (§10.6). A loan's class is the latest recorded, or 1.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero
from bangfu.rules.steps import Rule, Step

FIRST_NON_PERFORMING_CLASS = 3  # substandard, doubtful, loss: the last three of the five
NPL = ("CN2021-5.1", "GZ2018-2.2", "LD2021-5.5")
WATCHED = ("CN2021-3.2", "HLJ2019-2.6b")
KEEPS_CLASS = ("renewal.keeps_class",)

RULE = Rule(
    name="classification",
    zh="五级分类与逾期",
    en="What of a loan is non-performing and what is overdue at the end of a day",
    reads={
        "balance_fen": "fen",
        "risk_class": "count",
        "due_on": "day",
        "on": "day",
        "is_renewal": "bool",
        "renewal_keeps_class": "bool",
        "parent_class": "count",
    },
    steps=(
        Step(
            "npl_fen",
            "fen",
            "不良余额：次级、可疑、损失三类贷款的余额",
            "The balance where the class is 3, 4 or 5",
            NPL,
            nw.when(nw.col("risk_class") >= FIRST_NON_PERFORMING_CLASS)
            .then(nw.col("balance_fen"))
            .otherwise(nw.lit(0, nw.Int64)),
        ),
        Step(
            "days_overdue",
            "days",
            "逾期天数：到期日（展期后）或提前收回日的次日起算",
            "Days past maturity as extended, or past recall; nothing where nothing is owed",
            WATCHED,
            nw.when(nw.col("balance_fen") > 0)
            .then(at_least_zero(nw.col("on") - nw.col("due_on")))
            .otherwise(nw.lit(0, nw.Int64)),
        ),
        Step(
            "overdue_fen",
            "fen",
            "逾期金额：逾期贷款的余额",
            "The balance of a loan past its day",
            WATCHED,
            nw.when(nw.col("days_overdue") > 0).then(nw.col("balance_fen")).otherwise(nw.lit(0, nw.Int64)),
        ),
        Step(
            "class_lowered_at_renewal",
            "bool",
            "仅因续贷下调分类：未逾期的续贷，分类差于原贷款",
            "A renewal that is not overdue stands in a worse class than the loan it renews: "
            "look whether the renewal alone is the reason",
            KEEPS_CLASS,
            nw.col("is_renewal")
            & nw.col("renewal_keeps_class")
            & (nw.col("days_overdue") == 0)
            & (nw.col("risk_class") > nw.col("parent_class")),
        ),
    ),
)
