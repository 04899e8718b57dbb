"""The whole county: tiles one after the other, then what only the county as a whole has."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from random import Random

import polars as pl

from bangfu.money.days import day_number
from bangfu.synthetic import fund
from bangfu.synthetic.book import Loan
from bangfu.synthetic.careers import list_household, live_on, make_ordinary
from bangfu.synthetic.clock import last_quarter
from bangfu.synthetic.delinquency import fall_behind, last_loans
from bangfu.synthetic.emission import Emission
from bangfu.synthetic.faults import scenes
from bangfu.synthetic.faults.plan import plant_all
from bangfu.synthetic.faults.scenes import village
from bangfu.synthetic.identity import COUNTY
from bangfu.synthetic.numbering import number
from bangfu.synthetic.regimes import ASSISTANCE
from bangfu.synthetic.rows import Row, Rows, write_households
from bangfu.synthetic.tile import Claim, Planted, Tile, villages_of

LOANS_A_TILE = 20_000
_IDLE_PER_BORROWER = 0.8
_UNLISTED_BORROWER = 0.05
_CLAIMS = 0.01
DAYS_OF_A_FRESH_QUARTER = 7
EARLIEST = date(2026, 6, 30)
AREAS_SCHEMA = dict.fromkeys(("area_code", "township", "village", "branch"), pl.String())
PLANTED_SCHEMA = {"code": pl.String(), "table": pl.String(), "id": pl.String(), "note": pl.String()}


@dataclass(frozen=True, slots=True)
class County:
    """A synthetic county.

    Attributes:
        tables: The fourteen tables as ``bangfu.facts`` holds them in memory.
        planted: code, table, id, note: what an audit of it must find.
        as_of: The day up to which it was told.
        areas: area_code, township, village, branch: the invented names behind the codes.
    """

    tables: Mapping[str, pl.DataFrame]
    planted: pl.DataFrame
    as_of: date
    areas: pl.DataFrame


def build(loans: int, seed: int, as_of: date = EARLIEST) -> County:
    """Build a county in memory.

    Args:
        loans: How many programme loans it has, those planted included.
        seed: The same seed gives the same county.
        as_of: The day the county is told up to; not before 2026-06-30.

    Raises:
        ValueError: No loans, too early a day, or one in the first week after a settlement.
        Refused: calendar_not_published, for a day beyond the last published calendar.
    """
    if loans < 1 or as_of < EARLIEST:
        raise ValueError(f"a county has loans and is told up to {EARLIEST} or later")
    day = day_number(as_of)
    if day - last_quarter(day)[1] < DAYS_OF_A_FRESH_QUARTER:
        raise ValueError(
            "a county is told up to a week after a settlement at least: faults are planted in it"
        )
    tiles = -(-loans // LOANS_A_TILE)
    parts: list[dict[str, pl.DataFrame]] = []
    planted: list[pl.DataFrame] = []
    moved: list[Row] = []
    owed_fen = 0
    with _collector_paused():
        for place in range(tiles):
            tile = Tile(place, Random(f"{seed}/{place}"), day)
            share = loans // tiles + (place < loans % tiles)
            plant_all(tile, share)
            fill(tile, share)
            number(tile)
            parts.append(rows_of(tile).frames())
            planted.append(_planted(tile.planted))
            moved += fund.movements_of(tile.loans, day)
            owed_fen += fund.owed((loan for loan in tile.loans if loan.product != ASSISTANCE), day)
    whole = Rows()
    fund.write_county(whole, moved, owed_fen, day)
    parts.append(whole.frames())
    floor = Planted("fund_below_floor", "areas", COUNTY, "the fund holds four per cent of what is owed")
    planted.append(_planted([floor]))
    tables = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    return County(tables, pl.concat(planted), as_of, _areas(tiles))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without the cycle collector: a tile makes half a million small objects and no cycle; it takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def fill(tile: Tile, loans: int) -> None:
    """Lawful households with their loans, until the tile has so many; some of the loans fall behind."""
    rng, registry = tile.rng, tile.registry
    first = len(tile.loans)
    while len(tile.loans) < loans:
        household = registry.household(village(tile).code)
        list_household(rng, household)
        live_on(tile, household)
        if rng.random() < _IDLE_PER_BORROWER:
            idle = registry.household(village(tile).code, able=rng.random() > 0.2)
            list_household(rng, idle)
        if rng.random() < _UNLISTED_BORROWER:
            make_ordinary(tile, scenes.transition_loan(tile, scenes.unlisted(tile)))
    del tile.loans[max(loans, first) :]
    tile.claims.extend(_paid_claims(tile, tile.loans[first:]))
    fall_behind(tile, last_loans(tile.loans[first:]))


def _paid_claims(tile: Tile, loans: Iterable[Loan]) -> list[Claim]:
    """A few borrowers fell ill and were paid what was due to them."""
    rng = tile.rng
    found: list[Claim] = []
    for loan in loans:
        if rng.random() < _CLAIMS and loan.disbursed_on + 250 < tile.as_of:
            day = loan.disbursed_on + rng.randint(30, 180)
            due = 20_000 + 1000 * rng.randint(0, 300)
            found.append(
                Claim(loan, day, rng.choice(("hospital", "disability")), day + 9, day + 38, due, due)
            )
    return found


def rows_of(tile: Tile) -> Rows:
    """Every row of a tile."""
    rows = Rows()
    write_households(rows, tile.registry.households)
    emission = Emission(rows, tile.rng, tile=tile.number, as_of=tile.as_of)
    for loan in tile.loans:
        emission.write(loan)
    for loan in tile.ordinary:
        emission.write_ordinary(loan)
    emission.write_beside(tile.elsewhere, tile.claims)
    return rows


def _areas(tiles: int) -> pl.DataFrame:
    cells = [
        (one.code, one.township, one.name, one.branch) for place in range(tiles) for one in villages_of(place)
    ]
    return pl.DataFrame(cells, schema=AREAS_SCHEMA, orient="row")


def _planted(faults: Iterable[Planted]) -> pl.DataFrame:
    cells = [(fault.code, fault.table, fault.id, fault.note) for fault in faults]
    return pl.DataFrame(cells, schema=PLANTED_SCHEMA, orient="row")
