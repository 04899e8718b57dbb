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
        listed = registry.roster(actor=bureau, area=target).total
        assert registry.roster(actor=bureau, area=code).total == listed > 0
        found = registry.search(actor=bureau, typed=code)
        assert [one.id for one in found if one.kind == "village"] == [target]


def merged(people, as_role, old: str, new: str) -> None:
    details = {"code": old, "into_code": new, "on": TODAY}
    decided(as_role("bureau", 2, now=LATER), asked(people["bureau"], "area.merge", old, details))


def test_who_holds_the_place_that_took_a_village_over_sees_what_was_made_for_it(people, as_role):
    """Decision 0059: monthly lists with their files, the trail, households as of the days before."""
    from datetime import timedelta

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.documents import api as documents
    from bangfu.casework.origination import api as origination
    from bangfu.casework.people import api as accounts

    old, new = as_role("village").place, as_role("village", 2).place
    site = as_role("bureau")
    with entered(Scope(everything=True)):
        file = documents.keep(
            actor=site, subject=("filing", "F"), kind="monthly_list", name="清单.pdf", content=b"%PDF-1.7\n%%EOF",
            made_by_us=True, scope_area=old, institution_id="B0101",
        )  # fmt: skip
    sql(
        "insert into casework_filing (id, kind, month, file_id, from_on, to_on, content_hash, counts, filed_by,"
        " filed_name, at, scope_area, institution_id) values (gen_random_uuid(), 'village_list', '2026-10-01', %s,"
        " '2026-10-01', '2026-10-31', 'h', '{}', 1, '周建华', now(), %s, 'B0101') returning id", [file.id, old],
    )  # fmt: skip
    home = sql("select household_id from casework_household where scope_area = %s order by 1", [old])[0][0]

    def seen_by(role: str, number: int = 1) -> tuple[int, int, int, bool]:
        actor = as_role(role, number, now=LATER)
        with entered(actor.scope):
            lists = len(origination.filings(actor=actor)) if role != "branch_officer" else -1
            files = len(documents.files_of(subject=("filing", "F")))
        acts = _mine(actor, "select count(*) from casework_trail_row where scope_area = %s", [old])
        day = actor.on - timedelta(days=1)
        rows = _mine(
            actor,
            "select count(*) from casework_household where household_id = %s and upper_inf(recorded) and valid @> %s",
            [home, day],
        )
        return lists, files, min(acts, 1), bool(rows)

    assert seen_by("village") == (1, 1, 1, True)
    assert seen_by("village", 2) == (0, 0, 0, False)
    assert seen_by("township", 2) == (0, 0, 0, False)
    assert seen_by("branch_officer", 2)[3] is False
    merged(people, as_role, old, new)
    for role, number in (("village", 1), ("village", 2), ("township", 2)):
        assert seen_by(role, number) == (1, 1, 1, True), (role, number)
    assert seen_by("branch_officer", 2)[3] is True  # leads there: the rosters of the days before go with it
    villages = {code for (code,) in sql("select code from casework_area where length(code) = 12")}
    elsewhere = min(villages - {old, new})
    scope = accounts.scope_of(1, accounts.Held(0, "village", elsewhere), on=people["bureau"].on)
    assert scope.areas_before == ()


def _mine(actor, text: str, given) -> int:
    """A count as somebody sees it, by row-level security alone."""
    from django.db import connection

    from bangfu.casework.database.session import entered

    with entered(actor.scope), connection.cursor() as cursor:
        cursor.execute(text, list(given))
        return cursor.fetchone()[0]


def test_an_ended_code_is_given_to_no_other_village_but_back_to_its_own(people, as_role):
    from bangfu.casework.database.refusals import Refused

    other = as_role("bureau", 2, now=LATER)
    first, second, third = (
        code for (code,) in sql("select code from casework_area where length(code) = 12 order by 1 limit 3")
    )

    def renamed(code: str, new_code: str) -> None:
        details = {"code": code, "name": "新名村", "new_code": new_code, "on": TODAY}
        decided(other, asked(people["bureau"], "area.rename", code, details))

    fresh = first[:9] + "990"
    renamed(first, fresh)
    with pytest.raises(Refused) as refused:
        renamed(second, first)
    assert (refused.value.code, refused.value.field) == ("duplicate", "new_code")
    merged(people, as_role, fresh, third)
    from bangfu.casework.people import api as accounts

    scope = accounts.scope_of(1, accounts.Held(0, "village", third), on=people["bureau"].on)
    assert scope.areas_before == (first, fresh)  # at second hand too
    renamed(third, first)
    assert sql("select count(*) from casework_household where scope_area = %s and upper_inf(recorded)"
               " and upper_inf(valid)", [third]) == [(0,)]  # fmt: skip
