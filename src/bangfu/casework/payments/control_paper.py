"""The control sheet of a released batch as a paper to sign beside the file (LD2021-6)."""

from __future__ import annotations

from bangfu.casework.database.actor import Actor
from bangfu.casework.payments.card_file import FileFormat
from bangfu.casework.payments.control import control_of
from bangfu.casework.payments.formats import system_of
from bangfu.casework.payments.reading import batch_of
from bangfu.casework.payments.views import Control
from bangfu.reports.papers import ControlSheet, TownshipTotal, control_sheet

__all__ = ["control_paper", "form_words", "paper_of"]

_SEPARATORS = {"comma": "逗号分隔", "tab": "制表符分隔", "pipe": "竖线分隔"}


def control_paper(*, actor: Actor, batch_id: object) -> bytes:
    """The control sheet of a released batch in scope, as PDF.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage`` (it was not released).
    """
    told = control_of(actor=actor, batch_id=batch_id)
    return control_sheet(paper_of(told, file_form=form_words(system_of(batch_of(batch_id).format).file)))


def form_words(file: FileFormat) -> str:
    """How a file is written, as papers say it."""
    return "XLSX 工作簿" if file.kind == "xlsx" else f"{file.encoding.upper()}，{_SEPARATORS[file.separator]}"


def paper_of(told: Control, *, file_form: str) -> ControlSheet:
    """The same as a paper's values."""
    one = told.batch
    return ControlSheet(
        county=told.county_name, period=told.cycle, batch=f"第 {one.number} 批", items=one.items,
        total_fen=one.total_fen,
        by_township=tuple(
            TownshipTotal(township=share.name, items=share.items, amount_fen=share.fen) for share in told.townships
        ),
        by_payer=tuple((share.code, share.fen) for share in told.payers), file_name=told.file_name,
        file_hash=told.file_hash, file_form=file_form, content_hash_of_batch=one.content_hash,
        prepared_by=told.prepared_name, prepared_at=one.at, released_by=told.released_name,
        released_at=told.released_at,
    )  # fmt: skip
