"""The forms of an application, with help beside each field; refusals find their field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import api as origination
from bangfu.casework.words import Words, said
from bangfu.facts.codes import PURPOSE_FORBIDDEN, PURPOSE_LAWFUL
from bangfu.money.capitals import capitals
from bangfu.refusals import CODES
from bangfu.web.code_words import choices
from bangfu.web.fields import DayField, PercentField, YuanField

CHOOSE = ("", Words("请选择", "Please choose"))
_SHORT = {"width": "short"}
_TEXT = forms.Textarea(attrs={"rows": 3, "maxlength": 500})


def _label(name: str) -> Any:
    words = origination.LABELS[name]
    return said(words.zh, words.en)


class Looked(forms.Form):
    """Find the household that applies."""

    q = forms.CharField(
        label=said("农户", "Household"),
        max_length=64,
        required=False,
        help_text=said(
            "户编号、任一成员的身份证号，或户主姓名",
            "Registration number, a member's ID number, or the head's name",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Opened(forms.Form):
    """Open an application of a household."""

    household_id = forms.CharField(label=said("户编号", "Registration number"), max_length=64)
    shown_id_number = forms.CharField(
        label=said("出示的身份证号码", "Number on the ID card shown"),
        required=False,
        max_length=24,
        help_text=said(
            "本网点名册里没有的农户，须出示身份证：填其号码，与名册相符才能开办。",
            "For a household that is not on this branch's roster: its number must match the registry.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Fields(forms.Form):
    """The fields of LD2021-form that the branch writes."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput)
    borrower_member_id = forms.ChoiceField(
        label=_label("borrower_member_id"),
        help_text=said(
            "由谁借、谁签字；身份证号码按名册。", "Who borrows and signs; the ID number is the registry's."
        ),
    )
    borrower_id_number = forms.CharField(
        label=_label("borrower_id_number"),
        required=False,
        max_length=24,
        help_text=said(
            "名册已有的不用填、也不能改。",
            "Leave empty where the registry holds it: it cannot be changed here.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    borrower_marital_status = forms.ChoiceField(
        label=_label("borrower_marital_status"),
        required=False,
        choices=[CHOOSE, *((code, words) for code, words in origination.MARITAL.items())],
        help_text=said(
            "已婚的须附婚姻状况证明、填写配偶。", "If married: marriage papers and the spouse are needed."
        ),
    )
    family_size = forms.IntegerField(
        label=_label("family_size"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=said("户口簿上的人数。", "As in the household register."),
        widget=forms.NumberInput(attrs={**_SHORT, "unit": Words("人", "people")}),
    )
    borrower_phone = forms.CharField(
        label=_label("borrower_phone"),
        required=False,
        max_length=20,
        help_text=said("已有号码的，留空就不改。", "Where one is held, leave empty to keep it."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    address = forms.CharField(label=_label("address"), required=False, max_length=200)
    spouse_name = forms.CharField(label=_label("spouse_name"), required=False, max_length=64)
    spouse_born_on = DayField(label=_label("spouse_born_on"), required=False)
    spouse_id_number = forms.CharField(
        label=_label("spouse_id_number"),
        required=False,
        max_length=24,
        help_text=said("已有号码的，留空就不改。", "Where one is held, leave empty to keep it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    spouse_phone = forms.CharField(
        label=_label("spouse_phone"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_label("kind"), choices=choices("loan_kind", ("new", "top_up", "renewal")))
    parent_loan_id = forms.ChoiceField(
        label=_label("parent_loan_id"),
        required=False,
        help_text=said("追加或续贷的，选原来那笔。", "For a top-up or renewal: the loan it belongs to."),
    )
    amount_fen = YuanField(
        label=_label("amount_fen"),
        required=False,
        help_text=said(
            "只填数字，单位元，如 50000；大写由系统写。",
            "A number of yuan such as 50000; the capitals are written for you.",
        ),
        widget=forms.TextInput(attrs={**_SHORT, "inputmode": "decimal", "unit": Words("元", "yuan")}),
    )
    purpose = forms.ChoiceField(
        label=_label("purpose"),
        required=False,
        choices=[
            CHOOSE,
            (Words("生产经营", "Production"), choices("purpose", tuple(PURPOSE_LAWFUL))),
            (Words("不在支持范围", "Not admitted"), choices("purpose", tuple(PURPOSE_FORBIDDEN))),
        ],
        help_text=said("只能用于本户生产经营。", "For the household's own production only."),
    )
    purpose_text = forms.CharField(
        label=_label("purpose_text"),
        required=False,
        max_length=500,
        help_text=said("做什么、多大规模、在哪里。", "What, how much of it, and where."),
        widget=_TEXT,
    )
    term_months = forms.IntegerField(
        label=_label("term_months"),
        required=False,
        min_value=1,
        max_value=120,
        help_text=said("一般不超过36个月。", "Up to 36 months as a rule."),
        widget=forms.NumberInput(attrs={**_SHORT, "unit": Words("个月", "months")}),
    )
    applied_on = DayField(label=_label("applied_on"), required=False)

    def __init__(
        self, *given: Any, view: origination.CaseView, home: Any, loans: Sequence[Any], **more: Any
    ) -> None:
        super().__init__(*given, **more)
        people = [(one.member_id, f"{one.name}（{one.id_masked}）") for one in home.members]
        self.fields["borrower_member_id"].choices = people  # type: ignore[attr-defined]
        told = [(loan, f"{loan}（{principal // 100:,} 元）") for loan, _, principal in loans]
        self.fields["parent_loan_id"].choices = [CHOOSE, *told]  # type: ignore[attr-defined]
        for name in ("borrower_id_number", "borrower_phone", "spouse_id_number", "spouse_phone"):
            held = view.fields.get(name)
            if held:
                self.fields[name].widget.attrs["placeholder"] = str(held)
        amount = view.fields["amount_fen"]
        if amount:
            spelt = capitals(amount)
            self.fields["amount_fen"].help_text = said(f"大写：人民币{spelt}", f"In capitals: {spelt}")

    def entered(self) -> origination.Entered:
        """What was written, for the api; an empty number keeps what is held."""
        told = dict(self.cleaned_data)
        told.pop("seen_number")
        numbers = ("borrower_id_number", "borrower_phone", "spouse_id_number", "spouse_phone")
        told |= {name: told[name] or None for name in numbers}
        told |= {name: told[name] or 0 for name in ("amount_fen", "term_months")}
        return origination.Entered(**told)


def initial(view: origination.CaseView) -> dict[str, Any]:
    """The fields as they stand; numbers are never put into a form."""
    names = (
        "borrower_member_id", "borrower_marital_status", "family_size", "address", "spouse_name", "spouse_born_on",
        "kind", "parent_loan_id", "amount_fen", "purpose", "purpose_text", "term_months", "applied_on",
    )  # fmt: skip
    told = {name: view.fields[name] or None for name in names}
    return told | {"seen_number": view.version}


class Paper(forms.Form):
    """One paper to keep."""

    kind = forms.ChoiceField(
        label=said("要件", "Paper"), choices=[(code, words) for code, words in origination.PAPERS.items()]
    )
    file = forms.FileField(
        label=said("文件", "File"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx"}),
    )


class Spoken(forms.Form):
    """A review: outcome, opinion, what is attested; of the examination, the terms proposed."""

    step = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *given: Any, view: origination.CaseView, **more: Any) -> None:
        super().__init__(*given, **more)
        self.attests = [f"attest_{point['condition']}" for point in view.points]
        for name, point in zip(self.attests, view.points, strict=True):
            self.fields[name] = forms.BooleanField(
                label=said(f"已核实：{point['zh']}", f"Checked: {point['en']}"), required=False
            )
        if view.must_state_not_own:
            self.fields["not_own"] = forms.BooleanField(
                label=said(
                    "我不是该户成员，该户也不是我的家庭（同名声明）",
                    "This is not my household (I bear a name of it)",
                ),
                required=False,
            )
        if view.state == "branch_examination":
            self._terms(view)
        self.fields["opinion"] = forms.CharField(
            label=said("意见", "Opinion"),
            max_length=500,
            initial=view.wording,
            help_text=said(
                "印在审批表上；不同意或退回的，写明原因。",
                "Printed on the form; of a refusal or return, say why.",
            ),
            widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        )
        self.fields["outcome"] = forms.ChoiceField(
            label=said("结论", "Conclusion"),
            choices=[(code, origination.OUTCOMES[code]) for code in ("approve", "return", "refuse")],
            widget=forms.RadioSelect,
        )
        self.fields["reason_code"] = forms.ChoiceField(
            label=said("不同意的原因", "Reason of a refusal"),
            required=False,
            choices=[CHOOSE, *((code, words) for code, words in origination.REASONS.items())],
            help_text=said("不同意时必选；会出具通知书。", "Needed for a refusal; a notice is made."),
        )

    def _terms(self, view: origination.CaseView) -> None:
        self.fields["amount_fen"] = YuanField(
            label=said("拟同意金额", "Amount proposed"),
            required=False,
            initial=view.fields["amount_fen"],
            help_text=said(
                "不超过申请金额和授信额度。", "Not over what was asked, nor over the rating's limit."
            ),
            widget=forms.TextInput(attrs={**_SHORT, "inputmode": "decimal", "unit": Words("元", "yuan")}),
        )
        self.fields["term_months"] = forms.IntegerField(
            label=said("拟同意期限", "Term proposed"),
            required=False,
            min_value=1,
            initial=view.fields["term_months"],
            widget=forms.NumberInput(attrs={**_SHORT, "unit": Words("个月", "months")}),
        )
        self.fields["rate_e8"] = PercentField(
            label=said("年利率", "Rate a year"),
            required=False,
            help_text=said(
                "百分数，如 3；合同期内不变。", "In percent, such as 3; it stays through the contract."
            ),
            widget=forms.TextInput(attrs={**_SHORT, "inputmode": "decimal", "unit": "%"}),
        )
        self.fields["interest_method"] = forms.ChoiceField(
            label=said("计息方式", "Interest method"),
            required=False,
            choices=[CHOOSE, *choices("interest_method")],
        )
        self.fields["funding"] = forms.ChoiceField(
            label=said("资金来源", "Funding"), required=False, choices=[CHOOSE, *choices("funding")]
        )

    def spoken(self) -> origination.Said:
        """What was said, for the api.

        Raises:
            Refused: ``missing_field`` where the terms proposed are not complete.
        """
        told = self.cleaned_data
        proposal = None
        if "rate_e8" in self.fields and told["outcome"] == "approve":
            for name in ("amount_fen", "term_months", "rate_e8", "interest_method"):
                if told[name] in (None, ""):
                    raise Refused("missing_field", field=name)
            proposal = origination.Proposal(
                told["amount_fen"],
                told["term_months"],
                told["rate_e8"],
                told["interest_method"],
                told["funding"],
            )
        return origination.Said(
            outcome=told["outcome"],
            opinion=told["opinion"],
            reason_code=told["reason_code"],
            attested={name.removeprefix("attest_"): told[name] for name in self.attests},
            not_own=told.get("not_own", False),
            proposal=proposal,
        )

    @property
    def in_order(self) -> list[Any]:
        """The visible fields, in the order of the work."""
        return list(self.visible_fields())


class Rated(forms.Form):
    """The bank's rating."""

    grade = forms.ChoiceField(
        label=said("信用等级", "Grade"),
        choices=[CHOOSE, *((code, words) for code, words in origination.GRADES.items())],
    )
    limit_fen = YuanField(
        label=said("授信额度", "Credit limit"),
        allow_zero=True,
        widget=forms.TextInput(attrs={**_SHORT, "inputmode": "decimal", "unit": Words("元", "yuan")}),
    )
    reasons = forms.CharField(
        label=said("评定理由", "Reasons"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )


class Why(forms.Form):
    """A reason."""

    reason = forms.CharField(
        label=said("理由", "Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
    )


class Ground(forms.Form):
    """Ask for an exception."""

    code = forms.CharField(widget=forms.HiddenInput)
    ground = forms.CharField(
        label=said("申请例外的理由", "Ground"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )


class Granted(forms.Form):
    """Decide an exception."""

    seen = forms.CharField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=said("结论", "Conclusion"),
        choices=[("approve", Words("批准例外", "approve")), ("refuse", Words("不批准", "refuse"))],
        widget=forms.RadioSelect,
    )
    ground = forms.CharField(
        label=said("批准的条件，或不批准的理由", "Conditions, or why not"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )


class Listed(forms.Form):
    """The filter of the list."""

    state = forms.ChoiceField(label=said("状态", "State"), required=False)
    area = forms.ChoiceField(label=said("村", "Village"), required=False)
    branch = forms.ChoiceField(label=said("网点", "Branch"), required=False)
    since = DayField(label=said("开办自", "Opened from"), required=False)
    until = DayField(label=said("至", "to"), required=False)
    name = forms.CharField(label=said("申请人或编号", "Name or number"), required=False, max_length=64)
    late = forms.BooleanField(label=said("只看超期", "Late only"), required=False)

    def __init__(
        self, *given: Any, villages: Mapping[str, str], branches: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(*given, **more)
        every = ("", Words("全部", "All"))
        live = ("live", Words("在办", "under way"))
        states = [(code, state.words) for code, state in origination.STATES.items()]
        self.fields["state"].choices = [every, live, *states]  # type: ignore[attr-defined]
        self.fields["area"].choices = [every, *villages.items()]  # type: ignore[attr-defined]
        self.fields["branch"].choices = [every, *branches.items()]  # type: ignore[attr-defined]


def told(refused: Refused) -> Words:
    """A refusal in one sentence, with what it names."""
    parts: list[Words] = []
    why = refused.facts.get("why")
    if isinstance(why, Words):
        parts.append(why)
    parts += [
        Words("、".join(one.zh for one in listed), ", ".join(one.en for one in listed))
        for name in ("fields", "papers", "points")
        if (listed := refused.facts.get(name))
    ]
    if codes := refused.facts.get("codes"):
        parts.append(
            Words("、".join(CODES[one].zh for one in codes), "; ".join(CODES[one].en for one in codes))
        )
    if refused.clauses:
        parts.append(Words(f"依据 {'、'.join(refused.clauses)}", f"under {', '.join(refused.clauses)}"))
    if not parts:
        return refused.words
    zh, en = "；".join(one.zh for one in parts), "; ".join(one.en for one in parts)
    return Words(f"{refused.words.zh}：{zh}", f"{refused.words.en}: {en}")


def put(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal at its field, or on top of the form."""
    field = refused.field if refused.field in form.fields else None
    words = told(refused)
    form.add_error(field, said(words.zh, words.en))
