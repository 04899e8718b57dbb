"""Import a county of 60,000 households, 30,000 loans and 70,000 events into an empty site, with all its members.

Run it alone with ``python -m benchmarks.tasks.import_county [FOLDER]``: it makes the files, a site of its own in a
temporary folder, reads the files as the dry run does, imports them, and prints the seconds of each part.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from bangfu.facts import TABLES, empty, write_facts
from bangfu.synthetic.county import build

HOUSEHOLDS, LOANS, EVENTS = 60_000, 30_000, 70_000
LOANS_MADE = 53_500  # the generator gives a county so many households by its loans


def county(folder: Path) -> dict[str, int]:
    """Files of exactly that size: the first households, loans of theirs, and of each loan the first events."""
    made = build(LOANS_MADE, 1).tables
    homes = made["households"].head(HOUSEHOLDS)
    loans = made["loans"].join(homes, on="household_id", how="semi", maintain_order="left")
    # A renewal whose first loan is left out would refer to nothing.
    loans = loans.filter(pl.col("parent_loan_id").is_null() | (pl.col("kind") == "new")).head(LOANS)
    loans = loans.with_columns(pl.lit(None, pl.String).alias("parent_loan_id"))
    events = made["events"].join(loans, on="loan_id", how="semi", maintain_order="left")
    events = events.with_columns(pl.int_range(pl.len()).over("loan_id").alias("n")).sort("n", "loan_id")
    tables = {
        "households": homes,
        "members": made["members"].join(homes, on="household_id", how="semi", maintain_order="left"),
        "roster": made["roster"].join(homes, on="household_id", how="semi", maintain_order="left"),
        "loans": loans,
        "events": events.head(EVENTS).drop("n"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_facts({name: tables.get(name, empty(name)) for name in TABLES}, folder, "csv")
    for name in TABLES:
        if name not in tables:
            (folder / f"{name}.csv").unlink(missing_ok=True)
    return {name: frame.height for name, frame in tables.items()}


def run(folder: Path) -> dict[str, object]:
    """Seconds of the dry run, of each table, and of the whole import."""
    home = Path(tempfile.mkdtemp(prefix="bangfu-import-"))
    os.environ |= {"BANGFU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bangfu.web.settings"}
    from bangfu.web.making import cluster_of, make_site  # noqa: PLC0415 - the site's folder is named first
    from bangfu.web.site import Site  # noqa: PLC0415

    site = Site.here()
    make_site(site)
    try:
        return _imported(folder)
    finally:
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
        cluster_of(site).stop()
        shutil.rmtree(home, ignore_errors=True)


def _imported(folder: Path) -> dict[str, object]:
    from bangfu.casework.database.actor import Actor  # noqa: PLC0415
    from bangfu.casework.database.session import entered  # noqa: PLC0415
    from bangfu.casework.imports import api as imports  # noqa: PLC0415

    actor = Actor.site(now=datetime.now(UTC))
    clock = time.perf_counter()
    with entered(actor.scope):
        batch = imports.inspect_path(actor=actor, path=folder, kind="county")
    looked = time.perf_counter() - clock
    if batch.state != "read":
        raise SystemExit(f"not accepted: {batch.told['problems'][:3]}")
    lasted: dict[str, float] = {}
    before = [time.perf_counter()]

    def told(table: str, _: int) -> None:
        lasted[table] = time.perf_counter() - before[0]
        before[0] = time.perf_counter()

    clock = before[0] = time.perf_counter()
    with entered(actor.scope):
        done = imports.run(actor=actor, batch_id=batch.id, progress=told)
        before[0] = time.perf_counter()
    ended = time.perf_counter()
    return {
        "dry_run_seconds": looked,
        "import_seconds": ended - clock,
        "tables": lasted,
        "commit_seconds": ended - before[0],
        "state": done.state,
    }


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="bangfu-county-"))
    if not (place / "events.csv").is_file():
        print(json.dumps(county(place)))
    print(json.dumps(run(place), indent=1))
