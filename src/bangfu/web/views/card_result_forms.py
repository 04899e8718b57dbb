"""How the file that comes back from the one-card system is read: which headings and marks mean what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import OUTCOMES, REASONS, CardSystem
from bangfu.casework.words import Words, said
from bangfu.web.parts import Column, Table

__all__ = ["ResultForm", "results_from", "results_table", "sent_with"]

PREFIX = "result"
_LONGEST = 300
_BETWEEN = re.compile(r"[、；;\n\r]+")
_COLUMNS: Mapping[str, Words] = {
    "number": Words("序号列", "Number"), "account": Words("账号列", "Account"), "amount": Words("金额列", "Amount"),
    "status": Words("处理状态列", "Status"), "reason": Words("失败原因列", "Reason"),
    "on": Words("入账日期列", "Day it was credited"), "reference": Words("流水号列", "Reference"),
}  # fmt: skip
_UNITS: Mapping[str, Words] = {"yuan": Words("元", "yuan"), "fen": Words("分", "fen")}


class ResultForm(forms.Form):
    """Several texts of one meaning stand beside each other, with 、 between them."""

    amount_unit = forms.ChoiceField(
        label=said("金额单位", "Unit of the amount"), choices=list(_UNITS.items())
    )

    def __init__(self, system: CardSystem, sent: QueryDict | None) -> None:
        results = system.results
        reasons = [*results.reasons, *(code for code in payments.READ_REASONS if code not in results.reasons)]
        groups: tuple[tuple[str, Mapping[str, Words], Mapping[str, Sequence[str]]], ...] = (
            ("column", _COLUMNS, results.columns),
            ("status", OUTCOMES, results.statuses),
            ("reason", {code: REASONS[code] for code in reasons}, results.reasons),
        )
        initial: dict[str, Any] = {"amount_unit": results.amount_unit}
        for group, words, texts in groups:
            initial |= {f"{group}-{code}": "、".join(texts.get(code, ())) for code in words}
        super().__init__(sent, initial=initial, prefix=PREFIX)
        for group, words, _ in groups:
            for code, label in words.items():
                named = said(label.zh, label.en)
                self.fields[f"{group}-{code}"] = forms.CharField(
                    label=named, required=False, max_length=_LONGEST
                )

    def _of(self, group: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{group}-")]

    @property
    def columns(self) -> list[forms.BoundField]:
        """The headings."""
        return self._of("column")

    @property
    def statuses(self) -> list[forms.BoundField]:
        """What says that it was paid, failed, came back or is under way."""
        return self._of("status")

    @property
    def reasons(self) -> list[forms.BoundField]:
        """Parts of the texts that say why not, asked from above."""
        return self._of("reason")


def sent_with(sent: QueryDict | None) -> QueryDict | None:
    """What was sent, where it speaks of results at all; else they stay as they are."""
    return sent if sent is not None and any(name.startswith(f"{PREFIX}-") for name in sent) else None


def results_from(told: Mapping[str, Any]) -> dict[str, Any]:
    """What ``set_format`` takes as ``results``."""
    texts = {
        name: [one.strip() for one in _BETWEEN.split(str(value)) if one.strip()]
        for name, value in told.items()
    }

    def of(group: str) -> dict[str, list[str]]:
        return {
            name.partition("-")[2]: some
            for name, some in texts.items()
            if some and name.startswith(f"{group}-")
        }

    return {
        "columns": of("column"), "statuses": of("status"), "amount_unit": told["amount_unit"],
        "reasons": [[code, some] for code, some in of("reason").items()],
    }  # fmt: skip


def results_table(system: CardSystem) -> Table:
    """How results are read, as it stands."""
    results = system.results
    rows = [
        *({"what": _COLUMNS[code], "texts": "、".join(texts)} for code, texts in results.columns.items() if texts),
        {"what": Words("金额单位", "Unit of the amount"), "texts": _UNITS[results.amount_unit]},
        *({"what": OUTCOMES[code], "texts": "、".join(texts)} for code, texts in results.statuses.items() if texts),
        *(
            {"what": Words(f"原因：{REASONS[code].zh}", f"Reason: {REASONS[code].en}"), "texts": "、".join(texts)}
            for code, texts in results.reasons.items() if texts
        ),
    ]  # fmt: skip
    columns = (
        Column("what", Words("含义", "Meaning")),
        Column("texts", Words("文件里的写法", "As the file says it")),
    )
    return Table(Words("怎样读回单", "How results are read"), columns, rows)
