"""A household with one lawful loan, into which a test puts what it wants to see judged."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import polars as pl
import pytest

from bangfu.engine.check import CheckResult, check
from bangfu.facts import TABLES, Facts, empty
from bangfu.policy import PolicyBook, load_book

BORROWER = "52272819800101123X"
LUODIAN, JIAOZUO, NATION, GUIZHOU, HARBIN = (
    "522728100200", "410802001001", "110101001001", "520102001001", "230102001001",
)  # fmt: skip
DATES = {"applied_on", "contract_on", "matures_on", "on", "value_on", "listed_on", "left_on", "deceased_on"}
ROWS = dict[str, Any]


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


class Case:
    """The tables as rows; ``loan()`` and the like add one and give it back to be changed."""

    def __init__(self, place: str = LUODIAN, category: str = "out_of_poverty") -> None:
        self.rows: dict[str, list[ROWS]] = {name: [] for name in TABLES}
        self.missing: set[str] = set()
        self.place = place
        self.add("households", household_id="H1", area_code=place, head_name="甲", labour_count=2)
        self.member()
        self.listed(category, "2014-12-01")

    def add(self, table: str, **row: Any) -> ROWS:
        self.rows[table].append(row)
        return row

    def member(self, **change: Any) -> ROWS:
        row = {"member_id": f"M{len(self.rows['members'])}", "household_id": "H1", "name": "甲", "id_number": BORROWER,
               "relation": "head", "labour": True}  # fmt: skip
        return self.add("members", **row | change)

    def listed(self, category: str, since: str, until: str | None = None, reason: str | None = None) -> ROWS:
        return self.add("roster", household_id="H1", category=category, listed_on=since, left_on=until,
                        left_reason=reason)  # fmt: skip

    def loan(self, loan_id: str = "L1", *, pay_out: bool = True, **change: Any) -> ROWS:
        row = {
            "loan_id": loan_id,
            "household_id": "H1",
            "borrower_id_number": BORROWER,
            "lender": "农信社",
            "branch": "一社",
            "product": "transition",
            "kind": "new",
            "area_code": self.place,
            "contract_on": "2022-03-01",
            "matures_on": "2023-03-01",
            "principal_fen": 5_000_000,
            "rate_e8": 3_700_000,
            "interest_method": "daily_360",
            "purpose": "crops",
            "guarantee": "none",
        } | change
        row.setdefault("applied_on", row["contract_on"])
        if pay_out and row["contract_on"]:
            self.event(loan_id, row["contract_on"], "disbursed", amount_fen=row["principal_fen"])
        return self.add("loans", **row)

    def event(self, loan_id: str, on: str, kind: str, **more: Any) -> ROWS:
        return self.add("events", loan_id=loan_id, on=on, kind=kind, **more)

    def repaid(self, loan_id: str, on: str, amount_fen: int = 5_000_000) -> ROWS:
        return self.event(loan_id, on, "repaid", amount_fen=amount_fen)

    def copy(self) -> Case:
        return deepcopy(self)

    def facts(self) -> Facts:
        tables = {}
        for name in TABLES:
            blank = empty(name)
            rows = [
                {
                    column: day(row.get(column)) if column in DATES else row.get(column)
                    for column in blank.columns
                }
                for row in self.rows[name]
            ]
            tables[name] = pl.DataFrame(rows, schema=blank.schema) if rows else blank
        return Facts(tables, frozenset(self.missing))

    def check(self, on: str = "2024-06-30", *, book: PolicyBook | None = None, **more: Any) -> CheckResult:
        return check(self.facts(), book or load_book(), on=date.fromisoformat(on), **more)

    def decided(self, loan_id: str = "L1", on: str = "2024-06-30", **more: Any) -> ROWS:
        """The JSON decision of a loan."""
        decisions = self.check(on, **more).as_json()["decisions"]
        return next(one for one in decisions if one["loan_id"] == loan_id)

    def codes(self, loan_id: str = "L1", on: str = "2024-06-30", **more: Any) -> list[str]:
        return [refusal["code"] for refusal in self.decided(loan_id, on, **more)["refusals"]]

    def refusal(self, code: str, loan_id: str = "L1", on: str = "2024-06-30", **more: Any) -> ROWS:
        found = [one for one in self.decided(loan_id, on, **more)["refusals"] if one["code"] == code]
        assert len(found) == 1, (code, self.codes(loan_id, on, **more))
        return found[0]


@pytest.fixture
def case() -> Case:
    """A household of Luodian out of poverty since 2014, without a loan."""
    return Case()


@pytest.fixture
def case_at() -> type[Case]:
    """The same elsewhere: ``case_at(place, category)``."""
    return Case
