"""A list done over again, years later: on the facts and packs known then; the same hashes, or what differs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.computing import computed
from bangfu.casework.subsidies.county_facts import county_facts
from bangfu.casework.subsidies.freezing import Hashes, hashed, hashes
from bangfu.casework.subsidies.lists import list_of
from bangfu.casework.subsidies.models import SubsidyRun

__all__ = ["Reproduced", "reproduced"]


@dataclass(frozen=True)
class Reproduced:
    """A computation done over again.

    Attributes:
        run_id: Which.
        number: Its number.
        same: Whether facts, packs and lines are the same.
        was: The hashes it was frozen with.
        now: The hashes it has today.
        differing: Loans whose lines differ, are missing or are new.
    """

    run_id: UUID
    number: int
    same: bool
    was: Hashes
    now: Hashes
    differing: tuple[str, ...]


def reproduced(*, actor: Actor, list_id: object, number: int = 0) -> Reproduced:
    """Compute a list again as of the day and with what was known at the moment of a run; nothing is written.

    Args:
        actor: Who asks; an auditor, say.
        list_id: The list.
        number: Which run; the one that stands where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``not_computed``.
    """
    people.require(actor, "subsidy.read")
    view = list_of(list_id, on=actor.on)
    runs = SubsidyRun.objects.filter(subsidy_list_id=view.id)
    run = (runs.filter(number=number) if number else runs.order_by("-number")).first()
    if run is None:
        raise Refused("not_computed")
    known = county_facts(view.cycle.county, on=run.on, known_at=run.known_at)
    made = computed(cycle=view.cycle, views=[view], known=known, at=run.at)
    lines = hashed(made.lines)
    now = hashes(view, lines, made.left_out, made.packs, known)
    was = Hashes(bytes(run.facts_hash).hex(), bytes(run.packs_hash).hex(), bytes(run.lines_hash).hex())
    differing: tuple[str, ...] = ()
    if now.lines != was.lines:
        stood = _stood(run.pk)
        fresh = set(lines.select("loan_id", "line_hash").rows())
        differing = tuple(sorted({loan for loan, _ in stood ^ fresh}))
    return Reproduced(run.pk, run.number, now == was, was, now, differing)


def _stood(run_id: UUID) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select loan_id, encode(line_hash, 'hex') from casework_subsidy_line where run_id = %s", [run_id]
        )
        return set(cursor.fetchall())
