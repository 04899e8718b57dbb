"""Who a session or a token stands for: the account with the roles it holds today, read by one question."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bangfu.casework.database.actor import day_of
from bangfu.casework.people.scope import Held

__all__ = ["Person", "known"]


@dataclass(frozen=True)
class Person:
    """An open account and what it holds on a day.

    Attributes:
        account_id: The account.
        username: What is typed at the door.
        name: The person's name.
        grants: The roles held on the day, in the order they were given.
        must_change_password: Whether a new password must be chosen first.
        second_factor: Whether a second factor is set.
        stamp: Changes with the password, the second factor and the roles: sessions of an older stamp end.
    """

    account_id: int
    username: str
    name: str
    grants: tuple[Held, ...]
    must_change_password: bool
    second_factor: bool
    stamp: str


_QUESTION = """
select a.username, a.name, a.password, a.must_change_password, a.second_factor_id::text, g.id, g.role, g.place,
  coalesce(
    (select i.name from casework_institution i where i.institution_id = g.place and upper_inf(i.recorded)
      and i.valid @> %(on)s::date limit 1),
    (select string_agg(c.name, ' ' order by length(c.code)) from casework_area c where upper_inf(c.recorded)
      and c.valid @> %(on)s::date
      and c.code in (g.place, case when length(g.place) = 12 then left(g.place, 9) else g.place end)),
    g.place)
from casework_account a
left join casework_grant g on g.account_id = a.id and upper_inf(g.recorded) and g.valid @> %(on)s::date
where a.id = %(account)s and a.closed_at is null
order by g.id
"""


def known(*, account_id: int, now: datetime) -> Person | None:
    """The person of an account, or None where it is closed, gone or out of scope."""
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION, {"on": day_of(now), "account": account_id})
        rows = cursor.fetchall()
    if not rows:
        return None
    username, name, password, must_change, factor = rows[0][:5]
    grants = tuple(Held(row[5], row[6], row[7], row[8] or "") for row in rows if row[5] is not None)
    told = [password, factor or "", *(f"{one.grant_id}:{one.role}:{one.place}" for one in grants)]
    stamp = hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]
    return Person(account_id, username, name, grants, must_change, factor is not None, stamp)
