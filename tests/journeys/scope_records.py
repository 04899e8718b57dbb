"""Records of the first township and its bank, to be asked for by those of the next; and what would betray them."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.casework.lending_made import everything
from tests.casework.origination_made import Desk
from tests.site import NOW

TABLE = "casework_personal_datum"
ACCOUNT = "6228480000000717171"  # made up


@dataclass
class Records:
    """One record of each kind in the first township: arguments of addresses, and words that are only theirs."""

    arguments: dict[str, Any]
    markers: set[str] = field(default_factory=set)
    households: set[str] = field(default_factory=set)


def rows(text: str, *given: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with everything(), connection.cursor() as cursor:
        cursor.execute(text, given)
        return cursor.fetchall()


def made(as_role) -> Records:
    """Cases at several steps, and one row of whatever else has an address."""
    desk = Desk(as_role)
    village, branch = as_role("village").place, as_role("branch_officer").place
    asked, approved = desk.submitted(nth=1), desk.submitted(nth=2)
    desk.through(approved)
    held = others(village, branch)
    own = [row[0] for row in rows("select household_id from casework_application")]
    household_id, member_id = rows(
        "select household_id, member_id from casework_member where household_id = %s limit 1", held[0]
    )[0]
    loan_id = rows("select loan_id from casework_loan where household_id = any(%s) order by 1 limit 1", held)[
        0
    ][0]
    event_id = rows("select id from casework_loan_event where loan_id = %s limit 1", loan_id)[0][0]
    file_id = rows("select id from casework_stored_file where subject like %s limit 1", f"%{asked}")[0][0]
    cycle = _subsidies(as_role)
    notice = _noticed(as_role, cycle["list_id"])
    payment = _paid(as_role, cycle["cycle_id"], held[0])
    arguments = {
        "number": asked, "application_id": asked, **cycle, **notice, **payment, "household_id": household_id,
        "member_id": member_id, "loan_id": loan_id, "event_id": event_id, "file_id": file_id,
        "subject": f"application:{asked}", "field": "id_number", "day": date(2026, 11, 20),
        **_bare(village, branch, desk),
    }  # fmt: skip
    markers = {
        asked,
        approved,
        str(file_id),
        str(cycle["list_id"]),
        str(payment["payment_id"]),
        ACCOUNT,
        str(cycle["line_id"]),
        str(notice["objection_id"]),
        "一镇专有的异议",
        *_words(village, held),
    }
    return Records(arguments, markers, {*held, *own})


def cycle_there(as_role) -> Any:
    """A cycle of the county with its lists, which everybody knows of; what stands on them is each place's own."""
    from tests.journeys.conftest import TODAY

    from bangfu.casework.subsidies import api as subsidies

    there = rows("select id from casework_subsidy_cycle")
    if there:
        return there[0][0]
    bureau = as_role("bureau", now=TODAY)
    with everything():
        opened = subsidies.open_cycle(
            actor=bureau,
            county=bureau.place[:6],
            rhythm="quarter",
            start=date(2026, 6, 21),
            end=date(2026, 9, 21),
        )
    return opened.id


def _subsidies(as_role) -> dict[str, Any]:
    """The first branch's list for the first township, computed: its lines are theirs alone."""
    from tests.journeys.conftest import TODAY

    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    cycle_id, officer = cycle_there(as_role), as_role("branch_officer", now=TODAY)
    with entered(officer.scope):
        subsidies.compute_cycle(actor=officer, cycle_id=cycle_id)
    list_id, line_id = rows(
        "select l.subsidy_list_id, l.id from casework_subsidy_line l where l.institution_id = %s"
        " and l.scope_area like %s order by l.number limit 1",
        officer.place, f"{as_role('village').place[:9]}%",
    )[0]  # fmt: skip
    return {"cycle_id": cycle_id, "list_id": list_id, "line_id": line_id}


def _noticed(as_role, list_id: Any) -> dict[str, Any]:
    """The list given, reviewed and posted; an objection to its first row: the notice is everybody's, the rest not."""
    from tests.journeys.conftest import TODAY

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.notices import api as notices
    from bangfu.casework.subsidies import api as subsidies

    manager, township = as_role("branch_manager", now=TODAY), as_role("township", now=TODAY)

    def seen() -> str:
        with everything():
            return subsidies.content_hash(subsidies.list_of(list_id, on=TODAY.date()))

    with entered(manager.scope):
        subsidies.submit_list(actor=manager, list_id=list_id, seen_hash=seen(), not_own=True)
    with entered(township.scope):
        subsidies.review(
            actor=township, list_id=list_id, outcome="forward", seen_hash=seen(), failed={}, not_own=True
        )
    with entered(township.scope):
        town = notices.post(actor=township, list_id=list_id, kind="before")[0].notice
    with entered(Scope()):
        row = notices.notice(notice_id=town.id, on=TODAY.date()).rows[0]
        told = {"ground": "other", "text": "一镇专有的异议", "name": "罗启发一", "phone": "13800007171"}
        notices.object_to(token=row.token, now=TODAY, address="203.0.113.7", **told)
    objection_id = rows("select id from casework_objection")[0][0]
    return {"notice_id": town.id, "token": row.token, "objection_id": objection_id}


