"""Payments: from the confirmed list to the household's card, twice never, with four eyes and a budget that balances."""

from __future__ import annotations

import re
from datetime import date

import pytest
from tests.casework.payments_made import (
    COUNTY,
    YEAR,
    allotted,
    at_payment,
    cycle,
    file_of,
    money,
    paying,
    results,
    rows_of,
    sent,
    sql,
    with_accounts,
)

__all__ = ["cycle", "money", "paying"]


def balanced(money):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.payments import api as payments

    assert money.did(budgets.check_balanced) == ()
    assert money.did(payments.disagreements, county=COUNTY) == ()


def totals(money, **given):
    from bangfu.casework.budgets import api as budgets

    rows = money.did(budgets.balances, county=COUNTY, year=YEAR, **given)
    return {
        name: sum(getattr(one, f"{name}_fen") for one in rows)
        for name in ("committed", "in_payment", "paid", "recovered")
    }


def test_a_quarter_is_paid_and_the_budget_balances(paying, money):
    from bangfu.casework.payments import api as payments

    told = money.did(payments.payable, cycle_id=paying.id)
    assert told.items > 20
    assert not told.left_out
    assert sum(told.by_source.values()) == told.total_fen == totals(money)["committed"]
    batch = sent(money, paying.id)
    assert (batch.state, batch.items, batch.total_fen) == ("released", told.items, told.total_fen)
    assert totals(money) == {"committed": 0, "in_payment": told.total_fen, "paid": 0, "recovered": 0}
    text = file_of(money, batch)
    rows = rows_of(text)
    assert [int(row["序号"]) for row in rows] == list(range(1, told.items + 1))
    assert all(len(row["身份证号"]) == 18 and row["社保卡/银行卡号"].isdigit() for row in rows)
    assert sum(int(row["金额"].replace(".", "")) for row in rows) == told.total_fen
    later = money.at(2023, 10, 18)
    read = later.did(
        payments.take_results, "county_bank", batch_id=batch.id, content=results(text), name="回单.csv"
    )
    assert (read.paid, read.problems, read.taken_before) == (told.items, (), False)
    assert later.did(payments.batch, batch_id=batch.id).state == "done"
    assert totals(money) == {"committed": 0, "in_payment": 0, "paid": told.total_fen, "recovered": 0}
    assert totals(money, on=date(2023, 10, 15))["paid"] == 0
    balanced(money)
    again = later.did(
        payments.take_results, "county_bank", batch_id=batch.id, content=results(text), name="again.csv"
    )
    assert again.taken_before
    assert totals(money)["paid"] == told.total_fen
    moved = later.did(payments.finish_all, cycle_id=paying.id)
    assert {one.state for one in moved} == {"announcement"}
    assert later.did(payments.proofs_missing, county=COUNTY).total == 0
    assert money.refused(payments.prepare, cycle_id=paying.id).code == "nothing_to_pay"


def test_who_prepares_never_releases_and_the_release_binds_to_what_was_seen(paying, money):
    from bangfu.casework.documents import api as documents
    from bangfu.casework.payments import api as payments

    made = money.did(payments.prepare, cycle_id=paying.id)
    seen = {"batch_id": made.id, "seen_hash": made.content_hash}
    assert money.refused(payments.release, **seen).code == "own_step"
    assert (
        money.refused(payments.release, number=2, **{**seen, "seen_hash": "00" * 32}).code
        == "content_changed"
    )
    assert money.refused(payments.release, "bureau", **seen).code == "not_your_role"
    done = money.did(payments.release, number=2, **seen)
    assert len(done.file_hash) == 64
    assert done.released_name == "财政2"
    assert money.refused(payments.release, number=3, **seen).code == "already_decided"
    control = money.did(payments.control_of, batch_id=made.id)
    view, paper = money.did(documents.content_of, file_id=done.control_id)
    assert (view.kind, view.media_type, paper[:5]) == ("payment_control", "application/pdf", b"%PDF-")
    assert control.file_hash == done.file_hash
    assert (
        sum(one.fen for one in control.townships) == sum(one.fen for one in control.payers) == made.total_fen
    )
    assert [one.code for one in control.townships] == sorted(one.code for one in control.townships)


