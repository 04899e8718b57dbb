"""Objections: from anybody; each stops its line alone; looked into by one, decided by another, answered by code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from tests.casework.subsidies_made import (
    CLOSED,
    CONFIRMED,
    POSTED,
    REVIEWED,
    SUBMITTED,
    Office,
    at_once,
    everything,
    moment,
    office,
    signed,
)

__all__ = ["office"]
DAY = (2022, 9, 30)
WHERE = {"address": "203.0.113.7"}


class Public:
    """Somebody with a phone, and those who look into what they say."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def rows(self, kind="before", day=DAY):
        from bangfu.casework.notices import api as notices

        on = date(*day)
        with self.asking():
            town = next(
                one
                for one in notices.notices(on=on, kind=kind, past=True).rows
                if one.level == "township" and not one.ended
            )
            return notices.notice(notice_id=town.id, on=on).rows

    def asking(self):
        from bangfu.casework.database.session import Scope, entered

        return entered(Scope())

    def objects(self, row=0, day=DAY, ground="amount_wrong", *, now=None, token=None, **given):
        from bangfu.casework.notices import api as notices

        with self.asking():
            return notices.object_to(
                token=token or self.rows()[row].token,
                ground=ground,
                now=now or moment(day),
                **{**WHERE, **given},
            )

    def answer(self, receipt):
        from bangfu.casework.notices import api as notices

        with self.asking():
            return notices.answer_of(code=receipt.code)

    def one(self, receipt, reader=("township", 1)):
        """The objection as the township sees it."""
        from bangfu.casework.notices import api as notices

        actor = self.office.person(*reader, day=DAY)
        page = self.office.does(actor, notices.objections)
        return next(one for one in page.rows if one.number == receipt.number)

    def looks(self, receipt, *, by=("township", 1), day=DAY, **given):
        from bangfu.casework.notices import api as notices

        given.setdefault("finding", "入户核实，询问户主，查看银行流水")
        return self.office.does(
            self.office.person(*by, day=day), notices.investigate, objection_id=self.one(receipt).id, **given
        )

    def decides(self, receipt, outcome, *, by=("township", 3), day=DAY, seen=None, **given):
        from bangfu.casework.notices import api as notices

        given.setdefault("answer", "经核实，答复如上")
        found = self.one(receipt)
        return self.office.does(
            self.office.person(*by, day=day), notices.decide, objection_id=found.id, outcome=outcome,
            seen_hash=seen or found.seen_hash, **given,
        )  # fmt: skip

    def refused(self, code, call, *given, **options):
        from bangfu.casework.database.refusals import Refused

        with pytest.raises(Refused) as told:
            call(*given, **options)
        assert told.value.code == code
        return told.value


@pytest.fixture
def public(office) -> Public:
    office.posted()
    return Public(office)


def statuses(office) -> list[str]:
    """Of the list's lines in the order of the notice."""
    return [one.status for one in sorted(office.lines(), key=lambda one: (one.village, one.number))]


def test_an_objection_holds_its_line_and_no_other(office, public):
    from bangfu.casework.audit_trail import api as trail

    receipt = public.objects(1, text="他家早就还清了")
    assert len(receipt.code.replace("-", "")) == 16
    assert statuses(office) == ["open", "held", "open"]
    found = public.one(receipt)
    assert (found.ground, found.text, found.signed, found.name, found.state) == (
        "amount_wrong", "他家早就还清了", False, "", "received",
    )  # fmt: skip
    assert found.row.number == 2
    assert found.due_on == date(*DAY) + timedelta(days=10)
    held = found.line
    assert (held.status, held.status_reason) == ("held", f"收到异议{receipt.number}，调查处理期间暂缓")
    with everything():
        (told,) = trail.history(("objection", found.id))
    assert (told.act, told.who, told.role, told.after["signed"]) == (
        "objection.received",
        "公众",
        "public",
        False,
    )
    assert "还清" not in repr(told)
    assert public.answer(receipt).state == "received"


