"""An objection investigated by one person and decided by another, with an answer in words; its line follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.locks import OBJECTIONS, held
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.documents import api as documents
from bangfu.casework.notices.models import Notice, NoticeEnd, NoticeLine, NoticeRow, Objection, ObjectionAct
from bangfu.casework.notices.objections import SOURCE, STANDS_WHILE, open_about, open_ones
from bangfu.casework.notices.reading import public_notice, public_row
from bangfu.casework.notices.views import OUTCOMES, ObjectionActView, ObjectionsPage, ObjectionView
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView

__all__ = ["DAYS", "PAPER", "decide", "investigate", "objection", "objection_paper", "objections"]

DAYS = 10  # to decide an objection: no clause sets any, these are the house's own
PAPER = "objection_paper"
INVESTIGATED, DECIDED, UPHELD, REJECTED = "investigated", "decided", "upheld", "rejected"
_HIDDEN = "***"  # signed, and kept from the village
_SHORTEST, _LONGEST_FINDING, _LONGEST_ANSWER = 2, 1000, 500


def objections(
    *, actor: Actor, list_id: object = None, waiting: bool = False, page: int = 1, size: int = 50
) -> ObjectionsPage:
    """The objections in scope, those that wait first, the oldest of them on top.

    Args:
        actor: Of the village, township, station, bureau or audit.
        list_id: Only to this list's notices.
        waiting: Only those not decided.
        page: From 1.
        size: Rows a page.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "objection.read")
    rows = open_ones() if waiting else Objection.objects.all()
    if list_id is not None:
        rows = rows.filter(list_id=as_uuid(list_id))
    found = list(rows.order_by("-at" if not waiting else "at", "number")[(page - 1) * size : page * size])
    return ObjectionsPage(_views(found, actor), rows.count())


