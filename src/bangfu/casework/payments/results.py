"""Results read back, matched line by line: taken as a whole or not at all; the same file again changes nothing."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import polars as pl
from django.db import DatabaseError, connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.copying import inserted
from bangfu.casework.database.locks import PAYMENTS, held
from bangfu.casework.database.questions import as_uuid, from_json
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.payments.formats import system_of
from bangfu.casework.payments.matching import Known, Matched, matched
from bangfu.casework.payments.models import PaymentBatch, PaymentExport, ResultFile
from bangfu.casework.payments.proofs import proved_by_card
from bangfu.casework.payments.reading import batch_of
from bangfu.casework.payments.tables import LARGEST, FileProblem, table_of
from bangfu.casework.payments.words import PAYING, REASONS
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.subsidies.api import CycleView, cycle_of

__all__ = ["ResultsRead", "record_return", "take_results", "try_results"]

_COUNTS = ("rows", "paid", "failed", "returned", "pending", "known")
_MOST_PROBLEMS, _LONGEST = 500, 200
_KNOWN = """
select i.id, i.number, i.amount_fen, i.account_id, i.line_id, i.list_id, i.loan_id, i.by_source, i.paid_to,
  i.scope_area, coalesce(i.institution_id, ''), coalesce(i.household_id, ''), i.payee_name,
  coalesce(r.outcome, ''), coalesce(r.number, 0)
from casework_payment_item i
left join lateral (select outcome, number from casework_payment_result r where r.item_id = i.id
  order by number desc limit 1) r on true
where i.batch_id = %s order by i.number
"""


@dataclass(frozen=True)
class ResultsRead:
    """What a result file holds.

    Attributes:
        sha256: Of its content, hexadecimal.
        rows: Rows in it.
        paid: Payments it says are paid, new ones.
        failed: That failed.
        returned: That came back.
        pending: That it says nothing of yet.
        known: Whose result stands already, the same.
        problems: What does not match; with one of them nothing is taken.
        taken_before: This very file was read before; nothing changes.
    """

    sha256: str
    rows: int
    paid: int
    failed: int
    returned: int
    pending: int
    known: int
    problems: tuple[FileProblem, ...]
    taken_before: bool = False


def try_results(*, actor: Actor, batch_id: object, content: bytes) -> ResultsRead:
    """Read a result file and say what it would do; nothing is written.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage`` (the batch was not released), ``too_large``.
    """
    return _read(actor, batch_id, content)[0]


def take_results(*, actor: Actor, batch_id: object, content: bytes, name: str) -> ResultsRead:
    """Take a result file: every result in it, or none where one row does not match (``problems`` says which).

    Args:
        actor: Of the county bank or the finance bureau.
        batch_id: The batch.
        content: The file as it came.
        name: Its name.

    Raises:
        Refused: as ``try_results``.
    """
    row = batch_of(batch_id)
    held(PAYMENTS, row.pk)
    found, fresh = _read(actor, batch_id, content)
    if found.problems or found.taken_before:
        return found
    cycle = cycle_of(row.cycle_id, on=actor.on)
    kept = documents.keep(
        actor=actor, subject=("payment_batch", row.pk), kind="payment_result", name=name, content=content,
        scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    file_id = uuid.uuid4()
    told = {name: getattr(found, name) for name in _COUNTS}
    ResultFile.objects.create(
        id=file_id, batch_id=row.pk, sha256=bytes.fromhex(found.sha256), file_id=kept.id, told=told,
        read_by=actor.account_id, read_name=actor.name, at=actor.now, scope_area=row.scope_area,
        institution_id=row.institution_id,
    )  # fmt: skip
    written(actor, cycle, fresh, file_id=kept.id)
    trail.record(
        actor=actor, act="payment.read_back", subject=("payment_batch", row.pk), after={**told, "sha256": found.sha256},
        basis=PAYING, scope_area=row.scope_area, institution_id=row.institution_id,
    )  # fmt: skip
    return found


def _read(actor: Actor, batch_id: object, content: bytes) -> tuple[ResultsRead, list[Matched]]:
    people.require(actor, "payment.result")
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_bytes=LARGEST)
    row = batch_of(batch_id)
    export = PaymentExport.objects.filter(batch_id=row.pk, outcome="released").first()
    if export is None:
        raise Refused("wrong_stage")
    digest = hashlib.sha256(content).hexdigest()
    before = ResultFile.objects.filter(batch_id=row.pk, sha256=bytes.fromhex(digest)).first()
    if before is not None:
        told = [int(before.told.get(name, 0)) for name in _COUNTS]
        rows, paid, failed, returned, pending, same = told
        return ResultsRead(digest, rows, paid, failed, returned, pending, same, (), taken_before=True), []
    form = system_of(row.format).results
    needed = ("amount", "status", "number" if form.columns.get("number") else "account")
    table = table_of(content, form.columns, needed=needed)
    if table.problems and form.columns.get("account"):  # a file may name accounts alone
        table = table_of(content, form.columns, needed=("amount", "status", "account"))
    if table.problems:
        return ResultsRead(digest, 0, 0, 0, 0, 0, 0, table.problems), []
    known = known_items(row)
    fresh, counts, problems = matched(
        table.rows,
        known,
        form,
        first_on=day_of(export.at),
        today=actor.on,
        numbered="number" in table.rows[0][1],
    )
    paid, failed, returned, pending, same = (counts[name] for name in _COUNTS[1:])
    found = tuple(problems[:_MOST_PROBLEMS])
    return ResultsRead(digest, len(table.rows), paid, failed, returned, pending, same, found), fresh


def known_items(row: PaymentBatch) -> list[Known]:
    """The payments of a batch with their clear accounts: the vault is read once."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [row.pk])
        rows = cursor.fetchall()
    clear = personal_data.opened_of(one[3] for one in rows)
    out = []
    for one in rows:
        told = (*one[:3], clear.get(one[3], ""), *one[4:7], from_json(one[7]), *one[8:])
        out.append(Known(*told))
    return out


