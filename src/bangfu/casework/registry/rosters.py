"""The rosters as of any day, as known at any moment: who is on them, how many, what changed between two days.

Places stand in the order of their codes; nothing is ranked and no share of a target is shown (CN2026-4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.database.snapshots import kept_rows
from bangfu.casework.registry.areas import TOWNSHIP, names_of, places_of, successor_of
from bangfu.casework.registry.households import SIZE
from bangfu.casework.registry.reading import Given, below, stands

EVERYTHING = 1_000_000


@dataclass(frozen=True)
class RosterLine:
    """A household on a list; ``left_on`` is the first day it is not."""

    household_id: str
    head_name: str
    area_code: str
    place: str
    category: str
    listed_on: date | None
    left_on: date | None
    left_reason: str


@dataclass(frozen=True)
class RosterPage:
    """A page of a roster."""

    rows: tuple[RosterLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class RosterCount:
    """Households of one township on one list."""

    township: str
    name: str
    category: str
    households: int


@dataclass(frozen=True)
class Difference:
    """What is otherwise on the second of two days: who came on a list, who left it."""

    came: tuple[RosterLine, ...]
    left: tuple[RosterLine, ...]


@dataclass(frozen=True)
class Coverage:
    """Of a township's households on any list: how many applied, were rated, refused, lent to. No share, no rank."""

    township: str
    name: str
    listed: int
    contacted: int
    rated: int
    refused: int
    lent: int


# A household's township is where it was on the day; entries without a household row of the day lie where they lie.
_HOME = " left join casework_household h on h.household_id = r.household_id and {home_known} and h.valid @> %s::date"
_AREA = "coalesce(h.scope_area, r.scope_area)"
_AREA_NOW = "r.scope_area"  # entries follow their household, so that today's place needs no look at it


def roster(
    *,
    actor: Actor,
    on: date | None = None,
    known_at: datetime | None = None,
    area: str = "",
    category: str = "",
    page: int = 1,
    size: int = SIZE,
) -> RosterPage:
    """The rosters in scope as of a day, by category and then by village and pinyin.

    Args:
        actor: Who reads.
        on: The day; today where it is left out.
        known_at: As known at the moment.
        area: Only this place and all below it; an old code leads to its successor on the day.
        category: Only this list.
        page: From 1.
        size: Rows a page.
    """
    day = on or actor.on
    counted = counts(actor=actor, on=on, known_at=known_at, area=area)  # the page shows them too
    total = sum(one.households for one in counted if category in ("", one.category))
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    text, given, _ = _listed(day, known_at, area, category)
    found = kept_rows(
        actor.scope,
        f"select r.household_id, coalesce(h.head_name, ''), {_AREA}, r.category, lower(r.valid), upper(r.valid),"
        f" r.left_reason {text} order by r.category, {_AREA}, h.pinyin, r.household_id limit %s offset %s",
        [*given, size, (page - 1) * size],
    )
    return RosterPage(_lines(found, on=day), total, page, pages)


def counts(
    *, actor: Actor, on: date | None = None, known_at: datetime | None = None, area: str = ""
) -> tuple[RosterCount, ...]:
    """Households by township and list as of a day, in code order."""
    day = on or actor.on
    text, given, place = _listed(day, known_at, area, "", today=actor.on)
    found = kept_rows(
        actor.scope,
        f"select left({place}, 9) as township, r.category, count(*) {text} group by 1, 2 order by 1, 2",
        given,
    )
    names = names_of([row[0] for row in found], on=day)
    return tuple(RosterCount(code, names.get(code) or code, category, n) for code, category, n in found)


def difference(
    *, actor: Actor, earlier: date, later: date, known_at: datetime | None = None, area: str = ""
) -> Difference:
    """Who came on a list and who left one between two days; both as known at one moment."""
    del actor
    known, known_given = stands(known_at, of="r.")
    home, home_given = stands(known_at, of="h.")
    place, place_given = below(area, column=_AREA)
    text = (
        f"select r.household_id, coalesce(h.head_name, ''), {_AREA}, r.category, lower(r.valid), upper(r.valid),"
        " r.left_reason from casework_roster_entry r left join casework_household h on h.household_id ="
        f" r.household_id and {home} and h.valid @> %s::date where {known} and r.valid @> %s::date and {place}"
        f" and not exists (select from casework_roster_entry o where o.household_id = r.household_id"
        f" and o.category = r.category and {known.replace('r.', 'o.')} and o.valid @> %s::date)"
        f" order by r.category, {_AREA}, h.pinyin, r.household_id"
    )

    def only_on(day: date, other: date) -> tuple[RosterLine, ...]:
        given = [*home_given, day, *known_given, day, *place_given, *known_given, other]
        return _lines(rows(text, given), on=day)

    return Difference(came=only_on(later, earlier), left=only_on(earlier, later))


