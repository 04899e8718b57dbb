"""Why an application is refused, returned or not: the codes people choose from, the core's own among them."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words
from bangfu.refusals import CODES

# What only people see; the clauses are those of the conditions they fall under.
_BY_PEOPLE: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "status_not_confirmed": (
        Words("农户属性不符", "the household's status is not confirmed"), ("LD2021-2.2a", "LD2021-2.2b")
    ),
    "purpose_not_real": (Words("借款用途不真实或不合规", "the purpose is not real or not admitted"), ("LD2021-1.8",)),
    "bad_credit": (Words("有重大不良信用记录", "a major bad credit record"), ("LD2021-1.9",)),
    "cannot_repay": (Words("还款能力不足", "not able to repay"), ("LD2021-1.9", "LD2021-5.1")),
    "not_rated": (Words("未通过银行评级授信", "not passed by the bank's rating"), ("LD2021-1.9", "CN2021-2.1")),
    "no_labour_skills": (Words("缺少必要的劳动生产技能", "lacks the needed labour skills"), ("LD2021-1.9",)),
    "project_not_lawful": (
        Words("产业项目不合法或无市场前景", "the project is unlawful or has no market"), ("LD2021-1.9",)
    ),
    "papers_untrue": (Words("资料不真实", "papers are not true"), ("LD2021-2.1", "LD2021-3.4")),
    "borrowed_name": (
        Words("假名、冒名、借名或转贷", "false, impostor or borrowed name, or on-lending"), ("LD2021-3.4",)
    ),
    "other": (Words("其他（在说明中写明）", "another reason (said in the text)"), ("LD2021-2.2d",)),
}  # fmt: skip
_OF_THE_CORE = (
    "not_on_roster",
    "wrongly_listed",
    "category_not_admitted",
    "over_household_cap",
    "several_loans_in_household",
    "term_too_long",
    "rate_above_ceiling",
    "purpose_forbidden",
    "age_out_of_range",
    "no_labour_force",
    "borrower_not_in_household",
    "renewed_or_extended_twice",
    "renewal_too_long",
    "lent_while_suspended",
    "no_policy_for_place_and_day",
)
REASONS: Mapping[str, Words] = {
    **{code: words for code, (words, _) in _BY_PEOPLE.items() if code != "other"},
    **{code: Words(CODES[code].zh, CODES[code].en) for code in _OF_THE_CORE},
    "other": _BY_PEOPLE["other"][0],
}


def clauses_of_reason(code: str) -> tuple[str, ...]:
    """The clauses a person's own reason falls under; those of the core stand in its decision."""
    return _BY_PEOPLE[code][1] if code in _BY_PEOPLE else ()
