"""The county's whole history, 34 quarters through every step by its people: the money is the core's, to the fen."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from tests.site import NOW, copy_of

COUNTY = "522728"
PAYERS = ("central", "province", "city", "county", "fiscal")
KNOWN = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def history(site, county, county_folder):
    """All quarters, run through once in a copy of the county under its own packs; the tests here only read it."""
    from django.conf import settings
    from django.test import override_settings

    from bangfu.casework.imports import demo_quarters as demo

    own_packs = replace(settings.SITE, packs=(str(county_folder / "packs"),))
    with copy_of(site, county), override_settings(SITE=own_packs):
        yield demo.demo_quarters(demo.hired(), known_at=KNOWN)


@pytest.fixture(scope="module")
def core(history, county_folder) -> dict[date, pl.DataFrame]:
    """Of each quarter, by its end, the core's lines on the files."""
    from bangfu.casework.as_facts.book import site_book
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts

    facts, out = read_facts(county_folder), {}
    for cycle in history:
        lines = subsidy(facts, site_book(), start=cycle.start, end=cycle.end).lines
        out[cycle.end] = lines.filter(pl.col("area_code").str.starts_with(COUNTY))
    return out


def asked(text: str, *given):
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(text, given)
        return cursor.fetchall()


def lines_of(cycle):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(Scope(everything=True)):
        views = subsidies.lists_of(cycle_id=cycle.id, on=cycle.end)
        return subsidies.lines_of([one.id for one in views], on=cycle.end)


def test_every_quarter_is_opened_and_every_list_is_filed(history):
    assert len(history) == 34
    assert (history[0].start, history[-1].end) == (date(2017, 12, 21), date(2026, 6, 21))
    states = Counter(
        state for (state,) in asked("select state from casework_list_stage where upper_inf(recorded)")
    )
    assert set(states) == {"filed"}
    assert asked("select count(*) from casework_run_refusal where code = 'branch_not_in_registry'") == [(0,)]


def test_the_totals_are_the_cores_quarter_by_quarter_payer_by_payer(history, core):
    """What is due for a quarter: its lines, and what later quarters put right of them, speak of it alone."""
    due: dict[date, Counter] = defaultdict(Counter)
    ends = {str(cycle.id): cycle.end for cycle in history}
    for cycle in history:
        for line in lines_of(cycle):
            if line.kind == "carried":
                continue
            end = cycle.end if line.kind == "regular" else ends[line.told["cycle"]]
            due[end].update({payer: line.by_payer[payer] for payer in PAYERS})
    for cycle in history:
        lines = core[cycle.end]
        there = {
            payer: int(lines[f"{payer}_fen"].sum()) for payer in PAYERS if f"{payer}_fen" in lines.columns
        }
        assert {payer: due[cycle.end][payer] for payer in PAYERS} == {**dict.fromkeys(PAYERS, 0), **there}, (
            cycle.end
        )


def test_nothing_is_paid_twice_and_every_open_line_once(history):
    paid = asked(
        "select i.loan_id, i.line_id, i.amount_fen from casework_payment_item i where (select outcome from"
        " casework_payment_result r where r.item_id = i.id order by number desc limit 1) = 'paid'"
    )
    assert len({line for _, line, _ in paid}) == len(paid)
    to_pay = {}
    for cycle in history:
        for line in lines_of(cycle):
            if line.status == "open" and line.payable_fen > 0:
                to_pay[line.id] = line.payable_fen
    assert {line: fen for _, line, fen in paid} == to_pay


def test_the_ledger_balances_on_every_day_and_holds_what_was_confirmed(history):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered

    site = Actor.site(now=NOW)
    with entered(site.scope):
        assert not budgets.check_balanced(actor=site)
    confirmed: Counter = Counter()
    for cycle in history:
        for line in lines_of(cycle):
            if line.status == "open":
                confirmed.update({k: v for k, v in line.payable_by.items() if line.payable_fen > 0})
    for source, fen in asked("select source, amount_fen from casework_budget_entry where kind = 'recovered'"):
        confirmed[source] -= fen
    held: Counter = Counter()
    for source, debit, credit, fen in asked(
        "select source, debit, credit, amount_fen from casework_budget_entry"
    ):
        for account, sign in ((debit, 1), (credit, -1)):
            if account in ("committed", "in_payment", "paid"):
                held[source] += sign * fen
    assert +held == +confirmed


def test_one_township_was_late_and_held_nobody(history):
    from bangfu.casework.imports.demo_quarters import LATE

    (cycle,) = (one for one in history if one.end == LATE)
    at = asked(
        "select s.township, max(a.at) from casework_list_act a join casework_subsidy_list s"
        " on s.id = a.subsidy_list_id where s.cycle_id = %s and a.step = 'payment' group by 1 order by 2", cycle.id,
    )  # fmt: skip
    assert at[-1][1] - at[-2][1] > timedelta(days=20)
    batches = asked("select count(*) from casework_payment_batch where cycle_id = %s", cycle.id)
    assert batches == [(2,)]


