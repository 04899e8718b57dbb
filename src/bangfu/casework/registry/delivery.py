"""The quarterly delivery of both rosters to each lead bank (LD2021-3.3, CN2021-5.4), and the bank's acknowledgement."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.questions import as_uuid, rows
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.documents.workbooks import Heading, mark, workbook
from bangfu.casework.people import api as people
from bangfu.casework.registry.areas import names_of
from bangfu.casework.registry.institutions import institution_names
from bangfu.casework.registry.models import Acknowledgement, RosterDelivery
from bangfu.casework.registry.rosters import RosterLine, roster_of, townships_led_by
from bangfu.casework.registry.words import CATEGORIES, word
from bangfu.casework.words import Words
from bangfu.reports import papers

_CLAUSES = ("LD2021-3.3", "CN2021-5.4")
LATE_AFTER = timedelta(
    days=10
)  # days after the quarter's day; the clauses set none, so nothing but a colour follows
_MOST = 400
_QUARTERS = ((1, 1), (4, 1), (7, 1), (10, 1))
_ORDINALS = "一二三四"


@dataclass(frozen=True)
class Delivery:
    """A dated version of the rosters given to a bank."""

    id: UUID
    institution_id: str
    bank: str
    as_of: date
    counts: dict[str, dict[str, int]]
    households: int
    content_hash: str
    file_id: UUID | None
    paper_id: UUID | None
    delivered_name: str
    at: datetime
    acknowledged_name: str
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Due:
    """A bank that leads townships on a quarter's day, with its delivery where it was made."""

    institution_id: str
    bank: str
    townships: tuple[str, ...]
    as_of: date
    delivery: Delivery | None
    late: bool


def quarter_day(on: date) -> date:
    """The latest first day of a quarter on or before a day: the rosters are delivered as of it."""
    return max(date(on.year, month, day) for month, day in _QUARTERS if date(on.year, month, day) <= on)


def due(*, actor: Actor, as_of: date | None = None) -> tuple[Due, ...]:
    """Every bank that leads a township on the quarter's day, and whether its rosters were delivered, by id."""
    day = as_of or quarter_day(actor.on)
    led = rows(
        "select l.institution_id, array_agg(l.township order by l.township) from casework_lead_bank l"
        " where upper_inf(l.recorded) and l.valid @> %s::date group by 1 order by 1",
        [day],
    )
    mine = [(bank, codes) for bank, codes in led if _sees(actor, bank, codes)]
    made = {one.institution_id: one for one in deliveries(actor=actor, as_of=day)}
    banks = institution_names([bank for bank, _ in mine], on=day)
    names = names_of([code for _, codes in mine for code in codes], on=day)
    late = actor.on > day + LATE_AFTER
    return tuple(
        Due(bank, banks.get(bank, bank), tuple(names.get(code, code) for code in codes), day, made.get(bank),
            late and bank not in made)
        for bank, codes in mine
    )  # fmt: skip


def deliveries(
    *, actor: Actor, as_of: date | None = None, delivery_id: object = None
) -> tuple[Delivery, ...]:
    """Deliveries in scope, the latest first; of one day, or one alone."""
    found = RosterDelivery.objects.select_related("acknowledgement").order_by("-as_of", "institution_id")
    if as_of is not None:
        found = found.filter(as_of=as_of)
    if delivery_id is not None:
        found = found.filter(id=as_uuid(delivery_id))
    kept = list(found[:_MOST])
    banks = institution_names([row.institution_id for row in kept], on=actor.on)
    return tuple(_view(row, banks.get(row.institution_id or "", row.institution_id or "")) for row in kept)


def deliver(*, actor: Actor, institution_id: str, as_of: date | None = None) -> Delivery:
    """Make the delivery to a bank: the rosters of the townships it leads as of the quarter's day, file and receipt.

    Raises:
        Refused: ``not_your_role``, ``nothing_to_deliver``, ``delivered_already``, ``bad_field`` (no quarter's day, or
            one that lies ahead).
    """
    people.require(actor, "roster.deliver")
    day = as_of or quarter_day(actor.on)
    if day > actor.on or quarter_day(day) != day:
        raise Refused("bad_field", field="as_of")
    townships = townships_led_by(institution_id, on=day)
    if not townships:
        raise Refused("nothing_to_deliver", field="institution_id")
    if RosterDelivery.objects.filter(as_of=day, institution_id=institution_id).exists():
        raise Refused("delivered_already", field="institution_id")
    lines = roster_of(townships, on=day)
    digest = content_hash(lines, day)
    row = RosterDelivery(
        id=uuid.uuid4(), as_of=day, counts=_counted(lines, townships), content_hash=digest,
        delivered_by=actor.account_id, delivered_name=actor.name, at=actor.now,
        institution_id=institution_id, scope_area=actor.scope.areas[0] if actor.scope.areas else townships[0][:6],
    )  # fmt: skip
    bank = institution_names([institution_id], on=day).get(institution_id, institution_id)
    row.file_id = _kept(
        actor, row, "roster_list", f"{day.isoformat()} 名单 {bank}.xlsx", _workbook(actor, row, lines)
    )
    row.paper_id = _kept(
        actor, row, "roster_receipt", f"{day.isoformat()} 名单签收单 {bank}.pdf", _receipt(row, bank)
    )
    row.save(force_insert=True)
    trail.record(
        actor=actor, act="roster.delivered", subject=("delivery", row.id), basis=_CLAUSES, scope_area=row.scope_area,
        institution_id=institution_id, after={"as_of": day.isoformat(), "sha256": digest.hex(), "lines": len(lines)},
    )  # fmt: skip
    return _view(row, bank)


