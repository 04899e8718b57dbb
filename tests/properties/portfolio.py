"""Made-up portfolios that are hard on the kernel: top-ups, renewals, gaps, cut periods, halves of a fen.

Nothing here is lawful or believable; ``bangfu generate`` makes the believable county. One seed, one portfolio.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import polars as pl
from tests.properties.judge import (
    EPOCH,
    NEVER,
    NO_MAXIMUM,
    WHOLE_PERIODS,
    Loan,
    Move,
    Pay,
    Portfolio,
    Segment,
    Span,
)

PAYERS = ("central", "province", "city", "county", "fiscal")
NOBODY = Pay(0, 0, NO_MAXIMUM)
# The first give many halves of a fen: fifty yuan at 3.60 % bear half a fen a day over 360, at 3.65 % over 365.
RATES_E8 = (3_600_000, 3_650_000, 3_000_000, 3_500_000, 3_850_000, 4_350_000, 4_750_000, 3_450_000, 3_655_500)
AREAS = tuple(f"5227280{town:02d}{village:03d}" for town in range(1, 7) for village in (200, 201, 202))


def day(year: int, month: int, of_month: int) -> int:
    """A day's number."""
    return (date(year, month, of_month) - EPOCH).days


def months_later(start: int, months: int) -> int:
    """The same day of a later month, month end clamped."""
    first = EPOCH + timedelta(days=start)
    index = first.month - 1 + months
    year, month = first.year + index // 12, index % 12 + 1
    return (date(year, month, min(first.day, monthrange(year, month)[1])) - EPOCH).days


def pay(**shares: Pay) -> tuple[Pay, ...]:
    """What each payer bears, in the order of PAYERS."""
    return tuple(shares.get(payer, NOBODY) for payer in PAYERS)


def segments_of(start: int, end: int, *, cut: int) -> list[Segment]:
    """The stacks of a portfolio: whole, capped, cut inside the period, undetermined, without a payer, too generous."""
    full = pay(fiscal=Pay(100, 0, NO_MAXIMUM))
    central = pay(central=Pay(70, 0, 2_500_000))
    shared = pay(central=Pay(70, 0, 2_500_000), county=Pay(30, 0, NO_MAXIMUM))
    half = pay(province=Pay(50, 0, NO_MAXIMUM), city=Pay(25, 0, NO_MAXIMUM))
    points = pay(county=Pay(0, 3_000_000, NO_MAXIMUM))
    capped = pay(county=Pay(0, 3_000_000, 2_550_000), central=Pay(9, 0, 300_000))
    five = pay(central=Pay(31, 0, 1_000_000), province=Pay(19, 0, NO_MAXIMUM), city=Pay(11, 0, NO_MAXIMUM),
               county=Pay(17, 0, NO_MAXIMUM), fiscal=Pay(22, 0, NO_MAXIMUM))  # fmt: skip
    generous = pay(city=Pay(0, 3_600_000, NO_MAXIMUM))  # more than the interest where the rate is lower
    nobody = pay()
    later = (cut + end) // 2
    cuts = [
        Segment(0, start - 400, NEVER, 0, full),
        Segment(1, start, end, 0, central),
        Segment(2, start, end, 0, shared),
        Segment(3, start, cut, 0, full), Segment(3, cut, end, 1, nobody),
        Segment(4, start, cut, 0, central), Segment(4, cut, end, 0, half),
        Segment(5, start, end, 0, points),
        Segment(6, start, end, 2, nobody),
        Segment(7, start, end, 0, five),
        Segment(8, start, end, 0, capped),
        Segment(9, start, cut, 1, nobody), Segment(9, cut, later, 0, shared), Segment(9, later, end, 0, half),
        Segment(10, start, end, 0, half),
        Segment(11, start, end, 0, generous),
    ]  # fmt: skip
    return [segment for segment in cuts if segment.segment_from < segment.segment_to]


STACKS = 12


