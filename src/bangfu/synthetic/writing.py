"""Writes a county as a folder that people can open: the tables, and beside them what was planted."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bangfu.facts import write_facts
from bangfu.synthetic.county import EARLIEST, County, build

PLANTED_FOLDER, PACKS_FOLDER = "planted", "packs"
PACKS = Path(__file__).parent / "packs"
_TABLES_BOOK = "county.xlsx"

_NOTICE = """这是一个合成的演示县，仅供演示和测试。
所有的人、身份证号、乡镇、村、账户和贷款都是程序编造的，与任何真实的人和地方无关；县代码借用 522728，以便适用相应文件。
planted.csv 列出有意埋入的问题：code 为问题代码，table 和 id 为审计应指出的对象，note 为埋法。
areas.csv 是各村代码对应的虚构乡镇、村和信用社名称。
packs 中是虚构的示范文件，部分问题须连同它们一起审计（--packs）才能查出。

This is a synthetic county, for demonstration and tests only.
All people, identity numbers, townships, villages, accounts and loans are made up by a program and have nothing to do
with any real person or place; the county code 522728 is borrowed so that its documents apply.
planted.csv lists the faults planted on purpose: the code, the subject an audit must name (table, id), and how (note).
areas.csv gives the invented names behind the codes of the villages.
packs/ holds invented circulars, without which (--packs) some of the faults cannot show.
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written.

    Attributes:
        out: The folder.
        facts: What ``read_facts`` reads: the folder itself, or the workbook in it.
        rows: Rows of each table.
        packs: The demonstration circulars that the faults of some codes need (``--packs``).
        planted: How many faults of each code.
        as_of: The day the county is told up to.
    """

    out: Path
    facts: Path
    rows: Mapping[str, int]
    packs: Path
    planted: Mapping[str, int]
    as_of: date


def generate(
    *,
    out: Path,
    loans: int,
    seed: int,
    as_of: date = EARLIEST,
    format: Literal["csv", "parquet", "xlsx"] = "csv",  # noqa: A002 - the public name
) -> Summary:
    """Write a synthetic county: all tables, and in ``planted/`` the list of faults with a notice in both languages.

    Args:
        out: The folder; made where missing.
        loans: How many programme loans.
        seed: The same seed gives the same files.
        as_of: The day the county is told up to.
        format: csv and xlsx in people's units, parquet as in memory.

    Raises:
        ValueError: As ``build``; or more rows than a sheet of a workbook holds.
    """
    county = build(loans, seed, as_of)
    out.mkdir(parents=True, exist_ok=True)
    facts = out / _TABLES_BOOK if format == "xlsx" else out
    write_facts(county.tables, facts, format)
    _write_planted(county, out / PLANTED_FOLDER)
    _write_packs(out / PACKS_FOLDER)
    counted = county.planted.group_by("code").len().sort("code")
    return Summary(
        out=out,
        facts=facts,
        rows={name: frame.height for name, frame in county.tables.items()},
        packs=out / PACKS_FOLDER,
        planted=dict(counted.iter_rows()),
        as_of=as_of,
    )


def _write_packs(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for pack in sorted(PACKS.glob("*.yaml")):
        shutil.copyfile(pack, folder / pack.name)


def _write_planted(county: County, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    county.planted.write_csv(folder / "planted.csv")
    county.areas.write_csv(folder / "areas.csv")
    (folder / "DEMONSTRATION.txt").write_text(_NOTICE, encoding="utf-8")
