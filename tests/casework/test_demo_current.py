"""The demonstration's quarter under way: on the day it is made a notice hangs, with photographs and an objection."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.site import NOW, copy_of

KNOWN = NOW + timedelta(hours=1)
SHOWN = (NOW + timedelta(days=24)).date()


@pytest.fixture(scope="module")
def current(site, county, county_folder):
    """The quarter under way alone, in a copy of the county under its own packs; the tests here only read it."""
    from django.conf import settings
    from django.test import override_settings

    from bangfu.casework.imports.demo_current import demo_current
    from bangfu.casework.imports.demo_quarters import hired

    own_packs = replace(settings.SITE, packs=(str(county_folder / "packs"),))
    with copy_of(site, county), override_settings(SITE=own_packs):
        demo_current(hired(), known_at=KNOWN, on=SHOWN)
        yield


def hanging(**given):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.notices import api as notices

    with entered(Scope()):
        return notices.notices(on=SHOWN, size=100, **given).rows


@pytest.mark.usefixtures("current")
def test_every_desk_has_a_list():
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.imports.demo_current import UNDER_WAY
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.casework.subsidies.models import SubsidyCycle

    with entered(Scope(everything=True)):
        cycle = SubsidyCycle.objects.get(period__startswith=UNDER_WAY[0])
        views = subsidies.lists_of(cycle_id=cycle.pk, on=SHOWN)
    assert {one.state for one in views} >= {
        "branch_list", "township_review", "public_notice", "township_submission", "county_confirmation", "payment",
        "announcement", "filing",
    }  # fmt: skip


@pytest.mark.usefixtures("current")
def test_a_notice_and_an_announcement_hang_on_the_day_it_is_made():
    (town,) = hanging(kind="before")
    assert (town.level, town.clock.day, town.clock.over) == ("township", 3, False)
    after = hanging(kind="after")
    assert {one.level for one in after} == {"township", "village"}
    assert {one.posted_on for one in after} == {SHOWN - timedelta(days=3)}


@pytest.mark.usefixtures("current")
def test_they_were_photographed_near_and_far_and_somebody_objects():
    from PIL import Image

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.documents import api as documents
    from bangfu.casework.notices import api as notices

    site, towns = (
        Actor.site(now=NOW + timedelta(days=24)),
        [one for one in hanging() if one.level == "township"],
    )
    assert len(towns) == 2
    with entered(Scope(everything=True)):
        for town in towns:
            told = notices.posted(actor=site, notice_id=town.id)
            assert told.photos_missing == ()
            seen = set()
            for files in told.photos.values():
                _, content = documents.content_of(actor=site, file_id=files[0].id)
                assert Image.open(io.BytesIO(content)).size == (800, 600)
                seen.add(content)
            assert len(seen) == 2
            assert told.open_objections == (1 if town.kind == "before" else 0)
