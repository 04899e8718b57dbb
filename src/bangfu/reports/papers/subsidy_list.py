"""贴息清册: what a branch lists for a township in a cycle, signed by both leaders and sealed (LD2021-6, 7).

Old and new regime stand in blocks of their own, each counted by itself (LD2021-3.2); each page carries its own total
and what was carried over, so that a page that was exchanged shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.money.capitals import capitals
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.reports.papers.parts import NONE, Signer, boxes
from bangfu.reports.papers.typesetting import Imprint, day, grouped_hash, typeset

LIST_SIGNERS = (
    Signer(title="信用社（分社）：", label="经办人"),
    Signer(title="乡（镇、街道）审核：", label="审核人"),
    Signer(title="乡（镇、街道）分管领导：", label="签字"),
    Signer(title="乡（镇、街道）主要领导：", label="签字"),
    Signer(title="乡（镇、街道）盖章：", label=""),
)
LIST_BASIS = (
    "依据：LD2021-6（乡镇审核农户身份、贴息金额和是否符合政策；公示无异议后经主要领导、分管领导签字盖章上报）；"
    "LD2021-7（每季度经乡镇领导签字审批的贴息清册归档）；LD2021-3.2（新老贷款分类建账、管理、统计）"
)
_ROWS_OF_A_PAGE, _ROWS_OF_THE_LAST = 16, 10
_PAYER_HEADS: Mapping[str, str] = {
    "central": "中央贴息", "province": "省级贴息", "city": "市级贴息", "county": "县级贴息", "fiscal": "财政贴息",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLine:
    """One line of the list.

    Attributes:
        number: Its number in the list, as it is frozen there.
        village: Village name.
        borrower: Name.
        contract_no: 借款合同号.
        opening_fen: Balance on the first day.
        subsidised_part_fen: 可贴息本金.
        rate_e8: The loan's rate in 1e-8.
        start: First day.
        end: Exclusive end.
        days: Calendar days.
        interest_fen: Normal interest.
        by_payer: Payer → fen that is due.
        subsidy_fen: Their sum.
        payable_fen: What is to be paid now; negative in a recovery.
        remark: Held, excluded, carried, corrected, held back: in words.
    """

    number: int
    village: str
    borrower: str
    contract_no: str
    opening_fen: int
    subsidised_part_fen: int
    rate_e8: int | None
    start: date
    end: date
    days: int
    interest_fen: int
    by_payer: Mapping[str, int]
    subsidy_fen: int
    payable_fen: int
    remark: str = ""

    def __post_init__(self) -> None:
        """Refuse parts that do not make the whole."""
        if sum(self.by_payer.values()) != self.subsidy_fen:
            raise ValueError(f"line {self.number}: the payers do not make the subsidy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBlock:
    """The lines of one product; ``regime`` is 老政策, 新政策 or 帮扶政策."""

    product: str
    regime: str
    lines: tuple[ListedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyListPaper:
    """A list of one township and branch.

    Attributes:
        county: As in the title.
        township: Name.
        branch: Name of the branch that lists.
        period: Such as 2024年第二季度.
        start: First day of the cycle.
        end: Its exclusive end.
        made_on: As of which day it was computed.
        blocks: Old and new regime apart, in the order to be shown.
        lines_hash: SHA-256 of the frozen lines in hex.
        run_number: Which computation of the list it shows.
        signers: The boxes; empty takes branch, reviewer and both leaders.
        imprint: The foot.
    """

    county: str
    township: str
    branch: str
    period: str
    start: date
    end: date
    made_on: date
    blocks: tuple[ListBlock, ...]
    lines_hash: str = ""
    run_number: int = 1
    signers: tuple[Signer, ...] = ()
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a product that stands twice."""
        products = [one.product for one in self.blocks]
        if len(set(products)) < len(products):
            raise ValueError("each product has one block")


def subsidy_list_paper(listed: SubsidyListPaper) -> bytes:
    """贴息清册 as PDF, A4 across, with page totals and boxes to sign and seal (LD2021-6, 7)."""
    blocks = [one for one in listed.blocks if one.lines]
    data: dict[str, Any] = {
        "title": f"{listed.county}{listed.township}小额信贷贴息发放清册",
        "period": f"{listed.period}（自{day(listed.start)}起至{day(listed.end)}止，止日不计息）",
        "branch": listed.branch,
        "made_on": day(listed.made_on),
        "blocks": [_block(one, last=one is blocks[-1]) for one in blocks],
        "signers": boxes(listed.signers or LIST_SIGNERS),
        "basis": LIST_BASIS,
        "hash": grouped_hash(listed.lines_hash, size=8),
        "run": str(listed.run_number),
    }
    return typeset("subsidy_list", paper=listed, data=data)


def _block(block: ListBlock, *, last: bool) -> dict[str, Any]:
    payers = [one for one in _PAYER_HEADS if any(line.by_payer.get(one) for line in block.lines)] or [
        "fiscal"
    ]
    before: Sequence[ListedLine] = ()
    pages = []
    for lines in _pages(block.lines, last=last):
        before = (*before, *lines)
        pages.append(
            {
                "rows": [_row(one, payers) for one in lines],
                "here": _sums("本页小计", lines, payers),
                "reached": _sums("累计", before, payers),
            }
        )
    payable = sum(one.payable_fen for one in block.lines if one.payable_fen > 0)
    recovered = -sum(one.payable_fen for one in block.lines if one.payable_fen < 0)
    return {
        "name": f"{block.product}（{block.regime}）",
        "payers": [_PAYER_HEADS[one] for one in payers],
        "pages": pages,
        "total": _sums("合计", block.lines, payers),
        "words": f"本期应发放人民币{capitals(payable)}（￥{format_yuan(payable, grouped=True)}）"
        + (f"；另应追回 {format_yuan(recovered, grouped=True)} 元，不在发放之列" if recovered else ""),
    }


def _pages(lines: Sequence[ListedLine], *, last: bool) -> Iterator[Sequence[ListedLine]]:
    """Lines page by page; the last page of all leaves room to sign, so that nobody signs an empty page."""
    rest = list(lines)
    while rest:
        room = _ROWS_OF_THE_LAST if last and len(rest) <= _ROWS_OF_A_PAGE else _ROWS_OF_A_PAGE
        yield rest[:room]
        rest = rest[room:]


def _row(line: ListedLine, payers: Sequence[str]) -> list[str]:
    return [
        str(line.number),
        line.village,
        line.borrower,
        line.contract_no,
        _yuan(line.opening_fen),
        _yuan(line.subsidised_part_fen),
        NONE if line.rate_e8 is None else format_percent(line.rate_e8),
        f"{line.start.isoformat()}\n{line.end.isoformat()}",
        str(line.days),
        _yuan(line.interest_fen),
        *(_yuan(line.by_payer.get(payer, 0)) for payer in payers),
        _yuan(line.subsidy_fen),
        _yuan(line.payable_fen),
        line.remark,
    ]


def _sums(label: str, lines: Sequence[ListedLine], payers: Sequence[str]) -> dict[str, Any]:
    amounts = [
        sum(one.interest_fen for one in lines),
        *(sum(one.by_payer.get(payer, 0) for one in lines) for payer in payers),
        sum(one.subsidy_fen for one in lines),
        sum(one.payable_fen for one in lines),
    ]
    return {"label": f"{label}（{len(lines)} 笔）", "amounts": [_yuan(one) for one in amounts]}


def _yuan(fen: int) -> str:
    return format_yuan(fen, grouped=True)
