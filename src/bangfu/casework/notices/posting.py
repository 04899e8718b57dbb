"""A notice posted, photographed, closed: the township for all its lines, each village for its own (LD2021-6, 7)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.notices.models import Notice, NoticeEnd, NoticeLine, NoticeRow
from bangfu.casework.notices.objections import objected
from bangfu.casework.notices.reading import PHOTO, as_uuid, staff_views, standing_of
from bangfu.casework.notices.views import AFTER, BEFORE, KINDS, PARTS, STEP_OF, TOWNSHIP, VILLAGE, NoticeView
from bangfu.casework.people import api as people
from bangfu.casework.personal_data.api import masked_name
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView, ListView
from bangfu.casework.words import Words

__all__ = [
    "HOUSE_DAYS",
    "by_village",
    "close",
    "own_name",
    "payable_lines",
    "photo",
    "post",
    "taken_down",
]

HOUSE_DAYS = 10  # of an announcement where no term says: LD2021-7 asks for it without a number of days
_MOST_DAYS = 90
_AFTER_CLAUSE = "LD2021-7"
_SHOWN = 10
_LONGEST_WHY, _LONGEST_CONTACT = 200, 200


@dataclass(frozen=True)
class _Days:
    """How long a notice stands, by which clause or for which reason."""

    days: int
    clauses: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class _Sheet:
    """A notice with its rows, and what links them to lines."""

    notice: Notice
    rows: list[NoticeRow]
    links: list[NoticeLine]


@transaction.atomic
def post(
    *,
    actor: Actor,
    list_id: object,
    kind: str,
    villages: bool = True,
    days: int | None = None,
    why: str = "",
    contact: str = "",
    instead_of: object = None,
) -> tuple[NoticeView, ...]:
    """Post the notice of a list: of the township, and of each village that has lines; names masked.

    Held and excluded lines, and recoveries, stand on none. Posting again takes the notices that stand down, visibly,
    and the days begin anew.

    Args:
        actor: Of the township.
        list_id: The list: at its notice (before) or its announcement (after payment).
        kind: before or after.
        villages: Also in the villages; an announcement after payment always is (LD2021-7).
        days: Full days after the posting day. Left out, the term's; where no document sets any they must be given, with
            the reason; more than the term's are given with a reason, fewer are refused.
        why: That reason, or why it is posted again.
        contact: Where one may ask; the township's name where left out.
        instead_of: The id of the township's notice that stands and is taken down, where it is posted again.

    Returns:
        The township's notice first.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``already_decided`` (it is posted),
            ``bad_field``, ``not_regulated``, ``reason_missing``.
    """
    people.require(actor, "notice.post")
    if kind not in KINDS:
        raise Refused("bad_field", field="kind")
    view = subsidies.list_of(list_id, on=actor.on, lock=True)
    subsidies.at_step(view, STEP_OF[kind])
    lines = payable_lines(view, actor)
    if not lines:
        raise Refused("bad_field", field="kind", why=Words("没有可公示的明细", "no line to post"))
    told = " ".join(why.split())[:_LONGEST_WHY]
    term = _days(view, kind, days, told)
    before = standing_of(view.id, kind)
    if before:
        if str(instead_of) != str(before[0].pk):  # posted meanwhile, or sent twice
            raise Refused("already_decided")
        if not told:
            raise Refused("reason_missing", field="why")
        taken_down(actor, before, kind="reposted", why=told)
    sheets = [(TOWNSHIP, view.township, view.township_name, lines)]
    if villages or kind == AFTER:
        sheets += [(VILLAGE, code, own_name(mine[0], view), mine) for code, mine in by_village(lines).items()]
    made = [
        _sheet(
            actor, view, mine, kind=kind, level=level, area=area, area_name=name, term=term,
            contact=" ".join(contact.split())[:_LONGEST_CONTACT] or view.township_name,
        )
        for level, area, name, mine in sheets
    ]  # fmt: skip
    _posted(actor, view, made)
    return staff_views([one.notice for one in made], on=actor.on, submit_due_on=view.cycle.submit_due_on)


@transaction.atomic
def photo(*, actor: Actor, notice_id: object, part: str, content: bytes, name: str) -> documents.FileView:
    """Keep a photograph of a posted notice, near or far (LD2021-7): in scope of who posts, not public.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``, ``bad_file``, ``too_large``.
    """
    people.require(actor, "notice.photo")
    row = Notice.objects.filter(pk=as_uuid(notice_id)).first()
    if row is None or not actor.scope.covers(row.area):
        raise Refused("not_in_scope")
    if part not in PARTS:
        raise Refused("bad_field", field="part")
    kept = documents.keep(
        actor=actor, subject=("notice", row.pk), kind=f"{PHOTO}{part}", name=name, content=content,
        scope_area=row.area,
    )  # fmt: skip
    if not kept.media_type.startswith("image/"):
        raise Refused("bad_file", field="file", why=Words("须为照片（PNG、JPG）", "it must be a photograph"))
    trail.record(
        actor=actor, act="notice.photographed", subject=("notice", row.pk),
        after={"kind": part, "sha256": kept.sha256}, basis=(_AFTER_CLAUSE,), scope_area=row.area,
    )  # fmt: skip
    return kept


@transaction.atomic
def close(*, actor: Actor, list_id: object, seen_hash: str, opinion: str = "") -> ListView:
    """The days of the notice are over and the list goes on to be signed; or it was announced, and goes to be filed.

    Lines to which an objection is open are held and stay behind: they stop nobody else.

    Args:
        actor: Of the township.
        list_id: The list.
        seen_hash: ``content_hash`` of what was read.
        opinion: In words, where there is something to say.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``already_decided``, ``not_posted`` (with the
            lines or villages), ``notice_not_over`` (with the last day), ``objection_open``, ``content_changed``.
    """
    people.require(actor, "notice.post")
    view = subsidies.list_of(list_id, on=actor.on, lock=True)
    kind = AFTER if view.state == STEP_OF[AFTER] else BEFORE
    subsidies.at_step(view, STEP_OF[kind])
    lines = payable_lines(view, actor)
    if lines:
        stand = standing_of(view.id, kind)
        _posted_all(stand, lines, kind=kind)
        if kind == BEFORE:
            _over(stand, actor)
        _settled(lines, actor)
    clauses = tuple(dict.fromkeys(one for each in standing_of(view.id, kind) for one in each.clauses))
    return subsidies.moved_on(
        actor=actor, view=view, step=STEP_OF[kind], seen_hash=seen_hash, opinion=opinion, clauses=clauses
    )


def payable_lines(view: ListView, actor: Actor) -> list[LineView]:
    """The lines a notice tells of: those that go on to payment."""
    lines = subsidies.lines_of([view.id], on=actor.on, status="open")
    return [one for one in lines if one.payable_fen > 0]


def taken_down(actor: Actor, rows: Sequence[Notice], *, kind: str, why: str) -> None:
    """Say of notices that they no longer stand; who reads them is told so."""
    NoticeEnd.objects.bulk_create(
        NoticeEnd(
            notice=one, kind=kind, done_by=actor.account_id, done_name=actor.name, done_role=actor.role,
            at=actor.now,
        )
        for one in rows
    )  # fmt: skip
    for one in rows:
        trail.record(
            actor=actor, act="notice.withdrawn", subject=("notice", one.pk), before={"lines": one.lines},
            after={"kind": kind}, why=why, scope_area=one.area,
        )  # fmt: skip


def _days(view: ListView, kind: str, asked: int | None, why: str) -> _Days:
    term = view.cycle.notice_days
    said: Mapping[str, Any] = view.cycle.deadlines.get("notice.days") or {}
    clauses = tuple(said.get("clauses") or ())
    if asked is not None and not 0 < asked <= _MOST_DAYS:
        raise Refused("bad_field", field="days")
    if kind == AFTER:
        return _Days(asked or term or HOUSE_DAYS, (_AFTER_CLAUSE,), why)
    if asked is None and term is None:
        raise Refused("not_regulated", field="days")
    if asked is None or asked == term:
        return _Days(int(term or 0), clauses, why)
    if term is not None and asked < term:
        raise Refused(
            "bad_field",
            field="days",
            clauses=clauses,
            why=Words(f"不得少于{term}天", f"not fewer than {term}"),
        )
    if not why:
        raise Refused("reason_missing", field="why")
    return _Days(asked, clauses if term is not None else (), why)


def _sheet(
    actor: Actor,
    view: ListView,
    lines: Sequence[LineView],
    *,
    kind: str,
    level: str,
    area: str,
    area_name: str,
    term: _Days,
    contact: str,
) -> _Sheet:
    """A notice as it will be posted, its rows, and which line each row tells of."""
    total = sum(one.payable_fen for one in lines)
    row = Notice(
        id=uuid.uuid4(), list_id=view.id, cycle_id=view.cycle.id, kind=kind, level=level, area=area,
        area_name=area_name, bank_name=view.bank_name, period_from=view.cycle.start, period_to=view.cycle.end,
        posted_at=actor.now, posted_on=actor.on, days=term.days, last_day=actor.on + timedelta(days=term.days),
        clauses=list(term.clauses), why=term.why, contact=contact, lines=len(lines), total_fen=total,
        posted_by=actor.account_id, posted_name=actor.name,
    )  # fmt: skip
    ordered = sorted(lines, key=lambda one: (one.village, one.number))
    rows = [
        NoticeRow(
            token=uuid.uuid4(), notice=row, number=number, village=own_name(line, view)[:64],
            masked_name=masked_name(line.borrower_name), product=line.product, amount_fen=line.payable_fen,
        )
        for number, line in enumerate(ordered, 1)
    ]  # fmt: skip
    told = [[one.number, one.village, one.masked_name, one.product, one.amount_fen] for one in rows]
    row.rows_hash = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()
    links = [
        NoticeLine(
            token=shown.token, notice_id=row.pk, line_id=line.id, scope_area=line.village,
            institution_id=line.institution_id, household_id=line.household_id,
        )
        for shown, line in zip(rows, ordered, strict=True)
    ]  # fmt: skip
    return _Sheet(row, rows, links)


def _posted(actor: Actor, view: ListView, sheets: Sequence[_Sheet]) -> None:
    """Keep all sheets of a list, in a few statements whatever the number of villages."""
    Notice.objects.bulk_create([one.notice for one in sheets])
    NoticeRow.objects.bulk_create([row for one in sheets for row in one.rows], batch_size=2_000)
    NoticeLine.objects.bulk_create([link for one in sheets for link in one.links], batch_size=2_000)
    for one in sheets:
        row = one.notice
        trail.record(
            actor=actor, act="notice.posted", subject=("notice", row.pk), basis=tuple(row.clauses), why=row.why,
            after={"kind": row.kind, "level": row.level, "lines": row.lines, "days": row.days,
                   "last_day": row.last_day.isoformat(), "hash": bytes(row.rows_hash).hex()},
            scope_area=row.area, institution_id=view.institution_id,
        )  # fmt: skip


def own_name(line: LineView, view: ListView) -> str:
    """The village of a line without its township before it, which the notice names already."""
    return line.village_name.removeprefix(view.township_name).strip() or line.village_name


def by_village(lines: Sequence[LineView]) -> dict[str, list[LineView]]:
    """Lines by the code of their village, in code order."""
    out: dict[str, list[LineView]] = {}
    for one in sorted(lines, key=lambda one: one.village):
        out.setdefault(one.village, []).append(one)
    return out


def _posted_all(stand: Sequence[Notice], lines: Sequence[LineView], *, kind: str) -> None:
    """Every line that goes on stood on the township's notice; after payment in its village too."""
    shown: dict[str, set[uuid.UUID]] = {TOWNSHIP: set(), VILLAGE: set()}
    level = {one.pk: one.level for one in stand}
    for notice_id, line_id in NoticeLine.objects.filter(notice_id__in=list(level)).values_list(
        "notice_id", "line_id"
    ):
        shown[level[notice_id]].add(line_id)
    for where in (TOWNSHIP, VILLAGE) if kind == AFTER else (TOWNSHIP,):
        missing = [one for one in lines if one.id not in shown[where]]
        if missing:
            places = "、".join(sorted({one.village_name for one in missing})[:_SHOWN])
            raise Refused("not_posted", number=subsidies.numbers(missing), rows=len(missing), place=places)


def _over(stand: Sequence[Notice], actor: Actor) -> None:
    for one in stand:
        if actor.on <= one.last_day:
            raise Refused(
                "notice_not_over", clauses=tuple(one.clauses), last_day=one.last_day,
                day=max((actor.on - one.posted_on).days, 0),
            )  # fmt: skip


def _settled(lines: Sequence[LineView], actor: Actor) -> None:
    """No line goes on to which an objection is open."""
    open_ones = objected(lines, on=actor.on)
    if open_ones:
        raise Refused("objection_open", number=subsidies.numbers(open_ones))
