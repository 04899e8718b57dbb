"""Cycles on the generated county: opened with the days of its policies, computed by the core, frozen line by line."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from tests.site import NOW

COUNTY = "522728"
SUMMER = (date(2023, 6, 21), date(2023, 9, 21))
SPRING_2026 = (date(2026, 3, 21), date(2026, 6, 21))


@pytest.fixture
def site_actor(in_county):
    from bangfu.casework.database.actor import Actor

    return Actor.site(now=NOW)


def opened(actor, period=SUMMER, rhythm="quarter", **options):
    from bangfu.casework.subsidies import api as subsidies

    return subsidies.open_cycle(
        actor=actor, county=COUNTY, rhythm=rhythm, start=period[0], end=period[1], **options
    )


def core(folder, period):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts

    result = subsidy(read_facts(folder), site_book(), start=period[0], end=period[1])
    return result.lines.filter(pl.col("area_code").str.starts_with(COUNTY))


@pytest.mark.parametrize("period", [SUMMER, SPRING_2026])
def test_the_lists_of_a_cycle_are_the_cores_run_to_the_fen(site_actor, county_folder, period) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site_actor.scope):
        cycle = opened(site_actor, period)
        views = subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id)
        lines = subsidies.lines_of([one.id for one in views], on=site_actor.on)
    due = core(county_folder, period)
    assert len(views) > 1
    assert due.height == len(lines)
    assert int(due["subsidy_fen"].sum()) == sum(line.subsidy_fen for line in lines)
    assert sum(one.open.payable_fen for one in views) == sum(line.payable_fen for line in lines)
