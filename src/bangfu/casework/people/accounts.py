"""Accounts: opened, closed, given a new password; what an administrator sees of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.backend import folded
from bangfu.casework.people.held import NAMED
from bangfu.casework.people.models import Account, SignIn
from bangfu.casework.people.rights import admins, lone_admin, require, require_other, require_reason
from bangfu.casework.words import Words

__all__ = [
    "AccountRow",
    "SignInRow",
    "account_of",
    "accounts",
    "change_password",
    "close_account",
    "name_of",
    "names_of",
    "open_account",
    "reset_password",
    "sign_ins",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Django's own texts are not all there in Chinese.
_WEAK = {
    "password_too_short": Words("密码至少10位。", "At least 10 characters."),
    "password_too_common": Words("这个密码太常见。", "This password is too common."),
    "password_entirely_numeric": Words("密码不能全是数字。", "Not digits alone."),
    "password_too_similar": Words("密码与用户名或姓名太相似。", "Too similar to the user name or name."),
}


@dataclass(frozen=True)
class AccountRow:
    """An account as administrators see it: never its password or secret."""

    account_id: int
    username: str
    name: str
    opened_at: datetime
    closed_at: datetime | None
    last_login: datetime | None
    must_change_password: bool
    second_factor: bool
    roles: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class SignInRow:
    """One line of the sign-in log."""

    row_id: int
    at: datetime
    account_id: int | None
    username: str
    outcome: str
    address: str


def made_password() -> str:
    """A password for one use, easy to read out: three groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def open_account(
    *, actor: Actor, username: str, name: str, password: str | None = None, must_change: bool = True
) -> tuple[int, str]:
    """A new account without a role, and its first password, shown once.

    Args:
        actor: An administrator, or the site itself.
        username: 3 to 32 small letters, digits, ``._-``.
        name: The person's name.
        password: The first password; made where it is left out.
        must_change: Whether it has to be changed at the first sign-in.

    Raises:
        Refused: ``not_your_role``, ``bad_field``, ``missing_field``, ``duplicate``, ``weak_password``.
    """
    require(actor, "account.write")
    username, name = folded(username), name.strip()
    if not name:
        raise Refused("missing_field", field="name")
    if not _NAME.fullmatch(username):
        raise Refused("bad_field", field="username")
    if Account.objects.filter(username=username).exists():
        raise Refused("duplicate", field="username")
    first = password or made_password()
    account = Account(
        username=username,
        name=name,
        must_change_password=must_change,
        password_set_at=actor.now,
        opened_at=actor.now,
    )
    if password is not None:
        _strong(first, account)
    account.password = make_password(first)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:  # the other of two at once
        raise Refused("duplicate", field="username") from None
    trail.record(
        actor=actor,
        act="account.opened",
        subject=("account", account.pk),
        after={"username": username, "name": name},
    )
    return account.pk, first


def close_account(*, actor: Actor, account_id: int, why: str) -> None:
    """Nobody signs in with it again; its sessions end with the next request.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``reason_missing``, ``not_in_scope``, ``already_decided``,
            ``last_admin``, ``second_person_needed``.
    """
    require(actor, "account.write")
    require_other(actor, account_id)
    why = require_reason(why)
    account = _locked(account_id)
    if account.closed_at is not None:
        raise Refused("already_decided")
    if account_id in admins(on=actor.on):  # an administrator's role is ended first, by two
        raise Refused("last_admin" if lone_admin(account_id, on=actor.on) else "second_person_needed")
    account.closed_at = actor.now
    account.save(update_fields=["closed_at"])
    trail.record(actor=actor, act="account.closed", subject=("account", account_id), why=why)


def change_password(*, actor: Actor, old: str, new: str) -> None:
    """The actor's own password; every other session of theirs ends.

    Raises:
        Refused: ``bad_field`` at ``old``, ``weak_password`` at ``new`` with ``reasons`` in words.
    """
    account = _locked(actor.account_id)
    if not check_password(old, account.password):
        raise Refused("bad_field", field="old")
    if old == new:
        raise Refused("weak_password", field="new")
    _strong(new, account)
    account.password = make_password(new)
    account.must_change_password, account.password_set_at = False, actor.now
    account.save(update_fields=["password", "must_change_password", "password_set_at"])
    trail.record(actor=actor, act="account.password_changed", subject=("account", account.pk))


