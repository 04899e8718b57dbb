"""The three regimes as the county's lender knew them: windows, terms, rates, what is subsidised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from bangfu.money.days import from_day_number
from bangfu.money.rates import E8_PER_PERCENT
from bangfu.policy import fixing
from bangfu.synthetic.clock import at

FEN_PER_THOUSAND_YUAN = 100_000
MONTHS_OF_SHORT_BAND = 12

POVERTY, TRANSITION, ASSISTANCE = "poverty", "transition", "assistance"
CAP_FEN = {
    POVERTY: 50 * FEN_PER_THOUSAND_YUAN,
    TRANSITION: 50 * FEN_PER_THOUSAND_YUAN,
    ASSISTANCE: 100 * FEN_PER_THOUSAND_YUAN,
}
TOP_UP_CAP_FEN = {POVERTY: 50 * FEN_PER_THOUSAND_YUAN, TRANSITION: 100 * FEN_PER_THOUSAND_YUAN}
SUBSIDISED_FEN = 50 * FEN_PER_THOUSAND_YUAN
CATEGORIES = {
    POVERTY: frozenset({"poor", "out_of_poverty"}),
    TRANSITION: frozenset({"out_of_poverty", "margin"}),
    ASSISTANCE: frozenset({"monitored", "assisted"}),
}

_CENTRAL_SHARE_PERCENT = 70
_CENTRAL_MOST_E8 = 250 * E8_PER_PERCENT // 100
_ASSISTANCE_RATES = (300, 310, 320, 335, 345, 350, 360, 380, 400)  # in 0.01 %
_BELOW = (5, 10, 20, 30)


@dataclass(frozen=True, slots=True)
class Window:
    """The first and last days on which a product's contracts are signed."""

    product: str
    first: int
    last: int


WINDOWS = (
    Window(POVERTY, at(2018, 1, 2), at(2021, 3, 9)),
    Window(TRANSITION, at(2021, 3, 10), at(2025, 12, 31)),
    Window(ASSISTANCE, at(2026, 2, 24), at(2099, 12, 31)),
)
WINDOW = {window.product: window for window in WINDOWS}


def product_on(day: int) -> str | None:
    """The product that is lent on a day; none in the gap of early 2026."""
    for window in WINDOWS:
        if window.first <= day <= window.last:
            return window.product
    return None


# Weeks of demonstration circulars (packs/): what was signed in them is planted, and nothing else is signed.
PILOT_TOP_UP = (at(2026, 3, 2), at(2026, 3, 6))
PILOT_LPR = (at(2026, 4, 13), at(2026, 4, 17))
# The days on which DEMO2020 holds the interest of the older programme to whole periods.
STANDARD_METHOD = (at(2020, 7, 1), at(2021, 3, 9))


def pilot(day: int) -> bool:
    """Whether a day lies in a week that is kept for planted loans."""
    return any(first <= day <= last for first, last in (PILOT_TOP_UP, PILOT_LPR))


def method_is_set(product: str, day: int) -> bool:
    """Whether the county's circular sets how a contract of a day counts its interest."""
    return product == POVERTY and STANDARD_METHOD[0] <= day <= STANDARD_METHOD[1]


@cache
def ceiling_e8(product: str, day: int, months: int) -> int:
    """The highest lawful rate of a contract of so many months; products without one are not asked."""
    index, medium = ("PBOC_1Y", "PBOC_1_5Y") if product == POVERTY else ("LPR_1Y", "LPR_5Y")
    return fixing(index if months <= MONTHS_OF_SHORT_BAND else medium, from_day_number(day)).rate_e8


def lawful_rate_e8(rng: Random, product: str, day: int, months: int) -> int:
    """A rate as the lender sets it: at the ceiling, now and then below, and free in the third regime."""
    if product == ASSISTANCE:
        return rng.choice(_ASSISTANCE_RATES) * E8_PER_PERCENT // 100
    rate = ceiling_e8(product, day, months)
    if product == TRANSITION and rng.random() < 0.15:
        rate -= rng.choice(_BELOW) * E8_PER_PERCENT // 100
    return rate


def subsidy_rate_e8(product: str, rate_e8: int) -> int:
    """What the payers bear: all of it before 2026, then 70 % of the rate, 2.50 points at most."""
    if product != ASSISTANCE:
        return rate_e8
    return min(rate_e8 * _CENTRAL_SHARE_PERCENT // 100, _CENTRAL_MOST_E8)
