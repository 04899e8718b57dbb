"""Batches and payments read: a fixed number of questions, whatever the number of rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid, from_json
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments.models import PaymentBatch, PaymentExport
from bangfu.casework.payments.views import BatchView, ItemPage, ItemView, Share
from bangfu.casework.payments.words import OUTCOMES
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data

__all__ = [
    "batch",
    "batch_of",
    "batches",
    "hash_of",
    "items",
    "items_of_line",
    "outcomes_of",
    "tried_again",
]

_OUTCOMES = """
select i.batch_id, coalesce(r.outcome, 'pending'), count(*), sum(i.amount_fen)::bigint
from casework_payment_item i
left join lateral (select outcome from casework_payment_result r where r.item_id = i.id order by number desc limit 1) r
  on true
where i.batch_id = any(%s) group by 1, 2
"""
_ITEMS = """
select i.id, i.batch_id, coalesce(b.number, 0), i.number, i.line_id, i.list_id, i.loan_id, coalesce(i.household_id, ''),
  i.scope_area, i.attempt, i.amount_fen, i.by_source, i.paid_to, i.payee_name, i.account_id, i.bank_name,
  coalesce(r.outcome, 'pending'), coalesce(r.reason_code, ''), coalesce(r.reason, ''), r."on",
  coalesce(r.reference, '')
from casework_payment_item i left join casework_payment_batch b on b.id = i.batch_id
left join lateral (select * from casework_payment_result r where r.item_id = i.id order by r.number desc limit 1) r
  on true
"""
_ACCOUNT_AT = 14
_LATEST = """
select distinct on (i.line_id) i.line_id, coalesce(r.outcome, 'pending') outcome from casework_payment_item i
left join lateral (select outcome from casework_payment_result r where r.item_id = i.id order by number desc limit 1) r
  on true
