"""Findings as frames: a code, the clauses, the subject, an amount, and the facts in people's units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from bangfu.refusals import PRECEDENCE

SCHEMA = pl.Schema(
    {
        "code": pl.String(),
        "clauses": pl.List(pl.String()),
        "table": pl.String(),
        "id": pl.String(),
        "amount_fen": pl.Int64(),
        "facts": pl.String(),
    }
)


def _decimal(value: pl.Expr, places: int, least: int) -> pl.Expr:
    """An integer of so many places as decimal text, trailing zeros beyond ``least`` places cut."""
    scale = 10**places
    size = value.abs()
    part = (size % scale).cast(pl.String).str.zfill(places)
    shown = (
        part.str.slice(0, least) + part.str.slice(least).str.strip_chars_end("0") if least < places else part
    )
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    text: pl.Expr = sign + (size // scale).cast(pl.String) + "." + shown
    return text


def yuan_text(fen: pl.Expr) -> pl.Expr:
    """Fen as yuan text with two decimals."""
    return _decimal(fen, 2, 2)


def percent_text(rate_e8: pl.Expr) -> pl.Expr:
    """A rate in 1e-8 as percent text with two decimals or more."""
    return _decimal(rate_e8, 6, 2)


def people_column(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column in people's units under its bare name: yuan and percent as text, days in ISO, counts as numbers."""
    column = pl.col(name)
    if name.endswith("_fen"):
        return yuan_text(column).alias(name.removesuffix("_fen"))
    if name.endswith("_e8"):
        return percent_text(column).alias(name.removesuffix("_e8"))
    if dtype == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    return column


def findings(
    frame: pl.DataFrame,
    *,
    code: str,
    table: str,
    subject: str,
    clauses: pl.Expr | Sequence[str],
    facts: Sequence[str] = (),
    amount: str | None = None,
) -> pl.DataFrame:
    """Turn the rows that show a fault into findings.

    Args:
        frame: One row a finding.
        code: A name of the register in ``bangfu.refusals``.
        table: The subject's table: loans, households, areas, ….
        subject: The column that holds the subject's id.
        clauses: The same citations for all rows, or an expression that gives a list for each.
        facts: Columns that show the fault, printed in people's units.
        amount: The column of the amount in fen, if the finding has one.

    Raises:
        KeyError: The code is not in the register.
    """
    PRECEDENCE[code]
    if isinstance(clauses, pl.Expr):
        cited = clauses
    else:
        cited = pl.lit(pl.Series([list(clauses)], dtype=pl.List(pl.String))).first()
    shown = [people_column(name, frame.schema[name]) for name in facts]
    told = pl.struct(shown).struct.json_encode() if shown else pl.lit("{}")
    return frame.select(
        pl.lit(code).alias("code"),
        cited.alias("clauses"),
        pl.lit(table).alias("table"),
        pl.col(subject).cast(pl.String).alias("id"),
        (pl.col(amount) if amount else pl.lit(None)).cast(pl.Int64).alias("amount_fen"),
        told.alias("facts"),
    ).cast(SCHEMA)


def gathered(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All findings in the register's order of precedence, then by subject."""
    frames = [part for part in parts if part.height]
    whole = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    order = pl.col("code").replace_strict(dict(PRECEDENCE), return_dtype=pl.Int64)
    return whole.sort(order, "table", "id", "facts", maintain_order=True)
