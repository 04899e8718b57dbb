"""The archive of a cycle: the seven kinds of LD2021-7, what is missing, bundles that verify offline, reports."""

from __future__ import annotations

from bangfu.casework.archive.completeness import completeness
from bangfu.casework.archive.filling import fill, list_paper_of
from bangfu.casework.archive.kinds import KINDS, PARTS, Kind, Part, kind_of
from bangfu.casework.archive.papers import add, adds, papers
from bangfu.casework.archive.reporting import FORMS, REPORTS, exported, reports
from bangfu.casework.archive.sealing import file, seal, seals
from bangfu.casework.archive.views import Completeness, Item, PaperView, SealView, SinceSealed, since_sealed
from bangfu.casework.archive.waiting import offered

__all__ = [
    "FORMS", "KINDS", "PARTS", "REPORTS", "Completeness", "Item", "Kind", "PaperView", "Part", "SealView",
    "SinceSealed", "add", "adds", "completeness", "exported", "file", "fill", "kind_of", "list_paper_of", "papers",
    "reports", "seal", "seals", "since_sealed",
]  # fmt: skip

offered()
