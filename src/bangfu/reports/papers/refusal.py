"""The notice of a refused application, with its reasons and the clauses they rest on (LD2021-2.2d)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from bangfu.reports.papers.parts import Citation, amount_words, cited
from bangfu.reports.papers.typesetting import Imprint, day, day_parts, masked_id, typeset

RefusalKind = Literal["not_accepted", "not_approved"]

REFUSAL_TITLES: Mapping[str, str] = {"not_accepted": "不予受理通知书", "not_approved": "未予批准通知书"}
_DECISIONS: Mapping[str, str] = {
    "not_accepted": "经审核，对你的申请决定不予受理",
    "not_approved": "经审查，对你的申请决定不予批准",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a refusal.

    Attributes:
        text: The reason in words that the applicant understands.
        facts: What it was seen from, such as 申请时年龄67周岁; may be empty.
        citations: The clauses it rests on.
    """

    text: str
    facts: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalNotice:
    """A notice to an applicant (LD2021-2.2d: a refusal is explained).

    Attributes:
        kind: ``not_accepted`` by village or township, ``not_approved`` by the lender.
        product: The product in Chinese.
        number: The notice's own number; empty prints none.
        office: Who refuses and seals.
        applicant_name: To whom.
        id_number: Printed masked.
        application_no: The application's number; empty prints none.
        applied_on: 申请日期.
        amount_fen: Applied for, fen; ``None`` where none was given.
        reasons: At least one.
        decided_on: The day of the refusal.
        office_phone: Where to ask; empty leaves a line to write on.
        supervision_office: Where to complain.
        supervision_phone: Its phone; empty leaves a line to write on.
        again: What has to change before applying again; empty says so in general words.
        imprint: The foot.
    """

    kind: RefusalKind
    product: str
    office: str
    applicant_name: str
    reasons: tuple[Reason, ...]
    decided_on: date
    number: str = ""
    id_number: str = ""
    application_no: str = ""
    applied_on: date | None = None
    amount_fen: int | None = None
    office_phone: str = ""
    supervision_office: str = ""
    supervision_phone: str = ""
    again: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a notice without a reason (LD2021-2.2d)."""
        if not self.reasons:
            raise ValueError("a refusal needs a reason")


def refusal_notice(notice: RefusalNotice) -> bytes:
    """贷款申请不予受理通知书 or 未予批准通知书 as PDF, with a receipt to sign (LD2021-2.2d).

    Raises:
        NotInCapitals: The amount is negative or too large.
    """
    asked = [f"于{day(notice.applied_on)}" if notice.applied_on else "", f"提出的{notice.product}贷款申请"]
    details = [
        f"申请编号 {notice.application_no}" if notice.application_no else "",
        f"申请金额{amount_words(notice.amount_fen)}" if notice.amount_fen is not None else "",
    ]
    told = "，".join(one for one in details if one)
    who = f"（身份证号码 {masked_id(notice.id_number)}）" if notice.id_number else ""
    data: dict[str, Any] = {
        "title": f"{notice.product}贷款申请{REFUSAL_TITLES[notice.kind]}",
        "number": notice.number,
        "name": notice.applicant_name,
        "opening": f"你{who}{''.join(asked)}{f'（{told}）' if told else ''}已收悉。"
        f"{_DECISIONS[notice.kind]}。现将原因和依据告知如下：",
        "reasons": [
            {"text": one.text, "facts": one.facts, "citations": cited(one.citations)}
            for one in notice.reasons
        ],
        "again": notice.again or "上述情形改变、符合申请条件后，你可以重新提出申请。",
        "office": notice.office,
        "office_phone": notice.office_phone,
        "supervision_office": notice.supervision_office,
        "supervision_phone": notice.supervision_phone,
        "decided_on": day_parts(notice.decided_on),
        "sheet": f"{REFUSAL_TITLES[notice.kind]}{f'（{notice.number}）' if notice.number else ''}",
    }
    return typeset("refusal", paper=notice, data=data)
