"""Small facts written in a few words: people's units in, canonical frames out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from bangfu.facts import TABLES, Facts, empty
from bangfu.money.fen import parse_yuan
from bangfu.money.rates import parse_contract_rate

LUODIAN, JIAOZUO, HEILONGJIANG = "522728100201", "410800100201", "231226100201"


def loan(loan_id: str, **given: Any) -> dict[str, Any]:
    """A loan: principal in yuan, rate in percent, days in ISO; a household of its own unless one is named."""
    row = {
        "loan_id": loan_id, "household_id": f"H-{loan_id}", "borrower_id_number": "522728198001019850",
        "lender": "县联社", "branch": "一分社", "product": "transition", "kind": "new", "area_code": LUODIAN,
        "contract_on": "2022-05-01", "matures_on": "2025-05-01", "principal": "50000", "rate": "4.45",
        "interest_method": "daily_360", "purpose": "livestock", "guarantee": "none", "funding": "own",
    } | given  # fmt: skip
    row["principal_fen"] = parse_yuan(row.pop("principal"))
    row["rate_e8"] = parse_contract_rate(row.pop("rate"))
    if "subsidy_ceiling" in row:
        row["subsidy_ceiling_fen"] = parse_yuan(row.pop("subsidy_ceiling"))
    return row


def event(loan_id: str, on: str, kind: str, amount: str | None = None, **given: Any) -> dict[str, Any]:
    """An event: the amount in yuan."""
    return {
        "loan_id": loan_id,
        "on": on,
        "kind": kind,
        "amount_fen": parse_yuan(amount) if amount else None,
        **given,
    }


def paid(loan_id: str, start: str, end: str, amount: str, **given: Any) -> dict[str, Any]:
    """A subsidy that was paid for a period."""
    row = {"loan_id": loan_id, "period_start": start, "period_end": end, "amount_fen": parse_yuan(amount)}
    return row | {"paid_to": "borrower"} | given


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as the canonical frame of a table; what a row does not name is unknown."""
    shape = empty(name).schema
    columns: dict[str, list[Any]] = {column: [] for column in shape}
    for row in rows:
        for column, dtype in shape.items():
            value = row.get(column)
            columns[column].append(
                date.fromisoformat(value) if dtype == pl.Date and isinstance(value, str) else value
            )
    return pl.DataFrame(columns, schema=shape)


def facts(loans: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]], **tables: Any) -> Facts:
    """Facts with the loans, a disbursement on each contract day unless the events name one, and other tables."""
    loans, events = list(loans), list(events)
    lent = {row["loan_id"] for row in events if row["kind"] == "disbursed"}
    events += [
        {
            "loan_id": one["loan_id"],
            "on": one["contract_on"],
            "kind": "disbursed",
            "amount_fen": one["principal_fen"],
        }
        for one in loans
        if one["contract_on"] and one["loan_id"] not in lent
    ]
    for row in events:
        row.setdefault("recorded_on", row["on"])
    given = {"loans": loans, "events": events, **tables}
    return Facts(
        {name: table(name, given.get(name, [])) for name in TABLES},
        missing=frozenset(name for name in TABLES if name not in given),
    )
