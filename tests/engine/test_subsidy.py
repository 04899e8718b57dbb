"""The period's subsidy from facts and policy: what decides an amount, one case each."""

from __future__ import annotations

from datetime import date

import pytest
from tests.engine.small_facts import JIAOZUO, LUODIAN, event, facts, loan

from bangfu.engine.bounds import OutOfBounds
from bangfu.engine.subsidy import subsidy
from bangfu.policy import load_book

QUARTER = {"start": date(2024, 3, 21), "end": date(2024, 6, 21)}


def one(case, **period):
    """The only line of a case."""
    result = subsidy(case, load_book(), **(period or QUARTER))
    assert result.refusals.is_empty(), result.refusals
    return result.lines.row(0, named=True)


def test_a_line_says_what_it_rests_on():
    line = one(facts([loan("A")], []))
    assert (line["policy"], line["clauses"]) == ("CN2021+LD2021", ["LD2021-1.6", "LD2021-3.6"])
    assert line["interest_fen"] == 56_861  # 50,000 × 4.45 % × 92 ÷ 360 = 568.611
    assert (line["from"], line["to"]) == (date(2024, 3, 21), date(2024, 6, 21))


def test_nothing_collected_holds_all_back():
    line = one(facts([loan("A")], []))
    assert line["held_back_fen"] == line["subsidy_fen"] == 56_861


@pytest.mark.parametrize(("taken", "held"), [("10000", 0), ("4705.28", 28_430), ("4136.67", 56_861)])
def test_interest_collected_is_matched_to_the_oldest(taken, held):
    # Accrued from 2022-05-01 to 2024-06-21: 782 days, 50,000 × 4.45 % × 782 ÷ 360 = 4,833.19; before: 4,264.58.
    line = one(facts([loan("A")], [event("A", "2024-06-21", "interest_collected", taken)]))
    expected = {0: 0, 28_430: 12_791, 56_861: 56_861}[held]
    assert line["held_back_fen"] == expected


def test_a_top_up_is_subsidised_only_in_what_is_left_of_the_ceiling():
    loans = [
        loan("A", household_id="H", principal="30000"),
        loan("B", household_id="H", principal="40000", kind="top_up", contract_on="2023-05-01"),
    ]
    lines = subsidy(facts(loans, []), load_book(), **QUARTER).lines
    assert lines["subsidised_part_fen"].to_list() == [3_000_000, 2_000_000]
    assert lines["borrower_fen"].to_list() == [0, 22_745]  # 454.89 − 227.44: the parts make the whole


def test_repayment_takes_the_unsubsidised_part_first():
    loans = [
        loan("A", household_id="H", principal="30000"),
        loan("B", household_id="H", principal="40000", kind="top_up", contract_on="2023-05-01"),
    ]
    given = facts(loans, [event("B", "2024-03-21", "repaid", "20000")])
    assert subsidy(given, load_book(), **QUARTER).lines["borrower_fen"].to_list() == [0, 0]


def test_a_renewals_parent_is_not_counted_beside_it():
    loans = [
        loan("A", household_id="H", matures_on="2024-05-01"),
        loan(
            "B",
            household_id="H",
            kind="renewal",
            parent_loan_id="A",
            contract_on="2024-04-20",
            matures_on="2026-04-20",
        ),
    ]
    lines = subsidy(facts(loans, [event("A", "2024-05-01", "repaid", "50000")]), load_book(), **QUARTER).lines
    assert lines["subsidised_part_fen"].to_list() == [5_000_000, 5_000_000]


def test_interest_stops_at_maturity_and_runs_on_when_extended():
    short = loan("A", matures_on="2024-04-20")
    assert one(facts([short], []))["interest_fen"] == 18_542  # 30 days
    longer = event("A", "2024-04-10", "extended", value_on="2024-10-20")
    assert one(facts([short], [longer]))["interest_fen"] == 56_861
    late = event("A", "2024-05-20", "extended", value_on="2024-10-20")
    assert one(facts([short], [late]))["interest_fen"] == 38_319  # 30 days, and 32 after a month overdue


def test_interest_stops_when_the_loan_is_recalled():
    assert one(facts([loan("A")], [event("A", "2024-04-20", "recalled")]))["interest_fen"] == 18_542


