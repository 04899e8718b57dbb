"""The shapes that the shared components show: what a view hands to ``components/*.html``.

Amounts are fen, rates 1e-8, days dates; the components put them into words. Labels are ``Words`` or plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bangfu.casework.words import Words

Label = Words | str
Kind = Literal[
    "text",
    "yuan",
    "wan",
    "percent",
    "number",
    "day",
    "moment",
    "word",
    "chip",
    "yes",
    "clauses",
    "html",
    "figure",
]
Tone = Literal["ok", "warn", "bad", "info", "wait", "off"]

NOTHING_LISTED = Words("没有记录", "Nothing is listed")
NUMERIC = frozenset({"yuan", "wan", "percent", "number", "figure"})


@dataclass(frozen=True, slots=True)
class Chip:
    """A state: its tone (colour and shape) and its word."""

    tone: Tone
    label: Label


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: The key or attribute of a row.
        label: The heading.
        kind: How a value is put into words; numeric kinds stand on the right.
        words: Of kind ``word``, the set of codes.
        sort: The value of ``?sort=`` that sorts by it; empty where it cannot be sorted.
        link: The key or attribute of a row that holds the address behind the value.
        unit: Stands in the heading.
        narrow: Takes no more room than it needs.
    """

    name: str
    label: Label
    kind: Kind = "text"
    words: str = ""
    sort: str = ""
    link: str = ""
    unit: Label = ""
    narrow: bool = False

    @property
    def numeric(self) -> bool:
        """Whether figures stand below one another."""
        return self.kind in NUMERIC

    @property
    def tight(self) -> bool:
        """Whether it is never broken and takes no more room than it needs: days never are."""
        return self.narrow or self.kind == "day"

    @property
    def classes(self) -> str:
        """The classes of its cells: ``n`` numeric, ``narrow`` tight; ``do``, acts on a row, is not printed."""
        told = (("n", self.numeric), ("narrow", self.tight), ("no-print", self.name == "do"))
        return " ".join(name for name, holds in told if holds)


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a list stands: the page (from 1), how many there are, and how many rows in all."""

    number: int
    pages: int
    total: int

    @property
    def earlier(self) -> int | None:
        """The page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def later(self) -> int | None:
        """The page after."""
        return self.number + 1 if self.number < self.pages else None


