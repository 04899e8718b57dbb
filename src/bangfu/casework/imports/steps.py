"""The states of an import: each is a row, and none is ever changed; others see the progress while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.locks import IMPORTS
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import narrowed_to
from bangfu.casework.imports.models import ImportBatch, ImportStep
from bangfu.casework.words import Words

__all__ = ["STATES", "Batch", "Seen", "batch_of", "batches", "locked", "stepped", "told_outside"]

STATES: Mapping[str, Words] = {
    "refused": Words("未通过核对", "not accepted"),
    "read": Words("已核对，待确认", "read, to be confirmed"),
    "asked": Words("已提交申请", "asked for by request"),
    "waiting": Words("等待导入", "waiting"),
    "importing": Words("正在导入", "importing"),
    "failed": Words("导入中断，可重新导入", "stopped; it can be run again"),
    "done": Words("已导入", "imported"),
    "undone": Words("已撤销", "undone"),
}


@dataclass(frozen=True)
class Seen:
    """One state that was reached."""

    state: str
    at: datetime
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    """One import as it stands.

    Attributes:
        id: The batch.
        kind: county, roster, ledger, areas, or undo.
        name: The file's name.
        sha256: Hash of the file, hexadecimal.
        started_by: The account.
        started_name: Whose it is.
        at: When it was read.
        scope_area: The place it lies in.
        institution_id: The institution it lies in.
        steps: The states so far, oldest first.
    """

    id: UUID
    kind: str
    name: str
    sha256: str
    started_by: int
    started_name: str
    at: datetime
    scope_area: str
    institution_id: str | None
    steps: tuple[Seen, ...]

    @property
    def state(self) -> str:
        """The state it is in."""
        return self.steps[-1].state

    @property
    def words(self) -> Words:
        """The state, for people."""
        return STATES[self.state]

    @property
    def told(self) -> Mapping[str, Any]:
        """What reading it showed."""
        return self.steps[0].told

    def last(self, state: str) -> Mapping[str, Any]:
        """What was told with the last step of a state; nothing where it was not reached."""
        return next((step.told for step in reversed(self.steps) if step.state == state), {})


def batch_of(batch_id: object) -> Batch:
    """One import in scope.

    Raises:
        Refused: ``not_in_scope``.
    """
    wanted = as_uuid(batch_id)
    row = ImportBatch.objects.filter(id=wanted).first()
    if row is None:
        raise Refused("not_in_scope")
    return _batch(row, list(ImportStep.objects.filter(batch_id=wanted).order_by("number")))


def batches(*, page: int = 1, size: int = 50) -> tuple[tuple[Batch, ...], int]:
    """A page of the imports in scope, newest first, and how many there are."""
    rows = ImportBatch.objects.filter(undoes_id=None).order_by("-at", "id")
    wanted = list(rows[(page - 1) * size : page * size])
    steps: dict[UUID, list[ImportStep]] = {}
    for step in ImportStep.objects.filter(batch_id__in=[row.id for row in wanted]).order_by("number"):
        steps.setdefault(step.batch_id, []).append(step)
    return tuple(_batch(row, steps[row.id]) for row in wanted if row.id in steps), rows.count()


def stepped(batch: ImportBatch | Batch, state: str, told: Mapping[str, Any], *, at: datetime) -> None:
    """Write a state down, as part of the transaction."""
    ImportStep.objects.create(
        batch_id=batch.id,
        number=ImportStep.objects.filter(batch_id=batch.id).count() + 1,
        state=state,
        told=dict(told),
        at=at,
        scope_area=batch.scope_area,
        institution_id=batch.institution_id,
    )


def told_outside(batch: Batch, state: str, told: Mapping[str, Any], *, actor: Actor) -> None:
    """Write a state down at once, whatever becomes of the transaction: what others see while an import runs."""
    before = connections["default"]
    beside = before.copy()
    connections["default"] = beside
    try:
        with transaction.atomic():
            narrowed_to(actor.scope)
            if ImportBatch.objects.filter(id=batch.id).exists():  # else it was read in this very transaction
                stepped(batch, state, told, at=actor.now)
    finally:
        connections["default"] = before
        beside.close()


@contextmanager
def locked(batch_id: UUID) -> Iterator[None]:
    """One import at a time; a second of the same batch is refused, another one waits.

    Raises:
        Refused: ``already_decided``, while the same batch is being imported.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, hashtext(%s))", [IMPORTS, str(batch_id)])
        (mine,) = cursor.fetchone() or (False,)
        if not mine:
            raise Refused("already_decided")
        cursor.execute("select pg_advisory_xact_lock(%s)", [IMPORTS])
    yield


def _batch(row: ImportBatch, steps: list[ImportStep]) -> Batch:
    return Batch(
        id=row.id,
        kind=row.kind,
        name=row.name,
        sha256=bytes(row.sha256).hex(),
        started_by=row.started_by,
        started_name=row.started_name,
        at=row.at,
        scope_area=row.scope_area,
        institution_id=row.institution_id,
        steps=tuple(Seen(step.state, step.at, step.told) for step in steps),
    )
