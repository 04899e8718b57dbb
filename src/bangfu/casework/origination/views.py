"""What the pages and other folders are shown of applications: frozen, read by a fixed number of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.casework.as_facts.api import facts_of_household
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.api import FileView
from bangfu.casework.origination import papers, ratings, registry_reading
from bangfu.casework.origination.application_fields import unfilled, vault_ids
from bangfu.casework.origination.applications import loans_of
from bangfu.casework.origination.cases import CONCEPT, Case, judged, load, seen_hash, values_of
from bangfu.casework.origination.decision import IN_PRINCIPLE
from bangfu.casework.origination.exceptions import open_requests
from bangfu.casework.origination.models import CoreDecision, OwnHousehold
from bangfu.casework.origination.notices import this_round
from bangfu.casework.origination.own import bears_a_name_of
from bangfu.casework.origination.reviews import barred, excepted, points
from bangfu.casework.origination.workflow import (
    APPROVE,
    APPROVED,
    REVIEWS,
    STATES,
    TOWNSHIP,
    acts_in,
)
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.engine.ledger import balances
from bangfu.facts import Facts
from bangfu.facts.codes import CATEGORY
from bangfu.reports.papers import TOWNSHIP_WORDING


@dataclass(frozen=True)
class StageView:
    """One stage that was: which, from when to when, who did what in it."""

    state: str
    began: datetime
    ended: datetime | None
    due_on: date | None
    who: str
    outcome: str


@dataclass(frozen=True)
class ReviewView:
    """What a reviewer said."""

    step: str
    outcome: str
    opinion: str
    reason_code: str
    attested: Mapping[str, bool]
    who: str
    role: str
    at: datetime
    stands: bool


@dataclass(frozen=True)
class PaperView:
    """A kind of paper: whether it is needed, and what is there of it."""

    kind: str
    needed: bool
    files: tuple[FileView, ...]


@dataclass(frozen=True)
class ExceptionView:
    """A limit “in principle” the application departs from, and where its exception stands.

    Attributes:
        code: The rule.
        clauses: What it rests on.
        request_id: The open request, if any.
        ground: Why it is asked.
        asked_by: Who asked.
        asked_by_id: Their account.
        outcome: The last word on it: approve, refuse or empty.
        decided_by: Whose.
    """

    code: str
    clauses: tuple[str, ...]
    request_id: UUID | None
    ground: str
    asked_by: str
    asked_by_id: int | None
    outcome: str
    decided_by: str


@dataclass(frozen=True)
class HouseholdLoans:
    """The one-household-several-loans check (LD2021-2.2b).

    Attributes:
        by_product: Product, number of live loans and balance (fen) over all banks; no other bank's loan by itself.
        number_elsewhere: Whether an ID number of the household stands in another household too.
    """

    by_product: tuple[tuple[str, int, int], ...]
    number_elsewhere: bool


@dataclass(frozen=True)
class CaseView:
    """An application as its page shows it.

    Attributes:
        id: Its number.
        household_id: Whose.
        village: The village's code.
        place: County, township and village in words.
        institution_id: The branch.
        branch: Its name.
        bank: The bank's name.
        state: Where it stands.
        stage_number: Of the stage it stands at.
        version: Number of the version.
        fields: The fields of the form by name; numbers masked.
        numbers: Ids of the numbers in the vault, by field.
        stages: What was, oldest first.
        reviews: What was said, oldest first.
        papers: The checklist.
        made: Papers the site made: notices, records.
        decision: The core's decision today (or the one it ended with), as JSON.
        seen: The hash a review of it binds to.
        unfilled: Required fields that are empty.
        lacking: Required papers that are missing.
        exceptions: Limits in principle.
        rating: The bank's latest rating.
        loans: The check of LD2021-2.2b, at the steps that need it.
        outcomes: What the actor may do now.
        points: What the actor has to attest.
        wording: The opinion that the form prescribes for the step, where it does (LD2021-form, note 2).
        must_state_not_own: Whether the actor bears a name of the household.
        own: Whether the household was declared as the actor's own.
        barred: Whether the actor acted in another step.
        history: What the trail says, oldest first.
    """

    id: str
    household_id: str
    village: str
    place: tuple[str, str, str]
    institution_id: str
    branch: str
    bank: str
    state: str
    stage_number: int
    version: int
    fields: Mapping[str, Any]
    numbers: Mapping[str, UUID | None]
    stages: tuple[StageView, ...]
    reviews: tuple[ReviewView, ...]
    papers: tuple[PaperView, ...]
    made: tuple[FileView, ...]
    decision: Mapping[str, Any]
    seen: str
    unfilled: tuple[str, ...]
    lacking: tuple[str, ...]
    exceptions: tuple[ExceptionView, ...]
    rating: ratings.Rating | None
    loans: HouseholdLoans | None
    outcomes: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    wording: str
    must_state_not_own: bool
    own: bool
    barred: bool
    history: tuple[trail.Entry, ...]

    @property
    def due_on(self) -> date | None:
        """The last day of the step it stands at."""
        return self.stages[-1].due_on


def application(*, actor: Actor, application_id: object) -> CaseView:
    """An application in scope with all its page shows.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "application.read")
    case = load(application_id, on=actor.on)
    state = STATES[case.stage.state]
    decision = judged(case, on=actor.on) if state.open else None
    told = decision.told if decision else _kept(case)
    household_id = str(case.application.household_id)
    own = OwnHousehold.objects.filter(
        account_id=actor.account_id, household_id=household_id, recorded__upper_inf=True
    ).exists()
    values, stops = values_of(case.version), state.review and barred(actor, case, case.stage.state)
    return CaseView(
        id=case.id,
        household_id=household_id,
        village=case.application.scope_area,
        place=registry_reading.place_of(case.application.scope_area, on=actor.on),
        institution_id=case.branch.institution_id,
        branch=case.branch.name,
        bank=case.branch.bank,
        state=case.stage.state,
        stage_number=case.stage.number,
        version=case.version.number,
        fields=_shown_fields(values),
        numbers=vault_ids(values),
        stages=_stages(case),
        reviews=_reviews(case),
        papers=_papers(case),
        made=tuple(one for one in case.papers if one.made_by_us),
        decision=told,
        seen=seen_hash(case, decision) if decision else "",
        unfilled=unfilled(values),
        lacking=papers.missing(case.version.borrower_marital_status, case.paper_kinds),
        exceptions=_exceptions(case, told),
        rating=ratings.latest(household_id=household_id, institution_id=case.branch.institution_id),
        loans=household_loans(household_id, on=actor.on) if _sees_loans(actor, case) else None,
        outcomes=_outcomes(actor, case, own=own, stops=stops),
        points=tuple(points(state, decision)) if decision else (),
        wording=_wording(household_id, actor) if state.code == TOWNSHIP else "",
        must_state_not_own=state.review and bears_a_name_of(actor, household_id),
        own=own,
        barred=stops,
        history=tuple(trail.history((CONCEPT, case.id))),
    )


