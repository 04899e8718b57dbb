"""Lives go on: birth, death, marriage, moving, a household split or merged, a name or number corrected."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now
from bangfu.casework.database.refusals import Refused
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry import effects
from bangfu.casework.registry.changing import (
    changed_from,
    code_of,
    corrected,
    day_of,
    ended,
    entries_of,
    household_row,
    member_row,
    members_of,
    text_of,
)
from bangfu.casework.registry.lives_told import (
    borrower_lost,
    insurance_to_claim,
    must_leave_by_list,
    risk_event,
)
from bangfu.casework.registry.models import Household, Member
from bangfu.casework.registry.pinyin import sorted_as
from bangfu.casework.registry.roster_requests import place_of
from bangfu.casework.registry.words import RELATIONS
from bangfu.casework.requests.api import Details, Field, Kind, RequestView, line, register
from bangfu.casework.words import Words
from bangfu.facts.identity import birth_date_of, check_digit_ok, fold_id

Effect = dict[str, Any]
_NAME = 64


def prepared_person(actor: Actor, details: Details, request_id: UUID) -> dict[str, Any]:
    """A new member's id; an ID number goes to the vault, bound to the request, and is masked in the details."""
    out = {**details, "member_id": details.get("member_id") or f"M-{uuid.uuid4().hex[:12].upper()}"}
    number = fold_id(str(out.pop("id_number", "") or ""))
    if not number:
        return out
    if birth_date_of(number) is None or not check_digit_ok(number):
        raise Refused("bad_field", field="id_number")
    home = household_row(str(details["household_id"]), on=actor.on)
    value = personal_data.Plain(
        "casework_change_request", str(request_id), personal_data.ID_NUMBER, number, home.scope_area, None,
        home.household_id,
    )  # fmt: skip
    (kept,) = personal_data.kept([value])
    return {**out, "id_number_id": str(kept), "id_masked": personal_data.masked_of([kept])[kept]}


def number_of(details: Details, *, member_id: str, home: Household) -> UUID | None:
    """The ID number of a request, kept anew and bound to the member; None where none was given."""
    if not details.get("id_number_id"):
        return None
    waiting = UUID(str(details["id_number_id"]))
    value = personal_data.opened_of([waiting])[waiting]
    (kept,) = personal_data.kept(
        [
            personal_data.Plain(
                "casework_member",
                member_id,
                personal_data.ID_NUMBER,
                value,
                home.scope_area,
                None,
                home.household_id,
            )
        ]
    )
    return kept


def _enters_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    name = text_of(details, "name", most=_NAME)
    relation = code_of(details, "relation", RELATIONS)
    if relation == "head":
        raise Refused("bad_field", field="relation")
    waiting = effects.pending([home.household_id])
    return {
        "rosters": [
            line("member_enters", "{name}（{zh}）自 {on} 起为{head}户成员",
                 "{name} ({en}) belongs to {head}'s household from {on}",
                 name=name, zh=RELATIONS[relation].zh, en=RELATIONS[relation].en, on=on.isoformat(),
                 head=home.head_name)
        ],
        "loans": [],
        "applications": effects.applications_on(
            waiting, categories=_lists(home, actor), area=home.scope_area, on=actor.on
        ),
        "duties": [],
    }  # fmt: skip


def _enters(actor: Actor, request: RequestView, details: Details, *, born: bool = False) -> None:
    del request
    home, on = _home(actor, details)
    number = number_of(details, member_id=details["member_id"], home=home)
    Member.objects.create(
        member_id=details["member_id"], household_id=home.household_id, scope_area=home.scope_area,
        name=details["name"], relation=details["relation"], id_number_id=number,
        born_on=on if born else _born(details, number), labour=False if born else None,
        marital_status="married" if details["relation"] == "spouse" else "",
        valid=DateRange(on, None), recorded=from_now(actor.now), recorded_by=actor.account_id,
    )  # fmt: skip


def _birth(actor: Actor, request: RequestView, details: Details) -> None:
    _enters(actor, request, details, born=True)


def _born(details: Details, number: UUID | None) -> date | None:
    if details.get("born_on"):
        return date.fromisoformat(str(details["born_on"]))
    return birth_date_of(personal_data.opened_of([number])[number]) if number else None


