"""The result of a check: JSON shape, policies, what is to be attested, steps, and what others found."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from bangfu.engine.admission import admission_context, admission_findings
from bangfu.engine.check import not_regulated
from bangfu.engine.findings import SCHEMA, findings
from bangfu.policy import load_book


def application(case, **change):
    return case.loan("A1", contract_on=None, applied_on="2026-03-10", product="assistance", matures_on="2027-03-10",
                     **change)  # fmt: skip


def test_an_application_lists_what_is_to_be_attested_and_by_whom(case):
    case.listed("assisted", "2026-01-01")
    application(case)
    decision = case.decided("A1", on="2026-03-10")
    assert (decision["outcome"], decision["application"]) == ("admitted", True)
    attested = {one["condition"]: one for one in decision["to_attest"]}
    assert attested["real_need"] | {"by": "bank", "clauses": ["CN2026-1.9"]} == attested["real_need"]
    assert attested["labour_skills"]["by"] == "village"
    assert {"renewal.max_months", "borrower.may_be_charged_fees"} <= set(decision["not_regulated"])


def test_a_loan_of_luodian_has_its_own_conditions_under_its_policy(case):
    case.loan()
    told = case.check().as_json()
    policy = told["policies"][told["decisions"][0]["policy"]]
    assert [pack["id"] for pack in policy["packs"]] == ["CN2021", "LD2021"]
    assert all(one["clauses"] == ["LD2021-1.9"] for one in policy["to_attest"])
    assert all(len(pack["hash"]) == 64 for pack in policy["packs"])


def test_the_old_regime_asks_for_other_things(case_at):
    one = case_at("520102001001", "poor")
    one.loan(product="poverty", contract_on="2019-03-01", matures_on="2020-03-01", rate_e8=4_350_000)
    told = one.check().as_json()
    policy = told["policies"][told["decisions"][0]["policy"]]
    assert {one["condition"] for one in policy["to_attest"]} >= {"good_credit", "employable"}
    assert {"age.min", "age.max", "rate.fixed_in_contract"} <= set(policy["not_regulated"])


def test_what_is_needed_is_never_listed_as_not_regulated():
    stack = load_book().stack("230102", "poverty", date(2019, 3, 1))
    assert "term.max_months" not in not_regulated(stack)


def test_the_document_is_json_with_the_keys_of_the_design(case):
    case.loan(guarantee="pledge")
    told = json.loads(json.dumps(case.check().as_json(), ensure_ascii=False))
    decision = told["decisions"][0]
    assert {"loan_id", "outcome", "refusals"} <= set(decision)
    assert {"code", "clauses", "facts"} <= set(decision["refusals"][0])
    assert told["on"] == "2024-06-30"


def test_decisions_stand_as_the_loans_in_the_file(case):
    for number in (3, 1, 2):
        case.loan(f"L{number}", contract_on=f"202{number}-06-01", matures_on=f"202{number + 1}-06-01")
    assert case.check().decisions["loan_id"].to_list() == ["L3", "L1", "L2"]


def test_no_loans_at_all(case):
    result = case.check()
    assert result.as_json()["decisions"] == []
    assert result.refused == 0


def test_the_steps_of_a_loan_carry_their_values_and_clauses(case):
    case.loan(matures_on="2025-03-02")
    steps = {step["name"]: step for step in case.check().steps("L1")}
    assert steps["latest_maturity_on"]["value"] == "2025-03-01"
    assert steps["latest_maturity_on"]["clauses"] == ["LD2021-1.3"]
    assert steps["age"]["value"] == 42
    assert steps["rate_above_ceiling"]["clauses"] == ["LD2021-1.4"]
    assert steps["cap_fen"]["clauses"] == ["LD2021-1.2", "LD2021-3.6"]


def test_an_extension_has_steps_of_its_own(case):
    case.loan()
    case.event("L1", "2023-02-20", "extended", value_on="2023-06-01")
    steps = [step for step in case.check().steps("L1") if step["rule"] == "renewal"]
    assert {step["name"]: step["value"] for step in steps}["latest_extended_end_on"] == "2024-03-01"


def test_the_steps_kept_of_few_loans_are_those_run_again(case):
    case.loan()
    case.event("L1", "2023-02-20", "extended", value_on="2023-06-01")
    case.loan("L2", matures_on="2025-03-02")
    result = case.check()
    kept = [result.steps(loan_id) for loan_id in ("L1", "L2")]
    assert set(result._ready.ran) >= {"eligibility", "renewal"}
    result._ready.ran.clear()
    assert [result.steps(loan_id) for loan_id in ("L1", "L2")] == kept


def test_what_the_breaker_found_is_counted_in(case):
    case.loan()
    stopped = findings(
        pl.DataFrame({"loan_id": ["L1"]}), code="lent_while_suspended", table="loans", subject="loan_id",
        clauses=["LD2021-5.5"],
    )  # fmt: skip
    decision = case.decided(also=stopped)
    assert decision["outcome"] == "refused"
    assert [one["code"] for one in decision["refusals"]] == ["lent_while_suspended"]


def test_the_audit_gets_plain_findings_without_the_payees_own(case):
    case.loan(guarantee="pledge")
    case.add("transfers", loan_id="L1", on="2022-03-05", amount_fen=5_000_000, to_account="1", to_name="某公司",
             to_kind="enterprise")  # fmt: skip
    found = admission_findings(admission_context(case.facts(), load_book(), on=date(2024, 6, 30)))
    assert found.schema == SCHEMA
    assert found["code"].to_list() == ["guarantee_taken"]


@pytest.mark.parametrize("missing", [{"members", "roster", "transfers"}])
def test_with_the_three_required_tables_alone(case, missing):
    for table in missing:
        case.rows[table].clear()
    case.missing |= missing
    case.loan()
    assert case.decided()["outcome"] == "admitted"
