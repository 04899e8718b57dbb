"""Ceilings by band and day, series too old, local data, and rates that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bangfu.policy import load_book

GUIZHOU, HARBIN, NATION = "520102001001", "230102001001", "110101001001"
POVERTY = {
    "product": "poverty",
    "contract_on": "2019-03-01",
    "matures_on": "2020-03-01",
    "rate_e8": 4_350_000,
}


@pytest.mark.parametrize(("signed", "raised"), [("2021-12-17", False), ("2021-12-20", True)])
def test_a_fixing_holds_from_its_own_day(case, signed, raised):
    case.loan(contract_on=signed, matures_on="2022-12-17", rate_e8=3_850_000)
    assert ("rate_above_ceiling" in case.codes()) is raised


@pytest.mark.parametrize(
    ("matures", "rate_e8", "raised"),
    [
        ("2025-02-28", 3_600_000, True),
        ("2025-02-28", 3_450_000, False),
        ("2025-03-01", 3_600_000, False),
        ("2025-03-01", 3_950_100, True),
    ],
)
def test_one_day_moves_a_loan_to_the_other_band(case, matures, rate_e8, raised):
    """From 2024-02-29 twelve months end on 2025-02-28, clamped."""
    case.loan(contract_on="2024-02-29", matures_on=matures, rate_e8=rate_e8)
    assert ("rate_above_ceiling" in case.codes()) is raised


def test_the_refusal_shows_the_fixing_and_its_standing(case):
    case.loan(rate_e8=3_750_000)
    assert case.refusal("rate_above_ceiling")["facts"] == {
        "rate": "3.75",
        "ceiling": "3.70",
        "over_ceiling": "0.05",
        "series": "LPR_1Y",
        "fixed_on": "2022-02-21",
        "fixing_confirmed": True,
    }


@pytest.mark.parametrize(
    ("matures", "rate_e8", "raised"),
    [
        ("2020-03-01", 4_350_000, False),
        ("2020-03-01", 4_350_100, True),
        ("2020-03-02", 4_750_000, False),
        ("2022-03-01", 4_750_100, True),
    ],
)
def test_the_old_regime_is_held_to_the_benchmark(case_at, matures, rate_e8, raised):
    one = case_at(GUIZHOU, "poor")
    one.loan(**POVERTY | {"matures_on": matures, "rate_e8": rate_e8})
    assert ("rate_above_ceiling" in one.codes()) is raised


def test_heilongjiangs_benchmark_is_local_data(case_at):
    one = case_at(HARBIN, "poor")
    one.loan(**POVERTY)
    decision = one.decided()
    assert "rate_above_ceiling" not in [refusal["code"] for refusal in decision["refusals"]]
    assert {"code": "rate_above_ceiling", "missing": "rate.local"} in decision["not_judged"]


def local_rate(folder: Path) -> Path:
    pack = folder / "HRB2018.yaml"
    pack.write_text(
        """id: HRB2018
number:
title: 地方执行利率
issuers: [某县农村信用合作联社]
jurisdiction: "230102"
product: poverty
issued: 2018-01-01
contracts: {from: 2018-01-01, to: 2020-12-31}
builds_on: HLJ2019
clauses:
  "1": {kind: P, text: The county lends at 3.75 per cent., zh: 全县执行年利率3.75%。}
terms:
  rate.local: {value: "3.75", clause: "1"}
  term.max_months: {value: 36, clause: "1"}
""",
        encoding="utf-8",
    )
    return pack


@pytest.mark.parametrize(("rate_e8", "raised"), [(3_750_000, False), (3_750_100, True)])
def test_a_local_pack_brings_the_rate(case_at, tmp_path, rate_e8, raised):
    book = load_book([local_rate(tmp_path)])
    one = case_at(HARBIN, "poor")
    one.loan(**POVERTY | {"rate_e8": rate_e8})
    assert one.codes(book=book) == (["rate_above_ceiling"] if raised else [])
    if raised:
        assert one.refusal("rate_above_ceiling", book=book)["clauses"] == ["HLJ2019-2.3"]


def test_the_third_regime_has_no_ceiling(case_at):
    one = case_at(NATION, "assisted")
    one.loan(product="assistance", contract_on="2026-03-10", matures_on="2027-03-10", rate_e8=9_000_000)
    assert one.codes(on="2026-04-01") == []


def tied_to_lpr(folder: Path) -> Path:
    pack = folder / "BJ2026.yaml"
    pack.write_text(
        """id: BJ2026
