"""A cycle's archive sealed into one bundle: whole, without personal data beside its papers, the same a year later."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.casework.archive_made import FILED_ON, all_brought, announced
from tests.casework.subsidies_made import COUNTY, Office, everything, office
from tests.casework.subsidies_made import opened as cycle_opened
from tests.casework.test_archive import refused
from tests.site import NOW

__all__ = ["office"]
ONE_YEAR_ON_RECORD = NOW.replace(year=NOW.year + 1)
ONE_YEAR_ON = datetime(2024, 1, 8, 2, 0, tzinfo=UTC)


def sealed(office, *, place="", reason="照片原件在县局", day=FILED_ON, by=("bureau", 1)):
    from bangfu.casework.archive import api as archive

    person = office.person(*by, day=day)
    return office.does(person, archive.seal, cycle_id=office.cycle_id, place=place, reason=reason)


def content(office, file_id) -> bytes:
    from bangfu.casework.documents import api as documents

    return office.does(office.person("bureau", day=FILED_ON), documents.content_of, file_id=file_id)[1]


def entries(held: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(held)) as door:
        return {one.filename: door.read(one) for one in door.infolist()}


def test_a_sealed_cycle_verifies_offline_and_holds_all_of_it(office):
    from tests.reports.papers_made import pages

    from bangfu.casework.audit_trail import api as trail
    from bangfu.engine.bundle import opened
    from bangfu.engine.recomputed import recomputed

    announced(office)
    all_brought(office)
    township = office.view().township
    made = sealed(office, place=township)
    held = content(office, made.file_id)
    bundle = opened(held, manifest_hash=made.manifest_hash)
    assert bundle.faults == ()
    found = recomputed(bundle)
    assert found.faults == ()
    assert found.lists[str(office.list_id)] == office.view().lines_hash
    assert bundle.head["place"] == township
    assert bundle.head["trail"]["number"] > 0
    files = entries(held)
    assert {name.split("/")[0] for name in files} == {
        "README.txt", "carried.parquet",
        "cycle.json", "earlier.parquet", "facts", "lines.csv", "lines.parquet", "manifest.json", "packs",
        "papers", "reports", "trail.csv",
    }  # fmt: skip
    assert {int(name.split("/")[1][0]) for name in files if name.startswith("papers/")} >= {3, 4, 5, 6}
    told = files["trail.csv"].decode("utf-8-sig")
    assert "转下一环节" in told
    slip = "".join(pages(content(office, made.slip_id)))
    assert made.manifest_hash in slip
    assert "档案接收单" in slip
    with everything():
        assert trail.history(("cycle", office.cycle_id))[-1].act == "archive.sealed"


def test_beside_its_papers_and_reports_a_bundle_names_nobody(office):
    office.given()
    held = content(office, sealed(office, reason="试封").file_id)
    names = {line.borrower_name for line in office.lines()}
    with everything():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("select distinct head_name from casework_household where head_name <> ''")
            names |= {row[0] for row in cursor.fetchall()}
    for path, one in entries(held).items():
        if path.startswith(("papers/", "reports/")):
            continue
        text = one.decode("utf-8", "ignore")
        if path.endswith(".parquet"):
            frame = pl.read_parquet(io.BytesIO(one))
            assert {"borrower_name", "head_name", "borrower_id_number", "name"} & set(
                frame.columns
            ) == set(), path
            text = frame.write_ndjson()
        if path != "trail.csv":
            assert [name for name in names if len(name) > 2 and name in text] == [], path


def test_what_is_missing_stands_in_the_seal_with_the_reason(office):
    from bangfu.casework.archive import api as archive

    office.given()
    assert refused(lambda: sealed(office, reason=" ")).code == "papers_missing"
    assert refused(lambda: sealed(office, by=("township", 1))).code == "not_your_role"
    first, second = sealed(office, reason="先封一次"), sealed(office, reason="再封一次")
    assert (first.number, second.number) == (1, 2)
    assert any("银行上账流水单" in one for one in first.missing)
    found = office.does(office.person("auditor", day=FILED_ON), archive.seals, cycle_id=office.cycle_id)
    assert [one.reason for one in found] == ["再封一次", "先封一次"]
    manifest = json.loads(entries(content(office, first.file_id))["manifest.json"])
    assert manifest["missing"] == list(first.missing)
    assert manifest["reason"] == "先封一次"


def test_a_seal_of_one_moment_has_the_same_bytes(office):
    """What was sealed twice of the same state differs by the number of the seal and what was written down since."""
    office.given()
    first = entries(content(office, sealed(office, reason="甲").file_id))
    second = entries(content(office, sealed(office, reason="甲").file_id))
    differing = {name for name in first if first[name] != second.get(name)}
    assert differing == {"manifest.json", "trail.csv"}


def test_the_bundle_computes_to_the_same_hash_a_year_later(office):
    """The database went on: the facts were corrected, the packs may be others; the bundle says what it said."""
    from django.db import connection

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.bundle import opened
    from bangfu.engine.recomputed import recomputed

    office.given()
    was = office.view().lines_hash
    made = sealed(office, reason="试封")
    loan = office.lines()[0].loan_id
    with everything(), connection.cursor() as cursor:
        cursor.execute(
            "update casework_loan_event set recorded = tstzrange(lower(recorded), %s) where loan_id = %s"
            " and kind = 'interest_collected' and upper_inf(recorded)",
            [ONE_YEAR_ON_RECORD, loan],
        )
    bundle = opened(content(office, made.file_id), manifest_hash=made.manifest_hash)
    again = recomputed(bundle)
    assert again.faults == ()
    assert again.lists[str(office.list_id)] == was == office.view().lines_hash
    later = Actor.site(now=ONE_YEAR_ON)
    with everything():
        assert subsidies.list_of(office.list_id, on=later.on).lines_hash == was


def repaid_late(loan_id: str) -> None:
    """10,000 yuan that were repaid in July and that the bank booked in October."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'insert into casework_loan_event (loan_id, "on", kind, amount_fen, value, booked_on, source, note,'
            " recorded, recorded_by, scope_area, institution_id, household_id)"
            " select loan_id, '2023-07-20', 'repaid', 1000000, '', '2023-10-09', 'bank_file', '',"
            " tstzrange(%s, null), 0, scope_area, institution_id, household_id from casework_loan"
            " where loan_id = %s and upper_inf(recorded)",
            [NOW, loan_id],
        )


