"""How the ratios move: each change of the balance, of what is non-performing and of what is overdue, by day.

A ratio of any group on any day is then a sum of changes up to that day; no loan is multiplied by months. Only loans
that were ever classed 3 to 5, or that stood past a maturity, or were recalled, need their history in order.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from bangfu.engine.ledger import movements
from bangfu.rules.classification.rule import FIRST_NON_PERFORMING_CLASS

# Within one day: what becomes due in the morning, then the agreements, the money, and the bank's classification.
_DUE, _AGREED, _MONEY, _CLASSED = 0, 1, 2, 3
FALLS = ("repaid", "written_off", "compensated", "converted", "reclassified")


def ratio_moves(loans: pl.DataFrame, events: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Changes by loan and day up to ``as_of``.

    Returns:
        loan_id, on, kind (the event behind the change; ``due`` where a maturity passed), balance_delta_fen,
        npl_delta_fen, overdue_delta_fen. The overdue amount rises on the day after maturity (as extended) or recall.
    """
    seen = events.filter(pl.col("on") <= as_of)
    moved = movements(seen)
    troubled = _troubled(loans, seen, moved, as_of=as_of)
    plain = moved.join(troubled, on="loan_id", how="anti").select(
        "loan_id",
        "on",
        "kind",
        pl.col("delta_fen").alias("balance_delta_fen"),
        pl.lit(0, pl.Int64).alias("npl_delta_fen"),
        pl.lit(0, pl.Int64).alias("overdue_delta_fen"),
    )
    return pl.concat([plain, _in_order(_timeline(loans, seen, moved, troubled, as_of=as_of))])


def _troubled(loans: pl.DataFrame, seen: pl.DataFrame, moved: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """The loans whose history is needed in order: loan_id."""
    classed = seen.filter(
        ((pl.col("kind") == "classified") & (pl.col("value_class") >= FIRST_NON_PERFORMING_CLASS))
        | (pl.col("kind") == "recalled")
    ).select("loan_id")
    due = loans.lazy().filter(pl.col("matures_on") < as_of).select("loan_id", "matures_on")
    stood = (
        moved.lazy()
        .join(due, on="loan_id")
        .filter(pl.col("on") <= pl.col("matures_on"))
        .group_by("loan_id")
        .agg(pl.col("delta_fen").sum())
        .filter(pl.col("delta_fen") > 0)
        .select("loan_id")
        .collect()
    )
    return pl.concat([classed, stood]).unique()


def _timeline(
    loans: pl.DataFrame, seen: pl.DataFrame, moved: pl.DataFrame, troubled: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """All that bears on the troubled loans, one row each: loan_id, on, step, kind, and the value it sets."""
    theirs = seen.join(troubled, on="loan_id", how="semi")
    base = loans.join(troubled, on="loan_id", how="semi").select(
        "loan_id", pl.col("matures_on").alias("until")
    )
    extended = theirs.filter(pl.col("kind") == "extended").select(
        "loan_id", "on", pl.col("value_on").alias("until")
    )
    recalled = theirs.filter(pl.col("kind") == "recalled").select(
        "loan_id", "on", pl.col("on").alias("recalled_on")
    )
    day_after = pl.col("until").dt.offset_by("1d").alias("on")
    parts = [
        base.select("loan_id", day_after),
        extended.select("loan_id", day_after),
        recalled.select("loan_id", pl.col("on").dt.offset_by("1d")),
    ]
    dues = pl.concat(parts).filter(pl.col("on") <= as_of).with_columns(step=pl.lit(_DUE), kind=pl.lit("due"))
    agreed = pl.concat([extended, recalled], how="diagonal").with_columns(
        step=pl.lit(_AGREED), kind=pl.lit("agreed")
    )
    money = moved.join(troubled, on="loan_id", how="semi").with_columns(step=pl.lit(_MONEY))
    classed = theirs.filter(pl.col("kind") == "classified").select(
        "loan_id", "on", "value_class", step=pl.lit(_CLASSED), kind=pl.lit("reclassified")
    )
    whole = pl.concat([money, dues, agreed, classed], how="diagonal").drop_nulls("on")
    return whole.join(base.rename({"until": "matures_on"}), on="loan_id", how="left").sort(
        "loan_id", "on", "step", maintain_order=True
    )


def _in_order(timeline: pl.DataFrame) -> pl.DataFrame:
    """The changes of each row of the timeline."""
    held = timeline.with_columns(
        pl.col("delta_fen").fill_null(0).cum_sum().over("loan_id").alias("balance_fen"),
        pl.col("value_class").forward_fill().over("loan_id").fill_null(1).alias("risk_class"),
        pl.col("until").cum_max().forward_fill().over("loan_id"),
        pl.col("recalled_on").cum_min().forward_fill().over("loan_id"),
    ).with_columns(
        pl.min_horizontal(pl.max_horizontal("matures_on", "until"), "recalled_on").alias("due_on"),
    )
    parts = held.with_columns(
        pl.when(pl.col("risk_class") >= FIRST_NON_PERFORMING_CLASS)
        .then(pl.col("balance_fen"))
        .otherwise(0)
        .alias("npl_fen"),
        pl.when(pl.col("on") > pl.col("due_on"))
        .then(pl.col("balance_fen"))
        .otherwise(0)
        .alias("overdue_fen"),
    )
    changes = [
        (pl.col(f"{name}_fen") - pl.col(f"{name}_fen").shift(1, fill_value=0).over("loan_id")).alias(
            f"{name}_delta_fen"
        )
        for name in ("balance", "npl", "overdue")
    ]
    changed = parts.with_columns(changes)
    moving = pl.any_horizontal(pl.col(f"{name}_delta_fen") != 0 for name in ("balance", "npl", "overdue"))
    return changed.filter(moving).select(
        "loan_id", "on", "kind", "balance_delta_fen", "npl_delta_fen", "overdue_delta_fen"
    )
