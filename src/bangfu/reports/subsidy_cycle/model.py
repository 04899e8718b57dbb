"""What a report is made of: lines as they were frozen, columns with their kind, rows that open their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.reports.paper import Kind

Language = Literal["zh", "en"]


class Said(NamedTuple):
    """A word in both languages; on paper the Chinese stands."""

    zh: str
    en: str


Cell = str | int | date | Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """A line of a list as a report reads it; amounts in fen.

    Attributes:
        id: The line's id: what a figure opens.
        list_id: Its list.
        cycle: The cycle's period in words, such as 2024年第二季度.
        cycle_start: First day of the cycle, to put cycles in order.
        number: Its number in the list.
        kind: regular, carried, supplement or recovery.
        status: open, held, excluded or carried.
        status_reason: Why it is not open.
        township: 9-digit code.
        township_name: In words.
        village: 12-digit code.
        village_name: In words.
        branch: Name of the branch.
        household_id: Counts households.
        borrower: Name.
        loan_id: The loan.
        product: poverty, transition or assistance.
        start: First day.
        end: Exclusive end.
        days: Calendar days.
        rate_e8: The loan's rate in 1e-8.
        interest_fen: Normal interest; of a correction its change.
        by_payer: Payer → what is due.
        subsidy_fen: Their sum.
        borrower_fen: What the borrower bears; of a correction its change.
        held_back_fen: Held back until the interest is in.
        payable_fen: What this line moves; negative in a recovery.
        payable_by: Payer → fen of it.
        claimed_fen: The bank's own figure; None where it gave none.
        difference: Why it differs, in both languages; None where it does not.
        explanation: What the branch says to it.
        ground: Why a correction was made, in both languages.
        clauses: What the line rests on.
        paid_fen: What was paid so far, returned payments taken off.
        recovered_fen: What came back of a recovery.
    """

    id: str
    list_id: str
    cycle: str
    cycle_start: date
    number: int
    kind: str
    status: str
    township: str
    township_name: str
    village: str
    village_name: str
    branch: str
    household_id: str
    borrower: str
    loan_id: str
    product: str
    start: date
    end: date
    days: int
    rate_e8: int | None
    interest_fen: int
    by_payer: Mapping[str, int]
    subsidy_fen: int
    borrower_fen: int
    held_back_fen: int
    payable_fen: int
    payable_by: Mapping[str, int]
    status_reason: str = ""
    claimed_fen: int | None = None
    difference: Said | None = None
    explanation: str = ""
    ground: Said | None = None
    clauses: tuple[str, ...] = ()
    paid_fen: int = 0
    recovered_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """A column: its head in both languages, how its cells are written, its width in characters, whether it adds up."""

    head: Said
    kind: Kind = "text"
    width: int = 12
    summed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A row.

    Attributes:
        cells: One for each column; money in fen, percents in 1e-8.
        ids: The lines its figures are made of.
        since: Of a row of sums the first row it sums (its place in ``Report.rows``); its first cell says of what.
    """

    cells: tuple[Cell, ...]
    ids: tuple[str, ...] = ()
    since: int | None = None

    @property
    def total(self) -> bool:
        """Whether it is a row of sums."""
        return self.since is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report, ready to be shown, written or printed.

    Attributes:
        code: Its name (``KINDS``).
        title: In both languages.
        place: Whose figures.
        period: Of which cycle or year.
        made_on: The day the figures stood so.
        columns: In their order.
        rows: In their order, totals among them.
        notes: What a reader has to know, in both languages.
        signed: Whether its paper has boxes to sign.
    """

    code: str
    title: Said
    place: str
    period: str
    made_on: date
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    notes: tuple[Said, ...] = field(default=())
    signed: bool = False

    def __post_init__(self) -> None:
        """Refuse a row that has not a cell for each column."""
        if [one for one in self.rows if len(one.cells) != len(self.columns)]:
            raise ValueError(f"{self.code}: one cell for each column")


def shown(cell: Cell, kind: Kind, *, language: Language = "zh") -> str:
    """A cell as people read it: yuan grouped with two decimals, percents, ISO days, words in the language."""
    if cell is None:
        return ""
    if isinstance(cell, Said):
        return cell.zh if language == "zh" else cell.en
    if isinstance(cell, int) and not isinstance(cell, bool):
        if kind == "money":
            return format_yuan(cell, grouped=True)
        return format_percent(cell) if kind == "percent" else f"{cell:,}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
