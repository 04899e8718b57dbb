"""The calculator: both defensible interests, their difference, and who pays, each with its steps and clauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from bangfu.casework.words import Words
from bangfu.engine.explain import Explanation, Part, explain
from bangfu.engine.interest import InterestResult, interest
from bangfu.facts import TABLES, Facts, empty
from bangfu.money.days import add_months_clamped
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import PolicyBook
from bangfu.refusals import CODES, Refusal, Refused
from bangfu.rules.interest.rule import LINE_INTEREST
from bangfu.rules.subsidy.rule import PAYERS
from bangfu.web.code_words import words_of
from bangfu.web.parts import Flow, FlowLine

DAILY, WHOLE = "daily_360", "whole_periods"
_LOAN, _HOUSEHOLD = "loan", "household"
_LONGEST_MONTHS = 36


@dataclass(frozen=True)
class Calculation:
    """What a loan costs over a period.

    Attributes:
        daily: Interest by actual days over 360.
        whole: Interest by whole years and months.
        difference_fen: The one less the other.
        held_to: The method the policy holds to; empty where it names none and the contract's own counts.
        flow: The interest by payer; None where the subsidy could not be computed.
        explanation: Every step of the subsidy.
        refusals: Why not.
        policy: The packs of the contract.
    """

    daily: InterestResult
    whole: InterestResult
    difference_fen: int
    held_to: str
    held_by: tuple[str, ...]
    flow: Flow | None
    explanation: Explanation | None
    refusals: tuple[Refusal, ...]
    policy: str


def calculate(
    policy: PolicyBook,
    *,
    place: str,
    product: str,
    principal_fen: int,
    rate_e8: int,
    start: date,
    end: date,
    method: str,
) -> Calculation:
    """Compute one loan that is paid out in full on ``start`` and not repaid before ``end``.

    Args:
        policy: The packs.
        place: Where it is signed, on ``start``.
        product: poverty, transition or assistance.
        principal_fen: Fen, positive.
        rate_e8: The contract's rate.
        start: The first day, counted.
        end: The last day, not counted; after ``start``.
        method: The contract's own way of counting.

    Raises:
        BadInterest: The period or the amount cannot be.
    """
    daily, whole = (
        interest(principal_fen=principal_fen, rate_e8=rate_e8, start=start, end=end, method=each)
        for each in (DAILY, WHOLE)
    )
    explanation: Explanation | None = None
    refusals: tuple[Refusal, ...] = ()
    held_by: tuple[str, ...] = ()
    held_to = packs = ""
    try:
        stack = policy.stack(place, product, start)
        packs = stack.id
        standard = stack.look("interest.standard_method", start)
        if standard is not None and not standard.undetermined:
            held_to, held_by = standard.code, standard.clauses
        facts = _facts(place, product, principal_fen, rate_e8, start, end, method)
        explanation = explain(facts, policy, _LOAN, start=start, end=end)
        refusals = explanation.refusals
    except Refused as why:
        refusals = (why.refusal,)
    return Calculation(
        daily=daily,
        whole=whole,
        difference_fen=daily.interest_fen - whole.interest_fen,
        held_to=held_to,
        held_by=held_by,
        flow=None if explanation is None else _flow(explanation),
        explanation=explanation,
        refusals=refusals,
        policy=packs,
    )


def _facts(
    place: str, product: str, principal_fen: int, rate_e8: int, start: date, end: date, method: str
) -> Facts:
    loan = {
        "loan_id": _LOAN, "household_id": _HOUSEHOLD, "product": product, "kind": "new",
        "area_code": place[:6].ljust(6, "0") + "000000", "contract_on": start,
        "matures_on": max(end, add_months_clamped(start, _LONGEST_MONTHS)), "principal_fen": principal_fen,
        "rate_e8": rate_e8, "interest_method": method,
    }  # fmt: skip
    paid_out = {
        "loan_id": _LOAN, "on": start, "kind": "disbursed", "amount_fen": principal_fen, "recorded_on": start,
    }  # fmt: skip
    rows = {"loans": [loan], "events": [paid_out]}
    tables = {}
    for name in TABLES:
        shape = empty(name).schema
        data = [[row.get(column) for column in shape] for row in rows.get(name, [])]
        tables[name] = pl.DataFrame(data, schema=shape, orient="row")
    return Facts(tables, missing=frozenset(TABLES.keys() - rows.keys()))


def _flow(told: Explanation) -> Flow | None:
    """The interest by payer; None where no part of the period has a payer that is known."""
    values = told.values
    if "interest_fen" not in values or any(one.code == "subsidy_exceeds_rate" for one in told.refusals):
        return None
    line = told.parts[-1]
    cited = {step.name: step.clauses for step in line.steps}
    lines = [
        FlowLine(words_of(payer, "payer"), values[f"{payer}_fen"], clauses=cited.get(f"{payer}_fen", ()))
        for payer in PAYERS
        if f"{payer}_fen" in values
    ]
    lines.append(FlowLine(Words("借款人承担", "the borrower"), values["borrower_fen"]))
    basis = LINE_INTEREST.step("interest_fen").basis
    return Flow(lines, Words("利息合计", "interest"), values["interest_fen"], basis)


def last_day(start: date, days: int) -> date:
    """The last day, not counted, of so many days from ``start`` on."""
    return start + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Result:
    """A way of counting on the page: the days that count, what a year costs, the interest in fen."""

    method: str
    counted: int
    rate: str
    fen: int


def results_of(found: Calculation) -> list[Result]:
    """Both ways of counting."""
    return [
        Result(one.method, _value(one, "piece_days"), one.effective_annual_rate_percent, one.interest_fen)
        for one in (found.daily, found.whole)
    ]


def _value(result: InterestResult, name: str) -> int:
    return next(step.value for step in result.steps if step.name == name)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step on the page."""

    words: Words
    value: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """Steps under one heading."""

    title: Words
    steps: tuple[ShownStep, ...]


