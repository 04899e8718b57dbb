"""One function opens every transaction: it tells PostgreSQL who acts and what they may see (design §8).

Row-level security reads these settings; where they are not set, nothing is seen. They live as long as the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

__all__ = ["Scope", "entered", "narrowed_to", "widened"]


@dataclass(frozen=True)
class Scope:
    """What somebody may see.

    Attributes:
        account_id: Who; 0 for the site itself (jobs without a person, the first set-up).
        areas: Codes of the places whose cases and households are in scope, with all below them.
        served: Codes of the townships whose rosters a bank is given, as their lead bank.
        areas_before: Codes that went over into one of ``areas``: what was made under them is seen (decision 0059).
        served_before: The same of ``served``.
        institutions: Ids of the institutions whose cases are in scope.
        accounts: Whether accounts and roles are in scope (administrators).
        everything: All rows; for the site itself alone.
    """

    account_id: int = 0
    areas: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    areas_before: tuple[str, ...] = ()
    served_before: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    accounts: bool = False
    everything: bool = False

    def covers(self, area: str) -> bool:
        """Whether a place lies in one of the areas, or in one that went over into them."""
        return self.everything or any(area.startswith(code) for code in (*self.areas, *self.areas_before))

    def settings(self) -> dict[str, str]:
        """The settings as PostgreSQL is told them; places as patterns."""
        return {
            "bangfu.account": str(self.account_id) if self.account_id else "",
            "bangfu.areas": ",".join(f"{code}%" for code in (*self.areas, *self.areas_before)),
            "bangfu.served": ",".join(f"{code}%" for code in (*self.served, *self.served_before)),
            "bangfu.institutions": ",".join(self.institutions),
            "bangfu.accounts": "on" if self.accounts else "",
            "bangfu.everything": "on" if self.everything else "",
        }


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """A transaction in which exactly the scope is visible; undone as a whole where it raises."""
    with transaction.atomic():
        narrowed_to(scope)
        yield


def narrowed_to(scope: Scope) -> None:
    """Set the scope for the rest of the transaction; outside of one it would leak into the next, so it is refused."""
    if not connection.in_atomic_block:
        raise RuntimeError("a scope is set inside a transaction")
    told = scope.settings()
    _set(told)


@contextmanager
def widened() -> Iterator[None]:
    """All rows for a question whose answer is less than the rows: a sign-in, a cap over all banks, a duplicate.

    The caller answers for what it lets out; a test lists every place that widens.
    """
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('bangfu.everything', true)")
        (before,) = cursor.fetchone() or ("",)
    with transaction.atomic():
        _set({"bangfu.everything": "on"})
        yield
        _set({"bangfu.everything": before or ""})


def _set(told: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        calls = ", ".join("set_config(%s, %s, true)" for _ in told)
        cursor.execute(f"select {calls}", [part for pair in told.items() for part in pair])
