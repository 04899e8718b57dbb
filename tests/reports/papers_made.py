"""Papers to test with: made-up people of no place, and what their PDFs say."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pypdf

from bangfu.reports.papers import (
    TOWNSHIP_WORDING,
    ApplicationForm,
    Citation,
    ContractSheet,
    ExceptionRecord,
    Imprint,
    LoanLine,
    MonthlyList,
    Opinion,
    PackPin,
    Person,
    Reason,
    RefusalLine,
    RefusalNotice,
    RegimeBlock,
    RosterCount,
    RosterDelivery,
    SubsidyTerm,
    TrailAnchor,
)
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


CITED = Citation(
    clause="LD2021-1.9",
    document="罗府办发〔2021〕65号",
    text="借款人年龄原则上在18周岁（含）—65周岁（含）之间。",
)
HEAD = "3f2a9c0d1e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeef"


def notice(**changed: Any) -> RefusalNotice:
    """A refusal with two reasons."""
    values: dict[str, Any] = {
        "kind": "not_approved",
        "product": "脱贫人口小额信贷",
        "office": "罗甸县农村信用合作联社龙坪信用社",
        "applicant_name": "韦国强",
        "id_number": "52272819550504121X",
        "number": "龙坪信告〔2021〕17号",
        "application_no": "SQ2021-000123",
        "applied_on": date(2021, 9, 1),
        "amount_fen": 5_000_000,
        "reasons": (
            Reason(
                text="申请人年龄超出规定范围。",
                facts="申请日年龄为66周岁，户内无其他借款人。",
                citations=(CITED,),
            ),
            Reason(
                text="贷款用途为建房，不属于发展生产和开展经营。",
                citations=(
                    Citation(
                        clause="LD2021-1.8",
                        document="罗府办发〔2021〕65号",
                        text="精准用于贷款户发展生产和开展经营，不能用于结婚、建房、理财、购置家庭用品等非生产性支出。",
                    ),
                ),
            ),
        ),
        "decided_on": date(2021, 9, 10),
        "office_phone": "0854-7600001",
        "supervision_office": "罗甸县乡村振兴局",
        "supervision_phone": "0854-7600002、12317",
        "imprint": IMPRINT,
    }
    return RefusalNotice(**{**values, **changed})


def loan_line(number: int, **changed: Any) -> LoanLine:
    """One loan of a month."""
    values: dict[str, Any] = {
        "place": "龙坪镇五星村",
        "borrower": f"韦国{'强兴安康福'[number % 5]}",
        "id_number": f"5227281979050412{number % 100:02d}",
        "household_no": f"522728{number:010d}",
        "contract_no": f"LP2021-{number:06d}",
        "amount_fen": 1_000_000 + number * 12_345,
        "rate_e8": 3_850_000,
        "disbursed_on": date(2021, 9, 1 + number % 28),
        "matures_on": date(2024, 9, 1 + number % 28),
        "purpose": "养牛",
    }
    return LoanLine(**{**values, **changed})


def refusal_line(number: int, **changed: Any) -> RefusalLine:
    """One refusal of a month."""
    values: dict[str, Any] = {
        "place": "龙坪镇五星村",
        "applicant": "罗秀英",
        "id_number": f"5227281981110200{number % 100:02d}",
        "household_no": f"522729{number:010d}",
        "applied_on": date(2021, 9, 1),
        "refused_on": date(2021, 9, 10),
        "step": "信用社审批",
        "reason": "贷款用途为建房，不属于生产经营（LD2021-1.8）",
        "amount_fen": 3_000_000,
    }
    return RefusalLine(**{**values, **changed})


def month(**changed: Any) -> MonthlyList:
    """A month's list with two regimes."""
    values: dict[str, Any] = {
        "kind": "to_village",
        "county": "罗甸县",
        "office": "罗甸县农村信用合作联社龙坪信用社",
        "addressee": "龙坪镇人民政府、五星村村“两委”",
        "year": 2021,
        "month": 9,
        "blocks": (
            RegimeBlock(
                product="脱贫人口小额信贷",
                regime="新政策",
                loans=tuple(loan_line(number) for number in range(12)),
                refusals=(refusal_line(1), refusal_line(2, amount_fen=None, reason="征信有重大不良记录")),
            ),
            RegimeBlock(
                product="扶贫小额信贷",
                regime="老政策",
                loans=(loan_line(90, purpose="续贷：养殖能繁母牛，扩建圈舍"),),
            ),
        ),
        "made_on": date(2021, 10, 8),
        "contact": "李建华 0854-7600001",
        "imprint": IMPRINT,
    }
    return MonthlyList(**{**values, **changed})