def test_a_changed_rate_counts_only_where_the_contract_may_change_it():
    change = event("A", "2024-04-20", "rate_changed", value_rate_e8=3_000_000)
    assert one(facts([loan("A")], [change]))["interest_fen"] == 56_861
    old = loan("A", product="poverty", contract_on="2019-05-01", matures_on="2022-05-01", rate="4.75")
    change = event("A", "2020-04-20", "rate_changed", value_rate_e8=3_000_000)
    line = one(facts([old], [change]), start=date(2020, 3, 21), end=date(2020, 6, 21))
    assert line["interest_fen"] == 45_625  # 30 days at 4.75 %, 62 at 3.00 %


def test_undetermined_days_are_refused_with_their_clause_and_the_rest_is_paid():
    given = facts([loan("A", area_code=JIAOZUO)], [])
    result = subsidy(given, load_book(), start=date(2023, 12, 21), end=date(2024, 3, 21))
    line = result.lines.row(0, named=True)
    assert (line["from"], line["to"], line["subsidy_fen"]) == (date(2023, 12, 21), date(2024, 1, 1), 6_799)
    refusal = result.refusals.row(0, named=True)
    assert (refusal["code"], refusal["clauses"]) == ("subsidy_undetermined", ["HA2021-2.2c"])


def test_a_place_without_a_policy_is_refused():
    given = facts([loan("A", area_code="110000000000", product="poverty", contract_on="2023-06-01")], [])
    result = subsidy(given, load_book(), **QUARTER)
    assert result.lines.is_empty()
    assert result.refusals["code"].to_list() == ["no_policy_for_place_and_day"]


def test_more_than_the_kernel_admits_is_refused_by_name():
    given = facts([loan("A", principal="100000001")], [])
    with pytest.raises(OutOfBounds, match="principal"):
        subsidy(given, load_book(), **QUARTER)


def test_the_order_of_the_rows_does_not_matter():
    loans = [
        loan("A", household_id="H", principal="30000"),
        loan("B", household_id="H", principal="40000", kind="top_up"),
    ]
    events = [event("A", "2024-04-01", "repaid", "100.01"), event("A", "2024-04-01", "repaid", "5000")]
    there = subsidy(facts(loans, events), load_book(), **QUARTER).lines
    back = subsidy(facts(loans[::-1], events[::-1]), load_book(), **QUARTER).lines
    assert there.equals(back)


def warned(case, **period):
    """The warnings of a case: loan and code."""
    return subsidy(case, load_book(), **(period or QUARTER)).warnings.select("loan_id", "code").rows()


def test_a_borrower_who_bears_nothing_is_pointed_out_where_the_policy_minds(tmp_path):
    (tmp_path / "DEMO.yaml").write_text(
        """
id: DEMO2026X
number:
title: A made-up circular
issuers: [nobody]
jurisdiction: "522728"
product: assistance
issued: 2026-02-25
contracts: {from: 2026-02-25}
builds_on: CN2026
clauses: {"1": {kind: P, text: The county pays what the centre leaves.}}
terms:
  subsidy.payers: {value: [{payer: central, share_of_rate: 70%}, {payer: county, share_of_rate: 30%}], clause: "1"}
""",
        encoding="utf-8",
    )
    new = loan("A", product="assistance", contract_on="2026-03-01", matures_on="2028-03-01", rate="3.00")
    period = {"start": date(2026, 3, 21), "end": date(2026, 6, 21)}
    result = subsidy(facts([new], []), load_book([tmp_path]), **period)
    assert result.warnings.select("code", "clauses").rows() == [("borrower_bears_nothing", ["CN2026-1.6b"])]
    assert warned(facts([new], []), **period) == []


def test_a_raised_ceiling_that_no_clause_admits_is_not_followed_and_said():
    assert warned(facts([loan("A", principal="80000", subsidy_ceiling="80000")], [])) == [
        ("A", "raised_ceiling_not_known")
    ]
    new = {"product": "assistance", "contract_on": "2026-03-01", "matures_on": "2028-03-01", "rate": "3.00"}
    case = facts([loan("A", **new, principal="80000", subsidy_ceiling="80000")], [])
    assert warned(case, start=date(2026, 3, 21), end=date(2026, 6, 21)) == []


def test_a_loan_paid_off_before_the_period_has_neither_line_nor_refusal():
    for area in (LUODIAN, JIAOZUO):
        given = facts([loan("A", area_code=area)], [event("A", "2023-06-01", "repaid", "50000")])
        result = subsidy(given, load_book(), **QUARTER)
        assert (result.lines.height, result.refusals.height) == (0, 0)
