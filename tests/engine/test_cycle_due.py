"""The lines of a cycle: whose they are, in which rhythm, what is paid now, and an earlier period seen later."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.small_facts import HEILONGJIANG, JIAOZUO, event, facts, loan

from bangfu.engine.corrections import Amounts, corrections, net
from bangfu.engine.cycle import CycleDue, due_of_cycle, of_households
from bangfu.facts import Facts
from bangfu.policy import load_book
from bangfu.rules.subsidy.rule import PAYERS

BOOK = load_book()
SUMMER = {"start": date(2022, 6, 21), "end": date(2022, 9, 21)}
ENDS = [date(2022, 9, 21), date(2022, 12, 21), date(2023, 3, 21), date(2023, 6, 21)]


def due(known: Facts, *, county: str = "522728", rhythm: str = "quarter", **period: date) -> CycleDue:
    return due_of_cycle(known, BOOK, county=county, rhythm=rhythm, **(period or SUMMER))


def lent(*more: dict, **given) -> Facts:
    """80,000 yuan at 3.85 %, of which 50,000 are subsidised in full, paid out on the first day of the quarter."""
    signed = {
        "contract_on": "2022-06-21",
        "matures_on": "2024-06-21",
        "principal": "80000",
        "rate": "3.85",
        **given,
    }
    return facts([loan("A", **signed)], [event("A", "2022-06-21", "disbursed", "80000"), *more])


def collected(on: str, fen: int) -> dict:
    return event("A", on, "interest_collected", f"{fen // 100}.{fen % 100:02d}")


def amounts(row: dict) -> Amounts:
    return Amounts(
        row["interest_fen"],
        tuple(row[f"{one}_fen"] for one in PAYERS),
        tuple(row[f"pay_{one}_fen"] for one in PAYERS),
    )


def only(found: CycleDue) -> dict:
    (row,) = found.lines.iter_rows(named=True)
    return row


def test_the_example_of_decisions_0033_and_0070() -> None:
    known = lent(
        event("A", "2022-09-21", "interest_collected", "400"),
        event("A", "2022-10-09", "interest_collected", "200"),
    )
    then = only(due(known))
    assert (then["interest_fen"], then["subsidy_fen"], then["held_back_fen"]) == (78_711, 49_194, 24_194)
    assert then["payable_fen"] == then["pay_county_fen"] == 25_000
    later = only(due(known, **SUMMER, collected_by=date(2022, 12, 21)))
    assert (later["subsidy_fen"], later["held_back_fen"]) == (49_194, 11_694)
    (release,) = corrections(amounts(later), amounts(then))
    assert (release.kind, release.released, release.amounts.payable_fen) == ("supplement", True, 12_500)


def test_a_loan_belongs_to_the_county_it_was_signed_in() -> None:
    known = facts(
        [loan("A"), loan("B", area_code=JIAOZUO), loan("C", area_code=HEILONGJIANG, product="poverty")],
        [event(one, "2022-05-01", "disbursed", "50000") for one in "ABC"],
    )
    assert due(known).lines["loan_id"].to_list() == ["A"]
    assert due(known, county="410800").lines["loan_id"].to_list() == ["B"]
    assert "B" not in due(known).left_out["loan_id"].to_list()


def test_where_a_policy_sets_another_rhythm_the_loan_is_left_out_by_name_and_where_none_does_it_stays() -> (
    None
):
    known = facts(
        [loan("A"), loan("B", area_code=JIAOZUO)],
        [event(one, "2022-05-01", "disbursed", "50000") for one in "AB"],
    )
    yearly = due(known, rhythm="year")
    assert yearly.lines.is_empty()
    assert yearly.left_out.select("loan_id", "code").rows() == [("A", "other_rhythm")]
    assert yearly.left_out["clauses"].to_list() == [["LD2021-1.6"]]
    assert due(known, county="410800", rhythm="year").lines["loan_id"].to_list() == ["B"]


def test_at_repayment_a_settled_loan_is_paid_for_its_whole_life_and_no_other() -> None:
    place = {"area_code": JIAOZUO}
    known = facts(
        [loan("A", **place), loan("B", **place), loan("C", **place)],
        [
            *(event(one, "2022-05-01", "disbursed", "50000") for one in "ABC"),
            event("A", "2022-08-01", "repaid", "50000"), event("C", "2022-06-01", "repaid", "50000"),
            event("B", "2022-08-01", "repaid", "49999"),
        ],
    )  # fmt: skip
    found = due(known, county="410800", rhythm="at_repayment")
    assert found.lines["loan_id"].to_list() == ["A"]
    row = only(found)
    assert row["start"] == date(2022, 5, 1)
    assert row["interest_fen"] == (5_000_000 * 92 * 445 * 2 + 3_600_000) // (2 * 3_600_000)


def test_no_loans_no_lines() -> None:
    found = due(facts([], []))
    assert found.lines.is_empty()
    assert found.packs == {}


def test_a_loan_paid_off_before_the_period_is_on_no_line_and_in_no_refusal() -> None:
    known = lent(event("A", "2022-06-22", "repaid", "80000"))
    autumn = due(known, start=date(2022, 9, 21), end=date(2022, 12, 21))
    assert autumn.lines.is_empty()
    assert autumn.left_out.is_empty()


def test_some_households_alone_give_what_they_give_among_all() -> None:
    loans = [loan("A", household_id="H"), loan("B", household_id="H", contract_on="2022-06-01"), loan("C")]
    known = facts(loans, [event(one, "2022-06-02", "disbursed", "50000") for one in "ABC"])
    part = of_households(known, pl.Series(["H"]))
    assert part.loans["loan_id"].to_list() == ["A", "B"]
    whole = due(known).lines.filter(pl.col("loan_id") != "C")
    assert due(part).lines.equals(whole)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 90_000)), min_size=1, max_size=5))
def test_whenever_interest_comes_in_what_was_paid_is_what_the_facts_of_the_day_give(taken) -> None:
    """Quarter after quarter each earlier line is put right; in the end all of them stand as one run would give them."""
    known = lent(*(collected(str(ENDS[quarter]), fen) for quarter, fen in taken))
    stood: dict[date, list[Amounts]] = {}
    for end in ENDS:
        for start in [date(2022, 6, 21), *ENDS[: ENDS.index(end)]]:
            close = next(one for one in ENDS if one > start)
            now = amounts(only(due(known, start=start, end=close, collected_by=end)))
            made = corrections(now, net(stood.setdefault(close, [])))
            stood[close] += [one.amounts for one in made]
            together = net(stood[close])
            assert (together.by, together.held_back_fen) == (now.by, now.held_back_fen)
            assert corrections(now, together) == ()


@pytest.mark.parametrize("fen", [1, 25_000, 49_194])
def test_what_is_paid_now_is_split_over_the_payers_to_the_fen(fen) -> None:
    row = only(due(lent(collected("2022-09-21", fen))))
    assert sum(row[f"pay_{one}_fen"] for one in PAYERS) == row["payable_fen"]
    assert row["payable_fen"] + row["held_back_fen"] == row["subsidy_fen"]
