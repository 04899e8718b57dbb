"""The accounts subsidies are paid to: entered by file where a household has none, changed by request alone.

A file never changes an account that stands: that is asked for by one and approved by another (``payee_account``), or
a whole county's money could be led elsewhere by one upload.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.payments.models import PayeeAccount
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data

__all__ = [
    "FIELD", "TABLE", "AccountView", "NewAccount", "account_of", "accounts", "cleaned", "luhn_ok", "number_ok",
    "register", "register_bank", "replaced", "same_name", "standing_numbers", "villages_of",
]  # fmt: skip

FIELD, TABLE = "account_number", "casework_payee_account"
_SHORTEST, _LONGEST = 8, 32


@dataclass(frozen=True)
class NewAccount:
    """An account to be entered.

    Attributes:
        household_id: Whose subsidy is paid to it.
        holder_name: Whose account it is.
        number: The account's number, in the clear; it goes to the vault.
        bank_name: Where it is kept.
    """

    household_id: str
    holder_name: str
    number: str
    bank_name: str = ""


@dataclass(frozen=True)
class AccountView:
    """An account as it is listed: masked."""

    id: int
    household_id: str
    institution_id: str
    village: str
    holder_name: str
    account_id: UUID
    masked: str
    bank_name: str
    source: str
    valid_from: date | None


def luhn_ok(number: str) -> bool:
    """Whether a card's last digit checks the others (ISO/IEC 7812); some banks' cards do not follow it: warn only."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its two digits
    return total % 10 == 0


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same: blanks, widths and the kinds of middle dot make no difference."""
    return bool(one) and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", name).split())
    return text.replace("•", "·").replace("・", "·").replace(".", "·").replace("‧", "·")


def cleaned(number: str) -> str:
    """An account's number without blanks and hyphens, digits in one width."""
    return "".join(unicodedata.normalize("NFKC", number).replace("-", "").split())


def number_ok(number: str) -> bool:
    """Whether it can be an account's number at all."""
    return number.isascii() and number.isdigit() and _SHORTEST <= len(number) <= _LONGEST


def register(
    *, actor: Actor, rows: Sequence[NewAccount], source: str = "file", valid_from: date | None = None
) -> int:
    """Enter accounts of households that have none; how many were entered.

    Args:
        actor: Who enters them.
        rows: One a household; those whose account stands already with the same number change nothing.
        source: Where they come from.
        valid_from: From which day on; of old it is not asked.

    Raises:
        Refused: ``not_your_role``, ``bad_field``, ``not_in_scope`` (a household), ``duplicate`` (another account
            stands).
    """
    people.require(actor, "payee.write")
    places = villages_of([one.household_id for one in rows])
    stand = standing_numbers([one.household_id for one in rows])
    fresh = []
    for one in rows:
        number = cleaned(one.number)
        if not number_ok(number):
            raise Refused("bad_field", field="account", household=one.household_id)
        if one.household_id not in places:
            raise Refused("not_in_scope", field="household_id", household=one.household_id)
        if stand.get(one.household_id, number) != number:
            raise Refused("duplicate", field="account", household=one.household_id)
        if one.household_id not in stand:
            fresh.append(NewAccount(one.household_id, one.holder_name.strip(), number, one.bank_name.strip()))
    _written(actor, fresh, places, source=source, valid_from=valid_from)
    if fresh:
        institution = _institution(actor)
        trail.record(
            actor=actor, act="payee.registered", subject=("payees", actor.place or "site"),
            after={"rows": len(fresh), "kind": source}, institution_id=institution,
            scope_area="" if institution or actor.role == "site" else actor.place,
        )  # fmt: skip
    return len(fresh)


def _institution(actor: Actor) -> str | None:
    """The bank that enters accounts: it sees those it entered."""
    bank = actor.role in people.ROLES and people.ROLES[actor.role].held in ("bank", "branch")
    return actor.place if bank else None


def _written(
    actor: Actor,
    rows: Sequence[NewAccount],
    places: Mapping[str, str],
    *,
    source: str,
    valid_from: date | None,
) -> None:
    institution = _institution(actor)
    ids = personal_data.kept(
        [
            personal_data.Plain(TABLE, one.household_id, FIELD, one.number, places[one.household_id], institution,
                                one.household_id)
            for one in rows
        ]
    )  # fmt: skip
    PayeeAccount.objects.bulk_create(
        [
            PayeeAccount(
                holder_name=one.holder_name, account_id=account_id, bank_name=one.bank_name, source=source,
                valid=DateRange(valid_from, None), recorded=from_now(actor.now), recorded_by=actor.account_id,
                scope_area=places[one.household_id], institution_id=institution, household_id=one.household_id,
            )
            for one, account_id in zip(rows, ids, strict=True)
        ],
        batch_size=5_000,
    )  # fmt: skip


