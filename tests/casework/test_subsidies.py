"""Cycles on the generated county: opened with the days of its policies, computed by the core, frozen line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from tests.site import NOW

COUNTY = "522728"
WRITTEN, KNOWN = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
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


AUTUMN = (date(2023, 9, 21), date(2023, 12, 21))
WINTER = (date(2023, 12, 21), date(2024, 3, 21))


def in_collect_first(lines):
    """A line whose policy collects first, with a subsidy, and its loan still running in winter."""
    return next(one for one in lines if "LD2021-1.6" in one.clauses and one.subsidy_fen > 20_000)


def test_what_is_held_back_is_released_when_the_interest_comes_in_and_once(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer = replace(site_actor, now=day(date(2023, 9, 28)))
    autumn = replace(site_actor, now=day(date(2023, 12, 28)))
    with entered(site_actor.scope):
        plain = subsidies.lines_of(
            [one.id for one in cycle_done(summer, SUMMER, forward=False)[1]], on=summer.on
        )
        loan = in_collect_first(plain)
        struck(loan.loan_id, "interest_collected", since=date(2023, 6, 22), until=date(2024, 6, 1))
        (cycle,) = subsidies.cycles(actor=summer).rows
        views = subsidies.compute_cycle(actor=summer, cycle_id=cycle.id, known_at=KNOWN)
        (held,) = [one for one in lines_at(views, summer) if one.loan_id == loan.loan_id]
        assert held.held_back_fen > 0
        assert held.payable_fen == held.subsidy_fen - held.held_back_fen
        assert sum(held.payable_by.values()) == held.payable_fen
        forwarded(summer, views)

        half = held.interest_fen // 2
        written(
            loan.loan_id,
            "interest_collected",
            date(2023, 10, 9),
            booked_on=date(2023, 10, 9),
            amount_fen=half,
        )
        _, views, lines = cycle_done(autumn, AUTUMN, forward=False)
        regular, release = [one for one in lines if one.loan_id == loan.loan_id]
        assert (regular.kind, release.kind, release.ground) == ("regular", "supplement", "held_back_released")
        assert release.corrects == held.id
        assert release.subsidy_fen == 0
        assert release.payable_fen == -release.held_back_fen > 0
        assert "LD2021-1.6" in release.clauses
        assert regular.held_back_fen == regular.subsidy_fen
        again = lines_at(
            subsidies.compute_cycle(actor=autumn, cycle_id=regular_cycle(views), known_at=KNOWN), autumn
        )
        assert [one.id for one in again] == [one.id for one in lines]
        forwarded(autumn, views)

        rest = held.interest_fen - half + regular.interest_fen
        written(
            loan.loan_id,
            "interest_collected",
            date(2024, 3, 20),
            booked_on=date(2024, 3, 20),
            amount_fen=rest,
        )
        _, _, lines = cycle_done(replace(site_actor, now=day(date(2024, 3, 28))), WINTER)
        later = [one for one in lines if one.loan_id == loan.loan_id and one.kind == "supplement"]
        assert {one.corrects for one in later} == {held.id, regular.id}
        paid = {held.id: held.payable_fen + release.payable_fen, regular.id: regular.payable_fen}
        for one in later:
            paid[one.corrects] += one.payable_fen
        assert paid == {held.id: held.subsidy_fen, regular.id: regular.subsidy_fen}


def lines_at(views, actor):
    from bangfu.casework.subsidies import api as subsidies

    return subsidies.lines_of([one.id for one in views], on=actor.on)


def regular_cycle(views):
    return views[0].cycle.id


def test_the_banks_own_figures_stand_beside_ours_each_difference_with_its_reason(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site_actor.scope):
        cycle = opened(site_actor, SUMMER)
        views = subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id)
        before = {one.id: (one.lines_hash, one.run_number) for one in views}
        found = subsidies.take_imported_claims(actor=site_actor, cycle_id=cycle.id)
        assert found.rows == found.changed > 100
        views = subsidies.lists_of(cycle_id=cycle.id, on=site_actor.on)
        lines = lines_at(views, site_actor)
        assert {one.id: (one.lines_hash, one.run_number - 1) for one in views} == before
        differing = [one for one in lines if one.difference]
        assert {one.difference for one in differing} == {"claimed_rate"}
        assert all(one.differs_by for one in differing)
        assert all(subsidies.difference_clauses(one) == ("HLJ2019-2.2",) for one in differing)
        assert subsidies.to_explain(lines) == ()
        again = subsidies.take_imported_claims(actor=site_actor, cycle_id=cycle.id)
        assert (again.changed, again.known) == (0, found.changed)
        assert subsidies.lists_of(cycle_id=cycle.id, on=site_actor.on) == views


def test_what_nothing_explains_waits_for_a_person(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site_actor.scope):
        cycle = opened(site_actor, SUMMER)
        views = subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id)
        view = max(views, key=lambda one: one.open.lines)
        first, second, third, fourth, fifth = lines_at([view], site_actor)[:5]
        claims = [
            subsidies.Claim(first.loan_id, first.subsidy_fen),
            subsidies.Claim(second.loan_id, second.subsidy_fen + 1),
            subsidies.Claim(third.loan_id, third.subsidy_fen + 1234),
            subsidies.Claim(fourth.loan_id, fourth.subsidy_fen),
            subsidies.Claim(fourth.loan_id, fourth.subsidy_fen),
        ]
        subsidies.claim(actor=site_actor, list_id=view.id, claims=claims)
        told = {one.loan_id: one for one in lines_at([view], site_actor)}
        names = [told[one.loan_id].difference for one in (first, second, third, fourth, fifth)]
        assert names == ["", "rounding", "unexplained", "claimed_twice", "not_claimed"]
        (open_,) = subsidies.to_explain(tuple(told.values()))
        assert open_.loan_id == third.loan_id
        subsidies.act_on_line(
            actor=site_actor, line_id=open_.id, kind="explained", reason="bank's clerk added wrongly"
        )
        assert subsidies.to_explain(lines_at([view], site_actor)) == ()
        subsidies.claim(actor=site_actor, list_id=view.id, claims=[subsidies.Claim(first.loan_id, 5)])
        assert (
            subsidies.to_explain(
                [one for one in lines_at([view], site_actor) if one.loan_id != first.loan_id]
            )
            == ()
        )
        other = next(one for one in lines_at(views, site_actor) if one.list_id != view.id)
        with pytest.raises(Exception, match="not_in_scope"):
            subsidies.claim(actor=site_actor, list_id=view.id, claims=[subsidies.Claim("nowhere", 5)])
        assert other


def test_a_file_of_claims_is_tried_first_and_taken_whole(site_actor, county_folder) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    content = (county_folder / "subsidies.csv").read_bytes()
    with entered(site_actor.scope):
        cycle = opened(site_actor, SUMMER)
        views = subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id)
        tried = subsidies.try_claim_file(
            actor=site_actor, cycle_id=cycle.id, content=content, name="claims.csv"
        )
        assert tried.problems == ()
        assert tried.changed == tried.rows > 100
        assert all(not one.difference for one in lines_at(views, site_actor))
        taken = subsidies.take_claim_file(
            actor=site_actor, cycle_id=cycle.id, content=content, name="claims.csv"
        )
        assert taken == tried
        assert any(one.difference for one in lines_at(views, site_actor))
        broken = content.replace(b"2023-06-21", b"21/13/2023", 1)
        bad = subsidies.try_claim_file(actor=site_actor, cycle_id=cycle.id, content=broken, name="claims.csv")
        assert bad.problems
        again = subsidies.take_claim_file(
            actor=site_actor, cycle_id=cycle.id, content=content, name="claims.csv"
        )
        assert (again.changed, again.known) == (0, taken.changed)


def test_each_line_is_checked_by_the_core_before_a_person_does(site_actor) -> None:
    from bangfu.casework.database.session import entered

    with entered(site_actor.scope):
        _, _, lines = cycle_done(site_actor, SPRING_2026, forward=False)
    codes = ("identity", "amount", "right", "overlap")
    assert {tuple(one["code"] for one in line.checks) for line in lines} == {codes}
    failed = {code: {} for code in codes}
    for line in lines:
        for one in line.checks:
            assert one["clauses"]
            if one["outcome"] != "passed":
                failed[one["code"]][line.loan_id] = one
    assert not failed["identity"]
    assert not failed["amount"]
    found = {told["code"] for one in failed["right"].values() for told in one["facts"]["found"]}
    assert {"no_labour_force", "rate_changed_in_contract"} <= found
    assert failed["overlap"]
    for one in failed["overlap"].values():
        assert one["facts"]["treatment"] == "flag"
        assert one["clauses"] == ["CN2026-1.6d"]
        assert one["facts"]["other"][0]["overlap_fen"] > 0


def test_a_year_later_the_same_list_gives_the_same_hashes_whatever_was_learnt_since(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer = replace(site_actor, now=day(date(2023, 9, 28)))
    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(summer, SUMMER, forward=False)
        assert subsidies.take_imported_claims(actor=summer, cycle_id=cycle.id, known_at=KNOWN).changed
        forwarded(summer, views)
        busy = max(views, key=lambda one: one.open.lines)
        loan = max((one for one in lines if one.list_id == busy.id), key=lambda one: one.subsidy_fen)
        later = replace(site_actor, now=KNOWN + timedelta(days=365))
        for on in (date(2023, 7, 3), date(2023, 8, 1)):  # as if repaid in summer, told a year later
            written(
                loan.loan_id, "repaid", on, booked_on=on, amount_fen=100_000, at=KNOWN + timedelta(days=300)
            )
        struck(
            loan.loan_id,
            "interest_collected",
            since=date(2023, 1, 1),
            until=date(2024, 1, 1),
            at=KNOWN + timedelta(days=301),
        )
        told = [subsidies.reproduced(actor=later, list_id=one.id) for one in views]
        assert all(one.same for one in told)
        assert all(one.differing == () for one in told)
        autumn = replace(site_actor, now=day(date(2023, 12, 28)))
        cycle = opened(autumn, AUTUMN, known_at=later.now)
        subsidies.compute_cycle(actor=autumn, cycle_id=cycle.id, known_at=later.now)
        corrected = [
            one
            for one in subsidies.lines_of_loan(actor=autumn, loan_id=loan.loan_id)
            if one.kind != "regular"
        ]
        assert {one.kind for one in corrected} == {"recovery"}
        assert {one.ground for one in corrected} <= {"late_entry", "fact_corrected"}
        assert sum(one.payable_fen for one in corrected) < 0
        assert all(subsidies.reproduced(actor=later, list_id=one.id).same for one in views)
        forwarded(autumn, subsidies.lists_of(cycle_id=cycle.id, on=autumn.on))
        for one in subsidies.lists_of(cycle_id=cycle.id, on=autumn.on):
            assert subsidies.reproduced(actor=later, list_id=one.id).same
