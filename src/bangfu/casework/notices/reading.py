"""Notices read: by anybody, masked; by those who answer for a list, with photographs and objections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum
from django.db.models.functions import Left

from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.documents.api import FileView
from bangfu.casework.notices.models import Notice, NoticeEnd, NoticeRow, Objection, ObjectionAct
from bangfu.casework.notices.views import (
    BEFORE,
    PARTS,
    TOWNSHIP,
    Clock,
    NoticePage,
    NoticePart,
    NoticesPage,
    NoticeView,
    PublicNotice,
    PublicRow,
)
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies

__all__ = [
    "PHOTO",
    "as_uuid",
    "notice",
    "notices",
    "of_list",
    "public_notice",
    "public_row",
    "row_of",
    "standing_of",
]

PHOTO = "notice_photo_"  # and near or far: the kind of the file
_TOWNSHIP = 9  # digits


def notices(
    *,
    on: date,
    area: str = "",
    name: str = "",
    kind: str = "",
    past: bool = False,
    page: int = 1,
    size: int = 50,
) -> NoticesPage:
    """The notices anybody may read, place by place in code order, the latest first in each.

    Args:
        on: The day.
        area: Only of this county, township or village and below; all where empty.
        name: Only of places with this in their name, and of the villages of such townships.
        kind: before or after; both where empty.
        past: Also those whose days are over or that were withdrawn.
        page: From 1.
        size: Rows a page.
    """
    rows = Notice.objects.filter(area__startswith=area) if area else Notice.objects.all()
    if name:
        townships = Notice.objects.filter(level=TOWNSHIP, area_name__icontains=name).values("area")
        below = Notice.objects.annotate(above=Left("area", _TOWNSHIP)).filter(above__in=townships)
        rows = rows.filter(Q(area_name__icontains=name) | Q(pk__in=below.values("pk")))
    if kind:
        rows = rows.filter(kind=kind)
    if not past:
        rows = rows.filter(last_day__gte=on).filter(_standing())
    found = list(rows.order_by("area", "-posted_at", "bank_name", "pk")[(page - 1) * size : page * size])
    ends = _ends(found)
    return NoticesPage(tuple(public_notice(one, ends, on=on) for one in found), rows.count())


def notice(*, notice_id: object, on: date, village: str = "", page: int = 1, size: int = 100) -> NoticePage:
    """A notice with a page of its rows, for anybody.

    Args:
        notice_id: Its id.
        on: The day, for the clock.
        village: Only the rows of this village, by its name as it stands in the rows.
        page: From 1.
        size: Rows a page.

    Raises:
        Refused: ``not_in_scope`` where there is none.
    """
    row = Notice.objects.filter(pk=as_uuid(notice_id)).first()
    if row is None:
        raise Refused("not_in_scope")
    rows = NoticeRow.objects.filter(notice=row)
    if village:
        rows = rows.filter(village=village)
    found = rows.order_by("number")[(page - 1) * size : page * size]
    # One question for villages, products and sums.
    summed = NoticeRow.objects.filter(notice=row).values("village", "product")
    parts = list(
        summed.annotate(lines=Count("pk"), fen=Sum("amount_fen"), first=Min("number")).order_by("first")
    )
    return NoticePage(
        public_notice(row, _ends([row]), on=on),
        tuple(public_row(one) for one in found),
        sum(one["lines"] for one in parts if village in ("", one["village"])),
        tuple(NoticePart(one["village"], one["product"], one["lines"], one["fen"]) for one in parts),
    )


def row_of(*, token: object, on: date) -> tuple[PublicNotice, PublicRow]:
    """A row by its token with its notice: what an objection is about.

    Raises:
        Refused: ``not_in_scope`` where there is none.
    """
    row = NoticeRow.objects.select_related("notice").filter(pk=as_uuid(token)).first()
    if row is None:
        raise Refused("not_in_scope")
    return public_notice(row.notice, _ends([row.notice]), on=on), public_row(row)


def of_list(*, actor: Actor, list_id: object, kind: str = "") -> tuple[NoticeView, ...]:
    """The notices of a list in scope, the latest first, with photographs and objections.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    view = subsidies.list_of(list_id, on=actor.on)
    rows = Notice.objects.filter(list_id=view.id)
    if kind:
        rows = rows.filter(kind=kind)
    found = list(rows.order_by("-posted_at", "level", "area"))
    return staff_views(found, on=actor.on, submit_due_on=view.cycle.submit_due_on)


def staff_views(rows: Sequence[Notice], *, on: date, submit_due_on: date | None) -> tuple[NoticeView, ...]:
    """Notices with what belongs to them; a fixed number of questions."""
    ids, ends = [one.pk for one in rows], _ends(rows)
    photos = documents.files_of_many(concept="notice", ids=ids)
    decided = ObjectionAct.objects.filter(objection=OuterRef("pk"), kind="decided")
    counts = {
        one["notice_id"]: one
        for one in Objection.objects.filter(notice_id__in=ids)
        .annotate(done=Exists(decided))
        .values("notice_id")
        .annotate(came=Count("pk"), waits=Count("pk", filter=Q(done=False)))
    }
    none = {"came": 0, "waits": 0}
    return tuple(
        NoticeView(
            public_notice(one, ends, on=on), one.list_id, one.posted_name, one.posted_at,
            submit_due_on if one.kind == BEFORE else None, _photos(photos.get(str(one.pk), ())),
            counts.get(one.pk, none)["came"], counts.get(one.pk, none)["waits"],
        )
        for one in rows
    )  # fmt: skip


def standing_of(list_id: UUID, kind: str) -> list[Notice]:
    """The notices of a list that stand, the township's first."""
    rows = Notice.objects.filter(_standing(), list_id=list_id, kind=kind)
    return sorted(rows, key=lambda one: (one.level, one.area))


def public_notice(row: Notice, ends: Mapping[UUID, NoticeEnd], *, on: date) -> PublicNotice:
    """A row as anybody may read it."""
    end = ends.get(row.pk)
    passed = min(max((on - row.posted_on).days, 0), row.days)
    return PublicNotice(
        id=row.pk, kind=row.kind, level=row.level, area=row.area, area_name=row.area_name, bank_name=row.bank_name,
        start=row.period_from, end=row.period_to, posted_on=row.posted_on,
        clock=Clock(passed, row.days, row.last_day, on > row.last_day), clauses=tuple(row.clauses), why=row.why,
        contact=row.contact, lines=row.lines, total_fen=row.total_fen, rows_hash=bytes(row.rows_hash).hex(),
        ended=end.kind if end else "", ended_on=day_of(end.at) if end else None,
    )  # fmt: skip


def public_row(row: NoticeRow) -> PublicRow:
    """A row of a notice."""
    return PublicRow(row.pk, row.number, row.village, row.masked_name, row.product, row.amount_fen)


def _standing() -> Q:
    return Q(noticeend__isnull=True)


def _ends(rows: Iterable[Notice]) -> dict[UUID, NoticeEnd]:
    ids = [one.pk for one in rows]
    return {one.notice_id: one for one in NoticeEnd.objects.filter(notice_id__in=ids)}


def _photos(files: Iterable[FileView]) -> dict[str, tuple[FileView, ...]]:
    every = list(files)
    return {part: tuple(one for one in every if one.kind == f"{PHOTO}{part}") for part in PARTS}
