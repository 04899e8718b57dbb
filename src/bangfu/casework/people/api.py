"""Accounts, roles and scope for the rest of the house."""

from __future__ import annotations

from datetime import date, datetime

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import as_uuid
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people.accounts import (
    AccountRow,
    SignInRow,
    account_of,
    accounts,
    change_password,
    close_account,
    name_of,
    names_of,
    open_account,
    reset_password,
    sign_ins,
)
from bangfu.casework.people.asking import Answer, answered_before, counted, counted_from, keep_answer, over
from bangfu.casework.people.backend import folded, noted
from bangfu.casework.people.demo import DEMO_PASSWORD, DemoAccount, demo_accounts
from bangfu.casework.people.duties import RHYTHMS, Duty, duties_of
from bangfu.casework.people.grants import (
    GrantRow,
    HolderRow,
    PlaceChoice,
    check_grant,
    details_of_grant,
    end_role,
    given,
    grant_role,
    grants_of,
    holders,
    places,
    second_needed,
)
from bangfu.casework.people.handover import HandedRole, hand_over, handover_effect
from bangfu.casework.people.held import held_by, place_name
from bangfu.casework.people.instead import own_step, who_else
from bangfu.casework.people.known import Person, known
from bangfu.casework.people.may_words import grantable, may_words
from bangfu.casework.people.rights import require, require_county, require_other, require_reason
from bangfu.casework.people.roles import ROLES, Role, may
from bangfu.casework.people.scope import Held, scope_of
from bangfu.casework.people.second_factor import (
    address,
    fresh_secret,
    grouped,
    second_factor_lost,
    second_factor_set,
)
from bangfu.casework.people.tokens import (
    LONGEST_DAYS,
    Bearer,
    TokenRow,
    actor_of_token,
    issue_token,
    revoke_token,
    tokens,
)
from bangfu.casework.people.watching import anchor_sheet, keep_anchor, verify_trail
from bangfu.casework.personal_data import api as personal_data

__all__ = [
    "DEMO_PASSWORD",
    "LONGEST_DAYS",
    "RHYTHMS",
    "ROLES",
    "AccountRow",
    "Answer",
    "Bearer",
    "DemoAccount",
    "Duty",
    "GrantRow",
    "HandedRole",
    "Held",
    "HolderRow",
    "Person",
    "PlaceChoice",
    "Role",
    "SignInRow",
    "TokenRow",
    "account_of",
    "accounts",
    "actor_for",
    "actor_of_token",
    "address",
    "anchor_sheet",
    "answered_before",
    "change_password",
    "check_grant",
    "close_account",
    "counted",
    "counted_from",
    "demo_accounts",
    "details_of_grant",
    "duties_of",
    "end_role",
    "folded",
    "fresh_secret",
    "given",
    "grant_role",
    "grantable",
    "grants_of",
    "grouped",
    "hand_over",
    "handover_effect",
    "held_by",
    "holders",
    "issue_token",
    "keep_anchor",
    "keep_answer",
    "known",
    "may",
    "may_words",
    "name_of",
    "names_of",
    "noted",
    "open_account",
    "over",
    "own_step",
    "place_name",
    "places",
    "require",
    "require_county",
    "require_other",
    "require_reason",
    "reset_password",
    "reveal",
    "revoke_token",
    "scope_of",
    "second_factor_lost",
    "second_factor_set",
    "second_needed",
    "sign_ins",
    "tokens",
    "verify_trail",
    "who_else",
]

_SHORTEST_REASON = 4  # to see a personal value: more than a word of filling


def actor_for(
    *,
    account_id: int,
    name: str,
    held: Held | None,
    now: datetime,
    on: date,
    via: str = "web",
    address: str = "",
) -> Actor:
    """The person in a role at a moment, with their scope."""
    scope = scope_of(account_id, held, on=on)
    role, place = (held.role, held.place) if held else ("", "")
    return Actor(account_id, name, role, place, scope, now, via, address)


def reveal(
    *,
    actor: Actor,
    table_name: str,
    row_id: str,
    field: str,
    datum_id: object,
    reason: str,
    scope_area: str = "",
) -> str:
    """One personal value in the clear, with the reason written into the trail first (design §8).

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``not_in_scope``.
    """
    require(actor, "personal.reveal")
    reason = require_reason(reason, field="reason", shortest=_SHORTEST_REASON)
    wanted = as_uuid(datum_id)
    found = personal_data.opened_of([wanted])
    if wanted not in found:
        raise Refused("not_in_scope")
    trail.record(
        actor=actor, act="personal.revealed", subject=(table_name, row_id), after={"field": field}, why=reason,
        scope_area=scope_area,
    )  # fmt: skip
    return found[wanted]
