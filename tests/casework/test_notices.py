"""Notices: what anybody may read and what nobody may; days counted to the day; withdrawn visibly; photographs kept."""

from __future__ import annotations

import io
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from tests.casework.subsidies_made import (
    CLOSED,
    CONFIRMED,
    LAST_DAY,
    POSTED,
    REVIEWED,
    SUBMITTED,
    Office,
    at_once,
    everything,
    office,
    signed,
)

__all__ = ["office"]


def picture(kind="PNG") -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (4, 3), (200, 30, 40)).save(held, kind)
    return held.getvalue()


def read(call, **given):
    """What somebody without an account reads."""
    from bangfu.casework.database.session import Scope, entered

    with entered(Scope()):
        return call(**given)


def standing(day=POSTED, **given):
    from bangfu.casework.notices import api as notices

    return read(notices.notices, on=date(*day), **given).rows


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王**"), ("王明", "王*"), ("欧阳修", "欧阳*"), ("欧阳明月", "欧阳**"), ("欧阳", "欧*"), ("王", "*"),
        ("阿依古丽·买买提", "阿******"), ("Ann Lee", "A*****"), ("王小明（户主）", "王**"), (" 王　小明 ", "王**"),
        ("诸葛明（寡妇）", "诸葛*"), ("一二三四五六七八九十", "一*******"), ("", ""), ("１２", "*"), ("𠮷田中", "𠮷**"),
    ],
)  # fmt: skip
def test_a_masked_name_is_the_surname_and_stars(name, masked):
    from bangfu.casework.personal_data.names import masked_name

    assert masked_name(name) == masked


def test_the_township_has_one_sheet_and_each_village_with_lines_its_own(office):
    views = office.posted()
    lines = office.lines("open")
    villages = {one.village for one in lines}
    assert [(one.notice.level, one.notice.area) for one in views] == [
        ("township", lines[0].village[:9]), *(("village", code) for code in sorted(villages)),
    ]  # fmt: skip
    assert len(villages) == 2
    town = views[0].notice
    assert (town.lines, town.total_fen) == (3, sum(one.payable_fen for one in lines))
    assert sum(one.notice.total_fen for one in views[1:]) == town.total_fen
    assert (town.posted_on, town.clock.of, town.clock.last_day) == (date(*POSTED), 10, date(*LAST_DAY))
    assert (town.clauses, town.why, town.contact) == (("LD2021-6",), "", town.area_name)
    assert not views[0].too_late


def test_a_village_may_be_left_to_the_announcement(office):
    (town,) = office.posted(villages=False)
    assert town.notice.level == "township"
    office.act("close", CLOSED)


def test_what_the_public_reads_holds_no_personal_data(office):
    from bangfu.casework.notices import api as notices

    office.posted()
    lines = office.lines("open")
    (town,) = standing(area=lines[0].village[:9], kind="before")[:1]
    page = read(notices.notice, notice_id=town.id, on=date(*POSTED))
    told = repr(asdict(page)) + repr([asdict(one) for one in standing()])
    for line in lines:
        assert line.borrower_name not in told
        for secret in (line.loan_id, line.household_id, str(line.id), str(line.list_id)):
            assert secret not in told
    assert [(one.number, one.amount_fen) for one in page.rows] == [
        (number, one.payable_fen)
        for number, one in enumerate(sorted(lines, key=lambda one: (one.village, one.number)), 1)
    ]
    assert {one.masked_name for one in page.rows} == {
        one.borrower_name[0] + "*" * (len(one.borrower_name) - 1) for one in lines
    }
    assert page.total == 3
    assert len({one.token for one in page.rows}) == 3


def test_two_of_one_masked_name_in_a_village_differ_by_their_number_alone(office, monkeypatch):
    from bangfu.casework.notices import posting

    monkeypatch.setattr(posting, "masked_name", lambda _: "王**")
    office.posted()
    from bangfu.casework.notices import api as notices

    (town,) = [one for one in standing() if one.level == "township"]
    rows = read(notices.notice, notice_id=town.id, on=date(*POSTED)).rows
    assert {one.masked_name for one in rows} == {"王**"}
    assert [one.number for one in rows] == [1, 2, 3]


