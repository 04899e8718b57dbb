"""The money of the subsidy for the rest of the house: allotments, commitments, payments, as double entry.

By county, budget year and source (``SOURCES``), money goes from one of the five ``ACCOUNTS`` to another;
``KINDS`` says which entry does what. ``post`` writes entries, of one key once however often it is asked: who
may do what an entry stands for was asked by the folder above. Allotments alone begin here (``allot``). What
may still be sent out is ``room``; what the coming quarters will cost, ``forecast``. Decision 0063 says why.
"""

from __future__ import annotations

from bangfu.casework.budgets.allotting import allot
from bangfu.casework.budgets.exports import exported
from bangfu.casework.budgets.forecasting import (
    Expected,
    Forecast,
    ForecastQuarter,
    Matured,
    Unknown,
    forecast,
)
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
    "Matured",
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
