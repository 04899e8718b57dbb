"""Who computes and gives a list: a branch its own, a bank without branches what it lent itself (LD2021-6)."""

from __future__ import annotations

from datetime import date

import pytest
from tests.casework.cycles import COUNTY, KNOWN, opened, rewritten
from tests.casework.subsidies_made import BEGAN, GIVEN, PERIOD, everything, moment, office
from tests.site import NOW

__all__ = ["office"]
SMALL_BANK, ITS_BRANCH = "B03", "B0301"


def institution(institution_id, kind, parent=None):
    from django.db import connection

    with everything(), connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_institution (institution_id, kind, name, parent_id, area_code, valid, recorded,"
            " recorded_by) values (%s, %s, %s, %s, %s, '[2014-01-01,)', tstzrange(%s, null), 0)",
            [institution_id, kind, f"示范村镇银行{institution_id}", parent, COUNTY, NOW],
        )


@pytest.fixture
def small_bank(in_county):
    """A bank without branches that lent the first township's loans, and its two people: at a moment."""
    from django.db import connection

    from bangfu.casework.database.actor import Actor, day_of
    from bangfu.casework.people import api as people

    institution(SMALL_BANK, "bank")
    with everything(), connection.cursor() as cursor:
        cursor.execute(
            "select loan_id from casework_loan where upper_inf(recorded) and not ordinary and area_code like %s"
            " and institution_id = 'B0101'",
            [f"{COUNTY}%"],
        )
        for (loan_id,) in cursor.fetchall():
            rewritten(loan_id, institution_id=SMALL_BANK)
        site = Actor.site(now=moment(BEGAN))
        accounts = []
        for number in (1, 2):
            account, _ = people.open_account(
                actor=site, username=f"small-bank{number}", name=f"柜员{'甲乙'[number - 1]}"
            )
            people.grant_role(
                actor=site,
                account_id=account,
                role="county_bank",
                place=SMALL_BANK,
                valid_from=date(2014, 1, 1),
            )
            accounts.append(account)

    def person(number, day=BEGAN):
        now = moment(day)
        with everything():
            (held,) = people.held_by(accounts[number - 1], on=day_of(now))
            return people.actor_for(
                account_id=accounts[number - 1], name=f"柜员{'甲乙'[number - 1]}", held=held, now=now,
                on=day_of(now),
            )  # fmt: skip

    return person


def does(actor, call, **given):
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        return call(actor=actor, **given)


def test_a_bank_without_branches_gives_its_own_list_by_two_people(small_bank, as_role):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import queue
    from bangfu.casework.subsidies import api as subsidies

    site = Actor.site(now=moment(BEGAN))
    cycle = does(site, opened, period=PERIOD, known_at=KNOWN)
    first, second = small_bank(1), small_bank(2, GIVEN)
    lists = does(first, subsidies.compute_cycle, cycle_id=cycle.id, known_at=KNOWN)
    assert {one.institution_id for one in lists} == {SMALL_BANK}
    mine = next(one for one in lists if one.open.lines)
    with entered(first.scope):
        said = [str(one.title) for one in queue.waiting(first).items if one.url == "subsidy-list"]
    assert said
    seen = does(second, subsidies.opened_list, list_id=mine.id).seen_hash
    with everything():  # the site computed it, with the cycle: now somebody of the bank does
        from bangfu.casework.subsidies.models import SubsidyRun

        was = SubsidyRun.objects.get(subsidy_list_id=mine.id)
        fields = {one.attname: getattr(was, one.attname) for one in SubsidyRun._meta.concrete_fields}
        SubsidyRun.objects.create(
            **fields | {"id": cycle.id, "number": was.number + 1, "made_by": first.account_id}
        )
    with pytest.raises(Refused, match="own_step") as told:
        does(small_bank(1, GIVEN), subsidies.submit_list, list_id=mine.id, seen_hash=seen)
    assert told.value.facts["others"].zh == "柜员乙（县联社）"
    assert does(second, subsidies.submit_list, list_id=mine.id, seen_hash=seen).state == "township_review"
    branch = as_role("branch_manager", now=moment(GIVEN))
    with pytest.raises(Refused, match="not_in_scope"):
        does(branch, subsidies.opened_list, list_id=mine.id)


def test_a_bank_does_not_act_for_its_branches(office):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.people import queue
    from bangfu.casework.subsidies import api as subsidies

    bank = office.person("county_bank", day=GIVEN)
    told = does(bank, subsidies.opened_list, list_id=office.list_id)
    assert told.view.state == "branch_list"
    line = office.lines()[0]
    for call, given in (
        (subsidies.compute, {"list_id": office.list_id}),
        (subsidies.submit_list, {"list_id": office.list_id, "seen_hash": told.seen_hash}),
        (subsidies.act_on_line, {"line_id": line.id, "kind": "explained", "reason": "银行多报"}),
    ):
        with pytest.raises(Refused, match="branch_gives_it") as refused:
            does(bank, call, **given)
        assert refused.value.clauses == ("LD2021-6",)
    runs = told.view.run_number
    does(bank, subsidies.compute_cycle, cycle_id=office.cycle_id, known_at=KNOWN)
    assert office.view().run_number == runs
    with everything():
        assert not [one for one in queue.waiting(bank).items if one.url == "subsidy-list"]


def test_once_it_has_a_branch_the_banks_own_loans_lie_with_nobody(small_bank):
    """Loans of a file that names no branch, at a bank that has some, stand on no list, by name (as before)."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.subsidies import api as subsidies

    institution(ITS_BRANCH, "branch", SMALL_BANK)
    site = Actor.site(now=moment(BEGAN))
    plan = does(
        site,
        subsidies.plan_cycle,
        county=COUNTY,
        rhythm="quarter",
        start=PERIOD[0],
        end=PERIOD[1],
        known_at=KNOWN,
    )
    assert plan.without_branch > 0
    assert SMALL_BANK not in {one.institution_id for one in plan.lists}


def test_the_pages_show_the_doors_only_to_who_gives_the_list(office, client_of):
    page = f"/subsidies/lists/{office.list_id}/"
    doors = (f"{page}submit/", f"{page}compute/")
    for role, seen in (("county_bank", False), ("branch_manager", True)):
        answer = client_of(role).get(page)
        assert answer.status_code == 200
        assert [door in answer.content.decode() for door in doors] == [seen, seen], role
