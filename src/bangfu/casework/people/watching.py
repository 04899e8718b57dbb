"""Those who watch over the trail: verify the whole chain, keep the day's anchor, print it to be signed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.people.held import place_name
from bangfu.casework.people.rights import require
from bangfu.reports.papers import Imprint, TrailAnchor, trail_anchor

__all__ = ["anchor_sheet", "keep_anchor", "verify_trail"]


def verify_trail(*, actor: Actor, folder: Path) -> trail.Verified:
    """Read the whole chain again against the anchors of a folder; what comes out is numbers and faults, no contents.

    Raises:
        Refused: ``not_your_role``.
    """
    require(actor, "trail.verify")
    with widened():
        found = trail.verified(folder)
    after = {"number": found.number, "hash": found.hash, "faults": len(found.faults)}
    trail.record(actor=actor, act="trail.verified", subject=("trail", ""), after=after)
    return found


def keep_anchor(*, actor: Actor, folder: Path) -> trail.Anchor:
    """Write the day's anchor beside the database; one that is there already stays as it is.

    Raises:
        Refused: ``not_your_role``, ``anchor_forged``.
    """
    require(actor, "trail.anchor")
    with widened():
        kept = trail.anchored(folder, now=actor.now)
    after = {"number": kept.number, "hash": kept.hash.hex()}
    trail.record(actor=actor, act="trail.anchored", subject=("trail", ""), after=after)
    return kept


def anchor_sheet(*, actor: Actor, folder: Path, day: date) -> bytes:
    """A day's anchor as an A4 page to be signed (PDF).

    Raises:
        Refused: ``not_your_role``, ``not_in_scope`` where there is no anchor of the day.
    """
    require(actor, "trail.verify")
    kept = trail.anchors(folder)
    here = next((one for one in kept if one.day == day), None)
    if here is None or not here.hash:
        raise Refused("not_in_scope")
    before = next((one for one in kept if one.day < day and one.hash), None)
    with widened():
        count = trail.counted_on(day)
    county = place_name(settings.SITE.county, on=actor.on) if settings.SITE.county else settings.SITE.name_zh
    return trail_anchor(
        TrailAnchor(
            county=county,
            office=settings.SITE.name_zh,
            on=day,
            number=here.number,
            head_hash=here.hash.hex(),
            count=count,
            previous_on=before.day if before else None,
            previous_number=before.number if before else None,
            previous_hash=before.hash.hex() if before else "",
            imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
        )
    )
