"""What a list is frozen as: the closure computes the same lines; the hashes follow the content and nothing else."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from tests.engine.small_facts import event, facts, loan

from bangfu.engine.frozen import (
    LINE,
    facts_hash,
    frozen,
    line_hash,
    lines_hash,
    of_tables,
    packs_hash,
    packs_used,
    regular_lines,
    shared_out,
)
from bangfu.engine.subsidy import subsidy
from bangfu.facts import Facts
from bangfu.policy import load_book
from bangfu.rules.subsidy.rule import PAYERS
from bangfu.synthetic import build

QUARTER = {"start": date(2024, 3, 21), "end": date(2024, 6, 21)}


@pytest.fixture(scope="module")
def county():
    return Facts(build(loans=300, seed=4).tables)


def test_the_closure_computes_what_everything_computes(county):
    for start, end in ((date(2019, 3, 21), date(2019, 6, 21)), (date(2026, 3, 21), date(2026, 6, 21))):
        whole = subsidy(county, load_book(), start=start, end=end)
        for branch in county.loans["branch"].unique().sort().to_list()[:4]:
            mine = county.loans.filter(pl.col("branch") == branch)["loan_id"].to_list()
            part = subsidy(frozen(county, mine), load_book(), start=start, end=end)
            wanted = [one for one in regular_lines(whole) if one["loan_id"] in set(mine)]
            got = [one for one in regular_lines(part) if one["loan_id"] in set(mine)]
            assert wanted == got
            assert packs_used(whole, mine) == packs_used(part, mine)


def test_without_the_household_a_top_up_would_have_the_whole_ceiling():
    case = facts(
        [
            loan("A", household_id="H", principal="30000"),
            loan("B", household_id="H", principal="40000", kind="top_up", contract_on="2023-05-01"),
        ],
        [],
    )
    assert subsidy(frozen(case, ["B"]), load_book(), **QUARTER).lines["subsidised_part_fen"].to_list() == [
        3_000_000,
        2_000_000,
    ]
    lone = of_tables(
        {name: case.tables[name].filter(pl.col("loan_id") == "B") for name in ("loans", "events")}
    )
    assert subsidy(lone, load_book(), **QUARTER).lines["subsidised_part_fen"].to_list() == [4_000_000]


def test_nothing_personal_is_frozen(county):
    kept = frozen(county, county.loans["loan_id"])
    assert kept.loans["borrower_id_number"].null_count() == kept.loans.height
    assert kept.households.is_empty()
    assert kept.members.is_empty()


def test_the_hash_of_facts_knows_no_order_and_every_change():
    loans, events = [loan("A"), loan("B")], [event("A", "2024-04-01", "repaid", "100")]
    first = facts_hash(frozen(facts(loans, events), ["A", "B"]))
    turned = facts(loans[::-1], events)
    assert facts_hash(frozen(turned, ["B", "A"])) == first
    other = facts(loans, [event("A", "2024-04-01", "repaid", "100.01")])
    assert facts_hash(frozen(other, ["A", "B"])) != first
    said = facts([loan("A"), loan("B", lender="另一家")], events)
    assert facts_hash(frozen(said, ["A", "B"])) == first  # who lends is no part of the computation


def test_the_hash_of_a_line_follows_each_of_its_names():
    result = subsidy(facts([loan("A")], []), load_book(), **QUARTER)
    line = regular_lines(result)[0]
    assert set(line) == set(LINE)
    first = line_hash(line)
    assert line_hash({**line, "borrower_name": "王某"}) == first
    changed = {**line, "start": line["start"].isoformat()}
    assert line_hash(changed) == first
    for name in LINE:
        assert line_hash({**line, name: "另"}) != first, name
    assert lines_hash([first, b"\x00" * 32]) == lines_hash([b"\x00" * 32, first])
    assert lines_hash([first]) != lines_hash([first, first])


def test_packs_are_named_with_their_hashes():
    result = subsidy(
        facts([loan("A"), loan("B", product="poverty", contract_on="2019-05-01")], []), load_book(), **QUARTER
    )
    used = packs_used(result, ["A"])
    assert list(used) == ["CN2021", "LD2021"]
    assert packs_used(result, ["A", "B"]) == dict(sorted({**used, **packs_used(result, ["B"])}.items()))
    assert packs_hash(used) == packs_hash(dict(reversed(used.items())))
    assert packs_hash(used) != packs_hash({**used, "CN2021": "0"})


@pytest.mark.parametrize("fen", [0, 1, 2, 99, 100, -1, -99, 56_861])
def test_what_is_shared_out_sums_exactly(fen):
    due = dict(zip(PAYERS, (3333, 3333, 3334, 0, 1), strict=True))
    shares = shared_out(fen, due)
    assert sum(shares.values()) == fen
    assert shares["county"] == 0
    assert shared_out(sum(due.values()), due) == due


def test_an_amount_without_a_payer_is_refused():
    assert shared_out(0, dict.fromkeys(PAYERS, 0)) == dict.fromkeys(PAYERS, 0)
    with pytest.raises(ValueError, match="payer"):
        shared_out(1, dict.fromkeys(PAYERS, 0))