def test_a_rejected_batch_leaves_its_lines_to_the_next(paying, money):
    from bangfu.casework.payments import api as payments

    made = money.did(payments.prepare, cycle_id=paying.id)
    assert money.refused(payments.prepare, cycle_id=paying.id).code == "nothing_to_pay"
    seen = {"batch_id": made.id, "seen_hash": made.content_hash}
    assert money.refused(payments.reject, number=2, reason=" ", **seen).code == "reason_missing"
    gone = money.did(payments.reject, number=2, reason="格式有误", **seen)
    assert (gone.state, gone.reason) == ("rejected", "格式有误")
    assert totals(money)["in_payment"] == 0
    again = sent(money, paying.id)
    assert (again.items, again.number, again.state) == (made.items, 2, "released")
    balanced(money)


def test_a_late_list_holds_nobody(cycle, money):
    from bangfu.casework.payments import api as payments
    from bangfu.casework.subsidies import api as subsidies

    actor = money()
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        views = [one for one in subsidies.lists_of(cycle_id=cycle.id, on=actor.on) if one.open.lines]
    early, late = views[:-1], views[-1:]
    at_payment(cycle.id, list_ids=[one.id for one in early])
    allotted()
    with_accounts()
    one = sent(money, cycle.id)
    assert one.items == sum(view.open.lines for view in early) - nothings(early)
    at_payment(cycle.id, list_ids=[one.id for one in late])
    two = sent(money, cycle.id)
    assert two.items == late[0].open.lines - nothings(late)
    assert (one.number, two.number) == (1, 2)
    balanced(money)
    assert payments.BATCH_STATES


def nothings(views) -> int:
    """Open lines of nothing: all of it is held back."""
    (row,) = sql(
        "select count(*) from casework_subsidy_line where upper_inf(recorded) and payable_fen = 0"
        " and subsidy_list_id = any(%s)",
        [[one.id for one in views]],
    )
    return row[0]


def test_money_that_does_not_reach_is_refused_by_source(cycle, money):
    from bangfu.casework.payments import api as payments

    at_payment(cycle.id)
    with_accounts()
    allotted(100)
    made = money.did(payments.prepare, cycle_id=cycle.id)
    short = money.refused(payments.release, number=2, batch_id=made.id, seen_hash=made.content_hash)
    assert short.code == "budget_short"
    assert short.facts["there_fen"] == 100
    assert short.facts["needed_fen"] == made.by_source[short.field]


def test_households_without_an_account_are_named_and_hold_nobody(cycle, money):
    from bangfu.casework.payments import api as payments

    at_payment(cycle.id)
    allotted()
    assert money.refused(payments.prepare, cycle_id=cycle.id).code == "no_account"
    households = sorted(
        {row[0] for row in sql("select household_id from casework_subsidy_line where payable_fen > 0")}
    )
    with_accounts(set(households[3:]))
    made = money.did(payments.prepare, cycle_id=cycle.id)
    assert {one.why for one in made.left_out} == {"no_account"}
    assert {one.household_id for one in made.left_out} == set(households[:3])


NAMESAKE = """
insert into casework_member select (jsonb_populate_record(m, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('casework_member', 'id')), 'member_id', m.member_id || '-' || %s::text,
  'id_number_id', null, 'deceased_on', %s::date))).*
from casework_member m join casework_payee_account a on a.household_id = m.household_id and a.holder_name = m.name
where upper_inf(m.recorded) and upper_inf(m.valid) and upper_inf(a.recorded) and m.household_id = %s limit 1
returning household_id
"""


def test_a_dead_namesake_holds_nobody_and_a_dead_holder_is_named(paying, money):
    from bangfu.casework.payments import api as payments

    before = money.did(payments.payable, cycle_id=paying.id)
    ((household,),) = sql(
        "select min(household_id) from casework_subsidy_line where payable_fen > 0 and subsidy_list_id = any(%s)",
        [list(before.lists)],
    )
    assert sql(NAMESAKE, ["old", "2020-01-01", household])
    assert money.did(payments.payable, cycle_id=paying.id).items == before.items
    closed = "update casework_member set recorded = tstzrange(lower(recorded), now()) where member_id = %s returning 1"
    ((living,),) = sql(
        "select member_id from casework_member m where household_id = %s and upper_inf(recorded)"
        " and deceased_on is null"
        " and name = (select holder_name from casework_payee_account where household_id = m.household_id limit 1)",
        [household],
    )
    assert sql(closed, [living])
    left = money.did(payments.payable, cycle_id=paying.id)
    assert left.items < before.items
    assert {one.why for one in left.left_out} == {"payee_deceased"}


