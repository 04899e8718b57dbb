"""The bank's side of the demonstration's payments: made-up cards of its households, and what its system answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from datetime import date

__all__ = ["account_file", "card_number", "result_file"]

_PREFIX = "629999"  # given to no bank
_BANK_NAME = "示范县农村信用合作联社"
_ENCODING = "gbk"
_ANSWER = ("序号", "社保卡/银行卡号", "金额", "处理状态", "失败原因", "入账日期", "流水号")


def card_number(serial: int) -> str:
    """A made-up card number of 19 digits whose last one checks the others (ISO/IEC 7812)."""
    digits = f"{_PREFIX}{serial:012d}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its two digits
    return f"{digits}{-total % 10}"


def account_file(holders: Sequence[tuple[str, str]]) -> bytes:
    """A file of accounts as a bank gives it.

    Args:
        holders: Household and name.
    """
    rows = [
        {"户编号": household, "姓名": name, "卡号": card_number(number), "开户行": _BANK_NAME}
        for number, (household, name) in enumerate(holders, start=1)
    ]
    return _written(("户编号", "姓名", "卡号", "开户行"), rows)


def result_file(
    payments: bytes, *, on: date, failing: Mapping[int, str] | None = None, waiting: Collection[int] = ()
) -> bytes:
    """What the one-card system answers to a batch's file in its first form (commas, GBK).

    Args:
        payments: The file as it was released.
        on: The day of the bookings.
        failing: Number in the batch → why it came back.
        waiting: Numbers that are still being processed.
    """
    failed = failing or {}
    rows = []
    for one in csv.DictReader(io.StringIO(payments.decode(_ENCODING))):
        number = int(one["序号"])
        status = "失败" if number in failed else "处理中" if number in waiting else "成功"
        rows.append(
            {
                "序号": one["序号"], "社保卡/银行卡号": one["社保卡/银行卡号"], "金额": one["金额"], "处理状态": status,
                "失败原因": failed.get(number, ""), "入账日期": "" if status == "处理中" else on.isoformat(),
                "流水号": f"{on:%Y%m%d}{number:06d}",
            }
        )  # fmt: skip
    return _written(_ANSWER, rows)


def _written(heads: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(_ENCODING)