def objection(*, actor: Actor, objection_id: object) -> ObjectionView:
    """One objection with what was done.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "objection.read")
    return _views([_one(objection_id)], actor)[0]


@transaction.atomic
def investigate(*, actor: Actor, objection_id: object, finding: str, not_own: bool = False) -> ObjectionView:
    """Write down what looking into it showed; there may be several.

    Args:
        actor: Of the village, station or township.
        objection_id: The objection.
        finding: Who was asked, what was seen, what it shows; up to 1,000 characters.
        not_own: The statement that the household is not the actor's own, where it holds their name.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``reason_missing``, ``too_large``,
            ``own_step``, ``attestation_missing``.
    """
    people.require(actor, "objection.investigate")
    row = _one(objection_id, lock=True)
    acts = _undecided(row)
    told = finding.strip()
    if len(told) < _SHORTEST:
        raise Refused("reason_missing", field="finding")
    if len(told) > _LONGEST_FINDING:
        raise Refused("too_large", field="finding", most=_LONGEST_FINDING)
    kept = _not_mine(actor, row, "objection.investigate", stated=not_own)
    _acted(actor, row, len(acts) + 1, kind=INVESTIGATED, finding=told)
    trail.record(
        actor=actor, act="objection.investigated", subject=("objection", row.pk), after={"number": row.number} | kept,
        basis=("LD2021-6",), scope_area=row.scope_area,
    )  # fmt: skip
    return _views([row], actor)[0]


@transaction.atomic
def objection_paper(*, actor: Actor, objection_id: object, content: bytes, name: str) -> documents.FileView:
    """Keep a paper of an investigation: a statement, a photograph, a bank's slip.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``bad_file``, ``too_large``.
    """
    people.require(actor, "objection.investigate")
    row = _one(objection_id, lock=True)
    _undecided(row)
    return documents.keep(
        actor=actor, subject=("objection", row.pk), kind=PAPER, name=name, content=content,
        scope_area=row.scope_area, household_id=row.household_id,
    )  # fmt: skip


@transaction.atomic
def decide(
    *,
    actor: Actor,
    objection_id: object,
    outcome: str,
    answer: str,
    clause: str = "",
    seen_hash: str,
    not_own: bool = False,
) -> ObjectionView:
    """Decide an objection, as another person than who investigated it, and answer it in words.

    Upheld with a clause the line is excluded; upheld without one it is carried to the next cycle, to be corrected.
    Rejected, the line goes on, unless another objection to it is open, or the list was signed meanwhile: then it goes
    on in the next cycle. What is in payment or paid is corrected later.

    Args:
        actor: Of the township or the bureau.
        objection_id: The objection.
        outcome: upheld or rejected.
        answer: What the objector reads, up to 500 characters; no names.
        clause: What an exclusion rests on.
        seen_hash: ``ObjectionView.seen_hash`` of what was read.
        not_own: As in ``investigate``.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``not_investigated``, ``content_changed``,
            ``own_step``, ``bad_field``, ``reason_missing``, ``too_large``, ``attestation_missing``.
    """
    people.require(actor, "objection.decide")
    row = _one(objection_id, lock=True)
    acts = _undecided(row)
    if not acts:
        raise Refused("not_investigated")
    others = tuple({one.done_by for one in acts})
    if actor.account_id in others:
        raise people.own_step(actor=actor, act="objection.decide", places=_desks(row), without=others)
    if _seen(row, acts) != seen_hash:
        raise Refused("content_changed")
    if outcome not in OUTCOMES:
        raise Refused("bad_field", field="outcome")
    told = answer.strip()
    if len(told) < _SHORTEST:
        raise Refused("reason_missing", field="answer")
    if len(told) > _LONGEST_ANSWER:
        raise Refused("too_large", field="answer", most=_LONGEST_ANSWER)
    if clause and (outcome == REJECTED or site_book().clause(clause) is None):
        raise Refused("bad_field", field="clause")
    kept = _not_mine(actor, row, "objection.decide", stated=not_own)
    line = _line(row, actor, lock=True)
    remedy = _foreseen(line, row, outcome, clause, actor)
    said = f"异议{row.number}{OUTCOMES[outcome].zh}：{told}"
    if outcome == UPHELD:
        remedy = _followed(actor, line, row, remedy, why=said, clause=clause, not_own=not_own)
    made = _acted(
        actor, row, len(acts) + 1, kind=DECIDED, outcome=outcome, answer=told, clause=clause, remedy=remedy
    )
    if outcome == REJECTED:  # a line is released only once the objection is decided
        _followed(actor, line, row, remedy, why=said, clause="", not_own=not_own)
    trail.record(
        actor=actor, act="objection.decided", subject=("objection", row.pk), why=told,
        after={"number": row.number, "outcome": outcome, "remedy": made.remedy} | kept,
        basis=("LD2021-6", *((clause,) if clause else ())), scope_area=row.scope_area,
    )  # fmt: skip
    return _views([row], actor)[0]


def _foreseen(line: LineView | None, row: Objection, outcome: str, clause: str, actor: Actor) -> str:
    """What becomes of the line (``REMEDIES``)."""
    if line is None:
        return "none" if outcome == REJECTED else "later"
    with widened():
        state = subsidies.list_of(line.list_id, on=actor.on).state
        others = [one for one in open_about([line], on=actor.on).get(line.id, ()) if one.pk != row.pk]
    if outcome == REJECTED:
        if line.status == "carried" or (line.status == "held" and state == "county_confirmation"):
            return "waits"
        ours = line.status == "held" and state in STANDS_WHILE and _held_by_us(line)
        return "released" if ours and not others else "none"
    if line.status == "excluded":
        return "excluded"
    if line.status == "carried" or state in (*STANDS_WHILE, "payment"):
        return "excluded" if clause else "carried"
    return "later"


def _followed(
    actor: Actor, line: LineView | None, row: Objection, remedy: str, *, why: str, clause: str, not_own: bool
) -> str:
    """The line follows the decision; what became of it. It may lie in a list of another township by now."""
    if line is None or remedy not in ("released", "excluded", "carried") or remedy == line.status:
        return remedy
    try:
        with widened():
            subsidies.act_on_line(
                actor=actor, line_id=line.id, kind=remedy, clause=clause, source=f"{SOURCE}{row.pk}", reason=why,
                not_own=not_own,
            )  # fmt: skip
    except Refused as refused:
        if refused.code not in ("paid_once", "wrong_stage"):
            raise
        return "later"
    return remedy


def _held_by_us(line: LineView) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select source from casework_line_act where line_id = %s and kind = 'held' order by id desc limit 1",
            [line.id],
        )
        found = cursor.fetchone()
    return bool(found and str(found[0]).startswith(SOURCE))


def _line(row: Objection, actor: Actor, *, lock: bool = False) -> LineView | None:
    """The line as it stands now; with ``lock`` its list neither moves nor changes until the transaction ends."""
    with widened():
        line = subsidies.current_of([row.line_id], on=actor.on).get(row.line_id)
        if line is not None and lock:
            subsidies.list_of(line.list_id, on=actor.on, lock=True)
            line = subsidies.current_of([row.line_id], on=actor.on).get(row.line_id)
    return line


def _not_mine(actor: Actor, row: Objection, act: str, *, stated: bool) -> dict[str, Any]:
    line = _line(row, actor)
    kept = subsidies.not_mine(actor, [line] if line else [], act=act, places=_desks(row), stated=stated)
    return dict.fromkeys(kept, True)


def _desks(row: Objection) -> tuple[str, ...]:
    """The places at which objections to a village's lines are handled: village, township, county."""
    return row.scope_area, row.scope_area[:9], row.scope_area[:6]


