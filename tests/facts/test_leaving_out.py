"""Leaving out bad rows: all of them, and what then refers to nothing, again and again; and listed."""

from __future__ import annotations

import pytest

from bangfu.facts import BadFacts, read_facts


def left_out(county):
    facts = read_facts(county.write(), leave_out_bad_rows=True)
    return facts, [(problem.file, problem.row, problem.code) for problem in facts.left_out]


def test_nothing_is_left_out_of_a_good_county(county):
    assert left_out(county)[1] == []


def test_what_refers_to_a_bad_row_falls_with_it(county):
    facts, gone = left_out(county.put("households", 0, area_code="x"))
    assert gone == [
        ("households.csv", 2, "bad_area_code"),
        ("members.csv", 2, "orphan"),
        ("roster.csv", 2, "orphan"),
        ("loans.csv", 2, "orphan"),
        ("ordinary_loans.csv", 2, "orphan"),
        ("loans.csv", 3, "orphan"),  # a renewal of the loan that fell
        ("events.csv", 2, "orphan"),
        ("events.csv", 3, "orphan"),
        ("events.csv", 4, "orphan"),
        ("events.csv", 5, "orphan"),
        ("subsidies.csv", 2, "orphan"),
        ("transfers.csv", 2, "orphan"),
        ("insurance.csv", 2, "orphan"),
        ("insurance_events.csv", 2, "orphan"),
        ("fund.csv", 3, "orphan"),
        ("events.csv", 6, "orphan"),
        ("events.csv", 7, "orphan"),
        ("events.csv", 8, "orphan"),
        ("other_subsidies.csv", 2, "orphan"),
    ]
    assert facts.households["household_id"].to_list() == ["H2"]
    assert facts.loans.is_empty()
    assert facts.missing == frozenset()


def test_a_bad_disbursement_takes_the_events_behind_it(county):
    facts, gone = left_out(county.put("events", 4, amount="-1"))
    assert gone == [
        ("events.csv", 6, "negative_amount"),
        ("events.csv", 7, "event_before_disbursement"),
        ("events.csv", 8, "event_before_disbursement"),
    ]
    assert facts.events.height == 4


def test_only_the_repayment_above_the_balance_falls(county):
    county.add(
        "events", loan_id="L2", on="2022-06-01", kind="repaid", amount="40000", value="", recorded_on=""
    )
    county.add(
        "events", loan_id="L2", on="2022-07-01", kind="repaid", amount="30000.5", value="", recorded_on=""
    )
    facts, gone = left_out(county)
    assert gone == [("events.csv", 9, "above_balance")]
    assert facts.events["amount_fen"].to_list()[-1] == 3_000_050


def test_a_row_that_stands_twice_is_left_once(county):
    county.add("households")
    facts, gone = left_out(county)
    assert gone == [("households.csv", 4, "duplicate_key")]
    assert facts.households.height == 2


def test_rows_of_one_key_that_differ_all_fall(county):
    county.add("other_subsidies")
    county.add("lenders", npl_all="3")
    facts, gone = left_out(county)
    assert gone == [("lenders.csv", 2, "duplicate_key"), ("lenders.csv", 3, "duplicate_key")]
    assert facts.lenders.is_empty()


@pytest.mark.parametrize("header", ["目的", "贷款金额（千元）"])
def test_what_is_wrong_with_a_column_still_stops(county, header):
    old = "purpose" if header == "目的" else "principal"
    folder = county.write(
        header=lambda table, column: header if (table, column) == ("loans", old) else column
    )
    with pytest.raises(BadFacts):
        read_facts(folder, leave_out_bad_rows=True)


def test_a_row_of_another_length_is_left_out(county):
    folder = county.write()
    file = folder / "transfers.csv"
    file.write_text(file.read_text() + "L1,2022-01-06,1\n")
    facts = read_facts(folder, leave_out_bad_rows=True)
    assert [problem.code for problem in facts.left_out] == ["wrong_number_of_cells", "empty_required"][:1]
    assert facts.transfers.height == 1
