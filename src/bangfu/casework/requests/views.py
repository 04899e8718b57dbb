"""A request as it is shown and decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bangfu.casework.database.refusals import Refused
from bangfu.casework.requests.models import ChangeDecision, ChangeRequest

OPEN = "open"


@dataclass(frozen=True)
class RequestView:
    """A request.

    Attributes:
        id: Its id.
        kind: Code of its kind.
        subject: Concept and id, e.g. ``("household", "H1")``.
        details: What is asked; no personal number in the clear.
        effect: What it would do, as it was shown when it was asked for.
        effect_now: What it would do now (only where one request was read, and is open).
        seen_hash: Hexadecimal; what a decision binds to: the request and ``effect_now``. Empty where it is closed.
        why: The reason given.
        asked_by: Account.
        asked_name: Its person.
        asked_role: In which role.
        asked_at: When.
        state: open, approved, refused or withdrawn.
        decided_name: By whom, once decided.
        decided_role: In which role.
        decided_at: When.
        reason: Why it was refused, or a remark.
        decided_effect: What was done, as the decider saw it.
        scope_area: The place it lies in.
        household_id: The household, where it is about one.
        institution_id: The institution, where it is about one.
        overtaken: Why it can no longer be done, where it cannot.
    """

    id: UUID
    kind: str
    subject: tuple[str, str]
    details: Mapping[str, Any]
    effect: Mapping[str, Any]
    why: str
    asked_by: int
    asked_name: str
    asked_role: str
    asked_at: datetime
    state: str
    scope_area: str
    household_id: str | None
    institution_id: str | None
    decided_name: str = ""
    decided_role: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    decided_effect: Mapping[str, Any] | None = None
    effect_now: Mapping[str, Any] | None = None
    seen_hash: str = ""
    overtaken: Refused | None = None


def hashed(*, row: ChangeRequest, effect: Mapping[str, Any]) -> bytes:
    """What somebody saw: the request as it was asked for, and what it would do."""
    told = [row.kind, row.subject, row.details, row.why, effect]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def view_of(
    row: ChangeRequest,
    *,
    decision: ChangeDecision | None,
    effect_now: Mapping[str, Any] | None = None,
) -> RequestView:
    """The row as a view."""
    concept, _, subject_id = row.subject.partition(":")
    closed: dict[str, Any] = {}
    if decision is not None:
        closed = {
            "decided_name": decision.decided_name,
            "decided_role": decision.decided_role,
            "decided_at": decision.at,
            "reason": decision.reason,
            "decided_effect": decision.effect,
        }
    return RequestView(
        id=row.id,
        kind=row.kind,
        subject=(concept, subject_id),
        details=row.details,
        effect=row.effect,
        why=row.why,
        asked_by=row.asked_by,
        asked_name=row.asked_name,
        asked_role=row.asked_role,
        asked_at=row.asked_at,
        state=decision.outcome if decision else OPEN,
        scope_area=row.scope_area,
        household_id=row.household_id,
        institution_id=row.institution_id,
        effect_now=effect_now,
        seen_hash="" if effect_now is None else hashed(row=row, effect=effect_now).hex(),
        **closed,
    )
