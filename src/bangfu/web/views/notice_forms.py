"""The forms of notices and objections: what the public fills in, and what the desks do."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms

from bangfu.casework.database.refusals import REFUSALS
from bangfu.casework.notices import api as notices
from bangfu.casework.subsidies.api import LineView
from bangfu.casework.words import Words, said
from bangfu.web.fields import UploadField
from bangfu.web.views.subsidy_forms import EVERY, clause_choices

ANONYMOUS, SIGNED = "anonymous", "signed"
_LONGEST_FINDING, _LONGEST_ANSWER, _LONGEST_WHY, _LONGEST_NAME = 1000, 500, 200, 32
_LONGEST_CODE = 40
_NUMBER = re.compile(r"\d{14,}")  # an identity card's or a bank card's; no telephone number is as long
_NOT_OWN = said("该户与我同名的，不是我家（同名声明）", "Who bears my name there is not of my own household")


class PlainField(forms.CharField):
    """A text of letters, marks and line ends: control characters are refused by name, and so are long numbers."""

    def __init__(self, *, numbers: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.numbers = numbers

    def run_validators(self, value: Any) -> None:
        """What cannot be taken is named."""
        text = str(value)
        if any(unicodedata.category(one) in ("Cc", "Cs", "Co") and one not in "\r\n\t" for one in text):
            words = REFUSALS["bad_text"]
            raise forms.ValidationError(said(f"{words.zh}。", f"{words.en.capitalize()}."))
        plain = re.sub(r"[\s\-－—]", "", unicodedata.normalize("NFKC", text))
        if not self.numbers and _NUMBER.search(plain):
            raise forms.ValidationError(
                said(
                    "请不要填写身份证号、银行卡号等长号码，删去后再提交。",
                    "Please give no identity or card numbers: take the long number out and send again.",
                )
            )
        super().run_validators(value)


# Public.
class Find(forms.Form):
    """Which notices are shown."""

    name = PlainField(
        label=said("乡镇或村名", "Township or village"), required=False, max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=said("类别", "Kind"), required=False, choices=[EVERY, *notices.KINDS.items()]
    )
    past = forms.BooleanField(label=said("含已结束的", "Past ones too"), required=False)


class Village(forms.Form):
    """Which rows of a notice are shown."""

    village = forms.ChoiceField(
        label=said("村", "Village"), required=False, widget=forms.Select(attrs={"data-go": True})
    )

    def __init__(self, *given: Any, villages: tuple[str, ...], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["village"].choices = [EVERY, *((one, one) for one in villages)]  # type: ignore[attr-defined]


class Objecting(forms.Form):
    """An objection to one row."""

    ground = forms.ChoiceField(
        label=said("您认为哪里不对", "What is wrong"),
        choices=list(notices.GROUNDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": said("请选一项。", "Please choose one.")},
    )
    text = PlainField(
        label=said("说明", "In your words"), required=False, max_length=notices.LONGEST_TEXT, numbers=False,
        help_text=said(
            "写您知道的情况。选“其他”的必须写。不要写身份证号、银行卡号。",
            "What you know of it; needed with “other”. No identity or card numbers.",
        ),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": notices.LONGEST_TEXT}),
    )  # fmt: skip
    who = forms.ChoiceField(
        label=said("署名", "Your name"),
        choices=[
            (ANONYMOUS, Words("匿名", "Anonymous")),
            (SIGNED, Words("实名（便于向您核实和答复）", "Signed, so that we can ask you back")),
        ],
        initial=ANONYMOUS,
        widget=forms.RadioSelect,
        help_text=said(
            "匿名也一样受理，不必用假名。",
            "Anonymous objections are taken all the same: no need of a false name.",
        ),
    )
    name = PlainField(
        label=said("姓名", "Name"), required=False, max_length=_LONGEST_NAME, numbers=False,
        help_text=said("实名的填。只有经办人员能看到，村里看不到。",
                       "If signed. Only the office sees it, not the village."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    phone = PlainField(
        label=said("电话", "Telephone"), required=False, max_length=_LONGEST_NAME,
        help_text=said("实名的填，同样保密。", "If signed; kept likewise."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Name and number go with a signed objection, and with no other."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        who, named = found.get("who"), bool(found.get("name") or found.get("phone"))
        if who == ANONYMOUS and named:
            self.add_error("who", said(
                "您选了匿名，又写了姓名或电话：请改选实名，或把姓名和电话删掉。",
                "You chose anonymous, but gave a name or number: choose signed, or take them out."))  # fmt: skip
        if found.get("ground") == "other" and not found.get("text") and "text" not in self.errors:
            self.add_error("text", said("选“其他”的，请写明情况。", "With “other”, please say what."))
        if who == SIGNED:
            if not found.get("name") and "name" not in self.errors:
                self.add_error("name", said("请写姓名。", "Your name, please."))
            if not found.get("phone") and "phone" not in self.errors:
                self.add_error("phone", said("请写电话。", "Your number, please."))
        return found


class Code(forms.Form):
    """The code of an objection."""

    code = PlainField(
        label=said("查询码", "Code"), max_length=_LONGEST_CODE,
        help_text=said("提异议时给您的16位查询码，横线可不写。",
                       "The 16 letters you were given; the dashes may be left out."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


# At the desks.
class Posting(forms.Form):
    """Posting a notice."""

    contact = PlainField(
        label=said("监督电话", "Telephone"), max_length=_LONGEST_WHY,
        help_text=said("单位和电话，印在公示上，例如：龙坪镇人民政府 0854-7600002。",
                       "Office and number, printed on the notice."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=said("公示天数", "Days"), min_value=1, max_value=90,
        widget=forms.NumberInput(attrs={"width": "short", "unit": Words("天", "days")}),
    )  # fmt: skip
    villages = forms.BooleanField(
        label=said("同时生成各村公示", "Post in the villages as well"), required=False, initial=True
    )
    why = PlainField(
        label=said("理由", "Reason"), required=False, max_length=_LONGEST_WHY,
        help_text=said("按规定天数公示的不用填。", "Not needed where the days are those set."),
    )  # fmt: skip

    instead_of = forms.UUIDField(required=False, widget=forms.HiddenInput)  # the notice that is posted again

    def __init__(self, *given: Any, kind: str, term: int | None, again: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        self.term = term
        days, why = self.fields["days"], self.fields["why"]
        if kind == notices.AFTER:
            del self.fields["villages"]  # an announcement stands in township and villages (LD2021-7)
            days.help_text = said("没有文件规定天数。", "No document sets the days.")
        elif term is None:
            days.help_text = said(
                "当地没有规定：自定天数，写明理由。", "Not regulated here: choose, and say why."
            )
            why.required = True
        else:
            days.help_text = said(
                f"规定 {term} 天，张贴次日起算；可以多，不能少。",
                f"{term} are set, from the day after; more is admitted.",
            )
        if again:
            why.required = True
            why.help_text = said(
                "重新公示的必须写明理由；原公示撤下，重新计天数。",
                "Why it is posted again: the old notice is taken down and the days begin anew.",
            )

    def asked(self) -> dict[str, Any]:
        """What the api takes; the days of the term are the api's to set."""
        found = dict(self.cleaned_data)
        if found["days"] == self.term:
            found["days"] = None
        return found


