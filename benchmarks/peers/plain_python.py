"""Plain Python, one loan after the other: dates and days as they are, money as Decimal, rounded half up.

A household of the portfolio has at most two loans, so the earlier of them has the whole ceiling; the kernel does
not rely on that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from benchmarks import job

from bangfu.money.days import add_months_clamped

EPOCH = date(1970, 1, 1)
FEN = Decimal(1)


@lru_cache(maxsize=100_000)
def _whole_days(start: int, end: int) -> int:
    first, last = EPOCH + timedelta(days=start), EPOCH + timedelta(days=end)
    if last <= first:
        return 0
    months = (last.year - first.year) * 12 + last.month - first.month
    if add_months_clamped(first, months) > last:
        months -= 1
    return 30 * months + (last - add_months_clamped(first, months)).days


def _days(loan: dict[str, Any], since: int, until: int) -> int:
    if loan["method"] == job.WHOLE_PERIODS:
        return _whole_days(loan["contract_on"], until) - _whole_days(loan["contract_on"], since)
    return until - since


def _fixed(
    loan: dict[str, Any], household: list[dict[str, Any]], moves: dict[int, list[tuple[int, int]]]
) -> int:
    held = 0
    for other in household:
        if (other["contract_on"], other["loan_id"]) < (loan["contract_on"], loan["loan_id"]):
            balance = sum(delta for on, delta in moves[other["loan_id"]] if on <= loan["contract_on"])
            held += max(min(other["ceiling_fen"], balance), 0)
    return min(loan["principal_fen"], max(loan["ceiling_fen"] - held, 0))


def _rate(loan: dict[str, Any], terms: dict[str, int], payer: str) -> Decimal:
    share = Decimal(loan["rate_e8"]) * terms[f"{payer}_share_percent"] / 100
    return min(share + terms[f"{payer}_points_e8"], Decimal(terms[f"{payer}_max_e8"])) / 100_000_000


def _line(
    loan: dict[str, Any], fixed: int, moves: list[tuple[int, int]], terms: list[dict[str, int]]
) -> list[int]:
    """Balance by balance, term by term."""
    rate = Decimal(loan["rate_e8"]) / 100_000_000
    interest, shares = Decimal(0), dict.fromkeys(job.PAYERS, Decimal(0))
    balance = opening = 0
    for place, (on, delta) in enumerate(moves):
        balance += delta
        if on <= job.START:
            opening = balance
        following = moves[place + 1][0] if place + 1 < len(moves) else job.END
        for term in terms:
            since = max(on, loan["contract_on"], job.START, term["segment_from"])
            until = min(following, loan["matures_on"], job.END, term["segment_to"])
            if since < until:
                days = _days(loan, since, until)
                interest += balance * days * rate
                for payer in job.PAYERS:
                    shares[payer] += min(fixed, balance) * days * _rate(loan, term, payer)
    amounts = [int((n / 360).quantize(FEN, ROUND_HALF_UP)) for n in (interest, *shares.values())]
    subsidy = sum(amounts[1:])
    return [opening, fixed, *amounts, subsidy, amounts[0] - subsidy]


def run(folder: Path, out: Path) -> None:
    """The quarter, loan after loan."""
    loans = pl.read_parquet(job.loans_of(folder)).to_dicts()
    moves: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for loan_id, on, delta in pl.read_parquet(job.moves_of(folder)).iter_rows():
        moves[loan_id].append((on, delta))
    households: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for loan in loans:
        households[loan["household_id"]].append(loan)
    terms: dict[int, list[dict[str, int]]] = defaultdict(list)
    for row in job.segments().to_dicts():
        terms[row["stack_no"]].append(row)
    lines, totals = [], defaultdict(Counter)
    for loan in loans:
        if loan["contract_on"] >= job.END or loan["matures_on"] <= job.START:
            continue
        fixed = _fixed(loan, households[loan["household_id"]], moves)
        line = _line(loan, fixed, sorted(moves[loan["loan_id"]]), terms[loan["stack_no"]])
        lines.append((loan["loan_id"], loan["household_id"], loan["area_code"], *line))
        township = totals[loan["area_code"] // job.TOWNSHIP]
        township.update(dict(zip(job.AMOUNTS, line[2:], strict=True)), loans=1)
    pl.DataFrame(lines, schema=job.LINE, orient="row").write_parquet(job.lines_file(out))
    rows = [{"township": township, **sums} for township, sums in totals.items()]
    pl.DataFrame(rows).write_parquet(job.townships_file(out))
