"""A subsidy cycle of 30,000 lines on the site: computed, compared and frozen; the payment file; the notice's page.

.venv/bin/python benchmarks/cycle.py --loans 107000

Everything is done by the ordinary apis, each step in a transaction that is committed, by one process beside the
site's own PostgreSQL. The county's ledger is that of ``bangfu generate``; the quarter is the summer of 2023.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.load import COMMAND, share
from benchmarks.table import Row, seconds

from bangfu.synthetic import generate
from bangfu.web.making import cluster_of
from bangfu.web.site import Site

LOANS, PAGES = 107_000, 40
COMPUTED_S, FILE_S, PAGE_MS = 20, 5, 300
_STEPS = """
import json, os, sys, time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from bangfu.web.making import start_django
start_django()
from django.conf import settings
from django.test import Client
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.documents import api as documents
from bangfu.casework.imports import api as imports
from bangfu.casework.imports import demo_quarters as demo
from bangfu.casework.imports.demo_bank import result_file
from bangfu.casework.notices import api as notices
from bangfu.casework.payments import api as payments
from bangfu.casework.subsidies import api as subsidies
settings.ALLOWED_HOSTS = ["*"]
now = datetime.now(UTC)
imports.demo_county(actor=Actor.site(now=now), folder=Path(sys.argv[1]))
took, told = {}, {}
def timed(name, what):
    began = time.perf_counter()
    found = what()
    took[name] = time.perf_counter() - began
    return found
staff = demo.hired()
quarter = demo.Quarter(staff, (date(2023, 6, 21), date(2023, 9, 21)), now + timedelta(minutes=1))
cycle = timed("opened", lambda: quarter.cycle)
def claimed():
    for bank in ("B01", "B02"):
        staff.does(subsidies.take_imported_claims, "county_bank", bank, now=quarter.now(2), cycle_id=cycle.id,
                   known_at=quarter.known_at)
timed("claims", claimed)
site = Actor.site(now=quarter.now(2), via="job")
def computed():
    with entered(site.scope):
        return subsidies.compute_cycle(actor=site, cycle_id=cycle.id, known_at=quarter.known_at)
views = timed("computed", computed)
told["lines"] = sum(one.open.lines for one in views)
def again():
    with entered(site.scope):
        subsidies.compute_cycle(actor=site, cycle_id=cycle.id, known_at=quarter.known_at)
timed("again", again)
timed("given", quarter.given)
timed("reviewed", quarter.reviewed)
timed("posted", quarter.put_up)
on = quarter.period[1] + timedelta(days=12)
with entered(Scope()):
    page = max(notices.notices(on=on, kind="before").rows, key=lambda one: one.lines)
told["notice_lines"] = page.lines
browser, times = Client(SERVER_NAME="127.0.0.1"), []
last = max(1, page.lines // 100)
for turn in range(int(sys.argv[2])):
    began = time.perf_counter()
    answer = browser.get(f"/notices/{page.id}/", {"page": turn % last + 1})
    times.append((time.perf_counter() - began) * 1000)
    assert answer.status_code == 200, answer.status_code
told["page_ms"] = sorted(times[1:])
timed("closed", quarter.closed)
timed("submitted", quarter.submitted)
timed("confirmed", quarter.confirmed)
ready = staff.does(payments.payable, "finance", demo.COUNTY, now=quarter.now(26), cycle_id=cycle.id)
told["payments"] = ready.items
quarter.allotted(ready.by_source, day=26)
batch = timed("prepared", lambda: staff.does(
    payments.prepare, "finance", demo.COUNTY, now=quarter.now(27), cycle_id=cycle.id))
sent = timed("released", lambda: staff.does(
    payments.release, "finance", demo.COUNTY, now=quarter.now(27), colleague=1, batch_id=batch.id,
    seen_hash=batch.content_hash))
def read_back():
    with staff.acting("finance", demo.COUNTY, now=quarter.now(29)) as actor:
        _, content = documents.content_of(actor=actor, file_id=sent.file_id)
        found = payments.take_results(
            actor=actor, batch_id=sent.id, content=result_file(content, on=actor.on), name="results.csv")
        assert found.paid == batch.items, found
timed("read_back", read_back)
print(json.dumps({"took": took, **told}))
"""


def measured(home: Path, county: Path) -> dict[str, Any]:
    """The seconds of each step, in a process of its own beside a running server."""
    with cluster_of(Site.at(home)).held():
        words = [sys.executable, "-c", _STEPS, str(county), str(PAGES)]
        environment = {**os.environ, "BANGFU_HOME": str(home)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return found


def cycle(folder: Path, *, loans: int = LOANS, seed: int = 1, say: Any = print) -> list[Row]:
    """Make a county and its site in a folder, and take a quarter through its steps."""
    say(f"cycle: a county of {loans:,} loans")
    generate(out=folder / "cycle-county", loans=loans, seed=seed, format="parquet")
    packs = ["--packs", str(folder / "cycle-county" / "packs")]
    home = folder / "cycle-site"
    subprocess.run([COMMAND, "init", "--home", str(home), "--demo", *packs], check=True, capture_output=True)
    told = measured(home, folder / "cycle-county")
    took, lines = told["took"], f"{told['lines']:,} lines"
    file_s, page_ms = took["prepared"] + took["released"], share(told["page_ms"], 95)
    people = ", ".join(
        f"{name} {seconds(took[name])} s" for name in ("given", "reviewed", "posted", "confirmed")
    )
    return [
        _row(f"cycle: {lines} computed, compared, frozen", took["computed"], COMPUTED_S,
             f"opened {seconds(took['opened'])} s, claims taken {seconds(took['claims'])} s,"
             f" again unchanged {seconds(took['again'])} s"),
        _row(f"cycle: payment file of {told['payments']:,}", file_s, FILE_S,
             f"prepared {seconds(took['prepared'])} s, released {seconds(took['released'])} s,"
             f" results read back {seconds(took['read_back'])} s"),
        Row(
            what=f"cycle: page of a notice of {told['notice_lines']:,} rows", by="bangfu",
            seconds=f"{page_ms / 1000:.3f}",
            spread=f"p50 {share(told['page_ms'], 50):.0f} ms", target=f"p95 under {PAGE_MS} ms",
            reached=page_ms < PAGE_MS, note=people,
        ),
    ]  # fmt: skip


def _row(what: str, took: float, target: float, note: str) -> Row:
    return Row(
        what=what,
        by="bangfu",
        seconds=seconds(took),
        target=f"within {target} s",
        reached=took < target,
        note=note,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loans", type=int, default=LOANS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bangfu-cycle-") as folder:
        for row in cycle(Path(folder), loans=given.loans):
            print(" | ".join(part for part in row.cells() if part))


if __name__ == "__main__":
    main()
