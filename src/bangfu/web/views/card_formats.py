"""The format of the county's one-card file: how it stands, three rows of it, and setting another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import EXAMPLES, FIELDS, CardSystem
from bangfu.casework.people import api as people
from bangfu.casework.words import Words, said
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Fact, Table
from bangfu.web.views import card_format_forms as given
from bangfu.web.views import card_result_forms as back
from bangfu.web.views.counties import counties, county_of
from bangfu.web.views.doing import actor_of, status_of
from bangfu.web.views.subsidies_shown import without

_SEPARATORS = {"comma": Words("逗号", "comma"), "tab": Words("制表符", "tab"), "pipe": Words("竖线", "pipe")}
_FORMS = {"yuan": Words("元", "yuan"), "fen": Words("分", "fen"), "iso": "2026-03-01", "day8": "20260301"}
_FILLS = {"right": Words("后补空格", "blanks after"), "left": Words("前补空格", "blanks before"),
          "zeros": Words("前补零", "zeros before")}  # fmt: skip
_COLUMNS = (
    Column("number", Words("列", "Column"), "number", narrow=True),
    Column("field", Words("内容", "Content")),
    Column("header", Words("列名", "Heading")),
    Column("form", Words("写法", "Written as")),
    Column("width", Words("宽度", "Width"), "number", unit=Words("字节", "bytes")),
    Column("fill", Words("补齐", "Filled up")),
    Column("needed", Words("必填", "Needed"), "yes"),
)


def facts_of(system: CardSystem) -> list[Fact]:
    """What a format says beside its columns."""
    file = system.file
    text = file.kind != "xlsx"
    mark = Words("，带 BOM", ", with a byte order mark") if file.mark else Words("", "")
    encoding = Words(f"{file.encoding.upper()}{mark.zh}", f"{file.encoding.upper()}{mark.en}")
    facts = [
        Fact(Words("系统", "System"), system.name),
        Fact(Words("文件", "File"), Words("文本", "text") if text else Words("Excel 工作簿", "workbook")),
    ]
    if text:
        facts += [
            Fact(Words("编码", "Encoding"), encoding),
            Fact(Words("分隔符", "Separator"), _SEPARATORS[file.separator]),
            Fact(Words("换行", "Line end"), file.line_end.upper()),
        ]
    yes, no = Words("有", "yes"), Words("没有", "no")
    facts.append(Fact(Words("列名行", "Headings"), yes if file.headings else no))
    for words, lines in (
        (Words("首行", "Lines above"), file.header),
        (Words("末行", "Lines below"), file.trailer),
    ):
        if lines:
            facts.append(Fact(words, " ⏎ ".join(lines)))
    facts.append(Fact(Words("摘要", "Summary"), file.summary))
    since = system.since
    facts.append(
        Fact(Words("设定于", "Set"), since, "moment") if since
        else Fact(Words("设定于", "Set"), Words("没有设定过，用的是通用格式", "never; the common one stands"))
    )  # fmt: skip
    return facts


def _table(system: CardSystem) -> Table:
    rows = [
        {
            "number": number, "field": FIELDS[one.field][0], "header": one.header, "form": _FORMS.get(one.form, ""),
            "width": one.width or None, "fill": _FILLS[one.fill] if one.width else "", "needed": one.needed,
        }
        for number, one in enumerate(system.file.columns, 1)
    ]  # fmt: skip
    absent = [] if any(row["width"] for row in rows) else ["width", "fill"]
    return Table(Words("各列", "Columns"), without(_COLUMNS, *absent), rows)


@require_safe
def shown(request: HttpRequest) -> HttpResponse:
    """The format that stands, with three made-up rows."""
    actor = actor_of(request)
    people.require(actor, "payment.read")
    county, name = county_of(request, counties(actor))
    system = payments.format_of(actor=actor, county=county)
    context = {
        "system": system, "facts": facts_of(system), "table": _table(system), "preview": payments.preview(system),
        "county_name": name, "may_set": people.may(actor.role, "payment.prepare") and actor.place == county,
        "subject": f"card_format:{county}", "results": back.results_table(system),
    }  # fmt: skip
    return render(request, "payments/format.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Another format: looked at with three rows first, then set; batches that are prepared keep theirs."""
    actor = actor_of(request)
    people.require(actor, "payment.prepare")
    county, name = county_of(request, counties(actor))
    before = payments.format_of(actor=actor, county=county)
    example = EXAMPLES.get(request.GET.get("example", ""))
    moved, sent = given.moved(request.POST) if request.method == "POST" else ("", None)
    form, rows = _forms(sent, example[1] if example else before)
    read = back.ResultForm(before, back.sent_with(sent))
    preview = None
    whole = not moved and form.is_valid() and all(one.is_valid() for one in rows)
    if request.method == "POST" and whole and (not read.is_bound or read.is_valid()):
        try:
            spec = given.spec_from(form.cleaned_data, [one.cleaned_data for one in rows], before)
            if read.is_bound:
                spec["results"] = back.results_from(read.cleaned_data)
            preview = payments.preview(payments.system_of(spec))
            if request.POST.get("do") == "set" and not preview.flaws:
                payments.set_format(actor=actor, county=county, spec=spec, why=form.cleaned_data["why"])
                tell(request, "ok", Words("格式已设定，从下一批起用。", "Set; it holds from the next batch."))
                return HttpResponseRedirect(reverse("card-format"))
        except Refused as refused:
            if refused.code in {"not_your_role", "not_in_scope"}:
                raise
            _put(form, refused)
    context = {
        "form": form, "rows": given.shown(rows, moved), "moved": moved, "preview": preview, "county_name": name,
        "back": reverse("card-format"), "read": read,
        "examples": [(f"?example={code}", words) for code, (words, _) in EXAMPLES.items()],
    }  # fmt: skip
    bad = not moved and (
        status_of(form) != 200  # noqa: PLR2004
        or any(one.is_bound and one.errors for one in (*rows, read))
    )
    return render(request, "payments/format_set.html", context, status=422 if bad else 200)


def _forms(sent: QueryDict | None, system: CardSystem) -> tuple[given.FileForm, list[given.ColumnRow]]:
    file = system.file
    initial: dict[str, Any] = {
        "name": system.name, "kind": file.kind, "encoding": file.encoding, "mark": file.mark,
        "separator": file.separator, "line_end": file.line_end, "headings": file.headings,
        "header": "\n".join(file.header),
        "trailer": "\n".join(file.trailer), "summary": file.summary,
    }  # fmt: skip
    rows = [
        given.ColumnRow(sent, initial=one, prefix=f"c{number}", auto_id="id_%s")
        for number, one in enumerate(given.columns_of(system), 1)
    ]
    return given.FileForm(sent, initial=initial), rows


_WRONG = {
    "columns": said(
        "姓名、卡号、金额三列必须各有一列。", "There must be one column each of name, card number and amount."
    ),
    "form": said("写法与列的内容不符。", "The way it is written does not fit the column."),
    "results": said(
        "回单须有处理状态、金额的列名，以及序号或账号的列名。",
        "Results need headings of status and amount, and of number or account.",
    ),
    "statuses": said(
        "“已发放”的写法必填；同一个写法只能有一种含义。", "What says paid is needed; one text has one meaning."
    ),
    "header": said("列名、首末行不能以 = + - @ 开头。", "Headings and lines may not begin with = + - @."),
}  # fmt: skip


def _put(form: forms.Form, refused: Refused) -> None:
    words = refused.words
    error = _WRONG.get(refused.field) or said(words.zh, words.en)
    form.add_error(refused.field if refused.field in form.fields else None, error)
