"""The household's cap over all its live programme loans, top-ups, and one loan at a time."""

from __future__ import annotations

import pytest

JIAOZUO, NATION = "410802001001", "110101001001"
SECOND = {"contract_on": "2022-06-01", "matures_on": "2023-06-01", "principal_fen": 2_000_000}


def test_a_second_new_loan_beside_a_live_one(case):
    case.loan(principal_fen=3_000_000)
    case.loan("L2", **SECOND)
    assert case.codes("L1") == []
    assert case.codes("L2") == ["several_loans_in_household"]
    found = case.refusal("several_loans_in_household", "L2")
    assert found["clauses"] == ["LD2021-1.1", "LD2021-2.2b"]
    assert found["facts"]["live_loan_balances"] == "L1 30000.00"


def test_paid_off_on_the_signing_day_it_may_borrow_again(case):
    case.loan()
    case.repaid("L1", "2022-06-01")
    case.loan("L2", **SECOND)
    assert case.codes("L2") == []


def test_paid_off_a_day_later_it_is_still_alive(case):
    case.loan(principal_fen=3_000_000)
    case.repaid("L1", "2022-06-02", 3_000_000)
    case.loan("L2", **SECOND)
    assert case.codes("L2") == ["several_loans_in_household"]


@pytest.mark.parametrize(("principal_fen", "raised"), [(8_000_000, False), (8_000_001, True)])
def test_a_top_up_to_the_raised_cap_and_a_fen_over(case, principal_fen, raised):
    case.loan()
    case.repaid("L1", "2022-05-01", 3_000_000)
    case.loan("L2", **SECOND | {"kind": "top_up", "parent_loan_id": "L1", "principal_fen": principal_fen})
    assert ("over_household_cap" in case.codes("L2")) is raised
    if raised:
        found = case.refusal("over_household_cap", "L2")
        assert found["clauses"] == ["LD2021-3.6"]
        assert (
            found["facts"] | {"cap": "100000.00", "outstanding": "20000.00", "over_cap": "0.01"}
            == found["facts"]
        )


def test_in_henan_the_top_up_rests_on_the_national_notice(case_at):
    one = case_at(JIAOZUO)
    one.loan()
    one.loan("L2", **SECOND | {"kind": "top_up", "parent_loan_id": "L1", "principal_fen": 5_000_001})
    assert one.refusal("over_household_cap", "L2")["clauses"] == ["CN2021-2.3"]


def test_a_top_up_without_a_live_loan_has_the_ordinary_cap(case):
    case.loan()
    case.repaid("L1", "2022-05-01")
    case.loan("L2", **SECOND | {"kind": "top_up", "parent_loan_id": "L1", "principal_fen": 6_000_000})
    assert case.refusal("over_household_cap", "L2")["clauses"] == ["LD2021-1.2"]


def test_all_products_count_together(case):
    case.loan("L0", product="poverty", contract_on="2020-06-01", matures_on="2023-06-01", rate_e8=4_750_000)
    case.loan("L1", kind="top_up", parent_loan_id="L0", principal_fen=5_000_001)
    found = case.refusal("over_household_cap")
    assert found["facts"]["household_total"] == "100000.01"


def test_a_renewal_does_not_count_beside_its_parent(case):
    case.loan()
    case.loan("L2", kind="renewal", parent_loan_id="L1", contract_on="2023-03-01", matures_on="2024-03-01",
              rate_e8=3_650_000)  # fmt: skip
    case.repaid("L1", "2023-03-02")
    assert case.codes("L2") == []


def test_a_parent_taken_over_is_not_counted_beside_a_later_loan_either(case):
    case.loan()
    case.loan("L2", kind="renewal", parent_loan_id="L1", contract_on="2023-03-01", matures_on="2024-03-01",
              rate_e8=3_650_000)  # fmt: skip
    case.repaid("L1", "2023-03-10")
    case.loan("L3", kind="top_up", parent_loan_id="L2", contract_on="2023-03-05", matures_on="2024-03-05",
              rate_e8=3_650_000)  # fmt: skip
    assert case.codes("L3") == []


def test_a_renewal_without_its_parent_is_a_loan_like_any_other(case):
    case.loan(principal_fen=3_000_000)
    case.loan("L2", **SECOND | {"kind": "renewal"})
    assert "several_loans_in_household" in case.codes("L2")


def test_signed_and_paid_out_later_counts_from_the_signing(case):
    case.loan(pay_out=False)
    case.event("L1", "2022-06-05", "disbursed", amount_fen=5_000_000)
    case.loan("L2", **SECOND)
    assert case.codes("L2") == ["over_household_cap", "several_loans_in_household"]


def test_signed_and_never_paid_out_does_not_count(case):
    case.loan(pay_out=False)
    case.loan("L2", **SECOND)
    assert case.codes("L2") == []


def test_but_it_does_for_an_application_while_it_may_still_be_paid_out(case):
    case.loan(pay_out=False)
    case.loan("A1", contract_on=None, applied_on="2022-03-10", matures_on=None, rate_e8=None)
    assert "several_loans_in_household" in case.codes("A1", on="2022-03-10")


def test_two_on_one_day_count_in_the_order_of_their_ids(case):
    case.loan("L1", principal_fen=3_000_000)
    case.loan("L2", principal_fen=3_000_000)
    assert case.codes("L1") == []
    assert case.codes("L2") == ["over_household_cap", "several_loans_in_household"]


def test_another_household_does_not_count(case):
    case.loan()
    case.add("households", household_id="H2", area_code=case.place, head_name="乙", labour_count=1)
    case.add("roster", household_id="H2", category="margin", listed_on="2020-01-01")
    case.member(household_id="H2", id_number="522728198001011248")
    case.loan("L2", household_id="H2", borrower_id_number="522728198001011248")
    assert case.codes("L2") == []


def test_a_write_off_takes_the_loan_out_of_the_household(case):
    case.loan()
    case.event("L1", "2022-05-01", "written_off", amount_fen=5_000_000)
    case.loan("L2", **SECOND)
    assert case.codes("L2") == []


def test_heilongjiang_does_not_forbid_a_second_loan_within_the_cap(case_at):
    one = case_at("230102001001", "poor")
    old = {
        "product": "poverty",
        "rate_e8": 3_750_000,
        "contract_on": "2019-03-01",
        "matures_on": "2020-03-01",
    }
    one.loan(**old | {"principal_fen": 3_000_000})
    one.loan("L2", **old | {"contract_on": "2019-06-01", "principal_fen": 2_000_000})
    assert "several_loans_in_household" not in one.codes("L2")
    assert "over_household_cap" not in one.codes("L2")
