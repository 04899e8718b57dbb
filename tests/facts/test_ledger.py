"""The columnar ledger against a clerk who goes through the events one by one."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from bangfu.facts import ledger
from bangfu.facts.sheets import ROW

DAYS = [date(2022, 1, 1) + timedelta(days=step) for step in range(4)]
KINDS = [
    "disbursed",
    "repaid",
    "written_off",
    "compensated",
    "converted",
    "interest_collected",
    "recalled",
    "recovered",
    "extended",
]


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, object]]:
    rows = []
    for number in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(KINDS))
        whole = kind == "converted" and draw(st.booleans())
        rows.append(
            {
                "loan_id": draw(st.sampled_from(["A", "B"])),
                "on": draw(st.sampled_from(DAYS)),
                "kind": kind,
                "amount_fen": None if whole or kind in ("recalled", "extended") else draw(st.integers(0, 5)),
                "value_on": draw(st.sampled_from(DAYS)) if kind == "extended" else None,
                ROW: number + 2,
            }
        )
    return rows


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = {
        "loan_id": pl.String,
        "on": pl.Date,
        "kind": pl.String,
        "amount_fen": pl.Int64,
        "value_on": pl.Date,
        ROW: pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def ordered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: (row["loan_id"], row["on"], row["kind"] != "disbursed", row[ROW]))


def clerk(rows: list[dict[str, object]]) -> tuple[set[int], dict[int, int], dict[int, int]]:
    """Rows above the balance (passed over), the balance after each other row, and what whole conversions took."""
    above, balance, after, taken = set(), {"A": 0, "B": 0}, {}, {}
    for row in ordered(rows):
        loan, amount = row["loan_id"], row["amount_fen"]
        if row["kind"] == "disbursed":
            balance[loan] += amount
        elif row["kind"] in ("repaid", "written_off", "compensated", "converted"):
            if amount is None:
                amount = taken[row[ROW]] = balance[loan]
            if amount > balance[loan]:
                above.add(row[ROW])
                continue
            balance[loan] -= amount
        after[row[ROW]] = balance[loan]
    return above, after, taken


@given(events())
def test_above_the_balance_as_the_clerk_finds(rows):
    above, after, taken = clerk(rows)
    assert {flag.row for flag in ledger.above_balance(ledger.in_order(frame(rows)))} == above
    kept = frame([row for row in rows if row[ROW] not in above])
    run = ledger.with_balances(ledger.in_order(kept))
    assert dict(run.select(ROW, "_balance").rows()) == after
    amounts = dict(run.select(ROW, "amount_fen").rows())
    assert {row: amounts[row] for row in taken if row not in above} == {
        row: fen for row, fen in taken.items() if row not in above
    }


@given(events())
def test_a_loan_that_need_not_be_ordered_has_nothing_wrong(rows):
    suspect = set(ledger.suspects(ledger.totals(frame(rows)))["loan_id"])
    clear = [row for row in rows if row["loan_id"] not in suspect]
    assert clerk(clear)[0] == set()
    assert list(ledger.before_disbursement(ledger.in_order(frame(clear)))) == []


@given(events())
def test_before_the_first_disbursement_as_the_clerk_finds(rows):
    lent: set[object] = set()
    early = set()
    for row in ordered(rows):
        if row["kind"] == "disbursed":
            lent.add(row["loan_id"])
        elif row["loan_id"] not in lent:
            early.add(row[ROW])
    assert {flag.row for flag in ledger.before_disbursement(ledger.in_order(frame(rows)))} == early


@given(events(), st.sampled_from([None, *DAYS]))
def test_extensions_move_forward_as_the_clerk_finds(rows, matures_on):
    loans = pl.DataFrame(
        {"loan_id": ["A", "B"], "matures_on": [matures_on, DAYS[0]]}, schema_overrides={"matures_on": pl.Date}
    )
    latest = {"A": matures_on, "B": DAYS[0]}
    wrong = set()
    for row in ordered(rows):
        if row["kind"] != "extended":
            continue
        so_far = latest[row["loan_id"]]
        if so_far is not None and row["value_on"] <= so_far:
            wrong.add(row[ROW])
        latest[row["loan_id"]] = max(day for day in (so_far, row["value_on"]) if day is not None)
    assert {flag.row for flag in ledger.extensions(frame(rows), loans)} == wrong
