"""The bank's monthly papers: the filing to the county bureau, and last month's loans and refusals.

The filing goes to the bureau by month end (LD2021-2.2c), the list to village and township (LD2021-2.2d); old and
new regime stand in blocks of their own and are never added up (LD2021-3.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.reports.papers.parts import NONE, Signer, boxes
from bangfu.reports.papers.typesetting import Imprint, day, masked_id, typeset

MonthlyKind = Literal["filing", "to_village"]

_LAST_MONTH = 12
_TITLES: Mapping[str, str] = {
    "filing": "小额信贷贷款月度备案表",
    "to_village": "小额信贷贷款清单和未获批贷款农户清单",
}
_BASIS: Mapping[str, str] = {
    "filing": "依据：LD2021-2.2c（放贷情况每月月底前报县级主管部门备案）；LD2021-3.2（新老贷款分类建账、管理、统计）",
    "to_village": "依据：LD2021-2.2d（按月将上月贷款清单和未能获批贷款农户清单报村“两委”和乡镇）；"
    "LD2021-3.2（新老贷款分类建账、管理、统计）",
}
SIGNERS: Mapping[str, tuple[Signer, ...]] = {
    "filing": (
        Signer(title="经办人：", label=""),
        Signer(title="报送单位负责人：", label=""),
        Signer(title="接收单位（备案）：", label="经办人"),
    ),
    "to_village": (
        Signer(title="经办人：", label=""),
        Signer(title="报送单位负责人：", label=""),
        Signer(title="接收单位签收：", label="签收人"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanLine:
    """One loan of the month.

    Attributes:
        place: Township and village.
        borrower: The name.
        id_number: Printed masked.
        household_no: Counts the households; not printed.
        contract_no: 合同编号.
        amount_fen: Fen.
        rate_e8: The contract rate in 1e-8.
        disbursed_on: 放款日期; ``None`` where not yet paid out.
        matures_on: 到期日期.
        purpose: 用途.
    """

    place: str
    borrower: str
    id_number: str
    household_no: str
    contract_no: str
    amount_fen: int
    rate_e8: int
    matures_on: date
    disbursed_on: date | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """One refused application of the month; the ID number is printed masked, ``step`` says who refused."""

    place: str
    applicant: str
    id_number: str
    household_no: str
    applied_on: date
    refused_on: date
    step: str
    reason: str
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeBlock:
    """What belongs to one product; ``regime`` is 老政策, 新政策 or 帮扶政策."""

    product: str
    regime: str
    loans: tuple[LoanLine, ...] = ()
    refusals: tuple[RefusalLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyList:
    """A month's filing or list.

    Attributes:
        kind: ``filing`` to the county bureau (LD2021-2.2c), ``to_village`` to village and township (LD2021-2.2d).
        county: As in the title.
        office: Who sends it.
        addressee: Who gets it.
        year: Of the month told of.
        month: 1 to 12.
        blocks: Old and new regime apart, in the order to be shown.
        made_on: The day it was made up.
        contact: Name and phone for questions.
        signers: The boxes; empty takes those of the kind.
        imprint: The foot.
    """

    kind: MonthlyKind
    county: str
    office: str
    addressee: str
    year: int
    month: int
    blocks: tuple[RegimeBlock, ...]
    made_on: date
    contact: str = ""
    signers: tuple[Signer, ...] = ()
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a month that is none and a product that stands twice."""
        if not 1 <= self.month <= _LAST_MONTH:
            raise ValueError(f"no month: {self.month}")
        products = [one.product for one in self.blocks]
        if len(set(products)) < len(products):
            raise ValueError("each product has one block")


def monthly_list(listed: MonthlyList) -> bytes:
    """The filing or the list as PDF, A4 across, with the header row on each page (LD2021-2.2c, 2.2d, 3.2)."""
    with_refusals = listed.kind == "to_village"
    data: dict[str, Any] = {
        "title": f"{listed.county}{_TITLES[listed.kind]}",
        "month": f"{listed.year}年{listed.month}月",
        "office": listed.office,
        "addressee": listed.addressee,
        "made_on": day(listed.made_on),
        "contact": listed.contact,
        "basis": _BASIS[listed.kind],
        "blocks": [_block(one, with_refusals=with_refusals) for one in listed.blocks],
        "signers": boxes(listed.signers or SIGNERS[listed.kind]),
    }
    return typeset("monthly", paper=listed, data=data)


def _block(block: RegimeBlock, *, with_refusals: bool) -> dict[str, Any]:
    asked = sum(one.amount_fen or 0 for one in block.refusals)
    return {
        "name": f"{block.product}（{block.regime}）",
        "loans": [_loan(number, one) for number, one in enumerate(block.loans, 1)],
        "loans_total": _total(block.loans, "笔", sum(one.amount_fen for one in block.loans)),
        "with_refusals": with_refusals or bool(block.refusals),
        "refusals": [_refusal(number, one) for number, one in enumerate(block.refusals, 1)],
        "refusals_total": _total(block.refusals, "件", asked),
    }


def _total(lines: Sequence[LoanLine | RefusalLine], counted: str, fen: int) -> dict[str, str]:
    households = len({one.household_no for one in lines})
    return {"count": f"{len(lines)}{counted}、{households}户", "amount": format_yuan(fen, grouped=True)}


def _loan(number: int, line: LoanLine) -> list[str]:
    return [
        str(number),
        line.place,
        line.borrower,
        masked_id(line.id_number),
        line.contract_no,
        format_yuan(line.amount_fen, grouped=True),
        format_percent(line.rate_e8),
        line.disbursed_on.isoformat() if line.disbursed_on else NONE,
        line.matures_on.isoformat(),
        line.purpose or NONE,
    ]


def _refusal(number: int, line: RefusalLine) -> list[str]:
    return [
        str(number),
        line.place,
        line.applicant,
        masked_id(line.id_number),
        line.applied_on.isoformat(),
        NONE if line.amount_fen is None else format_yuan(line.amount_fen, grouped=True),
        line.refused_on.isoformat(),
        line.step,
        line.reason,
    ]
