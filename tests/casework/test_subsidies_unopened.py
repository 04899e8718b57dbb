"""The bureau is asked for cycles nobody has opened: the county's first, the next one, one of another rhythm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.casework.cycles import COUNTY, SPRING_2026, opened
from tests.casework.subsidies_made import everything
from tests.site import NOW

YEARLY = """
id: YEAR2021
number: 示范〔2021〕1号
title: 示范县按年贴息办法（测试用，虚构）
issuers: [示范县财政局]
jurisdiction: "522728"
product: transition
issued: 2021-03-10
contracts: {from: 2021-03-10, to: 2025-12-31}
builds_on: LD2021
clauses:
  "1":
    kind: P C
    text: The subsidy is paid once a year.
    zh: 按年贴息。
terms:
  subsidy.rhythm: {value: year, clause: "1"}
"""


@pytest.fixture
def asked(as_role):
    """What the bureau's work queue asks to open on a day: period, due day, clause."""

    def on(*day):
        from bangfu.casework.database.session import entered
        from bangfu.casework.people import queue

        bureau = as_role("bureau", now=datetime(*day, 2, tzinfo=UTC))
        with entered(bureau.scope):
            items = [one for one in queue.waiting(bureau).items if one.url == "cycle-open"]
        return [(one.subject.zh, one.due, one.clause) for one in items]

    return on


def test_the_first_cycle_of_a_county_is_asked_for(asked, as_role):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies.unopened import unopened

    autumn = ("2023年第三季度", date(2023, 9, 30), "LD2021-1.6")
    assert asked(2023, 9, 21) == [autumn], "by the terms of the loans that were out"
    assert asked(2023, 9, 20) == [("2023年第二季度", date(2023, 6, 30), "LD2021-1.6")], "not over yet"
    with everything():
        assert unopened(COUNTY, on=date(2013, 9, 21)) == (), "nobody had a loan"
    site = Actor.site(now=datetime(2023, 9, 22, 2, tzinfo=UTC))
    with entered(site.scope):
        opened(site, (date(2023, 6, 21), date(2023, 9, 21)), known_at=NOW)
    assert asked(2023, 9, 22) == []
    assert asked(2023, 12, 21) == [("2023年第四季度", date(2023, 12, 31), "LD2021-1.6")]


def test_without_loans_or_without_subsidy_nothing_is_asked(asked):
    from django.db import connection

    with everything(), connection.cursor() as cursor:
        cursor.execute("update casework_loan set recorded = tstzrange(lower(recorded), %s) where not ordinary"
                       " and product = 'transition' and upper_inf(recorded)", [NOW.replace(minute=1)])  # fmt: skip
    assert asked(2025, 9, 21) == [], "what is left is of 2014 to 2020 or of 2026"
    assert asked(2026, 9, 21) == [("2026年第三季度", date(2026, 9, 30), "")], "no clause of it sets a rhythm"


def test_a_rhythm_the_loans_have_and_no_cycle_has_is_asked_for(asked, settings, tmp_path):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    (tmp_path / "YEAR2021.yaml").write_text(YEARLY, encoding="utf-8")
    settings.SITE = replace(settings.SITE, packs=(str(tmp_path),))
    year = ("2023年度", date(2023, 12, 31), "YEAR2021-1")
    assert asked(2024, 3, 21) == [year], "the first of all: none by the quarter"
    site = Actor.site(now=datetime(2024, 3, 21, 2, tzinfo=UTC))
    with entered(site.scope):
        subsidies.compute_cycle(
            actor=site,
            cycle_id=opened(site, (date(2023, 12, 21), date(2024, 3, 21)), known_at=NOW).id,
            known_at=NOW,
        )
    assert asked(2024, 3, 22) == [year], "a cycle without a list says nothing of the others"
    site = Actor.site(now=datetime(2026, 6, 21, 2, tzinfo=UTC))
    with entered(site.scope):
        spring = opened(site, SPRING_2026, known_at=NOW)
        assert subsidies.compute_cycle(actor=site, cycle_id=spring.id, known_at=NOW)
    assert asked(2026, 6, 22) == [("2025年度", date(2025, 12, 31), "YEAR2021-1")], "left out by name"
    with entered(site.scope):
        opened(site, (date(2024, 12, 21), date(2025, 12, 21)), rhythm="year", known_at=NOW)
    assert asked(2026, 6, 22) == []


def test_the_question_costs_little(asked, as_role):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies.unopened import unopened

    bureau = as_role("bureau")
    with entered(bureau.scope), CaptureQueriesContext(connection) as told:
        assert unopened(COUNTY, on=bureau.on)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("rhythm", "on", "period"),
    [
        ("quarter", date(2024, 3, 20), (date(2023, 9, 21), date(2023, 12, 21))),
        ("quarter", date(2024, 3, 21), (date(2023, 12, 21), date(2024, 3, 21))),
        ("year", date(2024, 12, 20), (date(2022, 12, 21), date(2023, 12, 21))),
        ("year", date(2024, 12, 21), (date(2023, 12, 21), date(2024, 12, 21))),
    ],
)
def test_the_period_that_ended_last(site, rhythm, on, period):
    from bangfu.casework.subsidies import api as subsidies

    assert subsidies.period_over(rhythm, on) == period
