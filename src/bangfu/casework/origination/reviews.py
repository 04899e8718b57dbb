"""The reviews: village, township, station, branch examination, the bank's decision (LD2021-2.2a to 2.2c).

Each binds to what its reviewer saw; of two who decide at once, one wins; nobody acts in two steps of one application.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import ratings
from bangfu.casework.origination.applications import propose
from bangfu.casework.origination.cases import (
    CONCEPT,
    Case,
    at_step,
    exception_hash,
    judged,
    kept_decision,
    load,
    move,
    seen_hash,
)
from bangfu.casework.origination.decision import Judged
from bangfu.casework.origination.models import CoreDecision, Review
from bangfu.casework.origination.notices import refusal_paper
from bangfu.casework.origination.own import NOT_OWN, bears_a_name_of, not_own
from bangfu.casework.origination.reasons import REASONS, clauses_of_reason
from bangfu.casework.origination.workflow import (
    APPROVE,
    BRANCH,
    REFUSE,
    RETURN,
    REVIEWS,
    STATES,
    State,
    next_state,
)
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.facts.codes import FUNDING, INTEREST_METHOD
from bangfu.money.rates import format_percent

LONGEST_OPINION = 500
_MOST_RATE_E8 = 36_000_000


@dataclass(frozen=True)
class Proposal:
    """What the branch's examination proposes: not more and not longer than was asked."""

    amount_fen: int
    term_months: int
    rate_e8: int
    interest_method: str
    funding: str = ""

    def values(self) -> dict[str, Any]:
        """As the fields of a version."""
        return {
            "amount_fen": self.amount_fen,
            "term_months": self.term_months,
            "rate_e8": self.rate_e8,
            "interest_method": self.interest_method,
            "funding": self.funding,
        }


@dataclass(frozen=True)
class Said:
    """What a reviewer says.

    Attributes:
        outcome: approve, refuse or return.
        opinion: In words; of a refusal or return, why.
        reason_code: Of a refusal, one of ``REASONS``.
        attested: Answers to the points this step answers for, by condition.
        not_own: The statement that the household is not the reviewer's own, where they bear one of its names.
        proposal: Of the branch's examination.
    """

    outcome: str
    opinion: str
    reason_code: str = ""
    attested: Mapping[str, bool] = field(default_factory=dict)
    not_own: bool = False
    proposal: Proposal | None = None


@transaction.atomic
def review(*, actor: Actor, application_id: object, step: str, said: Said, seen: str) -> str:
    """Do a step of the workflow; the state the application stands at afterwards.

    Args:
        actor: Who holds the step's act.
        application_id: The application.
        step: village_review, township_review, station_opinion, branch_examination or bank_decision.
        said: What is said.
        seen: The hash of what was seen (``CaseView.seen``).

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``already_decided``, ``wrong_stage``, ``own_step``,
            ``content_changed``, ``reason_missing``, ``missing_field``, ``bad_field``, ``attestation_missing``,
            ``core_refuses``, ``exception_needed``, ``over_cap``.
    """
    if step not in REVIEWS or said.outcome not in (APPROVE, REFUSE, RETURN):
        raise Refused("bad_field", field="outcome")
    state = STATES[step]
    people.require(actor, state.act)
    case = load(application_id, on=actor.on, lock=True)
    at_step(case, step)
    attested = _may(actor, case, said, step)
    decision = judged(case, on=actor.on)
    if seen_hash(case, decision) != seen:
        raise Refused("content_changed")
    if len(said.opinion.strip()) < 2:  # noqa: PLR2004 - a word at least
        raise Refused("reason_missing", field="opinion")
    if said.outcome == REFUSE and said.reason_code not in REASONS:
        raise Refused("reason_missing", field="reason_code")
    version = case.version.number
    if said.outcome != APPROVE:
        mine = {one["condition"] for one in points(state, decision)}
        attested |= {name: answer for name, answer in said.attested.items() if name in mine}
    else:
        attested |= _attested(state, decision, said)
        if step == BRANCH:
            proposal = _proposed(case, said)
            decision = judged(case, on=actor.on, **proposal.values())
        _may_go_on(case, decision, step, said)
        if step == BRANCH:
            version = propose(case, proposal.values(), actor=actor).number
    kept = kept_decision(case, decision, version=version, now=actor.now)
    _kept_review(actor, case, said, seen, step=step, attested=attested, decision=kept)
    to = next_state(step, said.outcome)
    if said.outcome == REFUSE:
        refusal_paper(
            actor, case, step=step, code=said.reason_code, text=said.opinion.strip(), decision=decision
        )
    move(case, to, actor=actor)
    basis = (
        *state.clauses,
        *(("LD2021-2.2d", *clauses_of_reason(said.reason_code)) if said.outcome == REFUSE else ()),
    )
    trail.record(
        actor=actor, act=f"application.{_PAST[said.outcome]}", subject=(CONCEPT, case.id),
        basis=tuple(dict.fromkeys(basis)),
        scope_area=case.application.scope_area, institution_id=case.application.institution_id,
        before={"state": step}, why=said.opinion.strip(),
        after={"state": to, "seen": seen, "core": decision.outcome, "reason": said.reason_code},
    )  # fmt: skip
    return to


