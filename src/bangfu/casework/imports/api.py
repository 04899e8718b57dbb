"""Whole files into the database: dry run, all or nothing, undoable; and the demonstration county."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from pathlib import Path

from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.casework.imports.asking import ask_for, may_ask
from bangfu.casework.imports.demo import COUNTY, DemoPerson, areas_of, demo_people, demo_places
from bangfu.casework.imports.demo_cases import KNOWN_BEFORE, demo_cases
from bangfu.casework.imports.demo_current import UNDER_WAY, demo_current
from bangfu.casework.imports.demo_quarters import demo_quarters, hired, quarters
from bangfu.casework.imports.jobs import JobView, enqueue, job, jobs, queue_import, retry
from bangfu.casework.imports.reading import ACTS, KINDS
from bangfu.casework.imports.running import inspect, inspect_path, may_see, run, seen_hash_of
from bangfu.casework.imports.sheets import problems_workbook, template_workbook
from bangfu.casework.imports.steps import STATES, Batch, Seen, batch_of, batches
from bangfu.casework.imports.undoing import resting_on, undo
from bangfu.casework.imports.uploads import LARGEST
from bangfu.casework.imports.writing import write
from bangfu.facts import read_facts

__all__ = [
    "ACTS", "KINDS", "KNOWN_BEFORE", "LARGEST", "STATES", "Batch", "DemoPerson", "JobView", "Seen", "ask_for",
    "batch_of", "batches", "demo_cases", "demo_county", "demo_history", "enqueue", "inspect", "inspect_path", "job",
    "jobs", "may_ask", "may_see", "problems_workbook", "queue_import", "resting_on", "retry", "run", "seen_hash_of",
    "template_workbook", "undo",
]  # fmt: skip


def demo_county(*, actor: Actor, folder: Path) -> tuple[DemoPerson, ...]:
    """Load a generated county with its places, banks and one account a role; the accounts.

    Args:
        actor: The site.
        folder: What ``bangfu generate`` wrote.

    Raises:
        RuntimeError: There are households already: made-up people are never put among real ones.
    """
    facts, areas = read_facts(folder), areas_of(folder)
    batch_id = uuid.uuid5(uuid.NAMESPACE_URL, "bangfu:demonstration")
    with entered(actor.scope):
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from casework_household)")
            if cursor.fetchone() != (False,):
                raise RuntimeError("the demonstration is loaded into an empty site only")
        branches = facts.loans.select("lender", "branch", "area_code").unique(maintain_order=True)
        demo_places(areas, actor=actor, batch_id=batch_id, branches=branches)
        people = demo_people(areas, actor=actor)
        written = write(
            facts.tables,
            actor=actor,
            batch_id=batch_id,
            county=COUNTY,
            source="import",
            progress=lambda *_: None,
        )
        trail.record(
            actor=actor, act="import.done", subject=("import", batch_id), scope_area=COUNTY,
            after={"kind": "county", "counts": dict(written.rows)},
        )  # fmt: skip
    return people


def demo_history(*, known_at: datetime, on: date) -> None:
    """Take the loaded county's quarters through all their steps up to the one under way, which stands at several.

    Args:
        known_at: A moment after the county was loaded.
        on: The day the demonstration is shown on: notices hang then.
    """
    staff = hired()
    demo_quarters(staff, known_at=known_at, periods=quarters(last=UNDER_WAY[0]))
    demo_current(staff, known_at=known_at, on=on)
