"""From the plan of a loan to the rows of its ledger, to the fen, in plain integers.

Normal interest is counted from the movements of principal until maturity as extended, settled on the 20th of each
quarter's last month and on the day the loan is settled or falls due, and rounded once a quarter. The subsidy of a
quarter is the payers' rate on the subsidised part over the same days, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bangfu.money.days import DAYS_PER_YEAR
from bangfu.money.fen import round_half_up
from bangfu.money.rates import E8
from bangfu.synthetic.book import Loan
from bangfu.synthetic.clock import quarters, whole_periods
from bangfu.synthetic.regimes import subsidy_rate_e8

_PER_YEAR = DAYS_PER_YEAR * E8
Count = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Line:
    """One quarter of a loan: what was collected and when, and what is due as subsidy."""

    start: int
    end: int
    collected_on: int
    interest_fen: int
    subsidy_fen: int
    rate_claimed_e8: int


def _counter(loan: Loan, method: str) -> Count:
    """F of design §6: the number that days are counted with from the day of disbursement."""
    if method == "whole_periods":
        return partial(whole_periods, loan.disbursed_on)
    return int


def _product_days(movements: list[tuple[int, int]], count: Count, start: int, end: int) -> int:
    """Σ amount × days borne between start and end."""
    last = count(end)
    first = count(start) if start > movements[0][0] else None
    total = 0
    for on, delta in movements:
        if on >= end:
            break
        total += delta * (last - (first if first is not None and on <= start else count(on)))
    return total


def _capped(movements: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """The movements of the subsidised part: what is not subsidised is repaid first."""
    found: list[tuple[int, int]] = []
    balance = part = 0
    for on, delta in movements:
        balance += delta
        now = min(balance, most)
        if now != part:
            found.append((on, now - part))
        part = now
    return found


def movements(loan: Loan) -> list[tuple[int, int]]:
    """Disbursement and all that goes, in order."""
    return [(loan.disbursed_on, loan.principal_fen), *((on, -amount) for on, amount in loan.movements)]


def lines(loan: Loan, as_of: int) -> list[Line]:
    """The quarters of a loan up to a day; the collection of each is within it and not after the day."""
    moved = movements(loan)
    maturity = loan.final_maturity
    settled = loan.settled_on
    stop = maturity if settled is None else min(settled, maturity)
    count = _counter(loan, loan.charge_method or loan.method)
    charge_e8 = loan.charge_rate_e8 or loan.rate_e8
    own = subsidy_rate_e8(loan.product, loan.rate_e8)
    claim_e8 = loan.claim_rate_e8 or own
    claim_count = _counter(loan, loan.claim_method or loan.method)
    whole = loan.subsidised_fen >= loan.principal_fen
    part = moved if whole else _capped(moved, loan.subsidised_fen)
    same = (
        whole
        and claim_e8 == charge_e8
        and (loan.claim_method or loan.method) == (loan.charge_method or loan.method)
    )
    found: list[Line] = []
    for start, end in quarters(loan.disbursed_on, min(stop, as_of)):
        last = min(end, stop)
        if last <= start:
            break
        collected_on = last if last < end else end - 1
        interest = round_half_up(_product_days(moved, count, start, last) * charge_e8, _PER_YEAR)
        if same:
            subsidy = interest
        elif part:
            subsidy = round_half_up(_product_days(part, claim_count, start, last) * claim_e8, _PER_YEAR)
        else:
            subsidy = 0
        found.append(Line(start, end, collected_on, interest, subsidy, claim_e8))
    return found
