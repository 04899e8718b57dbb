"""The demonstration: a county, its quarter, its audit, its monitoring, and what a county chief would want to know.

Runs the commands as anybody would, writes their workbooks, and says in Chinese and English what came out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOANS, SEED = 3000, 1
QUARTER = ("2026-03-21", "2026-06-21")
AS_OF = "2026-06-30"
SHOWN = 8


def bangfu(*words: str) -> dict[str, Any]:
    """One command with --json; it stops the demonstration where the command fails."""
    command = [str(Path(sys.executable).with_name("bangfu")), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def yuan(fen: int | None) -> str:
    """Fen as yuan, grouped."""
    whole, part = divmod(fen or 0, 100)
    return f"{whole:,}.{part:02d}"


def main(folder: Path) -> None:
    """Run everything into a folder."""
    folder.mkdir(exist_ok=True)
    started = time.monotonic()
    print("正在生成演示县并计算 … / making a county and computing …", flush=True)
    made = bangfu("generate", str(folder / "county"), "--loans", str(LOANS), "--seed", str(SEED))
    facts, packs = made["facts"], ["--packs", str(folder / "county" / "packs")]
    office = ["--office", "示范县（合成资料，仅供演示）"]
    listed = bangfu("subsidy", facts, "--from", QUARTER[0], "--to", QUARTER[1], *packs, *office,
                    "-o", str(folder / "贴息清册.xlsx"))  # fmt: skip
    audited = bangfu("audit", facts, "--as-of", AS_OF, *packs, *office, "-o", str(folder / "审计结果.xlsx"))
    watched = bangfu("monitor", facts, "--as-of", AS_OF, *packs, *office, "-o", str(folder / "监测.xlsx"))
    report(folder, made, listed, audited, watched)
    print(f"\n用时 {time.monotonic() - started:.0f} 秒 / {time.monotonic() - started:.0f} seconds in all")


def report(folder: Path, made: dict[str, Any], listed: dict[str, Any], audited: dict[str, Any],
           watched: dict[str, Any]) -> None:  # fmt: skip
    """Say what a county chief would want to know, with what to open for more."""
    totals, rows = listed["totals"], watched["ratios"]
    balance, npl = sum(row["balance_fen"] for row in rows), sum(row["npl_fen"] for row in rows)
    overdue = sum(row["overdue_fen"] for row in rows)
    suspended = [row for row in rows if row["breaker"]["state"] == "suspended"]
    payers = ", ".join(f"{payer} {yuan(fen)}" for payer, fen in totals["payers"].items() if fen)
    payers_zh = "，".join(
        f"{ {'central': '中央', 'province': '省', 'city': '市', 'county': '县', 'fiscal': '财政'}[payer] } {yuan(fen)}"
        for payer, fen in totals["payers"].items()
        if fen
    )
    counted = sum(one["count"] for one in audited["summary"].values())
    print(f"""
== 演示县（合成资料）{made["rows"]["loans"]:,} 笔贷款，{made["rows"]["households"]:,} 户 ==

一、本季度（{QUARTER[0]} 至 {QUARTER[1]}，止日不计）应贴息 {totals["lines"]:,} 笔，共 {yuan(totals["subsidy_fen"])} 元（{payers_zh}）；
    借款人自己承担 {yuan(totals["borrower_fen"])} 元；先收后贴暂扣 {yuan(totals["held_back_fen"])} 元；不能计算 {len(listed["refusals"])} 笔。
二、贷款余额 {yuan(balance)} 元，不良 {yuan(npl)} 元，逾期 {yuan(overdue)} 元；熔断 {len(suspended)} 处；待提醒 {len(watched["reminders"])} 项，警报 {len(watched["anomalies"])} 项。
三、审计发现 {counted} 处问题，{len(audited["summary"])} 类（多为有意埋入，用来检验审计）。涉及钱的有：""")
    for code, one in list(_with_money(audited))[:SHOWN]:
        print(f"    {_words(code, 'zh')}：{one['count']} 处，{yuan(one['amount_fen'])} 元")
    print(f"""
== A demonstration county (synthetic): {made["rows"]["loans"]:,} loans, {made["rows"]["households"]:,} households ==

1. Subsidy due for the quarter {QUARTER[0]} to {QUARTER[1]} (exclusive): {totals["lines"]:,} loans, {yuan(totals["subsidy_fen"])} yuan ({payers});
   borrowers bear {yuan(totals["borrower_fen"])}; held back until interest is paid {yuan(totals["held_back_fen"])}; not computable {len(listed["refusals"])}.
2. Balance {yuan(balance)} yuan, non-performing {yuan(npl)}, overdue {yuan(overdue)}; lending suspended at {len(suspended)} places;
   {len(watched["reminders"])} reminders due, {len(watched["anomalies"])} alarms.
3. The audit found {counted} faults of {len(audited["summary"])} kinds (most planted, to score the audit). Those about money:""")
    for code, one in list(_with_money(audited))[:SHOWN]:
        print(f"   {_words(code, 'en')}: {one['count']}, {yuan(one['amount_fen'])} yuan")
    print(f"\n打开 / open: {folder / '贴息清册.xlsx'}  {folder / '审计结果.xlsx'}  {folder / '监测.xlsx'}")
    print(
        "每个数的依据在各工作簿的“条款内容”表 / the clause behind every number stands in the last sheet of each"
    )


def _with_money(audited: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What concerns interest, subsidies and the fund, in the register's order."""
    return [
        (code, one) for code, one in audited["summary"].items() if one["amount_fen"] and _OF_MONEY & {code}
    ]


def _words(code: str, language: str) -> str:
    from bangfu.refusals import CODES

    return CODES[code].zh if language == "zh" else CODES[code].en


_OF_MONEY = {
    "borrower_charged", "interest_overcharged", "subsidy_overclaimed", "subsidy_underpaid", "subsidy_not_returned",
    "subsidised_twice", "subsidised_without_right", "should_have_had_programme_loan",
}  # fmt: skip

if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
