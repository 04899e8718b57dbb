"""Why a bank's figure differs from what is due: each way the documents name of reckoning it wrong, tried to the fen.

HLJ2019-2.2 found subsidies claimed at a daily rate; LD2021-1.6 pays on the part up to 50,000 and on normal interest
alone. A reason is told only where it gives the bank's own figure, to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from typing import Any

import narwhals as nw
import polars as pl

from bangfu.engine import batch
from bangfu.engine.prepare import NO_MAXIMUM, Prepared, lazy, prepare
from bangfu.facts import Facts
from bangfu.money.days import day_number
from bangfu.policy import PolicyBook
from bangfu.rules.methods import DAILY_360, DAILY_365, WHOLE_PERIODS

__all__ = ["CLAIMED", "REASONS", "UNEXPLAINED", "Reason", "reasons"]

UNEXPLAINED = "unexplained"
# Each reason with the clauses that speak of it, in the order they are tried.
REASONS: Mapping[str, tuple[str, ...]] = {
    "rounding": (),
    "not_claimed": (),
    "nothing_due": ("LD2021-6",),
    "claimed_twice": ("LD2021-6",),
    "held_back": ("LD2021-1.6",),
    "one_payer": ("CN2026-1.6a",),
    "penalty_included": ("LD2021-1.6",),
    "day_count_360": ("HLJ2019-2.2",),
    "day_count_365": ("HLJ2019-2.2",),
    "whole_periods": ("HLJ2019-2.2",),
    "claimed_rate": ("HLJ2019-2.2",),
    "other_rate": ("HLJ2019-2.2",),
    "whole_rate": ("CN2026-1.6a",),
    "whole_balance": ("CN2021-1.6", "CN2026-1.6c"),
    "after_maturity": ("LD2021-1.6",),
    "other_days": (),
    "day_more": (),
    "day_less": (),
    UNEXPLAINED: (),
}
CLAIMED = pl.Schema(
    {
        "loan_id": pl.String(), "claimed_fen": pl.Int64(), "claimed_rate_e8": pl.Int64(), "rows": pl.Int64(),
        "greatest_fen": pl.Int64(), "claim_start": pl.Date(), "claim_end": pl.Date(), "due_fen": pl.Int64(),
        "payable_fen": pl.Int64(), "parts": pl.List(pl.Int64()),
    }
)  # fmt: skip
_METHODS = {"day_count_360": DAILY_360, "day_count_365": DAILY_365, "whole_periods": WHOLE_PERIODS}
_ENOUGH = 100_000_000_00  # fen: above every principal, so the whole balance is subsidised
_TOLERATED = 1  # a bank may cut where we round (HLJ2019-2.2 is about more than a fen)
_DAYS = ("other_days", "day_more", "day_less")
_RATES = ("claimed_rate", "other_rate", "whole_rate")
_TRIALS = (*_METHODS, *_RATES, "whole_balance", "after_maturity", *_DAYS)
_AT_MOST = 2  # reasons together: of more, anything could be explained


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a claim differs.

    Attributes:
        codes: What together gives the bank's figure; ``unexplained`` alone where nothing does.
        clauses: What the documents say of it.
    """

    codes: tuple[str, ...]
    clauses: tuple[str, ...]


def reasons(
    facts: Facts, book: PolicyBook, claims: pl.DataFrame, *, start: date, end: date
) -> dict[str, Reason]:
    """Of each claim that differs the reason; one that agrees is left out.

    Args:
        facts: Of the households of the loans claimed, with all their loans.
        book: The packs.
        claims: ``CLAIMED``: one row a loan; ``rows`` is how many rows the bank gave, 0 where it gave none; ``due_fen``
            what is due, ``parts`` of each payer.
        start: First day of the period.
        end: The day after its last one.
    """
    found: dict[str, Reason] = {}
    differing = claims.filter(pl.col("claimed_fen").fill_null(-1) != pl.col("due_fen"))
    penalties = _penalties(facts, start=start, end=end)
    left = []
    for row in differing.iter_rows(named=True):
        simple = _simple(row, penalties.get(row["loan_id"], 0))
        if simple:
            found[row["loan_id"]] = _reason((simple,))
        else:
            left.append(row["loan_id"])
    open_ = differing.filter(pl.col("loan_id").is_in(left))

    @cache
    def prepared(opens: date, closes: date) -> Prepared:  # one preparation serves all tries of a period
        return prepare(facts, book, start=opens, end=closes)

    for codes in _tries():
        if open_.is_empty():
            break
        for loan in _giving(prepared, open_, codes, start=start, end=end):
            found[loan] = _reason(codes)
        open_ = open_.filter(~pl.col("loan_id").is_in(list(found)))
    found |= {loan: _reason((UNEXPLAINED,)) for loan in open_["loan_id"]}
    return found


def _reason(codes: tuple[str, ...]) -> Reason:
    cited = tuple(dict.fromkeys(clause for code in codes for clause in REASONS[code]))
    return Reason(codes, cited)


def _simple(row: Mapping[str, Any], penalty_fen: int) -> str:
    """What needs no other run of the core; empty where that does not explain it."""
    due, claimed = row["due_fen"], row["claimed_fen"]
    holds = {
        "not_claimed": row["rows"] == 0,
        "nothing_due": due == 0,
        "claimed_twice": row["rows"] > 1 and row["greatest_fen"] == due,
        "rounding": claimed is not None and abs(claimed - due) <= _TOLERATED,
        "held_back": claimed == row["payable_fen"],
        "one_payer": bool(claimed) and claimed in row["parts"],
        "penalty_included": penalty_fen > 0 and claimed == due + penalty_fen,
    }
    return next((code for code, so in holds.items() if so), "")


