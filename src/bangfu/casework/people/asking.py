"""How often a token or an address asked, and what was answered to a key that comes again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.keys import key_file
from bangfu.casework.database.locks import ANSWERS, held
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.models import Answered, Asked

__all__ = ["Answer", "answered_before", "counted", "counted_from", "keep_answer", "over"]

_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """What was answered: the status and the body."""

    status: int
    body: Any


def counted(*, actor: Actor, token_id: int) -> int:
    """Count one more question of a token in this minute, over all workers; how many it makes.

    The caller counts in a transaction of its own, so that what is refused counts too, and then asks ``over``.
    """
    minute = actor.now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_asked (account_id, token, minute, times) values (%s, %s, %s, 1)"
            " on conflict (token, minute) do update set times = casework_asked.times + 1 returning times",
            [actor.account_id, str(token_id), minute],
        )
        (times,) = cursor.fetchone()
    if times == 1:
        Asked.objects.filter(account_id=actor.account_id, minute__lt=minute - _KEPT).delete()
    return int(times)


def over(*, times: int, most: int, now: datetime) -> None:
    """Refuse what is more than a minute allows."""
    if times > most:
        raise Refused("rate_limited", most_a_minute=most, wait_s=60 - now.second)


def counted_from(*, purpose: str, address: str, now: datetime, an_hour: int, a_day: int) -> None:
    """Count one more question of somebody unknown, and refuse what is more than an hour or a day allow.

    The network address is not kept: a keyed hash of it with the day stands for it, so that nothing tells who asked, nor
    joins two days. All rows must be in scope; who is refused is not counted.

    Args:
        purpose: What is asked, a short word.
        address: As the server saw it; those without one share a count.
        now: The moment.
        an_hour: How many are taken in 60 minutes.
        a_day: How many on one day, in Shanghai.

    Raises:
        Refused: ``rate_limited``.
    """
    keys = key_file()
    told = f"{purpose}|{day_of(now)}|{address}".encode()
    token = f"{purpose}:{hmac.new(keys.blind[keys.current_blind], told, hashlib.sha256).hexdigest()[:40]}"
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        # The upsert comes first: its lock lets one address ask one question at a time.
        cursor.execute(
            "insert into casework_asked (account_id, token, minute, times) values (0, %s, %s, 1)"
            " on conflict (token, minute) do update set times = casework_asked.times + 1",
            [token, minute],
        )
        cursor.execute(
            "select coalesce(sum(times) filter (where minute > %s), 0), sum(times) from casework_asked"
            " where token = %s",
            [now - timedelta(hours=1), token],
        )
        of_hour, of_day = cursor.fetchone() or (0, 0)
    if of_hour > an_hour or of_day > a_day:
        raise Refused("rate_limited", most_an_hour=an_hour, most_a_day=a_day)
    Asked.objects.filter(account_id=0, minute__lt=now - _KEPT).delete()


def answered_before(*, actor: Actor, key: str, asked: bytes) -> Answer | None:
    """The answer kept for a key, where it came before with the same content; the others wait until this one ends.

    Raises:
        Refused: ``key_reused``: it came with other content.
    """
    held(ANSWERS, f"{actor.account_id}:{key}")
    row = Answered.objects.filter(account_id=actor.account_id, key=key).first()
    if row is None:
        return None
    if bytes(row.asked_hash) != hashlib.sha256(asked).digest():
        raise Refused("key_reused", field="Idempotency-Key")
    return Answer(row.status, row.answer)


def keep_answer(*, actor: Actor, key: str, asked: bytes, status: int, body: Mapping[str, Any]) -> None:
    """Keep what was answered, in the transaction of what was done."""
    Answered.objects.create(
        account_id=actor.account_id, key=key, asked_hash=hashlib.sha256(asked).digest(), status=status,
        answer=dict(body), at=actor.now,
    )  # fmt: skip
