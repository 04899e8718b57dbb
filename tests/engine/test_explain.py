"""The explanation of a loan gives the same fen as the batch, and each step cites a clause or a term's clause."""

from __future__ import annotations

from datetime import date

import pytest
from tests.engine.small_facts import event, facts, loan

from bangfu.engine.explain import LoanNotFound, explain
from bangfu.engine.subsidy import subsidy
from bangfu.facts import Facts
from bangfu.policy import load_book
from bangfu.refusals import Refused
from bangfu.synthetic import PACKS, build

PERIODS = [
    (date(2019, 6, 21), date(2019, 9, 21)),
    (date(2023, 12, 21), date(2024, 3, 21)),
    (date(2025, 12, 21), date(2026, 3, 21)),
    (date(2026, 3, 21), date(2026, 6, 21)),
]


@pytest.fixture(scope="module")
def county():
    return Facts(build(loans=300, seed=11).tables), load_book([PACKS])


@pytest.mark.parametrize(("start", "end"), PERIODS)
def test_every_line_of_the_county_explains_itself(county, start, end):
    given, book = county
    lines = subsidy(given, book, start=start, end=end).lines
    assert lines.height > 0
    for line in lines.rows(named=True):
        told = explain(given, book, line["loan_id"], start=start, end=end)
        for name in ("interest_fen", "subsidy_fen", "borrower_fen"):
            assert told.values[name] == line[name], (line["loan_id"], name)


def test_steps_carry_their_clauses():
    told = explain(facts([loan("A")], []), load_book(), "A", start=date(2024, 3, 21), end=date(2024, 6, 21))
    steps = {step.name: step for part in told.parts for step in part.steps}
    assert steps["county_rate_e8"].clauses == ("LD2021-1.6",)
    assert steps["county_rate_e8"].value == 4_450_000
    assert steps["interest_fen"].value == 56_861
    assert all(step.clauses for step in steps.values())


def test_by_default_the_whole_life_is_explained():
    told = explain(
        facts([loan("A")], [event("A", "2024-04-10", "extended", value_on="2026-05-01")]), load_book(), "A"
    )
    assert (told.start, told.end) == (date(2022, 5, 1), date(2026, 5, 1))


def test_what_cannot_be_explained_is_said():
    book = load_book()
    with pytest.raises(LoanNotFound):
        explain(facts([loan("A")], []), book, "B")
    with pytest.raises(Refused) as refused:
        explain(facts([loan("A", area_code="110000000000", product="poverty")], []), book, "A")
    assert refused.value.refusal.code == "no_policy_for_place_and_day"
