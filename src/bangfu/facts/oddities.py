"""What is odd and read nevertheless: flags that become warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from bangfu.facts.at_once import at_once
from bangfu.facts.checks import Flag
from bangfu.facts.identity import check_digit_ok_expr
from bangfu.facts.sheets import PART_STEP, ROW
from bangfu.facts.tables import TABLES
from bangfu.money.fen import FEN_PER_YUAN, format_yuan

_ID_NUMBERS = (
    ("members", "id_number"),
    ("loans", "borrower_id_number"),
    ("ordinary_loans", "borrower_id_number"),
)
_SMALLEST_LOAN_FEN = 100 * FEN_PER_YUAN


def odd(frames: Mapping[str, pl.DataFrame]) -> list[Flag]:
    """All oddities of tables that are in order."""
    looked = (_check_digits(frames), _repeated(frames), _lending(frames), _late(frames), _small(frames))
    return [flag for flags in at_once(list, looked) for flag in flags]


def _check_digits(frames: Mapping[str, pl.DataFrame]) -> Iterator[Flag]:
    for name, column in _ID_NUMBERS:
        wrong = frames[name].select(~check_digit_ok_expr(pl.col(column))).to_series()
        for row in frames[name][ROW].filter(wrong.fill_null(value=False)):
            yield Flag(name, row, column, "bad_id_number")


def _repeated(frames: Mapping[str, pl.DataFrame]) -> Iterator[Flag]:
    """Rows of tables without a key that are the same in every cell."""
    for name, frame in frames.items():
        content = [column for column in frame.columns if column != ROW]
        if TABLES[name].key or frame.is_empty():
            continue
        hashes = frame.select(content).hash_rows()
        if hashes.n_unique() == frame.height:
            continue
        alike = frame.filter(hashes.is_duplicated())
        first = alike.select(pl.col(ROW), pl.col(ROW).min().over(content).alias("_first"))
        for row, same in first.filter(pl.col(ROW) != pl.col("_first")).rows():
            yield Flag(name, row, "", "row_repeated", (str(same % PART_STEP),) * 2)


def _lending(frames: Mapping[str, pl.DataFrame]) -> Iterator[Flag]:
    """Money lent before the contract, or more of it than the contract says."""
    lent = frames["events"].filter(pl.col("kind") == "disbursed").select("loan_id", "on", "amount_fen", ROW)
    summed = lent.group_by("loan_id").agg(pl.col("on").min(), pl.col("amount_fen").sum())
    loans = frames["loans"].select("loan_id", "contract_on", "principal_fen")
    early, much = pl.col("on") < pl.col("contract_on"), pl.col("amount_fen") > pl.col("principal_fen")
    odd = (
        loans.join(summed, on="loan_id")
        .filter(early | much)
        .select("loan_id", "contract_on", "principal_fen")
    )
    if odd.is_empty():
        return
    known = lent.join(odd, on="loan_id", how="inner", maintain_order="left")
    for row, signed in known.filter(early).select(ROW, "contract_on").rows():
        yield Flag("events", row, "on", "disbursed_before_contract", (signed.isoformat(), signed.isoformat()))
    total = known.with_columns(pl.col("amount_fen").cum_sum().over("loan_id"))
    for row, fen in total.filter(much).select(ROW, "principal_fen").rows():
        yield Flag(
            "events", row, "amount_fen", "disbursed_over_principal", (format_yuan(fen), format_yuan(fen))
        )


def _late(frames: Mapping[str, pl.DataFrame]) -> Iterator[Flag]:
    for row in frames["events"].filter(pl.col("recorded_on") < pl.col("on"))[ROW]:
        yield Flag("events", row, "recorded_on", "recorded_before_it_happened")


def _small(frames: Mapping[str, pl.DataFrame]) -> Iterator[Flag]:
    for row in frames["loans"].filter(pl.col("principal_fen") < _SMALLEST_LOAN_FEN)[ROW]:
        yield Flag("loans", row, "principal_fen", "amount_looks_like_wan")
