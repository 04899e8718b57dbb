"""Where a line stands now: computed anew in its list, or taken over by a later one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from bangfu.casework.database.models import standing
from bangfu.casework.subsidies.lists import lines_by_id
from bangfu.casework.subsidies.models import SubsidyLine
from bangfu.casework.subsidies.views import LineView

__all__ = ["current_of"]

_MOST_STEPS = 40  # ten years of quarters


def current_of(line_ids: Iterable[UUID], *, on: date) -> dict[UUID, LineView]:
    """Of each line the one that speaks for its money today; a line that has none, and one out of scope, is left out.

    A line that a later computation of its list closed is followed to the new line of the same loan, kind and first
    day; one that was carried over, to the line that took it over.
    """
    now = {one: one for one in line_ids}
    for _ in range(_MOST_STEPS):
        rows = {one.pk: one for one in SubsidyLine.objects.filter(pk__in=set(now.values()))}
        after = {one.corrects: one.pk for one in _takers(rows)}
        anew = {_identity(one): one.pk for one in _standing_like(rows)}
        moved = {}
        for first, at in now.items():
            row = rows.get(at)
            to = after.get(at)
            if to is None and row is not None and row.recorded.upper is not None:
                to = anew.get(_identity(row))
            if to is not None and to != at:
                moved[first] = to
        if not moved:
            break
        now |= moved
    stand = set(SubsidyLine.objects.filter(standing(), pk__in=set(now.values())).values_list("pk", flat=True))
    views = lines_by_id(stand, on=on)
    return {first: views[at] for first, at in now.items() if at in views}


def _takers(rows: dict[UUID, SubsidyLine]) -> Iterable[SubsidyLine]:
    return SubsidyLine.objects.filter(standing(), kind="carried", corrects__in=list(rows))


def _standing_like(rows: dict[UUID, SubsidyLine]) -> Iterable[SubsidyLine]:
    closed = [one for one in rows.values() if one.recorded.upper is not None]
    if not closed:
        return ()
    lists, loans = {one.subsidy_list_id for one in closed}, {one.loan_id for one in closed}
    return SubsidyLine.objects.filter(standing(), Q(subsidy_list_id__in=lists), loan_id__in=loans)


def _identity(row: SubsidyLine) -> tuple[object, ...]:
    return (
        row.subsidy_list_id,
        row.loan_id,
        row.kind,
        row.corrects if row.kind == "carried" else row.period.lower,
    )
