"""A list moved to its next step, and what is done with one of its lines: the only two ways anything changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.lists import acts_of, content_hash, lines_by_id, list_of
from bangfu.casework.subsidies.models import LineAct, ListAct, ListStage
from bangfu.casework.subsidies.views import CycleView, LineView, ListView
from bangfu.casework.subsidies.workflow import FORWARD, STATES, next_state
from bangfu.casework.words import Words

__all__ = ["LINE_ACTS", "act_on_line", "at_step", "begin", "move"]

# What may be done with a line: from which status, by whom, and whether a clause must be named.
LINE_ACTS: Mapping[str, tuple[tuple[str, ...], str, bool]] = {
    "held": (("open",), "subsidy.hold", False),
    "released": (("held",), "subsidy.hold", False),
    "excluded": (("open", "held"), "subsidy.hold", True),
    "restored": (("excluded",), "subsidy.hold", True),
    "carried": (("open", "held"), "subsidy.hold", False),
    "explained": (("open", "held", "excluded", "carried"), "subsidy.explain", False),
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
    done = any(one.step == step for one in acts_of(view.id))
    raise Refused("already_decided" if done else "wrong_stage", stands_at=STATES[view.state].words)


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
    others: Sequence[str] = (),
) -> ListView:
    """Move a list on, frozen as it is: of two at once one wins; the trail is written in the same transaction.

    The caller has locked the list (``list_of(lock=True)``) and asked what the step itself needs.

    Args:
        actor: Who; not one who did an earlier step of this round (``others``).
        view: The list as it was just read under the lock.
        step: The step it must stand at.
        outcome: forward or return.
        seen_hash: ``content_hash`` of what was read; else ``content_changed``.
        opinion: What they say; needed for a return.
        clauses: Beside the step's own.
        signed: Leaders' names and the id of the signed and sealed paper.
        others: The steps whose doers may not do this one.

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
    people.require_other(actor, *(one.done_by for one in acts_of(view.id) if one.step in others))
    to = next_state(step, outcome)
    at = max(actor.now, view.since + timedelta(microseconds=1))
    closed = ListStage.objects.filter(standing(), subsidy_list_id=view.id, number=view.stage_number).update(
        recorded=DateTimeTZRange(view.since, at, "[)")
    )
    if closed != 1:
        raise Refused("already_decided")
    cited = tuple(dict.fromkeys((*state.clauses, *clauses)))
    ListAct.objects.create(
        id=uuid.uuid4(), subsidy_list_id=view.id, stage_number=view.stage_number, step=step, outcome=outcome,
        opinion=told, clauses=list(cited), seen_hash=bytes.fromhex(seen_hash), content_hash=bytes.fromhex(hashed),
        lines=view.open.lines, payable_fen=view.open.payable_fen, payable_by=dict(view.open.payable_by),
        signed=dict(signed or {}), done_by=actor.account_id, done_name=actor.name, done_role=actor.role,
        done_place=actor.place, at=at, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    begin(
        list_id=view.id, cycle=view.cycle, number=view.stage_number + 1, state=to, actor=actor, at=at,
        scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act=f"subsidy.{'forwarded' if outcome == FORWARD else 'returned'}",
        subject=("subsidy_list", view.id), before={"stage": step},
        after={"stage": to, "lines": view.open.lines, "payable_fen": view.open.payable_fen, "hash": hashed},
        why=told, basis=cited, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    return list_of(view.id, on=actor.on)


def act_on_line(
    *,
    actor: Actor,
    line_id: object,
    kind: str,
    reason: str,
    clause: str = "",
    source: str = "",
    on: date | None = None,
) -> LineView:
    """Hold, release, exclude, restore or carry over one line, or explain its difference; the list itself goes on.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``wrong_stage`` (the line or its list stands elsewhere),
            ``reason_missing``, ``clause_missing``.
    """
    allowed, act, needs_clause = LINE_ACTS[kind]
    people.require(actor, act)
    day = on or actor.on
    line = _line(line_id, on=day)
    view = list_of(line.list_id, on=day, lock=True)
    line = _line(line_id, on=day)  # again, under the lock
    if line.status not in allowed or STATES[view.state].code not in _WHERE[kind]:
        raise Refused(
            "wrong_stage", stands_at=STATES[view.state].words, status=Words(line.status, line.status)
        )
    told = " ".join(reason.split())[:_LONGEST]
    if not told:
        raise Refused("reason_missing", field="reason")
    if needs_clause and not clause:
        raise Refused("clause_missing", field="clause")
    LineAct.objects.create(
        line_id=line.id, subsidy_list_id=view.id, kind=kind, reason=told, clause=clause, source=source,
        done_by=actor.account_id, done_name=actor.name, done_role=actor.role, at=actor.now,
        scope_area=line.village, institution_id=line.institution_id, household_id=line.household_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act=f"subsidy.line_{kind}", subject=("subsidy_line", line.id),
        before={"status": line.status}, after={"loan": line.loan_id, "payable_fen": line.payable_fen},
        why=told, basis=(clause,) if clause else (), scope_area=line.village, institution_id=line.institution_id,
    )  # fmt: skip
    return _line(line_id, on=day)


# At which steps of its list each may be done.
_BEFORE_PAYMENT = frozenset({"branch_list", "township_review", "public_notice", "township_submission",
                             "county_confirmation"})  # fmt: skip
_WHERE: Mapping[str, frozenset[str]] = {
    "held": _BEFORE_PAYMENT,
    "released": _BEFORE_PAYMENT,
    "excluded": _BEFORE_PAYMENT | {"payment"},
    "restored": _BEFORE_PAYMENT,
    "carried": _BEFORE_PAYMENT | {"payment"},
    "explained": frozenset({"branch_list", "township_review"}),
}


def _line(line_id: object, *, on: date) -> LineView:
    try:
        wanted = uuid.UUID(str(line_id))
    except ValueError:
        raise Refused("not_in_scope") from None
    found = lines_by_id([wanted], on=on).get(wanted)
    if found is None:
        raise Refused("not_in_scope")
    return found
