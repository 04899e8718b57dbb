"""One loan's steps: every number with the clauses it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from bangfu.cli.language import say, spoken
from bangfu.cli.output import BadInput, print_json, say_out, table
from bangfu.engine.explain import Explanation, LoanNotFound, Shown, explain
from bangfu.facts import Facts
from bangfu.money.days import from_day_number
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import PolicyBook

TITLES = {
    "room": ("可贴息本金", "Subsidised part"),
    "piece": ("分段", "A piece of time"),
    "line": ("合计（只四舍五入一次）", "The line (rounded once)"),
}


def run(
    facts: Facts, book: PolicyBook, loan_id: str, *, start: date | None, end: date | None, as_json: bool
) -> bool:
    """Explain and print; whether anything was refused.

    Raises:
        BadInput: No such loan, or an empty period.
        Refused: No policy covers the loan.
    """
    if start is not None and end is not None and end <= start:
        raise BadInput(
            say(
                "时期为空：止日不计入，应晚于起日",
                "the period is empty: --to is not counted and must be later",
            )
        )
    try:
        found = explain(facts, book, loan_id, start=start, end=end)
    except LoanNotFound:
        raise BadInput(say(f"资料中没有贷款 {loan_id}", f"there is no loan {loan_id} in the facts")) from None
    if as_json:
        print_json(_document(found))
    else:
        _print(found, book)
    return bool(found.refusals)


def _document(found: Explanation) -> dict[str, Any]:
    return {
        "loan_id": found.loan_id,
        "period": {"from": found.start.isoformat(), "to": found.end.isoformat()},
        "parts": [
            {
                "title": part.title,
                "from": part.start and part.start.isoformat(),
                "to": part.end and part.end.isoformat(),
                "policy": part.policy,
                "steps": [
                    {"name": step.name, "value": step.value, "unit": step.unit, "zh": step.zh, "en": step.en,
                     "clauses": list(step.clauses)}
                    for step in part.steps
                ],
            }
            for part in found.parts
        ],
        "values": dict(found.values),
        "refusals": [
            {"code": one.code, "clauses": list(one.clauses), "facts": dict(one.facts)} for one in found.refusals
        ],
    }  # fmt: skip


def shown_value(step: Shown) -> str:
    """A step's value in people's units."""
    value = step.value
    if value is None or isinstance(value, str):
        return value or "—"
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    if step.unit == "fen":
        return format_yuan(value, grouped=True)
    if step.unit == "e8":
        return f"{format_percent(value)} %"
    return from_day_number(value).isoformat() if step.unit == "day" else f"{value:,}"


def _print(found: Explanation, book: PolicyBook) -> None:
    say_out(f"{found.loan_id}  {found.start} → {found.end}")
    headers = (
        say("步骤", "step"),
        say("名称", "name"),
        say("数值", "value"),
        say("单位", "unit"),
        say("依据", "clauses"),
    )
    cited: dict[str, None] = {}
    for part in found.parts:
        words = TITLES.get(part.title, (part.title, part.title))
        days = f"  {part.start or ''} → {part.end or ''}"
        rows = []
        for one in part.steps:
            cited |= dict.fromkeys(one.clauses)
            words_of_step = one.zh if spoken() == "zh" else one.en
            unit = {"fen": say("元", "yuan"), "e8": ""}.get(one.unit, one.unit)
            rows.append((words_of_step, one.name, shown_value(one), unit, ", ".join(one.clauses)))
        table(headers, rows, right=(2,), title=f"{say(*words)}{days}  {part.policy}")
    for refusal in found.refusals:
        cited |= dict.fromkeys(refusal.clauses)
        say_out("! " + refusal.sentence(spoken()))
    for citation in cited:
        clause, pack = book.clause(citation), book.packs.get(citation.partition("-")[0])
        if clause is not None and pack is not None:
            say_out(
                f"{citation}  {pack.number or pack.title}  {clause.zh if spoken() == 'zh' else clause.text}"
            )
