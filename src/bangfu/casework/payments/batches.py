"""Batches for the one-card system: prepared by one, released by another, who saw exactly what goes out.

A cycle has as many batches as are needed: a late list, a household without an account, a payment that came back go into
the next one and hold nobody.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import polars as pl
from django.db import DatabaseError, connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted
from bangfu.casework.database.locks import PAYMENTS, held
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.payments import control
from bangfu.casework.payments.card_file import FLAWS, FileFormat, Flaw, Heads, Row, Unfit, flaws_of, written
from bangfu.casework.payments.control_paper import form_words, paper_of
from bangfu.casework.payments.due import Due, due_lines, left_out
from bangfu.casework.payments.formats import spec_of, standing_format, system_of
from bangfu.casework.payments.models import PaymentBatch, PaymentExport, PaymentItem, PaymentResult
from bangfu.casework.payments.reading import batch_of, hash_of, views_of
from bangfu.casework.payments.views import BatchView, Control
from bangfu.casework.payments.words import PAID_TO, PAYING
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import places_of
from bangfu.casework.subsidies.api import PAYERS, CycleView, cycle_of
from bangfu.casework.words import Words
from bangfu.reports.papers import control_sheet

__all__ = ["prepare", "reject", "release"]

FILE, CONTROL = "payment_file", "payment_control"
_BUSY = ("BF002", "23505", "40001", "40P01")
_NUMBERS = ("id_number", "account")
_SHOWN, _LONGEST = 50, 500


def prepare(
    *,
    actor: Actor,
    cycle_id: object,
    list_ids: Sequence[object] = (),
    line_ids: Sequence[object] = (),
    paid_to: str = "borrower",
) -> BatchView:
    """Put all lines of a cycle that can be paid now into a batch; those that cannot are named in ``left_out``.

    Args:
        actor: Of the county's finance bureau.
        cycle_id: The cycle.
        list_ids: Only of these lists.
        line_ids: Only these lines; one of them is paid again even to an account that was not corrected.
        paid_to: borrower (to the household's card), or lender where the household has not paid the interest itself.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``no_account`` (nothing can be paid now, with ``left_out``),
            ``bad_file`` (a cell the file cannot carry, with ``rows``), ``paid_once``.
    """
    people.require(actor, "payment.prepare")
    if paid_to not in PAID_TO:
        raise Refused("bad_field", field="paid_to")
    cycle = cycle_of(cycle_id, on=actor.on)
    people.require_county(actor, cycle.county)
    held(PAYMENTS, cycle.id)
    lines = due_lines(cycle.id, on=actor.on, list_ids=list_ids, line_ids=line_ids, paid_to=paid_to)
    good = [one for one in lines if not one.why_not]
    if not good:
        raise Refused("no_account" if lines else "nothing_to_pay", left_out=len(lines))
    system = standing_format(cycle.county)
    batch_id = uuid.uuid4()
    number = PaymentBatch.objects.filter(cycle_id=cycle.id).count() + 1
    total = sum(one.amount_fen for one in good)
    by_source = {payer: sum(one.by_source.get(payer, 0) for one in good) for payer in PAYERS}
    heads = _heads(actor, cycle, number, len(good), total)
    _sound(system.file, heads, _rows_of(good, form=system.file, actor=actor))
    form = spec_of(system)
    with _once():
        _items(batch_id, good, paid_to)
        row = PaymentBatch.objects.create(
            id=batch_id, cycle_id=cycle.id, number=number, format=form,
            content_hash=bytes.fromhex(hash_of(batch_id, form)), items=len(good), total_fen=total, by_source=by_source,
            prepared_by=actor.account_id, prepared_name=actor.name, at=actor.now, scope_area=cycle.county,
            institution_id=_bank_of({one.institution_id for one in good}),
        )  # fmt: skip
    trail.record(
        actor=actor, act="payment.prepared", subject=("payment_batch", batch_id), scope_area=cycle.county,
        after={"lines": len(good), "amount_fen": total, "by": by_source, "hash": row.content_hash.hex(),
               "number": number}, basis=PAYING, institution_id=row.institution_id,
    )  # fmt: skip
    made = views_of([batch_of(batch_id)])[0]
    return replace(made, left_out=left_out(lines))


def release(*, actor: Actor, batch_id: object, seen_hash: str) -> BatchView:
    """Another person releases the batch: the file is made, its hash kept, the money counts as on its way.

    Args:
        actor: Not who prepared it.
        batch_id: The batch.
        seen_hash: ``BatchView.content_hash`` of what was read.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``own_step``, ``already_decided``, ``content_changed``,
            ``budget_short`` (with the source), ``bad_file``.
    """
    row, cycle = _waiting(actor, batch_id, seen_hash)
    held(PAYMENTS, cycle.county)
    _reaches(row, cycle)
    system = system_of(row.format)
    rows = _rows_sent(row, actor=actor)
    heads = _heads(actor, cycle, row.number, row.items, row.total_fen)
    content = _file(system.file, heads, rows)
    name = f"{cycle.county}-{cycle.words.zh}-{row.number:02d}{system.file.ending}"
    file = documents.keep(
        actor=actor, subject=("payment_batch", row.pk), kind=FILE, name=name, content=content, made_by_us=True,
        scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    sheet = control.sheet_of(
        actor=actor,
        batch=views_of([row])[0],
        cycle=cycle,
        file_name=name,
        file_hash=file.sha256,
    )
    paper = _control(actor, row, cycle, sheet)
    PaymentExport.objects.create(
        batch_id=row.pk, outcome="released", file_id=file.id, control_id=paper,
        file_hash=bytes.fromhex(file.sha256), seen_hash=bytes.fromhex(seen_hash), done_by=actor.account_id,
        done_name=actor.name, at=actor.now, scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    budgets.post(actor=actor, entries=_sent(actor, row, cycle))
    trail.record(
        actor=actor, act="payment.released", subject=("payment_batch", row.pk), scope_area=row.scope_area,
        after={"lines": row.items, "amount_fen": row.total_fen, "sha256": file.sha256, "hash": seen_hash},
        basis=PAYING, institution_id=row.institution_id,
    )  # fmt: skip
    return views_of([row])[0]


def _control(actor: Actor, row: PaymentBatch, cycle: CycleView, sheet: Control) -> uuid.UUID:
    """The control sheet kept beside the file, as a paper to sign and as a workbook; the paper's id."""
    name = f"{cycle.county}-{cycle.words.zh}-{row.number:02d}-control"
    kept = [
        documents.keep(
            actor=actor, subject=("payment_batch", row.pk), kind=CONTROL, name=f"{name}{ending}", content=content,
            made_by_us=True, scope_area=row.scope_area, institution_id=row.institution_id,
        )
        for ending, content in (
            (".pdf", control_sheet(paper_of(sheet, file_form=form_words(system_of(row.format).file)))),
            (".xlsx", control.workbook_of(actor, sheet)),
        )
    ]  # fmt: skip
    return kept[0].id


def reject(*, actor: Actor, batch_id: object, seen_hash: str, reason: str) -> BatchView:
    """Another person rejects the batch: nothing goes out, its lines wait for the next one.

    Raises:
        Refused: as ``release``; ``reason_missing``.
    """
    row, _ = _waiting(actor, batch_id, seen_hash)
    told = people.require_reason(reason, field="reason")[:_LONGEST]
    PaymentExport.objects.create(
        batch_id=row.pk, outcome="rejected", reason=told, seen_hash=bytes.fromhex(seen_hash), done_by=actor.account_id,
        done_name=actor.name, at=actor.now, scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    items = PaymentItem.objects.filter(batch_id=row.pk)
    PaymentResult.objects.bulk_create(
        [
            PaymentResult(
                item_id=one.pk, number=1, outcome="failed", reason_code="batch_rejected", on=actor.on,
                recorded_by=actor.account_id, at=actor.now, scope_area=one.scope_area,
                institution_id=one.institution_id, household_id=one.household_id,
            )
            for one in items
        ],
        batch_size=5_000,
    )  # fmt: skip
    trail.record(
        actor=actor, act="payment.rejected", subject=("payment_batch", row.pk), why=told,
        scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    return views_of([row])[0]


def _waiting(actor: Actor, batch_id: object, seen_hash: str) -> tuple[PaymentBatch, CycleView]:
    """The batch under its lock, seen as it is, by another than who prepared it."""
    people.require(actor, "payment.release")
    row = batch_of(batch_id)
    cycle = cycle_of(row.cycle_id, on=actor.on)
    people.require_county(actor, cycle.county)
    held(PAYMENTS, row.pk)
    if PaymentExport.objects.filter(batch_id=row.pk).exists():
        raise Refused("already_decided")
    people.require_other(actor, row.prepared_by)
    if not seen_hash == bytes(row.content_hash).hex() == hash_of(row.pk, row.format):
        raise Refused("content_changed")
    return row, cycle


@contextmanager
def _once() -> Iterator[None]:
    """What PostgreSQL refuses because a line is paid, or under payment, is refused by its name."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") in _BUSY:
            raise Refused("paid_once") from refused
        raise


def _items(batch_id: uuid.UUID, lines: Sequence[Due], paid_to: str) -> None:
    """The payments, in one statement: PostgreSQL looks at all of them at once."""
    told: dict[str, list[object]] = {
        "id": [], "number": [], "line_id": [], "list_id": [], "loan_id": [], "attempt": [], "amount_fen": [],
        "by_source": [], "payee_name": [], "id_number_id": [], "account_id": [], "bank_name": [], "scope_area": [],
        "institution_id": [], "household_id": [],
    }  # fmt: skip
    for number, one in enumerate(lines, start=1):
        account = one.account
        if account is None:  # left out before
            raise ValueError("a line without an account")
        values = (
            str(uuid.uuid4()), number, str(one.line_id), str(one.list_id), one.loan_id, one.attempt, one.amount_fen,
            json.dumps(one.by_source), account.holder_name, str(one.id_number_id) if one.id_number_id else None,
            str(account.account_id), account.bank_name, one.village, one.institution_id or None,
            one.household_id or None,
        )  # fmt: skip
        for column, value in zip(told.values(), values, strict=True):
            column.append(value)
    inserted("casework_payment_item", pl.DataFrame(told), {"batch_id": batch_id, "paid_to": paid_to})


def _bank_of(branches: set[str]) -> str | None:
    """The bank over all branches of a batch: it sees the batch and reads its results back; None where there are two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct coalesce(parent_id, institution_id) from casework_institution where upper_inf(recorded)"
            " and institution_id = any(%s)",
            [sorted(branches)],
        )
        found = [row[0] for row in cursor.fetchall()]
    return found[0] if len(found) == 1 else None


def _heads(actor: Actor, cycle: CycleView, number: int, count: int, total: int) -> Heads:
    return Heads(count, total, actor.on, cycle.county, cycle.county_name, number, cycle.words.zh)


def _rows_of(lines: Sequence[Due], *, form: FileFormat, actor: Actor) -> list[Row]:
    """The rows before they are kept, enough to see what a file could not carry.

    Numbers are masked; where no column of them has a width, a sign stands for each and the vault is not asked.
    """
    ids = [one.account.account_id for one in lines if one.account] + [one.id_number_id for one in lines]
    measured = any(one.width for one in form.columns if one.field in _NUMBERS)
    masked = personal_data.masked_of(ids) if measured else dict.fromkeys(ids, "*")
    names = places_of({one.village for one in lines} | {one.township for one in lines}, on=actor.on)
    return [
        Row(
            number, one.account.holder_name if one.account else "",
            masked.get(one.id_number_id, "") if one.id_number_id else "",
            masked.get(one.account.account_id, "") if one.account else "", one.account.bank_name if one.account else "",
            one.amount_fen, one.village, names.get(one.village, ""), names.get(one.township, ""), one.household_id,
            one.loan_id, one.start, one.end,
        )
        for number, one in enumerate(lines, start=1)
    ]  # fmt: skip


_SENT = (
    "select i.number, i.payee_name, i.id_number_id, i.account_id, i.bank_name, i.amount_fen, i.scope_area,"
    " s.township, coalesce(i.household_id, ''), i.loan_id, lower(l.period), upper(l.period)"
    " from casework_payment_item i join casework_subsidy_line l on l.id = i.line_id"
    " join casework_subsidy_list s on s.id = i.list_id where i.batch_id = %s order by i.number"
)


def _rows_sent(row: PaymentBatch, *, actor: Actor) -> list[Row]:
    """The rows with their clear numbers: the vault is read once for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [row.pk])
        told = cursor.fetchall()
    clear = personal_data.opened_of(one for line in told for one in line[2:4])
    names = places_of({code for line in told for code in line[6:8]}, on=actor.on)
    return [
        Row(
            number, name, clear.get(id_number, ""), clear.get(account, ""), bank, fen, village, names.get(village, ""),
            names.get(township, ""), household, loan, start, end,
        )
        for number, name, id_number, account, bank, fen, village, township, household, loan, start, end in told
    ]  # fmt: skip


def _sound(form: FileFormat, heads: Heads, rows: Sequence[Row]) -> None:
    """Refuse a batch whose file could not carry a cell."""
    flaws = flaws_of(form, heads, rows)
    if flaws:
        raise _unfit(flaws)


def _file(form: FileFormat, heads: Heads, rows: Sequence[Row]) -> bytes:
    try:
        return written(form, heads, rows)
    except Unfit as unfit:
        raise _unfit(unfit.flaws) from unfit


def _unfit(flaws: Sequence[Flaw]) -> Refused:
    """The refusal of a file by row and column; ``rows`` tells them in words, without names."""
    told = tuple(_told(one) for one in flaws[:_SHOWN])
    return Refused("bad_file", field="file", rows=told, wrong=len(flaws))


def _told(flaw: Flaw) -> Words:
    words, signs = FLAWS[flaw.code], f" {flaw.signs}" if flaw.signs else ""
    return Words(
        f"第 {flaw.number} 行 {flaw.loan_id} {flaw.column}：{words.zh}{signs}",
        f"row {flaw.number} {flaw.loan_id} {flaw.column}: {words.en}{signs}",
    )


def _reaches(row: PaymentBatch, cycle: CycleView) -> None:
    """Refuse where the money of a source does not reach for what goes out."""
    room = budgets.room(county=cycle.county, year=cycle.payment_month.year)
    for source, fen in row.by_source.items():
        if fen > room.get(source, 0):
            raise Refused(
                "budget_short", field=source, source=budgets.SOURCES[source], needed_fen=fen,
                there_fen=room.get(source, 0), year=cycle.payment_month.year,
            )  # fmt: skip


def _sent(actor: Actor, row: PaymentBatch, cycle: CycleView) -> list[budgets.Entry]:
    """Entries: the money of each list and source goes from committed to in payment."""
    sums: dict[tuple[str, str], int] = {}
    rows = PaymentItem.objects.filter(batch_id=row.pk).values_list("list_id", "by_source")
    for list_id, by_source in rows:
        shares: Mapping[str, int] = by_source
        for source, fen in shares.items():
            sums[str(list_id), source] = sums.get((str(list_id), source), 0) + fen
    return [
        budgets.Entry(
            key=f"released:{row.pk}:{list_id}:{source}", county=cycle.county, year=cycle.payment_month.year,
            source=source, on=actor.on, kind="released", amount_fen=fen, subject=f"payment_batch:{row.pk}",
        )
        for (list_id, source), fen in sorted(sums.items())
    ]  # fmt: skip
