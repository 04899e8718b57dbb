"""The bank's own figures taken in: typed, by file, or from imported subsidies; given again, they add nothing."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted, laid_down
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.computing import compared_again, locked_all
from bangfu.casework.subsidies.county_facts import county_facts
from bangfu.casework.subsidies.lists import cycle_of, list_of, lists_of
from bangfu.casework.subsidies.moving import at_step
from bangfu.casework.subsidies.views import CycleView, ListView
from bangfu.casework.subsidies.workflow import LIST
from bangfu.facts import BadFacts, Problem, empty, read_facts

__all__ = ["Claim", "ClaimFile", "claim", "take_claim_file", "take_imported_claims", "try_claim_file"]

LARGEST = 20 * 1024 * 1024
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MOST_PROBLEMS = 500
_SHAPE = pl.Schema(
    {
        "loan_id": pl.String(), "start": pl.Date(), "end": pl.Date(), "amount_fen": pl.Int64(), "rate_e8": pl.Int64(),
        "fact_row_id": pl.Int64(),
    }
)  # fmt: skip
# A row of the bank's list belongs to the period in which the middle of its days lies: a day more or less at an end
# moves none.
_IMPORTED = (
    "select row->>'loan_id', (row->>'period_start')::date, (row->>'period_end')::date, (row->>'amount_fen')::bigint,"
    " (row->>'rate_claimed_e8')::bigint, min(id) from casework_fact_row"
    " where table_name = 'subsidies' and recorded @> %s::timestamptz"
    " and (row->>'period_end')::date - ((row->>'period_end')::date - (row->>'period_start')::date) / 2 > %s"
    " and (row->>'period_end')::date - ((row->>'period_end')::date - (row->>'period_start')::date) / 2 <= %s"
    " and row->>'loan_id' = any(%s) group by 1, 2, 3, 4, 5, row order by 1, 2, 6"
)


@dataclass(frozen=True)
class Claim:
    """What the bank reckoned for a loan.

    Attributes:
        loan_id: The loan.
        amount_fen: The subsidy it claims.
        start: First day; the cycle's where left out.
        end: The day after the last one.
        rate_e8: The rate it says it used.
    """

    loan_id: str
    amount_fen: int
    start: date | None = None
    end: date | None = None
    rate_e8: int | None = None


@dataclass(frozen=True)
class ClaimFile:
    """What a file, or an import, holds for a cycle.

    Attributes:
        name: Its name.
        sha256: Of its content; empty for an import.
        rows: Figures in it that concern the cycle.
        lists: How many lists they belong to.
        known: Loans whose figures stand already.
        changed: Loans whose figures are new or others now.
        elsewhere: Loans of the file that are on no list in scope at the branch's step.
        other_days: Rows whose days lie in another period.
        amount_fen: What they come to.
        problems: What is wrong; with one of them nothing is taken.
    """

    name: str
    sha256: str
    rows: int
    lists: int
    known: int
    changed: int
    elsewhere: tuple[str, ...]
    other_days: int
    amount_fen: int
    problems: tuple[Problem, ...] = ()


def claim(*, actor: Actor, list_id: object, claims: Sequence[Claim]) -> ListView:
    """Put the bank's own figures beside a list at the branch's step; what it gave for these loans before is replaced.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope`` (the list, or a loan that is not the branch's), ``wrong_stage``,
            ``bad_field`` (an amount below zero, days in the wrong order).
    """
    people.require(actor, "subsidy.claim")
    view = list_of(list_id, on=actor.on, lock=True)
    at_step(view, LIST)
    for one in claims:
        start, end = one.start or view.cycle.start, one.end or view.cycle.end
        if one.amount_fen < 0 or end <= start:
            raise Refused("bad_field", field="amount" if one.amount_fen < 0 else "end", loan=one.loan_id)
    rows = [
        (
            one.loan_id,
            one.start or view.cycle.start,
            one.end or view.cycle.end,
            one.amount_fen,
            one.rate_e8,
            None,
        )
        for one in claims
    ]
    given = pl.DataFrame(rows, schema=_SHAPE, orient="row")
    placed, elsewhere = _placed(given, view.cycle, [view], actor)
    if elsewhere:
        raise Refused("not_in_scope", field="loan", loan=elsewhere[0])
    _taken(actor, view.cycle, [view], placed, source="typed")
    return list_of(list_id, on=actor.on)


def try_claim_file(*, actor: Actor, cycle_id: object, content: bytes, name: str) -> ClaimFile:
    """Read a bank's file of subsidies (the core's table) and say what it holds for a cycle; nothing is written.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``too_large``.
    """
    return _file(actor, cycle_id, content, name)[0]


def take_claim_file(*, actor: Actor, cycle_id: object, content: bytes, name: str) -> ClaimFile:
    """Take a bank's file: every figure for lists in scope at the branch's step, or none where a row is wrong.

    Raises:
        Refused: As ``try_claim_file``.
    """
    found, cycle, views, placed = _file(actor, cycle_id, content, name)
    if not found.problems:
        _taken(actor, cycle, views, placed, source="file")
    return found


def take_imported_claims(*, actor: Actor, cycle_id: object, known_at: datetime | None = None) -> ClaimFile:
    """Take the figures that came with the county's import (table ``subsidies``) as the bank's, for lists in scope.

    Args:
        actor: The bank.
        cycle_id: The cycle.
        known_at: The moment in the database; where it is left out now, or what the lists were computed with.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.claim")
    cycle, views = _lists(actor, cycle_id)
    moment = known_at or _moment(actor, views)
    loans = county_facts(cycle.county, on=actor.on, known_at=moment).loans
    with connection.cursor() as cursor:
        cursor.execute(_IMPORTED, [moment, cycle.start, cycle.end, loans["loan_id"].to_list()])
        rows = cursor.fetchall()
    given = pl.DataFrame(rows, schema=_SHAPE, orient="row")
    placed, elsewhere = _placed(given, cycle, views, actor, loans)
    told = _told("", "", given, placed, elsewhere, 0)
    changed = _taken(actor, cycle, views, placed, source="import")
    return ClaimFile(**{**told.__dict__, "changed": changed, "known": told.known + told.changed - changed})


