"""The forms of the cycle: opening it, filters, what is said at each step, what is done with a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from bangfu.casework.subsidies.api import FORWARD, OUTCOMES, RETURN, STATES, STATUSES, LineView
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField, UploadField
from bangfu.web.sources import cited
from bangfu.web.views.subsidies_shown import RHYTHMS

EVERY = ("", Words("全部", "All"))
_LONGEST = 500
_TEXT = forms.Textarea(attrs={"rows": 3, "maxlength": _LONGEST})
_NOT_OWN = said(
    "清册上与我同名的，不是我家（同名声明）", "Who bears my name on this list is not of my own household"
)
# What a line is usually excluded or restored by, beside the clauses it rests on itself.
_USUAL = ("LD2021-6", "LD2021-1.6", "LD2021-1.8", "CN2026-1.6d", "CN2021-1.6", "HLJ2019-2.2")


class Opening(forms.Form):
    """A period to be opened as a cycle."""

    rhythm = forms.ChoiceField(
        label=said("节奏", "Rhythm"),
        choices=list(RHYTHMS.items()),
        help_text=said(
            "按季、按年，或还款时贴息；以当地文件为准。",
            "As the local document orders it: quarterly, yearly or at repayment.",
        ),
    )
    start = DayField(
        label=said("第一天", "First day"),
        help_text=said("结息日为20日的，从21日起。", "Where interest is settled on the 20th, the 21st."),
    )
    end = DayField(
        label=said("最后一天", "Last day"),
        help_text=said("该日计入本期。", "This day belongs to the period."),
    )
    payment_month = forms.CharField(
        label=said("发放月份", "Month of payment"),
        required=False,
        help_text=said(
            "文件没有定的，由县局确定，写成 2026-10；不填为期末的次月。",
            "Where no document sets it the bureau does, as 2026-10; left empty: the month after the last day.",
        ),
        widget=forms.DateInput(attrs={"type": "month", "width": "short"}),
    )
    why = forms.CharField(
        label=said("说明", "Note"),
        required=False,
        max_length=_LONGEST,
        help_text=said(
            "自定发放月份的，写明依据，如会议纪要。",
            "Where the month is the bureau's own choice: what it rests on.",
        ),
        widget=_TEXT,
    )

    def clean_payment_month(self) -> date | None:
        """The first day of the month."""
        told = str(self.cleaned_data["payment_month"]).strip()
        if not told:
            return None
        try:
            return date.fromisoformat(f"{told[:7]}-01")
        except ValueError:
            raise forms.ValidationError(said("请写成 2026-10。", "Write it as 2026-10.")) from None

    def clean(self) -> dict[str, Any]:
        """The period has a first and a last day in this order."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = told.get("start"), told.get("end")
        if start and end and end < start:
            self.add_error("end", said("最后一天早于第一天。", "The last day lies before the first."))
        return told

    def period(self) -> dict[str, Any]:
        """What the api takes."""
        told = self.cleaned_data
        return {
            "rhythm": told["rhythm"], "start": told["start"], "end": told["end"] + timedelta(days=1),
            "payment_month": told["payment_month"],
        }  # fmt: skip


class Lists(forms.Form):
    """Which lists of a cycle are shown."""

    state = forms.ChoiceField(label=said("环节", "Step"), required=False)
    township = forms.ChoiceField(label=said("乡镇", "Township"), required=False)
    branch = forms.ChoiceField(label=said("网点", "Branch"), required=False)
    late = forms.BooleanField(label=said("只看超期", "Late only"), required=False)

    def __init__(
        self, *given: Any, townships: Mapping[str, str], branches: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(*given, **more)
        told: Mapping[str, list[Any]] = {
            "state": [EVERY, *((code, state.words) for code, state in STATES.items())],
            "township": [EVERY, *townships.items()], "branch": [EVERY, *branches.items()],
        }  # fmt: skip
        for name, listed in told.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]


