"""Lists of households: filtered, sorted by pinyin, a page at a time, with a fixed number of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.database.snapshots import kept_rows
from bangfu.casework.registry.areas import places_of, successor_of
from bangfu.casework.registry.pinyin import folded, initials, is_latin
from bangfu.casework.registry.reading import BALANCE, CONVERTED, MONEY, Given, below, booked, stands

SIZE = 50
MOST_EXPORTED = 100_000
_SORTS = {
    "pinyin": "h.pinyin, h.household_id",
    "-pinyin": "h.pinyin desc, h.household_id desc",
    "area": "h.scope_area, h.pinyin, h.household_id",
    "-area": "h.scope_area desc, h.pinyin desc, h.household_id desc",
    "id": "h.household_id",
    "-id": "h.household_id desc",
}


@dataclass(frozen=True)
class HouseholdRow:
    """A household in a list; balances in fen, of programme loans."""

    household_id: str
    head_name: str
    pinyin: str
    area_code: str
    place: str
    categories: tuple[str, ...]
    members: int
    loans: int
    balance_fen: int


@dataclass(frozen=True)
class HouseholdPage:
    """A page of households and how many there are in all."""

    rows: tuple[HouseholdRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Wanted:
    """What a list shows.

    Attributes:
        area: A place and all below it; an old code leads to its successor.
        category: Only households on this list on the day; ``none`` those on no list.
        name: The head's name from its start, or its pinyin, or its initials.
        sort: pinyin, area or id, ``-`` before it: falling.
        on: As of the day (today where it is left out).
        known_at: As known at the moment.
    """

    area: str = ""
    category: str = ""
    name: str = ""
    sort: str = "pinyin"
    on: date | None = None
    known_at: datetime | None = None


def households(*, actor: Actor, wanted: Wanted, page: int = 1, size: int = SIZE) -> HouseholdPage:
    """A page of the households in scope."""
    day = wanted.on or actor.on
    where, given = _where(wanted, day)
    total = int(
        kept_rows(actor.scope, f"select count(*) from casework_household h where {where}", given)[0][0]
    )
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    order = _SORTS.get(wanted.sort, _SORTS["pinyin"])
    found = rows(
        "select h.household_id, h.head_name, h.pinyin, h.scope_area from casework_household h"
        f" where {where} order by {order} limit %s offset %s",
        [*given, size, (page - 1) * size],
    )
    return HouseholdPage(_views(found, on=day, known_at=wanted.known_at), total, page, pages)


def household_names(ids: Sequence[str], *, on: date) -> dict[str, str]:
    """Heads of households in scope, by id, in one query: as on the day, else the last known."""
    found = rows(
        "select distinct on (household_id) household_id, head_name from casework_household where upper_inf(recorded)"
        " and household_id = any(%s) order by household_id, (valid @> %s::date) desc, lower(valid) desc nulls last",
        [sorted(set(ids)), on],
    )
    return dict(found)


def balances_of(
    ids: Sequence[str], *, on: date, known_at: datetime | None = None
) -> dict[str, tuple[int, int]]:
    """Live programme loans and their balance in fen at the end of a day, by household, in one query."""
    known, known_given = stands(known_at, of="l.")
    book, book_given = booked(known_at, of="e.")
    found = rows(
        "select household_id, count(*), sum(balance)::bigint from (select l.household_id, l.loan_id,"
        f" {BALANCE} as balance, {CONVERTED} as gone"
        f' from casework_loan l join casework_loan_event e on e.loan_id = l.loan_id and {book} and e."on" <= %s'
        f" and {MONEY} where {known} and not l.ordinary and l.household_id = any(%s) group by 1, l.loan_id) as each"
        " where balance > 0 and not gone group by household_id",
        [*book_given, on, *known_given, list(ids)],
    )
    return {household: (count, balance) for household, count, balance in found}


def _where(wanted: Wanted, day: date) -> tuple[str, Given]:
    known, given = stands(wanted.known_at, of="h.")
    parts: list[str] = [known, "h.valid @> %s::date"]
    given = [*given, day]
    area = successor_of(wanted.area, on=day) if wanted.area else ""
    place, place_given = below(area, column="h.scope_area")
    parts.append(place)
    given += place_given
    if wanted.category:
        listed, listed_given = stands(wanted.known_at, of="r.")
        kind = "true" if wanted.category == "none" else "r.category = %s"
        exists = (
            f"exists (select from casework_roster_entry r where r.household_id = h.household_id and {listed}"
            f" and r.valid @> %s::date and {kind})"
        )
        parts.append(f"not {exists}" if wanted.category == "none" else exists)
        given += [*listed_given, day, *([] if wanted.category == "none" else [wanted.category])]
    text, text_given = named("h.", wanted.name)
    return " and ".join([*parts, text]), [*given, *text_given]


def named(of: str, typed: str) -> tuple[str, Given]:
    """A head's name as it was typed: from its start in characters, or its reading, or its initials."""
    text = " ".join(typed.split())[:64]
    if not text:
        return "true", []
    if is_latin(text):
        reading = f"(translate({of}pinyin, '12345 ', '') like %s or {of}pinyin ~ %s)"
        return reading, [f"{folded(text)}%", initials(text)]
    return f"{of}head_name like %s", [f"{text.replace('%', '').replace('_', '')}%"]


def _views(
    found: Sequence[tuple[Any, ...]], *, on: date, known_at: datetime | None
) -> tuple[HouseholdRow, ...]:
    ids = [row[0] for row in found]
    categories = categories_of(ids, on=on, known_at=known_at)
    members = _counts("casework_member", ids, on=on, known_at=known_at, more="and deceased_on is null")
    balances = balances_of(ids, on=on, known_at=known_at)
    places = places_of([row[3] for row in found], on=on)
    return tuple(
        HouseholdRow(
            household_id=key, head_name=name, pinyin=pinyin, area_code=area, place=places.get(area, area),
            categories=categories.get(key, ()), members=members.get(key, 0),
            loans=balances.get(key, (0, 0))[0], balance_fen=balances.get(key, (0, 0))[1],
        )
        for key, name, pinyin, area in found
    )  # fmt: skip


def categories_of(
    ids: Sequence[str], *, on: date, known_at: datetime | None = None
) -> dict[str, tuple[str, ...]]:
    """The lists each household is on on a day, by household, in one query."""
    known, given = stands(known_at)
    found = rows(
        "select household_id, array_agg(distinct category order by category) from casework_roster_entry"
        f" where {known} and valid @> %s::date and household_id = any(%s) group by household_id",
        [*given, on, list(ids)],
    )
    return {household: tuple(categories) for household, categories in found}


def _counts(
    table: str, ids: Sequence[str], *, on: date, known_at: datetime | None, more: str = ""
) -> Mapping[str, int]:
    known, given = stands(known_at)
    found = rows(
        f"select household_id, count(*) from {table} where {known} and valid @> %s::date and household_id = any(%s)"
        f" {more} group by household_id",
        [*given, on, list(ids)],
    )
    return dict(found)
