"""Computing lists: one reading of the county's facts, one run of the core, then each line to its list and frozen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.locks import LISTS, held
from bangfu.casework.database.session import widened
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.adjusting import adjustments
from bangfu.casework.subsidies.checking import checked
from bangfu.casework.subsidies.comparing import compared
from bangfu.casework.subsidies.county_facts import CountyFacts, county_facts, cycle_due
from bangfu.casework.subsidies.freezing import NOTHING_DUE, as_frozen, freeze
from bangfu.casework.subsidies.givers import gives, of_giver
from bangfu.casework.subsidies.lists import cycle_of, list_of, lists_of
from bangfu.casework.subsidies.moving import at_step
from bangfu.casework.subsidies.opening import made_lists
from bangfu.casework.subsidies.views import CycleView, ListView
from bangfu.casework.subsidies.workflow import LIST
from bangfu.casework.words import Words
from bangfu.engine.cycle import CycleDue
from bangfu.engine.stacks import SAID

__all__ = ["LEFT_OUT", "Computed", "compared_again", "compute", "compute_cycle", "computed", "locked_all"]

# Why a loan stands on no line, beside the core's own refusals (``bangfu.refusals.CODES``).
LEFT_OUT: Mapping[str, Words] = {
    "other_rhythm": Words(
        "该笔贷款的政策规定了其他贴息频次", "its policy has the subsidy paid in another rhythm"
    ),
    "on_another_line": Words("已列入其他期次的清册", "it stands on a list of another cycle for these days"),
    "branch_not_in_registry": Words(
        "经办机构未登记，无人报送", "its branch is not in the registry: nobody submits it"
    ),
    NOTHING_DUE: Words("银行申报，但本期无应贴息", "the bank claimed it, and nothing is due"),
}
_ELSEWHERE = (
    "select l.loan_id, lower(l.period), upper(l.period), s.cycle_id::text, s.cycle_id <> %s"
    " from casework_subsidy_line l join casework_subsidy_list s on s.id = l.subsidy_list_id"
    " join casework_subsidy_cycle c on c.id = s.cycle_id"
    " where c.county = %s and l.kind = 'regular' and l.recorded @> %s::timestamptz and l.period && daterange(%s, %s)"
    " and not l.subsidy_list_id = any(%s)"
)
_PLACED = ("loan_id", "household_id", "village", "township", "institution_id", "borrower_name")


@dataclass(frozen=True)
class Computed:
    """What was computed for lists, before it is kept.

    Attributes:
        lines: ``freezing.FROZEN``.
        left_out: list_id, loan_id, code, clauses, facts, village, institution_id, household_id.
        packs: Policy → its packs with their hashes.
        known: The facts.
    """

    lines: pl.DataFrame
    left_out: pl.DataFrame
    packs: Mapping[str, Mapping[str, str]]
    known: CountyFacts


def compute(*, actor: Actor, list_id: object, known_at: datetime | None = None) -> ListView:
    """Compute one list as of the actor's day, compare it with the bank's figures, check and freeze each line.

    The same facts and packs give the same lines and hashes; where nothing changed the run that stands stays.

    Args:
        actor: The branch, or a bank without any.
        list_id: The list, at the branch's step.
        known_at: The moment in the database; now where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``branch_gives_it``, ``wrong_stage``, ``already_decided``.
    """
    people.require(actor, "subsidy.compute")
    view = list_of(list_id, on=actor.on, lock=True)
    of_giver(actor, view.institution_id)
    at_step(view, LIST)
    known = county_facts(view.cycle.county, on=actor.on, known_at=known_at or actor.now)
    _kept(actor, view.cycle, [view], known)
    return list_of(list_id, on=actor.on)


def compute_cycle(
    *, actor: Actor, cycle_id: object, known_at: datetime | None = None
) -> tuple[ListView, ...]:
    """Compute all lists of a cycle that the actor gives and that stand at the branch's step; missing lists are made.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "subsidy.compute")
    cycle = cycle_of(cycle_id, on=actor.on)
    known = county_facts(cycle.county, on=actor.on, known_at=known_at or actor.now)
    due = _due(cycle, known)
    locked_all(_at_branch(actor, cycle))
    ids = [one.id for one in _at_branch(actor, cycle)]
    earlier = adjustments(cycle=cycle, list_ids=ids, known=known)
    made_lists(actor=actor, cycle=cycle, pairs=_pairs(due, earlier, known, actor))
    _kept(actor, cycle, _at_branch(actor, cycle), known, due, earlier)
    return lists_of(cycle_id=cycle.id, on=actor.on)


