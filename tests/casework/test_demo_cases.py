"""The demonstration's desks: everybody who reviews has something to do, and every application is where it should be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta

from tests.site import NOW

LATER = NOW + timedelta(days=25)
# What waits, by role: the English titles of the queue.
WAITING = {
    "village": {"village review"},
    "township": {"township review"},
    "station": {"station's opinion"},
    "branch_officer": {
        "draft", "returned for correction", "branch examination", "Pay out", "Acknowledge the rosters",
    },
    "branch_manager": {"bank's decision", "Sign the contract", "Acknowledge the rosters"},
    "county_bank": {"an exception to decide", "Acknowledge the rosters"},
    "bureau": {"an exception to decide", "Decide a request"},
    "admin": {"Decide a request"},
}  # fmt: skip


def test_every_desk_of_the_demonstration_has_something_to_do(as_role):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.imports import api
    from bangfu.casework.lending import api as lending
    from bangfu.casework.origination import api as origination
    from bangfu.casework.people import queue

    made = api.demo_cases(now=LATER)
    officer = as_role("branch_officer", now=LATER)
    with entered(officer.scope):
        cases = [origination.application(actor=officer, application_id=one) for one in made]
        loans = lending.loans(
            actor=officer, asked=lending.LoanFilter(product="assistance", words="陆光辉")
        ).rows
    states = Counter(one.state for one in cases)
    for state in origination.LIVE:
        assert states[state] >= (1 if state == "returned" else 2), state
    assert (states["refused"], states["approved"]) == (1, 3)
    assert [paper.kind for one in cases if one.state == "refused" for paper in one.made] == ["refusal_notice"]
    assert {one.decision["outcome"] for one in cases if one.state in origination.REVIEWS} == {
        "admitted", "needs_exception",
    }  # fmt: skip
    assert [one.balance_fen for one in loans] == [5_000_000]
    for role, titles in WAITING.items():
        actor = as_role(role, now=LATER)
        with entered(actor.scope):
            found = {kind.en: count for kind, count in queue.waiting(actor).kinds}
        assert titles <= found.keys(), role
    assert found["Decide a request"] == 1
    with entered(Scope(everything=True)):
        told = trail.history(("application", made[-1]))
    assert all(NOW < one.at.astimezone(UTC) <= LATER for one in told)
    assert len({one.who for one in told}) == 6  # nobody in two steps, the officers apart
