"""The archive as it is handed out: papers, what is asked for and missing, seals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bangfu.casework.archive.kinds import KINDS, Kind, Part
from bangfu.casework.subsidies.api import ListView
from bangfu.casework.words import Words

__all__ = ["Completeness", "Item", "PaperView", "SealView", "SinceSealed", "since_sealed"]


@dataclass(frozen=True)
class PaperView:
    """A paper of the archive.

    Attributes:
        id: Its id.
        part: Which part it is (``PARTS``).
        place: Of the county, the township or the village.
        list_id: Its list; None for what stands for a place.
        name: Of the file.
        file_id: The file.
        sha256: Its hash, hexadecimal.
        made_by_us: Whether the site made it.
        replaces: The paper it took the place of.
        added_name: Who brought it.
        at: When.
    """

    id: UUID
    part: str
    place: str
    list_id: UUID | None
    name: str
    file_id: UUID
    sha256: str
    made_by_us: bool
    replaces: UUID | None
    added_name: str
    at: datetime


@dataclass(frozen=True)
class Item:
    """What the archive should hold in one place.

    Attributes:
        kind: One of the seven.
        part: Which paper of it.
        place: Of the county, the township or the village.
        place_name: In words; with the branch where it is a list's.
        list_id: Its list; None for what stands for a place.
        papers: The papers that stand.
        due: Whether the cycle has come so far that it can be there.
    """

    kind: Kind
    part: Part
    place: str
    place_name: str
    list_id: UUID | None
    papers: tuple[PaperView, ...]
    due: bool

    @property
    def missing(self) -> bool:
        """Whether it is asked for and not there."""
        return self.part.asked and not self.papers

    @property
    def words(self) -> Words:
        """Where, what, who should bring it."""
        who, part = self.part.who, self.part.words
        return Words(
            f"{self.place_name}：{part.zh}（由{who.zh}提供）",
            f"{self.place_name}: {part.en} (from: {who.en})",
        )


@dataclass(frozen=True)
class Completeness:
    """What a cycle's archive holds and lacks in a place.

    Attributes:
        cycle_id: The cycle.
        place: County or township.
        place_name: In words.
        items: By kind, part, place and list.
    """

    cycle_id: UUID
    place: str
    place_name: str
    items: tuple[Item, ...]

    @property
    def missing(self) -> tuple[Item, ...]:
        """What is asked for and not there."""
        return tuple(one for one in self.items if one.missing)

    def by_kind(self) -> Iterator[tuple[Kind, tuple[Item, ...]]]:
        """All seven kinds with their items."""
        for kind in KINDS:
            yield kind, tuple(one for one in self.items if one.kind is kind)


@dataclass(frozen=True)
class SealView:
    """A bundle that was sealed.

    Attributes:
        id: Its id.
        cycle_id: The cycle.
        place: County or township.
        number: The how-manieth of that cycle and place.
        file_id: The bundle.
        sha256: Of the bundle, hexadecimal.
        manifest_hash: Of its manifest, hexadecimal: what stands on the slip.
        missing: What was missing by then, in words.
        reason: Why it was sealed nevertheless.
        sealed_name: Who sealed it.
        at: When.
        slip_id: The slip that goes with it.
    """

    id: UUID
    cycle_id: UUID
    place: str
    number: int
    file_id: UUID
    sha256: str
    manifest_hash: str
    missing: tuple[str, ...]
    reason: str
    sealed_name: str
    at: datetime
    slip_id: UUID | None = None


@dataclass(frozen=True)
class SinceSealed:
    """What came after the last bundle that covers a place; it is in no bundle before the place is sealed again.

    Attributes:
        seal: The last bundle.
        papers: The papers that stand and were brought or made since, with what they are.
        moved: The lists that came to another step since.
        next_number: The how-manieth bundle of the place the next would be.
    """

    seal: SealView
    papers: tuple[tuple[Item, PaperView], ...]
    moved: tuple[ListView, ...]
    next_number: int

    @property
    def anything(self) -> bool:
        """Whether the last bundle does not hold all there is."""
        return bool(self.papers or self.moved)


def since_sealed(
    told: Completeness, seals: Sequence[SealView], lists: Sequence[ListView], *, county: str
) -> SinceSealed | None:
    """What came after a place was sealed last, alone or with its whole county; None where it never was.

    Args:
        told: What the archive of the place holds.
        seals: The bundles of the cycle, in any order.
        lists: The lists of the cycle; those of other places are left out.
        county: The county of the cycle.
    """
    covering = [one for one in seals if one.place in (told.place, county)]
    if not covering:
        return None
    last = max(covering, key=lambda one: (one.at, one.number))
    mine = [one.number for one in covering if one.place == told.place]
    return SinceSealed(
        seal=last,
        papers=tuple((item, one) for item in told.items for one in item.papers if one.at > last.at),
        moved=tuple(one for one in lists if one.township.startswith(told.place) and one.since > last.at),
        next_number=max(mine, default=0) + 1,
    )
