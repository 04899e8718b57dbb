"""A line is paid once whatever happens: PostgreSQL itself refuses, as the role that serves requests, in plain SQL."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import date

import psycopg
import pytest
from tests.casework.payments_made import COUNTY, cycle, file_of, money, paying, results, sent, sql

__all__ = ["cycle", "money", "paying"]

LINES = (
    "select id, subsidy_list_id, loan_id, payable_fen from casework_subsidy_line where upper_inf(recorded)"
    " and payable_fen > 0 order by id"
)
ACT = (
    "insert into casework_line_act (line_id, subsidy_list_id, kind, reason, clause, source, done_by, done_name,"
    " done_role, at, scope_area) values (%s, %s, %s, 'x', '', '', 0, '', '', now(), '522728101001')"
)
ITEM = (
    "insert into casework_payment_item (id, batch_id, number, line_id, list_id, loan_id, attempt, amount_fen,"
    " by_source, paid_to, payee_name, bank_name, scope_area)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, '{}', 'borrower', '某某', '', '522728101001')"
)
RESULT = (
    'insert into casework_payment_result (item_id, number, outcome, reason_code, reason, "on", reference,'
    " recorded_by, at, scope_area) values (%s, %s, %s, '', '', '2023-10-16', '', 0, '2023-10-16', '522728101001')"
)


def door():
    """A connection of the role that serves requests, past Django and all code of ours."""
    from django.db import connection

    told = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    one = psycopg.connect(**{name: told[name] for name in names if told.get(name)})
    one.execute("select set_config('bangfu.everything', 'on', false)")
    one.commit()
    return one


def a_batch(cycle_id, number=90, *, outcome="") -> uuid.UUID:
    batch = uuid.uuid4()
    sql(
        "insert into casework_payment_batch (id, cycle_id, number, format, content_hash, items, total_fen, by_source,"
        " prepared_by, prepared_name, at, scope_area) values (%s, %s, %s, '{}', '\\x00', 1, 1, '{}', 0, '', now(), %s)",
        [batch, cycle_id, number, COUNTY],
    )
    if outcome:
        sql(
            "insert into casework_payment_export (batch_id, outcome, reason, seen_hash, done_by, done_name, at,"
            " scope_area) values (%s, %s, '', '\\x00', 1, '', now(), %s)",
            [batch, outcome, COUNTY],
        )
    return batch


class Till:
    """Items straight in SQL."""

    def __init__(self, cycle_id, *, outcome="released") -> None:
        self.batch, self.lines, self.number = a_batch(cycle_id, outcome=outcome), sql(LINES), 0

    def pays(self, on, place: int, *, attempt=1, fen=None, loan=None) -> uuid.UUID:
        line, list_id, loan_id, payable = self.lines[place]
        self.number += 1
        item = uuid.uuid4()
        on.execute(
            ITEM, [item, self.batch, self.number, line, list_id, loan or loan_id, attempt, fen or payable]
        )
        on.commit()
        return item


def refused(call) -> str:
    with pytest.raises(psycopg.Error) as caught:
        call()
    return caught.value.sqlstate


def test_the_role_is_no_superuser(paying):
    with door() as one:
        row = one.execute(
            "select rolsuper, rolbypassrls, current_user from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == (False, False, "app")


def test_a_second_payment_is_refused_in_plain_sql(paying):
    till = Till(paying.id)
    with door() as one:
        item = till.pays(one, 0)
        assert refused(lambda: till.pays(one, 0)) == "23505"
        one.rollback()
        assert refused(lambda: till.pays(one, 0, attempt=2)) == "BF002"  # nothing is known of the first
        one.rollback()
        assert refused(lambda: till.pays(one, 1, attempt=2)) == "BF002"  # there is no first
        one.rollback()
        one.execute(RESULT, [item, 1, "paid"])
        one.commit()
        assert refused(lambda: till.pays(one, 0, attempt=2)) == "BF002"
        one.rollback()
        one.execute(RESULT, [item, 2, "returned"])
        one.commit()
        till.pays(one, 0, attempt=2)
        for text in (
            "update casework_payment_item set amount_fen = 1",
            "delete from casework_payment_item",
            "update casework_payment_result set outcome = 'failed'",
            "truncate casework_payment_item",
        ):
            assert refused(lambda text=text: one.execute(text)) in ("42501", "BF001")
            one.rollback()


def test_only_what_the_line_says_is_paid(paying):
    till = Till(paying.id)
    with door() as one:
        assert refused(lambda: till.pays(one, 0, fen=till.lines[0][3] + 1)) == "BF002"
        one.rollback()
        assert refused(lambda: till.pays(one, 0, loan="L-OTHER")) == "BF002"
        one.rollback()
        line, list_id, *_ = till.lines[0]
        one.execute(ACT, [line, list_id, "carried"])
        one.commit()
        assert refused(lambda: till.pays(one, 0)) == "BF002"
        one.rollback()
        till.pays(one, 1)
        line, list_id, *_ = till.lines[1]
        for kind in ("carried", "excluded", "held"):
            told = [line, list_id, kind]
            assert refused(lambda told=told: one.execute(ACT, told)) == "BF002"
            one.rollback()
        one.execute("update casework_subsidy_line set recorded = tstzrange(lower(recorded), now()) where id = %s",
                    [till.lines[2][0]])  # fmt: skip
        one.commit()
        assert refused(lambda: till.pays(one, 2)) == "BF002"


@pytest.mark.parametrize(
    ("outcome", "results_told", "last"),
    [
        ("", [], "paid"),
        ("", [], "failed"),
        ("rejected", [], "paid"),
        ("rejected", ["failed"], "returned"),
        ("released", ["failed"], "paid"),
        ("released", ["failed"], "returned"),
        ("released", ["paid"], "failed"),
        ("released", ["paid", "returned"], "paid"),
    ],
)
def test_a_result_that_cannot_be_is_refused(paying, outcome, results_told, last):
    till = Till(paying.id, outcome=outcome)
    with door() as one:
        item = till.pays(one, 0)
        for number, told in enumerate(results_told, start=1):
            one.execute(RESULT, [item, number, told])
            one.commit()
        assert refused(lambda: one.execute(RESULT, [item, len(results_told) + 1, last])) in ("BF002", "23505")


def test_a_reader_of_little_scope_cannot_pay_what_others_paid(paying):
    """The guard sees all rows, whoever inserts."""
    till = Till(paying.id)
    with door() as one:
        till.pays(one, 0)
    with door() as one:
        one.execute(
            "select set_config('bangfu.everything', '', false), set_config('bangfu.areas', '522728%', false)"
        )
        one.commit()
        assert refused(lambda: till.pays(one, 0, attempt=2)) == "BF002"


def test_two_hundred_contenders_for_twenty_lines_have_twenty_winners(paying):
    till = Till(paying.id)
    lines, contenders = 20, 10
    said: Counter[str] = Counter()
    ready = threading.Barrier(contenders)
    guard = threading.Lock()

    def contends(who: int) -> None:
        with door() as one:
            for place in range(lines):
                line, list_id, loan, payable = till.lines[place]
                ready.wait()
                try:
                    one.execute(
                        ITEM, [uuid.uuid4(), till.batch, place * 100 + who, line, list_id, loan, 1, payable]
                    )
                    one.commit()
                    told = "won"
                except psycopg.Error as lost:
                    one.rollback()
                    told = str(lost.sqlstate)
                with guard:
                    said[told] += 1

    threads = [threading.Thread(target=contends, args=(who,)) for who in range(contenders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {"won": lines, "23505": lines * (contenders - 1)}
    assert sql("select count(*), count(distinct line_id) from casework_payment_item") == [(lines, lines)]


def test_an_item_and_an_act_at_once_have_one_winner(paying):
    """A line is never in a batch and carried over: of the two, one waits for the other and is refused."""
    till = Till(paying.id)
    said = []
    for place in range(20):
        line, list_id, loan, payable = till.lines[place]
        ready = threading.Barrier(2)
        told: list[str] = []

        def run(text, given, ready=ready, told=told) -> None:
            with door() as one:
                ready.wait()
                try:
                    one.execute(text, given)
                    one.commit()
                    told.append("won")
                except psycopg.Error as lost:
                    told.append(str(lost.sqlstate))

        both = [
            threading.Thread(
                target=run, args=(ITEM, [uuid.uuid4(), till.batch, place, line, list_id, loan, 1, payable])
            ),
            threading.Thread(target=run, args=(ACT, [line, list_id, "carried"])),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        said.append(sorted(told))
    assert said == [["BF002", "won"]] * 20


def test_two_people_who_prepare_at_once_pay_no_line_twice(paying, money):
    from django.db import connection

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.payments import api as payments

    said: list[str] = []
    ready = threading.Barrier(2)
    actors = [money(number=1), money(number=2)]

    def prepares(actor) -> None:
        from bangfu.casework.database.session import entered

        try:
            ready.wait()
            with entered(actor.scope):
                payments.prepare(actor=actor, cycle_id=paying.id)
            said.append("won")
        except Refused as told:
            said.append(told.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=prepares, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["nothing_to_pay", "won"]


def test_the_same_results_read_by_two_at_once_are_entered_once(paying, money):
    from django.db import connection

    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    content = results(file_of(money, batch))
    later = money.at(2023, 10, 18)
    actors = [later(), later("county_bank")]
    said: list[bool] = []
    ready = threading.Barrier(2)

    def reads(actor) -> None:
        try:
            ready.wait()
            with entered(actor.scope):
                told = payments.take_results(actor=actor, batch_id=batch.id, content=content, name="r.csv")
            said.append(told.taken_before)
        finally:
            connection.close()

    threads = [threading.Thread(target=reads, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, True]
    assert sql("select count(*) from casework_payment_result") == [(batch.items,)]
    rows = later.did(budgets.balances, county=COUNTY, year=2023, on=date(2023, 10, 31))
    assert sum(one.paid_fen for one in rows) == batch.total_fen
