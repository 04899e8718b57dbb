"""An application with all that belongs to it, read and locked together; the hashes approvals bind to; moving it on."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.locks import APPLICATIONS, held
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.origination.decision import Asked, Judged, judge
from bangfu.casework.origination.models import (
    Application,
    ApplicationVersion,
    CoreDecision,
    ExceptionApproval,
    ExceptionRequest,
    Review,
    Stage,
)
from bangfu.casework.origination.workflow import STATES
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import Branch, branch_of

CONCEPT = "application"
_KEPT_APART = frozenset({"id", "number", "content_hash", "recorded_by", "at"})
# What an approved exception binds to, besides its code and clauses; the amount and the rate may still come down.
_EXCEPTED = ("borrower_member_id", "kind", "parent_loan_id", "term_months", "purpose")


@dataclass(frozen=True)
class Case:
    """An application as it stands."""

    application: Application
    version: ApplicationVersion
    stage: Stage
    stages: tuple[Stage, ...]
    reviews: tuple[Review, ...]
    papers: tuple[documents.FileView, ...]
    exceptions: tuple[ExceptionApproval, ...]
    requested: tuple[ExceptionRequest, ...]
    writers: frozenset[int]
    branch: Branch

    @property
    def id(self) -> str:
        """The application's number."""
        return str(self.application.pk)

    @property
    def scoped(self) -> dict[str, Any]:
        """The scope every row of the application carries."""
        one = self.application
        return {
            "scope_area": one.scope_area,
            "institution_id": one.institution_id,
            "household_id": one.household_id,
        }

    @property
    def paper_kinds(self) -> frozenset[str]:
        """Kinds of the papers that were uploaded."""
        return frozenset(one.kind for one in self.papers if not one.made_by_us)


def load(application_id: object, *, on: date, lock: bool = False) -> Case:
    """An application in scope; with ``lock`` nobody else moves or changes it until the transaction ends.

    Raises:
        Refused: ``not_in_scope``.
    """
    key = str(application_id)
    if lock:
        locked(key)
    application = Application.objects.filter(pk=key).first()
    if application is None:
        raise Refused("not_in_scope")
    versions = list(ApplicationVersion.objects.filter(application_id=key).order_by("number"))
    stages = tuple(Stage.objects.filter(application_id=key).order_by("number"))
    reviews = tuple(Review.objects.filter(application_id=key).order_by("at", "stage_number"))
    proposals = {one.reviewed_by for one in reviews}
    return Case(
        application=application,
        version=versions[-1],
        stage=stages[-1],
        stages=stages,
        reviews=reviews,
        papers=tuple(documents.files_of(subject=(CONCEPT, key))),
        exceptions=tuple(ExceptionApproval.objects.filter(application_id=key).order_by("at", "id")),
        requested=tuple(ExceptionRequest.objects.filter(application_id=key).order_by("at", "id")),
        writers=frozenset({application.opened_by, *(one.recorded_by for one in versions)} - proposals)
        | {application.opened_by},
        branch=branch_of(str(application.institution_id), on=on)
        or Branch(str(application.institution_id), "", "", ""),
    )


def locked(application_id: str) -> None:
    """Wait until nobody else holds the application, and hold it to the end of the transaction."""
    held(APPLICATIONS, application_id)


def content_hash(values: Mapping[str, Any]) -> bytes:
    """Over all fields of a version; what lies in the vault by its id, which changes with the value."""
    told = {name: value for name, value in sorted(values.items()) if name not in _KEPT_APART}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()


def values_of(version: ApplicationVersion) -> dict[str, Any]:
    """The fields of a version by name."""
    return {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}


def asked_of(case: Case, **changed: Any) -> Asked:
    """The application as the core reads it, with some values as they are proposed."""
    version = case.version
    number = version.borrower_id_number_id
    told = values_of(version) | changed
    return Asked(
        application_id=case.id,
        household_id=str(case.application.household_id),
        village=case.application.scope_area,
        lender=case.branch.bank,
        branch=case.branch.name if case.branch.bank_id != case.branch.institution_id else "",
        borrower_id_number=personal_data.opened_of([number]).get(number, "") if number else "",
        **{
            name: told[name]
            for name in (
                "product", "kind", "parent_loan_id", "applied_on", "amount_fen", "term_months", "purpose", "rate_e8",
                "interest_method", "guarantee", "funding",
            )
        },
    )  # fmt: skip


def judged(case: Case, *, on: date, **changed: Any) -> Judged:
    """The core's decision on a case today."""
    return judge(asked_of(case, **changed), on=on)


def seen_hash(case: Case, decision: Judged) -> str:
    """What a reviewer saw: step, fields, papers, exceptions and the core's decision. Any change makes it another."""
    told = [
        case.stage.number,
        bytes(case.version.content_hash).hex(),
        sorted([one.kind, one.sha256] for one in case.papers),
        sorted(str(one.pk) for one in (*case.exceptions, *case.requested)),
        decision.digest,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def exception_hash(case: Case, rule: Mapping[str, Any]) -> bytes:
    """What an exception is about: the rule, its clauses, and whom and what it concerns."""
    told = [rule["code"], sorted(rule["clauses"]), [str(getattr(case.version, name)) for name in _EXCEPTED]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()


def kept_decision(case: Case, decision: Judged, *, version: int, now: datetime) -> CoreDecision:
    """Keep what the core decided."""
    return CoreDecision.objects.create(
        id=uuid.uuid4(),
        application_id=case.id,
        version=version,
        on=decision.on,
        outcome=decision.outcome,
        told=decision.kept(),
        policy=decision.policy,
        policy_hash=decision.policy_hash,
        facts_hash=decision.facts_hash,
        at=now,
        **case.scoped,
    )


def begin_stage(application: Application, *, number: int, state: str, at: datetime) -> Stage:
    """A new stage, with the day it should be done by."""
    return Stage.objects.create(
        application=application,
        number=number,
        state=state,
        recorded=from_now(at),
        due_on=STATES[state].due(at.astimezone(SHANGHAI).date()),
        scope_area=application.scope_area,
        institution_id=application.institution_id,
        household_id=application.household_id,
    )


def move(case: Case, to: str, *, actor: Actor) -> Stage:
    """End the stage and begin the next one; a clock that stands still or goes back makes no empty stage."""
    began = case.stage.recorded.lower
    at = max(actor.now, began + timedelta(microseconds=1))
    closed = Stage.objects.filter(standing(), pk=case.stage.pk).update(
        recorded=DateTimeTZRange(began, at, "[)")
    )
    if closed != 1:
        raise Refused("already_decided")
    return begin_stage(case.application, number=case.stage.number + 1, state=to, at=at)


def at_step(case: Case, step: str) -> None:
    """Refuse where the application stands elsewhere: somebody has done the step already, or it has not come to it."""
    if case.stage.state == step:
        return
    done = any(review.step == step for review in case.reviews)
    raise Refused("already_decided" if done else "wrong_stage", stands_at=STATES[case.stage.state].words)
