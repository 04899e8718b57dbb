"""Identities, insurance, reminders: raised and not raised."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.engine.small_facts import HEILONGJIANG, event, facts, loan

from bangfu.engine.audit_context import audit_context
from bangfu.engine.detectors.identity import bad_id_number, duplicate_identity
from bangfu.engine.detectors.insurance import insurance_claim_unpaid, insurance_gap
from bangfu.engine.detectors.reminders import reminder_missed
from bangfu.engine.identities import masked
from bangfu.facts.identity import check_digit_of, mask
from bangfu.policy import load_book

BOOK = load_book()
DAY = date(2025, 3, 1)


def number(first_seventeen: str) -> str:
    """A synthetic ID number with its check character."""
    return first_seventeen + check_digit_of(first_seventeen)


ONE, TWO, THREE = (number(f"522728198001{place}985") for place in (10, 11, 12))
ONE_OLD_FORM = ONE[:6] + ONE[8:17]


def member(member_id: str, household_id: str, id_number: str | None, **given: Any) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "household_id": household_id,
        "id_number": id_number,
        "labour": True,
        **given,
    }


def context(loans: list, events: list, *, as_of: date = DAY, **tables: Any):
    return audit_context(facts(loans, events, **tables), BOOK, as_of=as_of)


def ids(found: pl.DataFrame) -> list[tuple[str, str]]:
    return found.select("table", "id").rows()


def told(found: pl.DataFrame, row: int = 0) -> dict[str, Any]:
    return json.loads(found["facts"][row])


def test_one_number_in_two_households() -> None:
    people = [member("M1", "H1", ONE), member("M2", "H2", ONE), member("M3", "H3", TWO)]
    found = duplicate_identity(context([], [], members=people))
    assert ids(found) == [("households", "H1"), ("households", "H2")]
    assert told(found) == {"id_number": mask(ONE), "members": 2, "households": "H1 H2"}


def test_the_old_form_of_a_number_is_the_same_person() -> None:
    people = [member("M1", "H1", ONE), member("M2", "H2", ONE_OLD_FORM)]
    assert len(ONE_OLD_FORM) == 15
    assert ids(duplicate_identity(context([], [], members=people))) == [
        ("households", "H1"),
        ("households", "H2"),
    ]


def test_one_person_twice_in_one_household() -> None:
    people = [member("M1", "H1", ONE), member("M2", "H1", ONE)]
    assert ids(duplicate_identity(context([], [], members=people))) == [("households", "H1")]


def test_different_people_with_one_name_are_no_proof() -> None:
    people = [
        member("M1", "H1", ONE, name="张三"),
        member("M2", "H2", TWO, name="张三"),
        member("M3", "H3", None),
    ]
    assert duplicate_identity(context([], [], members=people)).is_empty()


def test_a_borrower_who_is_a_member_of_another_household() -> None:
    people = [member("M1", "H1", ONE), member("M2", "H2", TWO)]
    loans = [
        loan("home", household_id="H2", borrower_id_number=TWO),
        loan("away", household_id="H2", borrower_id_number=ONE),
        loan("nobody", household_id="H2", borrower_id_number=THREE),
    ]
    found = duplicate_identity(context(loans, [], members=people))
    assert ids(found) == [("loans", "away")]
    assert told(found)["member_of"] == "H1"


def test_a_borrower_known_nowhere_who_borrows_for_two_households() -> None:
    loans = [loan(key, household_id=f"H{key}", borrower_id_number=THREE) for key in ("a", "b")]
    found = duplicate_identity(context(loans, [], members=[member("M1", "Ha", ONE)]))
    assert ids(found) == [("loans", "a"), ("loans", "b")]
    assert told(found)["households_borrowing"] == 2


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (ONE[:17] + ("1" if ONE[17] != "1" else "2"), "check_digit"),
        ("52272819800230985X", "birth_date"),
        ("5227281980", "form"),
    ],
)
def test_a_number_that_fails(bad: str, why: str) -> None:
    people = [member("M1", "H1", bad), member("M2", "H1", TWO), member("M3", "H2", ONE_OLD_FORM)]
    found = bad_id_number(context([], [], members=people))
    assert ids(found) == [("households", "H1")]
    assert (told(found)["member_id"], told(found)["fails"]) == ("M1", why)
    assert bad not in found["facts"][0]


def test_a_borrowers_failing_number_is_the_loans_unless_a_member_has_it() -> None:
    bad = ONE[:17] + ("1" if ONE[17] != "1" else "2")
    loans = [
        loan("L1", household_id="H1", borrower_id_number=bad),
        loan("L2", household_id="H1", borrower_id_number=TWO),
    ]
    assert ids(bad_id_number(context(loans, [], members=[member("M2", "H1", TWO)]))) == [("loans", "L1")]
    assert ids(bad_id_number(context(loans, [], members=[member("M2", "H1", bad)]))) == [("households", "H1")]


def test_masking_is_that_of_the_reader() -> None:
    given = [ONE, ONE_OLD_FORM, "1234", "12345678"]
    shown = pl.DataFrame({"n": given}).select(masked(pl.col("n")))["n"].to_list()
    assert shown == [mask(text) for text in given]


def cover(member_id: str, start: str, end: str, kind: str | None = "life") -> dict[str, Any]:
    return {
        "policy_id": f"P{member_id}",
        "member_id": member_id,
        "kind": kind,
        "from_on": start,
        "to_on": end,
    }


def _insured(*policies: dict[str, Any], **given: Any):
    one = loan("L1", household_id="H1", borrower_id_number=ONE, **given)
    return insurance_gap(context([one], [], members=[member("M1", "H1", ONE)], insurance=list(policies)))


def test_a_borrower_without_cover_on_the_day() -> None:
    found = _insured(cover("M1", "2022-05-01", "2025-03-01"))
    assert ids(found) == [("loans", "L1")]
    assert found["clauses"][0].to_list() == ["HLJ2019-2.5"]
    assert told(found)["kinds_missing"] == "life"


@pytest.mark.parametrize("kind", ["life", "accident", "扶贫小额人身保险", "意外伤害保险", None])
def test_cover_of_a_kind_that_counts(kind: str | None) -> None:
    assert _insured(cover("M1", "2022-05-01", "2025-03-02", kind)).is_empty()


def test_farm_insurance_does_not_cover_the_person() -> None:
    assert ids(_insured(cover("M1", "2022-05-01", "2025-06-01", "农业保险"))) == [("loans", "L1")]


def test_the_dead_the_repaid_and_the_unknown_need_no_cover() -> None:
    loans = [
        loan("dead", household_id="H1", borrower_id_number=ONE),
        loan("repaid", household_id="H2", borrower_id_number=TWO),
        loan("unknown", household_id="H3", borrower_id_number=THREE),
    ]
    people = [member("M1", "H1", ONE, deceased_on="2025-01-01"), member("M2", "H2", TWO)]
    events = [event("repaid", "2025-02-01", "repaid", "50000")]
    assert insurance_gap(context(loans, events, members=people, insurance=[])).is_empty()


def _event_of(**given: Any) -> dict[str, Any]:
    return {"member_id": "M1", "on": "2024-06-01", "kind": "hospital", "amount_due_fen": 300_000} | given


def _claims(*happened: dict[str, Any], loans: list | None = None) -> pl.DataFrame:
    tables = {"members": [member("M1", "H1", ONE)], "insurance": [cover("M1", "2024-01-01", "2025-01-01")]}
    return insurance_claim_unpaid(context(loans or [], [], insurance_events=list(happened), **tables))


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({}, 300_000),
        ({"claimed_on": "2024-07-01"}, 300_000),
        ({"claimed_on": "2024-07-01", "paid_on": "2024-08-01", "amount_paid_fen": 100_000}, 200_000),
        ({"claimed_on": "2024-07-01", "amount_due_fen": None}, None),
        ({"claimed_on": "2024-07-01", "paid_on": "2025-03-02", "amount_paid_fen": 300_000}, 300_000),
        ({"on": "2025-02-01", "policy_id": "PX"}, 300_000),
    ],
)
def test_a_claim_that_is_due_and_unpaid(given: dict[str, Any], amount: int | None) -> None:
    found = _claims(_event_of(**given))
    assert ids(found) == [("households", "H1")]
    assert found["amount_fen"][0] == amount


@pytest.mark.parametrize(
    "given",
    [
        {"claimed_on": "2024-07-01", "paid_on": "2024-08-01", "amount_paid_fen": 300_000},
        {"on": "2025-01-01"},
        {"on": "2025-03-02"},
    ],
)
def test_a_claim_paid_an_event_without_cover_and_one_still_to_come(given: dict[str, Any]) -> None:
    assert _claims(_event_of(**given)).is_empty()


def test_the_loan_of_the_day_is_the_subject() -> None:
    loans = [
        loan(
            "old",
            household_id="H1",
            borrower_id_number=ONE,
            contract_on="2021-06-01",
            matures_on="2022-06-01",
        ),
        loan("then", household_id="H1", borrower_id_number=ONE, contract_on="2024-01-05"),
        loan(
            "later",
            household_id="H1",
            borrower_id_number=ONE,
            contract_on="2024-12-05",
            matures_on="2025-12-05",
        ),
    ]
    assert ids(_claims(_event_of(), loans=loans)) == [("loans", "then")]


def reminded(on: str, how: str) -> dict[str, Any]:
    return event("L1", on, "reminded", value=how)


def _reminders(*events: dict[str, Any], as_of: str = "2024-06-01", **given: Any) -> pl.DataFrame:
    one = loan("L1", contract_on="2023-05-01", matures_on="2024-05-01", **given)
    return reminder_missed(context([one], list(events), as_of=date.fromisoformat(as_of)))


def test_neither_told_nor_written() -> None:
    found = _reminders()
    assert ids(found) == [("loans", "L1")]
    assert found["clauses"][0].to_list() == ["HLJ2019-2.6a"]
    shown = told(found)
    assert (shown["tell_by"], shown["tell_in_writing_by"], shown["missed"]) == ("2024-03-02", "2024-04-01", 2)


def test_told_but_not_in_writing() -> None:
    assert told(_reminders(reminded("2024-03-01", "spoken")))["missed"] == 1


def test_in_heilongjiang_the_loans_own_stack_speaks() -> None:
    given = {
        "product": "poverty",
        "area_code": HEILONGJIANG,
        "contract_on": "2019-06-10",
        "matures_on": "2020-06-10",
    }
    found = reminder_missed(context([loan("L1", rate="3.75") | given], [], as_of=date(2020, 7, 1)))
    assert found["clauses"][0].to_list() == ["HLJ2019-2.6a"]


@pytest.mark.parametrize(
    "events",
    [
        [reminded("2024-03-02", "spoken"), reminded("2024-04-01", "written")],
        [reminded("2024-02-20", "written")],
        [event("L1", "2024-03-01", "repaid", "50000")],
        [event("L1", "2024-02-01", "recalled")],
    ],
)
def test_reminded_in_time_or_nothing_to_remind_of(events: list[dict[str, Any]]) -> None:
    assert _reminders(*events).is_empty()


def test_before_the_last_day_is_over_nothing_is_missed() -> None:
    assert _reminders(as_of="2024-03-02").is_empty()
    assert told(_reminders(as_of="2024-03-03"))["missed"] == 1


def test_an_extended_maturity_wants_reminders_of_its_own() -> None:
    longer = event("L1", "2024-02-20", "extended", value_on=date(2024, 11, 1))
    assert _reminders(longer, as_of="2024-06-01").is_empty()
    found = _reminders(longer, reminded("2024-02-01", "written"), as_of="2024-10-15")
    assert told(found)["matures_on"] == "2024-11-01"
    assert _reminders(longer, reminded("2024-08-01", "written"), as_of="2024-10-15").is_empty()
