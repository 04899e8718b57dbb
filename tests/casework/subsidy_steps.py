"""The steps of a cycle that move the most at once, as its people do them: for those who are killed in the middle."""

from __future__ import annotations

from datetime import timedelta

COUNTY = "522728"
END = "2023-09-21"


def compute(cycle_id: str, known_at, _: bytes) -> None:
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    site = Actor.site(now=known_at, via="job")
    with entered(site.scope):
        subsidies.compute_cycle(actor=site, cycle_id=cycle_id, known_at=known_at)


def release(batch_id: str, known_at, _: bytes) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    actor = _finance(known_at, colleague=1)
    with entered(actor.scope):
        seen = payments.batch(actor=actor, batch_id=batch_id).content_hash
        payments.release(actor=actor, batch_id=batch_id, seen_hash=seen)


def read_back(batch_id: str, known_at, content: bytes) -> None:
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    actor = _finance(known_at + timedelta(days=1))
    with entered(actor.scope):
        payments.take_results(actor=actor, batch_id=batch_id, content=content, name="results.csv")


def _finance(now, *, colleague: int = 0):
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.imports.demo_staff import signed_in

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(
            "select a.id, a.name from casework_account a join casework_grant g on g.account_id = a.id"
            " where g.role = 'finance' order by a.id"
        )
        account_id, name = cursor.fetchall()[colleague]
    return signed_in(account_id, name, now=now)


STEPS = {"computing": compute, "freezing": compute, "exporting": release, "reading back": read_back}