class Lines(forms.Form):
    """Which lines of a list are shown."""

    status = forms.ChoiceField(
        label=said("状态", "Status"), required=False, choices=[EVERY, *STATUSES.items()]
    )
    village = forms.ChoiceField(label=said("村", "Village"), required=False)
    product = forms.ChoiceField(label=said("政策", "Regime"), required=False)
    differing = forms.BooleanField(
        label=said("只看与银行数不同的", "Differing from the bank's only"), required=False
    )

    def __init__(
        self, *given: Any, villages: Mapping[str, str], products: Mapping[str, Words], **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.fields["village"].choices = [EVERY, *villages.items()]  # type: ignore[attr-defined]
        self.fields["product"].choices = [EVERY, *products.items()]  # type: ignore[attr-defined]


class Checked(forms.Form):
    """Lines checked for a colleague."""

    not_own = forms.BooleanField(label=_NOT_OWN, required=False)

    @property
    def asks_not_own(self) -> bool:
        """Whether the statement is asked for: a line bears the name of who checks it."""
        return "not_own" in self.errors or bool(self.data.get("not_own"))


class Seen(Checked):
    """A step is done on what was seen, and on nothing else."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    opinion = forms.CharField(
        label=said("意见", "Opinion"), required=False, max_length=_LONGEST,
        help_text=said("可不填。", "May be left empty."), widget=_TEXT,
    )  # fmt: skip
    field_order: tuple[str, ...] = ("opinion", "not_own")


class Decided(Seen):
    """A step with two ways: forward, or back to the branch."""

    outcome = forms.ChoiceField(
        label=said("结论", "Conclusion"),
        choices=[(code, OUTCOMES[code]) for code in (FORWARD, RETURN)],
        initial=FORWARD,
        widget=forms.RadioSelect,
    )
    field_order: tuple[str, ...] = ("outcome", "opinion", "not_own")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["opinion"].help_text = said(
            "退回的必须写明原因，网点会看到。", "Of a return, say why: the branch will read it."
        )


class Signed(Decided):
    """The township's submission: two names, and the paper that bears both signatures and the seal."""

    principal = forms.CharField(
        label=said("主要领导", "Principal leader"), max_length=64, required=False,
        help_text=said("在清册上签字的主要领导姓名。", "Who signed the list as principal leader."),
    )  # fmt: skip
    responsible = forms.CharField(
        label=said("分管领导", "Responsible leader"), max_length=64, required=False,
        help_text=said("在清册上签字的分管领导姓名。", "Who signed it as the leader in charge."),
    )  # fmt: skip
    file = UploadField(
        label=said("签章清册", "Signed paper"), required=False, accept=".pdf,.png,.jpg,.jpeg",
        help_text=said(
            "两位领导签字并盖章的清册扫描件或照片。", "A scan or photograph with both signatures and the seal."
        ),
    )  # fmt: skip
    on = DayField(
        label=said("签章日期", "Day on the paper"),
        required=False,
        help_text=said("不填为今天。", "Left empty: today."),
    )
    field_order = ("outcome", "principal", "responsible", "on", "file", "opinion", "not_own")


class Claims(forms.Form):
    """The bank's own figures."""

    file = UploadField(
        label=said("文件", "File"), accept=".csv,.xlsx",
        help_text=said(
            "CSV 或 Excel，列：贷款编号、计息起日、计息止日（不含当日）、贴息金额（元）、申报利率（可不填）。",
            "CSV or Excel: loan_id, period_start, period_end (exclusive), amount (yuan), rate_claimed (may be empty).",
        ),
    )  # fmt: skip


class LineAct(forms.Form):
    """What is done with a line: why, and by which clause."""

    reason = forms.CharField(
        label=said("理由", "Reason"), max_length=_LONGEST,
        help_text=said("写明事实；会留存，农户可以查问。", "State the facts: it is kept, and the household may ask."),
        widget=_TEXT,
    )  # fmt: skip
    clause = forms.ChoiceField(label=said("依据条款", "Clause"), required=False)
    not_own = forms.BooleanField(label=_NOT_OWN, required=False)

    @property
    def asks_not_own(self) -> bool:
        """Whether the statement is asked for."""
        return "not_own" in self.errors or bool(self.data.get("not_own"))

    def __init__(self, *given: Any, line: LineView, needs_clause: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["clause"].choices = clause_choices([line])  # type: ignore[attr-defined]
        self.fields["clause"].help_text = (
            said("剔除、恢复必须写明依据。", "An exclusion or its end must name one.")
            if needs_clause else said("可不选。", "May be left empty.")
        )  # fmt: skip


def clause_choices(lines: Sequence[LineView]) -> list[tuple[str, Any]]:
    """The clauses that lines rest on or failed by, and the usual ones, each with its first words."""
    told: dict[str, None] = {}
    for line in lines:
        for check in line.checks:
            told |= dict.fromkeys(check.get("clauses", ()) if check.get("outcome") == "failed" else ())
    for line in lines:
        told |= dict.fromkeys(line.clauses)
    told |= dict.fromkeys(_USUAL)
    out: list[tuple[str, Any]] = [("", Words("请选择", "Please choose"))]
    for code in told:
        if found := cited(code):
            words = found[1]
            out.append(
                (code, Words(f"{code} {_short(words.zh or words.text)}", f"{code} {_short(words.text)}"))
            )
    return out


def _short(text: str) -> str:
    most = 46
    return text if len(text) <= most else f"{text[:most]}…"
