"""Workbooks around an import: the one to fill in, and the bad rows to take away."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import xlsxwriter

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.imports.steps import Batch
from bangfu.casework.words import Words
from bangfu.facts import write_template

__all__ = ["problems_workbook", "template_workbook"]

_HEADERS = (
    Words("文件", "File"),
    Words("工作表", "Sheet"),
    Words("行", "Row"),
    Words("列", "Column"),
    Words("内容", "Cell"),
    Words("问题", "Problem"),
)
_PLACES = ("区划代码", "乡镇", "村", "网点", "银行")
_WIDTHS = (24, 16, 8, 20, 26, 60)


def problems_workbook(*, actor: Actor, batch: Batch) -> bytes:
    """The bad rows of an import as a workbook: texts, never formulas; who took it stands in it and in the trail."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(str(Words("问题", "Problems")))
        bold = book.add_format({"bold": True})
        when = actor.now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        purpose = Words("导入核对", "checking an import")
        sheet.write_string(0, 0, f"{actor.name} · {when} · {purpose} · {batch.name}")
        for place, (header, width) in enumerate(zip(_HEADERS, _WIDTHS, strict=True)):
            sheet.write_string(1, place, str(header), bold)
            sheet.set_column(place, place, width)
        for line, problem in enumerate(batch.told["problems"], start=2):
            file, part, row, column, value, _, zh, en = problem
            told = (file, part, "" if row is None else str(row), column, value, str(Words(zh, en)))
            for place, cell in enumerate(told):
                sheet.write_string(line, place, cell)
        sheet.freeze_panes(2, 0)
    trail.record(
        actor=actor, act="export.taken", subject=("import", batch.id), scope_area=batch.scope_area,
        institution_id=batch.institution_id, after={"what": "problems", "rows": len(batch.told["problems"])},
        why=purpose.zh,
    )  # fmt: skip
    return made.getvalue()


def template_workbook(kind: str) -> bytes:
    """The workbook to fill in; the one of the core, and a sheet of its own for places."""
    if kind != "areas":
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "template.xlsx"
            write_template(place)
            return place.read_bytes()
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("行政区划")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet.set_column(0, len(_PLACES) - 1, 18, text)
        for column, header in enumerate(_PLACES):
            sheet.write_string(0, column, header, bold)
        sheet.freeze_panes(1, 0)
    return made.getvalue()
