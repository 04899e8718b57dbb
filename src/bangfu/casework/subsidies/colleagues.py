"""A reviewer's own household on the list under review: a colleague checks those lines first (LD2021-6).

Who may do the township's review and has declared a household on the list is told so, and so are their colleagues: they
alone, and only while the list is under review, for else whose household it is concerns nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import widened
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.lists import lines_of, list_of
from bangfu.casework.subsidies.models import LineCheck
from bangfu.casework.subsidies.moving import desks
from bangfu.casework.subsidies.views import LineView, ListView
from bangfu.casework.subsidies.workflow import CHECKS, REVIEW, STATES
from bangfu.casework.words import Words

__all__ = ["Found", "OwnLine", "OwnLines", "found_by_others", "own_at_review"]

_DECLARED = (
    "select o.household_id, a.id, a.name from casework_own_household o join casework_account a on a.id = o.account_id"
    " where upper_inf(o.recorded) and a.closed_at is null and o.household_id = any(%(households)s)"
    " and (a.id = %(me)s or exists (select from casework_grant g where g.account_id = a.id and upper_inf(g.recorded)"
    "  and g.valid @> %(on)s::date and g.role = any(%(roles)s) and g.place = any(%(places)s)))"
    " order by a.name, a.id"
)


@dataclass(frozen=True)
class Found:
    """What somebody found of a line.

    Attributes:
        failed: What does not hold, of ``CHECKS``; empty where all does.
        by: The account that checked it.
        at: When.
    """

    failed: frozenset[str]
    by: int
    at: datetime


@dataclass(frozen=True)
class OwnLine:
    """A line of a household that somebody who may review the list has declared as their own.

    Attributes:
        line: The line.
        whose: The names of those whose household it is.
        mine: Whether it is the reader's.
        found: What somebody else found of it in this round of the review; None where nobody has checked it.
        checked_by: The name of who did.
    """

    line: LineView
    whose: tuple[str, ...]
    mine: bool
    found: Found | None
    checked_by: str


@dataclass(frozen=True)
class OwnLines:
    """The lines of reviewers' own households on a list under review.

    Attributes:
        lines: In their order.
        others: Who may check the reader's own, by name and role; empty where none is the reader's, or nobody may.
    """

    lines: tuple[OwnLine, ...]
    others: tuple[Words, ...]

    @property
    def mine(self) -> tuple[OwnLine, ...]:
        """The reader's own."""
        return tuple(one for one in self.lines if one.mine)

    @property
    def waiting(self) -> tuple[OwnLine, ...]:
        """The reader's own that no colleague has checked: the reader cannot send the review before."""
        return tuple(one for one in self.mine if one.found is None)

    @property
    def of_others(self) -> tuple[OwnLine, ...]:
        """Colleagues' own, which the reader may check for them."""
        return tuple(one for one in self.lines if not one.mine)


def own_at_review(*, actor: Actor, list_id: object) -> OwnLines:
    """Which lines of a list under review are of reviewers' own households; none for those who do not review.

    Raises:
        Refused: ``not_in_scope``.
    """
    view = list_of(list_id, on=actor.on)
    if view.state != REVIEW or not people.may(actor.role, STATES[REVIEW].act):
        return OwnLines((), ())
    lines = {one.id: one for one in lines_of([view.id], on=actor.on) if one.status in ("open", "held")}
    declared = _declared(actor, view, lines.values())
    own = [one for one in lines.values() if one.household_id in declared]
    if not own:
        return OwnLines((), ())
    out, found = [], _found(view, own)
    for line in own:
        whose = declared[line.household_id]
        told = [one for one in found.get(line.id, ()) if one.by not in whose]
        out.append((line, whose, told[-1] if told else None))
    names = people.names_of(told.by for _, _, told in out if told)
    made = tuple(
        OwnLine(line, tuple(whose.values()), actor.account_id in whose, told, names.get(told.by, "") if told else "")
        for line, whose, told in out
    )  # fmt: skip
    owners = {account for line in made if line.mine for account in declared[line.line.household_id]}
    others = (
        people.who_else(actor=actor, act=STATES[REVIEW].act, places=desks(view), without=tuple(owners))
        if owners else ()
    )  # fmt: skip
    return OwnLines(made, others)


def found_by_others(view: ListView, lines: Sequence[LineView], *, without: int) -> dict[UUID, Found]:
    """Of some lines, what others than an account found of them last in this round of the review."""
    return {
        line_id: mine[-1]
        for line_id, told in _found(view, lines).items()
        if (mine := [one for one in told if one.by != without])
    }


def _found(view: ListView, lines: Sequence[LineView]) -> dict[UUID, list[Found]]:
    """What was found of lines since the list came to the review, in order."""
    rows = LineCheck.objects.filter(
        line_id__in=[one.id for one in lines], subsidy_list_id=view.id, at__gte=view.since
    )
    out: dict[UUID, list[Found]] = {}
    for row in rows.order_by("id"):
        failed = frozenset(part for part in CHECKS if not getattr(row, part))
        out.setdefault(row.line_id, []).append(Found(failed, row.checked_by, row.at))
    return out


def _declared(actor: Actor, view: ListView, lines: Collection[LineView]) -> dict[str, dict[int, str]]:
    """Household → account → name of those who may do this review and declared it as their own."""
    given: dict[str, Any] = {
        "households": sorted({one.household_id for one in lines if one.household_id}), "me": actor.account_id,
        "on": actor.on, "places": list(desks(view)),
        "roles": [code for code in people.ROLES if people.may(code, STATES[REVIEW].act)],
    }  # fmt: skip
    with widened(), connection.cursor() as cursor:
        cursor.execute(_DECLARED, given)
        rows = cursor.fetchall()
    out: dict[str, dict[int, str]] = {}
    for household_id, account_id, name in rows:
        out.setdefault(household_id, {})[account_id] = name
    return out
