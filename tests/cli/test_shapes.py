"""The JSON shapes of design §12 and the exit codes: 0 done, 1 refused or found where asked, 2 bad input."""

from __future__ import annotations

QUARTER = ("--from", "2026-03-21", "--to", "2026-06-21")
REFUSAL = {"code", "clauses", "facts"}


def packs(county):
    return ("--packs", county / "packs")


def test_interest(bangfu):
    answer = bangfu(
        *("interest", "--principal", "10000", "--rate", "3.75", "--from", "2018-01-01", "--to", "2019-01-01"),
        *("--method", "daily_360", "--json"),
    )
    assert answer.code == 0
    told = answer.json
    assert told["interest_fen"] == 38021
    assert told["days"] == 365
    assert told["method"] == "daily_360"
    assert told["effective_annual_rate_percent"] == "3.8021"
    assert all({"name", "value", "unit", "clauses"} <= step.keys() for step in told["steps"])


def test_interest_by_whole_periods(bangfu):
    words = (
        "interest",
        "--principal",
        "10,000.00",
        "--rate",
        "3.75%",
        "--from",
        "2018-01-01",
        "--to",
        "2019-01-01",
    )
    assert bangfu(*words, "--method", "whole_periods", "--json").json["interest_fen"] == 37500


def test_interest_of_what_cannot_be(bangfu):
    usual = {"--principal": "10000", "--rate": "3.75", "--from": "2018-01-01", "--to": "2019-01-01"}
    for name, value in [
        ("--principal", "ten"), ("--principal", "-1"), ("--principal", "1.001"), ("--rate", "three"),
        ("--rate", "3.85123"), ("--rate", "-1"), ("--from", "2018-02-30"), ("--from", "20180101"),
        ("--to", "2018-01-01"), ("--to", "2017-01-01"), ("--method", "actual"),
    ]:  # fmt: skip
        given = {**usual, name: value}
        answer = bangfu("interest", *(word for pair in given.items() for word in pair))
        assert (answer.code, answer.out) == (2, ""), (name, value)
        assert answer.err


def test_policy_show(bangfu):
    answer = bangfu("policy", "show", "522728", "2022-05-01", "--json")
    assert answer.code == 0
    told = answer.json
    assert {"place", "day", "product", "packs", "terms"} <= told.keys()
    assert (told["place"], told["day"], told["product"]) == ("522728", "2022-05-01", "transition")
    assert [pack["id"] for pack in told["packs"]] == ["CN2021", "LD2021"]
    assert all({"id", "number", "hash"} <= pack.keys() for pack in told["packs"])
    assert all({"value", "clause", "document", "overrides"} <= term.keys() for term in told["terms"].values())
    payers = told["terms"]["subsidy.payers"]
    assert payers["value"] == [{"payer": "county", "share_of_rate": "100%"}]
    assert payers["overrides"] == [{"value": "undetermined", "document": "CN2021", "clause": "CN2021-1.6"}]
    assert told["terms"]["amount.household_cap"]["value"] == "50000.00"
    assert told["terms"]["term.max_months"]["value"] == 36


def test_policy_show_where_nothing_holds(bangfu):
    answer = bangfu("policy", "show", "522728", "1999-05-01", "--product", "poverty", "--json")
    assert answer.code == 1
    assert [one["code"] for one in answer.json["refusals"]] == ["no_policy_for_place_and_day"]
    assert bangfu("policy", "show", "99", "2022-05-01").code == 2
    assert bangfu("policy", "show", "5227x8", "2022-05-01").code == 2
    assert bangfu("policy", "show", "522728", "2022-05-32").code == 2
    assert bangfu("policy", "show", "522728", "2022-05-01", "--product", "loan").code == 2


