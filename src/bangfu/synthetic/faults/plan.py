"""Which faults are planted, how many of each, and which codes no file of this county can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bangfu.synthetic.faults import areas, contracts, money, people
from bangfu.synthetic.tile import Tile

LEAST = 3
LOANS_A_FAULT = 1_000

# Of each code the function that plants one; its second argument tells the turns apart.
SINGLE: Mapping[str, Callable[[Tile, int], None]] = {
    "no_policy_for_place_and_day": contracts.no_policy,
    "rate_series_too_old": contracts.series_too_old,
    "term_not_set": contracts.term_not_set,
    "not_on_roster": contracts.not_on_roster,
    "wrongly_listed": contracts.wrongly_listed,
    "category_not_admitted": contracts.category_not_admitted,
    "over_household_cap": contracts.over_household_cap,
    "term_too_long": contracts.term_too_long,
    "rate_above_ceiling": contracts.rate_above_ceiling,
    "rate_changed_in_contract": contracts.rate_changed,
    "guarantee_taken": contracts.guarantee_taken,
    "borrower_charged": contracts.borrower_charged,
    "purpose_forbidden": contracts.purpose_forbidden,
    "used_by_enterprise": contracts.used_by_enterprise,
    "age_out_of_range": contracts.age_out_of_range,
    "no_labour_force": contracts.no_labour_force,
    "borrower_not_in_household": contracts.borrower_not_in_household,
    "several_loans_in_household": contracts.several_loans,
    "renewed_or_extended_twice": contracts.renewed_twice,
    "extension_too_long": contracts.extension_too_long,
    "renewal_too_long": contracts.renewal_too_long,
    "interest_overcharged": money.interest_overcharged,
    "interest_undercharged": money.interest_undercharged,
    "subsidy_overclaimed": money.subsidy_overclaimed,
    "subsidy_underpaid": money.subsidy_underpaid,
    "subsidy_not_returned": money.subsidy_not_returned,
    "subsidised_twice": money.subsidised_twice,
    "subsidised_without_right": contracts.subsidised_without_right,
    "subsidy_undetermined": contracts.subsidy_undetermined,
    "subsidy_exceeds_rate": contracts.subsidy_exceeds_rate,
    "should_have_had_programme_loan": money.should_have_had,
    "insurance_gap": people.insurance_gap,
    "insurance_claim_unpaid": people.insurance_claim_unpaid,
    "reminder_missed": people.reminder_missed,
    "compensated_before_grace": money.compensated_before_grace,
    "recovered_not_returned_in_time": money.recovered_not_returned,
    "duplicate_identity": people.duplicate_identity,
    "bad_id_number": people.bad_id_number,
}
# Of each code the function that plants a whole village or branch; its second argument is the loans of the tile.
WHOLE: Mapping[str, Callable[[Tile, int], None]] = {
    "lent_while_suspended": areas.lent_while_suspended,
    "overdue_outlier": areas.overdue_outlier,
    "household_count_anomaly": areas.household_count_anomaly,
    "lends_to_everyone": areas.lends_to_everyone,
}
CLUSTERS: Mapping[str, Callable[[Tile, int], None]] = {"shared_payee_cluster": people.shared_payee}
OF_THE_COUNTY = ("fund_below_floor",)

NOT_PLANTABLE: Mapping[str, str] = {
    "calendar_not_published": "the calendar covers every working day up to the day of the audit; a deadline beyond "
    "the last published year lies in the future, and what has not happened yet is not in the files",
}


def plant_all(tile: Tile, loans: int) -> None:
    """Plant every fault in a tile that will have so many loans."""
    turns = max(LEAST, loans // LOANS_A_FAULT)
    for plant in SINGLE.values():
        for turn in range(turns):
            plant(tile, turn)
    for plant in WHOLE.values():
        plant(tile, loans)
    for plant in CLUSTERS.values():
        for turn in range(max(1, turns // 8)):
            plant(tile, turn)
