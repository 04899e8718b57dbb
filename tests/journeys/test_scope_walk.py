"""The scope walk: every address asked by everybody of the next township, the next bank and nobody; and SQL straight.

A new address without an entry in ``ENTRIES`` fails: whoever adds one says what it takes and whose it is.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.conftest import TODAY
from tests.journeys.scope_records import ALWAYS, Records, cycle_there, made, settled, text_of

NEXT = (
    ("village", 2), ("township", 2), ("station", 2), ("branch_officer", 2), ("branch_manager", 2), ("county_bank", 2),
)  # fmt: skip
NOBODY = ("nobody", 0)
# Nothing of anybody: the same for all.
PUBLIC = [
    "policy/",
    "policy/clauses/",
    "may-i-borrow/",
    "calculator/",
    "fraud/",
    "help/",
    "language",
    "styleguide/",
    "styleguide/<slug:page>/",
    "sign-in/",
    "healthz",
    "metrics",
    "imports/template/<slug:kind>.xlsx",
    "applications/form.pdf",
    "api/v1/docs",
    "api/v1/openapi.json",
    "api/v1/",
    "^api/(.*)$",
    "trail/anchor/<day:day>/",
    "notices/",
    "notices/answer/",
    "notices/<uuid:notice_id>/",
    "notices/<uuid:notice_id>/print/",
    "notices/<uuid:notice_id>/sheet.pdf",
    "notices/<uuid:notice_id>/object/<uuid:token>/",
]
# One's own: any answer, but nothing of the others in it.
OWN = [
    "/",
    "duties/",
    "sign-out/",
    "role/",
    "my-account/",
    "my-account/password/",
    "my-account/first-password/",
    "my-account/second-factor/",
    "accounts/",
    "accounts/roles/",
    "accounts/new/",
    "sign-ins/",
    "tokens/",
    "tokens/new/",
    "search/",
    "requests/",
    "areas/ask/<str:kind>/",
    "households/",
    "households/export/",
    "areas/",
    "institutions/",
    "institutions/export/<slug:what>/",
    "coverage/",
    "coverage/export/",
    "rosters/",
    "rosters/export/",
    "rosters/difference/",
    "deliveries/",
    "deliveries/make/",
    "trail/",
    "trail/export/",
    "trail/verify/",
    "trail/anchor/",
    "imports/",
    "imports/new/",
    "jobs/",
    "applications/",
    "applications/export",
    "applications/new/",
    "filings/",
    "filings/month/",
    "filings/lists/",
    "loans/",
    "loans/export",
    "loans/bank-file/",
    "loans/breaker/",
    "loans/subsidy/",
    "subsidies/",
    "subsidies/late/",
    "objections/",
    "subsidies/open/",
    "subsidies/cycles/<uuid:cycle_id>/",
    "subsidies/cycles/<uuid:cycle_id>/compute/",
    "subsidies/cycles/<uuid:cycle_id>/claims/",
    "budgets/",
    "budgets/ledger/",
    "budgets/ledger/export/",
    "budgets/allot/",
    "budgets/forecast/",
    "budgets/lateness/",
    "payments/",
    "payees/",
    "payees/file/",
    "formats/",
    "formats/set/",
    "proofs/",
    "recoveries/",
    "subsidies/reports/",
    "subsidies/reports/take/",
    "subsidies/cycles/<uuid:cycle_id>/payments/",
    "subsidies/cycles/<uuid:cycle_id>/payments/finish/",
    "subsidies/cycles/<uuid:cycle_id>/archive/",
    "subsidies/cycles/<uuid:cycle_id>/archive/fill/",
    "subsidies/cycles/<uuid:cycle_id>/archive/add/",
    "subsidies/cycles/<uuid:cycle_id>/archive/seal/",
    "subsidies/cycles/<uuid:cycle_id>/reports/",
    "subsidies/cycles/<uuid:cycle_id>/reports/take/",
    "api/v1/whoami",
    "api/v1/policy",
    "api/v1/decide",
    "api/v1/households/search",
    "api/v1/households",
    "api/v1/rosters",
    "api/v1/areas",
    "api/v1/institutions",
    "api/v1/applications",
    "api/v1/loans",
    "api/v1/events",
    "api/v1/ledger",
]
# A record of the first township: not for them.
RECORDS = [
    "accounts/<int:account_id>/",
    "accounts/<int:account_id>/role/",
    "accounts/<int:account_id>/role/<int:grant_id>/end/",
    "accounts/<int:account_id>/close/",
    "accounts/<int:account_id>/password/",
    "accounts/<int:account_id>/second-factor/",
    "accounts/<int:account_id>/hand-over/",
    "accounts/<int:account_id>/own/",
    "accounts/<int:account_id>/own/<str:household_id>/end/",
    "tokens/<int:token_id>/revoke/",
    "requests/<uuid:request_id>/",
    "requests/<uuid:request_id>/decide/",
    "requests/<uuid:request_id>/withdraw/",
    "households/<str:household_id>/ask/<str:kind>/",
    "households/<str:household_id>/",
    "members/<str:member_id>/show/<slug:field>/",
    "deliveries/<uuid:delivery_id>/",
    "deliveries/<uuid:delivery_id>/acknowledge/",
    "trail/<str:subject>/",
    "imports/<uuid:batch_id>/",
    "imports/<uuid:batch_id>/progress/",
    "imports/<uuid:batch_id>/confirm/",
    "imports/<uuid:batch_id>/undo/",
    "imports/<uuid:batch_id>/problems.xlsx",
    "jobs/<int:job_id>/retry/",
    "applications/<str:number>/",
    "applications/<str:number>/edit/",
    "applications/<str:number>/form.pdf",
    "applications/<str:number>/print/",
    "applications/<str:number>/show/<slug:field>/",
    "applications/<str:number>/papers/",
    "applications/<str:number>/submit/",
    "applications/<str:number>/review/",
    "applications/<str:number>/withdraw/",
    "applications/<str:number>/rating/",
    "applications/<str:number>/exception/",
    "applications/<str:number>/exception/<uuid:request_id>/",
    "applications/<str:number>/own/",
    "files/<uuid:file_id>/",
    "loans/sign/<str:application_id>/",
    "loans/of/<str:loan_id>/",
    "loans/of/<str:loan_id>/interest/",
    "loans/of/<str:loan_id>/findings/",
    "loans/of/<str:loan_id>/pay/",
    "loans/of/<str:loan_id>/event/",
    "loans/of/<str:loan_id>/event/<int:event_id>/correct/",
    "subsidies/lists/<uuid:list_id>/",
    "subsidies/lists/<uuid:list_id>/export/",
    "subsidies/lists/<uuid:list_id>/compute/",
    "subsidies/lists/<uuid:list_id>/submit/",
    "subsidies/lists/<uuid:list_id>/review/",
    "subsidies/lists/<uuid:list_id>/check/",
    "subsidies/lists/<uuid:list_id>/again/",
    "subsidies/lists/<uuid:list_id>/sign/",
    "subsidies/lists/<uuid:list_id>/confirm/",
    "subsidies/lists/<uuid:list_id>/notices/",
    "subsidies/lists/<uuid:list_id>/notices/post/",
    "subsidies/lists/<uuid:list_id>/notices/close/",
    "subsidies/lists/<uuid:list_id>/file/",
    "payments/<uuid:payment_id>/",
    "payments/<uuid:payment_id>/decide/",
    "payments/<uuid:payment_id>/control.pdf",
    "payments/<uuid:payment_id>/results/",
    "payments/<uuid:payment_id>/<int:item>/returned/",
    "payees/<str:household_id>/show/",
    "proofs/<uuid:line_id>/",
    "recoveries/<uuid:line_id>/",
    "notices/<uuid:notice_id>/photos/",
    "objections/<uuid:objection_id>/",
    "objections/<uuid:objection_id>/show/<slug:field>/",
    "objections/<uuid:objection_id>/papers/",
    "objections/<uuid:objection_id>/letter.pdf",
    "objections/<uuid:objection_id>/investigate/",
    "objections/<uuid:objection_id>/decide/",
    "subsidies/lines/<uuid:line_id>/",
    "subsidies/lines/<uuid:line_id>/<slug:doing>/",
    "api/v1/applications/<application_id>",
    "api/v1/applications/<application_id>/submit",
    "api/v1/loans/<loan_id>",
    "api/v1/loans/<loan_id>/disbursement",
]
ENTRIES = {**dict.fromkeys(PUBLIC, "public"), **dict.fromkeys(OWN, "own"), **dict.fromkeys(RECORDS, "record")}
# Pages that say the same whether or not there is such a record: the trail of a subject, empty; a mere question.
SAYS_NOTHING = frozenset({"trail/<str:subject>/", "jobs/<int:job_id>/retry/"})
WORDS = {"page": "queue", "kind": "move", "what": "lead-banks", "doing": "held"}
REFUSED = frozenset({401, 403, 404, 405, 410, 415})


def addresses() -> list[str]:
    """Every pattern of the site."""
    from django.urls import URLPattern, get_resolver

    def below(patterns, prefix):
        for one in patterns:
            if isinstance(one, URLPattern):
                yield prefix + str(one.pattern)
            else:
                yield from below(one.url_patterns, prefix + str(one.pattern))

    return sorted({one or "/" for one in below(get_resolver().url_patterns, "")})


def filled(pattern: str, arguments: dict[str, Any]) -> str:
    """An address of a pattern."""
    import re

    if pattern.startswith("^"):
        return "/api/nothing"

    def value(found):
        name = found[1].rpartition(":")[2]
        return str(arguments.get(name, WORDS.get(name, "")))

    return "/" + re.sub(r"<([^>]+)>", value, pattern).lstrip("/")


def test_every_address_has_an_entry(site):
    known, there = set(ENTRIES), set(addresses())
    assert there - known == set(), "say in ENTRIES what these take and whose they are"
    assert known - there == set(), "these are gone"


@pytest.fixture
def records(as_role) -> Records:
    return made(as_role)


def leaks(text: str, records: Records) -> list[str]:
    return sorted(marker for marker in records.markers | ALWAYS if marker in text)


def asked(client: Any, pattern: str, records: Records) -> list[tuple[str, Any]]:
    """An address by both methods."""
    address = filled(pattern, records.arguments)
    return [("GET", client.get(address)), ("POST", client.post(address, {}))]


def fault_of(pattern: str, who: tuple[str, int], method: str, answer: Any, records: Records) -> str:
    """What is wrong with an answer; empty where nothing is."""
    said = f"{method} {pattern} as {who[0]}{who[1] or ''}: {answer.status_code}"
    if answer.status_code >= 500:
        return said
    told = filled(pattern, records.arguments)  # a page may repeat the address that was asked
    found = [marker for marker in leaks(text_of(answer), records) if marker not in told]
    if found:
        return f"{said} tells {found[:5]}"
    to_door = answer.status_code == 302 and "/sign-in/" in answer.headers["Location"]
    if ENTRIES[pattern] != "record" or answer.status_code in REFUSED or (to_door and who == NOBODY):
        return ""
    return "" if pattern in SAYS_NOTHING and answer.status_code == 200 else said


def test_nothing_of_the_first_township_is_told(signed_in, records):
    from django.test import Client

    nobody = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    clients = {NOBODY: nobody, **{who: signed_in(*who) for who in NEXT}}
    faults = [
        fault
        for who, client in clients.items()
        for pattern in addresses()
        if pattern not in {"sign-out/", "language"}
        for method, answer in asked(client, pattern, records)
        if (fault := fault_of(pattern, who, method, answer, records))
    ]
    assert faults == [], "\n".join(faults)


def test_a_token_of_the_next_bank_opens_nothing_of_the_first(in_staffed, as_role, records):
    from django.test import Client

    from bangfu.casework.database.session import entered
    from bangfu.casework.people import tokens
    from bangfu.casework.people.roles import ROLES

    actor = as_role("county_bank", 2, now=TODAY)
    may = [act for act in sorted(ROLES["county_bank"].may) if act.endswith(".read")]
    with entered(actor.scope):
        _, raw = tokens.issue_token(actor=actor, label="next", may=may, days=30)
    client = Client(
        raise_request_exception=False, SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {raw}"}
    )
    assert client.get("/api/v1/whoami").status_code == 200
    faults = []
    for pattern in addresses():
        if pattern.startswith("api/"):
            for method, answer in asked(client, pattern, records):
                fault = fault_of(pattern, ("token", 2), method, answer, records)
                if fault and answer.status_code not in {400, 422}:
                    faults.append(fault)
    assert faults == [], "\n".join(faults)


COUNTED = [one for one in OWN if one.rstrip("/").rpartition("/")[2] not in {"export", "sign-out", "verify"}
           and not one.startswith(("trail", "api", "my-account", "sign-ins", "tokens", "role"))]  # fmt: skip


def test_what_is_added_in_the_first_township_changes_no_page_of_the_next(signed_in, as_role):
    """Counts, totals, drop-downs and order as well: page by page the same before and after."""
    pages = [filled(pattern, {"cycle_id": cycle_there(as_role)}) for pattern in COUNTED]
    before = {(who, page): signed_in(*who).get(page) for who in NEXT for page in pages}
    made(as_role)
    changed = [
        f"{page} as {who[0]}{who[1]}"
        for (who, page), was in before.items()
        if settled(text_of(was)) != settled(text_of(signed_in(*who).get(page)))
    ]
    assert changed == []


# Tables without a scope, and why.
OPEN = {
    "casework_area": "public", "casework_area_succession": "public", "casework_institution": "public",
    "casework_lead_bank": "public", "casework_subsidy_cycle": "public: days and clauses",
    "casework_notice": "public: what hangs on the wall", "casework_notice_row": "public: masked names and amounts",
    "casework_notice_end": "public: that a notice was taken down",
    "casework_trail_link": "numbers and hashes of the chain, without a row's content",
}  # fmt: skip


def theirs(columns: set[str]) -> str:
    """The rows of a table that are the first township's and its branch's, or one of its people's."""
    if "household_id" in columns and "scope_area" in columns:
        return (
            "household_id = any(%(held)s) or (household_id is null and scope_area like %(township)s"
            " and (institution_id is null or institution_id = %(branch)s))"
        )
    if "scope_area" in columns:
        return "scope_area like %(township)s and (institution_id is null or institution_id = %(branch)s)"
    return "account_id = %(account)s" if "account_id" in columns else "id = %(account)s"


