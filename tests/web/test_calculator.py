"""The calculator: the core's interest to the fen, and parts that make the whole."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from tests.web.face import reader

from bangfu.engine.interest import interest
from bangfu.money.fen import parse_yuan
from bangfu.money.rates import parse_contract_rate
from bangfu.policy import load_book
from bangfu.web.calculation import calculate


def calculated(amount="50000", rate="4.2", start="2026-03-01", end="2027-03-01", **given):
    told = {"place": "522728", "product": "assistance", "method": "daily_360"} | given
    return calculate(
        load_book(),
        principal_fen=parse_yuan(amount),
        rate_e8=parse_contract_rate(rate),
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        **told,
    )


@pytest.mark.parametrize(
    ("amount", "rate", "days"),
    list(
        product(
            ["1000", "50000", "99999.99"],
            ["3.45", "4.2", "0"],
            [("2026-03-01", "2026-03-02"), ("2026-03-31", "2029-02-28")],
        )
    ),
)
def test_both_interests_are_the_cores(amount, rate, days):
    start, end = days
    found = calculated(amount, rate, start, end)
    for method, shown in (("daily_360", found.daily), ("whole_periods", found.whole)):
        alone = interest(
            principal_fen=parse_yuan(amount), rate_e8=parse_contract_rate(rate), start=date.fromisoformat(start),
            end=date.fromisoformat(end), method=method,
        )  # fmt: skip
        assert shown.interest_fen == alone.interest_fen
    assert found.difference_fen == found.daily.interest_fen - found.whole.interest_fen


@pytest.mark.parametrize("method", ["daily_360", "whole_periods"])
@pytest.mark.parametrize("amount", ["30000", "50000", "80000", "100000"])
def test_who_pays_adds_up_to_the_interest(amount, method):
    found = calculated(amount, method=method)
    whole = found.daily if method == "daily_360" else found.whole
    assert sum(line.fen for line in found.flow.lines) == found.flow.total_fen == whole.interest_fen


def test_central_money_pays_on_the_first_fifty_thousand():
    lines = {line.label.en: line.fen for line in calculated("80000").flow.lines}
    assert lines == {"central finance": 126_736, "the borrower": 213_931}


def test_the_county_of_the_transition_pays_all_of_it():
    found = calculated("50000", "3.65", "2022-05-01", "2023-05-01", product="transition")
    assert {line.label.en: line.fen for line in found.flow.lines} == {
        "county finance": found.daily.interest_fen,
        "the borrower": 0,
    }


def test_what_no_document_fixes_is_refused_and_said():
    found = calculated("50000", "3.65", "2024-01-05", "2024-06-05", product="transition", place="410800")
    assert [one.code for one in found.refusals] == ["subsidy_undetermined"]
    assert found.refusals[0].clauses == ("HA2021-2.2c",)


def test_a_day_without_a_policy_still_has_its_interest():
    found = calculated(start="2012-01-01", end="2013-01-01", product="poverty")
    assert found.flow is None
    assert found.daily.interest_fen > 0
    assert [one.code for one in found.refusals] == ["no_policy_for_place_and_day"]


def test_the_page_shows_the_published_difference():
    address = (
        "/calculator/?amount=10000&rate=3.75&start=2018-01-01&end=2019-01-01&method=daily_360&product=poverty"
    )
    text = reader().get(address).content.decode()
    assert [one for one in ("380.21", "375.00", "5.21", "3.8021%") if one not in text] == []


@pytest.mark.parametrize(
    "query",
    ["amount=x", "amount=-1&rate=3", "amount=1&rate=99", "amount=1&rate=3&start=2026-01-01&end=2026-01-01",
     "amount=1&rate=3&start=1026-01-01&end=2026-01-01", "amount=1&rate=3&start=2026-13-01&end=x&method=y&product=z"],
)  # fmt: skip
def test_what_cannot_be_computed_is_said(query):
    answer = reader().get(f"/calculator/?{query}")
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()