def test_the_clock_counts_full_days_after_the_posting_day(office):
    from bangfu.casework.notices import api as notices

    office.posted()
    (town,) = [one for one in standing() if one.level == "township"]
    days = {}
    for passed in (0, 1, 10, 11, 30):
        on = date(*POSTED) + timedelta(days=passed)
        clock = read(notices.notice, notice_id=town.id, on=on).notice.clock
        days[passed] = (clock.day, clock.over)
    assert days == {0: (0, False), 1: (1, False), 10: (10, False), 11: (10, True), 30: (10, True)}
    refusal = office.refused("notice_not_over", "close", LAST_DAY)
    assert (refusal.facts["last_day"], refusal.facts["day"]) == (date(*LAST_DAY), 10)
    assert town.clock.goes_on_from == date(*CLOSED)
    assert office.act("close", CLOSED).state == "township_submission"
    assert standing(CLOSED) == ()
    assert len(standing(CLOSED, past=True)) == 3


def test_a_list_is_not_closed_without_its_notice_nor_posted_twice_by_two(office):
    from functools import partial

    from bangfu.casework.notices import api as notices

    office.reviewed()
    office.refused("not_posted", "close", CLOSED)
    people = [office.person("township", number, day=POSTED) for number in (1, 3)]
    works = [partial(office.does, one, notices.post, list_id=office.list_id, kind="before") for one in people]
    assert at_once(*works) == ["already_decided", "done"]
    assert len(standing()) == 3
    office.refused("bad_field", "post", POSTED, kind="during")
    office.refused("wrong_stage", "post", POSTED, kind="after")
    office.refused("not_in_scope", "post", POSTED, kind="before", by=("township", 2))
    office.refused("not_your_role", "post", POSTED, kind="before", by=("bureau", 1))


def test_more_days_need_a_reason_fewer_are_refused(office):
    office.reviewed()
    office.refused("bad_field", "post", POSTED, kind="before", days=9, why="赶时间")
    office.refused("bad_field", "post", POSTED, kind="before", days=0, why="不公示")
    office.refused("reason_missing", "post", POSTED, kind="before", days=12)
    view, *_ = office.act("post", POSTED, kind="before", days=12, why="遇国庆节，多公示两天")
    assert (view.notice.clock.of, view.notice.why, view.notice.clauses) == (
        12,
        "遇国庆节，多公示两天",
        ("LD2021-6",),
    )
    office.refused("notice_not_over", "close", CLOSED)


def test_where_no_document_sets_the_days_they_are_given_with_a_reason(office, monkeypatch):
    from bangfu.casework.subsidies import api as subsidies

    office.reviewed()
    was = subsidies.list_of

    def silent(*given, **options):
        view = was(*given, **options)
        deadlines = {**view.cycle.deadlines, "notice.days": {"not_regulated": True}}
        return replace(view, cycle=replace(view.cycle, notice_days=None, deadlines=deadlines))

    monkeypatch.setattr(subsidies, "list_of", silent)
    for days, why, code in ((None, "", "not_regulated"), (7, "", "reason_missing")):
        office.refused(code, "post", POSTED, kind="before", days=days, why=why)
    view, *_ = office.act("post", POSTED, kind="before", days=7, why="参照邻县做法")
    assert (view.notice.clock.of, view.notice.why, view.notice.clauses) == (7, "参照邻县做法", ())


def test_a_notice_posted_too_late_says_so_and_is_not_shortened(office):
    late = (2022, 10, 5)
    office.reviewed()
    view, *_ = office.act("post", late, kind="before")
    assert view.too_late
    assert view.notice.clock.goes_on_from == date(2022, 10, 16) > view.submit_due_on


def test_a_returned_list_takes_its_notice_down_visibly(office):
    from bangfu.casework.notices import api as notices

    office.closed()
    office.act("submit", SUBMITTED, outcome="return", opinion="有误")
    gone = standing(SUBMITTED, past=True)
    assert [one.ended for one in gone] == ["returned"] * 3
    assert gone[0].ended_words.zh == "清册已退回，本公示撤下"
    assert gone[0].ended_on == date(*SUBMITTED)
    office.act("submit_list", SUBMITTED)
    office.act("review", SUBMITTED, outcome="forward")
    office.refused("not_posted", "close", (2022, 10, 30))
    office.act("post", SUBMITTED, kind="before")
    assert len(standing(SUBMITTED)) == 3
    reader = office.person("township", day=SUBMITTED)
    views = office.does(reader, notices.of_list, list_id=office.list_id)
    assert [one.notice.ended for one in views] == [""] * 3 + ["returned"] * 3


