"""Who took the demonstration's past quarters through: its people where they sit, and earlier colleagues elsewhere.

Those colleagues have accounts without a password: nobody signs in with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.people import api as people

__all__ = ["Staff", "earlier_colleagues", "signed_in"]

R = TypeVar("R")
SINCE = date(2014, 1, 1)
NO_PASSWORD = "!no-sign-in"  # noqa: S105 - what no password hashes to
_SURNAMES = "赵钱孙李周吴冯陈褚卫蒋沈韩朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = (
    "建国",
    "秀英",
    "文斌",
    "丽萍",
    "永强",
    "桂兰",
    "志明",
    "玉珍",
    "光辉",
    "春燕",
    "德华",
    "小平",
    "国荣",
)


@dataclass
class Staff:
    """Those who act, by where they sit: role and place to the accounts that hold it, the demonstration's own first.

    Attributes:
        by_desk: (role, place) → accounts and their names.
        known: What was read already of who acts, by account and year.
    """

    by_desk: dict[tuple[str, str], list[tuple[int, str]]]
    known: dict[tuple[int, int], Actor] = field(default_factory=dict)

    def actor(self, role: str, place: str, *, now: datetime, colleague: int = 0) -> Actor:
        """Who holds a role in a place, at a moment; ``colleague`` 1 is the next one."""
        account_id, name = self.by_desk[role, place][colleague]
        key = (account_id, now.year)
        if key not in self.known:
            self.known[key] = signed_in(account_id, name, now=now)
        return replace(self.known[key], now=now)

    def does(
        self,
        what: Callable[..., R],
        role: str,
        place: str,
        *,
        now: datetime,
        colleague: int = 0,
        **given: Any,
    ) -> R:
        """One act, in a transaction of its person's scope."""
        with self.acting(role, place, now=now, colleague=colleague) as actor:
            return what(actor=actor, **given)

    @contextmanager
    def acting(self, role: str, place: str, *, now: datetime, colleague: int = 0) -> Iterator[Actor]:
        """A transaction in the scope of a person."""
        actor = self.actor(role, place, now=now, colleague=colleague)
        with entered(actor.scope):
            yield actor


def signed_in(account_id: int, name: str, *, now: datetime) -> Actor:
    """An account in its one role at a moment."""
    on = day_of(now)
    with entered(Scope(everything=True)):
        (held,) = people.held_by(account_id, on=on)
        return people.actor_for(account_id=account_id, name=name, held=held, now=now, on=on, via="command")


def earlier_colleagues(*, actor: Actor, needed: dict[tuple[str, str], int]) -> Staff:
    """Accounts for desks that have too few people, and all that hold the desks.

    Args:
        actor: The site.
        needed: Role and place → how many people work there.
    """
    with entered(actor.scope):
        held: dict[tuple[str, str], list[tuple[int, str]]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "select g.role, g.place, a.id, a.name from casework_grant g"
                " join casework_account a on a.id = g.account_id"
                " where upper_inf(g.recorded) and a.closed_at is null order by g.role, g.place, a.id"
            )
            for role, place, account_id, name in cursor.fetchall():
                held.setdefault((role, place), []).append((account_id, name))
        made = 0
        for (role, place), count in sorted(needed.items()):
            mine = held.setdefault((role, place), [])
            while len(mine) < count:
                name = f"{_SURNAMES[made % len(_SURNAMES)]}{_GIVEN[made % len(_GIVEN)]}"
                made += 1
                mine.append((_opened(f"past-{made:03d}", name, role, place, actor=actor), name))
    return Staff(held)


def _opened(username: str, name: str, role: str, place: str, *, actor: Actor) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_account (username, name, password, must_change_password, password_set_at,"
            " last_counter, opened_at) values (%s, %s, %s, true, %s, -1, %s) returning id",
            [username, name, NO_PASSWORD, actor.now, actor.now],
        )
        (account_id,) = cursor.fetchone() or (0,)
    trail.record(
        actor=actor, act="account.opened", subject=("account", account_id),
        after={"username": username, "name": name},
    )  # fmt: skip
    people.grant_role(
        actor=actor, account_id=account_id, role=role, place=place, valid_from=SINCE, why="演示历史"
    )
    return int(account_id)
