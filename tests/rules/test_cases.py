"""Every worked example of every rule on Polars and DuckDB; on Spark in one session (marker spark)."""

from __future__ import annotations

from functools import cache

import duckdb
import polars as pl
import pytest

from bangfu.refusals import CODES
from bangfu.rules import cases as worked
from bangfu.rules.cases import BadCase, Case, folders, load_cases, rules_of, run, selftest, unshown


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _on_duckdb(frame: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    table = frame.to_arrow()
    return _database().from_arrow(table)


def _written() -> list[tuple[str, int, str]]:
    """Each case by folder and number. A folder that cannot be read fails in its own test, not while collecting."""
    found = []
    for folder in folders():
        try:
            loaded = load_cases(folder)
        except BadCase:
            continue
        found += [(folder, number, case.sentence) for number, case in enumerate(loaded)]
    return found


@pytest.mark.parametrize("folder", folders())
def test_every_folder_has_its_worked_examples(folder: str) -> None:
    assert load_cases(folder)


@pytest.mark.parametrize("folder", folders())
def test_every_code_is_shown_raised_and_not_raised(folder: str) -> None:
    assert unshown(folder, load_cases(folder)) == ()


@pytest.mark.parametrize("folder", folders())
def test_every_code_is_in_the_register(folder: str) -> None:
    columns = {column for case in load_cases(folder) for column in case.given}
    for rule in rules_of(folder, columns):
        assert {way.code for way in rule.raises} <= set(CODES)
        assert {way.when for way in rule.raises} <= {step.name for step in rule.steps}


@pytest.mark.parametrize(("folder", "number", "sentence"), _written())
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_case(engine: str, folder: str, number: int, sentence: str) -> None:
    case = load_cases(folder)[number]
    assert case.sentence == sentence
    made = run([case]) if engine == "polars" else run([case], to_native=_on_duckdb)
    assert [str(shortfall) for shortfall in made] == []


@pytest.mark.spark
def test_every_case_on_spark(spark) -> None:
    def on_spark(frame: pl.DataFrame):
        return spark.createDataFrame(frame.to_arrow())

    every = [case for folder in folders() for case in load_cases(folder)]
    assert [str(shortfall) for shortfall in run(every, to_native=on_spark)] == []


def test_selftest_runs_them_all() -> None:
    result = selftest()
    assert result.passed
    assert result.folders == len(folders())
    assert result.cases == len(_written())


def test_a_wrong_expectation_is_found() -> None:
    case = load_cases("interest")[0]
    wrong = Case(case.folder, case.sentence, case.source, case.rules, case.given, {"interest_fen": 38_020})
    (shortfall,) = run([wrong])
    assert (shortfall.expected, shortfall.actual) == (38_020, 38_021)
    assert "38021" in str(shortfall)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"given": {"methd": "daily_360"}}, "no rule has all it reads"),
        ({"expect": {"interest": 1}}, "no rule that runs makes interest"),
        ({"note": "x"}, "keys case, expect, given, source are wanted"),
        ({"expect": {}}, "expect is not empty"),
    ],
)
def test_a_case_that_cannot_run_is_refused(change: dict[str, object], said: str) -> None:
    good = {
        "case": "A",
        "source": "B",
        "given": {"method": "daily_360", "interest_numerator": 1},
        "expect": {"interest_fen": 0},
    }
    assert worked._case("interest", 1, good)
    with pytest.raises(BadCase, match=said):
        worked._case("interest", 1, good | change)


@pytest.mark.parametrize("told", [1.5, True, "50000", "50000 dollars", "1.005 yuan"])
def test_a_value_in_no_unit_is_refused(told: object) -> None:
    given = {"method": 0, "interest_numerator": 1}
    bad = {"case": "A", "source": "B", "given": given, "expect": {"interest_fen": told}}
    with pytest.raises(BadCase):
        worked._case("interest", 1, bad)


def test_a_column_no_rule_reads_is_refused() -> None:
    given = {"method": "daily_360", "interest_numerator": 1, "rate_e8": "3.75 %"}
    bad = {"case": "A", "source": "B", "given": given, "expect": {"interest_fen": 0}}
    with pytest.raises(BadCase, match="no rule that runs reads rate_e8"):
        worked._case("interest", 1, bad)


def test_a_code_without_its_other_side_is_named() -> None:
    shown = [case for case in load_cases("subsidy") if case.expect.get("payers_exceed_rate") is not True]
    assert unshown("subsidy", shown) == ("subsidy_exceeds_rate by payers_exceed_rate raised",)
