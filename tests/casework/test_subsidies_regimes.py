"""The change of regimes of 2026 inside one county, in one cycle, from the files to the money paid by each source."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from tests.casework.cycles import COUNTY, SPRING_2026
from tests.casework.payments_made import made_card, results, sql
from tests.casework.regimes_made import (
    AFTER,
    APPROVED,
    BEFORE,
    FULL,
    IN_GAP,
    NEW,
    PLAIN,
    REFUSED,
    SECOND,
    regimes_county,
)
from tests.site import NOW, copied

PAYERS = ("central", "province", "city", "county", "fiscal")
START, POSTED, CLOSED, PAYING = (2026, 6, 24), (2026, 6, 25), (2026, 7, 6), (2026, 7, 20)
OLD, ASSISTANCE = "CN2021+LD2021+TEST2021", "CN2026+TEST2026"
# What each line must come to, reckoned by hand: policy, subsidised part, central, province, city, county in fen.
BY_HAND = {
    # 40,000 at 4.30 % for 92 days, all of it the county's: an extension granted before the notice keeps its terms.
    BEFORE: (OLD, 4_000_000, 0, 0, 0, 43_956),
    # 30 days at 3.10 % to the old maturity the county's, then 62 days of 70 %, 10 %, 5 % and 0.20 points.
    AFTER: (f"{OLD}; {ASSISTANCE}", 4_000_000, 14_949, 2_136, 1_068, 10_333 + 1_378),
    IN_GAP: (OLD, 4_000_000, 0, 0, 0, 30_667),
    NEW: (ASSISTANCE, 4_000_000, 8_462, 1_209, 604, 756),
    # 83 days of 3.60 %: 2.50 points of the centre, since 70 % would be 2.52. With approval on all of the 80,000,
    APPROVED: (ASSISTANCE, 8_000_000, 46_111, 6_640, 3_320, 3_689),
    # without it on 50,000 of them.
    PLAIN: (ASSISTANCE, 5_000_000, 28_819, 4_150, 2_075, 2_306),
    FULL: (ASSISTANCE, 10_000_000, 55_556, 8_000, 4_000, 4_444),
    # What the household's older loan of 30,000 leaves of 50,000.
    SECOND: (ASSISTANCE, 2_000_000, 10_417, 1_500, 750, 833),
}  # fmt: skip


def at(day):
    return datetime(*day, 2, 0, tzinfo=UTC)


def person(number, day):
    """Somebody of their own at each desk: the site's rights, another account."""
    from bangfu.casework.database.actor import Actor

    return replace(Actor.site(now=at(day), via="web"), account_id=910_000 + number, name=f"办事员{number}")


def did(actor, call, **given):
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        return call(actor=actor, **given)


@pytest.fixture
def folder(county_folder, tmp_path, settings):
    made = regimes_county(county_folder, tmp_path / "regimes")
    settings.SITE = replace(settings.SITE, packs=(str(made / "packs"),))
    return made


