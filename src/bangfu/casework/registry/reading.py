"""Reading as of any day, as known at any moment: the conditions every question of this folder shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Given = list[Any]
# Of the events ``e`` of a loan: those that change its balance, what they come to in fen (null where there are none),
# and whether all that was left was converted, so that nothing is owed.
MONEY = "e.kind in ('disbursed', 'repaid', 'written_off', 'compensated', 'converted')"
BALANCE = "sum(case when e.kind = 'disbursed' then e.amount_fen else -coalesce(e.amount_fen, 0) end)::bigint"
CONVERTED = "bool_or(e.kind = 'converted' and e.amount_fen is null)"


def stands(known_at: datetime | None, *, of: str = "") -> tuple[str, Given]:
    """Rows that stand, or stood at a moment. ``of`` is the table's short name with its dot."""
    if known_at is None:
        return f"upper_inf({of}recorded)", []
    return f"{of}recorded @> %s::timestamptz", [known_at]


def booked(known_at: datetime | None, *, of: str = "") -> tuple[str, Given]:
    """Events of the ledger: known from the day the bank booked them, until they were corrected here."""
    if known_at is None:
        return f"upper_inf({of}recorded)", []
    told = (
        f"{of}booked_on <= (%s::timestamptz at time zone 'Asia/Shanghai')::date"
        f" and coalesce(upper({of}recorded), 'infinity') > %s"
    )
    return told, [known_at, known_at]


def below(area: str, *, column: str) -> tuple[str, Given]:
    """A place and all below it; everything where no place is named. Compared byte by byte, ``:`` follows 9."""
    if not area:
        return "true", []
    return f"{column} >= %s and {column} < %s", [area, f"{area}:"]
