"""The sign-in: user name, password and six digits, checked in one place; every attempt is written down."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from bangfu.casework.database.session import Scope, entered, widened
from bangfu.casework.people.models import Account, SignIn
from bangfu.casework.people.second_factor import used_once

__all__ = ["AccountBackend", "folded", "noted"]


def folded(username: str) -> str:
    """A user name as it is kept."""
    return username.strip().lower()


class AccountBackend(BaseBackend):
    """Accounts of the platform. Lock-out after failures stands before it (django-axes)."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        username: str = "",
        password: str = "",
        code: str = "",
        now: datetime | None = None,
        address: str = "",
    ) -> Account | None:
        """The account, or None; whatever was wrong, the answer is the same and takes the same work."""
        del request
        if now is None:
            return None
        with entered(Scope()), widened():
            account = Account.objects.filter(username=folded(username)).first()
            outcome = _outcome(account, password, code, now=now)
            _write(account, outcome, now=now, address=address)
        return account if outcome == "ok" else None

    def get_user(self, user_id: int) -> Account | None:  # noqa: ARG002 - sessions are our own
        """Nobody: who is signed in is read by ``people.known``."""
        return None


def _outcome(account: Account | None, password: str, code: str, *, now: datetime) -> str:
    if account is None:
        make_password(password)  # the same work as for a known name
        return "unknown"
    right = check_password(password, account.password)
    if not right:
        return "wrong_password"
    if account.closed_at is not None:
        return "closed"
    if account.second_factor_id is not None and not used_once(account, code, now=now):
        return "wrong_code"
    return "ok"


def _write(account: Account | None, outcome: str, *, now: datetime, address: str) -> None:
    # A name nobody has may be a password typed into the wrong field: it is not kept.
    SignIn.objects.create(
        account_id=account.pk if account else None,
        username=account.username if account else "",
        at=now,
        outcome=outcome,
        address=address or None,
    )


def noted(*, username: str, outcome: str, now: datetime, address: str = "") -> None:
    """Write into the sign-in log what the backend does not see: a locked door, a signing out."""
    with entered(Scope()), widened():
        account = Account.objects.filter(username=folded(username)).first()
        _write(account, outcome, now=now, address=address)