def written(actor: Actor, cycle: CycleView, fresh: Sequence[Matched], *, file_id: UUID | None) -> None:
    """Results, the money they move, and what they prove: in a few statements."""
    if not fresh:
        return
    frame = pl.DataFrame(
        {
            "item_id": [str(one.item.id) for one in fresh],
            "number": [one.item.results + 1 for one in fresh],
            "outcome": [one.outcome for one in fresh],
            "reason_code": [one.reason_code for one in fresh],
            "reason": [one.reason[:_LONGEST] for one in fresh],
            "on": [one.on for one in fresh],
            "reference": [one.reference[:100] for one in fresh],
            "scope_area": [one.item.scope_area for one in fresh],
            "institution_id": [one.item.institution_id or None for one in fresh],
            "household_id": [one.item.household_id or None for one in fresh],
        }
    )
    try:
        with transaction.atomic():
            inserted(
                "casework_payment_result", frame,
                {"file_id": file_id, "recorded_by": actor.account_id, "at": actor.now},
            )  # fmt: skip
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") in ("BF002", "23505"):
            raise Refused("already_decided") from refused
        raise
    budgets.post(actor=actor, entries=_moved(cycle, fresh))
    proved_by_card(actor, [(one.item, one.on) for one in fresh if one.outcome == "paid"])


def _moved(cycle: CycleView, fresh: Sequence[Matched]) -> list[budgets.Entry]:
    """Entries: what was paid by list, source and day; what came back payment by payment."""
    county, year = cycle.county, cycle.payment_month.year
    paid: dict[tuple[str, str, date], int] = {}
    batch: dict[str, str] = {}
    entries: list[budgets.Entry] = []
    for one in fresh:
        for source, fen in one.item.by_source.items():
            if one.outcome == "paid":
                key = (str(one.item.list_id), source, one.on)
                paid[key] = paid.get(key, 0) + fen
                batch.setdefault(key[0], str(one.item.id))
                continue
            kind = "returned" if one.item.outcome == "paid" else "failed"
            entries.append(
                budgets.Entry(
                    key=f"{kind}:{one.item.id}:{one.item.results + 1}:{source}", source=source, on=one.on, kind=kind,
                    amount_fen=fen, subject=f"subsidy_line:{one.item.line_id}", why=one.reason_code, county=county,
                    year=year,
                )
            )  # fmt: skip
    # The first payment of a list in this reading names the entry: the same results can never be entered twice.
    entries += [
        budgets.Entry(
            key=f"paid:{batch[list_id]}:{source}:{on.isoformat()}", source=source, on=on, kind="paid", amount_fen=fen,
            subject=f"subsidy_list:{list_id}", county=county, year=year,
        )
        for (list_id, source, on), fen in sorted(paid.items())
    ]  # fmt: skip
    return entries


def record_return(
    *, actor: Actor, item_id: object, on: date, reason_code: str, reason: str = "", reference: str = ""
) -> None:
    """A paid payment came back later: it is due again, and what proved its arrival proves nothing more.

    Args:
        actor: Of the county bank or the finance bureau.
        item_id: The payment.
        on: The day it came back, not before it was paid.
        reason_code: One of ``words.REASONS``.
        reason: More of it.
        reference: The bank's number of it.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``, ``in_the_future``, ``wrong_stage`` (it is not
            paid), ``already_decided``.
    """
    people.require(actor, "payment.result")
    if reason_code not in REASONS or reason_code == "batch_rejected":
        raise Refused("bad_field", field="reason_code")
    if on > actor.on:
        raise Refused("in_the_future", field="on", day=on.isoformat())
    wanted = as_uuid(item_id)
    with connection.cursor() as cursor:
        cursor.execute(
            'select i.batch_id, i.number, (select r."on" from casework_payment_result r where r.item_id = i.id'
            " and r.outcome = 'paid' limit 1) from casework_payment_item i where i.id = %s",
            [wanted],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused("not_in_scope")
    batch_id, number, paid_on = found
    held(PAYMENTS, batch_id)
    row = batch_of(batch_id)
    item = next(one for one in known_items(row) if one.number == number)
    if item.outcome != "paid" or paid_on is None:
        raise Refused("wrong_stage")
    if on < paid_on:
        raise Refused("bad_field", field="on", paid_on=paid_on.isoformat())
    cycle = cycle_of(row.cycle_id, on=actor.on)
    told = re.sub(r"\d{6,}", "***", " ".join(reason.split()))
    written(actor, cycle, [Matched(item, "returned", reason_code, told, on, reference)], file_id=None)
    trail.record(
        actor=actor, act="payment.came_back", subject=("subsidy_line", item.line_id),
        after={"amount_fen": item.amount_fen, "outcome": "returned", "on": on.isoformat(), "kind": reason_code},
        basis=PAYING, scope_area=item.scope_area, institution_id=item.institution_id or None,
    )  # fmt: skip
