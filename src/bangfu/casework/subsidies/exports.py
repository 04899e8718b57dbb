"""A list to take away, as a workbook or as CSV: marked with who took it, when and what for, and written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.documents.workbooks import (
    Cell,
    Heading,
    Taken,
    mark,
    neutral,
    purpose_told,
    workbook,
)
from bangfu.casework.lending.api import PRODUCT_WORDS
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.checking import checks_told
from bangfu.casework.subsidies.lists import lines_of, list_of
from bangfu.casework.subsidies.moving import STATUSES
from bangfu.casework.subsidies.views import PAYERS, LineView
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent

__all__ = ["LINE_KINDS", "exported"]

_TITLE = Words("贴息清册", "Subsidy list")
_PAYERS = {
    "central": Words("中央（元）", "Central (yuan)"), "province": Words("省级（元）", "Province (yuan)"),
    "city": Words("市级（元）", "City (yuan)"), "county": Words("县级（元）", "County (yuan)"),
    "fiscal": Words("财政（元）", "Fiscal (yuan)"),
}  # fmt: skip
LINE_KINDS = {
    "regular": Words("本期", "this period"), "carried": Words("结转", "carried over"),
    "supplement": Words("补发", "supplement"), "recovery": Words("追回", "recovery"),
}  # fmt: skip
_HEADINGS = (
    Heading(Words("序号", "No.")), Heading(Words("村", "Village")), Heading(Words("户编号", "Household")),
    Heading(Words("借款人", "Borrower")), Heading(Words("贷款编号", "Loan")), Heading(Words("政策", "Regime")),
    Heading(Words("种类", "Kind")), Heading(Words("起", "From")), Heading(Words("止", "To")),
    Heading(Words("天数", "Days")), Heading(Words("年利率（%）", "Rate (%)"), rate=True),
    Heading(Words("期初余额（元）", "Opening balance (yuan)"), fen=True),
    Heading(Words("贴息本金（元）", "Subsidised part (yuan)"), fen=True),
    Heading(Words("利息（元）", "Interest (yuan)"), fen=True),
    *(Heading(_PAYERS[payer], fen=True) for payer in PAYERS),
    Heading(Words("应贴息（元）", "Subsidy due (yuan)"), fen=True),
    Heading(Words("暂扣（元）", "Held back (yuan)"), fen=True),
    Heading(Words("应发（元）", "Payable (yuan)"), fen=True),
    Heading(Words("银行自报（元）", "Bank's figure (yuan)"), fen=True), Heading(Words("状态", "Status")),
    Heading(Words("原因", "Reason")), Heading(Words("机器核对", "Computer checks")),
)  # fmt: skip


def exported(*, actor: Actor, list_id: object, purpose: str, form: Literal["xlsx", "csv"] = "xlsx") -> Taken:
    """All standing lines of a list; the first line of the file says who took it, when and what for.

    Args:
        actor: Who takes it.
        list_id: The list.
        purpose: What for.
        form: A workbook, or CSV in UTF-8 with the mark that spreadsheets look for.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``reason_missing``.
    """
    people.require(actor, "subsidy.read")
    view = list_of(list_id, on=actor.on)
    why = purpose_told(purpose)
    lines = lines_of([view.id], on=actor.on)
    trail.record(
        actor=actor, act="subsidy.list_exported", subject=("subsidy_list", view.id),
        after={"rows": len(lines), "form": form}, why=why, scope_area=view.township, institution_id=view.institution_id,
    )  # fmt: skip
    last = view.cycle.end - timedelta(days=1)
    name = f"{_TITLE} {view.township_name} {view.bank_name} {last.isoformat()}.{form}"
    told = mark(actor, why, f"{_TITLE} {view.township_name} {view.bank_name} {view.cycle.start} – {last}")
    cells = (_cells(one) for one in lines)
    if form == "csv":
        return Taken(name, _csv(told, cells))
    content = workbook(title=str(_TITLE), mark_line=told, headings=_HEADINGS, lines=cells, made_at=actor.now)
    return Taken(name, content)


def _cells(line: LineView) -> tuple[Cell, ...]:
    return (
        line.number, line.village_name, line.household_id, line.borrower_name, line.loan_id,
        str(PRODUCT_WORDS.get(line.product, line.product)), str(LINE_KINDS.get(line.kind, line.kind)), line.start,
        line.end - timedelta(days=1), line.days, line.rate_e8, line.opening_fen, line.subsidised_part_fen,
        line.interest_fen, *(line.by_payer[payer] for payer in PAYERS), line.subsidy_fen, line.held_back_fen,
        line.payable_fen, line.claimed_fen, str(STATUSES[line.status]), line.status_reason,
        "；".join(str(words) for _, words in checks_told(line.checks)),
    )  # fmt: skip


def _csv(told: str, lines: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([neutral(told)])
    writer.writerow([str(heading.words) for heading in _HEADINGS])
    for line in lines:
        writer.writerow([_text(cell, heading) for cell, heading in zip(line, _HEADINGS, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Cell, heading: Heading) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return format_yuan(cell) if heading.fen else format_percent(cell) if heading.rate else str(cell)
    return cell.isoformat() if isinstance(cell, date) else neutral(cell)
