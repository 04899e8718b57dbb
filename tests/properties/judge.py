"""The slow judge of the kernel: plain Python, written from design §6 alone. It knows no dataframe and no rule.

Days are numbers since 1970-01-01, money is fen, rates are 1e-8. ``lines`` walks from event to event; ``lines_by_day``
asks for every single day what stood and who paid, so that it shares nothing with the other but the rounding.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

DAILY_360, DAILY_365, WHOLE_PERIODS = 0, 1, 2
DETERMINED = 0
NEVER = 47_481
NO_MAXIMUM = 1_000_000_000
EPOCH = date(1970, 1, 1)


class Loan(NamedTuple):
    loan_id: int
    household_id: int
    area_code: str
    contract_on: int
    disbursed_on: int
    matures_on: int
    principal_fen: int
    rate_e8: int
    method: int
    stack_no: int
    ceiling_fen: int
    subsidised_until: int
    replaces_id: int | None
    has_spans: bool


class Move(NamedTuple):
    loan_id: int
    on: int
    delta_fen: int


class Span(NamedTuple):
    loan_id: int
    span_from: int
    span_to: int
    rate_e8: int
    stack_no: int
    span_state: int


class Pay(NamedTuple):
    """What one payer bears: a share of the loan's rate or points, at most a maximum."""

    share_percent: int
    points_e8: int
    max_e8: int


class Segment(NamedTuple):
    stack_no: int
    segment_from: int
    segment_to: int
    segment_state: int
    pays: tuple[Pay, ...]  # one a payer, in the order of Portfolio.payers


class Portfolio(NamedTuple):
    loans: Sequence[Loan]
    moves: Sequence[Move]
    spans: Sequence[Span]
    segments: Sequence[Segment]
    payers: tuple[str, ...]


class Line(NamedTuple):
    loan_id: int
    household_id: int
    area_code: str
    method: int
    opening_fen: int
    fixed_fen: int
    line_from: int
    line_to: int
    interest_fen: int
    payers_fen: tuple[int, ...]
    subsidy_fen: int
    borrower_fen: int
    undetermined_from: int
    undetermined_to: int
    undetermined_state: int
    exceeding: int
    interest_numerator: int
    payer_numerators: tuple[int, ...]
    halves: int
    undetermined_numerator: int


def half_up(numerator: int, denominator: int) -> int:
    """Half a fen away from zero."""
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator)
    return sign * (whole + (1 if 2 * rest >= denominator else 0))


@cache
def whole_period_days(start: int, day: int) -> int:
    """F of §6: thirty a whole month since start, month end clamped, and the odd days."""
    first, last = EPOCH + timedelta(days=start), EPOCH + timedelta(days=day)
    if last <= first:
        return 0
    months = 0
    whole = first
    while True:
        index = first.month - 1 + months + 1
        year, month = first.year + index // 12, index % 12 + 1
        following = date(year, month, min(first.day, monthrange(year, month)[1]))
        if following > last:
            return 30 * months + (last - whole).days
        months, whole = months + 1, following


def rooms(portfolio: Portfolio) -> dict[int, int]:
    """The subsidised part of every loan, fixed at signing: household by household, in the order of signing."""
    households: dict[int, list[Loan]] = defaultdict(list)
    for loan in portfolio.loans:
        households[loan.household_id].append(loan)
    several = {loan.loan_id for loans in households.values() if len(loans) > 1 for loan in loans}
    moved: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for loan_id, on, delta in portfolio.moves:
        if loan_id in several:
            moved[loan_id].append((on, delta))
    fixed: dict[int, int] = {}
    for loans in households.values():
        in_order = sorted(loans, key=lambda loan: (loan.contract_on, loan.loan_id))
        for place, loan in enumerate(in_order):
            room = loan.ceiling_fen
            for earlier in in_order[:place]:
                if earlier.loan_id == loan.replaces_id:
                    continue  # a renewal's parent is not counted beside it
                balance = sum(delta for on, delta in moved[earlier.loan_id] if on <= loan.contract_on)
                if balance > 0:
                    room -= min(fixed[earlier.loan_id], balance)
            fixed[loan.loan_id] = min(loan.principal_fen, max(room, 0))
    return fixed