def test_corrections_of_an_earlier_quarter_are_computed_again_too(in_county, as_role):
    from bangfu.casework.archive import api as archive
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.bundle import opened
    from bangfu.engine.recomputed import recomputed

    summer, autumn = (Actor.site(now=datetime(2023, month, 28, 2, tzinfo=UTC)) for month in (9, 12))
    first = cycle_opened(summer, (date(2023, 6, 21), date(2023, 9, 21)))
    with everything():
        views = subsidies.lists_of(cycle_id=first.id, on=summer.on)
        for view in views:
            subsidies.move(
                actor=summer, view=view, step="branch_list", seen_hash=subsidies.content_hash(view)
            )
        lines = subsidies.lines_of([one.id for one in views], on=summer.on)
        loan = next(one for one in lines if one.subsidy_fen > 20_000 and one.opening_fen > 2_000_000)
        repaid_late(loan.loan_id)
    cycle = cycle_opened(autumn, (date(2023, 9, 21), date(2023, 12, 21)))
    with everything():
        found = subsidies.lines_about(loan_id=loan.loan_id, on=autumn.on)
        assert {one.kind for one in found} == {"regular", "recovery"}
        made = archive.seal(actor=autumn, cycle_id=cycle.id, reason="试封")
    bundle = opened(content(Office(as_role, cycle.id, None), made.file_id))
    again = recomputed(bundle)
    assert again.faults == ()
    earlier = pl.read_parquet(io.BytesIO(bundle.files["earlier.parquet"]))
    assert earlier["loan_id"].to_list() == [loan.loan_id]
    assert json.loads(bundle.files["cycle.json"])["county"] == COUNTY


@pytest.mark.parametrize("path", ["lines.parquet", "cycle.json", "trail.csv"])
def test_a_changed_file_of_a_real_bundle_is_named(office, path):
    from bangfu.engine.bundle import opened

    office.given()
    held = content(office, sealed(office, reason="试封").file_id)
    files = entries(held)
    files[path] += b" "
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as door:
        for name, one in files.items():
            door.writestr(name, one)
    (fault,) = opened(out.getvalue()).faults
    assert (fault.code, fault.where) == ("file_changed", path)
