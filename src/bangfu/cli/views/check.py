"""Decisions on applications and loans, each with its clauses."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from bangfu.cli.failures import problem_json
from bangfu.cli.language import say
from bangfu.cli.output import code_words, facts_line, print_json, say_out, step, table, tell_some
from bangfu.engine.decide import decide
from bangfu.facts import Facts
from bangfu.policy import PolicyBook

MOST_REFUSALS = 200


def run(facts: Facts, book: PolicyBook, *, on: date, place: str | None, as_json: bool) -> bool:
    """Decide and print; whether anything is refused or needs an exception."""
    with step("逐笔判定", "Deciding"):
        result = decide(facts, book, on=on, place=place)
    if as_json:
        print_json({**result.as_json(), "left_out": [problem_json(problem) for problem in facts.left_out]})
        return bool(result.refused)
    words = {
        "admitted": say("准予", "admitted"),
        "needs_exception": say("需例外审批", "needs an exception"),
        "refused": say("拒绝", "refused"),
    }
    counted = dict(result.decisions.group_by("outcome").len().iter_rows())
    rows = [(words[outcome], f"{counted.get(outcome, 0):,}") for outcome in words]
    say_out(
        say(
            f"判定（申请按 {on}，贷款按合同签订日）",
            f"Decisions (applications as on {on}, loans as on their contract day)",
        )
    )
    table((say("结论", "outcome"), say("笔数", "loans")), rows, right=(1,))
    outcomes = dict(result.decisions.select("loan_id", "outcome").iter_rows())
    tell_some(
        [_line(row, words[outcomes[row["id"]]]) for row in _rows(result.refusals, outcomes)],
        most=MOST_REFUSALS,
    )
    for name, codes in result.not_run.items():
        tell_some(
            [
                say(
                    f"缺少表 {name}，未判定：{'、'.join(codes)}",
                    f"Table {name} is missing, not judged: {', '.join(codes)}",
                )
            ]
        )
    return bool(result.refused)


def _rows(refusals: pl.DataFrame, outcomes: dict[str, str]) -> list[dict[str, Any]]:
    return [row for row in refusals.iter_rows(named=True) if row["id"] in outcomes]


def _line(row: dict[str, Any], outcome: str) -> str:
    clauses = ", ".join(row["clauses"])
    return f"  {row['id']}  {outcome}  {code_words(row['code'])}  [{clauses}]  {facts_line(row['facts'])}"