where i.line_id = any(%s) order by i.line_id, i.attempt desc
"""


def hash_of(batch_id: UUID, form: Mapping[str, Any]) -> str:
    """What a release binds to: every payment as it is, and the format; any change makes it another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, line_id::text, attempt, amount_fen, by_source::text, paid_to, payee_name,"
            " coalesce(id_number_id::text, ''), coalesce(account_id::text, ''), bank_name"
            " from casework_payment_item where batch_id = %s order by number",
            [batch_id],
        )
        rows = cursor.fetchall()
    return hashlib.sha256(json.dumps([form, rows], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def batch_of(batch_id: object) -> PaymentBatch:
    """A batch's row in scope; ``not_in_scope``."""
    row = PaymentBatch.objects.filter(pk=as_uuid(batch_id)).first()
    if row is None:
        raise Refused("not_in_scope")
    return row


def batch(*, actor: Actor, batch_id: object) -> BatchView:
    """One batch in scope.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "payment.read")
    return views_of([batch_of(batch_id)])[0]


def batches(
    *, actor: Actor, cycle_id: object = None, county: str = "", state: str = ""
) -> tuple[BatchView, ...]:
    """Batches in scope, the latest first.

    Args:
        actor: Who reads.
        cycle_id: Only of this cycle.
        county: Only of this county.
        state: Only those in it (``words.BATCH_STATES``).

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    rows = PaymentBatch.objects.order_by("-at", "-number")
    if cycle_id is not None:
        rows = rows.filter(cycle_id=as_uuid(cycle_id))
    if county:
        rows = rows.filter(scope_area=county)
    found = views_of(list(rows[:500]))
    return tuple(one for one in found if not state or one.state == state)


def views_of(rows: Sequence[PaymentBatch]) -> tuple[BatchView, ...]:
    """Rows as they are handed out."""
    ids = [one.pk for one in rows]
    exports = {one.batch_id: one for one in PaymentExport.objects.filter(batch_id__in=ids)}
    outcomes: dict[UUID, dict[str, tuple[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [ids])
        for batch_id, outcome, number, fen in cursor.fetchall():
            outcomes.setdefault(batch_id, {})[outcome] = (number, fen)
    return tuple(_view(one, exports.get(one.pk), outcomes.get(one.pk, {})) for one in rows)


def _view(row: PaymentBatch, export: PaymentExport | None, told: Mapping[str, tuple[int, int]]) -> BatchView:
    if export is None:
        state = "prepared"
    elif export.outcome == "rejected":
        state = "rejected"
    else:
        state = "released" if "pending" in told else "done"
    shares = tuple(Share(code, str(words), *told[code]) for code, words in OUTCOMES.items() if code in told)
    view = BatchView(
        row.pk, row.cycle_id, row.scope_area, row.number, state, str(row.format.get("name", "")), row.items,
        row.total_fen, row.by_source, shares, bytes(row.content_hash).hex(), row.prepared_by, row.prepared_name,
        row.at,
    )  # fmt: skip
    if export is None:
        return view
    return replace(
        view, released_name=export.done_name, released_at=export.at, reason=export.reason, file_id=export.file_id,
        control_id=export.control_id, file_hash=bytes(export.file_hash).hex() if export.file_hash else "",
    )  # fmt: skip


def items(
    *,
    actor: Actor,
    batch_id: object = None,
    list_id: object = None,
    outcome: str = "",
    village: str = "",
    page: int = 1,
    size: int = 50,
) -> ItemPage:
    """Payments of a batch or a list in scope, in their order.

    Args:
        actor: Who reads.
        batch_id: Only of this batch.
        list_id: Only of this list.
        outcome: Only those that came to this (``words.OUTCOMES``).
        village: Only of this place and below.
        page: From 1.
        size: Rows a page.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "payment.read")
    where, given = ["true"], []
    for column, value in (("i.batch_id", batch_id), ("i.list_id", list_id)):
        if value is not None:
            where.append(f"{column} = %s")
            given.append(str(as_uuid(value)))
    if outcome:
        where.append("coalesce(r.outcome, 'pending') = %s")
        given.append(outcome)
    if village:
        where.append("i.scope_area like %s")
        given.append(f"{village}%")
    text = f"{_ITEMS} where {' and '.join(where)}"
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*), coalesce(sum(amount_fen), 0)::bigint from ({text}) told", given)
        total, fen = cursor.fetchone() or (0, 0)
        cursor.execute(
            f"{text} order by coalesce(b.number, 0), i.number limit %s offset %s",
            [*given, size, (page - 1) * size],
        )
        rows = cursor.fetchall()
    return ItemPage(_item_views(rows), total, fen)


def items_of_line(line_ids: Sequence[UUID]) -> tuple[ItemView, ...]:
    """All attempts to pay lines in scope, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ITEMS} where i.line_id = any(%s) order by i.line_id, i.attempt", [list(line_ids)])
        return _item_views(cursor.fetchall())


def outcomes_of(line_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What became of the latest attempt to pay each line in scope (``words.OUTCOMES``); none of those not tried."""
    with connection.cursor() as cursor:
        cursor.execute(f"select line_id, outcome from ({_LATEST}) told", [list(line_ids)])
        return dict(cursor.fetchall())


def tried_again(rows: Sequence[ItemView]) -> dict[UUID, ItemView]:
    """Of payments that failed or came back the latest attempt since, by the id of the earlier; one question."""
    back = {one.id: one for one in rows if one.outcome in ("failed", "returned")}
    if not back:
        return {}
    last = {one.line_id: one for one in items_of_line([one.line_id for one in back.values()])}
    return {key: last[one.line_id] for key, one in back.items() if last[one.line_id].attempt > one.attempt}


def _item_views(rows: Sequence[Sequence[Any]]) -> tuple[ItemView, ...]:
    masked = personal_data.masked_of(row[_ACCOUNT_AT] for row in rows)
    out = []
    for row in rows:
        told = (*row[:11], from_json(row[11]), *row[12:14], masked.get(row[_ACCOUNT_AT], ""), *row[15:])
        out.append(ItemView(*told))
    return tuple(out)
