"""A period's subsidy: facts in, the list as JSON, workbook, CSV or Parquet out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bangfu.cli.failures import problem_json
from bangfu.cli.language import say, spoken
from bangfu.cli.output import (
    BadInput,
    code_words,
    facts_line,
    print_json,
    replacing,
    say_out,
    step,
    table,
    tell,
    tell_some,
)
from bangfu.engine.subsidy import SubsidyResult, subsidy
from bangfu.facts import Facts
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import PolicyBook
from bangfu.reports.subsidy import write_subsidy_book
from bangfu.reports.tables import write_subsidy_table
from bangfu.reports.words import PAYERS
from bangfu.rules.methods import METHODS

SUFFIXES = (".xlsx", ".csv", ".parquet")
METHOD_NAMES = {number: name for name, number in METHODS.items()}
MOST_REFUSALS = 50


def check_target(out: Path | None) -> None:
    """Refuse a suffix that is not known, and a folder that is not there, before anything is computed.

    Raises:
        BadInput: Names what is wrong.
    """
    if out is None:
        return
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput(
            say(
                f"不能写出 {out.name}：应以 {'、'.join(SUFFIXES)} 结尾",
                f"cannot write {out.name}: it must end in {', '.join(SUFFIXES)}",
            )
        )
    if not out.parent.is_dir():
        raise BadInput(say(f"没有文件夹 {out.parent}", f"there is no folder {out.parent}"))


def run(
    facts: Facts, book: PolicyBook, *, start: date, end: date, out: Path | None, office: str, as_json: bool
) -> bool:
    """Compute, write and print; whether anything was refused.

    Raises:
        BadInput: The period is empty.
        Refused: The whole cannot be computed.
    """
    if end <= start:
        raise BadInput(
            say(
                "时期为空：止日不计入，应晚于起日",
                "the period is empty: --to is not counted and must be later",
            )
        )
    with step("计算贴息", "Computing the subsidy"):
        result = subsidy(facts, book, start=start, end=end)
    if out is not None:
        with step("写出清册", "Writing the list"):
            _write(result, facts, book, out=out, office=office)
    if as_json:
        print_json(_document(result, facts))
    else:
        _print(result, out)
    return bool(result.refusals.height)


def _write(result: SubsidyResult, facts: Facts, book: PolicyBook, *, out: Path, office: str) -> None:
    with replacing(out) as beside:
        if out.suffix.lower() == ".xlsx":
            write_subsidy_book(result, facts=facts, policy=book, path=beside, office=office)
        else:
            write_subsidy_table(result.lines, beside, language=spoken())
    if out.suffix.lower() != ".xlsx":
        with replacing(out.with_name(f"{out.stem}.refusals{out.suffix}")) as beside:
            write_subsidy_table(result.refusals, beside, language=spoken())


def refusal_rows(refusals: pl.DataFrame) -> list[dict[str, Any]]:
    """Refusals for JSON: loan_id, code, clauses, facts."""
    return [{**row, "facts": json.loads(row["facts"])} for row in refusals.iter_rows(named=True)]


def _document(result: SubsidyResult, facts: Facts) -> dict[str, Any]:
    totals = result.totals()
    return {
        "period": {"from": result.start.isoformat(), "to": result.end.isoformat()},
        "lines": [_line(row, result.payers) for row in result.lines.iter_rows(named=True)],
        "refusals": refusal_rows(result.refusals),
        "warnings": refusal_rows(result.warnings),
        "totals": {
            "lines": totals["lines"],
            "interest_fen": totals["interest_fen"],
            "payers": {payer: totals[f"{payer}_fen"] for payer in result.payers},
            **{name: totals[name] for name in ("subsidy_fen", "borrower_fen", "held_back_fen")},
        },
        "left_out": [problem_json(problem) for problem in facts.left_out],
    }


def _line(row: dict[str, Any], payers: Any) -> dict[str, Any]:
    return {
        "loan_id": row["loan_id"],
        "household_id": row["household_id"],
        "area_code": row["area_code"],
        "product": row["product"],
        "from": row["from"].isoformat(),
        "to": row["to"].isoformat(),
        "rate": format_percent(row["rate_e8"]),
        "interest_method": METHOD_NAMES[row["method"]],
        "subsidised_part_fen": row["subsidised_part_fen"],
        "interest_fen": row["interest_fen"],
        "payers": {payer: row[f"{payer}_fen"] for payer in payers},
        "subsidy_fen": row["subsidy_fen"],
        "borrower_fen": row["borrower_fen"],
        "held_back_fen": row["held_back_fen"],
        "policy": row["policy"],
        "clauses": row["clauses"],
    }


def _print(result: SubsidyResult, out: Path | None) -> None:
    totals = result.totals()
    names = {
        "interest_fen": say("应计利息", "interest"),
        **{f"{payer}_fen": f"  {say(PAYERS[payer], payer)}" for payer in result.payers},
        "subsidy_fen": say("贴息合计", "subsidy"),
        "borrower_fen": say("借款人承担", "borrower"),
        "held_back_fen": say("其中暂扣", "held back"),
    }
    say_out(say(f"贴息清册 {result.start} 至 {result.end}（止日不计）：{totals['lines']:,} 笔",
                f"Subsidy list {result.start} to {result.end} (exclusive), lines: {totals['lines']:,}"))  # fmt: skip
    rows = [(words, format_yuan(totals[name], grouped=True)) for name, words in names.items()]
    table((say("项目", ""), say("元", "yuan")), rows, right=(1,))
    if result.refusals.height:
        tell(say(f"不能计算的 {result.refusals.height} 项：", f"{result.refusals.height} refused:"))
        tell_some([_refusal(row) for row in result.refusals.iter_rows(named=True)], most=MOST_REFUSALS)
    if out is not None:
        say_out(say(f"已写到 {out}", f"Written to {out}"))


def _refusal(row: dict[str, Any]) -> str:
    clauses = ", ".join(row["clauses"])
    return f"  {row['loan_id']}  {code_words(row['code'])}  [{clauses}]  {facts_line(row['facts'])}"
