"""Accounts, roles and scope: who holds what, when; what one administrator may do and what takes two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.web.people_world import PASSWORD, PLACES, today

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_scope_of_each_role(world):
    expected = {
        "village": {"areas": ("522728101200",)},
        "township": {"areas": ("522728101",)},
        "station": {"areas": ("522728101",)},
        "branch_officer": {"institutions": ("B1",)},
        "branch_manager": {"institutions": ("B1",)},
        "county_bank": {"institutions": ("B", "B1", "B2")},
        "bureau": {"areas": ("522728",)},
        "finance": {"areas": ("522728",)},
        "regulator": {"areas": ("522728",)},
        "pboc": {"areas": ("522728",)},
        "auditor": {"areas": ("522728",)},
        "admin": {"accounts": True},
    }
    assert set(expected) == set(PLACES)
    from bangfu.casework.database.session import Scope

    for role, told in expected.items():
        assert world.actor(role).scope == Scope(account_id=world.ids[role], **told), role


def test_every_role_of_the_register_is_in_the_small_site():
    from bangfu.casework.people.roles import ROLES

    assert set(ROLES) == set(PLACES)


@pytest.mark.parametrize(
    ("start", "until", "day", "held"),
    [
        (date(2026, 3, 1), date(2026, 6, 1), date(2026, 2, 28), False),
        (date(2026, 3, 1), date(2026, 6, 1), date(2026, 3, 1), True),
        (date(2026, 3, 1), date(2026, 6, 1), date(2026, 5, 31), True),
        (date(2026, 3, 1), date(2026, 6, 1), date(2026, 6, 1), False),
    ],
)
def test_a_role_of_the_past_or_to_come_gives_nothing(world, start, until, day, held):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people import api as people

    site = Actor.site(now=NOW)
    with entered(site.scope):
        account_id, _ = people.open_account(actor=site, username="someone", name="某某", password=PASSWORD)
        people.given(
            actor=site,
            account_id=account_id,
            role="finance",
            place="522728",
            valid_from=start,
            valid_until=until,
        )
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    with entered(Scope(account_id=account_id)):
        person = people.known(account_id=account_id, now=at)
        assert [one.role for one in people.held_by(account_id, on=day)] == (["finance"] if held else [])
    assert bool(person.grants) is held
    with entered(Scope()):
        assert people.scope_of(account_id, person.grants[0] if held else None, on=day).areas == (
            ("522728",) if held else ()
        )


def test_the_app_sees_its_own_account_alone(world):
    from django.db import connection

    from bangfu.casework.database.session import entered

    def counted(actor, table: str) -> int:
        with entered(actor.scope), connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {table}")
            return cursor.fetchone()[0]

    for table in ("casework_account", "casework_grant"):
        assert counted(world.actor("village"), table) == 1
        assert counted(world.actor("admin"), table) == len(PLACES)
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,)


def test_nobody_sees_a_secret_of_the_vault_but_the_door(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people.models import Account
    from bangfu.casework.personal_data import api as vault

    for role in ("village", "admin", "auditor", "bureau"):
        actor = world.actor(role)
        with entered(actor.scope):
            ids = list(Account.objects.values_list("second_factor_id", flat=True))
            assert vault.opened_of(ids) == {}


def refused(code: str, field: str = ""):
    from bangfu.casework.database.refusals import Refused

    def fits(error: Refused) -> bool:
        return error.code == code and (not field or error.field == field)

    return pytest.raises(Refused, check=fits)


@pytest.mark.parametrize("role", [role for role in PLACES if role != "admin"])
def test_only_administrators_touch_accounts(world, role):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    actor, other = world.actor(role), world.ids["admin"]
    acts = (
        lambda: people.open_account(actor=actor, username="another", name="某某"),
        lambda: people.close_account(actor=actor, account_id=other, why="试一试"),
        lambda: people.given(actor=actor, account_id=other, role="finance", place="522728"),
        lambda: people.grant_role(actor=actor, account_id=other, role="finance", place="522728"),
        lambda: people.end_role(actor=actor, grant_id=1, why="试一试"),
        lambda: people.reset_password(actor=actor, account_id=other, why="试一试"),
        lambda: people.second_factor_lost(actor=actor, account_id=other, why="试一试"),
        lambda: people.hand_over(actor=actor, from_id=other, to_id=other, why="试一试"),
        lambda: people.accounts(actor=actor),
        lambda: people.account_of(actor=actor, account_id=other),
    )
    for act in acts:
        with entered(actor.scope), refused("not_your_role"):
            act()


@pytest.mark.parametrize(
    ("role", "place", "field"),
    [
        ("village", "522728101", "place"), ("village", "522728101999", "place"), ("township", "522728", "place"),
        ("bureau", "522729", "place"), ("branch_officer", "B9", "place"), ("branch_officer", "522728", "place"),
        ("admin", "522728", "place"), ("village", "52272810120%", "place"), ("king", "522728", "role"),
        ("finance", "", "place"),
    ],
)  # fmt: skip
def test_a_role_is_held_where_its_sort_is_held(world, role, place, field):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    admin = world.actor("admin")
    with entered(admin.scope), refused("bad_field", field):
        people.grant_role(actor=admin, account_id=world.ids["auditor"], role=role, place=place)


def second_admin(world) -> int:
    """Another administrator, made by the first while alone."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    admin = world.actor("admin")
    with entered(admin.scope):
        account_id, _ = people.open_account(actor=admin, username="admin2", name="赵二", password=PASSWORD)
        people.grant_role(actor=admin, account_id=account_id, role="admin", place="", why="任命")
    world.ids["admin2"] = account_id
    return account_id


