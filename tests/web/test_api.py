"""The API: who may ask what, in which scope; refusals in one shape; a key makes a write happen once."""

from __future__ import annotations

import threading

import pytest
from tests.casework.lending_made import TODAY, YUAN, one, paid, signed
from tests.web.api_made import Caller, token

SHAPE = {"code", "zh", "en", "field", "facts", "clauses"}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The API's clock stands at the tests' moment."""
    from tests.site import NOW

    from bangfu.web.api import door

    class Clock:
        @staticmethod
        def now():
            return NOW

    monkeypatch.setattr(door, "timezone", Clock)


@pytest.fixture
def officer(as_role):
    return as_role("branch_officer")


@pytest.fixture
def loan(as_role, officer, monkeypatch):
    return paid(as_role("branch_manager"), officer, monkeypatch)


def code(response) -> tuple[int, str]:
    told = response.json()
    assert set(told) == SHAPE, told
    return response.status_code, told["code"]


def test_without_a_token_nothing_is_told(in_county):
    for path in ("/whoami", "/loans", "/households", "/rosters", "/applications", "/ledger"):
        assert code(Caller().get(path)) == (401, "not_signed_in")
        assert code(Caller("bf_wrong").get(path)) == (401, "not_signed_in")
    assert Caller().get("/openapi.json").status_code == 200
    assert code(Caller().get("/nothing")) == (404, "not_in_scope")


def test_a_token_reads_its_own_scope_alone(as_role, officer):
    told = Caller(token(officer)).get("/whoami").json()
    assert (told["role"], told["place"], told["today"]) == (
        "branch_officer",
        officer.place,
        TODAY.isoformat(),
    )
    seen = {}
    for number in (1, 2):
        actor = as_role("township", number)
        mine = Caller(token(actor)).get("/loans", limit=200).json()["items"]
        assert mine
        assert all(row["area_code"].startswith(actor.place) for row in mine)
        seen[number] = mine
    stranger = Caller(token(as_role("township", 2)))
    assert code(stranger.get(f"/loans/{seen[1][0]['loan_id']}")) == (404, "not_in_scope")
    narrow = Caller(token(officer, "loan.read"))
    assert code(narrow.get("/rosters")) == (403, "not_your_role")


def test_lists_page_by_cursor_without_gap_or_repeat(as_role):
    caller = Caller(token(as_role("bureau")))
    for path in ("/loans", "/households", "/rosters"):
        whole, after = [], ""
        for _ in range(40):
            page = caller.get(path, limit=17, **({"after": after} if after else {})).json()
            whole += [str(row) for row in page["items"]]
            after = page["next"]
            if not after:
                break
        if path != "/households":
            assert not after
        assert len(set(whole)) == len(whole)
    assert code(caller.get("/households", after="bm9uc2Vuc2U=")) == (422, "bad_field")
    assert code(caller.get("/loans", limit=201)) == (422, "bad_field")


def test_applications_page_as_known_when_the_first_page_was_asked_for(as_role, monkeypatch):
    """One more application and one that ends in between shift nothing."""
    from datetime import timedelta

    from tests.casework.origination_made import Desk
    from tests.site import NOW

    from bangfu.casework.origination import api as origination
    from bangfu.casework.origination import listing
    from bangfu.web.api import door

    desk = Desk(as_role)
    numbers = [desk.opened(nth=place, papers=False) for place in range(3)]

    class Later:
        now = staticmethod(lambda: NOW + timedelta(minutes=desk.minutes))

    monkeypatch.setattr(door, "timezone", Later)
    monkeypatch.setattr(listing, "PAGE", 1)
    caller = Caller(token(as_role("township")))
    page = caller.get("/applications").json()
    found = list(page["items"])
    desk.opened(nth=3, papers=False)
    desk.does(origination.withdraw, "branch_officer", application_id=numbers[0], reason="申请人不再需要")
    while page["next"]:
        page = caller.get("/applications", after=page["next"]).json()
        found += page["items"]
    assert [row["application_id"] for row in found] == numbers[::-1]
    assert {row["state"] for row in found} == {"draft"}
    assert caller.get("/applications").json()["total"] == len(numbers) + 1


def test_the_ledger_is_summed_by_regime_as_of_a_day(as_role):
    caller = Caller(token(as_role("bureau")))
    told = caller.get("/ledger", as_of="2022-12-31").json()
    assert told["as_of"] == "2022-12-31"
    assert {row["product"] for row in told["totals"]} >= {"poverty", "transition"}
    assert all(isinstance(row["balance_fen"], int) for row in told["totals"])


def test_policy_areas_and_institutions_come_with_a_tag(as_role):
    caller = Caller(token(as_role("bureau")))
    for path, query in (
        ("/policy", {"place": "522728", "day": "2023-05-01", "product": "transition"}),
        ("/areas", {}),
        ("/institutions", {}),
    ):
        first = caller.get(path, **query)
        assert first.status_code == 200
        caller.headers["if-none-match"] = first["ETag"]
        assert caller.get(path, **query).status_code == 304
        del caller.headers["if-none-match"]
    gap = caller.get("/policy", place="522728", day="1999-01-01", product="transition")
    assert code(gap) == (422, "core_refuses")
    assert gap.json()["facts"]["why"] == "no_policy_for_place_and_day"


def test_a_what_if_gives_the_cores_decision(as_role):
    bureau = as_role("bureau")
    caller = Caller(token(bureau))
    household = caller.get("/households", limit=1).json()["items"][0]["household_id"]
    body = {
        "household_id": household,
        "product": "assistance",
        "amount_fen": 20_000_000,
        "term_months": 36,
        "purpose": "crops",
    }
    told = caller.post("/decide", body).json()
    assert "decision" in told, told
    assert told["decision"]["outcome"] == "refused"
    assert "over_household_cap" in {one["code"] for one in told["decision"]["refusals"]}
    assert code(caller.post("/decide", {**body, "household_id": "NOBODY"})) == (404, "not_in_scope")


def test_a_household_is_found_by_its_number_in_a_body(as_role):
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.personal_data import api as vault

    household, datum = one(
        "select household_id, id_number_id from casework_member where id_number_id is not null limit 1"
    )
    with entered(Scope(everything=True)):
        number = vault.opened_of([datum])[datum]
    caller = Caller(token(as_role("bureau")))
    assert household in {
        row["household_id"]
        for row in caller.post("/households/search", {"id_number": number}).json()["found"]
    }
    assert code(caller.post("/households/search", {"id_number": "A" * 15})) == (422, "bad_field")


def test_events_are_recorded_once_for_a_key(officer, loan):
    caller = Caller(token(officer))
    body = {
        "events": [
            {"loan_id": loan.loan_id, "kind": "repaid", "on": TODAY.isoformat(), "amount_fen": 10_000 * YUAN}
        ]
    }
    assert code(caller.post("/events", body)) == (422, "missing_field")
    assert code(caller.post("/events", body, key="short")) == (422, "bad_field")
    first = caller.post("/events", body, key="key-00000001")
    assert first.status_code == 201, first.content
    assert first.json()["events"][0]["balance_fen"] == 40_000 * YUAN
    again = caller.post("/events", body, key="key-00000001")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    other = {"events": [{**body["events"][0], "amount_fen": 1}]}
    assert code(caller.post("/events", other, key="key-00000001")) == (409, "key_reused")
    assert one(
        "select count(*) from casework_loan_event where loan_id = %s and kind = 'repaid'", loan.loan_id
    ) == (1,)


def test_many_events_are_all_or_none_and_say_which(officer, loan):
    caller = Caller(token(officer))
    good = {"loan_id": loan.loan_id, "kind": "repaid", "on": TODAY.isoformat(), "amount_fen": YUAN}
    bad = {**good, "amount_fen": 60_000 * YUAN}
    response = caller.post("/events", {"events": [good, bad]}, key="key-00000002")
    assert code(response) == (422, "above_balance")
    assert response.json()["facts"]["place"] == 1
    assert one(
        "select count(*) from casework_loan_event where loan_id = %s and kind = 'repaid'", loan.loan_id
    ) == (0,)


def test_twenty_at_once_with_one_key_are_one_row(officer, loan):
    from django.db import connections

    raw = token(officer)
    body = {
        "events": [{"loan_id": loan.loan_id, "kind": "repaid", "on": TODAY.isoformat(), "amount_fen": YUAN}]
    }
    answers: list[tuple[int, bytes]] = []
    start = threading.Barrier(20)

    def ask() -> None:
        try:
            start.wait()
            response = Caller(raw).post("/events", body, key="the-one-key")
            answers.append((response.status_code, response.content))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} == {201}
    assert len(answers) == 20
    assert one(
        "select count(*) from casework_loan_event where loan_id = %s and kind = 'repaid'", loan.loan_id
    ) == (1,)


def test_a_payment_by_api_keeps_all_its_refusals(as_role, officer, monkeypatch):
    manager = as_role("branch_manager")
    loan = signed(manager, monkeypatch)
    path = f"/loans/{loan.loan_id}/disbursement"
    body = {"on": TODAY.isoformat(), "amount_fen": loan.principal_fen, "content_hash": loan.content_hash}
    assert code(Caller(token(manager)).post(path, body, key="pay-00000001")) == (403, "own_step")
    caller = Caller(token(officer))
    assert code(caller.post(path, body, key="pay-00000002")) == (422, "breaker_undetermined")
    told = caller.post(path, {**body, "reason": "标准未定，集体研究"}, key="pay-00000003")
    assert told.status_code == 201, told.content
    assert told.json()["balance_fen"] == loan.principal_fen
    assert code(caller.post(path, {**body, "reason": "再来一次"}, key="pay-00000004")) == (
        409,
        "already_decided",
    )


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"{}", "text/plain", (415, "wrong_media_type")),
        (b"{", "application/json", (400, "bad_json")),
        (b'{"events": NaN}', "application/json", (400, "bad_json")),
        (b'{"events": 1.5}', "application/json", (400, "bad_json")),
        (b'{"events": ' + b"9" * 5000 + b"}", "application/json", (400, "bad_json")),
        (b'{"events": [], "events": []}', "application/json", (400, "bad_json")),
        (b"[" * 100_000, "application/json", (400, "bad_json")),
        (b'{"events": "\\u0000"}', "application/json", (422, "bad_text")),
        (b'{"events": "\\ud800"}', "application/json", (422, "bad_text")),
        (b'\xff\xfe{"events": []}', "application/json", (400, "bad_json")),
        (b'{"events": [], "more": 1}', "application/json", (422, "bad_field")),
        (
            b'{"events": [{"loan_id": "x", "kind": "repaid", "on": "2026-02-30"}]}',
            "application/json",
            (422, "bad_field"),
        ),
        (b'{"events": [{}]}', "application/json", (422, "missing_field")),
        (b'{"pad": "' + b"x" * (5 * 1024 * 1024) + b'"}', "application/json", (413, "too_large")),
    ],
)
def test_what_is_sent_wrongly_is_refused_by_name(officer, body, kind, expected):
    assert code(Caller(token(officer)).post("/events", body, key="key-00000009", kind=kind)) == expected


def test_unknown_fields_are_refused(officer, loan):
    caller = Caller(token(officer))
    event = {
        "loan_id": loan.loan_id,
        "kind": "repaid",
        "on": TODAY.isoformat(),
        "amount_fen": 1,
        "amount": "1.00",
    }
    assert code(caller.post("/events", {"events": [event]}, key="key-00000010")) == (422, "unknown_field")
    assert code(caller.get("/loans", colour="red")) == (422, "unknown_field")
    assert code(caller.get("/loans", area="%00")) == (422, "bad_field")
    assert code(caller.get("/loans/%00")) == (422, "bad_text")
    assert code(caller.client.delete("/api/v1/loans", headers=caller.headers)) == (405, "wrong_method")


def test_who_asks_too_often_waits(officer, monkeypatch):
    from bangfu.web.api import door

    monkeypatch.setattr(door, "MOST_A_MINUTE", 3)
    caller = Caller(token(officer))
    assert [caller.get("/whoami").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    last = caller.get("/whoami")
    assert code(last) == (429, "rate_limited")
    assert int(last["Retry-After"]) > 0
    assert Caller(token(officer)).get("/whoami").status_code == 200  # another token has its own count


def test_the_page_describes_every_endpoint(in_county):
    from django.test import Client

    page = Client(HTTP_HOST="127.0.0.1").get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    document = Client(HTTP_HOST="127.0.0.1").get("/api/v1/openapi.json").json()
    assert all(path in text for path in document["paths"])
    assert "<script" not in text or "cdn" not in text
    assert "key_reused" in text
