"""What waits for each role at the steps of lists, with the day it is due; and what is late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people
from bangfu.casework.people.queue import MOST, QueueItem, offers
from bangfu.casework.subsidies.unopened import unopened
from bangfu.casework.subsidies.views import period_words
from bangfu.casework.subsidies.workflow import (
    CONFIRMATION,
    FILED,
    FILING,
    LIST,
    PAYMENT,
    REVIEW,
    STATES,
    SUBMISSION,
    State,
)
from bangfu.casework.words import Words

__all__ = ["LATE", "LateList", "Standing", "late_lists", "lists_at", "offered", "whose_step"]

_AT = (
    "select l.id, s.state, lower(s.recorded), s.due_on, l.township, l.institution_id,"
    " coalesce(a.name, l.township), coalesce(i.name, l.institution_id), c.county, lower(c.period), upper(c.period),"
    " c.submit_due_on, c.notice_days, r.lines, r.made_by,"
    " (select coalesce(array_agg(distinct t.done_by), '{}') from casework_list_act t where t.subsidy_list_id = l.id"
    "   and t.stage_number > coalesce((select max(b.stage_number) from casework_list_act b"
    "     where b.subsidy_list_id = l.id and b.outcome = 'return'), -1))"
    " from casework_list_stage s join casework_subsidy_list l on l.id = s.subsidy_list_id"
    " join casework_subsidy_cycle c on c.id = l.cycle_id"
    " left join casework_area a on a.code = l.township and upper_inf(a.recorded) and a.valid @> %(on)s::date"
    " left join casework_institution i on i.institution_id = l.institution_id and upper_inf(i.recorded)"
    "  and i.valid @> %(on)s::date"
    " left join lateral (select lines, made_by from casework_subsidy_run r where r.subsidy_list_id = l.id"
    "  order by r.number desc limit 1) r on true"
    " where upper_inf(s.recorded) and s.state = any(%(states)s) and (not %(late)s or s.due_on < %(on)s)"
    " and (%(county)s = '' or c.county = %(county)s) and (%(bank)s = '' or l.institution_id = %(bank)s)"
    " order by s.due_on nulls last, l.township, l.institution_id limit %(most)s"
)
OPEN = Words("开启贴息期次", "open the cycle")
LATE = Words("逾期的贴息清册", "subsidy lists that are late")
# What each role is asked for at a step; an act of the table may be prepared by another role than the one that does it.
_STEPS: dict[str, tuple[str, ...]] = {
    "branch_officer": (LIST,),
    "branch_manager": (LIST,),
    "county_bank": (LIST,),
    "township": (REVIEW, SUBMISSION, FILING),
    "bureau": (CONFIRMATION,),
    "finance": (PAYMENT,),
}
PREPARE = Words("编制贴息清册：计算、核对差异", "compute the subsidy list, explain differences")
GIVE = Words("报送贴息清册", "give the subsidy list")
BY_ANOTHER = "（须由同事办理）", " (a colleague's to do)"
_MOST_LATE = 1_000


@dataclass(frozen=True)
class Standing:
    """Where a list stands, without its sums.

    Attributes:
        list_id: The list.
        state: Its step.
        since: When it came there.
        due_on: The step's last day.
        township: 9-digit code.
        institution_id: The branch.
        township_name: In words.
        bank_name: Of the branch.
        county: 6-digit code.
        start: First day of the period.
        end: Its exclusive end.
        submit_due_on: The cycle's day of submission.
        notice_days: Of the cycle.
        lines: Of the computation that stands; None before the first.
        made_by: Who computed it.
        done_by: Who did steps in this round.
    """

    list_id: UUID
    state: str
    since: Any
    due_on: date | None
    township: str
    institution_id: str
    township_name: str
    bank_name: str
    county: str
    start: date
    end: date
    submit_due_on: date | None
    notice_days: int | None
    lines: int | None
    made_by: int | None
    done_by: Sequence[int]

    @property
    def about(self) -> str:
        """Bank, period, lines, in one line."""
        count = str(Words(f"{self.lines} 笔", f"{self.lines} lines")) if self.lines else ""
        return " · ".join(
            one for one in (self.bank_name, str(period_words(self.start, self.end)), count) if one
        )


@dataclass(frozen=True)
class LateList:
    """A list whose step's last day has passed.

    Attributes:
        at: Where it stands.
        state: The row of the workflow table: its clauses, its act.
        days: By how many days.
        whose: The roles that may do the step.
    """

    at: Standing
    state: State
    days: int
    whose: tuple[Words, ...]


def lists_at(
    states: Sequence[str], *, on: date, late: bool = False, county: str = "", bank: str = "", most: int = MOST
) -> tuple[Standing, ...]:
    """Lists in scope at some steps, the most urgent first; in one question.

    Args:
        states: The steps.
        on: The day: of the names, and of lateness.
        late: Only those whose last day has passed.
        county: Only of this county.
        bank: Only of this institution, not of its branches.
        most: How many at most.
    """
    given: dict[str, Any] = {
        "states": list(states),
        "on": on,
        "late": late,
        "county": county,
        "bank": bank,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AT, given)
        return tuple(Standing(*row) for row in cursor.fetchall())


def late_lists(*, actor: Actor, county: str = "") -> tuple[LateList, ...]:
    """The lists in scope that are late, by how much, at whose step; the latest first.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "subsidy.read")
    running = [code for code in STATES if code != FILED]
    found = lists_at(running, on=actor.on, late=True, county=county, most=_MOST_LATE)
    return tuple(
        LateList(one, STATES[one.state], (actor.on - one.due_on).days, whose_step(STATES[one.state]))
        for one in found
        if one.due_on is not None
    )


