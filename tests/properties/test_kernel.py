"""The kernel on Polars against the slow judge, and what must hold whatever the portfolio."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import NamedTuple

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.properties import judge
from tests.properties.engines import judged, polars_book, run
from tests.properties.judge import Portfolio, half_up
from tests.properties.portfolio import day, make

from bangfu.engine import batch
from bangfu.rules import columns
from bangfu.rules.steps import Rule

FIRST, LAST = day(2018, 1, 1), day(2026, 12, 31)


class Period(NamedTuple):
    """A portfolio and the period it is run over."""

    portfolio: Portfolio
    start: int
    end: int


@st.composite
def periods(draw: st.DrawFn, *, most_households: int = 6) -> Period:
    """A few households, and a period of some days to some years, cut somewhere by a change of terms."""
    start = draw(st.integers(FIRST, LAST))
    length = draw(st.one_of(st.integers(89, 92), st.integers(2, 800)))
    end = start + length
    cut = draw(st.integers(start + 1, end - 1))
    random = draw(st.one_of(st.builds(Random, st.integers(0, 10**9)), st.randoms(use_true_random=False)))
    households = draw(st.integers(1, most_households))
    return Period(make(random, households=households, start=start, end=end, cut=cut), start, end)


@given(periods())
def test_kernel_equals_the_judge(period: Period) -> None:
    portfolio, start, end = period
    found = run(polars_book(portfolio), start=start, end=end)
    expected = judged(judge.lines(portfolio, start=start, end=end), portfolio.payers)
    assert_frame_equal(found, expected)


@given(periods(most_households=2))
def test_the_judge_that_asks_every_day_agrees(period: Period) -> None:
    portfolio, start, end = period
    end = min(end, start + 100)
    assert judge.lines(portfolio, start=start, end=end) == judge.lines_by_day(portfolio, start=start, end=end)


@given(periods(), st.data())
def test_a_split_period_is_the_whole_before_rounding(period: Period, data: st.DataObject) -> None:
    portfolio, start, end = period
    turn = data.draw(st.integers(start + 1, end - 1))
    parts: dict[int, list[int]] = {}
    for since, until in ((start, turn), (turn, end)):
        for line in judge.lines(portfolio, start=since, end=until):
            sums = parts.setdefault(line.loan_id, [0] * (1 + len(portfolio.payers)))
            for place, numerator in enumerate((line.interest_numerator, *line.payer_numerators)):
                sums[place] += numerator
    methods = {loan.loan_id: loan.method for loan in portfolio.loans}
    names = ["interest_fen", *(f"{payer}_fen" for payer in portfolio.payers)]
    whole = run(polars_book(portfolio), start=start, end=end).select("loan_id", *names)
    for loan_id, *amounts in whole.rows():
        year = (365 if methods[loan_id] == judge.DAILY_365 else 360) * 100_000_000
        assert amounts == [half_up(numerator, year) for numerator in parts[loan_id]]
    assert set(parts) == set(whole["loan_id"])


@given(periods())
def test_the_subsidy_is_within_the_interest_and_the_parts_make_the_whole(period: Period) -> None:
    portfolio, start, end = period
    found = run(polars_book(portfolio), start=start, end=end)
    payers = [pl.col(f"{payer}_fen") for payer in portfolio.payers]
    assert found.filter(
        pl.sum_horizontal(payers) + pl.col("borrower_fen") != pl.col("interest_fen")
    ).is_empty()
    assert found.filter(pl.sum_horizontal(payers) != pl.col("subsidy_fen")).is_empty()
    assert found.filter(pl.any_horizontal(payer < 0 for payer in payers)).is_empty()
    lawful = found.filter(pl.col("exceeding") == 0)
    spare = pl.sum_horizontal((payer > 0).cast(pl.Int64) for payer in payers)
    assert lawful.filter(pl.col("subsidy_fen") > pl.col("interest_fen") + spare).is_empty()
    assert found.filter(pl.col("fixed_fen") < 0).is_empty()


@given(periods(), st.integers(0, 10**9))
def test_the_order_of_the_entries_does_not_matter(period: Period, seed: int) -> None:
    portfolio, start, end = period
    shuffled = {name: list(getattr(portfolio, name)) for name in ("loans", "moves", "spans", "segments")}
    random = Random(seed)  # noqa: S311 - a shuffle
    for rows in shuffled.values():
        random.shuffle(rows)
    one = run(polars_book(portfolio), start=start, end=end)
    other = run(polars_book(portfolio._replace(**shuffled)), start=start, end=end)
    assert_frame_equal(one, other)


@given(periods())
def test_a_late_entry_changes_its_own_household_only(period: Period) -> None:
    portfolio, start, end = period
    late = portfolio.loans[0]
    fewer = [move for move in portfolio.moves if move.loan_id != late.loan_id or move.delta_fen > 0]
    one = run(polars_book(portfolio), start=start, end=end)
    other = run(polars_book(portfolio._replace(moves=fewer)), start=start, end=end)
    rest = pl.col("household_id") != late.household_id
    assert_frame_equal(one.filter(rest), other.filter(rest))


def _changed(rule: Rule, step: str, value: nw.Expr) -> Rule:
    """The rule with one step computed otherwise."""
    return replace(
        rule, steps=tuple(replace(one, value=value) if one.name == step else one for one in rule.steps)
    )


# What a builder could get wrong, and what is then computed instead.
MUTANTS = {
    "repayments take the subsidised part too": (
        "SUBSIDISED_MOVE",
        _changed(batch.SUBSIDISED_MOVE, "subsidised_delta_fen", nw.col("delta_fen")),
    ),
    "an earlier loan holds its balance, whatever its part": (
        "HELD",
        _changed(batch.HELD, "held_fen", nw.col("earlier_balance_fen")),
    ),
    "no room is left beside an earlier loan": (
        "ROOM",
        _changed(batch.ROOM, "fixed_fen", nw.lit(0, nw.Int64)),
    ),
    "the last half of a fen is cut off": (
        "LINE_INTEREST",
        _changed(
            batch.LINE_INTEREST,
            "interest_fen",
            columns.exact_quotient(nw.col("interest_numerator"), nw.col("year_denominator")),
        ),
    ),
    "the last day is counted": (
        "PIECE_DAYS",
        _changed(batch.PIECE_DAYS, "piece_days", nw.col("piece_to") - nw.col("piece_from") + 1),
    ),
    "a movement bears the whole piece": (
        "MOVE_DAYS",
        _changed(batch.MOVE_DAYS, "move_days", nw.col("piece_to") - nw.col("piece_from")),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_judge_finds_a_kernel_that_is_wrong(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = day(2023, 12, 21), day(2024, 3, 21)
    random = Random(1)  # noqa: S311 - drawn alike from a seed
    portfolio = make(random, households=400, start=start, end=end, cut=day(2024, 1, 1))
    expected = judged(judge.lines(portfolio, start=start, end=end), portfolio.payers)
    assert run(polars_book(portfolio), start=start, end=end).equals(expected)
    name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(batch, name, wrong)
    assert not run(polars_book(portfolio), start=start, end=end).equals(expected)


def test_the_household_of_decision_0001() -> None:
    signed, taken = day(2022, 3, 1), day(2022, 9, 1)
    loans = [
        judge.Loan(0, 0, "410000", signed, signed, day(2024, 3, 1), 4_000_000, 3_650_000, 0, 0, 5_000_000, judge.NEVER,
                   None, False),
        judge.Loan(1, 0, "410000", taken, taken, day(2024, 9, 1), 3_000_000, 3_650_000, 0, 0, 5_000_000, judge.NEVER,
                   None, False),
    ]  # fmt: skip
    moves = [
        judge.Move(0, signed, 4_000_000),
        judge.Move(0, taken, -1_500_000),
        judge.Move(1, taken, 3_000_000),
    ]
    full = judge.Segment(0, 0, judge.NEVER, 0, (judge.Pay(100, 0, judge.NO_MAXIMUM),))
    portfolio = Portfolio(loans, moves, [], [full], ("county",))
    found = run(polars_book(portfolio), start=taken, end=taken + 90).filter(pl.col("loan_id") == 1)
    assert found.select("fixed_fen", "interest_fen", "county_fen", "borrower_fen").row(0) == (
        2_500_000, 27_375, 22_813, 4_562,
    )  # fmt: skip
    repaid = portfolio._replace(moves=[*moves, judge.Move(1, taken + 1, -800_000)])
    found = run(polars_book(repaid), start=taken + 1, end=taken + 91).filter(pl.col("loan_id") == 1)
    assert found["county_fen"].item() == 20_075
