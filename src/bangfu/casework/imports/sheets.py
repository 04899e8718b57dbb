"""Workbooks around an import: the one to fill in, and the bad rows to take away."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import xlsxwriter

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.documents.workbooks import Heading, mark, workbook
from bangfu.casework.imports.steps import Batch
from bangfu.casework.words import Words
from bangfu.facts import write_template

__all__ = ["problems_workbook", "template_workbook"]

_HEADINGS = tuple(
    Heading(words)
    for words in (
        Words("文件", "File"), Words("工作表", "Sheet"), Words("行", "Row"), Words("列", "Column"),
        Words("内容", "Cell"), Words("问题", "Problem"),
    )
)  # fmt: skip
_PLACES = ("区划代码", "乡镇", "村", "网点", "银行")


def problems_workbook(*, actor: Actor, batch: Batch) -> bytes:
    """The bad rows of an import as a workbook: texts, never formulas; who took it stands in it and in the trail."""
    title, purpose = Words("导入问题清单", "Problems of an import"), Words("导入核对", "checking an import")
    lines = [
        (file, sheet, "" if row is None else str(row), column, value, str(Words(zh, en)))
        for file, sheet, row, column, value, _, zh, en in batch.told["problems"]
    ]
    content = workbook(
        title=str(title), mark_line=mark(actor, f"{purpose} · {batch.name}", str(title)), headings=_HEADINGS,
        lines=lines, made_at=actor.now,
    )  # fmt: skip
    trail.record(
        actor=actor, act="export.taken", subject=("import", batch.id), scope_area=batch.scope_area,
        institution_id=batch.institution_id, after={"what": "problems", "rows": len(lines)},
        why=purpose.zh,
    )  # fmt: skip
    return content


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
