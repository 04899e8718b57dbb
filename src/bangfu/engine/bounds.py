"""The kernel's bounds: what it takes without any sum leaving int64.

A loan's principal is at most 100 million yuan (10**10 fen). Interest multiplies fen × days × rate in 1e-6, a
payer's part multiplies subsidised fen × days × rate in 1e-8; rounding doubles the numerator once. Polars wraps int64
silently, so both products are checked on the greatest values of the batch before it starts.
"""

from __future__ import annotations

import narwhals as nw

from bangfu.engine.batch import Book
from bangfu.rules.methods import E8_PER_E6

MOST_PRINCIPAL_FEN = 100_000_000 * 100
MOST_NUMERATOR = 2**61


class OutOfBounds(ValueError):  # noqa: N818 - it names what is out, as refusals do
    """The batch holds a value beyond what the kernel computes exactly."""


def check_bounds(book: Book, *, start: int, end: int) -> None:
    """Refuse a batch beyond the kernel's bounds.

    Raises:
        OutOfBounds: Names the value and the bound.
    """
    names = ("principal_fen", "rate_e8", "ceiling_fen")
    found = book.loans.select(*(nw.col(name).max() for name in names)).collect()
    most = {name: int(found.item(0, place) or 0) for place, name in enumerate(names)}
    if most["principal_fen"] > MOST_PRINCIPAL_FEN:
        raise OutOfBounds(f"principal {most['principal_fen']} fen is over {MOST_PRINCIPAL_FEN}")
    days = end - max(start, 0)
    interest = most["principal_fen"] * days * (most["rate_e8"] // E8_PER_E6)
    part = min(most["ceiling_fen"], most["principal_fen"]) * days * most["rate_e8"]
    for what, numerator in (("interest", interest), ("subsidy", part)):
        if numerator >= MOST_NUMERATOR:
            raise OutOfBounds(
                f"{what}: principal × days × rate reaches {numerator}, the bound is {MOST_NUMERATOR}"
            )
