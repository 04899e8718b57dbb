"""Papers of a payment: the control sheet of a one-card batch, and the list of payments that came back (LD2021-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bangfu.money.capitals import capitals
from bangfu.money.fen import format_yuan
from bangfu.reports.papers.parts import Signer
from bangfu.reports.papers.sheet import Col, Grid, Part, sheet
from bangfu.reports.papers.typesetting import BEIJING, Imprint, day, grouped_hash
from bangfu.reports.words import PAYERS

_NUMBER = Col(head="序号", width=12, align="center")
_COUNT = Col(head="笔数", width=18, align="right")
_AMOUNT = Col(head="金额（元）", width=34, align="right")

_CONTROL_NOTE = (
    "依据：LD2021-6（审核确认后导入财政惠农“一卡通”系统发放）。制单与放行不得为同一人；"
    "导入前应核对文件校验值、笔数和金额，任何一项不符不得导入。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipTotal:
    """What a batch pays in one township."""

    township: str
    items: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSheet:
    """What goes with a payment file to the finance office.

    Attributes:
        county: As in the title.
        period: Such as 2024年第二季度.
        batch: The batch's number in words, such as 第 2 批.
        items: How many payments.
        total_fen: Their sum.
        by_township: In the order of codes; sums to the total.
        by_payer: Payer → fen; sums to the total.
        file_name: Of the payment file.
        file_hash: Its SHA-256 in hex.
        file_form: Encoding and separator in words.
        content_hash_of_batch: SHA-256 of what was prepared and released.
        prepared_by: Who prepared it.
        prepared_at: When.
        released_by: Who released it; another person.
        released_at: When.
        imprint: The foot.
    """

    county: str
    period: str
    batch: str
    items: int
    total_fen: int
    by_township: tuple[TownshipTotal, ...]
    by_payer: tuple[tuple[str, int], ...]
    file_name: str
    file_hash: str
    file_form: str
    content_hash_of_batch: str
    prepared_by: str
    prepared_at: datetime
    released_by: str
    released_at: datetime
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse parts that do not make the whole."""
        parts = (sum(one.amount_fen for one in self.by_township), sum(fen for _, fen in self.by_payer))
        if (
            parts != (self.total_fen, self.total_fen)
            or sum(one.items for one in self.by_township) != self.items
        ):
            raise ValueError("townships and payers make up the batch")


def control_sheet(control: ControlSheet) -> bytes:
    """一卡通发放控制单 as PDF: counts, totals by township and payer, hash of the file, two persons (LD2021-6)."""
    townships = tuple(
        (str(number), one.township, f"{one.items:,}", _yuan(one.amount_fen))
        for number, one in enumerate(control.by_township, 1)
    )
    payers = tuple((PAYERS[payer], _yuan(fen)) for payer, fen in control.by_payer if fen)
    return sheet(
        control,
        title=f"{control.county}小额信贷贴息一卡通发放控制单",
        subtitle=f"{control.period}　{control.batch}",
        pairs=(
            (("发放笔数", f"{control.items:,} 笔"), ("发放金额", f"{_yuan(control.total_fen)} 元")),
            ("金额大写", f"人民币{capitals(control.total_fen)}"),
            (("发放文件", control.file_name), ("文件格式", control.file_form)),
            ("文件校验值（SHA-256）", grouped_hash(control.file_hash, size=8)),
            ("批次内容校验值", grouped_hash(control.content_hash_of_batch, size=8)),
            (("制单人", control.prepared_by), ("制单时间", _moment(control.prepared_at))),
            (("放行人", control.released_by), ("放行时间", _moment(control.released_at))),
        ),
        parts=(
            Part(
                heading="一、分乡镇",
                grid=Grid(
                    columns=(_NUMBER, Col(head="乡（镇、街道）"), _COUNT, _AMOUNT),
                    rows=townships,
                    total=("", "合计", f"{control.items:,}", _yuan(control.total_fen)),
                ),
            ),
            Part(
                heading="二、分资金来源",
                grid=Grid(
                    columns=(Col(head="资金来源"), _AMOUNT),
                    rows=payers,
                    total=("合计", _yuan(control.total_fen)),
                ),
            ),
        ),
        signers=(
            Signer(title="制单：", label="制单人", person=control.prepared_by),
            Signer(title="放行：", label="放行人", person=control.released_by),
            Signer(title="财政部门签收：", label="签收人"),
        ),
        notes=(_CONTROL_NOTE,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """A payment that failed or came back.

    Attributes:
        township: Name.
        village: Name.
        payee: Name of who was to be paid.
        account: Masked.
        amount_fen: Fen.
        outcome: 失败 or 退回.
        on: The day.
        reason: Code and words.
        then: What became of it: account corrected, paid again, still open.
    """

    township: str
    village: str
    payee: str
    account: str
    amount_fen: int
    outcome: str
    on: date
    reason: str
    then: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedList:
    """Payments of a cycle that came back."""

    county: str
    period: str
    made_on: date
    lines: tuple[ReturnedLine, ...]
    imprint: Imprint = field(default_factory=Imprint)


def returned_list(returned: ReturnedList) -> bytes:
    """贴息发放退回清单 as PDF, A4 across, with the reason of each and what became of it (LD2021-6)."""
    return sheet(
        returned,
        title=f"{returned.county}小额信贷贴息发放失败和退回清单",
        subtitle=returned.period,
        parts=(
            Part(
                texts=(f"截至{day(returned.made_on)}，单位：元",),
                grid=Grid(
                    columns=(
                        _NUMBER, Col(head="乡镇", width=26), Col(head="村", width=28), Col(head="收款人", width=24),
                        Col(head="账号（隐码）", width=38, align="center"), Col(head="金额", width=24, align="right"),
                        Col(head="结果", width=14, align="center"), Col(head="日期", width=22, align="center"),
                        Col(head="原因"), Col(head="后续处理"),
                    ),
                    rows=tuple(_returned(number, one) for number, one in enumerate(returned.lines, 1)),
                    total=_returned_total(returned.lines),
                ),
                empty="本期无失败或退回的发放。",
            ),
        ),
        signers=(Signer(title="经办人：", label=""), Signer(title="财政部门核对：", label="核对人")),
        notes=("依据：LD2021-6。退回款项经更正账户后重新发放，同一笔不得重复支付。",),
        flipped=True,
    )  # fmt: skip


def _returned(number: int, line: ReturnedLine) -> tuple[str, ...]:
    return (
        str(number), line.township, line.village, line.payee, line.account, _yuan(line.amount_fen), line.outcome,
        line.on.isoformat(), line.reason, line.then,
    )  # fmt: skip


def _returned_total(lines: Sequence[ReturnedLine]) -> tuple[str, ...]:
    if not lines:
        return ()
    whole = _yuan(sum(one.amount_fen for one in lines))
    return ("", f"合计 {len(lines)} 笔", "", "", "", whole, "", "", "", "")


def _yuan(fen: int) -> str:
    return format_yuan(fen, grouped=True)


def _moment(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{day(local)} {local:%H:%M}"