def test_policy_check(bangfu, tmp_path):
    assert bangfu("policy", "check").code == 0
    (tmp_path / "bad.yaml").write_text("id: X1\ntitle: t\nunknown: 1\n", encoding="utf-8")
    answer = bangfu("policy", "check", tmp_path, "--json")
    assert answer.code == 2
    assert answer.json["ok"] is False
    assert all({"file", "line", "code", "message"} <= one.keys() for one in answer.json["problems"])
    assert "bad.yaml:" in answer.err
    assert bangfu("policy", "check", tmp_path / "nothing").code == 2


def test_policy_diff(bangfu):
    packs = bangfu("policy", "diff", "CN2021", "CN2026", "--json").json
    assert (packs["before"], packs["after"]) == ("CN2021", "CN2026")
    assert "rate.ceiling" in {term["name"] for term in packs["terms"]}
    days = bangfu("policy", "diff", "2023-12-31", "2024-01-01", "--place", "410825", "--json").json
    assert [term["name"] for term in days["terms"]] == ["subsidy.payers", "subsidy.principal_cap"]
    assert days["terms"][0]["after"][0]["value"] == "undetermined"
    assert bangfu("policy", "diff", "CN2021", "CN1999").code == 2
    assert bangfu("policy", "diff", "2023-12-31", "2024-01-01").code == 2
    assert bangfu("policy", "diff", "2023-12-31", "CN2026", "--place", "410825").code == 2
    assert "rate.ceiling" in bangfu("policy", "diff", "CN2021", "CN2026").out


def test_check(bangfu, county):
    answer = bangfu("check", county, *packs(county), "--on", "2026-06-30", "--json")
    assert answer.code == 0
    decisions = answer.json["decisions"]
    assert len(decisions) == 300
    assert {one["outcome"] for one in decisions} == {"admitted", "refused", "needs_exception"}
    for one in decisions:
        assert {"loan_id", "outcome", "refusals"} <= one.keys()
        assert all(refusal.keys() >= REFUSAL for refusal in one["refusals"])
    assert bangfu("check", county, *packs(county), "--on", "2026-06-30", "--strict").code == 1
    assert bangfu("check", county, "--on", "2026-06-30", "--place", "zz").code == 2


def test_subsidy(bangfu, county):
    answer = bangfu("subsidy", county, *packs(county), *QUARTER, "--json")
    assert answer.code == 0
    told = answer.json
    assert told["period"] == {"from": "2026-03-21", "to": "2026-06-21"}
    wanted = {"loan_id", "household_id", "area_code", "interest_fen", "payers", "subsidy_fen", "borrower_fen",
              "held_back_fen", "policy", "clauses"}  # fmt: skip
    for line in told["lines"]:
        assert wanted <= line.keys()
        assert sum(line["payers"].values()) == line["subsidy_fen"]
        assert line["subsidy_fen"] + line["borrower_fen"] == line["interest_fen"]
        assert line["clauses"]
    totals = told["totals"]
    for name in ("interest_fen", "subsidy_fen", "borrower_fen", "held_back_fen"):
        assert totals[name] == sum(line[name] for line in told["lines"])
    assert totals["lines"] == len(told["lines"]) > 0
    assert all({"loan_id", *REFUSAL} == refusal.keys() for refusal in told["refusals"])


def test_subsidy_that_is_refused_in_part(bangfu, one_loan):
    """A Henan contract of 2022: in full to 2023-12-31, and from there nobody has fixed it (HA2021-2.2c)."""
    head = "loan_id,household_id,product,kind,contract_on,matures_on,principal,rate,interest_method"
    loan = "L1,H1,transition,new,2022-05-10,2025-05-10,50000,3.70,daily_360"
    (one_loan / "loans.csv").write_text(f"{head}\n{loan}\n", encoding="utf-8")
    event = "loan_id,on,kind,amount\nL1,2022-05-10,disbursed,50000\n"
    (one_loan / "events.csv").write_text(event, encoding="utf-8")
    words = ("subsidy", one_loan, "--from", "2023-12-21", "--to", "2024-03-21")
    told = bangfu(*words, "--json").json
    assert [(one["from"], one["to"], one["subsidy_fen"]) for one in told["lines"]] == [
        ("2023-12-21", "2024-01-01", 5653)
    ]
    assert [(one["code"], one["clauses"]) for one in told["refusals"]] == [
        ("subsidy_undetermined", ["HA2021-2.2c"])
    ]
    assert bangfu(*words).code == 0
    answer = bangfu(*words, "--strict")
    assert answer.code == 1
    assert "not yet fixed by any document" in answer.err


