"""Age: full years on the application day, both ends inclusive, "in principle" (decision 4)."""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import full_years
from bangfu.rules.steps import Raise, Rule, Step

RANGE = ("age.min", "age.max")

_known = nw.col("born_on") <= nw.col("aged_on")

RULE = Rule(
    name="age",
    zh="借款人年龄",
    en="Whether the borrower's age lies in the range, on the application day",
    reads={
        "born_on": "day",
        "aged_on": "day",
        "age_min": "years",
        "age_max": "years",
        "age_exception_allowed": "bool",
    },
    steps=(
        Step(
            "age",
            "years",
            "申请日周岁（无申请日的按合同签订日）",
            "Full years on the application day, or the contract day where that is not recorded",
            RANGE,
            nw.when(_known).then(full_years(nw.col("born_on"), nw.col("aged_on"))),
        ),
        Step(
            "too_young",
            "bool",
            "不满最低年龄",
            "Below the lowest age",
            ("age.min",),
            (nw.col("age") < nw.col("age_min")).fill_null(value=False),
        ),
        Step(
            "too_old",
            "bool",
            "超过最高年龄（含当年周岁）",
            "Above the highest age, whose whole year is inside",
            ("age.max",),
            (nw.col("age") > nw.col("age_max")).fill_null(value=False),
        ),
        Step(
            "age_out_of_range",
            "bool",
            "年龄超出范围",
            "Out of the range",
            RANGE,
            nw.col("too_young") | nw.col("too_old"),
        ),
        Step(
            "age_in_principle",
            "bool",
            "原则性规定，可经审批例外",
            "The range holds in principle: an approved exception may stand",
            ("age.exception_allowed",),
            nw.col("age_out_of_range") & nw.col("age_exception_allowed").fill_null(value=False),
        ),
    ),
    raises=(
        Raise(
            "age_out_of_range", "age_out_of_range", ("born_on", "aged_on", "age", "age_min", "age_max"), RANGE
        ),
    ),
)
