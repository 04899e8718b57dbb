"""Jobs: wanted in a transaction, done by a worker, refused where the role is gone, taken up again after kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests.casework.test_imports import counted, read, site_actor
from tests.site import NOW

TIMES = int(os.environ.get("BANGFU_ENDURE", "2"))
CHILD = """
import sys
from bangfu.web.making import start_django
start_django()
from django.db import connections
for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = sys.argv[1]
from bangfu.casework.imports import jobs, running
def halted(*args, **options):
    print("halted", flush=True)
    sys.stdin.read(1)
running.write_difference = halted
jobs.work_once()
"""

FOREVER = """
import os, sys
from bangfu.web.making import start_django
start_django()
from django.db import connections
for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = sys.argv[1]
from bangfu.casework.imports import jobs
jobs._STALLED_S = float(os.environ["STALLED"])
jobs.work_forever()
"""


def work():
    from bangfu.casework.imports import jobs

    jobs.work_once()


def queued(actor, batch):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    with entered(actor.scope):
        imports.queue_import(actor=actor, batch_id=batch.id, seen_hash=imports.seen_hash_of(batch))


def state_of(batch):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.imports import api as imports

    with entered(Scope(everything=True)):
        return imports.batch_of(batch.id)


def listed(actor, **options):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    with entered(actor.scope):
        return imports.jobs(actor=actor, **options)


def test_a_job_is_wanted_with_its_transaction_and_done_by_the_worker(committed, county_folder):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    batch = read(site_actor(), county_folder, "county")
    with pytest.raises(RuntimeError), entered(site_actor().scope):
        imports.queue_import(actor=site_actor(), batch_id=batch.id, seen_hash=imports.seen_hash_of(batch))
        raise RuntimeError
    assert counted("procrastinate_jobs") == 0
    queued(site_actor(), batch)
    assert state_of(batch).state == "waiting"
    work()
    done = state_of(batch)
    assert done.state == "done"
    seen = [step.told.get("table") for step in done.steps if step.state == "importing"]
    assert seen[:4] == [None, "households", "roster", "members"]
    (one,), total = listed(site_actor())
    assert (one.state, one.who, total) == ("succeeded", "Bangfu", 1)


def test_a_job_of_a_role_that_is_gone_is_refused_in_words_and_can_be_done_again(
    as_role, county_folder, tmp_path
):
    from django.db import connection

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.imports import api as imports

    bureau = as_role("bureau", now=NOW + timedelta(days=1))
    batch = read(bureau, county_folder, "county")
    assert batch.state == "read", batch.told["problems"]
    queued(bureau, batch)
    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute("update casework_account set closed_at = now() where id = %s", [bureau.account_id])
    work()
    assert state_of(batch).state == "waiting"
    admin = as_role("admin")
    (one,), _ = listed(admin)
    assert one.state == "failed"
    assert one.error.zh == "您现在的岗位无权办理"
    assert listed(as_role("township")) == ((), 0)
    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute("update casework_account set closed_at = null where id = %s", [bureau.account_id])
    with entered(admin.scope):
        imports.retry(actor=admin, job_id=one.id)
    with pytest.raises(Refused), entered(admin.scope):
        imports.retry(actor=admin, job_id=one.id)
    work()
    assert state_of(batch).state == "done"


def test_a_difference_that_is_another_by_now_is_not_imported(committed, county_folder):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    first, second = (read(site_actor(), county_folder, "county") for _ in range(2))
    queued(site_actor(), first)
    queued(site_actor(), second)
    work()
    assert {state_of(first).state, state_of(second).state} == {"done", "failed"}
    with pytest.raises(Refused, match="content_changed"), entered(site_actor().scope):
        imports.queue_import(actor=site_actor(), batch_id=second.id, seen_hash="0" * 64)


@pytest.mark.parametrize("turn", range(TIMES))
def test_a_worker_killed_in_the_middle_leaves_nothing_and_its_job_is_taken_up(committed, county_folder, turn):
    from bangfu.casework.imports import jobs

    batch = read(site_actor(), county_folder, "county")
    queued(site_actor(), batch)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, committed], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path.cwd(),
    )  # fmt: skip
    assert child.stdout.readline() == "halted\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert counted("casework_household") == 0
    assert state_of(batch).state == "importing"
    deadline = time.monotonic() + 20
    while not jobs.take_up(seconds=1) and time.monotonic() < deadline:
        time.sleep(0.2)
    work()
    assert state_of(batch).state == "done"
    assert counted("procrastinate_jobs", "status = 'succeeded'") == 1


def test_jobs_are_looked_after_from_inside_a_loop_of_events(committed):
    """A browser's test leaves its loop running in the thread: the next test on the same worker stands inside it."""
    from bangfu.casework.imports import jobs

    async def inside() -> int:
        jobs.work_once()
        return jobs.take_up(seconds=1)

    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(lambda: asyncio.run(inside())).result() == 0


def test_a_worker_started_anew_finishes_what_a_killed_one_began(committed, county_folder):

    batch = read(site_actor(), county_folder, "county")
    queued(site_actor(), batch)
    child = subprocess.Popen(
        [sys.executable, "-c", FOREVER, committed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"STALLED": "2"},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 40
        while state_of(batch).state != "importing" and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child = subprocess.Popen(
            [sys.executable, "-c", FOREVER, committed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"STALLED": "2"},
        )  # fmt: skip
        while state_of(batch).state != "done" and time.monotonic() < deadline + 40:
            time.sleep(0.2)
        assert state_of(batch).state == "done"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=20) == 0
    finally:
        child.kill()
        child.wait()