def _wording(household_id: str, actor: Actor) -> str:
    """What the township states, word by word, of a household on the list of the day."""
    home = registry_reading.household(household_id, on=actor.on)
    for category in home.categories if home else ():
        return TOWNSHIP_WORDING.get(category, f"该户为我镇{CATEGORY[category][0]}")
    return ""


def _kept(case: Case) -> Mapping[str, Any]:
    """The decision an ended application ended with."""
    row = CoreDecision.objects.filter(application_id=case.id).order_by("-at", "-id").first()
    return row.told if row else {}


def _shown_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    ids = vault_ids(values)
    masked = personal_data.masked_of(ids.values())
    return dict(values) | {name: masked.get(one, "") if one else "" for name, one in ids.items()}


def _stages(case: Case) -> tuple[StageView, ...]:
    said = {one.stage_number: one for one in case.reviews}
    return tuple(
        StageView(
            one.state,
            one.recorded.lower,
            one.recorded.upper,
            one.due_on,
            said[one.number].reviewed_name if one.number in said else "",
            said[one.number].outcome if one.number in said else "",
        )
        for one in case.stages
    )


def _reviews(case: Case) -> tuple[ReviewView, ...]:
    stand = {one.pk for one in this_round(case)}
    return tuple(
        ReviewView(
            one.step, one.outcome, one.opinion, one.reason_code, one.attested, one.reviewed_name, one.reviewed_role,
            one.at, one.pk in stand,
        )
        for one in case.reviews
    )  # fmt: skip