def rates(rate_e8: int, pays: Iterable[Pay]) -> tuple[int, ...]:
    """Each payer's rate, exact in 1e-8."""
    found = []
    for pay in pays:
        share = rate_e8 * pay.share_percent
        assert share % 100 == 0, "rates have at most four decimals of a percent"
        found.append(min(share // 100 + pay.points_e8, pay.max_e8))
    return tuple(found)


class _Sums:
    """What one loan's line gathers before it is rounded."""

    def __init__(self, payers: int) -> None:
        self.interest = 0
        self.payers = [0] * payers
        self.days = [NEVER, 0]
        self.undetermined = [NEVER, 0]
        self.state = 0
        self.open = 0
        self.exceeding = 0
        self.any = False

    def add(self, *, opens: int, closes: int, days: int, subsidised_days: int, balance: int, part: int,
            rate_e8: int, segment: Segment, state: int) -> None:  # fmt: skip
        self.any = True
        if state != DETERMINED:
            self.undetermined = [min(self.undetermined[0], opens), max(self.undetermined[1], closes)]
            self.state = max(self.state, state)
            self.open += balance * days * rate_e8
            return
        self.days = [min(self.days[0], opens), max(self.days[1], closes)]
        self.interest += balance * days * rate_e8
        found = rates(rate_e8, segment.pays)
        if sum(found) > rate_e8:
            self.exceeding = 1
        for place, each in enumerate(found):
            self.payers[place] += part * subsidised_days * each

    def line(self, loan: Loan, opening: int, fixed: int) -> Line:
        year = (365 if loan.method == DAILY_365 else 360) * 100_000_000
        interest = half_up(self.interest, year)
        paid = tuple(half_up(each, year) for each in self.payers)
        halves = sum(2 * (each % year) == year for each in (self.interest, *self.payers))
        return Line(
            loan.loan_id, loan.household_id, loan.area_code, loan.method, opening, fixed, *self.days, interest, paid,
            sum(paid), interest - sum(paid), *self.undetermined, self.state, self.exceeding, self.interest,
            tuple(self.payers), halves, self.open,
        )  # fmt: skip


def _by_loan(portfolio: Portfolio) -> tuple[dict[int, list[tuple[int, int]]], dict[int, list[Span]]]:
    moves: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for loan_id, on, delta in portfolio.moves:
        moves[loan_id].append((on, delta))
    spans: dict[int, list[Span]] = defaultdict(list)
    for span in portfolio.spans:
        spans[span.loan_id].append(span)
    return moves, spans


def _normal_time(loan: Loan, spans: dict[int, list[Span]]) -> list[Span]:
    if loan.has_spans:
        return spans.get(loan.loan_id, [])
    return [Span(loan.loan_id, loan.disbursed_on, loan.matures_on, loan.rate_e8, loan.stack_no, DETERMINED)]


def lines(portfolio: Portfolio, *, start: int, end: int) -> list[Line]:
    """The period's lines, from event to event."""
    fixed = rooms(portfolio)
    moves, spans = _by_loan(portfolio)
    segments: dict[int, list[Segment]] = defaultdict(list)
    for segment in portfolio.segments:
        segments[segment.stack_no].append(segment)
    found = []
    for loan in portfolio.loans:
        mine = sorted(moves.get(loan.loan_id, ()))
        opening = sum(delta for on, delta in mine if on <= start)
        part = fixed[loan.loan_id]
        sums = _Sums(len(portfolio.payers))
        turns = sorted({on for on, _ in mine if start < on < end} | {loan.subsidised_until})
        for span in _normal_time(loan, spans):
            for segment in segments[span.stack_no]:
                opens = max(span.span_from, segment.segment_from, start)
                closes = min(span.span_to, segment.segment_to, end)
                if opens < closes:
                    days = [opens, *(turn for turn in turns if opens < turn < closes), closes]
                    for since, until in pairwise(days):
                        balance = sum(delta for on, delta in mine if on <= since)
                        counted = _days(loan, since, until)
                        sums.add(
                            opens=since, closes=until, days=counted,
                            subsidised_days=counted if since < loan.subsidised_until else 0, balance=balance,
                            part=min(part, balance), rate_e8=span.rate_e8, segment=segment,
                            state=max(span.span_state, segment.segment_state),
                        )  # fmt: skip
        if sums.any:
            found.append(sums.line(loan, opening, part))
    return found


def _days(loan: Loan, since: int, until: int) -> int:
    if loan.method == WHOLE_PERIODS:
        return whole_period_days(loan.disbursed_on, until) - whole_period_days(loan.disbursed_on, since)
    return until - since


def lines_by_day(portfolio: Portfolio, *, start: int, end: int) -> list[Line]:
    """The period's lines, asking every day anew: is it normal time, what stands, who pays."""
    fixed = rooms(portfolio)
    moves, spans = _by_loan(portfolio)
    found = []
    for loan in portfolio.loans:
        sums = _Sums(len(portfolio.payers))
        for day in range(start, end):
            for span in _normal_time(loan, spans):
                if not span.span_from <= day < span.span_to:
                    continue
                balance = sum(delta for on, delta in moves[loan.loan_id] if on <= day)
                for segment in portfolio.segments:
                    if segment.stack_no == span.stack_no and segment.segment_from <= day < segment.segment_to:
                        counted = _days(loan, day, day + 1)
                        sums.add(
                            opens=day, closes=day + 1, days=counted,
                            subsidised_days=counted if day < loan.subsidised_until else 0, balance=balance,
                            part=min(fixed[loan.loan_id], balance), rate_e8=span.rate_e8, segment=segment,
                            state=max(span.span_state, segment.segment_state),
                        )  # fmt: skip
        if sums.any:
            opening = sum(delta for on, delta in moves[loan.loan_id] if on <= start)
            found.append(sums.line(loan, opening, fixed[loan.loan_id]))
    return found
