"""The site under load: 50 people at once on lists, households, loans and the work queue, against ``bangfu serve``.

.venv/bin/python benchmarks/load.py --loans 51000 --users 50 --seconds 60       a county of some 60,000 households

Each person has a session of their own (begun as the door begins it), a connection that stays open, and opens a page
about every two seconds (``--pause 0``: without looking at any), the first ones spread over the pause. The times
are those of whole answers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.table import Row

from bangfu.synthetic import generate
from bangfu.web.making import cluster_of
from bangfu.web.site import Site

COMMAND = str(Path(sys.executable).with_name("bangfu"))
ROLES = ("township", "branch_officer", "county_bank", "bureau", "village")
PAGES = {
    "queue": ["/"],
    "list": ["/households/", "/households/?page=3", "/loans/", "/applications/", "/rosters/"],
    "household": [],
    "loan": [],
}
P95_MS, LONGEST_S = 300, 180
_READY = """
import json, os, sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from bangfu.web.making import start_django
start_django()
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.casework.imports import api as imports
from bangfu.casework.people.api import known
from bangfu.web import sessions
now, users = datetime.now(UTC), int(sys.argv[2])
if sys.argv[1]:
    imports.demo_county(actor=Actor.site(now=now), folder=Path(sys.argv[1]))
made = []
with entered(Actor.site(now=now).scope), connection.cursor() as cursor:
    cursor.execute("select username, id from casework_account")
    ids = dict(cursor.fetchall())
    cursor.execute("select left(code, 9) from casework_area where length(code) = 12 order by code limit 1")
    (township,) = cursor.fetchone()
    cursor.execute("select loan_id, household_id from casework_loan where upper_inf(recorded) and scope_area like %s"
                   " order by loan_id limit 200", [township + "%"])
    pairs = cursor.fetchall()
    for place in range(users):
        role = json.loads(sys.argv[3])[place % len(json.loads(sys.argv[3]))]
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        sessions.begin(request, known(account_id=ids["demo-" + role], now=now), now=now)
        request.session.save()
        made.append([role, request.session.session_key])
print(json.dumps({"sessions": made, "pairs": pairs}))
"""


def ready(home: Path, county: Path | None, users: int) -> dict[str, Any]:
    """The county loaded, a session for each person, addresses of records in the first township."""
    words = [sys.executable, "-c", _READY, str(county or ""), str(users), json.dumps(ROLES)]
    environment = {**os.environ, "BANGFU_HOME": str(home)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout.strip().rpartition("\n")[2])


def person(
    port: int,
    key: str,
    pages: list[tuple[str, str]],
    *,
    after: float,
    until: float,
    pause: float,
    times: list[tuple[str, int, float]],
) -> None:
    """Go from page to page until the time is over."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    turn = 0
    time.sleep(after)  # fifty people do not press a key in the same millisecond
    while time.monotonic() < until:
        kind, address = pages[turn % len(pages)]
        turn += 1
        began = time.perf_counter()
        try:
            line.request("GET", address, headers={"Cookie": f"sessionid={key}", "Host": "127.0.0.1"})
            answer = line.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            line.close()
            status = 0
        times.append((kind, status, (time.perf_counter() - began) * 1000))
        time.sleep(pause * (0.5 + (turn * 13 + len(key) + ord(key[0])) % 10 / 10))  # not all at the same beat


def pages_of(place: int, pairs: list[list[str]]) -> list[tuple[str, str]]:
    """What one person opens, each beginning elsewhere."""
    loan, household = pairs[place % len(pairs)]
    found = [(kind, address) for kind, addresses in PAGES.items() for address in addresses]
    found += [("household", f"/households/{household}/"), ("loan", f"/loans/of/{loan}/")] * 3
    return found[place % len(found) :] + found[: place % len(found)]


def share(values: list[float], percent: int) -> float:
    """A percentile by rank."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else 0.0


def measured(
    home: Path, *, users: int, seconds: int, pause: float, county: Path | None, port: int
) -> list[Row]:
    """Serve, ask, count."""
    with cluster_of(Site.at(home)).held():
        told = ready(home, county, users)
        child = subprocess.Popen(
            [COMMAND, "serve", "--home", str(home), "--port", str(port)], stderr=subprocess.DEVNULL
        )
        try:
            _answers(port)
            times: list[tuple[str, int, float]] = []
            for length in (5, seconds):  # the first to warm up
                times.clear()
                until = time.monotonic() + length
                threads = []
                for place, (_, key) in enumerate(told["sessions"]):
                    pages, how = (
                        pages_of(place, told["pairs"]),
                        {
                            "after": pause * place / users,
                            "until": until,
                            "pause": pause,
                            "times": times,
                        },
                    )
                    threads.append(threading.Thread(target=person, args=(port, key, pages), kwargs=how))
                for one in threads:
                    one.start()
                for one in threads:
                    one.join()
        finally:
            child.terminate()
            child.wait(60)
    return [_row(kind, times, users=users, seconds=seconds) for kind in PAGES]


def _row(kind: str, times: list[tuple[str, int, float]], *, users: int, seconds: int) -> Row:
    mine = [ms for one, status, ms in times if one == kind and status in {200, 403, 404}]
    wrong = sum(1 for one, status, _ in times if one == kind and (status == 0 or status >= 500))
    p50, p95, p99 = (share(mine, percent) for percent in (50, 95, 99))
    return Row(
        what=f"site: {kind} pages, {users} people at once", by="bangfu serve", seconds=f"{p95 / 1000:.2f}",
        spread=f"p50 {p50:.0f} ms – p99 {p99:.0f} ms", target=f"p95 under {P95_MS} ms",
        reached=p95 < P95_MS and not wrong,
        note=f"{len(mine) / seconds:.0f} answers a second, {wrong} errors",
    )  # fmt: skip


def _answers(port: int) -> None:
    enough = time.monotonic() + LONGEST_S
    while True:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > enough:
            sys.exit("the site does not answer")
        time.sleep(0.3)


def site(
    folder: Path, *, loans: int = 51_000, users: int = 50, seconds: int = 60, pause: float = 2, seed: int = 1,
    say: Any = print,
) -> list[Row]:  # fmt: skip
    """Make a county and its site in a folder, and measure."""
    say(f"site: a county of {loans:,} loans")
    generate(out=folder / "county", loans=loans, seed=seed, format="parquet")
    packs = ["--packs", str(folder / "county" / "packs")]
    subprocess.run(
        [COMMAND, "init", "--home", str(folder / "site"), "--demo", *packs], check=True, capture_output=True
    )
    return measured(
        folder / "site", users=users, seconds=seconds, pause=pause, county=folder / "county", port=8765
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in (("loans", 51_000), ("users", 50), ("seconds", 60)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--pause", type=float, default=2, help="seconds a person looks at a page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bangfu-load-") as folder:
        for row in site(
            Path(folder), loans=given.loans, users=given.users, seconds=given.seconds, pause=given.pause
        ):
            print(" | ".join(part for part in row.cells() if part))


if __name__ == "__main__":
    main()
