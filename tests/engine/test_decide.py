"""A decision counts the breaker in: on loans that were paid out while it stood, and on applications of the day."""

from __future__ import annotations

from datetime import date

import pytest

from bangfu.engine.decide import decide
from bangfu.facts import read_facts
from bangfu.policy import load_book

LOANS = """loan_id,household_id,lender,branch,product,kind,contract_on,matures_on,principal,rate,interest_method,purpose
BAD,H1,U,A,transition,new,2023-01-10,2024-01-10,50000,3.65,daily_360,livestock
LATE,H2,U,A,transition,new,2023-08-10,2024-08-10,50000,3.55,daily_360,livestock
ASKED,H3,U,A,transition,new,,2024-08-10,50000,3.55,daily_360,livestock
OTHER,H3,U,B,transition,new,,2024-08-10,50000,3.55,daily_360,livestock
"""
EVENTS = """loan_id,on,kind,amount,value
BAD,2023-01-10,disbursed,50000,
BAD,2023-05-10,classified,,3
LATE,2023-08-10,disbursed,50000,
"""


@pytest.fixture
def facts(tmp_path):
    homes = "household_id,area_code\n" + "".join(f"H{number},522728100200\n" for number in (1, 2, 3))
    for name, text in (("households", homes), ("loans", LOANS), ("events", EVENTS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_facts(tmp_path)


def suspended(facts, on):
    found = decide(facts, load_book(), on=on).refusals
    return {row["id"]: row for row in found.iter_rows(named=True) if row["code"] == "lent_while_suspended"}


def test_a_suspended_branch_refuses_what_is_asked_and_marks_what_was_lent(facts):
    found = suspended(facts, date(2023, 9, 15))
    assert sorted(found) == ["ASKED", "LATE"]
    assert found["ASKED"]["clauses"] == ["LD2021-5.5"]


def test_nothing_is_said_before_it_tripped(facts):
    assert suspended(facts, date(2023, 5, 20)) == {}
