"""How a view stands to sessions, and the one message a redirect carries to the next page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest

from bangfu.casework.words import Words

__all__ = ["TOLD", "Shown", "first_step", "for_everybody", "on_its_own", "own_transactions", "tell", "told"]

View = TypeVar("View", bound=Callable[..., Any])
TOLD = "told"


def for_everybody(view: View) -> View:
    """A page that signed-out people see too; it gets a transaction and an actor only where somebody is signed in."""
    view.for_everybody = True  # type: ignore[attr-defined]
    return view


def on_its_own(view: View) -> View:
    """Neither session nor transaction: the process' health, measures, doors with their own keys."""
    view.on_its_own = True  # type: ignore[attr-defined]
    return view


def own_transactions(view: View) -> View:
    """The account is known, but the view opens its transactions itself: a long import, a sign-in."""
    view.own_transactions = True  # type: ignore[attr-defined]
    return view


def first_step(view: View) -> View:
    """May be reached before a new password and a second factor are set, or before a role is chosen."""
    view.first_step = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class Shown:
    """A message as the page shows it."""

    tone: str
    text: Words


def tell(request: HttpRequest, tone: str, words: Words) -> None:
    """Show a message on the next page, once. No personal values: it lies in the session."""
    request.session[TOLD] = [*request.session.get(TOLD, ()), [tone, words.zh, words.en]]


def told(request: HttpRequest) -> tuple[Shown, ...]:
    """The messages of the last page, taken out."""
    kept = request.session.pop(TOLD, ()) if TOLD in request.session else ()
    return tuple(Shown(tone, Words(zh, en)) for tone, zh, en in kept)
