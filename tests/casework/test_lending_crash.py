"""kill -9 while money goes out: it is there with its trail, or not at all. Twice here, twenty times to endure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from tests.casework.lending_made import one, refused, signed

TIMES = 20 if os.environ.get("BANGFU_ENDURE") else 2
# What the child does: the same call as the page, at the moment of the tests, then it says that it is done.
PAYS = """
import sys
from datetime import date, datetime, timezone
from bangfu.web.making import start_django
start_django()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.lending import api as lending
from bangfu.casework.people import api as people
now = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)
account, loan_id, seen = int(sys.argv[2]), sys.argv[3], sys.argv[4]
with entered(Scope(everything=True)):
    (held,) = people.held_by(account, on=date(2026, 11, 20))
    actor = people.actor_for(account_id=account, name="x", held=held, now=now, on=date(2026, 11, 20))
print("ready", flush=True)
with entered(actor.scope):
    lending.disburse(
        actor=actor, loan_id=loan_id, on=date(2026, 11, 20), amount_fen=100, seen_hash=seen, reason="集体研究"
    )
print("done", flush=True)
"""


@pytest.mark.parametrize("turn", range(TIMES))
def test_killed_while_paying_out(in_county, as_role, monkeypatch, turn):
    manager, officer = as_role("branch_manager"), as_role("branch_officer")
    loan = signed(manager, monkeypatch)
    asked = [sys.executable, "-c", PAYS, in_county, str(officer.account_id), loan.loan_id, loan.content_hash]
    child = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert child.stdout.readline() == b"ready\n", child.stderr.read().decode()
    # Anywhere between the first look and the commit; the moments differ from turn to turn and are the same each run.
    time.sleep(turn * 37 % 60 / 100)
    os.killpg(child.pid, signal.SIGKILL)
    said = child.stdout.read()
    child.wait()
    time.sleep(0.3)
    events = one("select count(*) from casework_loan_event where loan_id = %s", loan.loan_id)[0]
    payments = one("select count(*) from casework_disbursement where loan_id = %s", loan.loan_id)[0]
    told = one(
        "select count(*) from casework_trail_row r join casework_trail_link k on k.row_id = r.id"
        " where r.act = 'loan.disbursed' and r.subject = %s",
        f"loan:{loan.loan_id}",
    )[0]
    balance = one("select balance_fen from casework_loan_standing where loan_id = %s", loan.loan_id)[0]
    assert (events, payments, told, balance) in {(0, 0, 0, 0), (1, 1, 1, 100)}
    if b"done" in said:
        assert events == 1
    _once_more(officer, loan, paid=bool(events))


def _once_more(officer, loan, *, paid: bool) -> None:
    """Whoever comes next can go on: pay it out now, or learn that it was."""
    from tests.casework.lending_made import TODAY

    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    terms = {
        "loan_id": loan.loan_id,
        "on": TODAY,
        "amount_fen": 100,
        "seen_hash": loan.content_hash,
        "reason": "集体研究",
    }
    if paid:
        assert refused(lending.disburse, actor=officer, **terms).code == "already_decided"
    else:
        with entered(officer.scope):
            assert lending.disburse(actor=officer, **terms).balance_fen == 100
