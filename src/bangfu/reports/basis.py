"""The basis sheets: which clauses each line rests on, and what each clause says."""

from __future__ import annotations

from collections.abc import Iterable

from bangfu.policy import PolicyBook
from bangfu.reports.paper import Column, Workbook
from bangfu.reports.words import CLAUSE_KINDS

_COLUMNS = (
    Column("条款", 14),
    Column("性质", 10, "wrap"),
    Column("条款内容（我方概括，以文件原文为准）", 56, "wrap"),
    Column("In English", 56, "wrap"),
    Column("文号", 22, "wrap"),
    Column("文件标题", 30, "wrap"),
    Column("发文机关", 24, "wrap"),
)


def cited(clauses: Iterable[Iterable[str]]) -> list[str]:
    """Every citation once, in the order of documents and numbers."""
    return sorted({clause for several in clauses for clause in several})


def write_basis(
    book: Workbook, policy: PolicyBook, clauses: Iterable[str], *, name: str = "条款内容"
) -> None:
    """A sheet with each clause's own words, and the number and title of its document.

    A citation that no pack holds stands there by itself, marked.
    """
    sheet = book.sheet(name, _COLUMNS, title="依据条款")
    for citation in clauses:
        pack = policy.packs.get(citation.partition("-")[0])
        clause = policy.clause(citation)
        if pack is None or clause is None:
            sheet.add((citation, "", "（不在政策包内）", "(in no pack)", "", "", ""))
            continue
        kinds = "、".join(CLAUSE_KINDS[letter] for letter in clause.kind.split())
        sheet.add(
            (
                citation,
                kinds,
                clause.zh,
                clause.text,
                pack.number or "（未印文号）",
                pack.title,
                "、".join(pack.issuers),
            )
        )
