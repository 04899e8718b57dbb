"""What was read once need not be read again until somebody writes: answers kept by PostgreSQL's own snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from bangfu.casework.database.session import Scope

__all__ = ["kept_rows", "snapshot"]

Rows = tuple[tuple[Any, ...], ...]


def snapshot() -> str | None:
    """What this transaction sees, by name; none where it wrote itself, since that stands in no snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_database() || ' ' || pg_current_snapshot()::text, pg_current_xact_id_if_assigned() is null"
        )
        name, only_read = cursor.fetchone() or ("", False)
    return name if only_read else None


def kept_rows(scope: Scope, text: str, given: Sequence[Any]) -> Rows:
    """The rows of a question over whole tables; the same data in the same scope are asked for once a process.

    The planner is kept from going row by row: it takes ranges for rare.
    """
    seen = snapshot()
    if seen is None or any(isinstance(one, list) for one in given):
        return _rows(text, tuple(given))
    return _kept(seen, scope, text, tuple(given))


@lru_cache(maxsize=256)
def _kept(_seen: str, _scope: Scope, text: str, given: tuple[Any, ...]) -> Rows:
    return _rows(text, given)


def _rows(text: str, given: tuple[Any, ...]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('enable_nestloop', 'off', true)")
        cursor.execute(text, list(given))
        found = tuple(cursor.fetchall())
        cursor.execute("select set_config('enable_nestloop', 'on', true)")
    return found
