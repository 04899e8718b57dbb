"""Which documents speak for a place, a product and a day, and what they say."""

import time
from datetime import date

import pytest

from bangfu.policy import NO_CEILING, UNDETERMINED, VOCABULARY, Band, Payer, PolicyBook, load_book
from bangfu.refusals import Refused

BOOK = load_book()
PERCENT = 1_000_000
GAP = ("CN2021-1.10", "CN2026-5.2")


def value(place, product, day, name, on=None):
    return BOOK.stack(place, product, day).term(name, on or day)


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        BOOK.stack(*args, **kwargs)
    assert caught.value.refusal.code == "no_policy_for_place_and_day"
    return caught.value.refusal


@pytest.mark.parametrize(
    ("place", "product", "day", "stack"),
    [
        ("410800", "transition", date(2022, 1, 1), "CN2021+HA2021+JZ2021"),
        ("410802", "transition", date(2021, 4, 16), "CN2021+HA2021+JZ2021"),
        ("410802", "transition", date(2021, 4, 15), "CN2021+HA2021"),
        ("410800", "transition", date(2021, 3, 29), "CN2021+HA2021"),
        ("410800", "transition", date(2021, 3, 28), "CN2021"),
        ("410000", "transition", date(2021, 3, 15), "CN2021"),
        ("41", "transition", date(2021, 4, 1), "CN2021+HA2021"),
        ("4108", "transition", date(2025, 12, 31), "CN2021+HA2021+JZ2021"),
        ("410105", "transition", date(2022, 1, 1), "CN2021+HA2021"),
        ("522728", "transition", date(2021, 3, 10), "CN2021+LD2021"),
        ("522728101", "transition", date(2022, 1, 1), "CN2021+LD2021"),
        ("522728101202", "transition", date(2022, 1, 1), "CN2021+LD2021"),
        ("522700", "transition", date(2022, 1, 1), "CN2021"),
        ("522728", "poverty", date(2021, 3, 9), "GZ2018"),
        ("522728", "poverty", date(2021, 1, 1), "GZ2018"),
        ("520100", "poverty", date(2018, 6, 1), "GZ2018"),
        ("230182", "poverty", date(2018, 6, 1), "HLJ2019"),
        ("230000", "poverty", date(2020, 12, 31), "HLJ2019"),
        ("110101", "transition", date(2023, 1, 1), "CN2021"),
        ("522728", "assistance", date(2026, 2, 24), "CN2026"),
        ("00", "assistance", date(2027, 1, 1), "CN2026"),
    ],
)
def test_a_stack_is_the_packs_of_a_place_and_the_places_above(place, product, day, stack):
    assert BOOK.stack(place, product, day).id == stack


@pytest.mark.parametrize(
    ("place", "product", "day", "facts"),
    [
        ("522728", "assistance", date(2025, 12, 31), {"pack_after": "CN2026"}),
        ("522728", "transition", date(2021, 3, 9), {"pack_after": "CN2021"}),
        ("522728", "transition", date(2026, 2, 24), {"pack_before": "CN2021"}),
        ("522728", "poverty", date(2021, 3, 10), {"pack_before": "GZ2018"}),
        ("522728", "poverty", date(2014, 11, 30), {"pack_after": "GZ2018"}),
        ("230182", "poverty", date(2021, 1, 1), {"pack_before": "HLJ2019", "pack_after": "CN2021"}),
        ("110101", "poverty", date(2018, 1, 1), {"pack_after": "CN2021"}),
        ("990101", "transition", date(2022, 1, 1), {"missing": "no such province, city or county"}),
        ("410001", "transition", date(2022, 1, 1), {"missing": "no such province, city or county"}),
        ("41080", "transition", date(2022, 1, 1), {"missing": "a place has 2, 4, 6, 9 or 12 digits"}),
        ("焦作", "transition", date(2022, 1, 1), {"missing": "a place has 2, 4, 6, 9 or 12 digits"}),
        ("", "transition", date(2022, 1, 1), {"missing": "a place has 2, 4, 6, 9 or 12 digits"}),
        (
            "410800",
            "other",
            date(2022, 1, 1),
            {"missing": "product is one of poverty, transition, assistance"},
        ),
    ],
)
def test_an_uncovered_place_product_or_day_is_refused_with_what_is_missing(place, product, day, facts):
    refusal = refused(place, product, day)
    assert {"place": place, "product": product, "day": day.isoformat()}.items() <= refusal.facts.items()
    assert facts.items() <= refusal.facts.items()


