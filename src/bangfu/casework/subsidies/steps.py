"""The steps of a list: the branch gives it, the township reviews and submits it, the county confirms it (LD2021-6).

Each binds to what was seen; of two at once one wins; nobody does two steps the table keeps apart, nor decides about a
line of their own household. What is held when the county confirms is carried to the next cycle, and does not wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.colleagues import found_by_others
from bangfu.casework.subsidies.comparing import to_explain
from bangfu.casework.subsidies.givers import of_giver
from bangfu.casework.subsidies.lists import content_hash, lines_of, list_of
from bangfu.casework.subsidies.models import LineCheck, SubsidyRun
from bangfu.casework.subsidies.moving import act_on_line, at_step, desks, kept_line_acts, move
from bangfu.casework.subsidies.own import not_mine, numbers, own_lines
from bangfu.casework.subsidies.views import LineView, ListView
from bangfu.casework.subsidies.workflow import (
    CHECKS,
    CONFIRMATION,
    FILED,
    FORWARD,
    LIST,
    OUTCOMES,
    REVIEW,
    STATES,
    SUBMISSION,
)
from bangfu.casework.words import Words

__all__ = [
    "SIGNED_LIST",
    "Signed",
    "check_lines",
    "confirm",
    "keep_signed_list",
    "review",
    "submit",
    "submit_list",
]

SIGNED_LIST = "signed_list"  # the kind of the scanned list with signatures and seal
OF_REVIEW, OF_CONFIRMATION = "review", "confirmation"
_LONGEST_NAME = 32
_WAITS = Words("确认时仍暂缓，结转下期", "still held when the county confirmed: carried over")


@dataclass(frozen=True)
class Signed:
    """Who signed the township's list (LD2021-6: principal and responsible leaders sign, and seal).

    Attributes:
        principal: 主要领导.
        responsible: 分管领导; another person.
        on: The day on the paper; the day of the submission where it is not given.
    """

    principal: str
    responsible: str
    on: date | None = None


@transaction.atomic
def submit_list(
    *, actor: Actor, list_id: object, seen_hash: str, opinion: str = "", not_own: bool = False
) -> ListView:
    """The branch gives its list to the township: computed, each difference from its own figures explained.

    Args:
        actor: The branch's manager, or of a bank without branches; not who computed it.
        list_id: The list.
        seen_hash: ``content_hash`` of what was read.
        opinion: In words, where there is something to say.
        not_own: The statement that the lines of the actor's name are not of the actor's household.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``branch_gives_it``, ``wrong_stage``, ``already_decided``,
            ``not_computed``, ``not_explained``, ``content_changed``, ``own_step``, ``attestation_missing``.
    """
    view, lines = _opened(actor, list_id, LIST)
    of_giver(actor, view.institution_id)
    if view.run_id is None:
        raise Refused("not_computed")
    if SubsidyRun.objects.get(pk=view.run_id).made_by == actor.account_id:
        raise people.own_step(actor=actor, act=STATES[LIST].act, places=desks(view))
    silent = to_explain(lines)
    if silent:
        raise Refused("not_explained", number=numbers(silent), rows=len(silent))
    kept = _not_mine(actor, view, lines, stated=not_own)
    move(actor=actor, view=view, step=LIST, seen_hash=seen_hash, opinion=opinion, signed=kept)
    return list_of(view.id, on=actor.on)  # lines to which an objection is open were held again


@transaction.atomic
def check_lines(
    *, actor: Actor, list_id: object, failed: Mapping[object, Collection[str]], not_own: bool = False
) -> None:
    """Check some lines before the review, as a colleague does where a reviewer's own household is on the list.

    Args:
        actor: Of the township.
        list_id: The list, at its review.
        failed: Line → what does not hold (``CHECKS``); empty where all does.
        not_own: As in ``submit_list``.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``bad_field``, ``own_step``,
            ``attestation_missing``.
    """
    view, lines = _opened(actor, list_id, REVIEW)
    wrong = _failed(lines, failed)
    mine = [one for one in lines if one.id in wrong]
    _not_mine(actor, view, mine, stated=not_own)
    _kept_checks(actor, view, mine, wrong)
    trail.record(
        actor=actor, act="subsidy.lines_checked", subject=("subsidy_list", view.id),
        after={"lines": numbers(mine), "failed": numbers(one for one in mine if wrong[one.id])},
        basis=STATES[REVIEW].clauses, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip


@transaction.atomic
def review(
    *,
    actor: Actor,
    list_id: object,
    outcome: str,
    seen_hash: str,
    opinion: str = "",
    failed: Mapping[object, Collection[str]] | None = None,
    not_own: bool = False,
) -> ListView:
    """The township checks identity, amount and right of every line; what fails is held, the list goes on.

    Args:
        actor: Of the township; not who gave the list.
        list_id: The list.
        outcome: forward or return.
        seen_hash: ``content_hash`` of what was read.
        opinion: In words; needed for a return.
        failed: Line → what does not hold (``CHECKS``); the other lines hold. A line of the reviewer's own household
            is left to a colleague, who checks it first (``check_lines``).
        not_own: As in ``submit_list``.

    Raises:
        Refused: as ``submit_list``, and ``bad_field``, ``reason_missing``.
    """
    view, lines = _opened(actor, list_id, REVIEW, outcome)
    _seen(view, seen_hash)
    own = found_by_others(view, own_lines(actor, lines), without=actor.account_id)
    theirs = {line_id: one.failed for line_id, one in own.items()}
    rest = [one for one in lines if one.id not in theirs]
    kept = _not_mine(actor, view, rest, stated=not_own)
    wrong = _failed(rest, failed or {})
    _kept_checks(actor, view, rest, wrong)
    if outcome == FORWARD:
        _hold_what_failed(lines, wrong | theirs, actor=actor, stated=bool(kept))
        view = list_of(view.id, on=actor.on)
    return move(
        actor=actor, view=view, step=REVIEW, outcome=outcome, seen_hash=content_hash(view), saw=seen_hash,
        opinion=opinion, signed=kept,
    )  # fmt: skip


@transaction.atomic
def keep_signed_list(*, actor: Actor, list_id: object, content: bytes, name: str) -> documents.FileView:
    """Keep the scanned list with both signatures and the seal; before the submission, or after it.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``bad_file``, ``too_large``.
    """
    people.require(actor, STATES[SUBMISSION].act)
    view = list_of(list_id, on=actor.on)
    if view.state in (LIST, REVIEW, FILED):
        raise Refused("wrong_stage", stands_at=STATES[view.state].words)
    return documents.keep(
        actor=actor, subject=("subsidy_list", view.id), kind=SIGNED_LIST, name=name, content=content,
        scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip


@transaction.atomic
def submit(
    *,
    actor: Actor,
    list_id: object,
    seen_hash: str,
    signed: Signed | None = None,
    paper_id: object = None,
    outcome: str = FORWARD,
    opinion: str = "",
    not_own: bool = False,
) -> ListView:
    """The township submits the list, signed by both leaders and sealed, to the county; or returns it to the branch.

    Args:
        actor: Of the township; not who reviewed it.
        list_id: The list.
        seen_hash: ``content_hash`` of what was read.
        signed: Who signed; needed to go forward.
        paper_id: The scanned list (``keep_signed_list``); where it is not there yet, the archive names it as missing.
        outcome: forward or return.
        opinion: In words; needed for a return.
        not_own: As in ``submit_list``.

    Raises:
        Refused: as ``submit_list``, and ``missing_field``, ``bad_field``, ``missing_paper``, ``in_the_future``.
    """
    view, lines = _opened(actor, list_id, SUBMISSION, outcome)
    kept = dict(_not_mine(actor, view, lines, stated=not_own))
    if outcome == FORWARD:
        kept |= _signatures(actor, signed)
        if paper_id:
            kept["paper"] = _paper(view.id, paper_id)
    return move(
        actor=actor,
        view=view,
        step=SUBMISSION,
        outcome=outcome,
        seen_hash=seen_hash,
        opinion=opinion,
        signed=kept,
    )


@transaction.atomic
def confirm(
    *,
    actor: Actor,
    list_id: object,
    seen_hash: str,
    outcome: str = FORWARD,
    opinion: str = "",
    not_own: bool = False,
) -> ListView:
    """The county confirms the list: held lines are carried over, the rest is committed in the budget, payer by payer.

    Recoveries stand apart: they are not paid, and commit nothing.

    Args:
        actor: Of the bureau; not who did an earlier step.
        list_id: The list.
        seen_hash: ``content_hash`` of what was read.
        outcome: forward or return.
        opinion: In words; needed for a return.
        not_own: As in ``submit_list``.

    Raises:
        Refused: as ``submit_list``.
    """
    view, lines = _opened(actor, list_id, CONFIRMATION, outcome)
    _seen(view, seen_hash)
    kept = _not_mine(actor, view, lines, stated=not_own)
    stage = view.stage_number
    if outcome == FORWARD:
        waiting = [one for one in lines if one.status == "held"]
        reasons = [(one, f"{_WAITS.zh}：{one.status_reason}"[:500]) for one in waiting]
        kept_line_acts(actor, view, reasons, kind="carried", source=OF_CONFIRMATION)
        view = list_of(view.id, on=actor.on)
    moved = move(
        actor=actor, view=view, step=CONFIRMATION, outcome=outcome, seen_hash=content_hash(view), saw=seen_hash,
        opinion=opinion, signed=kept,
    )  # fmt: skip
    if outcome == FORWARD:
        budgets.post(actor=actor, entries=_committed(actor, view, stage, why=opinion))
    return moved


def _committed(actor: Actor, view: ListView, stage: int, *, why: str) -> list[budgets.Entry]:
    return [
        budgets.Entry(
            key=f"committed:{view.id}:{stage}:{payer}", county=view.cycle.county,
            year=view.cycle.payment_month.year, source=payer, on=actor.on, kind="committed", amount_fen=fen,
            subject=f"subsidy_list:{view.id}", why=why,
        )
        for payer, fen in view.open.payable_by.items()
    ]  # fmt: skip


def _opened(
    actor: Actor, list_id: object, step: str, outcome: str = FORWARD
) -> tuple[ListView, tuple[LineView, ...]]:
    """The list under its lock, at the step, and its lines that may still go on."""
    people.require(actor, STATES[step].act)
    if outcome not in OUTCOMES or outcome not in STATES[step].outcomes:
        raise Refused("bad_field", field="outcome")
    view = list_of(list_id, on=actor.on, lock=True)
    at_step(view, step)
    lines = lines_of([view.id], on=actor.on)
    return view, tuple(one for one in lines if one.status in ("open", "held"))


def _seen(view: ListView, seen_hash: str) -> None:
    if content_hash(view) != seen_hash:
        raise Refused("content_changed")


def _not_mine(actor: Actor, view: ListView, lines: Sequence[LineView], *, stated: bool) -> Mapping[str, Any]:
    return not_mine(actor, lines, act=view.stands_at.act, places=desks(view), stated=stated)


def _failed(
    lines: Sequence[LineView], failed: Mapping[object, Collection[str]]
) -> dict[UUID, frozenset[str]]:
    """What was found wrong, by line; each line must be one of these."""
    known = {str(one.id): one.id for one in lines}
    out = {}
    for key, parts in failed.items():
        line_id = known.get(str(key))
        if line_id is None or not set(parts) <= set(CHECKS):
            raise Refused("bad_field", field="failed")
        out[line_id] = frozenset(parts)
    return out


def _kept_checks(
    actor: Actor, view: ListView, lines: Sequence[LineView], wrong: Mapping[UUID, frozenset[str]]
) -> None:
    LineCheck.objects.bulk_create(
        (
            LineCheck(
                line_id=line.id, subsidy_list_id=view.id, checked_by=actor.account_id, at=actor.now,
                scope_area=line.village, institution_id=line.institution_id, household_id=line.household_id,
                **{part: part not in wrong.get(line.id, ()) for part in CHECKS},
            )
            for line in lines
        ),
        batch_size=2_000,
    )  # fmt: skip


def _hold_what_failed(
    lines: Sequence[LineView], wrong: Mapping[UUID, frozenset[str]], *, actor: Actor, stated: bool
) -> None:
    """Hold what failed, whoever found it; a colleague's finding about the reviewer's household is the site's act."""
    own = {one.id for one in own_lines(actor, lines)}
    for line in lines:
        parts = wrong.get(line.id, frozenset())
        if not parts or line.status != "open":
            continue
        told = "、".join(CHECKS[part].zh for part in CHECKS if part in parts)
        by = Actor.site(now=actor.now, via=actor.via) if line.id in own else actor
        act_on_line(
            actor=by, line_id=line.id, kind="held", reason=f"乡镇审核不符：{told}", clause="LD2021-6",
            source=OF_REVIEW, not_own=stated,
        )  # fmt: skip


def _signatures(actor: Actor, signed: Signed | None) -> dict[str, Any]:
    if signed is None:
        raise Refused("missing_field", field="principal", clauses=STATES[SUBMISSION].clauses)
    names = {"principal": signed.principal, "responsible": signed.responsible}
    for field, name in names.items():
        if not name.strip():
            raise Refused("missing_field", field=field, clauses=STATES[SUBMISSION].clauses)
        if len(name.strip()) > _LONGEST_NAME:
            raise Refused("bad_field", field=field)
    if signed.principal.strip() == signed.responsible.strip():
        why = Words("主要领导和分管领导须为两人", "the two leaders are two people")
        raise Refused("bad_field", field="responsible", why=why)
    on = signed.on or actor.on
    if on > actor.on:
        raise Refused("in_the_future", field="on")
    return {field: name.strip() for field, name in names.items()} | {"on": on.isoformat()}


def _paper(list_id: UUID, paper_id: object) -> str:
    """The signed list, which must be a paper of this list."""
    for one in documents.files_of(subject=("subsidy_list", list_id)):
        if str(one.id) == str(paper_id) and one.kind == SIGNED_LIST:
            return str(one.id)
    raise Refused("missing_paper", field="paper_id")
