"""Exceptions, top-ups and renewals, two at once, the papers, the monthly filings."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.casework.lending_made import everything
from tests.casework.origination_made import Desk, household
from tests.site import NOW


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


def pages(content: bytes) -> str:
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


OLD = date(1958, 3, 7)  # 68 years old: beyond the limit, which holds in principle


def test_an_exception_is_asked_by_one_and_approved_by_another(desk):
    from bangfu.casework.documents import api as documents
    from bangfu.casework.origination import api

    made = desk.submitted(born=OLD)
    desk.rated(made)
    view = desk.view(made, "village")
    assert view.decision["outcome"] == "needs_exception"
    for role in ("village", "township", "station"):
        desk.reviews(made, role)
    view = desk.view(made, "branch_officer")
    said = desk.said(view, proposal=desk.proposal())
    given = {"application_id": made, "step": view.state, "said": said}
    refused = desk.refused(api.review, "branch_officer", seen=view.seen, **given)
    assert (refused.code, refused.facts["codes"]) == ("exception_needed", ("age_out_of_range",))
    ask = {"application_id": made, "code": "age_out_of_range"}
    assert desk.refused(api.ask_exception, "branch_officer", ground="", **ask).code == "reason_missing"
    assert (
        desk.refused(api.ask_exception, "village", ground="身体健康，儿子担任劳力", **ask).code
        == "not_your_role"
    )
    wrong = {"application_id": made, "code": "over_household_cap"}
    assert desk.refused(api.ask_exception, "branch_officer", ground="想多借", **wrong).code in (
        "reason_missing",
        "bad_field",
    )
    request = desk.does(api.ask_exception, "branch_officer", ground="身体健康，与儿子共同经营", **ask)
    assert (
        desk.refused(api.ask_exception, "branch_officer", 3, ground="身体健康，与儿子共同经营", **ask).code
        == "duplicate"
    )
    seen = desk.view(made, "county_bank").seen
    decide = {
        "application_id": made,
        "request_id": request,
        "outcome": "approve",
        "ground": "同意，限本次",
        "seen": seen,
    }
    assert desk.refused(api.decide_exception, "branch_manager", **decide).code == "not_your_role"
    stale = decide | {"seen": "00"}
    assert desk.refused(api.decide_exception, "county_bank", **stale).code == "content_changed"
    asker = replace(desk("branch_officer"), role="county_bank", place="B01")
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered

    with entered(asker.scope), pytest.raises(Refused, match="own_step"):
        api.decide_exception(actor=asker, **decide)
    desk.does(api.decide_exception, "county_bank", **decide)
    assert desk.refused(api.decide_exception, "bureau", **decide).code == "already_decided"
    (paper,) = desk.view(made, "branch_officer").made
    _, content = desk.does(documents.content_of, "branch_officer", file_id=paper.id)
    assert "与儿子共同经营" in pages(content)
    assert desk.refused(api.review, "branch_officer", seen=view.seen, **given).code == "content_changed"
    assert desk.reviews(made, "branch_officer") == "bank_decision"
    assert desk.reviews(made, "branch_manager") == "approved"
    approved = desk.does(api.approved, "branch_manager", application_id=made)
    assert approved.exceptions == ("age_out_of_range",)


def test_an_exception_that_is_refused_blocks_on(desk):
    from bangfu.casework.origination import api

    made = desk.submitted(born=OLD)
    ask = {"application_id": made, "code": "age_out_of_range", "ground": "身体健康，与儿子共同经营"}
    request = desk.does(api.ask_exception, "branch_officer", **ask)
    given = {"application_id": made, "request_id": request, "outcome": "refuse", "ground": "年龄偏大，风险高"}
    desk.does(api.decide_exception, "bureau", seen=desk.view(made, "bureau").seen, **given)
    (one,) = desk.view(made, "branch_officer").exceptions
    assert one.outcome == "refuse"
    desk.rated(made)
    for role in ("village", "township", "station"):
        desk.reviews(made, role)
    view = desk.view(made, "branch_officer")
    said = desk.said(view, proposal=desk.proposal())
    given = {"application_id": made, "step": view.state, "said": said, "seen": view.seen}
    assert desk.refused(api.review, "branch_officer", **given).code == "exception_needed"


def test_the_bank_rates_before_it_decides_and_lends_no_more_than_that(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    for role in ("village", "township", "station"):
        desk.reviews(made, role)

    def examined(**changes):
        view = desk.view(made, "branch_officer")
        said = desk.said(view, proposal=desk.proposal(**changes))
        return desk.refused(
            api.review, "branch_officer", application_id=made, step=view.state, said=said, seen=view.seen
        )

    assert (examined().code, examined().field) == ("missing_field", "rating")
    desk.rated(made, limit_fen=2_000_000)
    assert examined().code == "over_cap"
    assert examined(amount_fen=9_000_000).field == "amount_fen"
    assert examined(term_months=36).field == "term_months"
    assert examined(interest_method="").field == "interest_method"
    view = desk.view(made, "branch_officer")
    said = desk.said(view, proposal=desk.proposal(amount_fen=2_000_000))
    given = {"application_id": made, "step": view.state, "said": said, "seen": view.seen}
    assert desk.does(api.review, "branch_officer", **given) == "bank_decision"
    assert desk.reviews(made, "branch_manager") == "approved"
    assert desk.does(api.approved, "branch_manager", application_id=made).amount_fen == 2_000_000


def lent(desk, home: str, *, principal: int, product: str = "assistance", signed=date(2026, 4, 1)) -> str:
    """A live loan of a household at the first branch."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from bangfu.casework.database.models import from_now
    from bangfu.casework.lending.models import Loan, LoanEvent

    officer, village = desk("branch_officer"), desk.village()
    same = {
        "recorded": from_now(NOW - timedelta(days=60)), "recorded_by": 0, "household_id": home, "scope_area": village,
        "institution_id": officer.place,
    }  # fmt: skip
    ends = date(signed.year + 1, signed.month, signed.day)
    with everything():
        Loan.objects.create(
            loan_id=f"L-{home}", lender="示范县农村信用合作联社", product=product, kind="new", area_code=village,
            contract_on=signed, matures_on=ends, term=DateRange(signed, ends), principal_fen=principal,
            rate_e8=3_000_000, interest_method="daily_360", purpose="livestock", guarantee="none", **same,
        )  # fmt: skip
        LoanEvent.objects.create(
            loan_id=f"L-{home}",
            on=signed,
            kind="disbursed",
            amount_fen=principal,
            booked_on=signed,
            source="test",
            **same,
        )
    return f"L-{home}"


