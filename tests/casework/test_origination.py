"""An application from the branch through village, township and bank: the whole way, and every way out of it."""

from __future__ import annotations

import pytest
from tests.casework.origination_made import Desk


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


def test_an_application_goes_the_whole_way(desk):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.origination import api

    made = desk.submitted()
    assert desk.through(made) == "approved"
    view = desk.view(made, "branch_manager")
    assert [one.state for one in view.stages] == [
        "draft", "village_review", "township_review", "station_opinion", "branch_examination", "bank_decision",
        "approved",
    ]  # fmt: skip
    assert [one.who for one in view.reviews] == ["罗启发", "陈明辉", "岑国庆", "周建华", "黄丽华"]
    assert view.decision["outcome"] == "admitted"
    states = {one["state"] for one in view.decision["rules"]}
    assert "passed" in states
    approved = desk.does(api.approved, "branch_manager", application_id=made)
    assert (approved.amount_fen, approved.rate_e8, approved.term_months) == (5_000_000, 3_000_000, 24)
    assert approved.packs
    acts = [one.act for one in view.history]
    assert acts[0] == "application.opened"
    assert acts[-1] == "application.approved"
    assert acts.count("application.approved") == 5
    assert trail


def approve(desk, made, role, number=1, **more):
    """A review that is refused: its refusal."""
    from bangfu.casework.origination import api

    view = desk.view(made, role, number)
    said = more.pop("said", None) or desk.said(view, **more)
    return desk.refused(
        api.review, role, number, application_id=made, step=view.state, said=said, seen=view.seen
    )


def test_a_missing_field_and_a_missing_paper_are_named(desk):
    from bangfu.casework.origination import api

    made = desk.opened(papers=False, entered={"purpose_text": "", "address": ""})
    refused = desk.refused(api.submit, "branch_officer", application_id=made)
    assert (refused.code, refused.field) == ("missing_field", "address")
    assert [words.zh for words in refused.facts["fields"]] == ["家庭住址", "用途概况"]
    view = desk.view(made, "branch_officer")
    fields = api.Entered(
        **{name: view.fields[name] for name in KEEP} | {"address": "某组", "purpose_text": "养牛"}
    )
    desk.does(
        api.save_version, "branch_officer", application_id=made, entered=fields, seen_number=view.version
    )
    refused = desk.refused(api.submit, "branch_officer", application_id=made)
    assert refused.code == "missing_paper"
    assert refused.facts["kinds"] == (
        "signed_form",
        "id_card",
        "household_register",
        "marriage_paper",
        "bank_card",
    )
    assert refused.clauses == ("LD2021-2.1",)
    for kind in ("signed_form", "id_card", "household_register", "bank_card"):
        desk.paper(made, kind)
    assert desk.refused(api.submit, "branch_officer", application_id=made).facts["kinds"] == (
        "marriage_paper",
    )
    desk.paper(made, "marriage_paper")
    assert desk.does(api.submit, "branch_officer", application_id=made) == "village_review"


KEEP = (
    "borrower_member_id", "kind", "borrower_marital_status", "family_size", "address", "spouse_name", "amount_fen",
    "purpose", "purpose_text", "term_months",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"borrower_member_id": "nobody"}, "borrower_member_id"),
        ({"purpose": "gold"}, "purpose"),
        ({"kind": "gift"}, "kind"),
        ({"amount_fen": -1}, "amount_fen"),
        ({"term_months": 999}, "term_months"),
        ({"spouse_id_number": "12345"}, "spouse_id_number"),
        ({"borrower_phone": "call me"}, "borrower_phone"),
        ({"address": "长" * 201}, "address"),
        ({"kind": "renewal", "parent_loan_id": "of-another-bank"}, "parent_loan_id"),
        ({"borrower_marital_status": "?"}, "borrower_marital_status"),
        ({"family_size": 0}, "family_size"),
    ],
)
def test_a_wrong_field_is_named(desk, changed, field):
    from bangfu.casework.origination import api

    made = desk.opened(papers=False)
    view = desk.view(made, "branch_officer")
    given = {name: view.fields[name] for name in KEEP} | changed
    refused = desk.refused(
        api.save_version,
        "branch_officer",
        application_id=made,
        entered=api.Entered(**given),
        seen_number=view.version,
    )
    assert (refused.code, refused.field) == ("bad_field", field)


