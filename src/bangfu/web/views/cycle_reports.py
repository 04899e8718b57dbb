"""The reports of a cycle or a year on screen, with the lines behind each figure; as workbook and paper to take away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bangfu.casework.archive import api as archive
from bangfu.casework.archive.api import REPORTS
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words, english, said
from bangfu.reports.subsidy_cycle import Report, ReportRow, Said, shown
from bangfu.reports.subsidy_cycle.model import Language
from bangfu.reports.subsidy_cycle.writing import TooLongForPaper
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Pager, Tab, Table
from bangfu.web.views.counties import OfCounty, counties, county_of
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.doing import actor_of
from bangfu.web.views.payments_shown import who
from bangfu.web.views.registry_shown import Purpose, page_of
from bangfu.web.views.subsidies_shown import YUAN, period_words
from bangfu.web.views.subsidy_lines_shown import status_chip

_ROWS, _LINES = 100, 50
_NUMERIC = frozenset({"money", "percent", "count"})
_PDF = "application/pdf"
_LONGEST_ROW = 7  # digits of a row's number


class OfReportYear(OfCounty):
    """Of which year."""

    year = forms.ChoiceField(label=said("发放年度", "Year of payment"), required=False)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, among: list[tuple[str, str]], *, years: list[int]) -> None:
        super().__init__(request, among)
        self.fields["year"].choices = [(str(one), str(one)) for one in years]  # type: ignore[attr-defined]


@require_safe
def of_cycle(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """The reports of one cycle, one at a time."""
    actor = actor_of(request)
    cycle = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    kind = _kind(request, "place")
    report = archive.reports(actor=actor, of=cycle_id, kind=kind)
    context = {
        "cycle": cycle, "name": period_words(cycle), "heading": Words("贴息报表", "Reports"),
        "take_url": f"{reverse('cycle-reports-take', args=(cycle_id,))}?{urlencode({'kind': kind})}",
        "tabs": _tabs(kind, {}, leave_out=("yearly",)), "place": cycle.county_name,
        "year_url": f"{reverse('subsidy-reports')}?{urlencode({'year': cycle.payment_month.year})}",
        "year": cycle.payment_month.year, **_shown(request, report, actor),
    }  # fmt: skip
    return render(request, "cycle_reports/report.html", context)


@require_safe
def of_year(request: HttpRequest) -> HttpResponse:
    """The reports of all cycles that are paid in a year."""
    actor = actor_of(request)
    people.require(actor, "subsidy.read")
    among = counties(actor)
    county, name = county_of(request, among)
    years = sorted({one.payment_month.year for one in _cycles(actor, county)} | {actor.on.year}, reverse=True)
    form = OfReportYear(request, among, years=years)
    told = form.told()
    year = int(str(told.get("year") or years[0]))
    kind = _kind(request, "yearly")
    report = archive.reports(actor=actor, of=year, kind=kind, county=county)
    so_far = "" if report.period == f"{year}年度" else f" up to {actor.on}"
    kept = {"year": str(year), **({"county": county} if len(among) > 1 else {})}
    context = {
        "form": form, "name": Words(report.period, f"{year}{so_far}"), "place": name,
        "heading": Words("贴息报表", "Reports"),
        "take_url": f"{reverse('subsidy-reports-take')}?{urlencode({**kept, 'kind': kind})}",
        "tabs": _tabs(kind, kept, leave_out=()), **_shown(request, report, actor),
    }  # fmt: skip
    return render(request, "cycle_reports/report.html", context)


def _cycles(actor: Actor, county: str) -> list[subsidies.CycleView]:
    page = subsidies.cycles(actor=actor, county=county)
    rows, number = list(page.rows), 1
    while len(rows) < page.total and page.rows:
        number += 1
        page = subsidies.cycles(actor=actor, county=county, page=number)
        rows += page.rows
    return rows


def _kind(request: HttpRequest, usual: str) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in REPORTS else usual


def _tabs(kind: str, kept: dict[str, str], *, leave_out: tuple[str, ...]) -> list[Tab]:
    return [
        Tab(words, f"?{urlencode({**kept, 'kind': code})}", code == kind)
        for code, words in REPORTS.items()
        if code not in leave_out
    ]


def _shown(request: HttpRequest, report: Report, actor: Actor) -> dict[str, Any]:
    """A report as the page shows it: a hundred rows, sums in bold; the lines of the row that is asked for."""
    page = page_of(request)
    pages = max(1, -(-len(report.rows) // _ROWS))
    page = min(page, pages)
    asked = request.GET.get("row", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < _LONGEST_ROW else -1
    first, empty = (page - 1) * _ROWS, _all_nothing(report)
    language: Language = "en" if english() else "zh"
    rows = [
        {
            "cells": [
                {"text": shown(cell, column.kind, language=language), "numeric": column.kind in _NUMERIC,
                 "label": _word(column.head), "wrap": column.kind == "wrap"}
                for place, (cell, column) in enumerate(zip(row.cells, report.columns, strict=True))
                if place not in empty
            ],
            "sums": row.total, "chosen": first + number == chosen, **_opens(request, row, first + number),
        }
        for number, row in enumerate(report.rows[first : first + _ROWS])
    ]  # fmt: skip
    return {
        "report": report, "title": _word(report.title), "rows": rows, "notes": [_word(one) for one in report.notes],
        "columns": [{"text": _word(one.head), "numeric": one.kind in _NUMERIC}
                    for place, one in enumerate(report.columns) if place not in empty],
        "pager": Pager(page, pages, len(report.rows)) if pages > 1 else None,
        "lines": _lines(report.rows[chosen], actor) if 0 <= chosen < len(report.rows) else None,
        "narrowed": bool(empty), "purpose": Purpose(), "long": any(row.ids for row in report.rows),
    }  # fmt: skip


def _all_nothing(report: Report) -> set[int]:
    """The columns of amounts in which nothing stands but zeros: the screen leaves them out, the workbook does not."""
    if not report.rows:
        return set()
    return {
        place
        for place, column in enumerate(report.columns)
        if column.kind == "money" and not any(row.cells[place] for row in report.rows)
    }


def _word(one: Said) -> Words:
    return Words(one.zh, one.en)


def _opens(request: HttpRequest, row: ReportRow, number: int) -> dict[str, Any]:
    """Where a row's lines are: one is opened itself."""
    if len(row.ids) == 1:
        return {"url": reverse("subsidy-line", args=(row.ids[0],)), "count": 1}
    query = request.GET.copy()
    query["row"] = str(number)
    return {"url": f"?{query.urlencode()}#lines" if row.ids else "", "count": len(row.ids)}


