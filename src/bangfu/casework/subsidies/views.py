"""Cycles, lists and lines as they are handed out: frozen, with names beside the codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bangfu.casework.subsidies.workflow import STATES, State
from bangfu.casework.words import Words
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["PAYERS", "PAYER_WORDS", "ActView", "CycleView", "LineView", "ListView", "Totals", "period_words"]

# Where there is little room, as in the heads of columns.
PAYER_WORDS: Mapping[str, Words] = {
    "central": Words("中央", "Central"),
    "province": Words("省级", "Province"),
    "city": Words("市级", "City"),
    "county": Words("县级", "County"),
    "fiscal": Words("财政", "Fiscal"),
}
_QUARTER, _YEAR = 3, 12


def period_words(start: date, end: date, rhythm: str = "") -> Words:
    """A period as lists, notices and files name it, by the day it ends on: 2024年第二季度; its days where it is none.

    Args:
        start: First day.
        end: The exclusive end.
        rhythm: Of the cycle; loans subsidised at repayment are told from the quarter's own.
    """
    months = (end.year - start.year) * _YEAR + end.month - start.month
    last = end - timedelta(days=1)
    if start.day == end.day and months == _QUARTER:
        nth = (last.month - 1) // _QUARTER
        name = Words(f"{last.year}年第{'一二三四'[nth]}季度", f"Q{nth + 1} {last.year}")
    elif start.day == end.day and months == _YEAR:
        name = Words(f"{last.year}年度", f"{last.year}")
    else:
        name = Words(f"{start}至{last}", f"{start} to {last}")
    return Words(f"{name.zh}（还款时）", f"{name.en}, at repayment") if rhythm == "at_repayment" else name


@dataclass(frozen=True)
class CycleView:
    """A county's cycle.

    Attributes:
        id: Its id.
        county: 6-digit code.
        county_name: In words.
        rhythm: quarter, year or at_repayment.
        start: First day of the period.
        end: Its exclusive end.
        payment_month: First day of the month of payment.
        list_due_on: By when branches give their lists; None where no clause says.
        submit_due_on: By when townships submit.
        notice_days: Full days of public notice.
        deadlines: Terms with values, clauses, documents, as they were when it was opened.
        opened_at: When it was opened.
    """

    id: UUID
    county: str
    county_name: str
    rhythm: str
    start: date
    end: date
    payment_month: date
    list_due_on: date | None
    submit_due_on: date | None
    notice_days: int | None
    deadlines: Mapping[str, Any]
    opened_at: datetime

    @property
    def words(self) -> Words:
        """Its name."""
        return period_words(self.start, self.end, self.rhythm)


@dataclass(frozen=True)
class Totals:
    """Sums over the lines of one status, in fen.

    Attributes:
        lines: How many.
        payable_fen: What is to be paid; recoveries are negative and stand apart.
        payable_by: Payer → fen; its sum is ``payable_fen``.
        recovery_fen: What is to be recovered (positive).
        recoveries: How many lines of it.
    """

    lines: int
    payable_fen: int
    payable_by: Mapping[str, int]
    recovery_fen: int = 0
    recoveries: int = 0

    @classmethod
    def none(cls) -> Totals:
        """Of no line at all."""
        return cls(0, 0, dict.fromkeys(PAYERS, 0))


@dataclass(frozen=True)
class ListView:
    """A branch's list for a township.

    Attributes:
        id: Its id.
        cycle: The cycle.
        township: 9-digit code.
        township_name: In words.
        institution_id: The branch.
        bank_name: Its name.
        state: Where it stands (``workflow.STATES``).
        stage_number: The stage's number: an act binds to it.
        since: When it came there.
        due_on: The last day of the step.
        run_id: The computation that stands; None before the first.
        run_number: Its number.
        on: As of which day it was computed.
        known_at: With what was known when.
        lines_hash: Over its lines, hexadecimal.
        open: Sums over the lines that go on to payment.
        held: Sums over held lines.
        excluded: Sums over excluded lines.
        carried: Sums over lines carried to a later cycle.
        refusals: Loans that stand on no line.
    """

    id: UUID
    cycle: CycleView
    township: str
    township_name: str
    institution_id: str
    bank_name: str
    state: str
    stage_number: int
    since: datetime
    due_on: date | None
    run_id: UUID | None
    run_number: int
    on: date | None
    known_at: datetime | None
    lines_hash: str
    open: Totals
    held: Totals
    excluded: Totals
    carried: Totals
    refusals: int

    @property
    def stands_at(self) -> State:
        """The row of the workflow table."""
        return STATES[self.state]

    def late(self, on: date) -> bool:
        """Whether the step's last day has passed."""
        return self.stands_at.open and self.due_on is not None and self.due_on < on


