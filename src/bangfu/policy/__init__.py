"""Policy is data: one pack for each official document, resolved by place, product and day with provenance."""

from __future__ import annotations

from bangfu.policy.book import PolicyBook, Stack, StackWarning, TermValue, book_of, load_book
from bangfu.policy.diff import DayDiff, PackDiff, TermChange, diff_days, diff_packs
from bangfu.policy.fixings import Fixing, fixing
from bangfu.policy.marks import PackError
from bangfu.policy.pack import Clause, DatedValue, Pack
from bangfu.policy.reader import check
from bangfu.policy.values import NO_CEILING, UNDETERMINED, Band, Payer, Special, Value
from bangfu.policy.vocabulary import NEEDED, VOCABULARY, Term

__all__ = [
    "NEEDED",
    "NO_CEILING",
    "UNDETERMINED",
    "VOCABULARY",
    "Band",
    "Clause",
    "DatedValue",
    "DayDiff",
    "Fixing",
    "Pack",
    "PackDiff",
    "PackError",
    "Payer",
    "PolicyBook",
    "Special",
    "Stack",
    "StackWarning",
    "Term",
    "TermChange",
    "TermValue",
    "Value",
    "book_of",
    "check",
    "diff_days",
    "diff_packs",
    "fixing",
    "load_book",
]