def test_who_signs_is_kept_in_the_vault_and_seen_masked_not_by_the_village_or_the_bank(office, public):
    from bangfu.casework.database.session import entered
    from bangfu.casework.notices import api as notices
    from bangfu.casework.notices.models import Objection, ObjectionAct
    from bangfu.casework.people import api as people

    receipt = public.objects(0, name="赵 正直", phone="138-0013-8000", text="不是本村人")
    found = public.one(receipt)
    assert (found.signed, found.name, found.phone) == (True, "赵**", "138****8000")
    township = office.person("township", day=DAY)
    given = {"table_name": "casework_objection", "row_id": str(found.id), "reason": "回访核实情况"}
    clear = office.does(township, people.reveal, field="name", datum_id=found.name_id, **given)
    assert clear == "赵 正直"
    village = office.person("village", day=DAY)
    area = found.line.village
    here = replace(village, place=area, scope=replace(village.scope, areas=(area,), areas_before=()))
    (seen,) = office.does(here, notices.objections).rows
    assert (seen.name, seen.phone) == ("***", "***")
    bank = office.person("branch_manager", day=DAY)
    with entered(bank.scope):
        assert not Objection.objects.exists()
        assert not ObjectionAct.objects.exists()
    public.refused("not_your_role", office.does, bank, notices.objections)
    other = office.person("township", 2, day=DAY)
    assert office.does(other, notices.objections).total == 0
    public.refused("not_in_scope", office.does, other, notices.objection, objection_id=found.id)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("bad_field", {"ground": "envy"}),
        ("missing_field", {"ground": "other"}),
        ("too_large", {"text": "长" * 501}),
        ("bad_text", {"text": "a\x00b"}),
        ("missing_field", {"name": "赵正直"}),
        ("missing_field", {"phone": "13800138000"}),
        ("bad_field", {"name": "赵正直", "phone": "12"}),
        ("bad_field", {"name": "长" * 33, "phone": "13800138000"}),
        ("not_in_scope", {"token": "no-token"}),
        ("not_in_scope", {"token": "00000000-0000-4000-8000-000000000000"}),
    ],
)
def test_what_is_not_an_objection_is_refused_and_holds_nothing(public, code, given):
    public.refused(code, public.objects, **given)
    assert statuses(public.office) == ["open"] * 3


def test_an_address_asks_so_often_an_hour_and_is_not_kept(office, public):
    from bangfu.casework.people.models import Asked

    for number in range(6):
        public.objects(number % 3)
    refusal = public.refused("rate_limited", public.objects)
    assert refusal.facts["most_an_hour"] == 6
    public.objects(address="203.0.113.8")
    public.objects(now=moment(DAY) + timedelta(hours=2))
    with everything():
        kept = [(one.account_id, one.token) for one in Asked.objects.all()]
    assert len(kept) == 3
    assert len({token for _, token in kept}) == 2
    assert "203.0.113" not in repr(kept)
    public.objects(now=moment(DAY) + timedelta(days=2))
    with everything():
        assert Asked.objects.count() == 1  # of days before nothing is kept


def test_upheld_with_a_clause_the_line_is_excluded_and_the_list_goes_on(office, public):
    receipt = public.objects(0)
    public.refused("not_investigated", public.decides, receipt, "upheld")
    public.looks(receipt)
    found = public.decides(receipt, "upheld", clause="LD2021-1.6", answer="核实属实，该笔不予贴息")
    assert (found.state, found.line.status, found.line.status_clause) == ("decided", "excluded", "LD2021-1.6")
    assert found.line.status_reason == f"异议{receipt.number}成立：核实属实，该笔不予贴息"
    answer = public.answer(receipt)
    assert (answer.outcome, answer.remedy, answer.answer, answer.decided_on, answer.row) == (
        "upheld", "excluded", "核实属实，该笔不予贴息", date(*DAY), 1,
    )  # fmt: skip
    office.act("close", CLOSED)
    assert office.view().open.lines == 2


def test_upheld_without_a_clause_it_is_carried_to_be_corrected(office, public):
    receipt = public.objects(0)
    public.looks(receipt)
    assert public.decides(receipt, "upheld").line.status == "carried"
    assert public.answer(receipt).remedy == "carried"


def test_rejected_the_line_goes_on(office, public):
    receipt = public.objects(0)
    public.looks(receipt)
    public.refused("bad_field", public.decides, receipt, "rejected", clause="LD2021-1.6")
    public.refused("bad_field", public.decides, receipt, "upheld", clause="LD1999-1")
    public.refused("bad_field", public.decides, receipt, "perhaps")
    public.refused("reason_missing", public.decides, receipt, "rejected", answer=" ")
    public.refused("too_large", public.decides, receipt, "rejected", answer="长" * 501)
    found = public.decides(receipt, "rejected", by=("bureau", 1))
    assert (found.line.status, found.acts[-1].done_role, found.acts[-1].remedy) == (
        "open",
        "bureau",
        "released",
    )
    public.refused("already_decided", public.decides, receipt, "upheld")
    public.refused("already_decided", public.looks, receipt)
    office.act("close", CLOSED)
    assert office.view().open.lines == 3


