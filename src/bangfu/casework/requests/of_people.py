"""Requests about people's power: one administrator asks, another decides, and neither is the person concerned."""

from __future__ import annotations

from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.requests.kinds import Details, Field, Kind, line, register
from bangfu.casework.requests.views import RequestView
from bangfu.casework.words import Words

__all__ = ["END_ROLE", "GRANT", "HAND_OVER", "SECOND_FACTOR_LOST"]


def _named(account_id: int) -> str:
    name = people.name_of(account_id)
    if not name:
        raise Refused("not_in_scope")
    return name


def _role(code: str) -> Words:
    found = people.ROLES.get(code)
    return found.words if found else Words(code, code)


def _grant_effect(actor: Actor, details: Details) -> dict[str, Any]:
    told = people.details_of_grant(details)
    name, role = _named(told["account_id"]), _role(told["role"])
    until, place = told["valid_until"], people.place_name(told["place"], on=actor.on)
    facts = {
        "name": name,
        "place": f"{place}（{told['place']}）" if place else "—",
        "from": str(told["valid_from"] or ""),
        "until": str(until or ""),
    }
    zh = f"{{name}}自{{from}}起在{{place}}担任{role.zh}" + ("，至{until}前" if until else "")
    en = f"{{name}} holds “{role.en}” in {{place}} from {{from}}" + (" until before {until}" if until else "")
    return {"duties": [line("role_given", zh, en, **facts)]}


def _grant_apply(actor: Actor, request: RequestView, details: Details) -> None:
    people.given(actor=actor, why=request.why, **people.details_of_grant(details))


def _end_effect(actor: Actor, details: Details) -> dict[str, Any]:
    account_id = int(details["account_id"])
    name = _named(account_id)
    row = next(
        (one for one in people.grants_of(account_id) if one.grant_id == int(details["grant_id"])), None
    )
    if row is None or row.state(actor.on) == "past":
        raise Refused("wrong_stage")
    role = _role(row.role)
    told = line(
        "role_ended", f"{{name}}不再担任{role.zh}", f"{{name}} no longer holds “{role.en}”", name=name
    )
    return {"duties": [told]}


def _end_apply(actor: Actor, request: RequestView, details: Details) -> None:
    people.require_other(actor, int(details["account_id"]))
    people.end_role(actor=actor, grant_id=int(details["grant_id"]), why=request.why, approved=True)


def _lost_effect(actor: Actor, details: Details) -> dict[str, Any]:
    del actor
    told = line(
        "factor_void",
        "{name}原验证器作废，已登录的会话全部退出；下次登录用密码，随后换密码并重设验证器",
        "The authenticator of {name} is void and all sessions end; at the next sign-in a new password and a new"
        " authenticator are set",
        name=_named(int(details["account_id"])),
    )
    return {"duties": [told]}


def _lost_apply(actor: Actor, request: RequestView, details: Details) -> None:
    people.second_factor_lost(actor=actor, account_id=int(details["account_id"]), why=request.why)


def _handover_effect(actor: Actor, details: Details) -> dict[str, Any]:
    giver, taker = int(details["from_id"]), int(details["to_id"])
    names = {"giver": _named(giver), "taker": _named(taker)}
    lines = []
    for one in people.handover_effect(actor=actor, from_id=giver, to_id=taker):
        role = _role(one.held.role)
        lines.append(
            line(
                "role_moved",
                f"{role.zh}（{{place}}）由{{giver}}交给{{taker}}",
                f"“{role.en}” ({{place}}) goes from {{giver}} to {{taker}}",
                place=one.held.place_name or one.held.place,
                **names,
            )
        )
        lines += [
            line("tasks", f"　{kind.zh}：{{count}}件在办", f"  {kind.en}: {{count}} open", count=count)
            for kind, count in one.waiting
        ]
        if one.late:
            lines.append(line("late", "　其中已超期{count}件", "  of which late: {count}", count=one.late))
    return {"duties": lines}


def _handover_apply(actor: Actor, request: RequestView, details: Details) -> None:
    people.hand_over(
        actor=actor, from_id=int(details["from_id"]), to_id=int(details["to_id"]), why=request.why
    )


_ROLES = tuple((code, one.words) for code, one in people.ROLES.items())
GRANT = register(
    Kind(
        "account.grant", Words("授予岗位", "Give a role"), "account.write", "account.approve",
        _grant_effect, _grant_apply, desk="accounts", clauses=("CN2021-2.4",),
        fields=(
            Field("account_id", Words("账户", "Account"), "account"),
            Field("role", Words("岗位", "Role"), "code", _ROLES),
            Field("place", Words("地点或机构", "Place or institution"), "place", required=False),
            Field("valid_from", Words("自", "From"), "day", required=False),
            Field("valid_until", Words("至（不含）", "Until (not included)"), "day", required=False),
        ),
    )
)  # fmt: skip
END_ROLE = register(
    Kind(
        "account.end_role", Words("终止管理员岗位", "End an administrator's role"), "account.write", "account.approve",
        _end_effect, _end_apply, desk="accounts", clauses=("CN2021-2.4",),
        fields=(Field("account_id", Words("账户", "Account"), "account"),
                Field("grant_id", Words("岗位", "Role"), "id")),
    )
)  # fmt: skip
SECOND_FACTOR_LOST = register(
    Kind(
        "account.second_factor_lost", Words("验证器遗失", "Authenticator lost"), "account.write", "account.approve",
        _lost_effect, _lost_apply, desk="accounts", clauses=("CN2021-2.4",),
        fields=(Field("account_id", Words("账户", "Account"), "account"),),
    )
)  # fmt: skip
HAND_OVER = register(
    Kind(
        "account.hand_over", Words("工作交接", "Hand-over of all work"), "account.write", "account.approve",
        _handover_effect, _handover_apply, desk="accounts", clauses=("LD2021-8",),
        fields=(Field("from_id", Words("移交人", "From"), "account"), Field("to_id", Words("接收人", "To"), "account")),
    )
)  # fmt: skip