def exception(**changed: Any) -> ExceptionRecord:
    """An exception for age."""
    values: dict[str, Any] = {
        "county": "罗甸县",
        "number": "LW2021-0007",
        "application_no": "SQ2021-000123",
        "household_no": "5227280300104567",
        "person": "韦国强",
        "place": "龙坪镇五星村",
        "what": "借款人年龄原则上在18周岁（含）—65周岁（含）之间",
        "facts": "申请日年龄为66周岁",
        "citations": (CITED,),
        "ground": "身体健康，从事养牛十年，子女共同经营并书面知情，近三年无逾期。",
        "evidence": "体检证明、子女知情书、养殖场照片、征信报告",
        "limits": "期限不超过24个月",
        "requested_by": "李建华（龙坪信用社）",
        "requested_on": date(2021, 9, 6),
        "approved_by": "赵明（县信用联社）",
        "approved_on": date(2021, 9, 8),
        "office": "罗甸县农村信用合作联社",
        "imprint": IMPRINT,
    }
    return ExceptionRecord(**{**values, **changed})


def anchor(**changed: Any) -> TrailAnchor:
    """The head of a day."""
    values: dict[str, Any] = {
        "county": "罗甸县",
        "office": "罗甸县乡村振兴局",
        "on": date(2021, 9, 30),
        "number": 1_234_567,
        "head_hash": HEAD,
        "count": 842,
        "previous_on": date(2021, 9, 29),
        "previous_number": 1_233_725,
        "previous_hash": HEAD[::-1],
        "imprint": IMPRINT,
    }
    return TrailAnchor(**{**values, **changed})


def delivery(**changed: Any) -> RosterDelivery:
    """A quarter's roster for a bank."""
    values: dict[str, Any] = {
        "county": "罗甸县",
        "period": "2021年第三季度",
        "version": "2021Q3-2",
        "as_of": date(2021, 6, 30),
        "from_office": "罗甸县乡村振兴局",
        "to_bank": "罗甸县农村信用合作联社",
        "delivered_on": date(2021, 7, 5),
        "categories": ("脱贫户", "边缘易致贫户"),
        "counts": (
            RosterCount(township="龙坪镇", households=(4_321, 87)),
            RosterCount(township="边阳镇", households=(3_905, 64)),
            RosterCount(township="斛兴街道", households=(1_210, 9)),
        ),
        "list_hash": HEAD,
        "manner": "系统提供",
        "delivered_by": "吴丽",
        "imprint": IMPRINT,
    }
    return RosterDelivery(**{**values, **changed})


def contract(**changed: Any) -> ContractSheet:
    """A signed loan."""
    values: dict[str, Any] = {
        "county": "罗甸县",
        "product": "脱贫人口小额信贷",
        "regime": "新政策",
        "contract_no": "LP2021-000123",
        "lender": "罗甸县农村信用合作联社",
        "branch": "龙坪信用社",
        "borrower": "韦国强",
        "borrower_id": "52272819790504121X",
        "household_no": "5227280300104567",
        "address": "罗甸县龙坪镇五星村三组27号",
        "phone": "13800001234",
        "amount_fen": 5_000_000,
        "signed_on": date(2021, 9, 10),
        "starts_on": date(2021, 9, 12),
        "matures_on": date(2024, 9, 12),
        "term": "36个月",
        "rate_e8": 4_650_000,
        "rate_basis": "不超过2021年8月20日公布的5年期以上LPR 4.65%，合同期内不变（LD2021-1.4）",
        "interest_method": "按日计息（360天）",
        "repayment": "按季结息，到期还本",
        "purpose": "养殖能繁母牛3头",
        "funding_source": "支农再贷款",
        "subsidies": (
            SubsidyTerm(
                payer="县级财政",
                terms="5万元（含）以内全额贴息，先收后贴，按季发放；加息、罚息不贴",
                clauses=("LD2021-1.6", "CN2021-1.5"),
            ),
        ),
        "packs": (
            PackPin(pack="LD2021", document="罗府办发〔2021〕65号", hash=HEAD),
            PackPin(pack="CN2021", document="银保监发〔2021〕6号", hash=HEAD[::-1]),
        ),
        "imprint": IMPRINT,
    }
    return ContractSheet(**{**values, **changed})
