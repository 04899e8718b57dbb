"""Every figure of the worked loan in both READMEs is the sum it shows and what the commands give."""

from __future__ import annotations

import re
import shlex
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
LOAN = ("60,000", "3.60 %", "2026-03-02", "2026-03-21", "2026-06-21")
OF_ROW = ("interest_fen", "fixed_fen", "central_fen", "borrower_fen")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The table of the worked loan: four rows of four cells."""
    section = text.split("\n## ")[1]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def by_hand(formula: str) -> int | None:
    """What a formula of the table comes to in fen, half up; None where it is words."""
    plain = formula.replace(",", "").replace("×", "*").replace("÷", "/").replace("−", "-")
    plain = re.sub(r"([\d.]+) %", r"\1 / 100", plain)
    parts = re.split(r" ([*/-]) ", plain)
    if not all(re.fullmatch(r"[\d.]+", part) for part in parts[::2]):
        return None
    value = Fraction(parts[0])
    for sign, number in zip(parts[1::2], parts[2::2], strict=True):
        value = {"*": value * Fraction(number), "/": value / Fraction(number), "-": value - Fraction(number)}[
            sign
        ]
    return int(value * 100 + Fraction(1, 2))


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("    bangfu ")]


@pytest.mark.parametrize("name", READMES)
def test_the_sums_are_right_by_hand(name):
    table = rows(text_of(name))
    assert len(table) == len(OF_ROW)
    for _, formula, amount, _ in table:
        worked = by_hand(formula)
        assert worked is None or worked == fen(amount), formula
    assert sum(by_hand(row[1]) is not None for row in table) == 3
    assert by_hand("50,000 × 2.50 % × 92 ÷ 361") != fen("319.44")  # a wrong sum is seen


@pytest.mark.parametrize("name", READMES)
def test_the_command_gives_the_same_to_the_fen_with_the_same_clauses(name, bangfu, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = text_of(name)
    assert all(word in text for word in LOAN)
    explain = next(words for words in commands(text) if words[0] == "explain")
    told = bangfu(*explain, "--json").json
    steps = {step["name"]: step for part in told["parts"] for step in part["steps"]}
    for (_, _, amount, clause), step in zip(rows(text), OF_ROW, strict=True):
        assert steps[step]["value"] == fen(amount)
        assert clause in steps[step]["clauses"]
    assert steps["piece_days"]["value"] == 92
    assert steps["central_rate_e8"]["value"] == 2_500_000


@pytest.mark.parametrize("name", READMES)
def test_every_command_runs(name, bangfu, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    found = commands(text_of(name))
    assert [words[0] for words in found] == ["explain", "subsidy", "interest", "interest"]
    for words in found:
        placed = [str(tmp_path / word) if word == "list.xlsx" else word for word in words]
        assert bangfu(*placed).code == 0
    assert (tmp_path / "list.xlsx").is_file()


@pytest.mark.parametrize("name", READMES)
def test_the_two_defensible_interests(name, bangfu):
    daily, whole = (bangfu(*words, "--json").json["interest_fen"] for words in commands(text_of(name))[2:])
    text = text_of(name)
    assert f"{daily // 100}.{daily % 100:02d}" in text
    assert f"{whole // 100}.{whole % 100:02d}" in text
    assert f"{(daily - whole) // 100}.{(daily - whole) % 100:02d}" in text


@pytest.mark.parametrize("name", READMES)
def test_what_it_links_to_is_there(name):
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(name)):
        assert (ROOT / target).exists(), target
