"""Which objections are open about which lines; what follows for the lines when lists move (the folder's ears)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.notices.models import NoticeLine, Objection, ObjectionAct
from bangfu.casework.notices.reading import standing_of
from bangfu.casework.notices.views import BEFORE
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView, ListView

__all__ = [
    "SOURCE",
    "STANDS_WHILE",
    "hold",
    "hold_again",
    "line_guard",
    "objected",
    "open_about",
    "open_ones",
]

SOURCE = "objection:"
# While its list stands here an objection holds its line; later the money is on its way.
STANDS_WHILE = subsidies.BEFORE_PAYMENT
_SIGNED = "township_submission"


def open_ones() -> QuerySet[Objection]:
    """Objections in scope that nobody decided yet."""
    return Objection.objects.filter(
        ~Exists(ObjectionAct.objects.filter(objection=OuterRef("pk"), kind="decided"))
    )


def open_about(lines: Sequence[LineView], *, on: date) -> dict[UUID, list[Objection]]:
    """Line → the open objections that now speak of it, made to it or to a line it took the place of."""
    found = list(open_ones().filter(loan_id__in={one.loan_id for one in lines}).order_by("at"))
    if not found:
        return {}
    now = subsidies.current_of({one.line_id for one in found}, on=on)
    wanted = {one.id for one in lines}
    out: dict[UUID, list[Objection]] = {}
    for one in found:
        line = now.get(one.line_id)
        if line is not None and line.id in wanted:
            out.setdefault(line.id, []).append(one)
    return out


def objected(lines: Sequence[LineView], *, on: date) -> list[LineView]:
    """Of some lines those to which an objection is open."""
    about = open_about(lines, on=on)
    return [one for one in lines if one.id in about]


def hold(actor: Actor, line: LineView, objection: Objection) -> None:
    """Hold a line that goes on, because of an objection: the site's act, whoever caused it."""
    subsidies.act_on_line(
        actor=Actor.site(now=actor.now, via=actor.via), line_id=line.id, kind="held",
        reason=f"收到异议{objection.number}，调查处理期间暂缓", clause="LD2021-6", source=f"{SOURCE}{objection.pk}",
        on=actor.on,
    )  # fmt: skip


def line_guard(actor: Actor, view: ListView, line: LineView, kind: str, source: str) -> None:
    """Nothing comes back to a list to which an objection is open, or which the public never saw."""
    del source
    if kind not in ("released", "restored"):
        return
    if open_about([line], on=actor.on):
        raise Refused("objection_open", number=line.number)
    if view.state == _SIGNED and line.payable_fen > 0:
        stand = [one.pk for one in standing_of(view.id, BEFORE)]
        if not NoticeLine.objects.filter(notice_id__in=stand, line_id=line.id).exists():
            raise Refused("not_posted", number=line.number)


def hold_again(actor: Actor, view: ListView) -> None:
    """A list was computed anew, or took over lines: those with an open objection are held again.

    The branch that gives the list does not see objections, so they are looked for past its scope; what comes out is
    which lines are held.
    """
    with widened():
        if not open_ones().exists():
            return
        going = subsidies.lines_of([view.id], on=actor.on, status="open")
        about = open_about(going, on=actor.on)
        for line in going:
            if line.id in about:
                hold(actor, line, about[line.id][0])