def test_the_end_of_a_regime_is_refused_with_the_clause_that_ends_it():
    assert refused("410800", "transition", date(2026, 3, 1)).clauses == ("CN2021-1.10",)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 1, 15), date(2026, 2, 23)])
@pytest.mark.parametrize(
    ("place", "stack"), [("522728", "CN2021+LD2021"), ("410800", "CN2021+HA2021+JZ2021")]
)
def test_a_contract_signed_in_the_gap_runs_on_the_earlier_terms_with_a_warning(day, place, stack):
    found = BOOK.stack(place, "transition", day)
    assert found.id == stack
    assert [warning.clauses for warning in found.warnings] == [GAP]
    assert found.warnings[0].facts == {"signed_on": day.isoformat(), "terms_as_of": "2025-12-31"}


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 2, 23)])
def test_an_application_in_the_gap_is_refused_with_both_clauses(day):
    assert refused("522728", "transition", day, purpose="application").clauses == GAP
    assert refused("522728", "assistance", day, purpose="application").clauses == GAP


def test_outside_the_gap_an_application_is_as_a_contract():
    for day in (date(2025, 12, 31), date(2021, 3, 10)):
        assert BOOK.stack("522728", "transition", day, purpose="application").warnings == ()
    assert refused("522728", "transition", date(2026, 2, 24), purpose="application").clauses == (
        "CN2021-1.10",
    )
    with pytest.raises(ValueError, match="purpose"):
        BOOK.stack("522728", "transition", date(2022, 1, 1), purpose="renewal")


def test_jiaozuo_adds_nothing_and_shows_its_chain():
    stack = BOOK.stack("410800", "transition", date(2022, 1, 1))
    assert [pack.id for pack in stack.packs] == ["CN2021", "HA2021", "JZ2021"]
    payers = stack.term("subsidy.payers", date(2023, 12, 31))
    assert (payers.document, payers.clause) == ("HA2021", "HA2021-2.2c")
    assert payers.payers == (Payer("fiscal", share_percent=100),)
    assert [(over.value, over.document) for over in payers.overrides] == [(UNDETERMINED, "CN2021")]
    assert stack.clause("JZ2021-1").kind == "P"


def test_henan_is_full_to_the_end_of_2023_and_then_undetermined():
    stack = BOOK.stack("410105", "transition", date(2022, 5, 1))
    runs = stack.segments(["subsidy.payers"], date(2023, 12, 21), date(2024, 3, 21))
    assert [(start, end, values["subsidy.payers"].undetermined) for start, end, values in runs] == [
        (date(2023, 12, 21), date(2024, 1, 1), False),
        (date(2024, 1, 1), date(2024, 3, 21), True),
    ]
    assert {values["subsidy.payers"].clause for _, _, values in runs} == {"HA2021-2.2c"}
    assert stack.term("subsidy.principal_cap", date(2024, 1, 1)).clause == "CN2021-2.3"


def test_henan_before_its_forwarding_day_stays_with_the_nation_where_that_is_silent_too():
    payers = value("410105", "transition", date(2021, 3, 15), "subsidy.payers", date(2022, 6, 1))
    assert payers.undetermined
    assert payers.clause == "CN2021-1.6"


