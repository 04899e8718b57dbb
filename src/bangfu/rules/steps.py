"""What a rule is: named steps over columns, each with what it says and what it rests on.

An explanation is nothing but the step columns, printed. A step's basis is a citation (``HLJ2019-2.2``) or the name
of a policy term (``rate.ceiling``), which stands for the clause that sets the term in the loan's own stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import narwhals as nw

Unit = Literal[
    "fen", "fen_days", "e8", "e6", "days", "day", "months", "years", "count", "bool", "code", "text"
]
Frame = TypeVar("Frame", nw.LazyFrame[Any], nw.DataFrame[Any])


@dataclass(frozen=True, slots=True)
class Step:
    """One named value: an expression over the columns given and those of the earlier steps."""

    name: str
    unit: Unit
    zh: str
    en: str
    basis: tuple[str, ...]
    value: nw.Expr


@dataclass(frozen=True, slots=True)
class Raise:
    """The refusal or finding that a true step stands for, and the columns that show it."""

    code: str
    when: str
    facts: tuple[str, ...]
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it reads (column and unit), its steps in the order of the text, and what they may raise."""

    name: str
    zh: str
    en: str
    reads: Mapping[str, Unit]
    steps: tuple[Step, ...]
    raises: tuple[Raise, ...] = field(default=())

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)


def apply_rule(rule: Rule, frame: Frame) -> Frame:
    """Add the rule's steps as columns, in order; the frame must hold all the rule reads."""
    for step in rule.steps:
        frame = frame.with_columns(step.value.alias(step.name))
    return frame


def apply_rules(rules: Sequence[Rule], frame: Frame) -> Frame:
    """Several rules one after the other."""
    for rule in rules:
        frame = apply_rule(rule, frame)
    return frame
