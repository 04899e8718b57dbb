"""The example in CONTRIBUTING is a pack that loads, and its figures are those of the code."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bangfu.money.days import day_number
from bangfu.money.fen import format_yuan, round_half_up
from bangfu.money.rates import E8, parse_percent
from bangfu.policy import PackError, Payer, check, load_book

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.+?)```", TEXT, re.DOTALL)
SIGNED, PLACE = date(2022, 6, 1), "410825"
QUARTER = (date(2023, 12, 21), date(2024, 3, 21))


def written(folder: Path, text: str) -> Path:
    path = folder / "EX2024.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def example() -> str:
    assert EXAMPLE is not None
    return EXAMPLE.group(1)


def test_the_example_pack_is_in_order(tmp_path: Path, example: str) -> None:
    assert check([written(tmp_path, example)]) == ()


def test_the_example_pack_broken_is_refused_with_its_line(tmp_path: Path, example: str) -> None:
    with pytest.raises(PackError) as caught:
        load_book([written(tmp_path, example.replace('clause: "2"', 'clause: "3"'))])
    assert caught.value.line > 1


def test_the_example_fixes_the_share_that_was_left_open(tmp_path: Path, example: str) -> None:
    before = load_book().stack(PLACE, "transition", SIGNED).term("subsidy.payers", date(2024, 2, 1))
    assert before is not None
    assert before.undetermined
    stack = load_book([written(tmp_path, example)]).stack(PLACE, "transition", SIGNED)
    after = stack.term("subsidy.payers", date(2024, 2, 1))
    assert after is not None
    assert after.clause == "EX2024-1"
    assert after.payers == (Payer("county", 50),)


def test_the_figures_of_the_example_are_right() -> None:
    def amount(percent: str, start: date, end: date) -> int:
        days = day_number(end) - day_number(start)
        return round_half_up(5_000_000 * parse_percent(percent) * days, E8 * 360)

    new_year = date(2024, 1, 1)
    interest = amount("3.70", *QUARTER)
    fiscal = amount("3.70", QUARTER[0], new_year)
    county = amount("1.85", new_year, QUARTER[1])
    for fen in (interest, fiscal, county, interest - fiscal - county):
        assert f"| {format_yuan(fen)} |" in TEXT
