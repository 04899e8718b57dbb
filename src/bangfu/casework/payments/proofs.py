"""Proof that the money of a line reached the household: its own card, the lender's ledger, or a paper (HLJ2019-2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.copying import inserted
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.payments.accounts import same_name
from bangfu.casework.payments.matching import Known
from bangfu.casework.payments.models import HouseholdProof
from bangfu.casework.payments.words import PROVING
from bangfu.casework.people import api as people

__all__ = [
    "Missing", "MissingPage", "ProofView", "match_returns", "proofs_missing", "proofs_of", "prove", "proved_by_card",
]  # fmt: skip

# A payment that stands paid and no proof of it: a returned payment's proof is of that payment alone; one by an event
# of the ledger holds while the event stands.
_UNPROVED = """
from casework_payment_item i
join lateral (select outcome, "on" from casework_payment_result r where r.item_id = i.id order by number desc limit 1) r
  on r.outcome = 'paid'
left join casework_household_proof p on p.item_id = i.id and (p.event_id is null or exists (
  select from casework_loan_event e where e.id = p.event_id and upper_inf(e.recorded)))
where p.id is null
"""


@dataclass(frozen=True)
class Missing:
    """A payment that is not proved to have reached the household.

    Attributes:
        item_id: The payment.
        line_id: The line.
        loan_id: The loan.
        household_id: The household.
        village: 12-digit code.
        institution_id: The branch.
        payee_name: Whose account it went to.
        paid_to: borrower or lender.
        amount_fen: How much.
        paid_on: When.
        days: Since then.
        why: One of ``words.UNPROVED``.
    """

    item_id: UUID
    line_id: UUID
    loan_id: str
    household_id: str
    village: str
    institution_id: str
    payee_name: str
    paid_to: str
    amount_fen: int
    paid_on: date
    days: int
    why: str


@dataclass(frozen=True)
class MissingPage:
    """A page of them, how many and how much they are in all."""

    rows: tuple[Missing, ...]
    total: int
    fen: int


@dataclass(frozen=True)
class ProofView:
    """A proof of one payment (``words.PROOFS``)."""

    line_id: UUID
    item_id: UUID
    kind: str
    on: date
    amount_fen: int
    event_id: int | None
    file_id: UUID | None
    note: str


def proved_by_card(actor: Actor, paid: Sequence[tuple[Known, date]]) -> int:
    """Enter the proof of payments to the household's own card: its holder is the borrower, or of the household."""
    mine = [(item, on) for item, on in paid if item.paid_to == "borrower"]
    if not mine:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, borrower_name from casework_subsidy_line where id = any(%s)",
            [[item.line_id for item, _ in mine]],
        )
        borrowers = dict(cursor.fetchall())
    others = {
        item.household_id
        for item, _ in mine
        if not same_name(borrowers.get(item.line_id, ""), item.payee_name)
    }
    members: dict[str, list[str]] = {}
    if others:
        with connection.cursor() as cursor:
            cursor.execute(
                "select household_id, name from casework_member where upper_inf(recorded) and upper_inf(valid)"
                " and household_id = any(%s)",
                [sorted(others)],
            )
            for household, name in cursor.fetchall():
                members.setdefault(household, []).append(name)
    own = [
        (item, on)
        for item, on in mine
        if any(
            same_name(name, item.payee_name)
            for name in (borrowers.get(item.line_id, ""), *members.get(item.household_id, ()))
        )
    ]
    return _kept(actor, own, kind="card")


def _kept(actor: Actor, proved: Sequence[tuple[Known, date]], *, kind: str) -> int:
    if not proved:
        return 0
    frame = pl.DataFrame(
        {
            "line_id": [str(item.line_id) for item, _ in proved],
            "item_id": [str(item.id) for item, _ in proved],
            "loan_id": [item.loan_id for item, _ in proved],
            "on": [on for _, on in proved],
            "amount_fen": [item.amount_fen for item, _ in proved],
            "scope_area": [item.scope_area for item, _ in proved],
            "institution_id": [item.institution_id or None for item, _ in proved],
            "household_id": [item.household_id or None for item, _ in proved],
        }
    )
    same = {"kind": kind, "note": "", "recorded_by": actor.account_id, "at": actor.now}
    return inserted("casework_household_proof", frame, same)


