"""Worked examples: each rule's ``cases.yaml`` read, checked and run. They are tests, manual and ``bangfu selftest``.

A case is a sentence, its source, what is given and what is expected::

    - case: Ten thousand yuan at 3.75 % over a year of 365 days costs 380.21 by days over 360.
      source: HLJ2019-2.2
      given: {method: daily_360, rate_e8: 3.75 %, ...}
      expect: {interest_fen: 380.21 yuan}

Days are ISO dates, fen may be written ``50000 yuan``, rates in 1e-8 ``3.85 %``; a list, where a column takes one, is
a YAML list. A folder with several rules chains them: each whose columns are given, or made by an earlier one, is
applied in the order of the file.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import narwhals as nw
import polars as pl
import yaml

import bangfu.rules
from bangfu.money.days import day_number
from bangfu.money.fen import parse_yuan
from bangfu.money.rates import parse_percent
from bangfu.rules.steps import Rule, apply_rules

CASES = "cases.yaml"
KEYS = frozenset({"case", "source", "given", "expect"})
WHOLE_NUMBERS = frozenset(
    {"fen", "fen_days", "e8", "e6", "days", "day", "months", "years", "count"}
)  # units held as Int64
ToNative = Callable[[pl.DataFrame], Any]
Value = int | bool | str | None
Shape = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


class _Loader(yaml.SafeLoader):
    """YAML with true and false alone as truth values: ``on`` is a column."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, found) for tag, found in known if tag != "tag:yaml.org,2002:bool"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class BadCase(ValueError):  # noqa: N818 - it names what is wrong with the example
    """A worked example that cannot be run: the folder, the case and what is wrong."""

    def __init__(self, rule: str, case: str, message: str) -> None:
        super().__init__(f"{rule}: {case}: {message}")


@dataclass(frozen=True, slots=True)
class Case:
    """One worked example of a rule folder: values already in the units of its columns."""

    folder: str
    sentence: str
    source: str
    rules: tuple[Rule, ...]
    given: Mapping[str, Value]
    expect: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A step that came out otherwise than the case expects."""

    case: Case
    step: str
    expected: Value
    actual: Value

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.case.folder}: {self.case.sentence} {self.step}: expected {self.expected}, got {self.actual}"


@dataclass(frozen=True, slots=True)
class SelfTestResult:
    """What ``bangfu selftest`` prints: how many examples ran in how many folders, and what failed."""

    folders: int
    cases: int
    shortfalls: tuple[Shortfall, ...]

    @property
    def passed(self) -> bool:
        """Whether every example came out as written."""
        return not self.shortfalls


@cache
def folders() -> tuple[str, ...]:
    """The rule folders, in the order of their names."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(bangfu.rules.__path__) if found.ispkg))


