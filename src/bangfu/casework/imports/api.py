"""Whole files into the database: dry run, all or nothing, undoable; and the demonstration county."""

from __future__ import annotations

import uuid
from pathlib import Path

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.casework.imports.demo import DemoPerson, areas_of, demo_people, demo_places
from bangfu.casework.imports.writing import write
from bangfu.facts import read_facts

__all__ = ["DemoPerson", "demo_county"]


def demo_county(*, actor: Actor, folder: Path) -> tuple[DemoPerson, ...]:
    """Load a generated county with its places, banks and one account a role; the accounts.

    Args:
        actor: The site.
        folder: What ``bangfu generate`` wrote.
    """
    facts, areas = read_facts(folder), areas_of(folder)
    batch_id = uuid.uuid5(uuid.NAMESPACE_URL, "bangfu:demonstration")
    with entered(actor.scope):
        branches = facts.loans.select("lender", "branch", "area_code").unique(maintain_order=True)
        demo_places(areas, actor=actor, batch_id=batch_id, branches=branches)
        people = demo_people(areas, actor=actor)
        write(
            facts.tables,
            actor=actor,
            batch_id=batch_id,
            county="522728",
            source="import",
            progress=lambda *_: None,
        )
        trail.record(actor=actor, act="import.done", subject=("import", batch_id), after={"kind": "county"})
    return people
