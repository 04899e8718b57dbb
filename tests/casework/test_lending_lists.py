"""Lists and totals, as of any day, regimes apart; the bank's file; reminders; the subsidy from the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.casework.lending_made import NOW, TODAY, YUAN, everything, paid, refused


@pytest.fixture
def bureau(as_role):
    return as_role("bureau")


def test_each_list_holds_one_regime_and_totals_are_never_mixed(bureau):
    from bangfu.casework.as_facts.api import facts_in_scope
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.engine.ledger import states

    with entered(bureau.scope):
        sums = lending.totals(actor=bureau, asked=lending.LoanFilter())
        told = states(facts_in_scope(), as_of=TODAY)
        for product in ("poverty", "transition"):
            mine = [one for one in sums if one.product == product]
            theirs = told.filter(product=product)
            assert sum(one.loans for one in mine) == theirs.height
            assert sum(one.balance_fen for one in mine) == theirs["balance_fen"].sum()
            assert sum(one.overdue_fen for one in mine) == theirs["overdue_fen"].sum()
            page = lending.loans(actor=bureau, asked=lending.LoanFilter(product=product))
            assert page.total == theirs.height
            assert {row.product for row in page.rows} == {product}
            assert len(page.rows) == min(50, theirs.height)


@pytest.mark.parametrize("on", [date(2019, 6, 30), date(2022, 12, 31), TODAY])
def test_as_of_a_day_is_what_the_core_says(bureau, on):
    from bangfu.casework.as_facts.api import facts_in_scope
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.engine.ledger import states

    with entered(bureau.scope):
        sums = lending.totals(actor=bureau, asked=lending.LoanFilter(as_of=on))
        told = states(facts_in_scope(), as_of=on)
        booked = lending.totals(actor=bureau, asked=lending.LoanFilter(as_of=on, known_at=NOW))
    for product in ("poverty", "transition"):
        mine = sum(one.balance_fen for one in sums if one.product == product)
        assert mine == told.filter(product=product)["balance_fen"].sum()
    assert sum(one.loans for one in booked) <= sum(one.loans for one in sums)


def test_filters_sorts_and_pages(bureau):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    base = lending.LoanFilter(product="transition")
    with entered(bureau.scope):
        whole = lending.loans_after(actor=bureau, asked=base, size=1000)
        for state in lending.STATES:
            rows = lending.loans_after(actor=bureau, asked=replace(base, state=state), size=1000)
            assert {row.state for row in rows} <= {state}
            assert len(rows) == sum(row.state == state for row in whole)
        village = whole[0].scope_area
        assert {
            row.scope_area for row in lending.loans(actor=bureau, asked=replace(base, area=village)).rows
        } == {village}
        for sort in lending.SORTS:
            assert lending.loans(actor=bureau, asked=base, sort=f"-{sort}", page=2).page == 2
        after = lending.loans_after(actor=bureau, asked=base, after=whole[9].loan_id, size=5)
        assert [row.loan_id for row in after] == [row.loan_id for row in whole[10:15]]
        empty_page = lending.loans(actor=bureau, asked=base, page=99)
        assert empty_page.rows == ()
    assert refused(lending.loans, actor=bureau, asked=base, sort="drop table").code == "bad_field"
    assert refused(lending.loans, actor=bureau, asked=replace(base, product="gold")).code == "bad_field"


def test_another_township_sees_none_of_it(as_role):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    first, second = as_role("township"), as_role("township", 2)
    seen = []
    for actor in (first, second):
        with entered(actor.scope):
            rows = lending.loans_after(actor=actor, asked=lending.LoanFilter(), size=1000)
        assert all(row.scope_area.startswith(actor.place) for row in rows)
        seen.append({row.loan_id for row in rows})
    assert not seen[0] & seen[1]


def test_the_number_of_questions_does_not_grow(bureau):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    counts = []
    for size in (1, 50):
        with entered(bureau.scope), CaptureQueriesContext(connection) as asked:
            lending.loans(actor=bureau, asked=lending.LoanFilter(product="transition"), size=size)
            lending.totals(actor=bureau, asked=lending.LoanFilter())
        counts.append(len(asked))
    assert max(counts) <= 5


def test_a_loan_opens_with_its_line_its_steps_and_its_clauses(bureau):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    with entered(bureau.scope):
        (row, *_) = lending.loans_after(
            actor=bureau, asked=lending.LoanFilter(product="transition", state="settled")
        )
        found = lending.opened(actor=bureau, loan_id=row.loan_id)
        told = lending.explained(actor=bureau, loan_id=row.loan_id)
        decision, _ = lending.found_against(actor=bureau, loan_id=row.loan_id)
    assert found.line[-1][1] == 0
    assert "*" in found.borrower_id_masked
    assert any(step.clauses for part in told.parts for step in part.steps)
    assert decision["loan_id"] == row.loan_id
    drawn = lending.balance_picture(found.line, until=TODAY, label="余额")
    assert drawn.startswith("<svg")
    assert len(drawn) < 12_000
    assert "<script" not in drawn


def test_a_quarter_from_the_database_is_the_quarter_of_the_files(bureau, county_folder):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts

    start, end = date(2024, 3, 21), date(2024, 6, 21)
    with entered(bureau.scope):
        mine = lending.subsidy_of(actor=bureau, start=start, end=end)
    theirs = subsidy(read_facts(county_folder), site_book(), start=start, end=end)
    assert mine.totals() == theirs.totals()
    assert mine.lines.equals(theirs.lines)


@pytest.fixture
def bank(as_role):
    return as_role("county_bank")


def the_file(rows: str) -> bytes:
    return ("贷款编号,日期,业务类型,金额（元）,内容\n" + rows).encode()


def test_the_banks_file_is_taken_whole_and_once(as_role, bank, monkeypatch):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    loan = paid(as_role("branch_manager"), as_role("branch_officer"), monkeypatch)
    content = the_file(
        f"{loan.loan_id},2026-11-20,放款,50000.00,\n{loan.loan_id},2026-11-20,还款,1000.00,\n"
        f"{loan.loan_id},2026-11-20,还款,1000.00,\n{loan.loan_id},2026-11-20,分类,,关注\n"
    )
    with entered(bank.scope):
        tried = lending.try_bank_file(actor=bank, name="..\\..\\day.csv", content=content)
        assert (tried.name, tried.rows, tried.known, tried.added, tried.problems) == ("day.csv", 4, 1, 3, ())
        assert lending.loan_of(loan.loan_id).balance_fen == 50_000 * YUAN
        done = lending.take_bank_file(actor=bank, name="day.csv", content=content)
    assert done.by_kind == {"repaid": (2, 2_000 * YUAN), "classified": (1, 0)}
    with entered(bank.scope):
        again = lending.take_bank_file(actor=bank, name="day.csv", content=content)
        assert (again.known, again.added) == (4, 0)
        now = lending.loan_of(loan.loan_id)
    assert (now.balance_fen, now.risk_class) == (48_000 * YUAN, 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{loan},2026-11-20,还款,60000.00,", "above_balance"),
        ("{loan},2026-11-21,还款,1.00,", "in_the_future"),
        ("{loan},2026-11-20,放款,1.00,", "by_disbursement_only"),
        ("NOBODY,2026-11-20,还款,1.00,", "orphan"),
        ("{loan},2026-11-20,还款,=1+1,", "bad_amount"),
    ],
)
def test_one_wrong_row_and_nothing_is_taken(as_role, bank, monkeypatch, row, code):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    loan = paid(as_role("branch_manager"), as_role("branch_officer"), monkeypatch)
    content = the_file(f"{loan.loan_id},2026-11-20,还款,1.00,\n" + row.format(loan=loan.loan_id) + "\n")
    with entered(bank.scope):
        found = lending.take_bank_file(actor=bank, name="day.csv", content=content)
        assert code in {one.code for one in found.problems}, found.problems
        assert lending.loan_of(loan.loan_id).balance_fen == 50_000 * YUAN


def test_what_waits_is_offered_and_goes_away(as_role, monkeypatch):
    from tests.casework.lending_made import signed

    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.casework.people.queue import waiting

    manager, officer = as_role("branch_manager"), as_role("branch_officer")
    loan = signed(manager, monkeypatch, term_months=12)
    with entered(officer.scope):
        assert ("loan-disburse", (loan.loan_id,)) in {(one.url, one.args) for one in waiting(officer).items}
        lending.disburse(
            actor=officer,
            loan_id=loan.loan_id,
            on=TODAY,
            amount_fen=1000,
            seen_hash=loan.content_hash,
            reason="集体研究",
        )
        assert ("loan-disburse", (loan.loan_id,)) not in {
            (one.url, one.args) for one in waiting(officer).items
        }
    near = as_role("branch_officer", now=NOW + timedelta(days=365 - 29))
    with entered(near.scope):
        (item,) = [one for one in waiting(near).items if one.args == (loan.loan_id,)]
        assert (item.clause, item.due) == ("HLJ2019-2.6a", date(2027, 10, 21))
        lending.record_event(actor=near, loan_id=loan.loan_id, kind="reminded", on=near.on, value="written")
        assert not [one for one in waiting(near).items if one.args == (loan.loan_id,)]


def test_an_export_says_who_took_what_and_why(bureau):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    asked = lending.LoanFilter(product="transition")
    assert refused(lending.exported, actor=bureau, asked=asked, purpose=" ").code == "reason_missing"
    with entered(bureau.scope):
        taken = lending.exported(actor=bureau, asked=asked, purpose="季度检查")
        (entry, *_) = trail.latest(act="loans.exported")
        listed = lending.loans(actor=bureau, asked=asked)
    assert taken.name.endswith(".xlsx")
    assert (entry.after["rows"], entry.why) == (listed.total, "季度检查")


_ = everything


def test_sums_kept_by_their_snapshot_are_never_stale(as_role, monkeypatch):
    """Two readers of one snapshot share the sums; one event more, and they are other sums."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    officer = as_role("branch_officer")
    loan = paid(as_role("branch_manager"), officer, monkeypatch)

    def owed() -> int:
        with entered(officer.scope):
            return sum(
                one.balance_fen for one in lending.totals(actor=officer, asked=lending.LoanFilter(product=""))
            )

    before = owed()
    assert owed() == before
    with entered(officer.scope):
        lending.record_event(actor=officer, loan_id=loan.loan_id, kind="repaid", on=TODAY, amount_fen=100)
        inside = sum(one.balance_fen for one in lending.totals(actor=officer, asked=lending.LoanFilter()))
    assert inside == owed() == before - 100
