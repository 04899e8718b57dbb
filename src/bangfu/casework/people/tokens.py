"""Keys to the API: shown once, kept as a hash, for one role in one place, for a time, for named acts alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, entered, widened
from bangfu.casework.people.known import known
from bangfu.casework.people.may_words import grantable
from bangfu.casework.people.models import Token
from bangfu.casework.people.rights import require
from bangfu.casework.people.roles import ROLES
from bangfu.casework.people.scope import Held, scope_of

__all__ = ["LONGEST_DAYS", "Bearer", "TokenRow", "actor_of_token", "issue_token", "revoke_token", "tokens"]

LONGEST_DAYS = 365
_PREFIX = "bf_"
_LABEL = 64


@dataclass(frozen=True)
class TokenRow:
    """A token as lists show it: never the token itself.

    Attributes:
        token_id: The row.
        label: What it is for.
        account_id: Whose it is.
        role: The role it acts in.
        place: Where.
        may: The acts it may do, a part of its role's.
        issued_at: When.
        expires_at: Until when.
        revoked_at: Since when it is void, where it was revoked.
    """

    token_id: int
    label: str
    account_id: int
    role: str
    place: str
    may: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """``valid``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= now else "valid"


@dataclass(frozen=True)
class Bearer:
    """Who comes with a token.

    Attributes:
        actor: The account in the token's role; ``via`` is ``api``.
        token_id: The token.
        may: The acts it may do.
    """

    actor: Actor
    token_id: int
    may: frozenset[str]

    def require(self, act: str) -> None:
        """Refuse an act the token was not issued for, or its role may not do (``not_your_role``)."""
        if act not in self.may:
            raise Refused("not_your_role", act=act)
        require(self.actor, act)


def issue_token(
    *, actor: Actor, label: str, may: Sequence[str], days: int, role: str = "", place: str = ""
) -> tuple[int, str]:
    """A new token of the actor's own account in a role it holds: its id and the token, shown once.

    Args:
        actor: A county bank's officer or an administrator.
        label: What it is for.
        may: Acts, all among ``grantable`` ones of the role.
        days: 1 to 365.
        role: A role the account holds today; the one acted in where it is left out.
        place: Its place.

    Raises:
        Refused: ``not_your_role``, ``missing_field``, ``bad_field`` at may, days or role.
    """
    require(actor, "token.write")
    if not label.strip():
        raise Refused("missing_field", field="label")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("bad_field", field="days")
    role, place = (role, place) if role else (actor.role, actor.place)
    person = known(account_id=actor.account_id, now=actor.now)
    if person is None or not any((one.role, one.place) == (role, place) for one in person.grants):
        raise Refused("bad_field", field="role")
    if not may or not set(may) <= set(grantable(role)):
        raise Refused("bad_field", field="may")
    raw = _PREFIX + secrets.token_urlsafe(32)
    row = Token.objects.create(
        token_hash=_hash(raw),
        label=label.strip()[:_LABEL],
        account_id=actor.account_id,
        role=role,
        place=place,
        may=sorted(set(may)),
        expires_at=actor.now + timedelta(days=days),
        recorded=from_now(actor.now),
        recorded_by=actor.account_id,
    )
    trail.record(
        actor=actor,
        act="token.issued",
        subject=("token", row.pk),
        after={"label": row.label, "role": role, "place": place, "may": row.may, "days": days},
    )
    return row.pk, raw


def revoke_token(*, actor: Actor, token_id: int, why: str = "") -> None:
    """A token is void from now on: one's own, or anybody's for an administrator.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    require(actor, "token.write")
    row = Token.objects.select_for_update().filter(standing(), pk=token_id).first()
    if row is None:
        raise Refused("not_in_scope")
    closed(row, now=actor.now)
    trail.record(actor=actor, act="token.revoked", subject=("token", token_id), why=why)


def tokens(*, actor: Actor, at_most: int = 200) -> list[TokenRow]:
    """Tokens in scope, newest first: one's own, or all for an administrator."""
    require(actor, "token.write")
    return [_row(row) for row in Token.objects.order_by("-id")[:at_most]]


def actor_of_token(raw: str, now: datetime, *, address: str = "") -> Bearer | None:
    """Who comes with a token; None where it is unknown, expired, revoked, or its account no longer holds the role.

    Opens its own transaction; the caller then enters ``bearer.actor.scope``.
    """
    if not raw.startswith(_PREFIX):
        return None
    with entered(Scope()):
        with widened():
            row = Token.objects.filter(standing(), token_hash=_hash(raw), expires_at__gt=now).first()
            person = known(account_id=row.account_id, now=now) if row else None
        if row is None or person is None:
            return None
        held: Held | None = next(
            (one for one in person.grants if (one.role, one.place) == (row.role, row.place)), None
        )
        if held is None:
            return None
        scope = scope_of(person.account_id, held, on=day_of(now))
    actor = Actor(person.account_id, person.name, held.role, held.place, scope, now, "api", address)
    return Bearer(actor, row.pk, frozenset(row.may) & ROLES[held.role].may)


def _row(row: Token) -> TokenRow:
    return TokenRow(
        row.pk,
        row.label,
        row.account_id,
        row.role,
        row.place,
        tuple(row.may),
        row.recorded.lower,
        row.expires_at,
        row.recorded.upper,
    )


def _hash(raw: str) -> bytes:
    return hashlib.sha256(raw.encode()).digest()
