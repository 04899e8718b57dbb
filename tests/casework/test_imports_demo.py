"""The demonstration county stands in the database as in its files, and each of its people sees their part."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

ORDER = {
    "households": ["household_id"],
    "members": ["member_id"],
    "roster": ["household_id", "category", "listed_on"],
    "loans": ["loan_id"],
    "ordinary_loans": ["loan_id"],
    "events": ["loan_id", "on"],
}


def in_order(name, frame):
    return frame.sort(ORDER[name], maintain_order=True) if name in ORDER else frame


def test_facts_from_the_database_are_the_facts_of_the_files(in_county, county_folder):
    from bangfu.casework.as_facts import api as as_facts
    from bangfu.casework.database.session import Scope, entered
    from bangfu.facts import TABLES, read_facts

    read = read_facts(county_folder)
    with entered(Scope(everything=True)):
        told = as_facts.facts_in_scope()
    for name in TABLES:
        assert_frame_equal(told.tables[name], in_order(name, read.tables[name]))
    assert told.missing == read.missing


@pytest.mark.parametrize(
    "role", ["village", "township", "station", "branch_officer", "branch_manager", "county_bank"]
)
def test_each_sees_their_part_and_nothing_of_the_next(as_role, role):
    from bangfu.casework.as_facts import api as as_facts
    from bangfu.casework.database.session import entered

    seen = []
    for number in (1, 2):
        actor = as_role(role, number)
        with entered(actor.scope):
            facts = as_facts.facts_in_scope()
        assert facts.loans.height > 0
        assert facts.households.height > 0
        seen.append(set(facts.loans["loan_id"]))
    assert not seen[0] & seen[1]


def test_every_role_has_an_account(as_role):
    from bangfu.casework.people.roles import ROLES

    for role in ROLES:
        assert as_role(role).role == role
    assert as_role("bureau", 2).account_id != as_role("bureau").account_id
