"""The papers of an application: the form at any stage, the notice of a refusal, the record of an exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from bangfu.casework.as_facts.citing import citations
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.origination.cases import CONCEPT, Case, load
from bangfu.casework.origination.decision import Judged
from bangfu.casework.origination.models import ExceptionApproval, ExceptionRequest, Review
from bangfu.casework.origination.papers import MARITAL
from bangfu.casework.origination.policy_day import stack_on
from bangfu.casework.origination.reasons import REASONS, clauses_of_reason
from bangfu.casework.origination.registry_reading import place_of
from bangfu.casework.origination.workflow import (
    APPROVE,
    BANK,
    BRANCH,
    RETURN,
    STATES,
    STATION,
    TOWNSHIP,
    VILLAGE,
)
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.facts.codes import PRODUCT, PURPOSE
from bangfu.refusals import CODES
from bangfu.reports.fact_words import CODE_WORDS, FACT_WORDS
from bangfu.reports.papers import (
    REFUSAL_TITLES,
    ApplicationForm,
    ExceptionRecord,
    Imprint,
    Opinion,
    Person,
    Reason,
    RefusalKind,
    RefusalNotice,
    application_form,
    exception_record,
    refusal_notice,
)

REFUSAL_NOTICE, EXCEPTION_PAPER = "refusal_notice", "exception_paper"
_SEX = {"male": "男", "female": "女"}


def product_word(code: str) -> str:
    """The product in Chinese."""
    return PRODUCT[code][0] if code in PRODUCT else code


def this_round(case: Case) -> list[Review]:
    """The reviews since the application was last returned: the opinions that stand."""
    returned = max((one.stage_number for one in case.reviews if one.outcome == RETURN), default=0)
    return [one for one in case.reviews if one.stage_number > returned]


def blank_form(*, actor: Actor) -> bytes:
    """The form to be filled in by hand, for the product of the day.

    Raises:
        Refused: ``not_your_role``, ``outside_contract_window``.
    """
    people.require(actor, "application.read")
    place = (*actor.scope.areas, *actor.scope.served)[:1] or ("000000",)
    product = product_word(stack_on(place[0], on=actor.on).product)
    county = place_of(place[0].ljust(12, "0"), on=actor.on)[0] if len(place[0]) >= 6 else ""  # noqa: PLR2004
    return application_form(
        ApplicationForm.blank(county="" if county.isdecimal() else county, product=product)
    )


@transaction.atomic
def filled_form(*, actor: Actor, application_id: object, reason: str = "") -> bytes:
    """The A4 form as the application stands, with the opinions so far; numbers masked unless a reason is given.

    Raises:
        Refused: ``not_in_scope``; with a reason ``not_your_role`` (``personal.reveal``), ``reason_missing``.
    """
    people.require(actor, "application.read")
    case = load(application_id, on=actor.on)
    version = case.version
    ids = (version.borrower_id_number_id, version.borrower_phone_id, version.spouse_id_number_id,
           version.spouse_phone_id)  # fmt: skip
    if reason:
        people.require(actor, "personal.reveal")
        if len(reason.strip()) < 4:  # noqa: PLR2004 - a word at least
            raise Refused("reason_missing", field="reason")
        numbers: Mapping[Any, str] = personal_data.opened_of(ids)
        trail.record(
            actor=actor, act="personal.revealed", subject=(CONCEPT, case.id), after={"field": "form"},
            why=reason.strip(), scope_area=case.application.scope_area, institution_id=case.application.institution_id,
        )  # fmt: skip
    else:
        numbers = personal_data.masked_of(ids)
    return application_form(_form(case, actor, [numbers.get(one, "") for one in ids]))


def _form(case: Case, actor: Actor, numbers: list[str]) -> ApplicationForm:
    version = case.version
    county, township, village = place_of(case.application.scope_area, on=actor.on)
    said = {one.step: one for one in this_round(case) if one.outcome == APPROVE}
    lender = said.get(BANK) or said.get(BRANCH)
    use = PURPOSE[version.purpose][0] if version.purpose in PURPOSE else ""
    marital = version.borrower_marital_status
    return ApplicationForm(
        county=county,
        product=product_word(version.product),
        township=township,
        village=village,
        registration_no=str(case.application.household_id),
        applied_on=version.applied_on,
        applicant=Person(
            name=version.borrower_name,
            sex=_SEX.get(version.borrower_sex, ""),
            born=version.borrower_born_on,
            marital_status=MARITAL[marital].zh if marital in MARITAL else "",
            id_number=numbers[0],
            phone=numbers[1],
            address=version.address,
        ),
        household_size=version.family_size,
        spouse=Person(
            name=version.spouse_name, born=version.spouse_born_on, id_number=numbers[2], phone=numbers[3]
        ),
        amount_fen=version.amount_fen or None,
        purpose="：".join(one for one in (use, version.purpose_text) if one),
        term=f"{version.term_months}个月" if version.term_months else "",
        village_opinion=_opinion(said.get(VILLAGE)),
        township_opinion=_opinion(said.get(TOWNSHIP)),
        station_opinion=_opinion(said.get(STATION)),
        lender_opinion=_opinion(lender),
        imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
    )


def _opinion(review: Review | None) -> Opinion:
    if review is None:
        return Opinion()
    return Opinion(
        text=review.opinion, person=review.reviewed_name, signed_on=review.at.astimezone(SHANGHAI).date()
    )


def refusal_paper(
    actor: Actor, case: Case, *, step: str, code: str, text: str, decision: Judged
) -> documents.FileView:
    """Make and keep the notice of a refusal (LD2021-2.2d)."""
    version = case.version
    reasons = [_against(rule) for rule in decision.hard]
    spoken = f"{REASONS[code].zh}：{text}"
    said = [one for one in decision.told["rules"] if one["code"] == code]
    clauses = said[0]["clauses"] if said else clauses_of_reason(code)
    own = Reason(text=spoken, citations=citations(clauses))
    masked = personal_data.masked_of([version.borrower_id_number_id])
    kind: RefusalKind = "not_approved" if step in (BRANCH, BANK) else "not_accepted"
    content = refusal_notice(
        RefusalNotice(
            kind=kind,
            product=product_word(version.product),
            office=_office(case, step, actor),
            applicant_name=version.borrower_name,
            reasons=(own, *reasons),
            decided_on=actor.on,
            id_number=next(iter(masked.values()), ""),
            application_no=case.id,
            applied_on=version.applied_on,
            amount_fen=version.amount_fen or None,
            imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
        )
    )
    return documents.keep(
        actor=actor, subject=(CONCEPT, case.id), kind=REFUSAL_NOTICE, name=f"{REFUSAL_TITLES[kind]} {case.id}.pdf",
        content=content, made_by_us=True, **case.scoped,
    )  # fmt: skip


def _against(rule: Mapping[str, Any]) -> Reason:
    """A refusal of the core, in words an applicant understands."""
    told = facts_in_words(rule["facts"])
    return Reason(text=CODES[rule["code"]].zh, facts=told, citations=citations(rule["clauses"]))


def facts_in_words(facts: Mapping[str, Any]) -> str:
    """Facts of a rule as a line of Chinese."""
    told = []
    for name, value in facts.items():
        if value not in (None, ""):
            spoken = (
                ("是" if value else "否")
                if isinstance(value, bool)
                else CODE_WORDS.get(str(value), str(value))
            )
            told.append(f"{FACT_WORDS.get(name, name)}{spoken}")
    return "，".join(told)


def _office(case: Case, step: str, actor: Actor) -> str:
    county, township, village = place_of(case.application.scope_area, on=actor.on)
    if step == VILLAGE:
        return f"{township}{village}“两委”"
    if step in (TOWNSHIP, STATION):
        suffix = "办事处" if township.endswith("街道") else "人民政府"
        return f"{county}{township}{suffix if step == TOWNSHIP else '扶贫工作站'}"
    return (
        f"{case.branch.bank}{case.branch.name}" if case.branch.bank != case.branch.name else case.branch.name
    )


def exception_paper(
    actor: Actor, case: Case, *, asked: ExceptionRequest, approval: ExceptionApproval, rule: Mapping[str, Any]
) -> documents.FileView:
    """Make and keep the record of an approved exception."""
    county, township, village = place_of(case.application.scope_area, on=actor.on)
    content = exception_record(
        ExceptionRecord(
            county=county,
            number=str(approval.pk)[:8],
            application_no=case.id,
            household_no=str(case.application.household_id),
            person=case.version.borrower_name,
            place=f"{township}{village}",
            what=CODES[asked.code].zh,
            facts=facts_in_words(rule["facts"]) or "见政策核验",
            citations=citations(asked.clauses),
            ground=asked.ground,
            requested_by=asked.asked_name,
            requested_on=asked.at.astimezone(SHANGHAI).date(),
            approved_by=f"{approval.approved_name}（{people.ROLES[approval.approved_role].words.zh}）",
            approved_on=actor.on,
            office=people.ROLES[approval.approved_role].words.zh,
            limits=approval.ground if approval.ground != asked.ground else "",
            imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
        )
    )
    return documents.keep(
        actor=actor, subject=(CONCEPT, case.id), kind=EXCEPTION_PAPER, name=f"例外审批记录 {case.id}.pdf",
        content=content, made_by_us=True, **case.scoped,
    )  # fmt: skip


def step_words(code: str) -> str:
    """A step in Chinese, as the lists print it."""
    return STATES[code].words.zh
