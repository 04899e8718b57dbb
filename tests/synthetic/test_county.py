"""A county is the same for the same seed, its people do not exist, and its unplanted loans are lawful."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bangfu.facts import TABLES
from bangfu.policy import load_book
from bangfu.refusals import CODES
from bangfu.synthetic import NOT_PLANTABLE, PACKS, County, build, county
from bangfu.synthetic.identity import COUNTY, MOST_TILES, Numbers, check_character, wrong_check
from bangfu.synthetic.regimes import CATEGORIES

LOANS = 1500


@pytest.fixture(scope="module")
def made() -> County:
    return build(LOANS, 11)


def unplanted(made: County, table: str = "loans") -> pl.DataFrame:
    marked = made.planted.filter(pl.col("table") == table)["id"]
    return made.tables[table].filter(~pl.col("loan_id").is_in(marked.implode()))


def test_the_same_seed_gives_the_same_county(made):
    again = build(LOANS, 11)
    for name, frame in made.tables.items():
        assert_frame_equal(frame, again.tables[name])
    assert_frame_equal(made.planted, again.planted)
    assert not build(LOANS, 12).tables["loans"].equals(made.tables["loans"])


def test_tables_have_the_columns_and_types_of_memory(made):
    assert set(made.tables) == set(TABLES)
    for name, frame in made.tables.items():
        assert dict(frame.schema) == TABLES[name].schema, name
        assert frame.height > 0, name


def test_it_has_as_many_loans_as_asked_for(made):
    assert made.tables["loans"].height == LOANS


@pytest.mark.parametrize("name", sorted(TABLES))
def test_keys_are_unique_and_refer_to_rows(made, name):
    frame, table = made.tables[name], TABLES[name]
    if table.key:
        key = [table.column(column).frame for column in table.key]
        assert frame.select(key).is_unique().all()
    for column, targets in table.refers:
        known = pl.concat(
            [made.tables[target][column if column != "parent_loan_id" else "loan_id"] for target in targets]
        )
        told = frame[column].drop_nulls()
        assert told.is_in(known.implode()).all(), (name, column)


def test_every_code_is_planted_or_named_as_not_plantable(made):
    planted = set(made.planted["code"])
    assert planted.isdisjoint(NOT_PLANTABLE)
    assert planted | set(NOT_PLANTABLE) == set(CODES)


def test_planted_subjects_exist(made):
    ids = {"loans": "loan_id", "ordinary_loans": "loan_id", "households": "household_id"}
    for table, column in ids.items():
        named = made.planted.filter(pl.col("table") == table)["id"]
        assert named.is_in(made.tables[table][column].implode()).all()
    areas = made.planted.filter(pl.col("table") == "areas")["id"]
    villages = made.tables["households"]["area_code"]
    assert all(any(code.startswith(area) for code in villages) for area in areas)
    assert made.planted.select("code", "table", "id").is_unique().all()


def test_every_village_has_its_names(made):
    villages = made.tables["households"]["area_code"].unique()
    assert villages.is_in(made.areas["area_code"].implode()).all()
    assert made.areas.height == 96
    assert made.areas["township"].n_unique() == 12
    assert made.areas.select("township", "village").is_unique().all()


def test_at_least_three_of_each_code_of_loans_and_households(made):
    singles = made.planted.filter(pl.col("table") != "areas").group_by("code").len()
    assert singles["len"].min() >= 3


def test_id_numbers_are_valid_but_for_those_planted(made):
    members = made.tables["members"]
    bad = set(made.planted.filter(pl.col("code") == "bad_id_number", pl.col("table") == "households")["id"])
    for number, household in members.select("id_number", "household_id").rows():
        assert number.startswith(COUNTY)
        assert 984 <= int(number[14:17]) <= 995
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        assert (check_character(number[:17]) == number[17]) or household in bad
    wrong = [n for n in members["id_number"] if check_character(n[:17]) != n[17]]
    assert len(wrong) == len(bad)


def test_identity_numbers_follow_the_standard_and_never_repeat():
    assert check_character("11010519491231002") == "X"
    assert check_character(wrong_check("11010519491231002X")[:17]) != wrong_check("11010519491231002X")[17]
    numbers = Numbers(0)
    drawn = [numbers.issue(0, male=True)[0] for _ in range(500)]
    assert len(set(drawn)) == 500
    assert all(int(number[16]) % 2 for number in drawn)
    assert int(Numbers(MOST_TILES - 1).issue(0, male=False)[0][14:17]) < 12
    with pytest.raises(ValueError, match="tiles"):
        Numbers(MOST_TILES)


def test_nothing_happens_after_the_day_it_is_told_up_to(made):
    for table, column in (("events", "on"), ("subsidies", "paid_on"), ("transfers", "on"), ("fund", "on")):
        assert made.tables[table][column].max() <= made.as_of
    assert made.tables["loans"]["contract_on"].max() <= made.as_of


def test_no_balance_is_ever_negative(made):
    sign = {"disbursed": 1, "repaid": -1, "compensated": -1, "written_off": -1}
    moved = (
        made.tables["events"]
        .filter(pl.col("kind").is_in(list(sign)))
        .with_columns(
            (pl.col("kind").replace_strict(sign, return_dtype=pl.Int64) * pl.col("amount_fen")).alias("delta")
        )
    )
    running = moved.sort("loan_id", "on", maintain_order=True).with_columns(
        pl.col("delta").cum_sum().over("loan_id")
    )
    assert running["delta"].min() == 0


def test_unplanted_borrowers_stand_on_the_right_roster_when_they_apply(made):
    roster = made.tables["roster"]
    asked = unplanted(made).select("loan_id", "household_id", "product", "applied_on", "contract_on")
    assert (asked["applied_on"] <= asked["contract_on"]).all()
    for product, categories in CATEGORIES.items():
        mine = asked.filter(pl.col("product") == product)
        listed = mine.join(
            roster.filter(pl.col("category").is_in(list(categories))), on="household_id"
        ).filter(
            pl.col("listed_on") <= pl.col("applied_on"),
            pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("applied_on")),
        )
        assert mine["loan_id"].is_in(listed["loan_id"].implode()).all(), product


def test_unplanted_households_have_one_live_loan_and_top_ups(made):
    events = made.tables["events"]
    last = (
        events.filter(pl.col("kind").is_in(["repaid", "written_off"]))
        .group_by("loan_id")
        .agg(pl.col("on").max().alias("until"))
    )
    ends = unplanted(made).join(last, on="loan_id", how="left").sort("household_id", "contract_on")
    alone = ends.filter(pl.col("kind") != "top_up").with_columns(
        pl.col("until").shift(1).over("household_id").alias("before"),
        pl.int_range(pl.len()).over("household_id").alias("place"),
    )
    later = alone.filter(pl.col("place") > 0)
    assert later.height > 50
    assert (later["before"] <= later["contract_on"]).all()


def test_the_local_circulars_join_the_installed_packs():
    book = load_book([PACKS])
    stack = book.stack("522728100200", "transition", date(2023, 5, 1))
    assert stack.id == "CN2021+LD2021+DEMO2021"
    assert book.stack("522728100200", "assistance", date(2026, 6, 24)).id == "CN2026+DEMO2026"
    assert book.stack("522728100200", "poverty", date(2020, 9, 1)).id == "GZ2018+DEMO2020"
    assert book.stack("522728100200", "poverty", date(2019, 9, 1)).id == "GZ2018"


def test_tiles_never_share_an_id(monkeypatch):
    monkeypatch.setattr(county, "LOANS_A_TILE", 700)
    made = build(1400, 5)
    assert made.tables["loans"].height == 1400
    assert made.tables["loans"]["loan_id"].is_unique().all()
    doubled = made.planted.filter(pl.col("code") == "duplicate_identity", pl.col("table") == "households")
    duplicated = doubled.height // 2
    members = made.tables["members"]
    assert members["id_number"].n_unique() == members.height - duplicated
    assert made.tables["households"]["area_code"].str.slice(0, 9).n_unique() == 24


def test_too_early_a_day_and_no_loans_are_refused():
    with pytest.raises(ValueError, match="2026-06-30"):
        build(100, 1, date(2025, 12, 31))
    with pytest.raises(ValueError, match="settlement"):
        build(100, 1, date(2026, 9, 23))
    with pytest.raises(ValueError, match="loans"):
        build(0, 1)


@pytest.mark.parametrize("as_of", [date(2026, 7, 31), date(2026, 9, 30), date(2026, 12, 31)])
def test_later_days_are_told_too(as_of):
    assert build(600, 2, as_of).tables["events"]["on"].max() > date(2026, 6, 30)
