"""Interest and subsidies of unplanted loans, recomputed day by day from the rows alone."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from bangfu.money.days import days_of_whole_periods
from bangfu.money.fen import round_half_up
from bangfu.synthetic import County, build

SETTLES = (3, 6, 9, 12)
YEAR_E8 = 360 * 100_000_000


@pytest.fixture(scope="module")
def made() -> County:
    return build(900, 21)


def opened_on(day: date) -> date:
    """The first day of the settlement quarter that holds a day."""
    while not (day.day == 21 and day.month in SETTLES):
        day -= timedelta(days=1)
    return day


def weight(day: date, disbursed: date, method: str) -> int:
    """What one more day adds: one day, or what the whole periods grow by."""
    if method == "daily_360":
        return 1
    after = days_of_whole_periods(disbursed, day + timedelta(days=1))
    return after - days_of_whole_periods(disbursed, day)


def numerators(loan: dict, moved: list[tuple[date, int]], until: date) -> dict[date, int]:
    """Balance times days of each quarter, one day after the other."""
    found: dict[date, int] = {}
    disbursed = moved[0][0]
    day = disbursed
    while day < until:
        balance = sum(delta for on, delta in moved if on <= day)
        quarter = opened_on(day)
        found[quarter] = found.get(quarter, 0) + balance * weight(day, disbursed, loan["interest_method"])
        day += timedelta(days=1)
    return found


def test_interest_and_subsidy_of_a_sample_are_right_to_the_fen(made):
    planted = set(made.planted.filter(pl.col("table") == "loans")["id"])
    sample = [row for row in made.tables["loans"].iter_rows(named=True) if row["loan_id"] not in planted][
        ::23
    ]
    assert len(sample) > 20
    events = made.tables["events"].partition_by("loan_id", as_dict=True)
    subsidies = made.tables["subsidies"].partition_by("loan_id", as_dict=True)
    signs = {"disbursed": 1, "repaid": -1, "compensated": -1, "written_off": -1}
    for loan in sample:
        rows = events[(loan["loan_id"],)].sort("on", maintain_order=True).rows(named=True)
        moved = [(row["on"], signs[row["kind"]] * row["amount_fen"]) for row in rows if row["kind"] in signs]
        until = max([loan["matures_on"], *(row["value_on"] for row in rows if row["kind"] == "extended")])
        due = {
            quarter: round_half_up(number * loan["rate_e8"], YEAR_E8)
            for quarter, number in numerators(loan, moved, min(until, made.as_of + timedelta(days=1))).items()
        }
        taken: dict[date, int] = {}
        for row in rows:
            if row["kind"] == "interest_collected":
                quarter = opened_on(row["on"])
                taken[quarter] = taken.get(quarter, 0) + row["amount_fen"]
        closed = {quarter: fen for quarter, fen in due.items() if quarter in taken and fen}
        assert taken == closed, loan
        if loan["product"] != "assistance" and loan["kind"] != "top_up":
            paid = subsidies[(loan["loan_id"],)]
            given = dict(zip(paid["period_start"], paid["amount_fen"], strict=True))
            assert given == {quarter: fen for quarter, fen in closed.items() if quarter in given}


def test_the_centre_pays_seventy_percent_and_two_and_a_half_points_at_most(made):
    loans = made.tables["loans"].filter(pl.col("product") == "assistance").select("loan_id", "rate_e8")
    paid = made.tables["subsidies"].join(loans, on="loan_id")
    most = pl.min_horizontal(pl.col("rate_e8") * 70 // 100, pl.lit(2_500_000))
    assert paid.height > 10
    assert paid.select((pl.col("rate_claimed_e8") == most).all()).item()


def test_what_the_lender_got_is_passed_on_unless_planted(made):
    planted = made.planted.filter(pl.col("code") == "subsidy_not_returned")["id"]
    lender = (
        made.tables["subsidies"]
        .filter(pl.col("paid_to") == "lender")
        .group_by("loan_id")
        .agg(pl.col("amount_fen").sum())
    )
    back = (
        made.tables["events"]
        .filter(pl.col("kind") == "subsidy_returned")
        .group_by("loan_id")
        .agg(pl.col("amount_fen").sum())
    )
    told = lender.join(back, on="loan_id", how="left", suffix="_back")
    kept = told.filter(pl.col("amount_fen_back").is_null())
    assert set(kept["loan_id"]) == set(planted)
    whole = told.drop_nulls()
    assert (whole["amount_fen"] == whole["amount_fen_back"]).all()
