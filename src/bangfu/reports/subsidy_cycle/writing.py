"""A report as a workbook and as a paper: the same rows as on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bangfu.reports.paper import Column, Workbook
from bangfu.reports.papers.parts import Signer
from bangfu.reports.papers.sheet import Align, Col, Grid, Part, sheet
from bangfu.reports.papers.typesetting import Imprint, day
from bangfu.reports.subsidy_cycle.model import Report, ReportColumn, ReportRow, Said, shown
from bangfu.reports.words import day_words

_ALIGN: dict[str, Align] = {
    "money": "right",
    "percent": "right",
    "count": "right",
    "date": "center",
    "centre": "center",
}
_PAPER_WIDTH_MM = 269  # A4 across, between the margins of a sheet
_DAY_MM = 19
_MOST_ON_PAPER = 3_000  # rows; a longer list is for the workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaper:
    """A report with the foot of its paper."""

    report: Report
    imprint: Imprint = field(default_factory=Imprint)


class TooLongForPaper(ValueError):  # noqa: N818 - it names what is wrong
    """A report with more rows than anybody reads on paper; the workbook holds them all."""


def write_report_book(reports: Sequence[Report], path: Path, *, note: str = "") -> None:
    """Reports as one workbook, a sheet each.

    Args:
        reports: At least one.
        path: The workbook to write.
        note: A line that says who took it, when and for what.

    Raises:
        TooManyRows: A report is longer than a sheet.
    """
    with Workbook(path, title=reports[0].title.zh, made_on=reports[0].made_on) as book:
        for report in reports:
            head = f"{report.place}　{report.period}　截至{day_words(report.made_on)}　单位：元"
            columns = [Column(one.head.zh, one.width, one.kind, one.summed) for one in report.columns]
            notes = (head, *((note,) if note else ()))
            made = book.sheet(report.title.zh, columns, title=f"{report.place}{report.title.zh}", notes=notes)
            for row in report.rows:
                cells = [one.zh if isinstance(one, Said) else one for one in row.cells]
                if row.since is None:
                    made.add(cells)
                else:
                    made.sums(cells, since=row.since)
            if not report.rows:
                made.note("无")
            for one in report.notes:
                made.note(one.zh)
            if report.signed:
                made.sign()


def report_pdf(report: Report, *, imprint: Imprint | None = None) -> bytes:
    """A report as PDF, A4 across, in the house style.

    Raises:
        TooLongForPaper: More rows than a paper holds.
    """
    if len(report.rows) > _MOST_ON_PAPER:
        raise TooLongForPaper(f"{len(report.rows)} rows")
    columns = report.columns
    grid = Grid(
        columns=tuple(
            Col(head=one.head.zh, width=width, align=_ALIGN.get(one.kind, "left"))
            for one, width in zip(columns, _widths(columns), strict=True)
        ),
        rows=tuple(_texts(one, columns) for one in report.rows),
        bold=tuple(place for place, one in enumerate(report.rows) if one.total),
    )
    signers = (Signer(title="经办人：", label=""), Signer(title="分管领导：", label="签字"),
               Signer(title="主要领导（盖章）：", label="签字")) if report.signed else ()  # fmt: skip
    return sheet(
        ReportPaper(report=report, imprint=imprint or Imprint()),
        title=f"{report.place}{report.title.zh}",
        subtitle=f"{report.period}　截至{day(report.made_on)}　单位：元",
        parts=(Part(grid=grid, empty="本期无。"),),
        signers=signers,
        notes=tuple(one.zh for one in report.notes),
        flipped=True,
        small=True,
    )


def _texts(row: ReportRow, columns: Sequence[ReportColumn]) -> tuple[str, ...]:
    return tuple(shown(cell, one.kind) for cell, one in zip(row.cells, columns, strict=True))


def _widths(columns: Sequence[ReportColumn]) -> list[int]:
    """Millimetres in the proportion of the characters; the widest takes what is left."""
    whole = sum(one.width for one in columns)
    widths = [
        max(one.width * _PAPER_WIDTH_MM // whole, _DAY_MM if one.kind == "date" else 8) for one in columns
    ]
    widest = max(range(len(columns)), key=lambda place: columns[place].width)
    widths[widest] = 0
    return widths
