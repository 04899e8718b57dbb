"""贴息公示 before payment and 贴息公告 after it, for a township or a village: to be hung on a wall (LD2021-6, 7).

Names come masked already: a notice never knows the whole of them, nor any number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, Literal

import segno

from bangfu.money.fen import format_yuan
from bangfu.reports.papers.parts import cited_words
from bangfu.reports.papers.typesetting import Imprint, day, day_parts, typeset

NoticePaperKind = Literal["before", "after"]

_TITLES = {"before": "贴息情况公示", "after": "贴息发放情况公告"}
HOTLINE = "12317"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedLine:
    """One line: by its number it is objected to.

    Attributes:
        number: Its number in the notice.
        village: Village name.
        masked_name: As shown in public, such as 韦＊强.
        regime: 老政策, 新政策 or 帮扶政策.
        amount_fen: What is, or was, paid.
    """

    number: int
    village: str
    masked_name: str
    regime: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNotice:
    """A notice.

    Attributes:
        kind: ``before`` payment (公示) or ``after`` it (公告).
        county: County name.
        township: Township name.
        village: Village name; empty for the notice of the whole township.
        office: Who posts and seals it.
        period: Such as 2024年第二季度.
        lines: In the order to be shown; villages stay together.
        posted_on: The day it is posted.
        last_day: The last full day of the notice; ``None`` where no term sets the days (an announcement stays).
        days: Full days; ``None`` likewise.
        phone: Where to complain; empty leaves a line to write on.
        object_by: Until when objections are taken in words; empty says: within the days of the notice.
        url: Where an objection is written from a phone; printed as a QR code; empty prints none.
        paid_from: First day of payment (after).
        paid_to: Last day of payment (after).
        clauses: What it rests on, such as LD2021-6, with words.
        imprint: The foot.
    """

    kind: NoticePaperKind
    county: str
    township: str
    office: str
    period: str
    lines: tuple[NoticedLine, ...]
    posted_on: date
    village: str = ""
    last_day: date | None = None
    days: int | None = None
    phone: str = ""
    object_by: str = ""
    url: str = ""
    paid_from: date | None = None
    paid_to: date | None = None
    clauses: tuple[tuple[str, str], ...] = ()
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a name that is not masked, and days that do not fit."""
        if [one for one in self.lines if one.masked_name and not _masked(one.masked_name)]:
            raise ValueError("a public notice shows masked names only")
        if self.last_day is not None and self.last_day < self.posted_on:
            raise ValueError("a notice ends after it was posted")


def public_notice(notice: PublicNotice) -> bytes:
    """公示 or 公告 as PDF, A4 in large type, to be hung or printed on A3 (LD2021-6, 7)."""
    place = notice.village or notice.township
    total = sum(one.amount_fen for one in notice.lines)
    data: dict[str, Any] = {
        "title": f"{notice.township}{notice.village}小额信贷{_TITLES[notice.kind]}",
        "period": notice.period,
        "opening": _opening(notice, place=place, total=total),
        "clock": _clock(notice),
        "regimes": _by_regime(notice.lines),
        "villages": [
            {
                "name": name,
                "rows": [_row(one) for one in lines],
                "count": f"{len(lines)} 笔",
                "amount": format_yuan(sum(one.amount_fen for one in lines), grouped=True),
            }
            for name, lines in _by_village(notice.lines)
        ],
        "count": f"{len(notice.lines)} 笔",
        "total": format_yuan(total, grouped=True),
        "amount_head": "拟贴息金额（元）" if notice.kind == "before" else "已发放金额（元）",
        "how": _how(notice),
        "phone": notice.phone,
        "hotline": HOTLINE,
        "qr": segno.make(notice.url, error="m").svg_inline(border=2, scale=4) if notice.url else "",
        "url": notice.url,
        "basis": "；".join(cited_words(notice.clauses)),
        "office": notice.office,
        "posted_on": day_parts(notice.posted_on),
    }
    return typeset("public_notice", paper=notice, data=data)


def _masked(name: str) -> bool:
    return any(sign in name for sign in "*＊×某")


def _opening(notice: PublicNotice, *, place: str, total: int) -> str:
    told = f"{len(notice.lines)} 笔，金额合计 {format_yuan(total, grouped=True)} 元"
    if notice.kind == "before":
        return (
            f"按照小额信贷财政贴息政策，{notice.county}{notice.period}贴息清册经信用社编制、乡镇审核，"
            f"现将{place}拟贴息情况予以公示：共 {told}。"
        )
    when = ""
    if notice.paid_from and notice.paid_to:
        same = notice.paid_from == notice.paid_to
        when = f"，于{day(notice.paid_from)}" + ("" if same else f"至{day(notice.paid_to)}")
    return (
        f"{notice.county}{notice.period}小额信贷财政贴息已通过惠农“一卡通”发放{when}，"
        f"现将{place}发放情况予以公告：共 {told}。"
    )


def _clock(notice: PublicNotice) -> str:
    if notice.last_day is None:
        return f"张贴日期：{day(notice.posted_on)}"
    whole = f"（满{notice.days}天）" if notice.days else ""
    word = "公示期" if notice.kind == "before" else "公告期"
    return f"{word}：{day(notice.posted_on)}张贴，次日起算，至{day(notice.last_day)}24时止{whole}"


def _how(notice: PublicNotice) -> str:
    until = notice.object_by or ("公示期内" if notice.kind == "before" else "任何时候")
    return (
        f"对名单、金额或者资格有异议的，{until}可以实名或者匿名提出："
        "打下列电话、到村委会或乡镇当面说，或者用手机扫码填写，写明序号即可。"
        "有异议的只暂缓该笔，不影响其他农户；查清后予以答复。"
    )


def _by_regime(lines: Sequence[NoticedLine]) -> list[list[str]]:
    """Old and new apart, and never added up (LD2021-3.2)."""
    found: dict[str, list[int]] = {}
    for one in lines:
        found.setdefault(one.regime, []).append(one.amount_fen)
    return [
        [regime, f"{len(amounts)} 笔", format_yuan(sum(amounts), grouped=True)]
        for regime, amounts in found.items()
    ]


def _by_village(lines: Sequence[NoticedLine]) -> list[tuple[str, list[NoticedLine]]]:
    return [(name, list(several)) for name, several in groupby(lines, key=lambda one: one.village)]


def _row(line: NoticedLine) -> list[str]:
    return [
        str(line.number),
        line.village,
        line.masked_name,
        line.regime,
        format_yuan(line.amount_fen, grouped=True),
    ]
