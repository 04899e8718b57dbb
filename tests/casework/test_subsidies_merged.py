"""A township's villages are merged into another one's while their list is noticed: what was made there stays there."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.casework.cycles import COUNTY, opened
from tests.casework.registry_made import LATER, TODAY, asked, decided, sql
from tests.casework.subsidies_made import everything
from tests.site import NOW

AUTUMN, WINTER = (date(2026, 6, 21), date(2026, 9, 21)), (date(2026, 9, 21), date(2026, 12, 21))
BEGAN, POSTED, CLOSED, NEXT = (2026, 9, 24), (2026, 11, 17), (2026, 11, 28), (2026, 12, 28)


def person(number, day):
    from bangfu.casework.database.actor import Actor

    now = datetime(*day, 2, tzinfo=UTC)
    return replace(Actor.site(now=now, via="web"), account_id=920_000 + number, name=f"办事员{number}")


def did(actor, call, **given):
    from bangfu.casework.database.session import entered

    with entered(actor.scope):
        return call(actor=actor, **given)


class Merged:
    """The list of a township with its lines, noticed; then its villages go into a village of another township."""

    def __init__(self, as_role):
        from bangfu.casework.subsidies import api as subsidies

        self.as_role = as_role
        site = person(0, BEGAN)
        self.cycle = did(site, opened, period=AUTUMN, known_at=NOW)
        views = did(person(1, BEGAN), subsidies.compute_cycle, cycle_id=self.cycle.id, known_at=NOW)
        self.view = max(views, key=lambda one: one.open.lines)
        self.lines = self.lines_of(self.view.id)
        self.villages = sorted({one.village for one in self.lines})
        elsewhere = sql(
            "select code, name from casework_area where length(code) = 12 and left(code, 9) <> %s"
            " and code like %s order by code desc limit 1", [self.view.township, f"{COUNTY}%"],
        )  # fmt: skip
        ((self.into, self.into_name),) = elsewhere
        self.names = dict(sql("select code, name from casework_area where code = any(%s)", [self.villages]))

    def lines_of(self, list_id):
        from bangfu.casework.subsidies import api as subsidies

        with everything():
            return subsidies.lines_of([list_id], on=date(2026, 12, 28))

    def step(self, call, number, day, **given):
        from bangfu.casework.subsidies import api as subsidies

        actor = person(number, day)
        if call.__name__ != "post":
            given["seen_hash"] = did(actor, subsidies.opened_list, list_id=self.view.id).seen_hash
        return did(actor, call, list_id=self.view.id, **given)

    def noticed(self):
        from bangfu.casework.notices import api as notices
        from bangfu.casework.subsidies import api as subsidies

        self.step(subsidies.submit_list, 2, BEGAN)
        self.step(subsidies.review, 3, BEGAN, outcome="forward")
        self.step(notices.post, 4, POSTED, kind="before")

    def merge(self):
        bureau, other = (self.as_role("bureau", number, now=LATER) for number in (1, 2))
        for code in self.villages:
            details = {"code": code, "into_code": self.into, "on": TODAY}
            decided(other, asked(bureau, "area.merge", code, details))

    def confirmed(self):
        from bangfu.casework.notices import api as notices
        from bangfu.casework.subsidies import api as subsidies

        self.step(notices.close, 5, CLOSED)
        self.step(subsidies.submit, 6, CLOSED, signed=subsidies.Signed("王书记", "李镇长"))
        return self.step(subsidies.confirm, 7, CLOSED)


@pytest.fixture
def told(in_county, as_role) -> Merged:
    made = Merged(as_role)
    made.noticed()
    return made


def test_the_list_goes_on_where_it_was_made_and_the_notice_names_the_old_place(told, client_of):
    from bangfu.casework.archive import api as archive
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.bundle import opened as unpacked
    from bangfu.engine.recomputed import recomputed

    sheets = sql(
        "select id::text, area, level from casework_notice where list_id = %s order by area", [told.view.id]
    )
    paid = {one.village for one in told.lines if one.payable_fen > 0}
    assert {area for _, area, _ in sheets} == {told.view.township, *paid}
    assert paid
    public = client_of()
    before = {notice: public.get(f"/notices/{notice}/").content.decode() for notice, *_ in sheets}
    told.merge()
    assert sql("select count(*) from casework_household where scope_area = any(%s) and upper_inf(recorded)"
               " and upper_inf(valid)", [told.villages]) == [(0,)]  # fmt: skip
    for notice, area, level in sheets:
        page = public.get(f"/notices/{notice}/").content.decode()
        if level == "village":
            assert told.names[area] in page, "the sheet names the place it hangs in"
        heading = re.compile(r"<h1>.*?</h1>", re.DOTALL)
        assert heading.findall(page) == heading.findall(before[notice])
    after = told.lines_of(told.view.id)
    frozen = [(one.id, one.village, one.village_name, one.line_hash, one.payable_fen) for one in told.lines]
    assert [
        (one.id, one.village, one.village_name, one.line_hash, one.payable_fen) for one in after
    ] == frozen
    for line in after:
        assert told.names[line.village] in line.village_name, "not the bare code of a village that is gone"
    assert told.confirmed().state == "payment"
    auditor = person(9, NEXT)
    again = did(auditor, subsidies.reproduced, list_id=told.view.id)
    assert (again.same, again.differing) == (True, ())
    places = did(auditor, archive.completeness, cycle_id=told.cycle.id, place=told.view.township)
    assert places is not None
    made = did(auditor, archive.seal, cycle_id=told.cycle.id, reason="试封")
    from bangfu.casework.documents import api as documents

    _, content = did(auditor, documents.content_of, file_id=made.file_id)
    assert recomputed(unpacked(content)).faults == ()


def test_who_took_the_village_over_sees_its_lines_and_the_next_list_is_theirs(told):
    from bangfu.casework.subsidies import api as subsidies

    carried = told.lines[0]
    did(person(4, POSTED), subsidies.act_on_line, line_id=carried.id, kind="held", reason="账户待核实")
    told.merge()
    told.confirmed()
    on = datetime(*NEXT, 2, tzinfo=UTC)
    winter = did(person(0, NEXT), opened, period=WINTER, known_at=on - timedelta(hours=1))
    views = did(
        person(1, NEXT), subsidies.compute_cycle, cycle_id=winter.id, known_at=on - timedelta(hours=1)
    )
    with everything():
        lines = subsidies.lines_of([one.id for one in views], on=on.date())
    mine = {one.loan_id for one in told.lines}
    following = [one for one in lines if one.loan_id in mine]
    assert following
    assert {one.village for one in following} == {told.into}
    towns = {one.id: one.township for one in views}
    assert {towns[one.list_id] for one in following} == {told.into[:9]}
    (taken,) = (one for one in following if one.kind == "carried")
    assert (taken.corrects, taken.payable_fen) == (carried.id, carried.payable_fen)
    # By row-level security: the township that took the villages over sees what was frozen for them.
    from bangfu.casework.people import api as people

    scope = people.scope_of(1, people.Held(0, "township", told.into[:9]), on=on.date())
    taker = replace(person(8, NEXT), role="township", place=told.into[:9], scope=scope)
    seen = did(taker, subsidies.lines_of_loan, loan_id=carried.loan_id)
    assert {one.id for one in seen} >= {carried.id, taken.id}
