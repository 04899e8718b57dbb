"""The answer to an objection against a line of a public notice, as a letter (LD2021-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.reports.papers.parts import Citation, cited
from bangfu.reports.papers.typesetting import Imprint, day, day_parts, typeset

_DECISIONS = {
    True: "经查，你反映的情况属实，异议成立",
    False: "经查，你反映的情况不成立，原公示维持不变",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionAnswer:
    """What the objector is told.

    Attributes:
        office: Who decides and seals.
        number: The objection's number.
        name: To whom; empty for an anonymous objection, which is answered under its number.
        objected_on: The day it came.
        notice: Which notice, such as 龙坪镇2024年第二季度贴息公示.
        line_number: Of which line.
        ground: In words.
        upheld: Whether it holds.
        answer: What was found, and what is done.
        decided_on: The day.
        citations: Clauses the decision rests on.
        phone: Where to ask; empty leaves a line.
        imprint: The foot.
    """

    office: str
    number: str
    objected_on: date
    notice: str
    line_number: int
    ground: str
    upheld: bool
    answer: str
    decided_on: date
    name: str = ""
    citations: tuple[Citation, ...] = ()
    phone: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse an answer that says nothing."""
        if not self.answer.strip():
            raise ValueError("an objection is answered in words")


def objection_answer(answer: ObjectionAnswer) -> bytes:
    """异议处理答复 as PDF (LD2021-6): what was found, what is done, on which clause, and where to go next."""
    data: dict[str, Any] = {
        "title": "小额信贷贴息公示异议处理答复",
        "number": answer.number,
        "name": answer.name or f"异议人（编号 {answer.number}）",
        "opening": f"你于{day(answer.objected_on)}对{answer.notice}第 {answer.line_number} 号提出的异议"
        f"（{answer.ground}）收悉。{_DECISIONS[answer.upheld]}。现答复如下：",
        "answer": answer.answer,
        "citations": cited(answer.citations),
        "phone": answer.phone,
        "office": answer.office,
        "decided_on": day_parts(answer.decided_on),
    }
    return typeset("objection", paper=answer, data=data)
