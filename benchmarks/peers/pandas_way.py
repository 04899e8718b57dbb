"""pandas, vectorised throughout: merges and group-bys, as one who knows it would write the same job.

A household of the portfolio has at most two loans, so the earlier of them has the whole ceiling; the kernel does
not rely on that.
"""

from __future__ import annotations

from glob import glob
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks import job


def _read(pattern: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in sorted(glob(pattern))], ignore_index=True)  # noqa: PTH207


def _whole_days(start: pd.Series, end: pd.Series) -> pd.Series:
    """30 for each whole month, month end clamped, and the odd days."""
    first = start.to_numpy().astype("datetime64[D]")
    last = end.to_numpy().astype("datetime64[D]")
    month = first.astype("datetime64[M]")
    day_of_month = first - month

    def later(months: np.ndarray) -> np.ndarray:
        opens = month + months
        longest = (opens + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        return np.minimum(opens.astype("datetime64[D]") + day_of_month, longest)

    months = last.astype("datetime64[M]") - month
    months = months - (later(months) > last).astype("timedelta64[M]")
    days = 30 * months.astype("int64") + (last - later(months)).astype("int64")
    return pd.Series(np.where(last > first, days, 0), index=start.index)


def _fixed(loans: pd.DataFrame, alive: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """The subsidised part of each live loan, in the order of ``alive``."""
    earlier = loans[["loan_id", "household_id", "contract_on", "ceiling_fen"]]
    pairs = alive[["loan_id", "household_id", "contract_on"]].merge(
        earlier, on="household_id", suffixes=("", "_earlier")
    )
    tie = (pairs.contract_on_earlier == pairs.contract_on) & (pairs.loan_id_earlier < pairs.loan_id)
    pairs = pairs[(pairs.contract_on_earlier < pairs.contract_on) | tie]
    moved = moves.merge(pairs, left_on="loan_id", right_on="loan_id_earlier", suffixes=("_moved", ""))
    moved = moved[moved.on <= moved.contract_on]
    balance = moved.groupby(["loan_id", "loan_id_earlier", "ceiling_fen"]).delta_fen.sum().reset_index()
    balance["held"] = np.clip(np.minimum(balance.ceiling_fen, balance.delta_fen), 0, None)
    held = alive.loan_id.map(balance.groupby("loan_id").held.sum()).fillna(0).astype("int64")
    return np.minimum(alive.principal_fen, np.maximum(alive.ceiling_fen - held, 0))


def _inside(alive: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Movements inside the quarter with what each does to the subsidised balance."""
    inside = moves[(moves.on > job.START) & (moves.on < job.END)]
    inside = inside.merge(alive[["loan_id", "opening_fen", "fixed_fen"]], on="loan_id")
    inside = inside.sort_values(["loan_id", "on"], kind="stable")
    balance = inside.opening_fen + inside.groupby("loan_id").delta_fen.cumsum()
    before = balance - inside.delta_fen
    inside["subsidised_fen"] = np.minimum(inside.fixed_fen, balance) - np.minimum(inside.fixed_fen, before)
    return inside[["loan_id", "on", "delta_fen", "subsidised_fen"]]


def _days(frame: pd.DataFrame, opens: str, closes: str) -> np.ndarray:
    """Days by each loan's method."""
    days = (frame[closes] - frame[opens]).to_numpy(copy=True)
    whole = (frame.method == job.WHOLE_PERIODS).to_numpy()
    some = frame[whole]
    days[whole] = _whole_days(some.contract_on, some[closes]) - _whole_days(some.contract_on, some[opens])
    return days


def _pieces(alive: pd.DataFrame, inside: pd.DataFrame) -> pd.DataFrame:
    """Each loan's time cut by its terms, with balance × days."""
    cut = alive.merge(job.segments().to_pandas(), on="stack_no")
    cut["opens"] = np.maximum(np.maximum(cut.contract_on, cut.segment_from), job.START)
    cut["closes"] = np.minimum(np.minimum(cut.matures_on, cut.segment_to), job.END)
    cut = cut[cut.opens < cut.closes].reset_index(drop=True)
    cut["days"] = _days(cut, "opens", "closes")
    moved = inside.merge(cut[["loan_id", "method", "contract_on", "opens", "closes"]], on="loan_id")
    moved = moved[moved.on < moved.closes].reset_index(drop=True)
    moved["since"] = np.maximum(moved.on, moved.opens)
    days = _days(moved, "since", "closes")
    moved["more"], moved["more_subsidised"] = moved.delta_fen * days, moved.subsidised_fen * days
    sums = moved.groupby(["loan_id", "opens"])[["more", "more_subsidised"]].sum().reset_index()
    cut = cut.merge(sums, on=["loan_id", "opens"], how="left")
    more = cut[["more", "more_subsidised"]].fillna(0).astype("int64")
    cut["fen_days"] = cut.opening_fen * cut.days + more.more
    cut["subsidised_fen_days"] = np.minimum(cut.fixed_fen, cut.opening_fen) * cut.days + more.more_subsidised
    return cut


def _half_up(numerator: pd.Series, denominator: int) -> pd.Series:
    return (2 * numerator + denominator) // (2 * denominator)


def pieces(folder: Path) -> pd.DataFrame:
    """Each live loan's time in the quarter, cut by its terms, with balance × days."""
    loans, moves = _read(job.loans_of(folder)), _read(job.moves_of(folder))
    alive = loans[(loans.contract_on < job.END) & (loans.matures_on > job.START)].reset_index(drop=True)
    alive["fixed_fen"] = _fixed(loans, alive, moves)
    mine = moves.merge(alive[["loan_id"]], on="loan_id")
    before = mine[mine.on <= job.START].groupby("loan_id").delta_fen.sum()
    alive["opening_fen"] = alive.loan_id.map(before).fillna(0).astype("int64")
    return _pieces(alive, _inside(alive, mine))


def run(folder: Path, out: Path) -> None:
    """The quarter, frame after frame."""
    cut = pieces(folder)
    cut["interest_n"] = cut.fen_days * (cut.rate_e8 // 100)
    for payer in job.PAYERS:
        rate = cut.rate_e8 * cut[f"{payer}_share_percent"] // 100 + cut[f"{payer}_points_e8"]
        cut[f"{payer}_n"] = cut.subsidised_fen_days * np.minimum(rate, cut[f"{payer}_max_e8"])
    numerators = ["interest_n", *(f"{payer}_n" for payer in job.PAYERS)]
    line = cut.groupby(["loan_id", "household_id", "area_code", "opening_fen", "fixed_fen"])[numerators].sum()
    line = line.reset_index()
    line["interest_fen"] = _half_up(line.interest_n, 360_000_000)
    for payer in job.PAYERS:
        line[f"{payer}_fen"] = _half_up(line[f"{payer}_n"], 36_000_000_000)
    line["subsidy_fen"] = line[[f"{payer}_fen" for payer in job.PAYERS]].sum(axis=1)
    line["borrower_fen"] = line.interest_fen - line.subsidy_fen
    line[list(job.LINE)].to_parquet(job.lines_file(out), compression="zstd")
    grouped = line.groupby(line.area_code // job.TOWNSHIP)
    totals = grouped[list(job.AMOUNTS)].sum().assign(loans=grouped.size())
    totals.rename_axis("township").reset_index().to_parquet(job.townships_file(out))
