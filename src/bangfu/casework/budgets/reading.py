"""The ledger read: balances by source as of any day, its entries, and whether it balances on every day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, Sum

from bangfu.casework.budgets.models import BudgetEntry
from bangfu.casework.budgets.posting import ACCOUNTS, AVAILABLE, COMMITTED, IN_PAYMENT, KINDS, PAID, SOURCES
from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people

__all__ = [
    "Balance",
    "Fault",
    "LedgerPage",
    "LedgerRow",
    "balances",
    "check_balanced",
    "ledger",
    "room",
    "years",
]


@dataclass(frozen=True)
class Balance:
    """The money of one source in one year, in fen.

    Attributes:
        source: One of ``SOURCES``.
        allotted_fen: Allotted, less what was taken back.
        available_fen: Not committed; below nothing where more was confirmed than allotted.
        committed_fen: Confirmed and not yet on its way.
        in_payment_fen: On its way, no result yet.
        paid_fen: Paid, less what came back.
        recovered_fen: What was recovered of it, all told.
        returned_fen: What came back of paid money, all told.
    """

    source: str
    allotted_fen: int
    available_fen: int
    committed_fen: int
    in_payment_fen: int
    paid_fen: int
    recovered_fen: int = 0
    returned_fen: int = 0

    @property
    def gap_fen(self) -> int:
        """How much more was confirmed than allotted."""
        return max(0, -self.available_fen)

    @property
    def room_fen(self) -> int:
        """What may still be sent to payment: allotted, less paid, less on its way."""
        return self.allotted_fen - self.paid_fen - self.in_payment_fen


@dataclass(frozen=True)
class LedgerRow:
    """An entry as it is shown; ``subject`` opens what it is about."""

    id: int
    on: date
    year: int
    source: str
    kind: str
    debit: str
    credit: str
    amount_fen: int
    subject: str
    document: str
    why: str
    who: str
    at: datetime


@dataclass(frozen=True)
class LedgerPage:
    """A page of entries, and how many and how much there are in all.

    Attributes:
        rows: The entries of the page.
        total: How many there are.
        amount_fen: What they come to, whatever their account.
        in_fen: Where one account was asked for, what they put in; 0 else.
        out_fen: What they took out of it; the account holds the difference.
    """

    rows: tuple[LedgerRow, ...]
    total: int
    amount_fen: int
    in_fen: int = 0
    out_fen: int = 0


@dataclass(frozen=True)
class Fault:
    """A day on which the ledger of a county, year and source does not hold.

    Attributes:
        county: 6-digit code.
        year: The budget year.
        source: One of ``SOURCES``.
        on: The first such day.
        account: Which account is below nothing; empty where the accounts do not sum to zero.
        fen: Its balance, or the sum.
    """

    county: str
    year: int
    source: str
    on: date
    account: str
    fen: int


def balances(
    *, actor: Actor, county: str, year: int, on: date | None = None, known_at: datetime | None = None
) -> tuple[Balance, ...]:
    """Balances by source, in the order of ``SOURCES``; all of them, with nothing where nothing was entered.

    Args:
        actor: Who reads.
        county: 6-digit code.
        year: The budget year.
        on: With the entries up to this day (included); all where it is left out.
        known_at: With the entries that were written by then.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "budget.read")
    return _balances(county, year, on=on, known_at=known_at)


def room(*, county: str, year: int) -> dict[str, int]:
    """What may still be sent to payment, by source, in fen: for whoever releases. All entries must be in scope."""
    return {one.source: one.room_fen for one in _balances(county, year, on=None, known_at=None)}


def _balances(county: str, year: int, *, on: date | None, known_at: datetime | None) -> tuple[Balance, ...]:
    rows = BudgetEntry.objects.filter(county=county, year=year)
    if on is not None:
        rows = rows.filter(on__lte=on)
    if known_at is not None:
        rows = rows.filter(at__lte=known_at)
    sums: dict[tuple[str, str], int] = {
        (source, kind): fen
        for source, kind, fen in rows.values_list("source", "kind").annotate(fen=Sum("amount_fen"))
    }
    return tuple(_balance(source, sums) for source in SOURCES)


