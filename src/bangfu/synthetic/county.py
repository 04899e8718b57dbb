"""The whole county: tiles one after the other, then what only the county as a whole has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

import polars as pl

from bangfu.money.days import day_number
from bangfu.synthetic.careers import list_household, live_on
from bangfu.synthetic.emission import Emission
from bangfu.synthetic.rows import Rows, write_households
from bangfu.synthetic.tile import Tile

LOANS_A_TILE = 20_000
_IDLE_PER_BORROWER = 0.8
EARLIEST = date(2026, 6, 30)
PLANTED_SCHEMA = {"code": pl.String(), "table": pl.String(), "id": pl.String(), "note": pl.String()}


@dataclass(frozen=True, slots=True)
class County:
    """A synthetic county.

    Attributes:
        tables: The fourteen tables as ``bangfu.facts`` holds them in memory.
        planted: code, table, id, note: what an audit of it must find.
        as_of: The day up to which it was told.
    """

    tables: Mapping[str, pl.DataFrame]
    planted: pl.DataFrame
    as_of: date


def build(loans: int, seed: int, as_of: date = EARLIEST) -> County:
    """Build a county in memory.

    Args:
        loans: How many programme loans it has, those planted included.
        seed: The same seed gives the same county.
        as_of: The day the county is told up to; not before 2026-06-30.

    Raises:
        ValueError: Too early a day, or no loans.
    """
    if loans < 1 or as_of < EARLIEST:
        raise ValueError(f"a county has loans and is told up to {EARLIEST} or later")
    tiles = -(-loans // LOANS_A_TILE)
    parts: list[dict[str, pl.DataFrame]] = []
    planted: list[pl.DataFrame] = []
    for number in range(tiles):
        share = loans // tiles + (number < loans % tiles)
        tile = Tile(number, Random(f"{seed}/{number}"), day_number(as_of))
        fill(tile, share)
        parts.append(rows_of(tile).frames())
        planted.append(_planted(tile))
    tables = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    return County(tables, pl.concat(planted), as_of)


def fill(tile: Tile, loans: int) -> None:
    """Lawful households with their loans, until the tile has so many."""
    rng, registry = tile.rng, tile.registry
    while len(tile.loans) < loans:
        village = rng.choice(tile.villages)
        household = registry.household(village.code)
        list_household(rng, household)
        live_on(tile, household)
        if rng.random() < _IDLE_PER_BORROWER:
            idle = registry.household(rng.choice(tile.villages).code, able=rng.random() > 0.2)
            list_household(rng, idle)
    del tile.loans[loans:]


def rows_of(tile: Tile) -> Rows:
    """Every row of a tile."""
    rows = Rows()
    write_households(rows, tile.registry.households)
    emission = Emission(rows, tile.rng, tile=tile.number, as_of=tile.as_of)
    for loan in tile.loans:
        emission.write(loan)
    return rows


def _planted(tile: Tile) -> pl.DataFrame:
    cells = [(fault.code, fault.table, fault.id, fault.note) for fault in tile.planted]
    return pl.DataFrame(cells, schema=PLANTED_SCHEMA, orient="row")
