"""What each role may and must do, by when, by which clause (LD2021-8, GZ2018-3.1): data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bangfu.casework.people.roles import ROLES
from bangfu.casework.words import Words

__all__ = ["RHYTHMS", "Duty", "duties_of"]

RHYTHMS: Mapping[str, Words] = {
    "any": Words("日常", "at all times"),
    "case": Words("逐笔办理", "each case"),
    "day": Words("每日", "each day"),
    "month": Words("每月", "each month"),
    "quarter": Words("每季度", "each quarter"),
    "notice": Words("发生后及时", "at once when it happens"),
}


@dataclass(frozen=True)
class Duty:
    """One line of the duties table.

    Attributes:
        role: A code of ``ROLES``.
        must: Whether it must be done; else it may.
        what: What.
        rhythm: A code of ``RHYTHMS``.
        by: By when, in words.
        clauses: What it rests on.
    """

    role: str
    must: bool
    what: Words
    rhythm: str
    by: Words
    clauses: tuple[str, ...]


def duties_of(role: str) -> tuple[Duty, ...]:
    """The duties of a role, those it must do first."""
    return _all().get(role, ())


@cache
def _all() -> Mapping[str, tuple[Duty, ...]]:
    text = files(__package__).joinpath("duties.yaml").read_text(encoding="utf-8")
    told: Mapping[str, list[dict[str, Any]]] = yaml.safe_load(text)
    unknown = told.keys() - ROLES.keys()
    if unknown:
        raise ValueError(f"duties of unknown roles: {sorted(unknown)}")
    return {
        role: tuple(sorted((_duty(role, row) for row in rows), key=lambda one: not one.must))
        for role, rows in told.items()
    }


def _duty(role: str, row: Mapping[str, Any]) -> Duty:
    if row["kind"] not in {"may", "must"}:
        raise ValueError(f"a duty is may or must, not {row['kind']}")
    by = row["by"]
    said = Words(by["zh"], by["en"]) if "zh" in by else RHYTHMS[by["rhythm"]]
    what = Words(row["zh"], row["en"])
    return Duty(role, row["kind"] == "must", what, by["rhythm"], said, tuple(row["clauses"]))
