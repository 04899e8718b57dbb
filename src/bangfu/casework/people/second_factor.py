"""The second factor: a secret shared with the person's phone, six digits, each used once."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django_otp.oath import hotp

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.people.models import Account
from bangfu.casework.people.rights import require, require_other
from bangfu.casework.personal_data import api as vault

__all__ = [
    "address",
    "code_at",
    "fresh_secret",
    "grouped",
    "second_factor_lost",
    "second_factor_set",
    "used_once",
]

STEP_S, DIGITS, TOLERANCE = 30, 6, 1
_BYTES = 20
_FIELD, _TABLE = "totp_secret", "casework_account"


def fresh_secret() -> str:
    """A new secret, base 32."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode("ascii")


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def address(*, secret: str, username: str, issuer: str) -> str:
    """The ``otpauth`` address that a picture carries to the phone."""
    told = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_S})
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{told}"


def code_at(secret: str, moment: datetime) -> str:
    """The six digits of a moment."""
    return _code(secret, int(moment.timestamp()) // STEP_S)


def _code(secret: str, counter: int) -> str:
    return str(hotp(base64.b32decode(secret), counter, DIGITS)).rjust(DIGITS, "0")


def matching(secret: str, code: str, *, now: datetime) -> int | None:
    """The counter whose digits these are: of this half minute, the one before or the one after; None where none is."""
    told = "".join(code.split()).encode()
    here = int(now.timestamp()) // STEP_S
    found = None
    for counter in range(here - TOLERANCE, here + TOLERANCE + 1):
        if hmac.compare_digest(_code(secret, counter).encode(), told):
            found = counter
    return found


def used_once(account: Account, code: str, *, now: datetime) -> bool:
    """Whether the code is right and new; it is used up by this. Runs widened: nobody is signed in yet."""
    if account.second_factor_id is None:
        return False
    secret = vault.opened_of([account.second_factor_id]).get(account.second_factor_id)
    counter = None if secret is None else matching(secret, code, now=now)
    if counter is None:
        return False
    taken = Account.objects.filter(pk=account.pk, last_counter__lt=counter).update(last_counter=counter)
    return taken == 1


def second_factor_set(*, actor: Actor, secret: str, code: str) -> None:
    """Keep a secret for the actor's own account once a first code shows that the phone has it.

    Raises:
        Refused: ``wrong_stage`` where one is set already, ``bad_field`` where the code is wrong.
    """
    account = Account.objects.select_for_update().get(pk=actor.account_id)
    if account.second_factor_id is not None:
        raise Refused("wrong_stage")
    counter = matching(secret, code, now=actor.now)
    if counter is None:
        raise Refused("bad_field", field="code")
    with widened():  # the vault's rows follow cases, and this one belongs to none
        (datum_id,) = vault.kept([vault.Plain(_TABLE, str(account.pk), _FIELD, secret)])
    account.second_factor_id, account.last_counter = datum_id, counter
    account.save(update_fields=["second_factor_id", "last_counter"])
    trail.record(actor=actor, act="account.second_factor_set", subject=("account", account.pk))


def second_factor_lost(*, actor: Actor, account_id: int, why: str) -> None:
    """The phone is gone: the factor is void, all sessions end, a new password and factor are set at the next sign-in.

    Called by the approved request; by an administrator alone where there is no other.

    Raises:
        Refused: ``not_your_role``, ``own_step``, ``not_in_scope``, ``wrong_stage`` (none is set).
    """
    require(actor, "account.approve")
    require_other(actor, account_id)
    account = Account.objects.select_for_update().filter(pk=account_id, closed_at=None).first()
    if account is None:
        raise Refused("not_in_scope")
    if account.second_factor_id is None:
        raise Refused("wrong_stage")
    account.second_factor_id, account.last_counter, account.must_change_password = None, -1, True
    account.save(update_fields=["second_factor_id", "last_counter", "must_change_password"])
    trail.record(actor=actor, act="account.second_factor_lost", subject=("account", account_id), why=why)
