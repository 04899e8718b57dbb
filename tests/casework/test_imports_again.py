"""Other shapes of file, lists that are complete, corrections of what is kept row by row; each with its way back."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.casework.test_imports import LATER, facts_there, read, run, site_actor, undo, written
from tests.casework.test_imports_demo import in_order


@pytest.mark.parametrize(("shape", "seed"), [("xlsx", 5), ("parquet", 6)])
def test_a_workbook_and_parquet_come_in_as_they_are(committed, tmp_path, shape, seed):
    from bangfu.facts import TABLES, read_facts
    from bangfu.synthetic import generate

    made = generate(out=tmp_path / "made", loans=90, seed=seed, format=shape)
    batch = read(site_actor(), made.facts, "county")
    assert batch.state == "read", batch.told["problems"]
    run(site_actor(), batch)
    files, there = read_facts(made.facts), facts_there()
    for name in TABLES:
        assert_frame_equal(there.tables[name], in_order(name, files.tables[name]))


def test_who_is_missing_from_a_complete_list_has_left(in_county, as_role, tmp_path):
    before = facts_there()
    roster, homes = before.tables["roster"], before.households
    village = homes.join(roster.filter(pl.col("left_on").is_null()), on="household_id")["area_code"][0]
    mine = roster.join(homes.filter(pl.col("area_code") == village), on="household_id", how="semi")
    gone = mine.filter(pl.col("left_on").is_null()).head(1)
    rest = mine.join(gone, on=["household_id", "category", "listed_on"], how="anti", maintain_order="left")
    folder = written(tmp_path / "list", roster=rest)
    actor = as_role("bureau", now=LATER)
    assert read(actor, folder, "roster").told["counts"]["roster"]["ended"] == 0
    batch = read(actor, folder, "roster", whole=True)
    assert batch.told["counts"]["roster"]["ended"] == 1
    run(actor, batch)
    after = facts_there().tables["roster"]
    keys = ["household_id", "category", "listed_on"]
    assert after.join(gone, on=keys, how="semi")["left_on"].to_list() == [actor.on]
    assert_frame_equal(
        after.join(gone, on=keys, how="anti", maintain_order="left"),
        roster.join(gone, on=keys, how="anti", maintain_order="left"),
    )
    undo(as_role("bureau", now=LATER + timedelta(hours=1)), batch)
    assert_frame_equal(facts_there().tables["roster"], roster)


def test_what_is_kept_row_by_row_is_corrected_by_its_key(in_county, county_folder, tmp_path):
    from bangfu.facts import TABLES, read_facts

    before = facts_there()
    files = dict(read_facts(county_folder).tables)
    first = pl.int_range(pl.len()) == 0
    files["lenders"] = files["lenders"].with_columns(
        npl_all_e8=pl.when(first).then(9_000_000).otherwise("npl_all_e8")
    )
    files["insurance"] = files["insurance"].with_columns(
        premium_fen=pl.when(first).then(1).otherwise("premium_fen")
    )
    files["members"] = files["members"].with_columns(
        name=pl.when(first).then(pl.lit("改名")).otherwise("name")
    )
    files["loans"] = files["loans"].with_columns(
        purpose=pl.when(first).then(pl.lit("crops")).otherwise("purpose")
    )
    batch = read(site_actor(LATER), written(tmp_path / "next", **files), "county")
    assert batch.state == "read", batch.told["problems"]
    changed = {name: row["changed"] for name, row in batch.told["counts"].items() if row["changed"]}
    assert set(changed.values()) == {1}
    assert set(changed) >= {"lenders", "insurance", "members"}
    run(site_actor(LATER), batch)
    after = facts_there()
    for name in TABLES:
        key = [TABLES[name].column(part).frame for part in TABLES[name].key]
        wanted = in_order(name, files[name])
        assert_frame_equal(after.tables[name].sort(key), wanted.sort(key)) if key else assert_frame_equal(
            after.tables[name], wanted
        )
    undo(site_actor(LATER + timedelta(hours=1)), batch)
    back = facts_there()
    for name in TABLES:
        key = [TABLES[name].column(part).frame for part in TABLES[name].key]
        assert_frame_equal(back.tables[name].sort(key), before.tables[name].sort(key)) if key else None


def test_a_file_moves_no_household(in_county, as_role, tmp_path):
    homes = facts_there().households
    other = homes["area_code"].unique().sort()[-1]
    moved = homes.head(3).with_columns(pl.lit(other).alias("area_code"))
    batch = read(as_role("bureau", now=LATER), written(tmp_path / "moved", households=moved), "roster")
    assert batch.state == "refused"
    assert {row[5] for row in batch.told["problems"]} == {"moved_by_file"}
