"""Where the money ends: proved at the household, recovered, in arrears; what the core is told of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from tests.casework.payments_made import (
    COUNTY,
    PERIOD,
    YEAR,
    Money,
    allotted,
    at_payment,
    cycle,
    file_of,
    made_card,
    money,
    paying,
    results,
    sent,
    site,
    sql,
    with_accounts,
)

__all__ = ["cycle", "money", "paying"]

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def paid(money: Money, cycle_id, **given):
    """A batch with all its results in: paid on 16 October."""
    from bangfu.casework.payments import api as payments

    batch = sent(money, cycle_id, **given)
    later = money.at(2023, 10, 18)
    read = later.did(
        payments.take_results, batch_id=batch.id, content=results(file_of(money, batch)), name="r.csv"
    )
    assert not read.problems
    return batch


def bank_account():
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    with entered(site().scope):
        for number, (branch,) in enumerate(sql("select distinct institution_id from casework_subsidy_line")):
            payments.register_bank(
                actor=site(),
                institution_id=branch,
                holder_name="示范县农村信用合作联社",
                number=made_card(900 + number),
            )


def event(loan: str, on: date, fen: int) -> int:
    """The lender's ledger says it passed a subsidy on."""
    ((event_id,),) = sql(
        'insert into casework_loan_event (recorded, recorded_by, loan_id, "on", kind, amount_fen, value, booked_on,'
        " source, note, scope_area, institution_id, household_id) select tstzrange(now(), null), 0, loan_id, %s,"
        " 'subsidy_returned', %s, '', %s, 'hand', '', scope_area, institution_id, household_id from casework_loan"
        " where loan_id = %s and upper_inf(recorded) returning id",
        [on, fen, on, loan],
    )
    return event_id


def test_what_the_lender_was_paid_is_proved_when_its_ledger_passes_it_on(paying, money):
    from bangfu.casework.payments import api as payments

    bank_account()
    before = set(sql("select id from casework_loan_event where kind = 'subsidy_returned'"))
    sql(
        "update casework_loan_event set recorded = tstzrange(lower(recorded), now()) where kind = 'subsidy_returned'"
    )
    batch = paid(money, paying.id, paid_to="lender")
    later = money.at(2023, 11, 6)
    missing = later.did(payments.proofs_missing, county=COUNTY, size=500)
    assert (missing.total, missing.fen) == (batch.items, batch.total_fen)
    assert {(one.why, one.days, one.paid_to) for one in missing.rows} == {("lender_keeps", 21, "lender")}
    short, whole, early = missing.rows[:3]
    event(short.loan_id, date(2023, 10, 20), short.amount_fen - 1)
    event(early.loan_id, date(2023, 10, 15), early.amount_fen)
    passed_on = event(whole.loan_id, date(2023, 10, 20), whole.amount_fen)
    from bangfu.casework.imports import jobs

    assert later.refused(payments.match_returns, "county_bank").code == "not_your_role"
    assert jobs.match_returns(later.now)  # what the worker does once a day
    assert later.did(payments.match_returns, county=COUNTY) == 0
    left = later.did(payments.proofs_missing, county=COUNTY, size=500)
    assert {one.item_id for one in missing.rows} - {one.item_id for one in left.rows} == {whole.item_id}
    (proof,) = later.did(lambda actor: payments.proofs_of([whole.line_id]) if actor else ())
    assert (proof.kind, proof.event_id, proof.on) == ("returned_by_lender", passed_on, date(2023, 10, 20))
    sql(
        "update casework_loan_event set recorded = tstzrange(lower(recorded), now()) where id = %s",
        [passed_on],
    )
    assert later.did(payments.proofs_missing, county=COUNTY).total == batch.items  # it never was passed on
    assert before is not None


