"""The judge one level higher: a period's subsidy from facts and policy, in plain Python and loan by loan.

It reads the policy book (which has tests of its own) and nothing of the engine or the rules. What the documents say of
renewals and extensions after the notice of 2026-02-24 is written out here from their text (CN2021-2.2, CN2026-2.3).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.properties import judge
from tests.properties.judge import EPOCH, NEVER, NO_MAXIMUM, Pay, Segment, Span

from bangfu.facts import Facts
from bangfu.policy import PolicyBook, Stack
from bangfu.refusals import Refused

PAYERS = ("central", "province", "city", "county", "fiscal")
METHODS = {"daily_360": 0, "daily_365": 1, "whole_periods": 2}
TRANSITION = date(2021, 3, 10)
NEW_NOTICE = date(2026, 2, 24)
GAP = (date(2026, 1, 1), date(2026, 2, 23))
UNDETERMINED, NOT_SET = 1, 2
QUARTER_DAYS = 91
DOWN = ("repaid", "written_off", "compensated", "converted")
Row = dict[str, Any]


class Judged(NamedTuple):
    """Lines by loan: (from, to, interest, payers, borrower, held back); refusals as (loan, code)."""

    lines: dict[str, tuple[Any, ...]]
    refusals: set[tuple[str, str]]


def number(on: date) -> int:
    return (on - EPOCH).days


class _Case:
    """One run: facts by loan, the policy and the period."""

    def __init__(self, facts: Facts, book: PolicyBook, start: date, end: date) -> None:
        self.book, self.start, self.end = book, start, end
        self.events: dict[str, list[Row]] = defaultdict(list)
        for row in facts.events.sort("on", maintain_order=True).to_dicts():
            self.events[row["loan_id"]].append(row)
        self.loans: dict[str, Row] = {row["loan_id"]: row for row in facts.loans.sort("loan_id").to_dicts()}
        self.refusals: set[tuple[str, str]] = set()
        self.stacks: dict[str, int] = {}
        self.by_number: list[Stack] = []

    def of(self, loan_id: str, *kinds: str) -> list[Row]:
        """The loan's events of those kinds that the period knows."""
        return [row for row in self.events[loan_id] if row["kind"] in kinds and row["on"] < self.end]

    def numbered(self, stack: Stack) -> int:
        if stack.key not in self.stacks:
            self.stacks[stack.key] = len(self.by_number)
            self.by_number.append(stack)
        return self.stacks[stack.key]

    def resolve(self, place: str, product: str, on: date) -> Stack | str:
        try:
            return self.book.stack(place, product, on)
        except Refused as refused:
            return refused.refusal.code

    def family(self, loan: Row) -> tuple[Row, int]:
        """The first loan of the family, and how many renewals lie between."""
        root, between = loan, 0
        while root["kind"] == "renewal" and root["parent_loan_id"] in self.loans:
            root = self.loans[root["parent_loan_id"]]
            between += root["kind"] == "renewal"
        return root, between

    def stack_of(self, loan: Row) -> Stack | str:
        """The policy a loan is pinned to, or the code of its refusal."""
        mine = self.resolve(loan["area_code"][:6], loan["product"], loan["contract_on"])
        root, between = self.family(loan)
        if root is loan:
            return mine
        first = self.resolve(root["area_code"][:6], root["product"], root["contract_on"])
        if isinstance(first, str):
            return mine
        stretched = any(self.of(one, "extended") for one in (root["loan_id"], loan["parent_loan_id"]))
        return self.later(
            first, root, loan["area_code"][:6], loan["contract_on"], had=between > 0 or stretched
        )

    def later(self, first: Stack, root: Row, place: str, on: date, *, had: bool) -> Stack | str:
        """The policy of a renewal or an extension of a family pinned to ``first``."""
        if on < NEW_NOTICE or first.product == "assistance":
            return first  # all policies stay as they are (CN2021-2.2, LD2021-4.2)
        signed_in_gap = first.product == "transition" and GAP[0] <= root["contract_on"] <= GAP[1]
        if first.product != "transition" or signed_in_gap:
            return "no_policy_for_place_and_day"  # CN2026-2.3 speaks of the transition's loans alone
        if had:
            return "renewed_or_extended_twice"
        return self.resolve(place, "assistance", on)


def subsidise(facts: Facts, book: PolicyBook, *, start: date, end: date) -> Judged:
    """The period's lines and refusals."""
    case = _Case(facts, book, start, end)
    kernel, spans = [], []
    numbers = {loan_id: place for place, loan_id in enumerate(case.loans)}
    for loan_id, loan in case.loans.items():
        lent = [row["on"] for row in case.events[loan_id] if row["kind"] == "disbursed"]
        if loan["contract_on"] is None or not lent:
            continue
        made = _prepared(case, loan, min(lent), numbers)
        if made is not None:
            kernel.append(made[0])
            spans += made[1]
    moves = [move for loan_id, place in numbers.items() for move in _moves(case.events[loan_id], place)]
    segments = [
        segment
        for place, stack in enumerate(case.by_number)
        for segment in _segments(stack, start, end, place)
    ]
    portfolio = judge.Portfolio(kernel, moves, spans, segments, PAYERS)
    names = {place: loan_id for loan_id, place in numbers.items()}
    lines = {}
    for line in judge.lines(portfolio, start=number(start), end=number(end)):
        loan_id = names[line.loan_id]
        if line.undetermined_numerator:
            case.refusals.add(
                (loan_id, "term_not_set" if line.undetermined_state == NOT_SET else "subsidy_undetermined")
            )
        if line.exceeding and line.interest_numerator:
            case.refusals.add((loan_id, "subsidy_exceeds_rate"))
        elif line.interest_numerator:
            held = _held_back(case, portfolio, line)
            lines[loan_id] = (
                line.line_from,
                line.line_to,
                line.interest_fen,
                line.payers_fen,
                line.borrower_fen,
                held,
            )
    return Judged(lines, case.refusals)


