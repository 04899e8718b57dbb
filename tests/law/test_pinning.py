"""A contract is pinned: what is issued later speaks only where its own documents say undetermined."""

from datetime import date

import pytest

from bangfu.policy import Payer, load_book

NOTICE = """\
id: HA2024
number: 豫示范〔2024〕1号
title: A Henan notice made up for this test
issuers: [Office]
jurisdiction: "410000"
product: transition
issued: 2024-01-10
contracts: {from: 2024-01-01, to: 2025-12-31}
builds_on: CN2021
clauses:
  "1": Interest from 2024-01-01 on is paid to one half by the province.
  "2": Contracts up to two years.
terms:
  subsidy.payers: {from: 2024-01-01, value: [{payer: province, share_of_rate: 50%}], clause: "1"}
  subsidy.principal_cap: {value: 30000, clause: "1"}
  term.max_months: {value: 24, clause: "2"}
"""
CITY = """\
id: ZZ2024
number: 郑示范〔2024〕2号
title: A city notice made up for this test
issuers: [Office]
jurisdiction: "410100"
product: transition
issued: 2024-06-01
contracts: {from: 2024-06-01, to: 2025-12-31}
clauses:
  "1": The city pays the rest.
terms:
  subsidy.payers:
    - from: 2024-06-01
      to: 2024-12-31
      value: [{payer: province, share_of_rate: 50%}, {payer: city, points: "1"}]
      clause: "1"
    - {from: 2025-01-01, value: undetermined, clause: "1"}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")
    (folder / "HA2024.yaml").write_text(NOTICE, encoding="utf-8")
    return load_book([folder])


@pytest.fixture(scope="module")
def book_with_city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")
    (folder / "HA2024.yaml").write_text(NOTICE, encoding="utf-8")
    (folder / "ZZ2024.yaml").write_text(CITY, encoding="utf-8")
    return load_book([folder])


def test_a_later_notice_fills_what_was_left_open_and_nothing_else(book):
    stack = book.stack("410800", "transition", date(2022, 5, 1))
    assert stack.id == "CN2021+HA2021+JZ2021~HA2024"
    before = stack.term("subsidy.payers", date(2023, 12, 31))
    after = stack.term("subsidy.payers", date(2024, 1, 1))
    assert (before.clause, before.payers) == ("HA2021-2.2c", (Payer("fiscal", share_percent=100),))
    assert (after.clause, after.payers) == ("HA2024-1", (Payer("province", share_percent=50),))
    assert [over.clause for over in after.overrides] == ["HA2021-2.2c", "CN2021-1.6"]
    # The contract's own documents determine these: the later notice is silent for it.
    assert stack.term("subsidy.principal_cap", date(2024, 6, 1)).clause == "CN2021-2.3"
    assert stack.term("term.max_months", date(2024, 6, 1)).clause == "CN2021-1.3"
    runs = stack.segments(["subsidy.payers"], date(2023, 12, 21), date(2024, 3, 21))
    assert [(start, values["subsidy.payers"].document) for start, _, values in runs] == [
        (date(2023, 12, 21), "HA2021"),
        (date(2024, 1, 1), "HA2024"),
    ]
    assert ("HA2024", book.packs["HA2024"].hash) in stack.pinned
    assert stack.clause("HA2024-1").text.startswith("Interest")


def test_a_contract_of_its_own_window_takes_all_of_it(book):
    stack = book.stack("410800", "transition", date(2024, 1, 1))
    assert stack.id == "CN2021+HA2021+HA2024+JZ2021"
    assert stack.term("term.max_months", date(2024, 1, 1)).integer == 24
    assert stack.term("subsidy.principal_cap", date(2024, 1, 1)).integer == 3_000_000
    over = stack.term("subsidy.payers", date(2024, 1, 1)).overrides
    assert [value.clause for value in over] == ["HA2021-2.2c", "CN2021-1.6"]


def test_a_place_the_notice_does_not_reach_is_untouched(book):
    assert book.stack("522728", "transition", date(2022, 5, 1)).id == "CN2021+LD2021"
    assert book.stack("110101", "transition", date(2022, 5, 1)).id == "CN2021"


def test_the_nation_alone_is_filled_by_a_later_notice_but_not_by_one_for_its_own_contracts(book):
    stack = book.stack("410800", "transition", date(2021, 3, 15))
    assert stack.id == "CN2021~HA2024"
    assert stack.term("subsidy.payers", date(2023, 6, 1)).clause == "CN2021-1.6"
    assert stack.term("subsidy.payers", date(2024, 6, 1)).clause == "HA2024-1"


def test_of_several_later_documents_the_lowest_that_determines_it_speaks(book_with_city):
    stack = book_with_city.stack("410105", "transition", date(2022, 5, 1))
    assert stack.id == "CN2021+HA2021~ZZ2024+HA2024"
    assert stack.term("subsidy.payers", date(2024, 5, 31)).document == "HA2024"
    assert stack.term("subsidy.payers", date(2024, 6, 1)).document == "ZZ2024"
    assert stack.term("subsidy.payers", date(2025, 1, 1)).document == "HA2024"


def test_a_document_issued_before_signing_whose_window_is_over_does_not_speak(tmp_path):
    text = NOTICE.replace("to: 2025-12-31", "to: 2024-06-30")
    (tmp_path / "HA2024.yaml").write_text(text, encoding="utf-8")
    stack = load_book([tmp_path]).stack("410800", "transition", date(2024, 8, 1))
    assert stack.id == "CN2021+HA2021+JZ2021"
    assert stack.term("subsidy.payers", date(2024, 8, 1)).undetermined


def test_a_later_document_of_another_product_never_speaks(book):
    stack = book.stack("522728", "transition", date(2024, 5, 1))
    on = date(2027, 1, 1)
    assert {found.document for found in stack.terms(on).values()} == {"CN2021", "LD2021"}


def test_a_document_without_a_day_counts_from_its_first_contracts(tmp_path):
    (tmp_path / "HA2024.yaml").write_text(NOTICE.replace("issued: 2024-01-10", "issued:"), encoding="utf-8")
    stack = load_book([tmp_path]).stack("410800", "transition", date(2022, 5, 1))
    assert stack.id == "CN2021+HA2021+JZ2021~HA2024"


def test_an_open_window_ends_with_the_document_it_builds_on(tmp_path):
    (tmp_path / "HA2024.yaml").write_text(NOTICE.replace(", to: 2025-12-31}", "}"), encoding="utf-8")
    book = load_book([tmp_path])
    assert book.stack("410800", "transition", date(2026, 1, 15)).id == "CN2021+HA2021+HA2024+JZ2021"
    with pytest.raises(Exception, match="No policy covers"):
        book.stack("410800", "transition", date(2026, 3, 1))


def test_a_county_pack_joins_whatever_packs_its_place_has(tmp_path):
    text = NOTICE.replace("HA2024", "WZ2024").replace('"410000"', '"410823"').replace("HA2021", "CN2021")
    (tmp_path / "WZ2024.yaml").write_text(text, encoding="utf-8")
    stack = load_book([tmp_path]).stack("410823001002", "transition", date(2024, 5, 1))
    assert stack.id == "CN2021+HA2021+JZ2021+WZ2024"


def test_the_installed_book_is_not_touched_by_added_packs(book):
    assert "HA2024" in book.packs
    assert "HA2024" not in load_book().packs
