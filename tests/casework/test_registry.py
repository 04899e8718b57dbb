"""The registry: lists, rosters as of any day, lead banks, deliveries, search, what is taken away."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from tests.casework.registry_made import LATER, TODAY, asked, decided, lent_to, read, sql
from tests.site import NOW


def inside(actor, act):
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        return act()


def refused(act):
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused) as why:
        act()
    return why.value.code


def test_a_page_is_sorted_by_pinyin_and_filtered(as_role):
    from bangfu.casework.registry import api as registry

    actor = as_role("bureau")

    def page(**wanted):
        return inside(
            actor, lambda: registry.households(actor=actor, wanted=registry.Wanted(**wanted), size=500)
        )

    everybody = page()
    keys = [row.pinyin for row in everybody.rows]
    assert len(keys) > 100
    assert keys == sorted(keys)
    assert [row.pinyin for row in page(sort="-pinyin").rows] == sorted(keys, reverse=True)
    first = everybody.rows[0]
    for typed in (first.head_name, first.head_name[:1], first.pinyin.translate(str.maketrans("", "", "12345 ")),
                  "".join(part[0] for part in first.pinyin.split())):  # fmt: skip
        assert first.household_id in {row.household_id for row in page(name=typed).rows}, typed
    for category in ("out_of_poverty", "margin"):
        assert all(category in row.categories for row in page(category=category).rows)
    assert sum(row.balance_fen for row in everybody.rows) > 0
    assert {row.area_code[:9] for row in page(area=first.area_code[:9]).rows} == {first.area_code[:9]}


def test_family_names_are_read_as_family_names():
    from bangfu.casework.registry.pinyin import sorted_as

    assert sorted_as("王国庆") == "wang2 guo2 qing4"
    assert sorted_as("单小明").startswith("shan4 ")
    assert sorted_as("曾伟").startswith("zeng1 ")
    assert sorted_as("") == ""


@pytest.mark.parametrize("role", ["village", "township", "bureau", "branch_officer", "county_bank"])
def test_drop_downs_hold_only_places_of_the_scope(as_role, role):
    from bangfu.casework.registry import api as registry

    actor = as_role(role)
    codes = {one.code for one in inside(actor, lambda: registry.villages(actor=actor))}
    for area in actor.scope.areas:
        assert all(code.startswith(area) for code in codes)
    seen = {row[0] for row in inside(actor, scopes)}
    assert seen <= codes or role in {"branch_officer", "county_bank"}


def scopes():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select distinct scope_area from casework_household where upper_inf(recorded)")
        return cursor.fetchall()


def test_a_roster_is_as_it_was_on_the_day_and_as_it_was_known(as_role):
    from bangfu.casework.registry import api as registry

    township, bureau = as_role("township", now=LATER), as_role("bureau", now=LATER)
    household_id, area = lent_to(township)
    category = read(bureau, household_id).categories[0]
    details = {"household_id": household_id, "category": category, "on": "2026-11-01", "reason": "graduated"}
    decided(bureau, asked(township, "roster.leave", household_id, details))

    def listed(**how):
        page = inside(
            bureau, lambda: registry.roster(actor=bureau, area=area, category=category, size=500, **how)
        )
        return household_id in {row.household_id for row in page.rows}

    assert not listed()
    assert listed(on=date(2026, 10, 31))
    assert not listed(on=date(2026, 11, 1))
    assert listed(known_at=NOW)  # before it was approved it was not known
    difference = inside(
        bureau, lambda: registry.difference(actor=bureau, earlier=date(2026, 10, 31), later=date(2026, 11, 2))
    )
    assert [row.household_id for row in difference.left] == [household_id]
    assert difference.came == ()
    counts = {
        day: sum(one.households for one in inside(bureau, lambda d=day: registry.counts(actor=bureau, on=d)))
        for day in (date(2026, 10, 31), date(2026, 11, 2))
    }
    assert counts[date(2026, 10, 31)] - counts[date(2026, 11, 2)] == 1
    named = [one.township for one in inside(bureau, lambda: registry.counts(actor=bureau))]
    assert named == sorted(named)


def test_a_wrong_entry_is_corrected_and_the_wrong_one_stays_known(as_role):
    township, bureau = as_role("township", now=LATER), as_role("bureau", now=LATER)
    household_id, _ = lent_to(township)
    entry = read(bureau, household_id).listed[0]
    details = {
        "household_id": household_id, "wrong_category": entry.category, "wrong_listed_on": str(entry.listed_on),
        "remove": "no", "category": "monitored", "listed_on": "2020-01-01", "left_on": "", "reason": "",
    }  # fmt: skip
    request = asked(township, "roster.correct", household_id, details)
    assert request.effect["rosters"][0]["code"] == "roster_entry_corrected"
    decided(bureau, request)
    now = read(bureau, household_id)
    assert any(one.category == "monitored" and one.listed_on == date(2020, 1, 1) for one in now.listed)
    assert entry in read(bureau, household_id, known_at=NOW).listed


def assignment(township: str, bank: str, **more):
    return {
        "township": township, "institution_id": bank, "replaces": "", "on": TODAY, "named_by": "示范监管分局",
        "filing_number": "示范监备〔2026〕1号", "filed_with": "示范监管局", "filed_on": TODAY,
    } | more  # fmt: skip


def test_a_township_has_one_lead_bank_with_an_outlet_there(as_role):
    from bangfu.casework.registry import api as registry

    bureau, regulator = as_role("bureau", now=LATER), as_role("regulator", now=LATER)
    (township, present), *_ = sql("select township, institution_id from casework_lead_bank order by 1")
    ask = lambda details: asked(bureau, "lead_bank.assign", township, details)  # noqa: E731
    assert refused(lambda: ask(assignment(township, "B0201"))) == "no_outlet"
    outlets = sql("select institution_id from casework_institution where area_code = %s and institution_id <> %s",
                  [township, present])  # fmt: skip
    other = outlets[0][0] if outlets else "B01"
    assert refused(lambda: ask(assignment(township, other))) == "lead_bank_taken"
    assert refused(lambda: ask(assignment("520101001", other))) == "not_in_scope"
    request = ask(assignment(township, other, replaces=present))
    assert refused(lambda: decided(bureau, request)) == "not_your_role"
    decided(regulator, request)
    found = inside(bureau, lambda: registry.lead_bank_of(township, on=bureau.on))
    assert (found.institution_id, found.filing_number) == (other, "示范监备〔2026〕1号")
    before = inside(bureau, lambda: registry.lead_bank_of(township, on=bureau.on - timedelta(days=1)))
    assert before.institution_id == present
    assert len(inside(bureau, lambda: registry.lead_bank_history(township))) == 2


def test_a_bank_that_leads_no_more_goes_on_seeing_its_borrowers(as_role):
    from bangfu.casework.registry import api as registry

    bureau, regulator = as_role("bureau", now=LATER), as_role("regulator", now=LATER)
    township, village = as_role("township", now=LATER), as_role("village", 2).place
    household_id, area = lent_to(township)
    bank = sql(
        "select institution_id from casework_loan where household_id = %s and upper_inf(recorded)",
        [household_id],
    )
    home = {
        row[0]
        for row in sql(
            "select household_id from casework_household where left(scope_area, 9) = %s", [area[:9]]
        )
    }
    details = {"household_id": household_id, "area_code": village, "on": TODAY}
    decided(bureau, asked(township, "life.move", household_id, details))
    present = sql("select institution_id from casework_lead_bank where township = %s", [area[:9]])[0][0]
    request = asked(bureau, "lead_bank.assign", area[:9], assignment(area[:9], "B01", replaces=present))
    decided(regulator, request)
    officer = as_role("branch_officer", now=LATER)
    seen = {row.household_id for row in inside(
        officer, lambda: registry.households(actor=officer, wanted=registry.Wanted(), size=500)).rows}  # fmt: skip
    owing = {row[0] for row in sql("select household_id from casework_loan where institution_id = any(%s)",
                                   [list(officer.scope.institutions)])}  # fmt: skip
    assert seen == owing
    assert not home <= seen
    if bank[0][0] in officer.scope.institutions:
        assert household_id in seen


def test_postgresql_itself_refuses_a_second_lead_bank(as_role):
    from django.db import IntegrityError, connection

    actor = as_role("bureau")
    (township,) = sql("select township from casework_lead_bank order by 1")[0]
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        inside(
            actor,
            lambda: cursor.execute(
                "insert into casework_lead_bank (township, institution_id, valid, named_by, filing_number, filed_with,"
                " filed_on, recorded, recorded_by) values (%s, 'B02', '[2022-01-01,)', '', '', '', now(),"
                " tstzrange(now(), null), 0)",
                [township],
            ),
        )


def test_the_rosters_are_delivered_once_a_quarter_with_their_hash(as_role):
    import openpyxl

    from bangfu.casework.documents import api as documents
    from bangfu.casework.registry import api as registry
    from bangfu.casework.registry.rosters import townships_led_by

    bureau, bank = as_role("bureau", now=LATER), as_role("county_bank", now=LATER)
    due = inside(bureau, lambda: registry.due(actor=bureau))
    assert due
    assert all(one.delivery is None for one in due)
    wanted = due[0].institution_id
    made = inside(bureau, lambda: registry.deliver(actor=bureau, institution_id=wanted))
    assert made.as_of == date(2026, 10, 1)
    again = lambda: inside(bureau, lambda: registry.deliver(actor=bureau, institution_id=wanted))  # noqa: E731
    assert refused(again) == "delivered_already"
    other = lambda: inside(bureau, lambda: registry.deliver(actor=bureau, institution_id="B02"))  # noqa: E731
    assert refused(other) == "nothing_to_deliver"
    assert (
        refused(lambda: inside(bank, lambda: registry.deliver(actor=bank, institution_id=wanted)))
        == "not_your_role"
    )
    led = inside(bureau, lambda: townships_led_by(wanted, on=made.as_of))
    assert set(made.counts) == set(led)
    _, content = inside(bank, lambda: documents.content_of(actor=bank, file_id=made.file_id))
    lines = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=3, values_only=True))
    assert len(lines) == made.households
    assert {line[2][:9] for line in lines} <= set(led)
    _, paper = inside(bank, lambda: documents.content_of(actor=bank, file_id=made.paper_id))
    assert paper.startswith(b"%PDF")
    answered = inside(bank, lambda: registry.acknowledge(actor=bank, delivery_id=made.id))
    assert answered.acknowledged_name == bank.name
    assert (
        refused(lambda: inside(bank, lambda: registry.acknowledge(actor=bank, delivery_id=made.id)))
        == "already_decided"
    )
    next_bank = as_role("county_bank", 2, now=LATER)
    gone = lambda: inside(next_bank, lambda: registry.acknowledge(actor=next_bank, delivery_id=made.id))  # noqa: E731
    assert refused(gone) == "not_in_scope"


def test_what_waits_is_in_the_queue(as_role):
    from bangfu.casework.people.queue import waiting

    township, bureau = as_role("township", now=LATER), as_role("bureau", now=LATER)
    household_id, _ = lent_to(township)
    category = read(bureau, household_id).categories[0]
    details = {"household_id": household_id, "category": category, "on": TODAY, "reason": "moved"}
    asked(township, "roster.leave", household_id, details)
    titles = [item.title.en for item in inside(bureau, lambda: waiting(bureau)).items]
    assert titles.count("Decide a request") == 1
    assert "Deliver the rosters" in titles


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1"])
def test_no_cell_is_a_formula(text):
    import openpyxl

    from bangfu.casework.documents.workbooks import Heading, workbook
    from bangfu.casework.words import Words

    made = workbook(
        title="名单", mark_line=text, headings=[Heading(Words("户主", "Head")), Heading(Words("元", "yuan"), fen=True)],
        lines=[(text, 1_234_567)], made_at=NOW,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert all(not str(cell.value).lstrip().startswith(("=", "+", "-", "@")) for cell in cells if cell.value)
    assert sheet["B3"].value == pytest.approx(12345.67)


def test_search_finds_what_is_in_scope_by_the_same_number_of_questions(as_role):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.casework.registry import api as registry

    actor, other = as_role("township"), as_role("township", 2)
    household_id, area = lent_to(actor)
    home = read(actor, household_id)
    loan = home.loans[0].loan_id
    village = sql("select name from casework_area where code = %s", [area])[0][0]
    for typed, kind in (
        (home.head_name, "household"),
        (loan, "loan"),
        (household_id, "household"),
        (village, "village"),
    ):
        found = inside(actor, lambda t=typed: registry.search(actor=actor, typed=t))
        assert kind in {one.kind for one in found}, typed
        there = inside(other, lambda t=typed: registry.search(actor=other, typed=t))
        assert household_id not in {one.id for one in there}
        assert loan not in {one.id for one in there}
    counts = set()
    for typed in (home.head_name, home.head_name[:1], "没有这个人", loan):
        with CaptureQueriesContext(connection) as seen:
            inside(actor, lambda t=typed: registry.search(actor=actor, typed=t))
        counts.add(len(seen))
    assert max(counts) - min(counts) <= 1  # places of nothing are not asked for


def test_every_table_of_a_household_can_follow_it(site):
    """A new table with rows of a household must be able to go along when the household moves."""
    from bangfu.casework.database.protection import models_protected
    from bangfu.casework.registry.following import _tables

    known = {table.name for table in _tables()} | {"casework_household", "casework_member"}
    never = {  # rows of banks and townships, or what was said at the time
        "casework_roster_delivery", "casework_acknowledgement", "casework_filing", "casework_import_batch",
        "casework_import_step", "casework_loan_standing",  # the last PostgreSQL keeps itself, from the loans
    }  # fmt: skip
    for model, protection in models_protected():
        columns = {field.column for field in model._meta.concrete_fields}
        if {"scope_area", "household_id"} <= columns and model._meta.db_table not in never:
            says = protection.stays != (model._meta.db_table in known)
            assert says, f"{model.__name__}: say follows=True, or stays=True"
