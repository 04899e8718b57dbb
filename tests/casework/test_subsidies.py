"""Cycles on the generated county: opened with the days of its policies, computed by the core, frozen line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from tests.casework.cycles import (
    COUNTY,
    KNOWN,
    SPRING_2026,
    SUMMER,
    by_loan,
    computed_again,
    core,
    cycle_done,
    forwarded,
    lines_at,
    opened,
    rewritten,
    written,
)


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


def test_each_line_is_checked_by_the_core_before_a_person_does(site_actor) -> None:
    from bangfu.casework.database.session import entered

    with entered(site_actor.scope):
        _, _, lines = cycle_done(site_actor, SPRING_2026, forward=False)
    codes = ("identity", "amount", "right", "overlap")
    assert {tuple(one["code"] for one in line.checks) for line in lines} == {codes}
    failed, flagged = ({code: {} for code in codes} for _ in range(2))
    for line in lines:
        for one in line.checks:
            assert one["clauses"]
            if one["outcome"] != "passed":
                (flagged if one["outcome"] == "flagged" else failed)[one["code"]][line.loan_id] = one
    assert not failed["identity"]
    assert not failed["amount"]
    found = {told["code"] for one in failed["right"].values() for told in one["facts"]["found"]}
    assert {"no_labour_force", "rate_changed_in_contract"} <= found
    assert not failed["overlap"], "what finance is to coordinate does not fail"
    assert [code for code in codes if flagged[code]] == ["overlap"]
    for one in flagged["overlap"].values():
        assert one["facts"]["treatment"] == "flag"
        assert one["clauses"] == ["CN2026-1.6d"]
        assert one["facts"]["other"][0]["overlap_fen"] > 0


def test_the_regimes_of_2026_stand_side_by_side_each_with_its_payers(
    site_actor, county_folder, settings
) -> None:
    """With the county's own packs: central money and the locality's for the new loans, the county's for the old."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    settings.SITE = replace(settings.SITE, packs=(str(county_folder / "packs"),))
    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(site_actor, SPRING_2026, forward=False)
        due = core(county_folder, SPRING_2026)
        assert int(due["subsidy_fen"].sum()) == sum(one.subsidy_fen for one in lines)
        pages = [subsidies.opened_list(actor=site_actor, list_id=one.id) for one in views]
        refused = [one for page in pages for one in page.refusals]
        assert {one.code for one in refused} == {"subsidy_exceeds_rate"}
        assert all(one.clauses for one in refused)
        assert sum(one.refusals for one in views) == len(refused)
        big = next(
            one for one in lines if one.product == "assistance" and one.subsidised_part_fen == 5_000_000
        )
        rewritten(big.loan_id, principal_fen=8_000_000, subsidy_ceiling_fen=8_000_000)
        written(big.loan_id, "disbursed", big.start, booked_on=big.start, amount_fen=3_000_000)
        rewritten(refused[0].loan_id, rate_e8=3_600_000)  # 2.50 central and 1.00 of the county fit under 3.60
        told = by_loan(computed_again(site_actor, cycle))
        assert told[big.loan_id].subsidised_part_fen == 8_000_000
        assert told[big.loan_id].subsidy_fen > big.subsidy_fen * 3 // 2
        local = told[refused[0].loan_id]
        assert abs(local.by_payer["central"] * 2 - local.by_payer["county"] * 5) <= 5
        lines = list(told.values())
    old, new = ([one for one in lines if one.product == name] for name in ("transition", "assistance"))
    assert old
    assert new
    assert len(old) + len(new) == len(lines)
    assert all(one.by_payer["central"] == 0 < one.by_payer["county"] for one in old)
    assert all(one.by_payer["central"] > 0 for one in new)
    for line in lines:
        assert sum(line.by_payer.values()) == line.subsidy_fen == line.interest_fen - line.borrower_fen
        assert sum(line.payable_by.values()) == line.payable_fen
    assert max(one.subsidised_part_fen for one in old) <= 5_000_000
    assert {"CN2026-1.6a", "CN2026-1.6c"} <= {clause for one in new for clause in one.clauses}
    packs = {pack for page in pages for told in page.runs[0].packs["policies"].values() for pack in told}
    assert {"CN2021", "LD2021", "CN2026", "DEMO2026"} <= packs
    told = cycle.deadlines["notice.days"]
    assert (told["value"], told["clauses"], told["document"]) == (10, ["LD2021-6"], "LD2021")
    assert cycle.deadlines["subsidy.payment_months"]["by"] == "local"
    assert (cycle.list_due_on, cycle.submit_due_on) == (date(2026, 6, 30), date(2026, 7, 15))


def test_computing_again_without_a_change_keeps_what_stands(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(site_actor, SUMMER, forward=False)
        views = subsidies.lists_of(cycle_id=cycle.id, on=site_actor.on)
        assert subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id, known_at=KNOWN) == views
        assert subsidies.compute(actor=site_actor, list_id=views[0].id, known_at=KNOWN) == views[0]
        assert lines_at(views, site_actor) == lines
        with pytest.raises(Exception, match="cycle_exists"):
            opened(site_actor, (SUMMER[0] + timedelta(days=3), SUMMER[1]))
        forwarded(site_actor, views)
        with pytest.raises(Exception, match="already_decided"):
            subsidies.compute(actor=site_actor, list_id=views[0].id)
        assert all(
            one.run_number == 1 for one in subsidies.compute_cycle(actor=site_actor, cycle_id=cycle.id)
        )


