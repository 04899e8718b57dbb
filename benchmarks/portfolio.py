"""Generated portfolios in the kernel's own form: loans and movements of principal as Parquet, for any size.

One household in twelve has a top-up; contracts run from 2018 to 2026 for one, two or three years; about 2.3 events
a loan. All money is fen, all days are numbers since 1970-01-01, all rates are 1e-8.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from bangfu.money.days import day_number

CHUNK = 1_000_000
FIRST, LAST = day_number(date(2018, 1, 1)), day_number(date(2026, 6, 30))
PER_COUNTY, TOWNSHIPS = 20_000, 12
NEVER = day_number(date(2099, 12, 31))


def _chunk(number: int, count: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Loans number … number + count − 1, and their movements."""
    draw = np.random.default_rng([seed, number])
    topped = count // 13  # one top-up for each twelve first loans
    firsts = count - topped
    household = np.concatenate([np.arange(firsts), draw.choice(firsts, topped, replace=False)]) + number
    contract = draw.integers(FIRST, LAST, count)
    years = draw.choice([1, 2, 3], count, p=[0.3, 0.3, 0.4])
    principal = draw.integers(1, 11, count) * 500_000
    first = household[firsts:] - number
    contract[firsts:] = contract[first] + draw.integers(1, 360 * years[first])
    matures = contract + 365 * years
    county = household // PER_COUNTY
    area = (
        (522_000 + county % 900) * 1_000_000
        + (100 + household % TOWNSHIPS) * 1_000
        + 201
        + household % 97 % 8
    )
    rate = draw.choice([3_450_000, 3_850_000, 4_350_000, 4_650_000, 4_750_000], count)
    loans = pl.DataFrame(
        {
            "loan_id": np.arange(number, number + count),
            "household_id": household,
            "area_code": area,
            "contract_on": contract,
            "matures_on": matures,
            "principal_fen": principal,
            "rate_e8": rate,
            "method": draw.choice([0, 2], count, p=[0.8, 0.2]),
            "stack_no": draw.integers(0, 6, count),
            "ceiling_fen": np.full(count, 5_000_000),
        }
    )
    return loans, _moves(draw, loans)


def _moves(draw: np.random.Generator, loans: pl.DataFrame) -> pl.DataFrame:
    """Disbursed on the contract day; 55 % repaid in part once; repaid in full at maturity up to the last day."""
    loan, contract, matures, principal = (
        loans[c].to_numpy() for c in ("loan_id", "contract_on", "matures_on", "principal_fen")
    )
    part = draw.random(len(loan)) < 0.55
    amount = np.where(part, principal * draw.integers(1, 10, len(loan)) // 10, 0)
    when = contract + draw.integers(1, matures - contract)
    closed = (matures < LAST) & (draw.random(len(loan)) < 0.97)
    parts = [
        (loan, contract, principal),
        (loan[part], when[part], -amount[part]),
        (loan[closed], matures[closed], (amount - principal)[closed]),
    ]
    columns = [np.concatenate([p[i] for p in parts]) for i in range(3)]
    return pl.DataFrame(dict(zip(("loan_id", "on", "delta_fen"), columns, strict=True))).sort("on")


def write(folder: Path, loans: int, seed: int) -> None:
    """Write loans-*.parquet and moves-*.parquet, a million loans a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(0, loans, CHUNK):
        part = number // CHUNK
        some, moves = _chunk(number, min(CHUNK, loans - number), seed)
        some.write_parquet(folder / f"loans-{part:03d}.parquet", compression="zstd")
        moves.write_parquet(folder / f"moves-{part:03d}.parquet", compression="zstd")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--loans", type=int, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    write(given.folder, given.loans, given.seed)
