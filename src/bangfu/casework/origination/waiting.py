"""What waits for each role: applications at its step, exceptions to decide, papers to file."""

from __future__ import annotations

from collections.abc import Iterable

from bangfu.casework.database.actor import Actor
from bangfu.casework.origination.filings import CLAUSES, KINDS, still_due
from bangfu.casework.origination.listing import Row, waiting_rows
from bangfu.casework.origination.models import ExceptionApproval, ExceptionRequest
from bangfu.casework.origination.workflow import (
    BANK,
    BRANCH,
    DRAFT,
    RETURNED,
    STATES,
    STATION,
    TOWNSHIP,
    VILLAGE,
)
from bangfu.casework.people.queue import MOST, QueueItem, offers, yuan
from bangfu.casework.registry.api import places_of
from bangfu.casework.words import Words

_STEPS = {
    "village": (VILLAGE,),
    "township": (TOWNSHIP,),
    "station": (STATION,),
    "branch_officer": (BRANCH, RETURNED, DRAFT),
    "branch_manager": (BANK,),
}
EXCEPTION = Words("例外审批", "an exception to decide")


def steps_waiting(actor: Actor) -> Iterable[QueueItem]:
    """Applications that stand at the role's step, the most urgent first."""
    for row in waiting_rows(actor=actor, states=_STEPS[actor.role], most=MOST):
        yield QueueItem(
            title=STATES[row.state].words,
            subject=_about(row),
            where=row.place,
            due=row.due_on,
            url="application",
            args=(row.id,),
            clause=next(iter(STATES[row.state].clauses), ""),
        )


def exceptions_waiting(actor: Actor) -> Iterable[QueueItem]:
    """Exceptions that were asked for and that nobody has decided."""
    asked = list(ExceptionRequest.objects.order_by("at")[:MOST])
    done = {
        (one.application_id, one.code, bytes(one.seen_hash)): one.at
        for one in ExceptionApproval.objects.filter(
            application_id__in=[one.application_id for one in asked]
        ).order_by("at")
    }
    places = places_of([one.scope_area for one in asked], on=actor.on)
    for one in asked:
        decided = done.get((one.application_id, one.code, bytes(one.seen_hash)))
        if decided is None or decided < one.at:
            yield QueueItem(
                title=EXCEPTION,
                subject=str(one.application_id),
                where=places.get(one.scope_area) or one.scope_area,
                due=None,
                url="application",
                args=(str(one.application_id),),
                clause=next(iter(one.clauses), ""),
            )


def filings_waiting(actor: Actor) -> Iterable[QueueItem]:
    """Papers the bank has still to file."""
    for one in still_due(actor=actor)[:MOST]:
        yield QueueItem(
            title=KINDS[one.kind],
            subject=Words(f"{one.month:%Y年%m月}", f"{one.month:%B %Y}"),
            where=one.place_name,
            due=one.due_on,
            url="filings",
            clause=CLAUSES[one.kind],
        )


def _about(row: Row) -> str:
    amount = yuan(row.amount_fen) if row.amount_fen else ""
    return " · ".join(part for part in (row.borrower, amount, row.id) if part)


def offered() -> None:
    """Tell the work queue what this folder has for whom."""
    offers(tuple(_STEPS), steps_waiting)
    offers(("county_bank", "bureau"), exceptions_waiting)
    offers(("county_bank", "branch_manager"), filings_waiting)
