"""The archive of a cycle: filled where the site made the paper, asked for where not, filed when it is there."""

from __future__ import annotations

import pytest
from tests.casework.archive_made import FILED_ON, all_brought, announced, brought, scan
from tests.casework.subsidies_made import CONFIRMED, everything, moment, office

__all__ = ["office"]


def refused(call):
    """The refusal of a call."""
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused) as told:
        call()
    return told.value


def told_of(office, *, by=("bureau", 1), place="", day=FILED_ON):
    from bangfu.casework.archive import api as archive

    return office.does(
        office.person(*by, day=day), archive.completeness, cycle_id=office.cycle_id, place=place
    )


def filled(office, *, by=("township", 1), place="", day=FILED_ON):
    from bangfu.casework.archive import api as archive

    return office.does(office.person(*by, day=day), archive.fill, cycle_id=office.cycle_id, place=place)


def test_the_seven_kinds_are_those_of_the_text(site):
    from bangfu.casework.archive import api as archive
    from bangfu.casework.people.api import ROLES

    assert [one.number for one in archive.KINDS] == list(range(1, 8))
    assert {part.code for kind in archive.KINDS for part in kind.parts} == set(archive.PARTS)
    four = {part.code for part in archive.KINDS[3].parts}
    assert four == {"before_notice", "before_near", "before_far"}
    assert {part.at for part in archive.KINDS[4].parts} == {"list", "village"}
    for part in archive.PARTS.values():
        assert set(part.by) <= set(ROLES)
        for role in part.by:
            assert "archive.add" in ROLES[role].may


def test_what_is_missing_is_named_with_place_branch_and_who_brings_it(office):
    view = office.view()
    found = told_of(office, place=view.township)
    assert {one.part.code for one in found.missing} == {
        "fund_document", "approval", "work_plan", "before_notice", "before_near", "before_far", "after_notice",
        "after_near", "after_far", "village_after_notice", "village_after_near", "village_after_far", "signed_list",
        "bank_statement", "transfer_slip", "yearly_summary",
    }  # fmt: skip
    slip = next(
        one for one in found.missing if one.part.code == "bank_statement" and one.list_id == office.list_id
    )
    assert slip.words.zh == f"{view.township_name}（{view.bank_name}）：银行上账流水单（由信用社信贷员提供）"
    villages = {
        one.place for one in found.missing if one.part.code == "village_after_near" and one.list_id == view.id
    }
    assert villages == {one.village for one in office.lines()}
    assert not any(one.due for one in found.missing if one.part.since and one.list_id == view.id)
    county = told_of(office)
    assert len(county.missing) > len(found.missing)
    assert [kind.number for kind, _ in county.by_kind()] == list(range(1, 8))


def test_what_the_site_made_is_filled_in_once(office):
    announced(office)
    township = office.view().township
    new = filled(office, place=township)
    parts = {one.part for one in new if one.list_id == office.list_id}
    assert parts == {
        "list_paper", "before_notice", "before_near", "before_far", "after_notice", "after_near", "after_far",
        "village_after_notice", "village_after_near", "village_after_far",
    }  # fmt: skip
    assert {one.made_by_us for one in new if one.part.endswith(("near", "far"))} == {False}
    assert filled(office, place=township) == ()
    mine = [one for one in told_of(office, place=township).missing if one.list_id == office.list_id]
    assert {one.part.code for one in mine} == {"signed_list", "bank_statement"}
    assert all(one.due for one in mine)


def test_papers_of_the_notice_show_masked_names_and_the_list_whole_ones(office):
    from tests.reports.papers_made import pages

    from bangfu.casework.documents import api as documents

    announced(office)
    found = {
        one.part: one for one in filled(office, place=office.view().township) if one.list_id == office.list_id
    }
    with everything():
        contents = documents.contents_of(
            file_ids=[found[part].file_id for part in ("list_paper", "after_notice")]
        )
    printed = {part: "".join(pages(contents[found[part].file_id])) for part in ("list_paper", "after_notice")}
    lines = office.lines()
    for line in lines:
        assert line.borrower_name in printed["list_paper"]
        assert line.borrower_name not in printed["after_notice"]
    assert "12317" in printed["after_notice"]


def test_a_list_that_changed_gets_a_new_paper_in_the_place_of_the_old(office):
    office.given()
    township = office.view().township
    (first,) = [one for one in filled(office, place=township) if one.list_id == office.list_id]
    office.on_line("held", office.lines()[0], (2022, 9, 27), by=("township", 3))
    (second,) = [one for one in filled(office, place=township) if one.list_id == office.list_id]
    assert second.replaces == first.id
    assert second.sha256 != first.sha256


