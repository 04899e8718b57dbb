"""Faults of the contract: who borrowed, how much, for how long, at what rate, against what, for what."""

from __future__ import annotations

from bangfu.money.rates import E8_PER_PERCENT
from bangfu.synthetic.book import Event
from bangfu.synthetic.clock import add_months, at
from bangfu.synthetic.faults import scenes
from bangfu.synthetic.people import Listing
from bangfu.synthetic.regimes import (
    ASSISTANCE,
    PILOT_LPR,
    PILOT_TOP_UP,
    POVERTY,
    TRANSITION,
    ceiling_e8,
)
from bangfu.synthetic.rows import rate_text
from bangfu.synthetic.tile import Tile

_HALF_A_POINT = E8_PER_PERCENT // 2
_YEAR = 365
_NEIGHBOUR = "522729"
_NEIGHBOURS_LENDER = "邻县示范农村信用合作联社"
_TINY_RATE = 150 * E8_PER_PERCENT // 100


def no_policy(tile: Tile, _: int) -> None:
    """A contract of a product whose window has closed."""
    loan = scenes.fresh_loan(tile)
    loan.product = TRANSITION
    tile.plant("no_policy_for_place_and_day", loan, "transition contract signed after 2026-02-23")


def series_too_old(tile: Tile, _: int) -> None:
    """A circular that ties the rate to an LPR which is not published yet."""
    day = scenes.day_between(tile, PILOT_LPR)
    loan = tile.lend(scenes.poor(tile, assisted=True), ASSISTANCE, day, thousands=50, months=12)
    tile.plant(
        "rate_series_too_old",
        loan,
        "DEMO2026L ties contracts of this week to an LPR beyond the stored series",
    )


def term_not_set(tile: Tile, _: int) -> None:
    """A contract of the pilot of 2014, whose circular says nothing of rate and subsidy."""
    household = scenes.poor(tile)
    household.listings[0].listed_on = at(2014, 4, 1)
    day = scenes.day_between(tile, (at(2014, 9, 15), at(2014, 11, 20)))
    loan = tile.lend(household, POVERTY, day, thousands=30, months=12)
    loan.claimed = False
    tile.plant("term_not_set", loan, "DEMO2014 sets neither rate.ceiling nor subsidy.payers")


def not_on_roster(tile: Tile, turn: int) -> None:
    """A household that nobody ever listed; an older loan of such a household was subsidised as well."""
    if turn % 3:
        loan = scenes.fresh_loan(tile, scenes.unlisted(tile))
    else:
        loan = scenes.transition_loan(tile, scenes.unlisted(tile))
        tile.plant("subsidised_without_right", loan, "household never listed, yet subsidised")
    tile.plant("not_on_roster", loan, "household never listed")


def category_not_admitted(tile: Tile, turn: int) -> None:
    """A household listed, but not as one of those the product is for."""
    household = scenes.poor(tile) if turn % 2 else scenes.margin(tile)
    loan = scenes.fresh_loan(tile, household)
    tile.plant(
        "category_not_admitted", loan, "listed as out_of_poverty or margin, not as monitored or assisted"
    )


def over_household_cap(tile: Tile, turn: int) -> None:
    """One loan above what a household may owe."""
    if turn % 2:
        loan = scenes.fresh_loan(tile, thousands=120)
        loan.purpose, loan.ceiling_fen = "livestock", None
        tile.plant("over_household_cap", loan, "120,000 yuan where 100,000 is the cap")
        return
    loan = scenes.transition_loan(tile, thousands=60)
    tile.plant("over_household_cap", loan, "60,000 yuan in one new loan where 50,000 is the cap")


def term_too_long(tile: Tile, _: int) -> None:
    """Four years where three are the most."""
    loan = scenes.fresh_loan(tile, months=48)
    tile.plant("term_too_long", loan, "48 months")


def rate_above_ceiling(tile: Tile, turn: int) -> None:
    """Half a point above the LPR or the benchmark of the contract day."""
    loan = scenes.transition_loan(tile) if turn % 3 else scenes.poverty_loan(tile)
    loan.rate_e8 = ceiling_e8(loan.product, loan.contract_on, loan.months) + _HALF_A_POINT
    tile.plant("rate_above_ceiling", loan, "half a point above the index of the contract day")


