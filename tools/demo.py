"""The demonstration: a county, its quarter and its audit, then the site itself, with the county in it.

Runs the commands as anybody would, says in Chinese and English what came out, and opens the site until Ctrl-C.
Run again, it takes what it made before. ONCE=1 asks the site's door once and stops; PORT chooses another door.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOANS, SEED = 3000, 1
QUARTER = ("2026-03-21", "2026-06-21")
AS_OF = "2026-06-30"
SHOWN = 4
COMMAND = str(Path(sys.executable).with_name("bangfu"))
PORT = os.environ.get("PORT") or "8000"
DOORS = ("/", "/sign-in/", "/healthz")
LONGEST_S = 120
# What the demonstration is made from: other sources, another demonstration.
SOURCES = ("src/bangfu/casework", "src/bangfu/synthetic", "src/bangfu/facts", "tools/demo.py")


def bangfu(*words: str) -> dict[str, Any]:
    """One command with --json; it stops the demonstration where the command fails."""
    done = subprocess.run([COMMAND, *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def yuan(fen: int | None) -> str:
    """Fen as yuan, grouped."""
    whole, part = divmod(fen or 0, 100)
    return f"{whole:,}.{part:02d}"


def main(folder: Path) -> None:
    """Make what is missing, say what came out, serve."""
    folder.mkdir(exist_ok=True)
    mark = folder / "made.txt"
    if not mark.is_file() or mark.read_text(encoding="ascii") != made_from():
        for name in ("county", "site"):
            shutil.rmtree(folder / name, ignore_errors=True)
        make(folder)
        mark.write_text(made_from(), encoding="ascii")
    print((folder / "report.txt").read_text(encoding="utf-8"))
    serve(folder / "site", once=os.environ.get("ONCE", "") not in {"", "0"})


def made_from() -> str:
    """A mark of the sources: a demonstration of older ones is made again."""
    told = hashlib.sha256()
    for name in SOURCES:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            told.update(file.read_bytes())
    return told.hexdigest()


def make(folder: Path) -> None:
    """A county, what the commands find in it, and a site that holds it."""
    started = time.monotonic()
    print("正在生成演示县、计算并建站 … / making a county, computing, building the site …", flush=True)
    made = bangfu("generate", str(folder / "county"), "--loans", str(LOANS), "--seed", str(SEED))
    facts, packs = made["facts"], ["--packs", str(folder / "county" / "packs")]
    office = ["--office", "示范县（合成资料，仅供演示）"]
    listed = bangfu("subsidy", facts, "--from", QUARTER[0], "--to", QUARTER[1], *packs, *office,
                    "-o", str(folder / "贴息清册.xlsx"))  # fmt: skip
    audited = bangfu("audit", facts, "--as-of", AS_OF, *packs, *office, "-o", str(folder / "审计结果.xlsx"))
    watched = bangfu("monitor", facts, "--as-of", AS_OF, *packs, *office, "-o", str(folder / "监测.xlsx"))
    bangfu("init", "--home", str(folder / "site"), "--demo", *packs)
    loaded = [sys.executable, __file__, "--load", str(folder / "site"), str(folder / "county")]
    subprocess.run(loaded, check=True)
    took = f"{time.monotonic() - started:.0f}"
    with (folder / "report.txt").open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        report(folder, made, listed, audited, watched)
        print(f"\n用时 {took} 秒 / {took} seconds in all")


def load(home: Path, county: Path) -> None:
    """The county into the site, with one account a role and something to do for each."""
    os.environ["BANGFU_HOME"] = str(home.absolute())
    from bangfu.web.making import cluster_of, start_django
    from bangfu.web.site import Site

    with cluster_of(Site.here()).held():
        start_django()
        from datetime import UTC, datetime, timedelta

        from bangfu.casework.database.actor import Actor, day_of
        from bangfu.casework.database.refusals import Refused
        from bangfu.casework.imports import api as imports

        now = datetime.now(UTC)
        loaded = now - imports.KNOWN_BEFORE
        imports.demo_county(actor=Actor.site(now=loaded), folder=county)
        imports.demo_history(known_at=loaded + timedelta(hours=1), on=day_of(now))
        try:
            imports.demo_cases(now=now)
        except Refused as refused:
            if refused.code != "outside_contract_window":
                raise
            print(
                f"今天没有可申请的政策，演示没有在办申请 / no policy admits applications today: {refused.words.en}"
            )


def serve(home: Path, *, once: bool) -> None:
    """The site, until Ctrl-C; with ``once`` until its doors answered."""
    words = [COMMAND, "serve", "--home", str(home), "--port", PORT]
    if not once:
        print(
            f"打开 http://127.0.0.1:{PORT}/ ，登录页列出每个岗位的演示账号 / the sign-in page lists an account a role",
            flush=True,
        )
        os.execv(COMMAND, words)  # noqa: S606 - the site takes this process' place
    try:
        socket.create_server(("127.0.0.1", int(PORT))).close()
    except OSError as taken:
        sys.exit(f"127.0.0.1:{PORT}: {taken.strerror}")
    child = subprocess.Popen(words)
    try:
        for door in DOORS:
            print(f"{door} {answered(f'http://127.0.0.1:{PORT}{door}', child)}", flush=True)
    finally:
        child.terminate()
        child.wait(60)
    if child.returncode:
        sys.exit(child.returncode)


def answered(address: str, child: subprocess.Popen[bytes]) -> int:
    """The status of a page, once somebody answers."""
    enough = time.monotonic() + LONGEST_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - our own site
                return int(page.status)
        except urllib.error.HTTPError:
            raise
        except OSError:
            if child.poll() is not None or time.monotonic() > enough:
                sys.exit(f"{address}: no answer")
            time.sleep(0.3)


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
    if sys.argv[1:2] == ["--load"]:
        load(Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit(0)
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
