"""From an approval to money on the card: pinned, within its window, under the cap, once, by two people."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.casework.lending_made import TODAY, YUAN, approval, approve, one, paid, refused, signed


@pytest.fixture
def manager(as_role):
    return as_role("branch_manager")


@pytest.fixture
def officer(as_role):
    return as_role("branch_officer")


def test_a_contract_is_pinned_and_its_sheet_is_kept(manager, monkeypatch):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered
    from bangfu.casework.documents import api as documents

    loan = signed(manager, monkeypatch)
    stack = site_book().stack(loan.area_code, "assistance", TODAY)
    assert loan.policy == stack.key
    assert loan.pinned == stack.pinned
    assert loan.loan_id == f"{manager.place}-2026-00001"
    assert loan.state(TODAY) == "to_disburse"
    assert signed(manager, monkeypatch, nth=1).loan_id == f"{manager.place}-2026-00002"
    with entered(manager.scope):
        (sheet,) = documents.files_of(subject=("loan", loan.loan_id))
        (entry, *_) = [one for one in trail.history(("loan", loan.loan_id)) if one.act == "loan.signed"]
    assert sheet.kind == "contract"
    assert sheet.media_type == "application/pdf"
    assert entry.after["policy"] == stack.key


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount_fen": 50_000 * YUAN + 1}, "over_cap", "amount"),
        ({"rate_e8": 3_000_001}, "terms_differ", "rate"),
        ({"matures_on": date(2028, 11, 21)}, "terms_differ", "matures_on"),
        ({"contract_on": TODAY + timedelta(days=1)}, "in_the_future", "contract_on"),
        ({"contract_on": date(2026, 11, 1)}, "bad_field", "contract_on"),
        ({"seen_hash": "b" * 64}, "content_changed", ""),
    ],
)
def test_other_terms_than_approved_are_refused(manager, monkeypatch, changes, code, field):
    from bangfu.casework.lending import api as lending

    found = approval(manager)
    approve(monkeypatch, found)
    terms = {
        "application_id": found.application_id, "contract_on": TODAY, "amount_fen": found.amount_fen,
        "rate_e8": found.rate_e8, "matures_on": date(2028, 11, 20), "seen_hash": found.content_hash,
    }  # fmt: skip
    why = refused(lending.sign, actor=manager, **{**terms, **changes})
    assert (why.code, why.field) == (code, field)


def test_in_the_gap_of_2026_a_contract_is_refused_with_both_clauses(manager, monkeypatch):
    from bangfu.casework.lending import api as lending

    on = date(2026, 1, 15)
    found = approval(manager, product="transition", applied_on=date(2025, 12, 20))
    approve(monkeypatch, found)
    why = refused(
        lending.sign, actor=manager, application_id="A-0", contract_on=on, amount_fen=found.amount_fen,
        rate_e8=found.rate_e8, matures_on=date(2028, 1, 15), seen_hash=found.content_hash,
    )  # fmt: skip
    assert why.code == "outside_contract_window"
    assert set(why.clauses) == {"CN2021-1.10", "CN2026-5.2"}


def test_what_the_core_refuses_is_not_signed(manager, monkeypatch):
    from bangfu.casework.lending import api as lending

    found = approval(manager, purpose="wedding")
    approve(monkeypatch, found)
    why = refused(
        lending.sign, actor=manager, application_id="A-0", contract_on=TODAY, amount_fen=found.amount_fen,
        rate_e8=found.rate_e8, matures_on=date(2028, 11, 20), seen_hash=found.content_hash,
    )  # fmt: skip
    assert why.code == "core_refuses"
    assert why.facts["why"] == "purpose_forbidden"
    assert why.clauses


def test_one_application_is_signed_once(manager, monkeypatch):
    from bangfu.casework.lending import api as lending

    signed(manager, monkeypatch)
    found = approval(manager)
    why = refused(
        lending.sign, actor=manager, application_id="A-0", contract_on=TODAY, amount_fen=found.amount_fen,
        rate_e8=found.rate_e8, matures_on=date(2028, 11, 20), seen_hash=found.content_hash,
    )  # fmt: skip
    assert why.code == "duplicate"


def test_money_goes_out_once_and_by_somebody_else(manager, officer, monkeypatch):
    from bangfu.casework.lending import api as lending

    loan = paid(manager, officer, monkeypatch)
    assert (loan.balance_fen, loan.disbursed_on, loan.state(TODAY)) == (50_000 * YUAN, TODAY, "running")
    reason, state = one(
        "select reason, breaker->>'state' from casework_disbursement where loan_id = %s", loan.loan_id
    )
    assert reason
    assert state == "undetermined"
    terms = {
        "loan_id": loan.loan_id,
        "on": TODAY,
        "amount_fen": 1,
        "seen_hash": loan.content_hash,
        "reason": "再放一次",
    }
    assert refused(lending.disburse, actor=officer, **terms).code == "already_decided"
    other = signed(manager, monkeypatch, nth=1)
    terms |= {"loan_id": other.loan_id, "seen_hash": other.content_hash}
    assert refused(lending.disburse, actor=manager, **terms).code == "own_step"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_fen": 50_000 * YUAN + 1}, "over_cap"),
        ({"amount_fen": 0}, "bad_field"),
        ({"on": TODAY + timedelta(days=1)}, "in_the_future"),
        ({"on": TODAY - timedelta(days=1)}, "not_signed"),
        ({"seen_hash": "0" * 64}, "content_changed"),
        ({"reason": ""}, "breaker_undetermined"),
    ],
)
def test_what_stops_a_payment(manager, officer, monkeypatch, changes, code):
    from bangfu.casework.lending import api as lending

    loan = signed(manager, monkeypatch)
    terms = {
        "loan_id": loan.loan_id, "on": TODAY, "amount_fen": loan.principal_fen, "seen_hash": loan.content_hash,
        "reason": "标准未定，集体研究决定",
    }  # fmt: skip
    assert refused(lending.disburse, actor=officer, **{**terms, **changes}).code == code
    assert one("select count(*) from casework_disbursement") == (0,)


def test_while_the_breaker_is_open_nothing_goes_out_but_repayment_comes_in(manager, officer, monkeypatch):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending
    from bangfu.casework.lending import paying

    running = paid(manager, officer, monkeypatch)
    loan = signed(manager, monkeypatch, nth=1)

    def open_(**of):
        return lending.BreakerView(
            state="suspended", npl_e8=4_000_000, threshold_e8=3_000_000, clauses=("LD2021-5.5",), **of
        )

    monkeypatch.setattr(paying, "breaker_of", open_)
    terms = {
        "loan_id": loan.loan_id,
        "on": TODAY,
        "amount_fen": 1,
        "seen_hash": loan.content_hash,
        "reason": "仍要放款",
    }
    why = refused(lending.disburse, actor=officer, **terms)
    assert (why.code, why.clauses) == ("breaker_open", ("LD2021-5.5",))
    assert (why.facts["npl_percent"], why.facts["threshold_percent"]) == ("4.00", "3.00")
    with entered(officer.scope):
        event = lending.record_event(
            actor=officer, loan_id=running.loan_id, kind="repaid", on=TODAY, amount_fen=10_000 * YUAN
        )
    assert event.balance_fen == 40_000 * YUAN


def test_the_breaker_is_read_from_the_lenders_whole_ledger(manager, officer):
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    lender, branch, area = one(
        "select lender, branch, area_code from casework_loan where not ordinary and product = 'transition' limit 1"
    )
    with entered(officer.scope):
        found = lending.breaker_of(
            lender=lender, branch=branch, product="transition", area_code=area, on=date(2025, 6, 1)
        )
    assert found.evaluated_on is not None
    assert found.clauses
    assert found.state in {"open", "suspended", "undetermined"}


def test_the_breaker_kept_by_its_ledger_is_the_one_of_the_whole_ledger(officer):
    """What lies behind the last month's end cannot change it: the same answer on every day, reckoned to the day."""
    import polars as pl
    from tests.casework.lending_made import everything

    from bangfu.casework.as_facts.api import facts_of_lender
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.as_facts.breakers import states_before
    from bangfu.engine.breaker import breaker_states, state_before

    (lender,) = one("select lender from casework_loan group by lender order by count(*) desc limit 1")
    with everything():
        facts = facts_of_lender(lender)
        groups = facts.loans.select("lender", "branch", "product", "area_code").unique().sort(pl.all())
        found = []
        for on in (date(2020, 2, 29), date(2023, 7, 1), date(2024, 1, 31), date(2026, 6, 15), TODAY):
            asked = (
                groups.with_columns(pl.lit(on).alias("on"))
                .with_row_index("loan_id")
                .cast({"loan_id": pl.String})
            )
            whole = state_before(asked, breaker_states(facts, site_book(), as_of=on), on="on")
            kept = state_before(asked, states_before(lender, on=on), on="on")
            assert kept.sort("loan_id").equals(whole.sort("loan_id"))
            found += whole["state"].to_list()
    assert len(set(found)) > 1


