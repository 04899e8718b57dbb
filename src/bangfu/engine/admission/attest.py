"""Conditions nobody can compute: who attests each before a loan is made, and in which words.

The documents name the conditions; who answers for which follows the three reviews of LD2021-2.2a to LD2021-2.2c
(village: status and purpose, township: status, age and purpose, bank: all conditions of the loan).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bangfu.policy import Stack

TERM = "borrower.conditions"
VILLAGE, TOWNSHIP, BANK = "village", "township", "bank"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, and who attests it."""

    by: str
    zh: str
    en: str


CONDITIONS: Mapping[str, Condition] = {
    "law_abiding": Condition(VILLAGE, "遵纪守法", "Law-abiding"),
    "honest": Condition(VILLAGE, "诚实守信", "Honest"),
    "good_credit": Condition(BANK, "信用良好", "Good credit"),
    "no_major_bad_credit": Condition(BANK, "无重大不良信用记录", "No major bad credit record"),
    "full_civil_capacity": Condition(BANK, "具有完全民事行为能力", "Full civil capacity"),
    "rated_by_bank": Condition(BANK, "通过银行评级授信", "Rated by the bank"),
    "wants_the_loan": Condition(BANK, "有贷款意愿", "Wants the loan"),
    "real_need": Condition(BANK, "有真实的生产经营融资需求", "A real need of finance for production"),
    "employable": Condition(VILLAGE, "有就业创业潜质", "Employable, or able to start a business"),
    "labour_skills": Condition(VILLAGE, "有劳动生产技能", "Labour skills"),
    "some_repayment_ability": Condition(BANK, "有一定还款能力", "Some ability to repay"),
    "repayment_ability": Condition(BANK, "有还款能力", "Ability to repay"),
    "lawful_project": Condition(TOWNSHIP, "产业项目合法", "The project is lawful"),
    "market_prospect": Condition(BANK, "项目有一定市场前景", "The project has a market"),
    "in_line_with_national_policy": Condition(
        TOWNSHIP, "项目符合国家政策", "The project is in line with national policy"
    ),
}


def to_attest(stack: Stack) -> list[dict[str, Any]]:
    """The stack's conditions with who attests them; one that a local pack adds has nobody named (``by`` null)."""
    found = stack.look(TERM, stack.signed_on)
    if found is None:
        return []
    told = []
    for name in found.codes:
        known = CONDITIONS.get(name)
        words = (
            {"by": None, "zh": name, "en": name}
            if known is None
            else {"by": known.by, "zh": known.zh, "en": known.en}
        )
        told.append({"condition": name, **words, "clauses": list(found.clauses)})
    return told
