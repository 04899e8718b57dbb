"""A bundle made of facts and the core alone, without a database: what a site seals, as small as it can be."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bangfu.engine.bundle import packed
from bangfu.engine.corrections import Amounts, corrections, net
from bangfu.engine.cycle import AMOUNTS, due_of_cycle
from bangfu.engine.frozen import digest, facts_digests, line_digests, packs_digest
from bangfu.engine.recomputed import CYCLE, EARLIER, LINES, facts_files
from bangfu.facts import Facts
from bangfu.policy import PolicyBook
from bangfu.rules.subsidy.rule import PAYERS

COUNTY = "522728"
START, END = date(2024, 3, 21), date(2024, 6, 21)
BEFORE = date(2023, 12, 21)
HASHED = ("kind", "corrects_hash", "ground", "loan_id", "household_id", "product", "start", "end", "rate_e8", "method",
          "opening_fen", "subsidised_part_fen", "days", *AMOUNTS, "policy", "clauses")  # fmt: skip


def cycle_files(
    facts: Facts, book: PolicyBook, *, lists: int = 2, earlier: Facts | None = None
) -> dict[str, bytes]:
    """The files of a quarter's bundle, its loans dealt out over lists.

    Args:
        facts: What is known.
        book: The packs.
        lists: How many.
        earlier: What was known in the quarter before; differences become corrections on the first list.
    """
    due = due_of_cycle(facts, book, county=COUNTY, rhythm="quarter", start=START, end=END)
    frame = due.lines.with_columns(
        (pl.int_range(pl.len()) % lists).cast(pl.String).alias("list_id"), pl.lit("regular").alias("kind")
    )
    stood, added = _corrected(facts, book, earlier, due.lines)
    shape = {"corrects_hash": pl.String, "ground": pl.String, "of_start": pl.Date, "of_end": pl.Date}
    whole = pl.concat([frame, *added], how="diagonal_relaxed")
    whole = whole.with_columns(
        *(pl.lit(None, kind).alias(name) for name, kind in shape.items() if name not in whole.columns)
    )
    whole = whole.with_columns(
        pl.col("ground").fill_null(""),
        pl.lit("open").alias("status"),
        (pl.int_range(pl.len()).over("list_id") + 1).alias("number"),
    ).drop("area_code")
    whole = whole.with_columns(pl.Series("line_hash", [one.hex() for one in line_digests(whole, HASHED)]))
    told = {
        "county": COUNTY, "rhythm": "quarter", "start": START.isoformat(), "end": END.isoformat(), "whole": True,
        "hashed": list(HASHED), "lists": [_list(str(n), whole, due, facts, book) for n in range(lists)],
    }  # fmt: skip
    return {
        CYCLE: json.dumps(told, ensure_ascii=False).encode(),
        LINES: parquet(whole),
        EARLIER: parquet(stood),
        "papers/清册.pdf": b"%PDF-1.7 a list",
        "papers/公示.pdf": b"%PDF-1.7 a notice",
        **facts_files(facts, "facts/1"),
        **pack_files(book),
    }


def pack_files(book: PolicyBook) -> dict[str, bytes]:
    """The files of a book's packs."""
    return {f"packs/{name}.yaml": Path(pack.file).read_bytes() for name, pack in book.packs.items()}


def made(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The bundle of files, and the hash of its manifest."""
    return packed(files, {"place": COUNTY, "number": 1})


def parquet(frame: pl.DataFrame) -> bytes:
    """A frame as a file."""
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _list(name: str, whole: pl.DataFrame, due: Any, facts: Facts, book: PolicyBook) -> dict[str, Any]:
    mine = whole.filter(pl.col("list_id") == name)
    packs = {
        pack: hashed for one in mine["policy"].unique() for pack, hashed in due.packs.get(one, {}).items()
    }
    left = (
        due.left_out.join(facts.loans.select("loan_id", "household_id"), on="loan_id")
        if name == "0"
        else None
    )
    out = [] if left is None else left.select("loan_id", "code", "household_id").to_dicts()
    homes = [*mine["household_id"], *(one["household_id"] for one in out)]
    groups = pl.DataFrame({"household_id": homes}).unique().with_columns(pl.lit(name).alias("group"))
    going = mine.filter(pl.col("payable_fen") >= 0)
    return {
        "id": name, "name": f"龙坪镇 {name}", "run": {"number": 1}, "facts": "facts/1",
        "facts_hash": facts_digests(facts, groups)[name].hex(), "packs": packs, "packs_hash": packs_digest(packs).hex(),
        "lines_hash": digest(mine["line_hash"]).hex(), "left_out": out,
        "totals": {"open": {"lines": going.height, "payable_fen": int(going["payable_fen"].sum()),
                            **{payer: int(going[f"pay_{payer}_fen"].sum()) for payer in PAYERS}}},
    }  # fmt: skip


def _corrected(
    facts: Facts, book: PolicyBook, earlier: Facts | None, shape: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The earlier quarter's lines by what was known then, and what today's facts add to them, on the first list."""
    days = {"of_start": pl.Date, "of_end": pl.Date, "for_list": pl.String}
    none = shape.clear().with_columns(*(pl.lit(None, kind).alias(name) for name, kind in days.items()))
    if earlier is None:
        return none, []
    period = {"county": COUNTY, "rhythm": "quarter", "start": BEFORE, "end": START}
    before = due_of_cycle(earlier, book, **period).lines
    now = {
        row["loan_id"]: row for row in due_of_cycle(facts, book, collected_by=END, **period).lines.to_dicts()
    }
    told = (pl.lit(BEFORE).alias("of_start"), pl.lit(START).alias("of_end"))
    told_of = {"kind": pl.String, "ground": pl.String, "list_id": pl.String, "corrects_hash": pl.String}
    rows = [
        {**row, **_columns(one.amounts), "kind": one.kind, "ground": "late_entry", "list_id": "0",
         "corrects_hash": "00" * 32}
        for row in before.iter_rows(named=True)
        for one in corrections(_amounts(now.get(row["loan_id"])), net([_amounts(row)]))
    ]  # fmt: skip
    added = pl.DataFrame(rows, schema={**shape.schema, **told_of}, orient="row").with_columns(*told)
    stood = before.with_columns(*told, pl.lit("0").alias("for_list"))
    return stood, [added]


def _amounts(row: Mapping[str, Any] | None) -> Amounts:
    if row is None:
        return Amounts()
    return Amounts(
        row["interest_fen"],
        tuple(row[f"{p}_fen"] for p in PAYERS),
        tuple(row[f"pay_{p}_fen"] for p in PAYERS),
    )


def _columns(one: Amounts) -> dict[str, int]:
    return {
        "interest_fen": one.interest_fen, "subsidy_fen": one.subsidy_fen, "borrower_fen": one.borrower_fen,
        "held_back_fen": one.held_back_fen, "payable_fen": one.payable_fen,
        **{f"{payer}_fen": fen for payer, fen in zip(PAYERS, one.by, strict=True)},
        **{f"pay_{payer}_fen": fen for payer, fen in zip(PAYERS, one.pay, strict=True)},
    }  # fmt: skip