def test_who_looked_into_it_does_not_decide_it(office, public):
    receipt = public.objects(0)
    public.looks(receipt)
    refusal = public.refused("own_step", public.decides, receipt, "rejected", by=("township", 1))
    assert "杨文军" in refusal.facts["others"].zh
    public.refused("not_your_role", public.decides, receipt, "rejected", by=("village", 1))
    seen = public.one(receipt).seen_hash
    public.looks(receipt, by=("station", 1), finding="再访邻居")
    public.refused("content_changed", public.decides, receipt, "rejected", seen=seen)
    public.decides(receipt, "rejected")


def test_nobody_looks_into_their_own_household(office, public):
    from bangfu.casework.origination import api as origination

    receipt = public.objects(0)
    household = public.one(receipt).line.household_id
    reviewer = office.person("township", day=DAY)
    office.does(reviewer, origination.declare_own_household, household_id=household)
    public.refused("own_step", public.looks, receipt)
    public.looks(receipt, by=("station", 1))
    public.refused("own_step", public.decides, receipt, "rejected", by=("township", 1))
    public.decides(receipt, "rejected")


def test_papers_of_an_investigation_are_kept_and_opened_by_those_who_may(office, public):
    from bangfu.casework.documents import api as documents
    from bangfu.casework.notices import api as notices

    receipt = public.objects(0)
    found = public.one(receipt)
    paper = office.does(
        office.person("station", day=DAY), notices.objection_paper, objection_id=found.id,
        content=b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", name="笔录.pdf",
    )  # fmt: skip
    assert [one.id for one in public.one(receipt).papers] == [paper.id]
    assert office.does(office.person("township", day=DAY), documents.content_of, file_id=paper.id)[
        0
    ].kind == ("objection_paper")
    bank = office.person("branch_manager", day=DAY)
    public.refused("not_in_scope", office.does, bank, documents.content_of, file_id=paper.id)


def test_of_two_objections_to_a_line_both_must_be_decided(office, public):
    from bangfu.casework.database.refusals import Refused

    first, second = public.objects(0), public.objects(0, ground="not_poor")
    for one in (first, second):
        public.looks(one)
    assert public.decides(first, "rejected").acts[-1].remedy == "none"
    assert statuses(office) == ["held", "open", "open"]
    with pytest.raises(Refused, match="objection_open"):
        office.on_line("released", public.one(second).line, DAY)
    assert public.decides(second, "rejected").acts[-1].remedy == "released"
    assert statuses(office) == ["open"] * 3


def test_a_line_the_township_holds_itself_is_not_released_by_an_objections_end(office, public):
    line = min(office.lines(), key=lambda one: (one.village, one.number))
    office.on_line("held", line, POSTED, reason="户口待查")
    receipt = public.objects(0)
    public.looks(receipt)
    assert public.decides(receipt, "rejected").acts[-1].remedy == "none"
    assert statuses(office)[0] == "held"
    office.on_line("released", line, DAY)


def test_an_open_objection_stays_behind_and_is_carried_with_its_reason(office, public):
    receipt = public.objects(2)
    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, signed=signed())
    assert office.view().open.lines == 2
    office.act("confirm", CONFIRMED)
    assert statuses(office) == ["open", "open", "carried"]
    assert receipt.number in office.lines("carried")[0].status_reason
    public.looks(receipt)
    assert public.decides(receipt, "rejected", day=CONFIRMED).acts[-1].remedy == "waits"
    assert statuses(office)[2] == "carried"


def test_decided_after_the_signing_a_rejected_line_waits_and_an_upheld_one_is_excluded(office, public):
    first, second = public.objects(0), public.objects(1)
    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, signed=signed())
    for one in (first, second):
        public.looks(one)
    assert public.decides(first, "rejected", day=CONFIRMED).acts[-1].remedy == "waits"
    office.act("confirm", CONFIRMED)
    found = public.decides(second, "upheld", clause="LD2021-1.6", day=CONFIRMED)
    assert found.acts[-1].remedy == "excluded"
    assert statuses(office) == ["carried", "excluded", "open"]


def test_an_objection_comes_along_when_its_list_is_returned(office, public):
    receipt = public.objects(0)
    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, outcome="return", opinion="重算")
    public.refused("expired", public.objects, token=public.one(receipt).row.token)
    office.act("submit_list", SUBMITTED)
    assert statuses(office) == ["held", "open", "open"]
    office.act("review", SUBMITTED, outcome="forward")
    office.act("post", SUBMITTED, kind="before")
    assert len(public.rows(day=SUBMITTED)) == 2


