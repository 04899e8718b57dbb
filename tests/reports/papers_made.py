"""Papers to test with: made-up people of no place, and what their PDFs say."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pypdf

from bangfu.reports.papers import TOWNSHIP_WORDING, ApplicationForm, Imprint, Opinion, Person
from bangfu.reports.papers.typesetting import BEIJING

IMPRINT = Imprint(printed_by="龙坪镇人民政府 王小芳", printed_at=datetime(2021, 9, 3, 9, 5, tzinfo=BEIJING))


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without any space: where typst breaks a line is no matter."""
    found = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return ["".join(text.replace("\u200b", "").split()) for text in found]


def squeezed(text: str) -> str:
    """A text as ``pages`` shows it."""
    return "".join(text.split())


def form(**changed: Any) -> ApplicationForm:
    """A filled form."""
    values: dict[str, Any] = {
        "county": "罗甸县",
        "product": "脱贫人口小额信贷",
        "township": "龙坪镇",
        "village": "五星村",
        "registration_no": "5227280300104567",
        "applied_on": date(2021, 9, 1),
        "applicant": Person(
            name="韦国强",
            sex="男",
            born=date(1979, 5, 4),
            marital_status="已婚",
            id_number="52272819790504121X",
            phone="13800001234",
            address="罗甸县龙坪镇五星村三组27号",
        ),
        "household_size": 5,
        "spouse": Person(
            name="罗秀英", born=date(1981, 11, 2), id_number="522728198111020022", phone="13900005678"
        ),
        "amount_fen": 5_000_000,
        "purpose": "养殖能繁母牛3头，购买饲料，改造圈舍。",
        "term": "36个月",
        "applicant_signs": Opinion(person="韦国强", signed_on=date(2021, 9, 1)),
        "village_opinion": Opinion(text="情况属实，同意上报。", person="陈永福", signed_on=date(2021, 9, 2)),
        "township_opinion": Opinion(
            text=TOWNSHIP_WORDING["out_of_poverty"], person="王小芳", signed_on=date(2021, 9, 3)
        ),
        "station_opinion": Opinion(text="同意。", person="杨光明", signed_on=date(2021, 9, 6)),
        "lender_opinion": Opinion(text="同意贷款五万元。", person="李建华", signed_on=date(2021, 9, 10)),
        "imprint": IMPRINT,
    }
    return ApplicationForm(**{**values, **changed})
