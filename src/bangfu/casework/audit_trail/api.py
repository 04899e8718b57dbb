"""The trail: written by the same call that changes the fact, in the same transaction; read as history in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bangfu.casework.audit_trail.acts import ACTS, KINDS, act_words, subject_words, value_words
from bangfu.casework.audit_trail.chain import Anchor, Fault, anchors_in, coded, faults, head, kept
from bangfu.casework.audit_trail.models import TrailRow
from bangfu.casework.database.actor import SHANGHAI, Actor, day_of
from bangfu.casework.database.keys import key_file
from bangfu.casework.database.refusals import Refused

__all__ = [
    "ACTS", "KINDS", "LONGEST_HISTORY", "Anchor", "Entry", "Fault", "Verified", "act_words", "anchored", "anchors",
    "counted_on", "history", "latest", "of_subjects", "record", "subject_words", "tip", "value_words", "verified",
]  # fmt: skip

LONGEST_HISTORY = 200
_LONGEST = 500


@dataclass(frozen=True)
class Entry:
    """One act as it is shown: when, who, in which role, what, before and after, why, on which clauses."""

    row_id: int
    at: datetime
    who: str
    role: str
    place: str
    via: str
    act: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    why: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What reading the whole chain again showed."""

    number: int
    hash: str
    faults: tuple[Fault, ...]


def record(
    *,
    actor: Actor,
    act: str,
    subject: tuple[str, object],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
    basis: tuple[str, ...] = (),
    scope_area: str = "",
    institution_id: str | None = None,
) -> int:
    """Write one act down; the number of its row.

    Args:
        actor: Who, in which role, when.
        act: What, e.g. ``application.village_reviewed``.
        subject: Table or concept, and id.
        before: The values that change, as they were; never a personal value in the clear, but its mask.
        after: The same values as they are now.
        why: The reason given.
        basis: Clauses.
        scope_area: The place of the subject.
        institution_id: The institution of the subject.
    """
    content = {
        "at": actor.now.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": actor.account_id,
        "who": actor.name,
        "role": actor.role,
        "place": actor.place,
        "via": actor.via,
        "act": act,
        "subject": f"{subject[0]}:{subject[1]}",
        "before": dict(before or {}),
        "after": dict(after or {}),
        "why": why[:_LONGEST],
        "basis": list(basis),
    }
    row = TrailRow.objects.create(
        content=content,
        mac=coded(content, key_file().trail),
        account_id=actor.account_id or None,
        scope_area=scope_area,
        institution_id=institution_id,
    )
    return int(row.pk)


def history(subject: tuple[str, object], *, at_most: int = LONGEST_HISTORY) -> list[Entry]:
    """What happened to a record, oldest first, as far as it is in scope; of very much the latest."""
    rows = TrailRow.objects.filter(subject=f"{subject[0]}:{subject[1]}").order_by("-id")[:at_most]
    return [_entry(row) for row in rows][::-1]


def of_subjects(subjects: Collection[str]) -> list[Entry]:
    """What happened to several records, ``concept:id`` each, oldest first, as far as it is in scope."""
    rows = TrailRow.objects.filter(subject__in=list(subjects)).order_by("id")
    return [_entry(row) for row in rows]


def tip() -> tuple[int, str]:
    """Number and hash (hexadecimal) of the chain's last link: what was committed before."""
    number, digest = head()
    return number, digest.hex()


def latest(
    *,
    at_most: int = 100,
    before_row: int | None = None,
    account_id: int | None = None,
    act: str = "",
    who: str = "",
    first_on: date | None = None,
    last_on: date | None = None,
) -> list[Entry]:
    """The latest acts in scope, newest first.

    Args:
        at_most: How many.
        before_row: Only older ones than this row.
        account_id: Only of this account.
        act: Only acts that begin so, e.g. ``application.``.
        who: Only of people whose name holds this.
        first_on: Only from this day on, in Shanghai.
        last_on: Only to this day.
    """
    rows = TrailRow.objects.order_by("-id")
    if before_row is not None:
        rows = rows.filter(id__lt=before_row)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if act:
        rows = rows.filter(act__startswith=act)
    if who:
        rows = rows.filter(content__who__icontains=who)
    if first_on is not None:
        rows = rows.filter(at__gte=_midnight(first_on))
    if last_on is not None:
        rows = rows.filter(at__lt=_midnight(last_on + timedelta(days=1)))
    return [_entry(row) for row in rows[:at_most]]


def _midnight(day: date) -> str:
    """The beginning of a day in Shanghai as rows write their moment."""
    at = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    return at.isoformat(timespec="microseconds")


def counted_on(day: date) -> int:
    """How many acts of a day are in scope."""
    rows = TrailRow.objects.filter(at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1)))
    return rows.count()


def anchors(folder: Path) -> tuple[Anchor, ...]:
    """The daily anchors of a folder whose codes are right, newest first."""
    found, _ = anchors_in(folder, key=key_file().trail)
    return tuple(reversed(found))


def verified(folder: Path) -> Verified:
    """Read the whole chain again, against the anchors of a folder. All rows must be in scope."""
    key = key_file().trail
    anchors, forged = anchors_in(folder, key=key)
    found = (*forged, *faults(key=key, anchors=anchors))
    number, digest = head()
    return Verified(number, digest.hex(), found)


def anchored(folder: Path, *, now: datetime) -> Anchor:
    """Write the day's anchor, the head of the chain as it stands; one that is there already stays. The day's anchor.

    Raises:
        Refused: ``anchor_forged``: the day's file is there, and is not as the site wrote it.
    """
    number, digest = head()
    day, key = day_of(now), key_file().trail
    kept(Anchor(day, number, digest), folder, key=key)
    found, _ = anchors_in(folder, key=key)
    for one in found:
        if one.day == day:
            return one
    raise Refused("anchor_forged")


def _entry(row: TrailRow) -> Entry:
    told: dict[str, Any] = row.content
    return Entry(
        row_id=row.pk,
        at=datetime.fromisoformat(told["at"]),
        who=told["who"],
        role=told["role"],
        place=told["place"],
        via=told["via"],
        act=told["act"],
        subject=told["subject"],
        before=told["before"],
        after=told["after"],
        why=told["why"],
        basis=tuple(told["basis"]),
    )
