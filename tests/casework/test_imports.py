"""Whole files: what a dry run tells, that an import is all or nothing and done once, and the way back."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.casework.test_imports_demo import in_order
from tests.site import NOW

LATER = NOW + timedelta(days=1)


def site_actor(now=NOW):
    from bangfu.casework.database.actor import Actor

    return Actor.site(now=now)


def read(actor, path, kind, **options):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    with entered(actor.scope):
        return imports.inspect_path(actor=actor, path=path, kind=kind, **options)


def run(actor, batch, **options):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    with entered(actor.scope):
        return imports.run(actor=actor, batch_id=batch.id, **options)


def undo(actor, batch, reason="试错"):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports

    with entered(actor.scope):
        return imports.undo(actor=actor, batch_id=batch.id, reason=reason + "，重新导入")


def facts_there():
    from bangfu.casework.as_facts import api as as_facts
    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)):
        return as_facts.facts_in_scope()


def counted(table: str, where: str = "true") -> int:
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where {where}")
        return cursor.fetchone()[0]


def written(folder, **tables):
    from bangfu.facts import write_facts

    folder.mkdir(exist_ok=True)
    write_facts(tables, folder, "csv")
    return folder


@pytest.fixture
def imported(committed, county_folder):
    """The county's files in an empty site, through the importer."""
    batch = read(site_actor(), county_folder, "county")
    return run(site_actor(), batch)


def test_a_county_comes_in_as_its_files_say_and_its_quarter_is_the_same_to_the_fen(imported, county_folder):
    from bangfu.engine.audit import audit
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import TABLES, read_facts
    from bangfu.policy import load_book

    files, there, book = read_facts(county_folder), facts_there(), load_book()
    for name in TABLES:
        assert_frame_equal(there.tables[name], in_order(name, files.tables[name]))
    quarter = {"start": date(2025, 12, 21), "end": date(2026, 3, 21)}
    ours, core = (subsidy(facts, book, **quarter) for facts in (there, files))
    assert core.lines.height > 20
    assert_frame_equal(ours.lines.sort("loan_id"), core.lines.sort("loan_id"))
    assert_frame_equal(ours.refusals.sort("loan_id", "code"), core.refusals.sort("loan_id", "code"))
    assert ours.totals() == core.totals()
    on = date(2026, 6, 30)
    assert findings(audit(there, book, as_of=on)) == findings(audit(files, book, as_of=on))
    loans = counted("casework_loan", "policy <> '' and not ordinary")
    assert loans + imported.last("done")["without_policy"] == files.loans.height


def findings(result):
    assert result.findings.height > 50
    return sorted(map(str, result.findings.rows())), result.summary.rows(), result.not_run


def test_a_dry_run_writes_nothing_but_itself_and_tells_all(committed, county_folder):
    batch = read(site_actor(), county_folder, "county")
    assert batch.state == "read"
    assert batch.told["counts"]["households"] == {"new": 444, "changed": 0, "same": 0, "ended": 0}
    assert {note[0] for note in batch.told["notes"]} >= {
        "unknown_area",
        "unknown_institution",
        "without_policy",
    }
    assert counted("casework_household") == counted("casework_loan") == 0
    assert counted("casework_import_batch") == 1


def test_the_same_file_again_changes_nothing(imported, county_folder):
    again = read(site_actor(LATER), county_folder, "county")
    assert all(not row["new"] and not row["changed"] for row in again.told["counts"].values())
    rows = counted("casework_loan_event"), counted("casework_fact_row"), counted("casework_personal_datum")
    done = run(site_actor(LATER), again)
    assert done.state == "done"
    assert rows == (
        counted("casework_loan_event"),
        counted("casework_fact_row"),
        counted("casework_personal_datum"),
    )
    assert run(site_actor(LATER), imported).state == "done"


def test_every_bad_row_is_told_and_nothing_comes_in(committed, county_folder, tmp_path):
    from bangfu.facts import read_facts

    facts = read_facts(county_folder)
    folder = written(tmp_path / "bad", households=facts.households, loans=facts.loans, events=facts.events)
    text = (folder / "loans.csv").read_text("utf-8-sig").splitlines()
    cells = text[3].split(",")
    cells[1] = "H-NOWHERE"
    text[3] = ",".join(cells)
    (folder / "loans.csv").write_text("\n".join(text), "utf-8")
    batch = read(site_actor(), folder, "county")
    assert batch.state == "refused"
    assert batch.told["problem_count"] >= 1
    assert ["loans.csv", "", 4] in [row[:3] for row in batch.told["problems"]]
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused, match="wrong_stage"):
        run(site_actor(), batch)


