"""The record of an exception where a policy says "in principle" (原则上): ground, approver, clause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.reports.papers.parts import Citation, Signer, boxes, cited, rows
from bangfu.reports.papers.typesetting import Imprint, day, typeset


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRecord:
    """An exception "in principle" with its ground, approver and record.

    Attributes:
        county: As in the title.
        number: The record's number.
        application_no: The application or loan it belongs to.
        household_no: 建档立卡户编号.
        person: Name of the applicant or borrower.
        place: Township and village.
        what: What is departed from, such as 借款人年龄原则上在18—65周岁之间.
        facts: What is so in this case, such as 申请时67周岁.
        citations: The clauses that say "in principle".
        ground: Why an exception is made.
        evidence: What was looked at.
        limits: Conditions of the approval; empty for none.
        requested_by: Name and office of who asks.
        requested_on: When.
        approved_by: Name and office of who approves; never the same person.
        approved_on: When.
        office: Whose seal.
        imprint: The foot.
    """

    county: str
    number: str
    application_no: str
    person: str
    what: str
    facts: str
    citations: tuple[Citation, ...]
    ground: str
    requested_by: str
    requested_on: date
    approved_by: str
    approved_on: date
    office: str
    household_no: str = ""
    place: str = ""
    evidence: str = ""
    limits: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse an exception without a ground, a clause or an approver, or approved by who asked."""
        if not (self.ground.strip() and self.approved_by.strip() and self.citations):
            raise ValueError("an exception needs a ground, a clause and an approver")
        if self.approved_by == self.requested_by:
            raise ValueError("nobody approves their own exception")


def exception_record(record: ExceptionRecord) -> bytes:
    """例外情况审批记录 as PDF: what is departed from, why, who allowed it ("in principle": LD2021-1.9)."""
    data: dict[str, Any] = {
        "title": f"{record.county}小额信贷例外情况审批记录",
        "rows": rows(
            (("记录编号", record.number), ("申请/贷款编号", record.application_no)),
            (("姓名", record.person), ("户编号", record.household_no)),
            ("乡镇、村", record.place),
            ("原则性规定", record.what),
            ("本案情况", record.facts),
            ("例外理由", record.ground),
            ("查阅材料", record.evidence),
            ("附加条件", record.limits),
            (("提出人", record.requested_by), ("提出日期", day(record.requested_on))),
            (("批准人", record.approved_by), ("批准日期", day(record.approved_on))),
        ),
        "citations": cited(record.citations),
        "signers": boxes(
            (
                Signer(title="提出人签字：", label=""),
                Signer(title="批准人签字：", label=""),
                Signer(title=f"{record.office}：", label="负责人"),
            )
        ),
    }
    return typeset("exception", paper=record, data=data)