def test_a_refusal_needs_a_reason_and_makes_the_notice(desk):
    from bangfu.casework.documents import api as documents
    from bangfu.casework.origination import api

    made = desk.submitted()
    view = desk.view(made, "village")
    assert approve(desk, made, "village", said=api.Said("refuse", "")).code == "reason_missing"
    assert approve(desk, made, "village", said=api.Said("refuse", "不行")).field == "reason_code"
    state = desk.reviews(
        made, "village", outcome="refuse", opinion="牛圈不属于本户", reason_code="purpose_not_real"
    )
    assert state == "refused"
    after = desk.view(made, "branch_officer")
    (notice,) = after.made
    _, content = desk.does(documents.content_of, "branch_officer", file_id=notice.id)
    assert content.startswith(b"%PDF-")
    import io

    from pypdf import PdfReader

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")
    assert "牛圈不属于本户" in text
    assert "LD2021-1.8" in text
    number = view.fields["borrower_id_number"]
    assert "*" in number
    assert after.outcomes == ()
    again = {
        "application_id": made,
        "step": "village_review",
        "said": api.Said("approve", "同意"),
        "seen": "0",
    }
    assert desk.refused(api.review, "village", **again).code == "already_decided"


def test_returned_corrected_and_submitted_again(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    desk.rated(made)
    desk.reviews(made, "village")
    assert desk.reviews(made, "township", outcome="return", opinion="用途请写详细") == "returned"
    view = desk.view(made, "branch_officer")
    assert not view.reviews[0].stands
    fields = api.Entered(
        **{name: view.fields[name] for name in KEEP} | {"purpose_text": "买六头牛犊，预计两年出栏"}
    )
    assert desk.does(
        api.save_version, "branch_officer", application_id=made, entered=fields, seen_number=view.version
    ).changed
    assert desk.does(api.submit, "branch_officer", application_id=made) == "village_review"
    state = "village_review"
    for role in ("village", "township", "station", "branch_officer", "branch_manager"):
        state = desk.reviews(made, role)
    assert state == "approved"


def test_withdrawn_and_then_nobody_acts(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    assert (
        desk.refused(api.withdraw, "branch_officer", application_id=made, reason="").code == "reason_missing"
    )
    assert desk.refused(api.withdraw, "village", application_id=made, reason="不要了").code == "not_your_role"
    desk.does(api.withdraw, "branch_officer", application_id=made, reason="申请人不再需要")
    assert desk.view(made, "village").state == "withdrawn"
    assert approve(desk, made, "village", said=api.Said("approve", "同意")).code == "bad_field"
    refused = desk.refused(
        api.review,
        "village",
        application_id=made,
        step="village_review",
        said=api.Said("approve", "同意"),
        seen="00",
    )
    assert refused.code == "wrong_stage"
    again = desk.opened(nth=1)
    assert again != made


def test_a_change_after_it_was_seen_voids_the_review(desk):
    from bangfu.casework.database.models import from_now
    from bangfu.casework.origination import api
    from bangfu.casework.registry.models import RosterEntry

    made = desk.submitted()
    seen = desk.view(made, "village")
    desk.paper(made, "other_paper")
    given = {"application_id": made, "step": "village_review", "said": desk.said(seen)}
    assert desk.refused(api.review, "village", seen=seen.seen, **given).code == "content_changed"
    seen = desk.view(made, "village")
    from tests.casework.lending_made import everything

    with everything():  # the household leaves the list while the village looks at the page
        from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

        now = desk("village").now
        for row in RosterEntry.objects.filter(household_id=seen.household_id):
            row.recorded = DateTimeTZRange(row.recorded.lower, now, "[)")
            row.save(update_fields=["recorded"])
        assert from_now
    assert desk.refused(api.review, "village", seen=seen.seen, **given).code == "content_changed"
    seen = desk.view(made, "village")
    assert seen.decision["outcome"] == "refused"
    refused = desk.refused(api.review, "village", seen=seen.seen, **given)
    assert (refused.code, refused.facts["codes"]) == ("core_refuses", ("not_on_roster",))


def test_what_must_be_attested_must_be_attested(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    view = desk.view(made, "village")
    assert {point["condition"] for point in view.points} == {"law_abiding", "honest", "labour_skills"} - (
        {"honest"} if "honest" not in {point["condition"] for point in view.points} else set()
    )
    refused = approve(desk, made, "village", said=api.Said("approve", "同意", attested={"law_abiding": True}))
    assert refused.code == "attestation_missing"
    assert "law_abiding" not in refused.field


def test_nobody_acts_twice_and_nobody_outside_acts(desk):
    from bangfu.casework.origination import api

    made = desk.submitted()
    desk.rated(made)
    given = {
        "application_id": made,
        "step": "village_review",
        "said": api.Said("approve", "同意"),
        "seen": "0",
    }
    assert desk.refused(api.review, "village", 2, **given).code == "not_in_scope"
    assert desk.refused(api.review, "township", **given).code == "not_your_role"
    assert desk.refused(api.application, "branch_manager", 2, application_id=made).code == "not_in_scope"
    assert desk.refused(api.application, "county_bank", 2, application_id=made).code == "not_in_scope"
    assert desk.refused(api.application, "admin", application_id=made).code == "not_your_role"
    wrong = {**given, "step": "township_review"}
    assert desk.refused(api.review, "township", **wrong).code == "wrong_stage"
    desk.reviews(made, "village")
    assert desk.refused(api.review, "village", **given).code == "already_decided"
    assert desk.refused(api.review, "township", 2, **wrong).code == "not_in_scope"


def test_the_same_person_in_another_role_is_refused(desk):
    from dataclasses import replace

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered
    from bangfu.casework.origination import api

    made = desk.submitted()
    desk.reviews(made, "village")
    villager, township = desk("village"), desk("township")
    both = replace(township, account_id=villager.account_id)
    with entered(both.scope):
        view = api.application(actor=both, application_id=made)
        assert view.barred
        assert view.outcomes == ()
        with pytest.raises(Refused, match="own_step"):
            api.review(actor=both, application_id=made, step=view.state, said=desk.said(view), seen=view.seen)


def test_nobody_handles_their_own_household(desk):
    from dataclasses import replace

    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered
    from bangfu.casework.origination import api

    made = desk.submitted()
    home = desk.view(made, "village").household_id
    namesake = replace(desk("village"), name="王小花")
    with entered(namesake.scope):
        view = api.application(actor=namesake, application_id=made)
        assert view.must_state_not_own
        said = replace(desk.said(view), not_own=False)
        with pytest.raises(Refused, match="attestation_missing"):
            api.review(actor=namesake, application_id=made, step=view.state, said=said, seen=view.seen)
    desk.does(api.declare_own_household, "village", household_id=home)
    assert approve(desk, made, "village").code == "own_step"
    desk.does(api.declare_own_household, "branch_officer", household_id=home)
    assert desk.refused(api.submit, "branch_officer", application_id=made).code == "own_step"


def test_one_application_of_a_household_at_a_time(desk):
    from bangfu.casework.origination import api

    made = desk.opened(papers=False)
    home = desk.view(made, "branch_officer").household_id
    assert desk.refused(api.open_application, "branch_officer", household_id=home).code == "duplicate"
    assert desk.refused(api.open_application, "branch_officer", 3, household_id=home).code == "duplicate"


def test_another_branch_opens_with_the_card_that_is_shown(desk):
    from datetime import date

    from tests.casework.origination_made import household, id_number

    from bangfu.casework.origination import api

    home, _ = household(desk.village(), nth=7)
    card = id_number(date(1985, 3, 7), 101 + 14)
    assert desk.refused(api.open_application, "branch_officer", 2, household_id=home).code == "not_in_scope"
    wrong = id_number(date(1985, 3, 8), 115)
    given = {"household_id": home, "shown_id_number": wrong}
    assert desk.refused(api.open_application, "branch_officer", 2, **given).code == "not_in_scope"
    made = desk.does(api.open_application, "branch_officer", 2, household_id=home, shown_id_number=card)
    assert desk.view(made, "branch_officer", 2).fields["borrower_name"] == "岑大山"
    assert desk.refused(api.application, "branch_officer", application_id=made).code == "not_in_scope"