def test_what_failed_is_paid_again_after_its_account_was_corrected(paying, money):
    from tests.reports.papers_made import pages

    from bangfu.casework.archive import api as archive
    from bangfu.casework.documents import api as documents
    from bangfu.casework.payments import api as payments
    from bangfu.casework.requests import api as requests

    batch = sent(money, paying.id)
    text = file_of(money, batch)
    changed = {
        1: {"状态": "失败", "原因": "账号已销户 6228480000000000"},
        2: {"状态": "失败", "原因": "系统超时"},
        3: {"状态": "退回", "原因": "户名不符"},
    }
    later = money.at(2023, 10, 18)
    read = later.did(
        payments.take_results, batch_id=batch.id, content=results(text, changed=changed), name="r.csv"
    )
    assert (read.failed, read.returned, read.paid) == (2, 1, batch.items - 3)
    balanced(money)
    again = later.did(payments.due_again, cycle_id=paying.id)
    assert {(one.reason_code, one.ready, one.days) for one in again} == {
        ("account_closed", False, 2), ("other", True, 2), ("name_mismatch", False, 2)
    }  # fmt: skip
    (closed,) = [one for one in again if one.reason_code == "account_closed"]
    page = later.did(payments.items, batch_id=batch.id, outcome="failed")
    assert all("6228480000000000" not in one.reason for one in page.rows)
    # Who asks does not approve; the number is seen masked alone.
    asked = later.did(
        requests.ask, "branch_officer", number=branch_of(closed.loan_id), kind="payee_account",
        subject=("household", closed.household_id), why="原账户已销户",
        details={"household_id": closed.household_id, "holder_name": closed.borrower_name,
                 "account_number": "6217 0000 1234 5678", "bank_name": "信用社"},
    )  # fmt: skip
    assert "6217000012345678" not in str(asked)
    assert "6217********5678" in str(asked.effect)
    later.did(requests.decide, "bureau", request_id=asked.id, outcome="approved", seen_hash=asked.seen_hash)
    two = sent(later, paying.id)
    assert two.items == 2
    assert {one.why for one in later.did(payments.payable, cycle_id=paying.id).left_out} == {
        "account_not_corrected"
    }
    assert "6217000012345678" in file_of(later, two)
    last = money.at(2023, 10, 25)
    read = last.did(
        payments.take_results,
        batch_id=two.id,
        content=results(file_of(last, two), on="2023-10-20"),
        name="r2.csv",
    )
    assert read.paid == 2
    balanced(money)
    became = last.did(lambda actor: payments.tried_again(payments.items(actor=actor, batch_id=batch.id).rows))
    assert {one.line_id for one in became.values()} == {
        one.line_id for one in last.did(payments.items, batch_id=two.id).rows
    }
    assert {(one.batch_id, one.outcome) for one in became.values()} == {(two.id, "paid")}
    (paper,) = [
        one
        for one in last.did(archive.fill, "bureau", cycle_id=paying.id, place=COUNTY)
        if one.part == "returned_list"
    ]
    _, pdf = last.did(documents.content_of, file_id=paper.file_id)
    told = re.sub(r"\s", "", "".join(pages(pdf)))
    assert told.count("第2批重发，已发放（2023-10-20）") == 2
    assert told.count("尚未重发") == 1
    listed = last.did(payments.track, line_id=closed.line_id)
    assert [one.code for one in listed.steps if one.code in ("prepared", "released", "result", "proof")] == [
        "prepared", "released", "result", "prepared", "released", "result", "proof",
    ]  # fmt: skip
    assert (listed.outcome, listed.arrived) == ("paid", True)


def branch_of(loan_id: str) -> int:
    """Which of the demonstration's officers sits at the loan's branch."""
    ((institution,),) = sql(
        "select institution_id from casework_loan where loan_id = %s and upper_inf(recorded)", [loan_id]
    )
    return 2 if institution == "B0102" else 1


