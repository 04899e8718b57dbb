"""Fields of forms: yuan and percent as people write them, fen and 1e-8 in Python; days; files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bangfu.casework.documents.api import LARGEST
from bangfu.casework.words import said
from bangfu.facts.schema import FEN_100_MILLION_YUAN
from bangfu.money.fen import format_yuan, parse_yuan
from bangfu.money.rates import format_percent, parse_contract_rate

_LONGEST = 24


def _written(value: Any) -> str | None:
    """What was typed, without spaces around it; None where nothing was."""
    text = "" if value is None else str(value).strip()
    if len(text) > _LONGEST:
        raise ValidationError(said("太长了。", "That is too long."))
    return text or None


class YuanField(forms.Field):
    """Yuan with at most two decimals, as fen; more than 100 million yuan is refused."""

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.allow_zero = allow_zero

    def to_python(self, value: Any) -> Any:
        """Fen, or None where nothing is written."""
        written = _written(value)
        if written is None:
            return None
        try:
            fen = parse_yuan(written.replace("，", ",").removesuffix("元").strip())
        except ValueError:
            words = said(
                "请写成数字，单位元，最多两位小数。", "Write a number of yuan with at most two decimals."
            )
            raise ValidationError(words) from None
        if fen < 0 or (fen == 0 and not self.allow_zero):
            raise ValidationError(said("金额要大于零。", "The amount must be above zero."))
        if fen > FEN_100_MILLION_YUAN:
            raise ValidationError(said("金额超过1亿元。", "The amount is over 100 million yuan."))
        return fen

    def prepare_value(self, value: Any) -> Any:
        """Fen as people write it; what they wrote stays as it is."""
        return format_yuan(value) if isinstance(value, int) else value


class UploadField(forms.FileField):
    """A file no larger than papers may be; ``accept`` is what the browser offers to choose from."""

    def __init__(self, *, accept: str, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": accept}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file; None where none is needed and none was sent."""
        file = super().clean(data, initial)
        if file and file.size > LARGEST:
            raise ValidationError(said("文件超过允许的大小。", "The file is too large."))
        return file


class PercentField(forms.Field):
    """A contract rate in percent with at most four decimals, as 1e-8."""

    most_e8 = 36_000_000

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """The rate in 1e-8, or None where nothing is written."""
        written = _written(value)
        if written is None:
            return None
        try:
            rate_e8 = parse_contract_rate(written)
        except ValueError:
            words = said(
                "请写成百分数，例如 3.45，最多四位小数。",
                "Write a percentage such as 3.45, at most four decimals.",
            )
            raise ValidationError(words) from None
        if not 0 <= rate_e8 <= self.most_e8:
            raise ValidationError(said("利率在0到36之间。", "The rate lies between 0 and 36."))
        return rate_e8

    def prepare_value(self, value: Any) -> Any:
        """1e-8 as people write it; what they wrote stays as it is."""
        return format_percent(value) if isinstance(value, int) else value


class DayField(forms.DateField):
    """A day, picked or written 2026-03-01."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget", forms.DateInput(attrs={"type": "date", "width": "short"}, format="%Y-%m-%d")
        )
        super().__init__(
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"], **options
        )
