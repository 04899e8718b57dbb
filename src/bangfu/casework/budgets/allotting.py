"""Allotments: money a higher level (or the county itself) puts at the county's disposal, by document and level."""

from __future__ import annotations

import hashlib

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets.models import BudgetEntry
from bangfu.casework.budgets.posting import SOURCES, Entry, post
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people

__all__ = ["allot"]

_FIRST_YEAR, _YEARS_AHEAD = 2015, 1  # the programme began in 2014-12; next year's money is allotted ahead
_LONGEST = 200


def allot(
    *, actor: Actor, county: str, year: int, source: str, amount_fen: int, document: str, why: str = ""
) -> bool:
    """Enter an allotment, or take one back (a negative amount), by the number of the document that gives it.

    Args:
        actor: Who enters it, in whose place the county lies.
        county: 6-digit code.
        year: The budget year.
        source: Who gives: one of ``SOURCES``.
        amount_fen: In fen; below nothing takes back.
        document: Its number (黔财农〔2026〕12号). The same document, level, year and amount is entered once.
        why: A word on it; needed for taking back.

    Returns:
        Whether it is new.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``, ``missing_field``, ``reason_missing``.
    """
    people.require(actor, "budget.write")
    people.require_county(actor, county)
    if source not in SOURCES:
        raise Refused("bad_field", field="source")
    if not _FIRST_YEAR <= year <= actor.on.year + _YEARS_AHEAD:
        raise Refused("bad_field", field="year")
    if amount_fen == 0:
        raise Refused("bad_field", field="amount")
    told, reason = " ".join(document.split()), " ".join(why.split())
    if not told:
        raise Refused("missing_field", field="document")
    if len(told) > _LONGEST:
        raise Refused("bad_field", field="document", most=_LONGEST)
    if amount_fen < 0 and not reason:
        raise Refused("reason_missing", field="why")
    kind = "allotted" if amount_fen > 0 else "withdrawn"
    digest = hashlib.sha256(told.encode()).hexdigest()[:32]
    entry = Entry(
        key=f"{kind}:{county}:{year}:{source}:{digest}:{abs(amount_fen)}", county=county, year=year, source=source,
        on=actor.on, kind=kind, amount_fen=abs(amount_fen), subject=f"budget:{county}:{year}:{source}",
        document=told, why=reason,
    )  # fmt: skip
    if BudgetEntry.objects.filter(key=entry.key).exists():
        return False
    post(actor=actor, entries=[entry])
    trail.record(
        actor=actor, act="budget.entered", subject=("budget", f"{county}:{year}:{source}"), scope_area=county,
        after={"kind": kind, "amount_fen": abs(amount_fen), "document": told, "year": year}, why=reason,
    )  # fmt: skip
    return True
