"""Made-up families of the demonstration who apply for a loan or whose lists and lives change, and how far each got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import polars as pl

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.casework.imports.demo import COUNTY
from bangfu.casework.imports.writing import write
from bangfu.facts import TABLES
from bangfu.facts.identity import check_digit_of

__all__ = ["CASES", "LEAVING", "UNLISTED", "WAYS", "Case", "Family", "brought_in"]

YUAN = 100
_LISTED = date(2024, 5, 16)
_FIRST_SEQUENCE = 910


@dataclass(frozen=True)
class Family:
    """A family of a head and perhaps a spouse and a child.

    Attributes:
        number: Its ids are made of it.
        head: A made-up name.
        born: The head's day of birth.
        spouse: A made-up name, or empty.
        spouse_born: Their day of birth.
        category: The list it stands on; empty where on none.
    """

    number: int
    head: str
    born: date
    spouse: str
    spouse_born: date
    category: str

    @property
    def household_id(self) -> str:
        """Its registration number."""
        return f"H9{self.number:07d}"

    @property
    def head_id(self) -> str:
        """The head's id."""
        return f"M9{self.number:07d}0"


@dataclass(frozen=True)
class Case:
    """An application, and how far it got.

    Attributes:
        family: Whose.
        got: A key of ``WAYS``.
        last: How many days ago its last step was.
        amount_fen: What is asked.
        months: For how long.
        purpose: The code.
        words: The purpose in words.
    """

    family: Family
    got: str
    last: int
    amount_fen: int
    months: int
    purpose: str
    words: str


_TO_BRANCH = ("submit", "village", "township", "station")
# How far an application got → the steps that were done.
WAYS: Mapping[str, tuple[str, ...]] = {
    "draft": ("draft",),
    "village_review": _TO_BRANCH[:1],
    "township_review": _TO_BRANCH[:2],
    "station_opinion": _TO_BRANCH[:3],
    "branch_examination": _TO_BRANCH,
    "exception": (*_TO_BRANCH, "ask"),
    "bank_decision": (*_TO_BRANCH, "examine"),
    "approved": (*_TO_BRANCH, "examine", "decide"),
    "signed": (*_TO_BRANCH, "examine", "decide", "sign"),
    "paid": (*_TO_BRANCH, "examine", "decide", "sign", "pay"),
    "refused": (*_TO_BRANCH[:2], "refuse"),
    "returned": (*_TO_BRANCH[:2], "return"),
}


def _case(number: int, got: str, last: int, who: str, day: str, spouse: str, amount: int, months: int,
          purpose: str, words: str) -> Case:  # fmt: skip
    born = date.fromisoformat(day)
    family = Family(
        number, who, born, spouse, date(born.year + 2, 9, 1 + number), ("monitored", "assisted")[number % 2]
    )
    return Case(family, got, last, amount * YUAN, months, purpose, words)


