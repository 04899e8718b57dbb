"""Once in a family across products; the length of renewals and extensions; the change of regime."""

from __future__ import annotations

import pytest

LUODIAN, JIAOZUO, NATION, GUIZHOU = "522728100200", "410802001001", "110101001001", "520102001001"
OLD = {"product": "poverty", "contract_on": "2018-06-01", "matures_on": "2019-06-01", "rate_e8": 4_350_000}


def renewal(case, loan_id, parent, since, until, **more):
    case.repaid(parent, since)
    return case.loan(
        loan_id, kind="renewal", parent_loan_id=parent, contract_on=since, matures_on=until, **more
    )


def extended(case, on, until, loan_id="L1"):
    case.event(loan_id, on, "extended", value_on=until)


def test_one_renewal_is_lawful(case):
    case.loan()
    renewal(case, "L2", "L1", "2023-03-01", "2024-03-01", rate_e8=3_650_000)
    assert case.codes("L2") == []


def test_the_renewal_of_a_renewal_is_not(case):
    case.loan()
    renewal(case, "L2", "L1", "2023-03-01", "2024-03-01", rate_e8=3_650_000)
    renewal(case, "L3", "L2", "2024-03-01", "2025-03-01", rate_e8=3_450_000)
    assert (case.codes("L1"), case.codes("L2")) == ([], [])
    found = case.refusal("renewed_or_extended_twice", "L3")
    assert found["clauses"] == ["LD2021-4.0"]
    assert found["facts"] == {
        "act": "renewal",
        "act_on": "2024-03-01",
        "nth": 2,
        "first_act": "renewal",
        "first_act_on": "2023-03-01",
    }
    assert case.decided("L3")["outcome_at_signing"] == "refused"


def test_extended_twice(case):
    case.loan()
    extended(case, "2023-02-20", "2023-06-01")
    assert case.codes() == []
    extended(case, "2023-05-20", "2023-09-01")
    assert case.codes() == ["renewed_or_extended_twice"]
    assert case.decided()["outcome_at_signing"] == "admitted"


def test_renewed_and_then_extended(case):
    case.loan()
    renewal(case, "L2", "L1", "2023-03-01", "2024-03-01", rate_e8=3_650_000)
    extended(case, "2024-02-20", "2024-06-01", "L2")
    assert case.codes("L2") == ["renewed_or_extended_twice"]


def test_a_household_that_has_repaid_begins_a_new_family(case):
    case.loan()
    renewal(case, "L2", "L1", "2023-03-01", "2024-03-01", rate_e8=3_650_000)
    case.repaid("L2", "2024-03-01")
    case.loan("L3", contract_on="2024-03-05", matures_on="2025-03-05", rate_e8=3_450_000)
    case.repaid("L3", "2025-03-05")
    renewal(case, "L4", "L3", "2025-03-05", "2026-03-05", rate_e8=3_100_000)
    assert case.codes("L4", on="2025-06-30") == []


def test_in_henan_the_national_notice_is_cited(case_at):
    one = case_at(JIAOZUO)
    one.loan()
    extended(one, "2023-02-20", "2023-06-01")
    extended(one, "2023-05-20", "2023-09-01")
    assert one.refusal("renewed_or_extended_twice")["clauses"] == ["CN2021-2.2"]


def old_family(case, *, twice_in_transition):
    case.loan("L0", **OLD)
    renewal(case, "L1", "L0", "2019-06-01", "2022-06-01", product="poverty", rate_e8=4_350_000)
    renewal(case, "L2", "L1", "2022-06-01", "2023-06-01", product="poverty", rate_e8=4_350_000)
    if twice_in_transition:
        renewal(case, "L3", "L2", "2023-06-01", "2024-06-01", product="poverty", rate_e8=4_350_000)


def test_an_old_loan_renewed_before_2021_needs_an_exception(case):
    """CN2021-2.2 says "also once" and does not ask about the past; the text is open, so a person decides."""
    old_family(case, twice_in_transition=False)
    decision = case.decided("L2")
    assert decision["outcome"] == "needs_exception"
    assert [refusal["code"] for refusal in decision["refusals"]] == ["renewed_or_extended_twice"]
    assert decision["refusals"][0]["clauses"] == ["LD2021-4.0"]
    assert case.codes("L1") == []


def test_twice_in_the_transition_is_refused(case):
    old_family(case, twice_in_transition=True)
    assert case.decided("L3")["outcome"] == "refused"


