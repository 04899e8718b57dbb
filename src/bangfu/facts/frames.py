"""The facts in memory: fourteen frames with canonical columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from bangfu.facts.problems import Problem


@dataclass(frozen=True)
class Facts:
    """All tables, as read: ``facts.loans`` is ``facts.tables["loans"]``.

    Attributes:
        tables: All fourteen tables; one that was not given is an empty frame with the right columns.
        missing: Names of the tables that were not given.
        warnings: What is odd and was read nevertheless.
        left_out: What was left out because it was bad, where that was asked for.
    """

    tables: Mapping[str, pl.DataFrame]
    missing: frozenset[str] = frozenset()
    warnings: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = field(default=())

    def __getattr__(self, name: str) -> pl.DataFrame:
        """A table by its name."""
        tables: Mapping[str, pl.DataFrame] = object.__getattribute__(self, "tables")
        if name in tables:
            return tables[name]
        raise AttributeError(name)