def _moment(actor: Actor, views: Sequence[ListView]) -> datetime:
    """Now, or the moment the lists were computed with where that is later: of a quarter that is done over again."""
    return max([actor.now, *(one.known_at for one in views if one.known_at)])


def _lists(actor: Actor, cycle_id: object) -> tuple[CycleView, list[ListView]]:
    """The cycle and its lists in scope at the branch's step, held to the end of the transaction."""
    cycle = cycle_of(cycle_id, on=actor.on)
    locked_all(lists_of(cycle_id=cycle.id, states=(LIST,), on=actor.on))
    return cycle, list(lists_of(cycle_id=cycle.id, states=(LIST,), on=actor.on))


def _file(
    actor: Actor, cycle_id: object, content: bytes, name: str
) -> tuple[ClaimFile, CycleView, list[ListView], pl.DataFrame]:
    people.require(actor, "subsidy.claim")
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_bytes=LARGEST)
    cycle, views = _lists(actor, cycle_id)
    shown = Path(name.replace("\\", "/")).name[:100] or "file"
    digest = hashlib.sha256(content).hexdigest()
    try:
        whole = _read(content)
    except BadFacts as bad:
        nothing = pl.DataFrame(schema={**_SHAPE, "list_id": pl.String()})
        problems = tuple(bad.problems[:_MOST_PROBLEMS])
        return ClaimFile(shown, digest, 0, 0, 0, 0, (), 0, 0, problems), cycle, views, nothing
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    mine = whole.filter(middle >= cycle.start, middle < cycle.end)
    placed, elsewhere = _placed(mine, cycle, views, actor)
    told = _told(shown, digest, mine, placed, elsewhere, whole.height - mine.height)
    return told, cycle, views, placed


def _told(
    name: str,
    digest: str,
    given: pl.DataFrame,
    placed: pl.DataFrame,
    elsewhere: Sequence[str],
    other_days: int,
) -> ClaimFile:
    changed = _differing(placed)["loan_id"].n_unique() if placed.height else 0
    return ClaimFile(
        name=name, sha256=digest, rows=given.height, lists=placed["list_id"].n_unique(),
        known=placed["loan_id"].n_unique() - changed, changed=changed, elsewhere=tuple(elsewhere),
        other_days=other_days, amount_fen=int(placed["amount_fen"].sum()),
    )  # fmt: skip


def _read(content: bytes) -> pl.DataFrame:
    """The rows of the file through the core's reader, which knows the headers and the money; whoever's loans."""
    name = "bank.xlsx" if content.startswith(_WORKBOOK) else "subsidies.csv"
    beside = {one: empty(one) for one in ("households", "ordinary_loans", "events")}
    with tempfile.TemporaryDirectory(prefix="bangfu-claims-") as folder:
        (Path(folder) / name).write_bytes(content)
        found = read_facts(folder, beside={**beside, "loans": _loans()}).tables["subsidies"]
    return found.select(
        "loan_id", pl.col("period_start").alias("start"), pl.col("period_end").alias("end"), "amount_fen",
        pl.col("rate_claimed_e8").alias("rate_e8"), pl.lit(None, pl.Int64).alias("fact_row_id"),
    )  # fmt: skip


