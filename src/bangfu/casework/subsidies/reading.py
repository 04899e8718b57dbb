"""Cycles, lists and lines for people: what stands where, what may be done next, each line with its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import lists as reads
from bangfu.casework.subsidies.models import LineAct, ListStage, RunRefusal, SubsidyLine, SubsidyRun
from bangfu.casework.subsidies.views import ActView, CycleView, LineView, ListView
from bangfu.engine.explain import Explanation, explain
from bangfu.refusals import Refused as CoreRefused

__all__ = [
    "CyclePage", "LineActView", "LineOpened", "LinesPage", "ListOpened", "RefusalView", "RunView", "StageView",
    "cycle", "cycles", "line", "lines", "lists", "opened_list", "runs_of_lines",
]  # fmt: skip

_SIZE = 50


@dataclass(frozen=True)
class CyclePage:
    """A page of cycles, the latest first, and how many there are."""

    rows: tuple[CycleView, ...]
    total: int


@dataclass(frozen=True)
class RunView:
    """A computation of a list: as of which day, as known when, its hashes (hexadecimal), its packs."""

    id: UUID
    number: int
    on: Any
    known_at: datetime
    facts_hash: str
    packs_hash: str
    lines_hash: str
    packs: Mapping[str, Any]
    lines: int
    made_by: int
    made_name: str
    at: datetime


@dataclass(frozen=True)
class RefusalView:
    """A loan that stands on no line, and why."""

    loan_id: str
    code: str
    clauses: tuple[str, ...]
    facts: Mapping[str, Any]
    household_id: str
    village: str


@dataclass(frozen=True)
class StageView:
    """A step a list stood at: from when to when (None: it stands there), due by."""

    number: int
    state: str
    since: datetime
    until: datetime | None
    due_on: Any


@dataclass(frozen=True)
class ListOpened:
    """A list opened.

    Attributes:
        view: As it stands.
        acts: What was done with it, in order.
        seen_hash: What an act on it must name: its content now.
        refusals: Loans on no line, of the run that stands.
        stages: Where it stood, in order.
        runs: Its computations, the latest first.
    """

    view: ListView
    acts: tuple[ActView, ...]
    seen_hash: str
    refusals: tuple[RefusalView, ...]
    stages: tuple[StageView, ...]
    runs: tuple[RunView, ...]


@dataclass(frozen=True)
class LinesPage:
    """A page of lines in their order, and how many there are."""

    rows: tuple[LineView, ...]
    total: int


@dataclass(frozen=True)
class LineActView:
    """What was done with a line: held, released, excluded, restored, carried or explained."""

    kind: str
    reason: str
    clause: str
    source: str
    done_name: str
    done_role: str
    at: datetime


@dataclass(frozen=True)
class LineOpened:
    """A line opened.

    Attributes:
        line: As it was frozen.
        acts: What was done with it, in order.
        about: All standing lines of the loan for the same days: what corrects it, what it corrects.
        steps: Interest and subsidy of the loan over the line's days, step by step; None where the core refuses.
    """

    line: LineView
    acts: tuple[LineActView, ...]
    about: tuple[LineView, ...]
    steps: Explanation | None


def cycles(*, actor: Actor, county: str = "", page: int = 1) -> CyclePage:
    """Cycles, the latest period first.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    rows, total = reads.cycles(county=county, on=actor.on, page=page, size=_SIZE)
    return CyclePage(rows, total)


def cycle(*, actor: Actor, cycle_id: object) -> CycleView:
    """One cycle.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    return reads.cycle_of(cycle_id, on=actor.on)


def lists(
    *, actor: Actor, cycle_id: object = None, states: Sequence[str] = (), township: str = ""
) -> tuple[ListView, ...]:
    """The lists in scope, by township and branch, with their sums.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    return reads.lists_of(cycle_id=cycle_id, states=states, township=township, on=actor.on)


