"""Use: production only, and not by an enterprise from the day the policy forbids it (decision 20).

A payment to an enterprise may buy seed: the loan counts as handed over where (nearly) all of it went to enterprises,
and not for a thing bought at once. To a financing vehicle nothing may go at all (GZ2018-2.9.3).
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.steps import Raise, Rule, Step

FORBIDDEN, LEDGER = "forbidden", "ledger"
USED_BY_BODIES = ("enterprise", "government_vehicle")
PURPOSES = ("use.forbidden_purposes",)
BODIES = ("use.by_enterprise",)

# Ours, not a document's.
LEAST_SHARE_PERCENT = 80  # of the loan, to enterprises
BOUGHT_AT_ONCE = ("equipment", "protected_farming")
WHOLE_PERCENT = 100

_given = nw.col("to_enterprises_fen").fill_null(0)
_nearly_all = (_given > 0) & (_given * WHOLE_PERCENT >= nw.col("principal_fen") * LEAST_SHARE_PERCENT)
_bought = nw.col("purpose").is_in(BOUGHT_AT_ONCE).fill_null(value=False)
_to_vehicles = nw.col("to_vehicles_fen").fill_null(0) > 0

RULE = Rule(
    name="use",
    zh="贷款用途",
    en="Whether the purpose is forbidden, or the money is used by an enterprise",
    reads={
        "purpose": "code",
        "purpose_forbidden_here": "bool",
        "to_enterprises_fen": "fen",
        "to_vehicles_fen": "fen",
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
            "资金（几乎）全部转给企业，或转给融资平台",
            "(Nearly) all of it went to enterprises, or any of it to a financing vehicle",
            BODIES,
            ((_nearly_all & ~_bought) | _to_vehicles).fill_null(value=False),
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
            (
                "purpose",
                "to_enterprises_fen",
                "to_vehicles_fen",
                "principal_fen",
                "contract_on",
                "use_by_enterprise",
            ),
            BODIES,
        ),
    ),
)
