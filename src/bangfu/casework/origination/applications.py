"""The branch's part: open, write, add papers, submit, withdraw."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.documents import api as documents
from bangfu.casework.origination import application_fields as fields
from bangfu.casework.origination import papers, registry_reading
from bangfu.casework.origination.cases import (
    CONCEPT,
    Case,
    begin_stage,
    content_hash,
    judged,
    kept_decision,
    load,
    locked,
    move,
    values_of,
)
from bangfu.casework.origination.models import Application, ApplicationVersion, Stage
from bangfu.casework.origination.own import not_own
from bangfu.casework.origination.policy_day import stack_on
from bangfu.casework.origination.workflow import LIVE, STATES, SUBMIT, WITHDRAW, WRITE, next_state
from bangfu.casework.people import api as people
from bangfu.casework.words import Words

# Without signs that are taken for one another when read out over the telephone.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Saved:
    """What saving made: the number of the version that stands, and whether it is a new one."""

    number: int
    changed: bool


@transaction.atomic
def open_application(
    *, actor: Actor, household_id: str, member_id: str = "", shown_id_number: str = ""
) -> str:
    """Open an application of a household at the officer's branch; its number (LD2021-2.2a).

    The branch sees the households of the townships it leads; of another township the applicant shows an ID card, and
    its number opens their household.

    Args:
        actor: A branch credit officer.
        household_id: The household's registration number.
        member_id: Who applies; the head where it is left out.
        shown_id_number: The number on the ID card shown, where the branch does not see the household.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``duplicate`` (another application is under way, at whatever
            bank), ``outside_contract_window``, ``own_step``.
    """
    people.require(actor, WRITE)
    if actor.place not in actor.scope.institutions:
        raise Refused("not_in_scope", field="household_id")
    home = registry_reading.household(household_id, on=actor.on)
    if home is None:
        home = _by_card(actor, household_id, shown_id_number)
    not_own(actor, household_id)
    locked(f"household {household_id}")
    _no_other(household_id)
    stack = stack_on(home.village, on=actor.on)
    member = home.member(member_id) if member_id else next(iter(home.members), None)
    if member is None:
        why = Words("该户没有这位在册成员", "no such living member in the household")
        raise Refused("bad_field", field="member_id", why=why)
    registry_reading.deal_with(household_id, institution_id=actor.place, village=home.village)
    number = f"SQ{actor.on:%Y%m%d}{''.join(secrets.choice(_SIGNS) for _ in range(6))}"
    scoped = {"scope_area": home.village, "institution_id": actor.place, "household_id": household_id}
    application = Application.objects.create(
        id=number, opened_by=actor.account_id, opened_at=actor.now, **scoped
    )
    values = fields.prefilled(home, member, on=actor.on) | {"product": stack.product}
    _append(application, 1, values, actor=actor)
    begin_stage(application, number=1, state="draft", at=actor.now)
    _told(actor, application, "application.opened", after={"product": stack.product, "policy": stack.id})
    return number


def _by_card(actor: Actor, household_id: str, shown_id_number: str) -> registry_reading.Household:
    if not shown_id_number or not registry_reading.proven(household_id, shown_id_number):
        raise Refused("not_in_scope", field="household_id")
    with widened():
        home = registry_reading.household(household_id, on=actor.on)
    if home is None:
        raise Refused("not_in_scope", field="household_id")
    return home


def _no_other(household_id: str, *, besides: str = "") -> None:
    """Refuse a second application of a household while one is under way, at whatever bank: a yes or no."""
    with widened():
        there = (
            Stage.objects.filter(household_id=household_id, state__in=LIVE, recorded__upper_inf=True)
            .exclude(application_id=besides)
            .exists()
        )
    if there:
        raise Refused("duplicate", field="household_id", clauses=("LD2021-2.2b",))


def loans_of(household_id: str, *, institutions: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """Programme loans of a household at the bank itself, for top-ups and renewals: number, product, principal (fen)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select loan_id, product, principal_fen from casework_loan where upper_inf(recorded) and not ordinary"
            " and household_id = %s and contract_on is not null and institution_id = any(%s)"
            " order by contract_on desc, loan_id",
            [household_id, list(institutions)],
        )
        return list(cursor.fetchall())


