"""Lists of applications: filtered, sorted and paged by PostgreSQL, counted by state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.origination.workflow import LIVE, STATES
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import institution_names, places_of

PAGE = 50
_SORTS: Mapping[str, str] = {
    "day": "a.opened_at",
    "due": "s.due_on",
    "amount": "v.amount_fen",
    "name": "v.borrower_name",
    "place": "a.scope_area",
    "state": "s.state",
}


@dataclass(frozen=True)
class Filter:
    """What is listed.

    Attributes:
        state: One state, or ``live`` for all that are under way; empty for all.
        area: A place and all below it.
        branch: A branch.
        since: Opened on or after the day.
        until: Opened on or before the day.
        name: Part of the applicant's name, or the application's number.
        late: Only those past their day.
        known_at: Where and with which content they stood at a moment; now where left out.
    """

    state: str = ""
    area: str = ""
    branch: str = ""
    since: date | None = None
    until: date | None = None
    name: str = ""
    late: bool = False
    known_at: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    id: str
    state: str
    began: datetime
    due_on: date | None
    opened_on: date
    borrower: str
    household_id: str
    village: str
    place: str
    institution_id: str
    branch: str
    amount_fen: int
    purpose: str
    term_months: int
    product: str
    kind: str


@dataclass(frozen=True)
class Listed:
    """A page of the list, with the counts by state under the same filter."""

    rows: tuple[Row, ...]
    page: int
    pages: int
    total: int
    counts: Mapping[str, int]


def applications(*, actor: Actor, wanted: Filter, sort: str = "-day", page: int = 1) -> Listed:
    """Applications in scope.

    Args:
        actor: Who looks.
        wanted: The filter.
        sort: day, due, amount, name, place or state; ``-`` before it: falling.
        page: From 1; one beyond the last gives the last.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "application.read")
    whole, given = _standing(wanted, actor)
    counted = dict(rows(f"select s.state, count(*) {whole} group by s.state", given))
    total = sum(number for state, number in counted.items() if _is(wanted.state, state))
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    shown = _listed(wanted, actor, sort=sort, most=PAGE, offset=(page - 1) * PAGE)
    return Listed(tuple(shown), page, pages, total, {code: counted.get(code, 0) for code in STATES})


def all_of(wanted: Filter, *, actor: Actor, most: int) -> list[Row]:
    """All applications of a filter, the newest first, at most so many."""
    return _listed(wanted, actor, sort="-day", most=most)


def waiting_rows(*, actor: Actor, states: Sequence[str], most: int) -> list[Row]:
    """Applications in scope that stand at some states, the most urgent first: for the work queue."""
    return _listed(Filter(), actor, sort="due", most=most, states=states)


def _listed(
    wanted: Filter, actor: Actor, *, sort: str, most: int, offset: int = 0, states: Sequence[str] = ()
) -> list[Row]:
    """Rows of a filter, or of some states."""
    text, given = _standing(wanted, actor)
    among = states or [state for state in STATES if _is(wanted.state, state)]
    column = _SORTS.get(sort.removeprefix("-"), "a.opened_at")
    falling = "desc" if sort.startswith("-") else "asc"
    found = rows(
        "select a.id, s.state, lower(s.recorded), s.due_on, a.opened_at, v.borrower_name, a.household_id, a.scope_area,"
        " a.institution_id, v.amount_fen, v.purpose, v.term_months, v.product, v.kind"
        f" {text} and s.state = any(%s) order by {column} {falling} nulls last, a.id limit %s offset %s",
        [*given, list(among), most, offset],
    )
    places = places_of([row[7] for row in found], on=actor.on)
    branches = institution_names((row[8] for row in found), on=actor.on)
    return [
        Row(
            id_, state, began, due, opened.astimezone(SHANGHAI).date(), name, home, village,
            places.get(village, village), bank, branches.get(bank, bank), amount, purpose, months, product, kind,
        )
        for id_, state, began, due, opened, name, home, village, bank, amount, purpose, months, product, kind in found
    ]  # fmt: skip


def _is(wanted: str, state: str) -> bool:
    """Whether a state is one of those asked for."""
    return state in LIVE if wanted == "live" else wanted in ("", state)


def _standing(wanted: Filter, actor: Actor) -> tuple[str, list[Any]]:
    """The applications of a filter, whatever their state, with the stage and the version that stand; values beside."""
    stands, written, moments = "upper_inf(s.recorded)", "", []
    if wanted.known_at is not None:
        stands, written = "s.recorded @> %s::timestamptz", " and w.at <= %s"
        moments = [wanted.known_at] * 2
    text = (
        "from casework_stage s join casework_application a on a.id = s.application_id"
        " join lateral (select borrower_name, amount_fen, purpose, term_months, product, kind"
        f" from casework_application_version w where w.application_id = a.id{written} order by w.number desc limit 1)"
        f" v on true where {stands}"
    )
    parts, given = _narrowed(wanted, actor)
    return text + "".join(f" and {part}" for part in parts), [*moments, *given]


def _narrowed(wanted: Filter, actor: Actor) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    given: list[Any] = []
    if wanted.area:
        parts.append("a.scope_area >= %s and a.scope_area < %s")
        given += [wanted.area, f"{wanted.area}:"]  # ':' follows the digit 9
    if wanted.branch:
        parts.append("a.institution_id = %s")
        given.append(wanted.branch)
    if wanted.since:
        parts.append("a.opened_at >= %s::date")
        given.append(wanted.since)
    if wanted.until:
        parts.append("a.opened_at < %s::date + 1")
        given.append(wanted.until)
    if wanted.name:
        parts.append("(position(%s in v.borrower_name) > 0 or a.id = %s)")
        given += [wanted.name, wanted.name.strip().upper()]
    if wanted.late:
        parts.append("s.due_on < %s")
        given.append(actor.on)
    return parts, given


def places_and_branches(*, actor: Actor) -> tuple[dict[str, str], dict[str, str]]:
    """The villages and branches that occur in the actor's applications, for the filter; codes with names."""
    found = rows("select distinct scope_area, institution_id from casework_application", [])
    villages = places_of(sorted({row[0] for row in found}), on=actor.on)
    branches = institution_names((row[1] for row in found), on=actor.on)
    return dict(sorted(villages.items())), dict(sorted(branches.items()))


@dataclass(frozen=True)
class Found:
    """A household that may apply."""

    household_id: str
    head_name: str
    place: str


def households_found(*, actor: Actor, text: str, at_most: int = 20) -> list[Found]:
    """Households in scope by registration number, a member's ID number, or part of the head's name.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "household.read")
    wanted = text.strip()
    if not wanted:
        return []
    held = [row for table, row in personal_data.look_up("id_number", wanted) if table == "casework_member"]
    homes = rows(
        "select household_id, head_name, scope_area from casework_household where upper_inf(recorded)"
        " and valid @> %s::date and (household_id = %s or position(%s in head_name) > 0 or household_id in"
        " (select household_id from casework_member where upper_inf(recorded) and member_id = any(%s)))"
        " order by pinyin, household_id limit %s",
        [actor.on, wanted, wanted, held, at_most],
    )
    places = places_of([row[2] for row in homes], on=actor.on)
    return [Found(home, head, places.get(area, area)) for home, head, area in homes]
