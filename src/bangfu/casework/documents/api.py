"""Papers: kept encrypted with their hash, listed by what they belong to, given back as they came."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.keys import KeyFile, key_file
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.documents import disk
from bangfu.casework.documents.disk import FileDamaged
from bangfu.casework.documents.models import StoredFile
from bangfu.casework.documents.names import cleaned
from bangfu.casework.documents.scan import scanned
from bangfu.casework.documents.types import LARGEST, ZIP, text_of, type_of
from bangfu.casework.people import api as people

__all__ = [
    "BUNDLE", "LARGEST", "PERSONAL_KINDS", "TEXT_KINDS", "FileDamaged", "FileView", "content_of", "contents_of",
    "files_of", "files_of_many", "hash_of", "keep", "rotated", "swept",
]  # fmt: skip

# Papers that show a person's numbers: who opens one needs the act ``paper.open``, and each opening is written down.
PERSONAL_KINDS = frozenset(
    {"signed_form", "id_card", "household_register", "marriage_paper", "bank_card", "other_paper", "application_form",
     "refusal_notice", "contract", "exception_paper", "objection_paper", "payment_file", "payment_result",
     "archive_upload", "archive_paper", "archive_bundle"}
)  # fmt: skip
BUNDLE = "archive_bundle"  # sealed by the site; nobody uploads one
# What a bank's or a one-card system exchanges is plain text, or a workbook; it is opened by those who pay alone.
TEXT_KINDS = frozenset({"payment_file", "payment_result"})
_OPENED_BY = {
    **dict.fromkeys(TEXT_KINDS, "payment.open"),
    **dict.fromkeys(("archive_upload", "archive_paper", BUNDLE), "archive.open"),
}
log = logging.getLogger("bangfu.casework.documents")
_ORPHAN_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class FileView:
    """A file as it is listed.

    Attributes:
        id: Its id.
        kind: What sort of paper it is.
        name: Its cleaned name.
        media_type: What it is by its content.
        size: Bytes.
        sha256: Hash of the content, hexadecimal.
        made_by_us: Whether the site produced it.
        at: When it was kept.
    """

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    made_by_us: bool
    at: datetime


def keep(
    *,
    actor: Actor,
    subject: tuple[str, object],
    kind: str,
    name: str,
    content: bytes,
    made_by_us: bool = False,
    scope_area: str = "",
    institution_id: str | None = None,
    household_id: str | None = None,
) -> FileView:
    """Keep a file of a subject. Whether the actor may is asked by the caller, who knows the subject.

    The content is on the disk before the row is committed; where the transaction is undone, ``swept`` takes it away.

    Args:
        actor: Who, when.
        subject: Concept and id, e.g. ``("application", "A1")``.
        kind: What sort of paper it is (a code).
        name: As the browser sent it; kept cleaned.
        content: The bytes.
        made_by_us: The site produced it: not scanned.
        scope_area: Place of the subject.
        institution_id: Branch of the subject.
        household_id: Household of the subject.

    Raises:
        Refused: ``bad_file`` (with ``why``), ``too_large``.
    """
    plain = kind in TEXT_KINDS and not content.startswith(b"PK\x03\x04")
    found = ZIP if kind == BUNDLE and made_by_us else text_of(content) if plain else type_of(content)
    verdict = "ours" if made_by_us else scanned(content)
    file_id, digest = uuid.uuid4(), hashlib.sha256(content).digest()
    disk.written(file_id, content, keys=key_file())
    row = StoredFile.objects.create(
        id=file_id,
        subject=_subject(subject),
        kind=kind,
        name=cleaned(name, ending=".csv" if plain and name.lower().endswith(".csv") else found.ending),
        media_type=found.media_type,
        size=len(content),
        sha256=digest,
        made_by_us=made_by_us,
        scanned=verdict,
        at=actor.now,
        recorded_by=actor.account_id,
        scope_area=scope_area,
        institution_id=institution_id,
        household_id=household_id,
    )
    trail.record(
        actor=actor, act="file.kept", subject=subject, scope_area=scope_area, institution_id=institution_id,
        after={"file": str(file_id), "kind": kind, "size": len(content), "sha256": digest.hex()},
    )  # fmt: skip
    return _view(row)


def content_of(*, actor: Actor, file_id: object) -> tuple[FileView, bytes]:
    """A file in scope with its content; the opening of a personal paper is written into the trail.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role`` (a personal paper, without ``paper.open``; one of payments,
            without ``payment.open``).
        FileDamaged: The content was changed, exchanged or lost.
    """
    row = StoredFile.objects.filter(id=as_uuid(file_id)).first()
    if row is None:
        raise Refused("not_in_scope")
    if row.kind in PERSONAL_KINDS:
        people.require(actor, _OPENED_BY.get(row.kind, "paper.open"))
    content = disk.read(row.id, keys=key_file())
    if hashlib.sha256(content).digest() != bytes(row.sha256):
        raise FileDamaged("the content is not the one that was kept")
    if row.kind in PERSONAL_KINDS:
        concept, _, subject_id = row.subject.partition(":")
        trail.record(
            actor=actor, act="file.opened", subject=(concept, subject_id), scope_area=row.scope_area,
            institution_id=row.institution_id, after={"file": str(row.id), "kind": row.kind},
        )  # fmt: skip
    return _view(row), content


def hash_of(content: bytes) -> str:
    """The hash a content is kept under, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def contents_of(*, file_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The contents of files in scope, to be sealed together; who asks writes down that they were taken.

    Raises:
        Refused: ``not_in_scope``: one of them is not.
        FileDamaged: One was changed, exchanged or lost.
    """
    wanted = set(file_ids)
    rows = list(StoredFile.objects.filter(id__in=wanted))
    if len(rows) != len(wanted):
        raise Refused("not_in_scope")
    keys = key_file()
    out = {row.id: disk.read(row.id, keys=keys) for row in rows}
    for row in rows:
        if hashlib.sha256(out[row.id]).digest() != bytes(row.sha256):
            raise FileDamaged(f"the content of {row.id} is not the one that was kept")
    return out


def files_of(*, subject: tuple[str, object]) -> list[FileView]:
    """The files of a subject in scope, in the order they were kept."""
    return [_view(row) for row in StoredFile.objects.filter(subject=_subject(subject)).order_by("at", "id")]


def files_of_many(*, concept: str, ids: Iterable[object]) -> dict[str, list[FileView]]:
    """The files of several subjects of one concept, by their id, in one query."""
    subjects = [_subject((concept, one)) for one in ids]
    out: dict[str, list[FileView]] = {}
    for row in StoredFile.objects.filter(subject__in=subjects).order_by("at", "id"):
        out.setdefault(row.subject.partition(":")[2], []).append(_view(row))
    return out


def swept(*, now: datetime) -> int:
    """Take away contents without a row: of transactions that were undone, older than two hours; how many.

    The rows are looked at over all scopes: a file somebody else may see is no orphan.
    """
    with widened():
        known = set(StoredFile.objects.values_list("id", flat=True))
    gone = 0
    for file_id, path in disk.on_disk():
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        if file_id not in known and changed < now - _ORPHAN_AFTER:
            path.unlink()
            gone += 1
    return gone


def rotated(keys: KeyFile, *, at_most: int = 500) -> int:
    """Encrypt up to so many contents again with the current key; how many were: 0 when done."""
    done = 0
    for file_id, _ in disk.on_disk():
        if done == at_most:
            break
        if file_id is None or disk.key_of(file_id) == keys.current:
            continue
        try:
            content = disk.read(file_id, keys=keys)
        except FileDamaged:
            # It opens with no key: nothing is lost by leaving it, and its reader will be told.
            log.exception("a file on the disk is damaged", extra={"file": str(file_id)})
            continue
        disk.written(file_id, content, keys=keys)
        done += 1
    return done


def _subject(subject: tuple[str, object]) -> str:
    return f"{subject[0]}:{subject[1]}"


def _view(row: StoredFile) -> FileView:
    return FileView(
        row.id, row.kind, row.name, row.media_type, row.size, bytes(row.sha256).hex(), row.made_by_us, row.at
    )