def whose_step(state: State) -> tuple[Words, ...]:
    """The roles that move a step on; a bank does at its branches' step only with lists of its own (LD2021-6)."""
    roles = [role for role in people.ROLES.values() if state.act in role.may]
    return tuple(
        Words(f"{role.words.zh}（本级清册）", f"{role.words.en} (its own lists)")
        if state.code == LIST and role.held == "bank" else role.words
        for role in roles
    )  # fmt: skip


def steps_waiting(actor: Actor) -> Iterable[QueueItem]:
    """Lists that stand at the role's steps; what a colleague has to do is said to be so."""
    bank = actor.place if actor.role == "county_bank" else ""
    for one in lists_at(_STEPS[actor.role], on=actor.on, bank=bank):
        state = STATES[one.state]
        title = state.words
        if one.state == LIST:
            if actor.role == "branch_manager" and one.lines is None:
                continue  # the officer computes it first
            gives = actor.role == "branch_manager" or (bank and one.lines is not None)
            title = GIVE if gives else PREPARE
        own = actor.account_id == one.made_by if title is GIVE else actor.account_id in one.done_by
        if own and (title is GIVE or state.not_by):
            title = Words(title.zh + BY_ANOTHER[0], title.en + BY_ANOTHER[1])
        yield QueueItem(
            title, one.about, one.township_name, one.due_on, "subsidy-list", (str(one.list_id),),
            next(iter(state.clauses), ""),
        )  # fmt: skip


def late_waiting(actor: Actor) -> Iterable[QueueItem]:
    """For the bureau: how many lists of the county are late at other desks."""
    late = [one for one in late_lists(actor=actor) if one.at.state != CONFIRMATION]
    if late:
        places = "、".join(dict.fromkeys(one.at.township_name for one in late))
        yield QueueItem(
            LATE, places[:200], "", min(one.at.due_on for one in late if one.at.due_on), "subsidy-late", (),
            "LD2021-6", len(late),
        )  # fmt: skip


def cycles_waiting(actor: Actor) -> Iterable[QueueItem]:
    """For the bureau: periods that are over and that nobody has opened, the county's first one too."""
    for one in unopened(actor.place, on=actor.on):
        about = period_words(one.start, one.end, one.rhythm)
        yield QueueItem(OPEN, about, "", one.due, "cycle-open", (), one.clause)


def offered() -> None:
    """Tell the work queue what this folder has for whom."""
    offers(tuple(_STEPS), steps_waiting)
    offers("bureau", late_waiting)
    offers("bureau", cycles_waiting)
