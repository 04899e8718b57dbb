"""The audit trail's head of a day on paper: what is signed and locked away cannot be changed in a database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.reports.papers.parts import Signer, boxes, rows
from bangfu.reports.papers.typesetting import Imprint, day, grouped_hash, typeset

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailAnchor:
    """The chain's head at the end of a day.

    Attributes:
        county: As in the title.
        office: Who keeps it.
        on: The day.
        number: The number of the chain's last entry of that day.
        head_hash: Its SHA-256, 64 hex digits.
        count: Entries of that day.
        previous_on: The anchor before this; ``None`` for the first.
        previous_number: Its number.
        previous_hash: Its hash.
        imprint: The foot.
    """

    county: str
    office: str
    on: date
    number: int
    head_hash: str
    count: int
    previous_on: date | None = None
    previous_number: int | None = None
    previous_hash: str = ""
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse what is no SHA-256 in hex."""
        for digest in (self.head_hash, self.previous_hash or self.head_hash):
            if not _HASH.fullmatch(digest):
                raise ValueError("a hash is 64 hex digits in small letters")


def trail_anchor(anchor: TrailAnchor) -> bytes:
    """审计记录链日锚定单 as PDF: number, hash in groups of four, count, day, office, boxes to sign in."""
    before = f"{day(anchor.previous_on)}　第 {anchor.previous_number:,} 条" if anchor.previous_on else "首份"
    data: dict[str, Any] = {
        "title": f"{anchor.county}小额信贷系统审计记录链日锚定单",
        "rows": rows(
            (("锚定日期", day(anchor.on)), ("保管单位", anchor.office)),
            (("末条记录序号", f"{anchor.number:,}"), ("当日记录条数", f"{anchor.count:,}")),
            ("上一份锚定单", before),
        ),
        "groups": grouped_hash(anchor.head_hash).split(),
        "previous": grouped_hash(anchor.previous_hash).split(),
        "signers": boxes(
            (
                Signer(title="系统管理员：", label=""),
                Signer(title="监督人员：", label=""),
                Signer(title=f"{anchor.office}：", label="负责人"),
            )
        ),
    }
    return typeset("anchor", paper=anchor, data=data)
