"""The archive of a cycle: the seven kinds of LD2021-7, what is missing, bundles that verify offline, reports.

``KINDS`` says which papers there are, where each lies and who brings it; ``completeness`` holds that against
what is there. ``fill`` puts in what the site makes or keeps already, ``add`` what people bring; a newer paper
takes the place of an older one and both stay. ``file`` files one list, ``seal`` packs a whole place into a
bundle that ``bangfu verify-bundle`` checks without this site. ``reports`` and ``exported`` sum the lines for
people. Decisions 0067 and 0068 say why.
"""

from __future__ import annotations

from bangfu.casework.archive.completeness import completeness
from bangfu.casework.archive.filling import fill, list_paper_of
from bangfu.casework.archive.kinds import KINDS, PARTS, Kind, Part, kind_of
from bangfu.casework.archive.papers import add, adds, papers
from bangfu.casework.archive.reporting import FORMS, REPORTS, exported, reports
from bangfu.casework.archive.sealing import file, filed_because, seal, seals
from bangfu.casework.archive.views import Completeness, Item, PaperView, SealView, SinceSealed, since_sealed
from bangfu.casework.archive.waiting import offered

__all__ = [
    "FORMS", "KINDS", "PARTS", "REPORTS", "Completeness", "Item", "Kind", "PaperView", "Part", "SealView",
    "SinceSealed", "add", "adds", "completeness", "exported", "file", "filed_because", "fill", "kind_of",
    "list_paper_of", "papers", "reports", "seal", "seals", "since_sealed",
]  # fmt: skip

offered()
