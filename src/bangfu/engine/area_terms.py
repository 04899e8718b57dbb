"""What the policy of a place says of a product on a day, where no single contract is asked about.

A ratio, a fund or a tolerance belongs to a place and a product, not to a contract. The stack that speaks is the one
a contract of that day would have; after a product's last day for contracts its loans still run, so the last stack
that admitted contracts goes on speaking for them (day terms are read within the pinned stack, design §4).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bangfu.policy import PolicyBook, Stack, TermValue
from bangfu.refusals import Refused

ONE_DAY = timedelta(days=1)


class AreaTerms:
    """Looks terms up by place, product and day; each band of days is resolved once."""

    def __init__(self, book: PolicyBook) -> None:
        self._book = book
        self._breaks = book.breakpoints()
        self._found: dict[tuple[str, str, int], Stack | None] = {}

    def stack(self, place: str, product: str, on: date) -> Stack | None:
        """The stack that speaks, or None before the product's first day there."""
        band = bisect_right(self._breaks, on)
        key = (place, product, band)
        if key not in self._found:
            self._found[key] = self._resolve(place, product, on, band)
        return self._found[key]

    def term(self, place: str, product: str, on: date, name: str) -> TermValue | None:
        """A day term on a day, or None where nothing speaks of it."""
        stack = self.stack(place, product, on)
        return None if stack is None else stack.look(name, on)

    def terms(self, place: str, product: str, on: date, names: Iterable[str]) -> dict[str, TermValue | None]:
        """Several day terms on a day."""
        return {name: self.term(place, product, on, name) for name in names}

    def bands(self, days: Sequence[date]) -> list[int]:
        """The band number of each day: two days of one band have the same terms."""
        return [bisect_right(self._breaks, day) for day in days]

    def _resolve(self, place: str, product: str, on: date, band: int) -> Stack | None:
        earlier = [self._breaks[place_of] - ONE_DAY for place_of in range(band - 1, -1, -1)]
        for day in (on, *earlier):
            try:
                return self._book.stack(place, product, day)
            except Refused:
                continue
        return None
