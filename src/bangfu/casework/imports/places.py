"""Places and branches from a file: code, township, village, branch, bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted, laid_down
from bangfu.casework.database.refusals import Refused
from bangfu.casework.imports.known import ended_areas, frame_of, known_areas
from bangfu.casework.registry.api import sorted_as
from bangfu.facts import BadFacts, Problem
from bangfu.facts.sources import open_sheets

__all__ = ["dry", "written"]

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "area_code": ("area_code", "区划代码", "行政区划代码", "村代码"),
    "township": ("township", "乡镇", "乡镇名称", "乡镇（街道）"),
    "village": ("village", "村", "村名", "行政村", "村（社区）"),
    "branch": ("branch", "网点", "信用社", "承办网点"),
    "bank": ("bank", "银行", "县联社"),
}
_NEEDED = ("area_code", "township", "village")
_VILLAGE, _TOWNSHIP, _LONGEST = 12, 9, 64


def dry(path: Path, *, actor: Actor) -> tuple[dict[str, Any], list[Problem]]:
    """What the file would do, and what is wrong with it."""
    cells, problems = _read(path, actor)
    told: dict[str, Any] = {"counts": {}, "notes": [], "changes": {}, "rows": {"areas": cells.height}}
    if not problems:
        fresh, renamed, same = _compared(cells, actor)
        branches = _branches(cells, actor)
        told["counts"] = _counts(fresh, renamed, same, branches)
        told["changes"] = {
            "areas": [
                {"code": [code, code], "name": [was, name]} for code, name, was in renamed.head(50).rows()
            ]
        }
    return told, problems


def written(path: Path, *, actor: Actor, batch_id: UUID) -> dict[str, Any]:
    """Write new places, new names and new branches.

    Raises:
        Refused: ``content_changed``, where it cannot be taken any more.
    """
    cells, problems = _read(path, actor)
    if problems:
        raise Refused("content_changed", field="file")
    fresh, renamed, same = _compared(cells, actor)
    branches = _branches(cells, actor)
    stamp = {
        "recorded": DateTimeTZRange(actor.now, None, "[)"),
        "recorded_by": actor.account_id,
        "batch_id": batch_id,
    }
    if not renamed.is_empty():
        laid_down(renamed.select("code"), like="casework_area", name="closing")
        with connection.cursor() as cursor:
            cursor.execute(
                "update casework_area as t set recorded = tstzrange(lower(t.recorded), %s) from pg_temp.closing as c"
                " where upper_inf(t.recorded) and upper_inf(t.valid) and t.code = c.code",
                [actor.now],
            )
    both = pl.concat([fresh.select("code", "name"), renamed.select("code", "name")])
    spelt = pl.Series("pinyin", [sorted_as(name) for name in both["name"]], dtype=pl.String)
    inserted("casework_area", both.with_columns(spelt, pl.lit("(,)").alias("valid")), stamp)
    inserted("casework_institution", branches.with_columns(pl.lit("(,)").alias("valid")), stamp)
    return {"counts": _counts(fresh, renamed, same, branches)}


def _counts(
    fresh: pl.DataFrame, renamed: pl.DataFrame, same: int, branches: pl.DataFrame
) -> dict[str, dict[str, int]]:
    return {
        "areas": {"new": fresh.height, "changed": renamed.height, "same": same, "ended": 0},
        "institutions": {"new": branches.height, "changed": 0, "same": 0, "ended": 0},
    }


def _read(path: Path, actor: Actor) -> tuple[pl.DataFrame, list[Problem]]:
    schema = dict.fromkeys((*_HEADERS, "row"), pl.String())
    none = pl.DataFrame(schema=schema)
    try:
        sheets, problems = open_sheets(path, single=True)
    except BadFacts as bad:
        return none, list(bad.problems)
    if problems:
        return none, problems
    cells: list[tuple[str | None, ...]] = []
    ended = ended_areas(actor.on)
    for _, sheet in sheets:
        lines = sheet.frame.rows(named=True)
        at = _header(lines)
        if at is None:
            zh, en = "找不到表头（区划代码、乡镇、村）", "no header row with code, township and village"
            return none, [_problem(sheet.file, sheet.sheet, None, "", "", "no_header", zh, en)]
        place, columns = at
        for line in lines[place + 1 :]:
            found = {name: (line[column] or "").strip() for name, column in columns.items()}
            cells.append((*(found.get(name) or None for name in _HEADERS), str(line["_row"])))
            problems.extend(_wrong(found, sheet.file, sheet.sheet, line["_row"], actor, ended))
    made = pl.DataFrame(cells, schema=schema, orient="row")
    twice = made.filter(pl.col("area_code").is_not_null() & pl.col("area_code").is_duplicated())
    for code, row in twice.select("area_code", "row").rows():
        told = ("区划代码重复", "the code appears twice")
        problems.append(_problem(path.name, "", int(row), "区划代码", code, "duplicate_key", *told))
    return made.drop("row"), problems


def _header(lines: list[dict[str, Any]]) -> tuple[int, dict[str, str]] | None:
    for place, line in enumerate(lines[:10]):
        columns = {
            name: column
            for name, known in _HEADERS.items()
            for column, cell in line.items()
            if column != "_row" and (cell or "").strip() in known
        }
        if all(name in columns for name in _NEEDED):
            return place, columns
    return None


def _wrong(
    found: Mapping[str, str], file: str, sheet: str, row: int, actor: Actor, ended: Mapping[str, str]
) -> Iterator[Problem]:
    """What is wrong with a row; ``ended``: codes no longer in use with those that took them over."""
    code = found["area_code"]
    if not (code.isdigit() and code.isascii() and len(code) == _VILLAGE):
        yield _problem(file, sheet, row, "区划代码", code, "bad_area", "应为 12 位数字", "must be 12 digits")
    elif not actor.scope.everything and not code.startswith(actor.scope.areas or ("-",)):
        yield _problem(
            file, sheet, row, "区划代码", code, "outside_scope", "不在您的管辖范围内", "not in your scope"
        )
    elif code in ended:
        told = (f"该代码已停用，现为 {ended[code]}", f"is no longer in use; it is {ended[code]} now")
        yield _problem(file, sheet, row, "区划代码", code, "area_ended", *told)
    for name, zh in (("township", "乡镇"), ("village", "村")):
        if not found[name] or len(found[name]) > _LONGEST:
            told = ("应填名称，不超过 64 字", "a name of at most 64 characters")
            yield _problem(file, sheet, row, zh, found[name][:8], "missing", *told)


def _problem(
    file: str, sheet: str, row: int | None, column: str, value: str, code: str, zh: str, en: str
) -> Problem:
    return Problem(file, sheet, row, column, value[:24], code, zh, en)


def _compared(cells: pl.DataFrame, actor: Actor) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """New places (code, name), renamed ones (code, name, was), and how many are the same."""
    said = pl.concat(
        [
            cells.select(
                pl.col("area_code").str.slice(0, _TOWNSHIP).alias("code"), pl.col("township").alias("name")
            ).unique("code", keep="first", maintain_order=True),
            cells.select(pl.col("area_code").alias("code"), pl.col("village").alias("name")),
        ]
    )
    known = known_areas(actor.on).rename({"name": "was"})
    both = said.join(known, on="code", how="left", maintain_order="left")
    fresh = both.filter(pl.col("was").is_null())
    renamed = both.filter(pl.col("was").is_not_null() & (pl.col("was") != pl.col("name")))
    return fresh, renamed, both.height - fresh.height - renamed.height


def _branches(cells: pl.DataFrame, actor: Actor) -> pl.DataFrame:
    """Branches of known banks that are not known yet; numbered on from the bank's own."""
    schema = dict.fromkeys(("institution_id", "kind", "name", "parent_id", "area_code"), pl.String())
    named = cells.filter(pl.col("branch").is_not_null() & pl.col("bank").is_not_null())
    wanted = (
        named.group_by("bank", "branch")
        .agg(pl.col("area_code").min().str.slice(0, _TOWNSHIP))
        .sort("bank", "branch")
    )
    there = frame_of(
        "select institution_id, name, parent_id from casework_institution"
        " where upper_inf(recorded) and valid @> %s::date",
        {"institution_id": pl.String, "name": pl.String, "parent_id": pl.String},
        [actor.on],
    )
    banks = {name: own for own, name, parent in there.rows() if parent is None}
    taken = {own for own, _, _ in there.rows()}
    named_already = {(parent, name) for _, name, parent in there.rows()}
    made = []
    for bank, branch, area in wanted.rows():
        parent = banks.get(bank)
        if parent is None or (parent, branch) in named_already:
            continue
        number = next(n for n in range(1, 10_000) if f"{parent}{n:02d}" not in taken)
        taken.add(f"{parent}{number:02d}")
        made.append((f"{parent}{number:02d}", "branch", branch, parent, area))
    return pl.DataFrame(made, schema=schema, orient="row")