def test_row_level_security_alone_shows_nothing_of_the_first_township(as_role, records):
    """The same straight in SQL, as the role ``app`` with the settings of each person."""
    from django.db import connection

    from bangfu.casework.database.protection import models_protected
    from bangfu.casework.database.session import Scope, entered

    kept = {
        model._meta.db_table: {one.column for one in model._meta.concrete_fields}
        for model, _ in models_protected()
        if model._meta.db_table not in OPEN
    }
    village = as_role("village")
    given = {
        "held": sorted(records.households), "township": f"{village.place[:9]}%",
        "branch": as_role("branch_officer").place, "account": village.account_id,
    }  # fmt: skip
    scopes = {who: as_role(*who).scope for who in NEXT} | {NOBODY: Scope()}
    told, there = [], set()
    for who, scope in [*scopes.items(), ("all", Scope(everything=True))]:
        with entered(scope), connection.cursor() as cursor:
            cursor.execute("select current_user::text, session_user::text")
            assert cursor.fetchone() == ("app", "app")
            for table, columns in kept.items():
                condition = "true" if who == NOBODY else theirs(columns)
                cursor.execute(f"select count(*) from {table} where {condition}", given)
                (count,) = cursor.fetchone()
                if count and who == "all":
                    there.add(table)
                elif count:
                    told.append((who, table, count))
    assert told == []
    assert len(there) > 15, sorted(set(kept) - there)  # and there was something to be seen
