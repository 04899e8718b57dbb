"""The words of every code in both languages: Chinese from the tables' own code sets, English from here."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words, english
from bangfu.facts import codes
from bangfu.reports.fact_words import CODE_WORDS
from bangfu.reports.words import CLAUSE_KINDS, PAYERS, TABLES

_CHINESE: Mapping[str, Mapping[str, str]] = {
    name: {code: words[0] for code, words in known.items()}
    for name, known in {
        "category": codes.CATEGORY, "left_reason": codes.LEFT_REASON, "product": codes.ORDINARY_PRODUCT,
        "loan_kind": codes.LOAN_KIND, "interest_method": codes.INTEREST_METHOD, "purpose": codes.PURPOSE,
        "guarantee": codes.GUARANTEE, "funding": codes.FUNDING, "event_kind": codes.EVENT_KIND,
        "paid_to": codes.PAID_TO, "payee_kind": codes.PAYEE_KIND, "insurance_event": codes.INSURANCE_EVENT,
        "fund_kind": codes.FUND_KIND, "relation": codes.RELATION, "poverty_cause": codes.POVERTY_CAUSE,
        "risk_class": codes.RISK_CLASS, "reminder": codes.REMINDER,
    }.items()
} | {
    "payer": PAYERS,
    "table": TABLES,
    "kind_of_clause": CLAUSE_KINDS,
    "outcome": {"admitted": "可以办理", "refused": "不能办理", "needs_exception": "须经例外审批"},
    "past_outcome": {"admitted": "符合规定", "refused": "不符合规定", "needs_exception": "须有例外审批"},
    "by": {"village": "村两委", "township": "乡镇", "bank": "银行"},
    "policy": CODE_WORDS,
}  # fmt: skip

_ENGLISH: Mapping[str, Mapping[str, str]] = {
    "category": {
        "poor": "registered poor household", "out_of_poverty": "household out of poverty",
        "margin": "household on the margin of poverty", "monitored": "monitored household",
        "assisted": "assisted household",
    },
    "left_reason": {
        "graduated": "rose out of poverty", "wrongly_listed": "listed wrongly", "bad_faith": "bad faith",
        "no_longer_at_risk": "no longer at risk", "moved": "moved away", "deceased": "deceased",
    },
    "product": {
        "poverty": "poverty microcredit", "transition": "microcredit for people out of poverty",
        "assistance": "assistance microcredit", "ordinary": "ordinary loan",
    },
    "loan_kind": {"new": "new", "top_up": "top-up", "renewal": "renewal"},
    "interest_method": {
        "daily_360": "daily (360 days)", "daily_365": "daily (365 days)", "whole_periods": "whole periods",
    },
    "purpose": {
        "crops": "crops", "livestock": "livestock", "forestry": "forestry and orchards", "fishery": "fishery",
        "processing": "processing", "trade": "trade", "service": "services", "equipment": "equipment",
        "protected_farming": "protected farming", "transport": "transport", "cooperation": "cooperative business",
        "wedding": "wedding or funeral", "house": "building or buying a house", "wealth_product": "wealth product",
        "household_goods": "household goods", "medical": "medical treatment", "education": "schooling",
        "debt": "repaying debts", "enterprise": "use by an enterprise",
        "government_vehicle": "government financing vehicle",
    },
    "guarantee": {
        "none": "none", "guarantor": "guarantor", "pledge": "pledge", "mortgage": "mortgage",
        "counter_guarantee": "counter-guarantee", "government_guarantee": "government guarantee body",
        "credit_insurance": "credit insurance", "user_enterprise": "guarantee by the enterprise that uses it",
    },
    "funding": {
        "own": "own funds", "farm_relending": "farm relending", "poverty_relending": "poverty relending",
    },
    "event_kind": {
        "disbursed": "disbursed", "repaid": "principal repaid", "interest_collected": "interest collected",
        "penalty_collected": "penalty collected", "fee_collected": "fee collected", "extended": "extended",
        "classified": "classified", "written_off": "written off", "compensated": "compensated",
        "recovered": "recovered", "converted": "converted", "recalled": "recalled",
        "subsidy_returned": "subsidy passed back", "interest_refunded": "interest refunded",
        "rate_changed": "rate changed", "reminded": "reminded", "returned_to_fund": "returned to the fund",
    },
    "paid_to": {"borrower": "the borrower", "lender": "the lender"},
    "payee_kind": {
        "person": "person", "enterprise": "enterprise", "cooperative": "cooperative",
        "government_vehicle": "government financing vehicle", "unknown": "unknown",
    },
    "insurance_event": {"death": "death", "disability": "disability", "hospital": "hospital stay"},
    "fund_kind": {
        "opening": "opening balance", "injected": "paid in", "compensated": "compensation paid",
        "returned": "recovered money returned", "interest": "interest",
    },
    "relation": {
        "head": "head", "spouse": "spouse", "child": "child", "parent": "parent", "other": "other",
    },
    "poverty_cause": {
        "lack_of_money": "lack of money", "lack_of_skill": "lack of skill", "illness": "illness",
        "disability": "disability", "schooling": "schooling", "disaster": "disaster",
        "no_labour": "no labour force", "other": "other",
    },
    "risk_class": {"1": "pass", "2": "special mention", "3": "substandard", "4": "doubtful", "5": "loss"},
    "reminder": {"spoken": "spoken", "written": "in writing"},
    "payer": {
        "central": "central finance", "province": "provincial finance", "city": "city finance",
        "county": "county finance", "fiscal": "public finance (level not named)",
    },
    "table": {
        "loans": "loans", "ordinary_loans": "ordinary loans", "households": "households", "members": "people",
        "areas": "areas", "lenders": "lenders", "subsidies": "subsidies", "insurance": "insurance",
        "insurance_events": "insured events", "fund": "compensation fund", "transfers": "transfers",
        "events": "ledger",
    },
    "kind_of_clause": {
        "P": "parameter", "R": "rule", "W": "workflow", "C": "computation", "M": "monitoring", "A": "archive",
        "G": "guidance",
    },
    "outcome": {"admitted": "may go ahead", "refused": "may not", "needs_exception": "needs an exception"},
    "past_outcome": {"admitted": "in order", "refused": "against the rules", "needs_exception": "needs an exception"},
    "by": {"village": "village", "township": "township", "bank": "bank"},
}  # fmt: skip

SETS = frozenset(_CHINESE)
# Codes that stand as a fact's value, whatever their set.
ENGLISH_CODES: Mapping[str, str] = {
    code: words
    for which in (
        "category",
        "left_reason",
        "product",
        "loan_kind",
        "purpose",
        "guarantee",
        "interest_method",
    )
    for code, words in _ENGLISH[which].items()
}


def word(code: object, which: str) -> str:
    """The word of a code in the reader's language; the code itself where the set does not hold it.

    Args:
        code: The code; empty or None gives an empty text.
        which: A set of ``SETS``.

    Raises:
        KeyError: No such set.
    """
    if code is None or code == "":
        return ""
    chinese = _CHINESE[which]
    if english():
        spoken = _ENGLISH.get(which, {}).get(str(code))
        return spoken or (str(code).replace("_", " ") if which == "policy" else str(code))
    return chinese.get(str(code), str(code))


def words_of(code: str, which: str) -> Words:
    """Both words of a code."""
    return Words(_CHINESE[which].get(code, code), _ENGLISH.get(which, {}).get(code, code.replace("_", " ")))


def choices(which: str, among: tuple[str, ...] = ()) -> list[tuple[str, Words]]:
    """The codes of a set with their words, for a form; all, or those named in their order."""
    return [(code, words_of(code, which)) for code in (among or tuple(_CHINESE[which]))]