def rate_changed(tile: Tile, _: int) -> None:
    """The rate is raised inside the contract, after the last settlement."""
    loan = scenes.live_loan(tile)
    loan.extra.append(Event(tile.fresh_day(), "rate_changed", None, rate_text(loan.rate_e8 + _HALF_A_POINT)))
    tile.plant("rate_changed_in_contract", loan, "raised by half a point in the running quarter")


def guarantee_taken(tile: Tile, turn: int) -> None:
    """A guarantee where the programme has none."""
    loan = (scenes.fresh_loan, scenes.transition_loan, scenes.poverty_loan)[turn % 3](tile)
    loan.guarantee = ("guarantor", "mortgage", "pledge", "counter_guarantee")[turn % 4]
    tile.plant("guarantee_taken", loan, f"guarantee {loan.guarantee}")


def borrower_charged(tile: Tile, _: int) -> None:
    """A fee on the day the money went out."""
    loan = scenes.transition_loan(tile)
    loan.extra.append(Event(loan.disbursed_on, "fee_collected", 20_000 + 100 * tile.rng.randint(0, 300)))
    tile.plant("borrower_charged", loan, "fee collected on the day of disbursement")


def purpose_forbidden(tile: Tile, turn: int) -> None:
    """Money borrowed for what is not production."""
    loan = scenes.fresh_loan(tile) if turn % 3 else scenes.transition_loan(tile)
    loan.purpose = ("wedding", "house", "wealth_product", "household_goods")[turn % 4]
    tile.plant("purpose_forbidden", loan, f"purpose {loan.purpose}")


def used_by_enterprise(tile: Tile, turn: int) -> None:
    """The whole loan goes to an enterprise that no other borrower pays."""
    loan = scenes.fresh_loan(tile) if turn % 3 else scenes.transition_loan(tile)
    loan.payees = [
        (
            f"9558{tile.number:03d}{turn:06d}",
            f"示范农业发展有限公司{1000 * tile.number + turn + 1}号",
            "enterprise",
            100,
        )
    ]
    tile.plant("used_by_enterprise", loan, "all of it transferred to an enterprise")


def age_out_of_range(tile: Tile, turn: int) -> None:
    """A borrower of 67 or more, or of 17."""
    household = scenes.poor(tile, assisted=True)
    young = turn % 3 == 2
    born = tile.as_of - (17 * _YEAR + 200 if young else (67 + turn % 5) * _YEAR)
    relation = "child" if young else "parent"
    person = tile.registry.person(relation=relation, born=born, male=True, labour=True)
    household.members.append(person)
    loan = tile.lend(household, ASSISTANCE, tile.fresh_day(), thousands=30, months=12, borrower=person)
    tile.plant("age_out_of_range", loan, "borrower under 18 or over 65 on the day of application")


def no_labour_force(tile: Tile, _: int) -> None:
    """A household in which nobody is able to work."""
    loan = scenes.fresh_loan(tile, scenes.poor(tile, assisted=True, able=False))
    tile.plant("no_labour_force", loan, "nobody able to work")


def borrower_not_in_household(tile: Tile, _: int) -> None:
    """A borrower whom the household does not know."""
    loan = scenes.fresh_loan(tile)
    loan.borrower_id_number, _day = tile.registry.numbers.issue(
        at(1985, 1, 1) + tile.rng.randrange(3000), male=True
    )
    tile.plant("borrower_not_in_household", loan, "borrower is no member of any household")


def several_loans(tile: Tile, turn: int) -> None:
    """A second new loan beside a live one, the two within the cap."""
    household = scenes.poor(tile, assisted=True)
    if turn % 2:
        first = scenes.live_loan(tile, household, thousands=30)
        second = tile.lend(household, ASSISTANCE, tile.fresh_day(), thousands=20, months=12, live=(first,))
    else:
        first = scenes.transition_loan(tile, household, thousands=30, months=24)
        day = scenes.day_between(tile, (first.disbursed_on + 90, first.disbursed_on + 300))
        second = tile.lend(household, TRANSITION, day, thousands=20, months=12, live=(first,))
    tile.plant("several_loans_in_household", second, "a second new loan beside a live one")


def subsidy_undetermined(tile: Tile, _: int) -> None:
    """A loan signed in the neighbouring county, where only the national notice speaks and leaves the share open."""
    loan = scenes.transition_loan(tile)
    loan.area_code = f"{_NEIGHBOUR}100200"
    loan.lender, loan.branch = _NEIGHBOURS_LENDER, "邻县示范信用社"
    tile.plant(
        "subsidy_undetermined", loan, "subsidised, though signed in 522729 where CN2021-1.6 alone speaks"
    )


