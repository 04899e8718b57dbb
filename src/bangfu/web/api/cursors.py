"""Cursors over lists that are paged by number: they fix the moment as known, so that pages hold together."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from bangfu.casework.database.refusals import Refused

__all__ = ["Place", "at", "behind"]

_MOST_PAGES = 1_000_000


@dataclass(frozen=True)
class Place:
    """Where a list goes on: the page, as known at a moment."""

    page: int
    known_at: datetime | None


def at(cursor: str, *, known_at: datetime | None, now: datetime) -> Place:
    """The place a cursor stands for; without one the first page, as known now (or at the moment asked for).

    Raises:
        Refused: ``bad_field`` at after.
    """
    if not cursor:
        return Place(1, known_at or now)
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        place = Place(told["page"], datetime.fromisoformat(told["known_at"]))
        sound = _sound(place, now)
    except (ValueError, TypeError, KeyError, UnicodeError, binascii.Error, RecursionError, OverflowError):
        sound = False
    if not sound:
        raise Refused("bad_field", field="after")
    return place


def _sound(place: Place, now: datetime) -> bool:
    moment = place.known_at
    page_fits = isinstance(place.page, int) and 1 <= place.page <= _MOST_PAGES
    return page_fits and moment is not None and moment.tzinfo is not None and moment <= now


def behind(place: Place, *, pages: int) -> str:
    """The cursor of the next page; empty on the last one."""
    if place.page >= pages or place.known_at is None:
        return ""
    told = {"page": place.page + 1, "known_at": place.known_at.isoformat()}
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
