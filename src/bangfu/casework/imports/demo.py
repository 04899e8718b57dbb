"""The demonstration county in the database, and one made-up person a role: only where nobody real is.

Their password is known to everybody: the sign-in page of a demonstration lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import polars as pl
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import sorted_as

__all__ = ["COUNTY", "DemoPerson", "areas_of", "demo_people", "demo_places"]

COUNTY, BANK, NEXT_BANK = "522728", "B01", "B02"
_BANK_NAME, _NEXT_BANK_NAME, _NEXT_BRANCH = (
    "示范县农村信用合作联社",
    "邻县示范农村信用合作联社",
    "邻县示范信用社",
)
_NEXT_COUNTY = "522729"
_FIRST = date(2014, 1, 1)
# Role, number, name, and where: a township's number and within it a village's, a branch's number, or a place itself.
_PEOPLE = (
    ("village", 1, "罗启发", "village:0"),
    ("village", 2, "韦素芬", "village:1"),
    ("township", 1, "陈明辉", "township:0"),
    ("township", 2, "石秋菊", "township:1"),
    ("township", 3, "杨文军", "township:0"),
    ("station", 1, "岑国庆", "township:0"),
    ("station", 2, "蒙春桃", "township:1"),
    ("branch_officer", 1, "周建华", "branch:0"),
    ("branch_officer", 2, "向红梅", "branch:1"),
    ("branch_officer", 3, "田海涛", "branch:0"),
    ("branch_manager", 1, "黄丽华", "branch:0"),
    ("branch_manager", 2, "邹志强", "branch:1"),
    ("branch_manager", 3, "谭云珍", "branch:0"),
    ("county_bank", 1, "郑德才", BANK),
    ("county_bank", 2, "孔月娥", NEXT_BANK),
    ("county_bank", 3, "夏天佑", BANK),
    ("bureau", 1, "莫永福", COUNTY),
    ("bureau", 2, "覃桂花", COUNTY),
    ("finance", 1, "吴光秀", COUNTY),
    ("finance", 3, "潘玉梅", COUNTY),
    ("regulator", 1, "林再兴", COUNTY),
    ("pboc", 1, "何仕林", COUNTY),
    ("auditor", 1, "龙正义", COUNTY),
    ("admin", 1, "顾友良", ""),
    ("admin", 2, "史彩霞", ""),
)


@dataclass(frozen=True)
class DemoPerson:
    """One account of the demonstration.

    Attributes:
        role: The code of the role.
        number: 1 is the one the sign-in page lists; 2 holds it in the next place; 3 is a colleague of the first.
        username: Signs in with it.
        name: A made-up name.
        place: The area's code or the institution's id.
        account_id: The account.
    """

    role: str
    number: int
    username: str
    name: str
    place: str
    account_id: int


def demo_people(areas: pl.DataFrame, *, actor: Actor) -> tuple[DemoPerson, ...]:
    """Open the accounts of the demonstration, each with its one role; the password is ``people.api.DEMO_PASSWORD``.

    Args:
        areas: area_code, township, village, branch, as ``bangfu generate`` writes them.
        actor: The site.
    """
    villages = areas.sort("area_code")["area_code"].to_list()
    townships = sorted({code[:9] for code in villages})
    password = make_password(people.DEMO_PASSWORD)  # one for all: it is no secret, and slow to make
    made = []
    for role, number, name, where in _PEOPLE:
        username = f"demo-{role}" if number == 1 else f"demo-{role}{number}"
        account_id = _opened(username, name, password, actor=actor)
        place = _place(where, villages, townships)
        people.grant_role(
            actor=actor, account_id=account_id, role=role, place=place, valid_from=_FIRST, why="演示"
        )
        made.append(DemoPerson(role, number, username, name, place, account_id))
    return tuple(made)


def _opened(username: str, name: str, password: str, *, actor: Actor) -> int:
    """An account past the rules for passwords, which forbid one that everybody knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_account (username, name, password, must_change_password, password_set_at,"
            " last_counter, opened_at) values (%s, %s, %s, false, %s, -1, %s) returning id",
            [username, name, password, actor.now, actor.now],
        )
        (account_id,) = cursor.fetchone() or (0,)
    after = {"username": username, "name": name}
    trail.record(actor=actor, act="account.opened", subject=("account", account_id), after=after)
    return int(account_id)


