"""What an earlier line should have been, less what stood: the lines that make it right, never an edit.

After a correction the lines of a loan and period together say what the facts of today say: each payer's part, what is
held back, what was paid. So asking again gives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from bangfu.money.fen import round_half_up
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["Amounts", "Correction", "amounts_of", "corrections", "net", "split_fen"]

Parts = tuple[int, ...]
_NOTHING: Parts = (0,) * len(PAYERS)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line says, or several together, in fen.

    Attributes:
        interest_fen: Normal interest.
        by: What is due of each payer, in the order of ``PAYERS``.
        pay: What is paid of each payer; what is due and not paid is held back.
    """

    interest_fen: int = 0
    by: Parts = _NOTHING
    pay: Parts = _NOTHING

    @property
    def subsidy_fen(self) -> int:
        """What is due of all payers."""
        return sum(self.by)

    @property
    def payable_fen(self) -> int:
        """What is paid of all payers."""
        return sum(self.pay)

    @property
    def held_back_fen(self) -> int:
        """What is due and not paid."""
        return self.subsidy_fen - self.payable_fen

    @property
    def borrower_fen(self) -> int:
        """What is left of the interest."""
        return self.interest_fen - self.subsidy_fen


@dataclass(frozen=True, slots=True)
class Correction:
    """A line to be added.

    Attributes:
        kind: recovery where money comes back, else supplement.
        released: Whether nothing changed but what is held back.
        amounts: What it adds; parts of a recovery are negative.
    """

    kind: str
    released: bool
    amounts: Amounts


def amounts_of(row: Mapping[str, Any]) -> Amounts:
    """The fen of a line, by the names of its columns."""
    return Amounts(
        row["interest_fen"],
        tuple(row[f"{payer}_fen"] for payer in PAYERS),
        tuple(row[f"pay_{payer}_fen"] for payer in PAYERS),
    )


def net(lines: Sequence[Amounts]) -> Amounts:
    """Lines added up."""
    return Amounts(
        sum(one.interest_fen for one in lines),
        tuple(sum(one.by[place] for one in lines) for place in range(len(PAYERS))),
        tuple(sum(one.pay[place] for one in lines) for place in range(len(PAYERS))),
    )


def corrections(now: Amounts, stood: Amounts) -> tuple[Correction, ...]:
    """The lines that bring what stood to what is due by today's facts.

    Money that goes out and money that comes back never stand in one line: a payer whose part grew gets a supplement,
    one whose part shrank a recovery. What was held back and is released is paid by the payers that still owe it.

    Args:
        now: The line as it would be made today.
        stood: The net of the lines that stood for the same days.
    """
    change = tuple(new - old for new, old in zip(now.by, stood.by, strict=True))
    released = not any(change)
    pay = _released(now, stood) if released else tuple(a - b for a, b in zip(now.pay, stood.pay, strict=True))
    if released and not any(pay):
        return ()
    back = tuple(min(part, 0) for part in pay)
    out = tuple(max(part, 0) for part in pay)
    interest = now.interest_fen - stood.interest_fen
    if not any(back) or not any(out):  # one line carries the whole change
        kind = "recovery" if any(back) else "supplement"
        return (Correction(kind, released, Amounts(interest, change, pay)),)
    fell = tuple(min(part, 0) for part in change)
    grew = tuple(max(part, 0) for part in change)
    return (
        Correction("recovery", released, Amounts(0, fell, back)),
        Correction("supplement", released, Amounts(interest, grew, out)),
    )


def _released(now: Amounts, stood: Amounts) -> Parts:
    """What each payer pays more, or gets back, where only what is held back has changed."""
    more = now.payable_fen - stood.payable_fen
    if more >= 0:
        owing = tuple(due - paid for due, paid in zip(stood.by, stood.pay, strict=True))
        return split_fen(owing, more)
    return tuple(-part for part in split_fen(stood.pay, -more))


def split_fen(weights: Sequence[int], total: int) -> Parts:
    """An amount in the proportion of the weights, by cumulative rounding: the parts sum to it exactly.

    Raises:
        ValueError: A weight is negative, or the amount is not between nothing and their sum.
    """
    whole = sum(weights)
    if min(weights, default=0) < 0 or not 0 <= total <= whole:
        raise ValueError(f"{total} fen cannot be split over {list(weights)}")
    if whole == 0:
        return (0,) * len(weights)
    upto = [0, *(round_half_up(part * total, whole) for part in accumulate(weights))]
    return tuple(later - before for before, later in pairwise(upto))
