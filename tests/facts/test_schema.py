"""One place for names: the tables of the design, every header once, every word one code."""

from __future__ import annotations

import pytest

from bangfu.facts import TABLES, codes, empty
from bangfu.facts.headers import fold, match, names
from bangfu.facts.schema import DERIVED

# design §11, as it stands there
DESIGN = {
    "households": "household_id area_code head_name labour_count poverty_cause",
    "members": "member_id household_id name id_number relation labour deceased_on",
    "roster": "household_id category listed_on left_on left_reason",
    "loans": "loan_id household_id borrower_id_number lender branch product kind parent_loan_id area_code applied_on "
    "contract_on matures_on principal rate interest_method purpose guarantee funding subsidy_ceiling",
    "events": "loan_id on kind amount value recorded_on",
    "subsidies": "loan_id period_start period_end amount rate_claimed paid_on paid_to",
    "transfers": "loan_id on amount to_account to_name to_kind",
    "insurance": "policy_id member_id insurer kind from to premium",
    "insurance_events": "member_id on kind policy_id claimed_on paid_on amount_due amount_paid",
    "ordinary_loans": "loan_id household_id borrower_id_number lender branch product kind parent_loan_id area_code "
    "applied_on contract_on matures_on principal rate interest_method purpose guarantee funding subsidy_ceiling",
    "fund": "area_code on kind amount loan_id",
    "budgets": "area_code year revenue",
    "lenders": "lender from npl_target npl_all",
    "other_subsidies": "loan_id programme period_start period_end amount",
}


def test_tables_and_columns_are_those_of_the_design():
    assert {
        name: " ".join(column.name for column in table.columns) for name, table in TABLES.items()
    } == DESIGN
    assert {name for name, table in TABLES.items() if table.required} == {"households", "loans", "events"}


def test_names_in_memory_tell_their_units():
    for name, table in TABLES.items():
        assert [*empty(name).columns] == [*table.schema]
        for column in table.columns:
            assert column.frame.endswith("_fen") == (column.kind == "money")
            assert column.frame.endswith("_e8") == (column.kind == "rate")
            assert column.frame not in DERIVED
    assert TABLES["insurance"].column("to").frame == "to_on"
    assert TABLES["insurance"].column("to_on").name == "to"
    with pytest.raises(KeyError):
        TABLES["loans"].column("nothing")


@pytest.mark.parametrize("name", TABLES)
def test_no_header_means_two_columns(name):
    spelled = [fold(word) for column in TABLES[name].columns for word in (column.zh, *column.aliases)]
    assert len(spelled) == len(set(spelled))
    for column in TABLES[name].columns:
        for header in (column.name, column.frame, column.zh, column.zh_header, f" {column.zh_header}* "):
            found = match(name, header)
            assert found is not None
            assert found.column is column
    assert set(names(name)) >= set(spelled)


def test_no_table_name_means_two_tables():
    spelled = [fold(word) for table in TABLES.values() for word in (table.name, table.zh, *table.aliases)]
    assert len(spelled) == len(set(spelled))


def test_no_word_means_two_codes():
    for table in TABLES.values():
        for column in table.columns:
            if column.words is None:
                assert column.kind != "code"
                continue
            spellings = codes.spellings(column.words)
            assert len(spellings) == len(set(spellings)), column.name
            assert codes.reverse(column.words) == {
                fold(word): codes.reverse(column.words)[fold(word)] for word in spellings
            }
            assert set(codes.reverse(column.words).values()) == set(column.words)


def test_code_sets_are_those_of_the_design():
    assert {"poverty", "transition", "assistance"} == codes.PRODUCTS
    assert len(codes.EVENT_KINDS) == 17
    assert len(codes.PURPOSES_LAWFUL) == 11
    assert len(codes.PURPOSES_FORBIDDEN) == 9
    assert not codes.PURPOSES_LAWFUL & codes.PURPOSES_FORBIDDEN
    assert len(codes.GUARANTEES) == 8
    assert codes.EVENTS_DOWN | codes.EVENTS_UP | codes.EVENTS_OF_MONEY < codes.EVENT_KINDS