def test_a_paid_one_may_come_back_later(paying, money):
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    later = money.at(2023, 10, 18)
    later.did(payments.take_results, batch_id=batch.id, content=results(file_of(money, batch)), name="r.csv")
    (item, *_) = later.did(payments.items, batch_id=batch.id).rows
    told = {"item_id": item.id, "reason_code": "frozen"}
    assert later.refused(payments.record_return, on=date(2023, 10, 19), **told).code == "in_the_future"
    assert later.refused(payments.record_return, on=date(2023, 10, 15), **told).field == "on"
    later.did(payments.record_return, "county_bank", on=date(2023, 10, 17), **told)
    assert later.refused(payments.record_return, on=date(2023, 10, 17), **told).code == "wrong_stage"
    assert totals(money) == {
        "committed": item.amount_fen, "in_payment": 0, "paid": batch.total_fen - item.amount_fen, "recovered": 0
    }  # fmt: skip
    balanced(money)
    refusal = later.refused(payments.finish, list_id=item.list_id)
    assert (refusal.code, refusal.facts["came_back"]) == ("not_paid_yet", 1)
    forced = sent(later, paying.id, line_ids=[item.line_id])  # chosen by name: the account was freed again
    assert forced.items == 1
    assert later.did(payments.items, batch_id=forced.id).rows[0].attempt == 2


@pytest.mark.parametrize(
    ("changed", "without", "codes"),
    [
        ({1: {"金额": "1.00"}}, (), {"wrong_amount"}),
        ({1: {"卡号": "6217000012345678"}}, (), {"wrong_account"}),
        ({1: {"状态": "不知道"}}, (), {"unknown_status"}),
        ({1: {"日期": "2023-10-11"}}, (), {"day_outside"}),
        ({1: {"日期": "2023-10-19"}}, (), {"day_outside"}),
        ({1: {"日期": "十月"}}, (), {"bad_day"}),
        ({1: {"金额": "一元"}}, (), {"bad_amount"}),
        ({}, (1, 2), {"missing_row"}),
    ],
)
def test_a_file_that_does_not_match_changes_nothing(paying, money, changed, without, codes):
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    content = results(file_of(money, batch), changed=changed, without=without)
    later = money.at(2023, 10, 18)
    tried = later.did(payments.try_results, batch_id=batch.id, content=content)
    read = later.did(payments.take_results, batch_id=batch.id, content=content, name="r.csv")
    assert tried.problems == read.problems
    assert {one.code for one in read.problems} >= codes
    assert sql("select count(*) from casework_payment_result") == [(0,)]


def test_unknown_and_double_rows_and_files_that_are_none(paying, money):
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    good = results(file_of(money, batch)).decode("gbk").splitlines()
    later = money.at(2023, 10, 18)

    def codes(text: str) -> set[str]:
        told = later.did(payments.try_results, batch_id=batch.id, content=text.encode("gbk"))
        return {one.code for one in told.problems}

    assert codes("\n".join([*good, good[1]])) == {"duplicate_row"}
    assert codes("\n".join([*good, good[1].replace("1,", "99999,", 1)])) == {"unknown_row"}
    assert codes("\n".join([*good, "合计,,123.00,,,,"])) == set()
    assert codes("甲,乙\n1,2") == {"no_columns"}
    assert codes(good[0]) == {"empty"}


def test_a_partial_file_takes_what_is_known_and_the_next_one_the_rest(paying, money):
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    text = file_of(money, batch)
    later = money.at(2023, 10, 18)
    first_file = results(text, changed={1: {"状态": "处理中"}, 2: {"状态": "处理中"}})
    read = later.did(payments.take_results, batch_id=batch.id, content=first_file, name="1.csv")
    assert (read.pending, read.paid) == (2, batch.items - 2)
    assert later.did(payments.batch, batch_id=batch.id).state == "released"
    read = later.did(payments.take_results, batch_id=batch.id, content=results(text), name="2.csv")
    assert (read.known, read.paid) == (batch.items - 2, 2)
    stale = later.did(payments.try_results, batch_id=batch.id, content=first_file + b"\n")
    assert {one.code for one in stale.problems} == {"changed_outcome"}
    back = results(text, changed={2: {"状态": "退回", "原因": "冻结"}})
    read = later.did(payments.take_results, batch_id=batch.id, content=back, name="3.csv")
    assert (read.returned, read.known) == (1, batch.items - 1)
    balanced(money)


