"""One line from the core's computation to the household's card: who, when, by which clause (CN2026-3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments.models import (
    HouseholdProof,
    PaymentBatch,
    PaymentExport,
    PaymentResult,
    Recovered,
)
from bangfu.casework.payments.reading import items_of_line
from bangfu.casework.payments.views import ItemView
from bangfu.casework.payments.words import OUTCOMES, PAYING, PROOFS, PROVING, RECOVERED_FROM
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import STATES, LineView, acts_of, lines_by_id
from bangfu.casework.words import Words

__all__ = ["Tracked", "TrackedLine", "track"]

_RUN = (
    'select r.made_name, r.at, r.number, r.facts_hash, r.packs_hash, r."on" from casework_subsidy_run r'
    " join casework_subsidy_line l on l.run_id = r.id where l.id = %s"
)
_LINE_ACTS = (
    "select kind, reason, clause, done_name, done_role, at from casework_line_act where line_id = %s"
    " order by id"
)
_NOTICES = (
    "select n.kind, n.area_name, n.posted_name, n.posted_at, n.last_day, n.clauses from casework_notice_line x"
    " join casework_notice n on n.id = x.notice_id where x.line_id = %s order by n.posted_at, n.area"
)
_LATER = (
    "select l.id, l.kind, l.payable_fen, r.made_name, r.at from casework_subsidy_line l"
    " join casework_subsidy_run r on r.id = l.run_id where l.corrects = %s and upper_inf(l.recorded) order by r.at"
)


@dataclass(frozen=True)
class Tracked:
    """One step of a line's way.

    Attributes:
        at: When it was written down.
        code: computed, step, line_act, notice, committed, prepared, released, rejected, result, proof, recovered,
            corrected.
        words: What happened.
        who: Who did it; empty of what the house itself did.
        role: In which role.
        clauses: By which clauses.
        on: The day it is of, where that is another than the moment's.
        facts: Hashes, numbers, amounts.
    """

    at: datetime
    code: str
    words: Words
    who: str
    role: str = ""
    clauses: tuple[str, ...] = ()
    on: date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackedLine:
    """A line with its whole way, oldest first; ``arrived`` says whether the household is proved to have the money."""

    line: LineView
    steps: tuple[Tracked, ...]
    outcome: str
    arrived: bool


def track(*, actor: Actor, line_id: object) -> TrackedLine:
    """Follow one line in scope end to end; a fixed number of questions a line and attempt.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    wanted = as_uuid(line_id)
    line = lines_by_id([wanted], on=actor.on).get(wanted)
    if line is None:
        raise Refused("not_in_scope")
    items = items_of_line([wanted])
    steps = [*_before(line), *_paid(items), *_after(line)]
    outcome = items[-1].outcome if items else ""
    proved = {one.item_id for one in HouseholdProof.objects.filter(line_id=wanted)}
    arrived = outcome == "paid" and items[-1].id in proved
    return TrackedLine(line, tuple(sorted(steps, key=lambda one: one.at)), outcome, arrived)


def _before(line: LineView) -> Iterator[Tracked]:
    with connection.cursor() as cursor:
        cursor.execute(_RUN, [line.id])
        for who, at, number, facts_hash, packs_hash, on in cursor.fetchall():
            hashes = {"facts_hash": bytes(facts_hash).hex(), "packs_hash": bytes(packs_hash).hex()}
            told = {"run": number, "line_hash": line.line_hash, "subsidy_fen": line.subsidy_fen, **hashes}
            yield Tracked(
                at, "computed", Words("计算并冻结", "computed and frozen"), who, "", line.clauses, on, told
            )
        cursor.execute(_LINE_ACTS, [line.id])
        for kind, reason, clause, who, role, at in cursor.fetchall():
            words = trail.act_words(f"subsidy.line_{kind}")
            yield Tracked(
                at, "line_act", words, who, role, (clause,) if clause else (), None, {"reason": reason}
            )
        cursor.execute(_NOTICES, [line.id])
        for kind, area, who, at, last_day, clauses in cursor.fetchall():
            words = (
                Words("张贴公示", "notice posted")
                if kind == "before"
                else Words("张贴公告", "announcement posted")
            )
            told = {"area": area, "last_day": last_day.isoformat()}
            yield Tracked(at, "notice", words, who, "", _clauses(clauses), None, told)
    for act in acts_of(line.list_id):
        words = STATES[act.step].words
        if act.outcome != "forward":
            words = Words(f"{words.zh}：退回", f"{words.en}: returned")
        facts = {"hash": act.content_hash, "opinion": act.opinion}
        yield Tracked(act.at, "step", words, act.done_name, act.done_role, act.clauses, None, facts)