def coverage(*, actor: Actor, on: date | None = None) -> tuple[Coverage, ...]:
    """By township, in code order: households on a list, and those of them that applied, were rated, refused or lent to.

    A list of what was done (CN2021-4.3), with no ranking and no percentage (CN2026-4.1).
    """
    day = on or actor.on
    found = rows(
        "with listed as (select distinct r.household_id, r.scope_area from casework_roster_entry r"
        " where upper_inf(r.recorded) and r.valid @> %s::date)"
        " select left(scope_area, 9), count(*),"
        " count(*) filter (where household_id in (select household_id from casework_application)),"
        " count(*) filter (where household_id in (select household_id from casework_credit_rating"
        " where rated_on <= %s)),"
        " count(*) filter (where household_id in (select household_id from casework_stage where state = 'refused')),"
        " count(*) filter (where household_id in (select household_id from casework_loan where upper_inf(recorded)"
        " and not ordinary and contract_on <= %s)) from listed group by 1 order by 1",
        [day, day, day],
    )
    names = names_of([row[0] for row in found], on=day)
    return tuple(Coverage(row[0], names.get(row[0], row[0]), *row[1:]) for row in found)


def townships_led_by(institution_id: str, *, on: date) -> tuple[str, ...]:
    """The townships a bank (or one of its branches) leads on a day, in code order."""
    found = rows(
        "select distinct l.township from casework_lead_bank l where upper_inf(l.recorded) and l.valid @> %s::date"
        " and (l.institution_id = %s or l.institution_id in (select i.institution_id from casework_institution i"
        " where i.parent_id = %s and upper_inf(i.recorded) and i.valid @> %s::date)) order by 1",
        [on, institution_id, institution_id, on],
    )
    return tuple(code for (code,) in found)


def roster_of(
    townships: tuple[str, ...], *, on: date, known_at: datetime | None = None
) -> tuple[RosterLine, ...]:
    """The rosters of some townships as of a day, whole: what is delivered."""
    text, given, _ = _listed(on, known_at, "", "")
    found = rows(
        f"select r.household_id, coalesce(h.head_name, ''), {_AREA}, r.category, lower(r.valid), upper(r.valid),"
        f" r.left_reason {text} and left({_AREA}, {TOWNSHIP}) = any(%s)"
        f" order by {_AREA}, r.category, h.pinyin, r.household_id",
        [*given, list(townships)],
    )
    return _lines(found, on=on)


def _listed(
    on: date, known_at: datetime | None, area: str, category: str, *, today: date | None = None
) -> tuple[str, Given, str]:
    """The question's body, its values, and the column that says where; without the households as of ``today``."""
    known, known_given = stands(known_at, of="r.")
    joined, joined_given, column = "", [], _AREA_NOW
    if known_at is not None or on != today:
        home, home_given = stands(known_at, of="h.")
        joined, joined_given, column = _HOME.format(home_known=home), [*home_given, on], _AREA
    place, place_given = below(successor_of(area, on=on) if area else "", column=column)
    kind, kind_given = ("r.category = %s", [category]) if category else ("true", [])
    text = (
        f" from casework_roster_entry r{joined} where {known} and r.valid @> %s::date and {place} and {kind}"
    )
    return text, [*joined_given, *known_given, on, *place_given, *kind_given], column


def _lines(found: Sequence[tuple[Any, ...]], *, on: date) -> tuple[RosterLine, ...]:
    places = places_of([row[2] for row in found], on=on)
    return tuple(
        RosterLine(row[0], row[1], row[2], places.get(row[2], row[2]), row[3], row[4], row[5], row[6])
        for row in found
    )
