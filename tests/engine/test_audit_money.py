"""Interest charged and subsidies paid, held against what was due: each code raised and not raised."""

from __future__ import annotations

import json
from datetime import date

import pytest
from tests.engine.small_facts import HEILONGJIANG, JIAOZUO, event, facts, loan, paid

from bangfu.engine.audit import audit
from bangfu.policy import load_book

MONEY = {
    "interest_overcharged", "interest_undercharged", "subsidy_overclaimed", "subsidy_underpaid",
    "subsidised_without_right", "subsidy_undetermined", "subsidy_exceeds_rate",
}  # fmt: skip
OLD = {"product": "poverty", "area_code": HEILONGJIANG, "principal": "10000", "rate": "3.75"}
YEAR = {"contract_on": "2018-01-01", "matures_on": "2019-01-01"}


def found(case, as_of="2024-03-21"):
    """The money findings of an audit: code, loan, amount."""
    result = audit(case, load_book(), as_of=date.fromisoformat(as_of))
    rows = result.findings.rows(named=True)
    return [(row["code"], row["id"], row["amount_fen"]) for row in rows if row["code"] in MONEY]


def facts_of(case, code, as_of="2024-03-21"):
    """The facts of the first finding of a code."""
    result = audit(case, load_book(), as_of=date.fromisoformat(as_of))
    return json.loads(next(row["facts"] for row in result.findings.rows(named=True) if row["code"] == code))


def heilongjiang(collected, claimed=None):
    """The case of HLJ2019-2.2: 10,000 yuan at 3.75 % for the year 2018."""
    events = [
        event("A", "2019-01-01", "interest_collected", collected),
        event("A", "2019-01-01", "repaid", "10000"),
    ]
    tables = {"subsidies": [paid("A", "2018-01-01", "2019-01-01", claimed)]} if claimed else {}
    return facts([loan("A", **OLD, **YEAR)], events, **tables)


def test_the_heilongjiang_overcharge():
    case = heilongjiang("380.21")
    assert found(case) == [("interest_overcharged", "A", 521)]
    told = facts_of(case, "interest_overcharged")
    assert (told["due"], told["whole_periods"], told["daily_360"]) == ("375.00", "375.00", "380.21")
    assert (told["held_to"], told["effective_annual_rate"]) == ("whole_periods", "3.8021")
    assert (told["refund_to_borrower"], told["refund_to_payer"]) == ("5.21", "0.00")


def test_an_overcharge_that_the_payer_bore_is_refunded_to_the_payer_once():
    case = heilongjiang("380.21", claimed="380.21")
    assert found(case) == [("interest_overcharged", "A", 521), ("subsidy_overclaimed", "A", 521)]
    told = facts_of(case, "interest_overcharged")
    assert (told["refund_to_borrower"], told["refund_to_payer"]) == ("0.00", "5.21")


def test_interest_by_whole_years_is_no_finding():
    assert found(heilongjiang("375.00", claimed="375.00")) == []


def test_a_fen_of_the_banks_rounding_is_no_finding():
    assert found(heilongjiang("375.01", claimed="375.01")) == []


def test_where_no_standard_is_set_the_loans_own_method_holds():
    terms = {"contract_on": "2022-05-01", "matures_on": "2023-05-01", "rate": "3.70"}
    events = [
        event("A", "2023-05-01", "interest_collected", "1875.69"),
        event("A", "2023-05-01", "repaid", "50000"),
    ]
    assert [code for code, *_ in found(facts([loan("A", **terms)], events))] == []
    whole = loan("A", **terms, interest_method="whole_periods")
    assert found(facts([whole], events)) == [("interest_overcharged", "A", 2_569)]


def test_a_settled_loan_that_paid_too_little():
    assert found(heilongjiang("370.00")) == [("interest_undercharged", "A", 500)]


def test_arrears_are_no_undercharge():
    events = [
        event("A", "2022-06-21", "interest_collected", "315.21"),
        event("A", "2023-06-21", "interest_collected", "100"),
    ]
    codes = [code for code, *_ in found(facts([loan("A")], events, subsidies=[]))]
    assert "interest_undercharged" not in codes


