"""The bank's rating of a household, before a loan is decided (CN2021-2.1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import registry_reading
from bangfu.casework.origination.models import CreditRating
from bangfu.casework.origination.own import not_own
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.facts.schema import FEN_100_MILLION_YUAN

GRADES: Mapping[str, Words] = {
    "AAA": Words("AAA（优秀）", "AAA (excellent)"),
    "AA": Words("AA（较好）", "AA (good)"),
    "A": Words("A（一般）", "A (fair)"),
    "B": Words("B（较差，不授信）", "B (poor, no credit)"),
}
_NO_CREDIT = "B"


@dataclass(frozen=True)
class Rating:
    """A rating as it is shown."""

    grade: str
    limit_fen: int
    reasons: str
    rated_on: date
    by: str


@transaction.atomic
def rate(*, actor: Actor, household_id: str, grade: str, limit_fen: int, reasons: str) -> Rating:
    """Record a rating of a household at the officer's branch; the latest one counts.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``, ``reason_missing``, ``own_step``.
    """
    people.require(actor, "credit_rating.write")
    home = registry_reading.household(household_id, on=actor.on)
    if home is None or actor.place not in actor.scope.institutions:
        raise Refused("not_in_scope")
    not_own(actor, household_id)
    if grade not in GRADES:
        raise Refused("bad_field", field="grade", why=Words("没有这个等级", "no such grade"))
    if not 0 <= limit_fen <= FEN_100_MILLION_YUAN or (grade == _NO_CREDIT and limit_fen):
        why = Words("授信额度与等级不符", "the limit does not fit the grade")
        raise Refused("bad_field", field="limit_fen", why=why)
    if len(reasons.strip()) < 2:  # noqa: PLR2004 - a word at least
        raise Refused("reason_missing", field="reasons")
    row = CreditRating.objects.create(
        id=uuid.uuid4(),
        grade=grade,
        limit_fen=limit_fen,
        reasons=reasons.strip()[:500],
        rated_on=actor.on,
        recorded_by=actor.account_id,
        recorded_name=actor.name,
        at=actor.now,
        scope_area=home.village,
        institution_id=actor.place,
        household_id=household_id,
    )
    trail.record(
        actor=actor, act="household.rated", subject=("household", household_id), after={"grade": grade},
        basis=("CN2021-2.1", "CN2026-2.2"), scope_area=home.village, institution_id=actor.place,
    )  # fmt: skip
    return _view(row)


def latest(*, household_id: str, institution_id: str) -> Rating | None:
    """The latest rating of a household at a branch."""
    rows = CreditRating.objects.filter(household_id=household_id, institution_id=institution_id)
    row = rows.order_by("-at", "-id").first()
    return None if row is None else _view(row)


def _view(row: CreditRating) -> Rating:
    return Rating(row.grade, row.limit_fen, row.reasons, row.rated_on, row.recorded_name)
