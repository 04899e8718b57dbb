"""What an application takes over from the registry: the household, its people, its place.

Read by one statement each, like the core's facts are; row-level security decides what is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from bangfu.casework.database.questions import rows
from bangfu.casework.database.session import widened
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.areas import COUNTY, TOWNSHIP, names_of
from bangfu.facts.identity import birth_date_of, fold_id, sex_of


@dataclass(frozen=True)
class Member:
    """A member of a household as the registry knows them; numbers by their id in the vault, and masked."""

    member_id: str
    name: str
    relation: str
    sex: str
    born_on: date | None
    marital_status: str
    id_number_id: UUID | None
    phone_id: UUID | None
    id_masked: str
    phone_masked: str


@dataclass(frozen=True)
class Household:
    """A household with its living members, its place in words, and the lists it stands on."""

    household_id: str
    village: str
    place: tuple[str, str, str]
    head_name: str
    address: str
    labour_count: int | None
    categories: tuple[str, ...]
    members: tuple[Member, ...]

    def member(self, member_id: str) -> Member | None:
        """A member by id."""
        return next((one for one in self.members if one.member_id == member_id), None)

    @property
    def spouse_of_head(self) -> Member | None:
        """Who stands in the household as spouse of the head."""
        return next((one for one in self.members if one.relation == "spouse"), None)


def household(household_id: str, *, on: date) -> Household | None:
    """A household in scope as it is on a day."""
    found = rows(
        "select scope_area, head_name, address, labour_count from casework_household"
        " where upper_inf(recorded) and valid @> %s::date and household_id = %s",
        [on, household_id],
    )
    if not found:
        return None
    village, head_name, address, labour_count = found[0]
    listed = rows(
        "select category from casework_roster_entry where upper_inf(recorded) and valid @> %s::date"
        " and household_id = %s order by category",
        [on, household_id],
    )
    return Household(
        household_id, village, place_of(village, on=on), head_name, address, labour_count,
        tuple(row[0] for row in listed), _members(household_id, on=on),
    )  # fmt: skip


def _members(household_id: str, *, on: date) -> tuple[Member, ...]:
    found = rows(
        "select member_id, name, relation, born_on, marital_status, id_number_id, phone_id from casework_member"
        " where upper_inf(recorded) and valid @> %s::date and household_id = %s and deceased_on is null"
        " order by relation <> 'head', relation <> 'spouse', member_id",
        [on, household_id],
    )
    masked = personal_data.masked_of(one for row in found for one in row[5:7])
    numbers = personal_data.opened_of(row[5] for row in found)
    return tuple(
        Member(
            member_id, name, relation, sex_of(numbers.get(number, "")) or "",
            born or birth_date_of(numbers.get(number, "")), marital, number, phone, masked.get(number, ""),
            masked.get(phone, ""),
        )
        for member_id, name, relation, born, marital, number, phone in found
    )  # fmt: skip


def place_of(village: str, *, on: date) -> tuple[str, str, str]:
    """Names of county, township and village; the code where there is no name."""
    codes = (village[:COUNTY], village[:TOWNSHIP], village)
    names = names_of(codes, on=on)
    county, township, last = (names.get(code, code) for code in codes)
    return county, township, last


def proven(household_id: str, id_number: str) -> bool:
    """Whether an ID number shown at the counter belongs to a member of the household: a yes or no, nothing else."""
    number = fold_id(id_number)
    if not number:
        return False
    with widened():
        held = [
            row for table, row in personal_data.look_up("id_number", number) if table == "casework_member"
        ]
        found = rows(
            "select 1 from casework_member where upper_inf(recorded) and household_id = %s and member_id = any(%s)",
            [household_id, held],
        )
    return bool(found)


def known_elsewhere(household_id: str, numbers: list[str]) -> bool:
    """Whether one of the ID numbers stands in another household too: a yes or no over all places (LD2021-2.2b)."""
    with widened():
        held = [
            row for number in numbers for table, row in personal_data.look_up("id_number", number)
            if table == "casework_member"
        ]  # fmt: skip
        found = rows(
            "select 1 from casework_member where upper_inf(recorded) and household_id <> %s and member_id = any(%s)",
            [household_id, held],
        )
    return bool(found)


def deal_with(household_id: str, *, institution_id: str, village: str) -> None:
    """Note that a bank has to do with a household, so that it may see it from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_dealings (household_id, institution_id, scope_area) values (%s, %s, %s)"
            " on conflict (institution_id, household_id) do nothing",
            [household_id, institution_id, village],
        )
