"""The runs of a bundle computed again: its facts and packs give the core's lines, which are compared with the frozen.

What a bundle holds for it (paths in it):

- ``cycle.json``: county, rhythm, start, end, whole (all of the county), hashed (the columns of a line's hash) and the
  lists: id, name, run, facts (a folder), facts_hash, packs_hash, lines_hash, packs, left_out, totals;
- ``lines.parquet``: the frozen lines, and ``earlier.parquet``: the lines that corrections speak of;
- ``carried.parquet``: the lines behind those that were carried over, back to the first; of each first one ``carried``
  in ``cycle.json`` says the period, the packs and the folder of the facts it was computed from;
- ``facts/…``: loans, events and households without names or numbers; ``packs/``: the policy.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bangfu.engine.bundle import Bundle, Fault
from bangfu.engine.carried import COMPARED, carried_faults
from bangfu.engine.corrections import Amounts, amounts_of, net
from bangfu.engine.cycle import LINE, due_of_cycle, of_households
from bangfu.engine.frozen import PERSONAL, TABLES_OF_A_LINE, digest, facts_digests, line_digests, packs_digest
from bangfu.facts import TABLES, Facts, empty
from bangfu.policy import PackError, PolicyBook, book_of
from bangfu.refusals import Refused
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["CARRIED", "CYCLE", "EARLIER", "LINES", "Recomputed", "facts_files", "recomputed"]

CYCLE, LINES, EARLIER, PACKS = "cycle.json", "lines.parquet", "earlier.parquet", "packs/"
CARRIED = "carried.parquet"


@dataclass(frozen=True)
class Recomputed:
    """What computing again showed.

    Attributes:
        lists: List → lines_hash of the lines as they were computed again and corrected; empty where they cannot be.
        lines: How many lines were compared.
        payable_fen: What goes on, summed.
        faults: What differs.
    """

    lists: Mapping[str, str]
    lines: int
    payable_fen: int
    faults: tuple[Fault, ...]


def facts_files(facts: Facts, folder: str) -> dict[str, bytes]:
    """The files of facts in a bundle: only the tables and columns the computation and its hash read."""
    out = {}
    for name in TABLES_OF_A_LINE:
        frame = facts.tables[name]
        kept = frame.select(one for one in frame.columns if one not in PERSONAL)
        file = io.BytesIO()
        kept.write_parquet(file)
        out[f"{folder}/{name}.parquet"] = file.getvalue()
    return out


def recomputed(bundle: Bundle) -> Recomputed:
    """Compute every list of a bundle again.

    Where a file that is needed cannot be read, that is the fault; nothing is guessed.
    """
    try:
        told = json.loads(bundle.files[CYCLE])
        lines = pl.read_parquet(io.BytesIO(bundle.files[LINES]))
        earlier = pl.read_parquet(io.BytesIO(bundle.files[EARLIER]))
        book = _book(bundle)
        facts = {one["facts"]: _facts(bundle, one["facts"]) for one in told["lists"]}
        found = _Check(told, lines, earlier, book, facts).made()
        behind = bundle.files.get(CARRIED)
        carried = carried_faults(
            told, lines, None if behind is None else pl.read_parquet(io.BytesIO(behind)), book=book,
            facts_of=lambda folder: _facts(bundle, folder),
        )  # fmt: skip
        return replace(found, faults=tuple(sorted({*found.faults, *carried})))
    except (KeyError, TypeError, ValueError, PackError, Refused, pl.exceptions.PolarsError, OSError) as error:
        fault = Fault("unreadable", CYCLE, f"{type(error).__name__}: {error}"[:200])
        return Recomputed({}, 0, 0, (fault,))


def _book(bundle: Bundle) -> PolicyBook:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in bundle.files.items():
            if path.startswith(PACKS):
                (Path(folder) / Path(path).name).write_bytes(content)
        return book_of([Path(folder)])


def _facts(bundle: Bundle, folder: str) -> Facts:
    tables = {name: empty(name) for name in TABLES}
    for name in TABLES_OF_A_LINE:
        shape = pl.Schema(empty(name).schema)
        given = pl.read_parquet(io.BytesIO(bundle.files[f"{folder}/{name}.parquet"]))
        lacking = (pl.lit(None, kind).alias(one) for one, kind in shape.items() if one not in given.columns)
        tables[name] = given.with_columns(*lacking).select(list(shape)).cast(shape)
    return Facts(tables, missing=frozenset())


@dataclass(frozen=True)
class _Check:
    """One bundle's runs beside what is computed again."""

    told: Mapping[str, Any]
    lines: pl.DataFrame
    earlier: pl.DataFrame
    book: PolicyBook
    facts: Mapping[str, Facts]

    def made(self) -> Recomputed:
        """All of it."""
        faults: list[Fault] = []
        again: dict[str, str] = {}
        for folder, facts in self.facts.items():
            lists = [one for one in self.told["lists"] if one["facts"] == folder]
            faults += self._hashes(facts, lists)
            found, hashes = self._computed(facts, lists)
            faults += found
            again |= hashes
        going = self.lines.filter(pl.col("status") == "open", pl.col("payable_fen") > 0)
        return Recomputed(
            again, self.lines.height, int(going["payable_fen"].sum()), tuple(sorted(set(faults)))
        )

    def _mine(self, one: Mapping[str, Any]) -> pl.DataFrame:
        return self.lines.filter(pl.col("list_id") == one["id"]).sort("number")

    def _hashes(self, facts: Facts, lists: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
        """Facts, packs, lines and totals of each list against what its run wrote down."""
        homes = [
            *((home, one["id"]) for one in lists for home in self._mine(one)["household_id"]),
            *((left["household_id"], one["id"]) for one in lists for left in one["left_out"]),
        ]
        schema = {"household_id": pl.String, "group": pl.String}
        groups = pl.DataFrame(homes, schema=schema, orient="row").drop_nulls().unique()
        has = facts_digests(facts, groups) if groups.height else {}
        for one in lists:
            if has.get(one["id"], digest(())).hex() != one["facts_hash"]:
                yield Fault("facts_differ", one["name"])
            ours = {name: pack.hash for name, pack in self.book.packs.items()}
            wrong = sorted(name for name, hashed in one["packs"].items() if ours.get(name) != hashed)
            if wrong or packs_digest(one["packs"]).hex() != one["packs_hash"]:
                yield Fault("packs_differ", one["name"], "、".join(wrong))
            mine = self._mine(one)
            for loan, kind, hashed, now in zip(
                mine["loan_id"], mine["kind"], mine["line_hash"], self._hashed(mine), strict=True
            ):
                if hashed != now:
                    yield Fault("line_hash_differs", one["name"], f"{loan} {kind}")
            if digest(mine["line_hash"]).hex() != one["lines_hash"]:
                yield Fault("lines_hash_differs", one["name"])
            yield from _totals(one, mine)

    def _hashed(self, lines: pl.DataFrame) -> list[str]:
        return [one.hex() for one in line_digests(lines, self.told["hashed"])]

    def _computed(
        self, facts: Facts, lists: Sequence[Mapping[str, Any]]
    ) -> tuple[list[Fault], dict[str, str]]:
        """The core's lines and the nets of corrections against the frozen."""
        faults: list[Fault] = []
        due = self._due(facts, self.told["start"], self.told["end"], None)
        again: dict[str, str] = {}
        for one in lists:
            mine = self._mine(one)
            regular = mine.filter(pl.col("kind") == "regular")
            new = due.filter(pl.col("loan_id").is_in(regular["loan_id"].implode()))
            faults += _compared(one["name"], regular, new)
            made = pl.concat([_in_place(regular, new), mine.filter(pl.col("kind") != "regular")])
            again[one["id"]] = digest(self._hashed(made.sort("number"))).hex()
            faults += self._corrections(
                facts, one, mine.filter(pl.col("kind").is_in(["supplement", "recovery"]))
            )
        if self.told["whole"]:
            known = {left["loan_id"] for one in self.told["lists"] for left in one["left_out"]}
            listed = {*self.lines.filter(pl.col("kind") == "regular")["loan_id"], *known}
            faults += [Fault("line_missing", loan) for loan in due["loan_id"] if loan not in listed]
        return faults, again

    def _due(self, facts: Facts, start: str, end: str, collected_by: date | None) -> pl.DataFrame:
        made = due_of_cycle(
            facts, self.book, county=self.told["county"], rhythm=self.told["rhythm"],
            start=date.fromisoformat(start), end=date.fromisoformat(end), collected_by=collected_by,
        )  # fmt: skip
        return made.lines

    def _corrections(self, facts: Facts, one: Mapping[str, Any], mine: pl.DataFrame) -> Iterator[Fault]:
        """What stood for an earlier period and what this list adds come to what is due of it by these facts."""
        mine = mine.filter(pl.col("ground") != "carried")
        by = date.fromisoformat(self.told["end"])
        for (start, end), some in mine.group_by("of_start", "of_end", maintain_order=True):
            homes = some["household_id"].unique()
            due = self._due(of_households(facts, homes), str(start), str(end), by)
            today = {row["loan_id"]: amounts_of(row) for row in due.iter_rows(named=True)}
            for (loan,), rows in some.group_by("loan_id", maintain_order=True):
                stood = self.earlier.filter(
                    pl.col("loan_id") == loan, pl.col("of_start") == start, pl.col("of_end") == end,
                    pl.col("for_list") == one["id"],
                )  # fmt: skip
                reached = net(
                    [amounts_of(row) for row in (*stood.iter_rows(named=True), *rows.iter_rows(named=True))]
                )
                wanted = today.get(str(loan), Amounts())
                if reached != wanted:
                    told = f"{loan} {start}—{end}: {reached.payable_fen} → {wanted.payable_fen}"
                    yield Fault("correction_differs", one["name"], told)


def _totals(one: Mapping[str, Any], mine: pl.DataFrame) -> Iterator[Fault]:
    """What the list says it comes to, by status, against its lines."""
    for status, told in one["totals"].items():
        out = mine.filter(pl.col("status") == status, pl.col("payable_fen") >= 0)
        has = {"lines": out.height, "payable_fen": int(out["payable_fen"].sum())}
        has |= {payer: int(out[f"pay_{payer}_fen"].sum()) for payer in PAYERS}
        differing = {name: (told[name], value) for name, value in has.items() if told.get(name) != value}
        if differing:
            yield Fault("total_differs", one["name"], f"{status}: {differing}")


def _compared(name: str, before: pl.DataFrame, now: pl.DataFrame) -> Iterator[Fault]:
    new = {row["loan_id"]: row for row in now.iter_rows(named=True)}
    for row in before.iter_rows(named=True):
        other = new.get(row["loan_id"])
        if other is None:
            yield Fault("line_extra", name, row["loan_id"])
            continue
        differing = [f"{one} {row[one]} → {other[one]}" for one in COMPARED if row[one] != other[one]]
        if differing:
            yield Fault("line_differs", name, f"{row['loan_id']}: {'; '.join(differing)}"[:300])


def _in_place(regular: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The frozen regular lines with the amounts computed again."""
    kept = [one for one in regular.columns if one not in LINE or one == "loan_id"]
    shared = [one for one in LINE if one in regular.columns]
    return (
        regular.select(kept)
        .join(now.select(shared), on="loan_id", maintain_order="left")
        .select(regular.columns)
    )
