"""The steps of a list: who, in which order, on what was seen; one of two wins; what is held waits alone."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest
from tests.casework.subsidies_made import (
    BEGAN,
    CLOSED,
    CONFIRMED,
    GIVEN,
    POSTED,
    REVIEWED,
    SUBMITTED,
    at_once,
    everything,
    office,
    signed,
)

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "subsidies.md"
__all__ = ["office"]


def test_a_list_goes_from_the_branch_to_payment(office):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.budgets.models import BudgetEntry
    from bangfu.casework.subsidies import api as subsidies

    before = office.view()
    assert (before.state, before.open.lines, before.due_on) == ("branch_list", 3, date(2022, 9, 30))
    office.confirmed()
    after = office.view()
    assert after.state == "payment"
    assert after.due_on == date(2022, 10, 31)
    assert after.open == before.open
    with everything():
        acts = subsidies.acts_of(office.list_id)
        entries = list(BudgetEntry.objects.all())
        told = trail.history(("subsidy_list", office.list_id))
    assert [(one.step, one.outcome, one.done_role) for one in acts] == [
        ("branch_list", "forward", "branch_manager"),
        ("township_review", "forward", "township"),
        ("public_notice", "forward", "township"),
        ("township_submission", "forward", "township"),
        ("county_confirmation", "forward", "bureau"),
    ]
    assert {one.lines for one in acts} == {3}
    assert acts[3].signed == {"principal": "王书记", "responsible": "李镇长", "on": "2022-10-10"}
    assert {one.source: one.amount_fen for one in entries} == {
        payer: fen for payer, fen in after.open.payable_by.items() if fen
    }
    assert {(one.credit, one.debit, one.year, one.subject) for one in entries} == {
        ("available", "committed", 2022, f"subsidy_list:{office.list_id}")
    }
    assert len([one for one in told if one.act == "subsidy.forwarded"]) == 5


def test_who_computed_a_list_does_not_give_it(office):
    from bangfu.casework.subsidies.models import SubsidyRun

    manager = office.person("branch_manager", day=GIVEN)
    with everything():
        was = SubsidyRun.objects.get(subsidy_list_id=office.list_id)
    fields = {one.attname: getattr(was, one.attname) for one in SubsidyRun._meta.concrete_fields}
    with everything():
        SubsidyRun.objects.create(
            **fields | {"id": office.cycle_id, "number": 2, "made_by": manager.account_id}
        )
    refusal = office.refused("own_step", "submit_list", GIVEN)
    assert "谭云珍" in str(refusal.facts["others"])
    assert "黄丽华" not in str(refusal.facts["others"])
    office.act("submit_list", GIVEN, by=("branch_manager", 3))
    assert office.view().state == "township_review"


def test_a_list_that_was_not_computed_is_not_given(office):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.subsidies.models import ListStage, SubsidyList

    with everything():
        was = SubsidyList.objects.get(pk=office.list_id)
        other = SubsidyList.objects.create(
            id=office.cycle_id, cycle_id=was.cycle_id, township="522728199", institution_id=was.institution_id,
            scope_area=was.scope_area, opened_at=was.opened_at,
        )  # fmt: skip
        ListStage.objects.create(
            subsidy_list=other, number=1, state="branch_list", recorded=(was.opened_at, None),
            scope_area=was.scope_area, institution_id=was.institution_id,
        )  # fmt: skip
    with pytest.raises(Refused, match="not_computed"):
        office.act("submit_list", GIVEN, list_id=other.pk)


def test_what_was_not_seen_is_not_decided(office):
    office.posted()
    seen, line = office.seen(), office.lines()[0]
    office.on_line("held", line, POSTED)
    office.refused("content_changed", "close", CLOSED, seen=seen)
    office.act("close", CLOSED)


def test_nobody_does_two_steps_and_the_refusal_says_who_else_may(office):
    office.closed()
    refusal = office.refused("own_step", "submit", SUBMITTED, by=("township", 1), signed=signed())
    assert refusal.facts["others"].zh == "杨文军（乡镇（街道）审核）"
    office.act("submit", SUBMITTED, signed=signed())


def test_where_a_township_has_one_person_the_refusal_says_what_to_do(office):
    from bangfu.casework.people import api as people

    alone = office.person("township", 2, day=SUBMITTED)
    with everything():
        told = people.own_step(actor=alone, act="subsidy.submit", places=(alone.place,))
        of_both = people.who_else(
            actor=alone, act="subsidy.submit", places=(office.person("township").place,)
        )
    assert "管理员另授一人" in told.facts["others"].zh
    assert len(of_both) == 2


def test_each_step_is_refused_where_the_list_stands_elsewhere(office):
    office.refused("wrong_stage", "review", REVIEWED, outcome="forward")
    office.refused("wrong_stage", "confirm", CONFIRMED)
    office.given()
    office.refused("already_decided", "submit_list", GIVEN, by=("branch_manager", 3))
    office.refused("not_your_role", "review", REVIEWED, by=("bureau", 1), outcome="forward")
    office.refused("not_in_scope", "review", REVIEWED, by=("township", 2), outcome="forward")
    office.refused("bad_field", "review", REVIEWED, outcome="perhaps")
    office.refused("reason_missing", "review", REVIEWED, outcome="return")


def test_a_returned_list_begins_anew_and_the_same_people_may_do_their_steps_again(office):
    office.closed()
    office.act("submit", SUBMITTED, outcome="return", opinion="金额有疑问")
    assert office.view().state == "branch_list"
    office.refused(
        "already_decided", "submit", SUBMITTED, by=("township", 1), outcome="return", opinion="再看"
    )
    office.given()
    office.act("review", (2022, 10, 11), by=("township", 3), outcome="forward")
    office.act("post", (2022, 10, 11), kind="before")
    office.act("close", (2022, 10, 22))
    office.act("submit", (2022, 10, 22), by=("township", 1), signed=signed())
    assert office.view().state == "county_confirmation"


def test_lines_that_fail_the_review_are_held_and_wait_for_the_next_cycle(office):
    from bangfu.casework.budgets.models import BudgetEntry
    from bangfu.casework.subsidies.models import LineAct, LineCheck

    office.given()
    wrong, *_ = office.lines()
    office.refused("bad_field", "review", REVIEWED, outcome="forward", failed={wrong.id: {"beauty"}})
    office.refused("bad_field", "review", REVIEWED, outcome="forward", failed={office.cycle_id: {"identity"}})
    office.act("review", REVIEWED, outcome="forward", failed={wrong.id: {"identity", "right"}})
    (held,) = office.lines("held")
    assert (held.id, held.status_reason) == (wrong.id, "乡镇审核不符：农户身份、是否符合贴息政策")
    with everything():
        checks = {one.line_id: (one.identity, one.amount, one.right) for one in LineCheck.objects.all()}
    assert checks[wrong.id] == (False, True, False)
    assert sorted(checks.values()) == [(False, True, False), (True, True, True), (True, True, True)]
    office.act("post", POSTED, kind="before")
    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, signed=signed())
    office.act("confirm", CONFIRMED)
    (carried,) = office.lines("carried")
    assert carried.id == wrong.id
    assert carried.status_reason.startswith("确认时仍暂缓，结转下期：乡镇审核不符")
    with everything():
        act = LineAct.objects.filter(line_id=wrong.id).latest("id")
        committed = sum(BudgetEntry.objects.values_list("amount_fen", flat=True))
    assert (act.kind, act.source, act.done_role) == ("carried", "confirmation", "bureau")
    assert committed == sum(one.payable_fen for one in office.lines("open")) == office.view().open.payable_fen


def test_nobody_decides_about_their_own_household(office):
    from bangfu.casework.origination import api as origination
    from bangfu.casework.subsidies import api as subsidies

    office.given()
    mine, other, _ = office.lines()
    reviewer = office.person("township", day=REVIEWED)
    office.does(reviewer, origination.declare_own_household, household_id=mine.household_id)
    refusal = office.refused("own_step", "review", REVIEWED, outcome="forward")
    assert refusal.facts["number"] == str(mine.number)
    assert "杨文军" in str(refusal.facts["others"])
    colleague = office.person("township", 3, day=REVIEWED)
    office.does(colleague, subsidies.check_lines, list_id=office.list_id, failed={mine.id: {"amount"}})
    office.act("review", REVIEWED, outcome="forward")
    (held,) = office.lines("held")
    assert held.id == mine.id
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused, match="own_step"):
        office.on_line("released", mine, REVIEWED, by=("township", 1))
    office.on_line("held", other, REVIEWED, by=("township", 1))


def test_who_bears_a_name_on_the_list_states_that_it_is_another(office):
    from dataclasses import replace

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.subsidies import api as subsidies

    office.given()
    line, *_ = office.lines()
    namesake = replace(office.person("township", day=REVIEWED), name=line.borrower_name)
    given = {"list_id": office.list_id, "outcome": "forward", "seen_hash": office.seen()}
    with pytest.raises(Refused, match="attestation_missing") as told:
        office.does(namesake, subsidies.review, **given)
    assert told.value.field == "not_own"
    office.does(namesake, subsidies.review, **given, not_own=True)
    with everything():
        act = subsidies.acts_of(office.list_id)[-1]
    assert act.signed == {"not_own_household": [str(line.id)]}


def test_the_submission_needs_both_leaders_and_takes_the_scanned_paper(office):
    from tests.casework.test_documents import PDF

    from bangfu.casework.subsidies import api as subsidies

    office.closed()
    office.refused("missing_field", "submit", SUBMITTED)
    office.refused("missing_field", "submit", SUBMITTED, signed=subsidies.Signed("王书记", " "))
    office.refused("bad_field", "submit", SUBMITTED, signed=subsidies.Signed("王书记", "王书记"))
    later = subsidies.Signed("王书记", "李镇长", date(2022, 10, 11))
    office.refused("in_the_future", "submit", SUBMITTED, signed=later)
    office.refused("missing_paper", "submit", SUBMITTED, signed=signed(), paper_id=office.cycle_id)
    paper = office.does(
        office.person("township", 3, day=SUBMITTED), subsidies.keep_signed_list, list_id=office.list_id,
        content=PDF, name="签章清册.pdf",
    )  # fmt: skip
    office.act("submit", SUBMITTED, signed=signed(), paper_id=paper.id)
    with everything():
        assert subsidies.acts_of(office.list_id)[-1].signed["paper"] == str(paper.id)


def test_nothing_comes_back_to_a_signed_list_and_what_leaves_it_later_frees_its_money(office):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.refusals import Refused

    first, second, third = (office.submitted(), office.lines())[1]
    office.on_line("held", first, SUBMITTED, by=("bureau", 2))
    with pytest.raises(Refused, match="wrong_stage"):
        office.on_line("released", first, SUBMITTED, by=("bureau", 2))
    office.act("confirm", CONFIRMED)
    with pytest.raises(Refused, match="clause_missing"):
        office.on_line("excluded", second, CONFIRMED, by=("bureau", 2))
    with pytest.raises(Refused, match="bad_field"):
        office.on_line("excluded", second, CONFIRMED, by=("bureau", 2), clause="LD1999-1")
    office.on_line("excluded", second, CONFIRMED, by=("bureau", 2), clause="LD2021-1.6")
    office.on_line(
        "excluded", first, CONFIRMED, by=("bureau", 2), clause="LD2021-1.6"
    )  # carried, and not taken over
    with pytest.raises(Refused, match="wrong_stage"):
        office.on_line("held", third, CONFIRMED, by=("bureau", 2))
    with everything():
        bureau = office.person("bureau", day=CONFIRMED)
        stand = {one.source: one for one in budgets.balances(actor=bureau, county="522728", year=2022)}
    assert (
        sum(one.committed_fen for one in stand.values())
        == third.payable_fen
        == office.view().open.payable_fen
    )
    assert [one.status for one in office.lines()] == ["excluded", "excluded", "open"]


def test_of_two_who_confirm_at_once_one_wins(office):
    from bangfu.casework.budgets.models import BudgetEntry
    from bangfu.casework.subsidies import api as subsidies

    office.submitted()
    seen = office.seen()
    people = [office.person("bureau", number, day=CONFIRMED) for number in (1, 2)]
    works = [
        partial(office.does, one, subsidies.confirm, list_id=office.list_id, seen_hash=seen) for one in people
    ]
    assert at_once(*works) == ["already_decided", "done"]
    with everything():
        assert BudgetEntry.objects.count() == len(
            [fen for fen in office.view().open.payable_by.values() if fen]
        )
    assert office.view().state == "payment"


def test_a_hold_and_a_confirmation_at_once_leave_no_line_between(office):
    """Either the hold came first, and the confirmation is of another content; or it is refused at its step."""
    from bangfu.casework.subsidies import api as subsidies

    office.submitted()
    seen, line = office.seen(), office.lines()[0]
    hold = partial(
        office.does, office.person("bureau", 2, day=CONFIRMED), subsidies.act_on_line, line_id=line.id,
        kind="held", reason="核实",
    )  # fmt: skip
    confirm = partial(
        office.does, office.person("bureau", day=CONFIRMED), subsidies.confirm, list_id=office.list_id,
        seen_hash=seen,
    )  # fmt: skip
    said = at_once(hold, confirm)
    assert said in (["content_changed", "done"], ["done", "wrong_stage"])
    assert office.view().state == ("payment" if "wrong_stage" in said else "county_confirmation")


def test_the_next_township_and_the_next_bank_see_nothing_of_it(office):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.casework.subsidies.models import LineAct, LineCheck, ListAct, SubsidyLine, SubsidyList

    office.confirmed()
    for role, number in (("township", 2), ("branch_manager", 2), ("county_bank", 2), ("village", 2)):
        actor = office.person(role, number)
        with entered(actor.scope):
            with pytest.raises(Refused, match="not_in_scope"):
                subsidies.list_of(office.list_id, on=actor.on)
            ours = {"subsidy_list_id": office.list_id}
            assert not [
                model for model in (SubsidyLine, ListAct, LineCheck, LineAct) if model.objects.filter(**ours)
            ]
    with entered(Scope()):
        assert not SubsidyList.objects.exists()
        assert not SubsidyLine.objects.exists()


def test_each_desk_is_told_what_waits_by_when_by_which_clause(office):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import queue

    def waits(role, number=1, day=BEGAN):
        actor = office.person(role, number, day=day)
        with entered(actor.scope):
            return [
                (one.title.zh, one.due, one.clause)
                for one in queue.waiting(actor).items
                if one.url.startswith(("subsidy", "notice", "objection"))
            ]

    due = date(2022, 9, 30)
    assert waits("branch_officer") == [("编制贴息清册：计算、核对差异", due, "LD2021-6")]
    assert waits("branch_manager") == [("报送贴息清册", due, "LD2021-6")]
    office.given()
    assert waits("branch_manager") == []
    assert waits("township") == waits("township", 3) == [("乡镇审核", date(2022, 10, 4), "LD2021-6")]
    assert waits("township", 2) == []
    office.act("review", REVIEWED, outcome="forward")
    assert waits("township") == [("张贴公示", date(2022, 10, 4), "LD2021-6")]
    office.act("post", POSTED, kind="before")
    assert {title for title, *_ in waits("township", day=POSTED)} == {"公示照片（近景、远景）"}
    assert ("公示期满，转签章上报", date(2022, 10, 9), "LD2021-6") in waits("township", day=CLOSED)
    office.act("close", CLOSED)
    mine = [one for one in waits("township", day=SUBMITTED) if "上报" in one[0]]
    assert mine == [("乡镇签章上报（须由同事办理）", date(2022, 10, 15), "LD2021-6")]
    assert ("乡镇签章上报", date(2022, 10, 15), "LD2021-6") in waits("township", 3, day=SUBMITTED)
    office.act("submit", SUBMITTED, signed=signed())
    mine = [one for one in waits("bureau", day=CONFIRMED) if one[0] == "县局审核确认"]
    assert mine == [("县局审核确认", date(2022, 10, 31), "LD2021-6")]
    office.act("confirm", CONFIRMED)
    assert ("一卡通发放", date(2022, 10, 31), "LD2021-6") in waits("finance", day=CONFIRMED)


def test_the_bureau_is_told_when_the_next_period_is_over(office):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import queue

    def waits(day):
        bureau = office.person("bureau", day=day)
        with entered(bureau.scope):
            return [one for one in queue.waiting(bureau).items if one.url == "cycle-open"]

    assert waits((2022, 12, 20)) == []
    (item,) = waits((2022, 12, 21))
    assert (item.subject.zh, item.due, item.clause) == (
        "2022年第四季度",
        date(2022, 12, 31),
        "LD2021-1.6",
    )


def test_a_difference_that_nothing_explains_is_explained_by_a_person_first(office):
    from bangfu.casework.subsidies import api as subsidies

    line, *_ = office.lines()
    officer = office.person("branch_officer", day=GIVEN)
    strange = subsidies.Claim(line.loan_id, line.subsidy_fen * 7 + 3)
    office.does(officer, subsidies.claim, list_id=office.list_id, claims=[strange])
    refusal = office.refused("not_explained", "submit_list", GIVEN)
    unexplained = [one for one in office.lines() if one.difference == "unexplained"]
    assert refusal.facts["rows"] == len(unexplained) > 0
    for one in unexplained:
        office.on_line("explained", one, GIVEN, by=("branch_officer", 1), reason="银行多报，以系统计算为准")
    office.act("submit_list", GIVEN)


def test_what_is_late_is_named_with_its_desk(office):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import queue
    from bangfu.casework.subsidies import api as subsidies

    office.given()
    bureau = office.person("bureau", day=(2022, 10, 6))
    with entered(bureau.scope):
        late = subsidies.late_lists(actor=bureau)
        item = next(one for one in queue.waiting(bureau).items if one.url == "subsidy-late")
    ours = next(one for one in late if one.at.list_id == office.list_id)
    assert (ours.days, ours.state.code, ours.whose[0].zh) == (2, "township_review", "乡镇（街道）审核")
    assert item.count == len(late) == 13
    assert next(one for one in late if one.at.list_id != office.list_id).state.code == "branch_list"


def test_the_guide_is_drawn_from_the_table(site):
    from bangfu.casework.subsidies.workflow import drawn

    assert drawn() in GUIDE.read_text(encoding="utf-8"), (
        "write docs/guides/subsidies.md anew from workflow.drawn()"
    )


def test_the_table_closes_and_each_step_has_people_and_clauses(site):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.people.roles import ROLES
    from bangfu.casework.subsidies.workflow import HOLDS, ORDER, STATES

    for state in STATES.values():
        assert set(state.outcomes.values()) <= set(STATES)
        assert set(state.holds) <= set(HOLDS)
        assert bool(state.act) == state.open
        assert not state.act or [role for role in ROLES.values() if state.act in role.may], state.act
        assert all(site_book().clause(one) for one in state.clauses)
        assert all(ORDER.index(one) < ORDER.index(state.code) for one in state.not_by)
