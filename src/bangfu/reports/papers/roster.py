"""The receipt of a roster handed to a bank (LD2021-3.3: quarterly; CN2021-5.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.reports.papers.parts import Signer, boxes, rows
from bangfu.reports.papers.typesetting import Imprint, day, grouped_hash, typeset


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterCount:
    """Households of one township, one number for each category of the delivery, in its order."""

    township: str
    households: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDelivery:
    """One delivery of a dated roster version from the office to a bank.

    Attributes:
        county: As in the title.
        period: Such as 2021年第三季度.
        version: The roster version's number or name.
        as_of: The day the roster shows.
        from_office: Who hands it over.
        to_bank: Who gets it.
        delivered_on: The day.
        categories: Such as 脱贫户, 边缘易致贫户: the columns.
        counts: One line a township.
        list_hash: SHA-256 of the list handed over; empty where there is no file.
        manner: 系统, 纸质, 光盘 ….
        delivered_by: Name.
        acknowledged_by: Name; empty leaves room.
        acknowledged_on: The day; ``None`` leaves room.
        imprint: The foot.
    """

    county: str
    period: str
    version: str
    as_of: date
    from_office: str
    to_bank: str
    delivered_on: date
    categories: tuple[str, ...]
    counts: tuple[RosterCount, ...]
    list_hash: str = ""
    manner: str = ""
    delivered_by: str = ""
    acknowledged_by: str = ""
    acknowledged_on: date | None = None
    imprint: Imprint = field(default_factory=Imprint)

    def __post_init__(self) -> None:
        """Refuse a line that has not one number for each category."""
        wrong = [one.township for one in self.counts if len(one.households) != len(self.categories)]
        if wrong or not self.categories:
            raise ValueError(f"one number for each category is needed: {wrong}")


def roster_delivery(delivery: RosterDelivery) -> bytes:
    """名单签收单 as PDF with counts by township and category and a box to acknowledge (LD2021-3.3, CN2021-5.4)."""
    columns = [
        sum(one.households[place] for one in delivery.counts) for place in range(len(delivery.categories))
    ]
    data: dict[str, Any] = {
        "title": f"{delivery.county}小额信贷支持对象名单签收单",
        "rows": rows(
            (("名单期次", delivery.period), ("名单版本", delivery.version)),
            (("名单截至日期", day(delivery.as_of)), ("提供日期", day(delivery.delivered_on))),
            (("提供单位", delivery.from_office), ("接收银行", delivery.to_bank)),
            (("提供方式", delivery.manner), ("户数合计", f"{sum(columns):,} 户")),
        ),
        "hash": grouped_hash(delivery.list_hash, size=8),
        "categories": delivery.categories,
        "lines": [
            [
                str(number),
                one.township,
                *(f"{count:,}" for count in one.households),
                f"{sum(one.households):,}",
            ]
            for number, one in enumerate(delivery.counts, 1)
        ],
        "total": [*(f"{count:,}" for count in columns), f"{sum(columns):,}"],
        "signers": boxes(
            (
                Signer(
                    title="提供单位：",
                    label="经办人",
                    person=delivery.delivered_by,
                    signed_on=delivery.delivered_on,
                ),
                Signer(
                    title="接收银行（已收到并核对）：",
                    label="签收人",
                    person=delivery.acknowledged_by,
                    signed_on=delivery.acknowledged_on,
                ),
            )
        ),
    }
    return typeset("roster", paper=delivery, data=data)
