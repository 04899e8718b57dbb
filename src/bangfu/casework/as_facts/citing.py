"""Clauses as papers quote them: with their document and their words."""

from __future__ import annotations

from collections.abc import Iterable

from bangfu.casework.as_facts.book import site_book
from bangfu.reports.papers import Citation

__all__ = ["citations"]


def citations(clauses: Iterable[str]) -> tuple[Citation, ...]:
    """Clauses with their document and words, as the papers print them; one that is in no pack is left out."""
    book = site_book()
    found = []
    for cited in clauses:
        pack, clause = book.packs.get(cited.partition("-")[0]), book.clause(cited)
        if pack is not None and clause is not None:
            found.append(
                Citation(clause=cited, document=pack.number or pack.title, text=clause.zh or clause.text)
            )
    return tuple(found)
