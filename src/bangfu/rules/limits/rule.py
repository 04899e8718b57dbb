"""Limits: the household's outstanding principal with this loan, and one loan at a time.

The principal of all programme products counts. A second loan beside a live one is admitted only as a top-up
(decision 16); the parent of a renewal does not count beside it (decision 34).
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero
from bangfu.rules.steps import Raise, Rule, Step

NEW, TOP_UP = "new", "top_up"
CAP = ("amount.household_cap",)
CAP_TOPPED = ("amount.household_cap_with_top_up",)
ONE = ("borrower.one_loan_per_household",)

_raised_cap = nw.col("tops_up") & ~nw.col("amount_household_cap_with_top_up_fen").is_null()

RULE = Rule(
    name="limits",
    zh="单户额度与一户多贷",
    en="Whether the household stays within its cap, and whether this is a second loan beside a live one",
    reads={
        "kind": "code",
        "principal_fen": "fen",
        "outstanding_fen": "fen",
        "live_loans": "count",
        "amount_household_cap_fen": "fen",
        "amount_household_cap_with_top_up_fen": "fen",
        "borrower_one_loan_per_household": "bool",
    },
    steps=(
        Step(
            "tops_up",
            "bool",
            "在未结清贷款上追加",
            "A top-up beside a live loan",
            CAP_TOPPED,
            (nw.col("kind") == TOP_UP) & (nw.col("live_loans") > 0),
        ),
        Step(
            "under_raised_cap",
            "bool",
            "适用追加后额度",
            "The cap with top-up applies",
            CAP_TOPPED,
            _raised_cap,
        ),
        Step(
            "cap_fen",
            "fen",
            "单户额度",
            "The cap that applies",
            (*CAP, *CAP_TOPPED),
            nw.when(nw.col("under_raised_cap"))
            .then(nw.col("amount_household_cap_with_top_up_fen"))
            .otherwise(nw.col("amount_household_cap_fen")),
        ),
        Step(
            "household_total_fen",
            "fen",
            "本笔加该户未结清各笔本金",
            "This loan and the outstanding principal of the household's others",
            CAP,
            nw.col("outstanding_fen") + nw.col("principal_fen"),
        ),
        Step(
            "over_cap_fen",
            "fen",
            "超过额度",
            "Over the cap by so much",
            CAP,
            at_least_zero((nw.col("household_total_fen") - nw.col("cap_fen")).fill_null(0)),
        ),
        Step(
            "over_household_cap",
            "bool",
            "超过单户额度",
            "Over the household's cap",
            CAP,
            (nw.col("over_cap_fen") > 0) & ~nw.col("under_raised_cap"),
        ),
        Step(
            "over_cap_with_top_up",
            "bool",
            "追加后超过单户额度",
            "Over the household's cap with top-up",
            CAP_TOPPED,
            (nw.col("over_cap_fen") > 0) & nw.col("under_raised_cap"),
        ),
        Step(
            "several_loans",
            "bool",
            "已有未结清贷款又新发放（追加除外）",
            "A new loan beside a live one, which only a top-up may be",
            ONE,
            (nw.col("kind") == NEW)
            & (nw.col("live_loans") > 0)
            & nw.col("borrower_one_loan_per_household").fill_null(value=False),
        ),
    ),
    raises=(
        Raise(
            "over_household_cap",
            "over_household_cap",
            (
                "principal_fen",
                "outstanding_fen",
                "household_total_fen",
                "cap_fen",
                "over_cap_fen",
                "live_loan_balances",
            ),
            CAP,
        ),
        Raise(
            "over_household_cap",
            "over_cap_with_top_up",
            (
                "principal_fen",
                "outstanding_fen",
                "household_total_fen",
                "cap_fen",
                "over_cap_fen",
                "live_loan_balances",
            ),
            CAP_TOPPED,
        ),
        Raise(
            "several_loans_in_household",
            "several_loans",
            ("live_loans", "outstanding_fen", "live_loan_balances"),
            ONE,
        ),
    ),
)
