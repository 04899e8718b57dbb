"""The demonstration county in the database, and one made-up person a role: only where nobody real is.

Their passwords and second factors are known to everybody: the sign-in page of a demonstration lists them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import polars as pl
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.imports.copying import inserted
from bangfu.casework.imports.pinyin import sorted_as
from bangfu.casework.people.roles import ROLES
from bangfu.casework.personal_data import api as personal_data

__all__ = ["DEMO_PASSWORD", "DemoPerson", "demo_accounts", "demo_people", "demo_places"]

DEMO_PASSWORD = "demo-Bangfu-2026"  # noqa: S105 - said on the sign-in page
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
    ("village", 2, "韦素芬", "next village"),
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
    ("regulator", 1, "林再兴", COUNTY),
    ("pboc", 1, "何仕林", COUNTY),
    ("auditor", 1, "龙正义", COUNTY),
    ("admin", 1, "顾友良", "site"),
    ("admin", 2, "史彩霞", "site"),
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
        password: Known to all.
        totp_secret: Base32; known to all.
    """

    role: str
    number: int
    username: str
    name: str
    place: str
    password: str
    totp_secret: str


def demo_accounts(areas: pl.DataFrame) -> tuple[DemoPerson, ...]:
    """The people of the demonstration, in the places of a generated county.

    Args:
        areas: area_code, township, village, branch, as ``bangfu generate`` writes them.
    """
    villages = areas.sort("area_code")["area_code"].to_list()
    townships = sorted({code[:9] for code in villages})
    made = []
    for role, number, name, where in _PEOPLE:
        kind, _, which = where.partition(":")
        if kind == "village":
            place = villages[0]
        elif kind == "next village":
            place = next(code for code in villages if code.startswith(townships[1]))
        elif kind == "township":
            place = townships[int(which)]
        elif kind == "branch":
            place = branch_id(int(which))
        else:
            place = where
        username = role if number == 1 else f"{role}{number}"
        secret = base64.b32encode(hashlib.sha256(f"demonstration {username}".encode()).digest()[:20]).decode()
        made.append(DemoPerson(role, number, username, name, place, DEMO_PASSWORD, secret))
    return tuple(made)


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


def demo_people(areas: pl.DataFrame, *, actor: Actor) -> tuple[DemoPerson, ...]:
    """Open the accounts of the demonstration, each with its one role.

    Raises:
        RuntimeError: A role of the demonstration does not exist any more.
    """
    made = demo_accounts(areas)
    if unknown := {one.role for one in made} - set(ROLES):
        raise RuntimeError(f"no such role: {unknown}")
    password = make_password(DEMO_PASSWORD)
    lasting = DateTimeTZRange(actor.now, None, "[)")
    with connection.cursor() as cursor:
        for one in made:
            cursor.execute(
                "insert into casework_account (username, name, password, must_change_password, password_set_at,"
                " last_counter, opened_at) values (%s, %s, %s, false, %s, -1, %s) returning id",
                [one.username, one.name, password, actor.now, actor.now],
            )
            (account_id,) = cursor.fetchone() or (0,)
            secret = personal_data.Plain("casework_account", str(account_id), "totp_secret", one.totp_secret)
            (secret_id,) = personal_data.kept([secret])
            cursor.execute(
                "update casework_account set second_factor_id = %s where id = %s", [secret_id, account_id]
            )
            cursor.execute(
                "insert into casework_grant (account_id, role, place, valid, why, recorded, recorded_by)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                [account_id, one.role, one.place, f"[{_FIRST},)", "演示", lasting, actor.account_id],
            )
    return made


def areas_of(folder: Path) -> pl.DataFrame:
    """The invented places beside a generated county."""
    schema = dict.fromkeys(("area_code", "township", "village", "branch"), pl.String())
    return pl.read_csv(folder / "planted" / "areas.csv", schema=schema)
