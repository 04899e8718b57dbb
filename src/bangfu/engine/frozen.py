"""What a list of subsidy rests on, frozen: the facts it was computed from, the packs it held to, its lines; as hashes.

Nothing here knows a database or the order of rows, so a bundle that left the site says the same as the tables it was
made of (``casework.subsidies.freezing`` writes, ``bangfu verify-bundle`` reads).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.engine.ledger import LEFT, LENT
from bangfu.engine.spans import CHANGING
from bangfu.engine.subsidy import SubsidyResult
from bangfu.facts import Facts, empty
from bangfu.facts.tables import TABLES
from bangfu.money.fen import round_half_up
from bangfu.rules.methods import METHODS
from bangfu.rules.subsidy.rule import PAYERS

# The columns of the two tables that the computation reads: no name, no ID number, no account is among them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "loans": (
        "loan_id", "household_id", "product", "kind", "parent_loan_id", "area_code", "contract_on", "matures_on",
        "principal_fen", "rate_e8", "interest_method", "subsidy_ceiling_fen",
    ),
    "events": ("loan_id", "on", "kind", "amount_fen", "value_on", "value_rate_e8"),
}  # fmt: skip
KINDS = (*LENT, *LEFT, *CHANGING, "interest_collected", "interest_refunded")
# The fields of a line, in the order they are hashed; what the bank claims and what people said is not among them.
LINE = (
    "kind", "corrects", "ground", "loan_id", "household_id", "area_code", "product", "start", "end", "rate_e8",
    "method", "opening_fen", "subsidised_part_fen", "interest_fen", *(f"{payer}_fen" for payer in PAYERS),
    "subsidy_fen", "borrower_fen", "held_back_fen", "payable_fen", *(f"pay_{payer}_fen" for payer in PAYERS),
    "policy", "clauses",
)  # fmt: skip
METHOD_NAMES: Mapping[int, str] = {number: name for name, number in METHODS.items()}
_UNKNOWN, _CELL = "\\N", "\x1f"


def frozen(facts: Facts, loan_ids: Collection[str]) -> Facts:
    """What the lines of these loans rest on: their households' loans and families, the events that bear on them.

    Computing from this gives those loans the lines that computing from everything gives them.

    Args:
        facts: Any facts that hold them; events not yet to be known are left out before.
        loan_ids: The loans of the list.

    Returns:
        Facts of two tables, each with ``COLUMNS`` in an order of its own; the others are empty.
    """
    loans = facts.loans
    mine = pl.Series("loan_id", sorted(loan_ids), dtype=pl.String)
    wanted = _families(loans, mine)
    houses = loans.filter(pl.col("loan_id").is_in(wanted.implode()))["household_id"].drop_nulls().unique()
    both = pl.col("household_id").is_in(houses.implode()) | pl.col("loan_id").is_in(wanted.implode())
    wanted = _families(loans, loans.filter(both)["loan_id"])
    kept = loans.filter(pl.col("loan_id").is_in(wanted.implode()))
    events = facts.events.filter(pl.col("loan_id").is_in(wanted.implode()), pl.col("kind").is_in(list(KINDS)))
    return of_tables({"loans": kept, "events": events})


def of_tables(tables: Mapping[str, pl.DataFrame]) -> Facts:
    """Facts from the frozen columns of two tables, sorted; columns the computation does not read are empty."""
    out = {name: empty(name) for name in TABLES}
    for name, columns in COLUMNS.items():
        shape = dict(empty(name).schema)
        given = tables[name].select(columns).sort(columns, nulls_last=True)
        rest = (pl.lit(None, kind).alias(column) for column, kind in shape.items() if column not in columns)
        out[name] = given.with_columns(*rest).select(list(shape)).cast(pl.Schema(shape))
    return Facts(out, missing=frozenset())


def facts_hash(facts: Facts) -> bytes:
    """SHA-256 over the frozen columns, whatever the order of rows."""
    digest = hashlib.sha256()
    for name, columns in COLUMNS.items():
        rows = facts.tables[name].select(
            pl.concat_str(
                [pl.col(one).cast(pl.String).fill_null(_UNKNOWN) for one in columns], separator=_CELL
            ).alias("row")
        )["row"]
        digest.update(f"{name}{_CELL}{_CELL.join(columns)}\n".encode())
        digest.update("\n".join(rows.sort()).encode())
        digest.update(b"\n")
    return digest.digest()


def packs_used(result: SubsidyResult, loan_ids: Collection[str]) -> dict[str, str]:
    """The packs these loans are pinned to, through all their spans: id → hash, in the order of ids."""
    loans = result.prepared.loans.filter(pl.col("loan_id").is_in(list(loan_ids)))
    numbers = set(loans["stack_no"].drop_nulls())
    spans = result.prepared.book.spans
    if spans is not None:
        numbers |= set(
            spans.to_native()
            .collect()
            .filter(pl.col("loan_id").is_in(loans["loan_no"].implode()))["stack_no"]
        )
    stacks = result.prepared.stacked.stacks
    return dict(sorted({pair for number in numbers for pair in stacks[number].pinned}))


def packs_hash(packs: Mapping[str, str]) -> bytes:
    """SHA-256 over ids and hashes of packs."""
    return hashlib.sha256(_canonical(sorted(packs.items()))).digest()


def line_hash(line: Mapping[str, Any]) -> bytes:
    """SHA-256 over a line's own figures and what they rest on.

    Args:
        line: Has every name of ``LINE``: days as dates or ISO, the method by its name, ``corrects`` an id or None.
    """
    return hashlib.sha256(_canonical([_plain(line[name]) for name in LINE])).digest()


def lines_hash(hashes: Iterable[bytes]) -> bytes:
    """SHA-256 over the hashes of lines, whatever their order."""
    return hashlib.sha256(b"".join(sorted(bytes(one) for one in hashes))).digest()


def regular_lines(result: SubsidyResult) -> list[dict[str, Any]]:
    """The core's lines with every name of ``LINE``, in the order of loans: kind regular, payers that pay nothing 0."""
    out = []
    for row in result.lines.iter_rows(named=True):
        due = {payer: row.get(f"{payer}_fen", 0) for payer in PAYERS}
        payable = row["subsidy_fen"] - row["held_back_fen"]
        shares = shared_out(payable, due)
        out.append(
            {
                "kind": "regular", "corrects": None, "ground": "", "start": row["from"], "end": row["to"],
                "method": METHOD_NAMES[row["method"]], "payable_fen": payable, "clauses": list(row["clauses"]),
                **{f"{payer}_fen": due[payer] for payer in PAYERS},
                **{f"pay_{payer}_fen": shares[payer] for payer in PAYERS},
                **{name: row[name] for name in _AS_COMPUTED},
            }
        )  # fmt: skip
    return out


