"""``subsidy`` from facts against the judge one level higher: a believable county, and small unlawful families."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.small_facts import event, facts, loan
from tests.properties.judge_facts import PAYERS, Judged, number, subsidise

from bangfu.engine.subsidy import subsidy
from bangfu.facts import Facts
from bangfu.policy import PolicyBook, load_book
from bangfu.synthetic import PACKS, build

PLACES = ("522728100201", "410800100201", "410100100201", "231226100201", "520000000000", "110000000000")
PERIODS = [
    (date(2019, 6, 21), date(2019, 9, 21)),
    (date(2023, 12, 21), date(2024, 3, 21)),
    (date(2025, 12, 21), date(2026, 3, 21)),
    (date(2026, 3, 21), date(2026, 6, 21)),
]


def engine(given: Facts, book: PolicyBook, start: date, end: date) -> Judged:
    """The engine's answer in the judge's shape."""
    result = subsidy(given, book, start=start, end=end)
    lines = {}
    for row in result.lines.rows(named=True):
        paid = tuple(row.get(f"{payer}_fen", 0) for payer in PAYERS)
        assert sum(paid) == row["subsidy_fen"] == row["interest_fen"] - row["borrower_fen"]
        days = (number(row["from"]), number(row["to"]))
        lines[row["loan_id"]] = (*days, row["interest_fen"], paid, row["borrower_fen"], row["held_back_fen"])
    return Judged(lines, set(result.refusals.select("loan_id", "code").rows()))


@pytest.fixture(scope="module")
def county() -> tuple[Facts, PolicyBook]:
    return Facts(build(loans=600, seed=20).tables), load_book([PACKS])


@pytest.mark.parametrize(("start", "end"), PERIODS)
def test_a_county(county: tuple[Facts, PolicyBook], start: date, end: date) -> None:
    expected = subsidise(*county, start=start, end=end)
    found = engine(*county, start, end)
    assert found.refusals == expected.refusals
    assert found.lines == expected.lines
    assert len(expected.lines) > 20


def iso(on: date) -> str:
    return on.isoformat()


def family(
    random: Random, place: str, household: str, around: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One household's loans and events: new, topped up, renewed, extended, recalled, re-rated, paid or not."""
    loans, events = [], []
    signed = max(date(2018, 1, 1), around - timedelta(days=random.randrange(-60, 1_100)))
    for turn in range(random.choice((1, 1, 2, 3))):
        loan_id = f"{household}-{turn}"
        months = random.choice((6, 12, 24, 36))
        matures = signed + timedelta(days=months * 30 + random.choice((0, 5, 11)))
        before = loans[-1]["loan_id"] if loans else None
        kind = random.choice(("new", "top_up", "renewal", "renewal")) if before else "new"
        product = "poverty" if signed < date(2021, 3, 10) else "transition" if signed < NEW else "assistance"
        if kind == "renewal" and random.random() < 0.5:
            product = loans[0]["product"]
        principal = random.choice(("50000", "30000", "50.50", "80000", "100000"))
        terms: dict[str, Any] = {
            "household_id": household, "area_code": place, "product": product, "kind": kind, "principal": principal,
            "parent_loan_id": before if kind != "new" else None, "contract_on": iso(signed), "matures_on": iso(matures),
            "rate": random.choice(("3.60", "3.65", "3.85", "4.35", "4.75")),
            "interest_method": random.choice(("daily_360", "daily_360", "whole_periods", "daily_365", None)),
        }  # fmt: skip
        if random.random() < 0.2:
            terms["subsidy_ceiling"] = random.choice(("80000", "200000", "10000"))
        loans.append(loan(loan_id, **terms))
        events += ledger(random, loans[-1], signed, matures)
        signed = (
            max(matures, signed)
            if kind == "renewal" or random.random() < 0.5
            else signed + timedelta(days=200)
        )
        if random.random() < 0.2:
            signed += timedelta(days=random.randrange(300))
    return loans, events


NEW = date(2026, 2, 24)


def ledger(random: Random, row: dict[str, Any], signed: date, matures: date) -> list[dict[str, Any]]:
    """What happened to one loan, in lawful amounts and any order of kinds."""
    loan_id, principal = row["loan_id"], row["principal_fen"]
    events = [event(loan_id, iso(signed), "disbursed", f"{principal / 100:.2f}")]
    until = matures
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        granted = until + timedelta(days=random.choice((-40, -1, 0, 30)))
        until = max(until, granted) + timedelta(days=random.choice((60, 180, 365)))
        events.append(event(loan_id, iso(granted), "extended", value_on=iso(until)))
    if random.random() < 0.15:
        events.append(event(loan_id, iso(signed + timedelta(days=random.randrange(1, 500))), "recalled"))
    if random.random() < 0.2:
        on = signed + timedelta(days=random.randrange(1, 500))
        events.append(event(loan_id, iso(on), "rate_changed", value_rate_e8=3_000_000))
    for _ in range(random.choice((0, 1, 3))):
        on = signed + timedelta(days=random.randrange(1, 900))
        events.append(
            event(loan_id, iso(on), "interest_collected", random.choice(("100", "481.25", "1000.01")))
        )
    if random.random() < 0.5:
        part = principal // 3
        events.append(
            event(loan_id, iso(signed + timedelta(days=random.randrange(600))), "repaid", f"{part / 100:.2f}")
        )
        principal -= part
    if random.random() < 0.6:
        end = matures + timedelta(days=random.choice((0, 0, 20)))
        kind = random.choice(("repaid", "repaid", "converted", "compensated"))
        last = max([end, *(date.fromisoformat(one["on"]) for one in events if one["kind"] == "repaid")])
        amount = None if kind == "converted" else f"{principal / 100:.2f}"
        events.append(event(loan_id, iso(last), kind, amount))
    return events


@given(st.integers(0, 10**9), st.sampled_from([*range(13), 12, 12, 11, 8]))
def test_small_families(seed: int, quarter: int) -> None:
    random = Random(seed)  # noqa: S311 - drawn alike from a seed
    start = date(2019 + quarter * 7 // 12, random.choice((3, 6, 9, 12)), 21)
    end = start + timedelta(days=random.choice((30, 91, 92, 365)))
    loans: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for household in range(12):
        more, happened = family(random, random.choice(PLACES), f"H{household}", start)
        loans, events = loans + more, events + happened
    random.shuffle(events)
    case, book = facts(loans, events), load_book()
    expected = subsidise(case, book, start=start, end=end)
    found = engine(case, book, start, end)
    assert found.refusals == expected.refusals
    assert found.lines == expected.lines
