"""The dry run, the run, and what is told of both."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.imports import places
from bangfu.casework.imports.changing import change
from bangfu.casework.imports.differing import samples
from bangfu.casework.imports.known import known_homes, known_institutions, known_loans, known_people
from bangfu.casework.imports.models import ImportBatch
from bangfu.casework.imports.reading import ACTS, KINDS, Looked, county_of, looked_at
from bangfu.casework.imports.rows import Around
from bangfu.casework.imports.steps import Batch, batch_of, locked, stepped, told_outside
from bangfu.casework.imports.store import forgotten, kept_upload, opened_upload
from bangfu.casework.imports.uploads import looked_through, packed
from bangfu.casework.imports.writing import Progress, write
from bangfu.casework.people import api as people
from bangfu.facts import Facts, Problem
from bangfu.facts.identity import mask

__all__ = ["inspect", "inspect_path", "may_see", "run", "seen_hash_of"]

_MOST_PROBLEMS = 2_000
_MASKED = frozenset({"id_number", "borrower_id_number", "to_account"})


def may_see(actor: Actor, kind: str) -> None:
    """Refuse who may neither import such a file nor ask for it (``not_your_role``)."""
    if kind not in KINDS:
        raise Refused("bad_field", field="kind")
    at_once, asked = ACTS[kind]
    if not (asked and people.may(actor.role, asked)):
        people.require(actor, at_once)


def inspect(*, actor: Actor, name: str, content: bytes, kind: str, whole: bool = False) -> Batch:
    """Read a file and tell what it would do. Nothing is written but the batch and its first step.

    Args:
        actor: Who.
        name: The file's name.
        content: Its bytes.
        kind: county, roster, ledger or areas.
        whole: Of a roster: the lists of the villages it names are complete; who is missing has left.

    Raises:
        Refused: ``not_your_role``, ``bad_field``, ``bad_file``, ``too_large``.
    """
    may_see(actor, kind)
    looked_through(name, content)
    batch_id = uuid.uuid4()
    area, institution = _place(actor)
    row = ImportBatch(
        id=batch_id,
        kind=kind,
        name=Path(name.replace("\\", "/")).name[:200],
        sha256=hashlib.sha256(content).digest(),
        started_by=actor.account_id,
        started_name=actor.name,
        at=actor.now,
        scope_area=area,
        institution_id=institution,
    )
    kept_upload(batch_id, name, content)
    try:
        with opened_upload(batch_id) as path:
            told = _dry(path, kind, actor=actor, whole=whole)
        row.save(force_insert=True)
        stepped(row, "refused" if told["problems"] else "read", {**told, "whole": whole}, at=actor.now)
    except BaseException:
        forgotten(batch_id)
        raise
    if told["problems"]:
        forgotten(batch_id)
    trail.record(
        actor=actor, act="import.read", subject=("import", batch_id), scope_area=area, institution_id=institution,
        after={"kind": kind, "sha256": row.sha256.hex(), "counts": told["counts"], "bad_rows": told["problem_count"]},
    )  # fmt: skip
    return batch_of(batch_id)


def inspect_path(*, actor: Actor, path: Path, kind: str, whole: bool = False) -> Batch:
    """``inspect`` of a file or folder on this machine."""
    name, content = packed(path)
    return inspect(actor=actor, name=name, content=content, kind=kind, whole=whole)


def run(*, actor: Actor, batch_id: object, seen_hash: str = "", progress: Progress | None = None) -> Batch:
    """Import what was read, all or nothing; run again after an interruption, it is done once.

    Args:
        actor: Who.
        batch_id: What ``inspect`` gave. Its transaction must be over, for others to see the progress.
        seen_hash: Hash of the difference that was seen; nothing is done where it is another one by now.
        progress: Told each table when it is done.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``wrong_stage``, ``already_decided`` (it is running),
            ``content_changed``, ``bad_file``.
    """
    batch = batch_of(batch_id)
    if batch.state == "done":
        return batch
    people.require(actor, ACTS[batch.kind][0])
    if batch.state in {"refused", "undone"}:
        raise Refused("wrong_stage", state=batch.state)
    with locked(batch.id):
        batch = batch_of(batch_id)
        if batch.state == "done":
            return batch
        told_outside(batch, "importing", {}, actor=actor)
        with opened_upload(batch.id) as path:
            done = _imported(
                batch, path, actor=actor, seen_hash=seen_hash, progress=progress or _outside(batch, actor)
            )
        stepped(batch, "done", done, at=actor.now)
        transaction.on_commit(lambda: forgotten(batch.id))
        trail.record(
            actor=actor, act="import.done", subject=("import", batch.id), scope_area=batch.scope_area,
            institution_id=batch.institution_id, after={"kind": batch.kind, "sha256": batch.sha256, **done},
        )  # fmt: skip
    return batch_of(batch_id)


def _outside(batch: Batch, actor: Actor) -> Progress:
    return lambda table, count: told_outside(batch, "importing", {"table": table, "rows": count}, actor=actor)


def _imported(
    batch: Batch, path: Path, *, actor: Actor, seen_hash: str, progress: Progress
) -> dict[str, Any]:
    if batch.kind == "areas":
        seen, _ = places.dry(path, actor=actor)
        if seen_hash and _hashed(seen["counts"], batch.sha256) != seen_hash:
            raise Refused("content_changed")
        return places.written(path, actor=actor, batch_id=batch.id)
    looked = looked_at(path, batch.kind, actor=actor, whole=bool(batch.told.get("whole")))
    if looked.facts is None or looked.found is None or looked.problems:
        raise Refused("content_changed", field="file")
    if seen_hash and _hashed(looked.found.counts(), batch.sha256) != seen_hash:
        raise Refused("content_changed")
    return write_difference(looked, looked.facts, batch=batch, actor=actor, progress=progress)


def write_difference(
    looked: Looked, facts: Facts, *, batch: Batch, actor: Actor, progress: Progress
) -> dict[str, Any]:
    """Write what differs; what was done, in counts."""
    found = looked.found
    if found is None:
        raise Refused("content_changed")
    source = "bank_file" if batch.kind == "ledger" else "import"
    county = county_of(actor, facts)
    written = write(
        found.new, actor=actor, batch_id=batch.id, county=county, source=source, progress=progress
    )
    counts = found.counts()
    if any(not frame.is_empty() for frame in found.changed.values()) or not found.ended.is_empty():
        with widened():
            homes, owners = known_homes(), known_people(found.changed)
        around = Around(homes, owners, known_loans(), known_institutions(actor.on), county)
        same = {
            "recorded": DateTimeTZRange(actor.now, None, "[)"),
            "recorded_by": actor.account_id,
            "batch_id": batch.id,
        }
        change(found, around=around, same=same, now=actor.now, on=actor.on)
    return {"counts": counts, "without_policy": written.without_policy, "dealings": written.dealings}


def _dry(path: Path, kind: str, *, actor: Actor, whole: bool) -> dict[str, Any]:
    """What the first step tells: counts, differences, problems, notes, and the hash of it all."""
    if kind == "areas":
        told, problems = places.dry(path, actor=actor)
        return {**told, **_problems(problems)}
    looked = looked_at(path, kind, actor=actor, whole=whole)
    told = {"counts": {}, "notes": [], "changes": {}, "rows": {}, **_problems(looked.problems)}
    if looked.found is not None and looked.facts is not None:
        told["counts"] = looked.found.counts()
        told["rows"] = {name: frame.height for name, frame in looked.facts.tables.items() if frame.height}
        told["changes"] = _hidden(samples(looked.found))
        told["notes"] = [[code, count, words.zh, words.en] for code, count, words in looked.notes]
    return told


def _problems(problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "problem_count": len(problems),
        "problems": [
            [one.file, one.sheet, one.row, one.column, one.value, one.code, one.zh, one.en]
            for one in problems[:_MOST_PROBLEMS]
        ],
    }


def _hidden(changes: Mapping[str, list[dict[str, list[str]]]]) -> dict[str, list[dict[str, list[str]]]]:
    """Samples with ID numbers and accounts masked."""
    return {
        table: [
            {
                column: [mask(one) if column in _MASKED and one else one for one in pair]
                for column, pair in row.items()
            }
            for row in rows
        ]
        for table, rows in changes.items()
    }


def seen_hash_of(batch: Batch) -> str:
    """What a confirmation binds to: the file and what it would do."""
    return _hashed(batch.told["counts"], batch.sha256)


def _hashed(counts: Mapping[str, Any], sha256: str) -> str:
    told = json.dumps([counts, sha256], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _place(actor: Actor) -> tuple[str, str | None]:
    """Where an import lies: the actor's place or institution."""
    if actor.place and people.ROLES[actor.role].held in {"branch", "bank"}:
        return "", actor.place
    return actor.place, None
