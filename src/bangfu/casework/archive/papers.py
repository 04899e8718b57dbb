"""Papers of a cycle's archive: read, brought, replaced; a row is never changed, a newer one takes its place."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from bangfu.casework.archive.kinds import PARTS, Part, kind_of
from bangfu.casework.archive.models import ArchivePaper
from bangfu.casework.archive.views import PaperView
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, ListView

__all__ = ["TOWNSHIP", "UPLOADED", "add", "adds", "keep_row", "papers", "standing_papers"]

TOWNSHIP, VILLAGE = 9, 12
UPLOADED, MADE = "archive_upload", "archive_paper"  # kinds of the files
_CLAUSES = ("LD2021-7",)


def standing_papers(
    cycle_id: UUID, *, part: str = "", list_ids: Sequence[UUID] | None = None
) -> list[PaperView]:
    """The papers in scope that no newer one took the place of, in the order they came."""
    rows = ArchivePaper.objects.filter(cycle_id=cycle_id)
    if part:
        rows = rows.filter(part=part)
    if list_ids is not None:
        rows = rows.filter(list_id__in=list(list_ids))
    found = list(rows.order_by("at", "part", "place", "id"))
    gone = {one.replaces_id for one in found}
    return [_view(one) for one in found if one.pk not in gone]


def papers(*, actor: Actor, cycle_id: object, place: str = "") -> tuple[PaperView, ...]:
    """The papers of a cycle in scope, of a place and below.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    return tuple(one for one in standing_papers(cycle.id) if one.place.startswith(place))


def adds(actor: Actor, part: Part) -> bool:
    """Whether a person's role brings such a paper."""
    return actor.scope.everything or actor.role in part.by


@transaction.atomic
def add(
    *,
    actor: Actor,
    cycle_id: object,
    part: str,
    content: bytes,
    name: str,
    place: str = "",
    list_id: object = None,
    replaces: object = None,
) -> PaperView:
    """Bring a paper to the archive; one that stands stays beside it unless it is named as replaced.

    Args:
        actor: One of the roles that bring such a paper (``PARTS[part].by``).
        cycle_id: The cycle.
        part: Which paper.
        content: The bytes.
        name: As the browser sent it.
        place: The township or village it is of; of a list's paper the list's township, of the county's the county.
        list_id: The list, for a paper of a list or of a village.
        replaces: The paper whose place it takes.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``, ``already_decided`` (it was replaced already),
            ``bad_file``, ``too_large``.
    """
    people.require(actor, "archive.add")
    if part not in PARTS:
        raise Refused("bad_field", field="part")
    wanted = PARTS[part]
    if not adds(actor, wanted):
        raise Refused("not_your_role", field="part", whose=wanted.who)
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    view = None if list_id is None else subsidies.list_of(list_id, on=actor.on)
    where = _where(cycle, wanted, place, view)
    if not _in_scope(actor, where):
        raise Refused("not_in_scope", field="place")
    old = _replaced(cycle, wanted, where, view, replaces)
    file = documents.keep(
        actor=actor, subject=("archive", cycle.id), kind=UPLOADED, name=name, content=content, scope_area=where,
        institution_id=view.institution_id if view else None,
    )  # fmt: skip
    return keep_row(
        actor=actor, cycle=cycle, part=wanted, place=where, view=view, file_id=file.id, name=file.name,
        sha256=file.sha256, replaces=old,
    )  # fmt: skip


def keep_row(
    *,
    actor: Actor,
    cycle: CycleView,
    part: Part,
    place: str,
    view: ListView | None,
    file_id: UUID,
    name: str,
    sha256: str,
    replaces: UUID | None = None,
    made_by_us: bool = False,
) -> PaperView:
    """The row of a paper, with its trail."""
    row = ArchivePaper.objects.create(
        id=uuid.uuid4(), cycle_id=cycle.id, list_id=view.id if view else None, place=place,
        kind=kind_of(part.code).code, part=part.code, name=name[:200], file_id=file_id,
        sha256=bytes.fromhex(sha256), made_by_us=made_by_us, replaces_id=replaces, added_by=actor.account_id,
        added_name=actor.name, at=actor.now, scope_area=place,
        institution_id=view.institution_id if view else None,
    )  # fmt: skip
    trail.record(
        actor=actor, act="archive.added", subject=("cycle", cycle.id), basis=_CLAUSES, scope_area=place,
        after={"paper": part.code, "file": str(file_id), "sha256": sha256,
               **({"replaces": str(replaces)} if replaces else {})},
    )  # fmt: skip
    return _view(row)


def _where(cycle: CycleView, part: Part, place: str, view: ListView | None) -> str:
    if part.at == "county":
        return cycle.county
    if part.at == "list":
        if view is None or view.cycle.id != cycle.id:
            raise Refused("missing_field", field="list_id")
        return view.township
    digits = TOWNSHIP if part.at == "township" else VILLAGE
    over = view.township if view else cycle.county
    if len(place) != digits or not place.startswith(over):
        raise Refused("bad_field", field="place")
    if part.at == "village" and view is None:
        raise Refused("missing_field", field="list_id")
    return place


def _in_scope(actor: Actor, place: str) -> bool:
    """A branch brings what is of its list wherever the list is; others what is of their places."""
    return bool(actor.scope.institutions) or actor.scope.covers(place)


def _replaced(
    cycle: CycleView, part: Part, place: str, view: ListView | None, replaces: object
) -> UUID | None:
    if replaces is None:
        return None
    wanted = as_uuid(replaces, field="replaces")
    mine = (part.code, place, view.id if view else None)
    for one in standing_papers(cycle.id, part=part.code):
        if one.id == wanted and (one.part, one.place, one.list_id) == mine:
            return wanted
    known = ArchivePaper.objects.filter(pk=wanted).exists()
    raise Refused("already_decided" if known else "not_in_scope", field="replaces")


def _view(row: ArchivePaper) -> PaperView:
    return PaperView(
        row.pk, row.part, row.place, row.list_id, row.name, row.file_id, bytes(row.sha256).hex(), row.made_by_us,
        row.replaces_id, row.added_name, row.at,
    )  # fmt: skip


def by_slot(found: Iterable[PaperView]) -> dict[tuple[str, str, UUID | None], list[PaperView]]:
    """Papers by part, place and list."""
    out: dict[tuple[str, str, UUID | None], list[PaperView]] = {}
    for one in found:
        out.setdefault((one.part, one.place, one.list_id), []).append(one)
    return out
