"""A county of two households in people's words, to be spoilt one cell at a time."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from bangfu.facts import BadFacts, Problem, read_facts

settings.register_profile("patient", deadline=None)  # two busy cores say nothing about a reader
settings.load_profile("patient")

ID_1, ID_2 = "11010519491231002X", "522728198503152212"

ROWS: dict[str, list[dict[str, str]]] = {
    "households": [
        {"household_id": "H1", "area_code": "522728101201", "head_name": "甲某", "labour_count": "2",
         "poverty_cause": "illness"},
        {"household_id": "H2", "area_code": "522728101202", "head_name": "乙某", "labour_count": "1",
         "poverty_cause": "因病"},
    ],
    "members": [
        {"member_id": "M1", "household_id": "H1", "name": "甲某", "id_number": ID_1, "relation": "户主",
         "labour": "是", "deceased_on": ""},
        {"member_id": "M2", "household_id": "H2", "name": "乙某", "id_number": ID_2, "relation": "head",
         "labour": "true", "deceased_on": ""},
    ],
    "roster": [
        {"household_id": "H1", "category": "脱贫户", "listed_on": "2014-01-01", "left_on": "", "left_reason": ""},
        {"household_id": "H2", "category": "margin", "listed_on": "2020/7/1", "left_on": "2022.1.31",
         "left_reason": "风险消除"},
    ],
    "loans": [
        {"loan_id": "L1", "household_id": "H1", "borrower_id_number": ID_1, "lender": "某信用社",
         "product": "transition", "kind": "new", "parent_loan_id": "", "contract_on": "2022-01-05",
         "matures_on": "2025-01-05", "principal": "50,000.00", "rate": "3.85",
         "interest_method": "daily_360", "purpose": "养殖", "guarantee": "none", "subsidy_ceiling": ""},
        {"loan_id": "L2", "household_id": "H2", "borrower_id_number": ID_2, "lender": "某信用社",
         "product": "transition", "kind": "续贷", "parent_loan_id": "L1", "contract_on": "2022年3月1日",
         "matures_on": "20230301", "principal": "30000.5", "rate": "4.35%",
         "interest_method": "whole_periods", "purpose": "crops", "guarantee": "信用", "subsidy_ceiling": "80000"},
    ],
    "events": [
        {"loan_id": "L1", "on": "2022-01-05", "kind": "disbursed", "amount": "50000", "value": "", "recorded_on": ""},
        {"loan_id": "L1", "on": "2023-01-05", "kind": "还本", "amount": "10000.01", "value": "",
         "recorded_on": "2023-02-01"},
        {"loan_id": "L1", "on": "2024-12-20", "kind": "extended", "amount": "", "value": "2025/12/31",
         "recorded_on": ""},
        {"loan_id": "L1", "on": "2025-02-20", "kind": "classified", "amount": "", "value": "次级", "recorded_on": ""},
        {"loan_id": "L2", "on": "2022-03-01", "kind": "disbursed", "amount": "30000.50", "value": "",
         "recorded_on": ""},
        {"loan_id": "L2", "on": "2022-09-01", "kind": "rate_changed", "amount": "", "value": "4.1", "recorded_on": ""},
        {"loan_id": "L2", "on": "2023-02-01", "kind": "reminded", "amount": "", "value": "书面", "recorded_on": ""},
    ],
    "subsidies": [
        {"loan_id": "L1", "period_start": "2022-01-05", "period_end": "2022-03-21", "amount": "401.04",
         "rate_claimed": "3.85", "paid_on": "2022-04-02", "paid_to": "borrower"},
    ],
    "transfers": [
        {"loan_id": "L1", "on": "2022-01-06", "amount": "20000", "to_account": "6200001234", "to_name": "某公司",
         "to_kind": "企业"},
    ],
    "insurance": [
        {"policy_id": "P1", "member_id": "M1", "insurer": "某保险", "kind": "意外险", "from": "2022-01-01",
         "to": "2023-01-01", "premium": "100"},
    ],
    "insurance_events": [
        {"member_id": "M1", "on": "2022-05-01", "kind": "住院", "policy_id": "P1", "claimed_on": "2022-05-09",
         "paid_on": "", "amount_due": "1200.5", "amount_paid": ""},
    ],
    "fund": [
        {"area_code": "522728", "on": "2022-01-01", "kind": "opening", "amount": "4750000000", "loan_id": ""},
        {"area_code": "522728000000", "on": "2023-01-01", "kind": "代偿", "amount": "100", "loan_id": "L1"},
    ],
    "budgets": [{"area_code": "522728", "year": "2021", "revenue": "381234567.89"}],
    "lenders": [{"lender": "某信用社", "from": "2021-01-01", "npl_target": "0.15", "npl_all": "2.131"}],
    "ordinary_loans": [
        {"loan_id": "O1", "household_id": "H1", "borrower_id_number": "", "product": "ordinary",
         "contract_on": "2021-05-01", "matures_on": "2022-05-01", "principal": "8000", "rate": "6.5",
         "interest_method": "daily_360"},
    ],
    "other_subsidies": [
        {"loan_id": "L2", "programme": "创业担保贷款", "period_start": "2022-03-01", "period_end": "2022-06-21",
         "amount": "33.3"},
    ],
}  # fmt: skip


class County:
    """The tables as lists of rows of text, and a folder to write them to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = copy.deepcopy(ROWS)

    def put(self, table: str, row: int, **cells: str) -> County:
        """Change cells of a row (0-based)."""
        self.rows[table][row].update(cells)
        return self

    def add(self, table: str, **cells: str) -> County:
        """Add a row like the last of its table."""
        self.rows[table].append({**self.rows[table][-1], **cells})
        return self

    def write(self, *, encoding: str = "utf-8", header: Callable[[str, str], str] | None = None) -> Path:
        """Write a folder of CSV; ``header`` renames (table, column)."""
        self.folder.mkdir(exist_ok=True)
        for name, rows in self.rows.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (self.folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
                writer = csv.writer(file)
                writer.writerow([header(name, column) if header else column for column in columns])
                writer.writerows([row.get(column, "") for column in columns] for row in rows)
        return self.folder

    def problems(self) -> tuple[Problem, ...]:
        """What reading the county refuses."""
        with pytest.raises(BadFacts) as bad:
            read_facts(self.write())
        return bad.value.problems


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path / "county")


@pytest.fixture
def refused() -> Callable[..., list[str]]:
    """The codes that reading a path refuses with."""

    def codes(path: Path, **more: object) -> list[str]:
        with pytest.raises(BadFacts) as bad:
            read_facts(path, **more)
        return [problem.code for problem in bad.value.problems]

    return codes
