"""The ledger to take away, as a workbook: marked with who took it, when and what for."""

from __future__ import annotations

from datetime import date

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets.posting import ACCOUNTS, KINDS, SOURCES
from bangfu.casework.budgets.reading import ledger
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.workbooks import Heading, Taken, purpose_told, taken_as_workbook
from bangfu.casework.people import api as people
from bangfu.casework.words import Words

__all__ = ["exported"]

MOST_EXPORTED = 100_000
_TITLE = Words("贴息资金明细账", "Ledger of the subsidy")
_HEADINGS = (
    Heading(Words("日期", "Day")), Heading(Words("预算年度", "Budget year")), Heading(Words("资金来源", "Source")),
    Heading(Words("类型", "Kind")), Heading(Words("转出科目", "From")), Heading(Words("转入科目", "To")),
    Heading(Words("金额（元）", "Amount (yuan)"), fen=True), Heading(Words("凭据", "Subject")),
    Heading(Words("文号", "Document")), Heading(Words("说明", "Note")), Heading(Words("经手", "By")),
)  # fmt: skip


def exported(
    *,
    actor: Actor,
    county: str,
    purpose: str,
    year: int | None = None,
    source: str = "",
    kind: str = "",
    account: str = "",
    first_on: date | None = None,
    last_on: date | None = None,
) -> Taken:
    """The entries of a filter (``ledger``), the latest first; written into the trail.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``too_large``.
    """
    people.require(actor, "budget.read")
    why = purpose_told(purpose)
    found = ledger(
        actor=actor, county=county, year=year, source=source, kind=kind, account=account, first_on=first_on,
        last_on=last_on, size=MOST_EXPORTED + 1,
    )  # fmt: skip
    if found.total > MOST_EXPORTED:
        raise Refused("too_large", most=MOST_EXPORTED)
    trail.record(
        actor=actor, act="budget.exported", subject=("budget", county), after={"rows": found.total}, why=why,
        scope_area=county,
    )  # fmt: skip
    lines = [
        (
            one.on, one.year, str(SOURCES[one.source]), str(KINDS[one.kind].words), str(ACCOUNTS[one.credit]),
            str(ACCOUNTS[one.debit]), one.amount_fen, one.subject, one.document, one.why, one.who,
        )
        for one in found.rows
    ]  # fmt: skip
    return taken_as_workbook(
        actor=actor, why=why, title=_TITLE, headings=_HEADINGS, lines=lines, about=county
    )
