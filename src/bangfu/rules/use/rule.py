"""Use: production only, and not by an enterprise from the day the policy forbids it (decision 20).

A payment to an enterprise may buy seed. The loan counts as handed over where more of it went to enterprises
and financing vehicles than was left to the household.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.steps import Raise, Rule, Step

FORBIDDEN, LEDGER = "forbidden", "ledger"
USED_BY_BODIES = ("enterprise", "government_vehicle")
PURPOSES = ("use.forbidden_purposes",)
BODIES = ("use.by_enterprise",)

_given = nw.col("handed_over_fen").fill_null(0)

RULE = Rule(
    name="use",
    zh="贷款用途",
    en="Whether the purpose is forbidden, or the money is used by an enterprise",
    reads={
        "purpose": "code",
        "purpose_forbidden_here": "bool",
        "handed_over_fen": "fen",
        "principal_fen": "fen",
        "use_by_enterprise": "code",
    },
    steps=(
        Step(
            "meant_for_body",
            "bool",
            "用途即为企业或融资平台使用",
            "The purpose itself is use by an enterprise or a financing vehicle",
            BODIES,
            nw.col("purpose").is_in(USED_BY_BODIES).fill_null(value=False),
        ),
        Step(
            "handed_over",
            "bool",
            "资金大部分转给企业或融资平台",
            "More went to enterprises and financing vehicles than was left to the household",
            BODIES,
            _given > nw.col("principal_fen") - _given,
        ),
        Step(
            "used_by_enterprise",
            "bool",
            "户贷企用",
            "Used by an enterprise, which the policy forbids on the contract day",
            BODIES,
            (nw.col("meant_for_body") | nw.col("handed_over"))
            & (nw.col("use_by_enterprise") == FORBIDDEN).fill_null(value=False),
        ),
        Step(
            "enterprise_ledger",
            "bool",
            "列入户贷企用台账，分类处置",
            "Used by an enterprise before the cut-off: listed and wound down",
            BODIES,
            (nw.col("meant_for_body") | nw.col("handed_over"))
            & (nw.col("use_by_enterprise") == LEDGER).fill_null(value=False),
        ),
        Step(
            "purpose_forbidden",
            "bool",
            "用途被禁止",
            "The purpose is forbidden, and is not use by an enterprise already named",
            PURPOSES,
            nw.col("purpose_forbidden_here").fill_null(value=False)
            & ~(nw.col("meant_for_body") & nw.col("used_by_enterprise")),
        ),
    ),
    raises=(
        Raise("purpose_forbidden", "purpose_forbidden", ("purpose",), PURPOSES),
        Raise(
            "used_by_enterprise",
            "used_by_enterprise",
            ("purpose", "handed_over_fen", "principal_fen", "contract_on", "use_by_enterprise"),
            BODIES,
        ),
    ),
)
