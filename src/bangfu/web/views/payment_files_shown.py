"""A file that was read back, as the components show it: what it should hold, what it says, what does not match."""

from __future__ import annotations

from collections.abc import Sequence

from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import OUTCOMES, PROBLEMS, BatchView
from bangfu.casework.words import Words
from bangfu.web.parts import Column, Fact, Figure, Table
from bangfu.web.views.payments_shown import by_whom

_PROBLEMS = (
    Column("row", Words("行", "Row"), "number", narrow=True),
    Column("words", Words("问题", "What does not match")),
    Column("detail", Words("内容", "It says")),
)


def problems_table(rows: Sequence[payments.FileProblem]) -> Table:
    """Every row that does not match, by its number in the file."""
    listed = [
        {
            "row": one.row or None,
            "words": PROBLEMS.get(one.code, Words(one.code, one.code)),
            "detail": _told(one),
        }
        for one in rows
    ]
    caption = Words(f"对不上的 {len(listed)} 处", f"{len(listed)} things do not match")
    return Table(caption, _PROBLEMS, listed)


def _told(one: payments.FileProblem) -> Words | str:
    return Words(f"第 {one.detail} 笔", f"payment {one.detail}") if one.code == "missing_row" else one.detail


def read_figures(found: payments.ResultsRead) -> list[Figure]:
    """What a result file says."""
    told = (
        (Words("行数", "Rows"), found.rows), (OUTCOMES["paid"], found.paid), (OUTCOMES["failed"], found.failed),
        (OUTCOMES["returned"], found.returned), (OUTCOMES["pending"], found.pending),
        (Words("已登记过", "Known already"), found.known),
    )  # fmt: skip
    return [Figure(words, value) for words, value in told]


def result_facts(one: BatchView) -> list[Fact]:
    """The batch whose results are read."""
    return [
        Fact(Words("笔数", "Payments"), one.items, "number"),
        Fact(Words("金额", "Amount"), one.total_fen, "yuan"),
        Fact(Words("复核导出", "Released"), by_whom(one.released_name, one.released_at)),
    ]


def expected(system: payments.CardSystem) -> list[Words]:
    """What a result file has to hold, in sentences."""
    heads = "、".join(names[0] for names in system.results.columns.values())
    states = "、".join(names[0] for names in system.results.statuses.values())
    fen = system.results.amount_unit == "fen"
    return [
        Words(f"列：{heads}", f"columns: {heads}"),
        Words(f"状态写成：{states}", f"outcomes: {states}"),
        Words("金额单位：分", "amounts in fen") if fen else Words("金额单位：元", "amounts in yuan"),
    ]
