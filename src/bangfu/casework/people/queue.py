"""The work queue: each folder offers what waits there for a role; home sorts it by the day it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.casework.database.actor import Actor
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan

__all__ = ["MOST", "Provider", "QueueItem", "Waiting", "offers", "waiting", "yuan"]

MOST = 200  # items a provider gives at most; beyond that one item stands for many (``count``)


@dataclass(frozen=True)
class QueueItem:
    """Something that waits for somebody in a role.

    Attributes:
        title: What is to be done: 村级评议, “Village review”. Items of one title form one kind.
        subject: What it is about, without clear personal numbers: “王某某户 · 50,000.00 元”.
        where: The place in words.
        due: The last day; None where no clause sets one.
        url: The name of the view that does it.
        args: Its arguments.
        clause: The clause that asks for it.
        count: How many cases the item stands for, where it leads to a list.
    """

    title: Words
    subject: Words | str
    where: str
    due: date | None
    url: str
    args: tuple[object, ...] = ()
    clause: str = ""
    count: int = 1

    def late(self, on: date) -> bool:
        """Whether the day has passed."""
        return self.due is not None and self.due < on

    def days_left(self, on: date) -> int | None:
        """Days to the last day; negative when late."""
        return None if self.due is None else (self.due - on).days


@dataclass(frozen=True)
class Waiting:
    """All that waits for an actor.

    Attributes:
        items: By the day due, late ones first, those without a day last.
        kinds: How many of each kind, in the order of ``items``.
        late: How many are late.
        total: How many in all.
    """

    items: tuple[QueueItem, ...]
    kinds: tuple[tuple[Words, int], ...]
    late: int
    total: int


Provider = Callable[[Actor], Iterable[QueueItem]]
_PROVIDERS: dict[str, list[Provider]] = {}


def offers(roles: str | Sequence[str], provider: Provider) -> None:
    """Register what waits for a role (or several); called once, at the bottom of a folder's ``api.py``.

    A provider asks a fixed number of questions whatever the number of rows, gives at most ``MOST`` items, the most
    urgent first, and runs inside the actor's scope.
    """
    for role in (roles,) if isinstance(roles, str) else roles:
        known = _PROVIDERS.setdefault(role, [])
        if provider not in known:
            known.append(provider)


def yuan(fen: int) -> str:
    """An amount as the subject of an item tells it: “50,000.00 元”."""
    return f"{format_yuan(fen, grouped=True)} {Words('元', 'yuan')}"


def waiting(actor: Actor) -> Waiting:
    """What waits for the actor in the role acted in."""
    found = [item for provider in _PROVIDERS.get(actor.role, ()) for item in provider(actor)]
    found.sort(key=lambda item: (item.due is None, item.due or date.max))
    kinds: dict[Words, int] = {}
    for item in found:
        kinds[item.title] = kinds.get(item.title, 0) + item.count
    late = sum(item.count for item in found if item.late(actor.on))
    return Waiting(tuple(found), tuple(kinds.items()), late, sum(kinds.values()))
