"""The workflow is one table: it closes, its acts exist, its clauses are in the register, its guide is of today."""

from __future__ import annotations

from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "applications.md"


def test_every_state_leads_somewhere_and_to_an_end(site):
    from bangfu.casework.origination.workflow import HOLDS, STATES

    for state in STATES.values():
        assert set(state.outcomes.values()) <= set(STATES)
        assert set(state.holds) <= set(HOLDS)
        assert bool(state.act) == state.open
    reached, fresh = set(), {"draft"}
    while fresh:
        reached |= fresh
        fresh = {to for code in fresh for to in STATES[code].outcomes.values()} - reached
    assert reached == set(STATES)


def test_each_step_has_people_who_may_do_it_and_clauses_that_exist(site):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.origination.reasons import REASONS, clauses_of_reason
    from bangfu.casework.origination.workflow import STATES
    from bangfu.casework.people.roles import ROLES

    for state in STATES.values():
        assert not state.act or [role for role in ROLES.values() if state.act in role.may], state.act
        for clause in state.clauses:
            assert site_book().clause(clause), clause
    for code in REASONS:
        for clause in clauses_of_reason(code):
            assert site_book().clause(clause), clause


def test_no_role_does_two_reviews(site):
    from bangfu.casework.origination.workflow import REVIEWS, STATES
    from bangfu.casework.people.roles import ROLES

    for role in ROLES.values():
        assert len([code for code in REVIEWS if STATES[code].act in role.may]) <= 1, role.code


def test_the_guide_is_drawn_from_the_table(site):
    from bangfu.casework.origination.workflow import drawn

    assert drawn() in GUIDE.read_text(encoding="utf-8"), (
        "write docs/guides/applications.md anew from workflow.drawn()"
    )
