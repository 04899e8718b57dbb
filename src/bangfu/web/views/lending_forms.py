"""The forms of lending: filters, contract, payment, event, correction, the bank's file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from bangfu.casework.database.refusals import Refused
from bangfu.casework.lending import api as lending
from bangfu.casework.words import Words, said
from bangfu.facts.codes import EVENTS_OF_MONEY
from bangfu.money.rates import format_percent
from bangfu.web.basis import fact_value
from bangfu.web.code_words import choices
from bangfu.web.fields import DayField, PercentField, YuanField

__all__ = [
    "BY_HAND",
    "KINDS",
    "BankFile",
    "Correction",
    "Event",
    "Filter",
    "Payment",
    "Period",
    "Signing",
    "put",
    "told",
]

_EVERY = ("", Words("全部", "All"))
_YUAN = {"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}


class Filter(forms.Form):
    """What the list holds."""

    state = forms.ChoiceField(label=said("状态", "State"), required=False)
    area = forms.ChoiceField(label=said("村", "Village"), required=False)
    institution_id = forms.ChoiceField(label=said("网点", "Branch"), required=False)
    maturing_within = forms.ChoiceField(label=said("到期", "Matures"), required=False)
    words = forms.CharField(label=said("姓名或编号", "Name or number"), required=False, max_length=64)
    as_of = DayField(label=said("截至", "As of"), required=False)
    known_on = DayField(
        label=said("按当时所知", "As known at"),
        required=False,
        help_text=said("当日终了时已登记的。", "What was booked by its end."),
    )

    def __init__(
        self, *given: Any, villages: Mapping[str, str], branches: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(*given, **more)
        days = [(str(n), Words(f"{n}天内", f"within {n} days")) for n in (30, 60, 90)]
        told: Mapping[str, list[Any]] = {
            "state": [_EVERY, *lending.STATE_WORDS.items()], "area": [_EVERY, *villages.items()],
            "institution_id": [_EVERY, *branches.items()], "maturing_within": [_EVERY, *days],
        }  # fmt: skip
        for name, listed in told.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]


class Signing(forms.Form):
    """The terms of the contract."""

    contract_on = DayField(label=said("签订日期", "Day of signing"))
    amount = YuanField(
        label=said("合同金额", "Amount"),
        help_text=said("不超过批准额。", "At most what was approved."),
        widget=forms.TextInput(attrs=_YUAN),
    )
    rate = PercentField(
        label=said("年利率", "Rate a year"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": "%", "width": "short"}),
    )
    matures_on = DayField(label=said("到期日期", "Matures on"))
    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class Payment(forms.Form):
    """The payment."""

    on = DayField(label=said("放款日期", "Day of payment"))
    amount = YuanField(label=said("放款金额", "Amount"), widget=forms.TextInput(attrs=_YUAN))
    reason = forms.CharField(
        label=said("决定理由", "Why it is decided so"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said(
            "熔断标准当地未定，或者贷款由文件导入、没有审批人时必填。",
            "Needed where no document sets the breaker here, or the loan came by file and nobody decided it here.",
        ),
    )  # fmt: skip
    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *values: Any, needs_reason: bool, **more: Any) -> None:
        super().__init__(*values, **more)
        self.fields["reason"].required = needs_reason


# The kinds of events a clerk records by hand, as they belong together.
KINDS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (Words("收款", "Money in"), ("repaid", "interest_collected", "penalty_collected", "fee_collected")),
    (
        Words("贷后管理", "After lending"),
        ("reminded", "classified", "extended", "rate_changed", "recalled"),
    ),
    (
        Words("代偿和处置", "Compensation and end"),
        ("compensated", "recovered", "returned_to_fund", "written_off", "converted"),
    ),
    (Words("退回", "Given back"), ("subsidy_returned", "interest_refunded")),
)
BY_HAND = tuple(kind for _, kinds in KINDS for kind in kinds)
# Kinds whose amount may be left out, with what that means.
_AMOUNT_OR_ALL: Mapping[str, tuple[str, str]] = {
    "converted": ("不填为全部余额。", "Left out: the whole balance."),
    "recalled": ("要求提前归还的金额；可不填。", "What is asked back early; may be left out."),
}
_NONE = ("", Words("不改", "As it is"))
_RATE = {"inputmode": "decimal", "unit": "%", "width": "short"}


def _value_of(kind: str, *, needed: bool) -> forms.Field | None:
    """The field of what a kind says beside its amount: a day, a class, a rate, how it was said; none for the rest."""
    among = [] if needed else [_NONE]
    if kind == "extended":
        return DayField(label=said("新到期日", "New maturity"), required=needed)
    if kind == "classified":
        return forms.ChoiceField(
            label=said("五级分类", "Risk class"), choices=among + choices("risk_class"), required=needed
        )
    if kind == "rate_changed":
        return PercentField(
            label=said("新年利率", "New rate a year"), required=needed, widget=forms.TextInput(attrs=_RATE)
        )
    if kind == "reminded":
        return forms.ChoiceField(
            label=said("提醒方式", "How"), choices=among + choices("reminder"), required=needed
        )
    return None


class _OfOneKind(forms.Form):
    """The fields an event of one kind has, and no other."""

    def __init__(self, *given: Any, kind: str, needed: bool = True, **more: Any) -> None:
        super().__init__(*given, **more)
        value = _value_of(kind, needed=needed)
        if value is None:
            del self.fields["value"]
        else:
            self.fields["value"] = value
        if kind in _AMOUNT_OR_ALL:
            self.fields["amount"].help_text = said(*_AMOUNT_OR_ALL[kind])
        elif kind in EVENTS_OF_MONEY:
            self.fields["amount"].required = needed
        else:
            del self.fields["amount"]

    def value_text(self) -> str:
        """The value as the ledger writes it; empty where there is none."""
        told = self.cleaned_data.get("value")
        if isinstance(told, int):
            return format_percent(told)
        return told.isoformat() if isinstance(told, date) else str(told or "")


class Event(_OfOneKind):
    """One event of the ledger, of a kind chosen before."""

    on = DayField(label=said("日期", "Day"), help_text=said("业务发生的日期。", "The day it happened."))
    amount = YuanField(label=said("金额", "Amount"), required=False, widget=forms.TextInput(attrs=_YUAN))
    value = forms.CharField(required=False)
    note = forms.CharField(label=said("备注", "Note"), required=False, max_length=200)


class Correction(_OfOneKind):
    """What was wrong, and why; what is left empty stays as it is."""

    on = DayField(label=said("正确的日期", "The right day"), required=False)
    amount = YuanField(
        label=said("正确的金额", "The right amount"),
        required=False,
        allow_zero=True,
        widget=forms.TextInput(attrs=_YUAN),
    )
    value = forms.CharField(required=False)
    void = forms.BooleanField(label=said("该笔未发生，作废", "It never happened: void"), required=False)
    reason = forms.CharField(label=said("更正理由", "Why"), max_length=200)


class BankFile(forms.Form):
    """The bank's file."""

    file = forms.FileField(
        label=said("流水文件", "File of events"), widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls"})
    )


