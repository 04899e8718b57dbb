"""Lives go on: after each event what was known yesterday is unchanged, nothing is lost, and no balance moved."""

from __future__ import annotations

import pytest
from tests.casework.registry_made import (
    LATER,
    TODAY,
    asked,
    balances,
    decided,
    facts,
    lent_to,
    read,
    sql,
)

VALID_ID = "522728202611200015"


def number(first_seventeen: str) -> str:
    from bangfu.facts.identity import check_digit_of

    return first_seventeen + check_digit_of(first_seventeen)


def members_of(household_id):
    return sql(
        "select member_id, relation, name from casework_member where household_id = %s and upper_inf(recorded)"
        " and upper_inf(valid) and deceased_on is null order by relation = 'head' desc, member_id", [household_id],
    )  # fmt: skip


def others(household_id, area):
    """Another household of the village, and another village of the county with its township."""
    home = sql(
        "select household_id from casework_household where left(scope_area, 9) = %s and household_id <> %s"
        " and upper_inf(recorded) and upper_inf(valid) order by 1 limit 1", [area[:9], household_id],
    )[0][0]  # fmt: skip
    village = sql(
        "select code from casework_area where length(code) = 12 and left(code, 9) <> %s order by 1 limit 1",
        [area[:9]],
    )[0][0]
    return home, village


def event(name: str, household_id: str, area: str):
    """(kind, details) of a life event of a household."""
    people = members_of(household_id)
    head, second, third = people[0][0], people[1][0], people[2][0]
    home, village = others(household_id, area)
    at = {"household_id": household_id, "on": TODAY}
    return {
        "birth": (
            "life.birth",
            at | {"name": "新生儿", "relation": "child", "id_number": number("52272820261120001")},
        ),
        "enters": ("life.enters", at | {"name": "新媳妇", "relation": "spouse", "id_number": ""}),
        "leaves": ("life.leaves", at | {"member_id": third}),
        "death": ("life.death", at | {"member_id": second, "new_head_id": ""}),
        "death_of_head": ("life.death", at | {"member_id": head, "new_head_id": second}),
        "split": ("life.split", at | {"members": [second, third], "new_head_id": second}),
        "merge": ("life.merge", at | {"into_household_id": home}),
        "move": ("life.move", at | {"area_code": village}),
        "move_out": ("life.move", at | {"area_code": ""}),
        "name": ("life.correct_person", {"household_id": household_id, "member_id": head, "name": "改名人"}),
        "number": (
            "life.correct_person",
            {
                "household_id": household_id,
                "member_id": head,
                "name": "",
                "id_number": number("52272819800101001"),
            },
        ),
    }[name]


EVENTS = (
    "birth",
    "enters",
    "leaves",
    "death",
    "death_of_head",
    "split",
    "merge",
    "move",
    "move_out",
    "name",
    "number",
)


@pytest.fixture
def people(as_role):
    return {name: as_role(name, now=LATER) for name in ("township", "bureau")} | {
        "next": as_role("township", 2, now=LATER)
    }


@pytest.mark.parametrize("name", EVENTS)
def test_yesterday_is_unchanged_and_nothing_is_lost(people, name):
    from tests.site import NOW

    household_id, area = lent_to(people["township"])
    known_before, money_before = facts(known_at=NOW), balances()
    loans_before = sql("select count(distinct loan_id) from casework_loan where upper_inf(recorded)")
    as_of = facts(on=people["bureau"].on.replace(day=1))
    kind, details = event(name, household_id, area)
    request = asked(people["township"], kind, household_id, details)
    done = decided(people["bureau"], request)
    assert done.decided_effect == request.effect  # shown is done
    assert facts(known_at=NOW) == known_before
    assert balances() == money_before
    assert sql("select count(distinct loan_id) from casework_loan where upper_inf(recorded)") == loans_before
    if name not in {
        "name",
        "number",
        "merge",
    }:  # a correction says it never was so; a merger counts loans together
        after = facts(on=people["bureau"].on.replace(day=1))
        assert [row[0] for row in after["households"]] == [row[0] for row in as_of["households"]]
        assert {row[:3] for row in after["members"]} == {row[:3] for row in as_of["members"]}
        assert after["loans"] == as_of["loans"]
    seen = read(people["bureau"], household_id)
    assert seen.household_id == household_id


