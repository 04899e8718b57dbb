"""Faults of money: interest, subsidies, compensation, and ordinary loans that should have been others."""

from __future__ import annotations

from bangfu.money.rates import E8_PER_PERCENT, E8_PER_SMALLEST_RATE
from bangfu.synthetic.book import Loan
from bangfu.synthetic.careers import make_ordinary
from bangfu.synthetic.delinquency import compensate, recover, working
from bangfu.synthetic.faults import scenes
from bangfu.synthetic.regimes import (
    FEN_PER_THOUSAND_YUAN,
    POVERTY,
    STANDARD_METHOD,
)
from bangfu.synthetic.tile import Elsewhere, Tile

_THIRD_OF_A_POINT = 30 * E8_PER_PERCENT // 100
_HALF_A_POINT = E8_PER_PERCENT // 2


def interest_overcharged(tile: Tile, turn: int) -> None:
    """Counted by days where whole periods were agreed or ordered, or at a higher rate."""
    if turn % 3 == 0:
        loan = scenes.transition_loan(tile, months=24, method="whole_periods")
        loan.charge_method = "daily_360"
        tile.plant("interest_overcharged", loan, "whole periods agreed, collected by days over 360")
    elif turn % 3 == 1:
        loan = scenes.transition_loan(tile)
        loan.charge_rate_e8 = loan.rate_e8 + _THIRD_OF_A_POINT
        tile.plant("interest_overcharged", loan, "collected at 0.30 points above the contract's rate")
    else:
        day = scenes.day_between(tile, (STANDARD_METHOD[0] + 20, STANDARD_METHOD[1] - 20))
        loan = tile.lend(scenes.poor(tile), POVERTY, day, thousands=50, months=12, method="daily_360")
        loan.claim_method = "whole_periods"
        tile.plant("interest_overcharged", loan, "by days over 360 where DEMO2020 holds to whole periods")


def interest_undercharged(tile: Tile, _: int) -> None:
    """Collected below the contract's rate, while the subsidy was paid for the whole."""
    loan = scenes.poverty_loan(tile)
    loan.charge_rate_e8 = loan.rate_e8 - _HALF_A_POINT
    tile.plant("interest_undercharged", loan, "collected at half a point below the contract's rate")


def subsidy_overclaimed(tile: Tile, turn: int) -> None:
    """Claimed at a higher rate than the loan has, or at what a daily rate makes of it in a year (HLJ2019-2.2)."""
    if turn % 2:
        loan = scenes.poverty_loan(tile, method="whole_periods")
        smallest = E8_PER_SMALLEST_RATE
        loan.claim_rate_e8 = loan.rate_e8 * 365 // 360 // smallest * smallest + smallest
        tile.plant("subsidy_overclaimed", loan, "claimed at the rate times 365/360, whole periods agreed")
        return
    loan = scenes.transition_loan(tile)
    loan.claim_rate_e8 = loan.rate_e8 + _THIRD_OF_A_POINT
    tile.plant("subsidy_overclaimed", loan, "claimed at 0.30 points above the contract's rate")


def subsidy_underpaid(tile: Tile, turn: int) -> None:
    """A quarter that was left out, or every quarter at too low a rate."""
    loan = scenes.transition_loan(tile) if turn % 2 else scenes.poverty_loan(tile)
    if turn % 3:
        loan.unclaimed = frozenset({2})
        tile.plant("subsidy_underpaid", loan, "the third quarter was never paid")
        return
    loan.claim_rate_e8 = loan.rate_e8 - _HALF_A_POINT
    tile.plant("subsidy_underpaid", loan, "paid at half a point below the contract's rate")


def subsidy_not_returned(tile: Tile, turn: int) -> None:
    """Paid to the lender, which collected the interest and passed nothing on."""
    loan = scenes.transition_loan(tile) if turn % 2 else scenes.poverty_loan(tile)
    loan.paid_to, loan.passed_on = "lender", False
    tile.plant("subsidy_not_returned", loan, "paid to the lender, never passed on")


def subsidised_twice(tile: Tile, _: int) -> None:
    """Another programme subsidises the same days."""
    loan = scenes.assistance_loan(tile)
    start, end = loan.disbursed_on, tile.last_quarter[1]
    tile.elsewhere.append(Elsewhere(loan, "县级产业贷款贴息（示范）", start, end, 12_000))
    tile.plant("subsidised_twice", loan, "another fiscal subsidy for the same days")


def compensated_before_grace(tile: Tile, _: int) -> None:
    """The fund paid three weeks after the loan fell due."""
    loan = _fallen_due(tile)
    day = working(loan.matures_on + 20)
    compensate(loan, day, write_off_on=day + 30)
    tile.plant("compensated_before_grace", loan, "compensated three weeks after default")


def recovered_not_returned(tile: Tile, turn: int) -> None:
    """Recovered after compensation, and put into the fund's account weeks later."""
    loan = _fallen_due(tile)
    day = working(loan.matures_on + 80)
    compensate(loan, day, write_off_on=day + 5)
    recovered_on = working(day + 100)
    recover(loan, recovered_on, 10 * FEN_PER_THOUSAND_YUAN, returned_on=working(recovered_on + 30))
    if turn % 2:
        loan.extra = [event for event in loan.extra if event.kind != "returned_to_fund"]
    tile.plant(
        "recovered_not_returned_in_time", loan, "never put back" if turn % 2 else "put back a month later"
    )


def _fallen_due(tile: Tile) -> Loan:
    """A loan of the transition that was not repaid; it is settled before it would count as bad."""
    return scenes.transition_loan(tile, thousands=20)


def should_have_had(tile: Tile, turn: int) -> None:
    """A listed household that qualifies, left on an ordinary loan at an ordinary rate."""
    household = scenes.poor(tile)
    loan = make_ordinary(tile, scenes.transition_loan(tile, household, thousands=30))
    tile.plant_ordinary(
        "should_have_had_programme_loan", loan, "listed and qualified, yet on an ordinary loan"
    )
    loan.purpose = ("livestock", "crops")[turn % 2]