def computed(
    *,
    cycle: CycleView,
    views: Sequence[ListView],
    known: CountyFacts,
    due: CycleDue | None = None,
    earlier: pl.DataFrame | None = None,
    at: datetime | None = None,
) -> Computed:
    """What the core makes of lists on the facts that were known: nothing is written.

    Args:
        cycle: The cycle.
        views: The lists.
        known: The facts.
        due: The core's run on them, where it was made already.
        earlier: Corrections and lines carried over, where they were made already.
        at: Against what stood at this moment, to do it over again; what stands now where it is left out.
    """
    due = due or _due(cycle, known)
    ids = [one.id for one in views]
    if earlier is None:
        earlier = adjustments(cycle=cycle, list_ids=ids, known=known, at=at)
    placed = known.loans.select(*_PLACED)
    regular, elsewhere = _without_others(due.lines, cycle, ids, at)
    regular = regular.drop("area_code").pipe(_with_warnings, due.warnings)
    lines = pl.concat([regular, earlier], how="diagonal").join(placed.drop("household_id"), on="loan_id")
    homeless = lines.filter(pl.col("institution_id").is_null())
    out = pl.concat([due.left_out, _branchless(homeless), elsewhere])
    lines = lines.join(_list_ids(views), on=["township", "institution_id"])
    return Computed(as_frozen(lines), _left_out(out, placed, cycle, ids), due.packs, known)


def _at_branch(actor: Actor, cycle: CycleView) -> list[ListView]:
    """The lists the actor gives that stand at the branch's step."""
    found = lists_of(cycle_id=cycle.id, states=(LIST,), on=actor.on)
    return [one for one in found if gives(actor, one.institution_id)]


def _kept(
    actor: Actor,
    cycle: CycleView,
    views: Sequence[ListView],
    known: CountyFacts,
    due: CycleDue | None = None,
    earlier: pl.DataFrame | None = None,
) -> None:
    if not views:
        return
    made = computed(cycle=cycle, views=views, known=known, due=due, earlier=earlier)
    beside = compared(made.lines, cycle=cycle, list_ids=[one.id for one in views], known=known)
    freeze(
        actor=actor, views=views, lines=checked(beside.lines, known=known), packs=made.packs, known=known,
        left_out=pl.concat([made.left_out, beside.nothing_due]),
    )  # fmt: skip


def compared_again(*, actor: Actor, cycle: CycleView, views: Sequence[ListView]) -> None:
    """Put new claims beside lists that were computed: the same facts give the same lines, compared anew."""
    groups: dict[tuple[date, datetime], list[ListView]] = {}
    for one in views:
        if one.on is not None and one.known_at is not None:
            groups.setdefault((one.on, one.known_at), []).append(one)
    for (on, known_at), group in sorted(groups.items()):
        _kept(actor, cycle, group, county_facts(cycle.county, on=on, known_at=known_at))


def _due(cycle: CycleView, known: CountyFacts) -> CycleDue:
    return cycle_due(known, rhythm=cycle.rhythm, start=cycle.start, end=cycle.end)


def _pairs(due: CycleDue, earlier: pl.DataFrame, known: CountyFacts, actor: Actor) -> list[tuple[str, str]]:
    """Townships and branches that have lines, of those the actor gives lists for."""
    loans = pl.concat([due.lines.select("loan_id"), earlier.select("loan_id")])
    placed = known.loans.join(loans, on="loan_id", how="semi")
    found = (
        placed.select("township", "institution_id").drop_nulls().unique().sort("township", "institution_id")
    )
    return [(township, bank) for township, bank in found.rows() if gives(actor, bank)]


def locked_all(views: Sequence[ListView]) -> None:
    """Hold lists to the end of the transaction."""
    held(LISTS, *(one.id for one in views))


def _list_ids(views: Collection[ListView]) -> pl.DataFrame:
    """township, institution_id, list_id of the lists that are computed."""
    return pl.DataFrame(
        [(one.township, one.institution_id, str(one.id)) for one in views],
        schema={"township": pl.String, "institution_id": pl.String, "list_id": pl.String}, orient="row",
    )  # fmt: skip


