"""Public notice before and after payment; objections from anybody and their answers.

A list at its notice is *posted*: a sheet for the township, one for each village, with masked names, in tables
that hold nothing else (``Notice``, ``NoticeRow``); which line a row stands for lies apart (``NoticeLine``).
Anybody may object to a row: its line alone is held, one person investigates, another decides, and the
objector reads the answer with a code. ``notices``, ``notice``, ``row_of``, ``sheet``, ``object_to`` and
``answer_of`` take no actor: they are the public's. Decisions 0008, 0060 and 0061 say why.
"""

from __future__ import annotations

from bangfu.casework.database.actor import Actor
from bangfu.casework.notices.answering import answer_letter, answer_letter_of
from bangfu.casework.notices.deciding import (
    DAYS,
    PAPER,
    decide,
    investigate,
    objection,
    objection_paper,
    objections,
)
from bangfu.casework.notices.objecting import LONGEST_TEXT, answer_of, object_to, takes_objections
from bangfu.casework.notices.objections import hold_again, line_guard
from bangfu.casework.notices.posting import HOUSE_DAYS, close, photo, post, taken_down
from bangfu.casework.notices.reading import PHOTO, notice, notices, of_list, row_of, standing_of
from bangfu.casework.notices.sheets import (
    LONGEST_SHEET,
    Planned,
    PlannedRow,
    office_of,
    planned,
    posted,
    revealed,
    sheet,
)
from bangfu.casework.notices.views import (
    AFTER,
    BEFORE,
    GROUNDS,
    KIND_AT,
    KINDS,
    LEVELS,
    OBJECTION_STATES,
    OUTCOMES,
    PARTS,
    REMEDIES,
    TOWNSHIP,
    VILLAGE,
    Answer,
    Clock,
    NoticePage,
    NoticePart,
    NoticesPage,
    NoticeView,
    ObjectionActView,
    ObjectionsPage,
    ObjectionView,
    PublicNotice,
    PublicRow,
    Receipt,
)
from bangfu.casework.notices.waiting import offered
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import ListView

__all__ = [
    "AFTER", "BEFORE", "DAYS", "GROUNDS", "HOUSE_DAYS", "KINDS", "KIND_AT", "LEVELS", "LONGEST_SHEET",
    "LONGEST_TEXT", "OBJECTION_STATES", "OUTCOMES", "PAPER", "PARTS", "PHOTO", "REMEDIES", "TOWNSHIP", "VILLAGE",
    "Answer", "Clock", "NoticePage", "NoticePart", "NoticeView", "NoticesPage", "ObjectionActView", "ObjectionView",
    "ObjectionsPage", "Planned", "PlannedRow", "PublicNotice", "PublicRow", "Receipt", "answer_letter",
    "answer_letter_of", "answer_of", "close", "decide", "investigate", "notice", "notices", "object_to",
    "objection", "objection_paper", "objections", "of_list", "office_of", "photo", "planned", "post", "posted",
    "revealed", "row_of", "sheet", "takes_objections",
]  # fmt: skip


def _moved(actor: Actor, before: ListView, after: ListView, outcome: str) -> None:
    """A list that went back takes its notice down; one that comes anew brings its open objections along."""
    if outcome == subsidies.RETURN:
        taken_down(actor, standing_of(before.id, BEFORE), kind="returned", why="")
    elif before.state == "branch_list":
        hold_again(actor, after)


subsidies.guards_lines(line_guard)
subsidies.after_moves(_moved)
offered()
