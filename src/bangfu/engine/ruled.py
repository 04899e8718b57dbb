"""A rule over a Polars frame with dates: in as day numbers, out as dates again."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from bangfu.rules.steps import Rule


def ruled(frame: pl.DataFrame, rule: Rule, *, only: Sequence[str] = ()) -> pl.DataFrame:
    """Add the rule's steps as columns.

    Args:
        frame: Has what the steps read; days may be dates.
        rule: The rule.
        only: The names of the steps that are wanted, where the frame does not hold all the rule reads.
    """
    steps = [step for step in rule.steps if not only or step.name in only]
    dates = [name for name, unit in rule.reads.items() if unit == "day" and frame.schema.get(name) == pl.Date]
    numbered = frame.with_columns(pl.col(name).to_physical().cast(pl.Int64) for name in dates)
    told = nw.from_native(numbered)
    for step in steps:
        told = told.with_columns(step.value.alias(step.name))
    back = [*dates, *(step.name for step in steps if step.unit == "day")]
    return told.to_native().with_columns(pl.col(name).cast(pl.Int32).cast(pl.Date) for name in back)