def _balance(source: str, sums: Mapping[tuple[str, str], int]) -> Balance:
    moved = {kind: sums.get((source, kind), 0) for kind in KINDS}

    def held(account: str) -> int:
        came = sum(fen for kind, fen in moved.items() if KINDS[kind].debit == account)
        return came - sum(fen for kind, fen in moved.items() if KINDS[kind].credit == account)

    return Balance(
        source, moved["allotted"] - moved["withdrawn"], held(AVAILABLE), held(COMMITTED), held(IN_PAYMENT),
        held(PAID), moved["recovered"], moved["returned"],
    )  # fmt: skip


def years(*, actor: Actor, county: str) -> tuple[int, ...]:
    """The budget years that have entries, the latest first."""
    people.require(actor, "budget.read")
    rows = BudgetEntry.objects.filter(county=county).values_list("year", flat=True)
    return tuple(rows.order_by("-year").distinct())


def ledger(
    *,
    actor: Actor,
    county: str,
    year: int | None = None,
    source: str = "",
    kind: str = "",
    account: str = "",
    subject: str = "",
    first_on: date | None = None,
    last_on: date | None = None,
    page: int = 1,
    size: int = 50,
) -> LedgerPage:
    """Entries in scope, the latest first.

    Args:
        actor: Who reads.
        county: 6-digit code.
        year: Only of this budget year.
        source: Only of this source.
        kind: Only of this kind (``KINDS``).
        account: Only those that touch this account (``ACCOUNTS``).
        subject: Only those about this, ``concept:id``.
        first_on: Only from this day on.
        last_on: Only to this day.
        page: From 1.
        size: Rows a page.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "budget.read")
    wanted = Q(county=county)
    told: dict[str, object] = {"year": year, "source": source, "kind": kind, "subject": subject}
    told |= {"on__gte": first_on, "on__lte": last_on}
    for name, value in told.items():
        if value:
            wanted &= Q(**{name: value})
    if account:
        wanted &= Q(debit=account) | Q(credit=account)
    rows = BudgetEntry.objects.filter(wanted)
    found = rows.order_by("-on", "-id")[(page - 1) * size : page * size]
    shown = tuple(
        LedgerRow(
            one.pk, one.on, one.year, one.source, one.kind, one.debit, one.credit, one.amount_fen, one.subject,
            one.document, one.why, one.recorded_name, one.at,
        )
        for one in found
    )  # fmt: skip
    sums = rows.aggregate(
        fen=Sum("amount_fen"),
        put=Sum("amount_fen", filter=Q(debit=account)),
        taken=Sum("amount_fen", filter=Q(credit=account)),
    )
    put, taken = (sums["put"] or 0, sums["taken"] or 0) if account else (0, 0)
    return LedgerPage(shown, rows.count(), sums["fen"] or 0, put, taken)


# What each account holds at the end of each day, from the two sides as they are written, not from the kind.
_DAILY = """
with moved as (
  select county, year, source, "on", debit as account, amount_fen as fen from casework_budget_entry
  union all
  select county, year, source, "on", credit, -amount_fen from casework_budget_entry
), days as (
  select county, year, source, account, "on", sum(fen)::bigint as fen from moved
  where (%(county)s = '' or county = %(county)s) and (%(on)s::date is null or "on" <= %(on)s::date)
  group by 1, 2, 3, 4, 5
), held as (
  select *, (sum(fen) over (partition by county, year, source, account order by "on"))::bigint as balance from days
), summed as (
  select county, year, source, "on", (sum(sum(fen)) over (partition by county, year, source order by "on"))::bigint
    as balance from days group by 1, 2, 3, 4
)
select county, year, source, min("on"), '', (array_agg(balance order by "on"))[1] from summed where balance <> 0
  group by 1, 2, 3
union all
select county, year, source, min("on"), account, (array_agg(balance order by "on"))[1] from held
  where balance < 0 and account in ('committed', 'in_payment', 'paid') or not account = any(%(accounts)s)
  group by 1, 2, 3, account
order by 1, 2, 3, 4, 5
"""


def check_balanced(*, actor: Actor, on: date | None = None, county: str = "") -> tuple[Fault, ...]:
    """Whether all accounts sum to zero on every day, and none but what is available falls below nothing.

    Args:
        actor: Who reads: their scope.
        on: Up to this day; all days where it is left out.
        county: Only of this county.

    Returns:
        What does not hold; nothing where the ledger balances.
    """
    people.require(actor, "budget.read")
    with connection.cursor() as cursor:
        cursor.execute(_DAILY, {"county": county, "on": on, "accounts": list(ACCOUNTS)})
        return tuple(Fault(*row) for row in cursor.fetchall())
