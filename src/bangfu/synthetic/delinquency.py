"""Some loans are not paid on the day: late payers, bad loans, compensation and what is recovered of it.

Bad loans are few enough that no breaker trips: at every month end they stay under two per cent of the balance, by
branch where LD2021-5.5 watches the branch, over the whole tile where GZ2018-2.2 watches the lender.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import accumulate

from bangfu.money.days import day_number, from_day_number
from bangfu.money.working_days import is_working_day
from bangfu.synthetic.book import Event, Loan
from bangfu.synthetic.clock import month_ends
from bangfu.synthetic.regimes import ASSISTANCE, POVERTY
from bangfu.synthetic.tile import Tile

MOST_BAD_PERCENT = 2
FUND_PERCENT = 80
SUBSTANDARD_AFTER, DOUBTFUL_AFTER = 91, 271
_LATE_SHARE, _OUTSTANDING_SHARE = 0.05, 0.06
_FIRST = day_number(date(2017, 1, 1))


class Ratios:
    """Balances and bad loans of a tile at each month end, by the group that a breaker watches."""

    def __init__(self, loans: Iterable[Loan], as_of: int) -> None:
        self._ends = month_ends(_FIRST, as_of + 31)
        changes: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(self._ends) + 1))
        for loan in loans:
            row = changes[self._group(loan)]
            row[self._slot(loan.disbursed_on)] += loan.principal_fen
            for on, amount in loan.movements:
                row[self._slot(on)] -= amount
        self._balance = {group: list(accumulate(row)) for group, row in changes.items()}
        self._bad = {group: [0] * (len(self._ends) + 1) for group in changes}

    def _slot(self, day: int) -> int:
        return bisect_left(self._ends, day)

    @staticmethod
    def _group(loan: Loan) -> tuple[str, str]:
        return ("" if loan.product == POVERTY else loan.branch, loan.product)

    def admit(self, loan: Loan, amount: int, *, first: int, until: int) -> bool:
        """Count a loan as bad from a day until another, if the ratio allows it at every month end between."""
        group = self._group(loan)
        slots = range(self._slot(first), self._slot(until) + 1)
        balance, bad = self._balance[group], self._bad[group]
        if any((bad[slot] + amount) * 100 > balance[slot] * MOST_BAD_PERCENT for slot in slots):
            return False
        for slot in slots:
            bad[slot] += amount
        return True


def fall_behind(tile: Tile, candidates: Iterable[Loan]) -> None:
    """Let some of the loans that were to be repaid at maturity fall behind."""
    ratios = Ratios(tile.loans, tile.as_of)
    draw = tile.rng.random
    for loan in candidates:
        age = tile.as_of - loan.final_maturity
        if loan.product == ASSISTANCE or age < 25 or loan.repaid[-1][0] != loan.final_maturity:
            continue
        if age < 170 and draw() < _OUTSTANDING_SHARE:
            _stay_unpaid(tile, loan, ratios)
        elif draw() < _LATE_SHARE:
            _choose(tile)(tile, loan, ratios)


def last_loans(loans: Iterable[Loan]) -> list[Loan]:
    """Of each household that never topped up, the last loan."""
    last: dict[str, Loan | None] = {}
    for loan in loans:
        key = loan.household.household_id
        last[key] = None if loan.kind == "top_up" or (key in last and last[key] is None) else loan
    return [loan for loan in last.values() if loan is not None]


def classify(loan: Loan, until: int) -> None:
    """The classes a loan goes through while it is past due: special mention, substandard, doubtful."""
    due = loan.final_maturity
    for after, risk_class in ((11, "2"), (SUBSTANDARD_AFTER, "3"), (DOUBTFUL_AFTER, "4")):
        if due + after < until:
            loan.extra.append(Event(due + after, "classified", None, risk_class))


def _choose(tile: Tile) -> Callable[[Tile, Loan, Ratios], None]:
    draw = tile.rng.random()
    return _pay_late if draw < 0.6 else _pay_very_late if draw < 0.8 else _be_compensated


def _owed(loan: Loan) -> int:
    return loan.repaid[-1][1]


def _pay_late(tile: Tile, loan: Loan, _: Ratios) -> None:
    day = min(loan.final_maturity + tile.rng.randint(3, 70), tile.as_of)
    loan.repaid[-1] = (day, _owed(loan))
    classify(loan, day)


def _pay_very_late(tile: Tile, loan: Loan, ratios: Ratios) -> None:
    day = loan.final_maturity + tile.rng.randint(110, 330)
    bad_from = loan.final_maturity + SUBSTANDARD_AFTER
    if day <= tile.as_of and ratios.admit(loan, _owed(loan), first=bad_from, until=day):
        loan.repaid[-1] = (day, _owed(loan))
        classify(loan, day)


def _stay_unpaid(tile: Tile, loan: Loan, ratios: Ratios) -> None:
    bad_from = loan.final_maturity + SUBSTANDARD_AFTER
    if bad_from >= tile.as_of or ratios.admit(loan, _owed(loan), first=bad_from, until=tile.as_of):
        del loan.repaid[-1]
        classify(loan, tile.as_of)


def _be_compensated(tile: Tile, loan: Loan, ratios: Ratios) -> None:
    """After the grace the fund bears its share, the lender writes off the rest; part of it is recovered later."""
    owed = _owed(loan)
    day = loan.final_maturity + tile.rng.randint(130, 300)
    if day + 50 > tile.as_of:
        return
    day = working(day)
    if ratios.admit(loan, owed, first=loan.final_maturity + SUBSTANDARD_AFTER, until=day + 20):
        compensate(loan, day, write_off_on=day + 15)
        recovered_on = day + tile.rng.randint(60, 400)
        if recovered_on + 30 < tile.as_of and tile.rng.random() < 0.6:
            recover(loan, working(recovered_on), owed * tile.rng.randint(1, 4) // 10)


def compensate(loan: Loan, day: int, *, write_off_on: int) -> None:
    """The fund pays its share of what is owed on a day, the lender writes off the rest."""
    owed = loan.repaid.pop()[1]
    paid = owed * FUND_PERCENT // 100
    loan.losses = [(day, "compensated", paid), (write_off_on, "written_off", owed - paid)]
    classify(loan, day)


def recover(loan: Loan, day: int, amount: int, *, returned_on: int | None = None) -> None:
    """Money comes back after compensation; the fund's part goes into its account the next working day or later."""
    back = returned_on or working(day + 1)
    loan.extra.append(Event(day, "recovered", amount))
    loan.extra.append(Event(back, "returned_to_fund", amount * FUND_PERCENT // 100))


def working(day: int) -> int:
    """The day itself, or the next one on which offices work."""
    while not is_working_day(from_day_number(day)):
        day += 1
    return day
