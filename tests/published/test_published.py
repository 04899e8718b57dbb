"""Published figures of people who never saw this software, reproduced exactly; ``published.csv`` holds the rows.

A test names its row. Rows that cannot be computed stand in NOT_COMPUTED with the reason, rows that are ratios or sums
of a bulletin in ``test_ratios.py``. One test sees to it that no row is left.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.engine.small_facts import HEILONGJIANG, event, facts, loan

from bangfu.engine.interest import interest
from bangfu.engine.subsidy import subsidy
from bangfu.money.days import settlement_period
from bangfu.money.fen import parse_yuan, round_half_up
from bangfu.money.rates import parse_contract_rate, parse_percent
from bangfu.policy import load_book

HERE = Path(__file__).parent
with (HERE / "published.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = {row["id"]: row for row in csv.DictReader(_file)}
RATIOS = (HERE / "test_ratios.py").read_text(encoding="utf-8")

NOT_COMPUTED = {
    "P04b": "the households of its five parts are not among the rows, only their sum",
    "P06b": "the loans' first days are not published, so no day count can be formed",
    "P04c": "the plan states 380万 for amounts that add up to 379.75278万: the total was rounded up by hand",
}
IN_RATIOS = {
    "P03",
    *(f"P14{part}" for part in "abcdefg"),
    *(f"P14-{n:02d}" for n in range(1, 14)),
    "P15a",
    "P15b",
}
IN_TESTS_BELOW = {
    "P01a", "P01b", "P04a", "P06a", "P06c", "W01a", "W01b", "W02a", "W02b", "W03", "W04", "W05", "W06a",
    "W06b", "W10", "W15a", "W15b", "W15c",
}  # fmt: skip


def published_fen(row_id: str) -> int:
    """The row's published amount; one finer than a fen is rounded as money is."""
    return round_half_up(int(Decimal(ROWS[row_id]["published_amount"]) * 100_000), 1000)


def days_on(start: date, days: int) -> date:
    return start + timedelta(days=days)


def bank(row_id: str, **given: Any) -> int:
    """What the row's principal bears at the row's rate, in fen."""
    row = ROWS[row_id]
    asked = {
        "principal_fen": parse_yuan(row["principal_yuan"]),
        "rate_e8": parse_percent(row["rate_percent"]),
    }
    return interest(**(asked | given)).interest_fen


def day(text: str, *, year: int = 2010) -> date:
    """A published day; where the year is not told, any year does, since no 29 February lies between."""
    return date.fromisoformat(text.replace("XXXX", str(year)))


def test_every_row_is_reproduced_or_says_why_not() -> None:
    assert IN_RATIOS | IN_TESTS_BELOW | set(NOT_COMPUTED) == set(ROWS)
    assert len(IN_RATIOS) + len(IN_TESTS_BELOW) + len(NOT_COMPUTED) == len(ROWS)
    mine = Path(__file__).read_text(encoding="utf-8")
    for row_id in IN_TESTS_BELOW:
        assert f"def test_{row_id.lower()}" in mine, row_id
    for row_id in IN_RATIOS:
        assert row_id.lower().replace("-", "") in RATIOS.lower().replace("-", ""), row_id


def test_the_rows_that_cannot_be_computed_are_those_that_say_so() -> None:
    told = {row_id for row_id, row in ROWS.items() if row["note"].startswith(("NOT_TESTABLE", "NO_MATCH"))}
    assert told <= set(NOT_COMPUTED)
    assert all(NOT_COMPUTED.values())


# P01: the inspection of Heilongjiang, 黑金发〔2019〕22号.


def test_p01a_the_excess_of_a_year_on_ten_thousand_yuan() -> None:
    year = {"start": date(2018, 1, 1), "end": date(2019, 1, 1)}
    excess = bank("P01a", **year, method="daily_360") - bank("P01a", **year, method="whole_periods")
    assert excess == published_fen("P01a") == 521


def test_p01b_the_effective_rate() -> None:
    found = interest(
        principal_fen=1_000_000, rate_e8=parse_percent(ROWS["P01b"]["rate_percent"]), start=date(2018, 1, 1),
        end=date(2019, 1, 1), method="daily_360",
    )  # fmt: skip
    assert found.effective_annual_rate_percent == ROWS["P01b"]["published_amount"] == "3.8021"


# P04: Xiping county's plan for 2024.


def test_p04a_a_year_of_1520_households() -> None:
    year = {"start": date(2024, 1, 1), "end": date(2025, 1, 1), "method": "whole_periods"}
    assert bank("P04a", **year) == published_fen("P04a")
    one = interest(principal_fen=parse_yuan("50000"), rate_e8=parse_contract_rate("3.65"), **year)
    assert one.interest_fen * 1520 == published_fen("P04a")


def test_p04c_the_total_of_the_plan_is_rounded_up_and_not_reproduced() -> None:
    parts = parse_yuan(ROWS["P04c"]["recomputed_amount"])
    assert parts != published_fen("P04c")
    assert 0 < published_fen("P04c") - parts < parse_yuan("10000")


# P06: Jingdong county, second quarter of 2020. No table of loans: the bounds of the rates decide.


