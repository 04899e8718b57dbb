"""The steps of one loan over a period: the columns of the kernel's rules, printed.

Pieces are laid out in plain Python for the one loan and its household; every value beyond that comes from the same
steps as the batch (``tests/engine/test_explain.py`` holds the two equal).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from bangfu.engine.batch import DETERMINED, NEVER
from bangfu.engine.ledger import movements
from bangfu.engine.prepare import NO_MAXIMUM
from bangfu.engine.spans import Spans, spans_of
from bangfu.engine.stacks import StackedLoans, assign_stacks
from bangfu.facts import Facts
from bangfu.money.days import add_months_clamped, day_number, days_of_whole_periods, from_day_number
from bangfu.policy import VOCABULARY, Payer, PolicyBook, Stack
from bangfu.refusals import Refusal, Refused
from bangfu.rules.interest.rule import LINE_INTEREST, MOVE_DAYS, PIECE_DAYS, PIECE_INTEREST
from bangfu.rules.methods import METHODS, WHOLE_PERIODS
from bangfu.rules.steps import Rule, apply_rule
from bangfu.rules.subsidy.rule import HELD, ROOM, SUBSIDISED_MOVE, line_rule, piece_rule


@dataclass(frozen=True, slots=True)
class Shown:
    """One step of an explanation, with the clauses its basis stands for in the loan's own policy."""

    name: str
    unit: str
    value: int | bool | str | None
    zh: str
    en: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that belong together: the room, one piece of time, or the line."""

    title: str
    start: date | None
    end: date | None
    policy: str
    steps: tuple[Shown, ...]


@dataclass(frozen=True)
class Explanation:
    """A loan's interest and subsidy over [start, end), step by step, and what could not be computed."""

    loan_id: str
    start: date
    end: date
    parts: tuple[Part, ...]
    refusals: tuple[Refusal, ...]
    values: Mapping[str, int]


class LoanNotFound(KeyError):  # noqa: N818 - it names what is missing
    """No loan of that id in the facts."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One loan with what its household's facts say of it."""

    row: Mapping[str, Any]
    stack: Stack
    moves: Sequence[tuple[date, int]]
    ceiling_fen: int

    def balance_at_end_of(self, day: date) -> int:
        return sum(delta for on, delta in self.moves if on <= day)


def explain(
    facts: Facts, policy: PolicyBook, loan_id: str, *, start: date | None = None, end: date | None = None
) -> Explanation:
    """Explain a loan over a period; by default from its disbursement to its maturity.

    Raises:
        LoanNotFound: No such loan.
        Refused: no policy covers the loan, or it was never disbursed.
    """
    found = facts.loans.filter(pl.col("loan_id") == loan_id)
    if found.is_empty():
        raise LoanNotFound(loan_id)
    household = facts.loans.filter(
        pl.col("household_id") == found["household_id"][0], pl.col("contract_on").is_not_null()
    )
    family = _family(facts, household)
    events = facts.events.filter(pl.col("loan_id").is_in(family["loan_id"].implode()))
    longer = events.filter(pl.col("kind") == "extended")["loan_id"].unique().to_list()
    stacked = assign_stacks(family, policy, extended=longer)
    cases = _cases(stacked, events)
    if loan_id not in cases:
        raise Refused(_why_not(stacked, loan_id))
    case = cases[loan_id]
    numbered = stacked.loans.filter(pl.col("loan_id") == loan_id).with_columns(
        pl.lit(0, pl.Int64).alias("loan_no"), pl.lit(case.moves[0][0]).alias("disbursed_on")
    )
    opens = start or case.moves[0][0]
    mine = events.filter(pl.col("loan_id") == loan_id, pl.col("on") < (end or date.max))
    timed = spans_of(numbered, mine, stacked)
    closes = end or timed.loans["maturity_on"][0]
    room, fixed_fen = _room(case, cases)
    return _explained(case, timed, stacked, room, fixed_fen=fixed_fen, start=opens, end=closes)


def _family(facts: Facts, household: pl.DataFrame) -> pl.DataFrame:
    """The household's loans, with the parents that its renewals come from."""
    parents = household["parent_loan_id"].drop_nulls()
    while parents.len() and not parents.is_in(household["loan_id"].implode()).all():
        more = facts.loans.filter(
            pl.col("loan_id").is_in(parents.implode()),
            ~pl.col("loan_id").is_in(household["loan_id"].implode()),
        )
        if more.is_empty():
            break
        household = pl.concat([household, more])
        parents = more["parent_loan_id"].drop_nulls()
    return household


def _cases(stacked: StackedLoans, events: pl.DataFrame) -> dict[str, _Case]:
    moves: dict[str, list[tuple[date, int]]] = {}
    for loan, on, delta in movements(events).sort("on").select("loan_id", "on", "delta_fen").rows():
        moves.setdefault(loan, []).append((on, delta))
    cases = {}
    for row in stacked.loans.iter_rows(named=True):
        if row["stack_no"] is not None and row["loan_id"] in moves:
            stack = stacked.stacks[row["stack_no"]]
            ceiling = _ceiling(row, stack)
            if ceiling is not None:
                cases[row["loan_id"]] = _Case(row, stack, moves[row["loan_id"]], ceiling)
    return cases


