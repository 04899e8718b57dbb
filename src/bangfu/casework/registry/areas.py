"""Places with their dated codes: county, township, village; old codes are still found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows

COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12


@dataclass(frozen=True)
class AreaView:
    """A place on a day."""

    code: str
    name: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class AreaNode:
    """A place with those below it, in the order of their codes."""

    code: str
    name: str
    below: tuple[AreaNode, ...] = field(default=())


@dataclass(frozen=True)
class Succession:
    """A village that was renamed or went over into another, from a day."""

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    on: date
    kind: str


def names_of(codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Names of places, in one query; of a code that has ended, the last it had.

    Args:
        codes: Any codes; townships of villages are not added.
        on: The day.
    """
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    found = rows(
        "select distinct on (code) code, name from casework_area where upper_inf(recorded) and code = any(%s)"
        " order by code, (valid @> %s::date) desc, lower(valid) desc nulls last",
        [wanted, on],
    )
    return dict(found)


def places_of(codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Villages with their township before them (``沫阳镇 沫阳村``), by code, in one query."""
    wanted = {code for code in codes if code}
    names = names_of(wanted | {code[:TOWNSHIP] for code in wanted if len(code) == VILLAGE}, on=on)
    return {code: _full(code, names) for code in wanted}


def _full(code: str, names: Mapping[str, str]) -> str:
    own = names.get(code, code)
    township = names.get(code[:TOWNSHIP], "") if len(code) == VILLAGE else ""
    return f"{township} {own}".strip()


def tree(*, actor: Actor, on: date | None = None) -> tuple[AreaNode, ...]:
    """The places of the actor's scope on a day (a bank: where it leads or deals) and those above, in code order."""
    day = on or actor.on
    found = rows(
        "select code, name from casework_area where upper_inf(recorded) and valid @> %s::date order by code",
        [day],
    )
    kept = _in_scope(actor, [code for code, _ in found])
    return _nested([(code, name) for code, name in found if code in kept])


def townships(*, actor: Actor, on: date | None = None) -> tuple[AreaView, ...]:
    """The townships of the actor's scope on a day, in code order."""
    return _of_length(actor, TOWNSHIP, on or actor.on)


def villages(*, actor: Actor, on: date | None = None) -> tuple[AreaView, ...]:
    """The villages of the actor's scope on a day, in code order."""
    return _of_length(actor, VILLAGE, on or actor.on)


def successions(*, on: date) -> tuple[Succession, ...]:
    """Villages renamed or merged up to a day, the latest first."""
    found = rows(
        'select old_code, new_code, "on", kind from casework_area_succession where upper_inf(recorded) and "on" <= %s'
        ' order by "on" desc, old_code',
        [on],
    )
    names = names_of([code for row in found for code in row[:2]], on=on)
    return tuple(
        Succession(old, names.get(old, old), new, names.get(new, new), day, kind)
        for old, new, day, kind in found
    )


def successor_of(code: str, *, on: date) -> str:
    """The code that a village has on a day: an old code leads to the one that took it over."""
    seen = {code}
    while True:
        found = rows(
            "select new_code from casework_area_succession where upper_inf(recorded) and old_code = %s and"
            ' "on" <= %s and new_code <> old_code order by "on" desc limit 1',
            [code, on],
        )
        if not found or found[0][0] in seen:
            return code
        code = found[0][0]
        seen.add(code)


def _of_length(actor: Actor, length: int, on: date) -> tuple[AreaView, ...]:
    found = rows(
        "select code, name, lower(valid), upper(valid) from casework_area where upper_inf(recorded)"
        " and valid @> %s::date and length(code) = %s order by code",
        [on, length],
    )
    kept = _in_scope(actor, [row[0] for row in found])
    return tuple(AreaView(*row) for row in found if row[0] in kept)


def _in_scope(actor: Actor, codes: list[str]) -> set[str]:
    scope = actor.scope
    if scope.everything or scope.accounts:
        return set(codes)
    mine = [*scope.areas, *scope.areas_before, *scope.served, *scope.served_before]
    if scope.institutions:
        dealt = rows(
            "select distinct scope_area from casework_dealings where institution_id = any(%s)",
            [list(scope.institutions)],
        )
        mine += [code for (code,) in dealt]
    below = {code for code in codes if code.startswith(tuple(mine))}
    return below | {
        code[:length] for code in below for length in (2, 4, COUNTY, TOWNSHIP)
    }  # with those above them


def _nested(found: list[tuple[str, str]]) -> tuple[AreaNode, ...]:
    children: dict[str, list[tuple[str, str]]] = {}
    codes = {code for code, _ in found}
    for code, name in found:
        above = next((code[:n] for n in (TOWNSHIP, COUNTY, 4, 2) if n < len(code) and code[:n] in codes), "")
        children.setdefault(above, []).append((code, name))

    def nodes(above: str) -> tuple[AreaNode, ...]:
        return tuple(AreaNode(code, name, nodes(code)) for code, name in children.get(above, ()))

    return nodes("")
