"""What is written reads back as it was, in every format, and says that it is a demonstration."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bangfu.facts import read_facts
from bangfu.synthetic import build, generate

LOANS, SEED = 600, 3


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_written_county_reads_back_the_same(tmp_path, kind):
    told = generate(out=tmp_path / "county", loans=LOANS, seed=SEED, format=kind)
    made = build(LOANS, SEED)
    facts = read_facts(told.facts)
    assert not facts.missing
    assert not facts.left_out
    for name, frame in made.tables.items():
        assert facts.tables[name].height == told.rows[name] == frame.height
        assert_frame_equal(facts.tables[name].select(frame.columns), frame)
    bad = made.planted.filter(pl.col("code") == "bad_id_number").height
    assert {warning.code for warning in facts.warnings} <= {"bad_id_number"}
    assert len(facts.warnings) == bad


def test_the_list_of_faults_and_the_notice_stand_beside_it(tmp_path):
    told = generate(out=tmp_path, loans=LOANS, seed=SEED)
    listed = pl.read_csv(tmp_path / "planted" / "planted.csv", infer_schema=False)
    assert listed.columns == ["code", "table", "id", "note"]
    assert dict(listed.group_by("code").len().iter_rows()) == told.planted
    notice = (tmp_path / "planted" / "DEMONSTRATION.txt").read_text(encoding="utf-8")
    assert "合成" in notice
    assert "synthetic" in notice
    assert len(list(told.packs.glob("*.yaml"))) == 6
