"""年度总结（自评报告）: a year of subsidy in figures, with room for what only people can say (LD2021-7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bangfu.money.fen import format_yuan
from bangfu.reports.papers.parts import NONE, Signer
from bangfu.reports.papers.sheet import Col, Grid, Part, sheet
from bangfu.reports.papers.typesetting import Imprint, day
from bangfu.reports.words import PAYERS

_COUNT = Col(head="笔数", width=20, align="right")
_HOUSES = Col(head="户数", width=20, align="right")
_AMOUNT = Col(head="贴息金额（元）", width=38, align="right")
_YEAR_BASIS = (
    "依据：LD2021-7（脱贫人口小额信贷贴息工作年度总结（自评报告））；LD2021-3.2（新老政策分开统计）；"
    "CN2026-4.1（不得通报、排名）。户数按户去重，分表不可相加得全年户数。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """A quarter, a regime or a township: what was paid for it."""

    name: str
    households: int
    lines: int
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source's money in the year, in fen."""

    payer: str
    allotted_fen: int
    paid_fen: int
    left_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlySummary:
    """A year of one county, or of one township in it.

    Attributes:
        county: As in the title.
        township: Name; empty for the whole county.
        year: The year of payment.
        office: Who sums up and seals.
        made_on: The day of the figures.
        households: Paid in the year, each once.
        quarters: In the order of time.
        regimes: Old and new apart, by the order of products.
        townships: In the order of codes, never ranked (CN2026-4.1); empty for a township's own.
        sources: Money by source; empty for a township.
        notices: Notices posted.
        objections: How many came.
        upheld: How many of them held.
        returned: Payments that failed or came back.
        returned_open: Of these still open.
        recovered_fen: Came back to the fiscal side.
        to_recover_fen: Still to come back.
        late: Steps that were late, in words, one a line.
        work: What was done, in words; empty leaves room.
        problems: What was found, in words; empty leaves room.
        next_steps: What follows, in words; empty leaves room.
        imprint: The foot.
    """

    county: str
    year: int
    office: str
    made_on: date
    households: int
    quarters: tuple[YearRow, ...]
    regimes: tuple[YearRow, ...]
    township: str = ""
    townships: tuple[YearRow, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    notices: int = 0
    objections: int = 0
    upheld: int = 0
    returned: int = 0
    returned_open: int = 0
    recovered_fen: int = 0
    to_recover_fen: int = 0
    late: tuple[str, ...] = ()
    work: str = ""
    problems: str = ""
    next_steps: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse tables that do not tell the same year."""
        wanted = sum(one.paid_fen for one in self.quarters)
        for table in (self.regimes, self.townships):
            if table and sum(one.paid_fen for one in table) != wanted:
                raise ValueError("quarters, regimes and townships tell the same money")


def yearly_summary(summary: YearlySummary) -> bytes:
    """小额信贷贴息工作年度总结（自评报告） as PDF (LD2021-7)."""
    place = f"{summary.county}{summary.township}"
    parts = [
        Part(
            heading="一、总体情况",
            texts=(
                _whole(summary, place=place),
                *((summary.work,) if summary.work else ()),
            ),
        ),
        Part(heading="二、分季度", grid=_grid("季度", summary.quarters)),
        Part(heading="三、新老政策", grid=_grid("政策", summary.regimes, total=False)),
    ]
    if summary.townships:
        parts.append(
            Part(heading="四、分乡镇（按区划代码顺序）", grid=_grid("乡（镇、街道）", summary.townships))
        )
    if summary.sources:
        parts.append(Part(heading=f"{_numeral(len(parts))}、资金", grid=_money(summary.sources)))
    parts += [
        Part(
            heading=f"{_numeral(len(parts))}、公示、异议和退回",
            texts=(_heard(summary),),
        ),
        Part(
            heading=f"{_numeral(len(parts) + 1)}、时限",
            texts=summary.late or ("各环节均在期限内办结。",),
        ),
        Part(
            heading=f"{_numeral(len(parts) + 2)}、存在的问题和下一步打算",
            texts=(summary.problems or _ROOM, summary.next_steps or _ROOM),
        ),
    ]
    return sheet(
        summary,
        title=f"{place}{summary.year}年度小额信贷贴息工作总结",
        subtitle="（自评报告）",
        parts=parts,
        signers=(
            Signer(title="经办人：", label=""),
            Signer(title="分管领导：", label="签字"),
            Signer(title=f"{summary.office}：", label="主要领导"),
        ),
        notes=(_YEAR_BASIS,),
    )


def _whole(summary: YearlySummary, *, place: str) -> str:
    paid = sum(one.paid_fen for one in summary.quarters)
    lines = sum(one.lines for one in summary.quarters)
    return (
        f"{summary.year}年，{place}共向 {summary.households:,} 户发放小额信贷财政贴息 {lines:,} 笔，"
        f"金额 {_yuan(paid)} 元。截至{day(summary.made_on)}，追回 {_yuan(summary.recovered_fen)} 元，"
        f"待追回 {_yuan(summary.to_recover_fen)} 元。"
    )


def _heard(summary: YearlySummary) -> str:
    return (
        f"张贴公示、公告 {summary.notices} 次；收到异议 {summary.objections} 件，其中成立 {summary.upheld} 件；"
        f"发放失败或退回 {summary.returned} 笔，尚未重新发放 {summary.returned_open} 笔。"
    )


_ROOM = "（由填报单位填写）" + "＿" * 30


def _grid(head: str, table: tuple[YearRow, ...], *, total: bool = True) -> Grid:
    return Grid(
        columns=(Col(head=head), _HOUSES, _COUNT, _AMOUNT),
        rows=tuple((one.name, f"{one.households:,}", f"{one.lines:,}", _yuan(one.paid_fen)) for one in table),
        total=(
            "合计",
            NONE,
            f"{sum(one.lines for one in table):,}",
            _yuan(sum(one.paid_fen for one in table)),
        )
        if total and table
        else (),
    )


def _money(sources: tuple[SourceRow, ...]) -> Grid:
    columns = (
        Col(head="资金来源"),
        *(Col(head=head, width=38, align="right") for head in ("下达（元）", "支付（元）", "结余（元）")),
    )
    return Grid(
        columns=columns,
        rows=tuple(
            (PAYERS[one.payer], _yuan(one.allotted_fen), _yuan(one.paid_fen), _yuan(one.left_fen))
            for one in sources
        ),
        total=(
            "合计",
            _yuan(sum(one.allotted_fen for one in sources)),
            _yuan(sum(one.paid_fen for one in sources)),
            _yuan(sum(one.left_fen for one in sources)),
        ),
    )


def _numeral(before: int) -> str:
    return "一二三四五六七八九十"[before]


def _yuan(fen: int) -> str:
    return format_yuan(fen, grouped=True)
