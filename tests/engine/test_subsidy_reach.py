"""What the engine must reach: the cases that the documents and the inspectors decide, to the fen."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from tests.engine.small_facts import HEILONGJIANG, LUODIAN, event, facts, loan

from bangfu.engine.interest import BadInterest, interest
from bangfu.engine.subsidy import SubsidyResult, subsidy
from bangfu.facts import Facts
from bangfu.policy import load_book

HENAN = "410100100201"  # Zhengzhou: the province's notice without a city's
WINTER = (date(2023, 12, 21), date(2024, 3, 21))
SPRING = (date(2026, 3, 21), date(2026, 6, 21))
SUMMER = (date(2026, 6, 21), date(2026, 9, 21))


def run(case: Facts, period: tuple[date, date]) -> SubsidyResult:
    return subsidy(case, load_book(), start=period[0], end=period[1])


def line(case: Facts, period: tuple[date, date], loan_id: str = "A") -> dict[str, Any]:
    result = run(case, period)
    assert loan_id not in result.refusals["loan_id"].to_list(), result.refusals
    return next(row for row in result.lines.rows(named=True) if row["loan_id"] == loan_id)


def refusals(case: Facts, period: tuple[date, date]) -> list[tuple[str, str, list[str], dict[str, Any]]]:
    found = run(case, period).refusals
    return [(*row[:3], json.loads(row[3])) for row in found.rows()]


# The Heilongjiang case (HLJ2019-2.2): 10,000 yuan at 3.75 % over a year of 365 days.


@pytest.mark.parametrize(
    ("method", "fen", "effective"),
    [("daily_360", 38_021, "3.8021"), ("whole_periods", 37_500, "3.75"), ("daily_365", 37_500, "3.75")],
)
def test_a_year_of_ten_thousand_at_three_and_three_quarters(method: str, fen: int, effective: str) -> None:
    found = interest(
        principal_fen=1_000_000,
        rate_e8=3_750_000,
        start=date(2018, 1, 1),
        end=date(2019, 1, 1),
        method=method,
    )
    assert (found.interest_fen, found.effective_annual_rate_percent) == (fen, effective)
    assert found.days == 365
    assert found.steps[-1].name == "interest_fen"
    assert found.steps[-1].value == fen
    assert all(step.clauses for step in found.steps)


def test_the_overcharge_of_the_inspectors_is_five_yuan_twenty_one() -> None:
    asked = {
        "principal_fen": 1_000_000,
        "rate_e8": 3_750_000,
        "start": date(2018, 1, 1),
        "end": date(2019, 1, 1),
    }
    charged, held = (interest(**asked, method=method) for method in ("daily_360", "whole_periods"))
    assert charged.interest_fen - held.interest_fen == 521


def test_heilongjiang_subsidises_by_whole_years_whatever_the_bank_computes() -> None:
    given = loan(
        "A", product="poverty", area_code=HEILONGJIANG, principal="10000", rate="3.75", contract_on="2018-06-01",
        matures_on="2021-06-01", interest_method="daily_360",
    )  # fmt: skip
    found = line(facts([given], []), (date(2018, 6, 1), date(2019, 6, 1)))
    assert (found["interest_fen"], found["fiscal_fen"], found["borrower_fen"]) == (37_500, 37_500, 0)
    assert "HLJ2019-2.2" in found["clauses"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"method": "daily_364"}, "method_unknown"),
        ({"end": date(2018, 1, 1)}, "period_empty"),
        ({"end": date(2017, 1, 1)}, "period_negative"),
        ({"principal_fen": 0}, "principal_not_positive"),
        ({"rate_e8": -1}, "rate_negative"),
    ],
)
def test_interest_that_cannot_be_computed_is_named(change: dict[str, Any], name: str) -> None:
    asked = {
        "principal_fen": 100, "rate_e8": 0, "start": date(2018, 1, 1), "end": date(2019, 1, 1), "method": "daily_360",
    }  # fmt: skip
    assert interest(**asked).interest_fen == 0
    with pytest.raises(BadInterest) as caught:
        interest(**(asked | change))
    assert caught.value.name == name
    assert isinstance(caught.value, ValueError)


def test_interest_has_no_bound() -> None:
    found = interest(
        principal_fen=10**30,
        rate_e8=3_600_001,
        start=date(2018, 1, 1),
        end=date(2018, 1, 2),
        method="daily_360",
    )
    assert found.interest_fen == (10**30 * 3_600_001 * 2 // (360 * 10**8) + 1) // 2


# Henan (HA2021-2.2c): in full to the end of 2023, nothing determined afterwards.


def test_henan_pays_in_full_to_the_end_of_2023_and_refuses_the_rest() -> None:
    case = facts([loan("A", area_code=HENAN, contract_on="2022-05-01", rate="3.70")], [])
    result = run(case, WINTER)
    found = result.lines.row(0, named=True)
    assert (found["from"], found["to"]) == (date(2023, 12, 21), date(2024, 1, 1))
    assert (found["interest_fen"], found["fiscal_fen"], found["borrower_fen"]) == (5_653, 5_653, 0)  # 11 days
    assert refusals(case, WINTER) == [
        ("A", "subsidy_undetermined", ["HA2021-2.2c"],
         {"term": "subsidy.payers", "policy": "CN2021+HA2021", "from": "2024-01-01", "to": "2024-03-21"})
    ]  # fmt: skip


def test_henan_has_no_line_at_all_once_nothing_is_determined() -> None:
    case = facts([loan("A", area_code=HENAN, contract_on="2022-05-01", rate="3.70")], [])
    assert run(case, (date(2024, 3, 21), date(2024, 6, 21))).lines.is_empty()


# The new notice (CN2026-1.6a): 70 % of the rate, at most 2.50 points.


@pytest.mark.parametrize(
    ("rate", "interest_fen", "central_fen"),
    [("3.00", 38_333, 26_833), ("3.50", 44_722, 31_306), ("3.60", 46_000, 31_944)],
)
def test_the_terms_of_2026(rate: str, interest_fen: int, central_fen: int) -> None:
    new = loan("A", product="assistance", contract_on="2026-03-01", matures_on="2028-03-01", rate=rate)
    found = line(facts([new], []), SPRING)
    assert (found["interest_fen"], found["central_fen"]) == (interest_fen, central_fen)
    assert found["borrower_fen"] == interest_fen - central_fen
    assert "CN2026-1.6a" in found["clauses"]


@pytest.mark.parametrize(
    ("raised", "part"), [(None, 5_000_000), ("80000", 8_000_000), ("120000", 10_000_000)]
)
def test_a_really_large_need_raises_the_subsidised_principal(raised: str | None, part: int) -> None:
    given = {} if raised is None else {"subsidy_ceiling": raised}
    new = loan("A", product="assistance", contract_on="2026-03-01", matures_on="2028-03-01", rate="3.00",
               principal="100000", **given)  # fmt: skip
    found = line(facts([new], []), SPRING)
    assert found["subsidised_part_fen"] == part
    assert found["central_fen"] == (2 * part * 2_100_000 * 92 + 360 * 10**8) // (2 * 360 * 10**8)


def transition(**given: Any) -> dict[str, Any]:
    """A loan of Luodian, 2024-06-01 to 2026-06-01 at 3.45 %."""
    return loan("A", **({"contract_on": "2024-06-01", "matures_on": "2026-06-01", "rate": "3.45"} | given))


def test_a_transition_loan_keeps_its_terms_through_2026() -> None:
    found = line(facts([transition(matures_on="2027-06-01")], []), SUMMER)
    assert (found["policy"], found["interest_fen"], found["county_fen"]) == ("CN2021+LD2021", 44_083, 44_083)
    assert found["borrower_fen"] == 0


def renewal(**given: Any) -> dict[str, Any]:
    """The renewal of that loan on its maturity."""
    terms = {"kind": "renewal", "parent_loan_id": "A", "household_id": "H-A", "contract_on": "2026-06-01",
             "matures_on": "2028-06-01", "rate": "3.45"}  # fmt: skip
    return loan("B", **(terms | given))


def test_renewed_in_2026_it_follows_the_new_notice() -> None:
    case = facts([transition(), renewal()], [event("A", "2026-06-01", "repaid", "50000")])
    found = line(case, SUMMER, "B")
    assert (found["policy"], found["interest_fen"]) == ("CN2026", 44_083)
    assert (found["central_fen"], found["borrower_fen"]) == (30_858, 13_225)
    assert found["subsidised_part_fen"] == 5_000_000


def test_renewed_in_2026_but_extended_before_it_is_refused() -> None:
    repaid = event("A", "2026-06-01", "repaid", "50000")
    longer = event("A", "2025-12-20", "extended", value_on="2026-06-01")
    case = facts([transition(matures_on="2025-12-25"), renewal()], [longer, repaid])
    assert [row[:3] for row in refusals(case, SUMMER)] == [("B", "renewed_or_extended_twice", ["CN2026-2.3"])]


def test_renewed_in_2026_but_renewed_before_it_is_refused() -> None:
    again = renewal(parent_loan_id="B") | {"loan_id": "C"}
    earlier = renewal(contract_on="2025-06-01", matures_on="2026-06-01")
    case = facts(
        [transition(matures_on="2025-06-01"), earlier, again],
        [event("A", "2025-06-01", "repaid", "50000"), event("B", "2026-06-01", "repaid", "50000")],
    )
    assert [row[:3] for row in refusals(case, SUMMER)] == [("C", "renewed_or_extended_twice", ["CN2026-2.3"])]


def test_renewed_before_the_new_notice_it_keeps_the_old_terms() -> None:
    earlier = renewal(contract_on="2025-12-20", matures_on="2027-12-20")
    case = facts(
        [transition(matures_on="2025-12-20"), earlier], [event("A", "2025-12-20", "repaid", "50000")]
    )
    found = line(case, SUMMER, "B")
    assert (found["policy"], found["county_fen"], found["borrower_fen"]) == ("CN2021+LD2021", 44_083, 0)


# An extension granted under the new notice (decision 18): its terms from the old maturity on.


def test_an_extension_of_2026_takes_the_new_terms_from_the_old_maturity_on() -> None:
    case = facts([transition()], [event("A", "2026-05-20", "extended", value_on="2027-06-01")])
    after = line(case, SUMMER)
    assert (after["interest_fen"], after["central_fen"], after["borrower_fen"]) == (44_083, 30_858, 13_225)
    across = line(case, SPRING)  # 72 days by the county in full, 20 days by the centre
    assert (across["interest_fen"], across["county_fen"], across["central_fen"]) == (44_083, 34_500, 6_708)
    assert across["borrower_fen"] == 44_083 - 34_500 - 6_708
    assert {"LD2021-1.6", "CN2026-1.6a"} <= set(across["clauses"])
    assert across["policy"] == "CN2021+LD2021; CN2026"
    assert across["held_back_fen"] == across["subsidy_fen"]  # Luodian collects first, and nothing is in


def test_an_extension_granted_before_the_new_notice_keeps_the_old_terms() -> None:
    case = facts([transition()], [event("A", "2025-12-31", "extended", value_on="2027-06-01")])
    found = line(case, SUMMER)
    assert (found["county_fen"], found["borrower_fen"]) == (44_083, 0)


def test_a_second_extension_under_the_new_notice_is_refused_from_the_second_maturity_on() -> None:
    first = event("A", "2025-12-01", "extended", value_on="2026-06-01")
    second = event("A", "2026-05-20", "extended", value_on="2027-06-01")
    case = facts([transition(matures_on="2025-12-25")], [first, second])
    result = run(case, SPRING)
    found = result.lines.row(0, named=True)
    assert (found["to"], found["county_fen"]) == (date(2026, 6, 1), 34_500)
    assert "renewed_or_extended_twice" in result.refusals["code"].to_list()


# Collect first, subsidise after (LD2021-1.6, decision 33): 80,000 of which 50,000 are subsidised, 92 days.


@pytest.mark.parametrize(
    ("collected", "held_back_fen"),
    [(None, 49_194), ("400.00", 24_194), ("393.56", 24_597), ("787.11", 0), ("787.10", 0), ("900", 0)],
)
def test_what_is_not_collected_holds_its_share_back(collected: str | None, held_back_fen: int) -> None:
    given = loan("A", area_code=LUODIAN, principal="80000", rate="3.85", contract_on="2021-06-21",
                 matures_on="2024-06-21")  # fmt: skip
    events = [] if collected is None else [event("A", "2021-09-21", "interest_collected", collected)]
    found = line(facts([given], events), (date(2021, 6, 21), date(2021, 9, 21)))
    assert (found["interest_fen"], found["subsidy_fen"], found["held_back_fen"]) == (
        78_711,
        49_194,
        held_back_fen,
    )


def test_penalty_and_what_was_refunded_are_not_collected_interest() -> None:
    given = loan("A", principal="80000", rate="3.85", contract_on="2021-06-21", matures_on="2024-06-21")
    events = [
        event("A", "2021-09-20", "interest_collected", "787.11"),
        event("A", "2021-09-21", "penalty_collected", "500"),
        event("A", "2021-09-21", "interest_refunded", "387.11"),
        event("A", "2021-09-22", "interest_collected", "387.11"),  # the day after the period's end
    ]
    found = line(facts([given], events), (date(2021, 6, 21), date(2021, 9, 21)))
    assert found["held_back_fen"] == 24_194


# What the reader only warns of must not cost the payers money.


def test_more_lent_than_signed_is_not_subsidised() -> None:
    given = transition(principal="40000", matures_on="2027-06-01")
    lent = event("A", "2024-06-01", "disbursed", "60000")
    found = line(facts([given], [lent]), SUMMER)
    assert (found["subsidised_part_fen"], found["county_fen"]) == (
        4_000_000,
        35_267,
    )  # of 40,000, the contract's
    more = [event("A", "2026-06-30", "disbursed", "60000"), event("A", "2026-07-10", "repaid", "1000")]
    found = line(facts([given], more), SUMMER)
    assert found["county_fen"] == 31_817  # 40,000 for the 83 days from the disbursement


def test_a_loan_without_a_method_holds_its_part_of_the_ceiling() -> None:
    silent = transition(household_id="H", principal="30000", interest_method=None, matures_on="2027-06-01")
    top_up = loan("B", household_id="H", kind="top_up", principal="40000", contract_on="2025-06-01",
                  matures_on="2027-06-01", rate="3.45")  # fmt: skip
    case = facts([silent, top_up], [])
    assert [row[:2] for row in refusals(case, SUMMER)] == [("A", "term_not_set")]
    result = run(case, SUMMER)
    assert result.lines.select("loan_id", "subsidised_part_fen").rows() == [("B", 2_000_000)]


# Between the two policies (decision 17): what was signed keeps its terms and carries a warning.


def gap_warnings(case: Facts, period: tuple[date, date]) -> list[tuple[str, str, list[str]]]:
    return run(case, period).warnings.select("loan_id", "code", "clauses").rows()


def test_what_was_signed_in_the_gap_runs_on_the_old_terms_with_a_warning() -> None:
    said = ["CN2021-1.10", "CN2026-5.2"]
    new = facts([loan("A", contract_on="2026-01-15", matures_on="2028-01-15", rate="3.00")], [])
    assert line(new, SUMMER)["policy"] == "CN2021+LD2021"
    assert gap_warnings(new, SUMMER) == [("A", "signed_in_gap", said)]
    repaid = event("A", "2026-02-01", "repaid", "50000")
    renewed = renewal(contract_on="2026-02-01", matures_on="2028-02-01")
    case = facts([transition(matures_on="2026-02-01"), renewed], [repaid])
    found = line(case, SUMMER, "B")
    assert (found["policy"], found["county_fen"], found["borrower_fen"]) == ("CN2021+LD2021", 44_083, 0)
    assert gap_warnings(case, SUMMER) == [("B", "signed_in_gap", said)]


def test_an_extension_granted_in_the_gap_keeps_the_old_terms_with_a_warning() -> None:
    case = facts([transition()], [event("A", "2026-02-10", "extended", value_on="2027-06-01")])
    assert line(case, SUMMER)["county_fen"] == 44_083
    assert gap_warnings(case, SUMMER) == [("A", "signed_in_gap", ["CN2021-1.10", "CN2026-5.2"])]


def test_what_was_signed_in_the_gap_is_not_renewed_later() -> None:
    gap = loan("A", contract_on="2026-01-15", matures_on="2026-06-01", rate="3.45")
    case = facts([gap, renewal()], [event("A", "2026-06-01", "repaid", "50000")])
    assert [row[:2] for row in refusals(case, SUMMER)] == [("B", "no_policy_for_place_and_day")]
