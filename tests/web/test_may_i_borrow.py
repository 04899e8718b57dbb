"""May I borrow? The same answers as the core's rules, and nothing kept."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone
from tests.web.face import reader

from bangfu.policy import load_book
from bangfu.web.views.may_i_borrow import answered

NOW, THEN, GAP = date(2026, 7, 1), date(2022, 5, 1), date(2026, 1, 15)
TOLD = {
    "category": "monitored", "age": 40, "labour": "yes", "purpose": "livestock", "amount": 5_000_000, "months": 36,
    "owing": None,
}  # fmt: skip


def asked(on: date = NOW, **changed):
    return answered(load_book(), TOLD | changed, place="522728", on=on)


@pytest.mark.parametrize(
    ("changed", "outcome", "clauses"),
    [
        ({}, "admitted", []),
        ({"category": "assisted", "amount": 10_000_000}, "admitted", []),
        ({"amount": 10_000_001}, "refused", ["CN2026-1.2"]),
        ({"category": "out_of_poverty"}, "refused", ["CN2026-1.1"]),
        ({"category": "none"}, "refused", ["CN2026-1.1"]),
        ({"age": 65}, "admitted", []),
        ({"age": 66}, "needs_exception", ["CN2026-1.9"]),
        ({"age": 17}, "needs_exception", ["CN2026-1.9"]),
        ({"labour": "no"}, "refused", ["CN2026-1.9"]),
        ({"purpose": "house"}, "refused", ["CN2026-1.8"]),
        ({"purpose": "enterprise"}, "refused", ["CN2026-1.8", "CN2026-4.2"]),
        ({"months": 37}, "refused", ["CN2026-1.3"]),
        ({"owing": 6_000_000}, "refused", ["CN2026-1.2"]),
        ({"age": 66, "purpose": "wedding"}, "refused", ["CN2026-1.8", "CN2026-1.9"]),
        ({"on": THEN, "category": "out_of_poverty"}, "admitted", []),
        ({"on": THEN, "category": "monitored"}, "refused", ["LD2021-1.1"]),
        ({"on": THEN, "category": "margin", "amount": 6_000_000}, "refused", ["LD2021-1.2"]),
    ],
)
def test_the_answer_is_the_cores(changed, outcome, clauses):
    basis = asked(**changed).basis
    assert basis.outcome == outcome
    assert sorted({clause for one in basis.failed for clause in one.clauses}) == clauses


def test_every_rule_stands_with_its_clause():
    basis = asked().basis
    assert len(basis.passed) >= 8
    assert [one for one in basis.checked if not one.clauses and one.state != "silent"] == []
    assert {str(one.by) for one in basis.of("attest")} == {"村两委", "乡镇", "银行"}


def test_a_day_in_the_gap_is_refused_with_both_clauses():
    answer = asked(GAP)
    assert answer.basis is None
    assert answer.refusal.clauses == ("CN2021-1.10", "CN2026-5.2")


def test_who_does_not_know_the_roster_is_told_who_will_look():
    basis = asked(category="unknown").basis
    assert basis.outcome == "admitted"
    first = basis.of("attest")[0]
    assert "名单" in str(first.name)
    assert first.clauses == ["CN2026-1.1"]


def test_a_household_that_owes_is_judged_as_a_top_up():
    answer = asked(owing=3_000_000)
    assert answer.top_up
    assert [str(one.name) for one in answer.basis.failed if "一户多贷" in str(one.name)] == []


def test_a_made_up_borrower_is_not_shown():
    basis = asked(age=70, owing=9_000_000).basis
    shown = [value for one in basis.checked for _, value in one.facts]
    assert [value for value in shown if "*" in value or "1956" in value] == []


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "按这些情况不能借"), ("en", "Not as things stand")]
)
def test_the_page_answers_without_token_cookie_or_script(monkeypatch, language, words):
    monkeypatch.setattr(timezone, "localdate", lambda: NOW)
    form = {
        "category": "monitored",
        "age": "40",
        "labour": "yes",
        "purpose": "house",
        "amount": "5万",
        "months": "12",
    }
    client = reader(language, enforce_csrf_checks=True)
    assert 'class="error"' in client.post("/may-i-borrow/", form).content.decode()
    answer = client.post("/may-i-borrow/", form | {"amount": "50,000"})
    assert words in answer.content.decode()
    assert not answer.cookies


@pytest.mark.parametrize(
    "wrong",
    [
        {"age": "-1"}, {"age": "abc"}, {"age": "9" * 40}, {"amount": "0"}, {"amount": "1e9"},
        {"amount": "99999999999999"}, {"months": "0"}, {"purpose": "nothing"}, {"category": "<script>"},
        {"owing": "-5"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(wrong):
    form = {
        "category": "monitored",
        "age": "40",
        "labour": "yes",
        "purpose": "crops",
        "amount": "100",
        "months": "12",
    }
    text = reader().post("/may-i-borrow/", form | wrong).content.decode()
    assert 'class="error"' in text
    assert "<script>" not in text.replace('<script src="', "")