@pytest.mark.parametrize(("before", "outcome"), [(False, "admitted"), (True, "refused")])
def test_a_transition_loan_renewed_in_2026_follows_cn2026_only_if_never_before(case_at, before, outcome):
    one = case_at(NATION)
    one.listed("assisted", "2026-01-01")
    one.loan(contract_on="2024-03-15", matures_on="2026-03-15", rate_e8=3_450_000)
    if before:
        extended(one, "2025-12-20", "2026-03-20")
    renewal(one, "L2", "L1", "2026-03-15", "2027-03-15", product="assistance", rate_e8=9_000_000)
    decision = one.decided("L2", on="2026-04-01")
    assert decision["outcome"] == outcome
    if before:
        assert [refusal["code"] for refusal in decision["refusals"]] == ["renewed_or_extended_twice"]
        assert decision["refusals"][0]["clauses"] == ["CN2026-2.3"]
    else:
        assert decision["policy"].startswith("CN2026")


def test_the_new_conditions_are_asked_again(case_at):
    """CN2026-2.3: it must meet the conditions of the new notice."""
    one = case_at(NATION)
    one.loan(contract_on="2024-03-15", matures_on="2026-03-15", rate_e8=3_450_000)
    renewal(one, "L2", "L1", "2026-03-15", "2027-03-15", product="assistance")
    assert one.refusal("category_not_admitted", "L2", on="2026-04-01")["clauses"] == ["CN2026-1.1"]


def test_a_poverty_loan_extended_in_2026_has_no_clause(case):
    case.loan("L1", product="poverty", contract_on="2020-06-01", matures_on="2023-06-01", rate_e8=4_750_000)
    extended(case, "2026-03-10", "2026-09-01")
    found = case.refusal("no_policy_for_place_and_day", on="2026-04-01")
    assert found["clauses"] == ["CN2026-2.3"]


@pytest.mark.parametrize(("until", "raised"), [("2026-03-01", False), ("2026-03-02", True)])
def test_a_renewal_of_three_years_and_a_day_needs_an_exception_in_luodian(case, until, raised):
    case.loan()
    renewal(case, "L2", "L1", "2023-03-01", until, rate_e8=4_300_000)
    decision = case.decided("L2")
    assert decision["outcome"] == ("needs_exception" if raised else "admitted")
    if raised:
        assert [one["code"] for one in decision["refusals"]] == ["renewal_too_long"]
        assert decision["refusals"][0]["clauses"] == ["LD2021-4.1"]


def test_elsewhere_a_renewal_has_the_term_of_any_contract(case_at):
    one = case_at(JIAOZUO)
    one.loan()
    renewal(one, "L2", "L1", "2023-03-01", "2026-03-02", rate_e8=4_300_000)
    assert one.refusal("term_too_long", "L2")["clauses"] == ["CN2021-1.3"]


@pytest.mark.parametrize(
    ("matures", "until", "raised"),
    [
        ("2023-03-01", "2024-03-01", False),
        ("2023-03-01", "2024-03-02", True),
        ("2025-03-01", "2026-09-01", False),
        ("2025-03-01", "2026-09-02", True),
    ],
)
def test_an_extension_is_as_long_as_a_short_loan_and_half_as_long_as_a_longer_one(
    case, matures, until, raised
):
    case.loan(matures_on=matures, rate_e8=3_700_000)
    extended(case, "2023-02-20", until)
    assert ("extension_too_long" in case.codes()) is raised
    if raised:
        found = case.refusal("extension_too_long")
        assert (found["clauses"], found["arose"]) == (["LD2021-4.1"], "later")
        assert found["facts"]["latest_extended_end_on"] == (
            "2024-03-01" if matures < "2024" else "2026-09-01"
        )


def test_where_no_document_limits_it_an_extension_may_be_long(case_at):
    one = case_at(JIAOZUO)
    one.loan()
    extended(one, "2023-02-20", "2026-03-01")
    assert one.codes() == []


def test_an_extension_does_not_count_into_the_three_years(case):
    case.loan(matures_on="2025-03-01", rate_e8=4_600_000)
    extended(case, "2025-02-20", "2026-03-01")
    assert case.codes(on="2025-06-30") == []


def test_an_application_for_a_renewal_is_judged_on_the_day(case):
    case.loan()
    asked = {
        "contract_on": None,
        "applied_on": "2023-02-20",
        "matures_on": "2026-03-02",
        "rate_e8": 4_300_000,
    }
    case.loan("A1", kind="renewal", parent_loan_id="L1", **asked)
    decision = case.decided("A1", on="2023-03-01")
    assert decision["application"] is True
    assert [one["code"] for one in decision["refusals"]] == ["renewal_too_long"]
