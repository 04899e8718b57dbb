"""The demonstration's people: one account a role, its password known to everybody. Never on a real site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from bangfu.casework.database.actor import day_of
from bangfu.casework.database.session import Scope, entered, widened
from bangfu.casework.people.held import NAMED
from bangfu.casework.people.roles import ROLES
from bangfu.casework.words import Words

__all__ = ["DEMO_PASSWORD", "DemoAccount", "demo_accounts"]

DEMO_PASSWORD = "bangfu-demo-county"  # noqa: S105 - printed at the demonstration's door


@dataclass(frozen=True)
class DemoAccount:
    """One line at the demonstration's door."""

    user: str
    name: str
    role: Words
    scope: str
    password: str

    @property
    def fill(self) -> str:
        """What a click types into the form, as JSON."""
        return json.dumps({"username": self.user, "password": self.password, "code": ""})


_QUESTION = f"""
select distinct on (g.role) g.role, a.username, a.name, {NAMED.format(day="%(on)s")}
from casework_account a join casework_grant g on g.account_id = a.id
where a.closed_at is null and a.username like 'demo-%%' and upper_inf(g.recorded) and g.valid @> %(on)s::date
order by g.role, a.id
"""


def demo_accounts(*, now: datetime) -> tuple[DemoAccount, ...]:
    """One open account named ``demo-…`` a role on a demonstration site; none elsewhere."""
    if not settings.SITE.demo:
        return ()
    with entered(Scope()), widened(), connection.cursor() as cursor:
        cursor.execute(_QUESTION, {"on": day_of(now)})
        found = {row[0]: row for row in cursor.fetchall()}
    return tuple(
        DemoAccount(found[code][1], found[code][2], role.words, found[code][3], DEMO_PASSWORD)
        for code, role in ROLES.items()
        if code in found
    )
