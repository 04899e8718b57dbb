"""The way of a subsidy list as a table: who moves each state, where to, what must hold, by when, by which clause.

Nothing else decides a step: the apis ask this table, the pages draw it, ``docs/guides/subsidies.md`` is made of it.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

from bangfu.casework import workflow
from bangfu.casework.words import Words

LIST, REVIEW, NOTICE, SUBMISSION = "branch_list", "township_review", "public_notice", "township_submission"
CONFIRMATION, PAYMENT, ANNOUNCEMENT = "county_confirmation", "payment", "announcement"
FILING, FILED = "filing", "filed"
FORWARD, RETURN = "forward", "return"

By = Literal["list_due", "post_by", "notice_over", "submit_due", "month_end", ""]


class Days(Protocol):
    """What of a cycle the deadlines are made of."""

    @property
    def list_due_on(self) -> date | None:
        """When branches give their lists."""

    @property
    def submit_due_on(self) -> date | None:
        """When townships submit."""

    @property
    def notice_days(self) -> int | None:
        """Full days of notice."""

    @property
    def payment_month(self) -> date:
        """Its first day."""


# What must hold before a list leaves a state forward.
HOLDS: Mapping[str, Words] = {
    "computed": Words("已计算并冻结逐笔", "computed, each line frozen"),
    "explained": Words("与银行数的差异逐笔说明", "each difference from the bank's figures is explained"),
    "seen": Words("内容与所见一致", "the content is the one that was seen"),
    "another": Words(
        "不是本人计算或办过前面环节，也没有本人家庭的明细",
        "another than who computed it and did the earlier steps; no line of one's own household",
    ),
    "checked": Words(
        "身份、金额、资格逐笔审核；不符的已剔除或暂缓",
        "identity, amount and right checked line by line; what fails is excluded or held",
    ),
    "posted": Words("已公示", "the notice is posted"),
    "clock": Words("公示期满", "the days of the notice are over"),
    "settled": Words("异议已处理，或有异议的逐笔暂缓", "objections are decided, or their lines are held"),
    "signed": Words("主要领导、分管领导签字并盖章", "signed by both leaders and sealed"),
    "budget": Words("登记预算承诺", "committed in the budget"),
    "paid": Words("逐笔已支付，或已结转、剔除", "each line is paid, carried over or excluded"),
    "announced": Words("镇、村两级已公告", "announced in the township and its villages"),
    "complete": Words("七类档案齐全，或写明所缺", "the seven kinds of papers are there, or what is missing is named"),
}  # fmt: skip


@dataclass(frozen=True)
class State(workflow.State):
    """One state of a list.

    Attributes:
        by: Which of the cycle's days it is due by; empty where ``days`` says it.
        not_by: The earlier steps of the round whose doers may not do this one.
    """

    by: By = ""
    not_by: tuple[str, ...] = ()

    def due(self, cycle: Days, since: date) -> date | None:
        """The last day of the step; None where nothing sets one."""
        if self.by:
            return _BY[self.by](cycle, since)
        return None if self.days is None else since + timedelta(days=self.days)


def last_day_to_post(submit_due_on: date | None, notice_days: int | None) -> date | None:
    """The last day to post so that the notice is over by the day of submission; None where one of them is not set."""
    if submit_due_on is None or notice_days is None:
        return None
    return submit_due_on - timedelta(days=notice_days + 1)


def _notice_over(cycle: Days, since: date) -> date | None:
    """Full days after the posting day (design §10, 8), and the list goes on the day after."""
    return None if cycle.notice_days is None else since + timedelta(days=cycle.notice_days + 1)


def _month_end(cycle: Days, since: date) -> date:
    del since
    month = cycle.payment_month
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


_BY: Mapping[str, Callable[[Days, date], date | None]] = {
    "list_due": lambda cycle, _: cycle.list_due_on,
    "submit_due": lambda cycle, _: cycle.submit_due_on,
    "post_by": lambda cycle, _: last_day_to_post(cycle.submit_due_on, cycle.notice_days),
    "notice_over": _notice_over,
    "month_end": _month_end,
}


_SEEN = ("seen", "another")
STATES: Mapping[str, State] = {
    one.code: one
    for one in (
        State(LIST, Words("信用社编制清册", "branch's list"), "subsidy.submit_list", {FORWARD: REVIEW},
              ("computed", "explained", *_SEEN), by="list_due", clauses=("LD2021-6",)),
        State(REVIEW, Words("乡镇审核", "township review"), "subsidy.review", {FORWARD: NOTICE, RETURN: LIST},
              ("checked", *_SEEN), by="post_by", clauses=("LD2021-6",), not_by=(LIST,)),
        State(NOTICE, Words("公示", "public notice"), "notice.post", {FORWARD: SUBMISSION},
              ("posted", "clock", "settled"), by="notice_over", clauses=("LD2021-6",)),
        State(SUBMISSION, Words("乡镇签章上报", "township submission"), "subsidy.submit",
              {FORWARD: CONFIRMATION, RETURN: LIST}, ("settled", "signed", *_SEEN), by="submit_due",
              clauses=("LD2021-6",), not_by=(LIST, REVIEW)),
        State(CONFIRMATION, Words("县局审核确认", "county confirmation"), "subsidy.confirm",
              {FORWARD: PAYMENT, RETURN: LIST}, ("budget", *_SEEN), by="month_end", clauses=("LD2021-6",),
              not_by=(LIST, REVIEW, SUBMISSION)),
        State(PAYMENT, Words("一卡通发放", "payment"), "payment.result", {FORWARD: ANNOUNCEMENT}, ("paid",),
              by="month_end", clauses=("LD2021-6", "CN2026-3.3")),
        State(ANNOUNCEMENT, Words("贴息后公告", "announcement after payment"), "notice.post", {FORWARD: FILING},
              ("announced",), days=15, clauses=("LD2021-7",)),
        State(FILING, Words("归档", "filing"), "archive.write", {FORWARD: FILED}, ("complete",), days=30,
              clauses=("LD2021-6", "LD2021-7")),
        State(FILED, Words("已归档", "filed"), clauses=("LD2021-7",)),
    )
}  # fmt: skip
ORDER = tuple(STATES)
# Until it is signed and sealed things may come back to a list; until it is confirmed its money is not on its way.
BEFORE_SIGNING = frozenset({LIST, REVIEW, NOTICE, SUBMISSION})
BEFORE_PAYMENT = BEFORE_SIGNING | {CONFIRMATION}
# What the township confirms of each line (LD2021-6).
CHECKS: Mapping[str, Words] = {
    "identity": Words("农户身份", "identity"),
    "amount": Words("贴息金额", "amount"),
    "right": Words("是否符合贴息政策", "right to the subsidy"),
}
OUTCOMES: Mapping[str, Words] = {
    FORWARD: Words("同意并转下一环节", "forward"),
    RETURN: Words("退回重编", "return"),
}


def next_state(code: str, outcome: str) -> str:
    """Where an outcome leads; KeyError where the state does not have it."""
    return workflow.next_state(STATES, code, outcome)


_BY_WORDS: Mapping[str, Words] = {
    "list_due": Words("发放月的上个月末", "the end of the month before the payment month"),
    "post_by": Words("能赶上上报日的最后一天", "the last day that still meets the day of submission"),
    "notice_over": Words("公示期满次日", "the day after the days of the notice"),
    "submit_due": Words(
        "发放月15日（以当地规定为准）", "the 15th of the payment month, or as the place says"
    ),
    "month_end": Words("发放月月底", "the end of the payment month"),
}


def drawn() -> str:
    """The table as Markdown, for the guide."""
    cells = {
        code: [workflow.listed(STATES[one].words.zh for one in state.not_by), _due_words(state)]
        for code, state in STATES.items()
    }
    more = ["不得由其办 · Not by", "期限"]
    return workflow.table(STATES, holds=HOLDS, outcomes=OUTCOMES, more=more, cells=cells)


def _due_words(state: State) -> str:
    if state.by:
        return f"{_BY_WORDS[state.by].zh} · {_BY_WORDS[state.by].en}"
    return f"{state.days}天（内部时限）· {state.days} days, the house's own" if state.days else "—"
