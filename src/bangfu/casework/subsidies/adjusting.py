"""Earlier lines as today's facts would have them: what is released, what came in late, what is carried over.

Nothing that stood is changed. What is due today for an earlier period, less the net of all that stood for it, becomes
a line of its own in the present list (docs/decisions/0070); asked again it gives nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.questions import from_json, rows
from bangfu.casework.database.session import widened
from bangfu.casework.subsidies.county_facts import CountyFacts
from bangfu.casework.subsidies.freezing import FROZEN
from bangfu.casework.subsidies.views import CycleView
from bangfu.casework.words import Words
from bangfu.engine.corrections import Amounts, Correction, corrections, net
from bangfu.engine.cycle import due_of_cycle, of_households
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["GROUNDS", "adjustments"]

RELEASED, LATE, CORRECTED, CARRIED = "held_back_released", "late_entry", "fact_corrected", "carried"
GROUNDS: Mapping[str, Words] = {
    RELEASED: Words("利息已收，释放暂扣贴息", "the interest came in: what was held back is released"),
    LATE: Words("补记的还款等事项", "an event was entered late"),
    CORRECTED: Words("借据或台账更正", "the contract or its ledger was corrected"),
    CARRIED: Words("上期结转", "carried over"),
}
_NO_MONEY = ("reminded", "classified", "fee_collected", "penalty_collected")  # kinds that move no subsidy
# What is read of a line ``l``, by name.
_COLUMNS: Mapping[str, str] = {
    name: f"l.{name}"
    for name in (
        "id", "subsidy_list_id", "kind", "corrects", "ground", "loan_id", "product", "rate_e8", "method", "opening_fen",
        "subsidised_part_fen", "days", "interest_fen", *(f"{payer}_fen" for payer in PAYERS),
        *(f"pay_{payer}_fen" for payer in PAYERS), "policy", "clauses", "line_hash", "told", "household_id",
    )
} | {"start": "lower(l.period)", "end": "upper(l.period)"}  # fmt: skip
_READ = ", ".join(_COLUMNS.values())
# The lists of the county's earlier cycles of this rhythm: where they stand, what their run knew.
_LISTS = (
    "select s.id, c.id, lower(c.period), upper(c.period), g.state <> 'branch_list', r.\"on\", r.known_at, s.township,"
    " s.institution_id from casework_subsidy_cycle c join casework_subsidy_list s on s.cycle_id = c.id"
    " join casework_list_stage g on g.subsidy_list_id = s.id and g.recorded @> %s::timestamptz"
    ' left join lateral (select "on", known_at from casework_subsidy_run r where r.subsidy_list_id = s.id'
    "  and r.at <= %s::timestamptz order by number desc limit 1) r on true"
    " where c.county = %s and c.rhythm = %s and c.id <> %s and upper(c.period) <= %s"
)
_HELD = (
    "select loan_id, coalesce(told->>'cycle', s.cycle_id::text) from casework_subsidy_line l"
    " join casework_subsidy_list s on s.id = l.subsidy_list_id"
    " where l.recorded @> %s::timestamptz and l.held_back_fen <> 0 and l.subsidy_list_id = any(%s)"
    " and l.kind <> 'carried' and l.ground <> 'carried' group by 1, 2 having sum(l.held_back_fen) <> 0"
)
_EVENTS = (
    'select loan_id, "on", booked_on, lower(recorded), upper(recorded) from casework_loan_event'
    " where recorded && tstzrange(null, %s, '[]') and booked_on <= %s and \"on\" < %s and not kind = any(%s)"
    " and (booked_on > %s or lower(recorded) > %s or upper(recorded) > %s)"
)
_LOANS = (
    "select loan_id, coalesce(contract_on, '0001-01-01'), lower(recorded), upper(recorded) from casework_loan"
    " where recorded && tstzrange(null, %s, '[]') and not ordinary and (lower(recorded) > %s or upper(recorded) > %s)"
)
Moment = datetime | str
_NOW = "infinity"  # an open range holds it: what stands now
_STATUS = ("held", "released", "excluded", "restored", "carried")
_LAST = (
    "select distinct on (line_id) line_id, kind from casework_line_act where line_id = any(%s) and kind = any(%s)"
    " and at <= %s::timestamptz order by line_id, id desc"
)


@dataclass(frozen=True)
class _Earlier:
    """A list of an earlier cycle."""

    id: UUID
    cycle: UUID
    start: date
    end: date
    frozen: bool
    on: date | None
    known_at: datetime | None
    township: str
    institution_id: str


@dataclass(frozen=True)
class _Stood:
    """A line that stands, as far as corrections read it."""

    row: Mapping[str, Any]
    status: str

    @property
    def amounts(self) -> Amounts:
        """Its fen."""
        return _amounts(self.row)


def adjustments(
    *, cycle: CycleView, list_ids: Sequence[UUID], known: CountyFacts, at: datetime | None = None
) -> pl.DataFrame:
    """The lines of earlier periods that stand on the present lists: corrections and what was carried over.

    Args:
        cycle: The present cycle.
        list_ids: The lists that are computed: their own lines do not count as standing.
        known: The facts.
        at: Against what stood at this moment, to do it over again; what stands now where it is left out.

    Returns:
        Columns of ``freezing.FROZEN`` without list_id, village and borrower_name.
    """
    moment = at or _NOW
    with widened():
        lists = _lists(cycle, moment)
        if not lists:
            return _frame([])
        ids = [one.id for one in lists]
        wanted = _wanted(lists, known, moment)
        made = _corrected(cycle, lists, wanted, list_ids, known, moment) + _carried(ids, list_ids, moment)
    return _frame(made)


def _lists(cycle: CycleView, moment: Moment) -> list[_Earlier]:
    given = [moment, moment, cycle.county, cycle.rhythm, cycle.id, cycle.end]
    return [_Earlier(*row) for row in rows(_LISTS, given)]


def _wanted(lists: Sequence[_Earlier], known: CountyFacts, moment: Moment) -> dict[UUID, dict[str, str]]:
    """Earlier cycle → loan → ground: the lines whose facts may have changed, and those that hold something back."""
    frozen = [one for one in lists if one.frozen]
    wanted: dict[UUID, dict[str, str]] = {}
    if not frozen:
        return wanted
    for loan, cycle_id in rows(_HELD, [moment, [one.id for one in frozen]]):
        wanted.setdefault(UUID(cycle_id), {})[loan] = RELEASED
    homes = dict(known.loans.select("loan_id", "household_id").rows())
    mates: dict[str, list[str]] = {}
    for loan, home in homes.items():
        mates.setdefault(home, []).append(loan)
    since = _watermark(lists)
    known_of = {one.cycle: one for one in _least_known(frozen)}
    for loan, first, ground, booked, seen in _changes(known, since, max(one.end for one in frozen)):
        for cycle_id, before in known_of.items():
            late = booked > before.on or seen > before.known_at  # type: ignore[operator]
            if first < before.end and late:
                for mate in mates.get(homes.get(loan, ""), ()):
                    wanted.setdefault(cycle_id, {})[mate] = ground
    return wanted


def _least_known(frozen: Sequence[_Earlier]) -> list[_Earlier]:
    """Of each cycle the run that knew least."""
    out: dict[UUID, _Earlier] = {}
    for one in frozen:
        if one.on is None or one.known_at is None:
            continue
        had = out.get(one.cycle)
        if had is None or (one.on, one.known_at) < (had.on, had.known_at):
            out[one.cycle] = one
    return list(out.values())


def _watermark(lists: Sequence[_Earlier]) -> tuple[date, datetime]:
    """What every earlier list has been put right by already: the latest cycle's runs, where all of them are frozen.

    Else whatever any run did not know.
    """
    last = max(one.end for one in lists)
    latest = [one for one in lists if one.end == last]
    pool = latest if all(one.frozen for one in latest) else [one for one in lists if one.frozen]
    runs = [(one.on, one.known_at) for one in pool if one.on is not None and one.known_at is not None]
    return min(on for on, _ in runs), min(at for _, at in runs)


def _changes(
    known: CountyFacts, since: tuple[date, datetime], end: date
) -> list[tuple[str, date, str, date, datetime]]:
    """Loan, the first day it bears on, ground, booked on, known since: what was written or closed after a moment."""
    on, at = since
    out = []
    for loan, day, booked, seen, closed in rows(
        _EVENTS, [known.known_at, known.on, end, list(_NO_MONEY), on, at, at]
    ):
        gone = closed is not None and closed <= known.known_at
        moment = closed if gone else seen
        out.append((loan, day, CORRECTED if gone else LATE, booked, moment))
    for loan, signed, seen, closed in rows(_LOANS, [known.known_at, at, at]):
        gone = closed is not None and closed <= known.known_at
        out.append((loan, signed, CORRECTED, date.min, closed if gone else seen))
    return sorted(out, key=lambda one: one[2] == CORRECTED)  # of two grounds the correction is told


def _corrected(
    cycle: CycleView,
    lists: Sequence[_Earlier],
    wanted: Mapping[UUID, Mapping[str, str]],
    list_ids: Sequence[UUID],
    known: CountyFacts,
    moment: Moment,
) -> list[dict[str, Any]]:
    """What today's facts make of earlier lines, less what stood for them: the core is asked once an earlier cycle.

    A loan without a line there gets one now, unless its list is still with the branch, or it stands elsewhere for these
    days; what was excluded stays so.
    """
    out: list[dict[str, Any]] = []
    periods = {one.cycle: (one.start, one.end) for one in lists}
    homes = known.loans.select("loan_id", "household_id")
    places = {row[0]: row[1:] for row in known.loans.select("loan_id", "township", "institution_id").rows()}
    for cycle_id in sorted(wanted, key=lambda one: (periods.get(one, (date.min, date.min)), str(one))):
        grounds = wanted[cycle_id]
        if cycle_id not in periods:
            continue
        start, end = periods[cycle_id]
        loans = homes.filter(pl.col("loan_id").is_in(list(grounds)))
        facts = of_households(known.facts, loans["household_id"].unique())
        due = due_of_cycle(
            facts, site_book(), county=cycle.county, rhythm=cycle.rhythm, start=start, end=end,
            collected_by=cycle.end,
        )  # fmt: skip
        today = {row["loan_id"]: row for row in due.lines.iter_rows(named=True)}
        stood = _stood(cycle_id, sorted(grounds), list_ids, moment)
        open_ = {
            (one.township, one.institution_id) for one in lists if one.cycle == cycle_id and not one.frozen
        }
        for loan in sorted(grounds):
            lines = stood.get(loan, [])
            regular = next((one for one in lines if one.row["kind"] == "regular"), None)
            if regular is None and (
                loan not in today or places[loan] in open_ or _elsewhere(today[loan], moment)
            ):
                continue
            if regular is not None and (regular.status == "excluded" or not regular.row["frozen"]):
                continue
            out += _made(loan, today.get(loan), lines, regular, cycle_id, grounds[loan])
    return out


def _made(
    loan: str,
    today: Mapping[str, Any] | None,
    lines: Sequence[_Stood],
    regular: _Stood | None,
    cycle_id: UUID,
    ground: str,
) -> list[dict[str, Any]]:
    """The rows that put one earlier line right."""
    now = Amounts() if today is None else _amounts(today)
    found = corrections(now, net([one.amounts for one in lines]))
    like = today if today is not None else (regular.row if regular is not None else None)
    if like is None:
        return []
    out = []
    for one in found:
        clauses = list(like["clauses"])
        out.append(
            {
                "loan_id": loan,
                "kind": one.kind,
                "corrects": None if regular is None else str(regular.row["id"]),
                "corrects_hash": None if regular is None else bytes(regular.row["line_hash"]).hex(),
                "ground": RELEASED if one.released and one.kind == "supplement" else _ground(ground, one),
                "told": json.dumps({"cycle": str(cycle_id), "stood": _told(lines), "due": _sums(now)}),
                "clauses": clauses,
                **{name: like[name] for name in _LIKE},
                **_as_columns(one.amounts),
            }
        )
    return out


_LIKE = (
    "household_id", "product", "start", "end", "rate_e8", "method", "opening_fen", "subsidised_part_fen", "days",
    "policy",
)  # fmt: skip


def _ground(ground: str, one: Correction) -> str:
    return CORRECTED if ground == RELEASED or (one.released and one.kind == "recovery") else ground


def _amounts(row: Mapping[str, Any]) -> Amounts:
    return Amounts(
        row["interest_fen"],
        tuple(row[f"{payer}_fen"] for payer in PAYERS),
        tuple(row[f"pay_{payer}_fen"] for payer in PAYERS),
    )


def _as_columns(one: Amounts) -> dict[str, int]:
    return {
        "interest_fen": one.interest_fen,
        **{f"{payer}_fen": fen for payer, fen in zip(PAYERS, one.by, strict=True)},
        "subsidy_fen": one.subsidy_fen,
        "borrower_fen": one.borrower_fen,
        "held_back_fen": one.held_back_fen,
        "payable_fen": one.payable_fen,
        **{f"pay_{payer}_fen": fen for payer, fen in zip(PAYERS, one.pay, strict=True)},
    }


def _told(lines: Sequence[_Stood]) -> list[dict[str, Any]]:
    return [{"line": str(one.row["id"]), "kind": one.row["kind"], **_sums(one.amounts)} for one in lines]


def _sums(one: Amounts) -> dict[str, int]:
    return {
        "interest_fen": one.interest_fen, "subsidy_fen": one.subsidy_fen, "held_back_fen": one.held_back_fen,
        "payable_fen": one.payable_fen,
    }  # fmt: skip


def _stood(
    cycle_id: UUID, loans: Sequence[str], list_ids: Sequence[UUID], moment: Moment
) -> dict[str, list[_Stood]]:
    """The lines that stand for the days of an earlier cycle, by loan: the regular one first, then what corrected it."""
    found = rows(
        f"select {_READ}, g.state <> 'branch_list' from casework_subsidy_line l"
        " join casework_subsidy_list s on s.id = l.subsidy_list_id"
        " join casework_list_stage g on g.subsidy_list_id = s.id and g.recorded @> %s::timestamptz"
        " where l.recorded @> %s::timestamptz and l.loan_id = any(%s) and not l.subsidy_list_id = any(%s)"
        " and ((l.kind = 'regular' and s.cycle_id = %s)"
        "  or (l.kind in ('supplement', 'recovery') and l.ground <> 'carried' and l.told->>'cycle' = %s))"
        " order by l.loan_id, l.kind <> 'regular', l.run_id, l.number",
        [moment, moment, list(loans), list(list_ids), cycle_id, str(cycle_id)],
    )
    last = dict(rows(_LAST, [[row[0] for row in found], list(_STATUS), moment]))
    out: dict[str, list[_Stood]] = {}
    for row in found:
        told = dict(zip([*_COLUMNS, "frozen"], row, strict=True))
        told["clauses"] = from_json(told["clauses"])
        out.setdefault(told["loan_id"], []).append(_Stood(told, last.get(told["id"], "released")))
    return out


def _elsewhere(line: Mapping[str, Any], moment: Moment) -> bool:
    """Whether a regular line of the loan stands on days of the period: then it is no missing line."""
    found = rows(
        "select 1 from casework_subsidy_line where kind = 'regular' and recorded @> %s::timestamptz"
        " and loan_id = %s and period && daterange(%s, %s) limit 1",
        [moment, line["loan_id"], line["start"], line["end"]],
    )
    return bool(found)


def _carried(earlier: Sequence[UUID], list_ids: Sequence[UUID], moment: Moment) -> list[dict[str, Any]]:
    """Lines that were carried over and that no other list has taken over yet: the same amounts, once more."""
    found = rows(
        f"select {_READ} from casework_subsidy_line l"
        " join lateral (select a.kind from casework_line_act a where a.line_id = l.id and a.kind = any(%s)"
        "  and a.at <= %s::timestamptz order by a.id desc limit 1) last on last.kind = 'carried'"
        " where l.recorded @> %s::timestamptz and l.subsidy_list_id = any(%s) and not exists ("
        "  select from casework_subsidy_line t where t.recorded @> %s::timestamptz and not t.subsidy_list_id = any(%s)"
        "  and t.loan_id = l.loan_id and (t.kind = 'carried' or t.ground = 'carried')"
        "  and (t.corrects = l.id or (t.told->>'from_list' = l.subsidy_list_id::text and t.period = l.period"
        "   and t.told->>'from_kind' = l.kind)))"
        " and l.id in (select line_id from casework_line_act where kind = 'carried' and subsidy_list_id = any(%s))"
        " order by l.loan_id, l.period, l.number",
        [list(_STATUS), moment, moment, list(earlier), moment, list(list_ids), list(earlier)],
    )
    out = []
    for row in found:
        told = dict(zip(_COLUMNS, row, strict=True))
        amounts = _amounts(told)
        back = amounts.payable_fen < 0
        before = from_json(told["told"]) or {}
        kept = {
            "from_list": str(told["subsidy_list_id"]),
            "from_kind": told["kind"],
            "from_ground": told["ground"],
        }
        out.append(
            {
                "loan_id": told["loan_id"],
                "kind": "recovery" if back else "carried",
                "corrects": str(told["id"]),
                "corrects_hash": bytes(told["line_hash"]).hex(),
                "ground": CARRIED,
                "told": json.dumps(kept | ({"cycle": before["cycle"]} if "cycle" in before else {})),
                "clauses": list(from_json(told["clauses"])),
                **{name: told[name] for name in _LIKE},
                **_as_columns(amounts),
            }
        )
    return out


# What the list, the place and the comparison add.
_LATER = frozenset(
    {
        "list_id",
        "village",
        "borrower_name",
        "area_code",
        "checks",
        "difference",
        "claimed_fen",
        "claimed_rate_e8",
    }
)


def _frame(rows_: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    schema = {name: kind for name, kind in FROZEN.items() if name not in _LATER}
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows_], schema=schema, orient="row")