@dataclass(frozen=True)
class LineView:
    """A frozen line.

    Attributes:
        id: Its id.
        list_id: The list.
        number: Its place in the list.
        kind: regular, carried, supplement or recovery.
        corrects: The line it speaks of.
        ground: Why a correction was made: held_back_released, late_entry, …
        loan_id: The loan.
        household_id: The household.
        village: 12-digit code.
        village_name: In words.
        institution_id: The branch.
        borrower_name: Of the borrower.
        product: poverty, transition, assistance.
        start: First day.
        end: Exclusive end.
        rate_e8: The loan's rate in 1e-8.
        method: The way interest is counted.
        opening_fen: Balance on the first day.
        subsidised_part_fen: Fixed at signing.
        days: Calendar days.
        interest_fen: Normal interest.
        by_payer: Payer → what is due.
        subsidy_fen: Their sum.
        borrower_fen: What the borrower bears.
        held_back_fen: Held back until the interest is in.
        payable_fen: What this line moves now; negative in a recovery.
        payable_by: Payer → fen of it.
        claimed_fen: The bank's own figure; None where it gave none.
        claimed_rate_e8: The rate it claims to have used.
        difference: Why it differs (``comparing.DIFFERENCES``); empty where it does not.
        checks: What the computer verified: ``{code, outcome: passed|failed|not_run|flagged, clauses, facts}``.
        told: Further facts: explanation, warnings.
        policy: The stack it was computed under.
        clauses: What it rests on.
        line_hash: Hexadecimal.
        status: open, held, excluded or carried.
        status_reason: Of the last act on it.
        status_clause: Likewise.
    """

    id: UUID
    list_id: UUID
    number: int
    kind: str
    corrects: UUID | None
    ground: str
    loan_id: str
    household_id: str
    village: str
    village_name: str
    institution_id: str
    borrower_name: str
    product: str
    start: date
    end: date
    rate_e8: int | None
    method: str
    opening_fen: int
    subsidised_part_fen: int
    days: int
    interest_fen: int
    by_payer: Mapping[str, int]
    subsidy_fen: int
    borrower_fen: int
    held_back_fen: int
    payable_fen: int
    payable_by: Mapping[str, int]
    claimed_fen: int | None
    claimed_rate_e8: int | None
    difference: str
    checks: Sequence[Mapping[str, Any]]
    told: Mapping[str, Any]
    policy: str
    clauses: tuple[str, ...]
    line_hash: str
    status: str = "open"
    status_reason: str = ""
    status_clause: str = ""

    @property
    def differs_by(self) -> int | None:
        """The bank's figure less ours, in fen; None where the bank gave none."""
        return None if self.claimed_fen is None else self.claimed_fen - self.subsidy_fen


@dataclass(frozen=True)
class ActView:
    """What one person did at one stage of a list."""

    stage_number: int
    step: str
    outcome: str
    opinion: str
    clauses: tuple[str, ...]
    content_hash: str
    lines: int
    payable_fen: int
    payable_by: Mapping[str, int]
    signed: Mapping[str, Any]
    done_by: int
    done_name: str
    done_role: str
    at: datetime
