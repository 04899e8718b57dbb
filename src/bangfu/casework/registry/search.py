"""Global search: by name, ID number (blindly), loan, application, household, village; only what is in scope.

The questions are seven, whatever is found. An ID number is looked up by its blind index and never written anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.areas import places_of, successor_of
from bangfu.casework.registry.households import named
from bangfu.casework.registry.pinyin import folded, is_latin
from bangfu.casework.registry.reading import below
from bangfu.facts.identity import SHAPE, fold_id

MOST = 20
_STATE = (
    "(select coalesce(max(s.state), '') from casework_stage s where s.application_id = casework_application.id"
    " and upper_inf(s.recorded))"
)
_ID = re.compile(SHAPE)
_SHORTEST, _LONGEST = 1, 64


@dataclass(frozen=True)
class Found:
    """One thing that was found.

    Attributes:
        kind: household, member, loan, application, village.
        id: Its id; of a member the household's.
        title: A name or number.
        place: Where it is.
        more: A member's relation, a loan's product, an application's state, a village's new code.
    """

    kind: str
    id: str
    title: str
    place: str
    more: str = ""


def is_personal(typed: str) -> bool:
    """Whether what was typed is an ID number: it must stand in no address."""
    return _ID.fullmatch(fold_id(typed)) is not None


def search(*, actor: Actor, typed: str) -> tuple[Found, ...]:
    """What is found in scope, at most ``MOST`` of a kind. A look-up by number is written into the trail, without it."""
    people.require(actor, "household.read")
    text = " ".join(typed.split())[:_LONGEST]
    if len(text) < _SHORTEST:
        return ()
    if is_personal(text):
        return _by_number(actor, fold_id(text))
    found = [
        *_households(text, actor.on),
        *_members(text, actor.on),
        *_by_id("casework_loan", "loan_id", "loan", "product", text),
        *_by_id("casework_application", "id", "application", _STATE, text, stands="true"),
        *_villages(actor, text, actor.on),
    ]
    return _placed(found, actor.on)


def _by_number(actor: Actor, number: str) -> tuple[Found, ...]:
    held = [
        row
        for table, row in personal_data.look_up(personal_data.ID_NUMBER, number)
        if table == "casework_member"
    ]
    trail.record(
        actor=actor, act="personal.searched", subject=("search", "id_number"), after={"found": len(held)}
    )
    found = rows(
        "select distinct on (member_id) 'member', household_id, name, scope_area, relation from casework_member"
        " where upper_inf(recorded) and member_id = any(%s) order by member_id, lower(valid) desc nulls last limit %s",
        [held, MOST],
    )
    return _placed(found, actor.on)


def _households(text: str, on: date) -> list[tuple[Any, ...]]:
    where, given = named("h.", text)
    return rows(
        "select 'household', h.household_id, h.head_name, h.scope_area, '' from casework_household h"
        f" where upper_inf(h.recorded) and h.valid @> %s::date and ({where} or h.household_id = %s)"
        " order by h.pinyin, h.household_id limit %s",
        [on, *given, text, MOST],
    )


def _members(text: str, on: date) -> list[tuple[Any, ...]]:
    """Members other than heads, by the name from its start; a reading is kept of heads alone."""
    if is_latin(text):
        return []
    return rows(
        "select 'member', household_id, name, scope_area, relation from casework_member where upper_inf(recorded)"
        " and valid @> %s::date and relation <> 'head' and name like %s order by name, member_id limit %s",
        [on, f"{text.replace('%', '').replace('_', '')}%", MOST],
    )


def _by_id(
    table: str, key: str, kind: str, more: str, text: str, stands: str = "upper_inf(recorded)"
) -> list[Any]:
    return rows(
        f"select '{kind}', {key}, {key}, scope_area, {more} from {table} where {stands} and {key} = any(%s)"
        f" order by {key} limit %s",
        [[text, text.upper(), text.lower()], MOST],
    )


def _villages(actor: Actor, text: str, on: date) -> list[tuple[Any, ...]]:
    """Villages and townships by name, reading or code; an ended one leads to the one that took it over."""
    scope = actor.scope
    mine = [*scope.areas, *scope.areas_before, *scope.served, *scope.served_before]
    if not mine and not scope.everything:
        return []
    parts = [below(area, column="code") for area in mine] or [("true", [])]
    where = " or ".join(part for part, _ in parts)
    given = [one for _, values in parts for one in values]
    found = rows(
        "select distinct on (code) code, name, upper(valid) from casework_area where upper_inf(recorded)"
        f" and ({where}) and (name like %s or translate(pinyin, '12345 ', '') like %s or code = %s)"
        " order by code, lower(valid) desc nulls last limit %s",
        [*given, f"%{text.replace('%', '').replace('_', '')}%", f"{folded(text) or '-'}%", text, MOST],
    )
    out = []
    for code, name, until in found:
        ended = until is not None and until <= on
        out.append(
            ("village", successor_of(code, on=on) if ended else code, name, code, "ended" if ended else "")
        )
    return out


def _placed(found: list[tuple[Any, ...]], on: date) -> tuple[Found, ...]:
    places = places_of([row[3] for row in found], on=on)
    return tuple(Found(row[0], row[1], row[2], places.get(row[3], row[3] or ""), row[4]) for row in found)