CASES = (
    _case(1, "draft", 3, "蒙正富", "19840611", "韦小菊", 30_000, 24, "livestock", "买两头能繁母猪，扩建猪舍"),
    _case(2, "draft", 0, "吴德英", "19900203", "", 20_000, 12, "crops", "种十亩辣椒，买种苗和肥料"),
    _case(3, "village_review", 7, "岑光荣", "19791120", "罗桂芝", 50_000, 24, "livestock", "买六头牛犊，自家圈养"),
    _case(4, "village_review", 0, "韦昌明", "19870408", "蒙秀花", 40_000, 36, "forestry", "管护二十亩油茶，补种新苗"),
    _case(5, "township_review", 1, "陆忠平", "19820827", "杨春梅", 50_000, 36, "protected_farming", "搭四个食用菌大棚"),
    _case(6, "township_review", 6, "莫建成", "19750115", "岑玉兰", 25_000, 12, "crops", "种百香果八亩，搭架滴灌"),
    _case(7, "station_opinion", 0, "王国祥", "19881202", "石兰英", 45_000, 24, "livestock", "养林下鸡一千羽"),
    _case(8, "station_opinion", 4, "罗启贵", "19800530", "陆小芬", 30_000, 18, "fishery", "稻田养鱼十二亩，买鱼苗"),
    _case(9, "branch_examination", 2, "龙胜军", "19860719", "吴水妹", 50_000, 36, "equipment", "买微耕机，代耕代种"),
    _case(10, "branch_examination", 0, "潘天福", "19910306", "蒙玲玲", 35_000, 24, "service", "自家房屋办农家乐"),
    _case(11, "bank_decision", 1, "石金保", "19831024", "王彩云", 50_000, 24, "livestock", "买四十只黑山羊"),
    _case(12, "bank_decision", 0, "杨再兴", "19770909", "潘秀珍", 40_000, 36, "forestry", "李子园嫁接换种十五亩"),
    _case(13, "refused", 4, "覃福生", "19850214", "韦冬梅", 50_000, 24, "trade", "在县城租门面开手机店"),
    _case(14, "returned", 2, "黄石林", "19890808", "莫小英", 30_000, 24, "processing", "加工"),
    _case(15, "exception", 1, "岑文德", "19580307", "罗秀英", 20_000, 12, "livestock", "与儿子一起养蜂六十箱"),
    _case(16, "approved", 1, "蒙廷贵", "19810126", "吴兰香", 50_000, 36, "livestock", "买五头育肥牛，种牧草三亩"),
    _case(17, "signed", 1, "韦绍云", "19841212", "杨再妹", 45_000, 24, "crops", "种中药材十亩"),
    _case(18, "paid", 1, "陆光辉", "19780601", "石春花", 50_000, 36, "livestock", "养猪三十头，建沼气池"),
)  # fmt: skip
# Fell ill and lost its harvest: it is to be put on a list. And one that is to be taken off.
UNLISTED = Family(19, "潘正明", date(1976, 4, 4), "龙小花", date(1979, 9, 9), "")
LEAVING = Family(20, "王秀山", date(1974, 10, 10), "岑小兰", date(1977, 2, 2), "monitored")


def brought_in(*, actor: Actor, village: str, batch_id: UUID) -> None:
    """Bring the families into the registry, as an import of the bureau's lists does.

    Args:
        actor: The site, at the moment they are recorded.
        village: The code of the village where they live.
        batch_id: The import they come with.
    """
    families = [*(one.family for one in CASES), UNLISTED, LEAVING]
    told: dict[str, list[tuple[object, ...]]] = {
        "households": [
            (one.household_id, village, one.head, 2 if one.spouse else 1, None) for one in families
        ],
        "members": [row for one in families for row in _members(one)],
        "roster": [(one.household_id, one.category, _LISTED, None, None) for one in families if one.category],
    }
    frames = {
        name: pl.DataFrame(told.get(name, []), schema=dict(table.schema), orient="row")
        for name, table in TABLES.items()
    }
    with entered(actor.scope):
        write(
            frames, actor=actor, batch_id=batch_id, county=COUNTY, source="import", progress=lambda *_: None
        )


def _members(family: Family) -> Iterable[tuple[str, str, str, str, str, bool, None]]:
    """Head, spouse and a child, with made-up numbers."""
    people = [(family.head, family.born, "head", True)]
    if family.spouse:
        people.append((family.spouse, family.spouse_born, "spouse", True))
    people.append((f"{family.head[0]}小宝", date(2015, 5, 1 + family.number), "child", False))
    for place, (name, born, relation, labour) in enumerate(people):
        first = f"{COUNTY}{born:%Y%m%d}{_FIRST_SEQUENCE + (relation != 'spouse') + 2 * place:03d}"
        yield (
            f"{family.head_id[:-1]}{place}", family.household_id, name, first + check_digit_of(first), relation,
            labour, None,
        )  # fmt: skip