def test_a_later_roster_appends_and_closes_only_what_differs(in_county, as_role, county_folder, tmp_path):
    from bangfu.facts import read_facts

    files = read_facts(county_folder)
    before = facts_there()
    roster = files.tables["roster"]
    open_ones = roster.filter(pl.col("left_on").is_null())
    first = open_ones["household_id"][0]
    changed = pl.when((pl.col("household_id") == first) & pl.col("left_on").is_null())
    roster = roster.with_columns(
        changed.then(pl.lit(date(2026, 10, 1))).otherwise(pl.col("left_on")).alias("left_on"),
        changed.then(pl.lit("moved")).otherwise(pl.col("left_reason")).alias("left_reason"),
    )
    households = files.households.with_columns(
        pl.when(pl.col("household_id") == first)
        .then(pl.lit("新名字"))
        .otherwise(pl.col("head_name"))
        .alias("head_name")
    )
    folder = written(tmp_path / "later", households=households, members=files.members, roster=roster)
    actor = as_role("bureau", now=LATER)
    batch = read(actor, folder, "roster")
    assert batch.state == "read", batch.told["problems"]
    assert batch.told["counts"]["households"]["changed"] == 1
    assert batch.told["counts"]["roster"]["changed"] == 1
    assert batch.told["changes"]["households"][0]["head_name"][1] == "新名字"
    run(actor, batch)
    after = facts_there()
    assert after.households.filter(pl.col("household_id") == first)["head_name"].item() == "新名字"
    assert_frame_equal(
        after.tables["roster"].filter(pl.col("household_id") != first),
        before.tables["roster"].filter(pl.col("household_id") != first),
    )
    assert after.tables["roster"].height == before.tables["roster"].height
    assert counted("casework_household", "not upper_inf(recorded)") == 1
    third = as_role("bureau", now=LATER + timedelta(days=1))
    undo(third, batch)
    for name, frame in facts_there().tables.items():
        assert_frame_equal(frame, before.tables[name])


def test_a_ledger_of_a_bank_goes_on_from_what_is_known(in_county, as_role, tmp_path):
    before = facts_there()
    loans, events = before.loans, before.events
    balance = (
        pl.when(pl.col("kind") == "disbursed")
        .then("amount_fen")
        .when(pl.col("kind").is_in(["repaid", "written_off", "compensated", "converted"]))
        .then(-pl.col("amount_fen"))
        .otherwise(0)
    )
    owing = events.group_by("loan_id").agg(balance.sum()).filter(pl.col("amount_fen") > 1_000_00)["loan_id"]
    mine = loans.filter(pl.col("loan_id").is_in(owing.implode()), pl.col("lender").str.starts_with("示范县"))
    loan_id = mine["loan_id"].sort()[0]
    payment = (
        events.filter(pl.col("kind") == "repaid")
        .head(1)
        .with_columns(
            pl.lit(loan_id).alias("loan_id"),
            pl.lit(date(2026, 11, 18)).alias("on"),
            pl.lit(1_000_00, pl.Int64).alias("amount_fen"),
            pl.lit(date(2026, 11, 19)).alias("recorded_on"),
        )
    )
    own = events.filter(pl.col("loan_id") == loan_id)
    folder = written(tmp_path / "ledger", events=pl.concat([own, payment]))
    actor = as_role("county_bank", now=LATER)
    batch = read(actor, folder, "ledger")
    assert batch.state == "read", batch.told["problems"]
    assert batch.told["counts"]["events"] == {"new": 1, "changed": 0, "same": own.height, "ended": 0}
    run(actor, batch)
    assert facts_there().events.height == events.height + 1
    above = payment.with_columns(pl.lit(100_000_000_00, pl.Int64).alias("amount_fen"))
    refused = read(
        actor,
        written(
            tmp_path / "above", events=above.with_columns(pl.lit(999_999_00, pl.Int64).alias("amount_fen"))
        ),
        "ledger",
    )
    assert refused.state == "refused"
    assert refused.told["problems"][0][5] == "above_balance"
    next_bank = as_role("county_bank", 2, now=LATER)
    other = read(next_bank, folder, "ledger")
    assert other.state == "refused"


def test_an_import_on_which_later_facts_rest_is_not_undone(imported, tmp_path, county_folder):
    from bangfu.casework.database.refusals import Refused

    first = facts_there()
    loan_id = first.events["loan_id"][0]
    late = (
        first.events.filter(pl.col("loan_id") == loan_id)
        .head(1)
        .with_columns(
            pl.lit("reminded").alias("kind"),
            pl.lit(None, pl.Int64).alias("amount_fen"),
            pl.lit("spoken").alias("value"),
            pl.lit(date(2026, 11, 19)).alias("on"),
            pl.lit(date(2026, 11, 19)).alias("recorded_on"),
        )
    )
    second = read(site_actor(LATER), written(tmp_path / "one", events=late), "ledger")
    assert second.state == "read", second.told["problems"]
    run(site_actor(LATER), second)
    with pytest.raises(Refused) as refused:
        undo(site_actor(LATER + timedelta(hours=1)), imported)
    assert refused.value.code == "rests_on"
    assert refused.value.facts["events"] == {"count": 1, "first": [loan_id]}
    undo(site_actor(LATER + timedelta(hours=2)), second)
    done = undo(site_actor(LATER + timedelta(hours=3)), imported)
    assert done.state == "undone"
    left = facts_there()
    assert all(frame.is_empty() for frame in left.tables.values())
    assert counted("casework_loan_standing") == 0
    again = read(site_actor(LATER + timedelta(hours=4)), county_folder, "county")
    assert run(site_actor(LATER + timedelta(hours=4)), again).state == "done"


@pytest.mark.parametrize("role", ["village", "finance", "admin", "branch_officer"])
def test_who_may_not_import_is_refused(as_role, county_folder, role):
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused, match="not_your_role"):
        read(as_role(role), county_folder, "county")
