"""A list to take away, as a workbook or as CSV: marked with who took it, when and what for, and written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.documents.workbooks import (
    Cell,
    Heading,
    Taken,
    csv_of,
    mark,
    purpose_told,
    taken_as_workbook,
)
from bangfu.casework.lending.api import PRODUCT_WORDS
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.checking import checks_told
from bangfu.casework.subsidies.lists import lines_of, list_of
from bangfu.casework.subsidies.moving import STATUSES
from bangfu.casework.subsidies.views import PAYER_WORDS, PAYERS, LineView
from bangfu.casework.words import Words

__all__ = ["LINE_KINDS", "exported"]

_TITLE = Words("贴息清册", "Subsidy list")
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
    *(Heading(Words(f"{one.zh}（元）", f"{one.en} (yuan)"), fen=True) for one in PAYER_WORDS.values()),
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
    of = f"{view.township_name} {view.bank_name}"
    about, name = f"{of} {view.cycle.start} – {last}", f"{_TITLE} {of} {last.isoformat()}"
    cells = (_cells(one) for one in lines)
    if form == "csv":
        told = mark(actor, why, f"{_TITLE} {about}")
        return Taken(f"{name}.csv", csv_of(mark_line=told, headings=_HEADINGS, lines=cells))
    return taken_as_workbook(
        actor=actor, why=why, title=_TITLE, headings=_HEADINGS, lines=cells, about=about, name=name
    )


def _cells(line: LineView) -> tuple[Cell, ...]:
    return (
        line.number, line.village_name, line.household_id, line.borrower_name, line.loan_id,
        str(PRODUCT_WORDS.get(line.product, line.product)), str(LINE_KINDS.get(line.kind, line.kind)), line.start,
        line.end - timedelta(days=1), line.days, line.rate_e8, line.opening_fen, line.subsidised_part_fen,
        line.interest_fen, *(line.by_payer[payer] for payer in PAYERS), line.subsidy_fen, line.held_back_fen,
        line.payable_fen, line.claimed_fen, str(STATUSES[line.status]), line.status_reason,
        "；".join(str(words) for _, words in checks_told(line.checks)),
    )  # fmt: skip
