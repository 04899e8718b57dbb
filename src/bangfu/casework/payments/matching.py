"""A result file's rows against a batch's payments: by number, account and amount, each once; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bangfu.casework.payments.accounts import cleaned
from bangfu.casework.payments.formats import ResultFormat
from bangfu.casework.payments.tables import FileProblem
from bangfu.money.fen import parse_yuan

__all__ = ["Known", "Matched", "matched"]

_DAYS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
_SHORTEST_SHOWN = 4  # digits of a masked account that must fit at its end
Rows = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Known:
    """A payment of the batch, its account in the clear while the file is read.

    Attributes:
        id: Its id.
        number: Its number in the batch.
        amount_fen: What was to be paid.
        account: The number of the account.
        line_id: The line.
        list_id: Its list.
        loan_id: The loan.
        by_source: Payer → fen.
        paid_to: borrower or lender.
        scope_area: The village.
        institution_id: The branch.
        household_id: The household.
        payee_name: Whose account it is.
        outcome: What stands; empty where nothing does.
        results: How many results stand.
    """

    id: UUID
    number: int
    amount_fen: int
    account: str
    line_id: UUID
    list_id: UUID
    loan_id: str
    by_source: Mapping[str, int]
    paid_to: str
    scope_area: str
    institution_id: str
    household_id: str
    payee_name: str
    outcome: str
    results: int


@dataclass(frozen=True)
class Matched:
    """A payment with its new result."""

    item: Known
    outcome: str
    reason_code: str
    reason: str
    on: date
    reference: str


def matched(
    rows: Rows, known: Sequence[Known], form: ResultFormat, *, first_on: date, today: date, numbered: bool
) -> tuple[list[Matched], dict[str, int], list[FileProblem]]:
    """New results, counts by outcome, and what does not match.

    Args:
        rows: Of the file.
        known: The payments of the batch.
        form: How the file is read.
        first_on: The day of the release: nothing is paid before.
        today: Nothing is paid after.
        numbered: Whether the file names the batch's own numbers.
    """
    reader = _Reader(known, form, first_on=first_on, today=today, numbered=numbered)
    for number, cells in rows:
        reader.read(number, cells)
    missing = [one for one in known if one.number not in reader.seen and not one.outcome]
    reader.problems += [FileProblem(0, "missing_row", str(one.number)) for one in missing]
    return reader.fresh, reader.counts, reader.problems


class _Reader:
    """Reads row after row; every payment at most once."""

    def __init__(
        self, known: Sequence[Known], form: ResultFormat, *, first_on: date, today: date, numbered: bool
    ) -> None:
        self.form, self.first_on, self.today, self.numbered = form, first_on, today, numbered
        self.by_number = {one.number: one for one in known}
        self.by_account: dict[tuple[str, int], list[Known]] = {}
        for one in known:
            self.by_account.setdefault((one.account, one.amount_fen), []).append(one)
        self.accounts = {one.account for one in known}
        self.statuses = {text: outcome for outcome, texts in form.statuses.items() for text in texts}
        self.seen: set[int] = set()
        self.fresh: list[Matched] = []
        self.counts = dict.fromkeys(("paid", "failed", "returned", "pending", "known"), 0)
        self.problems: list[FileProblem] = []

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        fen = self._fen(cells.get("amount", ""))
        if fen is None:
            self.problems.append(FileProblem(row, "bad_amount"))
            return
        item, wrong = self._item(cells, fen)
        if item is None:
            self.problems.append(FileProblem(row, wrong))
            return
        if item.number in self.seen:
            self.problems.append(FileProblem(row, "duplicate_row", str(item.number)))
            return
        self.seen.add(item.number)
        outcome = self.statuses.get(cells.get("status", ""))
        if outcome is None:
            self.problems.append(FileProblem(row, "unknown_status", cells.get("status", "")[:20]))
        elif outcome == "pending" and not item.outcome:
            self.counts["pending"] += 1
        elif outcome == item.outcome:
            self.counts["known"] += 1
        elif item.outcome and not (item.outcome == "paid" and outcome == "returned"):
            self.problems.append(FileProblem(row, "changed_outcome", str(item.number)))
        else:
            self._take(row, cells, item, outcome)

    def _take(self, row: int, cells: Mapping[str, str], item: Known, outcome: str) -> None:
        on = self._day(cells.get("on", ""))
        if on is None:
            self.problems.append(FileProblem(row, "bad_day", str(item.number)))
            return
        if not self.first_on <= on <= self.today:
            self.problems.append(FileProblem(row, "day_outside", str(item.number)))
            return
        told = re.sub(r"\d{6,}", "***", cells.get("reason", "")) if outcome != "paid" else ""
        code = "" if outcome == "paid" else self._reason(told)
        self.fresh.append(Matched(item, outcome, code, told, on, cells.get("reference", "")))
        self.counts[outcome] += 1

    def _item(self, cells: Mapping[str, str], fen: int) -> tuple[Known | None, str]:
        account = cleaned(cells.get("account", ""))
        if not self.numbered:
            return self._by_account(account, fen)
        text = cells.get("number", "").removesuffix(".0")
        if not text.isascii() or not text.isdigit():
            return None, "bad_number"
        item = self.by_number.get(int(text))
        if item is None:
            return None, "unknown_row"
        if account and not _same_account(item.account, account):
            return None, "wrong_account"
        return (item, "") if item.amount_fen == fen else (None, "wrong_amount")

    def _by_account(self, account: str, fen: int) -> tuple[Known | None, str]:
        fitting = self.by_account.get((account, fen), [])
        if len(fitting) > 1:
            return None, "ambiguous_row"
        if fitting:
            return fitting[0], ""
        return None, "wrong_amount" if account in self.accounts else "unknown_row"

    def _fen(self, text: str) -> int | None:
        try:
            fen = (
                int(text)
                if self.form.amount_unit == "fen"
                else parse_yuan(text.replace("￥", "").replace("¥", ""))
            )
        except ValueError:
            return None
        return fen if fen > 0 else None

    def _day(self, text: str) -> date | None:
        """The row's day; today where the file names none."""
        if not text:
            return self.today
        for form in _DAYS:
            try:
                return datetime.strptime(text.split(maxsplit=1)[0], form).date()  # noqa: DTZ007 - a day, no moment
            except ValueError:
                continue
        return None

    def _reason(self, text: str) -> str:
        for code, parts in self.form.reasons.items():
            if any(part in text for part in parts):
                return code
        return "other"


def _same_account(mine: str, told: str) -> bool:
    """Whether a number is the account's, or its masked form: what is shown fits, at least its last four digits."""
    if "*" not in told:
        return mine == told
    start, end = told.split("*", 1)[0], told.rsplit("*", 1)[1]
    return len(end) >= _SHORTEST_SHOWN and mine.startswith(start) and mine.endswith(end)