def _touches(case: _Case, loan: Row, disbursed: date) -> bool:
    """Whether the loan, as extended, stands in the period: only then is a refusal of interest."""
    last = max([loan["matures_on"], *(row["value_on"] for row in case.of(loan["loan_id"], "extended"))])
    return bool(disbursed < case.end and last > case.start)


def _prepared(
    case: _Case, loan: Row, disbursed: date, numbers: dict[str, int]
) -> tuple[judge.Loan, list[Span]] | None:
    """The loan as the judge of the kernel takes it, or None where it has no policy or no ceiling."""
    loan_id, signed = loan["loan_id"], loan["contract_on"]
    codes: list[str] = []
    stack = case.stack_of(loan)
    if isinstance(stack, str):
        codes.append(stack)
    else:
        cap = stack.look("subsidy.principal_cap", signed)
        method = stack.look("interest.standard_method", case.start)
        name = method.code if method else loan["interest_method"]
        if cap is None or cap.undetermined:
            codes.append("term_not_set" if cap is None else "subsidy_undetermined")
        if name is None:
            codes.append("term_not_set")
        spans, until, said = _normal_time(case, loan, disbursed, stack, numbers[loan_id])
        codes += said
    if _touches(case, loan, disbursed):
        case.refusals |= {(loan_id, code) for code in codes}
    if isinstance(stack, str) or cap is None or cap.undetermined:
        return None
    parent = loan["parent_loan_id"] if loan["kind"] == "renewal" else None
    made = judge.Loan(
        numbers[loan_id], hash(loan["household_id"]), loan["area_code"], number(signed), number(disbursed),
        number(loan["matures_on"]), loan["principal_fen"], loan["rate_e8"], METHODS[name] if name else 0,
        case.numbered(stack), _ceiling(loan, stack), min(until, _limit(case, loan, disbursed, stack)),
        numbers.get(parent) if parent else None, True,
    )  # fmt: skip
    return made, spans if name else []


def _ceiling(loan: Row, stack: Stack) -> int:
    """The household's subsidised ceiling on the signing day; a raised one as far as a clause lets it."""
    cap = stack.look("subsidy.principal_cap", loan["contract_on"])
    large = stack.look("subsidy.principal_cap_large_need", loan["contract_on"])
    assert cap is not None
    raised = loan["subsidy_ceiling_fen"]
    if raised is None or large is None or large.undetermined:
        return cap.integer
    return max(cap.integer, min(raised, large.integer))


def _limit(case: _Case, loan: Row, disbursed: date, stack: Stack) -> int:
    """The first day that is no longer subsidised by a term of time or of default."""
    last = case.end - timedelta(days=1)
    until = NEVER
    months = stack.look("subsidy.max_months", last)
    if months is not None and not months.undetermined:
        index = disbursed.month - 1 + months.integer
        year, month = disbursed.year + index // 12, index % 12 + 1
        length = judge.monthrange(year, month)[1]
        until = number(date(year, month, min(disbursed.day, length)))
    in_default = stack.look("subsidy.in_default", last)
    if in_default is not None and not in_default.undetermined and not in_default.boolean:
        owed = sum(delta for _, on, delta in _moves(case.events[loan["loan_id"]], 0) if on < number(case.end))
        matured = max(
            [loan["matures_on"], *(row["value_on"] for row in case.of(loan["loan_id"], "extended"))]
        )
        if owed > 0 and matured < case.end:
            until = number(case.start)
    return until