def acknowledge(*, actor: Actor, delivery_id: object) -> Delivery:
    """The bank says it has the rosters; once.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``own_step``, ``already_decided``.
    """
    people.require(actor, "delivery.acknowledge")
    (found,) = deliveries(actor=actor, delivery_id=delivery_id) or (None,)
    if found is None or found.institution_id not in _mine(actor):
        raise Refused("not_in_scope")
    row = RosterDelivery.objects.get(id=found.id)
    people.require_other(actor, row.delivered_by)
    try:
        with transaction.atomic():
            Acknowledgement.objects.create(
                delivery=row, acknowledged_by=actor.account_id, acknowledged_name=actor.name, at=actor.now,
                scope_area=row.scope_area, institution_id=row.institution_id,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("already_decided") from None
    trail.record(
        actor=actor, act="roster.acknowledged", subject=("delivery", row.id), basis=_CLAUSES,
        scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    return next(iter(deliveries(actor=actor, delivery_id=row.id)))


def content_hash(lines: Iterable[RosterLine], as_of: date) -> bytes:
    """What was delivered, independent of the file's form: the lines in their order."""
    told = [as_of.isoformat(), [[x.household_id, x.area_code, x.category, str(x.listed_on)] for x in lines]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def _mine(actor: Actor) -> Sequence[str]:
    if actor.scope.everything:
        return tuple(bank for (bank,) in rows("select distinct institution_id from casework_roster_delivery"))
    return actor.scope.institutions


def _sees(actor: Actor, bank: str, codes: Sequence[str]) -> bool:
    scope = actor.scope
    if scope.everything or bank in scope.institutions:
        return True
    return any(code.startswith(area) or area.startswith(code) for code in codes for area in scope.areas)


def _counted(lines: Sequence[RosterLine], townships: Sequence[str]) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {code: {} for code in townships}
    for one in lines:
        of = out.setdefault(one.area_code[:9], {})
        of[one.category] = of.get(one.category, 0) + 1
    return out


def _workbook(actor: Actor, row: RosterDelivery, lines: Sequence[RosterLine]) -> bytes:
    headings = [
        Heading(Words("户编号", "Household")), Heading(Words("户主", "Head")), Heading(Words("村代码", "Village code")),
        Heading(Words("乡镇、村", "Place")), Heading(Words("名单", "List")), Heading(Words("列入日期", "Listed on")),
    ]  # fmt: skip
    cells = [
        (x.household_id, x.head_name, x.area_code, x.place, word(CATEGORIES, x.category).zh, x.listed_on)
        for x in lines
    ]
    purpose = f"截至 {row.as_of.isoformat()} 提供名单"
    return workbook(
        title="名单", mark_line=mark(actor, purpose, "名单"), headings=headings, lines=cells, made_at=row.at
    )


def _receipt(row: RosterDelivery, bank: str) -> bytes:
    categories = sorted({category for counts in row.counts.values() for category in counts}) or [
        "out_of_poverty"
    ]
    names = names_of([*row.counts, next(iter(row.counts))[:6]], on=row.as_of)
    county = names.get(next(iter(row.counts))[:6], "")
    return papers.roster_delivery(
        papers.RosterDelivery(
            county=county,
            period=f"{row.as_of.year}年第{_ORDINALS[(row.as_of.month - 1) // 3]}季度",
            version=bytes(row.content_hash).hex()[:12],
            as_of=row.as_of,
            from_office=f"{county}乡村振兴（农业农村）局",
            to_bank=bank,
            delivered_on=row.at.astimezone(SHANGHAI).date(),
            categories=tuple(word(CATEGORIES, category).zh for category in categories),
            counts=tuple(
                papers.RosterCount(
                    township=names.get(code, code),
                    households=tuple(counts.get(category, 0) for category in categories),
                )
                for code, counts in sorted(row.counts.items())
            ),
            list_hash=bytes(row.content_hash).hex(),
            manner="系统",
            delivered_by=row.delivered_name,
        )
    )


def _kept(actor: Actor, row: RosterDelivery, kind: str, name: str, content: bytes) -> UUID:
    return documents.keep(
        actor=actor, subject=("delivery", row.id), kind=kind, name=name, content=content, made_by_us=True,
        scope_area=row.scope_area, institution_id=row.institution_id,
    ).id  # fmt: skip


def _view(row: RosterDelivery, bank: str) -> Delivery:
    answered: Acknowledgement | None = getattr(row, "acknowledgement", None)
    return Delivery(
        id=row.id, institution_id=row.institution_id or "", bank=bank, as_of=row.as_of, counts=row.counts,
        households=sum(n for counts in row.counts.values() for n in counts.values()),
        content_hash=bytes(row.content_hash).hex(), file_id=row.file_id, paper_id=row.paper_id,
        delivered_name=row.delivered_name, at=row.at,
        acknowledged_name=answered.acknowledged_name if answered else "",
        acknowledged_at=answered.at if answered else None,
    )  # fmt: skip
