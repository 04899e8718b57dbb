"""Every code of the admission rules raised and not raised, with the clause of the loan's own stack, by place."""

from __future__ import annotations

import pytest

LUODIAN, JIAOZUO, NATION, GUIZHOU, HARBIN = (
    "522728100200", "410802001001", "110101001001", "520102001001", "230102001001",
)  # fmt: skip
ASSISTANCE = {
    "product": "assistance",
    "contract_on": "2026-03-10",
    "matures_on": "2027-03-10",
    "applied_on": "2026-03-10",
}
POVERTY = {
    "product": "poverty",
    "contract_on": "2019-03-01",
    "matures_on": "2020-03-01",
    "applied_on": "2019-03-01",
    "rate_e8": 4_350_000,
}

# code; place; category on the roster; the loan's fault; the same made lawful; the clauses cited.
FAULTS = [
    ("category_not_admitted", LUODIAN, "assisted", {}, None, ["LD2021-1.1"]),
    ("category_not_admitted", JIAOZUO, "assisted", {}, None, ["CN2021-1.1"]),
    ("category_not_admitted", NATION, "out_of_poverty", ASSISTANCE, None, ["CN2026-1.1"]),
    ("over_household_cap", LUODIAN, "margin", {"principal_fen": 5_000_001}, {}, ["LD2021-1.2"]),
    ("over_household_cap", JIAOZUO, "margin", {"principal_fen": 5_000_001}, {}, ["CN2021-1.2"]),
    (
        "over_household_cap",
        NATION,
        "monitored",
        ASSISTANCE | {"principal_fen": 10_000_001},
        ASSISTANCE | {"principal_fen": 10_000_000},
        ["CN2026-1.2"],
    ),
    ("over_household_cap", GUIZHOU, "poor", POVERTY | {"principal_fen": 5_000_001}, POVERTY, ["GZ2018-1.2"]),
    (
        "term_too_long",
        LUODIAN,
        "margin",
        {"matures_on": "2025-03-02"},
        {"matures_on": "2025-03-01"},
        ["LD2021-1.3"],
    ),
    (
        "term_too_long",
        JIAOZUO,
        "margin",
        {"matures_on": "2025-03-02"},
        {"matures_on": "2025-03-01"},
        ["CN2021-1.3"],
    ),
    (
        "term_too_long",
        NATION,
        "assisted",
        ASSISTANCE | {"matures_on": "2029-03-11"},
        ASSISTANCE | {"matures_on": "2029-03-10"},
        ["CN2026-1.3"],
    ),
    ("rate_above_ceiling", LUODIAN, "margin", {"rate_e8": 3_700_100}, {"rate_e8": 3_700_000}, ["LD2021-1.4"]),
    ("rate_above_ceiling", JIAOZUO, "margin", {"rate_e8": 3_700_100}, {"rate_e8": 3_700_000}, ["CN2021-1.4"]),
    ("rate_above_ceiling", GUIZHOU, "poor", POVERTY | {"rate_e8": 4_350_100}, POVERTY, ["GZ2018-1.2"]),
    (
        "guarantee_taken",
        LUODIAN,
        "margin",
        {"guarantee": "pledge"},
        {"guarantee": "credit_insurance"},
        ["LD2021-1.5"],
    ),
    (
        "guarantee_taken",
        JIAOZUO,
        "margin",
        {"guarantee": "counter_guarantee"},
        {"guarantee": "government_guarantee"},
        ["CN2021-1.5", "CN2021-3.3"],
    ),
    (
        "guarantee_taken",
        NATION,
        "assisted",
        ASSISTANCE | {"guarantee": "mortgage"},
        ASSISTANCE,
        ["CN2026-1.5"],
    ),
    (
        "guarantee_taken",
        GUIZHOU,
        "poor",
        POVERTY | {"guarantee": "guarantor"},
        POVERTY | {"guarantee": "user_enterprise"},
        ["GZ2018-1.2"],
    ),
    ("purpose_forbidden", LUODIAN, "margin", {"purpose": "wedding"}, {"purpose": "trade"}, ["LD2021-1.8"]),
    ("purpose_forbidden", JIAOZUO, "margin", {"purpose": "house"}, {"purpose": "service"}, ["HA2021-2.3"]),
    ("purpose_forbidden", NATION, "assisted", ASSISTANCE | {"purpose": "debt"}, ASSISTANCE, ["CN2026-1.8"]),
    (
        "purpose_forbidden",
        HARBIN,
        "poor",
        POVERTY | {"purpose": "medical"},
        POVERTY | {"purpose": "livestock"},
        ["HLJ2019-2.1f", "HLJ2019-2.1a"],
    ),
    ("used_by_enterprise", JIAOZUO, "margin", {"purpose": "enterprise"}, {}, ["HA2021-2.3"]),
    (
        "used_by_enterprise",
        HARBIN,
        "poor",
        POVERTY | {"purpose": "enterprise", "contract_on": "2018-01-01", "matures_on": "2019-01-01"},
        POVERTY | {"purpose": "enterprise", "contract_on": "2017-12-31", "matures_on": "2018-12-31"},
        ["HLJ2019-2.1c"],
    ),
    (
        "used_by_enterprise",
        GUIZHOU,
        "poor",
        POVERTY | {"purpose": "enterprise", "contract_on": "2017-07-25", "matures_on": "2018-07-25"},
        POVERTY | {"purpose": "enterprise", "contract_on": "2017-07-24", "matures_on": "2018-07-24"},
        ["GZ2018-2.9.1", "GZ2018-2.9.3"],
    ),
    (
        "age_out_of_range",
        LUODIAN,
        "margin",
        {"borrower_id_number": "522728195803151234", "applied_on": "2024-03-15"},
        {"borrower_id_number": "522728195803151234", "applied_on": "2024-03-14"},
        ["LD2021-1.9"],
    ),
    (
        "borrower_not_in_household",
        JIAOZUO,
        "margin",
        {"borrower_id_number": "522728198001011248"},
        {},
        ["CN2021-1.1"],
    ),
]