_AS_COMPUTED = ("loan_id", "household_id", "area_code", "product", "rate_e8", "opening_fen", "subsidised_part_fen",
                "interest_fen", "subsidy_fen", "borrower_fen", "held_back_fen", "policy")  # fmt: skip


def shared_out(fen: int, due: Mapping[str, int]) -> dict[str, int]:
    """An amount over payers in the proportion of what each owes, rounded cumulatively, so that it sums exactly.

    Args:
        fen: The amount; negative for what is recovered.
        due: Payer → fen; where nothing is due the amount has to be 0.

    Raises:
        ValueError: An amount and nobody who owes any of it.
    """
    whole = sum(due.values())
    if not whole:
        if fen:
            raise ValueError("an amount without a payer")
        return dict.fromkeys(due, 0)
    sign = 1 if whole > 0 else -1
    out, reached, given = {}, 0, 0
    for payer, part in due.items():
        reached += part
        until = round_half_up(sign * fen * reached, sign * whole)
        out[payer] = until - given
        given = until
    return out


def _families(loans: pl.DataFrame, ids: pl.Series) -> pl.Series:
    """The loans with all they were renewed from."""
    known = ids.unique()
    step = known
    while len(step):
        parents = loans.filter(
            pl.col("loan_id").is_in(step.implode()), pl.col("parent_loan_id").is_not_null()
        )["parent_loan_id"]
        step = parents.filter(~parents.is_in(known.implode())).unique()
        known = pl.concat([known, step.rename(known.name)])
    return known


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return list(value)
    return value


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
