"""贷款申请审批表, the application form of LD2021 on one A4 page, filled or blank.

The cells and their order are those of ``LD2021-form``: township and village, registration number, day; applicant;
spouse; amount in capitals and figures, purpose, term; five boxes to sign in; the two notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from bangfu.money.capitals import capitals
from bangfu.money.fen import format_yuan
from bangfu.reports.papers.typesetting import Imprint, day_parts, typeset

TOWNSHIP_WORDING: Mapping[str, str] = {
    "out_of_poverty": "该户为我镇建档立卡脱贫人口",
    "margin": "该户为我镇边缘易致贫户",
}
NOTES = (
    "1.建档立卡户编号由乡镇（街道）扶贫工作站填写；",
    "2.乡镇（街道）政府（办事处）工作意见填写内容：该户为我镇建档立卡脱贫人口（或该户为我镇边缘易致贫户）。",
)
# Title of the box, and what stands before the name of who signs, as the form prints them.
_BOXES = (
    ("", "申请人"),
    ("村委会意见：", "负责人"),
    ("乡镇（街道）人民政府（办事处）意见：", "负责人"),
    ("乡镇（街道）扶贫工作站意见：", "审批人"),
    ("经办金融机构意见：", "审批人"),
)
# Letters that a cell holds in print that can still be read; what is longer stands in full on an annex.
_HOLDS: Mapping[str, int] = {
    "姓名": 40,
    "婚姻状况": 16,
    "身份证号码": 40,
    "联系电话": 60,
    "家庭住址": 150,
    "借款用途及概况": 260,
    "贷款期限": 60,
    "意见": 110,
    "签名": 30,
}
_MOST_LINES = 6
_SEE_ANNEX = "……（全文见附页）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as the form asks for them; an empty text leaves the cell blank.

    Attributes:
        name: As on the ID card.
        sex: 男 or 女.
        born: The day of birth; the form shows year and month.
        marital_status: As it is to stand, such as 已婚.
        id_number: In full: the form is the bank's file, not a public list.
        phone: As dialled.
        address: The home address.
    """

    name: str = ""
    sex: str = ""
    born: date | None = None
    marital_status: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What stands in one of the five boxes; all empty is a box to write in by hand."""

    text: str = ""
    person: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationForm:
    """The form's values (LD2021-form).

    Attributes:
        county: As in the title, such as 罗甸县.
        product: The product in Chinese, such as 脱贫人口小额信贷.
        township: With its ending: 龙坪镇, 斛兴街道.
        village: With its ending.
        registration_no: 建档立卡户编号.
        applied_on: 申请日期.
        applicant: Who borrows.
        household_size: 家庭人口数, persons.
        spouse: Name, birth, phone and ID number are shown.
        amount_fen: 申请金额, fen; ``None`` leaves it to be written.
        purpose: 借款用途及概况; may have several lines.
        term: 贷款期限 as it is to stand, such as 36个月.
        applicant_signs: 申请人.
        village_opinion: 村委会.
        township_opinion: 乡镇人民政府, its text one of ``TOWNSHIP_WORDING``.
        station_opinion: 乡镇扶贫工作站.
        lender_opinion: 经办金融机构.
        imprint: The foot.
    """

    county: str
    product: str
    township: str = ""
    village: str = ""
    registration_no: str = ""
    applied_on: date | None = None
    applicant: Person = field(default_factory=Person)
    household_size: int | None = None
    spouse: Person = field(default_factory=Person)
    amount_fen: int | None = None
    purpose: str = ""
    term: str = ""
    applicant_signs: Opinion = field(default_factory=Opinion)
    village_opinion: Opinion = field(default_factory=Opinion)
    township_opinion: Opinion = field(default_factory=Opinion)
    station_opinion: Opinion = field(default_factory=Opinion)
    lender_opinion: Opinion = field(default_factory=Opinion)
    imprint: Imprint = field(default_factory=Imprint)

    @classmethod
    def blank(cls, *, county: str, product: str, imprint: Imprint | None = None) -> Self:
        """The form to be filled in by hand, without a hash."""
        return cls(county=county, product=product, imprint=imprint or Imprint(content_hash=""))

    @property
    def title(self) -> str:
        """罗甸县脱贫人口小额信贷贷款申请审批表."""
        return f"{self.county}{self.product}贷款申请审批表"


def application_form(form: ApplicationForm) -> bytes:
    """The form as PDF, one A4 page (LD2021-form).

    A text that is longer than its cell holds is shown there as far as it goes; the cell then names the annex, a
    second page on which it stands in full.

    Raises:
        NotInCapitals: The amount is negative or beyond what capitals can write.
    """
    annex = _Annex()
    signed = (
        form.applicant_signs,
        form.village_opinion,
        form.township_opinion,
        form.station_opinion,
        form.lender_opinion,
    )
    data: dict[str, Any] = {
        "title": form.title,
        "township": form.township,
        "village": form.village,
        "registration_no": form.registration_no,
        "applied_on": day_parts(form.applied_on),
        "applicant": _person(form.applicant, "申请人", annex),
        "household_size": "" if form.household_size is None else str(form.household_size),
        "spouse": _person(form.spouse, "配偶", annex),
        "capitals": "" if form.amount_fen is None else capitals(form.amount_fen),
        "figures": "" if form.amount_fen is None else format_yuan(form.amount_fen, grouped=True),
        "purpose": annex.held("", "借款用途及概况", form.purpose),
        "term": annex.held("", "贷款期限", form.term),
        "boxes": [
            _box(title, label, opinion, annex) for (title, label), opinion in zip(_BOXES, signed, strict=True)
        ],
        "notes": NOTES,
    }
    return typeset("application", paper=form, data={**data, "annex": annex.texts})


class _Annex:
    """What did not fit its cell, in the order of the form."""

    def __init__(self) -> None:
        self.texts: list[dict[str, str]] = []

    def held(self, whose: str, cell: str, text: str) -> str:
        """The text as it stands in its cell."""
        bare, most = text.strip(), _HOLDS[cell]
        lines = bare.splitlines()
        if len(bare) <= most and len(lines) <= _MOST_LINES:
            return bare
        self.texts.append({"cell": f"{whose}{cell}", "text": bare})
        return "\n".join(lines[:_MOST_LINES])[: most - len(_SEE_ANNEX)].rstrip() + _SEE_ANNEX


def _person(person: Person, whose: str, annex: _Annex) -> dict[str, str]:
    return {
        "name": annex.held(whose, "姓名", person.name),
        "sex": person.sex,
        "born": f"{person.born.year}年{person.born.month}月" if person.born else "",
        "marital_status": annex.held(whose, "婚姻状况", person.marital_status),
        "id_number": annex.held(whose, "身份证号码", person.id_number),
        "phone": annex.held(whose, "联系电话", person.phone),
        "address": annex.held(whose, "家庭住址", person.address),
    }


def _box(title: str, label: str, opinion: Opinion, annex: _Annex) -> dict[str, Any]:
    whose = title.removesuffix("意见：") or label
    return {
        "title": title,
        "label": label,
        "opinion": annex.held(whose, "意见", opinion.text),
        "person": annex.held(whose, "签名", opinion.person),
        "day": day_parts(opinion.signed_on),
    }