def test_audit(bangfu, county):
    answer = bangfu("audit", county, *packs(county), "--as-of", "2026-06-30", "--json", "--strict")
    assert answer.code == 1
    told = answer.json
    for finding in told["findings"]:
        assert {"code", "clauses", "subject", "amount_fen", "facts"} <= finding.keys()
        assert {"table", "id"} == finding["subject"].keys()
    counted = {code: one["count"] for code, one in told["summary"].items()}
    assert sum(counted.values()) == len(told["findings"]) > 0
    assert told["not_run"] == []


def test_audit_of_little_says_what_did_not_run(bangfu, one_loan):
    answer = bangfu("audit", one_loan, "--as-of", "2026-06-30", "--json")
    assert answer.code == 0
    unseen = {code for one in answer.json["not_run"] for code in one["codes"]}
    assert {"used_by_enterprise", "subsidy_overclaimed", "insurance_gap"} <= unseen
    assert "Not run" in bangfu("audit", one_loan, "--as-of", "2026-06-30").err


def test_monitor(bangfu, county):
    answer = bangfu("monitor", county, *packs(county), "--as-of", "2026-06-30", "--json")
    assert answer.code == 0
    told = answer.json
    assert {"as_of", "ratios", "reminders", "anomalies"} <= told.keys()
    for row in told["ratios"]:
        assert {"lender", "branch", "product", "area_code", "balance_fen", "npl_fen", "npl_percent", "overdue_fen",
                "overdue_percent", "breaker"} <= row.keys()  # fmt: skip
        assert {"state", "since", "clauses"} == row["breaker"].keys()
        assert row["breaker"]["state"] in ("open", "suspended", "undetermined")
    areas = [row["area_code"] for row in told["ratios"]]
    assert areas == sorted(areas)  # by code: nothing is ranked


def test_explain(bangfu, one_loan):
    answer = bangfu("explain", one_loan, "L1", *QUARTER, "--json")
    assert answer.code == 0
    told = answer.json
    assert told["values"] == {
        "interest_fen": 55200,
        "central_fen": 31944,
        "subsidy_fen": 31944,
        "borrower_fen": 23256,
    }
    assert [part["title"] for part in told["parts"]] == ["room", "piece", "line"]
    assert "CN2026-1.6a" in bangfu("explain", one_loan, "L1", *QUARTER).out
    assert bangfu("explain", one_loan, "L2").code == 2


def test_generate_and_read_again(bangfu, tmp_path):
    told = bangfu("generate", tmp_path / "county", "--loans", "300", "--seed", "3", "--json").json
    assert told["rows"]["loans"] == 300
    assert (tmp_path / "county" / "planted" / "planted.csv").is_file()
    assert bangfu("subsidy", told["facts"], *QUARTER, "--json").code == 0
    assert bangfu("generate", tmp_path / "county", "--loans", "60").code == 0  # an earlier demonstration
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "list.txt").write_text("mine", encoding="utf-8")
    assert bangfu("generate", tmp_path / "mine", "--loans", "60").code == 2
    assert bangfu("generate", tmp_path / "new", "--loans", "0").code == 2
    assert bangfu("generate", tmp_path / "new", "--loans", "9", "--format", "doc").code == 2


def test_template(bangfu, tmp_path):
    assert bangfu("template", tmp_path / "template.xlsx").code == 0
    assert (tmp_path / "template.xlsx").is_file()
    assert bangfu("template", tmp_path / "template.pdf").code == 2


def test_selftest(bangfu):
    answer = bangfu("selftest", "--json")
    assert answer.code == 0
    assert answer.json["passed"] is True
    assert answer.json["cases"] > 0