def test_a_paper_proves_and_a_card_of_somebody_else_does_not(cycle, money):
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    at_payment(cycle.id)
    allotted()
    ((household, borrower),) = sql(
        "select household_id, borrower_name from casework_subsidy_line where payable_fen > 0 order by id limit 1"
    )
    with entered(site().scope):
        payments.register(actor=site(), rows=[payments.NewAccount(household, "邻居", made_card(999))])
    with_accounts({one for (one,) in sql("select household_id from casework_subsidy_line")} - {household})
    batch = paid(money, cycle.id)
    later = money.at(2023, 10, 20)
    page = later.did(payments.proofs_missing, cycle_id=cycle.id)
    assert {(one.household_id, one.why, one.payee_name) for one in page.rows} == {
        (household, "holder_outside", "邻居")
    }
    item = page.rows[0].item_id
    told = {"item_id": item, "name": "收条.pdf", "content": PDF}
    assert later.refused(payments.prove, on=date(2023, 10, 21), **told).code == "in_the_future"
    assert later.refused(payments.prove, on=date(2023, 10, 15), **told).field == "on"
    assert later.refused(payments.prove, "bureau", on=date(2023, 10, 19), **told).code == "not_your_role"
    proof = later.did(payments.prove, on=date(2023, 10, 19), note="农户签收", **told)
    assert (proof.kind, proof.amount_fen) == ("paper", page.rows[0].amount_fen)
    assert later.refused(payments.prove, on=date(2023, 10, 19), **told).code == "wrong_stage"
    assert later.did(payments.proofs_missing, cycle_id=cycle.id).total == 0
    later.did(payments.record_return, item_id=item, on=date(2023, 10, 19), reason_code="other")
    (line,) = sql("select line_id from casework_payment_item where id = %s", [item])[0]
    assert not later.did(payments.track, line_id=line).arrived
    again = sent(later, cycle.id)
    assert again.items == 1
    assert (borrower != "邻居", batch.items > 1) == (True, True)


def recovery_of(line_id, fen: int):
    """A later recovery of part of a line, as the core would make it; its id."""
    ((new_id,),) = sql(
        "insert into casework_subsidy_line select (jsonb_populate_record(l, jsonb_build_object("
        "'id', gen_random_uuid(), 'kind', 'recovery', 'corrects', l.id, 'number', l.number + 1000,"
        " 'central_fen', 0, 'province_fen', 0, 'city_fen', 0, 'county_fen', 0, 'fiscal_fen', 0, 'held_back_fen', 0,"
        " 'subsidy_fen', -%s, 'payable_fen', -%s, 'pay_central_fen', -(%s - %s / 3), 'pay_county_fen', -(%s / 3),"
        " 'pay_province_fen', 0, 'pay_city_fen', 0, 'pay_fiscal_fen', 0)"
        " || jsonb_build_object('central_fen', -(%s - %s / 3), 'county_fen', -(%s / 3)))).*"
        " from casework_subsidy_line l where l.id = %s returning id",
        [fen] * 8 + [line_id],
    )
    return new_id