def test_the_township_sees_what_the_household_owes_everywhere(desk):
    home, _ = household(desk.village(), nth=3)
    other = lent(desk, home, principal=3_000_000)
    from bangfu.casework.origination import api

    made = desk.does(api.open_application, "branch_officer", household_id=home)
    assert desk.view(made, "branch_officer").loans is None
    told = dict(KEEP_TOLD) | {"borrower_member_id": f"{home}-0", "kind": "top_up", "parent_loan_id": other}
    desk.does(
        api.save_version, "branch_officer", application_id=made, entered=api.Entered(**told), seen_number=1
    )
    for kind in ("signed_form", "id_card", "household_register", "marriage_paper", "bank_card"):
        desk.paper(made, kind)
    desk.does(api.submit, "branch_officer", application_id=made)
    desk.reviews(made, "village")
    view = desk.view(made, "township")
    assert view.loans.by_product == (("assistance", 1, 3_000_000),)
    assert not view.loans.number_elsewhere
    assert "live_loan_balances" not in str(view.decision)
    assert desk.view(made, "village").loans is None


KEEP_TOLD = {
    "borrower_marital_status": "married", "family_size": 4, "borrower_phone": "13800000001", "address": "三组",
    "spouse_name": "王小花", "amount_fen": 2_000_000, "purpose": "livestock", "purpose_text": "扩栏", "term_months": 12,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome"), [("new", "refused"), ("top_up", None), ("renewal", None)])
def test_a_second_loan_is_a_top_up_or_a_renewal_of_a_named_loan(desk, kind, outcome):
    from bangfu.casework.origination import api

    home, _ = household(desk.village(), nth=4)
    parent = lent(desk, home, principal=3_000_000)
    made = desk.does(api.open_application, "branch_officer", household_id=home)
    told = dict(KEEP_TOLD) | {"borrower_member_id": f"{home}-0", "kind": kind}
    given = {"application_id": made, "seen_number": 1}
    if kind != "new":
        desk.does(api.save_version, "branch_officer", entered=api.Entered(**told), **given)
        given["seen_number"] = 2
        assert "parent_loan_id" in desk.view(made, "branch_officer").unfilled
    desk.does(api.save_version, "branch_officer", entered=api.Entered(**told, parent_loan_id=parent), **given)
    decision = desk.view(made, "branch_officer").decision
    codes = {one["code"] for one in decision["rules"] if one["state"] == "failed"}
    if kind == "new":
        assert decision["outcome"] == outcome
        assert "several_loans_in_household" in codes or "over_household_cap" in codes
    else:
        assert "several_loans_in_household" not in codes
    assert desk.view(made, "branch_officer").fields["parent_loan_id"] == ("" if kind == "new" else parent)


def standing_at(desk, template: str, state: str, many: int) -> list[str]:
    """Copies of an application, each at a state."""
    from bangfu.casework.database.models import from_now
    from bangfu.casework.origination.models import Application, ApplicationVersion, Stage

    with everything():
        one = Application.objects.get(pk=template)
        version = ApplicationVersion.objects.filter(application_id=template).last()
        for number in range(many):
            one.pk = f"RACE{number:04d}"
            one.save(force_insert=True)
            version.pk, version.application_id = None, one.pk
            version.save(force_insert=True)
            Stage.objects.create(
                application_id=one.pk, number=1, state=state, recorded=from_now(NOW), scope_area=one.scope_area,
                institution_id=one.institution_id, household_id=one.household_id,
            )  # fmt: skip
    return [f"RACE{number:04d}" for number in range(many)]


def raced(desk, monkeypatch, rounds: int, *, locks: bool = True) -> list[list[str]]:
    """Two township officers do one step at the same instant, application after application: what each was told."""
    from django.db import connection

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered
    from bangfu.casework.origination import api, cases, reviews, views

    numbers = standing_at(desk, desk.opened(), "township_review", rounds)
    first = cases.judged(
        desk.does(lambda *, actor: cases.load(numbers[0], on=actor.on), "township"), on=NOW.date()
    )
    for module in (reviews, views):  # the decision is not what is raced for: it is reckoned once
        monkeypatch.setattr(module, "judged", lambda *_, **__: first)
    if not locks:
        monkeypatch.setattr(cases, "locked", lambda _: None)
    seen = {number: desk.view(number, "township").seen for number in numbers}
    gate, told = threading.Barrier(2), {number: [] for number in numbers}

    def work(actor) -> None:
        for number in numbers:
            gate.wait()
            try:
                with entered(actor.scope):
                    api.review(
                        actor=actor, application_id=number, step="township_review", seen=seen[number],
                        said=api.Said("return", "请补充"),
                    )  # fmt: skip
                told[number].append("done")
            except Refused as refused:
                told[number].append(refused.code)
        connection.close()

    threads = [threading.Thread(target=work, args=(desk("township", number),)) for number in (1, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [sorted(said) for said in told.values()]


def test_of_two_at_once_exactly_one_wins_two_hundred_times(desk, monkeypatch):
    from bangfu.casework.origination.models import Review, Stage

    assert raced(desk, monkeypatch, 200) == [["already_decided", "done"]] * 200
    with everything():
        assert Review.objects.filter(step="township_review").count() == 200
        assert Stage.objects.filter(state="returned", recorded__upper_inf=True).count() == 200


def test_the_database_alone_lets_one_win_too(desk, monkeypatch):
    assert raced(desk, monkeypatch, 50, locks=False) == [["already_decided", "done"]] * 50


def test_the_form_shows_the_opinions_so_far_and_numbers_for_a_reason(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    desk.reviews(made, "village")
    plain = pages(desk.does(api.filled_form, "township", application_id=made))
    assert "岑大山" in plain
    assert "伍万元整" in plain
    assert "情况属实，同意" in plain
    assert "罗启发" in plain
    assert "5227281985" not in plain
    full = pages(desk.does(api.filled_form, "township", application_id=made, reason="打印签字盖章"))
    assert "52272819850307" in full
    assert (
        desk.refused(api.filled_form, "village", application_id=made, reason="打印签字盖章").code
        == "not_your_role"
    )
    assert desk.does(api.blank_form, "branch_officer").startswith(b"%PDF-")


def test_refusals_and_loans_reach_village_and_township_each_month(desk):
    from bangfu.casework.documents import api as documents
    from bangfu.casework.origination import api

    made = desk.submitted()
    desk.reviews(made, "village", outcome="refuse", opinion="用途不实", reason_code="purpose_not_real")
    desk.minutes += 60 * 24 * 20  # the tenth of December
    due = desk.does(api.still_due, "branch_manager")
    township = next(
        one for one in due if one.kind == "township_list" and desk.village().startswith(one.place)
    )
    assert township.month == date(2026, 11, 1)
    assert township.due_on == date(2026, 12, 31)
    given = {"month": date(2026, 11, 5), "township": township.place}
    lists = desk.does(api.make_lists, "branch_manager", **given)
    assert [one.kind for one in lists] == ["township_list", "village_list"]
    assert lists[0].counts["refusals"] == 1
    assert not lists[0].late
    assert desk.refused(api.make_lists, "branch_manager", **given).code == "duplicate"
    assert desk.refused(api.make_lists, "village", **given).code == "not_your_role"
    early = {"month": date(2026, 12, 1), "township": township.place}
    assert desk.refused(api.make_lists, "branch_manager", **early).code == "bad_field"
    assert (
        desk.refused(api.make_lists, "branch_manager", month=date(2026, 11, 1), township="999999999").code
        == "not_in_scope"
    )
    (seen,) = desk.does(api.filings, "village")
    assert seen.kind == "village_list"
    _, content = desk.does(documents.content_of, "village", file_id=seen.paper_id)
    assert "用途不实" in pages(content)
    _, book = desk.does(documents.content_of, "village", file_id=seen.workbook_id)
    import openpyxl

    cells = [
        str(cell.value) for sheet in openpyxl.load_workbook(io.BytesIO(book)) for row in sheet for cell in row
    ]
    assert any("用途不实" in cell for cell in cells)
    assert not any("52272819850307" in cell for cell in cells)
    assert {one.kind for one in desk.does(api.filings, "township")} == {"township_list", "village_list"}
    assert desk.does(api.filings, "township", 2) == []


def test_the_county_bank_files_with_the_bureau_and_late_is_late(desk):
    from bangfu.casework.origination import api

    filed = desk.does(api.make_filing, "county_bank", month=date(2026, 11, 1))
    assert (filed.kind, filed.due_on, filed.late) == ("monthly_filing", date(2026, 11, 30), False)
    assert desk.refused(api.make_filing, "county_bank", month=date(2026, 11, 1)).code == "duplicate"
    assert desk.refused(api.make_filing, "county_bank", month=date(2027, 1, 1)).code == "bad_field"
    assert desk.refused(api.make_filing, "branch_manager", month=date(2026, 10, 1)).code == "not_in_scope"
    late = desk.does(api.make_filing, "county_bank", month=date(2026, 10, 1))
    assert late.late
    assert {one.kind for one in desk.does(api.filings, "bureau")} == {"monthly_filing"}
    assert desk.does(api.filings, "county_bank", 2) == []


def test_what_waits_for_whom(desk):
    from bangfu.casework.origination import api
    from bangfu.casework.people.queue import waiting

    made = desk.submitted(born=OLD)
    desk.does(
        api.ask_exception,
        "branch_officer",
        application_id=made,
        code="age_out_of_range",
        ground="身体健康，家人同意",
    )

    def items(role, number=1):
        found = desk.does(lambda *, actor: waiting(actor), role, number)
        return [item for item in found.items if made in (*item.args, item.subject)]

    (mine,) = items("village")
    assert mine.due == date(2026, 11, 25)
    assert mine.clause == "LD2021-2.2a"
    assert "岑大山" in mine.subject
    for role, number in (("township", 1), ("village", 2), ("branch_manager", 1)):
        assert items(role, number) == []
    for role in ("county_bank", "bureau"):
        assert [item.title.en for item in items(role)] == ["an exception to decide"]
    kinds = {item.title.en for item in desk.does(lambda *, actor: waiting(actor), "county_bank").items}
    assert "monthly filing of loans" in kinds


def queue_of(actor):
    from bangfu.casework.people.queue import waiting

    return [item for item in waiting(actor).items if item.url == "application"]


def test_the_list_asks_a_fixed_number_of_questions(desk):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bangfu.casework.database.session import entered
    from bangfu.casework.origination import api

    counts = []
    for nth in range(3):
        desk.opened(nth=nth, papers=False)
        officer = desk("branch_officer")
        with entered(officer.scope), CaptureQueriesContext(connection) as asked:
            found = api.applications(actor=officer, wanted=api.Filter(state="draft"))
            waits = list(queue_of(officer))
        counts.append(len(asked))
    assert (found.total, found.counts["draft"], len(waits)) == (3, 3, 3)
    assert counts[0] == counts[2]
    assert desk.does(api.applications, "branch_officer", 2, wanted=api.Filter()).total == 0
    named = api.Filter(name="岑大")
    assert desk.does(api.applications, "township", wanted=named, sort="-amount", page=99).page == 1
    assert desk.does(api.applications, "township", wanted=api.Filter(late=True)).total == 0