def _clauses(told: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in told) if isinstance(told, list) else ()


def _paid(items: tuple[ItemView, ...]) -> Iterator[Tracked]:
    ids = {one.batch_id for one in items}
    batches = {one.pk: one for one in PaymentBatch.objects.filter(pk__in=ids)}
    exports = {one.batch_id: one for one in PaymentExport.objects.filter(batch_id__in=ids)}
    names = people.names_of(
        {one.recorded_by for one in PaymentResult.objects.filter(item_id__in=[item.id for item in items])}
    )
    for item in items:
        batch, export = batches.get(item.batch_id), exports.get(item.batch_id)
        told: dict[str, Any] = {
            "batch": item.batch_number,
            "attempt": item.attempt,
            "amount_fen": item.amount_fen,
        }
        if batch is not None:
            facts = {**told, "payee": item.payee_name, "account": item.account, "number": item.number}
            words = Words("编入发放批次", "put into a batch")
            yield Tracked(batch.at, "prepared", words, batch.prepared_name, "finance", PAYING, None, facts)
        if export is not None:
            gone = export.outcome == "released"
            words = (
                Words("导出发放文件", "released")
                if gone
                else Words("批次未通过复核", "the batch was rejected")
            )
            facts = {**told, "file_hash": bytes(export.file_hash).hex() if export.file_hash else ""}
            yield Tracked(export.at, export.outcome, words, export.done_name, "finance", PAYING, None, facts)
        for one in PaymentResult.objects.filter(item_id=item.id).exclude(reason_code="batch_rejected"):
            facts = {**told, "reason_code": one.reason_code, "reason": one.reason, "reference": one.reference}
            who = names.get(one.recorded_by, "")
            yield Tracked(one.at, "result", OUTCOMES[one.outcome], who, "", PAYING, one.on, facts)


def _after(line: LineView) -> Iterator[Tracked]:
    proofs = list(HouseholdProof.objects.filter(line_id=line.id))
    receipts = list(Recovered.objects.filter(line_id=line.id))
    names = people.names_of({*(one.recorded_by for one in proofs), *(one.recorded_by for one in receipts)})
    for proof in proofs:
        told = {"amount_fen": proof.amount_fen, "event": proof.event_id, "file": str(proof.file_id or "")}
        who = names.get(proof.recorded_by, "")
        yield Tracked(proof.at, "proof", PROOFS[proof.kind], who, "", PROVING, proof.on, told)
    for receipt in receipts:
        words = RECOVERED_FROM[receipt.from_whom]
        words = Words(f"追回（{words.zh}）", f"recovered from {words.en}")
        told = {"amount_fen": receipt.amount_fen, "voucher": receipt.voucher}
        who = names.get(receipt.recorded_by, "")
        yield Tracked(receipt.at, "recovered", words, who, "finance", ("HLJ2019-2.2",), receipt.on, told)
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [line.id])
        for later, kind, fen, who, at in cursor.fetchall():
            words = _KINDS.get(kind, Words(kind, kind))
            yield Tracked(at, "corrected", words, who, "", (), None, {"line": str(later), "amount_fen": fen})


_KINDS: Mapping[str, Words] = {
    "carried": Words("由后期清册续列", "taken over by a later list"), "supplement": Words("补发", "supplement"),
    "recovery": Words("追回", "recovery"),
}  # fmt: skip