_COLUMNS = (
    Column("who", Words("借款人、贷款", "Borrower, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("kind", Words("种类", "Kind")),
    Column("interest", Words("利息", "Interest"), "yuan", unit=YUAN),
    Column("subsidy", Words("应贴息", "Subsidy due"), "yuan", unit=YUAN),
    Column("payable", Words("应发", "Payable"), "yuan", unit=YUAN),
    Column("claimed", Words("银行数", "Bank's figure"), "yuan", unit=YUAN),
    Column("chip", Words("状态", "Status"), "chip"),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)


def _lines(row: ReportRow, actor: Actor) -> Table:
    """The lines a row was summed from, the first fifty."""
    found = subsidies.lines_by_id([UUID(one) for one in row.ids[:_LINES]], on=actor.on)
    told = [found[UUID(one)] for one in row.ids[:_LINES] if UUID(one) in found]
    became = payments.outcomes_of([one.id for one in told])
    rows = [
        {
            "who": who(one.borrower_name, one.loan_id, one.id), "village": one.village_name,
            "kind": subsidies.LINE_KINDS.get(one.kind, one.kind), "interest": one.interest_fen,
            "subsidy": one.subsidy_fen, "payable": one.payable_fen, "claimed": one.claimed_fen,
            "chip": status_chip(one, became.get(one.id, "")), "clauses": one.clauses,
        }
        for one in told
    ]  # fmt: skip
    number = len(row.ids)
    caption = Words(f"该行的 {number} 笔", f"the {number} lines of that row")
    if number > _LINES:
        caption = Words(
            f"该行的 {number} 笔，先列 {_LINES} 笔，全部见清册表", f"the first {_LINES} of its {number} lines"
        )
    return Table(caption, _COLUMNS, rows)


@require_POST
def take_of_cycle(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """A cycle's report as a file."""
    back = f"{reverse('cycle-reports', args=(cycle_id,))}?{request.GET.urlencode()}"
    return _taken(request, of=cycle_id, kind=_kind(request, "place"), back=back)


@require_POST
def take_of_year(request: HttpRequest) -> HttpResponse:
    """A year's report as a file."""
    actor = actor_of(request)
    county, _ = county_of(request, counties(actor))
    year = request.GET.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):  # noqa: PLR2004 - digits of a year
        raise Refused("bad_field", field="year")
    back = f"{reverse('subsidy-reports')}?{request.GET.urlencode()}"
    return _taken(request, of=int(year), kind=_kind(request, "yearly"), back=back, county=county)


def _taken(request: HttpRequest, *, of: object, kind: str, back: str, county: str = "") -> HttpResponse:
    form = "pdf" if request.POST.get("form") == "pdf" else "xlsx"
    try:
        taken = archive.exported(
            actor=actor_of(request),
            of=of,
            kind=kind,
            form=form,
            purpose=request.POST.get("purpose", ""),
            county=county,
        )
    except TooLongForPaper:
        words = Words("行数太多，不出 PDF；请导出 Excel。", "Too many rows for paper; take the workbook.")
        tell(request, "warn", words)
        return HttpResponseRedirect(back)
    return attached(taken.content, name=taken.name, media_type=XLSX if form == "xlsx" else _PDF)
