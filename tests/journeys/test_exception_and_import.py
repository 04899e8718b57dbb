"""In a browser: past a limit that holds in principle; an import whose worker is killed; the other roles' pages."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from tests.casework.origination_made import Desk, id_number
from tests.casework.test_imports import counted
from tests.journeys.conftest import TODAY, no_serious_fault
from tests.journeys.test_application import press, says, state

pytestmark = pytest.mark.browser
OLD = date(1958, 3, 7)  # 68 years old: beyond the limit, which holds in principle
GROUND = "身体健康，与儿子共同经营"
FAMILIES = ("HNEW00001", "HNEW00002")
# The worker as it runs, but at the hour of the test's site, and halting after a table.
WORKER = """
import sys
from datetime import datetime
database, moment, halt_after = sys.argv[1:]
from bangfu.web.making import start_django
start_django()
from django.db import connections
for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = database
from bangfu.casework.imports import jobs, running
of, outside = jobs.actor_of, running._outside
jobs.actor_of = lambda told, *, now: of(told, now=datetime.fromisoformat(moment))
def halting(batch, actor):
    tell = outside(batch, actor)
    def told(table, rows):
        tell(table, rows)
        if table == halt_after:
            print("halted", flush=True)
            sys.stdin.read(1)
    return told
running._outside = halting
jobs.work_forever()
"""


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


# ---- an exception ----


@pytest.fixture
def examined(desk) -> str:
    """An application beyond the limit of age, which village, township and station agreed to: at the branch."""
    number = desk.submitted(born=OLD)
    desk.rated(number)
    for role in ("village", "township", "station"):
        desk.reviews(number, role)
    return number


def test_past_a_limit_in_principle_only_by_an_exception_of_somebody_else(people, desk, examined):
    number = examined
    says(people, number, "branch_officer")
    officer = people("branch_officer")
    assert "需先批准例外" in officer.locator("#review").inner_text()
    assert state(desk, number) == "branch_examination"
    asked = officer.locator("#exceptions")
    assert "须先批准例外" in asked.inner_text()
    assert "年龄" in asked.inner_text()
    asked.locator("[name=ground]").fill(GROUND)
    press(officer, "提出例外申请", within="#exceptions")
    assert "待审批" in asked.inner_text()
    assert asked.locator("form").count() == 0, "who asked may not decide"
    says(people, number, "branch_officer")
    assert "需先批准例外" in officer.locator("#review").inner_text(), "asking is not having"

    bank = people("county_bank")
    bank.goto("/")
    assert "例外审批" in bank.locator("main").inner_text()
    with bank.expect_navigation():
        bank.locator(f"main a[href='/applications/{number}/']").first.click()
    no_serious_fault(bank)
    assert GROUND in bank.locator("#exceptions").inner_text()
    bank.check("#exceptions [name=outcome][value=approve]")
    bank.fill("#exceptions [name=ground]", "同意，限本次")
    press(bank, "办理例外", within="#exceptions")
    assert "已批准例外" in bank.locator("#exceptions").inner_text()
    no_serious_fault(bank)

    says(people, number, "branch_officer")
    assert state(desk, number) == "bank_decision", officer.locator("main").inner_text()
    assert "批准例外" in officer.locator("main").inner_text()


# ---- an import ----


def families(village: str, *, wrong: bool = False) -> bytes:
    """A ZIP of two new families of two with their list entries; an unknown category and a bad cell on demand."""
    heads, people, entries = ["household_id,area_code,head_name,labour_count,poverty_cause"], [], []
    for nth, family in enumerate(FAMILIES):
        heads.append(f"{family},{village},韦大有,2,illness")
        for place, relation in enumerate(("head", "spouse")):
            number = id_number(date(1980, 3, 7), 311 + 2 * nth + place)
            labour = "maybe" if wrong and (nth, place) == (1, 1) else "true"
            people.append(
                f"M{family}{place},{family},{('韦大有', '覃小妹')[place]},{number},{relation},{labour},"
            )
        entries.append(f"{family},{'nobody' if wrong and nth == 0 else 'monitored'},2023-01-01,,")
    members = ["member_id,household_id,name,id_number,relation,labour,deceased_on", *people]
    rosters = ["household_id,category,listed_on,left_on,left_reason", *entries]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, lines in (("households", heads), ("members", members), ("roster", rosters)):
            archive.writestr(f"{name}.csv", "\n".join(lines))
    return made.getvalue()


def uploaded(page, name: str, content: bytes) -> None:
    page.goto("/imports/new/")
    page.select_option("[name=kind]", "roster")
    page.set_input_files("[name=file]", {"name": name, "mimeType": "application/zip", "buffer": content})
    press(page, "上传并核对")


def there() -> dict[str, int]:
    """How often the new families stand in each table; nothing where nothing of them does."""
    these = ", ".join(f"'{one}'" for one in FAMILIES)
    tables = ("casework_household", "casework_member", "casework_roster_entry")
    return {table: counted(table, f"household_id in ({these}) and upper_inf(recorded)") for table in tables}


@contextmanager
def worker(database: str, *, halt_after: str = "") -> Iterator[subprocess.Popen]:
    """A worker in a process of its own; dead at the end."""
    told = [sys.executable, "-c", WORKER, database, TODAY.isoformat(), halt_after]
    child = subprocess.Popen(
        told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path.cwd(),
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def a_minute_without_a_sign() -> None:
    """The killed worker has been silent for longer than a living one is; the test need not wait for it."""
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_workers set last_heartbeat = last_heartbeat - interval '2 minutes'"
        )
        assert cursor.rowcount == 1


def test_an_import_whose_worker_is_killed_is_taken_up_and_done_once(people, in_staffed, as_role):
    village = as_role("village").place
    page = people("bureau")
    uploaded(page, "新增户（有误）.zip", families(village, wrong=True))
    told = page.locator("main").inner_text()
    assert "没有任何数据被改动" in told
    rows = [row.inner_text() for row in page.locator("main tbody tr").all() if ".csv" in row.inner_text()]
    assert len(rows) == 2, rows
    member, category = sorted(rows)
    assert re.search(r"members\.csv\s+5\s+labour\s+maybe\s+\S", member), member
    assert re.search(r"roster\.csv\s+2\s+category\s+nobody\s+不在代码表内", category), category
    assert page.locator("main button", has_text="确认导入").count() == 0
    no_serious_fault(page)
    none, once = dict.fromkeys(there(), 0), dict(zip(there(), (2, 4, 2), strict=True))
    assert there() == none

    uploaded(page, "新增户.zip", families(village))
    address = page.url
    no_serious_fault(page)
    press(page, "确认导入")
    assert "等待导入" in page.locator("main").inner_text()
    with worker(in_staffed, halt_after="roster") as child:
        assert child.stdout.readline() == "halted\n"
        page.locator("#progress", has_text="已写入 2 张表").wait_for()
        child.kill()
        child.wait()
    assert there() == none, "half an import"
    a_minute_without_a_sign()
    with worker(in_staffed):
        page.locator("h1", has_text="已导入").wait_for(timeout=30_000)
        assert page.url == address
        assert there() == once
    no_serious_fault(page)
    assert counted("procrastinate_jobs", "status = 'succeeded'") == counted("procrastinate_jobs") == 1
    batch = address.rstrip("/").rpartition("/")[2]
    assert counted("casework_import_step", f"batch_id = '{batch}' and state = 'done'") == 1
    page.goto(f"/households/{FAMILIES[0]}/")
    assert "韦大有" in page.locator("main").inner_text()
    uploaded(page, "新增户.zip", families(village))
    assert "与现有数据完全一致" in page.locator("main").inner_text()


# ---- the other roles' pages ----


def test_the_other_roles_pages_are_free_of_serious_faults_too(people, desk):
    desk.submitted()
    seen: set[str] = set()
    for role in ("station", "branch_manager", "finance", "regulator", "pboc"):
        page = people(role)
        page.goto("/")
        links = page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")
        for link in sorted({one.partition("#")[0] for one in links}):
            shape = re.sub(r"[A-Z0-9]{6,}|\d+|[0-9a-f-]{36}", "…", link)
            if shape in seen or re.search(r"export|pdf|xlsx|language|files/|verify", link):
                continue
            seen.add(shape)
            answer = page.goto(link)
            assert answer.status == 200, f"{link} as {role}: {answer.status}"
            no_serious_fault(page)
    assert len(seen) > 10