class Closing(forms.Form):
    """The notice is over: what was seen goes on."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    opinion = PlainField(
        label=said("意见", "Opinion"), required=False, max_length=_LONGEST_ANSWER,
        help_text=said("可不填。", "May be left empty."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class Photo(forms.Form):
    """A photograph of a notice on the wall."""

    part = forms.ChoiceField(
        label=said("近景或远景", "Near or far"), choices=list(notices.PARTS.items()), widget=forms.RadioSelect,
        help_text=said("近景看得清文字，远景看得到地点。", "Near: the text can be read; far: the place can be seen."),
    )  # fmt: skip
    file = UploadField(
        label=said("照片", "Photograph"), accept="image/png,image/jpeg",
        help_text=said("JPG 或 PNG，不超过 10 MB。", "JPG or PNG, 10 MB at most."),
    )  # fmt: skip


class Paper(forms.Form):
    """A paper of an investigation."""

    file = UploadField(
        label=said("文件", "File"), accept=".pdf,.png,.jpg,.jpeg,.docx,.xlsx",
        help_text=said("笔录、照片、流水单等；PDF、JPG、PNG，不超过 10 MB。",
                       "A statement, a photograph, a bank's slip: PDF, JPG or PNG, 10 MB at most."),
    )  # fmt: skip


class _Own(forms.Form):
    not_own = forms.BooleanField(label=_NOT_OWN, required=False)

    @property
    def asks_not_own(self) -> bool:
        """Whether the statement is asked for: the household holds the name of who acts."""
        return "not_own" in self.errors or bool(self.data.get("not_own"))


class Finding(_Own):
    """What an investigation showed."""

    finding = PlainField(
        label=said("调查情况", "What was found"), max_length=_LONGEST_FINDING, numbers=False,
        help_text=said("问了谁、看了什么、说明什么；只供办理人员看。",
                       "Who was asked, what was seen, what it shows; for the desks only."),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": _LONGEST_FINDING}),
    )  # fmt: skip
    field_order = ("finding", "not_own")


class Deciding(_Own):
    """The decision on an objection."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    outcome = forms.ChoiceField(
        label=said("结论", "Conclusion"), choices=list(notices.OUTCOMES.items()), widget=forms.RadioSelect
    )
    clause = forms.ChoiceField(
        label=said("依据条款", "Clause"), required=False,
        help_text=said("成立且选了条款：剔除该笔；成立不选：结转下期更正。",
                       "Upheld with a clause, the line is excluded; without one it is carried over to be corrected."),
    )  # fmt: skip
    answer = PlainField(
        label=said("答复", "Answer"), max_length=_LONGEST_ANSWER, numbers=False,
        help_text=said("异议人凭查询码看到的就是这段话；不写任何人的姓名、号码。",
                       "This is what the objector reads; no names or numbers of anybody."),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": _LONGEST_ANSWER}),
    )  # fmt: skip
    field_order = ("outcome", "clause", "answer", "not_own")

    def __init__(self, *given: Any, line: LineView | None, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = clause_choices([line] if line else [])
        choices[0] = ("", Words("不选", "none"))
        self.fields["clause"].choices = choices  # type: ignore[attr-defined]


class Asked(forms.Form):
    """Which objections are shown."""

    show = forms.ChoiceField(
        label=said("范围", "Which"), required=False,
        choices=[("", Words("待处理", "Waiting")), ("mine", Words("轮到我的", "My turn")),
                 ("all", Words("全部", "All"))],
    )  # fmt: skip


class Reason(forms.Form):
    """Why a name or number is looked at."""

    reason = PlainField(
        label=said("查看理由", "Reason"), max_length=_LONGEST_WHY,
        help_text=said("写明用途，查看会留记录。", "What for; the look is recorded."),
    )  # fmt: skip
