"""The coming four quarters by the core: to the fen what the core says, what is open named, never nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from tests.casework.payments_made import COUNTY
from tests.site import NOW


def told(as_role, role="finance", *, on=None, **given):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    actor = as_role(role)
    with entered(actor.scope):
        return budgets.forecast(actor=actor, **{"county": COUNTY, "on": on, "known_at": NOW, **given})


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        (date(2026, 11, 20), (date(2026, 9, 21), date(2026, 12, 21)), (date(2027, 6, 21), date(2027, 9, 21))),
        (date(2026, 12, 20), (date(2026, 9, 21), date(2026, 12, 21)), (date(2027, 6, 21), date(2027, 9, 21))),
        (
            date(2026, 12, 21),
            (date(2026, 12, 21), date(2027, 3, 21)),
            (date(2027, 9, 21), date(2027, 12, 21)),
        ),
        (date(2026, 1, 1), (date(2025, 12, 21), date(2026, 3, 21)), (date(2026, 9, 21), date(2026, 12, 21))),
    ],
)
def test_the_running_quarter_comes_first(site, on, first, last):
    from bangfu.casework.budgets.forecasting import coming

    quarters = list(coming(on, 4))
    assert (quarters[0], quarters[-1]) == (first, last)
    assert all(one[1] == other[0] for one, other in pairwise(quarters))


def test_each_payer_and_regime_to_the_fen_as_the_core_says(as_role, county_folder):
    import polars as pl

    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts
    from bangfu.policy import load_book

    found = told(as_role)
    assert len(found.quarters) == 4
    assert found.live_loans > 50
    facts = read_facts(county_folder)
    known = replace(facts, tables={**facts.tables, "events": facts.events.filter(pl.col("on") <= found.on)})
    for quarter in found.quarters:
        core = subsidy(known, load_book(), start=quarter.start, end=quarter.end)
        mine = core.lines.filter(pl.col("area_code").str.starts_with(COUNTY))
        assert quarter.subsidy_fen == mine["subsidy_fen"].sum() == sum(one.fen for one in quarter.expected)
        assert quarter.interest_fen == quarter.subsidy_fen + quarter.borrower_fen
        for payer in core.payers:
            assert quarter.of_payer(payer) == mine[f"{payer}_fen"].sum()
        for one in quarter.expected:
            regime = mine.filter(pl.col("product") == one.product, pl.col("policy") == one.policy)
            assert one.fen == regime[f"{one.payer}_fen"].sum()
            assert one.loans == regime.filter(pl.col(f"{one.payer}_fen") != 0).height
    assert {one.product for quarter in found.quarters for one in quarter.expected} >= {
        "transition",
        "assistance",
    }
    totals = [quarter.subsidy_fen for quarter in found.quarters]
    assert totals == sorted(totals, reverse=True) or all(totals)
    assert found.quarters[0].payment_month == date(2027, 1, 1)


def test_what_cannot_be_computed_is_named_with_its_loans_and_clause(as_role):
    found = told(as_role)
    for quarter in found.quarters:
        (open_,) = quarter.unknown
        assert (open_.code, open_.product, open_.clauses) == (
            "no_policy_for_place_and_day", "transition", ("CN2021-1.10",),
        )  # fmt: skip
        assert open_.loans == len(open_.loan_ids) == 3
        assert open_.balance_fen > 0
        assert quarter.loans + open_.loans <= found.live_loans


def test_loans_past_their_maturity_are_a_line_of_their_own_that_costs_nothing(as_role, county_folder):
    import polars as pl

    from bangfu.facts import read_facts

    found = told(as_role)
    events = read_facts(county_folder).events
    extended = set(events.filter(pl.col("kind") == "extended")["loan_id"])
    loans = {row["loan_id"]: row for row in read_facts(county_folder).loans.iter_rows(named=True)}
    assert found.matured
    for one in found.matured:
        assert one.loans == len(one.loan_ids) > 0
        assert one.balance_fen > 0
        assert one.clauses == (("LD2021-1.6",) if one.product == "transition" else ())
        for loan in one.loan_ids:
            assert loans[loan]["product"] == one.product
            assert loan in extended or loans[loan]["matures_on"] <= found.on
    past = {loan for one in found.matured for loan in one.loan_ids}
    still = sum(one.loans for one in found.matured)
    assert still < found.live_loans
    assert all(quarter.loans <= found.live_loans - still for quarter in found.quarters[1:])
    assert not past & {loan for quarter in found.quarters for one in quarter.unknown for loan in one.loan_ids}


def test_who_may_read_it_and_where(as_role):
    from bangfu.casework.database.refusals import Refused

    for role in ("finance", "bureau", "auditor", "regulator", "pboc"):
        assert told(as_role, role, quarters=1).quarters
    for given, code in (({"county": "522729"}, "not_in_scope"), ({"quarters": 13}, "bad_field")):
        with pytest.raises(Refused) as caught:
            told(as_role, **given)
        assert caught.value.code == code
    with pytest.raises(Refused) as caught:
        told(as_role, "township")
    assert caught.value.code == "not_your_role"


def test_a_loan_repaid_before_does_not_cost(as_role):
    later = told(as_role)
    earlier = told(as_role, on=date(2022, 1, 1))
    assert earlier.on == date(2022, 1, 1)
    assert earlier.live_loans != later.live_loans
    assert datetime(2026, 11, 20, 2, 0, tzinfo=UTC) == later.known_at
