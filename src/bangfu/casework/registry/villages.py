"""Villages renamed or merged: all rows of the old code go under the new one; the old one is still found."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.questions import value_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.registry.areas import COUNTY, VILLAGE, successor_of
from bangfu.casework.registry.changing import changed_from, day_of, ended, text_of
from bangfu.casework.registry.following import recoded, recoded_from
from bangfu.casework.registry.models import Area, AreaSuccession
from bangfu.casework.registry.pinyin import sorted_as
from bangfu.casework.requests.api import Details, Field, Kind, Place, RequestView, line, register
from bangfu.casework.words import Words

_NAME = 64


def _place(actor: Actor, details: Details) -> Place:
    code = str(details.get("code", ""))
    if not (actor.scope.everything or any(code.startswith(area) for area in actor.scope.areas)):
        raise Refused("not_in_scope", field="code")
    return Place(code)


def _rename_effect(actor: Actor, details: Details) -> dict[str, Any]:
    area, on = _area(actor, details)
    name, code = text_of(details, "name", most=_NAME), _new_code(actor, area, details, on)
    counts = _counts(area.code) if code != area.code else _NOTHING
    told = {"old": area.name, "new": name, "on": on.isoformat(), "old_code": area.code, "new_code": code}
    return {
        "rosters": [
            line("village_renamed", "{old}（{old_code}）自 {on} 起为{new}（{new_code}）",
                 "{old} ({old_code}) is {new} ({new_code}) from {on}", **told),
            *_rows_follow(counts),
        ],
        "loans": _loans_follow(counts),
        "applications": [],
        "duties": _roles_follow(counts),
    }  # fmt: skip


def _rename(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    area, on = _area(actor, details)
    name, code = text_of(details, "name", most=_NAME), _new_code(actor, area, details, on)
    if code == area.code:
        changed_from(area, actor=actor, on=on, name=name, pinyin=sorted_as(name))
    else:
        ended(area, actor=actor, on=on)
        _opened(code, name, actor=actor, on=on)
        _all_under(area.code, code, actor=actor, on=on)
    _succeeded(area.code, code, actor=actor, on=on, kind="renamed")


def _merge_effect(actor: Actor, details: Details) -> dict[str, Any]:
    area, on = _area(actor, details)
    into = _into(area, details, on)
    counts = _counts(area.code)
    return {
        "rosters": [
            line("village_merged", "{old}（{old_code}）自 {on} 起并入{new}（{new_code}）",
                 "{old} ({old_code}) goes into {new} ({new_code}) from {on}", old=area.name, old_code=area.code,
                 new=into.name, new_code=into.code, on=on.isoformat()),
            *_rows_follow(counts),
        ],
        "loans": _loans_follow(counts),
        "applications": [],
        "duties": _roles_follow(counts),
    }  # fmt: skip


def _merge(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    area, on = _area(actor, details)
    into = _into(area, details, on)
    ended(area, actor=actor, on=on)
    _all_under(area.code, into.code, actor=actor, on=on)
    _succeeded(area.code, into.code, actor=actor, on=on, kind="merged")


def _all_under(old: str, new: str, *, actor: Actor, on: date) -> None:
    """Households and members from the day, everything else at once; roles held in the village go with it."""
    for table in ("casework_household", "casework_member"):
        recoded_from(actor=actor, table=table, old=old, new=new, on=on)
    recoded(actor=actor, old=old, new=new)
    with widened(), connection.cursor() as cursor:
        cursor.execute(
            "update casework_grant set recorded = tstzrange(lower(recorded),"
            " greatest(%s, lower(recorded) + interval '1 microsecond')) where place = %s and upper_inf(recorded)"
            " returning id",
            [actor.now, old],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "insert into casework_grant (account_id, role, place, valid, why, recorded, recorded_by)"
            " select account_id, role, %s, valid, why, tstzrange(upper(recorded), null), %s from casework_grant g"
            " where id = any(%s) and not exists (select from casework_grant o where o.account_id = g.account_id"
            " and o.role = g.role and o.place = %s and o.valid && g.valid and upper_inf(o.recorded)) order by id",
            [new, actor.account_id, ids, new],
        )


_NOTHING = {"homes": 0, "loans": 0, "roles": 0}


def _counts(old: str) -> dict[str, int]:
    """How much lies in the village, at every bank."""
    with widened():
        return {
            name: value_of(f"select count(*) from {table} where {place} = %s and upper_inf(recorded){now}", [old])
            for name, table, place, now in (
                ("homes", "casework_household", "scope_area", " and upper_inf(valid)"),
                ("loans", "casework_loan", "scope_area", ""),
                ("roles", "casework_grant", "place", " and upper_inf(valid)"),
            )
        }  # fmt: skip


def _rows_follow(counts: dict[str, int]) -> list[dict[str, Any]]:
    if not counts["homes"]:
        return []
    return [
        line("households_follow", "{n} 户及其成员、名单记录改用新代码，原代码仍可查询",
             "{n} households with members and lists take the new code; the old one is still found", n=counts["homes"])
    ]  # fmt: skip


def _loans_follow(counts: dict[str, int]) -> list[dict[str, Any]]:
    if not counts["loans"]:
        return []
    return [
        line("loans_follow", "{n} 笔贷款随之归入；适用政策仍按签约时所在地",
             "{n} loans go along; their policy stays that of the place where they were signed", n=counts["loans"])
    ]  # fmt: skip


def _roles_follow(counts: dict[str, int]) -> list[dict[str, Any]]:
    if not counts["roles"]:
        return []
    return [line("roles_follow", "{n} 个村级岗位随之转到新代码", "{n} roles in the village go to the new code",
                 n=counts["roles"])]  # fmt: skip


def _area(actor: Actor, details: Details) -> tuple[Area, date]:
    _place(actor, details)
    on = day_of(details, "on", actor=actor)
    row = Area.objects.filter(standing(), code=str(details.get("code", "")), valid__contains=on).first()
    if row is None or len(row.code) != VILLAGE:
        raise Refused("bad_field", field="code")
    return row, on


def _new_code(actor: Actor, area: Area, details: Details, on: date) -> str:
    """The same code, or one in the same county that is free: never used, or this village's own earlier one.

    An ended code is not given to another village: who holds the place that took it over sees what was made under it.
    """
    code = str(details.get("new_code") or area.code)
    if code == area.code:
        return code
    shaped = len(code) == VILLAGE and code.isascii() and code.isdecimal()
    if not shaped or code[:COUNTY] != area.code[:COUNTY]:
        raise Refused("bad_field", field="new_code")
    used = Area.objects.filter(standing(), code=code)
    ours = successor_of(code, on=actor.on) == area.code
    if used.filter(valid__overlap=DateRange(on, None)).exists() or (used.exists() and not ours):
        raise Refused("duplicate", field="new_code")
    return code


def _into(area: Area, details: Details, on: date) -> Area:
    row = Area.objects.filter(standing(), code=str(details.get("into_code", "")), valid__contains=on).first()
    if (
        row is None
        or len(row.code) != VILLAGE
        or row.code == area.code
        or row.code[:COUNTY] != area.code[:COUNTY]
    ):
        raise Refused("bad_field", field="into_code")
    return row


def _opened(code: str, name: str, *, actor: Actor, on: date) -> None:
    Area.objects.create(
        code=code, name=name, pinyin=sorted_as(name), valid=DateRange(on, None), recorded=from_now(actor.now),
        recorded_by=actor.account_id,
    )  # fmt: skip


def _succeeded(old: str, new: str, *, actor: Actor, on: date, kind: str) -> None:
    AreaSuccession.objects.create(
        old_code=old,
        new_code=new,
        on=on,
        kind=kind,
        recorded=from_now(actor.now),
        recorded_by=actor.account_id,
    )


_VILLAGE = Field("code", Words("村", "Village"), "area")
_FROM = Field("on", Words("自何日起", "From"), "day")
_ASKS = ("area.request", "area.approve")
RENAME = register(
    Kind("area.rename", Words("村更名或改代码", "Rename a village or change its code"), *_ASKS, _rename_effect, _rename,
         _place, (_VILLAGE, Field("name", Words("新名称", "New name")),
                  Field("new_code", Words("新代码（不变的留空）", "New code (empty: the same)"), required=False),
                  _FROM))
)  # fmt: skip
MERGE = register(
    Kind("area.merge", Words("并村", "Merge a village into another"), *_ASKS, _merge_effect, _merge, _place,
         (_VILLAGE, Field("into_code", Words("并入哪一村", "Into which village"), "area"), _FROM))
)  # fmt: skip