def parts_of(found: Calculation) -> list[ShownPart]:
    """All steps: both interests, then the subsidy part by part."""
    shown = [
        ShownPart(
            Words(f"利息：{words.zh}", f"Interest: {words.en}"),
            tuple(ShownStep(Words(s.zh, s.en), _worded(s.value, s.unit), s.clauses) for s in result.steps),
        )
        for result in (found.daily, found.whole)
        for words in (words_of(result.method, "interest_method"),)
    ]
    if found.explanation is None:
        return shown
    shown += [
        ShownPart(
            _title(part),
            tuple(ShownStep(Words(s.zh, s.en), _worded(s.value, s.unit), s.clauses) for s in part.steps),
        )
        for part in found.explanation.parts
    ]
    return shown


def _title(part: Part) -> Words:
    if part.title == "room":
        return Words("贴息：可贴息的本金", "Subsidy: the subsidised principal")
    if part.title == "piece":
        return Words(f"贴息：{part.start} 至 {part.end}", f"Subsidy: {part.start} to {part.end}")
    return Words("贴息：合计", "Subsidy: in all")


def _worded(value: object, unit: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(Words("是", "yes") if value else Words("否", "no"))
    if unit == "fen" and isinstance(value, int):
        return f"{format_yuan(value, grouped=True)} {Words('元', 'yuan')}"
    if unit == "e8" and isinstance(value, int):
        return f"{format_percent(value)}%"
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Why:
    """Why the subsidy, or a part of its days, is not computed."""

    words: Words
    days: Words | None
    clauses: tuple[str, ...]


def refusals_of(found: Calculation) -> list[Why]:
    """The refusals in words."""
    told = []
    for one in found.refusals:
        code, since, until = CODES[one.code], one.facts.get("from"), one.facts.get("to")
        days = (
            Words(f"{since} 至 {until}（不含）", f"{since} to {until} (not included)")
            if since and until
            else None
        )
        told.append(Why(Words(code.zh, code.en), days, one.clauses))
    return told
