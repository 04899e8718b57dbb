"""A cycle's archive sealed: everything in one bundle under a manifest of hashes, with a slip; and a list filed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from bangfu.casework.archive.bundling import bundle_files
from bangfu.casework.archive.completeness import completeness, lacking
from bangfu.casework.archive.filling import fill
from bangfu.casework.archive.models import ArchiveSeal
from bangfu.casework.archive.papers import MADE
from bangfu.casework.archive.views import Completeness, Item, SealView
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, ListView
from bangfu.casework.words import Words
from bangfu.engine.bundle import packed
from bangfu.reports.papers import ArchiveReceipt, Imprint, KindCount, archive_receipt

__all__ = ["file", "filed_because", "seal", "seals"]

FILING = "filing"
_SUBJECT = "archive_seal"
_CLAUSES = ("LD2021-6", "LD2021-7")
_LONGEST, _SHOWN = 500, 5
_LACKING = "（所缺："  # what follows it in the opinion of who filed a list are the papers missing then
_PLACES = 3  # named on the slip for each missing paper; the bundle names all


@transaction.atomic
def seal(*, actor: Actor, cycle_id: object, place: str = "", reason: str = "") -> SealView:
    """Seal the archive of a cycle, of the county or of one township; again makes a further bundle beside it.

    Args:
        actor: Of the bureau.
        cycle_id: The cycle.
        place: A township; the whole county where it is left out.
        reason: Why, though papers are missing.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``papers_missing`` (with what is missing).
    """
    people.require(actor, "archive.seal")
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    fill(actor=actor, cycle_id=cycle.id, place=place)
    told = completeness(actor=actor, cycle_id=cycle.id, place=place)
    why = _reason(told.missing, reason)
    number = ArchiveSeal.objects.filter(cycle_id=cycle.id, place=told.place).count() + 1
    tip, head_hash = trail.tip()
    head = {
        "county": cycle.county, "place": told.place, "place_name": told.place_name, "cycle": str(cycle.id),
        "period": cycle.words.zh, "number": number, "sealed_at": actor.now.isoformat(),
        "sealed_by": actor.name, "trail": {"number": tip, "hash": head_hash},
        "missing": [one.words.zh for one in told.missing], "reason": why,
    }  # fmt: skip
    files = bundle_files(actor, cycle, told)
    content, manifest_hash = packed(files, head)
    row = ArchiveSeal(
        id=uuid.uuid4(), cycle_id=cycle.id, place=told.place, number=number, manifest_hash=bytes.fromhex(manifest_hash),
        missing=[one.words.zh for one in told.missing], reason=why, sealed_by=actor.account_id,
        sealed_name=actor.name, at=actor.now, scope_area=told.place,
    )  # fmt: skip
    name = f"{told.place}-{cycle.start.isoformat()}-{cycle.rhythm}-{number}.zip"
    kept = documents.keep(
        actor=actor, subject=(_SUBJECT, row.pk), kind=documents.BUNDLE, name=name, content=content, made_by_us=True,
        scope_area=told.place,
    )  # fmt: skip
    row.file_id, row.sha256 = kept.id, bytes.fromhex(kept.sha256)
    row.save(force_insert=True)
    slip = _slip(
        actor, cycle, told, row, name=name, sha256=kept.sha256, files=len(files), tip=(tip, head_hash)
    )
    documents.keep(
        actor=actor, subject=(_SUBJECT, row.pk), kind=MADE, name="档案接收单.pdf", content=slip, made_by_us=True,
        scope_area=told.place,
    )  # fmt: skip
    trail.record(
        actor=actor, act="archive.sealed", subject=("cycle", cycle.id), basis=_CLAUSES, why=why, scope_area=told.place,
        after={"number": number, "manifest_hash": manifest_hash, "sha256": kept.sha256, "files": len(files),
               "missing": len(told.missing)},
    )  # fmt: skip
    return seals(actor=actor, cycle_id=cycle.id, place=told.place)[0]


def seals(*, actor: Actor, cycle_id: object, place: str = "") -> tuple[SealView, ...]:
    """The bundles of a cycle in scope, the latest first.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    rows = ArchiveSeal.objects.filter(cycle_id=cycle.id)
    if place:
        rows = rows.filter(place=place)
    found = list(rows.order_by("-at", "-number"))
    files = documents.files_of_many(concept=_SUBJECT, ids=[one.pk for one in found])
    return tuple(
        SealView(
            one.pk, one.cycle_id, one.place, one.number, one.file_id, bytes(one.sha256).hex(),
            bytes(one.manifest_hash).hex(), tuple(one.missing), one.reason, one.sealed_name, one.at,
            next((file.id for file in files.get(str(one.pk), ()) if file.kind == MADE), None),
        )
        for one in found
    )  # fmt: skip