@pytest.fixture
def cycle(site, folder):
    """A county of its own with those files imported; its cycle of the spring of 2026, computed."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.imports import api as imports
    from bangfu.casework.subsidies import api as subsidies

    database = copied(site, "bangfu")
    next(database)
    imports.demo_county(actor=Actor.site(now=NOW), folder=folder)
    start, end = SPRING_2026
    opened = did(
        person(0, START),
        subsidies.open_cycle,
        county=COUNTY,
        rhythm="quarter",
        start=start,
        end=end,
        known_at=NOW,
    )
    did(person(1, START), subsidies.compute_cycle, cycle_id=opened.id, known_at=NOW)
    yield opened
    next(database, None)


def views_of(cycle):
    from bangfu.casework.subsidies import api as subsidies

    return did(person(0, START), lambda actor: subsidies.lists_of(cycle_id=cycle.id, on=actor.on))


def lines_of(cycle):
    from bangfu.casework.subsidies import api as subsidies

    ids = [one.id for one in views_of(cycle)]
    return did(person(0, START), lambda actor: subsidies.lines_of(ids, on=actor.on))


def confirmed(cycle):
    """All lists through the township and the county, each step by another person."""
    from bangfu.casework.notices import api as notices
    from bangfu.casework.subsidies import api as subsidies

    signed = subsidies.Signed("王书记", "李镇长")
    for view in views_of(cycle):
        for number, (call, day, given) in enumerate(
            (
                (subsidies.submit_list, START, {}),
                (subsidies.review, START, {"outcome": "forward"}),
                (notices.post, POSTED, {"kind": "before"}),
                (notices.close, CLOSED, {}),
                (subsidies.submit, CLOSED, {"signed": signed}),
                (subsidies.confirm, CLOSED, {}),
            ),
            start=2,
        ):
            actor = person(number, day)
            seen = {} if call is notices.post else {
                "seen_hash": did(actor, subsidies.opened_list, list_id=view.id).seen_hash
            }  # fmt: skip
            did(actor, call, list_id=view.id, **seen, **given)


def balances(day=PAYING):
    from bangfu.casework.budgets import api as budgets

    found = did(person(20, day), budgets.balances, county=COUNTY, year=2026)
    return {one.source: one for one in found}


def sums(lines):
    return {payer: sum(one.payable_by[payer] for one in lines) for payer in PAYERS}


def test_each_case_of_the_change_has_its_terms_and_payers(cycle, folder):
    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import read_facts

    lines = {one.loan_id: one for one in lines_of(cycle)}
    for loan, (policy, part, *fen) in BY_HAND.items():
        line = lines[loan]
        assert (line.policy, line.subsidised_part_fen) == (policy, part), loan
        assert [line.by_payer[payer] for payer in PAYERS] == [*fen, 0], loan
        assert line.payable_by == line.by_payer, loan
    assert lines[PLAIN].borrower_fen > lines[APPROVED].borrower_fen
    assert {"CN2026-1.6c", "TEST2026-1"} <= set(lines[APPROVED].clauses)
    assert {"LD2021-1.6", "TEST2026-1"} <= set(lines[AFTER].clauses), "before and after the old maturity"
    (warned,) = lines[IN_GAP].told["warnings"]
    assert (warned["code"], warned["clauses"]) == ("signed_in_gap", ["CN2021-1.10", "CN2026-5.2"])
    overlap = {loan: line.checks[3] for loan, line in lines.items() if line.checks[3]["outcome"] != "passed"}
    assert overlap[PLAIN]["outcome"] == "flagged"
    assert overlap[PLAIN]["clauses"] == ["CN2026-1.6d"]
    assert (overlap[REFUSED]["outcome"], overlap[REFUSED]["clauses"]) == ("failed", ["TEST2021-1"])
    # The same files through the core alone.
    start, end = SPRING_2026
    core = subsidy(read_facts(folder), site_book(), start=start, end=end).lines
    core = core.filter(pl.col("area_code").str.starts_with(COUNTY))
    assert set(core["loan_id"]) == set(lines)
    for payer in ("central", "province", "city", "county"):
        assert int(core[f"{payer}_fen"].sum()) == sum(one.by_payer[payer] for one in lines.values())
    # Old and new are never added up, and each has its own sums.
    regimes = did(person(0, START), subsidies.regimes, list_ids=[one.id for one in views_of(cycle)])
    assert [one.product for one in regimes] == ["assistance", "transition"]
    for regime in regimes:
        mine = [one for one in lines.values() if one.product == regime.product]
        assert (regime.open.lines, regime.open.payable_by) == (len(mine), sums(mine))
    assert regimes[1].open.payable_by["central"] == lines[AFTER].by_payer["central"] > 0


def test_each_source_pays_what_its_lines_say_to_the_fen(cycle):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.documents import api as documents
    from bangfu.casework.payments import api as payments

    confirmed(cycle)
    lines = lines_of(cycle)
    due = sums(lines)
    assert min(due[payer] for payer in ("central", "province", "city", "county")) > 0
    assert due["fiscal"] == 0
    now = balances()
    assert {payer: one.committed_fen for payer, one in now.items()} == due
    assert {payer: one.gap_fen for payer, one in now.items()} == due, "confirmed before anything was allotted"
    households = {one.household_id: one.borrower_name for one in lines}
    accounts = [
        payments.NewAccount(household, name, made_card(number), "示范县农村信用合作联社")
        for number, (household, name) in enumerate(sorted(households.items()))
    ]
    did(person(20, PAYING), payments.register, rows=accounts)
    batch = did(person(21, PAYING), payments.prepare, cycle_id=cycle.id)
    assert (batch.total_fen, batch.left_out) == (sum(due.values()), ())
    assert {payer: batch.by_source.get(payer, 0) for payer in PAYERS} == due

    def allotted(payer, fen):
        did(
            person(20, PAYING), budgets.allot, county=COUNTY, year=2026, source=payer, amount_fen=fen,
            document="示财农〔2026〕8号",
        )  # fmt: skip

    for payer in ("central", "province", "county"):
        allotted(payer, due[payer])
    allotted("city", due["city"] - 1)
    with pytest.raises(Refused, match="budget_short") as short:
        did(person(22, PAYING), payments.release, batch_id=batch.id, seen_hash=batch.content_hash)
    assert (short.value.field, short.value.facts["there_fen"]) == ("city", due["city"] - 1)
    assert {one.in_payment_fen for one in balances().values()} == {0}
    allotted("city", 1)
    batch = did(person(21, PAYING), payments.batch, batch_id=batch.id)
    released = did(person(22, PAYING), payments.release, batch_id=batch.id, seen_hash=batch.content_hash)
    assert {payer: one.in_payment_fen for payer, one in balances().items()} == due
    _, content = did(person(22, PAYING), documents.content_of, file_id=released.file_id)
    answer = results(content.decode("gbk"), on="2026-07-20")
    taken = did(person(23, PAYING), payments.take_results, batch_id=batch.id, content=answer, name="r.csv")
    assert not taken.problems
    end = balances()
    assert {payer: one.paid_fen for payer, one in end.items()} == due
    assert {(one.available_fen, one.committed_fen, one.in_payment_fen) for one in end.values()} == {(0, 0, 0)}
    assert did(person(20, PAYING), budgets.check_balanced) == ()
    # Each payment's money by source is its lines', and its entries are those sums.
    by_entry = dict(
        sql("select source, sum(amount_fen) from casework_budget_entry where kind = 'paid' group by 1")
    )
    assert by_entry == {payer: fen for payer, fen in due.items() if fen}