def subsidy_exceeds_rate(tile: Tile, _: int) -> None:
    """A rate so low that the shares of centre and county pass it."""
    day = scenes.day_between(tile, PILOT_TOP_UP)
    household = scenes.poor(tile, assisted=True)
    for row in household.listings[-2:]:
        if row.category == "assisted":
            row.listed_on = at(2026, 2, 24)
        else:
            row.left_on = at(2026, 2, 24)
    loan = tile.lend(household, ASSISTANCE, day, thousands=50, months=12)
    loan.rate_e8 = _TINY_RATE
    tile.plant(
        "subsidy_exceeds_rate",
        loan,
        "1.50 %: 1.05 points of the centre and 1.00 of DEMO2026P together pass it",
    )


def renewal_too_long(tile: Tile, _: int) -> None:
    """A renewal of thirty months where the county allows twenty-four."""
    household = scenes.poor(tile, assisted=True)
    day = tile.fresh_day()
    parent = tile.lend(household, TRANSITION, add_months(day, -12), thousands=40, months=12)
    loan = tile.lend(
        household, ASSISTANCE, parent.matures_on, thousands=40, months=30, kind="renewal", parent=parent
    )
    tile.plant("renewal_too_long", loan, "30 months where DEMO2026 allows 24")


def renewed_twice(tile: Tile, turn: int) -> None:
    """A renewal of a renewal, or a second extension."""
    if turn % 2:
        day = scenes.day_between(tile, (at(2025, 1, 20), at(2025, 3, 5)))
        loan = tile.lend(scenes.poor(tile), TRANSITION, day, thousands=40, months=12)
        loan.extended = [(loan.matures_on - 20, add_months(loan.matures_on, 6))]
        loan.extended.append((tile.fresh_day(), add_months(loan.matures_on, 12)))
        loan.repay_at_maturity()
        tile.plant(
            "renewed_or_extended_twice", loan, "extended twice, the second time in the running quarter"
        )
        return
    household = scenes.poor(tile)
    day = scenes.day_between(tile, (at(2021, 4, 1), at(2021, 12, 1)))
    loan = tile.lend(household, TRANSITION, day, thousands=30, months=12)
    for _ in range(2):
        day = loan.matures_on
        loan = tile.lend(household, TRANSITION, day, thousands=30, months=12, kind="renewal", parent=loan)
    tile.plant("renewed_or_extended_twice", loan, "the renewal of a renewal")


def extension_too_long(tile: Tile, _: int) -> None:
    """A loan of a year extended by eighteen months."""
    household = scenes.poor(tile)
    day = scenes.day_between(tile, (at(2021, 6, 1), at(2022, 9, 30)))
    loan = tile.lend(household, TRANSITION, day, thousands=40, months=12)
    loan.extended = [(loan.matures_on - 15, add_months(loan.matures_on, 18))]
    loan.repay_at_maturity()
    tile.plant("extension_too_long", loan, "12 months extended by 18")


def wrongly_listed(tile: Tile, _: int) -> None:
    """Struck off as wrongly listed, then lent to and subsidised all the same."""
    struck = at(2017, 10, 1) + tile.rng.randrange(60)
    listed = at(2015, 3, 1) + tile.rng.randrange(400)
    household = scenes.unlisted(tile, Listing("poor", listed, struck, "wrongly_listed"))
    loan = scenes.poverty_loan(tile, household)
    tile.plant("wrongly_listed", loan, "struck off as wrongly listed before the application")
    tile.plant(
        "subsidised_without_right", loan, "GZ2018-2.8.2: no policy for the wrongly listed, yet subsidised"
    )


def subsidised_without_right(tile: Tile, turn: int) -> None:
    """An old loan that went to an enterprise and was subsidised (GZ2018-2.9.1)."""
    loan = scenes.poverty_loan(tile)
    loan.purpose = "crops"
    loan.payees = [
        (
            f"9559{tile.number:03d}{turn:06d}",
            f"示范种养有限公司{1000 * tile.number + turn + 1}号",
            "enterprise",
            100,
        )
    ]
    tile.plant("used_by_enterprise", loan, "all of it transferred to an enterprise in 2018 or 2019")
    tile.plant("subsidised_without_right", loan, "GZ2018-2.9.1: use by an enterprise loses the subsidy")