def test_an_objection_comes_along_into_the_next_cycle(office, public):
    """The carried line stands on the next list, where the branch gives it: held, as long as nobody has decided."""
    from tests.casework.subsidies_made import opened

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.subsidies import api as subsidies

    receipt = public.objects(2)
    for name, day, given in (
        ("close", CLOSED, {}),
        ("submit", SUBMITTED, {"signed": signed()}),
        ("confirm", CONFIRMED, {}),
    ):
        office.act(name, day, **given)
    winter = opened(Actor.site(now=moment((2022, 12, 25))), (date(2022, 9, 21), date(2022, 12, 21)))
    before = office.view()
    with everything():
        views = subsidies.lists_of(cycle_id=winter.id, township=before.township, on=date(2022, 12, 25))
        (after,) = [one for one in views if one.institution_id == before.institution_id]
    (taken,) = [one for one in office.lines(list_id=after.id) if one.kind == "carried"]
    assert taken.status == "open"
    office.act("submit_list", (2022, 12, 26), list_id=after.id)
    (taken,) = [one for one in office.lines(list_id=after.id) if one.kind == "carried"]
    assert taken.status == "held"
    assert public.one(receipt).line.id == taken.id
    public.looks(receipt, day=(2022, 12, 27))
    found = public.decides(receipt, "rejected", day=(2022, 12, 27))
    assert (found.acts[-1].remedy, found.line.status) == ("released", "open")
    (was,) = [one for one in office.lines() if one.id == taken.corrects]
    assert was.status == "carried"


def test_after_payment_one_may_object_too_and_nothing_is_held(office, public):
    from bangfu.casework.notices import api as notices
    from bangfu.casework.subsidies import api as subsidies

    office.act("close", CLOSED)
    office.act("submit", SUBMITTED, signed=signed())
    office.act("confirm", CONFIRMED)
    finance = office.person("finance", day=(2022, 10, 20))
    office.does(finance, subsidies.moved_on, view=office.view(), step="payment", seen_hash=office.seen())
    office.act("post", (2022, 10, 21), kind="after")
    row = public.rows(kind="after", day=(2022, 10, 21))[0]
    receipt = public.objects(token=row.token, ground="money_not_reached", day=(2022, 10, 22))
    assert statuses(office) == ["open"] * 3
    public.looks(receipt, day=(2022, 10, 23))
    found = public.decides(receipt, "upheld", day=(2022, 10, 24), answer="已督促补发到户")
    assert (found.acts[-1].remedy, found.notice.kind) == ("later", "after")
    with public.asking():
        assert notices.answer_of(code=receipt.code.lower().replace("-", " ")).answer == "已督促补发到户"


def test_a_wrong_code_tells_nothing(public):
    from bangfu.casework.notices import api as notices

    public.objects(0)
    for wrong in ("", "AAAA-AAAA-AAAA-AAAA"):
        with public.asking():
            public.refused("not_in_scope", partial(notices.answer_of, code=wrong))


def test_an_objection_and_the_close_at_once_never_let_the_line_through(office, public):
    """Either the objection came first and the list was another than was seen, or it held the line afterwards."""
    from bangfu.casework.notices import api as notices

    seen, token = office.seen(), public.rows()[0].token
    close = partial(
        office.does,
        office.person("township", day=CLOSED),
        notices.close,
        list_id=office.list_id,
        seen_hash=seen,
    )

    def objects() -> None:
        public.objects(token=token, day=CLOSED)

    said = at_once(close, objects)
    assert said in (["content_changed", "done"], ["done", "done"])
    assert statuses(office) == ["held", "open", "open"]


def test_of_two_who_decide_at_once_one_wins(office, public):
    from bangfu.casework.notices import api as notices

    receipt = public.objects(0)
    public.looks(receipt, by=("station", 1))
    found = public.one(receipt)
    given = {
        "objection_id": found.id,
        "outcome": "rejected",
        "answer": "不成立",
        "seen_hash": found.seen_hash,
    }
    works = [
        partial(office.does, office.person(*who, day=DAY), notices.decide, **given)
        for who in (("township", 3), ("bureau", 1))
    ]
    assert at_once(*works) == ["already_decided", "done"]
    assert statuses(office) == ["open"] * 3


def test_each_is_told_of_the_objections_they_are_asked_about(office, public):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import queue

    def waits(role, number=1):
        actor = office.person(role, number, day=DAY)
        with entered(actor.scope):
            return [(one.title.zh, one.due) for one in queue.waiting(actor).items if one.url == "objection"]

    receipt, due = public.objects(0), date(*DAY) + timedelta(days=10)
    assert waits("station") == waits("township") == [("调查异议", due)]
    assert waits("bureau") == waits("station", 2) == []
    public.looks(receipt)
    assert waits("station") == []
    assert waits("township") == []  # who looked into it
    assert waits("township", 3) == waits("bureau") == [("处理异议", due)]
    assert REVIEWED < POSTED < DAY
