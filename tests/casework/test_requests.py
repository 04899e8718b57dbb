"""Requests: asked by one, decided by another on what was seen; what was shown is what is done."""

from __future__ import annotations

import threading

import pytest
from tests.casework.registry_made import LATER, TODAY, asked, decided, lent_to, read, sql


def leaving(household_id: str, reason: str = "no_longer_at_risk", category: str = ""):
    category = category or sql(
        "select category from casework_roster_entry where household_id = %s and upper_inf(recorded) and"
        " upper_inf(valid) order by 1", [household_id],
    )[0][0]  # fmt: skip
    return {"household_id": household_id, "category": category, "on": TODAY, "reason": reason}


@pytest.fixture
def people(as_role):
    return {
        name: as_role(name, now=LATER) for name in ("township", "bureau", "village", "branch_officer")
    } | {
        "next": as_role("township", 2, now=LATER),
        "bureau2": as_role("bureau", 2, now=LATER),
    }


def test_what_was_shown_is_what_was_done(people):
    household_id, _ = lent_to(people["township"])
    details = leaving(household_id)
    request = asked(people["township"], "roster.leave", household_id, details)
    assert {line["code"] for line in request.effect["loans"]} == {"loan_keeps_terms"}
    before = read(people["bureau"], household_id)
    done = decided(people["bureau"], request)
    assert done.state == "approved"
    assert done.decided_effect == request.effect
    after = read(people["bureau"], household_id)
    assert details["category"] in before.categories
    assert details["category"] not in after.categories
    assert after.loans == before.loans
    assert after.requests[0].state == "approved"


@pytest.mark.parametrize(
    ("reason", "code", "clause"),
    [
        ("bad_faith", "loan_recalled_or_converted", "CN2021-3.4"),
        ("wrongly_listed", "loan_handled_as_risk", "GZ2018-2.8.2"),
        ("moved", "loan_keeps_terms", "LD2021-3.7"),
    ],
)
def test_the_reason_decides_what_happens_to_the_loan(people, reason, code, clause):
    household_id, _ = lent_to(people["township"])
    request = asked(people["township"], "roster.leave", household_id, leaving(household_id, reason))
    (line,) = request.effect["loans"]
    assert line["code"] == code
    assert clause in line["clauses"]


def refused(act):
    from bangfu.casework.database.refusals import Refused

    with pytest.raises(Refused) as why:
        act()
    return why.value.code


def test_nobody_decides_their_own_and_nobody_without_the_act(people):
    household_id, _ = lent_to(people["township"])
    request = asked(people["township"], "roster.leave", household_id, leaving(household_id))
    assert refused(lambda: decided(people["township"], request)) == "not_your_role"
    assert (
        refused(lambda: asked(people["branch_officer"], "roster.leave", household_id, {})) == "not_your_role"
    )
    from bangfu.casework.registry import api as registry

    area = sql("select code from casework_area where length(code) = 12 order by 1")[0][0]
    details = {"code": area, "name": "新名村", "on": TODAY}
    assert "area.rename" in registry.AREA_KINDS
    mine = asked(people["bureau"], "area.rename", area, details)
    assert refused(lambda: decided(people["bureau"], mine)) == "own_step"
    assert decided(people["bureau2"], mine).state == "approved"


def test_the_next_township_neither_sees_nor_asks(people):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    household_id, _ = lent_to(people["township"])
    request = asked(people["township"], "roster.leave", household_id, leaving(household_id))
    details = leaving(household_id, "moved")
    assert refused(lambda: asked(people["next"], "roster.leave", household_id, details)) == "not_in_scope"
    with entered(people["next"].scope):
        assert requests.listed(actor=people["next"]).total == 0
        assert requests.of_household(household_id) == ()
        assert refused(lambda: requests.get(actor=people["next"], request_id=request.id)) == "not_in_scope"
    with entered(people["branch_officer"].scope):
        assert requests.listed(actor=people["branch_officer"]).total == 0
    with entered(people["village"].scope):
        assert requests.listed(actor=people["village"]).total <= 1


def test_the_same_is_not_asked_twice_and_can_be_withdrawn(people):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    household_id, _ = lent_to(people["township"])
    details = leaving(household_id)
    request = asked(people["township"], "roster.leave", household_id, details)
    assert refused(lambda: asked(people["township"], "roster.leave", household_id, details)) == "duplicate"
    with entered(people["township"].scope):
        assert requests.withdraw(actor=people["township"], request_id=request.id).state == "withdrawn"
    assert refused(lambda: decided(people["bureau"], request)) == "already_decided"
    assert asked(people["township"], "roster.leave", household_id, details).state == "open"


def test_what_changed_after_it_was_seen_cannot_be_approved(people):
    household_id, _ = lent_to(people["township"])
    details = leaving(household_id)
    one = asked(people["township"], "roster.leave", household_id, details)
    other = asked(people["township"], "roster.leave", household_id, {**details, "reason": "bad_faith"})
    assert refused(lambda: decided(people["bureau"], one, seen_hash="0" * 64)) == "content_changed"
    assert decided(people["bureau"], one).state == "approved"
    # The world has overtaken the other: it can no longer be done, but it can be refused.
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    with entered(people["bureau"].scope):
        assert requests.get(actor=people["bureau"], request_id=other.id).seen_hash == ""
        gone = requests.decide(
            actor=people["bureau"], request_id=other.id, outcome="refused", seen_hash="", reason="已退出名册"
        )
    assert gone.state == "refused"


def test_of_two_at_once_one_wins_each_of_twenty_times(people):
    from django.db import connections

    household_id, _ = lent_to(people["township"])
    born = {"household_id": household_id, "on": TODAY, "relation": "child", "id_number": ""}
    asking = [
        asked(people["township"], "life.birth", household_id, born | {"name": f"新生儿{number}"})
        for number in range(20)
    ]

    def race(request) -> list[str]:
        answers, ready = [], threading.Barrier(2)

        def decide(actor):
            from bangfu.casework.database.refusals import Refused

            try:
                ready.wait(timeout=20)
                answers.append(decided(actor, request).state)
            except Refused as why:
                answers.append(why.code)
            finally:
                connections.close_all()

        both = [threading.Thread(target=decide, args=(people[name],)) for name in ("bureau", "bureau2")]
        for one in both:
            one.start()
        for one in both:
            one.join(timeout=60)
        return sorted(answers)

    assert [race(request) for request in asking] == [["already_decided", "approved"]] * 20
    assert len(sql("select 1 from casework_change_decision")) == 20
    born_now = sql(
        "select count(*) from casework_member where household_id = %s and name like '新生儿%%'",
        [household_id],
    )
    assert born_now == [(20,)]
