"""The monitor: ratios, the breaker, reminders and alarms as of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from bangfu.cli.failures import problem_json
from bangfu.cli.language import say
from bangfu.cli.output import BadInput, facts_line, print_json, replacing, say_out, step, table, tell
from bangfu.engine.monitor import MonitorResult, monitor
from bangfu.facts import Facts
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import PolicyBook
from bangfu.reports.monitor import write_monitor_book


def check_target(out: Path | None) -> None:
    """Refuse what is no workbook.

    Raises:
        BadInput: Names what is wrong.
    """
    if out is None:
        return
    if out.suffix.lower() != ".xlsx":
        raise BadInput(
            say(f"不能写出 {out.name}：应以 .xlsx 结尾", f"cannot write {out.name}: it must end in .xlsx")
        )
    if not out.parent.is_dir():
        raise BadInput(say(f"没有文件夹 {out.parent}", f"there is no folder {out.parent}"))


def run(facts: Facts, book: PolicyBook, *, as_of: date, out: Path | None, office: str, as_json: bool) -> bool:
    """Look, write and print; whether lending is suspended anywhere or an alarm stands."""
    with step("监测", "Monitoring"):
        result = monitor(facts, book, as_of=as_of)
    if out is not None:
        with replacing(out) as beside:
            write_monitor_book(result, policy=book, path=beside, office=office)
    if as_json:
        print_json({**result.as_json(), "left_out": [problem_json(problem) for problem in facts.left_out]})
    else:
        _print(result, out)
    return bool((result.ratios["state"] == "suspended").any() or result.anomalies.height)


def _print(result: MonitorResult, out: Path | None) -> None:
    states = {
        "open": say("正常", "open"),
        "suspended": say("熔断", "suspended"),
        "undetermined": say("未定标准", "undetermined"),
    }
    headers = (
        say("地区", "area"), say("银行", "lender"), say("网点", "branch"), say("产品", "product"),
        say("余额", "balance"), say("不良率%", "NPL %"), say("逾期率%", "overdue %"),
        say("熔断", "breaker"), say("依据", "clauses"),
    )  # fmt: skip
    table(headers, [_row(row, states) for row in result.ratios.iter_rows(named=True)], right=(4, 5, 6))
    missed = int(result.reminders["missed"].sum()) if result.reminders.height else 0
    say_out(
        say(
            f"待提醒 {result.reminders.height} 项（其中已过期 {missed} 项），警报 {result.anomalies.height} 项",
            f"{result.reminders.height} reminders due ({missed} of them late), {result.anomalies.height} alarms",
        )
    )
    for row in result.anomalies.iter_rows(named=True):
        say_out(f"  ! {row['kind']}  {row['id']}  [{', '.join(row['clauses'])}]  {facts_line(row['facts'])}")
    for part, missing in result.not_run:
        tell(say(f"未执行：{part}（缺少 {missing}）", f"Not run: {part} ({missing} is missing)"))
    if out is not None:
        say_out(say(f"已写到 {out}", f"Written to {out}"))


def _row(row: dict[str, Any], states: dict[str, str]) -> tuple[str, ...]:
    since = f" {row['since']}" if row["since"] and row["state"] != "open" else ""
    return (
        row["area_code"] or "", row["lender"] or "", row["branch"] or "", row["product"],
        format_yuan(row["balance_fen"], grouped=True), _percent(row["npl_percent_e8"]),
        _percent(row["overdue_percent_e8"]), states[row["state"]] + since, ", ".join(row["clauses"]),
    )  # fmt: skip


def _percent(value: int | None) -> str:
    return "—" if value is None else format_percent(value)