def test_what_was_paid_too_much_comes_back_by_receipts_and_to_whom_it_belongs(paying, money):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.payments import api as payments

    paid(money, paying.id)
    ((line, fen),) = sql(
        "select line_id, amount_fen from casework_payment_item order by amount_fen desc limit 1"
    )
    recovery = recovery_of(line, 1001)
    later = money.at(2023, 11, 6)
    told = {"line_id": recovery, "on": date(2023, 11, 1), "from_whom": "lender"}
    (waiting,) = later.did(payments.recoveries, county=COUNTY, only_open=True)
    assert (waiting.due_fen, waiting.back_fen, waiting.open_fen) == (1001, 0, 1001)
    for amount, voucher in ((500, "收1"), (500, "收1"), (1, "收2"), (500, "收3")):
        view = later.did(payments.recovered, amount_fen=amount, voucher=voucher, **told)
    assert (view.back_fen, view.open_fen, len(view.receipts)) == (1001, 0, 3)
    assert later.refused(payments.recovered, amount_fen=1, voucher="收4", **told).field == "amount"
    shares = [json.loads(one) for (one,) in sql("select by_source::text from casework_recovered order by id")]
    sums = {payer: sum(one.get(payer, 0) for one in shares) for payer in ("central", "county")}
    assert sums == {"central": 1001 - 333, "county": 333}
    rows = {one.source: one.recovered_fen for one in later.did(budgets.balances, county=COUNTY, year=YEAR)}
    assert (rows["central"], rows["county"]) == (668, 333)
    entries = later.did(budgets.ledger, county=COUNTY, subject=f"subsidy_line:{recovery}")
    assert {one.document for one in entries.rows} == {"收1", "收2", "收3"}
    assert later.did(payments.recoveries, county=COUNTY, only_open=True) == ()
    ordinary = {**told, "line_id": line, "amount_fen": 5, "voucher": "x"}
    assert later.refused(payments.recovered, **ordinary).code == "wrong_stage"
    claims(paying.id)
    assert facts_of()[loan_of(line)] == fen - 1001


def loan_of(line) -> str:
    return sql("select loan_id from casework_subsidy_line where id = %s", [line])[0][0]


def facts_of(known_at=None) -> dict[str, int]:
    """What the core is told of the quarter's subsidies: loan → fen; a loan that stands twice fails."""
    import polars as pl

    from bangfu.casework.as_facts.api import facts_in_scope
    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)):
        found = facts_in_scope(only=("subsidies",), known_at=known_at).subsidies
    mine = found.filter(pl.col("period_end") > PERIOD[0], pl.col("period_end") <= PERIOD[1])
    assert mine["loan_id"].n_unique() == mine.height
    return dict(mine.select("loan_id", "amount_fen").rows())


def test_the_core_is_told_of_each_payment_once_and_of_what_came_back_not_at_all(paying, money):
    from bangfu.casework.payments import api as payments

    imported = facts_of()
    assert len(imported) > 20
    batch = paid(money, paying.id)
    lines = dict(sql("select loan_id, amount_fen from casework_payment_item"))
    # Without claims an imported row is another payment: it stands beside, and twice fails.
    claims(paying.id)
    told = facts_of()
    assert {loan: told[loan] for loan in lines} == lines
    assert set(told) == set(imported) | set(lines)
    assert facts_of(known_at=datetime(2030, 1, 1, tzinfo=UTC)) == told
    later = money.at(2023, 10, 20)
    item = later.did(payments.items, batch_id=batch.id).rows[0]
    later.did(payments.record_return, item_id=item.id, on=date(2023, 10, 19), reason_code="other")
    again = facts_of()
    assert again.get(item.loan_id) in (None, imported.get(item.loan_id))
    del told[item.loan_id]
    again.pop(item.loan_id, None)
    assert again == told


def claims(cycle_id) -> None:
    """The imported rows stand as the bank's claims of the lists."""
    sql(
        "insert into casework_bank_claim (subsidy_list_id, loan_id, period, amount_fen, rows, greatest_fen, source,"
        " fact_row_id, recorded, recorded_by, scope_area, institution_id)"
        " select l.subsidy_list_id, l.loan_id, daterange((f.row->>'period_start')::date, (f.row->>'period_end')::date),"
        " (f.row->>'amount_fen')::bigint, 1, (f.row->>'amount_fen')::bigint, 'imported', f.id,"
        " tstzrange('2023-09-25', null), 0, l.scope_area, l.institution_id"
        " from casework_fact_row f join casework_subsidy_line l on l.loan_id = f.row->>'loan_id' and l.kind = 'regular'"
        " and upper_inf(l.recorded) join casework_subsidy_list s on s.id = l.subsidy_list_id and s.cycle_id = %s"
        " where f.table_name = 'subsidies' and daterange(%s, %s, '(]') @> (f.row->>'period_end')::date"
        " on conflict do nothing",
        [cycle_id, *PERIOD],
    )


