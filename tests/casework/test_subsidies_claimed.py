"""The bank's own figures: compared line by line, each difference with its reason."""

from __future__ import annotations

import pytest
from tests.casework.cycles import (
    SUMMER,
    lines_at,
    opened,
)


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