def _leaves_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    person = member_row(str(details.get("member_id", "")), on=on, household_id=home.household_id)
    _not_the_last_head(home, person, on=on)
    mine = [one for one in effects.running([home.household_id], on=actor.on) if borrower_lost(one, person)]
    return {
        "rosters": [
            line("member_leaves", "{name}自 {on} 起不再是{head}户成员",
                 "{name} no longer belongs to {head}'s household from {on}",
                 name=person.name, on=on.isoformat(), head=home.head_name)
        ],
        "loans": effects.loans_keep_terms(mine),
        "applications": _of_person(home, person, actor),
        "duties": [],
    }  # fmt: skip


def _leaves(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, on = _home(actor, details)
    ended(member_row(details["member_id"], on=on, household_id=home.household_id), actor=actor, on=on)


def _not_the_last_head(home: Household, person: Member, *, on: date) -> None:
    """The head leaves only with a new one; of the last member the household is taken off by its own request."""
    others = [one for one in members_of(home.household_id, on=on) if one.pk != person.pk]
    if not others or (person.relation == "head" and all(one.relation != "head" for one in others)):
        raise Refused("bad_field", field="member_id")


def _death_effect(actor: Actor, details: Details) -> Effect:
    home, on = _home(actor, details)
    person = _living(details, home, on)
    head = _new_head(details, home, person, on)
    loans = effects.running([home.household_id], on=actor.on)
    lost = [one for one in loans if borrower_lost(one, person)]
    rosters = [
        line("member_died", "{name}于 {on} 死亡", "{name} died on {on}", name=person.name, on=on.isoformat())
    ]
    if head is not None:
        rosters.append(line("new_head", "户主变更为{name}", "{name} becomes head", name=head.name))
    if _alone(home, person, on):
        rosters += must_leave_by_list(entries_of(home.household_id, on=on), home.head_name, "deceased", on)
    return {
        "rosters": rosters,
        "loans": effects.loans_keep_terms(loans),
        "applications": _of_person(home, person, actor),
        "duties": [*risk_event(lost), *insurance_to_claim(person, on=on)],
    }


def _death(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, on = _home(actor, details)
    person = _living(details, home, on)
    head = _new_head(details, home, person, on)
    changed_from(person, actor=actor, on=on, deceased_on=on)
    if head is not None:
        _made_head(head, home, actor=actor, on=on)
    if _alone(home, person, on):
        for entry in entries_of(home.household_id, on=on):
            ended(entry, actor=actor, on=on, left_reason="deceased")


def _made_head(head: Member, home: Household, *, actor: Actor, on: date) -> None:
    changed_from(head, actor=actor, on=on, relation="head")
    changed_from(home, actor=actor, on=on, head_name=head.name, pinyin=sorted_as(head.name))


def _living(details: Details, home: Household, on: date) -> Member:
    person = member_row(str(details.get("member_id", "")), on=on, household_id=home.household_id)
    if person.deceased_on is not None:
        raise Refused("bad_field", field="member_id")
    return person


def _alone(home: Household, person: Member, on: date) -> bool:
    return all(one.deceased_on or one.pk == person.pk for one in members_of(home.household_id, on=on))


def _new_head(details: Details, home: Household, person: Member, on: date) -> Member | None:
    """Who becomes head when the head dies: one of the living members, unless nobody is left."""
    if person.relation != "head" or _alone(home, person, on):
        return None
    head = member_row(str(details.get("new_head_id", "")), on=on, household_id=home.household_id)
    if head.pk == person.pk or head.deceased_on is not None:
        raise Refused("bad_field", field="new_head_id")
    return head


def _correction_effect(actor: Actor, details: Details) -> Effect:
    home = household_row(str(details.get("household_id", "")), on=actor.on)
    person = member_row(str(details.get("member_id", "")), on=actor.on, household_id=home.household_id)
    name = text_of(details, "name", most=_NAME, needed=False)
    changes = []
    if name and name != person.name:
        changes.append(line("name_corrected", "姓名“{before}”更正为“{after}”", "the name {before} becomes {after}",
                            before=person.name, after=name))  # fmt: skip
    if details.get("id_number_id"):
        before = personal_data.masked_of([person.id_number_id]).get(person.id_number_id or UUID(int=0), "")
        changes.append(line("number_corrected", "证件号码 {before} 更正为 {after}",
                            "the ID number {before} becomes {after}",
                            before=before or "-", after=details["id_masked"]))  # fmt: skip
    if not changes and not details.get("id_number"):
        raise Refused("missing_field", field="name")
    return {
        "rosters": changes,
        "loans": effects.loans_keep_terms(
            [one for one in effects.running([home.household_id], on=actor.on) if borrower_lost(one, person)]
        ),
        "applications": _of_person(home, person, actor),
        "duties": [],
    }


def _correction(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home = household_row(details["household_id"], on=actor.on)
    person = member_row(details["member_id"], on=actor.on, household_id=home.household_id)
    number = number_of(details, member_id=person.member_id, home=home)
    name = details.get("name") or person.name
    corrected(person, actor=actor, name=name, id_number_id=number or person.id_number_id)
    if person.relation == "head" and home.head_name != name:
        corrected(home, actor=actor, head_name=name, pinyin=sorted_as(name))


def _of_person(home: Household, person: Member, actor: Actor) -> effects.Lines:
    """Applications of the household in progress; those whose applicant the person is must be looked at again."""
    waiting = effects.pending([home.household_id])
    theirs = [one for one in waiting if one.borrower_member_id == person.member_id]
    rest = [one for one in waiting if one.borrower_member_id != person.member_id]
    return [
        line("application_of_person", "在办申请 {application} 的申请人资料有变，须退回重新核对",
             "the applicant of {application} in progress is concerned: it has to go back and be checked again",
             application=one.application_id)
        for one in theirs
    ] + effects.applications_on(rest, categories=_lists(home, actor), area=home.scope_area, on=actor.on)  # fmt: skip


def _lists(home: Household, actor: Actor) -> set[str]:
    return {one.category for one in entries_of(home.household_id, on=actor.on)}


def _home(actor: Actor, details: Details) -> tuple[Household, date]:
    on = day_of(details, "on", actor=actor)
    return household_row(str(details.get("household_id", "")), on=on), on


_HOUSEHOLD = Field("household_id", Words("农户", "Household"), "household")
_PERSON = Field("member_id", Words("成员", "Member"), "member")
_KIN = tuple((code, words) for code, words in RELATIONS.items() if code != "head")
_ASKS = ("household.request", "household.approve")
_NUMBER = Field("id_number", Words("证件号码", "ID number"), "id_number", required=False)
BIRTH = register(
    Kind("life.birth", Words("新生儿登记", "Birth"), *_ASKS, _enters_effect, _birth, place_of,
         (_HOUSEHOLD, Field("name", Words("姓名", "Name")), Field("on", Words("出生日期", "Born on"), "day"),
          Field("relation", Words("与户主关系", "Relation to the head"), "code", _KIN), _NUMBER),
         prepare=prepared_person, made=("member_id", "id_number_id", "id_masked", "id_number"))
)  # fmt: skip
ENTERS = register(
    Kind("life.enters", Words("结婚、返乡等迁入成员", "A member enters (marriage, return)"), *_ASKS, _enters_effect,
         _enters, place_of,
         (_HOUSEHOLD, Field("name", Words("姓名", "Name")), Field("on", Words("迁入日期", "From"), "day"),
          Field("relation", Words("与户主关系", "Relation to the head"), "code", _KIN), _NUMBER),
         prepare=prepared_person, made=("member_id", "id_number_id", "id_masked", "id_number"))
)  # fmt: skip
LEAVES = register(
    Kind("life.leaves", Words("结婚、外迁等迁出成员", "A member leaves (marriage, moving)"), *_ASKS, _leaves_effect,
         _leaves, place_of, (_HOUSEHOLD, _PERSON, Field("on", Words("迁出日期", "From"), "day")))
)  # fmt: skip
DEATH = register(
    Kind("life.death", Words("死亡登记", "Death"), *_ASKS, _death_effect, _death, place_of,
         (_HOUSEHOLD, _PERSON, Field("on", Words("死亡日期", "Died on"), "day"),
          Field("new_head_id", Words("新户主（户主死亡时）", "New head (where the head died)"), "member",
                required=False)),
         ("LD2021-3.5",))
)  # fmt: skip
CORRECTION = register(
    Kind("life.correct_person", Words("更正姓名或证件号码", "Correct a name or ID number"), *_ASKS, _correction_effect,
         _correction, place_of,
         (_HOUSEHOLD, _PERSON, Field("name", Words("正确的姓名", "The right name"), required=False),
          Field("id_number", Words("正确的证件号码", "The right ID number"), "id_number", required=False)),
         prepare=prepared_person, made=("id_number_id", "id_masked", "id_number"))
)  # fmt: skip