def test_a_line_on_its_way_is_neither_carried_nor_excluded(paying, money):
    from bangfu.casework.payments import api as payments
    from bangfu.casework.subsidies import api as subsidies

    batch = money.did(payments.prepare, cycle_id=paying.id)
    item = money.did(payments.items, batch_id=batch.id).rows[0]
    for kind in ("carried", "excluded"):
        told = {"line_id": item.line_id, "kind": kind, "reason": "退出名单", "clause": "LD2021-6"}
        assert money.refused(subsidies.act_on_line, "bureau", **told).code == "paid_once"
    money.did(
        payments.reject, number=2, batch_id=batch.id, seen_hash=batch.content_hash, reason="有一笔须剔除"
    )
    money.did(subsidies.act_on_line, "bureau", **told)
    assert money.did(payments.prepare, cycle_id=paying.id).items == batch.items - 1
    balanced(money)


def test_money_that_comes_back_after_its_list_moved_on_is_paid_again(paying, money):
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    later = money.at(2023, 10, 18)
    later.did(payments.take_results, batch_id=batch.id, content=results(file_of(money, batch)), name="r.csv")
    later.did(payments.finish_all, cycle_id=paying.id)
    (item, *_) = later.did(payments.items, batch_id=batch.id).rows
    later.did(payments.record_return, item_id=item.id, on=date(2023, 10, 17), reason_code="other")
    assert [one.line_id for one in later.did(payments.due_again, cycle_id=paying.id)] == [item.line_id]
    again = sent(later, paying.id)
    assert (again.items, again.total_fen) == (1, item.amount_fen)
    balanced(money)
    ((state,),) = sql(
        "select state from casework_list_stage where subsidy_list_id = %s and upper_inf(recorded)",
        [item.list_id],
    )
    assert state == "announcement"


def test_two_books_that_differ_are_named(paying, money):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.payments import api as payments

    sent(money, paying.id)
    entry = budgets.Entry(
        key="by mistake", county=COUNTY, year=YEAR, source="county", on=date(2023, 10, 12), kind="paid", amount_fen=7,
        subject="budget:x",
    )  # fmt: skip
    money.did(budgets.post, entries=[entry])
    told = money.did(payments.disagreements, county=COUNTY)
    assert {(one.account, one.ledger_fen - one.payments_fen) for one in told} == {
        ("in_payment", -7),
        ("paid", 7),
    }


def test_each_desk_sees_what_waits_for_it(paying, money):
    from bangfu.casework.payments import api as payments
    from bangfu.casework.payments import waiting

    def waits(call, role="finance", number=1, at=None):
        return (at or money).did(lambda actor: list(call(actor)), role, number)

    made = money.did(payments.prepare, cycle_id=paying.id)
    assert waits(waiting.to_release) == []  # who prepared it
    (item,) = waits(waiting.to_release, number=2)
    assert (item.url, item.args, item.due) == ("payment", (made.id,), date(2023, 10, 31))
    assert f"{made.items} 笔" in str(item.subject)
    money.did(payments.release, number=2, batch_id=made.id, seen_hash=made.content_hash)
    assert waits(waiting.to_release, number=2) == []
    for role in ("finance", "county_bank"):
        assert [one.args for one in waits(waiting.results_to_read, role)] == [(made.id,)]
    done = money.did(payments.batch, batch_id=made.id)
    later = money.at(2023, 10, 18)
    content = results(file_of(money, done), changed={1: {"状态": "失败", "原因": "已销户"}})
    later.did(payments.take_results, batch_id=made.id, content=content, name="r.csv")
    assert waits(waiting.results_to_read, "county_bank", at=later) == []
    row = later.did(payments.items, batch_id=made.id, outcome="failed").rows[0]
    (item,) = waits(waiting.accounts_to_correct, "branch_officer", branch_of(row.loan_id), at=later)
    assert (item.url, item.args) == ("household", (row.household_id,))
    assert "已销户" in str(item.subject)
    after = money.at(2023, 10, 19)
    correct(after, row)
    assert waits(waiting.accounts_to_correct, "branch_officer", branch_of(row.loan_id), at=after) == []


def correct(money, row) -> None:
    """The account of a household corrected: asked for by its branch, approved by the bureau."""
    from bangfu.casework.requests import api as requests

    asked = money.did(
        requests.ask, "branch_officer", branch_of(row.loan_id), kind="payee_account",
        subject=("household", row.household_id), why="原账户已销户",
        details={"household_id": row.household_id, "holder_name": row.payee_name, "account_number": "6217000012345678"},
    )  # fmt: skip
    money.did(requests.decide, "bureau", request_id=asked.id, outcome="approved", seen_hash=asked.seen_hash)
