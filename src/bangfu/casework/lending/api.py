"""Lending for the rest of the house: contract, disbursement, ledger, lists."""

from __future__ import annotations

from bangfu.casework.lending.breaker import BreakerView, breaker_of, window_of
from bangfu.casework.lending.checking import Asked
from bangfu.casework.lending.contracts import Draft, draft_of, sign
from bangfu.casework.lending.judging import Against
from bangfu.casework.lending.ledger import correct_event, record_event, record_many
from bangfu.casework.lending.loans import EventView, LoanView, events_of, loan_of
from bangfu.casework.lending.paying import Payable, disburse, payable

__all__ = [
    "Against", "Asked", "BreakerView", "Draft", "EventView", "LoanView", "Payable", "breaker_of", "correct_event",
    "disburse", "draft_of", "events_of", "loan_of", "payable", "record_event", "record_many", "sign", "window_of",
]  # fmt: skip