class Maker:
    """Makes households one by one from a source of chance."""

    def __init__(self, random: Random, *, start: int, end: int) -> None:
        self.random = random
        self.start, self.end = start, end
        self.loans: list[Loan] = []
        self.moves: list[Move] = []
        self.spans: list[Span] = []
        self.left: dict[int, int] = {}

    def household(self, number: int) -> None:
        """One household with one to five loans: new, top-up, renewal, one after the other."""
        random = self.random
        count = random.choices((1, 2, 3, 5), weights=(60, 25, 10, 5))[0]
        area = random.choice(AREAS)
        ceiling = random.choices((5_000_000, 10_000_000, 3_333_350, 0), weights=(80, 12, 6, 2))[0]
        newest = self.start + 80
        signed = newest - random.randint(0, 1_180 if random.random() < 0.3 else 500)
        for turn in range(count):
            before = self.loans[-1] if turn else None
            if before is not None:
                signed = max(signed, before.contract_on) + random.choice((0, 0, 1, 30, 200, 365))
            renews = before is not None and random.random() < 0.35
            replaces = before.loan_id if before is not None and renews else None
            self.loan(number, area, ceiling, signed, replaces)

    def loan(self, household: int, area: str, ceiling: int, signed: int, replaces: int | None) -> None:
        """One loan with its ledger."""
        random = self.random
        loan_id = len(self.loans)
        disbursed = signed + random.choice((0, 0, 0, 1, 9))
        months = random.choice((1, 6, 12, 12, 18, 24, 24, 36, 36, 36))
        matures = months_later(disbursed, months) - random.choice((0, 0, 0, 1, 5))
        principal = random.choice(
            (5_000_000, 5_000_000, 100_000 * random.randint(1, 100), 5_000 * (2 * random.randint(1, 999) + 1),
             random.randint(1, 10_000_000))
        )  # fmt: skip
        method = random.choices((0, 1, WHOLE_PERIODS), weights=(60, 10, 30))[0]
        until = NEVER if random.random() < 0.9 else disbursed + random.randint(0, 900)
        spans = self.changed(loan_id, disbursed, matures) if random.random() < 0.2 else []
        rate, stack = random.choice(RATES_E8), random.randrange(STACKS)
        spans = [span._replace(rate_e8=span.rate_e8 or rate) for span in spans]
        self.loans.append(
            Loan(loan_id, household, area, signed, disbursed, matures, principal, rate, method, stack, ceiling, until,
                 replaces, bool(spans))
        )  # fmt: skip
        self.spans += spans
        self.ledger(loan_id, principal, disbursed, matures, replaces)

    def changed(self, loan_id: int, disbursed: int, matures: int) -> list[Span]:
        """Normal time that an event changed: extended (with a gap, under another stack), recalled, re-rated."""
        random = self.random
        what = random.choice(("extended", "extended", "recalled", "rerated", "all"))
        stack = random.randrange(STACKS)
        spans = [Span(loan_id, disbursed, matures, 0, stack, 0)]
        if what in {"extended", "all"}:
            opens = matures + random.choice((0, 0, 1, 17))
            state = random.choice((0, 0, 1))
            spans.append(
                Span(loan_id, opens, opens + random.randint(1, 400), 0, random.randrange(STACKS), state)
            )
        if what in {"rerated", "all"} and matures - disbursed > 1:
            turn = random.randint(disbursed + 1, matures - 1)
            first = spans[0]
            again = first._replace(span_from=turn, rate_e8=random.choice(RATES_E8))
            spans[:1] = [first._replace(span_to=turn), again]
        if what in {"recalled", "all"}:
            called = random.randint(disbursed + 1, spans[-1].span_to)
            spans = [span._replace(span_to=min(span.span_to, called)) for span in spans]
        return [span for span in spans if span.span_from < span.span_to]

    def ledger(
        self, loan_id: int, principal: int, disbursed: int, matures: int, replaces: int | None
    ) -> None:
        """Disbursed at once or in two parts, repaid by parts, on one day, at maturity, late or not at all."""
        random = self.random
        first = random.randint(1, principal) if random.random() < 0.1 else principal
        moves = [(disbursed, first)]
        if first < principal:
            moves.append((disbursed + random.randint(0, 60), principal - first))
        balance = principal
        since = moves[-1][0]
        for _ in range(random.choices((0, 1, 2, 4), weights=(40, 30, 20, 10))[0]):
            inside = random.random() < 0.6
            on = random.randint(self.start - 5, self.end) if inside else random.randint(since, matures + 40)
            taken = min(balance, random.choice((balance, 50_000, 5_050, random.randint(1, max(balance, 1)))))
            if on >= since and taken > 0:
                moves.append((on, -taken))
                balance -= taken
                if random.random() < 0.2 and balance:
                    moves.append((on, -1))
                    balance -= 1
        if balance and random.random() < 0.6:
            last = max(on for on, _ in moves)
            moves.append((max(last, matures + random.choice((0, 0, 0, 3, 90))), -balance))
            balance = 0
        self.moves += [Move(loan_id, on, delta) for on, delta in moves]
        self.left[loan_id] = balance
        if replaces is not None and self.left.get(replaces) and random.random() < 0.8:
            paid = max(disbursed + random.choice((0, 0, 1)), *self.days_of(replaces))
            self.moves.append(Move(replaces, paid, -self.left[replaces]))
            self.left[replaces] = 0

    def days_of(self, loan_id: int) -> list[int]:
        """The days on which a loan moved, of the newest moves."""
        return [0, *(move.on for move in self.moves[-40:] if move.loan_id == loan_id)]


def make(random: Random, *, households: int = 0, loans: int = 0, start: int, end: int, cut: int) -> Portfolio:
    """A portfolio of so many households, or of at least so many loans; ledgers in no order."""
    maker = Maker(random, start=start, end=end)
    number = 0
    while number < households or len(maker.loans) < loans:
        maker.household(number)
        number += 1
    random.shuffle(maker.moves)
    return Portfolio(maker.loans, maker.moves, maker.spans, segments_of(start, end, cut=cut), PAYERS)


def frames(portfolio: Portfolio) -> dict[str, pl.DataFrame]:
    """The portfolio as the kernel's four tables."""
    loans = _frame(portfolio.loans, Loan._fields).with_columns(pl.col("replaces_id").cast(pl.Int64))
    segments = [
        (*segment[:4], *(number for each in segment.pays for number in each))
        for segment in portfolio.segments
    ]
    columns = [f"{payer}_{part}" for payer in portfolio.payers for part in Pay._fields]
    return {
        "loans": loans,
        "moves": _frame(portfolio.moves, Move._fields),
        "spans": _frame(portfolio.spans, Span._fields),
        "segments": _frame(segments, [*Segment._fields[:4], *columns]),
    }


def _frame(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pl.DataFrame:
    kinds = {"area_code": pl.String, "has_spans": pl.Boolean}
    schema = {name: kinds.get(name, pl.Int64) for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")
