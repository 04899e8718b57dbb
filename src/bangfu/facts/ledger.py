"""The ledger of each loan: nothing before the first disbursement, never below nothing, extensions move forward.

The principal moves by disbursed (+), repaid, written_off, compensated and converted (−; a conversion without an
amount takes the whole balance). Events of one day are taken with disbursements first, then as the file lists them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bangfu.facts import codes
from bangfu.facts.checks import Flag
from bangfu.facts.sheets import ROW
from bangfu.money.fen import format_yuan

_DOWN = list(codes.EVENTS_DOWN)
_SEGMENT = ["loan_id", "_conversions"]


def totals(events: pl.DataFrame) -> pl.DataFrame:
    """What each loan's events come to, without ordering them.

    Returns:
        loan_id, up_fen (disbursed), down_fen, first_up, last_up, first_down, first_on, whole (has a conversion
        without an amount).
    """
    up, down = pl.col("kind") == "disbursed", pl.col("kind").is_in(_DOWN)
    moved = events.select(
        "loan_id",
        "on",
        up_fen=pl.when(up).then(pl.col("amount_fen")),
        down_fen=pl.when(down).then(pl.col("amount_fen")),
        up_on=pl.when(up).then(pl.col("on")),
        down_on=pl.when(down).then(pl.col("on")),
        whole=(pl.col("kind") == "converted") & pl.col("amount_fen").is_null(),
    )
    return moved.group_by("loan_id").agg(
        pl.col("up_fen", "down_fen").sum(),
        first_up=pl.col("up_on").min(),
        last_up=pl.col("up_on").max(),
        first_down=pl.col("down_on").min(),
        first_on=pl.col("on").min(),
        whole=pl.col("whole").any(),
    )


def suspects(summed: pl.DataFrame) -> pl.DataFrame:
    """The loans (loan_id) whose events must be gone through in order.

    All others are in order whatever the order: nothing before the first disbursement, nothing taken before the last
    one, and no more taken than was lent.
    """
    lent_first = pl.col("first_up").is_not_null() & (pl.col("first_on") >= pl.col("first_up"))
    taken_last = pl.col("first_down").is_null() | (pl.col("first_down") >= pl.col("last_up"))
    sound = lent_first & taken_last & (pl.col("down_fen") <= pl.col("up_fen")) & ~pl.col("whole")
    return summed.filter(~sound).select("loan_id")


def in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Events by loan and day, disbursements first on a day, then as listed."""
    return events.sort("loan_id", "on", pl.col("kind") != "disbursed", ROW)


def with_balances(ordered: pl.DataFrame) -> pl.DataFrame:
    """Ordered events with ``_balance`` after each; conversions without an amount get theirs.

    A whole conversion leaves nothing, so the running sum begins anew behind it.
    """
    whole = (pl.col("kind") == "converted") & pl.col("amount_fen").is_null()
    moved = (
        pl.when(pl.col("kind") == "disbursed")
        .then(pl.col("amount_fen"))
        .when(pl.col("kind").is_in(_DOWN))
        .then(-pl.col("amount_fen"))
        .otherwise(0)
        .fill_null(0)
    )
    if not ordered.select(whole.any()).item():
        return ordered.with_columns(moved.cum_sum().over("loan_id").alias("_balance"))
    running = ordered.with_columns(
        moved.alias("_moved"), (whole.cum_sum() - whole.cast(pl.Int64)).over("loan_id").alias("_conversions")
    ).with_columns(pl.col("_moved").cum_sum().over(_SEGMENT).alias("_balance"))
    return running.with_columns(
        pl.when(whole).then(pl.col("_balance")).otherwise(pl.col("amount_fen")).alias("amount_fen"),
        pl.when(whole).then(0).otherwise(pl.col("_balance")).alias("_balance"),
    ).drop("_moved", "_conversions")


def before_disbursement(ordered: pl.DataFrame) -> Iterator[Flag]:
    """Events of a loan before its first disbursement, or without any."""
    lent = (pl.col("kind") == "disbursed").cum_sum().over("loan_id")
    early = ordered.filter(lent == 0)
    for row in early[ROW]:
        yield Flag("events", row, "on", "event_before_disbursement")


def above_balance(ordered: pl.DataFrame) -> Iterator[Flag]:
    """Repayments and the like above the balance; each is passed over for those behind it."""
    left = ordered
    while True:
        run = with_balances(left)
        below = run.filter(pl.col("kind").is_in(_DOWN) & (pl.col("_balance") < 0))
        first = below.group_by("loan_id", maintain_order=True).first()
        if first.is_empty():
            return
        for row, amount, balance in first.select(ROW, "amount_fen", "_balance").rows():
            had = format_yuan(balance + amount)
            yield Flag("events", row, "amount_fen", "above_balance", (had, had))
        affected = left.join(first.select("loan_id"), on="loan_id", how="semi", maintain_order="left")
        left = affected.join(first.select(ROW), on=ROW, how="anti", maintain_order="left")


def extensions(events: pl.DataFrame, loans: pl.DataFrame) -> Iterator[Flag]:
    """Extensions whose new maturity is not later than the maturity so far."""
    extended = in_order(events.filter((pl.col("kind") == "extended") & pl.col("value_on").is_not_null()))
    if extended.is_empty():
        return
    known = extended.join(
        loans.select("loan_id", "matures_on"), on="loan_id", how="left", maintain_order="left"
    )
    before = pl.max_horizontal(pl.col("matures_on"), pl.col("value_on").cum_max().shift(1).over("loan_id"))
    for row, so_far in (
        known.with_columns(before.alias("_so_far"))
        .filter(pl.col("value_on") <= pl.col("_so_far"))
        .select(ROW, "_so_far")
        .rows()
    ):
        yield Flag("events", row, "value", "extension_not_later", (so_far.isoformat(), so_far.isoformat()))
