"""The reports of a subsidy cycle: plain values in, rows for the screen out, and the same rows as XLSX and PDF.

Old and new regime are never added up (LD2021-3.2), places stand in the order of their codes and are never ranked
(CN2026-4.1), and each figure carries the ids of the lines it was summed from.
"""

from __future__ import annotations

from bangfu.reports.subsidy_cycle.model import Report, ReportColumn, ReportedLine, ReportRow, Said, shown
from bangfu.reports.subsidy_cycle.summing import (
    KINDS,
    Heading,
    by_payer,
    by_place,
    by_regime,
    differences,
    quarter_list,
    refunds,
    report_of,
    yearly,
)
from bangfu.reports.subsidy_cycle.writing import report_pdf, write_report_book

__all__ = [
    "KINDS",
    "Heading",
    "Report",
    "ReportColumn",
    "ReportRow",
    "ReportedLine",
    "Said",
    "by_payer",
    "by_place",
    "by_regime",
    "differences",
    "quarter_list",
    "refunds",
    "report_of",
    "report_pdf",
    "shown",
    "write_report_book",
    "yearly",
]