def reset_password(*, actor: Actor, account_id: int, why: str) -> str:
    """A forgotten password: a new one for one use, shown once to the administrator who hands it over.

    The second factor stays, so the administrator cannot sign in with it.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``reason_missing``, ``not_in_scope``, ``already_decided`` (closed).
    """
    require(actor, "account.write")
    require_other(actor, account_id)
    why = require_reason(why)
    account = _locked(account_id)
    if account.closed_at is not None:
        raise Refused("already_decided")
    first = made_password()
    account.password = make_password(first)
    account.must_change_password, account.password_set_at = True, actor.now
    account.save(update_fields=["password", "must_change_password", "password_set_at"])
    trail.record(actor=actor, act="account.password_reset", subject=("account", account_id), why=why)
    return first


def _locked(account_id: int) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise Refused("not_in_scope")
    return account


def _strong(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as weak:
        raise Refused(
            "weak_password", field="new", reasons=tuple(_WEAK[one.code or ""] for one in weak.error_list)
        ) from weak


def name_of(account_id: int) -> str:
    """The name of an account in scope; empty where there is none."""
    return Account.objects.filter(pk=account_id).values_list("name", flat=True).first() or ""


def names_of(account_ids: Iterable[int]) -> dict[int, str]:
    """The names of accounts in scope, by id; one question."""
    wanted = set(account_ids)
    return dict(Account.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def accounts(
    *, actor: Actor, find: str = "", closed: bool = False, first: int = 0, at_most: int = 50
) -> tuple[list[AccountRow], int]:
    """Accounts with the roles they hold today, by user name, and how many there are in all.

    Args:
        actor: An administrator.
        find: Part of a user name or name.
        closed: Closed ones instead of open ones.
        first: How many to pass over.
        at_most: How many.
    """
    require(actor, "account.write")
    where = "a.closed_at is not null" if closed else "a.closed_at is null"
    return _rows(where, [actor.on], find=find, first=first, at_most=at_most)


def account_of(*, actor: Actor, account_id: int) -> AccountRow:
    """One account.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    require(actor, "account.write")
    rows, _ = _rows("a.id = %s", [actor.on, account_id])
    if not rows:
        raise Refused("not_in_scope")
    return rows[0]


def _rows(
    where: str, given: list[Any], *, find: str = "", first: int = 0, at_most: int = 50
) -> tuple[list[AccountRow], int]:
    wanted = find.strip().lower()
    text = (
        "select a.id, a.username, a.name, a.opened_at, a.closed_at, a.last_login, a.must_change_password,"
        f" a.second_factor_id is not null, array(select array[g.role, g.place, {NAMED.format(day='%s')}]"
        " from casework_grant g where g.account_id = a.id and upper_inf(g.recorded) and g.valid @> %s::date"
        " order by g.id),"
        " count(*) over () from casework_account a"
        f" where {where} and (strpos(a.username, %s) > 0 or strpos(lower(a.name), %s) > 0)"
        " order by a.username limit %s offset %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [given[0], given[0], *given, wanted, wanted, at_most, first])
        found = cursor.fetchall()
    rows = [
        AccountRow(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], tuple((r, p, n) for r, p, n in row[8])
        )
        for row in found
    ]  # fmt: skip
    return rows, (found[0][9] if found else 0)


def sign_ins(
    *, actor: Actor, account_id: int | None = None, before_row: int | None = None, at_most: int = 50
) -> list[SignInRow]:
    """The sign-in log, newest first: an administrator sees all, everybody else their own."""
    rows = SignIn.objects.order_by("-id")
    wanted = account_id if actor.scope.accounts or actor.scope.everything else actor.account_id
    if wanted is not None:
        rows = rows.filter(account_id=wanted)
    if before_row is not None:
        rows = rows.filter(id__lt=before_row)
    return [
        SignInRow(row.pk, row.at, row.account_id, row.username, row.outcome, row.address or "")
        for row in rows[:at_most]
    ]
