"""What earlier cycles should have been: released, entered late, carried over, moved; done over again a year later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.casework.cycles import (
    AUTUMN,
    KNOWN,
    SUMMER,
    WINTER,
    WRITTEN,
    by_loan,
    columns_of,
    computed_again,
    cycle_done,
    day,
    forwarded,
    lines_at,
    moved,
    of_loan,
    opened,
    struck,
    written,
)


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


def regular_cycle(views):
    return views[0].cycle.id


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


def test_a_repayment_entered_late_comes_back_once(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer, autumn = (replace(site_actor, now=day(date(2023, month, 28))) for month in (9, 12))
    with entered(site_actor.scope):
        _, _, lines = cycle_done(summer, SUMMER)
        line = max(lines, key=lambda one: one.subsidy_fen)
        written(line.loan_id, "repaid", date(2023, 7, 21), booked_on=date(2023, 11, 2), amount_fen=300_000)
        cycle, views, lines = cycle_done(autumn, AUTUMN, forward=False)
        regular, recovery = sorted(of_loan(lines, line), key=lambda one: one.kind != "regular")
        assert (recovery.kind, recovery.ground, recovery.corrects) == ("recovery", "late_entry", line.id)
        assert recovery.subsidy_fen == recovery.payable_fen < 0
        assert set(recovery.clauses) <= set(line.clauses)
        assert recovery.told["stood"][0]["subsidy_fen"] == line.subsidy_fen
        assert recovery.told["due"]["subsidy_fen"] == line.subsidy_fen + recovery.subsidy_fen
        assert regular.opening_fen == line.opening_fen - 300_000 or regular.opening_fen < line.opening_fen
        (view,) = subsidies.lists_of(list_ids=[recovery.list_id], on=autumn.on)
        assert view.open.recovery_fen == -recovery.payable_fen
        again = lines_at(subsidies.compute_cycle(actor=autumn, cycle_id=cycle.id, known_at=KNOWN), autumn)
        assert [one.id for one in again] == [one.id for one in lines]
        forwarded(autumn, views)
        _, _, lines = cycle_done(replace(site_actor, now=day(date(2024, 3, 28))), WINTER)
        assert {one.kind for one in of_loan(lines, line)} <= {"regular"}


def test_a_line_carried_over_is_taken_over_by_the_next_cycle_alone(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer, autumn = (replace(site_actor, now=day(date(2023, month, 28))) for month in (9, 12))
    with entered(site_actor.scope):
        _, views, lines = cycle_done(summer, SUMMER)
        line = max(lines, key=lambda one: one.subsidy_fen)
        subsidies.act_on_line(actor=summer, line_id=line.id, kind="carried", reason="account not known yet")
        (view,) = [
            one
            for one in subsidies.lists_of(cycle_id=views[0].cycle.id, on=summer.on)
            if one.id == line.list_id
        ]
        assert view.carried.payable_fen == line.payable_fen
        cycle, views, lines = cycle_done(autumn, AUTUMN, forward=False)
        (taken,) = [one for one in lines if one.kind == "carried"]
        assert (taken.corrects, taken.payable_fen, taken.payable_by) == (
            line.id,
            line.payable_fen,
            line.payable_by,
        )
        assert (taken.start, taken.end) == (line.start, line.end)
        subsidies.compute_cycle(actor=autumn, cycle_id=cycle.id, known_at=KNOWN)
        assert len([one for one in lines_at(views, autumn) if one.kind == "carried"]) == 1
        forwarded(autumn, views)
        _, _, lines = cycle_done(replace(site_actor, now=day(date(2024, 3, 28))), WINTER)
        assert not [one for one in lines if one.kind == "carried"]


def test_a_hold_goes_over_to_the_line_that_takes_a_lines_place(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    actor = replace(site_actor, now=day(date(2023, 9, 28)))
    with entered(site_actor.scope):
        cycle, _, lines = cycle_done(actor, SUMMER, forward=False)
        first, second = sorted(lines, key=lambda one: -one.subsidy_fen)[:2]
        subsidies.act_on_line(
            actor=actor, line_id=first.id, kind="held", reason="an objection", source="objection:7"
        )
        subsidies.act_on_line(
            actor=actor, line_id=second.id, kind="excluded", reason="not listed", clause="LD2021-6"
        )
        written(first.loan_id, "repaid", date(2023, 7, 21), booked_on=date(2023, 7, 21), amount_fen=100_000)
        views = subsidies.compute_cycle(actor=actor, cycle_id=cycle.id, known_at=KNOWN)
        told = {one.loan_id: one for one in lines_at(views, actor)}
        assert told[first.loan_id].id != first.id
        assert told[first.loan_id].subsidy_fen < first.subsidy_fen
        assert (told[first.loan_id].status, told[first.loan_id].status_reason) == ("held", "an objection")
        assert (told[second.loan_id].status, told[second.loan_id].status_clause) == ("excluded", "LD2021-6")
        (act,) = subsidies.line(actor=actor, line_id=told[first.loan_id].id).acts
        assert act.source == "objection:7"


def test_a_household_that_moved_stands_where_it_lives_and_out_of_the_county_where_it_signed(
    site_actor,
) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer, autumn = (replace(site_actor, now=day(date(2023, month, 28))) for month in (9, 12))
    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(summer, SUMMER, forward=False)
        places = {one.id: one.township for one in views}
        first, second = sorted(lines, key=lambda one: -one.subsidy_fen)[:2]
        there = next(one.village for one in lines if places[one.list_id] != places[first.list_id])
        moved(first.household_id, there, on=date(2023, 9, 1))
        moved(second.household_id, "522729100200", on=date(2023, 9, 1))
        told = by_loan(computed_again(summer, cycle))
        places = {one.id: one.township for one in subsidies.lists_of(cycle_id=cycle.id, on=summer.on)}
        assert (told[first.loan_id].village, places[told[first.loan_id].list_id]) == (there, there[:9])
        assert told[second.loan_id].list_id == second.list_id
        assert told[first.loan_id].line_hash == first.line_hash
        assert len(told) == len(lines)
        # who moves after a list went on stays on it, and stands on the other only from the next cycle
        forwarded(summer, subsidies.lists_of(list_ids=[told[first.loan_id].list_id], on=summer.on))
        moved(first.household_id, first.village, on=date(2023, 9, 20), at=WRITTEN + timedelta(minutes=1))
        again = by_loan(computed_again(summer, cycle))
        assert again[first.loan_id].id == told[first.loan_id].id
        _, views, lines = cycle_done(autumn, AUTUMN)
        places = {one.id: one.township for one in views}
        (line,) = of_loan(lines, first)
        assert places[line.list_id] == first.village[:9]


def test_lines_stay_where_they_were_frozen_when_the_registry_moves_their_household(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.registry.following import followed
    from bangfu.casework.subsidies import api as subsidies

    summer = replace(site_actor, now=day(date(2023, 9, 28)))
    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(summer, SUMMER, forward=False)
        first = lines[0]
        there = next(one.village for one in lines if one.village[:9] != first.village[:9])
        moved_rows = followed(actor=summer, household_ids=[first.household_id], area=there)
        assert not any("subsidy" in table or "list" in table for table in moved_rows)
        stands = {one.id: one for one in subsidies.lines_of([one.id for one in views], on=summer.on)}
        assert (stands[first.id].village, len(stands)) == (first.village, len(lines))
        assert cycle.id in {one.cycle.id for one in views}


def test_a_loan_nobody_can_submit_is_named_and_one_told_late_gets_what_it_missed(site_actor) -> None:
    from django.db import connection

    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    summer, autumn = (replace(site_actor, now=day(date(2023, month, 28))) for month in (9, 12))
    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(summer, SUMMER, forward=False)
        first, second = sorted(lines, key=lambda one: -one.subsidy_fen)[:2]
        columns = columns_of("casework_loan", but=("id", "recorded", "institution_id"))
        with connection.cursor() as cursor:
            for loan, bank, closed, again in (
                (first, "B01", WRITTEN, WRITTEN),
                (second, second.institution_id, WRITTEN, KNOWN),
            ):
                cursor.execute(
                    "update casework_loan set recorded = tstzrange(lower(recorded), %s) where loan_id = %s"
                    " and upper_inf(recorded)",
                    [closed, loan.loan_id],
                )
                cursor.execute(
                    f"insert into casework_loan ({columns}, recorded, institution_id) select {columns},"
                    " tstzrange(%s, null), %s from casework_loan where loan_id = %s and upper(recorded) = %s",
                    [again, bank, loan.loan_id, closed],
                )
        before = WRITTEN + timedelta(minutes=1)
        views = subsidies.compute_cycle(actor=summer, cycle_id=cycle.id, known_at=before)
        assert {first.loan_id, second.loan_id}.isdisjoint(one.loan_id for one in lines_at(views, summer))
        refused = [
            one for view in views for one in subsidies.opened_list(actor=summer, list_id=view.id).refusals
        ]
        (told,) = [one for one in refused if one.code == "branch_not_in_registry"]
        assert (told.loan_id, told.clauses) == (first.loan_id, ("LD2021-6",))
        assert told.code in subsidies.LEFT_OUT
        forwarded(summer, views)
        _, _, lines = cycle_done(autumn, AUTUMN)
        (missed,) = [one for one in of_loan(lines, second) if one.kind != "regular"]
        assert (missed.kind, missed.ground, missed.corrects) == ("supplement", "fact_corrected", None)
        assert missed.payable_fen == second.payable_fen
        assert (missed.start, missed.end) == (second.start, second.end)
        _, _, lines = cycle_done(replace(site_actor, now=day(date(2024, 3, 28))), WINTER)
        assert {one.kind for one in of_loan(lines, second)} <= {"regular"}