def test_lateness_is_counted_in_days_and_townships_stand_by_their_codes(paying, money):
    from bangfu.casework.payments import api as payments

    assert money.did(payments.lateness, county=COUNTY, on=date(2023, 9, 1)) == ()
    (waiting,) = money.did(payments.lateness, county=COUNTY)
    assert (waiting.paid, waiting.arrears_fen, waiting.days_middle, waiting.late) == (0, waiting.fen, None, 0)
    assert waiting.waiting_days == 21
    batch = paid(money, paying.id)
    (told,) = money.at(2023, 10, 18).did(payments.lateness, county=COUNTY)
    assert (told.lines, told.paid, told.paid_fen, told.arrears_fen) == (
        batch.items,
        batch.items,
        batch.total_fen,
        0,
    )
    assert (told.days_middle, told.days_most, told.days_summed) == (25, 25, 25 * batch.items)
    assert told.after_submit_middle == 1  # submitted by the 15th, paid on the 16th
    assert (told.late, told.waiting_days) == (0, 0)
    (before,) = money.at(2023, 10, 18).did(payments.lateness, county=COUNTY, on=date(2023, 10, 15))
    assert (before.paid, before.waiting_days) == (0, 24)
    (over,) = money.at(2023, 11, 20).did(
        payments.lateness, county=COUNTY, on=date(2023, 10, 15), cycle_id=paying.id
    )
    assert over.late == 0
    towns = money.at(2023, 10, 18).did(payments.lateness, county=COUNTY, by_township=True)
    assert [one.township for one in towns] == sorted(one.township for one in towns)
    assert sum(one.fen for one in towns) == told.fen


def test_a_list_past_its_month_is_late(cycle, money):
    from bangfu.casework.payments import api as payments

    at_payment(cycle.id)
    (told,) = money.at(2023, 11, 1).did(payments.lateness, county=COUNTY)
    assert told.late == told.lines
    assert told.waiting_days == 41


def test_a_line_is_followed_end_to_end(paying, money):
    from bangfu.casework.payments import api as payments

    paid(money, paying.id)
    ((line,), *_) = sql("select line_id from casework_payment_item")
    told = money.did(payments.track, line_id=line)
    codes = [one.code for one in told.steps]
    assert codes[0] == "computed"
    assert codes[-4:] == ["prepared", "released", "result", "proof"]
    assert told.arrived
    assert [one.at for one in told.steps] == sorted(one.at for one in told.steps)
    for step in told.steps:
        assert step.words.zh
        assert step.who
        assert step.clauses
    by_code = {one.code: one for one in told.steps}
    assert len(by_code["released"].facts["file_hash"]) == 64
    assert "****" in by_code["prepared"].facts["account"]
    assert money.refused(payments.track, line_id="nothing").code == "not_in_scope"


@pytest.mark.parametrize(
    "role", ["village", "township", "branch_officer", "bureau", "county_bank", "auditor"]
)
def test_nobody_sees_more_than_their_scope(paying, money, role):
    from bangfu.casework.payments import api as payments

    paid(money, paying.id)
    actor = money(role)
    seen = sql("select scope_area, institution_id, line_id from casework_payment_item")
    mine = {
        line
        for area, institution, line in seen
        if any(area.startswith(one) for one in actor.scope.areas) or institution in actor.scope.institutions
    }
    if role in ("bureau", "county_bank", "auditor"):
        page = money.did(payments.items, role, size=1000)
        assert {one.line_id for one in page.rows} == mine
        assert mine == {line for _, _, line in seen}
        assert money.did(payments.batches, role)
    else:
        assert money.refused(payments.items, role).code == "not_your_role"
    told = money.did(
        lambda actor: payments.items_of_line([line for _, _, line in seen]) if actor else (), role
    )
    assert {one.line_id for one in told} == mine
