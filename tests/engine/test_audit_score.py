"""The audit scored on a generated county: every planted fault is found, and nothing else but statistics is."""

from __future__ import annotations

import json

import polars as pl
import pytest

from bangfu.engine.audit import audit
from bangfu.facts import Facts
from bangfu.policy import load_book
from bangfu.refusals import CODES
from bangfu.synthetic import NOT_PLANTABLE, PACKS, build

# What these flag is unusual, not unlawful: they may flag more than was planted, with their statistic beside it.
STATISTICAL = {"overdue_outlier", "household_count_anomaly", "lends_to_everyone", "shared_payee_cluster"}


@pytest.fixture(scope="module", params=[(3_000, 1), (300, 7)], ids=["3000 loans", "300 loans"])
def scored(request) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Planted and found (code, id)."""
    loans, seed = request.param
    county = build(loans=loans, seed=seed)
    result = audit(Facts(county.tables), load_book([PACKS]), as_of=county.as_of)
    return county.planted, result.findings


def score(planted: pl.DataFrame, found: pl.DataFrame) -> dict[str, tuple[float, float, set[str], set[str]]]:
    """By code: recall, precision, what was missed, what was found without being planted."""
    table = {}
    for code in sorted({*planted["code"], *found["code"]}):
        wanted = set(planted.filter(pl.col("code") == code)["id"])
        got = set(found.filter(pl.col("code") == code)["id"])
        recall = len(wanted & got) / len(wanted) if wanted else 1.0
        precision = len(wanted & got) / len(got) if got else 1.0
        table[code] = (recall, precision, wanted - got, got - wanted)
    return table


def test_every_planted_fault_is_found_and_nothing_else(scored):
    planted, found = scored
    table = score(planted, found)
    told = [
        f"{code:34s} recall {recall:.2f} precision {precision:.2f} {sorted(missed)[:3]} {sorted(more)[:3]}"
        for code, (recall, precision, missed, more) in table.items()
    ]
    print("\n".join(told))  # noqa: T201 - the score is what the test is for (pytest -s shows it)
    assert {code: missed for code, (_, _, missed, _) in table.items() if missed} == {}
    assert {code: more for code, (*_, more) in table.items() if more and code not in STATISTICAL} == {}


def test_what_the_statistical_ones_flag_is_explained(scored):
    _, found = scored
    for row in found.filter(pl.col("code").is_in(STATISTICAL)).rows(named=True):
        assert len(json.loads(row["facts"])) >= 3, row
        assert row["clauses"], row


def test_every_code_is_planted_or_says_why_not(scored):
    planted, _ = scored
    assert set(CODES) - set(planted["code"]) == set(NOT_PLANTABLE)


def test_every_finding_cites_a_clause(scored):
    _, found = scored
    silent = found.filter(pl.col("clauses").list.len() == 0)
    # Where no document speaks at all, there is nothing to cite: the refusal names what is missing.
    assert set(silent["code"]) <= {
        "no_policy_for_place_and_day",
        "term_not_set",
        "bad_id_number",
        "rate_series_too_old",
    }
