"""kill -9 in the middle of an import, of its process and of PostgreSQL: nothing half done, and run again it is done."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from tests.casework.test_imports import counted, facts_there, read, run, site_actor
from tests.casework.test_imports_demo import in_order
from tests.site import NOW

TIMES = int(os.environ.get("BANGFU_ENDURE", "2"))
CHILD = Path(__file__).with_name("imports_child.py")
HALTS = ("members", "events", "loans", "roster")
FILLED = (
    "casework_household",
    "casework_member",
    "casework_loan",
    "casework_loan_event",
    "casework_personal_datum",
)


def halted_at(database: str, batch, table: str) -> subprocess.Popen:
    """A child that has written up to a table, its transaction open."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), database, str(batch.id), table, NOW.isoformat()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout.readline() == "halted\n"
    return child


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("turn", range(TIMES))
@pytest.mark.parametrize("victim", ["process", "postgres"])
def test_killed_in_the_middle_nothing_is_half_done(site, committed, county_folder, victim, turn):
    from django.db import connections

    from bangfu.casework.imports import api as imports
    from bangfu.facts import TABLES, read_facts
    from bangfu.web.making import cluster_of

    batch = read(site_actor(), county_folder, "county")
    child = halted_at(committed, batch, HALTS[turn % len(HALTS)])
    try:
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
    for table in FILLED:
        assert counted(table) == 0, table
    done = run(site_actor(NOW + timedelta(minutes=1)), batch)
    assert done.state == "done"
    assert counted("casework_import_step", f"batch_id = '{batch.id}' and state = 'done'") == 1
    files, there = read_facts(county_folder), facts_there()
    for name in TABLES:
        assert_frame_equal(there.tables[name], in_order(name, files.tables[name]))
    again = run(site_actor(NOW + timedelta(minutes=2)), batch)
    assert again == done
    assert imports.STATES[again.state]
    assert not list((site.home / "imports").glob(f"{batch.id}*"))