def test_of_two_objections_one_line_went_on_and_one_was_carried_and_paid_in_the_next(history):
    from bangfu.casework.imports.demo_quarters import OBJECTED

    outcomes = asked("select outcome, remedy from casework_objection_act where kind = 'decided' order by 1")
    assert outcomes == [("rejected", "released"), ("upheld", "carried")]
    (place,) = (number for number, one in enumerate(history) if one.end == OBJECTED)
    (carried,) = (line for line in lines_of(history[place]) if line.status == "carried")
    (taken,) = (line for line in lines_of(history[place + 1]) if line.kind == "carried")
    assert (taken.corrects, taken.payable_fen, taken.status) == (carried.id, carried.payable_fen, "open")


def test_payments_that_came_back_reached_another_account(history):
    from bangfu.casework.imports.demo_quarters import RETURNED

    (cycle,) = (one for one in history if one.end == RETURNED)
    again = asked(
        "select i.attempt, i.account_id <> before.account_id, r.outcome from casework_payment_item i"
        " join casework_payment_batch b on b.id = i.batch_id"
        " join casework_payment_item before on before.line_id = i.line_id and before.attempt = i.attempt - 1"
        " join casework_payment_result r on r.item_id = i.id where b.cycle_id = %s", cycle.id,
    )  # fmt: skip
    assert again == [(2, True, "paid"), (2, True, "paid")]


def test_a_repayment_told_late_was_recovered_against_a_receipt(history):
    from bangfu.casework.imports.demo_quarters import RECOVERED

    (place,) = (number for number, one in enumerate(history) if one.end == RECOVERED)
    (line,) = (one for cycle in history for one in lines_of(cycle) if one.kind == "recovery")
    assert line.ground == "late_entry"
    assert line.told["cycle"] == str(history[place].id)
    assert line.list_id in {
        list_id
        for (list_id,) in asked(
            "select id from casework_subsidy_list where cycle_id = %s", history[place + 1].id
        )
    }
    (before,) = (one for one in lines_of(history[place]) if one.id == line.corrects)
    assert 0 < -line.payable_fen < before.payable_fen
    receipts = asked(
        "select amount_fen, from_whom, by_source from casework_recovered where line_id = %s", line.id
    )
    ((fen, whom, by_source),) = receipts
    assert json.loads(by_source) == {"county": fen}
    assert (fen, whom) == (-line.payable_fen, "borrower")
    entries = asked("select source, amount_fen, credit from casework_budget_entry where kind = 'recovered'")
    assert entries == [("county", fen, "paid")]


def test_a_filed_list_of_two_years_ago_gives_the_same_hashes(history):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    auditor = Actor.site(now=KNOWN + timedelta(days=700))
    with entered(auditor.scope):
        for cycle in (history[8], history[25]):
            for view in subsidies.lists_of(cycle_id=cycle.id, on=cycle.end):
                again = subsidies.reproduced(actor=auditor, list_id=view.id)
                assert (again.same, again.differing) == (True, ())


def test_the_change_of_2026_stands_in_one_cycle(history):
    lines = lines_of(history[-1])
    products = Counter(line.product for line in lines)
    assert products["assistance"]
    assert products["transition"]
    assert {"central", "county"} <= {payer for line in lines for payer, fen in line.by_payer.items() if fen}
    for line in lines:
        if line.product != "assistance":
            assert line.by_payer["central"] == 0, line.loan_id


def test_one_archive_is_filled_photographed_and_sealed_and_computes_to_the_same(history):
    """What is missing there are papers that people bring; verified as offline, with its chain of earlier lines."""
    from bangfu.casework.archive import api as archive
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.documents import api as documents
    from bangfu.casework.imports.demo_quarters import SEALED
    from bangfu.engine.bundle import opened
    from bangfu.engine.recomputed import recomputed

    (cycle,) = (one for one in history if one.end == SEALED)
    site = Actor.site(now=NOW)
    with entered(site.scope):
        (seal,) = archive.seals(actor=site, cycle_id=cycle.id)
        told = archive.completeness(actor=site, cycle_id=cycle.id)
        _, content = documents.content_of(actor=site, file_id=seal.file_id)
    brought = {"fund_document", "approval", "work_plan", "signed_list", "bank_statement", "transfer_slip"}
    assert {one.part.code for one in told.missing} == brought
    bundle = opened(content, manifest_hash=seal.manifest_hash)
    assert (bundle.faults, recomputed(bundle).faults) == ((), ())
