"""The form of the one-card file: encoding, separator, lines around it, and a row of fields for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import FIELDS, CardSystem
from bangfu.casework.words import Words, said

__all__ = ["ROWS", "ColumnRow", "FileForm", "columns_of", "moved", "shown", "spec_from"]

ROWS = 16  # columns that can be set
_EMPTY = 3  # shown below those that are
_LINES = forms.Textarea(attrs={"rows": 2})
_PLACES = said(
    "可用 {count} 笔数、{total} 总金额（元）、{total_fen} 总金额（分）、{day} 日期、{day8} 八位日期、{county} 县代码、"
    "{county_name} 县名、{batch} 批次、{cycle} 期次。一行一条。",
    "May name {count}, {total} (yuan), {total_fen} (fen), {day}, {day8}, {county}, {county_name}, {batch}, {cycle}. "
    "One a line.",
)


class FileForm(forms.Form):
    """Everything but the columns."""

    name = forms.CharField(label=said("系统名称", "The system's name"), max_length=100)
    kind = forms.ChoiceField(
        label=said("文件类型", "Kind of file"),
        choices=[
            ("delimited", Words("文本（分隔符）", "Text, delimited")),
            ("xlsx", Words("Excel 工作簿", "A workbook (XLSX)")),
        ],
    )  # fmt: skip
    encoding = forms.ChoiceField(
        label=said("编码", "Encoding"), choices=[("gbk", "GBK"), ("gb18030", "GB18030"), ("utf-8", "UTF-8")],
        help_text=said(
            "名字里有该编码写不出的字，导出时会指出是哪一行。",
            "A name it cannot write is shown by its row before anything goes out.",
        ),
    )  # fmt: skip
    mark = forms.BooleanField(label=said("UTF-8 带 BOM", "UTF-8 with a byte order mark"), required=False)
    separator = forms.ChoiceField(
        label=said("分隔符", "Separator"),
        choices=[
            ("comma", Words("逗号", "comma")), ("tab", Words("制表符", "tab")), ("pipe", Words("竖线 |", "pipe |")),
        ],
    )  # fmt: skip
    line_end = forms.ChoiceField(
        label=said("换行", "Line end"), choices=[("crlf", "CRLF (Windows)"), ("lf", "LF (Unix)")]
    )
    headings = forms.BooleanField(label=said("第一行写列名", "A line of headings"), required=False)
    header = forms.CharField(
        label=said("首行", "Lines above"), required=False, widget=_LINES, help_text=_PLACES
    )
    trailer = forms.CharField(label=said("末行", "Lines below"), required=False, widget=_LINES)
    summary = forms.CharField(
        label=said("摘要", "Summary"), required=False, max_length=200,
        help_text=said("每一笔的摘要，如 {cycle}贴息。", "Of each payment, such as {cycle}贴息."),
    )  # fmt: skip
    why = forms.CharField(
        label=said("为什么改", "Why it changes"), required=False, max_length=200,
        help_text=said("如：省一卡通系统升级通知的文号。", "Such as the number of the notice that asks for it."),
    )  # fmt: skip


class ColumnRow(forms.Form):
    """One column; without a field there is none."""

    field = forms.ChoiceField(
        required=False, choices=[("", "—"), *((code, words) for code, (words, _) in FIELDS.items())]
    )
    header = forms.CharField(required=False, max_length=200)
    width = forms.IntegerField(required=False, min_value=0, max_value=200)
    form = forms.ChoiceField(
        required=False,
        choices=[
            ("", "—"), ("yuan", Words("元", "yuan")), ("fen", Words("分", "fen")), ("iso", "2026-03-01"),
            ("day8", "20260301"),
        ],
    )  # fmt: skip
    fill = forms.ChoiceField(
        required=False,
        choices=[("right", Words("后补空格", "blanks after")), ("left", Words("前补空格", "blanks before")),
                 ("zeros", Words("前补零", "zeros before"))],
    )  # fmt: skip
    text = forms.CharField(required=False, max_length=200)
    needed = forms.BooleanField(required=False)


_STEPS = {"up": -1, "down": 1}


def moved(sent: QueryDict) -> tuple[str, QueryDict]:
    """What was sent with two columns changed about, where a button asked for it (``up:3``: the third becomes second).

    Returns:
        The button that is to have the focus now, on the column's new place; empty where no column was moved. And what
        was sent, with the columns in their new order.
    """
    way, _, told = sent.get("do", "").partition(":")
    number = int(told) if told.isdecimal() and len(told) < 3 else 0  # noqa: PLR2004 - two digits hold every column
    to = number + _STEPS.get(way, 0)
    if way not in _STEPS or not (1 <= number <= ROWS and 1 <= to <= ROWS):
        return "", sent
    changed = sent.copy()
    for name in ColumnRow.base_fields:
        here, there = f"c{number}-{name}", f"c{to}-{name}"
        values = changed.getlist(here), changed.getlist(there)
        for key, value in ((there, values[0]), (here, values[1])):
            if value:
                changed.setlist(key, value)
            else:
                changed.pop(key, None)
    return f"{way}:{to}", changed


def shown(rows: Sequence[ColumnRow], focus: str) -> list[tuple[ColumnRow, list[dict[str, Any]]]]:
    """The columns there are and a few empty ones, each with the buttons that move it up and down.

    ``focus`` is the button that was pressed, on its new place.
    """
    last = max((number for number, row in enumerate(rows, 1) if row["field"].value()), default=0)
    count = min(last + _EMPTY, len(rows))
    return [(row, _buttons(number, count, focus)) for number, row in enumerate(rows[:count], 1)]


def _buttons(number: int, count: int, focus: str) -> list[dict[str, Any]]:
    told = (
        ("up", number > 1, Words(f"第 {number} 列上移", f"move column {number} up")),
        ("down", number < count, Words(f"第 {number} 列下移", f"move column {number} down")),
    )
    return [
        {"value": f"{way}:{number}", "icon": way, "words": words, "focus": focus == f"{way}:{number}"}
        for way, there, words in told
        if there
    ]


def columns_of(system: CardSystem) -> list[dict[str, Any]]:
    """The columns of a format as the rows of the form start."""
    rows = [
        {"field": one.field, "header": one.header, "width": one.width or None, "form": one.form, "fill": one.fill,
         "text": one.text, "needed": one.needed}
        for one in system.file.columns
    ]  # fmt: skip
    return [*rows, *({} for _ in range(ROWS - len(rows)))]


def spec_from(
    told: Mapping[str, Any], columns: list[Mapping[str, Any]], before: CardSystem
) -> dict[str, Any]:
    """What ``set_format`` takes; how results are read as it was before."""
    spec = payments.spec_of(before)
    file = {
        name: told[name]
        for name in ("kind", "encoding", "mark", "separator", "line_end", "headings", "summary")
    }
    for name in ("header", "trailer"):
        file[name] = [line.strip() for line in str(told[name]).splitlines() if line.strip()]
    file["columns"] = [
        {**one, "width": one.get("width") or 0, "fill": one.get("fill") or "right"}
        for one in columns
        if one.get("field")
    ]
    return {**spec, "name": told["name"], "file": file}
