"""Papers for people to sign, seal and file, as PDF: official documents, so they are in Chinese only."""

from __future__ import annotations

from bangfu.reports.papers.application_form import (
    TOWNSHIP_WORDING,
    ApplicationForm,
    Opinion,
    Person,
    application_form,
)
from bangfu.reports.papers.typesetting import Imprint, content_hash, masked_id

__all__ = [
    "TOWNSHIP_WORDING",
    "ApplicationForm",
    "Imprint",
    "Opinion",
    "Person",
    "application_form",
    "content_hash",
    "masked_id",
]
