"""The forms of payments: which lists go into a batch, who releases it, results, what came back, proofs, receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from bangfu.casework.payments.api import OUTCOMES, PAID_TO, REASONS, RECOVERED_FROM
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField, UploadField, YuanField

EVERY = ("", Words("全部", "All"))
RELEASE, REJECT = "release", "reject"
_LONGEST = 500
_YUAN = {"inputmode": "decimal", "unit": Words("元", "yuan"), "width": "short"}


class Batch(forms.Form):
    """What goes into a batch."""

    lists = forms.MultipleChoiceField(
        label=said("清册", "Lists"), widget=forms.CheckboxSelectMultiple,
        help_text=said("没有勾选的留到下一批，不受影响。", "Those that are not ticked wait for the next batch."),
    )  # fmt: skip
    paid_to = forms.ChoiceField(
        label=said("发到哪里", "Paid to"), choices=list(PAID_TO.items()), initial="borrower", widget=forms.RadioSelect,
        help_text=said(
            "农户先付息的，发到农户的卡上。只有没有先收利息的，才发给贷款机构，之后须证明已到户。",
            "To the household's card where it paid the interest first. To the lender only where it did not; then it "
            "must be proved that the household had it.",
        ),
    )  # fmt: skip

    def __init__(self, *given: Any, lists: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["lists"].choices = [(str(key), words) for key, words in lists]  # type: ignore[attr-defined]
        self.fields["lists"].initial = [str(key) for key, _ in lists]


class Decision(forms.Form):
    """Another person releases the batch, or rejects it."""

    outcome = forms.ChoiceField(
        label=said("复核结论", "Conclusion"), widget=forms.RadioSelect, initial=RELEASE,
        choices=[
            (RELEASE, Words("复核无误，导出发放文件", "All is right: release the file")),
            (REJECT, Words("不通过，退回编制", "Reject it")),
        ],
    )  # fmt: skip
    reason = forms.CharField(
        label=said("理由", "Reason"), required=False, max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=said("不通过的必须写明。", "Needed where it is rejected."),
    )  # fmt: skip
    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class Upload(forms.Form):
    """A file that is tried first."""

    file = UploadField(label=said("文件", "File"), accept=".csv,.txt,.xlsx")


class Items(forms.Form):
    """Which payments of a batch are shown."""

    outcome = forms.ChoiceField(
        label=said("结果", "Outcome"), required=False, choices=[EVERY, *OUTCOMES.items()]
    )
    village = forms.ChoiceField(label=said("乡镇", "Township"), required=False)

    def __init__(self, *given: Any, townships: Mapping[str, str], sent: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not sent:
            del self.fields["outcome"]
        self.fields["village"].choices = [EVERY, *townships.items()]  # type: ignore[attr-defined]


class CameBack(forms.Form):
    """A paid payment came back."""

    on = DayField(label=said("退回日期", "Day it came back"))
    reason_code = forms.ChoiceField(
        label=said("原因", "Reason"),
        choices=[(code, words) for code, words in REASONS.items() if code != "batch_rejected"],
        help_text=said(
            "户名、账号、销户、挂失等原因的，须先更正收款账户，才能重新发放。",
            "Where the account is the cause it must be corrected before it is paid again.",
        ),
    )  # fmt: skip
    reason = forms.CharField(label=said("说明", "Note"), required=False, max_length=200)
    reference = forms.CharField(label=said("银行流水号", "The bank's number"), required=False, max_length=100)


class Missing(forms.Form):
    """Which unproved payments are shown."""

    paid_to = forms.ChoiceField(
        label=said("发到", "Paid to"), required=False, choices=[EVERY, *PAID_TO.items()]
    )


class Proof(forms.Form):
    """A paper that proves the arrival."""

    on = DayField(label=said("到户日期", "Day the household had it"))
    file = UploadField(
        label=said("凭证", "Paper"), accept=".pdf,.png,.jpg,.jpeg",
        help_text=said(
            "农户签字的收条，或农户账户的流水。", "The household's signed receipt, or a statement of its account."
        ),
    )  # fmt: skip
    note = forms.CharField(label=said("说明", "Note"), required=False, max_length=300)


class Receipt(forms.Form):
    """Money of a recovery that came back."""

    on = DayField(label=said("收到日期", "Day it came"))
    amount = YuanField(
        label=said("金额", "Amount"), widget=forms.TextInput(attrs=_YUAN),
        help_text=said("可以分次；不超过还差的数。", "In parts if need be; at most what is still missing."),
    )  # fmt: skip
    from_whom = forms.ChoiceField(label=said("从谁追回", "From whom"), choices=list(RECOVERED_FROM.items()))
    voucher = forms.CharField(
        label=said("凭证号", "Receipt's number"), max_length=100,
        help_text=said("同一凭证号只记一次。", "The same number is entered once."),
    )  # fmt: skip
