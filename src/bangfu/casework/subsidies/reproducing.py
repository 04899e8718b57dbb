"""A list done over again, years later: on the facts and packs known then; the same hashes, or what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.computing import computed
from bangfu.casework.subsidies.county_facts import county_facts
from bangfu.casework.subsidies.freezing import Hashes, hashed, hashes
from bangfu.casework.subsidies.lists import list_of
from bangfu.casework.subsidies.models import SubsidyRun

__all__ = ["Differs", "Reproduced", "reproduced"]

_STOOD = (
    "select loan_id, encode(line_hash, 'hex'), payable_fen, id from casework_subsidy_line where run_id = %s"
    " order by loan_id, number"
)


@dataclass(frozen=True)
class Differs:
    """A loan whose lines came out otherwise.

    Attributes:
        loan_id: Which.
        line_id: Its frozen line that came out otherwise, the first of them; None where there was none.
        was_fen: What its lines came to, payable; None where there was none.
        now_fen: What they come to; None where there is none.
    """

    loan_id: str
    line_id: UUID | None
    was_fen: int | None
    now_fen: int | None


@dataclass(frozen=True)
class Reproduced:
    """A computation done over again.

    Attributes:
        run_id: Which.
        number: Its number.
        on: As of which day it was computed.
        known_at: With what was known at which moment.
        lines: How many lines it froze.
        same: Whether facts, packs and lines are the same.
        was: The hashes it was frozen with.
        now: The hashes it has today.
        differing: Loans whose lines differ, are missing or are new; by loan.
    """

    run_id: UUID
    number: int
    on: date
    known_at: datetime
    lines: int
    same: bool
    was: Hashes
    now: Hashes
    differing: tuple[Differs, ...]


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
    differing = _differing(run.pk, lines) if now.lines != was.lines else ()
    return Reproduced(
        run.pk, run.number, run.on, run.known_at, run.lines, now == was, was, now, differing
    )  # fmt: skip


def _differing(run_id: UUID, fresh: pl.DataFrame) -> tuple[Differs, ...]:
    """The loans of lines that stood and do not come out, or come out and did not stand."""
    with connection.cursor() as cursor:
        cursor.execute(_STOOD, [run_id])
        stood = [(loan, line_hash, fen, line_id) for loan, line_hash, fen, line_id in cursor.fetchall()]
    made = list(fresh.select("loan_id", "line_hash", "payable_fen").iter_rows())
    known, again = {one[:2] for one in stood}, {one[:2] for one in made}
    was, now = _sums(one[::2] for one in stood), _sums(one[::2] for one in made)
    lines: dict[str, UUID] = {}
    for loan, line_hash, _, line_id in stood:
        if (loan, line_hash) not in again:
            lines.setdefault(loan, line_id)
    loans = sorted({loan for loan, _ in known ^ again})
    return tuple(Differs(loan, lines.get(loan), was.get(loan), now.get(loan)) for loan in loans)


def _sums(told: Iterable[tuple[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for loan, fen in told:
        out[loan] = out.get(loan, 0) + fen
    return out