def test_the_breaker_is_reckoned_again_only_after_its_ledger_changed(manager, officer, monkeypatch):
    from bangfu.casework.as_facts import breakers
    from bangfu.casework.database.session import entered
    from bangfu.casework.lending import api as lending

    loan_id, lender, _ = one(
        'select l.loan_id, l.lender, max(e."on") from casework_loan l join casework_loan_standing s using (loan_id)'
        " join casework_loan_event e using (loan_id) where not l.ordinary and s.balance_fen > 0 and s.risk_class = 1"
        " and l.institution_id = %s group by 1, 2 having max(e.\"on\") < '2026-09-01' limit 1",
        officer.place,
    )
    reckoned = []

    def counted(facts, book, *, as_of):
        reckoned.append(as_of)
        return whole(facts, book, as_of=as_of)

    whole = breakers.breaker_states
    monkeypatch.setattr(breakers, "breaker_states", counted)
    monkeypatch.setattr(breakers, "_KEPT", {})

    def asked(on=TODAY):
        with entered(officer.scope):
            return breakers.states_before(lender, on=on)

    def written(on):
        with entered(officer.scope):
            return lending.record_event(actor=officer, loan_id=loan_id, kind="classified", on=on, value="5")

    asked()
    asked(TODAY.replace(day=1))
    written(TODAY)  # of the running month: it tells nothing of the month's end before
    before = asked()
    assert reckoned == [date(2026, 10, 31)]
    made = written(date(2026, 9, 15))
    after = asked()
    assert reckoned == [date(2026, 10, 31)] * 2
    assert after["npl_fen"].sum() > before["npl_fen"].sum()
    with entered(manager.scope):
        lending.correct_event(actor=manager, event_id=made.event_id, reason="记错了一笔", void=True)
    assert asked().equals(before)


