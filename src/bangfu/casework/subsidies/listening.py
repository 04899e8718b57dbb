"""What the folders above have to say about a list: asked before a line is acted on, told after a list moved.

They register once, at the bottom of their ``api.py``, as they do with the work queue; ``Casework.ready`` imports those.
"""

from __future__ import annotations

from collections.abc import Callable

from bangfu.casework.database.actor import Actor
from bangfu.casework.subsidies.views import LineView, ListView

__all__ = ["after_moves", "guard_line", "guards_lines", "told_of_move"]

# Actor, list and line as they are read under the list's lock, what is to be done (``LINE_ACTS``), its source.
LineGuard = Callable[[Actor, ListView, LineView, str, str], None]
# Actor, the list before and after, the outcome; runs in the transaction of the move.
Listener = Callable[[Actor, ListView, ListView, str], None]
_GUARDS: list[LineGuard] = []
_LISTENERS: list[Listener] = []


def guards_lines(guard: LineGuard) -> None:
    """Register what may refuse an act on a line, by raising ``Refused``."""
    if guard not in _GUARDS:
        _GUARDS.append(guard)


def after_moves(listener: Listener) -> None:
    """Register what follows when a list has moved."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def guard_line(actor: Actor, view: ListView, line: LineView, *, kind: str, source: str) -> None:
    """Ask all guards."""
    for guard in _GUARDS:
        guard(actor, view, line, kind, source)


def told_of_move(actor: Actor, before: ListView, after: ListView, outcome: str) -> None:
    """Tell all listeners."""
    for listener in _LISTENERS:
        listener(actor, before, after, outcome)
