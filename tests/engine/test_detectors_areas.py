"""Statistics of areas: overdue outliers, swings of household counts, lending to everyone; each raised and not."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from math import comb
from typing import Any

import polars as pl
import pytest
from tests.engine.small_facts import LUODIAN, event, facts, loan

from bangfu.engine.audit_context import audit_context
from bangfu.engine.detectors.lending import lends_to_everyone, lent_while_suspended
from bangfu.engine.detectors.outliers import (
    _one_in,
    household_count_anomaly,
    household_counts,
    overdue_outlier,
)
from bangfu.policy import load_book

BOOK = load_book()
DAY = date(2024, 6, 30)


def context(loans: list, events: list, *, as_of: date = DAY, **tables: Any):
    return audit_context(facts(loans, events, **tables), BOOK, as_of=as_of)


def village(number: int) -> str:
    return f"5227281{number // 5:02d}2{number % 5:02d}"


def told(found: pl.DataFrame, row: int = 0) -> dict[str, Any]:
    return json.loads(found["facts"][row])


def _live(overdue_of: dict[int, int], loans: int = 40, villages: int = 10) -> list[dict]:
    """Villages of live loans, of which so many fell due last year."""
    return [
        loan(
            f"V{place}-{number}",
            area_code=village(place),
            contract_on="2022-05-01",
            matures_on="2023-05-01" if number < overdue_of.get(place, 1) else "2025-05-01",
        )
        for place in range(villages)
        for number in range(loans)
    ]


def test_a_village_with_many_overdue_loans_stands_out_with_its_statistic() -> None:
    found = overdue_outlier(context(_live({3: 12}), []))
    villages = found.filter(pl.col("id").str.len_chars() == 12)
    assert villages["id"].to_list() == [village(3)]
    row, shown = villages.row(0, named=True), told(villages)
    assert (row["table"], row["amount_fen"], row["clauses"]) == ("areas", 12 * 5_000_000, ["HLJ2019-2.6b"])
    assert (shown["loans"], shown["overdue_loans"], shown["overdue_percent"]) == (40, 12, "30.00")
    assert (shown["others_overdue_percent"], shown["areas_compared"]) == ("2.50", 10)
    assert shown["one_chance_in"] >= shown["least_one_chance_in"] == 1000


@pytest.mark.parametrize("overdue", [{}, {3: 3}, dict.fromkeys(range(10), 8)])
def test_small_numbers_and_general_arrears_do_not(overdue: dict[int, int]) -> None:
    assert overdue_outlier(context(_live(overdue), [])).is_empty()


def test_repaid_arrears_are_none() -> None:
    events = [event(f"V3-{number}", "2024-05-01", "repaid", "50000") for number in range(12)]
    assert overdue_outlier(context(_live({3: 12}), events)).is_empty()


@pytest.mark.parametrize(
    ("loans", "overdue", "others", "of"), [(40, 12, 9, 360), (10, 3, 1, 500), (300, 40, 77, 2000)]
)
def test_the_chance_is_the_exact_binomial_tail(loans: int, overdue: int, others: int, of: int) -> None:
    rate = Fraction(others, of)
    tail = sum(
        (
            comb(loans, count) * rate**count * (1 - rate) ** (loans - count)
            for count in range(overdue, loans + 1)
        ),
        Fraction(0),
    )
    assert abs(_one_in(loans, overdue, others, of) * tail - 1) < Fraction(1, 100)


def _borrowing(days: list[tuple[str, str]], place: str = LUODIAN) -> tuple[list, list]:
    loans = [
        loan(f"{place[-3:]}-{number}", area_code=place, contract_on=start, matures_on="2026-05-01")
        for number, (start, _) in enumerate(days)
    ]
    events = [event(f"{place[-3:]}-{n}", end, "repaid", "50000") for n, (_, end) in enumerate(days) if end]
    return loans, events


def _steady(count: int) -> list[tuple[str, str]]:
    """One household more every month from June 2021 on."""
    return [(f"{2021 + (5 + n) // 12}-{(5 + n) % 12 + 1:02d}-10", "") for n in range(count)]


def test_households_are_counted_once_and_while_they_owe() -> None:
    loans = [
        loan("a", household_id="H1", contract_on="2023-01-10", matures_on="2024-01-10"),
        loan("b", household_id="H1", contract_on="2023-02-10", matures_on="2024-01-10"),
        loan("c", household_id="H2", contract_on="2023-02-28", matures_on="2024-01-10"),
    ]
    events = [
        event("a", "2023-03-10", "repaid", "50000"),
        event("b", "2023-05-31", "repaid", "50000"),
        event("c", "2023-04-15", "repaid", "50000"),
    ]
    counts = household_counts(context(loans, events, as_of=date(2023, 6, 15)))
    county = counts.filter(pl.col("area_code") == "522728").sort("on")
    assert county["households"].to_list() == [1, 2, 2, 1, 0, 0]
    assert set(counts["area_code"]) == {"522728", "522728100", LUODIAN}


def test_a_jump_within_a_quarter_is_found_once_and_steady_growth_is_not() -> None:
    loans, events = _borrowing(_steady(30) + [("2023-02-06", "2023-09-20")] * 60)
    found = household_count_anomaly(context(loans, events))
    by_day = [json.loads(row) for row in found.filter(pl.col("id") == "522728")["facts"]]
    assert [(row["change"] > 0, row["on"]) for row in by_day] == [(True, "2023-02-28"), (False, "2023-09-30")]
    assert found["clauses"][0].to_list() == ["HA2021-4.1"]
    assert {"households_before", "usual_change", "spread", "least_spreads"} <= set(by_day[0])
    steady = household_count_anomaly(context(*_borrowing(_steady(36))))
    assert steady.is_empty()


def _village_of(listed: int, lent: int, *, unable: int = 0) -> pl.DataFrame:
    homes = [
        {"household_id": f"H{n}", "area_code": LUODIAN, "labour_count": 0 if n < unable else 2}
        for n in range(listed)
    ]
    roster = [
        {"household_id": f"H{n}", "category": "out_of_poverty", "listed_on": "2020-01-01"}
        for n in range(listed)
    ]
    loans = [loan(f"L{n}", household_id=f"H{n}") for n in range(lent)]
    return lends_to_everyone(context(loans, [], households=homes, roster=roster))


@pytest.mark.parametrize(("listed", "lent", "unable"), [(20, 19, 0), (20, 18, 1), (10, 10, 0)])
def test_nearly_every_listed_household_got_a_loan(listed: int, lent: int, unable: int) -> None:
    found = _village_of(listed, lent, unable=unable)
    assert found.select("table", "id").rows() == [("areas", LUODIAN)]
    shown = told(found)
    assert (shown["listed"], shown["borrowing"], shown["borrowing_unable_to_work"]) == (listed, lent, unable)
    assert found["amount_fen"].to_list() == [unable * 5_000_000]
    assert found["clauses"][0].to_list() == ["HLJ2019-2.1a"]


@pytest.mark.parametrize(("listed", "lent", "unable"), [(20, 18, 0), (20, 17, 5), (9, 9, 3)])
def test_a_village_that_distinguishes_or_is_too_small(listed: int, lent: int, unable: int) -> None:
    assert _village_of(listed, lent, unable=unable).is_empty()


def test_nobody_able_is_told_by_the_members_where_the_count_is_missing() -> None:
    homes = [{"household_id": f"H{n}", "area_code": LUODIAN} for n in range(10)]
    people = [{"member_id": f"M{n}", "household_id": f"H{n}", "labour": n > 0} for n in range(10)]
    roster = [{"household_id": f"H{n}", "category": "margin", "listed_on": "2020-01-01"} for n in range(10)]
    loans = [loan(f"L{n}", household_id=f"H{n}") for n in range(9)]
    found = lends_to_everyone(context(loans, [], households=homes, roster=roster, members=people))
    assert told(found)["borrowing_unable_to_work"] == 1


def test_lent_while_suspended_from_the_context() -> None:
    loans = [loan(f"L{n}", contract_on="2022-01-10", matures_on="2025-01-10") for n in range(10)]
    loans.append(loan("late", contract_on="2023-05-10", matures_on="2024-05-10"))
    bad = [event("L0", "2023-04-10", "classified", value_class=4)]
    assert lent_while_suspended(context(loans, bad))["id"].to_list() == ["late"]
    assert lent_while_suspended(context(loans, [])).is_empty()
    assert lent_while_suspended(context(loans, bad, as_of=date(2023, 5, 9))).is_empty()
