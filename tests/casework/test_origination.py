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
