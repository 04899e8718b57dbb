"""Every day: no gap, no overlap in any pack; every place and product resolves or is refused by name."""

from datetime import date, timedelta

import pytest

from bangfu.policy import NEEDED, VOCABULARY, load_book
from bangfu.refusals import Refused

FIRST, LAST = date(2014, 1, 1), date(2030, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
DOCUMENTS = sorted(load_book().packs)
PLACES = ("000000", "110101", "230182", "410800", "410105", "520100", "522728", "522728101", "522728101202")
# HLJ2019 names no longest term, and no national document of its regime is among the seven.
SILENT = {("HLJ2019", "term.max_months")}


def resolved(book, place, product, day, purpose="contract"):
    """The stack of a day, or None where it is refused, which has one name."""
    try:
        return book.stack(place, product, day, purpose=purpose)
    except Refused as why:
        if why.refusal.code != "no_policy_for_place_and_day":
            raise
        return None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_term_of_a_pack_has_one_value_on_every_day_between_its_first_and_last(document):
    pack = load_book().packs[document]
    for name, values in pack.terms.items():
        first = values[0].from_on or FIRST
        last = values[-1].to_on or LAST
        for day in DAYS:
            holding = sum(dated.holds_on(day) for dated in values)
            assert holding == (1 if first <= day <= last else 0), (name, day)


@pytest.mark.parametrize("product", ["poverty", "transition", "assistance"])
@pytest.mark.parametrize("place", PLACES)
def test_every_day_resolves_to_needed_terms_or_to_a_named_refusal(place, product):
    book = load_book()
    for day in DAYS:
        stack = resolved(book, place, product, day)
        if stack is None:
            continue
        for name in NEEDED:
            if (stack.id, name) in SILENT:
                with pytest.raises(Refused, match="does not set"):
                    stack.term(name, day)
            else:
                assert stack.term(name, day) is not None, (place, product, day, name)


def test_nothing_changes_between_two_breakpoints():
    book = load_book()
    for place, product in (("410800", "transition"), ("522728", "poverty"), ("110101", "assistance")):
        before = None
        for day in DAYS:
            stack = resolved(book, place, product, day)
            now = stack and (stack.id, stack.band, tuple(stack.look(name, day) for name in VOCABULARY))
            assert now == before or day in book.breakpoints() or day == FIRST, (place, product, day)
            before = now


def test_each_product_has_its_days():
    book = load_book()

    def days_of(place, product, purpose="contract"):
        found = [day for day in DAYS if resolved(book, place, product, day, purpose)]
        assert len(found) == (found[-1] - found[0]).days + 1, "a hole"
        return found[0], found[-1]

    assert days_of("522728", "poverty") == (date(2014, 12, 1), date(2021, 3, 9))
    assert days_of("520000", "poverty") == (date(2014, 12, 1), date(2021, 3, 9))
    assert days_of("230000", "poverty") == (date(2014, 12, 1), date(2020, 12, 31))
    assert days_of("522728", "transition") == (date(2021, 3, 10), date(2026, 2, 23))
    assert days_of("522728", "transition", "application") == (date(2021, 3, 10), date(2025, 12, 31))
    assert days_of("522728", "assistance") == (date(2026, 2, 24), LAST)
