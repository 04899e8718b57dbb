"""What no clause covers is refused by name: the gap of 2026, places and days without a policy, terms not set."""

from __future__ import annotations

import pytest

LUODIAN, JIAOZUO, NATION, HARBIN = "522728100200", "410802001001", "110101001001", "230102001001"
GAP = ["CN2021-1.10", "CN2026-5.2"]


@pytest.mark.parametrize("place", [LUODIAN, JIAOZUO, NATION])
def test_a_contract_signed_in_the_gap_runs_on_the_old_terms_with_a_warning(case_at, place):
    one = case_at(place)
    one.loan(contract_on="2026-01-15", matures_on="2027-01-15", rate_e8=3_000_000)
    decision = one.decided(on="2026-04-01")
    assert decision["outcome"] == "admitted"
    assert [(note["name"], note["clauses"]) for note in decision["warnings"]] == [("signed_in_gap", GAP)]


def test_and_is_judged_by_them(case):
    case.loan(contract_on="2026-01-15", matures_on="2027-01-15", rate_e8=3_000_100)
    assert case.refusal("rate_above_ceiling", on="2026-04-01")["clauses"] == ["LD2021-1.4"]


@pytest.mark.parametrize("product", ["transition", "assistance"])
def test_an_application_in_the_gap_is_refused_with_both_clauses(case, product):
    case.loan(contract_on=None, applied_on="2026-01-15", product=product)
    found = case.refusal("no_policy_for_place_and_day", on="2026-01-15")
    assert found["clauses"] == GAP
    assert case.codes(on="2026-01-15") == ["no_policy_for_place_and_day"]


def test_a_gap_contract_renewed_later_has_no_clause(case):
    case.loan(contract_on="2026-01-15", matures_on="2026-07-15", rate_e8=3_000_000)
    case.listed("assisted", "2026-02-01")
    case.repaid("L1", "2026-07-15")
    case.loan("L2", kind="renewal", parent_loan_id="L1", product="assistance", contract_on="2026-07-15",
              matures_on="2027-07-15")  # fmt: skip
    assert case.refusal("no_policy_for_place_and_day", "L2", on="2026-08-01")["clauses"] == ["CN2026-2.3"]


def test_a_renewal_signed_in_the_gap_keeps_the_old_terms(case):
    case.loan(contract_on="2025-01-20", matures_on="2026-01-20", rate_e8=3_100_000)
    case.repaid("L1", "2026-01-20")
    case.loan("L2", kind="renewal", parent_loan_id="L1", contract_on="2026-01-20", matures_on="2027-01-20",
              rate_e8=3_000_000)  # fmt: skip
    assert case.codes("L2", on="2026-04-01") == []


def test_the_old_programme_after_its_end(case_at):
    one = case_at(NATION, "poor")
    one.loan(product="poverty")
    assert one.codes() == ["no_policy_for_place_and_day"]


def test_an_application_for_a_closed_product(case):
    case.loan(contract_on=None, applied_on="2026-03-10", product="transition")
    assert case.codes(on="2026-03-10") == ["no_policy_for_place_and_day"]


def test_a_needed_term_nobody_sets_is_refused(case_at):
    """HLJ2019 names no longest term."""
    one = case_at(HARBIN, "poor")
    one.loan(product="poverty", contract_on="2019-03-01", matures_on="2020-03-01", rate_e8=3_750_000)
    assert one.codes() == ["term_not_set"]
    assert one.refusal("term_not_set")["facts"]["term"] == "term.max_months"


def test_henan_in_the_days_before_its_letter_stands_on_the_nation_alone(case_at):
    one = case_at(JIAOZUO)
    one.loan(contract_on="2021-03-28", matures_on="2022-03-28", rate_e8=3_850_000, purpose="house")
    assert one.refusal("purpose_forbidden")["clauses"] == ["CN2021-1.8"]
    two = case_at(JIAOZUO)
    two.loan(contract_on="2021-03-29", matures_on="2022-03-29", rate_e8=3_850_000, purpose="house")
    assert two.refusal("purpose_forbidden")["clauses"] == ["HA2021-2.3"]


def test_in_luodian_the_old_policy_goes_on_to_the_day_before(case_at):
    one = case_at(LUODIAN, "poor")
    one.loan(product="poverty", contract_on="2021-03-09", matures_on="2022-03-09", rate_e8=4_350_000)
    assert one.codes() == []
    two = case_at(LUODIAN, "poor")
    two.loan(product="poverty", contract_on="2021-03-10", matures_on="2022-03-10", rate_e8=4_350_000)
    assert two.codes() == ["no_policy_for_place_and_day"]


def test_a_loan_longer_than_every_band_has_no_ceiling_and_says_so(case):
    case.loan(matures_on="2027-03-01", rate_e8=9_000_000)
    decision = case.decided()
    assert [refusal["code"] for refusal in decision["refusals"]] == ["term_too_long"]
    assert {"code": "rate_above_ceiling", "missing": "rate.ceiling for this term"} in decision["not_judged"]


def test_another_place_may_be_asked(case):
    case.loan(purpose="house")
    assert case.refusal("purpose_forbidden", place="410802")["clauses"] == ["HA2021-2.3"]