number:
title: 市级实施细则
issuers: [某市]
jurisdiction: "110100"
product: assistance
issued: 2026-02-24
contracts: {from: 2026-02-24}
builds_on: CN2026
clauses:
  "1": {kind: P, text: Up to one year at the 1-year LPR at most., zh: 一年期以内不高于一年期LPR。}
terms:
  rate.ceiling: {value: [{up_to_months: 12, index: LPR_1Y}], clause: "1"}
""",
        encoding="utf-8",
    )
    return pack


@pytest.mark.parametrize(("signed", "raised"), [("2026-03-06", False), ("2026-03-07", True)])
def test_45_days_after_the_last_fixing_the_series_is_too_old(case_at, tmp_path, signed, raised):
    book = load_book([tied_to_lpr(tmp_path)])
    one = case_at(NATION, "assisted")
    one.loan(product="assistance", contract_on=signed, matures_on="2027-03-06", rate_e8=3_000_000)
    assert one.codes(book=book, on="2026-04-01") == (["rate_series_too_old"] if raised else [])
    if raised:
        found = one.refusal("rate_series_too_old", book=book, on="2026-04-01")
        assert found["clauses"] == ["BJ2026-1"]
        assert found["facts"]["last_fixing"] == "2026-01-20"


@pytest.mark.parametrize(
    ("on", "rate_e8", "raised"),
    [
        ("2022-06-21", 4_000_000, True),
        ("2022-06-21", 3_000_000, True),
        ("2022-06-21", 3_700_000, False),
        ("2023-03-01", 4_000_000, True),
        ("2023-03-02", 4_000_000, False),
    ],
)
def test_a_change_inside_the_contract(case, on, rate_e8, raised):
    case.loan()
    case.event("L1", on, "rate_changed", value_rate_e8=rate_e8)
    assert ("rate_changed_in_contract" in case.codes()) is raised


def test_a_change_is_later_than_the_signing(case):
    case.loan()
    case.event("L1", "2022-06-21", "rate_changed", value_rate_e8=4_000_000)
    decision = case.decided()
    assert (decision["outcome"], decision["outcome_at_signing"]) == ("refused", "admitted")
    assert decision["refusals"][0]["facts"] == {
        "rate": "3.70",
        "changed_rate": "4.00",
        "changed_on": "2022-06-21",
    }
    assert decision["refusals"][0]["clauses"] == ["LD2021-1.4"]


def test_what_has_not_happened_by_the_day_is_not_looked_at(case):
    case.loan()
    case.event("L1", "2022-06-21", "rate_changed", value_rate_e8=4_000_000)
    assert case.codes(on="2022-06-20") == []


def test_the_old_regime_does_not_fix_the_rate(case_at):
    one = case_at(GUIZHOU, "poor")
    one.loan(**POVERTY)
    one.event("L1", "2019-06-21", "rate_changed", value_rate_e8=4_000_000)
    assert one.codes() == []


def test_an_old_loan_renewed_in_luodian_keeps_its_rate(case):
    case.loan("L0", **POVERTY | {"contract_on": "2020-06-01", "matures_on": "2021-06-01"})
    case.repaid("L0", "2021-06-01")
    renewal = {"product": "poverty", "kind": "renewal", "parent_loan_id": "L0", "contract_on": "2021-06-01"}
    case.loan("L1", **renewal | {"matures_on": "2023-06-01", "rate_e8": 4_600_000})
    found = case.refusal("rate_above_ceiling")
    assert found["clauses"] == ["LD2021-4.2"]
    assert found["facts"] == {"rate": "4.60", "kept_rate": "4.35", "over_kept": "0.25"}


def test_at_the_same_rate_it_is_admitted(case):
    case.loan("L0", **POVERTY | {"contract_on": "2020-06-01", "matures_on": "2021-06-01"})
    case.repaid("L0", "2021-06-01")
    renewal = {"product": "poverty", "kind": "renewal", "parent_loan_id": "L0", "contract_on": "2021-06-01"}
    case.loan("L1", **renewal | {"matures_on": "2023-06-01", "rate_e8": 4_350_000})
    assert case.codes() == []
