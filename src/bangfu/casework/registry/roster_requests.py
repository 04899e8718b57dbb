"""Changes of the rosters as requests: enter, leave, correct. The difference is shown before (CN2021-5.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry import effects
from bangfu.casework.registry.changing import (
    closed,
    code_of,
    corrected,
    day_of,
    entries_of,
    household_row,
)
from bangfu.casework.registry.models import Household, RosterEntry
from bangfu.casework.registry.words import CATEGORIES, LEFT_REASONS, word
from bangfu.casework.requests.api import Details, Field, Kind, Place, RequestView, line, register
from bangfu.casework.words import Words

Effect = dict[str, Any]
_NEXT_DELIVERY = line(
    "next_delivery",
    "列入下一次提供给主责任银行的名单",
    "goes into the next delivery of the rosters to the lead bank",
    clauses=("CN2021-5.4", "LD2021-3.3"),
)
_CATEGORY = Field("category", Words("名单", "List"), "code", tuple(CATEGORIES.items()))


def place_of(actor: Actor, details: Details) -> Place:
    """A request about a household lies where the household is."""
    row = household_row(str(details.get("household_id", "")), on=actor.on)
    return Place(row.scope_area, None, row.household_id)


def _enter_effect(actor: Actor, details: Details) -> Effect:
    home, category, on = _asked(actor, details)
    taken = RosterEntry.objects.filter(
        standing(), household_id=home.household_id, category=category, valid__overlap=DateRange(on, None)
    )
    if taken.exists():
        raise Refused("duplicate", field="category")
    lists = {one.category for one in entries_of(home.household_id, on=actor.on)} | {category}
    waiting = effects.pending([home.household_id])
    return {
        "rosters": [
            line("roster_entered", "{name}户自 {on} 起列入{zh}", "{name}'s household is listed as {en} from {on}",
                 clauses=("CN2021-5.4",), **_told(home, category, on))
        ],
        "loans": [],
        "applications": effects.applications_on(waiting, categories=lists, area=home.scope_area, on=actor.on),
        "duties": [_NEXT_DELIVERY],
    }  # fmt: skip


def _enter(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, category, on = _asked(actor, details)
    RosterEntry.objects.create(
        household_id=home.household_id, scope_area=home.scope_area, category=category, valid=DateRange(on, None),
        recorded=from_now(actor.now), recorded_by=actor.account_id,
    )  # fmt: skip


def _leave_effect(actor: Actor, details: Details) -> Effect:
    home, category, on = _asked(actor, details)
    reason = code_of(details, "reason", LEFT_REASONS)
    _listed(home, category, on)
    lists = {one.category for one in entries_of(home.household_id, on=actor.on)} - {category}
    said = word(LEFT_REASONS, reason)
    waiting = effects.pending([home.household_id])
    return {
        "rosters": [
            line("roster_left", "{name}户自 {on} 起退出{zh}（{reason_zh}）",
                 "{name}'s household is no longer listed as {en} from {on} ({reason_en})", clauses=("CN2021-5.4",),
                 reason_zh=said.zh, reason_en=said.en, **_told(home, category, on))
        ],
        "loans": loans_after(reason, home.household_id, on=actor.on),
        "applications": effects.applications_on(
            waiting, categories=lists, area=home.scope_area, on=actor.on, wrongly_listed=reason == "wrongly_listed"
        ),
        "duties": [_NEXT_DELIVERY, *duties_after(reason)],
    }  # fmt: skip


def _leave(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home, category, on = _asked(actor, details)
    entry = _listed(home, category, on)
    corrected(entry, actor=actor, valid=DateRange(entry.valid.lower, on), left_reason=details["reason"])


def loans_after(reason: str, household_id: str, *, on: date) -> effects.Lines:
    """What a reason for leaving means for the running loans."""
    loans = effects.running([household_id], on=on)
    if reason == "bad_faith":
        return effects.loans_recalled_or_converted(loans)
    if reason == "wrongly_listed":
        return effects.loans_as_risk(loans)
    return effects.loans_keep_terms(loans)


def duties_after(reason: str) -> effects.Lines:
    """Who has to do something when a household leaves for a reason."""
    if reason == "bad_faith":
        return [
            line("bank_recalls", "贷款机构收回或转为普通农户贷款；恶意逃废债的，列入失信名单",
                 "the lender recalls or converts; who evades debts wilfully goes on the list of dishonest debtors",
                 clauses=("CN2021-3.4", "LD2021-5.4"))
        ]  # fmt: skip
    if reason == "wrongly_listed":
        return [
            line("bank_handles_risk", "贷款机构将已发放贷款纳入风险处置", "the lender handles what was lent as risk",
                 clauses=("GZ2018-2.8.2",))
        ]  # fmt: skip
    return [
        line("ordinary_at_maturity", "到期后仍有资金需求的，及时转为普通农户贷款",
             "after maturity, where money is still needed, it moves to an ordinary farm loan", clauses=("CN2026-4.2",))
    ]  # fmt: skip


def _correct_effect(actor: Actor, details: Details) -> Effect:
    home = household_row(str(details.get("household_id", "")), on=actor.on)
    entry = _entry(home, details)
    told = _told(home, entry.category, entry.valid.lower)
    waiting = effects.pending([home.household_id])
    lists = {one.category for one in entries_of(home.household_id, on=actor.on) if one.pk != entry.pk}
    if details.get("remove") == "yes":
        changed = line("roster_entry_removed", "撤销{name}户自 {on} 起的{zh}记录（登记有误）",
                       "the entry of {name}'s household as {en} from {on} is taken out (it was wrong)",
                       clauses=("CN2021-5.4",), **told)  # fmt: skip
    else:
        new = _corrected_values(actor, entry, details)
        changed = _difference(entry, new, told)
        if new["valid"].upper is None:
            lists |= {new["category"]}
    return {
        "rosters": [changed],
        "loans": effects.loans_keep_terms(effects.running([home.household_id], on=actor.on)),
        "applications": effects.applications_on(waiting, categories=lists, area=home.scope_area, on=actor.on),
        "duties": [_NEXT_DELIVERY],
    }


def _correct(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    home = household_row(str(details["household_id"]), on=actor.on)
    entry = _entry(home, details)
    if details.get("remove") == "yes":
        closed(entry, actor=actor)
        return
    corrected(entry, actor=actor, **_corrected_values(actor, entry, details))


def _difference(entry: RosterEntry, new: dict[str, Any], told: dict[str, str]) -> dict[str, Any]:
    before, after = word(CATEGORIES, entry.category), word(CATEGORIES, new["category"])
    days_before, days_after = _days(entry.valid), _days(new["valid"])
    return line(
        "roster_entry_corrected",
        "{name}户：{before_zh} {days_before} 改为 {after_zh} {days_after}",
        "{name}'s household: {before_en} {days_before} becomes {after_en} {days_after}",
        clauses=("CN2021-5.4",), name=told["name"], before_zh=before.zh, before_en=before.en, after_zh=after.zh,
        after_en=after.en, days_before=days_before, days_after=days_after,
    )  # fmt: skip


def _days(valid: DateRange) -> str:
    return f"{valid.lower or ''} – {valid.upper or ''}"


def _corrected_values(actor: Actor, entry: RosterEntry, details: Details) -> dict[str, Any]:
    listed = day_of(details, "listed_on", actor=actor)
    left = day_of(details, "left_on", actor=actor) if details.get("left_on") else None
    if left is not None and left <= listed:
        raise Refused("bad_field", field="left_on")
    reason = code_of(details, "reason", LEFT_REASONS) if left is not None else ""
    category = code_of(details, "category", CATEGORIES)
    taken = RosterEntry.objects.filter(
        standing(), household_id=entry.household_id, category=category, valid__overlap=DateRange(listed, left)
    ).exclude(pk=entry.pk)
    if taken.exists():
        raise Refused("duplicate", field="category")
    return {"category": category, "valid": DateRange(listed, left), "left_reason": reason}


def _entry(home: Household, details: Details) -> RosterEntry:
    """The entry to correct: by its category and its first day, which name it as long as it stands."""
    rows = RosterEntry.objects.filter(
        standing(), household_id=home.household_id, category=str(details.get("wrong_category", ""))
    )
    for row in rows.order_by("id"):
        if str(row.valid.lower) == str(details.get("wrong_listed_on", "")):
            return row
    raise Refused("bad_field", field="wrong_listed_on")


def _asked(actor: Actor, details: Details) -> tuple[Household, str, date]:
    home = household_row(str(details.get("household_id", "")), on=actor.on)
    return home, code_of(details, "category", CATEGORIES), day_of(details, "on", actor=actor)


def _listed(home: Household, category: str, on: date) -> RosterEntry:
    """The entry that stands open; leaving needs one that began before."""
    row = RosterEntry.objects.filter(
        standing(), household_id=home.household_id, category=category, valid__contains=on
    ).first()
    if row is None or row.valid.upper is not None:
        raise Refused("bad_field", field="category")
    if row.valid.lower is not None and row.valid.lower >= on:
        raise Refused("bad_field", field="on")
    return row


def _told(home: Household, category: str, on: date) -> dict[str, str]:
    said = word(CATEGORIES, category)
    return {"name": home.head_name, "on": on.isoformat(), "zh": said.zh, "en": said.en}


_HOUSEHOLD = Field("household_id", Words("农户", "Household"), "household")
_REASON = Field("reason", Words("退出原因", "Reason"), "code", tuple(LEFT_REASONS.items()))
ENTER = register(
    Kind(
        "roster.enter", Words("列入名单", "Put on a list"), "roster.request", "roster.approve", _enter_effect, _enter,
        place_of, (_HOUSEHOLD, _CATEGORY, Field("on", Words("列入日期", "Listed on"), "day")), ("CN2021-5.4",),
    )
)  # fmt: skip
LEAVE = register(
    Kind(
        "roster.leave", Words("退出名单", "Take off a list"), "roster.request", "roster.approve", _leave_effect, _leave,
        place_of, (_HOUSEHOLD, _CATEGORY, Field("on", Words("退出日期", "Left on"), "day"), _REASON), ("CN2021-5.4",),
    )
)  # fmt: skip
CORRECT = register(
    Kind(
        "roster.correct", Words("更正名单记录", "Correct an entry"), "roster.request", "roster.approve",
        _correct_effect, _correct, place_of,
        (
            _HOUSEHOLD,
            Field("wrong_category", Words("原名单", "The wrong entry's list"), "code", tuple(CATEGORIES.items())),
            Field("wrong_listed_on", Words("原列入日期", "The wrong entry's first day"), "day"),
            Field("remove", Words("整条撤销", "Take it out altogether"), "code",
                  (("no", Words("否，更正如下", "no, correct it as follows")), ("yes", Words("是", "yes")))),
            Field("category", Words("正确的名单", "The right list"), "code", tuple(CATEGORIES.items()), required=False),
            Field("listed_on", Words("正确的列入日期", "The right first day"), "day", required=False),
            Field("left_on", Words("正确的退出日期", "The right last day"), "day", required=False),
            Field("reason", Words("退出原因", "Reason for leaving"), "code", tuple(LEFT_REASONS.items()),
                  required=False),
        ),
        ("CN2021-5.4",),
    )
)  # fmt: skip
