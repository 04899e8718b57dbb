"""Helpers of the registry's tests: a household with a loan, acts as somebody, what the facts are."""

from __future__ import annotations

from datetime import timedelta

from tests.site import NOW

LATER = NOW + timedelta(hours=1)
TODAY = "2026-11-20"


def sql(text: str, given=()):
    """All rows, past every scope."""
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(text, list(given))
        return cursor.fetchall()


def lent_to(actor, *, members: int = 3):
    """(household_id, village) of a household in scope with a running programme loan and so many living members."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.registry import api as registry

    with entered(actor.scope):
        page = registry.households(actor=actor, wanted=registry.Wanted(sort="id"), size=400)
    return next(
        (row.household_id, row.area_code)
        for row in page.rows
        if row.loans == 1 and row.members >= members and row.categories
    )


def asked(actor, kind: str, subject: str, details, why: str = "村民申请"):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    with entered(actor.scope):
        return requests.ask(actor=actor, kind=kind, subject=("household", subject), details=details, why=why)


def decided(actor, request, outcome: str = "approved", *, seen_hash: str = "", reason: str = "不符合要求"):
    from bangfu.casework.database.session import entered
    from bangfu.casework.requests import api as requests

    with entered(actor.scope):
        seen = requests.get(actor=actor, request_id=request.id)
        return requests.decide(
            actor=actor,
            request_id=request.id,
            outcome=outcome,
            seen_hash=seen_hash or seen.seen_hash,
            reason=reason,
        )


def read(actor, household_id: str, **how):
    from bangfu.casework.database.session import entered
    from bangfu.casework.registry import api as registry

    with entered(actor.scope):
        return registry.household(actor=actor, household_id=household_id, **how)


def facts(known_at=None, on=None):
    """The core's tables, all rows: by name, as lists of rows."""
    from bangfu.casework.as_facts.api import facts_in_scope
    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)):
        found = facts_in_scope(known_at=known_at, on=on)
    return {
        name: found.tables[name].rows() for name in ("households", "members", "roster", "loans", "events")
    }


def balances() -> dict[str, int]:
    """Balance of all programme loans by loan: what no life event changes."""
    return dict(
        sql(
            "select l.loan_id, sum(case when e.kind = 'disbursed' then e.amount_fen when e.kind in ('repaid',"
            " 'written_off', 'compensated', 'converted') then -coalesce(e.amount_fen, 0) else 0 end)::bigint"
            " from casework_loan l join casework_loan_event e on e.loan_id = l.loan_id and upper_inf(e.recorded)"
            " where upper_inf(l.recorded) group by 1"
        )
    )
