"""A notice before it is posted, as it hangs on the wall, and as its desk sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.notices.models import Notice, Objection
from bangfu.casework.notices.posting import by_village, own_name, payable_lines
from bangfu.casework.notices.reading import as_uuid, notice, staff_views
from bangfu.casework.notices.views import (
    AFTER,
    BEFORE,
    TOWNSHIP,
    VILLAGE,
    NoticePage,
    NoticeView,
    PublicNotice,
)
from bangfu.casework.people import api as people
from bangfu.casework.personal_data.api import masked_name
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView, ListView
from bangfu.casework.words import Words
from bangfu.reports.papers import NoticedLine, public_notice
from bangfu.reports.papers import PublicNotice as Paper
from bangfu.reports.words import REGIMES

__all__ = [
    "LONGEST_SHEET", "Planned", "PlannedRow", "government_of", "office_of", "planned", "posted", "revealed", "sheet",
]  # fmt: skip

LONGEST_SHEET = 2_000  # rows of one paper: more are given village by village
_COUNTY, _TOWNSHIP = 6, 9


@dataclass(frozen=True)
class PlannedRow:
    """A row as it would be posted."""

    number: int
    village: str
    masked_name: str
    product: str
    amount_fen: int


@dataclass(frozen=True)
class Planned:
    """A sheet as it would be posted.

    Attributes:
        level: township or village.
        area: 9- or 12-digit code.
        area_name: In words.
        rows: Its rows, names masked, in the order they would have.
        total_fen: Their sum.
    """

    level: str
    area: str
    area_name: str
    rows: tuple[PlannedRow, ...]
    total_fen: int


def planned(*, actor: Actor, list_id: object) -> tuple[Planned, ...]:
    """The sheets that posting the list's notice would make now: the township's first, then each village's.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "notice.post")
    view = subsidies.list_of(list_id, on=actor.on)
    lines = payable_lines(view, actor)
    if not lines:
        return ()
    villages = by_village(lines)
    return (
        _planned(TOWNSHIP, view.township, view.township_name, lines, view),
        *(_planned(VILLAGE, code, own_name(mine[0], view), mine, view) for code, mine in villages.items()),
    )


def _planned(level: str, area: str, name: str, lines: Sequence[LineView], view: ListView) -> Planned:
    ordered = sorted(lines, key=lambda one: (one.village, one.number))
    rows = tuple(
        PlannedRow(number, own_name(one, view), masked_name(one.borrower_name), one.product, one.payable_fen)
        for number, one in enumerate(ordered, 1)
    )
    return Planned(level, area, name, rows, sum(one.amount_fen for one in rows))


def posted(*, actor: Actor, notice_id: object) -> NoticeView:
    """One posted notice as those who answer for its place see it, with photographs and objections.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    row = Notice.objects.filter(pk=as_uuid(notice_id)).first()
    if row is None or not actor.scope.covers(row.area):
        raise Refused("not_in_scope")
    return staff_views([row], on=actor.on, submit_due_on=None)[0]


def revealed(*, actor: Actor, objection_id: object, field: str, reason: str) -> str:
    """Name or phone of who objected, in the clear; the reason is written into the trail first.

    Args:
        actor: Who may see personal values of the township.
        objection_id: The objection.
        field: name or phone.
        reason: What for.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope`` (also where it was not signed), ``reason_missing``.
    """
    people.require(actor, "objection.read")
    row = Objection.objects.filter(pk=as_uuid(objection_id)).first()
    datum = {"name": row.name_id, "phone": row.phone_id}.get(field) if row else None
    if row is None or datum is None:
        raise Refused("not_in_scope")
    return people.reveal(
        actor=actor, table_name="objection", row_id=str(row.pk), field=field, datum_id=datum, reason=reason,
        scope_area=row.scope_area,
    )  # fmt: skip


def sheet(*, notice_id: object, on: date, url: str, village: str = "") -> bytes:
    """The notice as PDF, to be hung on the wall: for anybody, masked as the page is (LD2021-6, 7).

    Args:
        notice_id: Its id.
        on: The day.
        url: Where it is read and objected to; printed as a QR code.
        village: Only the rows of this village; rows keep their numbers.

    Raises:
        Refused: ``not_in_scope``, ``too_large`` (ask for a village).
    """
    page = notice(notice_id=notice_id, on=on, village=village, size=LONGEST_SHEET)
    if page.total > LONGEST_SHEET:
        raise Refused("too_large", rows=page.total, most=LONGEST_SHEET)
    return public_notice(_paper(page, url=url, village=village))


def _paper(page: NoticePage, *, url: str, village: str) -> Paper:
    told = page.notice
    names = registry.names_of([told.area[:_COUNTY], told.area[:_TOWNSHIP]], on=told.posted_on)
    township = names.get(told.area[:_TOWNSHIP], "") if told.level == VILLAGE else told.area_name
    last = told.end - timedelta(days=1)
    return Paper(
        kind="before" if told.kind == BEFORE else "after",
        county=names.get(told.area[:_COUNTY], ""),
        township=township,
        village=told.area_name if told.level == VILLAGE else village,
        office=office_of(told, township).zh,
        period=f"{subsidies.period_words(told.start, told.end).zh}（自{_day(told.start)}至{_day(last)}止）",
        lines=tuple(
            NoticedLine(
                number=one.number, village=one.village, masked_name=one.masked_name,
                regime=REGIMES.get(one.product, one.product), amount_fen=one.amount_fen,
            )
            for one in page.rows
        ),
        posted_on=told.posted_on,
        last_day=told.clock.last_day,
        days=told.clock.of,
        phone=told.contact,
        object_by="任何时候" if told.kind == AFTER else "",
        url=url,
        clauses=tuple((one, _document(one)) for one in told.clauses),
    )  # fmt: skip


def office_of(told: PublicNotice, township: str) -> Words:
    """Who posts and seals it; a street and a community have offices of their own names."""
    name = told.area_name
    if told.level == VILLAGE:
        zh = f"{township}{name}{'居民委员会' if name.endswith('社区') else '村民委员会'}"
        return Words(zh, f"Committee of {name}, {township}")
    return government_of(name)


def government_of(township: str) -> Words:
    """A township's government; a street has an office."""
    return Words(
        f"{township}{'办事处' if township.endswith('街道') else '人民政府'}", f"Government of {township}"
    )


def _document(clause: str) -> str:
    pack = site_book().packs.get(clause.partition("-")[0])
    return "" if pack is None else pack.number or pack.title


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
