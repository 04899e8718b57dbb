"""Households, their members, and the rosters they stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bangfu.synthetic import names
from bangfu.synthetic.clock import at
from bangfu.synthetic.identity import Numbers

_YEAR = 365
_FIRST_BORN, _LAST_BORN = at(1962, 3, 1), at(1996, 12, 31)  # 18 to 65 on every day from 2018 to 2027
_LAST_CHILD = at(2024, 12, 31)
_WORKING_FROM = at(2002, 1, 1)
_OLDEST = at(1930, 1, 1)
_CAUSES = (
    ("lack_of_money",) * 5
    + ("lack_of_skill",) * 3
    + ("illness",) * 3
    + ("schooling", "disaster", "disability", "other")
)


@dataclass(slots=True)
class Member:
    """One person; born and deceased_on are day numbers."""

    member_id: str
    name: str
    id_number: str
    relation: str
    labour: bool
    born: int
    deceased_on: int | None = None


@dataclass(slots=True)
class Listing:
    """One row of the roster."""

    category: str
    listed_on: int
    left_on: int | None = None
    left_reason: str | None = None


@dataclass(slots=True, eq=False)
class Household:
    """One household with its people and its rows of the roster."""

    household_id: str
    area_code: str
    members: list[Member]
    cause: str
    listings: list[Listing] = field(default_factory=list)

    @property
    def labour_count(self) -> int:
        """How many members are able to work."""
        return sum(member.labour for member in self.members)

    def stands_as(self, categories: frozenset[str], day: int) -> bool:
        """Whether it is listed in one of the categories on a day; the day of leaving is out."""
        return any(
            row.category in categories and row.listed_on <= day and (row.left_on is None or day < row.left_on)
            for row in self.listings
        )


class Registry:
    """Makes the households of one tile; ids and ID numbers are given once."""

    def __init__(self, tile: int, rng: Random) -> None:
        self.rng = rng
        self.numbers = Numbers(tile)
        self.households: list[Household] = []
        self._tile = tile
        self._people = 0

    def _member(self, *, surname: str, male: bool, born: int, relation: str, labour: bool) -> Member:
        self._people += 1
        number, day = self.numbers.issue(born, male=male)
        name = surname + names.given(self.rng, male=male)
        return Member(f"M{self._tile:02d}{self._people:06d}", name, number, relation, labour, day)

    def person(self, *, relation: str, born: int, male: bool, labour: bool) -> Member:
        """One more person with a name and a number of his own."""
        surname = names.surname(self.rng)
        return self._member(surname=surname, male=male, born=born, relation=relation, labour=labour)

    def household(self, area_code: str, *, able: bool = True) -> Household:
        """A household with nobody on any roster yet.

        Args:
            area_code: The village, 12 digits.
            able: Whether the adults are able to work; otherwise nobody is.
        """
        rng = self.rng
        draw = rng.random
        surname = names.surname(rng)
        male = draw() < 0.85
        born = _FIRST_BORN + int(draw() * (_LAST_BORN - _FIRST_BORN))
        head = self._member(surname=surname, male=male, born=born, relation="head", labour=able)
        members = [head]
        if draw() < 0.75:
            near = min(max(head.born + int((draw() - 0.5) * 6 * _YEAR), _FIRST_BORN), _LAST_BORN)
            works = able and draw() < 0.9
            other = names.surname(rng)
            members.append(
                self._member(surname=other, male=not male, born=near, relation="spouse", labour=works)
            )
        for _ in range((0, 1, 1, 2, 2, 3)[int(draw() * 6)]):
            day = head.born + 22 * _YEAR + int(draw() * 15 * _YEAR)
            if day > _LAST_CHILD:
                break
            works = able and day < _WORKING_FROM and draw() < 0.8
            members.append(
                self._member(surname=surname, male=draw() < 0.5, born=day, relation="child", labour=works)
            )
        if draw() < 0.4:
            day = max(head.born - 22 * _YEAR - int(draw() * 12 * _YEAR), _OLDEST)
            elder = self._member(
                surname=surname, male=draw() < 0.45, born=day, relation="parent", labour=False
            )
            if draw() < 0.15:
                elder.deceased_on = at(2018, 6, 1) + int(draw() * 7 * _YEAR)
            members.append(elder)
        made = Household(
            f"H{self._tile:02d}{len(self.households) + 1:06d}", area_code, members, self._cause(able=able)
        )
        self.households.append(made)
        return made

    def _cause(self, *, able: bool) -> str:
        return self.rng.choice(_CAUSES) if able else "no_labour"


def list_poor(rng: Random, household: Household, *, assisted: bool) -> None:
    """Registered in 2014 to 2016, out of poverty between 2017 and 2020, from 2026 assisted where still in need."""
    listed = at(2014, 4, 1) + int(rng.random() * 2.5 * _YEAR)
    graduated = at(2017, 10, 1) + int(rng.random() * 3.1 * _YEAR)
    household.listings = [
        Listing("poor", listed, graduated, "graduated"),
        Listing("out_of_poverty", graduated),
    ]
    if assisted:
        _list_again(rng, household, "assisted", "graduated")


def list_margin(rng: Random, household: Household, *, monitored: bool, leaves: bool) -> None:
    """On the margin from 2020 or 2021; some leave in 2024, some are monitored from 2026."""
    household.listings = [Listing("margin", at(2020, 3, 1) + int(rng.random() * 300))]
    if leaves:
        household.listings[0].left_on = at(2024, 1, 10) + int(rng.random() * 300)
        household.listings[0].left_reason = "no_longer_at_risk"
    elif monitored:
        _list_again(rng, household, "monitored", "no_longer_at_risk")


def _list_again(rng: Random, household: Household, category: str, reason: str) -> None:
    """The new lists of 2026 take the place of the old ones on a day in their first week."""
    day = at(2026, 2, 24) + int(rng.random() * 5)
    household.listings[-1].left_on = day
    household.listings[-1].left_reason = reason
    household.listings.append(Listing(category, day))
