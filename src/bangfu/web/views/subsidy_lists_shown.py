"""One list as the components show it: its steps, what it comes to, what was done with it; and lists that are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse

from bangfu.casework.people.api import ROLES, may
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import PAYERS, STATES, ListView
from bangfu.casework.words import Words
from bangfu.web.code_words import words_of
from bangfu.web.parts import Chip, Column, Fact, Figure, Link, Step, Table, Tone
from bangfu.web.views.subsidies_shown import ORDER, YUAN, figures


def steps(view: ListView, acts: Sequence[subsidies.ActView]) -> list[Step]:
    """Who did each step of this round and when, on which hash; who is next, by when, by which clause."""
    returned = max((place for place, one in enumerate(acts) if one.outcome == "return"), default=-1)
    round_ = {one.step: one for one in acts[returned + 1 :]}
    now = ORDER.index(view.state)
    out = []
    for place, code in enumerate(ORDER):
        state, act = STATES[code], round_.get(code)
        mark = "done" if place < now or not STATES[view.state].open else "now" if place == now else "next"
        if mark == "done":
            who: Words | str = f"{act.done_name}" if act else ""
            out.append(Step(state.words, "done", who, act.at if act else _since(view, code), None, state.clauses,
                            _hash_words(act)))  # fmt: skip
            continue
        due = view.due_on if mark == "now" else _due_of(view, code)
        out.append(Step(state.words, mark, who_does(code), None, due, state.clauses))  # type: ignore[arg-type]
    return out


def _since(view: ListView, code: str) -> datetime | None:
    return view.since if code == view.state else None


def _hash_words(act: subsidies.ActView | None) -> str:
    return f"# {act.content_hash[:8]}" if act and act.content_hash else ""


def _due_of(view: ListView, code: str) -> date | None:
    """The last day of a step to come, where it does not hang on when the one before is done."""
    state = STATES[code]
    hangs_on_no_step = state.by in ("list_due", "submit_due", "post_by", "month_end")
    return state.due(view.cycle, view.cycle.end) if hangs_on_no_step else None


def list_chip(view: ListView, on: date) -> Chip:
    """Where a list stands."""
    tone: Tone = "warn" if view.late(on) else "wait" if view.stands_at.open else "ok"
    return Chip(tone, view.stands_at.words)


def list_figures(view: ListView) -> list[Figure]:
    """What a list comes to, payer by payer."""
    if not view.run_id:
        return []
    out = [
        Figure(Words("应发笔数", "Lines to pay"), view.open.lines),
        Figure(Words("应发贴息", "Payable"), view.open.payable_fen, "yuan", YUAN),
        *(
            Figure(words_of(payer, "payer"), view.open.payable_by[payer], "yuan", YUAN)
            for payer in PAYERS
            if view.open.payable_by[payer]
        ),
    ]
    return out + [one for one in figures([view], opens=True)[3:] if one.value]


def ways(view: ListView, role: str) -> list[Link]:
    """Where else a list is looked at once it has come so far: its notices, its payments, its archive."""
    now = ORDER.index(view.state)
    known = (
        ("public_notice", "subsidy-notices", view.id, "", Words("公示和公告", "Notices"), "eye", "subsidy.read"),
        ("payment", "cycle-payments", view.cycle.id, "", Words("发放", "Payments"), "loan", "payment.read"),
        ("payment", "cycle-archive", view.cycle.id, f"?place={view.township}", Words("档案", "Archive"), "paper",
         "subsidy.read"),
    )  # fmt: skip
    return [
        Link(words, reverse(name, args=(key,)) + more, icon)
        for step, name, key, more, words, icon, act in known
        if now >= ORDER.index(step) and may(role, act)
    ]


def list_facts(view: ListView) -> list[Fact]:
    """What the lines of a list were computed from."""
    if not view.run_id:
        return []
    return [
        Fact(Words("计算", "Computed"), Words(f"第 {view.run_number} 次", f"run {view.run_number}")),
        Fact(Words("截至", "As of"), view.on, "day"),
        Fact(Words("按当时所知", "As known at"), view.known_at, "moment"),
        Fact(Words("冻结值", "Frozen as"), view.lines_hash[:12]),
    ]


_ACTS = (
    Column("at", Words("时间", "When"), "moment", narrow=True),
    Column("step", Words("环节", "Step")),
    Column("chip", Words("结论", "Outcome"), "chip"),
    Column("who", Words("办理人", "By")),
    Column("lines", Words("笔数", "Lines"), "number"),
    Column("payable_fen", Words("应发", "Payable"), "yuan", unit=YUAN),
    Column("opinion", Words("意见", "Opinion")),
    Column("hash", Words("内容校验值", "Hash of the content"), narrow=True),
)


def acts_table(acts: Sequence[subsidies.ActView]) -> Table:
    """What was done with a list, in order, each on which content."""
    rows = [
        {
            "at": one.at, "step": STATES[one.step].words, "lines": one.lines, "payable_fen": one.payable_fen,
            "chip": Chip("ok" if one.outcome == subsidies.FORWARD else "warn", subsidies.OUTCOMES[one.outcome]),
            "who": f"{one.done_name} · {ROLES[one.done_role].words}" if one.done_role in ROLES else one.done_name,
            "opinion": one.opinion, "hash": one.content_hash[:16],
        }
        for one in acts
    ]  # fmt: skip
    return Table(Words("办理记录", "What was done"), _ACTS, rows, empty=Words("还没有办理", "Nothing yet"))


def who_does(code: str) -> Words:
    """The roles that move a step on."""
    roles = subsidies.whose_step(STATES[code])
    return Words("、".join(one.zh for one in roles), ", ".join(one.en for one in roles))


_LATE = (
    Column("township", Words("乡镇", "Township"), link="url"),
    Column("bank", Words("网点", "Branch")),
    Column("period", Words("期间", "Period")),
    Column("chip", Words("环节", "Step"), "chip"),
    Column("due", Words("限期", "Due"), "day"),
    Column("days", Words("超期", "Late by"), "number", unit=Words("天", "days")),
    Column("whose", Words("由谁办理", "Whose step it is")),
    Column("clauses", Words("依据", "Basis"), "clauses"),
)


def late_table(told: Sequence[subsidies.LateList]) -> Table:
    """The lists that are late, with whose step it is."""
    rows = [
        {
            "township": one.at.township_name, "url": reverse("subsidy-list", args=(one.at.list_id,)),
            "bank": one.at.bank_name, "period": subsidies.period_words(one.at.start, one.at.end),
            "chip": Chip("warn", one.state.words), "due": one.at.due_on, "days": one.days,
            "whose": who_does(one.state.code), "clauses": one.state.clauses,
        }
        for one in told
    ]  # fmt: skip
    return Table(Words("超期清册", "Late lists"), _LATE, rows, hide_caption=True,
                 empty=Words("没有超期的清册", "No list is late"))  # fmt: skip