def _loans() -> pl.DataFrame:
    """The loans in scope, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute("select loan_id from casework_loan where upper_inf(recorded)")
        ids = [row[0] for row in cursor.fetchall()]
    known = pl.DataFrame({"loan_id": ids}, schema={"loan_id": pl.String})
    return pl.concat([empty("loans"), known], how="diagonal").select(empty("loans").columns)


def _placed(
    given: pl.DataFrame,
    cycle: CycleView,
    views: Sequence[ListView],
    actor: Actor,
    loans: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, list[str]]:
    """Figures with their list: the one that has the loan's line, else its township's and branch's."""
    if loans is None:
        loans = county_facts(cycle.county, on=actor.on, known_at=_moment(actor, views)).loans
    listed = pl.DataFrame(
        [(one.township, one.institution_id, str(one.id)) for one in views],
        schema={"township": pl.String, "institution_id": pl.String, "by_place": pl.String}, orient="row",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "select loan_id, subsidy_list_id::text from casework_subsidy_line where upper_inf(recorded)"
            " and kind = 'regular' and subsidy_list_id = any(%s)",
            [[one.id for one in views]],
        )
        lines = pl.DataFrame(
            cursor.fetchall(), schema={"loan_id": pl.String, "by_line": pl.String}, orient="row"
        )
    told = (
        given.join(loans, on="loan_id", how="left", maintain_order="left")
        .join(listed, on=["township", "institution_id"], how="left", maintain_order="left")
        .join(lines, on="loan_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("by_line", "by_place").alias("list_id"))
    )
    out = told.filter(pl.col("list_id").is_null())["loan_id"].unique().sort().to_list()
    kept = told.filter(pl.col("list_id").is_not_null())
    return kept.select(*_SHAPE, "list_id", "village", "institution_id", "household_id"), out


def _per_period(placed: pl.DataFrame) -> pl.DataFrame:
    """One row a list, loan and days: several rows of one period are one claim with its count."""
    return placed.group_by("list_id", "loan_id", "start", "end", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("rows"), pl.col("amount_fen").max().alias("greatest_fen"),
        pl.col("amount_fen").sum(), pl.col("rate_e8").max(), pl.col("fact_row_id").min(),
        pl.col("village", "institution_id", "household_id").first(),
    )  # fmt: skip


def _differing(placed: pl.DataFrame) -> pl.DataFrame:
    """The figures of loans whose claims, taken together, do not stand already."""
    ids = placed["list_id"].unique().to_list()
    with connection.cursor() as cursor:
        cursor.execute(
            "select subsidy_list_id::text, loan_id, lower(period), upper(period), amount_fen, rate_e8, rows"
            " from casework_bank_claim where upper_inf(recorded) and subsidy_list_id = any(%s::uuid[])",
            [ids],
        )
        rows = cursor.fetchall()
    names = ("list_id", "loan_id", "start", "end", "amount_fen", "rate_e8", "rows")
    whole = {**_SHAPE, "list_id": pl.String(), "rows": pl.Int64()}
    stand = pl.DataFrame(rows, schema={name: whole[name] for name in names}, orient="row")
    fresh = _per_period(placed)
    same = fresh.join(stand, on=list(names), how="semi", nulls_equal=True)
    changed = fresh.join(same, on=["list_id", "loan_id", "start", "end"], how="anti")
    gone = stand.join(fresh, on=list(names), how="anti", nulls_equal=True).join(
        fresh, on=["list_id", "loan_id"], how="semi"
    )
    loans = pl.concat([changed.select("list_id", "loan_id"), gone.select("list_id", "loan_id")]).unique()
    return fresh.join(loans, on=["list_id", "loan_id"], how="semi", maintain_order="left")


def _taken(
    actor: Actor, cycle: CycleView, views: Sequence[ListView], placed: pl.DataFrame, *, source: str
) -> int:
    """Write what is new, close what it replaces, compare the lists anew; how many loans changed."""
    if placed.is_empty():
        return 0
    changed = _differing(placed)
    if changed.is_empty():
        return 0
    _replaced(actor, changed)
    rows = changed.select(
        pl.col("list_id").alias("subsidy_list_id"), "loan_id",
        pl.format("[{},{})", "start", "end").alias("period"),
        "amount_fen", "rate_e8", "rows", "greatest_fen", "fact_row_id",
        pl.col("village").alias("scope_area"), "institution_id", "household_id",
    )  # fmt: skip
    recorded = DateTimeTZRange(actor.now, None, "[)")
    inserted(
        "casework_bank_claim", rows, {"recorded": recorded, "recorded_by": actor.account_id, "source": source}
    )
    by_id = {str(one.id): one for one in views}
    touched = [by_id[one] for one in changed["list_id"].unique().sort().to_list()]
    for view in touched:
        mine = changed.filter(pl.col("list_id") == str(view.id))
        trail.record(
            actor=actor, act="subsidy.claimed", subject=("subsidy_list", view.id),
            after={"rows": mine.height, "amount_fen": int(mine["amount_fen"].sum())},
            scope_area=view.township, institution_id=view.institution_id,
        )  # fmt: skip
    compared_again(actor=actor, cycle=cycle, views=touched)
    return changed["loan_id"].n_unique()


def _replaced(actor: Actor, changed: pl.DataFrame) -> None:
    """Close what the bank gave for these loans before."""
    keys = changed.select(pl.col("list_id").alias("subsidy_list_id"), "loan_id").unique(maintain_order=True)
    laid_down(keys, like="casework_bank_claim", name="claims_replaced")
    with connection.cursor() as cursor:
        cursor.execute(
            "update casework_bank_claim t set recorded = tstzrange(lower(t.recorded),"
            " greatest(%s::timestamptz, lower(t.recorded) + interval '1 microsecond'))"
            " from pg_temp.claims_replaced c where upper_inf(t.recorded)"
            " and t.subsidy_list_id = c.subsidy_list_id and t.loan_id = c.loan_id",
            [actor.now],
        )