def opened_list(*, actor: Actor, list_id: object) -> ListOpened:
    """A list with its acts, stages, runs and the loans that stand on no line.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    view = reads.list_of(list_id, on=actor.on)
    runs = tuple(_run(one) for one in SubsidyRun.objects.filter(subsidy_list_id=view.id).order_by("-number"))
    refused = RunRefusal.objects.filter(run_id=view.run_id).order_by("loan_id", "code") if view.run_id else ()
    stages = ListStage.objects.filter(subsidy_list_id=view.id).order_by("number")
    return ListOpened(
        view=view,
        acts=reads.acts_of(view.id),
        seen_hash=reads.content_hash(view),
        refusals=tuple(
            RefusalView(
                one.loan_id, one.code, tuple(one.clauses), one.facts, one.household_id or "", one.scope_area
            )
            for one in refused
        ),
        stages=tuple(
            StageView(one.number, one.state, one.recorded.lower, one.recorded.upper, one.due_on)
            for one in stages
        ),
        runs=runs,
    )


def lines(
    *,
    actor: Actor,
    list_id: object,
    status: str = "",
    village: str = "",
    product: str = "",
    differing: bool = False,
    page: int = 1,
    size: int = _SIZE,
) -> LinesPage:
    """A page of a list's lines.

    Args:
        actor: Who looks.
        list_id: The list.
        status: open, held, excluded, carried; all where empty.
        village: Only of this place and below.
        product: Only of this regime.
        differing: Only lines that differ from the bank's figures.
        page: From 1.
        size: Lines a page.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    view = reads.list_of(list_id, on=actor.on)
    rows = reads.lines_of([view.id], on=actor.on, status=status, village=village)
    rows = tuple(one for one in rows if product in ("", one.product) and (one.difference or not differing))
    return LinesPage(rows[(page - 1) * size : page * size], len(rows))


def line(*, actor: Actor, line_id: object) -> LineOpened:
    """A line with what was done with it and every step of its amounts, on the facts its run knew.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    found = reads.line_of(line_id, on=actor.on)
    acts = LineAct.objects.filter(line_id=found.id).order_by("pk")
    about = tuple(
        one
        for one in reads.lines_about(loan_id=found.loan_id, on=actor.on)
        if one.id != found.id and (one.corrects == found.id or one.id == found.corrects)
    )
    return LineOpened(
        line=found,
        acts=tuple(
            LineActView(one.kind, one.reason, one.clause, one.source, one.done_name, one.done_role, one.at)
            for one in acts
        ),
        about=about,
        steps=_steps(found),
    )


def runs_of_lines(line_ids: Sequence[UUID]) -> dict[UUID, RunView]:
    """The computation each line came from, in scope; lines standing or closed."""
    rows = SubsidyLine.objects.filter(pk__in=line_ids).values_list("pk", "run_id")
    runs = {one.pk: _run(one) for one in SubsidyRun.objects.filter(pk__in={run_id for _, run_id in rows})}
    return {line_id: runs[run_id] for line_id, run_id in rows if run_id in runs}


def _steps(found: LineView) -> Explanation | None:
    """The core's own steps on what the line's run knew."""
    with connection.cursor() as cursor:
        cursor.execute(
            'select r."on", r.known_at, c.county from casework_subsidy_run r'
            " join casework_subsidy_line l on l.run_id = r.id join casework_subsidy_list s on s.id = r.subsidy_list_id"
            " join casework_subsidy_cycle c on c.id = s.cycle_id where l.id = %s",
            [found.id],
        )
        found_runs = cursor.fetchall()
    if not found_runs:
        return None  # a village sees its lines, not the township's list they stand on
    ((on, known_at, county),) = found_runs
    facts = facts_of_county(county, on=on, known_at=known_at, household_id=found.household_id)
    try:
        return explain(facts, site_book(), found.loan_id, start=found.start, end=found.end)
    except (CoreRefused, KeyError):
        return None


def _run(one: SubsidyRun) -> RunView:
    return RunView(
        one.pk, one.number, one.on, one.known_at, bytes(one.facts_hash).hex(), bytes(one.packs_hash).hex(),
        bytes(one.lines_hash).hex(), one.packs, one.lines, one.made_by, one.made_name, one.at,
    )  # fmt: skip