@pytest.mark.parametrize(("code", "place", "category", "fault", "lawful", "clauses"), FAULTS)
def test_a_code_is_raised_with_its_clause_and_not_beside_it(
    case_at, code, place, category, fault, lawful, clauses
):
    one = case_at(place, category)
    one.loan(**fault)
    if code == "age_out_of_range":
        one.member(id_number=fault["borrower_id_number"])
    found = one.refusal(code, on="2026-04-01")
    assert found["clauses"] == clauses
    assert found["arose"] == "signing"

    other = case_at(place, category if lawful is not None else _admitted(fault))
    other.loan(**(lawful if lawful is not None else fault))
    other.member(id_number="522728195803151234")
    assert code not in other.codes(on="2026-04-01")


def _admitted(fault):
    return "assisted" if fault.get("product") == "assistance" else "out_of_poverty"


@pytest.mark.parametrize(
    ("place", "category", "loan"),
    [
        (LUODIAN, "out_of_poverty", {}),
        (JIAOZUO, "margin", {}),
        (NATION, "out_of_poverty", {}),
        (NATION, "assisted", ASSISTANCE),
        (GUIZHOU, "poor", POVERTY),
    ],
)
def test_a_lawful_loan_is_admitted(case_at, place, category, loan):
    one = case_at(place, category)
    one.loan(**loan)
    decision = one.decided(on="2026-04-01")
    assert decision["outcome"] == decision["outcome_at_signing"] == "admitted"
    assert decision["refusals"] == []


def test_one_is_out_of_range_only_in_principle(case):
    case.member(id_number="522728195803151234")
    case.loan(borrower_id_number="522728195803151234", applied_on="2024-03-15")
    decision = case.decided()
    assert decision["outcome"] == "needs_exception"
    assert decision["refusals"][0]["facts"]["age"] == 66
    assert decision["refusals"][0]["in_principle"] is True


def test_an_exception_beside_a_refusal_is_refused(case):
    case.member(id_number="522728195803151234")
    case.loan(borrower_id_number="522728195803151234", applied_on="2024-03-15", guarantee="pledge")
    assert case.decided()["outcome"] == "refused"


def test_refusals_stand_in_the_order_of_the_register(case):
    case.loan(purpose="wedding", guarantee="pledge", principal_fen=6_000_000, matures_on="2026-03-01")
    assert case.codes() == ["over_household_cap", "term_too_long", "guarantee_taken", "purpose_forbidden"]
