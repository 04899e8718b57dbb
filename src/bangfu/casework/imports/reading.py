"""A file through the core's readers, beside what is known; and what we ask of it besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings

from bangfu.casework.as_facts import api as as_facts
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import widened
from bangfu.casework.imports import rows
from bangfu.casework.imports.differing import Difference, difference
from bangfu.casework.imports.known import ended_areas, known_areas, known_homes, known_institutions
from bangfu.casework.words import Words
from bangfu.facts import TABLES, BadFacts, Facts, Problem, read_facts

__all__ = ["ACTS", "KINDS", "Looked", "county_of", "looked_at"]

KINDS: Mapping[str, Words] = {
    "county": Words("全县数据（全部表）", "the whole county (all tables)"),
    "roster": Words("农户、成员和名单", "households, members, lists"),
    "ledger": Words("贷款和流水", "loans and events"),
    "areas": Words("行政区划和网点", "places and branches"),
}
# Who imports at once, and who may ask for it.
ACTS: Mapping[str, tuple[str, str]] = {
    "county": ("county.import", ""),
    "roster": ("roster.import", "roster.request"),
    "ledger": ("ledger.import", ""),
    "areas": ("area.import", ""),
}
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "county": tuple(TABLES),
    "roster": ("households", "members", "roster"),
    "ledger": ("loans", "ordinary_loans", "events"),
}
_DIGITS = 12
# As wide as the columns of the tables are.
_WIDEST = {"id": 64, "code": 32, "area": 12, "text": 64, "value": 64}
_WIDER = {"lender": 100, "branch": 100}


@dataclass(frozen=True)
class Looked:
    """A file that was read.

    Attributes:
        facts: What it says; None where it cannot be taken.
        found: The difference to what is known.
        problems: What stands against it, row by row.
        notes: What is odd and does not stand against it: code, how many, in words.
    """

    facts: Facts | None
    found: Difference | None
    problems: tuple[Problem, ...]
    notes: tuple[tuple[str, int, Words], ...] = ()


def county_of(actor: Actor, facts: Facts) -> str:
    """The county that rows without a place lie under: the site's, the actor's, or the file's own."""
    told: str = settings.SITE.county
    if told:
        return told[:6]
    if actor.place[:6].isdigit():
        return actor.place[:6]
    first = facts.households["area_code"].drop_nulls().head(1).to_list()
    return str(first[0])[:6] if first else ""


def looked_at(path: Path, kind: str, *, actor: Actor, whole: bool = False) -> Looked:
    """Read a file beside the database and compare; nothing is written.

    Args:
        path: A folder or a workbook.
        kind: county, roster or ledger.
        actor: Who; only what is in their scope may be changed.
        whole: The lists of the villages it names are complete.
    """
    known = as_facts.facts_in_scope(only=_OF_KIND[kind])
    # A county comes whole, or beside what is there already; other files say a part of it.
    beside = {name: frame for name, frame in known.tables.items() if kind != "county" or not frame.is_empty()}
    if kind == "ledger":
        beside["households"] = _homes_everywhere()
    try:
        facts = read_facts(path, beside=beside)
    except BadFacts as bad:
        return Looked(None, None, bad.problems)
    found = difference(facts, known, whole=whole and kind == "roster")
    problems = (
        *_unexpected(facts, kind),
        *found.problems,
        *_too_long(facts),
        *_in_ended_places(found, actor),
        *_outside(facts, actor, kind),
    )
    return Looked(facts, found, problems, tuple(_notes(facts, found, actor)))


def _homes_everywhere() -> pl.DataFrame:
    """All households as a ledger's loans name them: whether there is one, and in which village, nothing more."""
    with widened():
        homes = known_homes()
    return homes.select(
        "household_id",
        pl.col("scope_area").alias("area_code"),
        pl.lit(None, pl.String).alias("head_name"),
        pl.lit(None, pl.Int64).alias("labour_count"),
        pl.lit(None, pl.String).alias("poverty_cause"),
    )


def _unexpected(facts: Facts, kind: str) -> Iterator[Problem]:
    for name, frame in facts.tables.items():
        if name not in _OF_KIND[kind] and not frame.is_empty():
            own = "、".join(TABLES[one].zh for one in _OF_KIND[kind])
            yield Problem(
                TABLES[name].zh, "", None, "", "", "table_of_other_kind",
                f"这类导入只接受：{own}", f"this import takes only {', '.join(_OF_KIND[kind])}",
            )  # fmt: skip


def _too_long(facts: Facts) -> Iterator[Problem]:
    """Cells wider than a column of ours."""
    for name, frame in facts.tables.items():
        for column in TABLES[name].columns:
            most = _WIDER.get(column.name, _WIDEST.get(column.kind, 0))
            if not most or frame.is_empty() or frame[column.frame].str.len_chars().max() is None:
                continue
            wide = frame.filter(pl.col(column.frame).str.len_chars() > most)
            for value in wide[column.frame].head(20):
                yield Problem(
                    TABLES[name].zh, "", None, column.zh, value[:8] + "…", "too_long",
                    f"超过{most}个字符", f"longer than {most} characters",
                )  # fmt: skip


