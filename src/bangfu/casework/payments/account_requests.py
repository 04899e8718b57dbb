"""A household's account changed by request: asked for by one, seen masked, approved by another (CN2026-3.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.payments.accounts import (
    FIELD,
    TABLE,
    cleaned,
    luhn_ok,
    number_ok,
    replaced,
    same_name,
    villages_of,
)
from bangfu.casework.payments.models import PayeeAccount
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.requests.api import Details, Field, Kind, Place, RequestView, line, register
from bangfu.casework.words import Words

__all__ = ["CHANGE"]

_NAME, _BANK = 64, 100


def _household(details: Details) -> tuple[str, str]:
    """The household and its village; it must be in the scope of who asks."""
    household = str(details.get("household_id", ""))
    villages = villages_of([household])
    if household not in villages:
        with widened():  # whoever decides or reads later may see the request by its place alone
            known = villages_of([household])
        if household not in known or not details.get("account_id"):
            raise Refused("not_in_scope", field="household_id")
        return household, known[household]
    return household, villages[household]


def _place(actor: Actor, details: Details) -> Place:
    del actor  # row-level security knows who asks
    household, village = _household(details)
    return Place(village, None, household)


def _prepared(actor: Actor, details: Details, request_id: UUID) -> dict[str, Any]:
    """The number goes to the vault, bound to the request; the details hold its id and its mask."""
    del actor
    out = dict(details)
    household, village = _household(details)
    number = cleaned(str(out.pop("account_number", "") or ""))
    if not number_ok(number):
        raise Refused("bad_field", field="account_number")
    value = personal_data.Plain(
        "casework_change_request", str(request_id), FIELD, number, village, None, household
    )
    (kept,) = personal_data.kept([value])
    masked = personal_data.masked_of([kept]).get(kept, "")
    return {**out, "account_id": str(kept), "account_masked": masked, "luhn": luhn_ok(number)}


def _effect(actor: Actor, details: Details) -> dict[str, Any]:
    del actor
    household, _ = _household(details)
    holder = " ".join(str(details.get("holder_name") or "").split())
    if not holder or len(holder) > _NAME:
        raise Refused("missing_field" if not holder else "bad_field", field="holder_name")
    if len(str(details.get("bank_name") or "")) > _BANK:
        raise Refused("bad_field", field="bank_name")
    with widened():
        before = PayeeAccount.objects.filter(standing(), household_id=household).first()
        was = personal_data.masked_of([before.account_id]).get(before.account_id, "") if before else ""
    masked = str(details.get("account_masked") or _mask(str(details.get("account_number") or "")))
    lines = [
        line(
            "account_changes", "收款账户由 {was} 变更为 {masked}（{holder}）",
            "the account changes from {was} to {masked} ({holder})", was=was or "—", masked=masked, holder=holder,
            clauses=("CN2026-3.3",),
        )
    ]  # fmt: skip
    if not _is_member(household, holder):
        lines.append(
            line(
                "holder_outside", "持卡人 {holder} 不是本户成员，发放后须另附到户凭证",
                "{holder} is not of the household: paid so, a proof that the money arrived is needed", holder=holder,
                clauses=("HLJ2019-2.4",),
            )
        )  # fmt: skip
    if details.get("luhn") is False:
        lines.append(
            line("luhn", "卡号校验位不符，请核对", "the check digit of the card does not fit: look again")
        )
    return {"rosters": lines, "loans": [], "applications": [], "duties": []}


def _mask(number: str) -> str:
    told = cleaned(number)
    if not number_ok(told):
        raise Refused("bad_field", field="account_number")
    return f"{told[:4]}{'*' * (len(told) - 8)}{told[-4:]}"


def _is_member(household: str, holder: str) -> bool:
    with widened(), connection.cursor() as cursor:
        cursor.execute(
            "select name from casework_member where upper_inf(recorded) and upper_inf(valid) and household_id = %s",
            [household],
        )
        return any(same_name(name, holder) for (name,) in cursor.fetchall())


def _apply(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    household, village = _household(details)
    waiting = UUID(str(details["account_id"]))
    number = personal_data.opened_of([waiting])[waiting]
    (kept,) = personal_data.kept(
        [personal_data.Plain(TABLE, household, FIELD, number, village, None, household)]
    )
    replaced(
        actor=actor, household_id=household, village=village, holder_name=" ".join(str(details["holder_name"]).split()),
        account_id=kept, bank_name=str(details.get("bank_name") or "").strip(), on=actor.on,
    )  # fmt: skip


CHANGE = register(
    Kind(
        "payee_account", Words("变更收款账户", "Change the account that is paid to"), "payee.request", "payee.approve",
        _effect, _apply, _place,
        (
            Field("household_id", Words("农户", "Household"), "household"),
            Field("holder_name", Words("持卡人姓名", "Holder's name")),
            Field("account_number", Words("新账号（社保卡/银行卡）", "New account number")),
            Field("bank_name", Words("开户行", "Bank"), required=False),
        ),
        ("CN2026-3.3",), prepare=_prepared, made=("account_id", "account_masked", "luhn"),
    )
)  # fmt: skip
