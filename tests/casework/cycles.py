"""Cycles of the generated county for tests: opened and computed, facts written into the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
from tests.site import NOW

COUNTY = "522728"
WRITTEN, KNOWN = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
SUMMER = (date(2023, 6, 21), date(2023, 9, 21))
AUTUMN = (date(2023, 9, 21), date(2023, 12, 21))
WINTER = (date(2023, 12, 21), date(2024, 3, 21))
SPRING_2026 = (date(2026, 3, 21), date(2026, 6, 21))


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


def day(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 2, tzinfo=UTC)


def forwarded(actor, views) -> None:
    """The branch's step is done: what stands on the lists is frozen."""
    from bangfu.casework.subsidies import api as subsidies

    for view in subsidies.lists_of(list_ids=[one.id for one in views], on=actor.on):
        subsidies.move(actor=actor, view=view, step="branch_list", seen_hash=subsidies.content_hash(view))


def cycle_done(actor, period, *, forward=True):
    """Opened and computed as of the actor's day, with what the database knows at ``KNOWN``: cycle, lists, lines."""
    from bangfu.casework.subsidies import api as subsidies

    cycle = opened(actor, period, known_at=KNOWN)
    views = subsidies.compute_cycle(actor=actor, cycle_id=cycle.id, known_at=KNOWN)
    if forward:
        forwarded(actor, views)
    return cycle, views, subsidies.lines_of([one.id for one in views], on=actor.on)


def lines_at(views, actor):
    from bangfu.casework.subsidies import api as subsidies

    return subsidies.lines_of([one.id for one in views], on=actor.on)


def of_loan(lines, like):
    return [one for one in lines if one.loan_id == like.loan_id]


def by_loan(lines):
    return {one.loan_id: one for one in lines}


def computed_again(actor, cycle):
    from bangfu.casework.subsidies import api as subsidies

    return lines_at(subsidies.compute_cycle(actor=actor, cycle_id=cycle.id, known_at=KNOWN), actor)


def written(loan_id, kind, on, *, booked_on, amount_fen=None, value="", at=WRITTEN) -> int:
    """An event in the ledger, as a bank file brings it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'insert into casework_loan_event (loan_id, "on", kind, amount_fen, value, booked_on, source, note,'
            " recorded, recorded_by, scope_area, institution_id, household_id)"
            " select loan_id, %s, %s, %s, %s, %s, 'bank_file', '', tstzrange(%s, null), 0, scope_area, institution_id,"
            " household_id from casework_loan where loan_id = %s and upper_inf(recorded) returning id",
            [on, kind, amount_fen, value, booked_on, at, loan_id],
        )
        return cursor.fetchone()[0]


def struck(loan_id, kind, *, since: date, until: date, at=WRITTEN) -> None:
    """Events of a kind that never were."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update casework_loan_event set recorded = tstzrange(lower(recorded), %s) where loan_id = %s and kind = %s"
            ' and upper_inf(recorded) and "on" >= %s and "on" < %s',
            [at, loan_id, kind, since, until],
        )


def moved(household_id, village, *, on: date, at=WRITTEN) -> None:
    """A household moves on a day: what it was ends, what it is begins; its loans follow."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update casework_household set recorded = tstzrange(lower(recorded), %s) where household_id = %s"
            " and upper_inf(recorded) and upper_inf(valid)"
            " returning head_name, pinyin, poverty_cause, address, scope_area, lower(valid)",
            [at, household_id],
        )
        ((name, pinyin, cause, address, before, since),) = cursor.fetchall()
        for area, first, last in ((before, since, on), (village, on, None)):
            cursor.execute(
                "insert into casework_household (household_id, scope_area, head_name, pinyin, poverty_cause, address,"
                " valid, recorded, recorded_by) values (%s, %s, %s, %s, %s, %s, daterange(%s, %s),"
                " tstzrange(%s, null), 0)",
                [household_id, area, name, pinyin, cause, address, first, last, at],
            )


def rewritten(loan_id, *, at=WRITTEN, **changed) -> None:
    """A contract corrected: the row that stood is closed, the right one appended."""
    from django.db import connection

    same = columns_of("casework_loan", but=("id", "recorded", *changed))
    names = "".join(f", {name}" for name in changed)
    values = ", %s" * len(changed)
    with connection.cursor() as cursor:
        cursor.execute(
            "update casework_loan set recorded = tstzrange(lower(recorded), %s) where loan_id = %s"
            " and upper_inf(recorded)",
            [at, loan_id],
        )
        cursor.execute(
            f"insert into casework_loan ({same}, recorded{names}) select {same}, tstzrange(%s, null){values}"
            " from casework_loan where loan_id = %s and upper(recorded) = %s",
            [at, *changed.values(), loan_id, at],
        )


def columns_of(table, *, but) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select column_name from information_schema.columns where table_name = %s", [table])
        return ", ".join(sorted(row[0] for row in cursor.fetchall() if row[0] not in but))