@pytest.mark.parametrize(
    ("day", "taken"), [("2022-06-20", "315.21"), ("2022-06-20", "309.03"), ("2022-06-21", "315.21")]
)
def test_both_habits_of_the_settlement_day_are_right(day, taken):
    # From 2022-05-01: 51 days to the 21st = 315.21, 50 days to the 20th = 309.03.
    case = facts([loan("A")], [event("A", day, "interest_collected", taken)])
    assert found(case, as_of="2022-07-31") == []


def quarter(*rows, **given):
    """A Luodian loan whose interest of the first quarter of 2024 is in, with subsidy rows of that quarter."""
    begun = {"contract_on": "2023-12-21", "matures_on": "2025-12-21", **given}
    events = [event("A", "2024-03-20", "interest_collected", "562.43")]
    return facts([loan("A", **begun)], events, subsidies=[paid("A", *row) for row in rows])


def test_a_subsidy_paid_in_full_is_no_finding():
    assert found(quarter(("2023-12-21", "2024-03-21", "562.43"))) == []


def test_overclaimed_and_underpaid_to_the_fen():
    assert found(quarter(("2023-12-21", "2024-03-21", "570.00"))) == [("subsidy_overclaimed", "A", 757)]
    assert found(quarter(("2023-12-21", "2024-03-21", "500.00"))) == [("subsidy_underpaid", "A", 6_243)]


def test_a_closed_quarter_without_a_row_is_underpaid():
    assert found(quarter()) == [("subsidy_underpaid", "A", 56_243)]
    assert found(quarter(), as_of="2024-03-20") == []


def test_a_quarter_whose_interest_is_not_in_is_not_due():
    case = facts([loan("A", contract_on="2023-12-21", matures_on="2025-12-21")], [], subsidies=[])
    assert found(case) == []


def test_a_row_over_its_own_odd_period():
    assert (
        found(
            quarter(
                ("2024-01-01", "2024-03-01", "370.83"),
                ("2023-12-21", "2024-01-01", "67.99"),
                ("2024-03-01", "2024-03-21", "123.61"),
            )
        )
        == []
    )


def test_two_payers_rows_of_one_period_are_one_claim():
    assert (
        found(quarter(("2023-12-21", "2024-03-21", "400.00"), ("2023-12-21", "2024-03-21", "162.43"))) == []
    )


def test_a_subsidy_for_days_nobody_fixed():
    case = facts(
        [loan("A", area_code=JIAOZUO)],
        [],
        subsidies=[paid("A", "2023-12-21", "2024-03-21", "562.43")],
    )
    codes = {code for code, *_ in found(case)}
    assert "subsidy_undetermined" in codes
    assert "subsidy_undetermined" not in {code for code, *_ in found(case, as_of="2023-12-31")}


def test_a_subsidy_for_a_household_that_is_not_on_the_roster():
    rows = [paid("A", "2023-12-21", "2024-03-21", "562.43")]
    listed = [{"household_id": "H-A", "category": "out_of_poverty", "listed_on": "2015-01-01"}]
    events = [event("A", "2024-03-20", "interest_collected", "562.43")]
    terms = {"contract_on": "2023-12-21", "matures_on": "2025-12-21"}
    other = [{**listed[0], "household_id": "H-other"}]
    off = facts([loan("A", **terms)], events, subsidies=rows, roster=other)
    assert ("subsidised_without_right", "A", 56_243) in found(off)
    on = facts([loan("A", **terms)], events, subsidies=rows, roster=listed)
    assert found(on) == []


def test_without_the_table_of_subsidies_its_checks_are_not_run():
    result = audit(heilongjiang("380.21"), load_book(), as_of=date(2024, 3, 21))
    codes = {code for one in result.not_run for code in one.codes}
    assert {"subsidy_overclaimed", "subsidy_underpaid"} <= codes


def test_what_no_document_fixes_is_seen_without_the_table_of_subsidies():
    result = audit(facts([loan("A", area_code=JIAOZUO)], []), load_book(), as_of=date(2024, 3, 21))
    assert "subsidy_undetermined" in result.findings["code"].to_list()
    assert "subsidy_undetermined" not in {code for one in result.not_run for code in one.codes}


def test_an_audit_inside_the_data_leaves_later_periods_alone():
    rows = ("2023-12-21", "2024-03-21", "562.43"), ("2024-03-21", "2024-06-21", "568.61")
    assert found(quarter(*rows), as_of="2024-04-30") == []