def test_a_notice_may_be_posted_again_with_a_reason_and_its_days_begin_anew(office):
    town, *_ = office.posted()
    again = {"kind": "before", "instead_of": town.notice.id}
    office.refused(
        "already_decided", "post", (2022, 10, 2), kind="before", why="漏贴一组"
    )  # as if sent twice
    office.refused("reason_missing", "post", (2022, 10, 2), **again)
    office.act("post", (2022, 10, 2), **again, why="漏贴一组")
    office.refused("already_decided", "post", (2022, 10, 2), **again, why="漏贴一组")
    every = standing((2022, 10, 2), past=True)
    assert sorted((one.posted_on.day, one.ended) for one in every) == [(2, "")] * 3 + [(28, "reposted")] * 3
    office.refused("notice_not_over", "close", CLOSED)
    office.act("close", (2022, 10, 13))


def test_what_was_not_posted_does_not_go_on(office):
    from bangfu.casework.database.refusals import Refused

    office.given()
    wrong = office.lines()[0]
    office.act("review", REVIEWED, outcome="forward", failed={wrong.id: {"amount"}})
    office.act("post", POSTED, kind="before")
    office.on_line("released", wrong, POSTED)
    refusal = office.refused("not_posted", "close", CLOSED)
    assert (refusal.facts["number"], refusal.facts["rows"]) == (str(wrong.number), 1)
    office.on_line("held", wrong, POSTED)
    office.act("close", CLOSED)
    with pytest.raises(Refused, match="not_posted"):
        office.on_line("released", wrong, SUBMITTED)


def test_photographs_are_kept_for_those_who_answer_for_the_place(office):
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.documents import api as documents
    from bangfu.casework.notices import api as notices

    town, first, second = office.posted()
    village = office.person("village", day=POSTED)
    here = replace(
        village,
        place=first.notice.area,
        scope=replace(village.scope, areas=(first.notice.area,), areas_before=()),
    )
    given = {"part": "near", "content": picture(), "name": "近景.png"}
    office.does(here, notices.photo, notice_id=first.notice.id, **given)
    for other in (second, town):
        with pytest.raises(Refused, match="not_in_scope"):
            office.does(here, notices.photo, notice_id=other.notice.id, **given)
    township = office.person("township", day=POSTED)
    for part in ("near", "far"):
        office.does(
            township,
            notices.photo,
            notice_id=town.notice.id,
            part=part,
            content=picture("JPEG"),
            name="图.jpg",
        )
    with pytest.raises(Refused, match="bad_file"):
        office.does(
            township,
            notices.photo,
            notice_id=town.notice.id,
            part="far",
            content=b"%PDF-1.4\n%%EOF\n",
            name="a.pdf",
        )
    with pytest.raises(Refused, match="bad_field"):
        office.does(
            township, notices.photo, notice_id=town.notice.id, part="side", content=picture(), name="a.png"
        )
    with pytest.raises(Refused, match="not_your_role"):
        office.does(
            office.person("branch_manager", day=POSTED), notices.photo, notice_id=town.notice.id, **given
        )
    views = office.does(township, notices.of_list, list_id=office.list_id)
    assert [one.photos_missing for one in views] == [(), ("far",), ("near", "far")]
    assert read(documents.files_of, subject=("notice", town.notice.id)) == []


def paid(office: Office) -> None:
    """The list as if all of it were paid; the payments themselves are tested in their folder."""
    from bangfu.casework.subsidies import api as subsidies

    office.confirmed()
    finance = office.person("finance", day=(2022, 10, 20))
    view = office.view()
    office.does(finance, subsidies.moved_on, view=view, step="payment", seen_hash=office.seen())


def test_after_payment_township_and_villages_are_told_and_then_it_is_filed(office):
    paid(office)
    office.refused("not_posted", "close", (2022, 10, 21))
    views = office.act("post", (2022, 10, 21), kind="after", villages=False)
    assert [(one.notice.kind, one.notice.level) for one in views] == [
        ("after", "township"), ("after", "village"), ("after", "village"),
    ]  # fmt: skip
    assert {(one.notice.clock.of, one.notice.clauses) for one in views} == {(10, ("LD2021-7",))}
    assert {one.kind for one in standing((2022, 10, 22))} == {"after"}
    done = office.act("close", (2022, 10, 22))  # no clause makes it wait
    assert done.state == "filing"


def test_nothing_is_public_but_the_notices(office):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.documents.models import StoredFile
    from bangfu.casework.notices.models import NoticeLine, Objection, ObjectionAct

    office.posted()
    with entered(Scope()):
        assert not [
            model for model in (NoticeLine, Objection, ObjectionAct, StoredFile) if model.objects.exists()
        ]
    with everything():
        assert NoticeLine.objects.count() == 6
    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, signed=signed())
    office.act("confirm", CONFIRMED)
