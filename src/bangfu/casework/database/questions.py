"""Questions in SQL: their rows, their one value, JSON as it comes back; ids as addresses name them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.refusals import Refused

__all__ = ["as_uuid", "from_json", "rows", "value_of"]


def rows(text: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a question."""
    with connection.cursor() as cursor:
        cursor.execute(text, list(given))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def value_of(text: str, given: Sequence[Any] = ()) -> Any:
    """The one value of a question; None where there is no row."""
    found = rows(text, given)
    return found[0][0] if found else None


def from_json(value: Any) -> Any:
    """A jsonb column of a question: the driver gives its text, a model its value."""
    return json.loads(value) if isinstance(value, str) else value


def as_uuid(value: object, *, field: str = "") -> UUID:
    """An id of ours as an address, a form or a row names it.

    Raises:
        Refused: ``not_in_scope`` where it is none: what is no id is nowhere.
    """
    try:
        return UUID(str(value))
    except ValueError:
        raise (Refused("not_in_scope", field=field) if field else Refused("not_in_scope")) from None
