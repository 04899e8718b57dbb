"""The control sheet of a batch: what the file must come to, by township, branch and payer, and its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection

from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.documents.workbooks import Cell, Heading, mark, workbook
from bangfu.casework.payments.reading import batch as one_batch
from bangfu.casework.payments.views import BatchView, Control, Share
from bangfu.casework.payments.words import PAYING
from bangfu.casework.registry.api import institution_names, places_of
from bangfu.casework.subsidies.api import PAYERS, CycleView, cycle_of
from bangfu.casework.words import Words

__all__ = ["control_of", "sheet_of", "workbook_of"]

_TOWNSHIPS = (
    "select s.township, count(*), sum(i.amount_fen)::bigint from casework_payment_item i"
    " join casework_subsidy_list s on s.id = i.list_id where i.batch_id = %s group by 1 order by 1"
)
_BRANCHES = (
    "select coalesce(i.institution_id, ''), count(*), sum(i.amount_fen)::bigint from casework_payment_item i"
    " where i.batch_id = %s group by 1 order by 1"
)
_HEADINGS = (
    Heading(Words("分类", "Kind")), Heading(Words("代码", "Code")), Heading(Words("名称", "Name")),
    Heading(Words("笔数", "Payments")), Heading(Words("金额（元）", "Amount, yuan"), fen=True),
)  # fmt: skip


def sheet_of(
    *,
    actor: Actor,
    batch: BatchView,
    cycle: CycleView,
    file_name: str = "",
    file_hash: str = "",
) -> Control:
    """The control sheet's content, counted from the payments themselves.

    Args:
        actor: Who releases.
        batch: The batch.
        cycle: Its cycle.
        file_name: Of the file; empty before it is made.
        file_hash: SHA-256, hexadecimal; likewise.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOWNSHIPS, [batch.id])
        townships = cursor.fetchall()
        cursor.execute(_BRANCHES, [batch.id])
        branches = cursor.fetchall()
    names = places_of({code for code, *_ in townships}, on=actor.on)
    banks = institution_names([code for code, *_ in branches if code], on=actor.on)
    payers = tuple(
        Share(payer, str(budgets.SOURCES[payer]), 0, batch.by_source.get(payer, 0))
        for payer in PAYERS
        if batch.by_source.get(payer)
    )
    return Control(
        batch, cycle.county_name, cycle.words.zh,
        tuple(Share(code, names.get(code, code), number, fen) for code, number, fen in townships),
        tuple(Share(code, banks.get(code, code), number, fen) for code, number, fen in branches),
        payers, file_name, file_hash, batch.prepared_name, actor.name, actor.now, PAYING,
    )  # fmt: skip


def control_of(*, actor: Actor, batch_id: object) -> Control:
    """The control sheet of a released batch in scope, as data: for a paper, for a page.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage`` (it was not released).
    """
    batch = one_batch(actor=actor, batch_id=batch_id)
    if batch.file_id is None or batch.released_at is None:
        raise Refused("wrong_stage")
    cycle = cycle_of(batch.cycle_id, on=actor.on)
    (name,) = [
        one.name for one in documents.files_of(subject=("payment_batch", batch.id)) if one.id == batch.file_id
    ]
    sheet = sheet_of(actor=actor, batch=batch, cycle=cycle, file_name=name, file_hash=batch.file_hash)
    return replace(sheet, released_name=batch.released_name, released_at=batch.released_at)


def workbook_of(actor: Actor, sheet: Control) -> bytes:
    """The control sheet as a workbook."""
    title = str(Words("发放控制单", "Control sheet"))
    lines: list[Sequence[Cell]] = [
        (str(Words("期次", "Cycle")), sheet.batch.county, f"{sheet.county_name} {sheet.cycle}", None, None),
        (
            str(Words("批次", "Batch")),
            str(sheet.batch.number),
            sheet.file_name,
            sheet.batch.items,
            sheet.batch.total_fen,
        ),
    ]
    for words, shares in (
        (Words("乡镇", "Township"), sheet.townships), (Words("网点", "Branch"), sheet.branches),
        (Words("资金来源", "Payer"), sheet.payers),
    ):  # fmt: skip
        lines += [(str(words), one.code, one.name, one.items or None, one.fen) for one in shares]
    lines += [
        ("SHA-256", "", sheet.file_hash, None, None),
        (str(Words("编制", "Prepared by")), "", sheet.prepared_name, None, None),
        (str(Words("复核", "Released by")), "", sheet.released_name, None, None),
        (str(Words("依据", "Basis")), "", "、".join(sheet.clauses), None, None),
    ]
    return workbook(
        title=title,
        mark_line=mark(actor, sheet.cycle, title),
        headings=_HEADINGS,
        lines=lines,
        made_at=actor.now,
    )
