"""Money of a recovery line that came back: by receipt, from the borrower or the lender, until all of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.locks import PAYMENTS, held
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments.models import Recovered
from bangfu.casework.payments.words import RECOVERED_FROM
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import PAYERS, LineView, cycle_of, lines_by_id
from bangfu.money.fen import round_half_up

__all__ = ["RecoveryView", "recovered", "recoveries"]

CLAUSES = ("HLJ2019-2.2",)
_LONGEST = 100


@dataclass(frozen=True)
class RecoveryView:
    """A recovery line and what came back of it, in fen.

    Attributes:
        line: The line; its payable is below nothing.
        due_fen: What is to come back.
        back_fen: What came back.
        receipts: Day, fen, from whom, voucher.
    """

    line: LineView
    due_fen: int
    back_fen: int
    receipts: tuple[tuple[date, int, str, str], ...]

    @property
    def open_fen(self) -> int:
        """What is still missing."""
        return self.due_fen - self.back_fen


def recoveries(
    *, actor: Actor, county: str = "", cycle_id: object = None, only_open: bool = False
) -> tuple[RecoveryView, ...]:
    """The recovery lines in scope with their receipts, by village.

    Args:
        actor: Who reads.
        county: Only of this county.
        cycle_id: Only on lists of this cycle.
        only_open: Only those that are not all back.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    where, given = "", [f"{county}%"]
    if cycle_id is not None:
        where, given = " and s.cycle_id = %s", [*given, str(as_uuid(cycle_id))]
    with connection.cursor() as cursor:
        cursor.execute(
            "select l.id from casework_subsidy_line l join casework_subsidy_list s on s.id = l.subsidy_list_id"
            " where l.kind = 'recovery' and upper_inf(l.recorded) and l.scope_area like %s"
            f"{where} order by l.scope_area, l.number",
            given,
        )
        ids = [row[0] for row in cursor.fetchall()]
    lines = lines_by_id(ids, on=actor.on)
    receipts: dict[UUID, list[tuple[date, int, str, str]]] = {}
    for one in Recovered.objects.filter(line_id__in=ids).order_by("on", "id"):
        receipts.setdefault(one.line_id, []).append((one.on, one.amount_fen, one.from_whom, one.voucher))
    found = tuple(
        RecoveryView(
            lines[line], -lines[line].payable_fen, sum(one[1] for one in receipts.get(line, ())),
            tuple(receipts.get(line, ())),
        )
        for line in ids
        if lines[line].status != "excluded"
    )  # fmt: skip
    return tuple(one for one in found if one.open_fen or not only_open)


def recovered(
    *, actor: Actor, line_id: object, on: date, amount_fen: int, from_whom: str, voucher: str
) -> RecoveryView:
    """Enter a receipt of a recovery line: each payer gets back its part, so that all receipts together sum exactly.

    Args:
        actor: Of the finance bureau.
        line_id: The recovery line.
        on: The day the money came.
        amount_fen: How much; at most what is still missing.
        from_whom: borrower or lender.
        voucher: The receipt's number; the same one again changes nothing.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage`` (no recovery line, or not open), ``bad_field``,
            ``missing_field``, ``in_the_future``.
    """
    people.require(actor, "recovery.write")
    wanted = as_uuid(line_id)
    held(PAYMENTS, wanted)
    line = lines_by_id([wanted], on=actor.on).get(wanted)
    if line is None:
        raise Refused("not_in_scope")
    if line.kind != "recovery" or line.status != "open":
        raise Refused("wrong_stage")
    told = " ".join(voucher.split())
    if not told or len(told) > _LONGEST:
        raise Refused("missing_field" if not told else "bad_field", field="voucher")
    if from_whom not in RECOVERED_FROM:
        raise Refused("bad_field", field="from_whom")
    if on > actor.on:
        raise Refused("in_the_future", field="on", day=on.isoformat())
    if Recovered.objects.filter(line_id=wanted, voucher=told).exists():
        return _one(line)
    back = sum(Recovered.objects.filter(line_id=wanted).values_list("amount_fen", flat=True))
    if not 0 < amount_fen <= -line.payable_fen - back:
        raise Refused("bad_field", field="amount", missing_fen=-line.payable_fen - back)
    shares = _shares(line, back, amount_fen)
    same = {
        "scope_area": line.village, "institution_id": line.institution_id or None,
        "household_id": line.household_id or None,
    }  # fmt: skip
    Recovered.objects.create(
        line_id=wanted, loan_id=line.loan_id, on=on, amount_fen=amount_fen, by_source=shares, from_whom=from_whom,
        voucher=told, recorded_by=actor.account_id, at=actor.now, **same,
    )  # fmt: skip
    budgets.post(actor=actor, entries=_entries(actor, line, on=on, shares=shares, voucher=told))
    trail.record(
        actor=actor, act="payment.recovered", subject=("subsidy_line", wanted), scope_area=line.village,
        after={"amount_fen": amount_fen, "on": on.isoformat(), "kind": from_whom, "number": told}, basis=CLAUSES,
        institution_id=line.institution_id or None,
    )  # fmt: skip
    return _one(line)


def _one(line: LineView) -> RecoveryView:
    rows = Recovered.objects.filter(line_id=line.id).order_by("on", "id")
    receipts = tuple((one.on, one.amount_fen, one.from_whom, one.voucher) for one in rows)
    return RecoveryView(line, -line.payable_fen, sum(one[1] for one in receipts), receipts)


def _shares(line: LineView, back: int, amount: int) -> dict[str, int]:
    """The receipt's part of each payer: what is due to it of all receipts, less what it had of the earlier ones."""
    due = -line.payable_fen
    out: dict[str, int] = {}
    reached_before = reached_now = done_before = done_now = 0
    for payer in PAYERS:
        mine = -line.payable_by[payer]
        reached_before, reached_now = reached_before + mine * back, reached_now + mine * (back + amount)
        before, now = round_half_up(reached_before, due), round_half_up(reached_now, due)
        share = (now - done_now) - (before - done_before)
        done_before, done_now = before, now
        if share:
            out[payer] = share
    return out


def _entries(
    actor: Actor, line: LineView, *, on: date, shares: dict[str, int], voucher: str
) -> list[budgets.Entry]:
    """Entries: the money is available again, in the year and source it was paid of.

    A recovery of money that was not paid here (before the platform) stands in the receipts alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.cycle_id from casework_subsidy_line l join casework_subsidy_list s on s.id = l.subsidy_list_id"
            " join casework_payment_item i on i.line_id = l.id where l.id = %s limit 1",
            [line.corrects],
        )
        found = cursor.fetchone()
    if found is None:
        return []
    cycle = cycle_of(found[0], on=actor.on)
    return [
        budgets.Entry(
            key=f"recovered:{line.id}:{voucher[:60]}:{payer}", county=cycle.county, year=cycle.payment_month.year,
            source=payer, on=on, kind="recovered", amount_fen=fen, subject=f"subsidy_line:{line.id}", document=voucher,
        )
        for payer, fen in shares.items()
    ]  # fmt: skip