def test_papers_are_brought_by_whom_they_are_asked_of(office):
    from bangfu.casework.archive import api as archive

    brought(office, "fund_document")
    wrong = office.person("branch_officer", day=FILED_ON)
    given = {"cycle_id": office.cycle_id, "part": "approval", "content": scan("x"), "name": "x.pdf"}
    refusal = refused(lambda: office.does(wrong, archive.add, **given))
    assert refusal.code == "not_your_role"
    assert refusal.facts["whose"].zh == "县乡村振兴（农业农村）局"
    auditor = office.person("auditor", day=FILED_ON)
    assert refused(lambda: office.does(auditor, archive.add, **given)).code == "not_your_role"
    other = office.person("township", 2, day=FILED_ON)
    plan = {**given, "part": "work_plan", "place": office.view().township}
    assert refused(lambda: office.does(other, archive.add, **plan)).code == "not_in_scope"
    bureau = office.person("bureau", day=FILED_ON)
    assert refused(lambda: office.does(bureau, archive.add, **{**given, "part": "none"})).code == "bad_field"
    assert refused(lambda: office.does(bureau, archive.add, **{**given, "content": b"x"})).code == "bad_file"
    stray = {**plan, "place": "522728999"}
    township = office.person("township", day=FILED_ON)
    assert refused(lambda: office.does(township, archive.add, **stray)).code == "not_in_scope"
    assert refused(lambda: office.does(township, archive.add, **{**plan, "place": "1"})).code == "bad_field"


def test_a_paper_is_replaced_only_by_a_newer_row_and_once(office):
    from bangfu.casework.archive import api as archive
    from bangfu.casework.archive.models import ArchivePaper

    first = brought(office, "work_plan", name="one")
    second = brought(office, "work_plan", name="two", replaces=first.id)
    assert second.replaces == first.id
    assert (
        refused(lambda: brought(office, "work_plan", name="three", replaces=first.id)).code
        == "already_decided"
    )
    third = brought(office, "work_plan", name="three")
    (item,) = [
        one for one in told_of(office, place=office.view().township).items if one.part.code == "work_plan"
    ]
    assert {one.id for one in item.papers} == {second.id, third.id}
    with everything():
        assert ArchivePaper.objects.count() == 3
    found = office.does(office.person("auditor", day=FILED_ON), archive.papers, cycle_id=office.cycle_id)
    assert {one.id for one in found} == {second.id, third.id}
    from django.db import DatabaseError

    with pytest.raises(DatabaseError), everything():
        ArchivePaper.objects.filter(pk=second.id).update(name="other")


def test_another_township_sees_nothing_of_it(office):
    from bangfu.casework.archive import api as archive

    brought(office, "work_plan")
    brought(office, "fund_document")
    other = office.person("township", 2, day=FILED_ON)
    found = office.does(other, archive.papers, cycle_id=office.cycle_id)
    assert found == ()
    place = office.view().township
    code = refused(lambda: told_of(office, by=("township", 2), place=place)).code
    assert code == "not_in_scope"
    mine = told_of(office, by=("township", 1), place=place)
    assert next(one.papers for one in mine.items if one.part.code == "fund_document")


def filing(office, **given):
    from bangfu.casework.archive import api as archive

    person = office.person(*given.pop("by", ("township", 1)), day=FILED_ON)
    seen = given.pop("seen_hash", "") or office.seen()
    return office.does(person, archive.file, list_id=office.list_id, seen_hash=seen, **given)


def test_a_list_is_filed_when_its_papers_are_there(office):
    from bangfu.casework.subsidies import api as subsidies

    announced(office)
    all_brought(office)
    assert refused(lambda: filing(office, seen_hash="0" * 64)).code == "content_changed"
    assert refused(lambda: filing(office, by=("village", 1))).code == "not_your_role"
    after = filing(office)
    assert after.state == "filed"
    with everything():
        last = subsidies.acts_of(office.list_id)[-1]
    assert (last.step, last.opinion) == ("filing", "")
    assert refused(lambda: filing(office)).code == "already_decided"


def test_what_is_missing_is_named_with_the_reason_or_the_list_is_not_filed(office):
    from bangfu.casework.subsidies import api as subsidies

    announced(office)
    refusal = refused(lambda: filing(office))
    assert refusal.code == "papers_missing"
    assert refusal.facts["rows"] == 6
    assert "由县财政局提供" in refusal.facts["what"].zh
    assert office.view().state == "filing"
    after = filing(office, reason="凭证原件在县审计局")
    assert after.state == "filed"
    with everything():
        last = subsidies.acts_of(office.list_id)[-1]
    assert last.opinion.startswith("凭证原件在县审计局（所缺：")
    assert "银行上账流水单" in last.opinion