def test_a_signing_term_is_read_on_the_signing_day_whatever_day_is_asked():
    name = "use.by_enterprise"
    for place, new in (("522728", date(2017, 7, 25)), ("230182", date(2018, 1, 1))):
        old = date.fromordinal(new.toordinal() - 1)
        assert value(place, "poverty", old, name, date(2019, 6, 1)).code == "ledger"
        assert value(place, "poverty", new, name, date(2015, 6, 1)).code == "forbidden"
        assert BOOK.stack(place, "poverty", old).key != BOOK.stack(place, "poverty", new).key


def test_a_value_taken_over_names_both_clauses():
    grace = value("522728", "transition", date(2022, 1, 1), "fund.grace_months")
    assert (grace.integer, grace.clause, grace.incorporates) == (2, "LD2021-5.3", "GZ2018-2.6.2")


def test_typed_values():
    old = date(2018, 6, 1)
    new = date(2022, 6, 1)
    now = date(2026, 6, 1)
    assert value("522728", "transition", new, "rate.ceiling").bands == (
        Band(12, "LPR_1Y"),
        Band(36, "LPR_5Y"),
    )
    assert value("522728", "assistance", now, "rate.ceiling").value is NO_CEILING
    assert value("522728", "assistance", now, "subsidy.payers").payers == (
        Payer("central", share_percent=70, max_points_e8=2_500_000),
    )
    assert value("522728", "assistance", now, "subsidy.principal_cap_large_need").integer == 10_000_000
    assert value("522728", "poverty", old, "breaker.threshold").integer == 3 * PERCENT
    assert value("522728", "poverty", old, "breaker.trips").code == "at_or_above"
    assert value("522728", "poverty", old, "breaker.resumes").undetermined
    assert value("522728", "transition", new, "breaker.trips").code == "above"
    assert value("522728", "transition", new, "breaker.resumes").integer == 3 * PERCENT
    assert value("522728", "transition", new, "subsidy.collect_first").boolean is True
    assert value("230182", "poverty", old, "reminder.days_before").days == (60,)
    assert value("230182", "poverty", old, "interest.standard_method").code == "whole_periods"
    assert value("522728", "transition", new, "extension.medium_share").integer == 50 * PERCENT
    assert value("522728", "transition", new, "reminder.days_before") is None
    with pytest.raises(TypeError):
        value("522728", "transition", new, "borrower.categories").integer  # noqa: B018


def test_json_keeps_counts_as_numbers_and_the_rest_as_text():
    new = date(2022, 6, 1)
    stack = BOOK.stack("522728", "transition", new)
    shown = {name: found.shown for name, found in stack.terms(new).items()}
    assert shown["term.max_months"] == 36
    assert shown["amount.household_cap"] == "50000.00"
    assert shown["tolerance.points"] == "3.00"
    assert shown["subsidy.payers"] == [{"payer": "county", "share_of_rate": "100%"}]
    assert shown["subsidy.payment_months"] == "undetermined"
    assert set(stack.not_regulated(new)) == set(VOCABULARY) - set(shown)


def test_reading_marks_what_the_document_does_not_say_in_so_many_words():
    assert "by the facts" in value("522728", "poverty", date(2018, 6, 1), "subsidy.payers").reading.lower()


def test_segments_are_maximal_and_half_open():
    stack = BOOK.stack("522728", "transition", date(2022, 1, 1))
    names = ["subsidy.payers", "subsidy.principal_cap"]
    runs = stack.segments(names, date(2020, 1, 1), date(2028, 1, 1))
    assert [(start, end) for start, end, _ in runs] == [(date(2020, 1, 1), date(2028, 1, 1))]
    assert stack.segments(names, date(2022, 1, 1), date(2022, 1, 1)) == []


def test_resolution_is_shared_within_a_band():
    book = PolicyBook(list(BOOK.packs.values()))
    started = time.perf_counter()
    for number in range(20_000):
        book.stack(
            "522728101202", "transition", date.fromordinal(date(2022, 1, 1).toordinal() + number % 900)
        )
    assert time.perf_counter() - started < 2
    assert len(book._stacks) <= len(book.breakpoints())
