"""The decisions: sections in order, no gap in the numbers, a complete index, figures that are right."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bangfu.engine.detectors import lending, outliers, payees
from bangfu.money.days import day_number
from bangfu.money.fen import format_yuan, round_half_up
from bangfu.money.rates import E8, parse_percent
from bangfu.money.working_days import add_working_days

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
SECTIONS = ["Context", "Decision", "Consequences", "Rejected alternatives"]
QUESTIONS_OF_THE_DESIGN = 25


def files(folder: Path = FOLDER) -> list[Path]:
    return sorted(path for path in folder.glob("*.md") if path.name != "README.md")


def faults(text: str, name: str) -> list[str]:
    """What a decision file lacks."""
    found = []
    title = re.match(r"# (\d{4}) · .+\?\n", text)
    if title is None or title.group(1) != name[:4]:
        found.append("title")
    if not re.search(r"^- Status: (accepted|replaced by \d{4})$", text, re.MULTILINE):
        found.append("status")
    if not re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE):
        found.append("date")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    if parts[1::2] != SECTIONS:
        found.append("sections")
    elif any(not body.strip() for body in parts[2::2]):
        found.append("empty section")
    elif "\n- *" not in parts[-1]:
        found.append("no rejected alternative")
    return found


def index_lines(text: str) -> list[str]:
    return re.findall(r"^- \[(.+)\]\((.+)\)$", text, re.MULTILINE)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name[:4])
def test_each_decision_has_its_parts(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), path.name) == []


def test_a_decision_without_its_parts_is_noticed() -> None:
    whole = files()[0].read_text(encoding="utf-8")
    name = files()[0].name
    assert faults(whole.replace("## Rejected alternatives", "## Others"), name) == ["sections"]
    assert faults(whole.replace("- Status: accepted", "- Status: perhaps"), name) == ["status"]
    assert faults(whole, "0999-other.md") == ["title"]
    assert faults(whole.split("- *")[0] + "None.", name) == ["no rejected alternative"]


def test_numbers_have_no_gap() -> None:
    numbers = [int(path.name[:4]) for path in files()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= QUESTIONS_OF_THE_DESIGN


def test_the_index_is_complete() -> None:
    expected = [(path.read_text(encoding="utf-8").splitlines()[0][2:], path.name) for path in files()]
    assert index_lines((FOLDER / "README.md").read_text(encoding="utf-8")) == expected


def test_links_between_decisions_resolve() -> None:
    known = {path.name[:4] for path in files()}
    for path in files():
        cited = set(re.findall(r"\((?:see )?(\d{4})\)|as in (\d{4})", path.read_text(encoding="utf-8")))
        assert {number for pair in cited for number in pair if number.startswith("00")} <= known, path.name


def interest(yuan: int, percent: str, start: date, end: date) -> str:
    """Daily ÷ 360, half up."""
    days = day_number(end) - day_number(start)
    return format_yuan(round_half_up(yuan * 100 * parse_percent(percent) * days, E8 * 360), grouped=True)


QUARTER = (date(2021, 6, 21), date(2021, 9, 21))
NINETY = (date(2022, 9, 21), date(2022, 12, 20))
FIGURES = [
    ("0001", interest(30_000, "3.65", *NINETY)),
    ("0001", interest(25_000, "3.65", *NINETY)),
    ("0001", interest(22_000, "3.65", *NINETY)),
    ("0009", add_working_days(date(2024, 9, 13), 5).isoformat()),
    ("0009", add_working_days(date(2026, 9, 30), 5).isoformat()),
    ("0013", interest(10_000, "3.75", date(2018, 1, 1), date(2019, 1, 1))),
    ("0015", interest(50_000, "4.75", *NINETY)),
    ("0018", interest(50_000, "3.45", date(2026, 6, 21), date(2026, 9, 21))),
    ("0018", interest(50_000, "2.415", date(2026, 6, 21), date(2026, 9, 21))),
    ("0021", add_working_days(date(2024, 9, 13), 5).isoformat()),
    ("0033", interest(80_000, "3.85", *QUARTER)),
    ("0033", interest(50_000, "3.85", *QUARTER)),
    ("0033", format_yuan(round_half_up(49_194 * 38_711, 78_711))),
    ("0035", interest(50_000, "4.65", date(2022, 6, 21), date(2022, 9, 21))),
    ("0036", interest(50_000, "3.85", date(2021, 6, 21), date(2021, 8, 1))),
]


@pytest.mark.parametrize(("number", "figure"), FIGURES)
def test_the_worked_figures_are_those_of_the_code(number: str, figure: str) -> None:
    text = next(FOLDER.glob(f"{number}-*.md")).read_text(encoding="utf-8")
    assert figure in text


def test_the_thresholds_are_those_of_the_detectors() -> None:
    text = next(FOLDER.glob("0037-*.md")).read_text(encoding="utf-8")
    for phrase in (
        f"at least {outliers.LEAST_LOANS} loans, {outliers.LEAST_OVERDUE_LOANS} of them overdue",
        f"at least {outliers.LEAST_TIMES} times",
        f"below 1 in {outliers.ONE_CHANCE_IN}",
        f"at least {outliers.LEAST_HOUSEHOLDS} borrowing households changed within {outliers.SWING_MONTHS} months",
        f"at least {outliers.LEAST_SWING_PERCENT} % and by at least {outliers.LEAST_SPREADS} spreads",
        f"at least {lending.LEAST_LISTED} listed households {lending.LEAST_SHARE_PERCENT} % or more",
        f"{lending.LEAST_SHARE_WITH_UNABLE_PERCENT} % where households unable to work",
        f"at least {payees.LEAST_SHARE_PERCENT} % of the loan from at least {payees.LEAST_HOUSEHOLDS} households",
    ):
        assert phrase in text
