"""The audit: facts in, findings as JSON, workbook or folder out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from bangfu.cli.failures import problem_json
from bangfu.cli.language import say, spoken
from bangfu.cli.output import BadInput, code_words, print_json, replacing, say_out, step, table, tell
from bangfu.engine.audit import AuditResult, audit
from bangfu.facts import Facts
from bangfu.money.fen import format_yuan
from bangfu.policy import PolicyBook
from bangfu.reports.audit import refunds, write_audit_book
from bangfu.reports.tables import write_people_csv


def check_target(out: Path | None) -> None:
    """Refuse what is neither a workbook nor a folder before anything is computed.

    Raises:
        BadInput: Names what is wrong.
    """
    if out is None:
        return
    if out.suffix and out.suffix.lower() != ".xlsx" and not out.is_dir():
        raise BadInput(
            say(
                f"不能写出 {out.name}：应为 .xlsx 或文件夹",
                f"cannot write {out.name}: a .xlsx or a folder is needed",
            )
        )
    if not out.parent.is_dir():
        raise BadInput(say(f"没有文件夹 {out.parent}", f"there is no folder {out.parent}"))
    if not out.suffix and out.is_file():
        raise BadInput(say(f"{out} 是文件，不是文件夹", f"{out} is a file, not a folder"))


def run(facts: Facts, book: PolicyBook, *, as_of: date, out: Path | None, office: str, as_json: bool) -> bool:
    """Audit, write and print; whether anything was found."""
    with step("审计", "Auditing") as told:
        result = audit(
            facts, book, as_of=as_of,
            progress=lambda codes: told(say("、", ", ").join(code_words(code) for code in codes.split())),
        )  # fmt: skip
    if out is not None:
        with step("写出审计结果", "Writing the findings"):
            if out.suffix.lower() == ".xlsx":
                with replacing(out) as beside:
                    write_audit_book(result, facts=facts, policy=book, path=beside, office=office)
            else:
                _write_folder(result, out)
    if as_json:
        document = result.as_json()
        print_json({**document, "left_out": [problem_json(problem) for problem in facts.left_out]})
    else:
        _print(result, out)
    return bool(result.findings.height)


def _write_folder(result: AuditResult, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    due = pl.DataFrame(
        [(one.to, one.table, one.id, one.code, one.amount_fen, list(one.clauses)) for one in refunds(result.findings)],
        schema={"to": pl.String, "table": pl.String, "id": pl.String, "code": pl.String, "amount_fen": pl.Int64,
                "clauses": pl.List(pl.String)}, orient="row",
    )  # fmt: skip
    unseen = [(" ".join(one.codes), " ".join(one.missing)) for one in result.not_run]
    frames = {
        "summary": result.summary,
        "findings": result.findings,
        "refunds": due,
        "not_run": pl.DataFrame(unseen, schema={"codes": pl.String, "missing": pl.String}, orient="row"),
    }
    for name, frame in frames.items():
        with replacing(folder / f"{name}.csv") as beside:
            write_people_csv(frame, beside, language=spoken())


def _print(result: AuditResult, out: Path | None) -> None:
    found = result.summary
    say_out(
        say(f"审计截至 {result.as_of}：发现问题 {found['count'].sum()} 处，{found.height} 类",
            f"Audit as of {result.as_of}: {found['count'].sum()} findings of {found.height} kinds")
    )  # fmt: skip
    rows = [
        (code_words(row["code"]), row["code"], f"{row['count']:,}",
         format_yuan(row["amount_fen"], grouped=True) if row["amount_fen"] else "")
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    headers = (
        say("问题", "finding"),
        say("代码", "code"),
        say("数量", "count"),
        say("涉及金额（元）", "amount, yuan"),
    )
    table(headers, rows, right=(2, 3))
    for one in result.not_run:
        tell(
            say(f"未执行（缺少 {'、'.join(one.missing)}）：{'、'.join(one.codes)}",
                f"Not run ({', '.join(one.missing)} missing): {', '.join(one.codes)}")
        )  # fmt: skip
    if out is not None:
        say_out(say(f"已写到 {out}", f"Written to {out}"))