def test_p06a_lies_within_the_bounds_over_360_and_outside_over_365() -> None:
    opens, closes = settlement_period(year=2020, quarter=2, settlement_day=20, day_counted=True)
    assert (opens, closes) == (date(2020, 3, 21), date(2020, 6, 21))
    assert (closes - opens).days == int(ROWS["P06a"]["days"])
    principal = parse_yuan(ROWS["P06a"]["principal_yuan"])

    def bound(rate: str, method: str) -> int:
        return interest(
            principal_fen=principal, rate_e8=parse_contract_rate(rate), start=opens, end=closes, method=method
        ).interest_fen

    published = published_fen("P06a")
    assert bound("4.35", "daily_360") <= published <= bound("4.75", "daily_360")
    assert bound("4.75", "daily_365") == parse_yuan("4102903.21") < published


def test_p06c_the_total_of_the_notice() -> None:
    assert published_fen("P06a") + published_fen("P06b") == published_fen("P06c")


# W01 to W10: examples of banks and of their examinations.


def test_w01a_the_settlement_day_counted_in() -> None:
    row = ROWS["W01a"]
    days = {"start": day(row["start"]), "end": day(row["end"]), "method": "daily_360"}
    assert bank("W01a", **days, count_last_day=True) == published_fen("W01a")
    assert bank("W01a", **days) == parse_yuan("4213.33")


def test_w01b_from_the_day_after_it_to_the_repayment() -> None:
    row = ROWS["W01b"]
    assert bank("W01b", start=day(row["start"]), end=day(row["end"]), method="daily_360") == published_fen(
        "W01b"
    )


def test_w02a_five_whole_months() -> None:
    row = ROWS["W02a"]
    found = bank("W02a", start=day(row["start"]), end=day(row["end"]), method="whole_periods")
    assert found == published_fen("W02a")


def test_w02b_thirteen_days_overdue_on_principal_and_interest() -> None:
    row = ROWS["W02b"]
    assert bank("W02b", start=day(row["start"]), end=day(row["end"]), method="daily_360") == published_fen(
        "W02b"
    )


def test_w03_the_settlement_day_counted_in() -> None:
    row = ROWS["W03"]
    days = {"start": day(row["start"]), "end": day(row["end"]), "method": "daily_360"}
    assert bank("W03", **days, count_last_day=True) == published_fen("W03")
    assert bank("W03", **days) == parse_yuan("47725.00")


def test_w04_the_settlement_day_not_counted() -> None:
    row = ROWS["W04"]
    days = {"start": day(row["start"]), "end": day(row["end"]), "method": "daily_360"}
    assert bank("W04", **days) == published_fen("W04")
    assert bank("W04", **days, count_last_day=True) == parse_yuan("56.03")


def test_w05_a_year_of_a_small_farm_loan() -> None:
    row = ROWS["W05"]
    year = {"start": day(row["start"]), "end": day(row["end"])}
    assert bank("W05", **year, method="daily_360") == published_fen("W05") == 24_638
    assert bank("W05", **year, method="whole_periods") == parse_yuan("243.00")


def test_w06a_the_penalty_rate_is_the_contract_rate_and_two_fifths() -> None:
    row = ROWS["W06a"]
    assert parse_percent(row["rate_percent"]) * 10 == parse_percent(ROWS["W05"]["rate_percent"]) * 14
    assert bank("W06a", start=day(row["start"]), end=day(row["end"]), method="daily_360") == published_fen(
        "W06a"
    )


def test_w06b_two_rates_are_summed_and_rounded_once() -> None:
    given = loan(
        "A", product="poverty", area_code="522728100201", principal="2500", rate="9.72", contract_on="2018-06-30",
        matures_on="2019-09-11", interest_method="daily_360",
    )  # fmt: skip
    raised = event("A", "2019-06-30", "rate_changed", value_rate_e8=parse_contract_rate("13.608"))
    result = subsidy(facts([given], [raised]), load_book(), start=date(2018, 6, 30), end=date(2019, 9, 11))
    assert result.lines["interest_fen"].to_list() == [published_fen("W06b")]
    apart = published_fen("W05") + published_fen("W06a")
    assert apart == published_fen("W06b") + 1  # rounding each part first gives 315.37


def test_w10_ninety_days_at_the_first_rate() -> None:
    opens = date.fromisoformat(ROWS["W10"]["start"])
    closes = days_on(opens, int(ROWS["W10"]["days"]))
    assert bank("W10", start=opens, end=closes, method="daily_360") == published_fen("W10")


# W15: the programme's own examples.


def test_w15a_a_year_of_fifty_thousand() -> None:
    assert bank(
        "W15a", start=date(2018, 3, 1), end=date(2019, 3, 1), method="whole_periods"
    ) == published_fen("W15a")


def test_w15a_as_the_subsidy_of_a_year_under_heilongjiangs_inspection() -> None:
    given = loan("A", product="poverty", area_code=HEILONGJIANG, rate="4.35", contract_on="2018-06-01",
                 matures_on="2021-06-01")  # fmt: skip
    result = subsidy(facts([given], []), load_book(), start=date(2018, 6, 1), end=date(2019, 6, 1))
    assert result.lines["fiscal_fen"].to_list() == [published_fen("W15a")]


def test_w15b_three_whole_years() -> None:
    assert bank(
        "W15b", start=date(2018, 3, 1), end=date(2021, 3, 1), method="whole_periods"
    ) == published_fen("W15b")


def test_w15c_a_year_of_the_part_that_is_not_subsidised() -> None:
    assert bank(
        "W15c", start=date(2018, 3, 1), end=date(2019, 3, 1), method="whole_periods"
    ) == published_fen("W15c")
