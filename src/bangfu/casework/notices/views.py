"""Notices and objections as they are handed out: what the public may read, and what those who answer for it see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from bangfu.casework.documents.api import FileView
from bangfu.casework.subsidies.api import LineView
from bangfu.casework.words import Words

__all__ = [
    "AFTER", "BEFORE", "GROUNDS", "KINDS", "KIND_AT", "LEVELS", "OBJECTION_STATES", "OUTCOMES", "PARTS", "REMEDIES",
    "STEP_OF", "TOWNSHIP", "VILLAGE", "Answer", "Clock", "NoticePage", "NoticePart", "NoticeView", "NoticesPage",
    "ObjectionActView", "ObjectionView", "ObjectionsPage", "PublicNotice", "PublicRow", "Receipt",
]  # fmt: skip

BEFORE, AFTER = "before", "after"
TOWNSHIP, VILLAGE = "township", "village"
# The step of a list at which a notice of a kind is posted.
STEP_OF: Mapping[str, str] = {BEFORE: "public_notice", AFTER: "announcement"}
KIND_AT: Mapping[str, str] = {step: kind for kind, step in STEP_OF.items()}
KINDS: Mapping[str, Words] = {
    BEFORE: Words("贴息前公示", "notice before payment"),
    AFTER: Words("贴息后公告", "announcement after payment"),
}
LEVELS: Mapping[str, Words] = {
    TOWNSHIP: Words("镇级", "township"),
    VILLAGE: Words("村级", "village"),
}
PARTS: Mapping[str, Words] = {"near": Words("近景", "near"), "far": Words("远景", "far")}
ENDS: Mapping[str, Words] = {
    "returned": Words("清册已退回，本公示撤下", "withdrawn: the list went back to the branch"),
    "reposted": Words("已重新公示，本公示撤下", "withdrawn: posted anew"),
}
GROUNDS: Mapping[str, Words] = {
    "not_our_village": Words("不是本村人", "not of our village"),
    "not_poor": Words("不是脱贫户、监测户", "not a household out of poverty or watched"),
    "did_not_borrow": Words("本人没有贷款", "did not borrow"),
    "amount_wrong": Words("金额不对", "the amount is wrong"),
    "money_not_reached": Words("贷款或贴息没有到户", "loan or subsidy did not reach the household"),
    "other": Words("其他", "other"),
}
OUTCOMES: Mapping[str, Words] = {
    "upheld": Words("成立", "upheld"),
    "rejected": Words("不成立", "rejected"),
}
REMEDIES: Mapping[str, Words] = {
    "excluded": Words("剔除该笔", "the line is excluded"),
    "carried": Words("该笔结转下期更正", "the line is carried over to be corrected"),
    "later": Words("已在发放或已发放，另行更正、追回", "in payment or paid: corrected or recovered later"),
    "released": Words("解除暂缓", "the line goes on"),
    "waits": Words(
        "清册已签章上报，该笔结转下期", "the list is signed already: the line goes on in the next cycle"
    ),
    "none": Words("不影响发放", "payment is not touched"),
}
OBJECTION_STATES: Mapping[str, Words] = {
    "received": Words("已收到，待调查", "received"),
    "investigated": Words("已调查，待处理", "investigated"),
    "decided": Words("已处理", "decided"),
}


@dataclass(frozen=True)
class Clock:
    """Where a notice stands in its days (docs/decisions/0008).

    Attributes:
        day: Full days since the posting day, which is day 0; never more than ``of``.
        of: How many it takes.
        last_day: The last of them; the list may go on the day after.
        over: Whether they are over.
    """

    day: int
    of: int
    last_day: date
    over: bool

    @property
    def goes_on_from(self) -> date:
        """The first day on which the list may go on."""
        return self.last_day + timedelta(days=1)


@dataclass(frozen=True)
class PublicNotice:
    """A notice as anybody reads it.

    Attributes:
        id: Its id.
        kind: before or after (``KINDS``).
        level: township or village (``LEVELS``).
        area: 9- or 12-digit code.
        area_name: In words.
        bank_name: Whose list it is.
        start: First day of the period.
        end: Its exclusive end.
        posted_on: The day it was posted.
        clock: Its days.
        clauses: What it rests on.
        why: Why it takes these days, where no clause says or it takes more.
        contact: Where one may ask.
        lines: How many rows.
        total_fen: Their sum.
        rows_hash: SHA-256 over the rows, hexadecimal.
        ended: Why it no longer stands (``ENDS``); empty while it does.
        ended_on: Since when.
    """

    id: UUID
    kind: str
    level: str
    area: str
    area_name: str
    bank_name: str
    start: date
    end: date
    posted_on: date
    clock: Clock
    clauses: tuple[str, ...]
    why: str
    contact: str
    lines: int
    total_fen: int
    rows_hash: str
    ended: str
    ended_on: date | None

    @property
    def ended_words(self) -> Words | None:
        """Why it no longer stands, in words."""
        return ENDS[self.ended] if self.ended else None


@dataclass(frozen=True)
class PublicRow:
    """A row: the number tells two of one masked name apart; ``token`` is how an objection names it."""

    token: UUID
    number: int
    village: str
    masked_name: str
    product: str
    amount_fen: int


@dataclass(frozen=True)
class NoticePart:
    """How many rows of a village under a product, and their sum."""

    village: str
    product: str
    lines: int
    total_fen: int


@dataclass(frozen=True)
class NoticePage:
    """A notice with a page of its rows.

    Attributes:
        notice: The notice.
        rows: Those of this page.
        total: How many there are, of the village where one was asked for.
        parts: Its sums by village and product, of the whole notice, in the order of the rows.
    """

    notice: PublicNotice
    rows: tuple[PublicRow, ...]
    total: int
    parts: tuple[NoticePart, ...]

    @property
    def villages(self) -> tuple[str, ...]:
        """The villages in the order of the rows."""
        return tuple(dict.fromkeys(one.village for one in self.parts))


@dataclass(frozen=True)
class NoticesPage:
    """A page of notices, and how many there are."""

    rows: tuple[PublicNotice, ...]
    total: int


@dataclass(frozen=True)
class NoticeView:
    """A notice as those who answer for it see it.

    Attributes:
        notice: As the public reads it.
        list_id: The list.
        posted_name: Who posted it.
        posted_at: When.
        submit_due_on: The day by which the list is to be submitted; None where none is set.
        photos: near and far → the photographs.
        objections: How many came.
        open_objections: How many are not decided.
    """

    notice: PublicNotice
    list_id: UUID
    posted_name: str
    posted_at: datetime
    submit_due_on: date | None
    photos: Mapping[str, tuple[FileView, ...]]
    objections: int
    open_objections: int

    @property
    def too_late(self) -> bool:
        """Whether it was posted too late to be over by the day of submission; no shorter notice is proposed."""
        return (
            self.notice.kind == BEFORE
            and self.submit_due_on is not None
            and self.notice.clock.goes_on_from > self.submit_due_on
        )

    @property
    def photos_missing(self) -> tuple[str, ...]:
        """Which of near and far are not there yet (LD2021-7)."""
        return tuple(part for part in PARTS if not self.photos.get(part))


@dataclass(frozen=True)
class Receipt:
    """What an objector is given: the number to speak of it, the code to read the answer; the code is shown once."""

    number: str
    code: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """What an objector reads with the code; no name of anybody.

    Attributes:
        number: Of the receipt.
        at: When it was received.
        ground: ``GROUNDS``.
        state: ``OBJECTION_STATES``.
        area_name: Of the notice.
        row: The row objected to.
        masked_name: Its name.
        outcome: upheld or rejected; empty before the decision.
        remedy: ``REMEDIES``; likewise.
        answer: In words; likewise.
        decided_on: The day; likewise.
    """

    number: str
    at: datetime
    ground: str
    state: str
    area_name: str
    row: int
    masked_name: str
    outcome: str = ""
    remedy: str = ""
    answer: str = ""
    decided_on: date | None = None


@dataclass(frozen=True)
class ObjectionActView:
    """A step with an objection: investigated or decided."""

    kind: str
    outcome: str
    remedy: str
    finding: str
    answer: str
    clause: str
    done_by: int
    done_name: str
    done_role: str
    at: datetime


@dataclass(frozen=True)
class ObjectionView:
    """An objection as those who answer for it see it; the objector's name and number masked.

    Attributes:
        id: Its id.
        number: Of the receipt.
        notice: The notice.
        row: Its row.
        list_id: The list whose notice it was.
        line: The line as it stands now; None where it lies elsewhere.
        ground: ``GROUNDS``.
        text: What was written.
        signed: Whether the objector gave a name.
        name: Masked; empty where not signed.
        phone: Masked; likewise.
        name_id: In the vault, to be revealed with a reason.
        phone_id: Likewise.
        at: When it came.
        due_on: By when it should be decided: the house's own figure.
        state: ``OBJECTION_STATES``.
        acts: What was done, in order.
        papers: What was uploaded.
        seen_hash: What a decision binds to.
    """

    id: UUID
    number: str
    notice: PublicNotice
    row: PublicRow
    list_id: UUID
    line: LineView | None
    ground: str
    text: str
    signed: bool
    name: str
    phone: str
    name_id: UUID | None
    phone_id: UUID | None
    at: datetime
    due_on: date
    state: str
    acts: tuple[ObjectionActView, ...]
    papers: tuple[FileView, ...]
    seen_hash: str


@dataclass(frozen=True)
class ObjectionsPage:
    """A page of objections, and how many there are."""

    rows: tuple[ObjectionView, ...]
    total: int
