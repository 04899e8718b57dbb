"""The money of the subsidy for the rest of the house: allotments, commitments, payments, as double entry."""

from __future__ import annotations

from bangfu.casework.budgets.allotting import allot
from bangfu.casework.budgets.exports import exported
from bangfu.casework.budgets.forecasting import Expected, Forecast, ForecastQuarter, Unknown, forecast
from bangfu.casework.budgets.posting import ACCOUNTS, KINDS, SOURCES, Entry, Kind, post
from bangfu.casework.budgets.reading import (
    Balance,
    Fault,
    LedgerPage,
    LedgerRow,
    balances,
    check_balanced,
    ledger,
    room,
    years,
)

__all__ = [
    "ACCOUNTS",
    "KINDS",
    "SOURCES",
    "Balance",
    "Entry",
    "Expected",
    "Fault",
    "Forecast",
    "ForecastQuarter",
    "Kind",
    "LedgerPage",
    "LedgerRow",
    "Unknown",
    "allot",
    "balances",
    "check_balanced",
    "exported",
    "forecast",
    "ledger",
    "post",
    "room",
    "years",
]
