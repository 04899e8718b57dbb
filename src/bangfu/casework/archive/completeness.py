"""What a cycle's archive should hold, what it holds, and each missing part with who should bring it (LD2021-7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from bangfu.casework.archive.kinds import KINDS, PARTS, Part, kind_of
from bangfu.casework.archive.papers import TOWNSHIP, by_slot, standing_papers
from bangfu.casework.archive.views import Completeness, Item, PaperView
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import places_of
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import ORDER, CycleView, ListView

__all__ = ["completeness", "lacking", "last_of_year", "lists_in", "villages_of"]

_YEAR_MONTHS = 12
_RHYTHM_MONTHS: Mapping[str, int] = {"quarter": 3, "year": 12, "at_repayment": 12}
_VILLAGES = (
    "select distinct l.subsidy_list_id, l.scope_area from casework_subsidy_line l"
    " left join lateral (select a.kind from casework_line_act a where a.line_id = l.id and a.kind <> 'explained'"
    "  order by a.id desc limit 1) act on true"
    " where l.subsidy_list_id = any(%s) and upper_inf(l.recorded) and l.payable_fen > 0"
    " and coalesce(act.kind, 'released') in ('released', 'restored') order by 1, 2"
)


def completeness(*, actor: Actor, cycle_id: object, place: str = "") -> Completeness:
    """What the archive of a cycle holds and lacks, for the county or one township.

    Args:
        actor: Who looks; of papers outside their scope only whether they are there is told.
        cycle_id: The cycle.
        place: A township; the whole county where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.read")
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    views = lists_in(cycle, place, on=actor.on)
    if place and place != cycle.county and not views:
        raise Refused("not_in_scope", field="place")
    return _of(cycle, place or cycle.county, views, on=actor.on)


def lacking(view: ListView, *, on: date) -> tuple[Item, ...]:
    """What is missing before one list can be filed: its own papers, its township's and the county's.

    The year's summary is none of it: it goes with the year's last seal.
    """
    found = _of(view.cycle, view.township, (view,), on=on)
    return tuple(one for one in found.missing if not one.part.yearly)


def lists_in(cycle: CycleView, place: str, *, on: date) -> tuple[ListView, ...]:
    """The lists of a cycle in scope, of a township or of all."""
    township = place if len(place) == TOWNSHIP else ""
    return subsidies.lists_of(cycle_id=cycle.id, township=township, on=on)


def villages_of(list_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The villages with lines to be paid, of each list."""
    with connection.cursor() as cursor:
        cursor.execute(_VILLAGES, [list(list_ids)])
        rows = cursor.fetchall()
    out: dict[UUID, list[str]] = {}
    for list_id, village in rows:
        out.setdefault(list_id, []).append(village)
    return out


def _of(cycle: CycleView, place: str, views: Sequence[ListView], *, on: date) -> Completeness:
    villages = villages_of([one.id for one in views])
    known = standing_papers(cycle.id)
    seen = {one.id for one in known}
    with widened():  # the county's own papers, for a township: that they are there
        known += [
            one for one in standing_papers(cycle.id) if one.place == cycle.county and one.id not in seen
        ]
    slots = by_slot(known)
    codes = {
        cycle.county,
        place,
        *(one.township for one in views),
        *(v for some in villages.values() for v in some),
    }
    names = places_of(codes, on=on)
    items = list(_wanted(cycle, views, villages, names, slots))
    order = {code: number for number, code in enumerate(PARTS)}
    items.sort(key=lambda one: (one.kind.number, order[one.part.code], one.place, one.place_name))
    return Completeness(cycle.id, place, names.get(place, place), tuple(items))


def _wanted(
    cycle: CycleView,
    views: Sequence[ListView],
    villages: Mapping[UUID, Sequence[str]],
    names: Mapping[str, str],
    slots: Mapping[tuple[str, str, UUID | None], Sequence[PaperView]],
) -> Iterator[Item]:
    paying = [one for one in views if one.open.lines or one.state == ORDER[0]]
    furthest = max((ORDER.index(one.state) for one in views), default=0)
    for part in _parts():
        if part.at == "county":
            if part.yearly and not last_of_year(cycle):
                continue
            yield _item(part, cycle.county, names[cycle.county], None, slots, due=_due(part, furthest))
        elif part.at == "township":
            for township in sorted({one.township for one in views}):
                mine = max(ORDER.index(one.state) for one in views if one.township == township)
                yield _item(part, township, names[township], None, slots, due=_due(part, mine))
        else:
            for one in paying:
                due = _due(part, ORDER.index(one.state))
                bank = f"（{one.bank_name}）"
                areas = [one.township] if part.at == "list" else villages.get(one.id, ())
                for area in areas:
                    yield _item(part, area, f"{names[area]}{bank}", one.id, slots, due=due)


def _parts() -> Iterable[Part]:
    return (part for kind in KINDS for part in kind.parts)


def _due(part: Part, stands_at: int) -> bool:
    """Once the step is behind a list, its paper is due."""
    return stands_at > (ORDER.index(part.since) if part.since else 0)


def last_of_year(cycle: CycleView) -> bool:
    """The yearly summary goes with the last cycle that is paid in a year (LD2021-7)."""
    return cycle.payment_month.month + _RHYTHM_MONTHS.get(cycle.rhythm, _YEAR_MONTHS) > _YEAR_MONTHS


def _item(
    part: Part,
    place: str,
    name: str,
    list_id: UUID | None,
    slots: Mapping[tuple[str, str, UUID | None], Sequence[PaperView]],
    *,
    due: bool,
) -> Item:
    found = tuple(slots.get((part.code, place, list_id), ()))
    return Item(kind_of(part.code), part, place, name, list_id, found, due)
