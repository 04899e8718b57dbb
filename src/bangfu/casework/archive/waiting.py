"""What the archive waits for, for who brings it: one line a cycle and paper, however many places lack it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from bangfu.casework.archive.completeness import completeness
from bangfu.casework.archive.views import Item
from bangfu.casework.database.actor import Actor
from bangfu.casework.people.queue import QueueItem, offers
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words

__all__ = ["offered"]

_CYCLES = 4  # the latest that are not filed: older ones are looked up in the archive itself
_OPEN = ("announcement", "filing")
_ROLES = ("township", "village", "branch_officer", "finance", "bureau")
_SHOWN = 3


def papers_waiting(actor: Actor) -> Iterator[QueueItem]:
    """The papers a person's role is the first to bring, of lists that are paid."""
    for cycle_id in _cycles(actor):
        told = completeness(actor=actor, cycle_id=cycle_id)
        by_part: dict[str, list[Item]] = {}
        for one in told.missing:
            if one.due and one.part.by[0] == actor.role and not one.part.ours:
                by_part.setdefault(one.part.code, []).append(one)
        for items in by_part.values():
            part = items[0].part
            names = [one.place_name for one in items[:_SHOWN]]
            more = "…" if len(items) > _SHOWN else ""
            yield QueueItem(
                title=Words(f"补充归档文件：{part.words.zh}", f"Bring to the archive: {part.words.en}"),
                subject="、".join(dict.fromkeys(names)) + more, where=told.place_name, due=None, url="cycle-archive",
                args=(cycle_id,), clause=items[0].kind.clause, count=len(items),
            )  # fmt: skip


def _cycles(actor: Actor) -> Iterable[UUID]:
    """The latest cycles with lists that are paid and not filed."""
    views = subsidies.lists_of(states=_OPEN, on=actor.on)
    return list(dict.fromkeys(one.cycle.id for one in views))[:_CYCLES]


def offered() -> None:
    """Tell the work queue."""
    offers(_ROLES, papers_waiting)
