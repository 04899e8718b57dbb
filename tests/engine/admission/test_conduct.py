"""Fees and use after the signing."""

from __future__ import annotations

import pytest

NATION, JIAOZUO, GUIZHOU = "110101001001", "410802001001", "520102001001"
ASSISTANCE = {"product": "assistance", "contract_on": "2026-03-10", "matures_on": "2027-03-10"}
POVERTY = {"product": "poverty", "matures_on": "2020-03-01", "rate_e8": 4_350_000}


@pytest.mark.parametrize(("place", "clause"), [("522728100200", "CN2021-3.3"), (JIAOZUO, "HA2021-2.3")])
def test_a_fee_on_the_borrower_with_what_is_to_be_refunded(case_at, place, clause):
    one = case_at(place)
    one.loan()
    one.event("L1", "2022-03-02", "fee_collected", amount_fen=12_000)
    one.event("L1", "2022-09-02", "fee_collected", amount_fen=1)
    found = one.refusal("borrower_charged")
    assert (found["clauses"], found["amount_fen"], found["arose"]) == ([clause], 12_001, "later")
    assert found["facts"] == {"fees": "120.01", "first_fee_on": "2022-03-02"}


def test_under_cn2026_it_is_observed_without_a_clause(case_at):
    one = case_at(NATION, "assisted")
    one.loan(**ASSISTANCE)
    one.event("L1", "2026-03-11", "fee_collected", amount_fen=12_000)
    decision = one.decided(on="2026-04-01")
    assert decision["refusals"] == []
    assert [(note["name"], note["clauses"]) for note in decision["warnings"]] == [("charge_observed", [])]


def transfer(case, amount_fen, kind, on="2022-03-05"):
    case.add(
        "transfers",
        loan_id="L1",
        on=on,
        amount_fen=amount_fen,
        to_account="1",
        to_name="某公司",
        to_kind=kind,
    )


@pytest.mark.parametrize(
    ("amount_fen", "kind", "purpose", "raised"),
    [
        (5_000_000, "enterprise", "crops", True),
        (4_000_000, "enterprise", "crops", True),
        (3_999_999, "enterprise", "crops", False),
        (5_000_000, "enterprise", "equipment", False),
        (5_000_000, "person", "crops", False),
        (1, "government_vehicle", "crops", True),
    ],
)
def test_the_money_was_handed_over(case, amount_fen, kind, purpose, raised):
    case.loan(purpose=purpose)
    transfer(case, amount_fen, kind)
    assert ("used_by_enterprise" in case.codes()) is raised
    if raised:
        found = case.refusal("used_by_enterprise")
        assert (found["clauses"], found["arose"]) == (["LD2021-1.8", "LD2021-3.4"], "later")


def test_a_day_before_the_cut_off_it_goes_on_the_ledger(case_at):
    one = case_at(GUIZHOU, "poor")
    one.loan(**POVERTY | {"contract_on": "2017-07-24", "matures_on": "2018-07-24"})
    transfer(one, 5_000_000, "enterprise", "2017-07-26")
    decision = one.decided()
    assert decision["refusals"] == []
    note = decision["warnings"][0]
    assert (note["name"], note["clauses"]) == ("enterprise_ledger", ["GZ2018-2.9.1"])
    assert note["facts"]["to_enterprises"] == "50000.00"


def test_without_transfers_use_by_them_is_not_run(case):
    case.loan()
    case.missing.add("transfers")
    assert {"table": "transfers", "codes": ["used_by_enterprise"]} in case.check().as_json()["not_run"]
