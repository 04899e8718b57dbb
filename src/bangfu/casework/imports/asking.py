"""An import as a request: a township hands in its lists, the county bureau sees what they would change and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.imports import running
from bangfu.casework.imports.reading import ACTS
from bangfu.casework.imports.steps import Batch, batch_of, stepped
from bangfu.casework.people import api as people
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words
from bangfu.facts import TABLES

__all__ = ["ask_for"]

_KIND = "import.roster"


def ask_for(*, actor: Actor, batch_id: object, seen_hash: str, why: str) -> UUID:
    """Ask the bureau for an import one may not do oneself; the request's id.

    Raises:
        Refused: ``not_in_scope``, ``not_your_role``, ``wrong_stage``, ``content_changed``, ``reason_missing``,
            ``duplicate``.
    """
    batch = batch_of(batch_id)
    if batch.kind != "roster" or batch.state != "read":
        raise Refused("wrong_stage", state=batch.state)
    if running.seen_hash_of(batch) != seen_hash:
        raise Refused("content_changed")
    made = requests.ask(
        actor=actor, kind=_KIND, subject=("import", batch.id), details={"batch_id": str(batch.id)}, why=why
    )
    stepped(batch, "asked", {"request": str(made.id), "why": why}, at=actor.now)
    return made.id


def _effect(actor: Actor, details: requests.Details) -> dict[str, Any]:
    """What the file was seen to change; the import itself refuses where it would be something else by now."""
    del actor
    batch = batch_of(details["batch_id"])
    lines = []
    for name, counts in batch.told["counts"].items():
        if any(counts[one] for one in ("new", "changed", "ended")):
            lines.append(
                requests.line(
                    "import_changes",
                    TABLES[name].zh + "：新增 {new}，变更 {changed}，结束 {ended}，不变 {same}",
                    name + ": {new} new, {changed} changed, {ended} ended, {same} the same",
                    **counts,
                )
            )
    return {"rosters": lines, "sha256": batch.sha256}


def _apply(actor: Actor, request: requests.RequestView, details: requests.Details) -> None:
    del request
    batch = batch_of(details["batch_id"])
    running.run(actor=actor, batch_id=batch.id, seen_hash=running.seen_hash_of(batch))


def _place(actor: Actor, details: requests.Details) -> requests.Place:
    del actor
    batch = batch_of(details["batch_id"])
    return requests.Place(scope_area=batch.scope_area, institution_id=batch.institution_id)


def may_ask(actor: Actor, batch: Batch) -> bool:
    """Whether the actor asks for this import instead of doing it."""
    at_once, asked = ACTS[batch.kind]
    return bool(asked) and people.may(actor.role, asked) and not people.may(actor.role, at_once)


requests.register(
    requests.Kind(
        code=_KIND,
        words=Words("导入名单文件", "import lists from a file"),
        ask_act="roster.request",
        decide_act="roster.approve",
        effect=_effect,
        apply=_apply,
        place=_place,
        clauses=("LD2021-3.3",),
    )
)
