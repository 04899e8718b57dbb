"""The ledger: each event fits, what was wrong is closed and appended, and it comes to what the core says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.casework.lending_made import NOW, TODAY, YUAN, everything, one, paid, refused


@pytest.fixture
def officer(as_role):
    return as_role("branch_officer")


@pytest.fixture
def loan(as_role, officer, monkeypatch):
    return paid(as_role("branch_manager"), officer, monkeypatch)


def record(officer, loan, kind, **given):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    with entered(officer.scope):
        return lending.record_event(actor=officer, loan_id=loan.loan_id, kind=kind, **{"on": TODAY, **given})


def test_each_kind_is_recorded_with_its_balance(officer, loan):
    assert record(officer, loan, "repaid", amount_fen=20_000 * YUAN).balance_fen == 30_000 * YUAN
    assert record(officer, loan, "interest_collected", amount_fen=150_33).balance_fen == 30_000 * YUAN
    assert record(officer, loan, "classified", value="3").value == "3"
    assert record(officer, loan, "reminded", value="written").value == "written"
    assert record(officer, loan, "converted").balance_fen == 0
    row = one(
        "select balance_fen, risk_class, settled_on from casework_loan_standing where loan_id = %s",
        loan.loan_id,
    )
    assert row == (0, 3, TODAY)


@pytest.mark.parametrize(
    ("kind", "given", "code", "field"),
    [
        ("repaid", {}, "missing_field", "amount"),
        ("repaid", {"amount_fen": 0}, "bad_field", "amount"),
        ("repaid", {"amount_fen": -1}, "bad_field", "amount"),
        ("repaid", {"amount_fen": 50_000 * YUAN + 1}, "above_balance", "amount"),
        ("repaid", {"amount_fen": 1, "on": TODAY + timedelta(days=1)}, "in_the_future", "on"),
        ("repaid", {"amount_fen": 1, "on": TODAY - timedelta(days=1)}, "before_disbursement", "on"),
        ("repaid", {"amount_fen": 1, "value": "3"}, "bad_field", "value"),
        ("disbursed", {"amount_fen": 1}, "by_disbursement_only", "kind"),
        ("gift", {"amount_fen": 1}, "bad_field", "kind"),
        ("classified", {"value": "6"}, "bad_field", "value"),
        ("classified", {"value": ""}, "missing_field", "value"),
        ("classified", {"value": "2", "amount_fen": 5}, "bad_field", "amount"),
        ("extended", {"value": "2028-02-30"}, "bad_field", "value"),
        ("extended", {"value": "2028-11-20"}, "extension_not_later", "value"),
        ("rate_changed", {"value": "2,5"}, "bad_field", "value"),
        ("reminded", {"value": "telepathy"}, "bad_field", "value"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(officer, loan, kind, given, code, field):
    from bangfu.casework.lending import api as lending

    why = refused(
        lending.record_event, actor=officer, loan_id=loan.loan_id, kind=kind, **{"on": TODAY, **given}
    )
    assert (why.code, why.field) == (code, field)


def test_a_second_extension_is_refused_by_the_core_with_its_clause(officer, loan):
    from bangfu.casework.lending import api as lending

    assert record(officer, loan, "extended", value="2029-11-20").value == "2029-11-20"
    why = refused(
        lending.record_event,
        actor=officer,
        loan_id=loan.loan_id,
        kind="extended",
        on=TODAY,
        value="2030-11-20",
    )
    assert why.code in {"core_refuses", "exception_needed"}
    assert why.facts["why"] == "renewed_or_extended_twice"
    assert "CN2026-2.3" in why.clauses


def test_a_correction_closes_and_appends(officer, loan, as_role):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    wrong = record(officer, loan, "repaid", amount_fen=20_000 * YUAN)
    later = as_role("branch_officer", now=NOW + timedelta(hours=1))
    fix = {"event_id": wrong.event_id, "amount_fen": 2_000 * YUAN}
    assert refused(lending.correct_event, actor=later, reason=" ", **fix).code == "reason_missing"
    with entered(later.scope):
        right = lending.correct_event(actor=later, reason="多录了一个零", **fix)
        both = lending.events_of(loan.loan_id, corrected=True)
        standing = lending.events_of(loan.loan_id)
    assert right.balance_fen == 48_000 * YUAN
    assert [one.kind for one in standing] == ["disbursed", "repaid"]
    assert [one.closed_at is not None for one in both if one.kind == "repaid"] == [True, False]
    assert refused(lending.correct_event, actor=later, reason="再改一次", **fix).code == "already_decided"
    with entered(later.scope):
        assert (
            lending.correct_event(actor=later, event_id=right.event_id, reason="并未还款", void=True) is None
        )
        assert lending.loan_of(loan.loan_id).balance_fen == 50_000 * YUAN


def test_a_correction_may_not_break_what_came_after(officer, loan):
    from bangfu.casework.lending import api as lending

    first = record(officer, loan, "repaid", amount_fen=20_000 * YUAN)
    record(officer, loan, "repaid", amount_fen=30_000 * YUAN)
    why = refused(
        lending.correct_event,
        actor=officer,
        event_id=first.event_id,
        amount_fen=20_001 * YUAN,
        reason="金额有误",
    )
    assert why.code == "above_balance"
    (disbursed,) = one(
        "select id from casework_loan_event where loan_id = %s and kind = 'disbursed'", loan.loan_id
    )
    why = refused(lending.correct_event, actor=officer, event_id=disbursed, void=True, reason="没有放款")
    assert why.code == "by_disbursement_only"


def test_who_may_not_write_may_not(loan, as_role):
    from bangfu.casework.lending import api as lending

    for role in ("village", "township", "bureau", "finance", "auditor", "branch_manager"):
        why = refused(
            lending.record_event,
            actor=as_role(role),
            loan_id=loan.loan_id,
            kind="repaid",
            on=TODAY,
            amount_fen=1,
        )
        assert why.code == "not_your_role", role


def test_what_postgresql_keeps_is_what_the_core_says(in_county):
    """The standings kept by trigger, over the whole generated county, against the engine's states."""
    from django.db import connection

    from bangfu.casework.as_facts.api import facts_in_scope
    from bangfu.engine.ledger import states

    with everything():
        facts = facts_in_scope()
        with connection.cursor() as cursor:
            cursor.execute(
                "select s.loan_id, disbursed_on, disbursed_fen, balance_fen, due_on, extended_times, recalled_on,"
                " risk_class, settled_on from casework_loan_standing s join casework_loan l using (loan_id)"
                " where not l.ordinary and upper_inf(l.recorded) order by s.loan_id"
            )
            kept = cursor.fetchall()
    told = states(facts, as_of=date(2099, 1, 1)).sort("loan_id").select(
        "loan_id", "disbursed_on", "disbursed_fen", "balance_fen", "maturity_on", "extended_times", "recalled_on",
        "risk_class", "settled_on",
    )  # fmt: skip
    assert len(kept) >= 300
    assert kept == told.rows()
