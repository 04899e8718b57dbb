"""What was computed, kept for ever: a run with its hashes, its lines, the loans on no line; all in bulk."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu import __version__
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted
from bangfu.casework.database.models import from_now
from bangfu.casework.database.session import widened
from bangfu.casework.subsidies.county_facts import CountyFacts
from bangfu.casework.subsidies.models import SubsidyRun
from bangfu.casework.subsidies.views import ListView
from bangfu.engine.cycle import AMOUNTS, LINE
from bangfu.engine.frozen import digest, facts_digests, line_digests, packs_digest

__all__ = ["FROZEN", "HASHED", "NOTHING_DUE", "Hashes", "as_frozen", "freeze", "hashed", "hashes"]

# What a line says: its hash is over these. Not over who compared it with what, nor over the borrower's name.
HASHED = (
    "kind", "corrects_hash", "ground", "loan_id", "household_id", "product", "start", "end", "rate_e8", "method",
    "opening_fen", "subsidised_part_fen", "days", *AMOUNTS, "policy", "clauses",
)  # fmt: skip
# Beside the core's line: the list it stands on, what it corrects, how it compares, what was checked.
FROZEN = pl.Schema(
    {
        "list_id": pl.String(), **LINE, "kind": pl.String(), "corrects": pl.String(), "corrects_hash": pl.String(),
        "ground": pl.String(), "village": pl.String(), "borrower_name": pl.String(), "claimed_fen": pl.Int64(),
        "claimed_rate_e8": pl.Int64(), "difference": pl.String(), "checks": pl.String(), "told": pl.String(),
    }
)  # fmt: skip
_KINDS = {"regular": 0, "carried": 1, "supplement": 2, "recovery": 3}
NOTHING_DUE = "claimed_nothing_due"  # the code of a claim on no line
_BESIDE = ("claimed_fen", "claimed_rate_e8", "difference", "checks", "told")


def as_frozen(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines in the shape of ``FROZEN``, what is missing empty, in the order of the lists: village, loan, kind."""
    defaults: dict[str, Any] = {
        "kind": "regular", "ground": "", "difference": "", "checks": "[]", "told": "{}", "borrower_name": "",
    }  # fmt: skip
    full = lines.with_columns(
        pl.lit(defaults.get(name), FROZEN[name]).alias(name) for name in FROZEN if name not in lines.columns
    ).with_columns(pl.col(name).fill_null(value) for name, value in defaults.items())
    order = pl.col("kind").replace_strict(_KINDS, return_dtype=pl.Int64)
    return (
        full.select(*FROZEN)
        .cast(FROZEN)
        .sort("list_id", "village", "loan_id", order, "start", "corrects_hash")
    )


