"""Papers for people to sign, seal and file, as PDF: official documents, so they are in Chinese only.

Each paper is a frozen dataclass of plain values and a function that makes its bytes. Nothing reads a clock: the same
values give the same bytes.
"""

from __future__ import annotations

from bangfu.reports.papers.anchor import TrailAnchor, trail_anchor
from bangfu.reports.papers.application import (
    TOWNSHIP_WORDING,
    ApplicationForm,
    Opinion,
    Person,
    application_form,
)
from bangfu.reports.papers.archive_receipt import ArchiveReceipt, KindCount, archive_receipt
from bangfu.reports.papers.contract import ContractSheet, PackPin, SubsidyTerm, contract_sheet
from bangfu.reports.papers.exception import ExceptionRecord, exception_record
from bangfu.reports.papers.monthly import LoanLine, MonthlyList, RefusalLine, RegimeBlock, monthly_list
from bangfu.reports.papers.objection import ObjectionAnswer, objection_answer
from bangfu.reports.papers.parts import Citation, Signer
from bangfu.reports.papers.payment import (
    ControlSheet,
    ReturnedLine,
    ReturnedList,
    TownshipTotal,
    control_sheet,
    returned_list,
)
from bangfu.reports.papers.public_notice import NoticedLine, PublicNotice, public_notice
from bangfu.reports.papers.refusal import REFUSAL_TITLES, Reason, RefusalKind, RefusalNotice, refusal_notice
from bangfu.reports.papers.roster import RosterCount, RosterDelivery, roster_delivery
from bangfu.reports.papers.subsidy_list import ListBlock, ListedLine, SubsidyListPaper, subsidy_list_paper
from bangfu.reports.papers.typesetting import Imprint, content_hash, masked_id
from bangfu.reports.papers.yearly import SourceRow, YearlySummary, YearRow, yearly_summary

__all__ = [
    "REFUSAL_TITLES",
    "TOWNSHIP_WORDING",
    "ApplicationForm",
    "ArchiveReceipt",
    "Citation",
    "ContractSheet",
    "ControlSheet",
    "ExceptionRecord",
    "Imprint",
    "KindCount",
    "ListBlock",
    "ListedLine",
    "LoanLine",
    "MonthlyList",
    "NoticedLine",
    "ObjectionAnswer",
    "Opinion",
    "PackPin",
    "Person",
    "PublicNotice",
    "Reason",
    "RefusalKind",
    "RefusalLine",
    "RefusalNotice",
    "RegimeBlock",
    "ReturnedLine",
    "ReturnedList",
    "RosterCount",
    "RosterDelivery",
    "Signer",
    "SourceRow",
    "SubsidyListPaper",
    "SubsidyTerm",
    "TownshipTotal",
    "TrailAnchor",
    "YearRow",
    "YearlySummary",
    "application_form",
    "archive_receipt",
    "content_hash",
    "contract_sheet",
    "control_sheet",
    "exception_record",
    "masked_id",
    "monthly_list",
    "objection_answer",
    "public_notice",
    "refusal_notice",
    "returned_list",
    "roster_delivery",
    "subsidy_list_paper",
    "trail_anchor",
    "yearly_summary",
]
