"""Lending for the rest of the house: contract, disbursement, ledger, lists."""

from __future__ import annotations

from bangfu.casework.lending.bank_file import LARGEST, BankFile, take_bank_file, try_bank_file
from bangfu.casework.lending.breaker import BreakerView, breaker_of, window_of
from bangfu.casework.lending.breakers import breakers
from bangfu.casework.lending.checking import Asked
from bangfu.casework.lending.contracts import Draft, draft_of, sign, signed_of
from bangfu.casework.lending.exports import exported
from bangfu.casework.lending.judging import Against, WhatIf, what_if
from bangfu.casework.lending.ledger import correct_event, record_event, record_many
from bangfu.casework.lending.listing import (
    PRODUCTS,
    SORTS,
    STATES,
    Listed,
    LoanFilter,
    LoanRow,
    Total,
    loans,
    loans_after,
    totals,
)
from bangfu.casework.lending.loans import EventView, LoanView, events_of, loan_of
from bangfu.casework.lending.paying import Payable, disburse, payable
from bangfu.casework.lending.picture import balance_picture
from bangfu.casework.lending.reading import Opened, explained, found_against, opened, subsidy_of
from bangfu.casework.lending.waiting import offered
from bangfu.casework.lending.words import PRODUCT_WORDS, STATE_WORDS

__all__ = [
    "LARGEST",
    "PRODUCTS",
    "PRODUCT_WORDS",
    "SORTS",
    "STATES",
    "STATE_WORDS",
    "Against",
    "Asked",
    "BankFile",
    "BreakerView",
    "Draft",
    "EventView",
    "Listed",
    "LoanFilter",
    "LoanRow",
    "LoanView",
    "Opened",
    "Payable",
    "Total",
    "WhatIf",
    "balance_picture",
    "breaker_of",
    "breakers",
    "correct_event",
    "disburse",
    "draft_of",
    "events_of",
    "explained",
    "exported",
    "found_against",
    "loan_of",
    "loans",
    "loans_after",
    "opened",
    "payable",
    "record_event",
    "record_many",
    "sign",
    "signed_of",
    "subsidy_of",
    "take_bank_file",
    "totals",
    "try_bank_file",
    "what_if",
    "window_of",
]  # fmt: skip

offered()