class Period(forms.Form):
    """From a day to the day after the last."""

    start = DayField(label=said("自（含）", "From"))
    end = DayField(label=said("至（不含）", "To, exclusive"))


def told(refused: Refused) -> Words:
    """A refusal in one sentence, with what it rests on."""
    words = refused.words
    facts = refused.facts
    zh, en = [words.zh], [words.en]
    if "why_zh" in facts:
        zh.append(str(facts["why_zh"]))
        en.append(str(facts["why_en"]))
    for name in (
        "balance",
        "approved",
        "principal",
        "maturity",
        "disbursed_on",
        "contract_on",
        "npl_percent",
        "threshold_percent",
    ):
        if name in facts:
            label = _LABELS[name]
            zh.append(f"{label.zh}{fact_value(facts[name])}")
            en.append(f"{label.en} {fact_value(facts[name])}")
    if refused.clauses:
        zh.append("依据" + "、".join(refused.clauses))
        en.append("by " + ", ".join(refused.clauses))
    return Words("；".join(zh) + "。", "; ".join(en) + ".")


_LABELS: Mapping[str, Words] = {
    "balance": Words("当时余额", "the balance of that day is"),
    "approved": Words("审批为", "approved:"),
    "principal": Words("合同金额", "the contract's amount is"),
    "maturity": Words("现到期日", "it matures on"),
    "disbursed_on": Words("放款日期", "it was paid out on"),
    "contract_on": Words("签订日期", "it was signed on"),
    "npl_percent": Words("不良率%：", "NPL ratio %:"),
    "threshold_percent": Words("标准%：", "threshold %:"),
}


def put(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal at its field, or on top of the form."""
    words = told(refused)
    field = {"key": "value"}.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, said(words.zh, words.en))