@dataclass(frozen=True)
class Table:
    """A table: rows are mappings or objects.

    Attributes:
        caption: Says what is listed; read out first by screen readers.
        columns: From left to right.
        rows: The rows of this page.
        sorted_by: The ``?sort=`` in force (``-`` before it: falling).
        totals: A last row, by column name; the first column's value is its heading.
        pager: Where there are more pages.
        empty: What to say where nothing is listed.
        hide_caption: The heading above already says it.
    """

    caption: Label
    columns: Sequence[Column]
    rows: Sequence[Any]
    sorted_by: str = ""
    totals: Mapping[str, Any] | None = None
    pager: Pager | None = None
    empty: Label = NOTHING_LISTED
    hide_caption: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value of a definition list."""

    label: Label
    value: Any
    kind: Kind = "text"
    words: str = ""
    link: str = ""
    note: Label = ""
    clauses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A large figure with its label; ``url`` opens what lies behind it."""

    label: Label
    value: Any
    kind: Kind = "number"
    unit: Label = ""
    note: Label = ""
    url: str = ""
    tone: Tone | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One amount of a sum, fen; negative ones are taken away."""

    label: Label
    fen: int
    note: Label = ""
    clauses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Amounts that add up to a total."""

    lines: Sequence[FlowLine]
    label: Label
    total_fen: int
    clauses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a workflow."""

    name: Label
    state: Literal["done", "now", "next", "refused", "skipped"]
    who: Label = ""
    when: date | datetime | None = None
    due: date | None = None
    clauses: Sequence[str] = ()
    note: Label = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline."""

    when: date | datetime
    title: Label
    text: Label = ""
    who: Label = ""
    tone: Tone = "info"
    clauses: Sequence[str] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: a link."""

    label: Label
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the side navigation; ``count`` is what waits there."""

    label: Label
    url: str
    icon: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of the side navigation under a heading."""

    label: Label
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Duty:
    """What a role may or must do, by when, by which clause."""

    must: bool
    what: Label
    due: Label = ""
    clauses: Sequence[str] = ()
    url: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure drawn on the server (trusted SVG) with the data it draws."""

    title: Label
    svg: str
    table: Table
    text: Label = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One rule of a decision.

    Attributes:
        state: passed, failed, in_principle (an approved exception may stand), attest (a person answers for it), open
            (the facts do not say), silent (no document sets such a restriction), warned.
        name: What was asked, or what was found.
        facts: Labelled values, already in words.
        clauses: What it rests on.
        by: Of a condition, who attests it.
    """

    state: Literal["passed", "failed", "in_principle", "attest", "open", "silent", "warned"]
    name: Label
    facts: Sequence[tuple[Label, str]] = ()
    clauses: Sequence[str] = ()
    by: Label = ""


def _zh(label: Label) -> str:
    return label.zh if isinstance(label, Words) else label


def _en(label: Label) -> str:
    return label.en if isinstance(label, Words) else label


@dataclass(frozen=True, slots=True)
class Basis:
    """A decision opened.

    Attributes:
        outcome: admitted, refused, needs_exception.
        packs: What it rests on.
        checked: Every rule.
        grouped: For readers who answer nothing themselves: what is to be attested stands by who attests it.
        about: Whose words the outcome has: ``outcome`` of what is to be decided, ``past_outcome`` of what was.
    """

    outcome: str
    packs: Sequence[str]
    checked: Sequence[Checked] = field(default_factory=tuple)
    grouped: bool = False
    about: str = "outcome"

    def of(self, *states: str) -> list[Checked]:
        """The rules in one of these states, in their order."""
        return [one for one in self.checked if one.state in states]

    @property
    def failed(self) -> list[Checked]:
        """What stands against it."""
        return self.of("failed", "in_principle")

    @property
    def to_answer(self) -> list[Checked]:
        """What people still have to say."""
        return self.of("attest", "open", "warned")

    @property
    def answers(self) -> list[Checked]:
        """The same as it is listed: one by one, or by who answers."""
        if not self.grouped:
            return self.to_answer
        by: dict[str, list[Checked]] = {}
        for one in self.of("attest"):
            by.setdefault(str(one.by), []).append(one)
        joined = [
            Checked(
                "attest",
                Words(
                    "、".join(_zh(one.name) for one in several), "; ".join(_en(one.name) for one in several)
                ),
                clauses=tuple(dict.fromkeys(clause for one in several for clause in one.clauses)),
                by=who,
            )
            for who, several in by.items()
        ]
        return [*joined, *self.of("open", "warned")]

    @property
    def passed(self) -> list[Checked]:
        """What is in order."""
        return self.of("passed", "silent")


# Our own small pictures: paths on a field of 16 by 16, drawn with the colour of the text.
ICONS: Mapping[str, str] = {
    "ok": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "warn": '<path d="M8 2.2L14.6 13.6H1.4z"/><path d="M8 6.4v3.2M8 11.5v.4"/>',
    "bad": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "info": '<circle cx="8" cy="8" r="6.2"/><path d="M8 7.2v4M8 4.7v.4"/>',
    "wait": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.6V8l2.4 1.8"/>',
    "off": '<circle cx="8" cy="8" r="6.2"/><path d="M4.9 8h6.2"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "sort": '<path d="M5.2 6.2L8 3.2l2.8 3M5.2 9.8l2.8 3 2.8-3"/>',
    "brand": '<path d="M8 13.5V6M8 8.2C5.3 8.2 4 6.8 4 4.5c2.6 0 4 1.3 4 3.7z'
    "M8 10c2.6 0 4-1.3 4-3.7-2.6 0-4 1.3-4 3.7z"
    'M4 13.5h8"/>',
    "next": '<path d="M6 3l5 5-5 5"/>',
    "back": '<path d="M10 3L5 8l5 5"/>',
    "up": '<path d="M4 10l4-5 4 5"/>',
    "down": '<path d="M4 6l4 5 4-5"/>',
    "search": '<circle cx="7" cy="7" r="4.4"/><path d="M10.4 10.4L14 14"/>',
    "menu": '<path d="M2.5 4.2h11M2.5 8h11M2.5 11.8h11"/>',
    "home": '<path d="M2.5 7.6L8 3l5.5 4.6M4.2 6.6V13h7.6V6.6"/>',
    "people": '<circle cx="6" cy="5.4" r="2.4"/><path d="M1.8 13.2c.4-2.7 2-4 4.2-4s3.8 1.3 4.2 4"/>'
    '<path d="M10.2 3.3a2.3 2.3 0 010 4.3M11.6 9.5c1.5.5 2.4 1.7 2.7 3.7"/>',
    "loan": '<rect x="2" y="4" width="12" height="8.4" rx="1"/><circle cx="8" cy="8.2" r="1.9"/>'
    '<path d="M4.3 6.2v4M11.7 6.2v4"/>',
    "paper": '<path d="M4 2h5.5L12.5 5v9H4z"/><path d="M6 7h4.5M6 9.5h4.5M6 12h3"/>',
    "print": '<path d="M4.5 6V2.5h7V6M4.5 11.5H2.5V6.2h11v5.3h-2"/><path d="M4.5 9.5h7V14h-7z"/>',
    "eye": '<path d="M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8z"/>'
    '<circle cx="8" cy="8" r="1.9"/>',
    "lock": '<rect x="3.2" y="7" width="9.6" height="6.6" rx="1"/><path d="M5.4 7V5a2.6 2.6 0 015.2 0v2"/>',
    "clock": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.6V8l2.4 1.8"/>',
    "list": '<path d="M6 4h8M6 8h8M6 12h8M2.5 4h.6M2.5 8h.6M2.5 12h.6"/>',
    "law": '<path d="M8 2v12M4.5 14h7M3 4.5h10M3 4.5l-1.6 4.3h3.2zM13 4.5l-1.6 4.3h3.2z"/>',
    "count": '<rect x="3" y="2" width="10" height="12" rx="1"/><path d="M5.5 5h5M5.5 8.3h.6M8 8.3h.6M10.3 8.3h.6'
    'M5.5 11.2h.6M8 11.2h.6M10.3 11.2h.6"/>',
    "shield": '<path d="M8 1.8l5.4 2v4c0 3.2-2.2 5.3-5.4 6.5-3.2-1.2-5.4-3.3-5.4-6.5v-4z"/>',
    "help": '<circle cx="8" cy="8" r="6.2"/><path d="M6.2 6.3c0-1 .8-1.7 1.8-1.7s1.8.7 '
    "1.8 1.6c0 1.3-1.8 1.4-1.8 2.7"
    'M8 11.3v.4"/>',
    "ask": '<path d="M2.5 3h11v8H7l-3 2.8V11H2.5z"/><path d="M5.3 6h5.4M5.3 8.2h3.6"/>',
    "out": '<path d="M9.5 2.5H3v11h6.5M7 8h7M11.5 5.2L14.3 8l-2.8 2.8"/>',
    "upload": '<path d="M8 10.5V3M5 5.8L8 2.8l3 3M2.8 10v3.2h10.4V10"/>',
    "download": '<path d="M8 3v7.5M5 7.6l3 3 3-3M2.8 10.5v2.7h10.4v-2.7"/>',
}