def match_returns(*, actor: Actor, county: str = "") -> int:
    """Match what lenders passed on, by the ledger, to what was paid to them: oldest first, each event once.

    An event proves the oldest payment of its loan that it reaches, paid before it and not proved yet; an event that is
    less than a payment proves none: what is missing stays visible.

    Args:
        actor: Of the finance bureau, or the site itself; in their scope.
        county: Only of this county.

    Returns:
        How many were matched.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "proof.write")
    with connection.cursor() as cursor:
        cursor.execute(
            'select i.id, i.line_id, i.loan_id, i.amount_fen, r."on", i.scope_area, i.institution_id, i.household_id'
            f" {_UNPROVED} and i.paid_to = 'lender' and i.scope_area like %s"
            ' order by i.loan_id, r."on", i.id',
            [f"{county}%"],
        )
        waiting = cursor.fetchall()
        cursor.execute(
            'select e.loan_id, e.id, e."on", e.amount_fen from casework_loan_event e where upper_inf(e.recorded)'
            " and e.kind = 'subsidy_returned' and e.loan_id = any(%s) and not exists (select from"
            ' casework_household_proof p where p.event_id = e.id) order by e.loan_id, e."on", e.id',
            [sorted({row[2] for row in waiting})],
        )
        events: dict[str, list[tuple[int, date, int]]] = {}
        for loan, event, on, fen in cursor.fetchall():
            events.setdefault(loan, []).append((event, on, fen))
    made = []
    for item, line, loan, fen, paid_on, area, institution, household in waiting:
        free = events.get(loan, [])
        fitting = next((one for one in free if one[1] >= paid_on and one[2] >= fen), None)
        if fitting is None:
            continue
        free.remove(fitting)
        made.append(
            HouseholdProof(
                line_id=line, item_id=item, loan_id=loan, kind="returned_by_lender", on=fitting[1],
                amount_fen=fitting[2], event_id=fitting[0], recorded_by=actor.account_id, at=actor.now, scope_area=area,
                institution_id=institution, household_id=household,
            )
        )  # fmt: skip
    HouseholdProof.objects.bulk_create(made, batch_size=2_000, ignore_conflicts=True)
    return len(made)


def prove(*, actor: Actor, item_id: object, on: date, name: str, content: bytes, note: str = "") -> ProofView:
    """Enter a paper that proves the arrival: the household's receipt, a statement of its account.

    Args:
        actor: Of the finance bureau.
        item_id: The payment.
        on: The day the household had the money.
        name: Of the file.
        content: The paper.
        note: A word on it.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage`` (it is not paid, or proved already),
            ``in_the_future``, ``bad_field``, ``bad_file``.
    """
    people.require(actor, "proof.write")
    with connection.cursor() as cursor:
        cursor.execute(
            'select i.line_id, i.loan_id, i.amount_fen, r."on", i.scope_area, i.institution_id, i.household_id'
            f" {_UNPROVED} and i.id = %s",
            [as_uuid(item_id)],
        )
        found = cursor.fetchone()
        if found is None:
            cursor.execute("select 1 from casework_payment_item where id = %s", [as_uuid(item_id)])
            raise Refused("wrong_stage" if cursor.fetchone() else "not_in_scope")
    line, loan, fen, paid_on, area, institution, household = found
    if on > actor.on:
        raise Refused("in_the_future", field="on", day=on.isoformat())
    if on < paid_on:
        raise Refused("bad_field", field="on", paid_on=paid_on.isoformat())
    file = documents.keep(
        actor=actor, subject=("subsidy_line", line), kind="other_paper", name=name, content=content, scope_area=area,
        institution_id=institution, household_id=household,
    )  # fmt: skip
    row = HouseholdProof.objects.create(
        line_id=line, item_id=as_uuid(item_id), loan_id=loan, kind="paper", on=on, amount_fen=fen, file_id=file.id,
        note=" ".join(note.split())[:300], recorded_by=actor.account_id, at=actor.now, scope_area=area,
        institution_id=institution, household_id=household,
    )  # fmt: skip
    trail.record(
        actor=actor, act="payment.proved", subject=("subsidy_line", line), scope_area=area, basis=PROVING,
        after={"amount_fen": fen, "on": on.isoformat(), "file": str(file.id)}, institution_id=institution,
    )  # fmt: skip
    return _view(row)


def proofs_of(line_ids: Sequence[UUID]) -> tuple[ProofView, ...]:
    """The proofs of lines in scope, in the order they were entered."""
    return tuple(
        _view(one) for one in HouseholdProof.objects.filter(line_id__in=list(line_ids)).order_by("id")
    )


def _view(row: HouseholdProof) -> ProofView:
    return ProofView(
        row.line_id, row.item_id, row.kind, row.on, row.amount_fen, row.event_id, row.file_id, row.note
    )


def proofs_missing(
    *,
    actor: Actor,
    county: str = "",
    cycle_id: object = None,
    paid_to: str = "",
    page: int = 1,
    size: int = 50,
) -> MissingPage:
    """What is paid and not proved to have reached the household, the oldest first.

    Args:
        actor: Who reads.
        county: Only of this county.
        cycle_id: Only of this cycle.
        paid_to: Only what went to the borrower, or to the lender.
        page: From 1.
        size: Rows a page.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    where, given = ["i.scope_area like %s"], [f"{county}%"]
    if cycle_id is not None:
        where.append("i.batch_id in (select id from casework_payment_batch where cycle_id = %s)")
        given.append(str(as_uuid(cycle_id)))
    if paid_to:
        where.append("i.paid_to = %s")
        given.append(paid_to)
    text = f"{_UNPROVED} and {' and '.join(where)}"
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*), coalesce(sum(i.amount_fen), 0)::bigint {text}", given)
        total, fen = cursor.fetchone() or (0, 0)
        cursor.execute(
            "select i.id, i.line_id, i.loan_id, coalesce(i.household_id, ''), i.scope_area,"
            " coalesce(i.institution_id, ''), i.payee_name, i.paid_to, i.amount_fen, r.\"on\""
            f' {text} order by r."on", i.scope_area, i.id limit %s offset %s',
            [*given, size, (page - 1) * size],
        )
        rows = cursor.fetchall()
    found = []
    for row in rows:
        why = "lender_keeps" if row[7] == "lender" else "holder_outside"
        told = (*row, (actor.on - row[9]).days, why)
        found.append(Missing(*told))
    return MissingPage(tuple(found), total, fen)
