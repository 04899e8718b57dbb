"""Who works on something holds it to the end of the transaction: PostgreSQL's advisory locks, a number for each sort.

The numbers stand here alone, so that two sorts never share one; statements kept in the database name them too.
"""

from __future__ import annotations

from django.db import connection

__all__ = [
    "ANSWERS",
    "APPLICATIONS",
    "CONTRACTS",
    "IMPORTS",
    "LISTS",
    "LOANS",
    "OBJECTIONS",
    "PAYMENTS",
    "TRAIL",
    "held",
]

TRAIL = 726_911  # the one chain: taken without a key
APPLICATIONS = 726_912
IMPORTS = 726_913  # a batch; and without a key, since one is imported at a time
LISTS = 726_914
PAYMENTS = 726_915  # a batch, its cycle, its county, a recovery's line
OBJECTIONS = 726_916
LOANS = 726_917
CONTRACTS = 726_918  # a branch's numbers of a year
ANSWERS = 726_919  # what a machine was told under a key


def held(sort: int, *keys: object) -> None:
    """Wait until nobody else holds these, and hold them to the transaction's end.

    Several are taken in one order always, so that two who take the same ones never wait for each other.

    Args:
        sort: What they are: one of the numbers above.
        keys: Their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, hashtext(one)) from unnest(%s::text[]) as one",
            [sort, sorted(str(one) for one in keys)],
        )
