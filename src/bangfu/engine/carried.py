"""The lines of a bundle that were carried over, proved: each says what the one it took over said, back to the first.

The first is computed again, from the facts and under the packs it was computed with at its own time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from bangfu.engine.bundle import Fault
from bangfu.engine.corrections import Amounts, amounts_of, net
from bangfu.engine.cycle import LINE, due_of_cycle, of_households
from bangfu.engine.frozen import line_digests
from bangfu.facts import Facts
from bangfu.policy import PolicyBook

__all__ = ["COMPARED", "carried_faults"]

# What of a line is compared with the core's: all it says but the place, which the bundle does not name.
COMPARED = tuple(name for name in LINE if name not in ("loan_id", "area_code"))
Row = Mapping[str, Any]


def carried_faults(
    told: Mapping[str, Any],
    lines: pl.DataFrame,
    behind: pl.DataFrame | None,
    *,
    book: PolicyBook,
    facts_of: Callable[[str], Facts],
) -> Iterator[Fault]:
    """What is wrong with the carried lines of a bundle.

    Args:
        told: ``cycle.json``: county, rhythm, hashed, lists, and of each first line ``carried``.
        lines: The frozen lines.
        behind: The lines behind carried ones; None where the bundle has none.
        book: The packs of the bundle.
        facts_of: The facts in a folder of the bundle.
    """
    mine = [row for row in lines.iter_rows(named=True) if _is_carried(row)]
    if not mine:
        return
    names = {one["id"]: one["name"] for one in told["lists"]}
    rows = [] if behind is None else list(behind.iter_rows(named=True))
    hashes = [] if behind is None else [one.hex() for one in line_digests(behind, told["hashed"])]
    known = {row["line_id"]: (row, now) for row, now in zip(rows, hashes, strict=True)}
    judged: dict[str, tuple[str, str]] = {}
    for row in mine:
        name, at = names[row["list_id"]], row
        for _ in range(len(known) + 1):
            before, now = known.get(at["corrects"], (None, ""))
            if before is None:
                yield Fault("carried_unproved", name, row["loan_id"])
                break
            if wrong := _differing(at, before, now):
                yield Fault("carried_differs", name, f"{row['loan_id']}: {wrong}")
            if not _is_carried(before):
                first = before["line_id"]
                if first not in judged:
                    judged[first] = _first(before, rows, told, book=book, facts_of=facts_of)
                if judged[first][0]:
                    yield Fault(judged[first][0], name, f"{row['loan_id']}: {judged[first][1]}")
                break
            at = before


def _is_carried(row: Row) -> bool:
    return "carried" in (row["kind"], row["ground"])


def _differing(after: Row, before: Row, now: str) -> str:
    """What a carried line says otherwise than the one it took over, whose hash over its content is ``now``."""
    wrong = [f"{name} {before[name]} → {after[name]}" for name in COMPARED if before[name] != after[name]]
    if before["line_hash"] != now or after["corrects_hash"] != now:
        wrong.append("line_hash")
    return "; ".join(wrong)[:300]


def _first(
    row: Row,
    rows: Sequence[Row],
    told: Mapping[str, Any],
    *,
    book: PolicyBook,
    facts_of: Callable[[str], Facts],
) -> tuple[str, str]:
    """The first line of a chain, computed again: the code of what is wrong and its detail, or nothing."""
    how = told.get("carried", {}).get(row["line_id"])
    if how is None:
        return "carried_unproved", ""
    other = sorted(
        name for name, was in how["packs"].items() if name not in book.packs or book.packs[name].hash != was
    )
    if other:
        return "packs_differ", "、".join(other)
    homes = pl.Series("household_id", [row["household_id"]], dtype=pl.String)
    by = how["collected_by"]
    due = due_of_cycle(
        of_households(facts_of(how["facts"]), homes), book, county=told["county"], rhythm=told["rhythm"],
        start=date.fromisoformat(how["start"]), end=date.fromisoformat(how["end"]),
        collected_by=date.fromisoformat(by) if by else None,
    ).lines  # fmt: skip
    found = next(due.filter(pl.col("loan_id") == row["loan_id"]).iter_rows(named=True), None)
    if row["kind"] == "regular":
        if found is None:
            return "carried_differs", "0"
        wrong = [f"{name} {row[name]} → {found[name]}" for name in COMPARED if row[name] != found[name]]
        return ("carried_differs", "; ".join(wrong)[:300]) if wrong else ("", "")
    period = (row["loan_id"], row["for_list"], row["of_start"], row["of_end"])
    about = [
        amounts_of(one)
        for one in rows
        if (one["loan_id"], one["for_list"], one["of_start"], one["of_end"]) == period
    ]
    reached, wanted = net(about), Amounts() if found is None else amounts_of(found)
    if reached != wanted:
        return "carried_differs", f"{reached.payable_fen} → {wanted.payable_fen}"
    return "", ""