def _ceiling(row: Mapping[str, Any], stack: Stack) -> int | None:
    standard = stack.look("subsidy.principal_cap", row["contract_on"])
    large = stack.look("subsidy.principal_cap_large_need", row["contract_on"])
    if standard is None or standard.undetermined:
        return None
    if row["subsidy_ceiling_fen"] is None or large is None or large.undetermined:
        return standard.integer
    raised: int = row["subsidy_ceiling_fen"]
    return max(standard.integer, min(raised, large.integer))


def _why_not(stacked: StackedLoans, loan_id: str) -> Refusal:
    said = stacked.refusals.filter(pl.col("loan_id") == loan_id)
    if said.height:
        return Refusal(said["code"][0], tuple(said["clauses"][0]), {"loan_id": loan_id})
    return Refusal(
        "term_not_set", (), {"loan_id": loan_id, "reason": "never disbursed, or no subsidised ceiling is set"}
    )


def _run(rule: Rule, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Apply a rule's steps to a few rows."""
    frame: pl.DataFrame = apply_rule(rule, nw.from_native(pl.DataFrame(list(rows)))).to_native()
    return frame.to_dicts()


def _shown(rule: Rule, values: Mapping[str, Any], stack: Stack, on: date) -> tuple[Shown, ...]:
    """A rule's steps with their values and the clauses they rest on."""
    shown = []
    for step in rule.steps:
        clauses: list[str] = []
        for basis in step.basis:
            if basis in VOCABULARY:
                term = stack.look(basis, on)
                clauses += term.clauses if term else ()
            else:
                clauses.append(basis)
        told = tuple(dict.fromkeys(clauses))
        shown.append(Shown(step.name, step.unit, values[step.name], step.zh, step.en, told))
    return tuple(shown)


def _room(case: _Case, cases: Mapping[str, _Case]) -> tuple[Part, int]:
    """The loan's room under the household's ceiling, as the earlier live loans leave it."""
    fixed: dict[str, int] = {}
    part: Part | None = None
    order = sorted(cases.values(), key=lambda one: (one.row["contract_on"], one.row["loan_id"]))
    for later in order:
        signed = later.row["contract_on"]
        held = 0
        steps: tuple[Shown, ...] = ()
        for earlier in order[: order.index(later)]:
            balance = earlier.balance_at_end_of(signed)
            replaced = (
                later.row["kind"] == "renewal" and later.row["parent_loan_id"] == earlier.row["loan_id"]
            )
            same = earlier.row["household_id"] == later.row["household_id"]
            if balance > 0 and same and not replaced:
                given = {"earlier_fixed_fen": fixed[earlier.row["loan_id"]], "earlier_balance_fen": balance}
                values = _run(HELD, [given])[0]
                held += values["held_fen"]
                steps += _shown(HELD, values, later.stack, signed)
        values = _run(ROOM, [{"ceiling_fen": later.ceiling_fen, "held_by_earlier_fen": held}])[0]
        fixed[later.row["loan_id"]] = values["fixed_fen"]
        if later is case:
            steps += _shown(ROOM, values, later.stack, signed)
            part = Part("room", signed, None, later.stack.id, steps)
            break
    if part is None:
        raise LoanNotFound(case.row["loan_id"])
    return part, fixed[case.row["loan_id"]]


def _pieces(
    case: _Case, timed: Spans, stacked: StackedLoans, *, start: date, end: date
) -> list[tuple[date, date, int, Stack, bool, tuple[Payer, ...], tuple[str, ...]]]:
    """from, to, rate, stack, determined, payers, clauses: the loan's normal time, cut where a term changes."""
    row = case.row
    spans = [tuple(span) for span in timed.spans.rows()] or [
        (
            0,
            day_number(case.moves[0][0]),
            day_number(row["matures_on"]),
            row["rate_e8"],
            row["stack_no"],
            DETERMINED,
        )
    ]
    found = []
    for _, opens, closes, rate_e8, stack_no, state in spans:
        stack = stacked.stacks[stack_no]
        since, until = max(from_day_number(opens), start), min(from_day_number(closes), end)
        if until <= since:
            continue
        for day, stop, values in stack.segments(["subsidy.payers"], since, until):
            said = values["subsidy.payers"]
            known = state == DETERMINED and said is not None and not said.undetermined
            clauses = said.clauses if said else ()
            found.append((day, stop, rate_e8, stack, known, said.payers if said and known else (), clauses))
    return found


def _explained(
    case: _Case, timed: Spans, stacked: StackedLoans, room: Part, *, fixed_fen: int, start: date, end: date
) -> Explanation:
    method = _method(case, start)
    anchor = case.moves[0][0]
    pieces = _pieces(case, timed, stacked, start=start, end=end)
    names = tuple(dict.fromkeys(part.payer for piece in pieces for part in piece[5])) or ("fiscal",)
    opening = case.balance_at_end_of(start)
    until = _until(case, timed, anchor, end)
    parts, refusals, sums = (
        [room],
        [],
        dict.fromkeys(["interest_numerator", *(f"{n}_numerator" for n in names)], 0),
    )
    exceeding = False
    for since, stop, rate_e8, stack, known, payers, clauses in pieces:
        if not known:
            code = "subsidy_undetermined" if clauses else "term_not_set"
            facts = {"from": since.isoformat(), "to": stop.isoformat(), "policy": stack.id}
            refusals.append(Refusal(code, clauses, dict(facts)))
            continue
        given = _given(
            case, since, stop, rate_e8, method, anchor, opening, fixed_fen, start, until, names, payers
        )
        shown: tuple[Shown, ...] = ()
        for rule in (PIECE_INTEREST, piece_rule(names)):
            given = _run(rule, [given])[0]
            shown += _shown(rule, given, stack, since)
        exceeding = exceeding or given["payers_exceed_rate"]
        days = _shown(PIECE_DAYS, given, stack, since)
        parts.append(Part("piece", since, stop, stack.id, days + shown))
        for name in sums:
            sums[name] += given[name]
    values = _run(line_rule(names), _run(LINE_INTEREST, [{**sums, "method": method}]))[0]
    if exceeding:
        refusals.append(Refusal("subsidy_exceeds_rate", (), {"policy": case.stack.id}))
    shown = _shown(LINE_INTEREST, values, case.stack, start) + _shown(
        line_rule(names), values, case.stack, start
    )
    parts.append(Part("line", start, end, case.stack.id, shown))
    told = {name: value for name, value in values.items() if name.endswith("_fen")}
    return Explanation(case.row["loan_id"], start, end, tuple(parts), tuple(refusals), told)


def _method(case: _Case, start: date) -> int:
    held = case.stack.look("interest.standard_method", start)
    name = held.code if held and not held.undetermined else case.row["interest_method"]
    if name not in METHODS:
        raise Refused(
            Refusal("term_not_set", (), {"term": "interest.standard_method", "column": "interest_method"})
        )
    return METHODS[name]


def _until(case: _Case, timed: Spans, anchor: date, end: date) -> date:
    """The first day no longer subsidised."""
    ends = [from_day_number(NEVER)]
    ends += [from_day_number(day) for day in timed.until["ends_on"].to_list()]
    most = case.stack.look("subsidy.max_months", end - timedelta(days=1))
    if most is not None and not most.undetermined:
        ends.append(add_months_clamped(anchor, most.integer))
    default = case.stack.look("subsidy.in_default", end - timedelta(days=1))
    lost = default is not None and not default.undetermined and not default.boolean
    if lost and timed.loans["maturity_on"][0] < end and case.balance_at_end_of(end - timedelta(days=1)) > 0:
        ends.append(date.min)
    return min(ends)


def _given(  # the columns of one piece, as the kernel lays them out
    case: _Case, since: date, stop: date, rate_e8: int, method: int, anchor: date, opening: int, fixed_fen: int,
    start: date, until: date, names: Sequence[str], payers: Sequence[Payer],
) -> dict[str, Any]:  # fmt: skip
    last = max(min(stop, until), since)
    counted = {since: 0, stop: 0, last: 0}
    if method == WHOLE_PERIODS:
        counted = {day: days_of_whole_periods(anchor, day) if day > anchor else 0 for day in counted}
    base = {
        "method": method,
        "piece_from": day_number(since),
        "piece_to": day_number(stop),
        "f_from": counted[since],
        "f_to": counted[stop],
    }
    given = _run(PIECE_DAYS, [base])[0]
    short = {**base, "piece_to": day_number(last), "f_to": counted[last]}
    given["subsidised_days"] = _run(PIECE_DAYS, [short])[0]["piece_days"]
    inside, subsidised, balance = 0, 0, opening
    for on, delta in case.moves:
        if start < on < stop:
            balance += delta
            borne = max(on, since)
            f_on = days_of_whole_periods(anchor, borne) if method == WHOLE_PERIODS and borne > anchor else 0
            move = {
                "on": day_number(on),
                "f_on": f_on,
                "fixed_fen": fixed_fen,
                "balance_fen": balance,
                "delta_fen": delta,
            }
            all_days = _run(MOVE_DAYS, [{**base, **move}])[0]["move_days"]
            part = _run(SUBSIDISED_MOVE, [move])[0]["subsidised_delta_fen"]
            left = _run(MOVE_DAYS, [{**short, **move}])[0]["move_days"]
            inside += delta * all_days
            subsidised += part * max(left, 0)
    given |= {
        "opening_fen": opening, "inside_fen_days": inside, "rate_e8": rate_e8,
        "opening_subsidised_fen": min(fixed_fen, opening), "inside_subsidised_fen_days": subsidised,
    }  # fmt: skip
    spoken = {part.payer: part for part in payers}
    for name in names:
        part = spoken.get(name)
        given[f"{name}_share_percent"] = (part.share_percent or 0) if part else 0
        given[f"{name}_points_e8"] = (part.points_e8 or 0) if part else 0
        most = part.max_points_e8 if part else None
        given[f"{name}_max_e8"] = NO_MAXIMUM if most is None else most
    return given