def _one(objection_id: object, *, lock: bool = False) -> Objection:
    wanted = as_uuid(objection_id)
    if lock:
        held(OBJECTIONS, wanted)
    row = Objection.objects.filter(pk=wanted).first()
    if row is None:
        raise Refused("not_in_scope")
    return row


def _undecided(row: Objection) -> list[ObjectionAct]:
    """What was done so far; refused where it was decided."""
    acts = list(ObjectionAct.objects.filter(objection=row).order_by("number"))
    if any(one.kind == DECIDED for one in acts):
        raise Refused("already_decided")
    return acts


def _acted(actor: Actor, row: Objection, number: int, *, kind: str, **told: str) -> ObjectionAct:
    return ObjectionAct.objects.create(
        objection=row, number=number, kind=kind, done_by=actor.account_id, done_name=actor.name,
        done_role=actor.role, at=actor.now, scope_area=row.scope_area, household_id=row.household_id, **told,
    )  # fmt: skip


def _seen(row: Objection, acts: Sequence[ObjectionAct]) -> str:
    """What a decision binds to: the objection and every finding."""
    told = [str(row.pk), row.text, [[one.number, one.kind, one.finding] for one in acts]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _views(rows: Sequence[Objection], actor: Actor) -> tuple[ObjectionView, ...]:
    """Objections with all that belongs to them; a fixed number of questions."""
    ids = [one.pk for one in rows]
    acts: dict[UUID, list[ObjectionAct]] = {one: [] for one in ids}
    for act in ObjectionAct.objects.filter(objection_id__in=ids).order_by("number"):
        acts[act.objection_id].append(act)
    notices = {one.pk: one for one in Notice.objects.filter(pk__in={one.notice_id for one in rows})}
    ends = {one.notice_id: one for one in NoticeEnd.objects.filter(notice_id__in=list(notices))}
    tokens = {
        (one.notice_id, one.line_id): one.pk
        for one in NoticeLine.objects.filter(
            notice_id__in=list(notices), line_id__in={one.line_id for one in rows}
        )
    }
    shown = {one.pk: one for one in NoticeRow.objects.filter(pk__in=list(tokens.values()))}
    lines = subsidies.current_of({one.line_id for one in rows}, on=actor.on)
    masked = personal_data.masked_of([part for one in rows for part in (one.name_id, one.phone_id)])
    papers = documents.files_of_many(concept="objection", ids=ids)
    return tuple(
        ObjectionView(
            id=one.pk, number=one.number, notice=public_notice(notices[one.notice_id], ends, on=actor.on),
            row=public_row(shown[tokens[one.notice_id, one.line_id]]), list_id=one.list_id,
            line=lines.get(one.line_id), ground=one.ground, text=one.text, signed=one.signed,
            name=masked.get(one.name_id, _HIDDEN) if one.name_id else "",
            phone=masked.get(one.phone_id, _HIDDEN) if one.phone_id else "",
            name_id=one.name_id, phone_id=one.phone_id, at=one.at,
            due_on=day_of(one.at) + timedelta(days=DAYS), state=acts[one.pk][-1].kind if acts[one.pk] else "received",
            acts=tuple(_act(each) for each in acts[one.pk]), papers=tuple(papers.get(str(one.pk), ())),
            seen_hash=_seen(one, acts[one.pk]),
        )
        for one in rows
    )  # fmt: skip


def _act(one: ObjectionAct) -> ObjectionActView:
    return ObjectionActView(
        one.kind, one.outcome, one.remedy, one.finding, one.answer, one.clause, one.done_by, one.done_name,
        one.done_role, one.at,
    )  # fmt: skip
