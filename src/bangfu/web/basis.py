"""A decision of the core opened for people: every rule, its facts, its clauses (``components/basis.html``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bangfu.casework.words import Words, english
from bangfu.engine.admission.judge import CASE_RULES
from bangfu.policy import VOCABULARY, Stack
from bangfu.reports.fact_words import CODE_WORDS, FACT_WORDS
from bangfu.web.code_words import ENGLISH_CODES, words_of
from bangfu.web.parts import Basis, Checked

# What a rule asks, said of a case that meets it; of one that does not, the register of refusals has the words.
MET: Mapping[str, Words] = {
    "not_on_roster": Words("在名单内", "On the roster"),
    "wrongly_listed": Words("不是错评清退户", "Not struck off as wrongly listed"),
    "category_not_admitted": Words("名单类别在支持范围", "The household's category may borrow"),
    "no_labour_force": Words("家里有人能劳动", "Somebody in the household is able to work"),
    "borrower_not_in_household": Words("借款人是本户成员", "The borrower is a member of the household"),
    "over_household_cap": Words("没有超过单户额度", "Within the household's cap"),
    "several_loans_in_household": Words("没有一户多贷", "No second loan in the household"),
    "term_too_long": Words("期限没有超过最长期限", "The term is not too long"),
    "rate_above_ceiling": Words("利率没有超过上限", "The rate is not above the ceiling"),
    "rate_changed_in_contract": Words("合同期内利率不变", "The rate stays through the contract"),
    "guarantee_taken": Words("没有要求担保、抵押", "No guarantee or collateral is asked"),
    "borrower_charged": Words("没有向借款人收费", "No fee is charged on the borrower"),
    "purpose_forbidden": Words("用途符合规定", "The purpose is admitted"),
    "used_by_enterprise": Words("不交企业或其他组织使用", "Not for use by an enterprise or other body"),
    "age_out_of_range": Words("年龄符合规定", "The age is in range"),
}
# Facts that name the borrower stand on no page that everybody sees.
PERSONAL = frozenset({"borrower", "household_id", "id_number"})
_AMOUNT = re.compile(r"-?\d{4,}\.\d\d")
_CODE = re.compile(r"[a-z][a-z0-9_]+")


def basis_of(
    decision: Mapping[str, Any],
    *,
    stack: Stack | None = None,
    attested: Mapping[str, bool] | None = None,
    hide: frozenset[str] = frozenset(),
    leave_out: frozenset[str] = frozenset(),
    grouped: bool = False,
) -> Basis:
    """A decision in the JSON shape of ``check`` as what the component shows.

    Args:
        decision: One of ``decisions``: outcome, refusals, warnings, not_judged and, of an application, to_attest.
        stack: The policy it rests on; with it the rules that are met are listed too.
        attested: What people have answered so far, by condition; what they have not is still to be attested.
        hide: Facts that are not shown.
        leave_out: Codes of rules that were not asked.
        grouped: List what is to be attested by who attests it.
    """
    answers = attested or {}
    against = [
        Checked(
            "in_principle" if one.get("in_principle") else "failed",
            Words(one["zh"], one["en"]),
            facts_told(one["facts"], hide),
            one["clauses"],
        )
        for one in decision["refusals"]
    ]
    open_points = {one["code"]: one["missing"] for one in decision.get("not_judged", ())}
    told = {one["code"] for one in decision["refusals"]} | open_points.keys()
    asked = [] if stack is None else list(_met(stack, told | leave_out, open_points))
    conditions = [condition(one, answers) for one in decision.get("to_attest", ())]
    warned = [
        Checked("warned", Words(one["zh"], one["en"]), facts_told(one["facts"], hide), one["clauses"])
        for one in decision.get("warnings", ())
    ]
    packs = [] if stack is None else [pack.id for pack in stack.packs]
    about = "outcome" if decision.get("application", True) else "past_outcome"
    return Basis(decision["outcome"], packs, (*against, *warned, *asked, *conditions), grouped, about)


def condition(one: Mapping[str, Any], answers: Mapping[str, bool]) -> Checked:
    """A point that people attest, with what they have answered."""
    said = answers.get(one["condition"])
    state = {None: "attest", True: "passed", False: "failed"}[said]
    by = words_of(one["by"], "by") if one["by"] else Words("当地指定的人", "person the locality names")
    return Checked(state, Words(one["zh"], one["en"]), (), one["clauses"], by)  # type: ignore[arg-type]


def _met(stack: Stack, told: set[str] | frozenset[str], open_points: Mapping[str, str]) -> Iterator[Checked]:
    """The rules nothing was raised by: met, not set by any document, or not to be judged from the facts."""
    clauses: dict[str, list[str]] = {}
    for rule in CASE_RULES:
        for each in rule.raises:
            clauses.setdefault(each.code, []).extend(_cited(stack, each.basis))
    for code, cited in clauses.items():
        if code in open_points:
            missing = open_points[code]
            label = Words(FACT_WORDS.get(missing, missing), missing.replace("_", " "))
            yield Checked(
                "open", MET[code], ((Words("缺少", "missing"), str(label)),), tuple(dict.fromkeys(cited))
            )
        elif code not in told:
            yield Checked("passed" if cited else "silent", MET[code], (), tuple(dict.fromkeys(cited)))


def _cited(stack: Stack, basis: Sequence[str]) -> Iterator[str]:
    for name in basis:
        if name not in VOCABULARY:
            yield name
            continue
        said = stack.look(name, stack.signed_on)
        if said is not None:
            yield from said.clauses


def facts_told(facts: Mapping[str, Any], hide: frozenset[str] = frozenset()) -> tuple[tuple[Words, str], ...]:
    """The facts of a rule with their labels, without those that are empty or hidden."""
    return tuple(
        (fact_label(name), fact_value(value))
        for name, value in facts.items()
        if value not in (None, "") and name not in hide
    )


def fact_label(name: str) -> Words:
    """The label of a fact of a refusal or finding."""
    return Words(FACT_WORDS.get(name, name), name.replace("_", " "))


def fact_value(value: Any) -> str:
    """A fact's value in words: amounts grouped, codes as words, days as they are."""
    if isinstance(value, bool):
        return str(Words("是", "yes") if value else Words("否", "no"))
    if isinstance(value, int):
        return f"{value:,}"
    text = _AMOUNT.sub(lambda found: _grouped(found.group()), str(value))
    spoken = ENGLISH_CODES if english() else CODE_WORDS
    text = _CODE.sub(lambda found: spoken.get(found.group(), found.group()), text)
    return text if english() else text.replace(" to ", " 至 ").replace(", ", "、")


def _grouped(amount: str) -> str:
    whole, _, part = amount.partition(".")
    return f"{int(whole):,}.{part}"