def test_a_lone_administrator_gives_roles_and_two_need_each_other(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    second = second_admin(world)
    admin = world.actor("admin")
    village = world.ids["village"]
    with entered(admin.scope):
        assert people.second_needed(admin)
        with refused("second_person_needed"):
            people.grant_role(actor=admin, account_id=village, role="finance", place="522728")
        with refused("own_step"):
            people.given(actor=admin, account_id=admin.account_id, role="finance", place="522728")
        with refused("second_person_needed"):
            people.close_account(actor=admin, account_id=second, why="不再需要")
        (row,) = people.grants_of(second)
        with refused("second_person_needed"):
            people.end_role(actor=admin, grant_id=row.grant_id, why="不再需要")


def test_the_last_administrator_stays(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    admin = world.actor("admin")
    with entered(admin.scope):
        (row,) = people.grants_of(admin.account_id)
        with refused("last_admin"):
            people.end_role(actor=admin, grant_id=row.grant_id, why="不干了")
        with refused("own_step"):
            people.close_account(actor=admin, account_id=admin.account_id, why="不干了")


def asked(world, kind: str, details: dict, *, by: str = "admin"):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    actor = world.actor(by)
    with entered(actor.scope):
        subject = ("account", details.get("account_id", details.get("from_id")))
        return requests.ask(actor=actor, kind=kind, subject=subject, details=details, why="按任命文件").id


def decided(world, request_id, *, by: str, outcome: str = "approved"):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    actor = world.actor(by)
    with entered(actor.scope):
        seen = requests.get(actor=actor, request_id=request_id)
        return requests.decide(
            actor=actor, request_id=request_id, outcome=outcome, reason="不同意", seen_hash=seen.seen_hash
        )


def test_a_role_is_asked_for_by_one_and_given_by_another(world):
    second_admin(world)
    details = {"account_id": world.ids["village"], "role": "finance", "place": "522728",
               "valid_from": "", "valid_until": ""}  # fmt: skip
    request_id = asked(world, "account.grant", details)
    with refused("own_step"):
        decided(world, request_id, by="admin")
    with refused("not_in_scope"):
        decided(world, request_id, by="auditor")
    assert decided(world, request_id, by="admin2").state == "approved"
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people import api as people

    with entered(Scope(account_id=world.ids["village"])):
        held = people.held_by(world.ids["village"], on=today())
    assert {one.role for one in held} == {"village", "finance"}


def test_nobody_approves_a_role_for_themselves(world):
    second = second_admin(world)
    details = {
        "account_id": second,
        "role": "finance",
        "place": "522728",
        "valid_from": "",
        "valid_until": "",
    }
    request_id = asked(world, "account.grant", details)
    with refused("own_step"):
        decided(world, request_id, by="admin2")


def test_a_lost_factor_takes_two_and_asks_for_everything_anew(world):
    second_admin(world)
    request_id = asked(world, "account.second_factor_lost", {"account_id": world.ids["village"]})
    decided(world, request_id, by="admin2")
    from tests.web.people_world import sign_in

    client = world.client()
    assert sign_in(client, "village", six="").status_code == 302
    assert client.get("/")["Location"] == "/my-account/first-password/"


def test_an_officer_hands_all_work_over(world):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people import api as people
    from bangfu.casework.people import queue
    from bangfu.casework.requests import api as requests
    from bangfu.casework.words import Words

    second_admin(world)
    giver, taker = world.ids["township"], world.ids["pboc"]
    admin = world.actor("admin")

    def waits(actor):
        from django.db import connection

        with connection.cursor() as cursor:  # in the officer's own scope, not the administrator's
            cursor.execute("select current_setting('bangfu.areas')")
            assert cursor.fetchone() == ("522728101%",)
        return [
            queue.QueueItem(Words("初审", "review"), "x", "y", admin.on - timedelta(days=1), "front", count=7)
        ]

    queue.offers("township", waits)
    try:
        request_id = asked(world, "account.hand_over", {"from_id": giver, "to_id": taker})
        with entered(admin.scope):
            lines = requests.get(actor=admin, request_id=request_id).effect["duties"]
        assert [one["code"] for one in lines] == ["role_moved", "tasks", "late"]
        assert lines[1]["facts"] == {"count": 7}
        decided(world, request_id, by="admin2")
    finally:
        queue._PROVIDERS["township"].remove(waits)
    day = today()
    with entered(Scope(account_id=1, accounts=True)):
        assert people.held_by(giver, on=day) == []
        assert {one.role for one in people.held_by(taker, on=day)} == {"pboc", "township"}
        (row,) = people.grants_of(giver)
        assert row.state(day) == "past"


def test_a_token_acts_within_its_role_place_acts_and_days(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people
    from bangfu.casework.people.models import Token

    bank = world.actor("county_bank")
    with entered(bank.scope):
        _, raw = people.issue_token(actor=bank, label="核心系统", may=["ledger.import", "loan.read"], days=30)
        for field, told in {
            "may": {"may": ["account.write"], "days": 30},
            "days": {"may": ["loan.read"], "days": 366},
            "role": {"may": ["loan.read"], "days": 30, "role": "bureau", "place": "522728"},
        }.items():
            with refused("bad_field", field):
                people.issue_token(actor=bank, label="x", **told)
    bearer = people.actor_of_token(raw, bank.now)
    assert bearer.actor.scope.institutions == ("B", "B1", "B2")
    assert bearer.actor.via == "api"
    bearer.require("loan.read")
    with refused("not_your_role"):
        bearer.require("filing.make")
    assert people.actor_of_token(raw, bank.now + timedelta(days=30)) is None
    assert people.actor_of_token(raw + "x", bank.now) is None
    with entered(bank.scope):
        row = Token.objects.get()
        later = replace(bank, now=bank.now + timedelta(seconds=1))
        assert raw.encode() not in bytes(row.token_hash)
        assert [one.state(bank.now) for one in people.tokens(actor=bank)] == ["valid"]
        people.revoke_token(actor=later, token_id=row.pk)
    assert people.actor_of_token(raw, bank.now) is None
    village = world.actor("village")
    with entered(village.scope), refused("not_your_role"):
        people.issue_token(actor=village, label="x", may=["loan.read"], days=1)


def test_a_token_dies_with_its_role(world):
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people

    bank, admin = world.actor("county_bank"), world.actor("admin")
    with entered(bank.scope):
        _, raw = people.issue_token(actor=bank, label="核心系统", may=["loan.read"], days=30)
    with entered(admin.scope):
        (row,) = people.grants_of(bank.account_id)
        people.end_role(actor=admin, grant_id=row.grant_id, why="调离岗位")
    assert people.actor_of_token(raw, bank.now) is None


def test_duties_cite_clauses_that_exist_and_every_role_has_some():
    from bangfu.casework.people.duties import RHYTHMS, duties_of
    from bangfu.casework.people.roles import ROLES
    from bangfu.policy import load_book

    book = load_book([])
    for role in ROLES:
        duties = duties_of(role)
        assert any(one.must for one in duties), role
        assert any(not one.must for one in duties), role
        for one in duties:
            assert one.rhythm in RHYTHMS
            assert one.clauses
            for clause in one.clauses:
                assert book.clause(clause) is not None, clause


def test_what_a_role_may_do_has_words_and_a_program_gets_no_power_over_people():
    from bangfu.casework.people.may_words import MAY, grantable
    from bangfu.casework.people.roles import ROLES

    assert {act for role in ROLES.values() for act in role.may} - set(MAY) == set()
    for role in ROLES:
        assert not any(act.startswith(("account.", "token.", "personal.")) for act in grantable(role))


def test_every_act_of_the_code_has_words():
    import re
    from pathlib import Path

    import bangfu.casework
    from bangfu.casework.audit_trail.acts import ACTS

    found = set()
    for path in Path(bangfu.casework.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for call in re.finditer(r"trail\.record\(\s*(?:[^()]|\([^()]*\))*?act=\"([a-z_.]+)\"", text):
            found.add(call.group(1))
    assert found - set(ACTS) == set()
    assert len(found) > 10