def test_a_move_takes_everything_along_but_the_place_at_signing(people):
    household_id, area = lent_to(people["township"])
    signed = sql(
        "select area_code from casework_loan where household_id = %s and upper_inf(recorded)", [household_id]
    )
    kind, details = event("move", household_id, area)
    decided(people["bureau"], asked(people["township"], kind, household_id, details))
    new = details["area_code"]
    for table in ("casework_loan", "casework_roster_entry", "casework_fact_row"):
        assert sql(f"select count(*) from {table} where household_id = %s and upper_inf(recorded) and scope_area <> %s",
                   [household_id, new]) == [(0,)], table  # fmt: skip
    for table in ("casework_loan_event", "casework_personal_datum", "casework_dealings"):
        assert sql(
            f"select count(*) from {table} where household_id = %s and scope_area <> %s", [household_id, new]
        ) == [(0,)], table
    assert signed == sql(
        "select area_code from casework_loan where household_id = %s and upper_inf(recorded)", [household_id]
    )
    home = read(people["bureau"], household_id)
    assert home.area_code == new
    assert len(home.members) >= 3
    if new.startswith(people["next"].place):
        assert read(people["next"], household_id).members == home.members


def test_a_new_number_goes_to_the_vault_and_the_old_one_still_finds_its_person(people):
    from bangfu.casework.database.session import entered
    from bangfu.casework.registry import api as registry

    household_id, area = lent_to(people["township"])
    kind, details = event("number", household_id, area)
    request = asked(people["township"], kind, household_id, details)
    assert "id_number" not in request.details
    assert details["id_number"] not in str(
        sql("select details::text, effect::text from casework_change_request")
    )
    decided(people["bureau"], request)
    with entered(people["bureau"].scope):
        (found,) = registry.search(actor=people["bureau"], typed=details["id_number"])
    assert found.id == household_id
    assert details["id_number"] not in str(sql("select content::text from casework_trail_row"))
    with entered(people["next"].scope):
        assert registry.search(actor=people["next"], typed=details["id_number"]) == ()


def test_a_merger_counts_the_loans_of_both_together(people):
    from bangfu.casework.as_facts.api import facts_of_household

    household_id, area = lent_to(people["township"])
    kind, details = event("merge", household_id, area)
    loans = read(people["bureau"], household_id).loans
    before = len(read(people["bureau"], details["into_household_id"]).loans)
    decided(people["bureau"], asked(people["township"], kind, household_id, details))
    into = read(people["bureau"], details["into_household_id"])
    assert len(into.loans) == before + len(loans)
    assert read(people["bureau"], household_id).ended
    found = facts_of_household(details["into_household_id"])
    standing = sql("select count(*) from casework_loan_standing where household_id = %s", [household_id])
    assert standing == [(0,)]
    assert set(found.tables["loans"]["loan_id"]) >= {one.loan_id for one in loans}
    assert set(found.tables["loans"]["loan_id"]) >= set(found.tables["events"]["loan_id"])


@pytest.mark.parametrize("how", ["rename", "recode", "merge"])
def test_a_village_renamed_or_merged_loses_nothing(people, as_role, how):
    from tests.site import NOW

    from bangfu.casework.database.session import entered
    from bangfu.casework.registry import api as registry

    bureau, other = people["bureau"], as_role("bureau", 2, now=LATER)
    code = sql("select code from casework_area where length(code) = 12 order by code")[0][0]
    into = sql(
        "select code from casework_area where length(code) = 12 and left(code, 9) = %s order by code",
        [code[:9]],
    )
    target = {"rename": code, "recode": code[:9] + "990", "merge": into[1][0]}[how]
    known_before, money = facts(known_at=NOW), balances()
    homes = sql("select count(*) from casework_household where scope_area in (%s, %s) and upper_inf(recorded)"
                " and upper_inf(valid)", [code, target])  # fmt: skip
    if how == "merge":
        kind, details = "area.merge", {"code": code, "into_code": target, "on": TODAY}
    else:
        kind, details = "area.rename", {"code": code, "name": "新名村", "new_code": target, "on": TODAY}
    decided(other, asked(bureau, kind, code, details))
    assert facts(known_at=NOW) == known_before
    assert balances() == money
    assert homes == sql("select count(*) from casework_household where scope_area = %s and upper_inf(recorded)"
                        " and upper_inf(valid)", [target])  # fmt: skip
    if how != "rename":
        left = sql("select count(*) from casework_loan where scope_area = %s and upper_inf(recorded)", [code])
        assert left == [(0,)]
        assert sql(
            "select count(*) from casework_grant where place = %s and upper_inf(recorded)", [code]
        ) == [(0,)]
    with entered(bureau.scope):
        by_old = registry.households(actor=bureau, wanted=registry.Wanted(area=code))
        assert by_old.total == homes[0][0]
        found = registry.search(actor=bureau, typed=code)
        assert [one.id for one in found if one.kind == "village"] == [target]