def hashed(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with ``line_hash`` (hexadecimal)."""
    told = [one.hex() for one in line_digests(lines, HASHED)]
    return lines.with_columns(pl.Series("line_hash", told, dtype=pl.String))


def freeze(
    *,
    actor: Actor,
    views: Sequence[ListView],
    lines: pl.DataFrame,
    left_out: pl.DataFrame,
    packs: Mapping[str, Mapping[str, str]],
    known: CountyFacts,
) -> None:
    """Keep what was computed for lists that are locked and stand at the branch's step.

    A list whose lines, packs and loans on no line are what stands already is left as it is. Of the others the lines
    that stood are closed, the new ones appended; holds and exclusions go over to the line that takes a line's place.

    Args:
        actor: Who.
        views: The lists.
        lines: ``FROZEN``.
        left_out: list_id, loan_id, code, clauses, facts (JSON), village, institution_id, household_id.
        packs: Policy → its packs with their hashes.
        known: The facts it was computed from.
    """
    lines = hashed(as_frozen(lines))
    of_list = {str(one): part for (one,), part in lines.partition_by("list_id", as_dict=True).items()}
    empty = lines.clear()
    facts = _facts_hashes(lines, left_out, known)
    before = _standing([one.id for one in views])
    runs, fresh = [], []
    for view in views:
        mine = of_list.get(str(view.id), empty)
        used = {name: packs[name] for name in sorted(mine["policy"].unique().to_list()) if name in packs}
        run = _run(actor, view, mine, used, facts.get(str(view.id), digest(())), known)
        refused = left_out.filter(pl.col("list_id") == str(view.id))
        same = view.run_id is not None and _same(before.get(view.id), mine, refused, run)
        if not same:
            runs.append((view, run, refused))
            fresh.append(mine.with_columns(pl.lit(str(run.pk)).alias("run_id")))
    if runs:
        moment = _closed([view.id for view, _, _ in runs], actor)
        SubsidyRun.objects.bulk_create([run for _, run, _ in runs])
        _appended(pl.concat(fresh), moment, {str(view.id): view for view, _, _ in runs})
        _adopted([view.id for view, _, _ in runs])
        _refused([(run, refused) for _, run, refused in runs])
        for view, run, _ in runs:
            _traced(actor, view, run, of_list.get(str(view.id), empty))


def _run(
    actor: Actor, view: ListView, mine: pl.DataFrame, used: Mapping[str, Mapping[str, str]], facts: bytes,
    known: CountyFacts,
) -> SubsidyRun:  # fmt: skip
    packs = {pack: hashed for told in used.values() for pack, hashed in told.items()}
    return SubsidyRun(
        id=uuid.uuid4(), subsidy_list_id=view.id, number=view.run_number + 1, on=known.on, known_at=known.known_at,
        facts_hash=facts, packs_hash=packs_digest(packs), lines_hash=digest(mine["line_hash"]),
        packs={"version": __version__, "policies": dict(used)}, lines=mine.height, made_by=actor.account_id,
        made_name=actor.name, at=actor.now, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip


@dataclass(frozen=True)
class Hashes:
    """What a computation is known by: the facts, the packs, the lines (hexadecimal)."""

    facts: str
    packs: str
    lines: str


def hashes(
    view: ListView,
    lines: pl.DataFrame,
    left_out: pl.DataFrame,
    packs: Mapping[str, Mapping[str, str]],
    known: CountyFacts,
) -> Hashes:
    """The hashes of what was computed for one list."""
    mine = lines.filter(pl.col("list_id") == str(view.id))
    used = {pack: one for name in mine["policy"].unique() for pack, one in packs.get(name, {}).items()}
    facts = _facts_hashes(mine, left_out.filter(pl.col("list_id") == str(view.id)), known)
    told = facts.get(str(view.id), digest(()))
    return Hashes(told.hex(), packs_digest(used).hex(), digest(mine["line_hash"]).hex())


def _facts_hashes(lines: pl.DataFrame, left_out: pl.DataFrame, known: CountyFacts) -> dict[str, bytes]:
    """Of each list over the facts of its households; a claim for a loan that has no line is no fact of the list."""
    refused = left_out.filter(pl.col("code") != NOTHING_DUE)
    households = [frame.select("household_id", "list_id") for frame in (lines, refused)]
    groups = pl.concat(households).drop_nulls().unique()
    if groups.is_empty():
        return {}
    return facts_digests(known.facts, groups.rename({"list_id": "group"}))


@dataclass(frozen=True)
class _Before:
    """What stands of a list: its run's hashes, what its lines say beside their hashes, the loans on no line."""

    lines_hash: bytes
    packs_hash: bytes
    beside: bytes
    refused: frozenset[tuple[str, str]]


def _standing(list_ids: Sequence[UUID]) -> dict[UUID, _Before]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (subsidy_list_id) subsidy_list_id, id, lines_hash, packs_hash from casework_subsidy_run"
            " where subsidy_list_id = any(%s) order by subsidy_list_id, number desc",
            [list(list_ids)],
        )
        runs = cursor.fetchall()
        cursor.execute(
            "select subsidy_list_id, claimed_fen::text, claimed_rate_e8::text, difference, checks, told"
            " from casework_subsidy_line where subsidy_list_id = any(%s) and upper_inf(recorded)"
            " order by subsidy_list_id, number",
            [list(list_ids)],
        )
        lines = cursor.fetchall()
        cursor.execute(
            "select run_id, loan_id, code from casework_run_refusal where run_id = any(%s)",
            [[row[1] for row in runs]],
        )
        refused = cursor.fetchall()
    beside: dict[UUID, list[str]] = {}
    for list_id, *told in lines:
        beside.setdefault(list_id, []).append(_canonical(told))
    of_run: dict[UUID, set[tuple[str, str]]] = {}
    for run_id, loan, code in refused:
        of_run.setdefault(run_id, set()).add((loan, code))
    return {
        list_id: _Before(
            bytes(lines_hash), bytes(packs_hash), digest(beside.get(list_id, ())),
            frozenset(of_run.get(run_id, ())),
        )
        for list_id, run_id, lines_hash, packs_hash in runs
    }  # fmt: skip


def _canonical(told: Sequence[Any]) -> str:
    """What a line says beside its hash, as one text: JSON with sorted keys."""
    read = [json.loads(one) if isinstance(one, str) and one.startswith(("[", "{")) else one for one in told]
    return json.dumps(read, sort_keys=True, ensure_ascii=False)


def _same(before: _Before | None, mine: pl.DataFrame, refused: pl.DataFrame, run: SubsidyRun) -> bool:
    if before is None or (before.lines_hash, before.packs_hash) != (run.lines_hash, run.packs_hash):
        return False
    if before.refused != frozenset(refused.select("loan_id", "code").rows()):
        return False
    told = mine.select(*(pl.col(name).cast(pl.String) for name in _BESIDE)).rows()
    return before.beside == digest(_canonical(row) for row in told)


