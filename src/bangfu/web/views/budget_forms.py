"""The forms of the subsidy's money: what is shown, an allotment entered, the ledger's filter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from bangfu.casework.budgets.api import ACCOUNTS, KINDS, SOURCES
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField, YuanField
from bangfu.web.views.counties import OfCounty

EVERY = ("", Words("全部", "All"))
_LONGEST = 200


class OfYear(OfCounty):
    """Which year's money, as of which day."""

    year = forms.ChoiceField(label=said("预算年度", "Budget year"), required=False)
    on = DayField(
        label=said("截至", "As of"), required=False,
        help_text=said("不填为全部。", "Left empty: everything."),
    )  # fmt: skip

    def __init__(self, request: HttpRequest, among: list[tuple[str, str]], *, years: list[int]) -> None:
        super().__init__(request, among)
        self.fields["year"].choices = [(str(one), str(one)) for one in years]  # type: ignore[attr-defined]


class OfLedger(OfYear):
    """Which entries."""

    source = forms.ChoiceField(
        label=said("资金来源", "Source"), required=False, choices=[EVERY, *SOURCES.items()]
    )
    kind = forms.ChoiceField(
        label=said("类型", "Kind"), required=False,
        choices=[EVERY, *((code, one.words) for code, one in KINDS.items())],
    )  # fmt: skip
    account = forms.ChoiceField(
        label=said("科目", "Account"), required=False,
        choices=[EVERY, *((code, words) for code, words in ACCOUNTS.items())],
    )  # fmt: skip
    first_on = DayField(label=said("自", "From"), required=False)
    last_on = DayField(label=said("至", "To"), required=False)
    field_order = ("county", "year", "source", "kind", "account", "first_on", "last_on")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        del self.fields["on"]
        self.fields["year"].choices = [EVERY, *self.fields["year"].choices]  # type: ignore[attr-defined]


GIVEN, TAKEN_BACK = "given", "back"


class Allotment(forms.Form):
    """Money that a document gives, or takes back."""

    way = forms.ChoiceField(
        label=said("事项", "What"), initial=GIVEN, widget=forms.RadioSelect,
        choices=[(GIVEN, Words("下达指标", "Allotted")), (TAKEN_BACK, Words("收回指标", "Taken back"))],
    )  # fmt: skip
    document = forms.CharField(
        label=said("文号", "Document"), max_length=_LONGEST,
        help_text=said(
            "下达文件的文号，如 黔财农〔2026〕12号。同一文号、级次、年度、金额只记一次。",
            "The number of the document that gives it. The same document, level, year and amount is entered once.",
        ),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=said("资金来源（级次）", "Source (level)"), choices=list(SOURCES.items()),
        help_text=said("谁出的钱，与文件一致。", "Whose money it is, as the document says."),
    )  # fmt: skip
    year = forms.IntegerField(
        label=said("预算年度", "Budget year"), min_value=2015, widget=forms.NumberInput(attrs={"width": "short"}),
        help_text=said("按发放月份所在年度使用。", "It is used for what is paid in that year."),
    )  # fmt: skip
    amount = YuanField(
        label=said("金额", "Amount"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}),
    )  # fmt: skip
    why = forms.CharField(
        label=said("说明", "Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=said("收回的必须写明原因。", "Needed where money is taken back."),
    )  # fmt: skip

    @property
    def amount_fen(self) -> int:
        """Below nothing where it is taken back."""
        fen = int(self.cleaned_data["amount"])
        return fen if self.cleaned_data["way"] == GIVEN else -fen
