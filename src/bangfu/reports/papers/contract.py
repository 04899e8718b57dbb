"""A signed loan on one page: parties, amount, term, rate, who subsidises what, and the policy it is pinned to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.reports.papers.parts import Pair, Signer, amount_words, boxes, rate_words, rows
from bangfu.reports.papers.typesetting import Imprint, day, grouped_hash, masked_id, typeset


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyTerm:
    """What one payer bears.

    Attributes:
        payer: Such as 县级财政.
        terms: Such as 5万元以内全额贴息，先收后贴，按季.
        clauses: Ids of the clauses, such as ``LD2021-1.6``.
    """

    payer: str
    terms: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPin:
    """A policy pack the contract is pinned to: its id, the document's number, its SHA-256 in hex."""

    pack: str
    document: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSheet:
    """A signed loan.

    Attributes:
        county: As in the title.
        product: In Chinese.
        regime: 老政策, 新政策 or 帮扶政策.
        contract_no: 合同编号.
        lender: The lending institution.
        branch: Its branch.
        borrower: Name.
        borrower_id: Printed masked.
        household_no: 建档立卡户编号.
        address: Of the household.
        phone: Of the borrower.
        amount_fen: Fen.
        signed_on: The contract day, which pins the policy.
        starts_on: First day of the term.
        matures_on: Last day.
        term: As in the contract, such as 36个月.
        rate_e8: In 1e-8.
        rate_basis: Such as 不超过2021年8月20日1年期LPR 3.85%（LD2021-1.4）.
        interest_method: In Chinese.
        repayment: In Chinese.
        purpose: In Chinese.
        funding_source: In Chinese.
        guarantee: In Chinese; the programme takes none.
        subsidies: One line a payer.
        packs: What it is pinned to.
        imprint: The foot.
    """

    county: str
    product: str
    regime: str
    contract_no: str
    lender: str
    borrower: str
    borrower_id: str
    amount_fen: int
    signed_on: date
    starts_on: date
    matures_on: date
    term: str
    rate_e8: int
    branch: str = ""
    household_no: str = ""
    address: str = ""
    phone: str = ""
    rate_basis: str = ""
    interest_method: str = ""
    repayment: str = ""
    purpose: str = ""
    funding_source: str = ""
    guarantee: str = "免担保、免抵押"
    subsidies: tuple[SubsidyTerm, ...] = ()
    packs: tuple[PackPin, ...] = ()
    imprint: Imprint = field(default_factory=Imprint)


def contract_sheet(sheet: ContractSheet) -> bytes:
    """贷款合同要素表 as PDF, one page: what was signed and by which clauses it runs (LD2021-1.1 to 1.10, 3.2).

    Raises:
        NotInCapitals: The amount is negative or too large.
    """
    data: dict[str, Any] = {
        "title": f"{sheet.county}{sheet.product}贷款合同要素表",
        "parties": _parties(sheet),
        "terms": _terms(sheet),
        "subsidies": [[one.payer, one.terms, "、".join(one.clauses)] for one in sheet.subsidies],
        "packs": [[one.pack, one.document, grouped_hash(one.hash, size=8)] for one in sheet.packs],
        "signers": boxes(
            (
                Signer(title="借款人：", label=""),
                Signer(title="经办信贷员：", label=""),
                Signer(title="贷款人：", label="负责人"),
            )
        ),
    }
    return typeset("contract", paper=sheet, data=data)


def _parties(sheet: ContractSheet) -> list[list[list[str]]]:
    first: tuple[Pair, Pair] = ("合同编号", sheet.contract_no), ("政策类别", sheet.regime)
    return rows(
        first,
        (("贷款人", sheet.lender), ("经办网点", sheet.branch)),
        (("借款人", sheet.borrower), ("身份证号码", masked_id(sheet.borrower_id))),
        (("户编号", sheet.household_no), ("联系电话", sheet.phone)),
        ("家庭住址", sheet.address),
    )


def _terms(sheet: ContractSheet) -> list[list[list[str]]]:
    return rows(
        ("贷款金额", amount_words(sheet.amount_fen)),
        (("合同签订日期", day(sheet.signed_on)), ("贷款期限", sheet.term)),
        (("起始日期", day(sheet.starts_on)), ("到期日期", day(sheet.matures_on))),
        (("合同利率", rate_words(sheet.rate_e8)), ("计息方式", sheet.interest_method)),
        ("利率依据", sheet.rate_basis),
        (("还款方式", sheet.repayment), ("资金来源", sheet.funding_source)),
        (("担保方式", sheet.guarantee), ("贷款用途", sheet.purpose)),
    )
