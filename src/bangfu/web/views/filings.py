"""The monthly filing to the bureau, and the monthly lists to villages and townships."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import api as origination
from bangfu.casework.people.api import may
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Table
from bangfu.web.views.origination_forms import told as forms_told

_LATE, _IN_TIME = Chip("bad", Words("逾期报送", "late")), Chip("ok", Words("按时", "in time"))
_COLUMNS = (
    Column("month", Words("月份", "Month"), narrow=True),
    Column("what", Words("材料", "Paper")),
    Column("place_name", Words("报至", "To")),
    Column("institution", Words("报送", "From")),
    Column("loans", Words("放贷", "Loans"), "number"),
    Column("refusals", Words("未获批", "Refused"), "number"),
    Column("at", Words("报送时间", "Filed"), "moment", narrow=True),
    Column("due_on", Words("限期", "Due"), "day", narrow=True),
    Column("chip", Words("时限", "In time"), "chip"),
    Column("paper", Words("PDF", "PDF"), link="paper_url", narrow=True),
    Column("book", Words("表格", "Workbook"), link="book_url", narrow=True),
)


class Month(forms.Form):
    """A month, and of lists the township."""

    month = forms.DateField(input_formats=["%Y-%m-%d", "%Y-%m"])
    township = forms.CharField(required=False, max_length=12)


@require_safe
def filings(request: HttpRequest) -> HttpResponse:
    """What was filed, and what is still due."""
    return _page(request)


def _page(request: HttpRequest, *, problem: Words | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rows = [
        {
            **vars(one), "month": f"{one.month:%Y-%m}", "what": origination.FILING_KINDS[one.kind],
            "loans": one.counts["loans"], "refusals": one.counts["refusals"], "chip": _LATE if one.late else _IN_TIME,
            "paper": "PDF", "paper_url": reverse("file", args=(one.paper_id,)),
            "book": "XLSX" if one.workbook_id else "",
            "book_url": reverse("file", args=(one.workbook_id,)) if one.workbook_id else "",
        }
        for one in origination.filings(actor=actor)
    ]  # fmt: skip
    due = [
        {
            "one": one, "what": origination.FILING_KINDS[one.kind], "clause": origination.FILING_CLAUSES[one.kind],
            "late": one.due_on < actor.on,
            "url": reverse("filing-make" if one.kind == "monthly_filing" else "lists-make"),
        }
        for one in origination.still_due(actor=actor)
    ]  # fmt: skip
    table = Table(
        Words("已报送的材料", "What was filed"),
        _COLUMNS,
        rows,
        empty=Words("还没有报送", "Nothing was filed yet"),
    )
    context = {"table": table, "due": due, "may_file": may(actor.role, "filing.make"), "problem": problem}
    return render(request, "origination/filings.html", context, status=422 if problem else 200)


@require_POST
def make_filing(request: HttpRequest) -> HttpResponse:
    """File a month with the bureau."""
    form, actor = Month(request.POST), request.actor  # type: ignore[attr-defined]
    if not form.is_valid():
        return _page(request, problem=Words("月份有误", "no such month"))
    month: date = form.cleaned_data["month"]
    return _made(request, lambda: origination.make_filing(actor=actor, month=month))


@require_POST
def make_lists(request: HttpRequest) -> HttpResponse:
    """Give a township and its villages last month's lists."""
    form, actor = Month(request.POST), request.actor  # type: ignore[attr-defined]
    if not form.is_valid():
        return _page(request, problem=Words("月份有误", "no such month"))
    told = form.cleaned_data
    return _made(
        request, lambda: origination.make_lists(actor=actor, month=told["month"], township=told["township"])
    )


def _made(request: HttpRequest, make: Callable[[], object]) -> HttpResponse:
    try:
        make()
    except Refused as refused:
        if refused.code in ("not_your_role", "not_in_scope"):
            raise
        return _page(request, problem=forms_told(refused))
    tell(request, "ok", Words("已生成并报送。", "Made and filed."))
    return HttpResponseRedirect(reverse("filings"))
