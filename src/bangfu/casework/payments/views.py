"""Batches, payments and what became of them as they are handed out: frozen, numbers masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

__all__ = ["BatchView", "Control", "ItemPage", "ItemView", "LeftOut", "Payable", "Share"]


@dataclass(frozen=True)
class Share:
    """A part of a batch: a township, a branch, a payer, an outcome.

    Attributes:
        code: Its code; shares are in the order of their codes, never of their amounts.
        name: In words.
        items: How many payments.
        fen: Their sum.
    """

    code: str
    name: str
    items: int
    fen: int


@dataclass(frozen=True)
class LeftOut:
    """A line that could be paid and is not in the batch, and why (``words.LEFT_OUT``)."""

    line_id: UUID
    list_id: UUID
    loan_id: str
    household_id: str
    village: str
    borrower_name: str
    amount_fen: int
    why: str


@dataclass(frozen=True)
class Payable:
    """What of a cycle could be paid now.

    Attributes:
        items: How many lines.
        total_fen: Their sum.
        by_source: Payer → fen.
        lists: The lists they stand on.
        left_out: Lines that cannot be paid yet.
        again: How many of ``items`` are paid again, after they came back.
    """

    items: int
    total_fen: int
    by_source: Mapping[str, int]
    lists: tuple[UUID, ...]
    left_out: tuple[LeftOut, ...]
    again: int


@dataclass(frozen=True)
class BatchView:
    """A batch.

    Attributes:
        id: Its id.
        cycle_id: The cycle.
        county: 6-digit code.
        number: Its number in the cycle.
        state: One of ``words.BATCH_STATES``.
        format_name: Of the one-card system.
        items: How many payments.
        total_fen: Their sum.
        by_source: Payer → fen.
        outcomes: By outcome, ``pending`` among them.
        content_hash: What a release binds to.
        prepared_by: Who prepared it.
        prepared_name: Their name.
        at: When.
        released_name: Who released or rejected it; empty before.
        released_at: When.
        reason: Why it was rejected.
        file_id: The file; opened only with the act, and written down.
        control_id: The control sheet.
        file_hash: SHA-256 of the file, hexadecimal.
        left_out: What was left out when it was prepared (told once, by ``prepare``).
    """

    id: UUID
    cycle_id: UUID
    county: str
    number: int
    state: str
    format_name: str
    items: int
    total_fen: int
    by_source: Mapping[str, int]
    outcomes: tuple[Share, ...]
    content_hash: str
    prepared_by: int
    prepared_name: str
    at: datetime
    released_name: str = ""
    released_at: datetime | None = None
    reason: str = ""
    file_id: UUID | None = None
    control_id: UUID | None = None
    file_hash: str = ""
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class ItemView:
    """One payment of one line.

    Attributes:
        id: Its id.
        batch_id: The batch.
        batch_number: Its number in the cycle; 0 for readers who see single payments of it alone.
        number: Its number in the batch.
        line_id: The line.
        list_id: The list.
        loan_id: The loan.
        household_id: The household.
        village: 12-digit code.
        attempt: 1, and one more after each time it came back.
        amount_fen: What is paid.
        by_source: Payer → fen.
        paid_to: borrower or lender.
        payee_name: Whose account it is.
        account: Masked.
        bank_name: Where it is kept.
        outcome: pending, paid, failed or returned.
        reason_code: One of ``words.REASONS``.
        reason: As the file told it.
        on: The day of the outcome.
        reference: The system's number of it.
    """

    id: UUID
    batch_id: UUID
    batch_number: int
    number: int
    line_id: UUID
    list_id: UUID
    loan_id: str
    household_id: str
    village: str
    attempt: int
    amount_fen: int
    by_source: Mapping[str, int]
    paid_to: str
    payee_name: str
    account: str
    bank_name: str
    outcome: str
    reason_code: str = ""
    reason: str = ""
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class ItemPage:
    """A page of payments, how many and how much they are in all."""

    rows: tuple[ItemView, ...]
    total: int
    fen: int


@dataclass(frozen=True)
class Control:
    """The control sheet of a batch: counts and totals, by township, by branch, by payer; the file's hash.

    Attributes:
        batch: The batch.
        county_name: In words.
        cycle: The cycle in words: 2026年第一季度.
        townships: By 9-digit code.
        branches: By their id.
        payers: By the order of payers.
        file_name: Of the file.
        file_hash: SHA-256, hexadecimal.
        prepared_name: Who prepared it.
        released_name: Who released it.
        released_at: When.
        clauses: What it rests on.
    """

    batch: BatchView
    county_name: str
    cycle: str
    townships: tuple[Share, ...]
    branches: tuple[Share, ...]
    payers: tuple[Share, ...]
    file_name: str
    file_hash: str
    prepared_name: str
    released_name: str
    released_at: datetime
    clauses: tuple[str, ...]