def _paid(as_role, cycle_id: Any, household: str) -> dict[str, Any]:
    """An account of a household, and a batch as the table holds it."""
    from tests.journeys.conftest import TODAY

    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments
    from bangfu.casework.payments.models import PaymentBatch

    finance = as_role("finance", now=TODAY)
    with entered(finance.scope):
        payments.register(actor=finance, rows=[payments.NewAccount(household, "一镇持卡人", ACCOUNT)])
    batch_id = uuid.uuid4()
    with everything():
        PaymentBatch.objects.create(
            id=batch_id, cycle_id=cycle_id, number=1, format={"name": "一卡通"}, content_hash=bytes(32), items=0,
            total_fen=0, by_source={}, prepared_by=finance.account_id, prepared_name=finance.name, at=TODAY,
            scope_area=finance.place,
        )  # fmt: skip
    return {"payment_id": batch_id, "item": 1}


def others(village: str, branch: str) -> list[str]:
    """Households of the first township that no other bank or branch ever dealt with, borrowers first."""
    found = rows(
        "select h.household_id from casework_household h where upper_inf(h.recorded) and h.scope_area like %s"
        " and exists (select from casework_loan l where l.household_id = h.household_id and l.institution_id = %s)"
        " and not exists (select from casework_loan l where l.household_id = h.household_id"
        "   and l.institution_id is distinct from %s)"
        " and not exists (select from casework_dealings d where d.household_id = h.household_id"
        "   and d.institution_id is distinct from %s) order by 1",
        f"{village[:9]}%", branch, branch, branch,
    )  # fmt: skip
    return [row[0] for row in found]


def _words(village: str, held: list[str]) -> set[str]:
    """Ids, and names that nobody outside the first township bears."""
    ids = {
        *held,
        *(row[0] for row in rows("select member_id from casework_member where household_id = any(%s)", held)),
    }
    ids |= {row[0] for row in rows("select loan_id from casework_loan where household_id = any(%s)", held)}
    names = rows(
        "select name from casework_member group by name having bool_and(household_id = any(%s))", held
    )
    named = {row[0] for row in rows("select name from casework_account union select name from casework_area"
                                    " union select name from casework_institution")}  # fmt: skip
    return ids | {row[0] for row in names if len(row[0]) > 2} - named


def _bare(village: str, branch: str, desk: Desk) -> dict[str, Any]:
    """Rows of an import, a request, a delivery, an exception and a token, as the tables hold them."""
    from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

    from bangfu.casework.imports.models import ImportBatch
    from bangfu.casework.people.models import Token
    from bangfu.casework.registry.models import RosterDelivery
    from bangfu.casework.requests.models import ChangeRequest

    one, township = uuid.uuid4(), village[:9]
    with everything():
        ImportBatch.objects.create(
            id=one, kind="ledger", name="一镇台账.xlsx", sha256=b"1", started_by=0, started_name="罗启发一",
            at=NOW, scope_area=township, institution_id=branch,
        )  # fmt: skip
        ChangeRequest.objects.create(
            id=one, kind="household.move", subject="household:HT1", details={}, effect={}, content_hash=b"1",
            why="一镇专有的理由", asked_by=1, asked_name="罗启发一", asked_role="village", asked_at=NOW,
            decided_by_act="household.approve", scope_area=village,
        )  # fmt: skip
        RosterDelivery.objects.create(
            id=one, as_of=date(2026, 9, 30), counts={"一镇专有的数": 7171}, content_hash=b"1", delivered_by=1,
            delivered_name="罗启发一", at=NOW, scope_area=township, institution_id=branch,
        )  # fmt: skip
        bank = desk.as_role("county_bank")
        token = Token.objects.create(
            token_hash=b"1" * 32, label="一行专有的令牌", account_id=bank.account_id, role="county_bank",
            place=bank.place, may=["loan.read"], expires_at=NOW.replace(year=2090),
            recorded=DateTimeTZRange(NOW, None, "[)"), recorded_by=0,
        )  # fmt: skip
    accounts = rows("select id from casework_account where username = 'demo-village'")[0][0]
    grant = rows("select id from casework_grant where account_id = %s", accounts)[0][0]
    return {
        "batch_id": one, "request_id": one, "delivery_id": one, "token_id": token.pk, "account_id": accounts,
        "grant_id": grant, "job_id": 1,
    }  # fmt: skip


ALWAYS = frozenset({"罗启发一", "一镇专有的理由", "一行专有的令牌", "一镇台账.xlsx", "一镇专有的数"})


def text_of(response: Any) -> str:
    """What an answer says, workbooks and PDF files opened."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if content.startswith(b"%PDF"):
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8", "replace")


_CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|\b[0-9a-f]{12}\b|\d\d:\d\d(:\d\d)?|"hx-[^"]*"|nonce="[^"]*"'
)


def settled(text: str) -> str:
    """The text without what differs between two askings of the same: tokens, request numbers, times of day."""
    return _CHANGING.sub("…", text)
