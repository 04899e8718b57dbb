"""The list of loans to take away, as a workbook."""

from __future__ import annotations

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.workbooks import Heading, Taken, purpose_told, taken_as_workbook
from bangfu.casework.lending.listing import LoanFilter, loans_after
from bangfu.casework.lending.words import PRODUCT_WORDS, STATE_WORDS
from bangfu.casework.people import api as people
from bangfu.casework.words import Words

__all__ = ["exported"]

MOST_EXPORTED = 100_000
_TITLE = Words("贷款台账", "Loans")
_HEADINGS = (
    Heading(Words("贷款编号", "Loan")), Heading(Words("政策", "Regime")), Heading(Words("户编号", "Household")),
    Heading(Words("借款人", "Borrower")), Heading(Words("村代码", "Village code")), Heading(Words("村", "Village")),
    Heading(Words("贷款人", "Lender")), Heading(Words("网点", "Branch")), Heading(Words("签订日期", "Signed")),
    Heading(Words("到期日", "Due")), Heading(Words("合同金额（元）", "Principal (yuan)"), fen=True),
    Heading(Words("利率（%）", "Rate (%)"), rate=True), Heading(Words("余额（元）", "Balance (yuan)"), fen=True),
    Heading(Words("逾期（元）", "Overdue (yuan)"), fen=True), Heading(Words("五级分类", "Class")),
    Heading(Words("状态", "State")),
)  # fmt: skip


def exported(*, actor: Actor, asked: LoanFilter, purpose: str) -> Taken:
    """All loans of a filter, marked with who took them, when and what for; written into the trail.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``too_large``.
    """
    people.require(actor, "loan.read")
    why = purpose_told(purpose)
    rows = loans_after(actor=actor, asked=asked, size=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Refused("too_large", most=MOST_EXPORTED)
    filtered = {
        name: str(value)
        for name, value in asked.__dict__.items()
        if value not in ("", None) and name != "words"  # a name that was looked for stays out of the trail
    }
    of_area = actor.place.isdigit()
    trail.record(
        actor=actor, act="loans.exported", subject=("loans", asked.product or "all"),
        after={"rows": len(rows), **filtered}, why=why, scope_area=actor.place if of_area else "",
        institution_id=None if of_area else actor.place or None,
    )  # fmt: skip
    lines = [
        (
            one.loan_id, str(PRODUCT_WORDS[one.product]), one.household_id, one.borrower_name, one.scope_area,
            one.village, one.lender, one.branch, one.contract_on, one.due_on, one.principal_fen, one.rate_e8,
            one.balance_fen, one.overdue_fen, one.risk_class, str(STATE_WORDS[one.state]),
        )
        for one in rows
    ]  # fmt: skip
    return taken_as_workbook(actor=actor, why=why, title=_TITLE, headings=_HEADINGS, lines=lines)