@transaction.atomic
def file(*, actor: Actor, list_id: object, seen_hash: str, reason: str = "", make: bool = True) -> ListView:
    """File a list: its papers are there, or what is missing is named with the reason.

    Args:
        actor: Of the township or the bureau.
        list_id: The list, at its filing.
        seen_hash: ``content_hash`` of what was read.
        reason: Why, though papers are missing.
        make: Whether the papers the site can make are made now; else they are named as missing like all others.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``already_decided``, ``content_changed``,
            ``papers_missing`` (with what is missing).
    """
    people.require(actor, "archive.write")
    view = subsidies.list_of(list_id, on=actor.on, lock=True)
    subsidies.at_step(view, FILING)
    if make:
        fill(actor=actor, cycle_id=view.cycle.id, place=view.township)
    missing = lacking(view, on=actor.on)
    why = _reason(missing, reason)
    named = "；".join(one.words.zh for one in missing)
    opinion = f"{why}{_LACKING}{named}）"[:_LONGEST] if missing else why
    return subsidies.move(actor=actor, view=view, step=FILING, seen_hash=seen_hash, opinion=opinion)


def filed_because(list_ids: Sequence[UUID]) -> tuple[tuple[str, int], ...]:
    """Why lists in scope were filed though papers were missing: each reason with how many lists, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select split_part(opinion, %s, 1) why, count(*) from casework_list_act"
            " where step = %s and outcome = %s and position(%s in opinion) > 0 and subsidy_list_id = any(%s)"
            " group by 1 order by 2 desc, 1",
            [_LACKING, FILING, subsidies.FORWARD, _LACKING, list(list_ids)],
        )
        return tuple((str(why), int(lists)) for why, lists in cursor.fetchall())


def _reason(missing: Sequence[Item], reason: str) -> str:
    """The reason in one line; refused where something is missing and there is none."""
    told = " ".join(reason.split())[:_LONGEST]
    if missing and not told:
        shown = missing[:_SHOWN]
        more = (
            Words(f"等 {len(missing)} 件", f" and others, {len(missing)} in all")
            if len(missing) > _SHOWN
            else None
        )
        what = Words(
            "；".join(one.words.zh for one in shown) + (more.zh if more else ""),
            "; ".join(one.words.en for one in shown) + (more.en if more else ""),
        )
        raise Refused("papers_missing", field="reason", what=what, rows=len(missing))
    return told


def _lacks(items: Sequence[Item]) -> str:
    """What is missing of a kind in one line: each paper with the places that lack it, named once."""
    places: dict[str, list[str]] = {}
    for one in items:
        if one.missing:
            places.setdefault(one.part.words.zh, []).append(one.place_name)
    return "；".join(
        f"{part}（{'、'.join(where[:_PLACES])}{f'等 {len(where)} 处' if len(where) > _PLACES else ''}）"
        for part, where in places.items()
    )


def _slip(
    actor: Actor, cycle: CycleView, told: Completeness, row: ArchiveSeal, *, name: str, sha256: str, files: int,
    tip: tuple[int, str],
) -> bytes:  # fmt: skip
    kinds = tuple(
        KindCount(
            number=kind.number, name=kind.words.zh, papers=sum(len(one.papers) for one in items),
            missing=_lacks(items),
        )
        for kind, items in told.by_kind()
    )  # fmt: skip
    return archive_receipt(
        ArchiveReceipt(
            county=cycle.county_name, place=told.place_name, period=cycle.words.zh, seal_number=row.number,
            sealed_on=actor.on, kinds=kinds, file_name=name, file_hash=sha256,
            manifest_hash=bytes(row.manifest_hash).hex(), files=files, trail_number=tip[0], trail_hash=tip[1],
            reason=row.reason, handed_by=actor.name,
            imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
        )
    )  # fmt: skip
