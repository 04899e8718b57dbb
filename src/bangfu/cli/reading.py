"""From the options that name facts and packs to the facts and the book; odd rows are told on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bangfu.cli.language import say, spoken
from bangfu.cli.output import step, tell, tell_some
from bangfu.facts import Facts, Problem, read_facts
from bangfu.policy import PolicyBook, load_book

MOST_WARNINGS = 20


def facts_from(path: Path, *, mapping: str | None, known_at: date | None, leave_out: bool) -> Facts:
    """Read the facts and tell what was odd and what was left out.

    Raises:
        BadFacts: With every problem found.
    """
    with step("读取资料", "Reading the facts"):
        facts = read_facts(path, known_at=known_at, mapping=mapping, leave_out_bad_rows=leave_out)
    _tell(facts.warnings, say("提示", "Odd, but read"), most=MOST_WARNINGS)
    _tell(facts.left_out, say("已跳过的行", "Left out"))
    return facts


def _tell(problems: Sequence[Problem], heading: str, *, most: int = 1000) -> None:
    if problems:
        tell(f"{heading}（{len(problems)}）" if spoken() == "zh" else f"{heading} ({len(problems)}):")
        tell_some(["  " + problem.sentence(spoken()) for problem in problems], most=most)


def book_from(packs: Sequence[Path] | None) -> PolicyBook:
    """The installed packs and those added.

    Raises:
        PackError: Names file and line.
    """
    return load_book(packs or ())
