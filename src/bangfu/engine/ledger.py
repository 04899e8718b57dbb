"""The ledger read three ways: movements of principal, the loan's normal time, and its state at the end of a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.facts import Facts

# How an event moves the programme balance. What is collected as interest, recalled, recovered, classified or
# extended leaves the principal as it is.
LENT = ("disbursed",)
LEFT = ("repaid", "written_off", "compensated", "converted")


def movements(events: pl.DataFrame) -> pl.DataFrame:
    """Principal movements: loan_id, on, kind, delta_fen (lent +, left −), each event one row.

    A conversion without an amount takes the whole balance of its day with it.
    """
    moved = events.filter(pl.col("kind").is_in([*LENT, *LEFT])).select("loan_id", "on", "kind", "amount_fen")
    sign = pl.when(pl.col("kind").is_in(LENT)).then(1).otherwise(-1)
    known = moved.with_columns((sign * pl.col("amount_fen")).alias("delta_fen"))
    whole = known.filter(pl.col("delta_fen").is_null())
    if whole.is_empty():
        return known.select("loan_id", "on", "kind", "delta_fen")
    before = (
        whole.select("loan_id", "on", "kind")
        .join(known.filter(pl.col("delta_fen").is_not_null()), on="loan_id", suffix="_of")
        .filter(pl.col("on_of") <= pl.col("on"))
        .group_by("loan_id", "on", "kind")
        .agg((-pl.col("delta_fen").sum()).alias("delta_fen"))
    )
    told = known.filter(pl.col("delta_fen").is_not_null())
    return pl.concat([frame.select("loan_id", "on", "kind", "delta_fen") for frame in (told, before)])


def balances(loans: pl.DataFrame, events: pl.DataFrame, *, at: pl.Expr) -> pl.DataFrame:
    """The balance of each loan at the end of its own day ``at`` (an expression over loans): loan_id, balance_fen."""
    days = loans.select("loan_id", at.alias("at"))
    moved = movements(events).lazy().join(days.lazy(), on="loan_id").filter(pl.col("on") <= pl.col("at"))
    sums = moved.group_by("loan_id").agg(pl.col("delta_fen").sum().alias("balance_fen"))
    joined = days.lazy().join(sums, on="loan_id", how="left")
    return joined.select("loan_id", pl.col("balance_fen").fill_null(0)).collect()


def extensions(events: pl.DataFrame) -> pl.DataFrame:
    """Extensions in order: loan_id, on, new_maturity_on."""
    extended = events.filter(pl.col("kind") == "extended")
    return extended.select("loan_id", "on", pl.col("value_on").alias("new_maturity_on")).sort("loan_id", "on")


def states(facts: Facts, *, as_of: date) -> pl.DataFrame:
    """Each loan at the end of a day: all columns of loans, and what the ledger says of it.

    Adds disbursed_on, disbursed_fen, balance_fen, maturity_on (as extended), extended_times, recalled_on, risk_class
    (latest classified, else 1), overdue_fen (the balance where the day is past maturity or recall, else 0),
    settled_on (the day the balance last came to nothing).
    """
    events = facts.events.filter(pl.col("on") <= as_of)
    moved = movements(events)
    money = moved.group_by("loan_id").agg(
        pl.col("on").filter(pl.col("kind") == "disbursed").min().alias("disbursed_on"),
        pl.col("delta_fen").filter(pl.col("kind") == "disbursed").sum().alias("disbursed_fen"),
        pl.col("delta_fen").sum().alias("balance_fen"),
        pl.col("on").max().alias("last_moved_on"),
    )
    longer = (
        extensions(events)
        .group_by("loan_id")
        .agg(pl.col("new_maturity_on").max(), pl.len().cast(pl.Int64).alias("extended_times"))
    )
    classed = (
        events.filter(pl.col("kind") == "classified")
        .sort("on", maintain_order=True)
        .group_by("loan_id", maintain_order=True)
        .agg(pl.col("value_class").last().alias("risk_class"))
    )
    called = (
        events.filter(pl.col("kind") == "recalled")
        .group_by("loan_id")
        .agg(pl.col("on").min().alias("recalled_on"))
    )
    joined = facts.loans
    for part in (money, longer, classed, called):
        joined = joined.join(part, on="loan_id", how="left")
    zero = ("disbursed_fen", "balance_fen", "extended_times")
    joined = joined.with_columns(
        *(pl.col(name).fill_null(0) for name in zero),
        pl.col("risk_class").fill_null(1),
        pl.max_horizontal("matures_on", "new_maturity_on").alias("maturity_on"),
    )
    due_on = pl.min_horizontal("maturity_on", "recalled_on")
    overdue = pl.when(due_on < as_of).then(pl.col("balance_fen")).otherwise(0)
    settled = pl.when((pl.col("balance_fen") == 0) & (pl.col("disbursed_fen") > 0)).then(
        pl.col("last_moved_on")
    )
    return joined.with_columns(overdue.alias("overdue_fen"), settled.alias("settled_on")).drop(
        "new_maturity_on", "last_moved_on"
    )
