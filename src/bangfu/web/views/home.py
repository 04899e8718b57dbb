"""Home: what waits for the person in the role they act in, how things stand for who watches; else the front page."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from bangfu.casework.people import api as people
from bangfu.casework.people import queue
from bangfu.casework.words import Words
from bangfu.web import sessions
from bangfu.web.marks import for_everybody
from bangfu.web.navigation import WATCHERS
from bangfu.web.parts import Chip, Column, Duty, Figure, Tab, Table
from bangfu.web.views import public
from bangfu.web.views.overview import overview

__all__ = ["duties", "home"]

log = logging.getLogger("bangfu.web.home")
_SOON_DAYS = 3
_DUTIES = 6


@require_safe
@for_everybody
def home(request: HttpRequest) -> HttpResponse:
    """The work queue of a signed-in person; the front page of everybody else."""
    if getattr(request, "account", None) is None:
        return public.front(request)
    first = sessions.first_steps(request)
    return first or render(request, "home/queue.html", _queue(request))


def _queue(request: HttpRequest) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    found = queue.waiting(actor)
    kinds = [kind for kind, _ in found.kinds]
    asked = request.GET.get("kind", "")
    chosen = kinds[int(asked)] if asked.isdecimal() and int(asked) < len(kinds) else None
    rows = [_row(item, actor) for item in found.items if chosen is None or item.title == chosen]
    tabs = [Tab(Words("全部", "All"), reverse("front"), chosen is None, found.total)]
    tabs += [
        Tab(kind, f"{reverse('front')}?kind={number}", kind == chosen, count)
        for number, (kind, count) in enumerate(found.kinds)
    ]
    late = Figure(Words("已超期", "Late"), found.late, tone="bad" if found.late else "ok")
    watches = overview(actor) if actor.role in WATCHERS else None
    return {
        "overview": watches,
        "figures": [Figure(Words("待办", "Waiting"), found.total), late],
        "waits": found.total or watches is None,
        "tabs": tabs if len(kinds) > 1 else (),
        "table": Table(
            Words("待办事项，按期限先后", "What waits, by the day it is due"), COLUMNS, rows, empty=EMPTY
        ),
        "duties": [one for one in _duties(actor.role) if one.must][:_DUTIES],
    }


EMPTY = Words("没有待办事项", "Nothing waits for you")
COLUMNS = (
    Column("title", Words("事项", "Task"), link="address"),
    Column("subject", Words("对象", "Subject")),
    Column("where", Words("地点", "Place")),
    Column("due", Words("期限", "Due"), kind="day", narrow=True),
    Column("state", Words("时限", "Time left"), kind="chip", narrow=True),
    Column("clauses", Words("依据", "Basis"), kind="clauses"),
)


def _row(item: queue.QueueItem, actor: Any) -> dict[str, Any]:
    count = f"（{item.count}）" if item.count > 1 else ""
    return {
        "title": f"{item.title}{count}",
        "address": _address(item),
        "subject": item.subject,
        "where": item.where,
        "due": item.due,
        "state": _left(item.days_left(actor.on)),
        "clauses": (item.clause,) if item.clause else (),
    }


def _address(item: queue.QueueItem) -> str:
    """Where the task is done; a task without its page is listed all the same, and the log says so."""
    try:
        return reverse(item.url, args=item.args)
    except NoReverseMatch:
        log.exception("no such page", extra={"view": item.url})
        return ""


def _left(days: int | None) -> Chip | None:
    if days is None:
        return None
    if days < 0:
        return Chip("bad", Words(f"超期{-days}天", f"{-days} days late"))
    if days == 0:
        return Chip("warn", Words("今天到期", "due today"))
    return Chip("warn" if days <= _SOON_DAYS else "info", Words(f"还有{days}天", f"{days} days left"))


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """What a role may do, must do, by when, by which clause: one's own first, all to be chosen."""
    own = request.account.role  # type: ignore[attr-defined]
    asked = request.GET.get("role", own)
    role = asked if asked in people.ROLES else next(iter(people.ROLES))
    tabs = [
        Tab(one.words, f"{reverse('duties')}?role={code}", code == role) for code, one in people.ROLES.items()
    ]
    context = {"tabs": tabs, "role": people.ROLES[role].words, "duties": _duties(role), "own": role == own}
    return render(request, "home/duties.html", context)


def _duties(role: str) -> list[Duty]:
    return [Duty(one.must, one.what, one.by, one.clauses) for one in people.duties_of(role)]
