"""The lawful borrowing life of households: loan after loan through the regimes, with top-ups, renewals, extensions."""

from __future__ import annotations

from random import Random

from bangfu.money.rates import E8_PER_PERCENT
from bangfu.synthetic.book import Loan
from bangfu.synthetic.clock import add_months, at, weekday
from bangfu.synthetic.people import Household, list_margin, list_poor
from bangfu.synthetic.regimes import (
    ASSISTANCE,
    CATEGORIES,
    FEN_PER_THOUSAND_YUAN,
    MONTHS_OF_SHORT_BAND,
    POVERTY,
    TOP_UP_CAP_FEN,
    TRANSITION,
    WINDOW,
    pilot,
    product_on,
)
from bangfu.synthetic.tile import Tile

_FIRST = at(2018, 1, 8)
_NEW_LISTS = at(2026, 3, 20)  # the lists of 2026 were out, and applications on them decided, by then
_OLD_TERMS_END = at(2026, 2, 23)  # extensions granted later follow CN2026: none is made
_APPLIED_BEFORE = 18  # days, at most
_MORE_LOANS = 0.62
_ORDINARY_RATES = (675, 720, 810, 900, 1050)  # in 0.01 %, as HLJ2019-2.3 found them
_LEAST_TOP_UP = 5  # thousand yuan


def list_household(rng: Random, household: Household) -> None:
    """Put a household on the rosters it goes through."""
    draw = rng.random()
    if draw < 0.86:
        list_poor(rng, household, assisted=rng.random() < 0.45)
    else:
        list_margin(rng, household, monitored=rng.random() < 0.6, leaves=rng.random() < 0.25)


def may_sign(household: Household, day: int) -> str | None:
    """The product a listed household may sign for on a day, applications before it included."""
    product = product_on(day)
    if product is None or (product == ASSISTANCE and (day < _NEW_LISTS or pilot(day))):
        return None
    categories = CATEGORIES[product]
    first = max(day - _APPLIED_BEFORE, WINDOW[product].first)
    lawful = household.stands_as(categories, first) and household.stands_as(categories, day)
    return product if lawful else None


def first_day(rng: Random, as_of: int) -> int:
    """The day a household first comes to the branch: lending was densest in the middle years."""
    if rng.random() < 0.12:
        return _NEW_LISTS + int(rng.random() * (as_of - _NEW_LISTS))
    return _FIRST + int(rng.random() * (WINDOW[TRANSITION].last - _FIRST))


def live_on(tile: Tile, household: Household) -> int:
    """Give a household its loans from its first day on; the number of loans made."""
    rng, as_of = tile.rng, tile.as_of
    made = len(tile.loans)
    day = first_day(rng, as_of)
    topped_up = False
    while len(tile.loans) - made < 4:
        day = weekday(day)
        if day > as_of - 5:
            break
        product = may_sign(household, day)
        if product is None:
            day += 90
            continue
        loan = tile.lend(household, product, day)
        end, topped = follow(tile, loan, may_top_up=not topped_up)
        topped_up = topped_up or topped
        if end > as_of or rng.random() > _MORE_LOANS:
            break
        day = end + 5 + int(rng.random() * 300)
    return len(tile.loans) - made


def follow(tile: Tile, loan: Loan, *, may_top_up: bool) -> tuple[int, bool]:
    """What happens to a lawful loan; the day on which the household owes nothing any more, and whether it topped up."""
    draw = tile.rng.random()
    if draw < 0.22:
        _repay_in_parts(tile.rng, loan)
    elif draw < 0.30:
        loan.repay_early(
            loan.disbursed_on + (loan.matures_on - loan.disbursed_on) * tile.rng.randint(50, 90) // 100
        )
    elif draw < 0.35 and _extend(tile.rng, loan):
        return loan.final_maturity, False
    elif draw < 0.42:
        renewal = _renew(tile, loan)
        if renewal is not None:
            return renewal.final_maturity, False
    elif may_top_up and draw < 0.52:
        top_up = _top_up(tile, loan)
        if top_up is not None:
            return max(loan.final_maturity, top_up.final_maturity), True
    return loan.repaid[-1][0], False


def _repay_in_parts(rng: Random, loan: Loan) -> None:
    """One or two parts before maturity, the rest at it."""
    length = loan.matures_on - loan.disbursed_on
    parts = sorted(
        {loan.disbursed_on + length * rng.randint(25, 85) // 100 for _ in range(rng.randint(1, 2))}
    )
    share = loan.principal_fen // FEN_PER_THOUSAND_YUAN * rng.randint(10, 40) // 100 * FEN_PER_THOUSAND_YUAN
    loan.repaid = [(day, share) for day in parts if share]
    loan.repay_at_maturity()


def _extend(rng: Random, loan: Loan) -> bool:
    """Extend once, in the limits of LD2021-4.1, under the terms the contract was signed with."""
    if loan.product == ASSISTANCE or loan.matures_on > _OLD_TERMS_END:
        return False
    most = loan.months if loan.months <= MONTHS_OF_SHORT_BAND else loan.months // 2
    months = max(1, most * rng.choice((50, 50, 100)) // 100)
    loan.extended = [(loan.matures_on - rng.randint(5, 25), add_months(loan.matures_on, months))]
    loan.repay_at_maturity()
    return True


def _renew(tile: Tile, loan: Loan) -> Loan | None:
    """Renew on the day of maturity, once, under the product of the day; old loans keep theirs (LD2021-4.2)."""
    day = loan.matures_on
    product = may_sign(loan.household, day) if day <= tile.as_of else None
    old = loan.product == POVERTY
    if product is None or (old and product == ASSISTANCE):
        return None
    if old:
        product = POVERTY
    months = 12 if loan.months <= MONTHS_OF_SHORT_BAND else 24
    renewal = tile.lend(
        loan.household,
        product,
        day,
        thousands=loan.principal_fen // FEN_PER_THOUSAND_YUAN,
        months=months,
        kind="renewal",
        parent=loan,
        method=loan.method,
    )
    if old:
        renewal.rate_e8 = loan.rate_e8
    return renewal


def _top_up(tile: Tile, loan: Loan) -> Loan | None:
    """A second loan beside the first, the two together within the household's cap."""
    if loan.product == ASSISTANCE or loan.matures_on - loan.disbursed_on < 330:
        return None
    day = weekday(loan.disbursed_on + 60 + int(tile.rng.random() * 150))
    if day > tile.as_of - 5 or may_sign(loan.household, day) != loan.product:
        return None
    room = (TOP_UP_CAP_FEN[loan.product] - loan.principal_fen) // FEN_PER_THOUSAND_YUAN
    if room < _LEAST_TOP_UP:
        return None
    thousands = min(room, tile.rng.choice((10, 20, 20, 30, 50)))
    return tile.lend(
        loan.household, loan.product, day, thousands=thousands, kind="top_up", parent=loan, live=(loan,)
    )


def make_ordinary(tile: Tile, loan: Loan) -> Loan:
    """Turn the programme loan just made into an ordinary one of the same household, amount and time.

    Raises:
        ValueError: Another loan was made since.
    """
    if tile.loans.pop() is not loan:
        raise ValueError("only the loan just made can be turned into another")
    loan.rate_e8 = tile.rng.choice(_ORDINARY_RATES) * E8_PER_PERCENT // 100
    loan.method, loan.funding, loan.guarantee = "daily_360", "own", "guarantor"
    tile.ordinary.append(loan)
    return loan