@transaction.atomic
def save_version(*, actor: Actor, application_id: object, entered: fields.Entered, seen_number: int) -> Saved:
    """Write the fields; a change is a new version with a new hash.

    Args:
        actor: A credit officer of the branch.
        application_id: The application, still with the branch (draft or returned).
        entered: The fields of the form.
        seen_number: The number of the version that was changed.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``content_changed``, ``bad_field``, ``own_step``.
    """
    people.require(actor, WRITE)
    case = load(application_id, on=actor.on, lock=True)
    not_own(actor, str(case.application.household_id))
    if not STATES[case.stage.state].editable:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    if case.version.number != seen_number:
        raise Refused("content_changed")
    before = values_of(case.version)
    home = registry_reading.household(str(case.application.household_id), on=actor.on)
    if home is None:
        raise Refused("not_in_scope")
    values = fields.taken(entered, before, home=home, row_id=case.id, scoped=case.scoped, on=actor.on)
    values["product"] = stack_on(home.village, on=actor.on).product
    if values["parent_loan_id"]:
        known = loans_of(home.household_id, institutions=actor.scope.institutions)
        if values["parent_loan_id"] not in {one for one, *_ in known}:
            why = Words("不是该户在本行的贷款", "not a loan of this household at this bank")
            raise Refused("bad_field", field="parent_loan_id", why=why)
    if content_hash(values) == bytes(case.version.content_hash):
        return Saved(case.version.number, changed=False)
    version = _append(case.application, case.version.number + 1, values, actor=actor)
    changed = sorted(
        name for name in values if values[name] != before.get(name) and not name.startswith("content")
    )
    _told(
        actor, case.application, "application.written", after={"version": version.number, "fields": changed}
    )
    return Saved(version.number, changed=True)


def _append(
    application: Application, number: int, values: dict[str, Any], *, actor: Actor
) -> ApplicationVersion:
    kept = {name: value for name, value in values.items() if name not in _OF_THE_ROW}
    kept |= {
        "application_id": application.pk, "scope_area": application.scope_area,
        "institution_id": application.institution_id, "household_id": application.household_id,
    }  # fmt: skip
    return ApplicationVersion.objects.create(
        number=number, content_hash=content_hash(kept), recorded_by=actor.account_id, at=actor.now, **kept
    )


_OF_THE_ROW = frozenset({"id", "number", "content_hash", "recorded_by", "at"})


def propose(case: Case, changed: dict[str, Any], *, actor: Actor) -> ApplicationVersion:
    """A version with the terms that the branch's examination proposes."""
    return _append(case.application, case.version.number + 1, values_of(case.version) | changed, actor=actor)


@transaction.atomic
def add_paper(
    *, actor: Actor, application_id: object, kind: str, name: str, content: bytes
) -> documents.FileView:
    """Keep a paper of the application (LD2021-2.1); what was reviewed before it is reviewed with it from now on.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``bad_field``, ``bad_file``, ``too_large``.
    """
    people.require(actor, WRITE)
    case = load(application_id, on=actor.on, lock=True)
    if not STATES[case.stage.state].open:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    if kind not in papers.PAPERS:
        raise Refused("bad_field", field="kind", why=Words("没有这种要件", "no such paper"))
    return documents.keep(
        actor=actor, subject=(CONCEPT, case.id), kind=kind, name=name, content=content, **case.scoped
    )


@transaction.atomic
def submit(*, actor: Actor, application_id: object) -> str:
    """Hand the application to the village (LD2021-2.2a); the state it stands at.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``missing_field`` and ``missing_paper`` (all of
            them named), ``duplicate``, ``own_step``.
    """
    people.require(actor, WRITE)
    case = load(application_id, on=actor.on, lock=True)
    not_own(actor, str(case.application.household_id))
    if not STATES[case.stage.state].editable:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    empty = fields.unfilled(values_of(case.version))
    if empty:
        raise Refused("missing_field", field=empty[0], fields=tuple(fields.LABELS[name] for name in empty),
                      clauses=("LD2021-form",))  # fmt: skip
    lacking = papers.missing(case.version.borrower_marital_status, case.paper_kinds)
    if lacking:
        raise Refused("missing_paper", field=lacking[0], papers=tuple(papers.PAPERS[kind] for kind in lacking),
                      kinds=lacking, clauses=(papers.CLAUSE,))  # fmt: skip
    locked(f"household {case.application.household_id}")
    _no_other(str(case.application.household_id), besides=case.id)
    decision = judged(case, on=actor.on)
    kept_decision(case, decision, version=case.version.number, now=actor.now)
    to = next_state(case.stage.state, SUBMIT)
    move(case, to, actor=actor)
    _told(actor, case.application, "application.submitted", basis=("LD2021-2.1", "LD2021-2.2a"),
          after={"version": case.version.number, "core": decision.outcome, "policy": decision.policy})  # fmt: skip
    return to


@transaction.atomic
def withdraw(*, actor: Actor, application_id: object, reason: str) -> None:
    """End it at the applicant's wish.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``, ``reason_missing``.
    """
    people.require(actor, WRITE)
    if len(reason.strip()) < 2:  # noqa: PLR2004 - a word at least
        raise Refused("reason_missing", field="reason")
    case = load(application_id, on=actor.on, lock=True)
    if WITHDRAW not in STATES[case.stage.state].outcomes:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    move(case, next_state(case.stage.state, WITHDRAW), actor=actor)
    _told(
        actor, case.application, "application.withdrawn", why=reason.strip(), after={"from": case.stage.state}
    )


def _told(actor: Actor, application: Application, act: str, **told: Any) -> None:
    trail.record(
        actor=actor, act=act, subject=(CONCEPT, application.pk), scope_area=application.scope_area,
        institution_id=application.institution_id, **told,
    )  # fmt: skip