def test_a_list_that_is_not_there_yet_is_not_filed(office):
    office.confirmed()
    assert refused(lambda: filing(office)).code == "wrong_stage"


def test_reports_show_what_the_lists_say_and_open_their_lines(office):
    from bangfu.casework.archive import api as archive

    bureau = office.person("bureau", day=CONFIRMED)
    for kind in archive.REPORTS:
        report = office.does(bureau, archive.reports, of=office.cycle_id, kind=kind)
        assert report.period
        assert all(len(row.cells) == len(report.columns) for row in report.rows)
    lines = office.does(bureau, archive.reports, of=office.cycle_id, kind="list")
    every = [line for one in lists_of(office) for line in office.lines(list_id=one.id)]
    assert {row.ids[0] for row in lines.rows if not row.total} == {str(one.id) for one in every}
    places = office.does(bureau, archive.reports, of=office.cycle_id, kind="place")
    payable = sum(row.cells[8] for row in places.rows if row.total and row.cells[0].zh.endswith("合计"))
    assert payable == sum(one.open.payable_fen for one in lists_of(office))
    year = office.does(bureau, archive.reports, of=2022, kind="yearly")
    assert year.period == "2022年度（截至2022-10-12）"
    assert {ref for row in year.rows for ref in row.ids} == {str(one.id) for one in every}


def test_a_year_that_is_not_over_is_told_as_the_year_so_far(office):
    from bangfu.casework.archive import api as archive

    def period(day):
        bureau = office.person("bureau", day=day)
        return office.does(bureau, archive.reports, of=2022, kind="yearly").period

    assert period((2022, 12, 31)) == "2022年度（截至2022-12-31）"
    assert period((2023, 1, 1)) == "2022年度"


def lists_of(office):
    from bangfu.casework.subsidies import api as subsidies

    with everything():
        return subsidies.lists_of(cycle_id=office.cycle_id, on=moment(CONFIRMED).date())


def test_a_township_reports_its_own_lines_only(office):
    from bangfu.casework.archive import api as archive

    township = office.person("township", day=CONFIRMED)
    report = office.does(township, archive.reports, of=office.cycle_id, kind="list")
    mine = [one for one in lists_of(office) if one.township == township.place]
    assert {row.ids[0] for row in report.rows if not row.total} == {
        str(line.id) for one in mine for line in office.lines(list_id=one.id)
    }
    code = refused(lambda: office.does(township, archive.reports, of=office.cycle_id, kind="none")).code
    assert code == "bad_field"


def test_a_report_is_taken_away_with_a_purpose_and_a_trail(office):
    import io

    import openpyxl

    from bangfu.casework.archive import api as archive
    from bangfu.casework.audit_trail import api as trail

    bureau = office.person("bureau", day=CONFIRMED)
    given = {"of": office.cycle_id, "kind": "place"}
    code = refused(lambda: office.does(bureau, archive.exported, purpose="", **given)).code
    assert code == "reason_missing"
    taken = office.does(bureau, archive.exported, purpose="季度汇总", **given)
    sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).worksheets[0]
    assert bureau.name in sheet.cell(3, 1).value
    assert "季度汇总" in sheet.cell(3, 1).value
    paper = office.does(bureau, archive.exported, purpose="季度汇总", form="pdf", **given)
    assert paper.content.startswith(b"%PDF-")
    with everything():
        told = trail.history(("cycle", office.cycle_id))
    assert [one.act for one in told][-2:] == ["subsidy.report_taken"] * 2


def test_what_the_archive_waits_for_stands_in_the_work_queue(office):
    from bangfu.casework.archive.waiting import papers_waiting

    announced(office)

    def waiting(*who):
        person = office.person(*who, day=FILED_ON)
        return {
            (one.title.zh.partition("：")[2], one.count)
            for one in office.does(person, lambda actor: list(papers_waiting(actor)))
        }

    assert waiting("finance") == {("资金文件", 1), ("拨款凭证", 1)}
    assert waiting("bureau") == {("批复文件", 1)}
    assert waiting("township") >= {("工作方案", 1), ("经领导签字盖章的清册", 1)}
    brought(office, "fund_document")
    brought(office, "transfer_slip")
    assert waiting("finance") == set()
    assert waiting("auditor") == set()
