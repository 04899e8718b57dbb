"""档案接收单: what of a cycle was handed over kind by kind, what is missing, the hash of the bundle (LD2021-7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bangfu.reports.papers.parts import NONE, Signer
from bangfu.reports.papers.sheet import Col, Grid, Part, sheet
from bangfu.reports.papers.typesetting import Imprint, day, grouped_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    """One of the seven kinds: how many papers there are, and what is missing in words."""

    number: int
    name: str
    papers: int
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReceipt:
    """The slip that goes with a sealed bundle.

    Attributes:
        county: As in the title.
        place: Whose archive: the county's or a township's name.
        period: Such as 2024年第二季度.
        seal_number: The how-manieth seal of this cycle and place.
        sealed_on: The day.
        kinds: All seven, in their order.
        file_name: Of the bundle.
        file_hash: SHA-256 of the bundle, hex.
        manifest_hash: SHA-256 of its manifest, hex.
        files: How many files lie in it.
        trail_number: The trail's last entry when it was sealed.
        trail_hash: Its hash, hex.
        reason: Why it was sealed though papers are missing; empty where none is.
        handed_by: Who hands over.
        imprint: The foot.
    """

    county: str
    place: str
    period: str
    seal_number: int
    sealed_on: date
    kinds: tuple[KindCount, ...]
    file_name: str
    file_hash: str
    manifest_hash: str
    files: int
    trail_number: int
    trail_hash: str
    reason: str = ""
    handed_by: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a seal with something missing and no reason."""
        if any(one.missing for one in self.kinds) and not self.reason.strip():
            raise ValueError("what is missing needs a reason")


def archive_receipt(receipt: ArchiveReceipt) -> bytes:
    """档案接收单 as PDF with boxes to acknowledge (LD2021-7)."""
    return sheet(
        receipt,
        title=f"{receipt.county}小额信贷贴息档案接收单",
        subtitle=f"{receipt.place}　{receipt.period}",
        pairs=(
            (("封存次数", f"第 {receipt.seal_number} 次"), ("封存日期", day(receipt.sealed_on))),
            (("档案包文件", receipt.file_name), ("包内文件数", f"{receipt.files:,}")),
            ("档案包校验值", grouped_hash(receipt.file_hash, size=8)),
            ("目录校验值", grouped_hash(receipt.manifest_hash, size=8)),
            ("审计记录链", f"第 {receipt.trail_number:,} 条 {grouped_hash(receipt.trail_hash, size=8)}"),
        ),
        parts=(
            Part(
                heading="七类档案",
                grid=Grid(
                    columns=(
                        Col(head="类", width=10, align="center"),
                        Col(head="名称", width=68),
                        Col(head="件数", width=16, align="right"),
                        Col(head="所缺"),
                    ),
                    rows=tuple(
                        (str(one.number), one.name, str(one.papers), one.missing or NONE)
                        for one in receipt.kinds
                    ),
                    total=("", "合计", str(sum(one.papers for one in receipt.kinds)), ""),
                ),
            ),
            *((Part(heading="所缺原因", texts=(receipt.reason,)),) if receipt.reason else ()),
        ),
        signers=(
            Signer(title="移交：", label="移交人", person=receipt.handed_by),
            Signer(title="接收（已核对件数和校验值）：", label="接收人"),
        ),
        notes=(
            "依据：LD2021-6（报账资料规范归档，留存备查）；LD2021-7（七类档案）。",
            "离线核验：bangfu verify-bundle 文件名。",
        ),
    )
