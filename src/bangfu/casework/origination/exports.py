"""The list of applications to take away, as a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.workbooks import Heading, Taken, purpose_told, taken_as_workbook
from bangfu.casework.origination.listing import Filter, all_of
from bangfu.casework.origination.workflow import STATES
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.facts.codes import PRODUCT, PURPOSE

MOST_EXPORTED = 20_000
_TITLE = Words("贷款申请", "Applications")
_HEADINGS = (
    Heading(Words("申请编号", "Application")), Heading(Words("状态", "State")), Heading(Words("申请人", "Applicant")),
    Heading(Words("户编号", "Household")), Heading(Words("村代码", "Village code")),
    Heading(Words("乡镇、村", "Place")), Heading(Words("网点", "Branch")), Heading(Words("产品", "Product")),
    Heading(Words("申请金额（元）", "Amount (yuan)"), fen=True), Heading(Words("期限（月）", "Term (months)")),
    Heading(Words("用途", "Purpose")), Heading(Words("开办日期", "Opened on")),
    Heading(Words("本环节限期", "Step due on")),
)  # fmt: skip


def exported(*, actor: Actor, wanted: Filter, purpose: str) -> Taken:
    """All applications of a filter, marked with who took them, when and what for; written into the trail.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``too_large``.
    """
    people.require(actor, "application.read")
    why = purpose_told(purpose)
    rows = all_of(wanted, actor=actor, most=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Refused("too_large", most=MOST_EXPORTED)
    trail.record(
        actor=actor, act="application.exported", subject=("list", "applications"), why=why,
        after={"rows": len(rows)}, scope_area=actor.place if actor.place in actor.scope.areas else "",
        institution_id=actor.place if actor.place in actor.scope.institutions else None,
    )  # fmt: skip
    lines = [
        (
            one.id, str(STATES[one.state].words), one.borrower, one.household_id, one.village, one.place, one.branch,
            _word(PRODUCT, one.product), one.amount_fen, one.term_months, _word(PURPOSE, one.purpose), one.opened_on,
            one.due_on,
        )
        for one in rows
    ]  # fmt: skip
    return taken_as_workbook(actor=actor, why=why, title=_TITLE, headings=_HEADINGS, lines=lines)


def _word(words: Mapping[str, tuple[str, ...]], code: str) -> str:
    return str(Words(words[code][0], code.replace("_", " "))) if code in words else code