def test_a_quarter_without_loans_has_no_list(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site_actor.scope):
        cycle, views, lines = cycle_done(site_actor, (date(2013, 3, 21), date(2013, 6, 21)))
        assert (views, lines) == ((), ())
        assert cycle.deadlines["notice.days"]["not_regulated"]
        assert (cycle.list_due_on, cycle.notice_days, cycle.payment_month) == (None, None, date(2013, 7, 1))
        found = subsidies.take_imported_claims(actor=site_actor, cycle_id=cycle.id)
        assert (found.rows, found.changed) == (0, 0)


def test_a_cycle_of_another_rhythm_leaves_the_loans_out_by_name(site_actor) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    year = (date(2022, 12, 21), date(2023, 12, 21))
    with entered(site_actor.scope):
        plan = subsidies.plan_cycle(
            actor=site_actor, county=COUNTY, rhythm="year", start=year[0], end=year[1]
        )
        assert plan.other_rhythm > 100
        assert plan.lists == ()
        at_repayment = subsidies.plan_cycle(
            actor=site_actor, county=COUNTY, rhythm="at_repayment", start=year[0], end=year[1]
        )
        assert at_repayment.other_rhythm > 0
        with pytest.raises(Exception, match="bad_field"):
            subsidies.plan_cycle(actor=site_actor, county=COUNTY, rhythm="month", start=year[0], end=year[1])
        with pytest.raises(Exception, match="bad_field"):
            subsidies.plan_cycle(actor=site_actor, county=COUNTY, rhythm="year", start=year[1], end=year[0])


def test_a_branch_computes_its_own_lists_and_sees_no_other(as_role, in_county) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    bureau, officer, other = as_role("bureau"), as_role("branch_officer"), as_role("branch_officer", 2)
    with entered(bureau.scope):
        cycle = opened(bureau, SUMMER)
        assert len(subsidies.lists(actor=bureau, cycle_id=cycle.id)) > 2
        with pytest.raises(Exception, match="not_your_role"):
            subsidies.compute_cycle(actor=bureau, cycle_id=cycle.id)
    with entered(officer.scope):
        mine = subsidies.compute_cycle(actor=officer, cycle_id=cycle.id)
        assert {one.institution_id for one in mine} == {officer.place}
        assert all(one.run_number == 1 for one in mine)
        opened_one = subsidies.opened_list(actor=officer, list_id=mine[0].id)
        assert opened_one.runs[0].packs["policies"]
        page = subsidies.lines(actor=officer, list_id=mine[0].id, size=2)
        assert page.total == mine[0].open.lines
        steps = subsidies.line(actor=officer, line_id=page.rows[0].id).steps
        assert steps is not None
        assert steps.values["subsidy_fen"] == page.rows[0].subsidy_fen
    with entered(other.scope), pytest.raises(Exception, match="not_in_scope"):
        subsidies.compute(actor=other, list_id=mine[0].id)
    with entered(bureau.scope):
        rest = [one for one in subsidies.lists(actor=bureau, cycle_id=cycle.id) if one.run_number == 0]
        assert rest
        assert {one.institution_id for one in rest}.isdisjoint({officer.place})


def test_a_loan_is_subsidised_once_it_is_repaid_where_the_policy_says_so(site_actor, county_folder) -> None:
    """No pack here pays at repayment: the core's part, with the terms of the loans silenced."""
    from bangfu.casework.as_facts.book import site_book
    from bangfu.engine import cycle as engine
    from bangfu.engine.ledger import movements
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts

    facts = read_facts(county_folder)
    year = {"start": date(2023, 12, 21), "end": date(2024, 12, 21)}
    due = engine.due_of_cycle(facts, site_book(), county=COUNTY, rhythm="at_repayment", **year)
    left = (
        movements(facts.events.filter(pl.col("on") < year["end"]))
        .group_by("loan_id")
        .agg(pl.col("delta_fen").sum(), pl.col("on").max())
    )
    settled = left.filter(pl.col("delta_fen") == 0, pl.col("on") >= year["start"])
    named = {*due.lines["loan_id"], *due.left_out["loan_id"]}
    assert named
    assert named <= set(settled["loan_id"])
    assert {"other_rhythm"} <= set(due.left_out["code"])
    life = subsidy(facts, site_book(), start=date(2014, 1, 1), end=year["end"])
    whole = dict(life.lines.select("loan_id", "subsidy_fen").rows())
    for loan, start, fen in due.lines.select("loan_id", "start", "subsidy_fen").rows():
        assert fen == whole[loan]
        assert start < year["start"] or start < year["end"]


def test_what_the_core_cannot_judge_is_no_fault_of_the_household(site):
    from bangfu.casework.subsidies.checking import _right

    def found(code):
        return {"code": code, "clauses": ["CN2021-1.4"], "arose": "loan", "in_principle": False, "facts": {}}

    assert _right([found("rate_series_too_old")])["outcome"] == "not_run"
    assert _right([found("rate_series_too_old"), found("rate_above_ceiling")])["outcome"] == "failed"
    assert _right([])["outcome"] == "passed"
