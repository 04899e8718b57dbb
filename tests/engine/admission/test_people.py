"""Roster, labour and membership on the application day."""

from __future__ import annotations

import pytest

LUODIAN, JIAOZUO, GUIZHOU = "522728100200", "410802001001", "520102001001"
POVERTY = {
    "product": "poverty",
    "contract_on": "2019-03-01",
    "matures_on": "2020-03-01",
    "rate_e8": 4_350_000,
}


def relisted(case, *rows):
    case.rows["roster"].clear()
    for row in rows:
        case.listed(*row)
    return case


def test_a_household_never_listed(case):
    relisted(case).loan()
    assert case.refusal("not_on_roster")["clauses"] == ["LD2021-1.1"]


@pytest.mark.parametrize(
    ("since", "until", "raised"),
    [
        ("2022-03-01", None, False),
        ("2022-03-02", None, True),
        ("2020-01-01", "2022-03-01", True),
        ("2020-01-01", "2022-03-02", False),
    ],
)
def test_the_day_of_listing_is_in_and_the_day_of_leaving_out(case, since, until, raised):
    relisted(case, ("margin", since, until, "no_longer_at_risk" if until else None)).loan()
    assert ("not_on_roster" in case.codes()) is raised


def test_the_application_day_counts_not_the_contract_day(case):
    relisted(case, ("margin", "2022-02-20", "2022-02-25", "no_longer_at_risk")).loan(applied_on="2022-02-24")
    assert case.codes() == []


def test_a_margin_household_that_leaves_later_keeps_its_loan(case):
    """LD2021-3.7, CN2026-4.2: nothing reaches back to a running loan."""
    relisted(case, ("margin", "2021-01-01", "2022-09-01", "no_longer_at_risk")).loan()
    decision = case.decided()
    assert (decision["refusals"], decision["warnings"]) == ([], [])


def test_wrongly_listed_takes_the_place_of_not_on_roster(case_at):
    one = relisted(case_at(GUIZHOU), ("poor", "2015-01-01", "2017-12-01", "wrongly_listed"))
    one.loan(**POVERTY)
    assert one.codes() == ["wrongly_listed"]
    assert one.refusal("wrongly_listed")["clauses"] == ["GZ2018-2.8.2", "GZ2018-1.1"]


def test_struck_off_after_the_signing_is_no_refusal_but_a_note(case_at):
    one = relisted(case_at(GUIZHOU), ("poor", "2015-01-01", "2019-06-01", "wrongly_listed"))
    one.loan(**POVERTY)
    decision = one.decided(on="2019-12-31")
    assert decision["refusals"] == []
    note = next(note for note in decision["warnings"] if note["name"] == "recall_or_convert")
    assert note["clauses"] == ["GZ2018-2.8.2"]


def test_a_graduated_household_is_one_out_of_poverty(case):
    relisted(case, ("poor", "2015-01-01", "2019-12-31", "graduated")).loan()
    assert case.codes() == []


def test_until_it_is_struck_off(case):
    relisted(
        case,
        ("poor", "2015-01-01", "2019-12-31", "graduated"),
        ("margin", "2020-01-01", "2021-12-31", "bad_faith"),
    ).loan()
    assert case.codes() == ["not_on_roster"]


def test_an_own_row_out_of_poverty_speaks_for_itself(case):
    relisted(
        case,
        ("poor", "2015-01-01", "2019-12-31", "graduated"),
        ("out_of_poverty", "2019-12-31", "2021-12-31", "moved"),
    ).loan()
    assert case.codes() == ["not_on_roster"]


def test_bad_faith_after_signing_is_noted_with_its_clause(case):
    relisted(case, ("margin", "2021-01-01", "2022-09-01", "bad_faith")).loan()
    note = case.decided()["warnings"][0]
    assert (note["name"], note["clauses"]) == ("recall_or_convert", ["LD2021-5.4"])


