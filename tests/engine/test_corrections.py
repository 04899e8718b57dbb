"""Corrections: what stood and what was added together say what is due today, whatever happened between."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.engine.corrections import Amounts, Correction, corrections, net, split_fen
from bangfu.engine.cycle import split
from bangfu.rules.subsidy.rule import PAYERS

FEN = st.integers(0, 2_000_000)
PARTS = st.tuples(*(FEN for _ in PAYERS))


@st.composite
def lines(draw) -> Amounts:
    """A line as the core makes it: part of what is due is held back, the rest split over the payers."""
    by = draw(PARTS)
    paid = draw(st.integers(0, sum(by)))
    return Amounts(sum(by) + draw(FEN), by, split_fen(by, paid))


def test_what_is_held_back_is_released_by_the_payers_that_owe_it() -> None:
    """491.94 yuan due, 241.94 held back (docs/decisions/0033); then 200.00 of the 387.11 yuan of interest come in."""
    county = (0, 0, 0, 49_194, 0)
    stood = Amounts(78_711, county, (0, 0, 0, 25_000, 0))
    now = Amounts(78_711, county, (0, 0, 0, 37_500, 0))
    (one,) = corrections(now, stood)
    assert one == Correction("supplement", released=True, amounts=Amounts(pay=(0, 0, 0, 12_500, 0)))
    assert one.amounts.held_back_fen == -12_500
    assert corrections(now, net([stood, one.amounts])) == ()


def test_a_repayment_told_late_comes_back() -> None:
    """10,000 yuan at 3.60 % were repaid a month before the end: 30.00 of 150.00 yuan of subsidy were too much."""
    stood = Amounts(15_000, (0, 0, 0, 0, 15_000), (0, 0, 0, 0, 15_000))
    now = Amounts(12_000, (0, 0, 0, 0, 12_000), (0, 0, 0, 0, 12_000))
    (one,) = corrections(now, stood)
    assert (one.kind, one.released) == ("recovery", False)
    assert (one.amounts.interest_fen, one.amounts.subsidy_fen, one.amounts.payable_fen) == (
        -3_000,
        -3_000,
        -3_000,
    )
    assert one.amounts.borrower_fen == 0


def test_another_payer_gets_a_line_of_its_own() -> None:
    """A loan was taken for one of the transition: the county gets its part back, central and province pay theirs."""
    stood = Amounts(9_000, (0, 0, 0, 9_000, 0), (0, 0, 0, 9_000, 0))
    now = Amounts(9_000, (6_300, 1_000, 0, 0, 0), (6_300, 1_000, 0, 0, 0))
    back, out = corrections(now, stood)
    assert (back.kind, back.amounts.pay) == ("recovery", (0, 0, 0, -9_000, 0))
    assert (out.kind, out.amounts.pay) == ("supplement", (6_300, 1_000, 0, 0, 0))


def test_nothing_stood_for_days_that_are_due() -> None:
    now = Amounts(5_000, (0, 0, 0, 0, 5_000), (0, 0, 0, 0, 5_000))
    assert [one.kind for one in corrections(now, Amounts())] == ["supplement"]
    assert corrections(Amounts(), Amounts()) == ()


@given(lines(), lines(), lines())
def test_lines_and_their_corrections_make_what_is_due_and_asked_again_nothing(first, second, third) -> None:
    stood = [first]
    for now in (second, third):
        made = corrections(now, net(stood))
        stood += [one.amounts for one in made]
        together = net(stood)
        assert together.by == now.by
        assert together.held_back_fen == now.held_back_fen
        assert together.payable_fen == now.payable_fen
        assert corrections(now, together) == ()
        for one in made:
            assert all(part <= 0 for part in one.amounts.pay) or all(part >= 0 for part in one.amounts.pay)
            assert (one.amounts.payable_fen < 0) == (one.kind == "recovery")


@given(lines(), st.lists(st.integers(0, 100), max_size=6))
def test_releases_never_pay_a_payer_more_than_it_owes(line, shares) -> None:
    stood = [Amounts(line.interest_fen, line.by)]  # all of it is held back
    for share in sorted(shares):
        now = Amounts(line.interest_fen, line.by, split_fen(line.by, line.subsidy_fen * share // 100))
        stood += [one.amounts for one in corrections(now, net(stood))]
        paid = net(stood).pay
        assert all(0 <= part <= due for part, due in zip(paid, line.by, strict=True))
    done = corrections(Amounts(line.interest_fen, line.by, line.by), net(stood))
    assert net([*stood, *(one.amounts for one in done)]).pay == line.by


@given(PARTS, st.data())
def test_an_amount_is_split_exactly_and_alike_over_columns_and_numbers(weights, data) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = split_fen(weights, total)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    names = [f"{payer}_fen" for payer in PAYERS]
    row = pl.DataFrame({**dict(zip(names, weights, strict=True)), "payable_fen": total})
    assert row.select(split(names, "payable_fen")).row(0) == parts


@pytest.mark.parametrize(("weights", "total"), [((1, 2), 4), ((1, 2), -1), ((-1, 2), 1)])
def test_what_cannot_be_split_is_refused(weights, total) -> None:
    with pytest.raises(ValueError, match="cannot be split"):
        split_fen(weights, total)
