"""kill -9 of the process and of PostgreSQL inside the great steps of a cycle: all of a step or nothing, and again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.casework.subsidy_steps import STEPS
from tests.site import NOW, copied, copy_of

TIMES = int(os.environ.get("BANGFU_ENDURE", "1"))
CHILD = Path(__file__).with_name("subsidy_child.py")
PREPARED = "subsidy_prepared"
SUMMER, AUTUMN = (date(2023, 6, 21), date(2023, 9, 21)), (date(2023, 9, 21), date(2023, 12, 21))
KNOWN = NOW + timedelta(hours=1)
# After which of its parts each step halts, turn by turn; all lie before the commit.
HALTS = {
    "computing": ("subsidies.computing:adjustments", "subsidies.computing:compared", "subsidies.computing:checked"),
    "freezing": ("subsidies.freezing:_closed", "subsidies.freezing:_appended", "subsidies.freezing:_traced"),
    "exporting": ("payments.batches:written", "payments.batches:_sent", "budgets.api:post"),
    "reading back": ("payments.results:matched", "payments.results:inserted", "payments.results:proved_by_card"),
}  # fmt: skip
# What a step leaves behind when it is done: tables that hold nothing of it before.
LEAVES = {
    "computing": "select count(*) from casework_subsidy_run r join casework_subsidy_list s on s.id = r.subsidy_list_id"
    " where s.cycle_id = %s",
    "freezing": "select count(*) from casework_subsidy_line l join casework_subsidy_list s on s.id = l.subsidy_list_id"
    " where s.cycle_id = %s",
    "exporting": "select count(*) from casework_payment_export where batch_id = %s",
    "reading back": "select count(*) from casework_payment_result r join casework_payment_item i on i.id = r.item_id"
    " where i.batch_id = %s",
}


@pytest.fixture(scope="module")
def prepared(site, county) -> str:
    """A database with a batch that waits for its release, and the next cycle opened."""
    from bangfu.casework.imports import demo_quarters as demo
    from bangfu.casework.payments import api as payments

    with copy_of(site, county, PREPARED, keep=True):
        staff = demo.hired()
        summer = demo.Quarter(staff, SUMMER, KNOWN)
        for step in (summer.listed, summer.reviewed, summer.posted, summer.submitted, summer.confirmed):
            step()
        ready = staff.does(payments.payable, "finance", demo.COUNTY, now=KNOWN, cycle_id=summer.cycle.id)
        summer.allotted(ready.by_source, day=26)
        staff.does(payments.prepare, "finance", demo.COUNTY, now=KNOWN, cycle_id=summer.cycle.id)
        demo.Quarter(staff, AUTUMN, KNOWN).cycle  # noqa: B018 - asking for it opens it
    return PREPARED


@pytest.fixture
def copy(site, prepared):
    yield from copied(site, prepared)


def asked(text: str, *given):
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(text, given)
        return cursor.fetchall()


def subject_of(step: str, folder: Path) -> tuple[str, Path | None]:
    """The cycle or batch of a step, and the file it reads; what comes before the step is done."""
    if step in ("computing", "freezing"):
        ((cycle_id,),) = asked("select id from casework_subsidy_cycle where lower(period) = %s", AUTUMN[0])
        return str(cycle_id), None
    ((batch_id,),) = asked("select id from casework_payment_batch")
    if step == "exporting":
        return str(batch_id), None
    STEPS["exporting"](str(batch_id), KNOWN, b"")
    file = folder / "results.csv"
    file.write_bytes(results_of(batch_id))
    return str(batch_id), file


def results_of(batch_id) -> bytes:
    """What the bank answers."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.documents import api as documents
    from bangfu.casework.imports.demo_bank import result_file

    ((file_id,),) = asked("select file_id from casework_payment_export where batch_id = %s", batch_id)
    site = Actor.site(now=KNOWN)
    with entered(site.scope):
        _, content = documents.content_of(actor=site, file_id=file_id)
    return result_file(content, on=(KNOWN + timedelta(days=1)).date(), failing={1: "户名不符"})


def money() -> dict[str, int]:
    """The balance of every account of the ledger."""
    out: dict[str, int] = {}
    for debit, credit, fen in asked("select debit, credit, amount_fen from casework_budget_entry"):
        out[debit], out[credit] = out.get(debit, 0) + fen, out.get(credit, 0) - fen
    return out


def told(step: str, subject: str) -> list[tuple]:
    """What a step that was done says, whoever did it and how often it was tried."""
    if step in ("computing", "freezing"):
        return asked(
            "select s.township, s.institution_id, r.number, r.lines_hash, r.facts_hash, r.lines, (select count(*)"
            " from casework_subsidy_line l where l.run_id = r.id) from casework_subsidy_run r"
            " join casework_subsidy_list s on s.id = r.subsidy_list_id where s.cycle_id = %s order by 1, 2, 3", subject,
        )  # fmt: skip
    if step == "exporting":
        return asked("select outcome, file_hash from casework_payment_export where batch_id = %s", subject)
    return asked(
        "select i.number, i.amount_fen, r.outcome, r.number from casework_payment_result r"
        " join casework_payment_item i on i.id = r.item_id where i.batch_id = %s order by 1, 4", subject,
    )  # fmt: skip


def undone(step: str, subject: str, content: bytes) -> list[tuple]:
    """What the step says when nobody is killed; it is rolled back."""
    from django.db import transaction

    with transaction.atomic():
        STEPS[step](subject, KNOWN, content)
        found = told(step, subject)
        transaction.set_rollback(True)
    return found


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("turn", range(TIMES))
@pytest.mark.parametrize("victim", ["process", "postgres"])
@pytest.mark.parametrize("step", list(STEPS))
def test_killed_inside_a_step_it_is_not_done_and_done_again_it_is_the_same(
    site, copy, tmp_path, step, victim, turn
):
    from django.db import connections

    from bangfu.web.making import cluster_of

    subject, file = subject_of(step, tmp_path)
    content = file.read_bytes() if file else b""
    expected, before = undone(step, subject, content), money()
    halt = HALTS[step][turn % len(HALTS[step])]
    child = subprocess.Popen(
        [sys.executable, str(CHILD), copy, step, subject, KNOWN.isoformat(), halt, str(file or "")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(CHILD.parents[2])},
    )  # fmt: skip
    try:
        assert child.stdout.readline() == "halted\n"
        if victim == "process":
            kill(child.pid)
        else:
            connections.close_all()
            kill(int((site.cluster / "data" / "postmaster.pid").read_text().splitlines()[0]))
            cluster_of(site, throwaway=True).start()
            child.stdin.close()
        child.wait(timeout=30)
        assert child.returncode != 0
    finally:
        kill(child.pid)
        child.wait()
    assert asked(LEAVES[step], subject) == [(0,)]
    assert money() == before
    STEPS[step](subject, KNOWN, content)
    assert told(step, subject) == expected
    after = money()
    assert sum(after.values()) == 0
    _again(step, subject, content)
    assert (told(step, subject), money()) == (expected, after)


def _again(step: str, subject: str, content: bytes) -> None:
    """Once more: nothing is computed, sent or paid twice."""
    from bangfu.casework.database.refusals import Refused

    if step == "exporting":
        with pytest.raises(Refused, match="already_decided"):
            STEPS[step](subject, KNOWN, content)
    else:
        STEPS[step](subject, KNOWN, content)