def _place(where: str, villages: Sequence[str], townships: Sequence[str]) -> str:
    kind, _, which = where.partition(":")
    if kind == "village":
        return next(code for code in villages if code.startswith(townships[int(which)]))
    if kind == "township":
        return townships[int(which)]
    return branch_id(int(which)) if kind == "branch" else where


def branch_id(number: int) -> str:
    """The id of the county bank's branch in the number-th township."""
    return f"{BANK}{number + 1:02d}"


def demo_places(areas: pl.DataFrame, *, actor: Actor, batch_id: UUID, branches: pl.DataFrame) -> None:
    """Places, institutions and lead banks.

    Args:
        areas: area_code, township, village, branch.
        actor: The site.
        batch_id: The import they come with.
        branches: lender, branch, area_code of the loans: outlets that no place names.
    """
    same = {
        "recorded": DateTimeTZRange(actor.now, None, "[)"),
        "recorded_by": actor.account_id,
        "batch_id": batch_id,
    }
    townships = areas.select(
        pl.col("area_code").str.slice(0, 9).alias("code"), pl.col("township").alias("name")
    )
    named = pl.concat(
        [
            pl.DataFrame({"code": [COUNTY, _NEXT_COUNTY], "name": ["示范县", "邻县"]}),
            townships.unique(maintain_order=True),
            areas.select(pl.col("area_code").alias("code"), pl.col("village").alias("name")),
        ]
    )
    inserted(
        "casework_area",
        named.with_columns(
            pl.Series("pinyin", [sorted_as(name) for name in named["name"]]), pl.lit("(,)").alias("valid")
        ),
        same,
    )
    led = (
        areas.select(pl.col("area_code").str.slice(0, 9).alias("township"), "branch")
        .unique(maintain_order=True)
        .sort("township")
        .with_row_index("number")
    )
    led = led.with_columns(
        pl.format("B01{}", (pl.col("number") + 1).cast(pl.String).str.zfill(2)).alias("institution_id")
    )
    inserted("casework_institution", _institutions(led, branches), same)
    inserted("casework_lead_bank", _lead_banks(led), same)


def _institutions(led: pl.DataFrame, branches: pl.DataFrame) -> pl.DataFrame:
    """The two banks, the branches that lead townships, and outlets that occur in loans alone."""
    schema = dict.fromkeys(("institution_id", "kind", "name", "parent_id", "area_code"), pl.String())
    cells = [
        (BANK, "bank", _BANK_NAME, None, COUNTY),
        (NEXT_BANK, "bank", _NEXT_BANK_NAME, None, _NEXT_COUNTY),
        (f"{NEXT_BANK}01", "branch", _NEXT_BRANCH, NEXT_BANK, _NEXT_COUNTY),
    ]
    cells += [
        (one, "branch", name, BANK, township)
        for one, name, township in led.select("institution_id", "branch", "township").rows()
    ]
    named = {name for _, _, name, _, _ in cells}
    others = branches.filter(
        (pl.col("lender") == _BANK_NAME)
        & pl.col("branch").is_not_null()
        & ~pl.col("branch").is_in(list(named))
    )
    outlets = others.group_by("branch").agg(pl.col("area_code").min().str.slice(0, 9)).sort("branch").rows()
    cells += [
        (branch_id(led.height + place), "branch", name, BANK, township)
        for place, (name, township) in enumerate(outlets)
    ]
    return pl.DataFrame(cells, schema=schema, orient="row").with_columns(
        pl.lit(f"[{_FIRST},)").alias("valid")
    )


def _lead_banks(led: pl.DataFrame) -> pl.DataFrame:
    """One lead bank a township, with a made-up filing."""
    return led.select(
        "township",
        "institution_id",
        pl.lit("[2021-06-01,)").alias("valid"),
        pl.lit("示范县乡村振兴局").alias("named_by"),
        pl.format("示范金备〔2021〕{}号", pl.col("number") + 1).alias("filing_number"),
        pl.lit("示范监管分局").alias("filed_with"),
        pl.lit("2021-06-15").alias("filed_on"),
    )


def areas_of(folder: Path) -> pl.DataFrame:
    """The invented places beside a generated county."""
    schema = dict.fromkeys(("area_code", "township", "village", "branch"), pl.String())
    return pl.read_csv(folder / "planted" / "areas.csv", schema=schema)