_PAST = {APPROVE: "approved", REFUSE: "refused", RETURN: "returned"}


def barred(actor: Actor, case: Case, step: str) -> bool:
    """Whether the actor did another step of the application, or entered it.

    Who entered it may examine it: the examination only proposes, and another decides.
    """
    others = {one.reviewed_by for one in case.reviews if one.step != step}
    others |= {one.approved_by for one in case.exceptions}
    return actor.account_id in others | (set() if step == BRANCH else case.writers)


def _may(actor: Actor, case: Case, said: Said, step: str) -> dict[str, bool]:
    """Four eyes and no business of one's own; the statement where it was asked for."""
    if barred(actor, case, step):
        raise Refused("own_step")
    household_id = str(case.application.household_id)
    not_own(actor, household_id)
    if not bears_a_name_of(actor, household_id):
        return {}
    if not said.not_own:
        raise Refused("attestation_missing", field="not_own")
    return {NOT_OWN: True}


def points(state: State, decision: Judged) -> list[Mapping[str, Any]]:
    """The points to be attested that a step answers for."""
    return [one for one in decision.told["to_attest"] if one["by"] in state.attests]


def _attested(state: State, decision: Judged, said: Said) -> dict[str, bool]:
    mine = points(state, decision)
    missing = [one for one in mine if said.attested.get(one["condition"]) is not True]
    if missing:
        raise Refused(
            "attestation_missing", field=f"attest_{missing[0]['condition']}", clauses=tuple(missing[0]["clauses"]),
            points=tuple(Words(one["zh"], one["en"]) for one in missing),
        )  # fmt: skip
    return {one["condition"]: True for one in mine}


def _proposed(case: Case, said: Said) -> Proposal:
    proposal = said.proposal
    if proposal is None:
        raise Refused("missing_field", field="rate_e8")
    asked = case.version
    if not 0 < proposal.amount_fen <= asked.amount_fen:
        raise Refused(
            "bad_field", field="amount_fen", why=Words("不能超过申请金额", "not more than was asked")
        )
    if not 0 < proposal.term_months <= asked.term_months:
        raise Refused(
            "bad_field", field="term_months", why=Words("不能超过申请期限", "not longer than was asked")
        )
    if not 0 <= proposal.rate_e8 <= _MOST_RATE_E8:
        raise Refused("bad_field", field="rate_e8", why=Words("利率不合理", "no such rate"))
    if proposal.interest_method not in INTEREST_METHOD:
        raise Refused("missing_field", field="interest_method")
    if proposal.funding and proposal.funding not in FUNDING:
        raise Refused("bad_field", field="funding", why=Words("没有这种资金来源", "no such funding"))
    return proposal


def _may_go_on(case: Case, decision: Judged, step: str, said: Said) -> None:
    """What must hold to go forward, besides what is said (``State.holds``)."""
    holds = STATES[step].holds
    if decision.hard:
        codes = tuple(one["code"] for one in decision.hard)
        raise Refused("core_refuses", clauses=tuple(decision.hard[0]["clauses"]), codes=codes)
    if "exception" in holds:
        for rule in decision.soft:
            if not excepted(case, rule):
                raise Refused("exception_needed", clauses=tuple(rule["clauses"]), codes=(rule["code"],))
    if "rating" in holds:
        rating = ratings.latest(
            household_id=str(case.application.household_id),
            institution_id=str(case.application.institution_id),
        )
        if rating is None:
            raise Refused("missing_field", field="rating", clauses=("CN2021-2.1",))
        amount = said.proposal.amount_fen if said.proposal and step == BRANCH else case.version.amount_fen
        if amount > rating.limit_fen:
            raise Refused("over_cap", field="amount_fen", clauses=("CN2021-2.1",), limit_fen=rating.limit_fen)


def excepted(case: Case, rule: Mapping[str, Any]) -> bool:
    """Whether the latest word on an exception from a limit “in principle” is an approval of just this."""
    about = exception_hash(case, rule)
    said = [
        one.outcome for one in case.exceptions if one.code == rule["code"] and bytes(one.seen_hash) == about
    ]
    return bool(said) and said[-1] == APPROVE


def _kept_review(
    actor: Actor,
    case: Case,
    said: Said,
    seen: str,
    *,
    step: str,
    attested: dict[str, bool],
    decision: CoreDecision,
) -> None:
    opinion = said.opinion.strip()[:LONGEST_OPINION]
    if step == BRANCH and said.outcome == APPROVE and said.proposal:
        proposed = said.proposal
        terms = f"（{proposed.term_months}个月，年利率{format_percent(proposed.rate_e8)}%）"
        opinion = f"{opinion[: LONGEST_OPINION - len(terms)]}{terms}"
    try:
        with transaction.atomic():
            Review.objects.create(
                id=uuid.uuid4(), application_id=case.id, stage_number=case.stage.number, step=step,
                outcome=said.outcome, opinion=opinion,
                reason_code=said.reason_code if said.outcome == REFUSE else "", attested=attested,
                seen_hash=bytes.fromhex(seen), decision=decision, reviewed_by=actor.account_id,
                reviewed_name=actor.name, reviewed_role=actor.role, reviewed_place=actor.place, at=actor.now,
                **case.scoped,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("already_decided") from twice
