"""Lawful scenes into which a fault is put: households of each regime with one loan that could stand as it is."""

from __future__ import annotations

from bangfu.synthetic.book import Loan
from bangfu.synthetic.clock import at, weekday
from bangfu.synthetic.people import Household, Listing, list_margin, list_poor
from bangfu.synthetic.regimes import ASSISTANCE, POVERTY, TRANSITION
from bangfu.synthetic.tile import SPECIAL_VILLAGES, Tile, Village

_POVERTY_DAYS = (at(2018, 3, 1), at(2019, 12, 1))
_TRANSITION_DAYS = (at(2021, 6, 1), at(2024, 9, 30))
_ASSISTANCE_DAYS = (at(2026, 4, 20), at(2026, 6, 5))
_LIVE_DAYS = (at(2024, 10, 8), at(2025, 5, 20))


def village(tile: Tile) -> Village:
    """Any village but those that are kept for the faults of areas."""
    while True:
        place = tile.rng.randrange(len(tile.villages))
        if place not in SPECIAL_VILLAGES:
            return tile.villages[place]


def poor(tile: Tile, *, assisted: bool = False, able: bool = True) -> Household:
    """A household registered as poor since 2014 to 2016 and later out of poverty."""
    household = tile.registry.household(village(tile).code, able=able)
    list_poor(tile.rng, household, assisted=assisted)
    return household


def margin(tile: Tile) -> Household:
    """A household on the margin from 2020 or 2021 on, and to this day."""
    household = tile.registry.household(village(tile).code)
    list_margin(tile.rng, household, monitored=False, leaves=False)
    return household


def unlisted(tile: Tile, *listings: Listing) -> Household:
    """A household on no roster, or on those given."""
    household = tile.registry.household(village(tile).code)
    household.listings = list(listings)
    return household


def day_between(tile: Tile, days: tuple[int, int]) -> int:
    """A working day between two."""
    return weekday(tile.rng.randint(*days))


def poverty_loan(
    tile: Tile, household: Household | None = None, *, months: int = 12, method: str | None = None
) -> Loan:
    """A loan of 2018 or 2019, paid back when it fell due."""
    day = day_between(tile, _POVERTY_DAYS)
    return tile.lend(household or poor(tile), POVERTY, day, thousands=50, months=months, method=method)


def transition_loan(
    tile: Tile,
    household: Household | None = None,
    *,
    thousands: int = 50,
    months: int = 12,
    method: str | None = None,
) -> Loan:
    """A loan of the transition, paid back when it fell due."""
    day = day_between(tile, _TRANSITION_DAYS)
    return tile.lend(
        household or poor(tile), TRANSITION, day, thousands=thousands, months=months, method=method
    )


def live_loan(
    tile: Tile, household: Household | None = None, *, thousands: int = 50, months: int = 36
) -> Loan:
    """A loan of the transition that is still owed on the day of the audit."""
    day = day_between(tile, _LIVE_DAYS)
    return tile.lend(household or poor(tile), TRANSITION, day, thousands=thousands, months=months)


def assistance_loan(tile: Tile, household: Household | None = None) -> Loan:
    """A loan of the third regime with a quarter that has closed."""
    day = day_between(tile, _ASSISTANCE_DAYS)
    return tile.lend(household or poor(tile, assisted=True), ASSISTANCE, day, thousands=50)


def fresh_loan(
    tile: Tile,
    household: Household | None = None,
    *,
    thousands: int = 50,
    months: int = 12,
    kind: str = "new",
) -> Loan:
    """A loan of the third regime signed in the running quarter: nothing is due of it yet."""
    home = household or poor(tile, assisted=True)
    return tile.lend(home, ASSISTANCE, tile.fresh_day(), thousands=thousands, months=months, kind=kind)
