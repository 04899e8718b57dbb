"""The fields of LD2021-form as the branch enters them: what is taken over, what is checked, what is required."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination.papers import MARITAL
from bangfu.casework.origination.registry_reading import Household, Member
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.words import Words
from bangfu.facts.codes import LOAN_KIND, PURPOSE
from bangfu.facts.identity import birth_date_of, fold_id, sex_of
from bangfu.facts.schema import FEN_100_MILLION_YUAN

TABLE = "casework_application_version"
MOST_MONTHS, MOST_PEOPLE = 120, 99
_PHONE = re.compile(r"[0-9+\-() ]{5,20}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# The fields in the order of the form, with their names.
LABELS: Mapping[str, Words] = {
    "borrower_member_id": Words("申请人", "Applicant"),
    "borrower_name": Words("姓名", "Name"),
    "borrower_sex": Words("性别", "Sex"),
    "borrower_born_on": Words("出生年月", "Born"),
    "borrower_marital_status": Words("婚姻状况", "Marital status"),
    "family_size": Words("家庭人口数", "Members of the family"),
    "borrower_id_number": Words("身份证号码", "ID number"),
    "borrower_phone": Words("联系电话", "Phone"),
    "address": Words("家庭住址", "Home address"),
    "spouse_name": Words("配偶姓名", "Spouse's name"),
    "spouse_born_on": Words("配偶出生年月", "Spouse born"),
    "spouse_phone": Words("配偶联系电话", "Spouse's phone"),
    "spouse_id_number": Words("配偶身份证号码", "Spouse's ID number"),
    "kind": Words("贷款种类", "Kind of loan"),
    "parent_loan_id": Words("原贷款", "The loan it adds to or renews"),
    "amount_fen": Words("申请金额", "Amount"),
    "purpose": Words("借款用途", "Purpose"),
    "purpose_text": Words("用途概况", "What it is for, in words"),
    "term_months": Words("贷款期限", "Term"),
    "applied_on": Words("申请日期", "Day of the application"),
}


@dataclass(frozen=True)
class Entered:
    """What the branch enters. A number that is None stays as it is; an empty text takes it away."""

    borrower_member_id: str
    kind: str = "new"
    parent_loan_id: str = ""
    borrower_marital_status: str = ""
    family_size: int | None = None
    borrower_id_number: str | None = None
    borrower_phone: str | None = None
    address: str = ""
    spouse_name: str = ""
    spouse_born_on: date | None = None
    spouse_phone: str | None = None
    spouse_id_number: str | None = None
    amount_fen: int = 0
    purpose: str = ""
    purpose_text: str = ""
    term_months: int = 0
    applied_on: date | None = None


def prefilled(home: Household, member: Member, *, on: date) -> dict[str, Any]:
    """The fields the registry answers."""
    spouse = home.spouse_of_head if member.relation == "head" else None
    if member.relation == "spouse":
        spouse = next((one for one in home.members if one.relation == "head"), None)
    marital = member.marital_status if member.marital_status in MARITAL else ("married" if spouse else "")
    return {
        **_borrower(member),
        "borrower_marital_status": marital,
        "family_size": len(home.members),
        "borrower_phone_id": member.phone_id,
        "address": home.address or "".join(home.place[1:]),
        "spouse_name": spouse.name if spouse else "",
        "spouse_born_on": spouse.born_on if spouse else None,
        "spouse_phone_id": spouse.phone_id if spouse else None,
        "spouse_id_number_id": spouse.id_number_id if spouse else None,
        "kind": "new",
        "parent_loan_id": "",
        "applied_on": on,
        "amount_fen": 0,
        "purpose": "",
        "purpose_text": "",
        "term_months": 0,
        "rate_e8": None,
        "interest_method": "",
        "guarantee": "none",
        "funding": "",
        "subsidy_ceiling_fen": None,
    }


def _borrower(member: Member) -> dict[str, Any]:
    return {
        "borrower_member_id": member.member_id,
        "borrower_name": member.name,
        "borrower_sex": member.sex,
        "borrower_born_on": member.born_on,
        "borrower_id_number_id": member.id_number_id,
    }


def taken(
    entered: Entered,
    before: Mapping[str, Any],
    *,
    home: Household,
    row_id: str,
    scoped: Mapping[str, Any],
    on: date,
) -> dict[str, Any]:
    """The values of a new version: what was entered, checked, over what stood before.

    Raises:
        Refused: ``bad_field``, with the field and why.
    """
    member = home.member(entered.borrower_member_id)
    if member is None:
        why = Words("申请人须是该户在册成员", "the applicant must be a living member of the household")
        raise _bad("borrower_member_id", why)
    values = dict(before) | _borrower(member)
    if member.id_number_id is None and before["borrower_member_id"] == member.member_id:
        values |= {
            name: before[name] for name in ("borrower_id_number_id", "borrower_sex", "borrower_born_on")
        }
    if before["borrower_member_id"] != member.member_id:
        values["borrower_phone_id"] = member.phone_id
    values |= _checked(entered, on=on)
    if entered.spouse_born_on is None and entered.spouse_id_number is None and entered.spouse_name:
        values["spouse_born_on"] = before["spouse_born_on"]
    return values | _numbers(entered, member, values, row_id=row_id, scoped=scoped)


def _checked(entered: Entered, *, on: date) -> dict[str, Any]:
    """The plain fields."""
    if entered.kind not in LOAN_KIND:
        raise _bad("kind", Words("没有这种贷款", "no such kind of loan"))
    if entered.purpose and entered.purpose not in PURPOSE:
        raise _bad("purpose", Words("没有这种用途", "no such purpose"))
    if entered.borrower_marital_status and entered.borrower_marital_status not in MARITAL:
        raise _bad("borrower_marital_status", Words("没有这种婚姻状况", "no such marital status"))
    if not 0 <= entered.amount_fen <= FEN_100_MILLION_YUAN:
        raise _bad("amount_fen", Words("金额不合理", "no such amount"))
    if not 0 <= entered.term_months <= MOST_MONTHS:
        raise _bad("term_months", Words("期限须在1至120个月之间", "the term lies between 1 and 120 months"))
    if entered.family_size is not None and not 0 < entered.family_size <= MOST_PEOPLE:
        raise _bad("family_size", Words("人口数须在1至99之间", "between 1 and 99 people"))
    applied = entered.applied_on or on
    if applied > on:
        raise _bad("applied_on", Words("申请日期不能晚于今天", "the day lies in the future"))
    if entered.spouse_born_on and entered.spouse_born_on > on:
        raise _bad("spouse_born_on", Words("出生日期不能晚于今天", "the day lies in the future"))
    return {
        "kind": entered.kind,
        "parent_loan_id": entered.parent_loan_id if entered.kind != "new" else "",
        "borrower_marital_status": entered.borrower_marital_status,
        "family_size": entered.family_size,
        "address": _text("address", entered.address, 200),
        "spouse_name": _text("spouse_name", entered.spouse_name, 64),
        "spouse_born_on": entered.spouse_born_on,
        "amount_fen": entered.amount_fen,
        "purpose": entered.purpose,
        "purpose_text": _text("purpose_text", entered.purpose_text, 500),
        "term_months": entered.term_months,
        "applied_on": applied,
    }


def _text(field: str, value: str, most: int) -> str:
    told = _CONTROL.sub("", value).strip()
    if len(told) > most:
        raise _bad(field, Words(f"不能超过{most}个字", f"at most {most} characters"))
    return told


def _numbers(
    entered: Entered, member: Member, values: Mapping[str, Any], *, row_id: str, scoped: Mapping[str, Any]
) -> dict[str, Any]:
    """New numbers go to the vault; the borrower's own ID number is the registry's, where it holds one."""
    new: dict[str, tuple[str, str]] = {}
    found: dict[str, Any] = {}
    for name, field in (
        ("borrower_id_number", "id_number"), ("borrower_phone", "phone"), ("spouse_id_number", "id_number"),
        ("spouse_phone", "phone"),
    ):  # fmt: skip
        given = getattr(entered, name)
        if given is None or (name == "borrower_id_number" and member.id_number_id is not None):
            continue
        if not given.strip():
            found[f"{name}_id"] = None
        else:
            new[name] = (field, _number(name, field, given))
    ids = personal_data.kept(
        [personal_data.Plain(TABLE, row_id, field, value, **scoped) for field, value in new.values()]
    )
    found |= {f"{name}_id": one for name, one in zip(new, ids, strict=True)}
    if "borrower_id_number" in new:
        number = new["borrower_id_number"][1]
        found |= {"borrower_born_on": birth_date_of(number), "borrower_sex": sex_of(number) or ""}
    if "spouse_id_number" in new and values["spouse_born_on"] is None:
        found["spouse_born_on"] = birth_date_of(new["spouse_id_number"][1])
    return found


def _number(name: str, field: str, given: str) -> str:
    if field == "id_number":
        number = fold_id(given)
        if birth_date_of(number) is None:
            why = Words(
                "身份证号码应为18位（或15位），且含有效出生日期", "18 (or 15) characters with a day of birth"
            )
            raise _bad(name, why)
        return number
    if not _PHONE.fullmatch(given.strip()):
        raise _bad(name, Words("电话只能有数字和-", "a phone number has figures and hyphens only"))
    return given.strip()


def unfilled(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The required fields that are empty, in the order of the form."""
    wanted: list[tuple[str, Any]] = [
        (name, values[name])
        for name in (
            "borrower_name", "borrower_born_on", "borrower_marital_status", "family_size", "address", "purpose",
            "purpose_text", "applied_on",
        )
    ]  # fmt: skip
    wanted += [
        ("borrower_id_number", values["borrower_id_number_id"]),
        ("borrower_phone", values["borrower_phone_id"]),
    ]
    wanted += [("amount_fen", values["amount_fen"]), ("term_months", values["term_months"])]
    if values["borrower_marital_status"] == "married":
        wanted += [
            ("spouse_name", values["spouse_name"]),
            ("spouse_id_number", values["spouse_id_number_id"]),
        ]
    if values["kind"] != "new":
        wanted.append(("parent_loan_id", values["parent_loan_id"]))
    empty = {name for name, value in wanted if not value}
    return tuple(name for name in LABELS if name in empty)


def vault_ids(values: Mapping[str, Any]) -> dict[str, UUID | None]:
    """The ids of the numbers, by field."""
    return {
        name: values[f"{name}_id"]
        for name in ("borrower_id_number", "borrower_phone", "spouse_id_number", "spouse_phone")
    }


def _bad(field: str, why: Words) -> Refused:
    return Refused("bad_field", field=field, why=why)