def _normal_time(
    case: _Case, loan: Row, disbursed: date, stack: Stack, place: int
) -> tuple[list[Span], int, list[str]]:
    """The spans of normal time with their rate and policy, the end of the subsidised time, and what is refused."""
    codes: list[str] = []
    until, had = NEVER, loan["kind"] == "renewal"
    times = [(disbursed, loan["matures_on"], stack, judge.DETERMINED)]
    recalled = min((row["on"] for row in case.of(loan["loan_id"], "recalled")), default=date.max)
    for row in case.of(loan["loan_id"], "extended"):
        old = times[-1][1]
        opens, closes = max(old, row["on"]), min(row["value_on"], recalled)
        inside = opens < min(closes, case.end) and closes > case.start
        found = case.later(stack, case.family(loan)[0], loan["area_code"][:6], row["on"], had=had)
        had = True
        under, code = stack, None
        if isinstance(found, str):
            code = found
        else:
            under = found
            covers = _covers_extension(case, loan, found, row["on"])
            code = "subsidy_undetermined" if covers is None else None
            if covers is False:
                until = min(until, number(old))
        codes += [code] if code is not None and inside else []
        times.append((opens, row["value_on"], under, judge.DETERMINED if code is None else UNDETERMINED))
    fixed = stack.look("rate.fixed_in_contract", loan["contract_on"])
    changes = [] if fixed is not None and fixed.value is True else case.of(loan["loan_id"], "rate_changed")
    spans = []
    for opens, closes, under, state in times:
        closed = min(closes, recalled)
        turns = sorted({opens, *(row["on"] for row in changes if opens < row["on"] < closed)})
        for since, to in zip(turns, [*turns[1:], closed], strict=True):
            if since < to:
                rate = [loan["rate_e8"], *(row["value_rate_e8"] for row in changes if row["on"] <= since)][-1]
                spans.append(Span(place, number(since), number(to), rate, case.numbered(under), state))
    return spans, until, codes


def _covers_extension(case: _Case, loan: Row, stack: Stack, on: date) -> bool | None:
    """Whether the subsidy runs on through an extension granted on a day; None where no document says."""
    covers = stack.look("subsidy.covers_extension", on)
    if covers is None and on >= TRANSITION:  # all policies stay as they are (CN2021-2.2)
        national = case.resolve(loan["area_code"][:6], "transition", on)
        covers = None if isinstance(national, str) else national.look("subsidy.covers_extension", on)
    return None if covers is None or covers.undetermined else covers.boolean


def _moves(events: list[Row], place: int) -> list[judge.Move]:
    """Movements of principal; a conversion without an amount takes the balance of its day."""
    moves = []
    for row in events:
        if row["kind"] == "disbursed":
            moves.append(judge.Move(place, number(row["on"]), row["amount_fen"]))
        elif row["kind"] in DOWN and row["amount_fen"] is not None:
            moves.append(judge.Move(place, number(row["on"]), -row["amount_fen"]))
    for row in events:
        if row["kind"] in DOWN and row["amount_fen"] is None:
            balance = sum(move.delta_fen for move in moves if move.on <= number(row["on"]))
            moves.append(judge.Move(place, number(row["on"]), -balance))
    return moves


def _segments(stack: Stack, start: date, end: date, place: int) -> list[Segment]:
    """Who pays, asked day by day."""
    found: list[Segment] = []
    for offset in range((end - start).days):
        on = start + timedelta(days=offset)
        said = stack.look("subsidy.payers", on)
        state = NOT_SET if said is None else UNDETERMINED if said.undetermined else judge.DETERMINED
        pays = dict.fromkeys(PAYERS, Pay(0, 0, NO_MAXIMUM))
        for part in said.payers if said is not None and state == judge.DETERMINED else ():
            most = NO_MAXIMUM if part.max_points_e8 is None else part.max_points_e8
            pays[part.payer] = Pay(part.share_percent or 0, part.points_e8 or 0, most)
        segment = Segment(place, number(on), number(on) + 1, state, tuple(pays.values()))
        if found and found[-1][3:] == segment[3:]:
            found[-1] = found[-1]._replace(segment_to=segment.segment_to)
        else:
            found.append(segment)
    return found


def _held_back(case: _Case, portfolio: judge.Portfolio, line: judge.Line) -> int:
    """What waits of a line because its interest is not in (LD2021-1.6, decision 33)."""
    last = case.end - timedelta(days=1)
    loan = next(one for one in portfolio.loans if one.loan_id == line.loan_id)
    mine = [span for span in portfolio.spans if span.loan_id == line.loan_id]
    inside = [
        span for span in mine if span.span_to > number(case.start) and span.span_from < number(case.end)
    ]
    stacks = {span.stack_no for span in inside if span.span_state == judge.DETERMINED}
    terms = [case.by_number[place].look("subsidy.collect_first", last) for place in stacks]
    if not any(term is not None and not term.undetermined and term.boolean for term in terms):
        return 0
    always = [Segment(span.stack_no, 0, NEVER, 0, ()) for span in mine]
    whole = judge.Portfolio(
        [loan], [move for move in portfolio.moves if move.loan_id == loan.loan_id],
        [span._replace(span_state=judge.DETERMINED) for span in mine], list(dict.fromkeys(always)), (),
    )  # fmt: skip
    accrued = judge.lines(whole, start=0, end=number(case.end))[0].interest_fen
    loan_id = list(case.loans)[line.loan_id]
    taken = 0
    for row in case.events[loan_id]:
        if row["on"] <= case.end:
            taken += {"interest_collected": 1, "interest_refunded": -1}.get(row["kind"], 0) * (
                row["amount_fen"] or 0
            )
    open_fen = accrued - taken
    if open_fen <= (number(case.end) - loan.disbursed_on) // QUARTER_DAYS + 1 or line.interest_fen <= 0:
        return 0
    return judge.half_up(line.subsidy_fen * min(open_fen, line.interest_fen), line.interest_fen)