def _papers(case: Case) -> tuple[PaperView, ...]:
    needed = papers.needed(case.version.borrower_marital_status)
    return tuple(
        PaperView(
            kind, kind in needed, tuple(one for one in case.papers if one.kind == kind and not one.made_by_us)
        )
        for kind in papers.PAPERS
        if kind in needed or kind == papers.OTHER or kind in case.paper_kinds
    )


def _exceptions(case: Case, told: Mapping[str, Any]) -> tuple[ExceptionView, ...]:
    waiting = {one.code: one for one in open_requests(case)}
    last = {one.code: one for one in case.exceptions}
    found = []
    for rule in (one for one in told.get("rules", ()) if one["state"] == IN_PRINCIPLE):
        code = rule["code"]
        asked, done = waiting.get(code), last.get(code)
        outcome = (
            APPROVE if excepted(case, rule) else (done.outcome if done and done.outcome != APPROVE else "")
        )
        found.append(
            ExceptionView(
                code, tuple(rule["clauses"]), asked.pk if asked else None, asked.ground if asked else "",
                asked.asked_name if asked else "", asked.asked_by if asked else None, outcome,
                done.approved_name if done and outcome else "",
            )
        )  # fmt: skip
    return tuple(found)


def _outcomes(actor: Actor, case: Case, *, own: bool, stops: bool) -> tuple[str, ...]:
    """What the actor may do now; the apis check it again."""
    state = STATES[case.stage.state]
    if own:
        return ()
    return tuple(
        outcome
        for outcome in state.outcomes
        if people.may(actor.role, acts_in(state.code, outcome))
        and not (stops and acts_in(state.code, outcome) == state.act and state.review)
    )


def _sees_loans(actor: Actor, case: Case) -> bool:
    """Who prevents several loans in one household: the township, and the bank that decides (LD2021-2.2b, 2.2c)."""
    later = case.stage.state in REVIEWS[REVIEWS.index(TOWNSHIP) :] or case.stage.state == APPROVED
    roles = ("township", "station", "branch_officer", "branch_manager", "county_bank", "bureau")
    return later and actor.role in roles


def household_loans(household_id: str, *, on: date) -> HouseholdLoans:
    """What a household owes on programme loans at all banks, by product; whether its people are listed elsewhere."""
    facts = facts_of_household(household_id)
    numbers = facts.members["id_number"].drop_nulls().to_list()
    return HouseholdLoans(_owed(facts, on=on), registry_reading.known_elsewhere(household_id, numbers))


def _owed(facts: Facts, *, on: date) -> tuple[tuple[str, int, int], ...]:
    signed = facts.loans.filter(pl.col("contract_on").is_not_null())
    if signed.is_empty():
        return ()
    owing = balances(signed, facts.events, at=pl.lit(on, pl.Date)).filter(pl.col("balance_fen") > 0)
    live = signed.select("loan_id", "product").join(owing, on="loan_id")
    sums = live.group_by("product").agg(pl.len().alias("count"), pl.col("balance_fen").sum()).sort("product")
    return tuple(sums.select("product", pl.col("count").cast(pl.Int64), "balance_fen").rows())