def _closed(list_ids: Sequence[UUID], actor: Actor) -> datetime:
    """Close the lines that stand and say from when their successors hold: now, or just after what they replace.

    Two runs of one moment do not overlap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select greatest(%s::timestamptz, max(lower(recorded)) + interval '1 microsecond')"
            " from casework_subsidy_line where subsidy_list_id = any(%s) and upper_inf(recorded)",
            [actor.now, list(list_ids)],
        )
        (moment,) = cursor.fetchone() or (actor.now,)
        cursor.execute(
            "update casework_subsidy_line set recorded = tstzrange(lower(recorded), %s)"
            " where subsidy_list_id = any(%s) and upper_inf(recorded)",
            [moment, list(list_ids)],
        )
    return moment or actor.now


def _appended(lines: pl.DataFrame, moment: datetime, views: Mapping[str, ListView]) -> None:
    """The new lines, numbered within their lists, from a moment on."""
    banks = pl.DataFrame(
        [(name, view.institution_id) for name, view in views.items()],
        schema={"list_id": pl.String, "institution_id": pl.String}, orient="row",
    )  # fmt: skip
    ids = [str(uuid.uuid4()) for _ in range(lines.height)]
    rows = lines.join(banks, on="list_id", maintain_order="left").select(
        pl.Series("id", ids, dtype=pl.String),
        "run_id",
        pl.col("list_id").alias("subsidy_list_id"),
        (pl.int_range(pl.len()).over("list_id") + 1).alias("number"),
        "kind", "corrects", "ground", "loan_id", "product",
        pl.format("[{},{})", "start", "end").alias("period"),
        "borrower_name", "rate_e8", "method", "opening_fen", "subsidised_part_fen", "days", *AMOUNTS,
        "claimed_fen", "claimed_rate_e8", "difference", "checks", "told", "policy",
        (pl.lit('["') + pl.col("clauses").list.join('","') + pl.lit('"]')).replace('[""]', "[]").alias("clauses"),
        pl.format("\\x{}", "line_hash").alias("line_hash"),
        pl.col("village").alias("scope_area"), "institution_id", "household_id",
    )  # fmt: skip
    inserted("casework_subsidy_line", rows, {"recorded": from_now(moment)})


# What was decided about a line holds for the one that takes its place: the same loan, kind and days. An explanation
# only where the figures it explains are the same.
_ADOPTED = """
insert into casework_line_act (line_id, subsidy_list_id, kind, reason, clause, source, done_by, done_name, done_role,
  at, scope_area, institution_id, household_id)
select n.id, n.subsidy_list_id, a.kind, a.reason, a.clause, a.source, a.done_by, a.done_name, a.done_role, a.at,
  n.scope_area, n.institution_id, n.household_id
from casework_subsidy_line n
join casework_subsidy_line o on o.subsidy_list_id = n.subsidy_list_id and o.loan_id = n.loan_id and o.kind = n.kind
  and o.corrects is not distinct from n.corrects and (n.kind = 'regular' or o.period = n.period)
  and upper(o.recorded) = lower(n.recorded)
join casework_line_act a on a.line_id = o.id
where n.subsidy_list_id = any(%s) and upper_inf(n.recorded)
  and case when a.kind = 'explained'
    then (o.difference, o.claimed_fen, o.subsidy_fen) is not distinct from (n.difference, n.claimed_fen, n.subsidy_fen)
    else a.id = (select max(b.id) from casework_line_act b where b.line_id = o.id and b.kind <> 'explained')
      and a.kind not in ('released', 'restored') end
order by a.id
"""


def _adopted(list_ids: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ADOPTED, [list(list_ids)])


def _refused(runs: Sequence[tuple[SubsidyRun, pl.DataFrame]]) -> None:
    rows = [part.with_columns(pl.lit(str(run.pk)).alias("run_id")) for run, part in runs if part.height]
    if not rows:
        return
    told = pl.concat(rows).select(
        "run_id", "loan_id", "code",
        (pl.lit('["') + pl.col("clauses").list.join('","') + pl.lit('"]')).replace('[""]', "[]").alias("clauses"),
        "facts", pl.col("village").alias("scope_area"), "institution_id", "household_id",
    )  # fmt: skip
    with widened():  # a loan whose branch nobody knows lies in no branch's scope
        inserted("casework_run_refusal", told)


def _traced(actor: Actor, view: ListView, run: SubsidyRun, mine: pl.DataFrame) -> None:
    trail.record(
        actor=actor, act="subsidy.computed", subject=("subsidy_list", view.id),
        before={"lines": view.open.lines, "hash": view.lines_hash},
        after={
            "lines": run.lines, "payable_fen": int(mine["payable_fen"].sum()), "hash": run.lines_hash.hex(),
            "number": run.number, "on": run.on.isoformat(),
        },
        scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