def _penalties(facts: Facts, *, start: date, end: date) -> dict[str, int]:
    taken = facts.events.filter(
        pl.col("kind") == "penalty_collected", pl.col("on") >= start, pl.col("on") <= end
    )
    return dict(taken.group_by("loan_id").agg(pl.col("amount_fen").sum()).rows())


def _tries() -> Iterator[tuple[str, ...]]:
    """One reason alone first, then two that can hold together."""
    for size in range(1, _AT_MOST + 1):
        for codes in combinations(_TRIALS, size):
            if all(len(set(codes) & set(kind)) <= 1 for kind in (tuple(_METHODS), _RATES, _DAYS)):
                yield codes


def _giving(
    prepared: Callable[[date, date], Prepared],
    claims: pl.DataFrame,
    codes: tuple[str, ...],
    *,
    start: date,
    end: date,
) -> list[str]:
    """The loans whose claim is what the reasons together give."""
    out: list[str] = []
    for (opens, closes), part in _by_days(claims, codes, start=start, end=end):
        tried = _tried(prepared(opens, closes), part, codes, start=opens, end=closes)
        same = part.join(tried, on="loan_id").filter(pl.col("claimed_fen") == pl.col("tried_fen"))
        out += same["loan_id"].to_list()
    return out


def _by_days(
    claims: pl.DataFrame, codes: Sequence[str], *, start: date, end: date
) -> Iterator[tuple[tuple[date, date], pl.DataFrame]]:
    """The claims by the days they are tried over."""
    one = timedelta(days=1)
    if "day_more" in codes:
        yield (start, end + one), claims
        yield (start - one, end), claims
    elif "day_less" in codes:
        yield (start, end - one), claims
        yield (start + one, end), claims
    elif "other_days" in codes:
        told = claims.filter(pl.col("claim_start").is_not_null(), pl.col("claim_end") > pl.col("claim_start"))
        other = told.filter((pl.col("claim_start") != start) | (pl.col("claim_end") != end))
        for part in other.partition_by("claim_start", "claim_end"):
            yield (part["claim_start"][0], part["claim_end"][0]), part
    else:
        yield (start, end), claims


def _tried(
    ready: Prepared, claims: pl.DataFrame, codes: Sequence[str], *, start: date, end: date
) -> pl.DataFrame:
    """What the kernel gives with some of its inputs as the bank may have had them: loan_id, tried_fen."""
    names = ready.loans.select("loan_no", "loan_id")
    asked = names.join(claims.select("loan_id", "claimed_rate_e8"), on="loan_id")
    if {"claimed_rate", "other_rate"} & set(codes):
        asked = asked.filter(pl.col("claimed_rate_e8") > 0)
    rates = asked.select(pl.col("loan_no").alias("loan_id"), "claimed_rate_e8").lazy()
    loans: pl.LazyFrame = ready.book.loans.to_native()
    spans: pl.LazyFrame | None = None if ready.book.spans is None else ready.book.spans.to_native()
    mine = pl.col("loan_id").is_in(asked["loan_no"].implode())
    for code, number in _METHODS.items():
        if code in codes:
            loans = loans.with_columns(
                pl.when(mine).then(number).otherwise("method").cast(pl.Int64).alias("method")
            )
    if {"claimed_rate", "other_rate"} & set(codes):
        loans = _at_rates(loans, rates)
        spans = None if spans is None else _at_rates(spans, rates)
    if "whole_balance" in codes:
        loans = loans.with_columns(pl.lit(_ENOUGH, pl.Int64).alias("ceiling_fen"))
    if "after_maturity" in codes:
        late = pl.max_horizontal("matures_on", pl.lit(day_number(end), pl.Int64))
        loans = loans.with_columns(pl.when(mine).then(late).otherwise("matures_on").alias("matures_on"))
    book = replace(
        ready.book, loans=nw.from_native(loans), spans=None if spans is None else nw.from_native(spans)
    )
    if {"claimed_rate", "whole_rate"} & set(codes):
        book = replace(book, payers=("fiscal",), segments=_paid_in_full(ready))
    lines: pl.LazyFrame = batch.lines(book, start=day_number(start), end=day_number(end)).to_native()
    told = lines.select(
        pl.col("loan_id").alias("loan_no"), pl.col("subsidy_fen").alias("tried_fen")
    ).collect()
    return told.join(asked.select("loan_no", "loan_id"), on="loan_no").select("loan_id", "tried_fen")


def _at_rates(frame: pl.LazyFrame, rates: pl.LazyFrame) -> pl.LazyFrame:
    told = frame.join(rates, on="loan_id", how="left")
    return told.with_columns(pl.coalesce("claimed_rate_e8", "rate_e8").alias("rate_e8")).drop(
        "claimed_rate_e8"
    )


def _paid_in_full(ready: Prepared) -> batch.Frame:
    """The segments with one payer that pays the whole rate."""
    segments: pl.LazyFrame = ready.book.segments.to_native()
    whole = {"fiscal_share_percent": 100, "fiscal_points_e8": 0, "fiscal_max_e8": NO_MAXIMUM}
    return lazy(
        segments.select(
            "stack_no", "segment_from", "segment_to", "segment_state",
            *(pl.lit(value, pl.Int64).alias(name) for name, value in whole.items()),
        ).collect()
    )  # fmt: skip
