"""Fingerprints of facts, packs and lines: the same content gives the same hash, in any process, on any day.

A row is hashed as the JSON array of its cells, each a text or null, so no separator can be forged into a cell. Rows are
ordered by what they say, so neither the order of reading nor the database's own numbers matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from bangfu.facts import Facts
from bangfu.facts.schema import DERIVED

__all__ = ["PERSONAL", "digest", "facts_digests", "line_digests", "packs_digest", "row_texts"]

# Left out: they say who somebody is and change no amount; a vault may not even be open to the one who computes.
PERSONAL = frozenset({"borrower_id_number", "head_name", "labour_count", "poverty_cause"})
TABLES_OF_A_LINE = ("households", "loans", "events")


def digest(texts: Iterable[str]) -> bytes:
    """SHA-256 over lines of text, each ended by a newline."""
    told = hashlib.sha256()
    for text in texts:
        told.update(text.encode())
        told.update(b"\n")
    return told.digest()


def row_texts(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Each row as JSON, its cells as text or null, named by their columns."""
    cells = []
    for name in columns:
        kind = frame.schema[name]
        cell = pl.col(name)
        if isinstance(kind, pl.List):
            cell = cell.list.join("\x1f")
        cells.append(cell.cast(pl.String).alias(name))
    return frame.select(pl.struct(cells).struct.json_encode().alias("text"))["text"]


def facts_digests(facts: Facts, groups: pl.DataFrame) -> dict[str, bytes]:
    """The hash of what the lines of each group rest on: all loans of their households, the events, the places.

    Args:
        facts: As they were read.
        groups: household_id, group: a household may stand in several groups.

    Returns:
        Group → hash.
    """
    told = []
    owners = facts.loans.select("loan_id", "household_id")
    for order, name in enumerate(TABLES_OF_A_LINE):
        frame: pl.DataFrame = getattr(facts, name)
        columns = [one for one in frame.columns if one not in PERSONAL and one not in DERIVED]
        text = row_texts(frame, columns)
        keyed = frame.select("household_id") if name != "events" else (
            frame.select("loan_id").join(owners, on="loan_id", how="left", maintain_order="left")
            .select("household_id")
        )  # fmt: skip
        told.append(keyed.with_columns(text, pl.lit(order).alias("table")))
    rows = pl.concat(told).join(groups, on="household_id").sort("group", "table", "text")
    hashed = {str(group): digest(()) for group in groups["group"].unique()}
    joined = rows.group_by("group", maintain_order=True).agg(pl.col("text"))
    for group, texts in joined.iter_rows():
        hashed[str(group)] = digest(texts)
    return hashed


def packs_digest(packs: Mapping[str, str]) -> bytes:
    """The hash over the packs of the stacks used: id → the pack's own hash."""
    return digest(f"{name} {packs[name]}" for name in sorted(packs))


def line_digests(lines: pl.DataFrame, columns: Sequence[str]) -> list[bytes]:
    """The hash of each line over the columns named, in the order of the rows."""
    return [hashlib.sha256(text.encode()).digest() for text in row_texts(lines, columns)]
