"""What only the county as a whole has: its compensation fund, its budgets, its lender's ratios.

The fund is planted below its floor: on the day of the audit it holds about four per cent of what is owed on the two
older products, where GZ2018-2.6.1 asks for ten. The yearly injections are what the increase of the county's revenue
asks for.
"""

from __future__ import annotations

from collections.abc import Iterable

from bangfu.money.days import from_day_number
from bangfu.money.rates import E8_PER_PERCENT
from bangfu.synthetic.book import Loan
from bangfu.synthetic.clock import at
from bangfu.synthetic.identity import COUNTY
from bangfu.synthetic.rows import Row, Rows
from bangfu.synthetic.tile import LENDER

_FIRST_YEAR = 2018
_HELD_PERCENT = 4
_INJECTED_SHARE = 5  # percent of the increase of revenue, GZ2018-2.6.1
_FEN_PER_THOUSAND = 100_000
_GROWTH = 200  # the revenue grows by one part in so many each year
_INTEREST_PER_MILLE = 3


def movements_of(loans: Iterable[Loan], as_of: int) -> list[Row]:
    """The rows of the fund that the loans cause: what was compensated, and what of it came back."""
    found: list[Row] = []
    for loan in loans:
        found.extend(
            (COUNTY, on, "compensated", amount, loan.loan_id)
            for on, kind, amount in loan.losses
            if kind == "compensated" and on <= as_of
        )
        found.extend(
            (COUNTY, event.on, "returned", event.amount_fen, loan.loan_id)
            for event in loan.extra
            if event.kind == "returned_to_fund" and event.on <= as_of
        )
    return found


def owed(loans: Iterable[Loan], day: int) -> int:
    """What the loans owe at the end of a day, as planned."""
    return sum(loan.balance(day) for loan in loans)


def write_county(rows: Rows, moved: list[Row], owed_fen: int, as_of: int) -> None:
    """The fund, the budgets and the lender of the county.

    Args:
        rows: Where they go.
        moved: What ``movements_of`` found in all tiles.
        owed_fen: The balance on the day of the audit of the products that the fund answers for.
        as_of: That day.
    """
    last_year = from_day_number(as_of).year
    years = range(_FIRST_YEAR, last_year + 1)
    held = max(owed_fen * _HELD_PERCENT // 100, _FEN_PER_THOUSAND)
    spent = sum(row[3] if row[2] == "compensated" else -row[3] for row in moved)
    put_in = (held + spent) // (2 * _FEN_PER_THOUSAND) * _FEN_PER_THOUSAND
    yearly = max(put_in // len(years) // _FEN_PER_THOUSAND, 1) * _FEN_PER_THOUSAND
    increase = yearly * 100 // _INJECTED_SHARE
    fund = rows.of["fund"]
    fund.append((COUNTY, at(_FIRST_YEAR, 1, 2), "opening", put_in, None))
    for year in years:
        fund.append((COUNTY, at(year, 3, 15), "injected", yearly, None))
        if year < last_year:
            fund.append((COUNTY, at(year, 12, 21), "interest", put_in * _INTEREST_PER_MILLE // 1000, None))
    fund.extend(moved)
    fund.sort(key=lambda row: row[1])
    for place, year in enumerate(range(_FIRST_YEAR - 1, last_year)):
        rows.add("budgets", COUNTY, year, increase * (_GROWTH + place))
    for year in years:
        rows.add(
            "lenders", LENDER, at(year, 1, 1), 2 * E8_PER_PERCENT, E8_PER_PERCENT * (150 + year % 5) // 100
        )
