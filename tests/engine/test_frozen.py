"""Fingerprints: of the content alone, in any order, in any process."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date

import polars as pl

from bangfu.engine.frozen import digest, facts_digests, line_digests, packs_digest, row_texts
from bangfu.facts import TABLES, Facts, empty

SHA_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def some_facts(**loan) -> Facts:
    tables = {name: empty(name) for name in TABLES}
    row = {
        "loan_id": "L1",
        "household_id": "H1",
        "principal_fen": 5_000_000,
        "contract_on": date(2023, 1, 5),
        **loan,
    }
    tables["loans"] = pl.concat(
        [empty("loans"), pl.DataFrame([row, {**row, "loan_id": "L2", "household_id": "H2"}])],
        how="diagonal_relaxed",
    ).select(empty("loans").columns)
    event = {"loan_id": "L1", "on": date(2023, 1, 5), "kind": "disbursed", "amount_fen": 5_000_000}
    tables["events"] = pl.concat(
        [empty("events"), pl.DataFrame([event, {**event, "loan_id": "L2"}])], how="diagonal_relaxed"
    ).select(empty("events").columns)
    return Facts(tables)


GROUPS = pl.DataFrame({"household_id": ["H1", "H2"], "group": ["first", "second"]})


def test_facts_have_one_hash_whatever_their_order() -> None:
    facts = some_facts()
    turned = Facts({name: frame.reverse() for name, frame in facts.tables.items()})
    assert facts_digests(facts, GROUPS) == facts_digests(turned, GROUPS)
    assert facts_digests(facts, GROUPS)["first"] != facts_digests(facts, GROUPS)["second"]


def test_any_change_that_matters_changes_it_and_a_persons_number_does_not() -> None:
    before = facts_digests(some_facts(), GROUPS)["first"]
    assert facts_digests(some_facts(principal_fen=4_999_999), GROUPS)["first"] != before
    assert facts_digests(some_facts(borrower_id_number="110101199001011234"), GROUPS)["first"] == before


def test_a_cell_cannot_pass_for_two() -> None:
    one = pl.DataFrame({"a": ['x", "b": "y'], "b": [None]}, schema={"a": pl.String, "b": pl.String})
    two = pl.DataFrame({"a": ["x"], "b": ["y"]})
    assert row_texts(one, ["a", "b"])[0] != row_texts(two, ["a", "b"])[0]
    none = pl.DataFrame({"a": [None]}, schema={"a": pl.String})
    assert row_texts(pl.DataFrame({"a": [""]}), ["a"])[0] != row_texts(none, ["a"])[0]


def test_the_same_content_gives_the_same_hash_in_another_process() -> None:
    """The texts that are hashed are fixed: an auditor years later needs no more than SHA-256."""
    code = (
        "import polars as pl; from datetime import date; from bangfu.engine.frozen import line_digests;"
        "frame = pl.DataFrame({'a': [1], 'b': [date(2023, 6, 21)], 'c': [['x', 'y']], 'd': ['暂扣']});"
        "print(line_digests(frame, ['a', 'b', 'c', 'd'])[0].hex())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    text = '{"a":"1","b":"2023-06-21","c":"x\\u001fy","d":"暂扣"}'
    assert told.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_digests_of_nothing_and_of_packs() -> None:
    assert digest(()).hex() == SHA_OF_NOTHING
    assert (
        packs_digest({"A": "1", "B": "2"}) == packs_digest({"B": "2", "A": "1"}) != packs_digest({"A": "1"})
    )
    nobody = pl.DataFrame({"household_id": ["H9"], "group": ["none"]})
    assert facts_digests(some_facts(), nobody) == {"none": digest(())}
    assert line_digests(pl.DataFrame({"a": []}, schema={"a": pl.Int64}), ["a"]) == []
