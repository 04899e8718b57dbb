"""The way of an application as a table: who moves each state, where to, what must hold, by when, by which clause.

Nothing else decides a step: the api asks this table, the pages draw it, ``docs/guides/applications.md`` is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.casework import workflow
from bangfu.casework.words import Words

DRAFT, RETURNED = "draft", "returned"
VILLAGE, TOWNSHIP, STATION = "village_review", "township_review", "station_opinion"
BRANCH, BANK = "branch_examination", "bank_decision"
APPROVED, REFUSED, WITHDRAWN = "approved", "refused", "withdrawn"
SUBMIT, APPROVE, REFUSE, RETURN, WITHDRAW = "submit", "approve", "refuse", "return", "withdraw"

WRITE = "application.write"

# What must hold before an application leaves a state forward.
HOLDS: Mapping[str, Words] = {
    "fields": Words("必填项齐全", "all required fields are filled"),
    "papers": Words("要件齐全", "all required papers are there"),
    "no_other": Words("该户没有其他在办申请", "the household has no other application under way"),
    "seen": Words("内容与所见一致", "the content is the one that was seen"),
    "another": Words("不是本人办过的环节，也不是本人家庭", "not one's own earlier step, nor one's own household"),
    "core": Words("政策核验未拒绝", "the policy check does not refuse"),
    "attested": Words("本环节须核实的各点均已确认", "each point this step answers for is attested"),
    "wording": Words("写明意见", "an opinion is written"),
    "rating": Words("已有本行评级授信，且额度足够", "rated by this bank, with a sufficient limit"),
    "proposal": Words("提出金额、期限、利率、计息方式和理由", "amount, term, rate and method proposed, with reasons"),
    "exception": Words("“原则上”的限制已批准例外", "limits “in principle” have an approved exception"),
}  # fmt: skip


@dataclass(frozen=True)
class State(workflow.State):
    """One state of an application. No clause sets the days of a step: they are the house's own.

    Attributes:
        attests: Whose points to be attested this step answers for, as the core names them.
    """

    attests: tuple[str | None, ...] = ()

    @property
    def review(self) -> bool:
        """Whether it is a review with an opinion."""
        return APPROVE in self.outcomes

    @property
    def editable(self) -> bool:
        """Whether the branch may change its content."""
        return SUBMIT in self.outcomes

    def due(self, since: date) -> date | None:
        """The last day of the step that began on a day."""
        return None if self.days is None else since + timedelta(days=self.days)


_WRITTEN = {SUBMIT: VILLAGE, WITHDRAW: WITHDRAWN}
_ALWAYS = ("seen", "another")


def _onwards(following: str) -> dict[str, str]:
    return {APPROVE: following, REFUSE: REFUSED, RETURN: RETURNED, WITHDRAW: WITHDRAWN}


STATES: Mapping[str, State] = {
    one.code: one
    for one in (
        State(DRAFT, Words("草稿", "draft"), WRITE, _WRITTEN, ("fields", "papers", "no_other"), 15,
              ("LD2021-2.1", "LD2021-2.2a")),
        State(VILLAGE, Words("村“两委”初核", "village review"), "application.village_review", _onwards(TOWNSHIP),
              (*_ALWAYS, "core", "attested", "wording"), 5, ("LD2021-2.2a",), ("village",)),
        State(TOWNSHIP, Words("乡镇（街道）审核", "township review"), "application.township_review", _onwards(STATION),
              (*_ALWAYS, "core", "attested", "wording"), 5, ("LD2021-2.2b",), ("township",)),
        State(STATION, Words("扶贫工作站意见", "station's opinion"), "application.station_opinion", _onwards(BRANCH),
              (*_ALWAYS, "core", "wording"), 3, ("LD2021-form",)),
        State(BRANCH, Words("信用社调查审查", "branch examination"), "application.examine", _onwards(BANK),
              (*_ALWAYS, "core", "attested", "wording", "rating", "proposal", "exception"), 5,
              ("LD2021-2.2c", "CN2021-2.1"), ("bank", None)),
        State(BANK, Words("信用社审批", "bank's decision"), "application.decide", _onwards(APPROVED),
              (*_ALWAYS, "core", "wording", "rating", "exception"), 3, ("LD2021-2.2c", "CN2021-2.1")),
        State(RETURNED, Words("退回补正", "returned for correction"), WRITE, _WRITTEN,
              ("fields", "papers", "no_other"), 15, ("LD2021-2.1",)),
        State(APPROVED, Words("已批准", "approved"), clauses=("LD2021-2.2c",)),
        State(REFUSED, Words("未批准", "refused"), clauses=("LD2021-2.2d",)),
        State(WITHDRAWN, Words("已撤回", "withdrawn")),
    )
}  # fmt: skip
REVIEWS = tuple(code for code, state in STATES.items() if state.review)
LIVE = tuple(code for code, state in STATES.items() if state.open)
OUTCOMES: Mapping[str, Words] = {
    SUBMIT: Words("提交", "submit"),
    APPROVE: Words("同意", "approve"),
    REFUSE: Words("不同意", "refuse"),
    RETURN: Words("退回补正", "return"),
    WITHDRAW: Words("撤回", "withdraw"),
}


def next_state(code: str, outcome: str) -> str:
    """Where an outcome leads; KeyError where the state does not have it."""
    return workflow.next_state(STATES, code, outcome)


def acts_in(state: str, outcome: str) -> str:
    """The act an outcome needs: withdrawing is the branch's, at every step, since the applicant asks it there."""
    return WRITE if outcome == WITHDRAW else STATES[state].act


def drawn() -> str:
    """The table as Markdown, for the guide."""
    days = {code: ["—" if one.days is None else str(one.days)] for code, one in STATES.items()}
    return workflow.table(STATES, holds=HOLDS, outcomes=OUTCOMES, more=["期限（天）"], cells=days)
