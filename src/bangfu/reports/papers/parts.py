"""What several papers are made of: a clause with its text, a box to sign in, pairs of label and value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bangfu.money.capitals import capitals
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.reports.papers.typesetting import day_parts

Pair = tuple[str, str]

NONE = "—"  # stands where there is nothing, so that an empty cell is no oversight


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A clause that a decision rests on.

    Attributes:
        clause: Its id in the register, such as ``LD2021-1.9``.
        document: The document's number, such as 罗府办发〔2021〕65号, or its title where it prints none.
        text: What the clause says, in Chinese.
    """

    clause: str
    document: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A box to sign in.

    Attributes:
        title: What the box is, such as 审批人意见.
        label: Before the name: 负责人, 经办人.
        person: The name if it is known; otherwise there is room for it.
        signed_on: The day if it is known.
    """

    title: str
    label: str = "负责人"
    person: str = ""
    signed_on: date | None = None


def cited(citations: Iterable[Citation]) -> list[dict[str, str]]:
    """Citations as a source reads them, each once."""
    unique = dict.fromkeys(citations)
    return [{"clause": one.clause, "document": one.document, "text": one.text} for one in unique]


def cited_words(clauses: Iterable[Pair]) -> list[str]:
    """Clauses in one line each: LD2021-6（镇级公示10天）; without words the clause alone."""
    return [f"{clause}（{words}）" if words else clause for clause, words in dict.fromkeys(clauses)]


def boxes(signers: Iterable[Signer]) -> list[dict[str, object]]:
    """Boxes as a source reads them."""
    return [
        {"title": one.title, "label": one.label, "person": one.person, "day": day_parts(one.signed_on)}
        for one in signers
    ]


def amount_words(fen: int) -> str:
    """人民币伍万元整（￥50,000.00）."""
    return f"人民币{capitals(fen)}（￥{format_yuan(fen, grouped=True)}）"


def rate_words(rate_e8: int) -> str:
    """年利率 3.85%."""
    return f"年利率 {format_percent(rate_e8)}%"


def rows(*pairs: Pair | tuple[Pair, Pair]) -> list[list[list[str]]]:
    """Rows of one or two pairs of label and value; a value that is empty shows a dash."""
    return [
        [[label, text or NONE] for label, text in ((row,) if isinstance(row[0], str) else row)]
        for row in pairs
    ]
