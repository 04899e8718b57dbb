"""A list moved to its next step, and what is done with one of its lines: the only two ways anything changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination.api import NOT_OWN
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.givers import of_giver
from bangfu.casework.subsidies.listening import guard_line, told_of_move
from bangfu.casework.subsidies.lists import acts_of, content_hash, line_of, list_of
from bangfu.casework.subsidies.models import LineAct, ListAct, ListStage, SubsidyLine
from bangfu.casework.subsidies.own import not_mine
from bangfu.casework.subsidies.views import ActView, CycleView, LineView, ListView
from bangfu.casework.subsidies.workflow import (
    BEFORE_PAYMENT,
    BEFORE_SIGNING,
    FORWARD,
    LIST,
    PAYMENT,
    RETURN,
    REVIEW,
    STATES,
    next_state,
)
from bangfu.casework.words import Words

__all__ = [
    "LINE_ACTS",
    "STATUSES",
    "act_on_line",
    "at_step",
    "begin",
    "desks",
    "kept_line_acts",
    "move",
    "open_to",
    "this_round",
]

# What may be done with a line: from which status, by whom, and whether a clause must be named.
LINE_ACTS: Mapping[str, tuple[tuple[str, ...], str, bool]] = {
    "held": (("open",), "subsidy.hold", False),
    "released": (("held",), "subsidy.hold", False),
    "excluded": (("open", "held", "carried"), "subsidy.hold", True),
    "restored": (("excluded",), "subsidy.hold", True),
    "carried": (("open", "held"), "subsidy.hold", False),
    "explained": (("open", "held", "excluded", "carried"), "subsidy.explain", False),
}
# At which steps of its list each may be done.
_WHERE: Mapping[str, frozenset[str]] = {
    "held": BEFORE_PAYMENT,
    "released": BEFORE_SIGNING,
    "excluded": BEFORE_PAYMENT | {PAYMENT},
    "restored": BEFORE_SIGNING,
    "carried": BEFORE_PAYMENT | {PAYMENT},
    "explained": frozenset({LIST, REVIEW}),
}
STATUSES: Mapping[str, Words] = {
    "open": Words("待发放", "goes on"),
    "held": Words("暂缓", "held"),
    "excluded": Words("剔除", "excluded"),
    "carried": Words("结转下期", "carried over"),
}
_LONGEST = 500


def begin(
    *, list_id: uuid.UUID, cycle: CycleView, number: int, state: str, actor: Actor, at: Any = None,
    scope_area: str, institution_id: str,
) -> ListStage:  # fmt: skip
    """A new stage, with the day it should be done by."""
    since = at or actor.now
    return ListStage.objects.create(
        subsidy_list_id=list_id, number=number, state=state, recorded=from_now(since),
        due_on=STATES[state].due(cycle, since.astimezone(SHANGHAI).date()),
        scope_area=scope_area, institution_id=institution_id,
    )  # fmt: skip


def at_step(view: ListView, step: str) -> None:
    """Refuse where the list stands elsewhere: somebody has done the step already, or it has not come to it."""
    if view.state == step:
        return
    acts = acts_of(view.id)
    done = any(one.step == step for one in (*this_round(acts), *acts[-1:]))
    raise Refused("already_decided" if done else "wrong_stage", stands_at=STATES[view.state].words)


def this_round(acts: Sequence[ActView]) -> tuple[ActView, ...]:
    """The acts since the list was last returned."""
    returned = max((one.stage_number for one in acts if one.outcome == RETURN), default=-1)
    return tuple(one for one in acts if one.stage_number > returned)


def desks(view: ListView) -> tuple[str, ...]:
    """Where those sit who may do the steps of a list: township, county, branch."""
    return view.township, view.cycle.county, view.institution_id


def move(
    *,
    actor: Actor,
    view: ListView,
    step: str,
    outcome: str = FORWARD,
    seen_hash: str,
    opinion: str = "",
    clauses: Sequence[str] = (),
    signed: Mapping[str, Any] | None = None,
    saw: str = "",
) -> ListView:
    """Move a list on, frozen as it is: of two at once one wins; the trail is written in the same transaction.

    The caller has locked the list (``list_of(lock=True)``) and asked what the step itself needs.

    Args:
        actor: Who; not one who did one of the steps of this round that the table names (``State.not_by``).
        view: The list as it was just read under the lock.
        step: The step it must stand at.
        outcome: forward or return.
        seen_hash: ``content_hash`` of what was read; else ``content_changed``.
        opinion: What they say; needed for a return.
        clauses: Beside the step's own.
        signed: What is kept with the act: leaders' names, the signed and sealed paper, statements.
        saw: What the actor saw before their own acts on lines in the same step, where there were any.

    Raises:
        Refused: ``not_your_role``, ``wrong_stage``, ``already_decided``, ``content_changed``, ``own_step``,
            ``reason_missing``.
    """
    state = STATES[step]
    people.require(actor, state.act)
    at_step(view, step)
    told = " ".join(opinion.split())[:_LONGEST]
    if outcome != FORWARD and not told:
        raise Refused("reason_missing", field="opinion")
    hashed = content_hash(view)
    if hashed != seen_hash:
        raise Refused("content_changed")
    _another(actor, view)
    to = next_state(step, outcome)
    at = max(actor.now, view.since + timedelta(microseconds=1))
    _left(view, at)
    cited = tuple(dict.fromkeys((*state.clauses, *clauses)))
    ListAct.objects.create(
        id=uuid.uuid4(), subsidy_list_id=view.id, stage_number=view.stage_number, step=step, outcome=outcome,
        opinion=told, clauses=list(cited), seen_hash=bytes.fromhex(saw or seen_hash),
        content_hash=bytes.fromhex(hashed), lines=view.open.lines, payable_fen=view.open.payable_fen,
        payable_by=dict(view.open.payable_by), signed=dict(signed or {}), done_by=actor.account_id,
        done_name=actor.name, done_role=actor.role, done_place=actor.place, at=at,
        scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    stage = begin(
        list_id=view.id, cycle=view.cycle, number=view.stage_number + 1, state=to, actor=actor, at=at,
        scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act=f"subsidy.{'forwarded' if outcome == FORWARD else 'returned'}",
        subject=("subsidy_list", view.id), before={"stage": step},
        after={"stage": to, "lines": view.open.lines, "payable_fen": view.open.payable_fen, "hash": hashed},
        why=told, basis=cited, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    # Nothing of its lines changed: what was read under the lock is told anew with the step alone.
    after = replace(view, state=to, stage_number=stage.number, since=at, due_on=stage.due_on)
    told_of_move(actor, view, after, outcome)
    return after


def _left(view: ListView, at: datetime) -> None:
    """End the stage the list stood at; of two who end it, the second is told so."""
    stage = ListStage.objects.filter(standing(), subsidy_list_id=view.id, number=view.stage_number)
    if stage.update(recorded=DateTimeTZRange(view.since, at, "[)")) != 1:
        raise Refused("already_decided")


def _another(actor: Actor, view: ListView) -> None:
    """Four eyes: not who did one of the earlier steps that the table names."""
    if not view.stands_at.not_by:
        return
    others = {one.done_by for one in this_round(acts_of(view.id)) if one.step in view.stands_at.not_by}
    if actor.account_id in others:
        raise people.own_step(actor=actor, act=view.stands_at.act, places=desks(view), without=tuple(others))


def act_on_line(
    *,
    actor: Actor,
    line_id: object,
    kind: str,
    reason: str,
    clause: str = "",
    source: str = "",
    on: date | None = None,
    not_own: bool = False,
) -> LineView:
    """Hold, release, exclude, restore or carry over one line, or explain its difference; the list itself goes on.

    Args:
        actor: Who.
        line_id: The line.
        kind: One of ``LINE_ACTS``.
        reason: Why, in words.
        clause: What it rests on; needed to exclude and to restore.
        source: Where it comes from: ``objection:<id>``, ``review``.
        on: The day whose names are shown.
        not_own: The statement that the household is not the actor's own, where it holds their name.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``branch_gives_it`` (the difference of a branch's line),
            ``wrong_stage`` (the line or its list stands elsewhere),
            ``reason_missing``, ``clause_missing``, ``bad_field`` (no such clause), ``own_step``,
            ``attestation_missing``, or what a guard says.
    """
    _, act, needs_clause = LINE_ACTS[kind]
    people.require(actor, act)
    day = on or actor.on
    line = line_of(line_id, on=day)
    view = list_of(line.list_id, on=day, lock=True)
    line = line_of(line_id, on=day)  # again, under the lock
    if kind == "explained":
        of_giver(actor, view.institution_id)
    if not open_to(kind, line, view) or _gone(line):
        raise Refused("wrong_stage", stands_at=STATES[view.state].words, status=STATUSES[line.status])
    told = " ".join(reason.split())[:_LONGEST]
    if not told:
        raise Refused("reason_missing", field="reason")
    if needs_clause and not clause:
        raise Refused("clause_missing", field="clause")
    if clause and site_book().clause(clause) is None:
        raise Refused("bad_field", field="clause")
    stated = not_mine(actor, [line], act=act, places=desks(view), stated=not_own)
    guard_line(actor, view, line, kind=kind, source=source)
    kept_line_acts(actor, view, [(line, told)], kind=kind, clause=clause, source=source, stated=bool(stated))
    return line_of(line_id, on=day)


def open_to(kind: str, line: LineView, view: ListView) -> bool:
    """Whether an act of ``LINE_ACTS`` may be done with a line as it and its list stand."""
    if (line.status, kind) == ("carried", "excluded"):
        return True  # what was carried over may be excluded wherever its list stands
    return line.status in LINE_ACTS[kind][0] and view.state in _WHERE[kind]


def _gone(line: LineView) -> bool:
    """Whether a later computation closed the line, or a later list took it over: it is no longer acted on."""
    if not SubsidyLine.objects.filter(standing(), pk=line.id).exists():
        return True
    return (
        line.status == "carried"
        and SubsidyLine.objects.filter(standing(), kind="carried", corrects=line.id).exists()
    )


def kept_line_acts(
    actor: Actor,
    view: ListView,
    why: Sequence[tuple[LineView, str]],
    *,
    kind: str,
    clause: str = "",
    source: str = "",
    stated: bool = False,
) -> None:
    """Write what was decided about lines of one list, each with its trail row; the caller asked whether it may be."""
    made = LineAct.objects.bulk_create(
        LineAct(
            line_id=line.id, subsidy_list_id=view.id, kind=kind, reason=told, clause=clause, source=source,
            done_by=actor.account_id, done_name=actor.name, done_role=actor.role, at=actor.now,
            scope_area=line.village, institution_id=line.institution_id, household_id=line.household_id,
        )
        for line, told in why
    )  # fmt: skip
    for (line, told), row in zip(why, made, strict=True):
        trail.record(
            actor=actor, act=f"subsidy.line_{kind}", subject=("subsidy_line", line.id),
            before={"status": line.status},
            after={"loan": line.loan_id, "payable_fen": line.payable_fen} | ({NOT_OWN: True} if stated else {}),
            why=told, basis=(clause,) if clause else (), scope_area=line.village,
            institution_id=line.institution_id,
        )  # fmt: skip
        if view.state == PAYMENT and kind in ("excluded", "carried") and line.status == "open":
            _uncommitted(actor, view, line, act_id=row.pk, why=told)


def _uncommitted(actor: Actor, view: ListView, line: LineView, *, act_id: int, why: str) -> None:
    """What was confirmed for a line is free again."""
    budgets.post(
        actor=actor,
        entries=[
            budgets.Entry(
                key=f"uncommitted:{line.id}:{act_id}:{payer}", county=view.cycle.county,
                year=view.cycle.payment_month.year, source=payer, on=actor.on, kind="uncommitted",
                amount_fen=fen, subject=f"subsidy_line:{line.id}", why=why,
            )
            for payer, fen in line.payable_by.items() if fen > 0
        ],
    )  # fmt: skip
