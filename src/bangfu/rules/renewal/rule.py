"""Renewal and extension: once in a loan's whole family, across products, and not too long.

A row is one act: the renewal a loan is, or one extension of it. ``nth`` counts the acts of the family (a
loan, its renewals, and theirs) in the order of their days; ``acts_under_earlier`` are those before it that an
earlier programme's policy governed. The terms are those of the policy that governs the act (decisions 10, 11,
18).

An original term of so many whole months and odd days is shared out month by month; a part of a month is 30
days, and what is less than a day is dropped.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.money.days import DAYS_PER_MONTH
from bangfu.money.rates import E8
from bangfu.rules.columns import at_least_zero, months_added, months_between, small_quotient
from bangfu.rules.steps import Raise, Rule, Step

RENEWAL, EXTENSION = "renewal", "extension"
ONCE = ("renewal.times",)
LONGEST = ("renewal.max_months",)
SHORT = ("extension.short_limit_months",)
SHARES = ("extension.short_share", "extension.medium_share")

_extends = nw.col("act") == EXTENSION
_earlier_aside = nw.col("nth") - nw.col("acts_under_earlier")
_odd = nw.col("matures_on") - nw.col("original_months_end_on")
_part_of_month = nw.col("shared_months_e8") % E8 * DAYS_PER_MONTH + nw.col("original_odd_days") * nw.col(
    "share_e8"
)

_ONCE_STEPS = (
    Step(
        "beyond_once",
        "bool",
        "续贷或展期次数超过规定（全链条、跨产品合计）",
        "More acts in the family than allowed, over all products",
        ONCE,
        (nw.col("nth") > nw.col("renewal_times")).fill_null(value=False),
    ),
    Step(
        "once_left_open",
        "bool",
        "此前的续贷或展期属原政策时期，文件未言明是否计入",
        "What came before was under the earlier programme, and the text does not say whether it counts",
        ONCE,
        nw.col("beyond_once")
        & (_earlier_aside <= nw.col("renewal_times")).fill_null(value=False)
        & ~nw.col("renewal_only_if_never_before").fill_null(value=False),
    ),
)
_RENEWAL_STEPS = (
    Step(
        "latest_renewal_end_on",
        "day",
        "续贷最迟到期日",
        "The latest end of a renewal",
        LONGEST,
        months_added(nw.col("contract_on"), nw.col("renewal_max_months")),
    ),
    Step(
        "renewal_too_long",
        "bool",
        "续贷期限过长",
        "The renewal ends after that day",
        LONGEST,
        ((nw.col("act") == RENEWAL) & (nw.col("until_on") > nw.col("latest_renewal_end_on"))).fill_null(
            value=False
        ),
    ),
    Step(
        "renewal_in_principle",
        "bool",
        "原则性规定，可经审批例外",
        "The limit holds in principle: an approved exception may stand",
        ("renewal.exception_allowed",),
        nw.col("renewal_too_long") & nw.col("renewal_exception_allowed").fill_null(value=False),
    ),
)
_EXTENSION_STEPS = (
    Step(
        "short_end_on",
        "day",
        "短期贷款的最迟到期日",
        "The latest original maturity of a short loan",
        SHORT,
        months_added(nw.col("contract_on"), nw.col("extension_short_limit_months")),
    ),
    Step(
        "is_short",
        "bool",
        "短期贷款",
        "The loan is a short one",
        SHORT,
        nw.col("matures_on") <= nw.col("short_end_on"),
    ),
    Step(
        "share_e8",
        "e8",
        "展期可占原期限的比例",
        "The share of the original term an extension may have",
        SHARES,
        nw.when(nw.col("is_short"))
        .then(nw.col("extension_short_share_e8"))
        .otherwise(nw.col("extension_medium_share_e8")),
    ),
    Step(
        "full_months",
        "months",
        "原期限整月数（月末未对齐）",
        "Calendar months of the original term that are full before month ends are clamped",
        SHARES,
        months_between(nw.col("contract_on"), nw.col("matures_on")),
    ),
    Step(
        "next_month_on",
        "day",
        "再加一月之日，月末对齐",
        "A month later, month end clamped",
        SHARES,
        months_added(nw.col("contract_on"), nw.col("full_months") + 1),
    ),
    Step(
        "original_months",
        "months",
        "原期限整月数",
        "Whole calendar months of the original term, month end clamped",
        SHARES,
        nw.when(nw.col("next_month_on") <= nw.col("matures_on"))
        .then(nw.col("full_months") + 1)
        .otherwise(nw.col("full_months")),
    ),
    Step(
        "original_months_end_on",
        "day",
        "原期限整月止日",
        "Where the whole months of the original term end",
        SHARES,
        months_added(nw.col("contract_on"), nw.col("original_months")),
    ),
    Step("original_odd_days", "days", "原期限零头天数", "Odd days of the term", SHARES, at_least_zero(_odd)),
    Step(
        "shared_months_e8",
        "e8",
        "原期限整月数乘比例",
        "Whole months times the share",
        SHARES,
        nw.col("original_months") * nw.col("share_e8"),
    ),
    Step("allowed_months", "months", "展期最长整月数", "Whole months an extension may have", SHARES,
         small_quotient(nw.col("shared_months_e8"), E8)),
    Step(
        "allowed_days",
        "days",
        "展期最长零头天数，不足一日舍去",
        "Odd days an extension may have besides; less than a day is dropped",
        SHARES,
        small_quotient(_part_of_month, E8),
    ),
    Step(
        "latest_extended_end_on",
        "day",
        "展期最迟到期日：自原到期日起算",
        "The latest new maturity, counted from the old one",
        SHARES,
        months_added(nw.col("from_on"), nw.col("allowed_months")) + nw.col("allowed_days"),
    ),
    Step(
        "extension_too_long",
        "bool",
        "展期期限过长",
        "Extended beyond that day",
        SHARES,
        (_extends & (nw.col("until_on") > nw.col("latest_extended_end_on"))).fill_null(value=False),
    ),
    Step(
        "short_extension_too_long",
        "bool",
        "短期贷款展期过长",
        "A short loan extended too long",
        ("extension.short_share",),
        nw.col("extension_too_long") & nw.col("is_short").fill_null(value=False),
    ),
    Step(
        "medium_extension_too_long",
        "bool",
        "中期贷款展期过长",
        "A longer loan extended too long",
        ("extension.medium_share",),
        nw.col("extension_too_long") & ~nw.col("is_short").fill_null(value=False),
    ),
)  # fmt: skip

_LENGTH_FACTS = ("act_on", "contract_on", "matures_on", "from_on", "until_on", "latest_extended_end_on")

RULE = Rule(
    name="renewal",
    zh="续贷与展期",
    en="Whether a renewal or an extension is the only one of its family, and short enough",
    reads={
        "act": "code",
        "contract_on": "day",
        "matures_on": "day",
        "from_on": "day",
        "until_on": "day",
        "nth": "count",
        "acts_under_earlier": "count",
        "renewal_times": "count",
        "renewal_only_if_never_before": "bool",
        "renewal_max_months": "months",
        "renewal_exception_allowed": "bool",
        "extension_short_limit_months": "months",
        "extension_short_share_e8": "e8",
        "extension_medium_share_e8": "e8",
    },
    steps=(*_ONCE_STEPS, *_RENEWAL_STEPS, *_EXTENSION_STEPS),
    raises=(
        Raise(
            "renewed_or_extended_twice",
            "beyond_once",
            ("act", "act_on", "nth", "first_act", "first_act_on"),
            ONCE,
        ),
        Raise(
            "renewal_too_long",
            "renewal_too_long",
            ("contract_on", "until_on", "latest_renewal_end_on"),
            LONGEST,
        ),
        Raise("extension_too_long", "short_extension_too_long", _LENGTH_FACTS, ("extension.short_share",)),
        Raise("extension_too_long", "medium_extension_too_long", _LENGTH_FACTS, ("extension.medium_share",)),
    ),
)
