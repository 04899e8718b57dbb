"""Fund, compensation, subsidies, payees, ordinary loans: raised and not raised."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.engine.small_facts import HEILONGJIANG, JIAOZUO, LUODIAN, event, facts, loan, paid

from bangfu.engine.audit_context import audit_context
from bangfu.engine.detectors.compensation import compensated_before_grace, recovered_not_returned_in_time
from bangfu.engine.detectors.fund import fund_below_floor, injections
from bangfu.engine.detectors.ordinary import should_have_had_programme_loan
from bangfu.engine.detectors.payees import shared_payee_cluster, used_by_enterprise
from bangfu.engine.detectors.subsidies import subsidised_twice, subsidy_not_returned
from bangfu.policy import load_book

BOOK = load_book()
DAY = date(2025, 12, 31)
BORN_1980 = "522728198001019850"


def context(loans: list, events: list, *, as_of: date = DAY, **tables: Any):
    return audit_context(facts(loans, events, **tables), BOOK, as_of=as_of)


def ids(found: pl.DataFrame) -> list[tuple[str, str]]:
    return found.select("table", "id").rows()


def told(found: pl.DataFrame, row: int = 0) -> dict[str, Any]:
    return json.loads(found["facts"][row])


def entry(kind: str, yuan: int, on: str = "2022-01-05", **given: Any) -> dict[str, Any]:
    return {"area_code": "522728", "on": on, "kind": kind, "amount_fen": yuan * 100, **given}


def _fund(*entries: dict[str, Any], area: str = LUODIAN) -> pl.DataFrame:
    loans = [
        loan("L1", area_code=area, matures_on="2026-05-01"),
        loan("L2", area_code=area, matures_on="2026-05-01"),
    ]
    return fund_below_floor(context(loans, [], fund=list(entries)))


def test_a_fund_of_one_tenth_exactly_is_enough_and_a_fen_less_is_not() -> None:
    enough = [entry("opening", 4_000), entry("injected", 9_000), entry("compensated", 4_000), entry("returned", 500),
              entry("interest", 500)]  # fmt: skip
    assert _fund(*enough).is_empty()
    found = _fund(*enough, entry("compensated", 1) | {"amount_fen": 1})
    assert ids(found) == [("areas", "522728")]
    row = found.row(0, named=True)
    assert (row["amount_fen"], row["clauses"]) == (1, ["LD2021-1.7", "LD2021-5.3"])
    assert (told(found)["fund"], told(found)["balance"], told(found)["floor"]) == (
        "9999.99",
        "100000.00",
        "10.00",
    )


def test_money_that_comes_later_is_not_there_yet() -> None:
    assert not _fund(entry("injected", 20_000, on="2026-01-01")).is_empty()


def test_where_no_document_sets_a_floor_there_is_none() -> None:
    assert _fund(entry("opening", 1), area=JIAOZUO).is_empty()


def test_the_years_injection_is_a_share_of_the_increase() -> None:
    budgets = [{"area_code": "522728", "year": year, "revenue_fen": revenue} for year, revenue in
               ((2022, 1_000_000_00), (2023, 1_200_000_00), (2024, 1_100_000_00))]  # fmt: skip
    given = context([loan("L1")], [], fund=[entry("injected", 4_000, on="2023-06-01")], budgets=budgets)
    shown = (
        injections(given).select("year", "increase_fen", "injection_wanted_fen", "injection_short_fen").rows()
    )
    assert shown == [(2023, 200_000_00, 10_000_00, 6_000_00), (2024, 0, 0, 0)]


def _compensated(on: str, *events: dict[str, Any], **given: Any) -> pl.DataFrame:
    one = loan("L1", contract_on="2022-06-30", matures_on="2023-06-30") | given
    return compensated_before_grace(context([one], [event("L1", on, "compensated", "40000"), *events]))


def test_the_grace_ends_two_months_after_the_day_after_default() -> None:
    assert _compensated("2023-09-01").is_empty()
    found = _compensated("2023-08-31")
    assert ids(found) == [("loans", "L1")]
    assert (found["amount_fen"][0], found["clauses"][0].to_list()) == (
        4_000_000,
        ["LD2021-5.3", "LD2021-1.7"],
    )
    assert (told(found)["first_claim_on"], told(found)["days_too_early"]) == ("2023-09-01", 1)


def test_before_maturity_there_is_no_default() -> None:
    assert ids(_compensated("2023-05-01")) == [("loans", "L1")]


def test_the_grace_runs_from_the_extended_maturity_and_from_a_recall() -> None:
    longer = event("L1", "2023-06-10", "extended", value_on=date(2023, 12, 31))
    assert ids(_compensated("2023-10-01", longer)) == [("loans", "L1")]
    assert _compensated("2024-03-01", longer).is_empty()
    recalled = event("L1", "2023-01-10", "recalled")
    assert _compensated("2023-04-01", recalled).is_empty()


def test_where_no_document_sets_a_grace_nothing_is_too_early() -> None:
    assert _compensated("2023-07-01", area_code=JIAOZUO).is_empty()


def _recovered(
    *events: dict[str, Any], as_of: date = DAY, recovered_on: str = "2023-12-28", **tables: Any
) -> pl.DataFrame:
    one = loan("L1", contract_on="2022-06-30", matures_on="2023-06-30")
    known = [
        event("L1", "2023-09-05", "compensated", "40000"),
        event("L1", "2023-09-20", "written_off", "10000"),
        event("L1", recovered_on, "recovered", "5000"),
        *events,
    ]
    return recovered_not_returned_in_time(context([one], known, as_of=as_of, **tables))


def test_five_working_days_over_new_year() -> None:
    # 28 December 2023 is a Thursday: 29 December, then 2 to 5 January.
    back = event("L1", "2024-01-05", "returned_to_fund", "4000")
    assert _recovered(back).is_empty()
    found = _recovered(event("L1", "2024-01-08", "returned_to_fund", "4000"))
    assert ids(found) == [("loans", "L1")]
    assert (found["amount_fen"][0], told(found)["return_by"], told(found)["goes_back"]) == (
        400_000,
        "2024-01-05",
        "4000.00",
    )


def test_a_part_that_is_missing_and_a_deadline_still_to_come() -> None:
    assert _recovered(event("L1", "2024-01-05", "returned_to_fund", "3999.99"))["amount_fen"].to_list() == [1]
    assert _recovered(as_of=date(2024, 1, 5)).is_empty()
    assert not _recovered(as_of=date(2024, 1, 6)).is_empty()


def test_the_funds_account_may_tell_of_the_return() -> None:
    assert _recovered(fund=[entry("returned", 4_000, on="2024-01-04", loan_id="L1")]).is_empty()


def test_beyond_the_published_calendar_the_deadline_is_a_refusal() -> None:
    given = {"recovered_on": "2099-12-28", "as_of": date(2099, 12, 30)}
    found = _recovered(**given)
    assert found["code"].to_list() == ["calendar_not_published"]
    assert _recovered(event("L1", "2099-12-29", "returned_to_fund", "4000"), **given).is_empty()


def other(start: str, end: str, yuan: int) -> dict[str, Any]:
    return {
        "loan_id": "L1",
        "programme": "县级产业贴息",
        "period_start": start,
        "period_end": end,
        "amount_fen": yuan * 100,
    }


def _twice(*others: dict[str, Any], rows: list | None = None, product: str = "assistance") -> pl.DataFrame:
    one = loan("L1", product=product, contract_on="2026-03-02", matures_on="2027-03-02", rate="3.00")
    rows = rows or [paid("L1", "2026-03-21", "2026-06-21", "270", rate_claimed_e8=2_100_000)]
    return subsidised_twice(
        context([one], [], as_of=date(2026, 12, 31), subsidies=rows, other_subsidies=list(others))
    )


def test_another_subsidy_for_the_same_days_is_flagged_for_coordination() -> None:
    found = _twice(other("2026-06-01", "2026-07-01", 30))
    assert ids(found) == [("loans", "L1")]
    assert (found["amount_fen"][0], found["clauses"][0].to_list()) == (2_000, ["CN2026-1.6d"])
    shown = told(found)
    assert (shown["overlap_from"], shown["overlap_to"], shown["overlap_days"], shown["treatment"]) == (
        "2026-06-01",
        "2026-06-21",
        20,
        "flag",
    )


def test_another_subsidy_for_other_days_is_none() -> None:
    assert _twice(other("2026-06-21", "2026-09-21", 30)).is_empty()


def test_the_same_days_paid_twice_over() -> None:
    rows = [paid("L1", "2026-03-21", "2026-06-21", "270", rate_claimed_e8=2_100_000)] * 2
    assert _twice(rows=rows)["amount_fen"].to_list() == [27_000]
    unknown = [paid("L1", "2026-03-21", "2026-06-21", "270")] * 2
    assert ids(_twice(rows=unknown)) == [("loans", "L1")]


def test_two_payers_rows_for_the_same_days_are_no_second_subsidy() -> None:
    rows = [
        paid("L1", "2026-03-21", "2026-06-21", "270", rate_claimed_e8=2_100_000),
        paid("L1", "2026-03-21", "2026-06-21", "100", rate_claimed_e8=800_000),
    ]
    assert _twice(rows=rows).is_empty()


INTEREST = "1825"  # 50,000 at 3.65 % for 360 days


def _kept(*events: dict[str, Any], paid_to: str = "lender", method: str = "daily_360") -> pl.DataFrame:
    one = loan("L1", contract_on="2022-01-01", matures_on="2023-01-01", rate="3.65", interest_method=method)
    rows = [paid("L1", "2022-01-01", "2022-12-27", INTEREST, paid_on="2023-02-01", paid_to=paid_to)]
    return subsidy_not_returned(context([one], list(events), subsidies=rows))


COLLECTED = event("L1", "2022-12-20", "interest_collected", INTEREST)


def test_collected_paid_and_not_passed_back() -> None:
    found = _kept(COLLECTED)
    assert ids(found) == [("loans", "L1")]
    row = found.row(0, named=True)
    assert (row["amount_fen"], row["clauses"]) == (182_500, ["HLJ2019-2.4"])
    assert _kept(COLLECTED, method="whole_periods").height == 1


@pytest.mark.parametrize(
    ("events", "paid_to"),
    [
        ([COLLECTED, event("L1", "2023-02-03", "subsidy_returned", INTEREST)], "lender"),
        ([COLLECTED], "borrower"),
        ([], "lender"),
    ],
)
def test_passed_back_paid_to_the_borrower_or_never_collected(events: list, paid_to: str) -> None:
    assert _kept(*events, paid_to=paid_to).is_empty()


def test_a_part_passed_back_leaves_the_rest() -> None:
    found = _kept(COLLECTED, event("L1", "2023-02-03", "subsidy_returned", "1000"))
    assert found["amount_fen"].to_list() == [82_500]


def transfer(
    loan_id: str, account: str, yuan: int, kind: str = "enterprise", name: str | None = None
) -> dict[str, Any]:
    return {"loan_id": loan_id, "on": "2022-05-03", "amount_fen": yuan * 100, "to_account": account,
            "to_name": name or f"N{account}", "to_kind": kind}  # fmt: skip


def _moved(*transfers: dict[str, Any], loans: int = 12, **given: Any):
    return context([loan(f"L{n}") | given for n in range(loans)], [], transfers=list(transfers))


def test_a_whole_loan_that_went_to_an_enterprise() -> None:
    found = used_by_enterprise(_moved(transfer("L1", "A", 40_000), transfer("L2", "A", 39_999)))
    assert ids(found) == [("loans", "L1")]
    row = found.row(0, named=True)
    assert (row["amount_fen"], row["clauses"][-1]) == (4_000_000, "HLJ2019-2.1c")
    assert "LD2021-1.8" in row["clauses"]
    shown = told(found)
    assert (shown["share_percent"], shown["treatment"], shown["least_share_percent"]) == (80, "forbidden", 80)


def test_an_enterprise_with_two_accounts_is_one_payee() -> None:
    found = used_by_enterprise(
        _moved(transfer("L1", "A", 20_000, name="甲公司"), transfer("L1", "B", 20_000, name="甲公司"))
    )
    assert ids(found) == [("loans", "L1")]


def test_any_money_in_a_financing_vehicle_counts() -> None:
    assert ids(used_by_enterprise(_moved(transfer("L1", "A", 1, "government_vehicle")))) == [("loans", "L1")]


def test_a_machine_bought_at_once_and_money_to_a_person_do_not() -> None:
    assert used_by_enterprise(_moved(transfer("L1", "A", 50_000), purpose="equipment")).is_empty()
    assert used_by_enterprise(_moved(transfer("L1", "A", 50_000, "person"))).is_empty()


def test_before_the_ban_the_treatment_is_the_ledger() -> None:
    given = {
        "product": "poverty",
        "area_code": LUODIAN,
        "contract_on": "2017-07-24",
        "matures_on": "2020-07-24",
    }
    found = used_by_enterprise(_moved(transfer("L1", "A", 50_000), **given))
    assert told(found)["treatment"] == "ledger"
    after = used_by_enterprise(_moved(transfer("L1", "A", 50_000), **{**given, "contract_on": "2017-07-25"}))
    assert told(after)["treatment"] == "forbidden"


def test_three_households_whose_loans_went_whole_to_one_account() -> None:
    found = shared_payee_cluster(_moved(*(transfer(f"L{n}", "A", 45_000, "person") for n in range(3))))
    assert ids(found) == [("loans", "L0"), ("loans", "L1"), ("loans", "L2")]
    shown = told(found)
    assert (shown["cluster"], shown["households"], shown["payees"], shown["gathered"]) == (
        1,
        3,
        1,
        "135000.00",
    )
    assert found["clauses"][0][0] == "HLJ2019-2.1c"


def test_payees_that_share_a_household_are_one_cluster() -> None:
    loans = [loan(f"L{n}", household_id=f"H{n % 5}") for n in range(6)]
    moved = [transfer(f"L{n}", "A" if n < 3 else "B", 45_000, "person") for n in range(6)]
    found = shared_payee_cluster(context(loans, [], transfers=moved))
    assert {json.loads(row)["cluster"] for row in found["facts"]} == {1}
    assert told(found)["payees"] == 2


def test_two_households_and_a_shop_with_many_customers_are_none() -> None:
    assert shared_payee_cluster(
        _moved(*(transfer(f"L{n}", "A", 45_000, "person") for n in range(2)))
    ).is_empty()
    shop = [transfer(f"L{n}", "S", 45_000 if n < 3 else 8_000) for n in range(10)]
    assert shared_payee_cluster(_moved(*shop)).is_empty()


ROSTER = {"household_id": "H-O1", "category": "out_of_poverty", "listed_on": "2020-01-01"}
HOME = {"household_id": "H-O1", "area_code": LUODIAN, "labour_count": 2}


def _ordinary(
    *, loans: list | None = None, home: dict | None = None, listed: dict | None = None, **given: Any
) -> pl.DataFrame:
    one = loan("O1", product="ordinary", rate="8.40", contract_on="2022-05-01", matures_on="2023-04-26",
               borrower_id_number=BORN_1980) | given  # fmt: skip
    return should_have_had_programme_loan(
        context(loans or [], [], ordinary_loans=[one], households=[HOME | (home or {})],
                roster=[ROSTER | (listed or {})], members=[])
    )  # fmt: skip


def test_the_difference_of_an_ordinary_loan_is_shown() -> None:
    found = _ordinary()
    assert ids(found) == [("ordinary_loans", "O1")]
    row = found.row(0, named=True)
    # 50,000 × (8.40 − 3.70) % × 360 ÷ 360: the 1-year LPR on 1 May 2022 was 3.70 %.
    assert (row["amount_fen"], row["clauses"]) == (235_000, ["HLJ2019-2.3"])
    shown = told(found)
    assert (shown["product"], shown["programme_rate"], shown["difference"]) == ("transition", "3.70", "4.70")


def test_only_the_part_up_to_the_cap_counts() -> None:
    assert _ordinary(principal_fen=10_000_000)["amount_fen"].to_list() == [235_000]


@pytest.mark.parametrize(
    "given",
    [
        {"rate_e8": 3_700_000},
        {"purpose": "house"},
        {"matures_on": "2025-05-02"},
        {"contract_on": "2026-01-15", "matures_on": "2027-01-15"},
        {"borrower_id_number": "522728195001019850"},
        {"borrower_id_number": None},
        {"home": {"labour_count": 0}},
        {"listed": {"left_on": "2022-01-01"}},
        {"listed": {"left_on": "2023-01-01", "left_reason": "wrongly_listed"}},
        {"listed": {"category": "poor"}},
        {"listed": {"listed_on": "2022-05-02"}},
        {"loans": [loan("L1", household_id="H-O1", contract_on="2022-01-05")]},
        {"loans": [loan("L1", household_id="H-X")], "parent_loan_id": "L1"},
    ],
)
def test_who_did_not_meet_the_conditions_should_not_have_had_one(given: dict[str, Any]) -> None:
    assert _ordinary(**given).is_empty()


def test_heilongjiangs_programme_rate_is_local_data_and_so_nothing_is_shown() -> None:
    found = _ordinary(home={"area_code": HEILONGJIANG}, area_code=HEILONGJIANG, contract_on="2019-06-10",
                      matures_on="2020-06-10", listed={"category": "poor", "listed_on": "2018-01-01"})  # fmt: skip
    assert found.is_empty()