def test_leaving_without_a_reason_is_reported_as_incomplete(case):
    relisted(case, ("margin", "2021-01-01", "2022-09-01", None)).loan()
    assert [note["name"] for note in case.decided()["warnings"]] == ["left_without_reason"]


def test_a_settled_loan_is_not_recalled(case):
    relisted(case, ("margin", "2021-01-01", "2022-09-01", "bad_faith")).loan()
    case.repaid("L1", "2022-08-01")
    assert case.decided()["warnings"] == []


def test_no_roster_no_answer(case):
    relisted(case).loan()
    case.missing.add("roster")
    result = case.check()
    assert result.as_json()["decisions"][0]["refusals"] == []
    assert "not_on_roster" in result.as_json()["not_run"][0]["codes"]


@pytest.mark.parametrize(
    ("count", "able", "deceased_on", "raised"),
    [
        (2, True, None, False),
        (0, False, None, True),
        (None, False, None, True),
        (None, None, None, False),
        (None, True, "2022-02-28", True),
        (None, True, "2022-03-01", True),
        (None, True, "2022-03-02", False),
    ],
)
def test_nobody_able_to_work(case, count, able, deceased_on, raised):
    case.rows["households"][0]["labour_count"] = count
    case.rows["members"][0] |= {"labour": able, "deceased_on": deceased_on}
    case.loan()
    assert ("no_labour_force" in case.codes()) is raised


def test_a_second_able_member_is_enough(case):
    case.rows["households"][0]["labour_count"] = None
    case.rows["members"][0]["labour"] = False
    case.member(id_number="522728198001011248", labour=True)
    case.loan()
    assert case.codes() == []


def test_no_labour_force_cites_the_inspection_in_heilongjiang(case_at):
    one = case_at("230102001001", "poor")
    one.rows["households"][0]["labour_count"] = 0
    one.loan(**POVERTY)
    assert one.refusal("no_labour_force")["clauses"] == ["HLJ2019-2.1a", "HLJ2019-2.1b"]


def test_the_old_form_of_a_number_is_the_same_person(case):
    case.rows["members"][0]["id_number"] = "522728800101123"
    case.loan(borrower_id_number="52272819800101123X")
    assert case.codes() == []


def test_a_wrong_check_digit_is_another_number(case):
    case.loan(borrower_id_number="522728198001011239")
    assert case.codes() == ["borrower_not_in_household"]


def test_another_households_member_is_a_stranger(case):
    case.add("households", household_id="H2", area_code=LUODIAN, head_name="乙", labour_count=1)
    case.member(household_id="H2", id_number="522728198001011248")
    case.loan(borrower_id_number="522728198001011248")
    found = case.refusal("borrower_not_in_household")
    assert found["facts"] == {"household_id": "H1", "borrower": "5227************48"}


def test_without_members_it_is_not_run(case):
    case.rows["members"].clear()
    case.missing.add("members")
    case.loan()
    result = case.check().as_json()
    assert result["decisions"][0]["refusals"] == []
    assert {"table": "members", "codes": ["borrower_not_in_household"]} in result["not_run"]


def test_an_unreadable_number_gives_no_age_and_says_so(case):
    case.loan(borrower_id_number=None)
    decision = case.decided()
    assert decision["outcome"] == "admitted"
    assert {"code": "age_out_of_range", "missing": "borrower_id_number"} in decision["not_judged"]


@pytest.mark.parametrize(("on", "raised"), [("2022-02-28", False), ("2022-03-01", True)])
def test_born_on_29_february_one_turns_66_on_1_march(case, on, raised):
    case.member(id_number="522728195602291234")
    case.loan(borrower_id_number="522728195602291234", applied_on=on)
    assert ("age_out_of_range" in case.codes()) is raised


def test_without_an_application_day_the_contract_day_counts_and_the_decision_says_so(case):
    case.loan(applied_on=None)
    assert [note["name"] for note in case.decided()["warnings"]] == ["aged_on_contract_day"]
