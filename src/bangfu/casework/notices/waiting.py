"""What waits: notices to post, photograph and close, announcements, objections to investigate and to decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.notices.deciding import DAYS
from bangfu.casework.notices.models import Notice, Objection, ObjectionAct
from bangfu.casework.notices.objections import open_ones
from bangfu.casework.notices.reading import staff_views
from bangfu.casework.notices.views import AFTER, BEFORE, GROUNDS, KIND_AT, KINDS, VILLAGE
from bangfu.casework.people.queue import MOST, QueueItem, offers
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import Standing
from bangfu.casework.words import Words

__all__ = ["offered"]

POST = {
    BEFORE: Words("张贴公示", "post the notice"),
    AFTER: Words("贴息后公告", "announce after payment"),
}
CLOSE = {
    BEFORE: Words("公示期满，转签章上报", "the notice is over: on to be signed"),
    AFTER: Words("已公告，转归档", "announced: on to be filed"),
}
PHOTOGRAPH = Words("公示照片（近景、远景）", "photographs of the notice, near and far")
INVESTIGATE = Words("调查异议", "investigate an objection")
DECIDE = Words("处理异议", "decide an objection")
_CLAUSE = {BEFORE: "LD2021-6", AFTER: "LD2021-7"}
_PHOTO_DAYS = 3  # after posting: the house's own figure
_LOOKED_BACK = 60  # days: what was not photographed by then is the archive's to name


def notices_waiting(actor: Actor) -> Iterable[QueueItem]:
    """For the township: what to post, and what may go on."""
    found = subsidies.lists_at(list(KIND_AT), on=actor.on)
    kinds = {one.list_id: KIND_AT[one.state] for one in found}
    last: dict[UUID, date] = {}
    for row in Notice.objects.filter(list_id__in=list(kinds), noticeend__isnull=True):
        if row.kind == kinds[row.list_id]:
            last[row.list_id] = max(row.last_day, last.get(row.list_id, row.last_day))
    for one in found:
        kind, over = KIND_AT[one.state], last.get(one.list_id)
        if over is None:
            latest = subsidies.last_day_to_post(one.submit_due_on, one.notice_days)
            yield _item(POST[kind], one, latest if kind == BEFORE else one.due_on, kind)
        elif kind == AFTER:
            yield _item(CLOSE[kind], one, one.due_on, kind)
        elif over < actor.on:
            yield _item(CLOSE[kind], one, over + timedelta(days=1), kind)


def photographs_waiting(actor: Actor) -> Iterable[QueueItem]:
    """For township and village: standing notices of theirs without near or far photographs (LD2021-7)."""
    level = VILLAGE if actor.role == "village" else None
    rows = Notice.objects.filter(
        noticeend__isnull=True, posted_on__gt=actor.on - timedelta(days=_LOOKED_BACK)
    )
    if level:
        rows = rows.filter(level=level)
    mine = [one for one in rows.order_by("posted_at") if actor.scope.covers(one.area)][:MOST]
    for one in staff_views(mine, on=actor.on, submit_due_on=None):
        if one.photos_missing:
            told = one.notice
            yield QueueItem(
                PHOTOGRAPH, KINDS[told.kind], told.area_name, told.posted_on + timedelta(days=_PHOTO_DAYS),
                "notice-photos", (str(told.id),), "LD2021-7",
            )  # fmt: skip


def to_investigate(actor: Actor) -> Iterable[QueueItem]:
    """Objections in the actor's scope nobody looked into yet."""
    del actor  # the rows in scope are the actor's
    looked = ObjectionAct.objects.filter(kind="investigated").values("objection_id")
    yield from _objections(open_ones().exclude(pk__in=looked), INVESTIGATE)


def to_decide(actor: Actor) -> Iterable[QueueItem]:
    """Objections that were investigated, by another than the actor."""
    acts = ObjectionAct.objects.filter(kind="investigated")
    rows = open_ones().filter(pk__in=acts.values("objection_id"))
    yield from _objections(
        rows.exclude(pk__in=acts.filter(done_by=actor.account_id).values("objection_id")), DECIDE
    )


def _objections(rows: QuerySet[Objection], title: Words) -> Iterable[QueueItem]:
    found = list(rows.order_by("at")[:MOST])
    names = dict(
        Notice.objects.filter(pk__in={one.notice_id for one in found}).values_list("pk", "area_name")
    )
    for one in found:
        yield QueueItem(
            title, f"{one.number} · {GROUNDS[one.ground]}", names.get(one.notice_id, ""),
            day_of(one.at) + timedelta(days=DAYS), "objection", (str(one.pk),), "LD2021-6",
        )  # fmt: skip


def _item(title: Words, one: Standing, due: date | None, kind: str) -> QueueItem:
    return QueueItem(
        title, one.about, one.township_name, due, "subsidy-notices", (str(one.list_id),), _CLAUSE[kind]
    )


def offered() -> None:
    """Tell the work queue what this folder has for whom."""
    offers("township", notices_waiting)
    offers(("township", "village"), photographs_waiting)
    offers(("village", "station", "township"), to_investigate)
    offers(("township", "bureau"), to_decide)