def rules_of(folder: str, columns: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of a folder, in the order of the file.

    A module whose rules depend on the columns at hand (the payers of a segment) says so by ``rules_for(columns)``.
    """
    module = importlib.import_module(f"bangfu.rules.{folder}.rule")
    chosen = getattr(module, "rules_for", None)
    if chosen is not None:
        return tuple(chosen(frozenset(columns)))
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))


def load_cases(folder: str) -> tuple[Case, ...]:
    """The worked examples of a folder.

    Raises:
        BadCase: The file is missing or empty, or a case is not as it should be.
    """
    path = Path(next(iter(bangfu.rules.__path__))) / folder / CASES
    if not path.exists():
        raise BadCase(folder, CASES, "the folder has no worked examples")
    told = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    if not isinstance(told, list) or not told:
        raise BadCase(folder, CASES, "a list of cases is wanted")
    return tuple(_case(folder, number, item) for number, item in enumerate(told, start=1))


def _case(folder: str, number: int, item: Any) -> Case:
    name = str(item.get("case", f"case {number}")) if isinstance(item, dict) else f"case {number}"
    if not isinstance(item, dict) or set(item) != KEYS:
        raise BadCase(folder, name, f"keys {', '.join(sorted(KEYS))} are wanted, and no others")
    given, expect = item["given"], item["expect"]
    if not isinstance(given, dict) or not isinstance(expect, dict) or not expect:
        raise BadCase(folder, name, "given and expect are mappings, and expect is not empty")
    module = importlib.import_module(f"bangfu.rules.{folder}.rule")
    chain = _chain(rules_of(folder, given), given)
    units: dict[str, str] = {}
    for rule in chain:
        units |= {column: unit for column, unit in rule.reads.items() if column not in units}
        units |= {step.name: step.unit for step in rule.steps}
    _known_only(folder, name, given, expect, chain)
    codes: Mapping[str, Mapping[str, int]] = getattr(module, "CODES", {})
    return Case(
        folder=folder,
        sentence=name,
        source=str(item["source"]),
        rules=chain,
        given={c: _value(folder, name, c, v, units[c], codes) for c, v in given.items()},
        expect={s: _value(folder, name, s, v, units[s], codes) for s, v in expect.items()},
    )


def _chain(rules: Sequence[Rule], given: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that can run one after the other on what is given."""
    known = set(given)
    chain: list[Rule] = []
    for rule in rules:
        if set(rule.reads) <= known:
            chain.append(rule)
            known |= {step.name for step in rule.steps}
    return tuple(chain)


def _known_only(
    folder: str, name: str, given: Mapping[str, Any], expect: Mapping[str, Any], chain: Sequence[Rule]
) -> None:
    """Refuse a case that gives what no rule reads, or expects what no rule makes."""
    wanted = {column for rule in chain for column in rule.reads}
    made = {step.name for rule in chain for step in rule.steps}
    if not chain:
        lacks = [
            f"{rule.name}: {', '.join(sorted(set(rule.reads) - set(given)))}" for rule in rules_of(folder)
        ]
        raise BadCase(folder, name, f"no rule has all it reads; lacking {'; '.join(lacks)}")
    if idle := set(given) - wanted:
        raise BadCase(folder, name, f"no rule that runs reads {', '.join(sorted(idle))}")
    if unmade := set(expect) - made:
        raise BadCase(folder, name, f"no rule that runs makes {', '.join(sorted(unmade))}")


def _value(
    folder: str,
    case: str,
    column: str,
    told: Any,
    unit: str,
    codes: Mapping[str, Mapping[str, int]],
) -> Value:
    """One value of the file in the unit of its column.

    Raises:
        BadCase: It cannot be one.
    """
    if column in codes and isinstance(told, str):
        return codes[column][told]
    if isinstance(told, date) and unit == "day":
        return day_number(told)
    if isinstance(told, str) and unit not in {"text", "code"}:
        return _measured(folder, case, column, told, unit)
    kinds: dict[str, tuple[type, ...]] = {"bool": (bool,), "text": (str,), "code": (str, int)}
    if told is None or type(told) in kinds.get(unit, (int,)):
        return told  # type: ignore[no-any-return]
    raise BadCase(folder, case, f"{column} is {unit}; {told!r} is not")


def _measured(folder: str, case: str, column: str, told: str, unit: str) -> int:
    """A number written with its unit, or a day as text."""
    try:
        if unit == "fen" and told.endswith("yuan"):
            return parse_yuan(told.removesuffix("yuan"))
        if unit == "e8" and told.endswith(("%", "points")):
            return parse_percent(told.removesuffix("points"))
        if unit == "day":
            return day_number(date.fromisoformat(told))
    except ValueError as error:
        raise BadCase(folder, case, f"{column}: {error}") from error
    raise BadCase(folder, case, f"{column} is {unit}; {told!r} is not")


def _as_it_is(frame: pl.DataFrame) -> pl.LazyFrame:
    return frame.lazy()


def run(cases: Sequence[Case], *, to_native: ToNative = _as_it_is) -> Iterator[Shortfall]:
    """Run cases and give what came out otherwise.

    Args:
        cases: Of any folders; those alike in columns run as one frame.
        to_native: Makes the frame of the engine wanted; Polars without it.
    """
    alike: dict[Shape, list[Case]] = defaultdict(list)
    for case in cases:
        shape = tuple(sorted((column, _dtype_of(case, column)) for column in case.given))
        alike[(case.folder, tuple(rule.name for rule in case.rules), shape)].append(case)
    for (_, _, shape), group in alike.items():
        yield from _run_alike(group, dict(shape), to_native)


def _dtype_of(case: Case, column: str) -> str:
    """The kind of column: whole, bool or text. A code may be a number or a word; an empty one is a word."""
    unit = next((rule.reads[column] for rule in case.rules if column in rule.reads), "text")
    if unit == "bool":
        return unit
    number = unit in WHOLE_NUMBERS or isinstance(case.given[column], int)
    return "whole" if number else "text"


def _run_alike(cases: Sequence[Case], shape: Mapping[str, str], to_native: ToNative) -> Iterator[Shortfall]:
    dtypes = {"whole": pl.Int64, "bool": pl.Boolean, "text": pl.String}
    schema: dict[str, Any] = {"case_no": pl.Int64} | {name: dtypes[kind] for name, kind in shape.items()}
    rows = [{"case_no": number, **case.given} for number, case in enumerate(cases)]
    frame: nw.LazyFrame[Any] = nw.from_native(to_native(pl.DataFrame(rows, schema=schema))).lazy()
    done = apply_rules(cases[0].rules, frame)
    wanted = sorted({step for case in cases for step in case.expect})
    found = done.select("case_no", *wanted).collect(backend="polars").to_dict(as_series=False)
    rows_of = {number: place for place, number in enumerate(found["case_no"])}
    for number, case in enumerate(cases):
        for step, expected in case.expect.items():
            actual = found[step][rows_of[number]]
            if type(actual) is not type(expected) or actual != expected:
                yield Shortfall(case, step, expected, actual)


def selftest() -> SelfTestResult:
    """Run every worked example on Polars.

    Raises:
        BadCase: An example cannot be run.
    """
    cases = [case for folder in folders() for case in load_cases(folder)]
    return SelfTestResult(folders=len(folders()), cases=len(cases), shortfalls=tuple(run(cases)))


def unshown(folder: str, cases: Sequence[Case]) -> tuple[str, ...]:
    """What a folder's rules may raise and no case shows raised, or none shows not raised.

    Each way to raise a code (its step) needs both sides.
    """
    gaps = []
    columns = {column for case in cases for column in case.given}
    for rule in rules_of(folder, columns):
        for way in rule.raises:
            shown = [case.expect[way.when] for case in cases if way.when in case.expect]
            gaps += [f"{way.code} by {way.when} raised"] * (True not in shown)
            gaps += [f"{way.code} by {way.when} not raised"] * (False not in shown)
    return tuple(gaps)


def module_of(folder: str) -> ModuleType:
    """The module of a folder's rules."""
    return importlib.import_module(f"bangfu.rules.{folder}.rule")