def register_bank(
    *, actor: Actor, institution_id: str, holder_name: str, number: str, bank_name: str = ""
) -> None:
    """Enter or change the account of a lender's branch, for lines that are paid to the lender.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``.
    """
    people.require(actor, "payment.prepare")
    number = cleaned(number)
    if not number_ok(number):
        raise Refused("bad_field", field="account")
    with connection.cursor() as cursor:
        cursor.execute(
            "select area_code from casework_institution where institution_id = %s and upper_inf(recorded) limit 1",
            [institution_id],
        )
        (area,) = cursor.fetchone() or ("",)
    if not area or (actor.role != "site" and not area.startswith(actor.place)):
        raise Refused("not_in_scope", field="institution_id")
    value = personal_data.Plain(TABLE, institution_id, FIELD, number, area, institution_id)
    (account_id,) = personal_data.kept([value])
    before = PayeeAccount.objects.filter(
        standing(), household_id__isnull=True, institution_id=institution_id
    ).first()
    at = closed(before, now=actor.now) if before else actor.now
    PayeeAccount.objects.create(
        holder_name=holder_name.strip(), account_id=account_id, bank_name=bank_name.strip(), source="finance",
        valid=DateRange(None, None), recorded=from_now(at), recorded_by=actor.account_id, scope_area=area,
        institution_id=institution_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act="payee.registered", subject=("institution", institution_id), scope_area=area,
        after={"kind": "lender"}, institution_id=institution_id,
    )  # fmt: skip


def replaced(
    *,
    actor: Actor,
    household_id: str,
    village: str,
    holder_name: str,
    account_id: UUID,
    bank_name: str,
    on: date,
) -> None:
    """The account of a household from now on; the earlier one is closed. Called by the approved request alone."""
    with widened():  # whoever entered the earlier one: a bank's file or the county
        before = PayeeAccount.objects.filter(standing(), household_id=household_id).first()
        at = closed(before, now=actor.now) if before else actor.now
    PayeeAccount.objects.create(
        holder_name=holder_name, account_id=account_id, bank_name=bank_name, source="request",
        valid=DateRange(on, None), recorded=DateTimeTZRange(at, None), recorded_by=actor.account_id,
        scope_area=village, household_id=household_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act="payee.changed", subject=("household", household_id), scope_area=village,
        before={"account": personal_data.masked_of([before.account_id]).get(before.account_id, "") if before else ""},
        after={"account": personal_data.masked_of([account_id]).get(account_id, "")},
    )  # fmt: skip


def standing_numbers(household_ids: Iterable[str]) -> dict[str, str]:
    """The numbers that stand for households, whoever entered them: to say whether another is the same, no more."""
    with widened():
        rows = list(PayeeAccount.objects.filter(standing(), household_id__in=list(household_ids)))
        clear = personal_data.opened_of(one.account_id for one in rows)
    return {str(one.household_id): clear[one.account_id] for one in rows if one.account_id in clear}


def villages_of(household_ids: Sequence[str]) -> dict[str, str]:
    """Household → village, of those in scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select household_id, scope_area from casework_household where upper_inf(recorded) and upper_inf(valid)"
            " and household_id = any(%s)",
            [list(household_ids)],
        )
        return dict(cursor.fetchall())


def account_of(*, actor: Actor, household_id: str) -> AccountView | None:
    """The account that stands for a household in scope, masked; None where there is none.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "household.read")
    found = accounts(actor=actor, household_ids=[household_id])
    return found[0] if found else None


def accounts(*, actor: Actor, household_ids: Sequence[str]) -> tuple[AccountView, ...]:
    """The accounts that stand for households in scope, masked, by household."""
    people.require(actor, "household.read")
    rows = list(
        PayeeAccount.objects.filter(standing(), household_id__in=list(household_ids)).order_by("household_id")
    )
    masked = personal_data.masked_of(one.account_id for one in rows)
    return tuple(
        AccountView(
            one.pk, str(one.household_id or ""), str(one.institution_id or ""), one.scope_area, one.holder_name,
            one.account_id, masked.get(one.account_id, ""), one.bank_name, one.source, one.valid.lower,
        )
        for one in rows
    )  # fmt: skip
