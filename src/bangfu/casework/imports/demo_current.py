"""The demonstration's quarter under way: its townships stand at different steps, so that every desk has work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.imports.demo import COUNTY
from bangfu.casework.imports.demo_quarters import Quarter, photographed, quarters
from bangfu.casework.imports.demo_staff import Staff
from bangfu.casework.notices import api as notices
from bangfu.casework.payments import api as payments
from bangfu.casework.subsidies import api as subsidies

__all__ = ["demo_current"]

UNDER_WAY, NEXT = quarters(date(2026, 3, 21), date(2026, 9, 21))
# By the townships' order, the step their lists have come to; the others have gone all the way.
_STOPS: Mapping[int, str] = {
    0: "township_review", 1: "public_notice", 2: "township_submission", 3: "county_confirmation", 4: "payment",
    5: "payment", 6: "payment", 7: "announcement", 8: "filing", 9: "branch_list",
}  # fmt: skip
_NOTICED, _PREPARED, _SENT, _ANNOUNCED = 1, 5, 6, 7
_POSTED_BEFORE = 3  # days that the notices now hanging were posted before the day they are shown on
_SOMEBODY_SAYS = "听说这户的贷款没有用在生产上，请核实"


def demo_current(staff: Staff, *, known_at: datetime, on: date) -> None:
    """The quarter that ended last in the loaded ledger, under way; and the next one, computed, at the branches.

    Args:
        staff: Who sits where.
        known_at: A moment after the county was loaded.
        on: The day it is shown on.
    """
    quarter = Quarter(staff, UNDER_WAY, known_at)
    with entered(Scope(everything=True)):
        views = subsidies.lists_of(cycle_id=quarter.cycle.id, on=UNDER_WAY[1])
    towns = sorted({one.township for one in views})
    stops = {towns[number]: step for number, step in _STOPS.items()}
    quarter.stops = stops
    quarter.listed()
    quarter.reviewed()
    quarter.put_up()
    quarter.closed()
    quarter.submitted()
    quarter.confirmed()
    _paid(quarter, towns[_PREPARED], towns[_SENT])
    quarter.announced()
    quarter.filed()
    _hanging(quarter, towns[_NOTICED], towns[_ANNOUNCED], on=on)
    if day_of(known_at) > NEXT[1] + timedelta(days=2):
        following = Quarter(staff, NEXT, known_at)
        site = Actor.site(now=following.now(2), via="job")
        with entered(site.scope):
            subsidies.compute_cycle(actor=site, cycle_id=following.cycle.id, known_at=known_at)


def _hanging(quarter: Quarter, noticed: str, announced: str, *, on: date) -> None:
    """One township's notice and one's announcement hang now, with photographs; to a row of the notice is objected."""
    day = max(9, (on - quarter.period[1]).days - _POSTED_BEFORE)
    quarter.stops = {town: step for town, step in quarter.stops.items() if town not in (noticed, announced)}
    quarter.put_up(day=day)
    quarter.announce(day=day)
    for serial, town in enumerate((noticed, announced)):
        with quarter.staff.acting("township", town, now=quarter.now(day)) as actor:
            for view in subsidies.lists_of(cycle_id=quarter.cycle.id, on=actor.on):
                for told in notices.of_list(actor=actor, list_id=view.id):
                    if told.notice.level == notices.TOWNSHIP and not told.notice.ended:
                        photographed(actor, told, serial)
    with entered(Scope()):
        token = quarter.row(noticed, 1, day=day)
        notices.object_to(token=token, ground="other", text=_SOMEBODY_SAYS, now=quarter.now(day + 1))


def _paid(quarter: Quarter, prepared: str, sent: str) -> None:
    """Most lists are paid; one township's batch waits for a second person, one's for the bank, one's to be prepared."""
    with entered(Scope(everything=True)):
        views = subsidies.lists_of(cycle_id=quarter.cycle.id, states=("payment",), on=UNDER_WAY[1])
    of_town = {town: [one.id for one in views if one.township == town] for town in (prepared, sent)}
    quarter.sent(26, list_ids=[one.id for one in views if quarter.stops.get(one.township) != "payment"])
    finance = quarter.staff
    for town in (sent, prepared):
        batch = finance.does(
            payments.prepare, "finance", COUNTY, now=quarter.now(30), cycle_id=quarter.cycle.id,
            list_ids=of_town[town],
        )  # fmt: skip
        if town == sent:
            quarter.allotted(batch.by_source, day=31)
            finance.does(
                payments.release, "finance", COUNTY, now=quarter.now(31), colleague=1, batch_id=batch.id,
                seen_hash=batch.content_hash,
            )  # fmt: skip
    quarter.finished(33)