@dataclass(frozen=True)
class Approved:
    """An approved application, as the contract takes it over (lending).

    Attributes:
        application_id: Its number.
        household_id: Whose.
        scope_area: The village.
        institution_id: The branch.
        lender: The bank's name.
        branch: The branch's name; empty where the bank lends itself.
        borrower_name: Who borrows.
        borrower_id_number_id: Their number in the vault.
        applied_on: The day of the application.
        product: The product.
        kind: new, top_up or renewal.
        parent_loan_id: Of a top-up or renewal.
        amount_fen: Approved, fen.
        term_months: Approved.
        rate_e8: Approved, 1e-8.
        interest_method: Approved.
        purpose: A code of the facts.
        guarantee: A code of the facts.
        funding: A code of the facts, may be empty.
        subsidy_ceiling_fen: Where a document raised it.
        content_hash: Of the version that was approved, hexadecimal.
        decided_by: The account that approved.
        decided_at: When.
        policy: The key of the policy it was decided under.
        packs: Its packs with their hashes.
        exceptions: Codes of exceptions on which the last word is an approval.
    """

    application_id: str
    household_id: str
    scope_area: str
    institution_id: str
    lender: str
    branch: str
    borrower_name: str
    borrower_id_number_id: UUID | None
    applied_on: date
    product: str
    kind: str
    parent_loan_id: str
    amount_fen: int
    term_months: int
    rate_e8: int
    interest_method: str
    purpose: str
    guarantee: str
    funding: str
    subsidy_ceiling_fen: int | None
    content_hash: str
    decided_by: int
    decided_at: datetime
    policy: str
    packs: tuple[tuple[str, str], ...]
    exceptions: tuple[str, ...]


def approved(*, actor: Actor, application_id: object) -> Approved:
    """An approved application for the contract.

    Raises:
        Refused: ``not_in_scope``, ``wrong_stage``.
    """
    people.require(actor, "application.read")
    case = load(application_id, on=actor.on)
    if case.stage.state != APPROVED:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    review, version = case.reviews[-1], case.version
    decision = CoreDecision.objects.filter(application_id=case.id).order_by("-at", "-version").first()
    last_word = {one.code: one.outcome for one in case.exceptions}
    if decision is None or version.rate_e8 is None:
        raise Refused("wrong_stage", stands_at=STATES[case.stage.state].words)
    return Approved(
        application_id=case.id,
        household_id=str(case.application.household_id),
        scope_area=case.application.scope_area,
        institution_id=case.branch.institution_id,
        lender=case.branch.bank,
        branch=case.branch.name if case.branch.bank_id != case.branch.institution_id else "",
        borrower_name=version.borrower_name,
        borrower_id_number_id=version.borrower_id_number_id,
        applied_on=version.applied_on,
        product=version.product,
        kind=version.kind,
        parent_loan_id=version.parent_loan_id,
        amount_fen=version.amount_fen,
        term_months=version.term_months,
        rate_e8=version.rate_e8,
        interest_method=version.interest_method,
        purpose=version.purpose,
        guarantee=version.guarantee,
        funding=version.funding,
        subsidy_ceiling_fen=version.subsidy_ceiling_fen,
        content_hash=bytes(version.content_hash).hex(),
        decided_by=review.reviewed_by,
        decided_at=review.at,
        policy=decision.policy,
        packs=tuple((one["id"], one["hash"]) for one in decision.told["packs"]),
        exceptions=tuple(code for code, outcome in last_word.items() if outcome == APPROVE),
    )


def loans_to_renew(*, actor: Actor, household_id: str) -> Sequence[tuple[str, str, int]]:
    """The household's programme loans at the actor's bank, for the choice of a parent loan."""
    return loans_of(household_id, institutions=actor.scope.institutions)


def household_of(*, actor: Actor, household_id: str) -> registry_reading.Household | None:
    """A household in scope, for opening and editing an application."""
    people.require(actor, "application.read")
    return registry_reading.household(household_id, on=actor.on)
