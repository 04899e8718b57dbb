"""A file beside the database: what is new, what is changed, what is the same, what is no longer said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from bangfu.facts import TABLES, Facts, Problem
from bangfu.facts.schema import DERIVED

__all__ = ["Difference", "difference"]

_FIXED = {
    "households": "area_code",
    "members": "household_id",
    "loans": "household_id",
    "ordinary_loans": "household_id",
}
_SHOWN = 50


@dataclass(frozen=True)
class Difference:
    """What an import would do, by table of the core.

    Attributes:
        new: Rows to be added.
        changed: Rows of a known key with other values: as they would be.
        before: The same rows as they are, in the same order.
        same: How many rows say what is known.
        ended: Roster entries whose villages the file names whole, and which it no longer names.
        problems: What an import cannot change, told row by row.
    """

    new: Mapping[str, pl.DataFrame]
    changed: Mapping[str, pl.DataFrame]
    before: Mapping[str, pl.DataFrame]
    same: Mapping[str, int]
    ended: pl.DataFrame
    problems: tuple[Problem, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """New, changed, same and ended rows by table; tables of which the file says nothing are left out."""
        told = {}
        for name in TABLES:
            ended = self.ended.height if name == "roster" else 0
            row = {
                "new": self.new[name].height,
                "changed": self.changed[name].height,
                "same": self.same[name],
                "ended": ended,
            }
            if any(row.values()):
                told[name] = row
        return told

    @property
    def nothing(self) -> bool:
        """Whether the database says all of it already."""
        parts = (*self.new.values(), *self.changed.values(), self.ended)
        return all(part.is_empty() for part in parts)


def difference(facts: Facts, known: Facts, *, whole: bool = False) -> Difference:
    """Compare a file with what is known.

    Args:
        facts: The file.
        known: The database, as far as it is in scope.
        whole: The file names everybody on the lists of the villages it names: who is missing has left.
    """
    new, changed, before, same = {}, {}, {}, {}
    problems: list[Problem] = []
    for name in TABLES:
        own, there = facts.tables[name], known.tables[name]
        if TABLES[name].key:
            new[name], changed[name], before[name], same[name] = _by_key(name, own, there)
        else:
            new[name], same[name] = _by_row(name, own, there)
            changed[name] = before[name] = own.clear()
        problems.extend(_fixed(name, changed[name], before[name]))
    problems.extend(_in_the_other_table(facts, known))
    ended = _ended(facts, known) if whole else known.tables["roster"].clear()
    return Difference(new, changed, before, same, ended, tuple(problems))


def _by_key(
    name: str, own: pl.DataFrame, there: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, int]:
    key = [TABLES[name].column(part).frame for part in TABLES[name].key]
    if there.is_empty() or own.is_empty():
        return own, own.clear(), own.clear(), 0
    rest = [column for column in own.columns if column not in key]
    fresh = own.join(there.select(key), on=key, how="anti", maintain_order="left")
    both = own.join(there, on=key, how="inner", suffix=".was", maintain_order="left")
    # A column that the file leaves empty throughout, or does not have, says nothing.
    said = [column for column in rest if own[column].null_count() < own.height]
    both = both.with_columns(pl.col(f"{column}.was").alias(column) for column in rest if column not in said)
    differs = (
        pl.any_horizontal(pl.col(column).ne_missing(pl.col(f"{column}.was")) for column in said)
        if said
        else pl.lit(False)
    )
    moved = both.filter(differs)
    was = moved.select(*key, *(pl.col(f"{column}.was").alias(column) for column in rest)).select(own.columns)
    return fresh, moved.select(own.columns), was, both.height - moved.height


def _by_row(name: str, own: pl.DataFrame, there: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Rows without a key: as often as the file has them, less as often as they are known."""
    if there.is_empty() or own.is_empty():
        return own, 0
    told = [column for column in own.columns if name != "events" or column not in DERIVED]
    again = pl.int_range(pl.len()).over(told).alias("_again")
    fresh = own.with_columns(again).join(
        there.with_columns(again).select(*told, "_again"),
        on=[*told, "_again"],
        how="anti",
        nulls_equal=True,
        maintain_order="left",
    )
    return fresh.drop("_again"), own.height - fresh.height


def _fixed(name: str, changed: pl.DataFrame, before: pl.DataFrame) -> Iterator[Problem]:
    """What no file changes, but a request: where a household lives, whose a member or a loan is."""
    column = _FIXED.get(name)
    if column is None or changed.is_empty():
        return
    (key,) = (TABLES[name].column(part).frame for part in TABLES[name].key)
    moved = changed.with_columns(before[column].alias("was")).filter(pl.col(column) != pl.col("was"))
    for row_id, value, was in moved.select(key, column, "was").rows():
        header = TABLES[name].column(column).zh
        yield Problem(
            TABLES[name].zh, "", None, header, row_id, "moved_by_file",
            f"现为“{was}”，文件为“{value}”；迁移、分户、变更须另行申请，不能由文件改动",
            f"is “{was}”, the file says “{value}”; a move is asked for by request, no file makes it",
        )  # fmt: skip


def _in_the_other_table(facts: Facts, known: Facts) -> Iterator[Problem]:
    """A loan of the programme is no ordinary loan, nor the other way round."""
    for name, other in (("loans", "ordinary_loans"), ("ordinary_loans", "loans")):
        twice = facts.tables[name].join(known.tables[other].select("loan_id"), on="loan_id", how="semi")
        for loan_id in twice["loan_id"]:
            zh, en = TABLES[other].zh, other
            yield Problem(
                TABLES[name].zh, "", None, TABLES[name].column("loan_id").zh, loan_id, "loan_of_other_table",
                f"系统中已列为“{zh}”", f"stands among {en} already",
            )  # fmt: skip


def _ended(facts: Facts, known: Facts) -> pl.DataFrame:
    """Open entries of the villages that the file names, which it names no more."""
    roster, there = facts.tables["roster"], known.tables["roster"]
    homes = (
        pl.concat([known.tables["households"], facts.tables["households"]])
        .unique("household_id")
        .select("household_id", "area_code")
    )
    named = roster.join(homes, on="household_id").select("area_code").unique()
    mine = homes.join(named, on="area_code", how="semi")
    still = there.filter(pl.col("left_on").is_null()).join(mine, on="household_id", how="semi")
    return still.join(roster, on=["household_id", "category", "listed_on"], how="anti", maintain_order="left")


def samples(found: Difference) -> dict[str, list[dict[str, list[str]]]]:
    """The first changes of each table, field by field as (before, after); personal values masked by the caller."""
    told: dict[str, list[dict[str, list[str]]]] = {}
    for name, changed in found.changed.items():
        rows = []
        for now, was in zip(
            changed.head(_SHOWN).rows(named=True),
            found.before[name].head(_SHOWN).rows(named=True),
            strict=True,
        ):
            key = {TABLES[name].column(part).frame for part in TABLES[name].key}
            rows.append(
                {
                    column: [_shown(was[column]), _shown(now[column])]
                    for column in changed.columns
                    if column in key or was[column] != now[column]
                }
            )
        if rows:
            told[name] = rows
    return told


def _shown(value: object) -> str:
    return "" if value is None else str(value)
