"""What of the registry waits for a role: requests to decide, rosters to deliver, deliveries to acknowledge."""

from __future__ import annotations

from collections.abc import Iterator

from bangfu.casework.database.actor import Actor
from bangfu.casework.people.queue import QueueItem, offers
from bangfu.casework.registry.areas import places_of
from bangfu.casework.registry.delivery import LATE_AFTER, deliveries, due
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words

_DECIDE = Words("审批变更申请", "Decide a request")
_DELIVER = Words("提供名单", "Deliver the rosters")
_ACKNOWLEDGE = Words("签收名单", "Acknowledge the rosters")


def to_decide(actor: Actor) -> Iterator[QueueItem]:
    """Requests that wait for the actor's decision, the oldest first."""
    waiting = requests.open_for(actor=actor, at_most=100)
    places = places_of([one.scope_area for one in waiting], on=actor.on)
    kinds = requests.kinds()
    for one in waiting:
        clause = next(iter(kinds[one.kind].clauses), "")
        place = places.get(one.scope_area, one.scope_area)
        yield QueueItem(_DECIDE, kinds[one.kind].words, place, None, "request", (one.id,), clause)


def to_deliver(actor: Actor) -> Iterator[QueueItem]:
    """Banks whose rosters of the quarter were not delivered."""
    for one in due(actor=actor):
        if one.delivery is None:
            yield QueueItem(_DELIVER, one.bank, "、".join(one.townships), one.as_of + LATE_AFTER, "deliveries", (),
                            "LD2021-3.3")  # fmt: skip


def to_acknowledge(actor: Actor) -> Iterator[QueueItem]:
    """Deliveries to the actor's bank that nobody acknowledged."""
    for one in deliveries(actor=actor):
        if one.acknowledged_at is None and one.institution_id in actor.scope.institutions:
            yield QueueItem(
                _ACKNOWLEDGE, one.as_of.isoformat(), one.bank, None, "delivery", (one.id,), "LD2021-3.3"
            )


def offered() -> None:
    """Register what waits; called once, by the api."""
    offers(("bureau", "regulator", "admin"), to_decide)
    offers("bureau", to_deliver)
    offers(("branch_officer", "branch_manager", "county_bank"), to_acknowledge)
