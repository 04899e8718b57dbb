"""Tolerance: an NPL ratio up to so many points above the bank's base is not held against it.

The base is the bank's target for all loans (CN2021-5.1), or its actual ratio for all loans (CN2026-3.1).
"""

from __future__ import annotations

import narwhals as nw

from bangfu.rules.columns import at_least_zero
from bangfu.rules.steps import Rule, Step

BASIS = ("tolerance.points", "tolerance.base")

RULE = Rule(
    name="tolerance",
    zh="不良容忍度",
    en="Whether a bank's NPL ratio is within what is not held against it",
    reads={"npl_percent_e8": "e8", "base_e8": "e8", "points_e8": "e8"},
    steps=(
        Step(
            "tolerated_e8",
            "e8",
            "容忍上限：基数加容忍百分点",
            "The base plus the points",
            BASIS,
            nw.col("base_e8") + nw.col("points_e8"),
        ),
        Step(
            "within",
            "bool",
            "在容忍度内（含本数）",
            "Within the tolerance, the figure itself included",
            BASIS,
            nw.col("npl_percent_e8") <= nw.col("tolerated_e8"),
        ),
        Step(
            "over_e8",
            "e8",
            "超出的百分点",
            "Points above the tolerance",
            BASIS,
            at_least_zero(nw.col("npl_percent_e8") - nw.col("tolerated_e8")),
        ),
    ),
)
