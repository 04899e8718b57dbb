"""A household is split, merged into another, or moves: members, lists, loans and papers go with it; nothing is lost.

Loans stay with the household that signed them: a split leaves them there, a merger brings them into the household that
goes on, since its cap counts them together. The place at signing never changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now
from bangfu.casework.database.questions import value_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry import effects
from bangfu.casework.registry.areas import VILLAGE, names_of
from bangfu.casework.registry.changing import (
    changed_from,
    day_of,
    ended,
    entries_of,
    household_row,
    members_of,
)
from bangfu.casework.registry.following import followed, taken_over
from bangfu.casework.registry.lives_told import borrower_lost, must_leave_by_list
from bangfu.casework.registry.models import Household, Member, RosterEntry
from bangfu.casework.registry.pinyin import sorted_as
from bangfu.casework.registry.roster_requests import place_of
from bangfu.casework.registry.words import CATEGORIES, word
from bangfu.casework.requests.api import Details, Field, Kind, RequestView, line, register
from bangfu.casework.words import Words

Effect = dict[str, Any]


def _prepared_split(actor: Actor, details: Details, request_id: UUID) -> dict[str, Any]:
    del actor, request_id
    return {**details, "new_household_id": f"H-{uuid.uuid4().hex[:12].upper()}"}


def _split_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    going, head = _going(home, details, on)
    loans = effects.running([home.household_id], on=actor.on)
    lists = entries_of(home.household_id, on=on)
    told = {"head": home.head_name, "new": head.name, "n": len(going), "on": on.isoformat()}
    rosters = [
        line("household_split", "{head}户自 {on} 起分出{new}户（{n} 人）",
             "{n} members leave {head}'s household from {on}; {new} is head of the new one", **told)
    ]  # fmt: skip
    rosters += [
        line("listed_too", "新户同列{zh}", "the new household is listed as {en} too",
             zh=word(CATEGORIES, e.category).zh, en=word(CATEGORIES, e.category).en)
        for e in lists
    ]  # fmt: skip
    away = [loan for loan in loans if any(borrower_lost(loan, person) for person in going)]
    return {
        "rosters": rosters,
        "loans": [
            line("loan_stays", "贷款 {loan}（{lender}，余额 {balance} 元）仍记在签约户名下",
                 "loan {loan} ({lender}, balance {balance} yuan) stays with the household that signed it",
                 loan=loan.loan_id, lender=loan.lender, balance=loan.balance)
            for loan in loans
        ],
        "applications": effects.applications_on(
            effects.pending([home.household_id]), categories={e.category for e in lists}, area=home.scope_area,
            on=actor.on,
        ),
        "duties": [
            line("borrower_moved_out", "贷款 {loan} 的借款人在分出人员中，贷款机构应与借款人重新确认",
                 "the borrower of loan {loan} is among those who leave: the lender confirms it with them",
                 clauses=("LD2021-3.5",), loan=loan.loan_id)
            for loan in away
        ],
    }  # fmt: skip


def _split(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, on = _home(actor, details)
    going, head = _going(home, details, on)
    new_id = str(details["new_household_id"])
    same = {"recorded": from_now(actor.now), "recorded_by": actor.account_id, "valid": DateRange(on, None)}
    Household.objects.create(
        household_id=new_id, scope_area=home.scope_area, head_name=head.name, pinyin=sorted_as(head.name),
        poverty_cause=home.poverty_cause, address=home.address, **same,
    )  # fmt: skip
    for person in going:
        relation = "head" if person.pk == head.pk else person.relation
        changed_from(person, actor=actor, on=on, household_id=new_id, relation=relation)
    for entry in entries_of(home.household_id, on=on):
        RosterEntry.objects.create(
            household_id=new_id, scope_area=home.scope_area, category=entry.category, **same
        )


def _going(home: Household, details: Details, on: date) -> tuple[list[Member], Member]:
    """Who goes, and who is head of the new household; some must stay, the old head among them."""
    wanted = {str(key) for key in details.get("members") or ()}
    members = members_of(home.household_id, on=on)
    going = [person for person in members if person.member_id in wanted]
    if not going or len(going) != len(wanted) or len(going) == len(members):
        raise Refused("bad_field", field="members")
    if any(person.relation == "head" or person.deceased_on for person in going):
        raise Refused("bad_field", field="members")
    head = next((person for person in going if person.member_id == details.get("new_head_id")), None)
    if head is None:
        raise Refused("bad_field", field="new_head_id")
    return going, head


def _merge_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    into = _into(home, details, on)
    loans = effects.running([home.household_id], on=actor.on)
    both = [*loans, *effects.running([into.household_id], on=actor.on)]
    rosters = [
        line("household_merged", "{head}户自 {on} 起并入{into}户", "{head}'s household goes into {into}'s from {on}",
             head=home.head_name, into=into.head_name, on=on.isoformat())
    ]  # fmt: skip
    duties = []
    if loans and len(both) > len(loans):
        duties.append(
            line("one_household_several_loans", "合并后该户有 {n} 笔贷款，单户额度合并计算",
                 "after it the household has {n} loans; its cap counts them together",
                 clauses=("CN2021-1.1", "CN2021-1.2"), n=len(both))
        )  # fmt: skip
    return {
        "rosters": [*rosters, *must_leave_by_list(entries_of(home.household_id, on=on), home.head_name, "moved", on)],
        "loans": [
            line("loan_taken_over", "贷款 {loan}（{lender}，余额 {balance} 元）记入{into}户，合同条款不变",
                 "loan {loan} ({lender}, balance {balance} yuan) counts with {into}'s household on the same terms",
                 loan=loan.loan_id, lender=loan.lender, balance=loan.balance, into=into.head_name)
            for loan in loans
        ],
        "applications": [
            line("application_of_ended", "在办申请 {application} 的农户已并入他户，须撤回后以新户重新申请",
                 "the household of {application} in progress is no more: withdraw it and apply as the other one",
                 application=waiting.application_id)
            for waiting in effects.pending([home.household_id])
        ],
        "duties": duties,
    }  # fmt: skip


def _merge(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, on = _home(actor, details)
    into = _into(home, details, on)
    for person in members_of(home.household_id, on=on):
        relation = "other" if person.relation == "head" else person.relation
        changed_from(person, actor=actor, on=on, household_id=into.household_id, scope_area=into.scope_area,
                     relation=relation)  # fmt: skip
    for entry in entries_of(home.household_id, on=on):
        ended(entry, actor=actor, on=on, left_reason="moved")
    ended(home, actor=actor, on=on)
    if into.scope_area != home.scope_area:
        followed(actor=actor, household_ids=[home.household_id], area=into.scope_area)
    taken_over(actor=actor, old=home.household_id, new=into.household_id)


def _into(home: Household, details: Details, on: date) -> Household:
    into = household_row(str(details.get("into_household_id", "")), on=on)
    if into.household_id == home.household_id:
        raise Refused("bad_field", field="into_household_id")
    return into


def _move_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    area = str(details.get("area_code") or "")
    loans = effects.running([home.household_id], on=actor.on)
    lists = entries_of(home.household_id, on=on)
    waiting = effects.pending([home.household_id])
    if not area:
        return {
            "rosters": [
                line("moved_away", "{head}户自 {on} 起迁出本县", "{head}'s household leaves the county from {on}",
                     head=home.head_name, on=on.isoformat()),
                *must_leave_by_list(lists, home.head_name, "moved", on),
            ],
            "loans": effects.loans_keep_terms(loans),
            "applications": effects.applications_on(waiting, categories=(), area=home.scope_area, on=actor.on),
            "duties": [],
        }  # fmt: skip
    _village(area, on=on, other_than=home.scope_area)
    names = names_of([home.scope_area, area], on=on)
    return {
        "rosters": [
            line("moved", "{head}户自 {on} 起由{old}迁入{new}，名单随迁",
                 "{head}'s household moves from {old} to {new} from {on}; its lists go with it",
                 head=home.head_name, on=on.isoformat(),
                 old=names.get(home.scope_area, home.scope_area), new=names.get(area, area))
        ],
        "loans": effects.loans_follow(loans),
        "applications": effects.applications_on(
            waiting, categories={e.category for e in lists}, area=area, on=actor.on
        ),
        "duties": _other_lead_bank(home.scope_area, area, on=on),
    }  # fmt: skip


def _move(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, on = _home(actor, details)
    area = str(details.get("area_code") or "")
    if not area:
        for entry in entries_of(home.household_id, on=on):
            ended(entry, actor=actor, on=on, left_reason="moved")
        return
    _village(area, on=on, other_than=home.scope_area)
    moved_to([home], area=area, actor=actor, on=on)


def moved_to(homes: Sequence[Household], *, area: str, actor: Actor, on: date) -> None:
    """Households with all that is theirs to a place from a day."""
    for home in homes:
        for person in members_of(home.household_id, on=on):
            changed_from(person, actor=actor, on=on, scope_area=area)
        changed_from(home, actor=actor, on=on, scope_area=area)
    followed(actor=actor, household_ids=[home.household_id for home in homes], area=area)


def _village(area: str, *, on: date, other_than: str) -> None:
    there = value_of(
        "select 1 from casework_area where upper_inf(recorded) and valid @> %s::date and code = %s",
        [on, area],
    )
    if len(area) != VILLAGE or not there or area == other_than:
        raise Refused("bad_field", field="area_code")


def _other_lead_bank(old: str, new: str, *, on: date) -> effects.Lines:
    banks = [
        value_of(
            "select institution_id from casework_lead_bank where upper_inf(recorded) and valid @> %s::date"
            " and township = left(%s, 9)",
            [on, area],
        )
        for area in (old, new)
    ]
    if banks[0] == banks[1]:
        return []
    return [
        line("other_lead_bank", "主责任银行由 {old} 变为 {new}", "the lead bank is {new} instead of {old}",
             clauses=("CN2021-4.3",), old=banks[0] or "-", new=banks[1] or "-")
    ]  # fmt: skip


def _home(actor: Actor, details: Details) -> tuple[Household, date]:
    on = day_of(details, "on", actor=actor)
    return household_row(str(details.get("household_id", "")), on=on), on


_HOUSEHOLD = Field("household_id", Words("农户", "Household"), "household")
_FROM = Field("on", Words("自何日起", "From"), "day")
_ASKS = ("household.request", "household.approve")
SPLIT = register(
    Kind("life.split", Words("分户", "Split a household"), *_ASKS, _split_effect, _split, place_of,
         (_HOUSEHOLD, Field("members", Words("分出的成员", "Who leaves"), "members"),
          Field("new_head_id", Words("新户户主", "Head of the new household"), "member"), _FROM),
         prepare=_prepared_split, made=("new_household_id",))
)  # fmt: skip
MERGE = register(
    Kind("life.merge", Words("并户", "Merge households"), *_ASKS, _merge_effect, _merge, place_of,
         (_HOUSEHOLD, Field("into_household_id", Words("并入哪一户", "Into which household"), "household"), _FROM))
)  # fmt: skip
MOVE = register(
    Kind("life.move", Words("迁移", "A household moves"), *_ASKS, _move_effect, _move, place_of,
         (_HOUSEHOLD,
          Field("area_code", Words("迁入村（迁出本县的留空）", "To which village (empty: out of the county)"), "area",
                required=False), _FROM))
)  # fmt: skip
