"""One repayment of the demonstration that its bank books late: too much is subsidised, then recovered by a receipt."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.imports.demo import COUNTY
from bangfu.casework.payments import api as payments

__all__ = ["RECOVERED", "booked_late", "receipts"]

# The quarter, by its exclusive end. Its old loans are subsidised without collecting first: where the interest comes
# first, a repayment told late holds the subsidy back by itself.
RECOVERED = date(2021, 3, 21)
_BOOKED_AFTER, _LEAST = timedelta(days=40), timedelta(days=20)
_NOTE = "银行补记还款"
# The first repayment of an old loan well before the period's end and its own maturity, where interest stops anyway.
_REPAID = (
    "select e.id from casework_loan_event e join casework_loan l on l.loan_id = e.loan_id and upper_inf(l.recorded)"
    " where upper_inf(e.recorded) and e.kind = 'repaid' and l.product = 'poverty' and not l.ordinary"
    ' and l.area_code like %s and e."on" > %s and e."on" < least(%s, l.matures_on - %s)'
    " order by e.loan_id, e.id limit 1"
)
_CLOSED = (
    "update casework_loan_event set recorded = tstzrange(lower(recorded), lower(recorded) + interval '1 microsecond')"
    " where id = %s"
)
_AGAIN = (
    'insert into casework_loan_event (loan_id, "on", kind, amount_fen, value, booked_on, source, note, recorded,'
    " recorded_by, scope_area, institution_id, household_id)"
    ' select loan_id, "on", kind, amount_fen, value, %s, source, %s, tstzrange(upper(recorded), null), recorded_by,'
    " scope_area, institution_id, household_id from casework_loan_event where id = %s"
)


def booked_late(period: tuple[date, date]) -> None:
    """Let the bank tell of one repayment of a quarter only after its lists were computed; what was repaid stays."""
    start, end = period
    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(_REPAID, [f"{COUNTY}%", start, end - _LEAST, _LEAST.days])
        for (event_id,) in cursor.fetchall():
            cursor.execute(_CLOSED, [event_id])
            cursor.execute(_AGAIN, [end + _BOOKED_AFTER, _NOTE, event_id])


def receipts(*, actor: Actor, cycle_id: object) -> None:
    """The borrower brings back what the cycle recovers, each against a receipt."""
    for number, one in enumerate(
        payments.recoveries(actor=actor, cycle_id=cycle_id, only_open=True), start=1
    ):
        payments.recovered(
            actor=actor, line_id=one.line.id, on=actor.on, amount_fen=one.open_fen, from_whom="borrower",
            voucher=f"示财收〔{actor.on.year}〕{number:03d}号",
        )  # fmt: skip
