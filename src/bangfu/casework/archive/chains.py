"""What proves a line that was carried over: the lines it took over, back to the first, with the facts of that time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView
from bangfu.engine.cycle import of_households
from bangfu.engine.recomputed import facts_files

__all__ = ["Chains", "about", "chains", "is_carried"]

Period = tuple[date, date]


@dataclass(frozen=True)
class Chains:
    """The lines behind carried ones.

    Attributes:
        lines: Each once, with the period it corrects, where it does, and the list that period's lines stood for.
        firsts: Line → what its amounts are computed from (``engine.recomputed``), by the ends of the chains.
        files: The facts of their households as they were known when each was computed.
    """

    lines: tuple[tuple[LineView, Period | None, str], ...]
    firsts: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, bytes]


def is_carried(line: LineView) -> bool:
    """Whether a line says what an earlier one said, and nothing of its own."""
    return line.kind == "carried" or line.ground == "carried"


def about(line: LineView, periods: dict[str, Period], *, on: date) -> Period | None:
    """The period a correction is about; None for any other line.

    Args:
        line: The line.
        periods: Of the cycles that were met before; added to.
        on: The day whose names are read.
    """
    name = str(line.told.get("cycle", ""))
    if not name or line.kind not in ("supplement", "recovery"):
        return None
    if name not in periods:
        cycle = subsidies.cycle_of(name, on=on)
        periods[name] = (cycle.start, cycle.end)
    return periods[name]


def chains(carried: Sequence[LineView], *, county: str, on: date) -> Chains:
    """Follow carried lines back to the first ones.

    Args:
        carried: Lines of ``is_carried``.
        county: Theirs.
        on: The day whose names are read.
    """
    behind: dict[UUID, LineView] = {}
    wanted = {line.corrects for line in carried if line.corrects}
    while wanted:
        found = subsidies.lines_by_id(wanted, on=on)
        behind |= found
        wanted = {line.corrects for line in found.values() if is_carried(line) and line.corrects} - set(
            behind
        )
    firsts = [line for line in behind.values() if not is_carried(line)]
    periods: dict[str, Period] = {}
    told, files = _computed_from(firsts, periods, county=county, on=on)
    lines = [(line, about(line, periods, on=on), str(line.list_id)) for line in behind.values()]
    for line in firsts:
        of = about(line, periods, on=on)
        if of is not None:
            lines += [(other, of, str(line.list_id)) for other in _beside(line, on=on)]
    once = {(line.id, of, for_list): (line, of, for_list) for line, of, for_list in lines}
    return Chains(tuple(once.values()), told, files)


def _beside(line: LineView, *, on: date) -> Sequence[LineView]:
    """The lines that stood for the period a correction is about, and what its list adds to them beside it."""
    stood = [UUID(one["line"]) for one in line.told.get("stood", ())]
    same = [
        other
        for other in subsidies.lines_of([line.list_id], on=on)
        if other.loan_id == line.loan_id and other.told.get("cycle") == line.told.get("cycle")
        and other.ground != "carried"
    ]  # fmt: skip
    return [*subsidies.lines_by_id(stood, on=on).values(), *same]


def _computed_from(
    firsts: Sequence[LineView], periods: dict[str, Period], *, county: str, on: date
) -> tuple[dict[str, dict[str, Any]], dict[str, bytes]]:
    """Of each first line the period, the packs and the folder of its facts; and the files of these folders."""
    runs = subsidies.runs_of_lines([line.id for line in firsts])
    views = {
        one.id: one for one in subsidies.lists_of(list_ids=list({line.list_id for line in firsts}), on=on)
    }
    folders: dict[tuple[Any, Any], str] = {}
    homes: dict[str, set[str]] = {}
    told: dict[str, dict[str, Any]] = {}
    for line in sorted(firsts, key=lambda one: (one.start, one.loan_id, str(one.id))):
        run, cycle = runs[line.id], views[line.list_id].cycle
        folder = folders.setdefault((run.on, run.known_at), f"facts/carried-{len(folders) + 1}")
        homes.setdefault(folder, set()).add(line.household_id)
        of = about(line, periods, on=on)
        start, end = of or (cycle.start, cycle.end)
        told[str(line.id)] = {
            "facts": folder, "start": start, "end": end, "collected_by": cycle.end if of else None,
            "packs": dict(run.packs["policies"].get(line.policy, {})),
        }  # fmt: skip
    files: dict[str, bytes] = {}
    for (then, known_at), folder in folders.items():
        facts = facts_of_county(county, on=then, known_at=known_at)
        kept = of_households(facts, pl.Series("household_id", sorted(homes[folder]), dtype=pl.String))
        files |= facts_files(kept, folder)
    return told, files
