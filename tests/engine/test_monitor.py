"""The monitor: ratios, how they fell, tolerance, reminders, fund, exposure, alarms; and what it never does."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.engine.small_facts import JIAOZUO, LUODIAN, event, facts, loan

from bangfu.engine.audit import REGISTER, audit
from bangfu.engine.audit_context import audit_context
from bangfu.engine.monitor import monitor
from bangfu.engine.ruled import ruled
from bangfu.policy import load_book
from bangfu.refusals import CODES
from bangfu.rules.classification.rule import RULE as CLASSIFICATION

BOOK = load_book()
DAY = date(2023, 6, 15)


def _hundred(**given: Any) -> list[dict]:
    return [loan(f"L{n:03d}", contract_on="2022-01-10", matures_on="2025-01-10", **given) for n in range(100)]


def _bad(on: str, loans: int) -> list[dict]:
    return [event(f"L{n:03d}", on, "classified", value_class=3) for n in range(loans)]


def _json(loans: list, events: list, *, as_of: date = DAY, **tables: Any) -> dict[str, Any]:
    shown = monitor(facts(loans, events, **tables), BOOK, as_of=as_of).as_json()
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown
    return shown


def test_the_shape_of_a_ratio() -> None:
    loans = _hundred()
    for one in loans[:2]:
        one["matures_on"] = "2023-01-10"
    shown = _json(loans, _bad("2023-03-10", 4))
    assert shown["as_of"] == "2023-06-15"
    (row,) = shown["ratios"]
    fell = row.pop("fell")
    assert row == {
        "lender": "县联社",
        "branch": "一分社",
        "product": "transition",
        "area_code": "522728",
        "balance_fen": 500_000_000,
        "npl_fen": 20_000_000,
        "npl_percent": "4.00",
        "overdue_fen": 10_000_000,
        "overdue_percent": "2.00",
        "breaker": {"state": "suspended", "since": "2023-03-31", "clauses": ["LD2021-5.5"]},
    }
    assert fell["since"] == "2023-03-31"
    assert fell["repaid_fen"] == fell["written_off_fen"] == 0


def test_a_ratio_that_fell_by_write_off_says_so() -> None:
    events = [
        *_bad("2023-03-10", 4),
        *(event(f"L00{n}", "2023-05-10", "written_off", "50000") for n in range(2)),
    ]
    (row,) = _json(_hundred(), events)["ratios"]
    assert row["breaker"] == {"state": "open", "since": "2023-05-31", "clauses": ["LD2021-5.5"]}
    assert (row["fell"]["written_off_fen"], row["fell"]["repaid_fen"]) == (10_000_000, 0)
    assert row["fell"]["back_without_repayment"] is True
    events[4:] = [event(f"L00{n}", "2023-05-10", "repaid", "50000") for n in range(2)]
    (row,) = _json(_hundred(), events)["ratios"]
    assert (row["fell"]["repaid_fen"], row["fell"]["back_without_repayment"]) == (10_000_000, False)


def test_areas_stand_in_the_order_of_their_codes_whatever_they_lend() -> None:
    loans = [
        loan("big", area_code="522729100201", principal="100000"),
        loan("small", area_code="522701100201", principal="10000"),
        loan("middle", area_code=LUODIAN),
    ]
    assert [row["area_code"] for row in _json(loans, [])["ratios"]] == ["522701", "522728", "522729"]


@pytest.mark.parametrize(
    ("target", "actual", "within"), [(1_000_000, None, True), (999_900, None, False), (None, 2_000_000, None)]
)
def test_tolerance_over_the_banks_target(target: int | None, actual: int | None, within: object) -> None:
    lenders = [
        {"lender": "县联社", "from_on": "2021-01-01", "npl_target_e8": 50_000_000, "npl_all_e8": None},
        {"lender": "县联社", "from_on": "2023-01-01", "npl_target_e8": target, "npl_all_e8": actual},
        {"lender": "县联社", "from_on": "2023-07-01", "npl_target_e8": 50_000_000, "npl_all_e8": None},
    ]
    shown = _json(_hundred(), _bad("2023-03-10", 4), lenders=lenders)
    (row,) = shown["tolerance"]
    assert (row["within"], row["base_kind"], row["clauses"]) == (within, "target", ["CN2021-5.1"])
    assert row["claims_admitted"] is None


def test_tolerance_over_the_banks_own_ratio_from_2026() -> None:
    loans = [
        one | {"product": "assistance", "contract_on": "2026-03-10", "matures_on": "2027-03-10"}
        for one in _hundred()
    ]
    lenders = [
        {"lender": "县联社", "from_on": "2026-01-01", "npl_target_e8": 100_000, "npl_all_e8": 1_500_000}
    ]
    shown = _json(loans, _bad("2026-05-10", 4), as_of=date(2026, 6, 30), lenders=lenders)
    (row,) = shown["tolerance"]
    assert (row["base_kind"], row["tolerated"], row["within"], row["claims_admitted"]) == (
        "actual",
        "4.50",
        True,
        True,
    )
    assert row["clauses"] == ["CN2026-3.1", "CN2026-4.4"]


def test_reminders_due_within_a_week_and_those_already_missed() -> None:
    loans = [
        loan("soon", matures_on="2023-07-20"),  # in writing by 20 June, told by 21 May
        loan("told", matures_on="2023-08-14"),
        loan("later", matures_on="2023-09-30"),
        loan("past", matures_on="2023-06-14"),
    ]
    shown = _json(loans, [event("told", "2023-06-10", "reminded", value="spoken")])["reminders"]
    assert [(row["loan_id"], row["how"], row["remind_by"], row["missed"]) for row in shown] == [
        ("soon", "spoken", "2023-05-21", True),
        ("soon", "written", "2023-06-20", False),
    ]
    assert shown[0]["clauses"] == ["HLJ2019-2.6a"]


def test_exposure_apart_by_regime_and_source_of_money() -> None:
    old = {
        "product": "poverty",
        "contract_on": "2020-05-06",
        "matures_on": "2023-12-06",
        "funding": "poverty_relending",
    }
    loans = [loan("a"), loan("b", funding=None), loan("c") | old, loan("d") | old]
    shown = _json(loans, [event("d", "2023-01-05", "repaid", "30000")])["exposure"]
    assert [(row["product"], row["funding"], row["loans"], row["balance_fen"]) for row in shown] == [
        ("poverty", "poverty_relending", 2, 7_000_000),
        ("transition", "own", 1, 5_000_000),
        ("transition", "unknown", 1, 5_000_000),
    ]


def test_the_fund_beside_its_floor_and_the_yearly_injection() -> None:
    fund = [{"area_code": "522728", "on": "2023-01-05", "kind": "injected", "amount_fen": 30_000_000}]
    budgets = [
        {"area_code": "522728", "year": year, "revenue_fen": fen}
        for year, fen in ((2022, 10**9), (2023, 2 * 10**9))
    ]
    shown = _json(_hundred(), [], fund=fund, budgets=budgets)
    (row,) = shown["fund"]
    assert (row["fund_percent"], row["below_floor"], row["short_fen"]) == ("6.00", True, 20_000_000)
    (year,) = shown["injections"]
    assert (year["injection_wanted_fen"], year["injection_short_fen"]) == (50_000_000, 20_000_000)
    assert shown["not_run"] == [{"part": "tolerance", "missing": "lenders"}]


def test_parts_without_their_table_are_not_run() -> None:
    shown = _json(_hundred(), [])
    assert (shown["fund"], shown["injections"]) == (None, None)
    assert {row["missing"] for row in shown["not_run"]} == {"fund", "budgets", "lenders"}


def test_a_ratio_that_rises_fast_raises_an_alarm() -> None:
    loans = _hundred()
    for one in loans[:5]:
        one["matures_on"] = "2023-05-10"
    shown = _json(loans, [])["anomalies"]
    grown = [row for row in shown if row["kind"] == "overdue_growth"]
    assert [row["id"] for row in grown] == ["522728", "522728100"]
    assert grown[0]["facts"]["growth"] == "5.00"
    assert grown[0]["clauses"] == ["CN2026-4.3", "CN2021-3.2"]
    assert [row for row in _json(_hundred(), [])["anomalies"] if row["kind"] == "overdue_growth"] == []


def test_a_class_lowered_by_a_renewal_alone_is_shown() -> None:
    given = {
        "product": "assistance",
        "contract_on": "2026-03-10",
        "matures_on": "2027-03-10",
        "kind": "renewal",
    }
    loans = [
        loan("old", contract_on="2025-03-10", matures_on="2026-03-10"),
        loan("new", parent_loan_id="old") | given,
    ]
    events = [
        event("old", "2026-03-10", "repaid", "50000"),
        event("new", "2026-04-01", "classified", value_class=2),
    ]
    shown = _json(loans, events, as_of=date(2026, 6, 30))["anomalies"]
    (row,) = [row for row in shown if row["kind"] == "class_lowered_at_renewal"]
    assert (row["id"], row["clauses"]) == ("new", ["CN2026-3.1"])


def test_what_comes_after_the_day_is_not_looked_at() -> None:
    loans, events = _hundred(), _bad("2023-03-10", 4)
    later = [
        event("L000", "2023-07-01", "written_off", "50000"),
        event("L050", "2023-07-01", "repaid", "50000"),
    ]
    new = loan("new", contract_on="2023-07-03", matures_on="2024-07-03")
    assert _json([*loans, new], [*events, *later]) == _json(loans, events)


def test_the_rule_and_the_ledger_call_the_same_loans_overdue() -> None:
    loans = [loan("due", matures_on="2023-06-14"), loan("today", matures_on="2023-06-15"), loan("repaid"),
             loan("recalled", matures_on="2025-01-01")]  # fmt: skip
    events = [event("repaid", "2023-01-01", "repaid", "50000"), event("recalled", "2023-03-01", "recalled")]
    stood = audit_context(facts(loans, events), BOOK, as_of=DAY).states
    ready = stood.rename({"overdue_fen": "told_fen"}).with_columns(
        pl.min_horizontal("maturity_on", "recalled_on").alias("due_on"), on=pl.lit(DAY)
    )
    judged = ruled(ready, CLASSIFICATION, only=("npl_fen", "days_overdue", "overdue_fen"))
    assert judged["overdue_fen"].to_list() == judged["told_fen"].to_list() == [5_000_000, 0, 0, 5_000_000]
    assert judged["days_overdue"].to_list() == [1, 0, 0, 106]


def test_nothing_to_look_at() -> None:
    shown = _json([], [])
    assert shown["ratios"] == shown["reminders"] == shown["anomalies"] == shown["exposure"] == []


def test_every_code_of_the_register_of_checks_is_a_code() -> None:
    codes = [code for detector in REGISTER for code in detector.codes]
    assert set(codes) <= set(CODES)
    assert len(codes) == len(set(codes))


def test_an_audit_names_what_it_could_not_look_at() -> None:
    result = audit(facts([loan("L1", area_code=JIAOZUO)], []), BOOK, as_of=DAY)
    left = {code for one in result.not_run for code in one.codes}
    assert {"used_by_enterprise", "shared_payee_cluster", "fund_below_floor", "insurance_gap"} <= left
    assert not left & set(result.findings["code"])
    assert result.summary["count"].sum() == result.findings.height
    assert all(row["missing"] for row in result.as_json()["not_run"])


def test_findings_are_in_the_order_of_precedence() -> None:
    loans = [loan(f"L{n}", contract_on="2022-01-10", matures_on="2023-01-10") for n in range(3)]
    found = audit(facts(loans, []), BOOK, as_of=DAY).findings
    places = found["code"].replace_strict({code: place for place, code in enumerate(CODES)}).to_list()
    assert places == sorted(places)
    assert isinstance(found, pl.DataFrame)
