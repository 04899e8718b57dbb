"""Why a bank's figure differs: each wrong way of reckoning is found by its own figure, and nothing else is."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from tests.engine.small_facts import event, facts, loan

from bangfu.engine.claims import CLAIMED, REASONS, reasons
from bangfu.engine.cycle import due_of_cycle
from bangfu.engine.interest import interest
from bangfu.policy import load_book
from bangfu.rules.subsidy.rule import PAYERS

BOOK = load_book()
START, END = date(2022, 6, 21), date(2022, 9, 21)
DAY = timedelta(days=1)
FEN_50_000, RATE = 5_000_000, 4_450_000


def of(start: date = START, end: date = END, *, principal=FEN_50_000, rate=RATE, method="daily_360") -> int:
    """What a bank would reckon on its own: plain integers, no kernel."""
    return interest(principal_fen=principal, rate_e8=rate, start=start, end=end, method=method).interest_fen


def why(known, claimed, **more) -> tuple[str, ...]:
    found = due_of_cycle(known, BOOK, county="522728", rhythm="quarter", start=START, end=END)
    (line,) = found.lines.iter_rows(named=True)
    row = {
        "loan_id": "A", "claimed_fen": claimed, "claimed_rate_e8": None, "rows": 1, "greatest_fen": claimed,
        "claim_start": START, "claim_end": END, "due_fen": line["subsidy_fen"], "payable_fen": line["payable_fen"],
        "parts": [line[f"{payer}_fen"] for payer in PAYERS], **more,
    }  # fmt: skip
    told = reasons(known, BOOK, pl.DataFrame([row], schema=CLAIMED), start=START, end=END)
    return told["A"].codes if told else ()


def lent(*more, **given):
    return facts([loan("A", **{"principal": "60000", **given})], more)


ALL_IN = event("A", "2022-09-21", "interest_collected", "5000")
WHOLE = {"interest_method": "whole_periods"}


@pytest.mark.parametrize(
    ("given", "claimed", "more", "codes"),
    [
        ({}, of(), {}, ()),
        ({}, of() + 1, {}, ("rounding",)),
        ({}, of() * 2, {"rows": 2, "greatest_fen": of()}, ("claimed_twice",)),
        ({}, None, {"rows": 0, "greatest_fen": None}, ("not_claimed",)),
        (WHOLE, of(), {}, ("day_count_360",)),
        ({}, of(method="daily_365"), {}, ("day_count_365",)),
        ({}, of(method="whole_periods"), {}, ("whole_periods",)),
        ({}, of(rate=4_750_000), {"claimed_rate_e8": 4_750_000}, ("claimed_rate",)),
        ({}, of(principal=6_000_000), {}, ("whole_balance",)),
        ({"contract_on": "2021-08-01", "matures_on": "2022-08-01"}, of(), {}, ("after_maturity",)),
        ({}, of(START, END - 10 * DAY), {"claim_end": END - 10 * DAY}, ("other_days",)),
        ({}, of(START, END + DAY), {}, ("day_more",)),
        ({}, of(START, END - DAY), {}, ("day_less",)),
        ({}, of(START, END + DAY, principal=6_000_000), {}, ("whole_balance", "day_more")),
        ({}, 12_345, {}, ("unexplained",)),
    ],
)
def test_each_way_is_found_by_its_figure(given, claimed, more, codes) -> None:
    assert why(lent(ALL_IN, **given), claimed, **more) == codes


def test_penalty_interest_is_never_subsidised() -> None:
    penalty = event("A", "2022-07-05", "penalty_collected", "33.33")
    assert why(lent(ALL_IN, penalty), of() + 3_333) == ("penalty_included",)


def test_a_bank_that_leaves_out_what_is_not_collected_yet() -> None:
    known = lent(event("A", "2022-09-21", "interest_collected", "800"))
    found = due_of_cycle(known, BOOK, county="522728", rhythm="quarter", start=START, end=END)
    (payable,) = found.lines["payable_fen"]
    assert 0 < payable < of()
    assert why(known, payable) == ("held_back",)


def test_each_reason_is_named_with_the_clauses_that_speak_of_it() -> None:
    cited = {clause for clauses in REASONS.values() for clause in clauses}
    for clause in cited:
        assert BOOK.clause(clause) is not None, clause