def _branchless(lines: pl.DataFrame) -> pl.DataFrame:
    """Loans with a line whose branch the registry does not know: nobody could submit it."""
    told = pl.struct(pl.col("subsidy_fen").cast(pl.String)).struct.json_encode()
    return lines.select(
        "loan_id", pl.lit("branch_not_in_registry").alias("code"),
        pl.lit(["LD2021-6"], dtype=pl.List(pl.String)).alias("clauses"), told.alias("facts"),
    )  # fmt: skip


def _without_others(
    lines: pl.DataFrame, cycle: CycleView, list_ids: Sequence[UUID], at: datetime | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines of loans that stand on no other list for these days; and, by name, those that do in another cycle.

    A household that moved while its line stands on another list of this cycle stays there.
    """
    if lines.is_empty():
        return lines, _said([])
    first, last = min(lines["start"].to_list()), max(lines["end"].to_list())
    with widened(), connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, [cycle.id, cycle.county, at or "infinity", first, last, list(list_ids)])
        rows = cursor.fetchall()
    schema = pl.Schema(
        {
            "loan_id": pl.String(), "their_start": pl.Date(), "their_end": pl.Date(), "cycle": pl.String(),
            "other": pl.Boolean(),
        }
    )  # fmt: skip
    there = pl.DataFrame(rows, schema=schema, orient="row")
    met = lines.select("loan_id", "start", "end").join(there, on="loan_id").filter(
        pl.col("start") < pl.col("their_end"), pl.col("their_start") < pl.col("end")
    )  # fmt: skip
    told = [
        (loan, "on_another_line", ["LD2021-6"], json.dumps({"cycle": other}))
        for loan, other in met.filter("other")
        .select("loan_id", "cycle")
        .unique()
        .sort("loan_id", "cycle")
        .rows()
    ]
    return lines.join(met.select("loan_id"), on="loan_id", how="anti"), _said(told)


def _said(rows: Sequence[tuple[str, str, list[str], str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SAID, orient="row")


def _with_warnings(lines: pl.DataFrame, warnings: pl.DataFrame) -> pl.DataFrame:
    """Add told: ``{"warnings": [{code, clauses, facts}]}`` as JSON."""
    told: dict[str, list[dict[str, object]]] = {}
    for loan, code, clauses, facts in warnings.sort("loan_id", "code", "facts").rows():
        told.setdefault(loan, []).append({"code": code, "clauses": clauses, "facts": json.loads(facts)})
    shown = pl.DataFrame(
        [(loan, json.dumps({"warnings": some}, ensure_ascii=False)) for loan, some in told.items()],
        schema={"loan_id": pl.String, "told": pl.String}, orient="row",
    )  # fmt: skip
    return lines.join(shown, on="loan_id", how="left")


def _left_out(out: pl.DataFrame, placed: pl.DataFrame, cycle: CycleView, ids: Sequence[UUID]) -> pl.DataFrame:
    """Loans on no line, each under its list; where there is none, under the first of its township, or of the cycle."""
    with widened(), connection.cursor() as cursor:
        cursor.execute(
            "select id::text, township, institution_id from casework_subsidy_list where cycle_id = %s"
            " order by township, institution_id",
            [cycle.id],
        )
        lists = cursor.fetchall()
    text = pl.String()
    known = pl.DataFrame(
        lists, schema=pl.Schema({"list_id": text, "township": text, "institution_id": text}), orient="row"
    )
    first = known.group_by("township", maintain_order=True).agg(pl.col("list_id").first().alias("home"))
    told = (
        out.join(placed.drop("borrower_name"), on="loan_id")
        .join(known, on=["township", "institution_id"], how="left")
        .join(first, on="township", how="left")
        .with_columns(
            pl.coalesce("list_id", "home", pl.lit(lists[0][0] if lists else None, text)).alias("list_id")
        )
    )
    mine = told.filter(pl.col("list_id").is_in([str(one) for one in ids]))
    return mine.select(
        "list_id", "loan_id", "code", "clauses", "facts", "village", "institution_id", "household_id"
    ).sort("list_id", "loan_id", "code")