def test_two_loans_signed_before_either_is_paid_meet_the_cap(manager, officer, monkeypatch):
    """Each alone is within the cap; the second to be paid is refused."""
    from bangfu.casework.lending import api as lending
    from bangfu.casework.lending import contracts

    first = paid(manager, officer, monkeypatch)
    monkeypatch.setattr(contracts, "_admitted", lambda *_: None)  # as if both had been signed at once
    same = {
        "household_id": first.household_id, "borrower_name": first.borrower_name, "scope_area": first.scope_area,
        "borrower_id_number_id": first.borrower_id_number_id,
    }  # fmt: skip
    second = signed(manager, monkeypatch, application_id="A-second", amount_fen=60_000 * YUAN, **same)
    why = refused(
        lending.disburse, actor=officer, loan_id=second.loan_id, on=TODAY, amount_fen=second.principal_fen,
        seen_hash=second.content_hash, reason="标准未定，集体研究决定",
    )  # fmt: skip
    assert why.code == "over_cap"
    assert why.clauses


def test_another_banks_people_do_not_find_the_loan(manager, as_role, monkeypatch):
    from bangfu.casework.lending import api as lending

    loan = signed(manager, monkeypatch)
    stranger = as_role("branch_officer", 2)
    why = refused(
        lending.disburse,
        actor=stranger,
        loan_id=loan.loan_id,
        on=TODAY,
        amount_fen=1,
        seen_hash=loan.content_hash,
    )
    assert why.code == "not_in_scope"
