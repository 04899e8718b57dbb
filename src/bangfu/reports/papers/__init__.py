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
from bangfu.reports.papers.contract import ContractSheet, PackPin, SubsidyTerm, contract_sheet
from bangfu.reports.papers.exception import ExceptionRecord, exception_record
from bangfu.reports.papers.monthly import LoanLine, MonthlyList, RefusalLine, RegimeBlock, monthly_list
from bangfu.reports.papers.parts import Citation, Signer
from bangfu.reports.papers.refusal import Reason, RefusalNotice, refusal_notice
from bangfu.reports.papers.roster import RosterCount, RosterDelivery, roster_delivery
from bangfu.reports.papers.typesetting import Imprint, content_hash, masked_id

__all__ = [
    "TOWNSHIP_WORDING",
    "ApplicationForm",
    "Citation",
    "ContractSheet",
    "ExceptionRecord",
    "Imprint",
    "LoanLine",
    "MonthlyList",
    "Opinion",
    "PackPin",
    "Person",
    "Reason",
    "RefusalLine",
    "RefusalNotice",
    "RegimeBlock",
    "RosterCount",
    "RosterDelivery",
    "Signer",
    "SubsidyTerm",
    "TrailAnchor",
    "application_form",
    "content_hash",
    "contract_sheet",
    "exception_record",
    "masked_id",
    "monthly_list",
    "refusal_notice",
    "roster_delivery",
    "trail_anchor",
]
