"""The money of the subsidy: two sides to every entry, one entry a key, and nothing lost on any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.site import NOW

COUNTY, OTHER = "522728", "522729"
ON = date(2026, 11, 20)


def finance(county: str = COUNTY, role: str = "finance", now=NOW):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import Scope

    return Actor(7, "吴光秀", role, county, Scope(account_id=7, areas=(county,)), now)


def entry(kind: str, fen: int, key: str = "", **given):
    from bangfu.casework.budgets.api import Entry

    told = {
        "county": COUNTY,
        "year": 2026,
        "source": "county",
        "on": ON,
        "subject": "subsidy_list:1",
        **given,
    }
    return Entry(key=key or f"{kind}:{fen}", kind=kind, amount_fen=fen, **told)


def posted(actor, *entries) -> int:
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        return budgets.post(actor=actor, entries=entries)


def balance(source: str = "county", **given):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    actor = given.pop("actor", None) or finance()
    with entered(actor.scope):
        rows = budgets.balances(actor=actor, **{"county": COUNTY, "year": 2026, **given})
    return next(one for one in rows if one.source == source)


def refused(call, *, actor, **given):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered

    with pytest.raises(Refused) as caught, entered(actor.scope):
        call(actor=actor, **given)
    return caught.value


def allotted(actor=None, fen: int = 1_000_00, **given):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    actor = actor or finance()
    told = {"county": COUNTY, "year": 2026, "source": "county", "document": "示财农〔2026〕8号", **given}
    with entered(actor.scope):
        return budgets.allot(actor=actor, amount_fen=fen, **told)


def test_money_is_followed_from_the_document_to_the_card_and_back(db):
    steps = [
        ("committed", 600, (400, 600, 0, 0)),
        ("released", 500, (400, 100, 500, 0)),
        ("paid", 450, (400, 100, 50, 450)),
        ("failed", 50, (400, 150, 0, 450)),
        ("returned", 20, (400, 170, 0, 430)),
        ("uncommitted", 170, (570, 0, 0, 430)),
        ("recovered", 30, (600, 0, 0, 400)),
    ]
    assert allotted(fen=1000)
    for kind, fen, held in steps:
        assert posted(finance(), entry(kind, fen)) == 1
        now = balance()
        assert (now.available_fen, now.committed_fen, now.in_payment_fen, now.paid_fen) == held
        assert sum(held) == now.allotted_fen == 1000
        assert now.room_fen == now.available_fen + now.committed_fen
    assert (now.recovered_fen, now.returned_fen, now.gap_fen) == (30, 20, 0)


def test_more_confirmed_than_allotted_is_shown_as_a_gap(db):
    allotted(fen=100)
    posted(finance(), entry("committed", 130))
    assert (balance().available_fen, balance().gap_fen, balance("central").gap_fen) == (-30, 30, 0)


def test_a_key_stands_for_one_entry(db):
    assert posted(finance(), entry("committed", 5, "k"), entry("committed", 6, "k2")) == 2
    assert posted(finance(), entry("committed", 5, "k"), entry("committed", 7, "k3")) == 1
    assert posted(finance(), entry("committed", 0, "nothing")) == posted(finance()) == 0
    from bangfu.casework.budgets.api import post

    for other in ({"amount_fen": 9}, {"source": "city"}, {"year": 2025}, {"subject": "subsidy_list:2"}):
        changed = replace(entry("committed", 5, "k"), **other)
        assert refused(post, actor=finance(), entries=[changed]).code == "key_reused"
    with pytest.raises(ValueError, match="no entry"):
        posted(finance(), entry("given_away", 5))
    assert balance().committed_fen == 18


def test_an_allotment_is_entered_once_a_document_and_can_be_taken_back(db):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    assert allotted(source="central", document="黔财农〔2026〕12号", fen=50)
    assert not allotted(source="central", document=" 黔财农〔2026〕12号 ", fen=50)
    assert allotted(source="central", document="黔财农〔2026〕31号", fen=50)
    assert allotted(source="central", document="黔财农〔2026〕40号", fen=-30, why="收回结余")
    assert balance("central").allotted_fen == 70
    with entered(finance().scope):
        page = budgets.ledger(actor=finance(), county=COUNTY, source="central")
        only = budgets.ledger(actor=finance(), county=COUNTY, kind="withdrawn", account="available", page=1)
        assert budgets.years(actor=finance(), county=COUNTY) == (2026,)
    assert (page.total, page.amount_fen, [one.kind for one in page.rows]) == (
        3, 130, ["withdrawn", "allotted", "allotted"],
    )  # fmt: skip
    assert [(one.document, one.credit, one.debit, one.subject) for one in only.rows] == [
        ("黔财农〔2026〕40号", "available", "source", "budget:522728:2026:central")
    ]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"source": "bank"}, "bad_field", "source"),
        ({"year": 2014}, "bad_field", "year"),
        ({"year": 2028}, "bad_field", "year"),
        ({"fen": 0}, "bad_field", "amount"),
        ({"document": "  "}, "missing_field", "document"),
        ({"document": "字" * 201}, "bad_field", "document"),
        ({"fen": -5}, "reason_missing", "why"),
        ({"county": OTHER}, "not_in_scope", "county"),
        ({"actor": "auditor"}, "not_your_role", ""),
    ],
)
def test_a_wrong_allotment_is_refused_by_name(db, given, code, field):
    from bangfu.casework.database.refusals import Refused

    told = dict(given)
    if "actor" in told:
        told["actor"] = finance(role=told["actor"])
    with pytest.raises(Refused) as caught:
        allotted(**told)
    assert caught.value.code == code
    assert not field or caught.value.field == field


def test_balances_are_those_of_the_day_and_of_what_was_known(db):
    early, late = NOW - timedelta(days=40), NOW
    allotted(finance(now=early), fen=100)
    posted(finance(now=late), entry("committed", 60, on=ON - timedelta(days=10)))
    assert balance(on=ON - timedelta(days=11)).committed_fen == 0
    assert balance(on=ON - timedelta(days=10)).committed_fen == 60
    assert balance(known_at=late - timedelta(minutes=1)).committed_fen == 0


def test_nobody_sees_another_countys_ledger_and_a_township_may_still_cause_an_entry(db):
    from bangfu.casework.database.session import entered

    township = replace(finance(role="township"), place="522728101")
    township = replace(township, scope=replace(township.scope, areas=("522728101",)))
    assert posted(township, entry("committed", 5)) == 1
    assert balance().committed_fen == 5
    assert balance(actor=finance(OTHER)).committed_fen == 0
    from bangfu.casework.budgets.models import BudgetEntry

    with entered(township.scope):
        assert not BudgetEntry.objects.exists()


def test_entries_are_never_changed(db):
    from django.db import DatabaseError, connection, transaction

    from bangfu.casework.database.session import entered

    posted(finance(), entry("committed", 5))
    for text in ("update casework_budget_entry set amount_fen = 6", "delete from casework_budget_entry"):
        with pytest.raises(DatabaseError), entered(finance().scope), transaction.atomic():
            connection.cursor().execute(text)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["allotted", "committed", "released", "paid", "failed", "returned", "recovered", "uncommitted"]
        ),
        st.sampled_from(["central", "county"]),
        st.integers(1, 10_000),
        st.integers(0, 2),
    ),
    max_size=25,
)


@given(MOVES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_accounts_sum_to_zero_on_every_day(db, moves):
    from django.db import transaction

    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    held: dict[tuple[str, str], int] = {}
    day = date(2026, 1, 1)
    with transaction.atomic():
        for number, (kind, source, fen, later) in enumerate(moves):
            day += timedelta(days=later)
            moved = budgets.KINDS[kind]
            if moved.credit in ("committed", "in_payment", "paid"):  # what is not there cannot move
                fen = min(fen, held.get((source, moved.credit), 0))  # noqa: PLW2901
            held[source, moved.credit] = held.get((source, moved.credit), 0) - fen
            held[source, moved.debit] = held.get((source, moved.debit), 0) + fen
            posted(finance(), entry(kind, fen, f"{number}", source=source, on=day))
            posted(finance(), entry(kind, fen, f"{number}", source=source, on=day))
        with entered(finance().scope):
            assert budgets.check_balanced(actor=finance()) == ()
            assert budgets.check_balanced(actor=finance(), on=day, county=COUNTY) == ()
        for source in ("central", "county"):
            now = balance(source)
            shown = {"available": now.available_fen, "committed": now.committed_fen, "paid": now.paid_fen,
                     "in_payment": now.in_payment_fen, "source": -now.allotted_fen}  # fmt: skip
            assert shown == {name: held.get((source, name), 0) for name in shown}
            assert sum(shown.values()) == 0
        transaction.set_rollback(True)


def test_what_does_not_balance_is_named_with_its_first_day(db):
    from django.db import transaction

    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    posted(finance(), entry("allotted", 100))
    posted(finance(), entry("paid", 10, on=ON - timedelta(days=3)), entry("released", 10, on=ON))
    with entered(finance().scope), transaction.atomic():
        faults = budgets.check_balanced(actor=finance())
    assert {(one.account, one.on, one.fen) for one in faults} == {
        ("in_payment", ON - timedelta(days=3), -10), ("committed", ON, -10)
    }  # fmt: skip
