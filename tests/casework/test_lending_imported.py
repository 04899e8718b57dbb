"""A loan that came by file: nobody is known to have decided it; the pages say so and a payment needs a reason."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.casework.lending_made import TODAY, one, refused, signed

REASON = "县联社 2026 年 11 月 18 日贷审会审批，纸质档案齐全"


@pytest.fixture
def undecided(as_role, monkeypatch):
    """A signed loan without the account that decided it, as imports make them."""
    return signed(as_role("branch_manager"), monkeypatch, decided_by=None)


def test_nobody_passes_four_eyes_in_silence(as_role, undecided):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    officer = as_role("branch_officer")
    with entered(officer.scope):
        shown = lending.payable(actor=officer, loan_id=undecided.loan_id)
    assert (shown.decider_unknown, shown.needs_reason, shown.refused) == (True, True, "")
    terms = {
        "actor": officer, "loan_id": undecided.loan_id, "on": TODAY, "amount_fen": undecided.principal_fen,
        "seen_hash": undecided.content_hash,
    }  # fmt: skip
    for reason in ("", "  ", "好"):
        stopped = refused(lending.disburse, **terms, reason=reason)
        assert (stopped.code, stopped.field) == ("decider_unknown", "reason")
    with entered(officer.scope):
        lending.disburse(**terms, reason=REASON)
    kept = "select reason from casework_disbursement where loan_id = %s"
    assert one(kept, undecided.loan_id) == (REASON,)
    assert one("select content->>'why' from casework_trail_row where act = 'loan.disbursed'") == (REASON,)


def test_the_pages_say_it(client_of, undecided):
    client = client_of("branch_officer")
    page = client.get(reverse("loan", args=(undecided.loan_id,))).content.decode()
    assert "没有记录" in page
    assert "须写明由谁审批" in page
    paying = client.get(reverse("loan-disburse", args=(undecided.loan_id,))).content.decode()
    assert "系统中没有审批人" in paying


def test_a_loan_decided_here_says_nothing_of_the_kind(client_of, as_role, monkeypatch):
    loan = signed(as_role("branch_manager"), monkeypatch)
    page = client_of("branch_officer").get(reverse("loan", args=(loan.loan_id,))).content.decode()
    assert "未在本系统审批" not in page
