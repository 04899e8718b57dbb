"""Lists to take away: XLSX with a line that says who took it, when and why; each taking stands in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.workbooks import Cell, Heading, Taken, purpose_told, taken_as_workbook
from bangfu.casework.people import api as people
from bangfu.casework.registry.households import MOST_EXPORTED, Wanted, households
from bangfu.casework.registry.institutions import institutions, lead_banks
from bangfu.casework.registry.rosters import coverage, roster
from bangfu.casework.registry.words import CATEGORIES, LEFT_REASONS, word
from bangfu.casework.words import Words

_HOUSEHOLD = (
    Heading(Words("户编号", "Household")), Heading(Words("户主", "Head")), Heading(Words("村代码", "Village code")),
    Heading(Words("乡镇、村", "Place")),
)  # fmt: skip


def households_file(*, actor: Actor, wanted: Wanted, purpose: str) -> Taken:
    """The households of a list, all its pages.

    Raises:
        Refused: ``not_your_role``, ``reason_missing``, ``too_large``.
    """
    people.require(actor, "household.read")
    page = households(actor=actor, wanted=wanted, size=MOST_EXPORTED)
    if page.total > MOST_EXPORTED:
        raise Refused("too_large", most=MOST_EXPORTED)
    headings = [
        *_HOUSEHOLD, Heading(Words("名单", "Lists")), Heading(Words("人口", "Members")),
        Heading(Words("贷款笔数", "Loans")), Heading(Words("余额（元）", "Balance (yuan)"), fen=True),
    ]  # fmt: skip
    lines = [
        (x.household_id, x.head_name, x.area_code, x.place, "、".join(str(word(CATEGORIES, c)) for c in x.categories),
         x.members, x.loans, x.balance_fen)
        for x in page.rows
    ]  # fmt: skip
    return _taken(actor, "households", Words("农户", "Households"), purpose, headings, lines)


def roster_file(
    *,
    actor: Actor,
    purpose: str,
    on: date | None = None,
    known_at: datetime | None = None,
    area: str = "",
    category: str = "",
) -> Taken:
    """The rosters as of a day, all pages."""
    people.require(actor, "roster.read")
    page = roster(actor=actor, on=on, known_at=known_at, area=area, category=category, size=MOST_EXPORTED)
    if page.total > MOST_EXPORTED:
        raise Refused("too_large", most=MOST_EXPORTED)
    headings = [
        *_HOUSEHOLD, Heading(Words("名单", "List")), Heading(Words("列入日期", "Listed on")),
        Heading(Words("退出日期", "Left on")), Heading(Words("退出原因", "Reason")),
    ]  # fmt: skip
    lines = [
        (x.household_id, x.head_name, x.area_code, x.place, str(word(CATEGORIES, x.category)), x.listed_on, x.left_on,
         str(word(LEFT_REASONS, x.left_reason)) if x.left_reason else "")
        for x in page.rows
    ]  # fmt: skip
    return _taken(actor, "roster", Words("名单", "Rosters"), purpose, headings, lines)


def lead_banks_file(*, actor: Actor, purpose: str) -> Taken:
    """The townships in scope with their lead banks, as filed."""
    people.require(actor, "roster.read")
    headings = [
        Heading(Words("乡镇代码", "Code")), Heading(Words("乡镇", "Township")),
        Heading(Words("主责任银行", "Lead bank")), Heading(Words("自", "Since")),
        Heading(Words("指定机关", "Named by")),
        Heading(Words("备案文号", "Filing number")), Heading(Words("备案机关", "Filed with")),
        Heading(Words("备案日期", "Filed on")),
    ]  # fmt: skip
    lines = [
        (x.township, x.township_name, x.name, x.since, x.named_by, x.filing_number, x.filed_with, x.filed_on)
        for x in lead_banks(actor=actor)
    ]
    return _taken(actor, "lead_banks", Words("主责任银行", "Lead banks"), purpose, headings, lines)


def institutions_file(*, actor: Actor, purpose: str) -> Taken:
    """Banks and branches."""
    people.require(actor, "roster.read")
    headings = [
        Heading(Words("编号", "Id")), Heading(Words("名称", "Name")), Heading(Words("上级", "Parent")),
        Heading(Words("所在地", "Place")), Heading(Words("牵头乡镇", "Leads in")),
    ]  # fmt: skip
    lines = [
        (x.institution_id, x.name, x.parent_name, x.area_name, "、".join(x.leads))
        for x in institutions(actor=actor)
    ]
    return _taken(actor, "institutions", Words("机构", "Institutions"), purpose, headings, lines)


def coverage_file(*, actor: Actor, purpose: str) -> Taken:
    """What was done by township, in code order: no rank, no share."""
    people.require(actor, "roster.read")
    headings = [
        Heading(Words("乡镇代码", "Code")), Heading(Words("乡镇", "Township")), Heading(Words("在册户", "Listed")),
        Heading(Words("已对接户", "Contacted")), Heading(Words("已评级户", "Rated")),
        Heading(Words("未批准户", "Refused")), Heading(Words("已放款户", "Lent")),
    ]  # fmt: skip
    lines = [
        (x.township, x.name, x.listed, x.contacted, x.rated, x.refused, x.lent) for x in coverage(actor=actor)
    ]
    return _taken(actor, "coverage", Words("名单对接情况", "Contacts"), purpose, headings, lines)


def _taken(
    actor: Actor,
    what: str,
    title: Words,
    purpose: str,
    headings: Sequence[Heading],
    lines: Sequence[Sequence[Cell]],
) -> Taken:
    reason = purpose_told(purpose)
    trail.record(
        actor=actor, act="list.taken", subject=("list", what), after={"rows": len(lines)}, why=reason,
        scope_area=actor.scope.areas[0] if actor.scope.areas else "",
        institution_id=actor.scope.institutions[0] if actor.scope.institutions else None,
    )  # fmt: skip
    return taken_as_workbook(
        actor=actor, why=reason, title=title, headings=headings, lines=lines, name=f"{what}-{actor.on.isoformat()}"
    )  # fmt: skip
