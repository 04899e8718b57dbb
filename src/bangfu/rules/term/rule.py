"""Term: the maturity lies at most so many calendar months after the contract, month end clamped (decision 2).

A renewal whose policy limits renewals by themselves is judged by the renewal rule; extensions have their own
limit and do not count here (decision 18).
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import months_added
from bangfu.rules.steps import Raise, Rule, Step

LONGEST = ("term.max_months",)

RULE = Rule(
    name="term",
    zh="贷款期限",
    en="Whether the contract is longer than the policy allows",
    reads={
        "contract_on": "day",
        "matures_on": "day",
        "term_max_months": "months",
        "renewal_limited": "bool",
    },
    steps=(
        Step(
            "latest_maturity_on",
            "day",
            "最迟到期日：签订日加最长月数，月末对齐",
            "The latest maturity: so many calendar months after the contract day, month end clamped",
            LONGEST,
            months_added(nw.col("contract_on"), nw.col("term_max_months")),
        ),
        Step(
            "term_too_long",
            "bool",
            "期限过长（续贷另有期限规定的除外）",
            "Matures after that day; renewals that have a limit of their own apart",
            LONGEST,
            ((nw.col("matures_on") > nw.col("latest_maturity_on")) & ~nw.col("renewal_limited")).fill_null(
                value=False
            ),
        ),
    ),
    raises=(
        Raise(
            "term_too_long",
            "term_too_long",
            ("contract_on", "matures_on", "latest_maturity_on", "term_max_months"),
            LONGEST,
        ),
    ),
)