def _in_ended_places(found: Difference, actor: Actor) -> Iterator[Problem]:
    """New households in villages that were merged or have another code by now."""
    ended = ended_areas(actor.on)
    homes = found.new["households"].filter(pl.col("area_code").is_in(list(ended)))
    for row_id, area in homes.select("household_id", "area_code").rows():
        yield Problem(
            TABLES["households"].zh, "", None, TABLES["households"].column("area_code").zh, row_id, "area_ended",
            f"{area} 已停用，现为 {ended[area]}", f"{area} is no longer in use; it is {ended[area]} now",
        )  # fmt: skip


def _outside(facts: Facts, actor: Actor, kind: str) -> Iterator[Problem]:
    """Households and loans beyond what the actor answers for."""
    scope = actor.scope
    if scope.everything:
        return
    if kind != "ledger":
        mine = [facts.households["area_code"].str.starts_with(code) for code in scope.areas]
        inside = mine[0] if mine else pl.Series([False]).new_from_index(0, facts.households.height)
        for more in mine[1:]:
            inside |= more
        for row_id, area in facts.households.filter(~inside).select("household_id", "area_code").rows():
            yield Problem(
                TABLES["households"].zh, "", None, TABLES["households"].column("area_code").zh, row_id,
                "outside_scope", f"{area} 不在您的管辖范围内", f"{area} is not in your scope",
            )  # fmt: skip
    if kind == "ledger":
        banks = known_institutions(actor.on)
        for name in ("loans", "ordinary_loans"):
            placed = rows.with_institution(facts.tables[name], banks)
            others = placed.filter(
                ~pl.col("institution_id").is_in(list(scope.institutions)).fill_null(value=False)
            )
            for loan_id, lender in others.select("loan_id", "lender").rows():
                yield Problem(
                    TABLES[name].zh, "", None, TABLES[name].column("lender").zh, loan_id, "outside_scope",
                    f"“{lender or ''}”不是本行机构", f"“{lender or ''}” is none of your bank's",
                )  # fmt: skip


def _notes(facts: Facts, found: Difference, actor: Actor) -> Iterator[tuple[str, int, Words]]:
    """Places, banks and policies that are not known: rows that come in and are seen by fewer."""
    for warning in facts.warnings:
        yield "warning", 1, Words(warning.sentence("zh"), warning.sentence("en"))
    areas = known_areas(actor.on)
    homes = found.new["households"].join(areas, left_on="area_code", right_on="code", how="anti")
    for area, count in homes.group_by("area_code").len().sort("area_code").rows():
        deep = len(area) == _DIGITS
        yield (
            "unknown_area",
            count,
            Words(
                f"区划 {area} 不在系统的行政区划中（{count} 户）"
                + ("" if deep else "，且不是 12 位村级代码"),
                f"{area} is no place the site knows ({count} households)"
                + ("" if deep else ", nor a village's 12 digits"),
            ),
        )
    banks = known_institutions(actor.on)
    for name in ("loans", "ordinary_loans"):
        placed = rows.with_institution(found.new[name], banks)
        lost = placed.filter(pl.col("institution_id").is_null()).with_columns(
            pl.col("lender", "branch").fill_null("")
        )
        for lender, branch, count in lost.group_by("lender", "branch").len().sort("lender", "branch").rows():
            yield (
                "unknown_institution",
                count,
                Words(
                    f"机构“{lender} {branch}”不在系统中（{count} 笔），银行看不到这些贷款",
                    f"“{lender} {branch}” is no institution the site knows ({count} loans): no bank will see them",
                ),
            )
        known = banks.select(pl.col("lender"), pl.col("branch"))
        at_bank = placed.filter(pl.col("institution_id").is_not_null() & pl.col("branch").is_not_null())
        for lender, branch, count in (
            at_bank.join(known, on=["lender", "branch"], how="anti")
            .group_by("lender", "branch")
            .len()
            .sort("lender", "branch")
            .rows()
        ):
            yield (
                "unknown_branch",
                count,
                Words(
                    f"网点“{branch}”不在系统中（{count} 笔），记在“{lender}”名下",
                    f"the branch “{branch}” is not known ({count} loans): they are kept under “{lender}”",
                ),
            )
    if not found.new["loans"].is_empty():
        _, without = rows.pinned(facts.loans, facts.events)
        if without:
            yield (
                "without_policy",
                without,
                Words(
                    f"{without} 笔贷款在签约地和签约日没有适用的文件，导入后不定政策",
                    f"{without} loans were signed where and when no document applies; they stay without a policy",
                ),
            )
